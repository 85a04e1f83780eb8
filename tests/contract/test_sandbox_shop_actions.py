"""The sandbox shop acts, dates and counts stock as the Smartstore Web API does, surprises included."""

from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.sandbox import RunningShop, running_shop
from tests.web_api import act, get, notes

# --- actions


def test_an_action_that_is_not_allowed_does_nothing_and_says_200(api: httpx.Client, order_id: int) -> None:
    act(api, f"Orders({order_id})/Cancel")
    before = get(api, f"Orders({order_id})")
    known = notes(api, order_id)
    for action in ("Cancel", "PaymentPaid", "CompleteOrder", "PaymentCapture", "PaymentRefund"):
        answered = act(api, f"Orders({order_id})/{action}")
        assert answered["OrderStatusId"] == 40
    assert get(api, f"Orders({order_id})") == before
    assert notes(api, order_id) == known


def test_an_undeclared_parameter_is_refused(api: httpx.Client, order_id: int) -> None:
    refused = api.post(f"Orders({order_id})/AddShipment", json={"carrier": "DHL"})
    assert refused.status_code == 400
    assert get(api, f"Orders({order_id})/Shipments")["value"] == []


def test_cancelling_gives_stock_back_and_placing_takes_it(shop: RunningShop, api: httpx.Client) -> None:
    def stock() -> dict[tuple[str, int], int]:
        sets = ("Products", "ProductVariantAttributeCombinations")
        return {
            (name, row["Id"]): row["StockQuantity"]
            for name in sets
            for row in get(api, name, select="Id,StockQuantity", orderby="Id")["value"]
        }

    before = stock()
    ids = shop.orders(20, start=20_000)["ids"]
    taken = sum(before.values()) - sum(stock().values())
    assert taken > 0
    for each in ids:
        act(api, f"Orders({each})/Cancel")
    assert stock() == before


def test_paying_and_delivering_completes_an_order(api: httpx.Client, order_id: int) -> None:
    api.patch(f"Orders({order_id})", json={"PaymentStatusId": 10, "OrderStatusId": 10})
    paid = act(api, f"Orders({order_id})/PaymentPaid", paymentMethodName="Payments.Manual")
    assert (paid["OrderStatusId"], paid["PaymentStatusId"], paid["PaymentMethodSystemName"]) == (
        20,
        30,
        "Payments.Manual",
    )
    shipment = act(api, f"Orders({order_id})/AddShipment", trackingNumber="T1", isShipped=True)
    assert shipment["ShippedDateUtc"]
    assert api.post(f"Orders({order_id})/AddShipment", json={}).content == b""
    assert get(api, f"Orders({order_id})")["ShippingStatusId"] == 30
    shipped = notes(api, order_id)
    act(api, f"Shipments({shipment['Id']})/Ship")
    assert notes(api, order_id) == shipped
    first = act(api, f"Shipments({shipment['Id']})/Deliver")["DeliveryDateUtc"]
    done = get(api, f"Orders({order_id})")
    assert (done["OrderStatusId"], done["ShippingStatusId"]) == (30, 40)
    assert done["CompletedOn"]
    assert act(api, f"Shipments({shipment['Id']})/Deliver")["DeliveryDateUtc"] > first
    assert len(notes(api, order_id)) == len(shipped) + 3


def test_a_partial_shipment_leaves_the_order_partly_shipped(api: httpx.Client) -> None:
    items = get(api, "OrderItems", filter="Quantity gt 1 and BundleData eq null and ItemWeight gt 0", top=1)["value"]
    order_id, item_id = items[0]["OrderId"], items[0]["Id"]
    body = {"OrderId": order_id, "TrackingNumber": "P", "ShipmentItems": [{"OrderItemId": item_id, "Quantity": 1}]}
    shipment = api.post("Shipments", json=body).json()["Id"]
    info = get(api, f"Orders/GetShipmentInfo(id={order_id})")
    assert (info["HasItemsToDispatch"], info["CanAddItemsToShipment"]) == (True, True)
    act(api, f"Shipments({shipment})/Ship")
    assert get(api, f"Orders({order_id})")["ShippingStatusId"] == 25
    counts = get(api, f"OrderItems/GetShipmentInfo(id={item_id})")
    assert (counts["ShipmentItemsCount"], counts["DispatchedItemsCount"]) == (1, 1)
    assert counts["ItemsCanBeAddedToShipmentCount"] == items[0]["Quantity"] - 1


def test_refunds_end_as_partly_refunded_or_refunded(api: httpx.Client, order_id: int) -> None:
    api.patch(f"Orders({order_id})", json={"PaymentStatusId": 30})
    total = get(api, f"Orders({order_id})")["OrderTotal"]
    first = act(api, f"Orders({order_id})/PaymentRefund", amountToRefund=1.5)
    assert (first["PaymentStatusId"], first["RefundedAmount"]) == (35, Decimal("1.5"))
    full = act(api, f"Orders({order_id})/PaymentRefund")
    assert full["RefundedAmount"] == Decimal("1.5")
    rest = act(api, f"Orders({order_id})/PaymentRefund", amountToRefund=float(total - Decimal("1.5")))
    assert (rest["PaymentStatusId"], rest["RefundedAmount"]) == (35, total)


# --- times


def test_notes_and_shipments_do_not_move_the_change_time_of_an_order(api: httpx.Client, order_id: int) -> None:
    before = get(api, f"Orders({order_id})")["UpdatedOnUtc"]
    api.post("OrderNotes", json={"OrderId": order_id, "Note": "seen"})
    act(api, f"Orders({order_id})/AddShipment")
    api.patch(f"Orders({order_id})", json={"OrderStatusId": get(api, f"Orders({order_id})")["OrderStatusId"]})
    assert get(api, f"Orders({order_id})")["UpdatedOnUtc"] == before
    api.patch(f"Orders({order_id})", json={"PurchaseOrderNumber": "new"})
    assert get(api, f"Orders({order_id})")["UpdatedOnUtc"] > before


def test_an_order_can_become_visible_later_than_its_time(shop: RunningShop, api: httpx.Client) -> None:
    late = shop.orders(1, start=30_000, commit_delay=3600)["ids"][0]
    soon = shop.orders(1, start=30_001)["ids"][0]
    query = {"filter": f"Id ge {late}", "orderby": "UpdatedOnUtc,Id", "select": "Id,UpdatedOnUtc"}
    assert [row["Id"] for row in get(api, "Orders", **query)["value"]] == [soon]
    assert get(api, "OrderItems", filter=f"OrderId eq {late}")["value"] == []
    assert shop.admin.post("/admin/orders/commit").json()["committed"] == [late]
    rows = get(api, "Orders", **query)["value"]
    assert [row["Id"] for row in rows] == [late, soon]
    assert rows[0]["UpdatedOnUtc"] < rows[1]["UpdatedOnUtc"]


# --- stock hook


def stocked(api: httpx.Client, activity: int) -> str:
    body = {"Name": "Stock", "ManageInventoryMethodId": 1, "StockQuantity": 5, "MinStockQuantity": 1, "Published": True}
    return api.post("Products", json={**body, "LowStockActivityId": activity}).headers["Location"]


def test_the_stock_rule_hides_and_shows_again_whatever_somebody_wanted(api: httpx.Client) -> None:
    where = stocked(api, activity=2)
    api.patch(where, json={"StockQuantity": 1})
    assert api.get(where).json()["Published"] is False
    api.patch(where, json={"StockQuantity": 1, "Published": True})
    assert api.get(where).json()["Published"] is True  # an equal quantity triggers nothing
    api.patch(where, json={"Published": False})
    api.patch(where, json={"StockQuantity": 7, "Published": False})
    assert api.get(where).json()["Published"] is True  # the rule wins over what was sent along


def test_the_stock_rule_can_disable_buying_and_leaves_others_alone(api: httpx.Client) -> None:
    buying, none = stocked(api, activity=1), stocked(api, activity=0)
    for where in (buying, none):
        api.patch(where, json={"StockQuantity": 0})
    assert (api.get(buying).json()["DisableBuyButton"], api.get(buying).json()["Published"]) == (True, True)
    assert (api.get(none).json()["DisableBuyButton"], api.get(none).json()["Published"]) == (False, True)


def test_a_variants_stock_moves_neither_time_nor_visibility_of_its_product(api: httpx.Client) -> None:
    variant = get(api, "ProductVariantAttributeCombinations", top=1)["value"][0]
    before = get(api, f"Products({variant['ProductId']})")
    api.patch(f"ProductVariantAttributeCombinations({variant['Id']})", json={"StockQuantity": 0})
    assert get(api, f"Products({variant['ProductId']})") == before


# --- versions, orders on demand, state


def test_returns_lie_below_customers_under_the_name_of_the_version(tmp_path: Path) -> None:
    for version, name, status in (
        ("6.4", "ReturnCases", "ReturnCaseStatusId"),
        ("6.3", "ReturnRequests", "ReturnRequestStatusId"),
    ):
        folder = tmp_path / version
        folder.mkdir()
        with running_shop(folder, version=version) as shop, shop.client() as api:
            order = get(api, f"Orders({shop.orders(1)['ids'][0]})")
            shop.add("ReturnCases", CustomerId=order["CustomerId"], OrderItemId=1, Quantity=1)
            rows = get(api, f"Customers({order['CustomerId']})/{name}")["value"]
            assert rows[0][status] == 0
            assert ("Kind" in rows[0], "CompletedOn" in order) == (version == "6.4",) * 2
            condition = f"{name}/any(r: r/UpdatedOnUtc ge 2020-01-01T00:00:00Z)"
            assert [row["Id"] for row in get(api, "Customers", filter=condition)["value"]] == [order["CustomerId"]]
            assert api.get("ReturnCases").status_code == 404


def test_orders_on_demand_are_the_same_for_a_seed_and_tell_their_truth(shop: RunningShop, api: httpx.Client) -> None:
    first, second = (shop.orders(26, seed=9, start=500, bad=0.5, short=0.1) for _ in range(2))
    assert list(first["bad"].values()) == list(second["bad"].values())
    assert len(set(first["bad"].values())) == 13
    truth = shop.truth()
    for place, (one, other) in enumerate(zip(first["ids"], second["ids"], strict=True)):
        same = "OrderGuid,OrderTotal,TaxRates,ShippingMethod"
        assert get(api, f"Orders({one})", select=same) == get(api, f"Orders({other})", select=same), place
        kind = "bad" if str(one) in first["bad"] else "short" if one in first["short"] else "good"
        assert truth[str(one)] == {"kind": kind, "defect": first["bad"].get(str(one))}
    missing = next(key for key, defect in first["bad"].items() if defect == "missing_field")
    assert "OrderTotal" not in get(api, f"Orders({missing})")


def test_a_restarted_shop_has_the_same_rows_and_goes_on_counting(tmp_path: Path) -> None:
    expand = "OrderItems,BillingAddress,Customer,OrderNotes"
    with running_shop(tmp_path) as shop, shop.client() as api:
        ids = shop.orders(5)["ids"]
        api.delete(f"OrderNotes({get(api, 'OrderNotes', orderby='Id desc', top=1)['value'][0]['Id']})")
        before = get(api, "Orders", expand=expand)["value"]
    with running_shop(tmp_path) as shop, shop.client() as api:
        assert get(api, "Orders", expand=expand)["value"] == before
        assert shop.orders(1)["ids"] == [ids[-1] + 1]


def test_a_killed_shop_has_lost_nothing_that_it_answered(tmp_path: Path) -> None:
    with running_shop(tmp_path) as shop, shop.client() as api:
        answered = api.post(
            "GenericAttributes", json={"EntityId": 1, "KeyGroup": "Order", "Key": "k", "Value": "v"}
        ).json()
        shop.faults({"kind": "kill_after", "pid": shop.pid, "method": "POST"})
        with pytest.raises(httpx.TransportError):
            api.post("GenericAttributes", json={"EntityId": 2, "KeyGroup": "Order", "Key": "k", "Value": "v"})
    with running_shop(tmp_path) as shop, shop.client() as api:
        rows = get(api, "GenericAttributes")["value"]
    assert rows[0] == {name: value for name, value in answered.items() if "@" not in name}
    assert [row["EntityId"] for row in rows] == [1, 2]
