"""Keyset paging of orders by time of change: no order is missed, and no page is asked for twice."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from blocks.errors import TryAgainLater
from blocks.systems.shops.contract import Page, Received
from blocks.systems.shops.smartstore_fields import Row, instant
from blocks.systems.shops.smartstore_orders import EXPAND, mask_free_text
from blocks.systems.shops.smartstore_web_api import RowPage, WebApi

Key = tuple[tuple[datetime, str], int]
"""Where a row stands in the order of changes: its time of change to the last digit, then its id."""

_LAST: Key = ((datetime.max.replace(tzinfo=UTC), ""), 0)


def changed_pages(
    api: WebApi, *, since: datetime | None, until: datetime | None, condition: str, page_size: int
) -> Iterator[Page]:
    """Yield pages of orders changed from ``since`` to ``until`` (both included), oldest change first.

    The next page begins behind the last row seen, by its time *literally as it came*: databases keep times more
    exactly than a datetime does. The final page's position is the shop's clock when the poll began, so what was
    changed while it ran is read again by the next poll. No position is later than that, nor than our own clock: a
    shop's clock or an order's time that runs ahead would make the next poll skip what is stored in between.
    """
    window = [f"UpdatedOnUtc le {written(until)}"] if until else []
    window += [condition] if condition else []
    start = [f"UpdatedOnUtc ge {written(since)}"] if since else []
    begun: datetime | None = None
    key: Key | None = None
    top = page_size
    while True:
        wanted = " and ".join(start + window)
        page = api.page("Orders", top=top, filter=wanted, orderby="UpdatedOnUtc,Id", expand=EXPAND)
        begun, top = begun or min(page.server_time, datetime.now(UTC)), min(top, page.max_top)
        last = max((row for row in page.rows if key_of(row)), key=_place, default=None)
        if len(page.rows) < top and not page.more:
            yield order_page(page, min(begun, until) if until else begun)
            return
        if last is None or (key and _place(last) <= key):
            raise TryAgainLater(f"{api.system}: the pages of Orders do not advance; they will be asked again.")
        key = _place(last)
        yield order_page(page, min(key[0][0].replace(microsecond=int(key[0][1][:6])), begun))
        literal, number = last.value["UpdatedOnUtc"], last.value["Id"]
        start = [f"(UpdatedOnUtc gt {literal} or (UpdatedOnUtc eq {literal} and Id gt {number}))"]


def order_page(page: RowPage, position: datetime) -> Page:
    """Return the page's orders as received records, oldest change first."""
    return Page(tuple(_received(row) for row in sorted(page.rows, key=_place)), position, page.server_time)


def key_of(row: Row) -> Key | None:
    """Return a row's place in the order of changes; None when it lacks its id or time."""
    value = row.value if isinstance(row.value, dict) else {}
    changed, number = instant(value.get("UpdatedOnUtc")), value.get("Id")
    return (changed, number) if changed and isinstance(number, int) else None


def _place(row: Row) -> Key:
    return key_of(row) or _LAST


def _received(row: Row) -> Received:
    """Hand out a row as it came, save for card numbers; one without an id gets a stand-in, so that it is not lost."""
    body = mask_free_text(row.text).encode()
    number = row.value.get("Id") if isinstance(row.value, dict) else None
    known = isinstance(number, int) and not isinstance(number, bool)
    return Received(str(number) if known else "?" + hashlib.sha256(body).hexdigest()[:32], body)


def written(moment: datetime) -> str:
    """Return a time as OData literal; always with Z, because a plus sign would need encoding twice."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:  # within hours of the first or last moment there is
        utc = moment.replace(tzinfo=UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
