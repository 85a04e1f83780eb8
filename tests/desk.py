"""A small merchant in a fresh database: articles, stock, a plain shop, and orders in its inbox."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import psycopg

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.database.stock_ledger import book_movements
from blocks.documents.orders import Order
from blocks.documents.stock import MovementKind, StockMovement
from blocks.systems.shops.contract import Received
from tasks.order_intake import judging
from tasks.order_intake.judging import KIND, Judged, Route
from tests.orders import an_order

ACTOR = Actor(process="order_intake", run_id="run-1")
BERLIN = Route("smartstore-shop/berlin", "tryton-erp/main")
_numbers = itertools.count(5000)
_counts = itertools.count(1)


class PlainShop:
    """A shop whose records are our own order documents; it has only what judging asks of one."""

    assortment, channel, sends_confirmation_mail = "", "", True
    tells_takeover: ClassVar[bool] = True
    payment_methods = {"Payments.Prepayment": "prepayment"}  # noqa: RUF012 - a Shop has it as a field
    time_zone = "Europe/Berlin"
    shipping_methods = {"Parcel": "parcel"}  # noqa: RUF012

    def read_order(self, received: Received, channel: str) -> Order:
        """Read one record; whatever is wrong with it comes out as whatever pydantic raises."""
        return Order.model_validate_json(received.body).model_copy(update={"channel": channel})


def numbered(order: Order, number: int | None = None, **changes: Any) -> Order:
    """Return the order under a number of its own."""
    name = str(number or next(_numbers))
    return order.model_copy(update={"external_id": name, "number": name, **changes})


def an_order_of(lines: Any, **changes: Any) -> Order:
    """Return a right order under a number of its own."""
    return numbered(an_order(lines=lines), **changes)


def know(database: Database, *skus: str, channel: str = "berlin") -> None:
    """Write articles that may be sold."""
    with database.audited(ACTOR) as (connection, trail):
        for sku in skus:
            connection.execute(
                "INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, tax_category,"
                " stock_managed, in_erp, published, content_hash)"
                " VALUES (%s, %s, '1', '', 'simple', %s, '', '', '', true, true, true, '')",
                (channel, sku, sku),
            )
        trail.add("article.changed", f"source/{channel}", [("article", f"{channel}:{sku}") for sku in skus])


def count(database: Database, pieces: int, *skus: str, warehouse: str = "EAST", at: datetime | None = None) -> None:
    """Count stock anew, at this moment unless another is given; what moves afterwards must have happened later."""
    counted = [
        StockMovement(
            event_id=f"count-{next(_counts)}", kind=MovementKind.COUNT, sku=sku, warehouse=warehouse,
            quantity=Decimal(pieces), happened_at=at or datetime.now(UTC),
        )
        for sku in skus
    ]  # fmt: skip
    with database.audited(ACTOR) as (connection, trail):
        book_movements(connection, trail, source="pos-folder/desk", movements=counted)


def received(order: Order, **changes: Any) -> Received:
    """Return the order as it comes from the shop."""
    body = order.model_copy(update=changes).model_dump_json().encode()
    return Received(order.external_id, body)


def deliver(database: Database, deliveries: Iterable[Received], source: str = BERLIN.source) -> inbox.Stored:
    """Put records into the inbox."""
    with database.audited(ACTOR) as (connection, trail):
        return inbox.store(connection, trail, source=source, kind=KIND, deliveries=list(deliveries))


def judge(database: Database, *, shop: Any = None, route: Route = BERLIN, limit: int = 1000) -> Judged:
    """Judge what is open, in one transaction."""
    with database.audited(ACTOR) as (connection, trail):
        return judging.judge(connection, trail, shop or PlainShop(), route, limit=limit)[0]


def take_in(database: Database, *orders: Order) -> Judged:
    """Deliver orders and judge them."""
    deliver(database, [received(order) for order in orders])
    return judge(database)


def ask(database: Database, query: str, values: Any = ()) -> list[dict[str, Any]]:
    """Return the rows of a query."""
    with database.connect() as connection:
        return connection.execute(query, values).fetchall()


def change(url: str, query: str, values: Sequence[Any] = ()) -> int:
    """Run one statement past everything; return the number of rows it touched."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query, values).rowcount
