"""What is reserved is always what the ledger says, whatever becomes of orders, and however many work at once."""

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.database import rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import Order, OrderStatus
from deployments.stack.embedded_postgres import Cluster
from tasks.order_intake import rulebook
from tasks.order_intake.judging import Route
from tasks.order_intake.serving import serve_waiting
from tests import desk, stack
from tests.orders import PLACED, a_line, an_order
from tests.outside import ledger

SKUS, HOUSES = ("LAMP", "BOOK"), ("EAST", "WEST")
CLOSED = """
SELECT o.id, r.sku, sum(r.quantity) AS left FROM sales_order o JOIN reservation r ON r.order_id = o.id
WHERE o.status <> 'accepted' GROUP BY 1, 2 HAVING sum(r.quantity) <> 0
"""
OWED = """
SELECT o.id, l.sku, sum(l.quantity) AS sold, coalesce((SELECT sum(quantity) FROM reservation r
    WHERE r.order_id = o.id AND r.sku = l.sku), 0) + coalesce((SELECT sum(quantity) FROM backorder b
    WHERE b.order_id = o.id AND b.sku = l.sku AND b.served_at IS NULL), 0) AS kept
FROM sales_order o JOIN order_line l ON l.order_id = o.id WHERE o.status = 'accepted' GROUP BY 1, 2
"""
POLICIES = ("{}", "{split: allow, warehouses: [WEST]}", "{backorder: all}", "{split: allow, backorder: all}")

pieces = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1)
numbers = st.integers(0, 3)
steps: st.SearchStrategy[tuple[str, int, dict[str, int]]] = st.one_of(
    st.tuples(st.just("order"), numbers, pieces),
    st.tuples(st.just("cancel"), numbers, st.just({})),
    st.tuples(st.just("count"), st.sampled_from((0, 1)), st.dictionaries(st.sampled_from(SKUS), st.integers(0, 6))),
    st.tuples(st.just("serve"), st.just(0), st.just({})),
)


@pytest.fixture(scope="module")
def database(
    postgres_cluster: Cluster, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Return one database for all histories of this module; at the end its trail must prove all of them."""
    with stack.copy_of(postgres_cluster, database_template) as urls:
        yield Database(urls.app)
        nowhere: Path = tmp_path_factory.mktemp("none") / "anchors"
        assert verify(Database(urls.audit), nowhere).findings == ()


def version(number: int, minutes: int, lines: dict[str, int], channel: str, **changes: object) -> Order:
    sold = [a_line(sku, count, "10.00") for sku, count in sorted(lines.items())]
    order = an_order(lines=sold, external_id=str(number), number=str(number), channel=channel)
    return order.model_copy(update={"changed_at": PLACED + timedelta(minutes=minutes), **changes})


def adopt(database: Database, policy: str) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(
            connection,
            trail,
            kind=rulebook.KIND,
            name=rulebook.NAME,
            content=f"allocation: {policy}\n",
            by="anna",
            reason="A test.",
        )


def serve(database: Database, route: Route) -> None:
    serve_waiting(database, desk.ACTOR, desk.PlainShop(), route, batch=100)


def holds(database: Database) -> None:
    """Insist on the law: stock and ledger agree, closed orders hold nothing, accepted ones all they were promised."""
    for row in ledger(database):
        assert row["reserved"] == row["ledger"], row
    assert desk.ask(database, CLOSED) == []
    assert [row for row in desk.ask(database, OWED) if row["sold"] != row["kept"]] == []


_channels = iter(range(10_000))


@given(history=st.lists(steps, min_size=2, max_size=6), policy=st.sampled_from(POLICIES))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_conservation_over_random_histories(
    database: Database, history: list[tuple[str, int, dict[str, int]]], policy: str
) -> None:
    """Orders, changes to and fro, cancellations and counts, in any order, under any policy."""
    channel = f"c{next(_channels)}"
    route = Route(f"smartstore-shop/{channel}", "tryton-erp/main")
    desk.know(database, *SKUS, channel=channel)
    adopt(database, policy)
    for house in HOUSES:
        desk.count(database, 4, *SKUS, warehouse=house)
    for minutes, (what, number, lines) in enumerate(history):
        before = {(row["warehouse"], row["sku"]): row["reserved"] for row in ledger(database)}
        if what == "count":
            for sku, count in lines.items():
                desk.count(database, count, sku, warehouse=HOUSES[number])
        elif what == "serve":
            serve(database, route)
        else:
            cancelled = {"status": OrderStatus.CANCELLED} if what == "cancel" else {}
            order = version(number, minutes, lines or {"LAMP": 1}, channel, **cancelled)
            desk.deliver(database, [desk.received(order)], source=route.source)
            desk.judge(database, route=route)
        holds(database)
        for row in ledger(database):  # what was promised before a count may exceed it; nothing new is promised on top
            key = (row["warehouse"], row["sku"])
            assert row["reserved"] <= max(row["on_hand"], before.get(key, Decimal(0))), row


def test_conservation_when_many_work_at_once(database: Database) -> None:
    """Four channels change and cancel orders over the same stock, with counts and deliveries of stock in between."""
    adopt(database, "{split: allow, backorder: all}")
    for house in HOUSES:
        desk.count(database, 10, *SKUS, warehouse=house)
    failed: list[BaseException] = []
    routes = [Route(f"smartstore-shop/many-{turn}", "tryton-erp/main") for turn in range(4)]
    for route in routes:
        desk.know(database, *SKUS, channel=route.channel)

    def work(turn: int) -> None:
        dice, route = random.Random(turn), routes[turn]
        try:
            for minutes in range(3):
                orders = []
                for number in range(3):
                    lines = {sku: dice.randint(1, 4) for sku in dice.sample(SKUS, dice.randint(1, 2))}
                    status = {"status": OrderStatus.CANCELLED} if dice.random() < 0.3 else {}
                    orders.append(version(number, minutes, lines, route.channel, **status))
                desk.deliver(database, map(desk.received, orders), source=route.source)
                desk.judge(database, route=route)
                serve(database, route)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    stack.together(*(threading.Thread(target=work, args=(turn,)) for turn in range(4)))
    assert failed == []
    holds(database)
    assert all(row["reserved"] <= row["on_hand"] for row in ledger(database))
