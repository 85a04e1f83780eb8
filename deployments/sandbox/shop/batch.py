"""Batches: several operations in one JSON request, carried out one by one; it is no transaction."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.responses import Response

from deployments.sandbox.shop.access import JSON
from deployments.sandbox.shop.values import Refusal

MOST_OPERATIONS = 20
"""Changes in one request that the shop's settings allow; reading does not count."""

Carry = Callable[[str, str, Mapping[str, str], Mapping[str, str], bytes], Response]
"""Carries one operation out: method, path, query, headers, body."""


def answer_batch(headers: Mapping[str, str], body: bytes, carry: Carry, *, stop_after: int | None = None) -> Response:
    """Carry out every operation in its order; after one that fails go on only if the caller prefers so.

    Args:
        headers: Of the whole request.
        body: A JSON object with ``requests``, each with ``id``, ``method``, ``url`` relative to the service.
        carry: Carries one out.
        stop_after: Break down with 503 after so many operations, as a shop that is restarted would.

    Raises:
        Refusal: 400, it is no such object or brings too many changes; 503, see ``stop_after``.
    """
    if not headers.get("content-type", "").lower().startswith("application/json"):
        raise Refusal(415, "The media type of the batch is not supported; send application/json.")
    requests = _requests(body)
    changes = [each for each in requests if str(each.get("method", "")).upper() != "GET"]
    if len(changes) > MOST_OPERATIONS:
        raise Refusal(400, f"The current change set exceeds the {MOST_OPERATIONS} operations that are allowed.")
    goes_on = "continue-on-error" in headers.get("prefer", "")
    answers: list[str] = []
    for number, each in enumerate(requests):
        if stop_after is not None and number >= stop_after:
            raise Refusal(503, "The shop is being restarted.")
        status, text = _one(each, carry)
        answers.append(text)
        if status >= 400 and not goes_on:
            break
    return Response('{"responses":[' + ",".join(answers) + "]}", 200, media_type=JSON)


def _requests(body: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(body)["requests"]
    except (ValueError, TypeError, KeyError):
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refusal(400, "A batch is a JSON object with 'requests', a list of objects.")
    return found


def _one(each: Mapping[str, Any], carry: Carry) -> tuple[int, str]:
    """Carry one operation out; returns its status and its answer as JSON, decimals written as they are."""
    path, _, query = str(each.get("url", "")).lstrip("/").partition("?")
    headers = {str(name).lower(): str(text) for name, text in (each.get("headers") or {}).items()}
    body = b"" if each.get("body") is None else json.dumps(each["body"]).encode()
    method = str(each.get("method", "")).upper()
    response = carry(method, unquote(path), dict(parse_qsl(query, keep_blank_values=True)), headers, body)
    kind = response.headers.get("content-type", JSON)
    head = json.dumps(
        {"id": str(each.get("id", "")), "status": response.status_code, "headers": {"content-type": kind}}
    )
    text = bytes(response.body).decode()
    inner = text if "json" in kind else json.dumps(text)
    return response.status_code, f'{head[:-1]}, "body": {inner}}}' if text else head
