"""Stock between a real shop, a real Tryton and the ledger, through Prefect: what people do there is known here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Connection, Database
from blocks.database.stock_laws import prove_stock
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from flows.master_data import MasterDataRequest, master_data
from flows.order_intake import IntakeRequest, order_intake
from flows.shop_listing import ListingRequest, shop_listing
from flows.stock_history import HistoryRequest, stock_history
from flows.stock_movements import MovementsRequest, stock_movements
from flows.stock_watch import StockWatchRequest, stock_watch
from tasks.shop_listing.watching import Following
from tasks.stock_movements import records
from tasks.stock_movements.summary import MovementSummary
from tasks.stock_movements.watching import Listening, watch
from tests import desk, stack
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work
from tests.sandbox import RunningShop, running_shop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")
ERP = "tryton-erp/moving"


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory, prefect_server: str) -> Iterator[RunningErp]:
    assert prefect_server
    with running_erp(tmp_path_factory.mktemp("erp")) as running:
        running.connector().save("moving", overwrite=True)
        yield running


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, prefect_server: str) -> Iterator[RunningShop]:
    assert prefect_server
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
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


def shown(shop: RunningShop, sku: str) -> int:
    with shop.client() as client:
        found = client.get("Products", params={"$filter": f"Sku eq '{sku}'"}).json()["value"]
    return int(found[0]["StockQuantity"])


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


class Enough(Exception):  # noqa: N818 - it ends a watch, nothing is wrong
    """The shop shows what it should."""


def test_what_comes_in_at_tryton_is_shown_by_the_shop_without_anybody_doing_anything(
    erp: RunningErp, shop: RunningShop, database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, source = Database(database_url.app), "smartstore-shop/moving"
    master_data(MasterDataRequest(shop=source, erp=ERP))
    shop_listing(ListingRequest(source=source, look_again=True))
    before = shown(shop, "HOME-004")
    actor = Actor("stock_movements", "run-1")
    listening, following = Listening(database, actor, ERP, 0.2), Following(database, actor, source, 60)

    def follow(log: Callable[[str], None]) -> bool:
        following.once(log)
        if listening.looks == 1:
            with at_work(erp.connector()) as hands:
                hands.receive("HOME-004", 7)
        if shown(shop, "HOME-004") == before + 7:
            raise Enough
        return False

    with pytest.raises(Enough):
        watch(listening, follow, until=datetime.now(UTC) + timedelta(minutes=2), log=print)
    lags = findings(database.connect, run_id="run-1")
    assert lags == ["from the source into the ledger", "from the source to what moving shows"]
    monkeypatch.setattr("flows.stock_watch.next_end", lambda now, *_: now + timedelta(seconds=1))
    assert stock_watch(StockWatchRequest(erp=ERP, shop=source)).events == 0


def findings(connect: Callable[[], AbstractContextManager[Connection]], *, run_id: str) -> list[str]:
    """Return the ways whose duration the watcher's page shows."""
    with connect() as connection:
        return [str(row["name"]) for row in records.findings(connection, source=ERP, run_id=run_id, limit=5).lags]
