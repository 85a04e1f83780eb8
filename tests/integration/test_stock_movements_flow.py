"""Stock between a real shop, a real Tryton and the ledger, through Prefect: what people do there is known here."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.database.stock_laws import prove_stock
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from flows.master_data import MasterDataRequest, master_data
from flows.order_intake import IntakeRequest, order_intake
from flows.stock_history import HistoryRequest, stock_history
from flows.stock_movements import MovementsRequest, stock_movements
from tasks.stock_movements.summary import MovementSummary
from tests import desk, stack
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work
from tests.sandbox import RunningShop, running_shop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")
ERP = "tryton-erp/moving"


@pytest.fixture
def erp(tmp_path: Path) -> Iterator[RunningErp]:
    with running_erp(tmp_path) as running:
        running.connector().save("moving", overwrite=True)
        yield running


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[RunningShop]:
    with running_shop(tmp_path) as running:
        register(SmartstoreShop)
        SmartstoreShop(
            url=running.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY, payment_methods=PAYMENT_METHODS,
            shipping_methods=SHIPPING_METHODS,
        ).save("moving", overwrite=True)  # fmt: skip
        yield running


def hear() -> MovementSummary:
    return stock_movements(MovementsRequest(source=ERP))


def levels(erp: RunningErp) -> dict[tuple[str, str], Decimal]:
    """Return what Tryton itself says is there, by warehouse and article."""
    found: dict[tuple[str, str], Decimal] = {}
    for page in erp.connector().stock():
        for level in page:
            key = level.warehouse, level.sku
            found[key] = found.get(key, Decimal(0)) + level.on_hand
    return found


def books(database: Database) -> dict[tuple[str, str], Decimal]:
    rows = desk.ask(database, "SELECT warehouse, sku, on_hand FROM stock")
    return {(row["warehouse"], row["sku"]): row["on_hand"] for row in rows}


def held(database: Database, order_id: int) -> Decimal:
    query = "SELECT coalesce(sum(quantity), 0) AS held FROM reservation WHERE order_id = %s"
    return Decimal(desk.ask(database, query, (order_id,))[0]["held"])


def test_what_people_do_in_tryton_is_in_the_ledger_and_takes_reservations_along(
    erp: RunningErp, shop: RunningShop, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    database, route = Database(database_url.app), {"source": "smartstore-shop/moving", "erp": ERP}
    master_data(MasterDataRequest(shop=route["source"], erp=ERP))
    assert books(database) == levels(erp)
    shop.orders(2)
    order_intake(IntakeRequest(**route))
    query = "SELECT o.id, o.channel, o.external_id, r.warehouse, r.sku, r.quantity FROM sales_order o"
    query += " JOIN reservation r ON r.order_id = o.id ORDER BY o.id, r.id LIMIT 1"
    (order,) = desk.ask(database, query)
    sale = f"SOMS-{order['channel']}-{order['external_id']}"
    with at_work(erp.connector()) as hands:
        hands.receive(order["sku"], 7, order["warehouse"])
        hands.transfer("HOME-004", 2)
        hands.ship(sale)
    heard = hear()
    assert heard.events >= 4
    assert heard.on_its_way is not None
    assert books(database) == levels(erp)
    assert held(database, order["id"]) == 0
    again = hear()
    assert (again.events, again.articles) == (0, 0)
    assert master_data(MasterDataRequest(shop=route["source"], erp=ERP)).stock.changed == 0
    told = stock_history(HistoryRequest(sku=order["sku"]))
    assert order["sku"] in told
    pages = {key: Artifact.get(key) for key in ("stock-movements-tryton-erp-moving", "stock-history")}
    assert all(pages.values())
    with database.connect() as connection:
        assert prove_stock(connection).findings == ()
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
