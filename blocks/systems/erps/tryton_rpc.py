"""How Tryton is spoken to: JSON-RPC over HTTP with a session, Tryton's value types, and its errors."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.http import open_client, send

PAGE = 1000
"""Records asked for in one call."""

_MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_BUSY = ("locked", "could not serialize", "deadlock detected", "could not obtain lock")


_SESSIONS: dict[tuple[str, str, str, bytes], tuple[str, dict[str, Any]]] = {}
"""Session and context by address, database, user and password: logging in costs Tryton more than most calls do."""


class RefusedByTryton(Refused):
    """Tryton itself said no: a user error, a warning nobody may skip, or a record that may not be touched."""


class WantsConfirming(RefusedByTryton):
    """Tryton asks a person to confirm; ``name`` is the question's, by which it can be answered for good."""

    def __init__(self, text: str, name: str) -> None:
        """Keep the question's name."""
        super().__init__(text)
        self.name = name


def encode(value: Any) -> Any:
    """Return a value in Tryton's JSON form: decimals, dates and times (which Tryton keeps in UTC) as tagged objects."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, datetime):
        utc = value.astimezone(UTC)
        parts = {name: getattr(utc, name) for name in _MOMENT}
        return {"__class__": "datetime", **parts}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, Mapping):
        return {name: encode(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(found: dict[str, Any]) -> Any:
    """Return the value behind a tagged object, for ``json.loads(object_hook=...)``; others as they are."""
    kind = found.get("__class__")
    if kind == "Decimal":
        return Decimal(found["decimal"])
    if kind == "date":
        return date(found["year"], found["month"], found["day"])
    if kind == "datetime":
        return datetime(**{name: found[name] for name in _MOMENT}, tzinfo=UTC)
    return found


def error_from(answer: Any, method: str) -> Refused | TryAgainLater:
    """Return what the ``error`` of an answer means; the texts for people are Tryton's own."""
    kind, said = (answer[0], answer[1]) if isinstance(answer, list) and len(answer) > 1 else (str(answer), "")
    said = [str(part) for part in said if part] if isinstance(said, list) else []
    if kind == "UserError":
        return RefusedByTryton(" ".join(said[:2]).strip().rstrip("- ") or "no reason given")
    if kind == "UserWarning":
        return WantsConfirming(f"Tryton wants a person to confirm: {' '.join(said[1:])}", said[0] if said else "")
    if kind == "ConcurrencyException":
        return TryAgainLater(f"Tryton: another user changed the same records during {method}; it will be tried again.")
    if any(word in kind for word in _BUSY):
        return TryAgainLater(f"Tryton's database was busy during {method}; it will be tried again.")
    # An exception inside Tryton comes without its type, and its text may quote records.
    return RefusedByTryton(f"Tryton failed inside during {method}; its log says why")


class TrytonRpc:
    """One conversation with one Tryton database; use it as a context manager.

    It logs in with the first call, unless an earlier conversation of this process has: sessions are shared.
    """

    def __init__(self, url: str, database: str, user: str, password: str, timeout: float) -> None:
        """Keep the credentials; nothing is sent yet."""
        self._client = open_client(url.rstrip("/"), timeout=timeout)
        self._path = f"/{database}/rpc/"
        self._user, self._password = user, password
        self._key = (url.rstrip("/"), database, user, hashlib.sha256(password.encode()).digest())
        self._session, self._context = _SESSIONS.get(self._key, ("", {}))
        self._number = 0

    def __enter__(self) -> Self:
        """Start the conversation."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection; the session goes on to the next conversation, or ends by Tryton's own time-out."""
        self._client.close()

    def model(self, name: str, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Call a method of a model in the user's context, with ``context`` on top.

        Raises:
            TryAgainLater: No answer, or Tryton is busy.
            Refused: Credentials or rights are missing; ``RefusedByTryton`` when Tryton's rules say no.
            Unreadable: The answer is not Tryton's JSON.
        """
        if not self._session:
            self._log_in()
        try:
            return self._call(f"model.{name}.{method}", [*params, {**self._context, **(context or {})}])
        except _SessionOver:
            self._log_in()
            return self._call(f"model.{name}.{method}", [*params, {**self._context, **(context or {})}])

    def read_all(
        self, name: str, domain: Sequence[Any], fields: Sequence[str], context: Mapping[str, Any] | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the records of a domain in pages, by ascending id."""
        last = 0
        while True:
            page = self.search_read(name, [*domain, ["id", ">", last]], fields, context)
            if page:
                yield page
                last = page[-1]["id"]
            if len(page) < PAGE:
                return

    def search_read(
        self, name: str, domain: Sequence[Any], fields: Sequence[str], context: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Return up to a page of records of a domain, by ascending id."""
        order = [["id", "ASC"]]
        found: list[dict[str, Any]] = self.model(
            name, "search_read", list(domain), 0, PAGE, order, list(fields), context=context
        )
        return found

    def _log_in(self) -> None:
        self._session = ""
        _SESSIONS.pop(self._key, None)
        try:
            number, token, _ = self._call("common.db.login", [self._user, {"password": self._password}, "en"])
        except _SessionOver:
            raise Refused(
                "Tryton does not accept the user or the password: check them in the settings of this connection."
            ) from None
        self._session = base64.b64encode(f"{self._user}:{number}:{token}".encode()).decode()
        self._context = self._call("model.res.user.get_preferences", [True, {}])
        _SESSIONS[self._key] = self._session, self._context

    def _call(self, method: str, params: list[Any]) -> Any:
        self._number += 1
        body = json.dumps({"id": self._number, "method": method, "params": encode(params)})
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers["Authorization"] = f"Session {self._session}"
        answer = send(
            self._client,
            "POST",
            self._path,
            system="Tryton",
            content=body,
            headers=headers,
            passing={HTTPStatus.UNAUTHORIZED},
        )
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise _SessionOver
        try:
            found = json.loads(answer.content, object_hook=decode)
        except ValueError as error:
            raise Unreadable(f"Tryton's answer to {method} is not JSON.") from error
        if not isinstance(found, dict) or not found.keys() & {"result", "error"}:
            raise Unreadable(f"Tryton's answer to {method} holds neither a result nor an error.")
        if "error" in found:
            raise error_from(found["error"], method)
        return found["result"]


class _SessionOver(Exception):  # noqa: N818 - it never leaves this file
    """Tryton answered 401."""


def rows(
    tryton: TrytonRpc, model: str, numbers: Iterable[int], fields: Sequence[str], *, also: Sequence[Any] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the records with these ids, each once; what was deleted is missing."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), PAGE):
        yield from tryton.search_read(model, [["id", "in", wanted[start : start + PAGE]], *also], fields)


def by_model(references: Iterable[str | None]) -> dict[str, list[int]]:
    """Return the ids behind Tryton's references, such as 'sale.line,17', by model."""
    found: dict[str, list[int]] = {}
    for reference in references:
        model, _, number = (reference or "").partition(",")
        if number.isdecimal():
            found.setdefault(model, []).append(int(number))
    return found
