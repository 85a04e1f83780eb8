"""A watcher takes in what comes within one look, writes nothing while nothing comes, and outlives silent systems."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.database.engine import Database
from blocks.documents.sales import SaleRequest
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Page, Received, Takeover
from tasks.order_intake import delivery, selling, watching
from tasks.order_intake.watching import Watched, next_end, watch
from tests import desk, stack
from tests.orders import an_order

LOOKS_APART = 0.05
QUARTER, MARGIN = timedelta(minutes=15), timedelta(seconds=3)


class Watchable(desk.PlainShop):
    """A shop and an ERP that a watcher asks; each look at the shop is one entry of ``looks``, by turns as told."""

    def __init__(self, *looks: list[Received] | Exception) -> None:
        """Tell what each look finds; after the last one nothing new comes."""
        self.looks, self.looked, self.sales = list(looks), 0, 0

    def server_time(self) -> datetime:
        """Return now."""
        return datetime.now(UTC)

    def orders_changed(self, _since: datetime | None, _until: datetime | None = None) -> Iterator[Page]:
        """Yield what this look finds; what was found stays to be found, as in the overlap of polls."""
        self.looked += 1
        found = self.looks[min(self.looked, len(self.looks)) - 1]
        if isinstance(found, Exception):
            raise found
        yield Page(tuple(found), self.server_time(), self.server_time())

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Book everything."""
        self.sales += len(requests)
        return [Done(request.reference, {"number": request.reference, "rounding": "0"}) for request in requests]

    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Mark each order."""
        return [Done(takeover.reference) for takeover in takeovers]


@pytest.fixture
def database(database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(database_url.app)
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    monkeypatch.setattr(watching, "LONGEST_PAUSE", LOOKS_APART)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 100, "LAMP", "BOOK")
    return database


def watched(shop: Watchable, monkeypatch: pytest.MonkeyPatch, *, looks: int) -> tuple[Watched, list[str]]:
    """Watch until the shop was looked at so often."""
    for module in (watching, delivery, selling):
        monkeypatch.setattr(module, "load_system", lambda _name: shop)
    lines: list[str] = []

    class Clock(datetime):
        """Says that the time is over as soon as the shop was looked at often enough."""

        @classmethod
        def now(cls, tz: tzinfo | None = UTC) -> datetime:
            """Return now, or a moment after the end."""
            return datetime.now(tz) + timedelta(hours=2 if shop.looked >= looks else 0)

    monkeypatch.setattr(watching, "datetime", Clock)
    until = datetime.now(UTC) + timedelta(hours=1)
    return watch(desk.BERLIN, until=until, every=LOOKS_APART, log=lines.append), lines


def events(database: Database) -> int:
    return int(desk.ask(database, "SELECT seq FROM audit_head")[0]["seq"])


def test_an_order_is_in_the_erp_after_the_look_that_found_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Watchable([desk.received(desk.numbered(an_order()))])
    result, _ = watched(shop, monkeypatch, looks=1)
    assert (result.rounds, result.judged.accepted, result.delivered.done) == (1, 1, 2)
    assert desk.ask(database, "SELECT taken_over_at IS NOT NULL AS done FROM sales_order") == [{"done": True}]


def test_looks_at_nothing_new_write_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    came = [desk.received(desk.numbered(an_order()))]
    watched(Watchable(came), monkeypatch, looks=1)
    before = events(database)
    result, lines = watched(Watchable(came), monkeypatch, looks=5)
    assert (result.looks, result.rounds, lines) == (5, 0, [])
    assert events(database) == before


def test_a_silent_shop_is_told_once_and_what_is_due_elsewhere_is_delivered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take_in(database, desk.numbered(an_order()))
    later = desk.received(desk.numbered(an_order()))
    shop = Watchable(*[TryAgainLater("The shop does not answer.")] * 3, [later])
    result, lines = watched(shop, monkeypatch, looks=4)
    assert sum("does not answer" in line for line in lines) == 1
    assert (result.silences, shop.sales) == (3, 2)


@pytest.mark.usefixtures("database")
def test_refused_credentials_end_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="key"):
        watched(Watchable(Refused("The key is wrong.")), monkeypatch, looks=9)


def test_orders_held_short_are_served_while_watching(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.count(database, 0, "LAMP", "BOOK")
    assert desk.take_in(database, desk.numbered(an_order())).short == 1
    desk.count(database, 100, "LAMP", "BOOK")
    shop = Watchable([])
    result, _ = watched(shop, monkeypatch, looks=1)
    assert (result.served, shop.sales) == (1, 1)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_watcher_ends_just_before_a_start_of_its_schedule(now: datetime) -> None:
    end = next_end(now, QUARTER, MARGIN)
    assert MARGIN < end - now <= QUARTER + MARGIN
    assert (end + MARGIN).minute % 15 == 0
    assert (end + MARGIN).second == 0
