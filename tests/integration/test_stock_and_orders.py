"""Goods of orders leave, come back and are given up: stock and reservations move together, to the piece."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import quarantine, rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_laws import prove_stock
from blocks.database.stock_ledger import Booked, book_movements
from blocks.documents.orders import Order, OrderStatus
from blocks.documents.stock import MovementKind, StockMovement
from tasks.order_intake import delivery, selling
from tasks.order_intake.serving import serve_waiting
from tests import desk
from tests.orders import PLACED, a_line, an_order
from tests.outside import Erp, deliver
from tests.stack import DatabaseUrls

NOON = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def database(database_url: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return a merchant with ten LAMPs; at the end stock must obey its laws and the trail prove all of it."""
    erp = Erp()
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", lambda _name: erp)
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 10, "LAMP", "BOOK")
    yield database
    with database.connect() as connection:
        assert prove_stock(connection).findings == ()
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def lamps(pieces: int, number: str = "", minutes: int = 0, **changes: Any) -> Order:
    order = an_order(lines=[a_line("LAMP", pieces, "10.00")], **changes)
    order = desk.numbered(order, int(number) if number else None)
    return order.model_copy(update={"changed_at": PLACED + timedelta(minutes=minutes)})


def sold(database: Database, order: Order) -> str:
    """Take the order in and have its sale made; return the sale's reference."""
    assert desk.take_in(database, order).accepted == 1
    deliver(database)
    return f"SOMS-{order.channel}-{order.external_id}"


def moved(event: str, kind: str, quantity: int, sale: str = "", *, minutes: float = 0, **fields: Any) -> StockMovement:
    usual = {"sku": "LAMP", "warehouse": "EAST", "happened_at": NOON + timedelta(minutes=minutes)}
    return StockMovement(
        event_id=event, kind=MovementKind(kind), quantity=Decimal(quantity), sale=sale, **{**usual, **fields}
    )


def book(database: Database, *movements: StockMovement, closed: tuple[str, ...] = ()) -> Booked:
    with database.audited(desk.ACTOR) as (connection, trail):
        return book_movements(connection, trail, source="tryton-erp/main", movements=movements, closed_sales=closed)


def stand(database: Database, warehouse: str = "EAST", sku: str = "LAMP") -> tuple[int, int]:
    """Return what is on hand and what of it is reserved."""
    query = "SELECT on_hand, reserved FROM stock WHERE (warehouse, sku) = (%s, %s)"
    (row,) = desk.ask(database, query, (warehouse, sku))
    return int(row["on_hand"]), int(row["reserved"])


def held(database: Database, order: Order) -> int:
    query = "SELECT coalesce(sum(quantity), 0) AS held FROM reservation r JOIN sales_order o ON o.id = r.order_id"
    (row,) = desk.ask(database, f"{query} WHERE external_id = %s", (order.external_id,))
    return int(row["held"])


def change(database: Database, order: Order) -> None:
    """Take in a newer version of an order whose sale is in the ERP; a person releases it."""
    desk.take_in(database, order)
    with database.audited(desk.ACTOR) as (connection, trail):
        waiting = connection.execute("SELECT id FROM quarantine WHERE state = 'open'").fetchall()
        quarantine.release(connection, trail, [row["id"] for row in waiting], by="anna", reason="Changed there too.")
    desk.judge(database)


def test_t_inv_3_order_6_refund_4_before_shipment_ship_2_leaves_nothing_reserved(database: Database) -> None:
    """T-INV-3: told by the shop as a changed order, and by the ERP as a sale that is closed."""
    order = lamps(6)
    sale = sold(database, order)
    assert stand(database) == (10, 6)
    change(database, lamps(2, order.external_id, minutes=1))
    assert stand(database) == (10, 2)
    book(database, moved("1", "shipment", -2, sale), closed=(sale,))
    assert (stand(database), held(database, order)) == ((8, 0), 0)


def test_t_inv_3_the_same_where_only_the_erp_knows_of_the_refund(database: Database) -> None:
    order = lamps(6)
    sale = sold(database, order)
    book(database, moved("1", "shipment", -2, sale))
    assert stand(database) == (8, 4)
    assert book(database, closed=(sale,)).skus == {"LAMP"}
    assert (stand(database), held(database, order)) == ((8, 0), 0)
    assert book(database, closed=(sale,)).skus == frozenset()
    told = [row["kind"] for row in desk.ask(database, "SELECT kind FROM audit_event")]
    assert told.count("order.sale_closed") == 1


def test_t_inv_4_invoice_3_of_5_ship_2_credit_3_with_restock_comes_out_even(database: Database) -> None:
    """T-INV-4: 2 of the 3 credited come back, the third never left; 2 are still to be shipped."""
    order = lamps(5)
    sale = sold(database, order)
    book(database, moved("1", "shipment", -2, sale))
    assert stand(database) == (8, 3)
    book(database, moved("2", "return", 2, sale, minutes=1))
    assert stand(database) == (10, 3)
    change(database, lamps(4, order.external_id, minutes=1))  # 2 shipped, 2 to come; the credited third is given up
    assert (stand(database), held(database, order)) == ((10, 2), 2)
    book(database, moved("3", "shipment", -2, sale, minutes=2), closed=(sale,))
    assert (stand(database), held(database, order)) == ((8, 0), 0)


def test_t_inv_4_partly_shipped_and_then_cancelled_gives_back_the_rest_and_no_more(database: Database) -> None:
    order = lamps(5)
    sale = sold(database, order)
    book(database, moved("1", "shipment", -2, sale))
    change(database, lamps(5, order.external_id, minutes=1, status=OrderStatus.CANCELLED))
    assert (stand(database), held(database, order)) == ((8, 0), 0)
    book(database, closed=(sale,))
    assert stand(database) == (8, 0)


def test_a_changed_order_reserves_only_what_has_not_left_yet(database: Database) -> None:
    order = lamps(5)
    sale = sold(database, order)
    book(database, moved("1", "shipment", -2, sale))
    change(database, lamps(6, order.external_id, minutes=1))
    assert stand(database) == (8, 4)


def test_a_shipment_heard_after_the_count_that_saw_it_still_takes_its_reservation_down(database: Database) -> None:
    order = lamps(4)
    sale = sold(database, order)
    book(database, moved("count", "count", 6, minutes=5))
    assert stand(database) == (6, 4)
    assert book(database, moved("1", "shipment", -4, sale, minutes=4)).late == 1
    assert (stand(database), held(database, order)) == ((6, 0), 0)


def test_a_shipment_from_elsewhere_takes_the_reservation_where_it_is(database: Database) -> None:
    desk.count(database, 3, "LAMP", warehouse="WEST")
    sale = sold(database, lamps(4))
    book(database, moved("1", "shipment", -3, sale, warehouse="WEST"))
    assert (stand(database, "WEST"), stand(database)) == ((0, 0), (10, 1))


def test_more_is_never_taken_up_than_the_order_holds(database: Database) -> None:
    first, second = sold(database, lamps(2)), sold(database, lamps(3))
    book(database, moved("1", "shipment", -4, first))
    assert stand(database) == (6, 3)
    book(database, moved("2", "shipment", -3, second, minutes=1))
    assert stand(database) == (3, 0)


def test_a_shipment_that_is_undone_is_reserved_again_once(database: Database) -> None:
    order = lamps(4)
    sale = sold(database, order)
    book(database, moved("1", "shipment", -3, sale))
    book(database, moved("1/undone", "void", 3, sale, minutes=1))
    assert (stand(database), held(database, order)) == ((10, 4), 4)
    book(database, moved("2", "shipment", -4, sale, minutes=2))
    assert (stand(database), held(database, order)) == ((6, 0), 0)


def test_goods_sold_beyond_stock_that_ship_as_they_come_in_are_waited_for_no_more(database: Database) -> None:
    adopt(database, "{backorder: all}")
    order = lamps(12)
    sale = sold(database, order)
    assert stand(database) == (10, 10)
    book(database, moved("1", "receipt", 5), moved("2", "shipment", -12, sale, minutes=1), closed=(sale,))
    serve(database)
    assert (stand(database), held(database, order)) == ((3, 0), 0)
    assert desk.ask(database, "SELECT id FROM backorder WHERE served_at IS NULL") == []


def test_a_closed_sale_is_waited_for_no_more(database: Database) -> None:
    adopt(database, "{backorder: all}")
    sale = sold(database, lamps(12))
    book(database, moved("1", "shipment", -10, sale), closed=(sale,))
    desk.count(database, 20, "LAMP")
    serve(database)
    assert desk.ask(database, "SELECT id FROM backorder WHERE served_at IS NULL") == []
    assert stand(database)[1] == 0


def test_of_an_order_in_parts_a_closed_sale_gives_back_what_its_own_part_held(database: Database) -> None:
    adopt(database, "{split: allow}")
    desk.count(database, 4, "LAMP", warehouse="WEST")
    order = lamps(12)
    sale = sold(database, order)
    assert (stand(database), stand(database, "WEST")) == ((10, 10), (4, 2))
    book(database, moved("1", "shipment", -2, f"{sale}~2", warehouse="WEST"), closed=(f"{sale}~2",))
    assert (stand(database), stand(database, "WEST")) == ((10, 10), (2, 0))
    book(database, moved("2", "shipment", -7, sale), closed=(sale,))
    assert (stand(database), held(database, order)) == ((3, 0), 0)


def test_movements_of_sales_that_are_not_ours_move_stock_alone(database: Database) -> None:
    sold(database, lamps(4))
    names = ("SO-17", "SOMS-", "SOMS-berlin-unknown", "SOMS-berlin-4711~x")
    movements = [moved(name, "shipment", -1, name, minutes=at) for at, name in enumerate(names)]
    book(database, *movements, closed=names)
    assert stand(database) == (6, 4)


def adopt(database: Database, policy: str) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        content = f"allocation: {policy}\n"
        rulebooks.activate(
            connection, trail, kind="order_rules", name="orders", content=content, by="anna", reason="A test."
        )


def serve(database: Database) -> None:
    serve_waiting(database, desk.ACTOR, desk.PlainShop(), desk.BERLIN, batch=10)
