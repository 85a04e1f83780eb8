"""Calls to Smartstore's OData Web API: pages of rows, keyset paging by id, new rows, and its kinds of refusal."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.http import open_client, send, status_error
from blocks.systems.shops.smartstore_fields import Row, decode, moment, split_page

MAX_TOP = 120
"""Rows per page that every shop allows unless its merchant has set less."""
MAX_IDS = 25
"""Ids per ``in`` list; the shop allows 100 filter nodes."""

_HEADERS = {"Accept": "application/json", "Accept-Charset": "UTF-8"}
_DENIED = re.compile(
    r"not authori[sz]ed|not permitted|permission|access denied|berechtig|zugriff verweigert",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowPage:
    """One page of a list: its rows as they came, the shop's clock, and the largest page it allows."""

    rows: tuple[Row, ...]
    server_time: datetime
    max_top: int
    more: bool

    def objects(self) -> list[dict[str, Any]]:
        """Return the rows that are JSON objects."""
        return [row.value for row in self.rows if isinstance(row.value, dict)]


@dataclass(frozen=True, slots=True)
class WebApi:
    """An open connection to one shop."""

    client: httpx.Client
    system: str

    @classmethod
    @contextmanager
    def opened(cls, url: str, public_key: str, secret_key: str, timeout: float) -> "Iterator[WebApi]":
        """Open a connection for the length of a ``with`` block."""
        base = f"{url.rstrip('/')}/odata/v1/"
        with open_client(base, timeout=timeout, headers=_HEADERS, auth=(public_key, secret_key)) as client:
            yield cls(client, f"Smartstore {client.base_url.host}")

    def page(self, entity_set: str, *, top: int, **options: str) -> RowPage:
        """Fetch one page; ``options`` are OData query options without ``$``, empty ones are left out.

        A merchant may have lowered the largest page: then the page comes in that size (``max_top`` tells).
        """
        asked = {f"${name}": text for name, text in options.items() if text}
        response = self._get(entity_set, {**asked, "$top": str(top)})
        allowed = _max_top(response)
        if response.status_code == httpx.codes.BAD_REQUEST and allowed < top:
            response = self._get(entity_set, {**asked, "$top": str(allowed)})
        if not response.is_success:
            raise self.refusal(response, f"{self.system}: GET {entity_set}")
        rows, envelope = self._parsed(response, entity_set)
        return RowPage(rows, self._clock(response), allowed, "@odata.nextLink" in envelope)

    def count(self, entity_set: str, *, condition: str) -> int:
        """Return how many rows meet a condition, by the shop's own count."""
        asked = {"$filter": condition, "$count": "true", "$top": "1", "$select": "Id"}
        response = self._get(entity_set, asked)
        if not response.is_success:
            raise self.refusal(response, f"{self.system}: GET {entity_set}")
        number = self._parsed(response, entity_set)[1].get("@odata.count")
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise TryAgainLater(f"{self.system} did not count its {entity_set}; it will be asked again.")
        return number

    def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        return send(self.client, "GET", path, system=self.system, params=params, passing=JUDGED_HERE)

    def _parsed(self, response: httpx.Response, path: str) -> tuple[tuple[Row, ...], dict[str, Any]]:
        try:
            return split_page(response.content.decode())
        except ValueError:
            text = f"{self.system}: GET {path} did not answer with a whole JSON page; it will be asked again."
            raise TryAgainLater(text) from None

    def _clock(self, response: httpx.Response) -> datetime:
        clock = moment(response.headers.get("Smartstore-Api-Date"))
        if clock:
            return clock
        try:
            return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
        except ValueError:
            raise TryAgainLater(f"{self.system} does not say what time it has; it will be asked again.") from None

    def pages(
        self, entity_set: str, *, condition: str = "", select: str = "", expand: str = "", top: int = MAX_TOP
    ) -> Iterator[RowPage]:
        """Yield all rows that meet a condition, page by page in the order of their ids.

        Raises:
            TryAgainLater: A full page did not lead beyond the last one, so that paging would never end.
        """
        last = 0
        while True:
            wanted = f"Id gt {last}" + (f" and {condition}" if condition else "")
            page = self.page(entity_set, top=top, filter=wanted, orderby="Id", select=select, expand=expand)
            top = min(top, page.max_top)
            yield page
            if len(page.rows) < top and not page.more:
                return
            reached = max((row["Id"] for row in page.objects() if isinstance(row.get("Id"), int)), default=0)
            if reached <= last:
                raise TryAgainLater(
                    f"{self.system}: the pages of {entity_set} do not advance; they will be asked again."
                )
            last = reached

    def create(self, entity_set: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Create one row and return it; None when the shop says 422, which a duplicate is one reason for."""
        response = send(
            self.client, "POST", entity_set, system=self.system, json=body, headers=JSON, passing=JUDGED_HERE
        )
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
            return None
        if not response.is_success:
            raise self.refusal(response, f"{self.system}: POST {entity_set}")
        try:
            row = decode(response.content.decode()) if response.content else {}
        except ValueError:
            row = {}  # it is created; only its id stays unknown
        return row if isinstance(row, dict) else {}

    def change(self, entity_set: str, number: int, body: dict[str, Any]) -> None:
        """Change only these fields of one row (PATCH)."""
        self._write("PATCH", f"{entity_set}({number})", body)

    def remove(self, entity_set: str, number: int) -> None:
        """Delete one row; one that is gone already is as good."""
        path = f"{entity_set}({number})"
        response = send(self.client, "DELETE", path, system=self.system, passing=JUDGED_HERE)
        if not response.is_success and response.status_code != httpx.codes.NOT_FOUND:
            raise self.refusal(response, f"{self.system}: DELETE {path}")

    def act(self, entity_set: str, number: int, action: str, arguments: dict[str, Any]) -> None:
        """Call an action of one row. Success says nothing of what was done: the shop ignores what is not allowed."""
        self._write("POST", f"{entity_set}({number})/{action}", arguments)

    def _write(self, method: str, path: str, body: dict[str, Any]) -> None:
        response = send(self.client, method, path, system=self.system, json=body, headers=JSON, passing=JUDGED_HERE)
        if response.status_code == httpx.codes.NOT_FOUND:
            raise Refused(f"{self.system}: {method} {path} answered 404: it is not there any more.")
        if not response.is_success:
            raise self.refusal(response, f"{self.system}: {method} {path}")

    def refusal(self, response: httpx.Response, call: str) -> SomsError:
        """Return the error of an answer; a missing permission comes as 500 with a text that only says so."""
        if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR and _DENIED.search(_message(response)):
            return Refused(f"{call} is not allowed: give the API user's role the permission for it in the shop.")
        if response.status_code == httpx.codes.NOT_FOUND:
            return Refused(f"{call} answered 404: check the address and that the shop's Web API module is switched on.")
        reason = response.headers.get("Smartstore-Api-AuthResultDesc", "")
        return status_error(response, call, said=reason if _WORD.fullmatch(reason) else "")


JSON = {"Content-Type": "application/json; charset=utf-8"}
JUDGED_HERE = frozenset({400, 401, 403, 404, 421, 422, 500})


def _max_top(response: httpx.Response) -> int:
    text = response.headers.get("Smartstore-Api-MaxTop", "")
    return int(text) if re.fullmatch(r"[1-9]\d{0,5}", text, re.ASCII) else MAX_TOP


def _message(response: httpx.Response) -> str:
    """Return the message for people of an error answer, without the stack trace that may stand beside it."""
    try:
        return str(decode(response.content.decode())["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return ""


def literal(text: str) -> str:
    """Return an OData string literal."""
    return "'" + text.replace("'", "''") + "'"


def any_of(name: str, numbers: list[int]) -> str:
    """Return the condition that a field is one of these numbers."""
    return f"{name} in ({','.join(map(str, numbers))})"


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a row: a positive number of 32 bits."""
    return text.isascii() and text.isdigit() and len(text) < 11 and 0 < int(text) < 2**31  # noqa: PLR2004 - digits of 2^31
