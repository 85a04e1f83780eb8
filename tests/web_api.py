"""Calls of the Smartstore Web API as tests make them: exact decimals, and a failed call fails the test."""

import json
from decimal import Decimal
from typing import Any

import httpx


def exact(answer: httpx.Response) -> Any:
    """Return the answer's JSON with decimals as they were sent."""
    return json.loads(answer.text, parse_float=Decimal)


def get(api: httpx.Client, path: str, **query: Any) -> Any:
    """Read with these query options, without their dollar signs."""
    answer = api.get(path, params={f"${name}": value for name, value in query.items()} if query else None)
    assert answer.status_code == 200, answer.text
    return exact(answer)


def act(api: httpx.Client, path: str, **body: Any) -> Any:
    """Call an action."""
    answer = api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return exact(answer)


def notes(api: httpx.Client, order_id: int) -> list[str]:
    """Return the texts of an order's notes."""
    return [row["Note"] for row in get(api, f"Orders({order_id})/OrderNotes")["value"]]
