"""Stock is conserved over whatever happens to it: random histories, told in any order, twice, by two at once."""

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_laws import prove_stock
from blocks.database.stock_ledger import book_movements
from blocks.documents.orders import OrderStatus
from blocks.documents.stock import MovementKind, StockMovement
from deployments.stack.embedded_postgres import Cluster
from tasks.order_intake.judging import Route
from tests import desk, stack
from tests.orders import PLACED, a_line, an_order

SKUS, HOUSES = ("LAMP", "BOOK"), ("EAST", "WEST")
BEGUN = datetime.now(UTC) + timedelta(days=1)
ERP, TILL = "tryton-erp/main", "pos-folder/branch"
KINDS = ("ship", "receipt", "sale", "return", "transfer", "count", "undo", "adjust")

pieces = st.integers(1, 4)
places = st.tuples(st.sampled_from(SKUS), st.sampled_from(HOUSES))
happenings = st.tuples(st.sampled_from(KINDS), places, pieces, st.integers(0, 3), st.integers(0, 60))
"""What, where, how many pieces, of which order, and so many minutes after the beginning."""
steps = st.one_of(
    st.tuples(st.just("order"), st.integers(0, 3), pieces),
    st.tuples(st.just("cancel"), st.integers(0, 3), pieces),
    st.tuples(st.just("close"), st.integers(0, 3), pieces),
    st.tuples(st.just("tell"), st.integers(0, 8), st.booleans()),
)


@pytest.fixture(scope="module")
def database(
    postgres_cluster: Cluster, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Return one database for all histories; at the end the laws hold and the trail proves all of them."""
    with stack.copy_of(postgres_cluster, database_template) as urls:
        database = Database(urls.app)
        for house in HOUSES:
            desk.count(database, 6, *SKUS, warehouse=house)
        yield database
        with database.connect() as connection:
            assert prove_stock(connection).findings == ()
        nowhere: Path = tmp_path_factory.mktemp("none") / "anchors"
        assert verify(Database(urls.audit), nowhere).findings == ()


@dataclass
class Outside:
    """What a till and an ERP know: movements they will tell, in their own order, and told ones they tell again."""

    channel: str
    told: list[StockMovement] = field(default_factory=list)

    def movements(self, number: int, happening: tuple[str, tuple[str, str], int, int, int]) -> list[StockMovement]:
        """Return one thing that happened as the movements it is told by; a transfer is two."""
        what, (sku, house), count, order, minutes = happening
        kind, sign = {
            "ship": (MovementKind.SHIPMENT, -1), "receipt": (MovementKind.RECEIPT, 1), "sale": (MovementKind.SALE, -1),
            "return": (MovementKind.RETURN, 1), "transfer": (MovementKind.TRANSFER, -1), "undo": (MovementKind.VOID, 1),
            "count": (MovementKind.COUNT, 1), "adjust": (MovementKind.ADJUSTMENT, 1 if count > 2 else -1),
        }[what]  # fmt: skip
        sale = f"SOMS-{self.channel}-{order}" if what in {"ship", "return", "undo"} else ""
        one = StockMovement(
            event_id=f"{self.channel}/{number}", kind=kind, sku=sku, warehouse=house, quantity=Decimal(sign * count),
            happened_at=BEGUN + timedelta(minutes=minutes), sale=sale,
        )  # fmt: skip
        if what != "transfer":
            return [one]
        other = {
            "event_id": f"{one.event_id}/in",
            "warehouse": HOUSES[HOUSES.index(house) - 1],
            "quantity": Decimal(count),
        }
        return [one, one.model_copy(update=other)]


def tell(database: Database, movements: list[StockMovement], closed: tuple[str, ...] = (), source: str = ERP) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        book_movements(connection, trail, source=source, movements=movements, closed_sales=closed)


def order(database: Database, channel: str, number: int, minutes: int, count: int, **changes: object) -> None:
    route = Route(f"smartstore-shop/{channel}", ERP)
    lines = [a_line(sku, count, "10.00") for sku in SKUS[: 1 + count % 2]]
    made = an_order(lines=lines, external_id=str(number), number=str(number), channel=channel)
    made = made.model_copy(update={"changed_at": PLACED + timedelta(minutes=minutes), **changes})
    desk.deliver(database, [desk.received(made)], source=route.source)
    desk.judge(database, route=route)


def expected(database: Database) -> dict[tuple[str, str], Decimal]:
    """Compute what must be on hand from all events at once, by the law alone: newest count and what moved after it."""
    events = desk.ask(database, "SELECT * FROM stock_event ORDER BY id")
    newest: dict[tuple[str, str], tuple[datetime, int, Decimal]] = {}
    for event in events:
        key = event["warehouse"], event["sku"]
        counts = event["kind"] in {"count", "opening"}
        if counts and (key not in newest or event["happened_at"] >= newest[key][0]):
            newest[key] = event["happened_at"], event["id"], event["quantity"]
    total = {key: found[2] for key, found in newest.items()}
    for event in events:
        key = event["warehouse"], event["sku"]
        if event["kind"] not in {"count", "opening"} and (key not in newest or event["happened_at"] > newest[key][0]):
            total[key] = total.get(key, Decimal(0)) + event["quantity"]
    return total


def holds(database: Database) -> None:
    with database.connect() as connection:
        assert prove_stock(connection, trail=False).findings == ()
    rows = desk.ask(database, "SELECT warehouse, sku, on_hand FROM stock")
    assert {(row["warehouse"], row["sku"]): row["on_hand"] for row in rows} == expected(database)


Work = Callable[[], None]
_channels = iter(range(10_000))


@given(happened=st.lists(happenings, min_size=1, max_size=8), history=st.lists(steps, min_size=3, max_size=8))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stock_is_conserved_over_random_histories(
    database: Database,
    happened: list[tuple[str, tuple[str, str], int, int, int]],
    history: list[tuple[str, int, int]],
) -> None:
    """Orders, changes, cancellations, shipments, returns, restocks, transfers and counts, heard late and twice."""
    outside = Outside(f"h{next(_channels)}")
    desk.know(database, *SKUS, channel=outside.channel)
    waiting = [outside.movements(number, each) for number, each in enumerate(happened)]
    for minutes, (what, number, count) in enumerate(history):
        if what == "tell":
            movements = waiting.pop(number % len(waiting)) if waiting else outside.told
            tell(database, movements + (outside.told if count else []))
            outside.told += movements
        elif what == "close":
            tell(database, [], (f"SOMS-{outside.channel}-{number}",))
        else:
            cancelled = {"status": OrderStatus.CANCELLED} if what == "cancel" else {}
            order(database, outside.channel, number, minutes, int(count), **cancelled)
        holds(database)
    tell(database, [each for part in waiting for each in part], tuple(f"SOMS-{outside.channel}-{n}" for n in range(4)))
    holds(database)


def test_stock_is_conserved_when_two_workers_and_a_till_hear_the_same_at_once(database: Database) -> None:
    """Both workers hear every movement of the ERP in an order of their own, while orders come and a till sells."""
    outside = Outside("at-once")
    desk.know(database, *SKUS, channel=outside.channel)
    dice = random.Random(7)
    happened = [
        (dice.choice(KINDS), (dice.choice(SKUS), dice.choice(HOUSES)), dice.randint(1, 3), dice.randint(0, 3),
         dice.randint(0, 60))
        for _ in range(24)
    ]  # fmt: skip
    movements = [each for number, what in enumerate(happened) for each in outside.movements(number, what)]
    failed: list[BaseException] = []

    def guarded(work: Work) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    def hear(turn: int) -> None:
        mine = random.Random(turn).sample(movements, len(movements))
        for start in range(0, len(mine), 5):
            closed = (f"SOMS-{outside.channel}-{start // 5}",) if start > 10 else ()
            tell(database, mine[start : start + 5], closed)

    def sell() -> None:
        for number in range(4):
            order(database, outside.channel, number, 0, 1 + number % 3)
            order(database, outside.channel, number, 1, 3)

    def ring_up() -> None:
        till = Outside("till")
        for number in range(8):
            place = (dice.choice(SKUS), dice.choice(HOUSES))
            tell(database, till.movements(number, ("sale", place, 1, 0, number)), source=TILL)

    works: list[Work] = [lambda: hear(1), lambda: hear(2), sell, ring_up]
    stack.together(*(threading.Thread(target=guarded, args=(work,)) for work in works))
    assert failed == []
    holds(database)
    told = desk.ask(database, "SELECT event_id FROM stock_event WHERE source = %s", (ERP,))
    assert {each.event_id for each in movements} <= {row["event_id"] for row in told}
