"""A busy merchant: an ERP and a till change stock many times a second while the watcher tells a shop with limits."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database.engine import Database
from blocks.database.stock_laws import prove_stock
from blocks.documents.stock import MovementKind, StockMovement
from blocks.systems.stock import Movements
from tasks.shop_listing import telling
from tasks.shop_listing.watching import Following
from tasks.stock_movements.watching import Listening
from tests import desk
from tests.listings import ACTOR, SYSTEM, Shelf, open_shelf
from tests.sandbox import RunningShop
from tests.stores import Store

ERP, PAGE, ROUND = "tryton-erp/main", 500, 0.5
SKUS = (*(f"HOME-{number:03d}" for number in range(1, 41)), *(f"BOOK-{number:02d}" for number in range(1, 6)))
EAST, STORE = "BER", "KOELN"
PLENTY = 40
"""Pieces of each article in each warehouse at first: few enough that some sell out under way."""


class BusyErp:
    """An ERP that keeps a log of what moved and tells it in pages; a position is how much of it was told."""

    def __init__(self) -> None:
        """Begin with nothing moved."""
        self.log: list[StockMovement] = []

    def moves(self, sku: str, pieces: int) -> None:
        """Book a movement now."""
        kind = MovementKind.RECEIPT if pieces > 0 else MovementKind.SHIPMENT
        number = len(self.log)
        self.log.append(
            StockMovement(
                event_id=f"move:{number}", kind=kind, sku=sku, warehouse=EAST, quantity=Decimal(pieces),
                happened_at=datetime.now(UTC),
            )
        )  # fmt: skip

    def movements(self, position: str) -> Iterator[Movements]:
        """Yield what moved after a position."""
        at, end = int(position or 0), len(self.log)
        for start in range(at, max(end, at + 1), PAGE):
            stop = min(start + PAGE, end)
            yield Movements(tuple(self.log[start:stop]), (), str(max(stop, at)))


@dataclass(slots=True)
class Look:
    """How far everything was at one moment: seconds since the begin, changes made and booked, calls that wait."""

    second: float
    made: int
    booked: int
    waiting: int

    @property
    def backlog(self) -> int:
        """Return how many changes are not booked yet, and calls not made."""
        return self.made - self.booked + self.waiting


@dataclass
class Merchant:
    """The systems of one merchant, what each article's stock must come to, and the looks that were taken at it."""

    shelf: Shelf
    store: Store
    erp: BusyErp = field(default_factory=BusyErp)
    truth: Counter[tuple[str, str]] = field(default_factory=Counter)
    made: int = 0
    looks: list[Look] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    problems: list[BaseException] = field(default_factory=list)

    def stock(self) -> "Merchant":
        """Count every article in both warehouses, and let the shop show it."""
        begin, self.store.till.now = datetime.now(UTC) - timedelta(days=1), lambda: datetime.now(UTC)
        for warehouse in (EAST, STORE):
            desk.count(self.shelf.database, PLENTY, *SKUS, warehouse=warehouse, at=begin)
            self.truth.update({(warehouse, sku): PLENTY for sku in SKUS})
        self.shelf.look()
        self.shelf.bring()
        return self

    def change(self, count: int) -> None:
        """Make so many changes: half in the ERP, half at the till, which writes one file of them."""
        for _ in range(count // 2):
            sku, pieces = self.dice.choice(SKUS), self.dice.choice((-3, -2, -1, -1, 1, 2, 3))
            self.erp.moves(sku, pieces)
            self.truth[EAST, sku] += pieces
        for _ in range(count - count // 2):
            sku, pieces = self.dice.choice(SKUS), self.dice.choice((1, 1, 2))
            sold = self.dice.random() < 0.6
            (self.store.till.sell if sold else self.store.till.take_back)(**{sku: pieces})
            self.truth[STORE, sku] += -pieces if sold else pieces
        self.store.till.export()
        self.made += count

    def play(self, seconds: int, per_second: int, *, patience: float, pace: float = 1.0) -> float:
        """Change stock for so long while watcher and till intake work; returns the seconds until all was done after.

        Args:
            seconds: How many times a second's changes are made.
            per_second: How many changes each time.
            patience: Seconds after which what is not done counts as lost.
            pace: Seconds from one time to the next; 0 makes them as fast as they can be made.

        Raises:
            AssertionError: Something was not done in time, or a worker broke.
        """
        ended = threading.Event()
        workers = [threading.Thread(target=self._work, args=(work, ended)) for work in (self._watch(), self._intake())]
        begun = time.monotonic()
        for worker in workers:
            worker.start()
        try:
            for second in range(seconds):
                self.change(per_second)
                self._rest(begun, begun + (second + 1) * pace)
            made_at = time.monotonic()
            while not self._drained(begun) and time.monotonic() < made_at + patience:
                time.sleep(ROUND / 2)
            drained = time.monotonic() - made_at
        finally:
            ended.set()
            for worker in workers:
                worker.join()
        assert not self.problems, self.problems
        assert self._drained(begun), f"After {drained:.0f} s: {self.looks[-1]}, {self.wrong()}"
        return drained

    def _rest(self, begun: float, until: float) -> None:
        self._drained(begun)
        time.sleep(max(0.0, until - time.monotonic()))

    def _drained(self, begun: float) -> bool:
        """Look how far everything is; returns whether all that was made is booked and no call waits."""
        (row,) = desk.ask(
            self.shelf.database,
            "SELECT (SELECT count(*) FROM stock_event WHERE kind NOT IN ('count', 'opening')) AS booked,"
            " (SELECT count(*) FROM effect WHERE process = 'shop_listing' AND state IN ('due', 'claimed')) AS waiting",
        )
        self.looks.append(Look(round(time.monotonic() - begun, 2), self.made, row["booked"], row["waiting"]))
        return self.looks[-1].backlog == 0 and self.shop_shows() == self.sellable()

    def _work(self, rounds: Iterator[None], ended: threading.Event) -> None:
        try:
            for _ in rounds:
                if ended.wait(ROUND):
                    return
        except BaseException as problem:  # noqa: BLE001 - told by the thread that waits
            self.problems.append(problem)

    def _watch(self) -> Iterator[None]:
        """Hear the ERP and tell the shop, round by round, as the stock watch does."""
        database = self.shelf.database
        listening = Listening(database, ACTOR, ERP, ROUND, _system=self.erp)  # type: ignore[arg-type] # all that is asked of it
        following = Following(database, ACTOR, SYSTEM, lease=30.0)
        while True:
            listening.once(lambda _line: None)
            following.once(lambda _line: None)
            yield

    def _intake(self) -> Iterator[None]:
        """Take the till's files in, round by round."""
        while True:
            self.store.take_in()
            yield

    def sellable(self) -> dict[str, int]:
        """Return what the shop must show of each article in the end."""
        return {sku: max(self.truth[EAST, sku], 0) + max(self.truth[STORE, sku], 0) for sku in SKUS}

    def shop_shows(self) -> dict[str, int]:
        """Return what the shop has confirmed to show of each article; hidden ones show nothing."""
        rows = desk.ask(
            self.shelf.database, "SELECT sku, told_quantity FROM listing WHERE sku = ANY(%s)", (list(SKUS),)
        )
        return {row["sku"]: int(row["told_quantity"]) for row in rows if row["told_quantity"] is not None}

    def wrong(self) -> list[str]:
        """Return all that is not as it must be now, asked of the shop itself; empty when nothing was lost."""
        found, wanted = self.shelf.shown(*SKUS), self.sellable()
        wrong = [
            f"{sku}: {found[sku].quantity} shown, {pieces} to sell"
            for sku, pieces in wanted.items()
            if (int(found[sku].quantity), found[sku].visible) != (pieces, pieces > 0)
        ]
        rows = desk.ask(
            self.shelf.database, "SELECT warehouse, sku, on_hand FROM stock WHERE sku = ANY(%s)", (list(SKUS),)
        )
        kept = {(row["warehouse"], row["sku"]): int(row["on_hand"]) for row in rows}
        wrong += [f"{place}: {kept.get(place)} kept, {pieces} true" for place, pieces in self.truth.items()
                  if kept.get(place) != pieces]  # fmt: skip
        with self.shelf.database.connect() as connection:
            wrong += [finding.text for finding in prove_stock(connection).findings]
        return wrong


@contextmanager
def busy(shop: RunningShop, database: Database, home: Path, **limits: Any) -> Iterator[Merchant]:
    """Yield a merchant whose shop has these limits, and answers 429 beyond them."""
    with pytest.MonkeyPatch.context() as patch:
        shelf = open_shelf(shop, database, lambda loader: patch.setattr(telling, "load_system", loader), **limits)
        merchant = Merchant(shelf, Store(home, database)).stock()
        if limits.get("calls_per_second"):
            shop.faults({"kind": "rate_limit", "per_second": limits["calls_per_second"]})
        yield merchant
