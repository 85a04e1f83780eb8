"""Hearing a source: each page with its position, broken off anywhere, twice, and by two at once."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from blocks.database import stock_hearing, stock_ledger
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.database.stock_hearing import Heard, hear, position_of
from blocks.database.stock_laws import prove_stock
from blocks.documents.stock import MovementKind, StockMovement
from blocks.errors import Refused, TryAgainLater
from blocks.systems.stock import Movements
from tasks.stock_movements import watching
from tasks.stock_movements.summary import Findings, MovementSummary, page
from tasks.stock_movements.watching import Listening, watch
from tests import desk, stack
from tests.stack import DatabaseUrls

ERP = "tryton-erp/main"
ACTOR = Actor("stock_movements", "run-1")
NOON = datetime.now(UTC)
PAGES, SIZE = 4, 3


def receipt(number: int) -> StockMovement:
    return StockMovement(
        event_id=f"move:{number}", kind=MovementKind.RECEIPT, sku=f"LAMP-{number % 2}", warehouse="EAST",
        quantity=Decimal(1), happened_at=NOON + timedelta(minutes=number),
    )  # fmt: skip


class Source:
    """A source with a log of movements; its positions are how many were told, and it tells the last one again."""

    def __init__(self) -> None:
        """Start with everything to be told."""
        self.log = [receipt(number) for number in range(PAGES * SIZE)]
        self.before_page: Callable[[int], None] = lambda _number: None

    def movements(self, position: str) -> Iterator[Movements]:
        if not position:
            yield Movements((), (), "0")
            return
        at = int(position)
        for number, start in enumerate(range(at, max(len(self.log), at + 1), SIZE)):
            self.before_page(number)
            end = min(start + SIZE, len(self.log))
            told = self.log[max(0, start - 1) : end] if end > start else []
            yield Movements(tuple(told), (), str(end))


@pytest.fixture
def database(database_url: DatabaseUrls) -> Iterator[Database]:
    database = Database(database_url.app)
    yield database
    with database.connect() as connection:
        assert prove_stock(connection).findings == ()


def listen(database: Database, source: Source) -> Heard:
    return hear(database, ACTOR, source=ERP, system=source)  # type: ignore[arg-type]  # it has all that is asked of it


def on_hand(database: Database) -> int:
    return int(desk.ask(database, "SELECT coalesce(sum(on_hand), 0) AS pieces FROM stock")[0]["pieces"])


def test_the_first_time_only_the_position_is_noted_and_then_everything_is_heard_once(database: Database) -> None:
    source = Source()
    assert listen(database, source) == Heard(1)
    assert on_hand(database) == 0
    heard = listen(database, source)
    assert (heard.pages, heard.booked.events, heard.booked.repeated) == (PAGES, 12, 3)
    assert (on_hand(database), position_of(database, ERP)) == (12, "12")
    assert listen(database, source) == Heard()


def test_a_source_that_breaks_off_is_heard_on_from_where_it_was(database: Database) -> None:
    source = Source()
    listen(database, source)

    def break_off(number: int) -> None:
        if number == 2:
            raise TryAgainLater("Tryton does not answer.")

    source.before_page = break_off
    with pytest.raises(TryAgainLater):
        listen(database, source)
    assert (on_hand(database), position_of(database, ERP)) == (6, "6")
    source.before_page = lambda _number: None
    assert listen(database, source).booked.events == 6


def test_killed_before_a_page_is_committed_neither_it_nor_its_position_is_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, book = Source(), stock_ledger.book_movements
    listen(database, source)

    def killed(*args: Any, **named: Any) -> Any:
        book(*args, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(stock_hearing, "book_movements", killed)
    with pytest.raises(KeyboardInterrupt):
        listen(database, source)
    assert (on_hand(database), position_of(database, ERP)) == (0, "0")
    monkeypatch.setattr(stock_hearing, "book_movements", book)
    assert listen(database, source).booked.events == 12


def test_two_who_hear_at_once_book_everything_once_and_the_position_never_goes_back(database: Database) -> None:
    listen(database, Source())
    meet, heard = threading.Barrier(2), []

    def meet_at_first(number: int) -> None:
        if number == 0:
            meet.wait()

    def work() -> None:
        source = Source()
        source.before_page = meet_at_first
        heard.append(listen(database, source))

    stack.together(threading.Thread(target=work), threading.Thread(target=work))
    listen(database, Source())
    assert (on_hand(database), position_of(database, ERP)) == (12, "12")
    assert sum(each.booked.events for each in heard) <= 12


class Enough(Exception):  # noqa: N818 - it ends a watch, nothing is wrong
    """The test has seen enough."""


def test_a_watcher_follows_up_also_while_the_source_gives_no_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, said = Source(), list[str]()
    monkeypatch.setattr(watching, "load_system", lambda _name: source)
    listen(database, source)
    silent = iter([True, False])

    def maybe(number: int) -> None:
        if number == 0 and next(silent, False):
            raise TryAgainLater("Tryton does not answer.")

    rounds = []

    def follow(_log: Callable[[str], None]) -> bool:
        rounds.append(on_hand(database))
        if rounds[-1] == 12:
            raise Enough
        return False

    source.before_page = maybe
    listening = Listening(database, ACTOR, ERP, every=0.01)
    with pytest.raises(Enough):
        watch(listening, follow, until=datetime.now(UTC) + timedelta(minutes=1), log=said.append)
    assert (rounds[0], rounds[-1], listening.silences) == (0, 12, 1)
    assert said == [
        "Tryton does not answer. Asking again, ever more seldom, until it answers.",
        "12 movements, 2 articles changed.",
    ]


def test_a_watcher_ends_when_it_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_position: str) -> Iterator[Movements]:
        raise Refused("Wrong password.")

    monkeypatch.setattr(watching, "load_system", lambda _name: SimpleNamespace(movements=refused))
    with pytest.raises(Refused):
        watch(Listening(database, ACTOR, ERP, 1), lambda _log: False, until=NOON + timedelta(hours=1), log=print)


def test_the_page_names_what_a_person_must_see() -> None:
    row = {
        "happened_at": NOON, "kind": "sale", "sku": "LA*MP", "warehouse": "EAST", "quantity": Decimal(-1),
        "delta": Decimal(0), "document": "17", "ignored": "It happened before the count.",
    }  # fmt: skip
    lag = {"name": "into the ledger", "events": 2, "half": 0.5, "most": 1.25, "longest": 3.0}
    below = {"warehouse": "EAST", "sku": "LAMP", "on_hand": Decimal(-2)}
    kind = {"kind": "sale", "events": 2, "delta": Decimal(-1)}
    summary = MovementSummary(ERP, 2, 1, 1, 1, ("move:7",), 4)
    text = page(summary, Findings((row,), (row,), (kind,), (below,), (lag,)))
    for part in ("LA\\*MP", "move:7", "It happened before the count.", "| EAST | LAMP | -2 |", "0.5 s | 1.2 s | 3.0 s"):
        assert part in text
    assert summary.sentence() == (
        "Stock of tryton-erp/main: 2 movements, 1 articles changed, 1 too late to matter,"
        " 1 say something else than before, 4 lots on their way."
    )
