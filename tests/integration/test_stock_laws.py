"""T-INV-5: whoever takes a row out of the ledger, or changes stock past it, is found out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.database.engine import Database
from blocks.database.stock_laws import StockProof, prove_stock
from blocks.database.stock_ledger import book_movements
from blocks.documents.stock import MovementKind, StockMovement
from deployments.stack.embedded_postgres import Cluster
from tests import desk
from tests.orders import a_line
from tests.stack import DatabaseUrls

SPOIL = "SET session_replication_role = replica; "
"""The tables' owner can set guards aside; a superuser can do so for good."""


@pytest.fixture
def database(database_url: DatabaseUrls) -> Database:
    """Return a merchant with an order, a ledger with counts, a receipt, and a sale that came too late."""
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 6, "LAMP", "BOOK")
    desk.take_in(database, desk.an_order_of([a_line("LAMP", 2, "10.00")]))
    now = datetime.now(UTC)
    came = [
        StockMovement(event_id=kind, kind=MovementKind(kind), sku="LAMP", warehouse="EAST", quantity=Decimal(3),
                      happened_at=now + timedelta(minutes=minutes))
        for kind, minutes in (("receipt", 5), ("return", -600))
    ]  # fmt: skip
    with database.audited(desk.ACTOR) as (connection, trail):
        book_movements(connection, trail, source="tryton-erp/main", movements=came)
    return database


def prove(database: Database) -> StockProof:
    with database.connect() as connection:
        return prove_stock(connection)


def test_stock_that_nobody_touched_is_in_order(database: Database) -> None:
    proof = prove(database)
    assert proof.findings == ()
    assert proof.sentence() == "Stock is in order: 2 articles in warehouses, 4 events, 1 reservations."


@pytest.mark.parametrize(
    ("spoilt", "law", "place"),
    [
        ("DELETE FROM stock_event WHERE kind = 'receipt'", "ledger", "EAST:LAMP"),
        ("DELETE FROM reservation", "reservations", "EAST:LAMP"),
        ("DELETE FROM stock_event WHERE sku = 'BOOK'", "trail", "stock_event 2"),
        ("DELETE FROM stock_event WHERE ignored IS NOT NULL", "trail", "stock_event 3"),
        ("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'BOOK'", "ledger", "EAST:BOOK"),
        ("UPDATE stock SET reserved = 1 WHERE sku = 'BOOK'", "reservations", "EAST:BOOK"),
        ("DELETE FROM stock WHERE sku = 'BOOK'", "ledger", "EAST:BOOK"),
        ("UPDATE sales_order SET status = 'cancelled'", "orders", "order "),
        ("UPDATE reservation SET quantity = -1", "orders", "order "),
    ],
)
def test_t_inv_5_whatever_is_taken_out_of_the_ledger_by_sql_is_reported(
    database: Database, postgres_cluster: Cluster, spoilt: str, law: str, place: str
) -> None:
    """T-INV-5: also where the sums still agree, because an event changed nothing or was an article's only one."""
    desk.change(postgres_cluster.url(database=database.url.rpartition("/")[2]), SPOIL + spoilt)
    findings = prove(database).findings
    assert [finding.place for finding in findings if finding.law == law and finding.place.startswith(place)], findings
