"""Asks a source what there was in a window, and fetches what SOMS never got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from blocks.errors import WrongUse
from blocks.systems.registry import is_kind
from tasks.order_completeness import records
from tasks.order_completeness.rules import Books, Claim, Reason, Window, as_text, gap_ranges, numbers_in, sorted_ids

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database
    from blocks.systems.shops.contract import Received, Shop

FIRST_WINDOW = timedelta(days=1)
"""The first poll of a shop reads one day back; what was placed before belongs to the time before SOMS."""
MOST_GAPS = 500
"""Ids in gaps that the shop is asked for; what lies beyond is named as it is."""
MOST_FETCHED = 5000


@dataclass(frozen=True, slots=True)
class Survey:
    """What the source says, which ids it lists, and the raw orders that were fetched."""

    window: Window
    claim: Claim
    ids: tuple[str, ...] = ()
    deliveries: tuple["Received", ...] = ()

    @property
    def fetched(self) -> tuple[str, ...]:
        """Return the ids of what was fetched."""
        return tuple(delivery.external_id for delivery in self.deliveries)


def survey(source: str, system: Any, database: "Database", window: Window, *, fetch: bool) -> Survey:
    """Ask a source what there was in a window.

    Raises:
        WrongUse: It keeps its own list, and nothing was ever taken in from it, or only after the window.
    """
    if is_kind(source, "folders"):
        with database.connect() as connection:
            return Survey(window, claim_of_files(records.files(connection, source=source, window=window)))
    if not _lists(system):
        return Survey(window, Claim(notes=(f"{source} does not say itself how many orders there were.",)))
    with database.connect() as connection:
        first = records.first_received(connection, source)
    if first is None:
        raise WrongUse(f"Nothing was ever taken in from {source}: let order intake run first.")
    window = window.from_begin(first - FIRST_WINDOW)
    return _survey_shop(source, system, database, window, fetch=fetch)


def _lists(system: Any) -> bool:
    return bool(getattr(getattr(system, "capabilities", None), "orders_by_placing", False))


def _survey_shop(source: str, shop: "Shop", database: "Database", window: Window, *, fetch: bool) -> Survey:
    ids, count = _listed(shop, window), shop.count_placed(window.since, window.until)
    gaps = gap_ranges(ids)
    asked = numbers_in(gaps, MOST_GAPS)
    elsewhere = sorted_ids(shop.ids_in_use(asked)) if asked else []  # of another store or time, or stored this moment
    if count != len(ids) or elsewhere:  # what was stored between two questions is listed the second time
        ids, count = _listed(shop, window), shop.count_placed(window.since, window.until)
        gaps = gap_ranges(ids)
    with database.connect() as connection:
        missing = records.unknown_ids(connection, source, ids)
    found = _fetch(shop, missing[:MOST_FETCHED]) if fetch and missing else ()
    claim = Claim(
        count=count, listed=len(ids), missing=tuple(missing), gaps=as_text(gaps),
        elsewhere=tuple(each for each in elsewhere if each not in set(ids)),
    )  # fmt: skip
    return Survey(window, claim, tuple(ids), found)


def _listed(shop: "Shop", window: Window) -> list[str]:
    pages = shop.orders_placed(window.since, window.until)
    return list(dict.fromkeys(order.external_id for page in pages for order in page))


def _fetch(shop: "Shop", ids: Sequence[str]) -> tuple["Received", ...]:
    return tuple(record for page in shop.orders_by_id(ids) for record in page.records)


def claim_of_files(rows: Sequence[dict[str, Any]]) -> Claim:
    """Return what a folder's files claim to hold, and which of them are not done with."""
    found: list[Reason] = []
    for row in rows:
        name = f"file {row['id']}"
        if row["kept"] != row["records"]:
            found.append(Reason(f"Of {name}, {row['kept']} of {row['records']} records are kept."))
        elif row["state"] == "claimed":
            why = "see whether order intake runs" if row["old"] else "the next order intake goes on with it"
            found.append(Reason(f"The {name} is not read to its end: {why}.", heals=not row["old"]))
        if row["refusal"]:
            why = row["refusal"].rstrip(". ")
            found.append(
                Reason(f"The {name} was not taken as it is: {why}. Whatever it lacks must come as a new file.")
            )
    return Claim(count=sum(row["records"] for row in rows), open_items=tuple(found))


def books(connection: "Connection", source: str, channel: str, found: Survey) -> Books:
    """Return what SOMS's own tables say of the same."""
    if is_kind(source, "folders"):
        return records.books_of_files(connection, source=source, channel=channel, window=found.window)
    if found.claim.listed is None:
        return records.books_of_window(connection, source=source, channel=channel, window=found.window)
    return records.books_of_ids(connection, source=source, channel=channel, ids=found.ids, window=found.window)
