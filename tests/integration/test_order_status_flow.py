"""Statuses between a real shop and a real Tryton, through Prefect: defined without code, seen in both, in time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.artifacts import Artifact

from blocks.database import rulebooks
from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.erps.tryton_rpc import TrytonRpc
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from flows.master_data import MasterDataRequest, master_data
from flows.order_intake import IntakeRequest, order_intake
from flows.order_status import StatusRequest, order_status
from flows.set_order_status import SetStatusRequest, set_order_status
from tasks.order_status.ruling import KIND, NAME
from tests import stack
from tests.erp import RunningErp, running_erp
from tests.integration.test_order_status import ENGRAVING
from tests.sandbox import RunningShop, running_shop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningErp]:
    with running_erp(tmp_path_factory.mktemp("erp")) as running:
        yield running


@pytest.fixture
def tryton(erp: RunningErp) -> Iterator[TrytonRpc]:
    with erp.connector()._conversation() as conversation:
        yield conversation


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[RunningShop]:
    with running_shop(tmp_path) as running:
        yield running


class World:
    """A shop whose orders are in a Tryton, and what both show of them."""

    def __init__(self, shop: RunningShop, tryton: TrytonRpc, channel: str) -> None:
        """Let the shop sell and take its orders in."""
        self.shop, self.tryton, self.channel = shop, tryton, channel
        self.route = {"source": f"smartstore-shop/{channel}", "erp": "tryton-erp/status"}
        master_data(MasterDataRequest(shop=self.route["source"], erp=self.route["erp"]))
        self.orders = [str(number) for number in shop.orders(3)["ids"]]
        order_intake(IntakeRequest(**self.route))
        booked = self.rows("SELECT external_id FROM sales_order WHERE erp_number IS NOT NULL")
        assert sorted(row["external_id"] for row in booked) == self.orders

    def bring_together(self) -> Any:
        """Poll the shop as order intake does, then run the process."""
        order_intake(IntakeRequest(**self.route))
        return order_status(StatusRequest(**self.route))

    @staticmethod
    def rows(query: str, values: Any = ()) -> list[dict[str, Any]]:
        """Return rows of our database."""
        with Database.current().connect() as connection:
            return connection.execute(query, values).fetchall()

    def of(self, entity_set: str, condition: str) -> list[dict[str, Any]]:
        """Return rows of the shop."""
        with self.shop.client() as client:
            found: list[dict[str, Any]] = client.get(entity_set, params={"$filter": condition}).json()["value"]
            return found

    def in_shop(self, order: str) -> tuple[int, int]:
        """Return the shop's order and shipping status."""
        (row,) = self.of("Orders", f"Id eq {order}")
        return row["OrderStatusId"], row["ShippingStatusId"]

    def sale(self, order: str) -> dict[str, Any]:
        """Return the sale in Tryton."""
        domain = [["reference", "=", f"SOMS-{self.channel}-{order}"]]
        (found,) = self.tryton.search_read("sale.sale", domain, ["state", "shipment_state", "shipments"])
        return found

    def ship_in_tryton(self, order: str) -> None:
        """Do what a person in the warehouse does."""
        for button in ("assign_try", "pick", "pack", "do"):
            self.tryton.model("stock.shipment.out", button, self.sale(order)["shipments"])

    def lifecycle(self, order: str) -> str:
        """Return the order's status."""
        (row,) = self.rows("SELECT lifecycle FROM sales_order WHERE external_id = %s", (order,))
        return str(row["lifecycle"])


@pytest.fixture
def world(shop: RunningShop, erp: RunningErp, tryton: TrytonRpc, request: pytest.FixtureRequest) -> World:
    channel = request.node.originalname.replace("_", "-")[5:12]
    connector = SmartstoreShop(
        url=shop.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY,
        payment_methods=PAYMENT_METHODS, shipping_methods=SHIPPING_METHODS,
    )  # fmt: skip
    for kind in (SmartstoreShop, type(erp.connector())):
        register(kind)
    connector.save(channel, overwrite=True)
    erp.connector().save("status", overwrite=True)
    return World(shop, tryton, channel)


def test_t_sta_1_a_status_defined_as_data_is_seen_in_shop_and_erp(
    world: World, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    with Database.current().audited(Actor("desk", name="ann")) as (connection, trail):
        rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=ENGRAVING, by="ann", reason="engraving")
    order = world.orders[0]
    world.bring_together()
    assert world.lifecycle(order) == "processing"
    form = {"order": order, "status": "awaiting_engraving", "reason": "a ring", "by": "ann", **world.route}
    assert "Told: 2, refused: 0" in set_order_status(SetStatusRequest(**form))
    notes = world.of("OrderNotes", f"OrderId eq {order} and DisplayToCustomer eq true")
    assert [note["Note"] for note in notes] == ["Status: Wartet auf Gravur"]
    (attribute,) = world.of("GenericAttributes", f"EntityId eq {order} and Key eq 'Oms.Status'")
    assert attribute["Value"] == "awaiting_engraving"
    sale = f"sale.sale,{world.sale(order)['id']}"
    (note,) = world.tryton.search_read("ir.note", [["resource", "=", sale]], ["message"])
    assert note["message"].startswith("Status: Wartet auf Gravur [")
    world.bring_together()
    assert world.lifecycle(order) == "awaiting_engraving", "What the systems said before does not take it back."
    world.ship_in_tryton(order)
    world.bring_together()
    assert (world.lifecycle(order), world.in_shop(order)[0]) == ("complete", 30)
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_t_sta_3_what_is_shipped_in_one_system_is_shipped_in_all_and_the_lag_is_shown(world: World) -> None:
    in_erp, in_oms, waiting = world.orders
    world.bring_together()
    assert {world.lifecycle(order) for order in world.orders} == {"processing"}
    assert {world.in_shop(order)[0] for order in world.orders} == {20}
    world.ship_in_tryton(in_erp)
    summary = world.bring_together()
    assert (summary.moved, summary.told, summary.refused) == (1, 1, 0)
    assert world.in_shop(in_erp)[0] == 30
    form = {"order": in_oms, "status": "complete", "reason": "handed over", "by": "ann", **world.route}
    assert "Told: 2, refused: 0" in set_order_status(SetStatusRequest(**form))
    assert world.in_shop(in_oms)[0] == 30
    assert world.sale(in_oms)["shipment_state"] == "sent"
    assert world.in_shop(waiting) == (20, 20)
    summary = world.bring_together()
    assert (summary.moved, summary.told, summary.refused, summary.overruled, summary.unmapped) == (0, 0, 0, 0, 0)
    page = str(getattr(Artifact.get(f"order-status-{world.channel}"), "data", ""))
    assert "## Lag per system" in page
    assert page.count("| told |") == 2
    assert page.count("| heard |") == 2
    assert order_status(StatusRequest(**world.route)).idle
    aside = world.rows("SELECT external_id, faults FROM quarantine WHERE state = 'open'")
    assert aside == [], "What SOMS itself changes in the shop surprises order intake nowhere."
