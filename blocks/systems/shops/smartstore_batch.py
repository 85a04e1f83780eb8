"""Several changes in one call: Smartstore's $batch, in OData's JSON form (OData JSON Format 4.01, section 19).

A batch is no transaction: the shop carries its operations out one by one, each with an answer of its own, and one that
fails leaves the others as they are. What has no answer may or may not have been done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.http import send
from blocks.systems.shops.smartstore_fields import decode
from blocks.systems.shops.smartstore_web_api import JSON, JUDGED_HERE, WebApi

MOST_CHANGES = 20
"""Changes per batch that every shop allows unless its merchant has set less."""

_NO_BATCHES = frozenset({400, 404, 405, 413, 415, 501})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a batch: ``path`` is below the service and may carry a query."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operation: what it answered, or the error that says what to do next."""

    body: Any = None
    error: SomsError | None = None
    gone: bool = False


def query(entity_set: str, **options: str) -> Operation:
    """Return the reading of a set; ``options`` are OData query options without ``$``."""
    asked = "&".join(f"${name}={quote(text, safe='(),:')}" for name, text in options.items() if text)
    return Operation("GET", f"{entity_set}?{asked}")


def carry_out(api: WebApi, operations: Sequence[Operation]) -> list[Outcome]:
    """Send one batch; one outcome per operation, in order.

    Raises:
        TryAgainLater: The shop did not answer the batch; any part of it may have been done.
        Refused: The shop takes no batches, or none of this size, or not from this user.
    """
    requests = [
        {"id": str(number), "method": each.method, "url": each.path, **_with_body(each)}
        for number, each in enumerate(operations, start=1)
    ]
    headers = {**JSON, "Prefer": "odata.continue-on-error"}
    response = send(
        api.client, "POST", "$batch", system=api.system, json={"requests": requests}, headers=headers,
        passing=JUDGED_HERE | _NO_BATCHES,
    )  # fmt: skip
    if response.status_code in _NO_BATCHES:
        raise Refused(
            f"{api.system}: POST $batch answered {response.status_code}: the shop takes no batch of {len(operations)}"
            " operations. Allow it there, or set this connection's changes per request lower (1 sends each by itself)."
        )
    if not response.is_success:
        raise api.refusal(response, f"{api.system}: POST $batch")
    answers = _answers(response)
    return [
        _outcome(api, each, answers.get(str(number)), f"{api.system}: {each.method} {each.path.partition('?')[0]}")
        for number, each in enumerate(operations, start=1)
    ]


def _with_body(operation: Operation) -> dict[str, Any]:
    headers = {"accept": "application/json"}
    if operation.body is None:
        return {"headers": headers}
    return {"headers": {**headers, "content-type": "application/json"}, "body": dict(operation.body)}


def _answers(response: httpx.Response) -> dict[str, dict[str, Any]]:
    """Return the answers by the ids of their operations; a garbled batch answers nothing."""
    try:
        found = decode(response.content.decode())
    except ValueError:
        return {}
    answers = found.get("responses") if isinstance(found, dict) else None
    return {
        str(each.get("id")): each
        for each in (answers if isinstance(answers, list) else ())
        if isinstance(each, dict) and isinstance(each.get("status"), int)
    }


def _outcome(api: WebApi, operation: Operation, answer: Mapping[str, Any] | None, call: str) -> Outcome:
    if answer is None:
        text = f"{call} got no answer within its batch; it will be looked up and tried again."
        return Outcome(error=TryAgainLater(text, maybe_done=operation.method != "GET"))
    status, body = answer["status"], answer.get("body")
    if httpx.codes.is_success(status):
        return Outcome(body)
    request = httpx.Request(operation.method, api.client.base_url)
    response = httpx.Response(status, json=_plain(body), request=request)
    gone = status == httpx.codes.NOT_FOUND
    error = Refused(f"{call} answered 404: it is not there any more.") if gone else api.refusal(response, call)
    return Outcome(error=error, gone=gone)


def _plain(body: Any) -> Any:
    """Return the message of an error body alone: the rest is not needed, and need not be JSON again."""
    error = body.get("error") if isinstance(body, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else ""
    return {"error": {"message": str(message)}}
