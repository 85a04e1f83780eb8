"""The sandbox shop behaves as the Smartstore Web API does, surprises included."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.sandbox.shop.access import PUBLIC_KEY
from tests.sandbox import RunningShop, running_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        running.orders(130, spread_seconds=3600)
        yield running


@pytest.fixture
def api(shop: RunningShop) -> Iterator[httpx.Client]:
    with shop.client() as client:
        yield client


@pytest.fixture
def order_id(shop: RunningShop) -> int:
    """Return a fresh order."""
    found = shop.orders(1, start=10_000)["ids"]
    return int(found[0])


def exact(answer: httpx.Response) -> Any:
    return json.loads(answer.text, parse_float=Decimal)


def get(api: httpx.Client, path: str, **query: Any) -> Any:
    answer = api.get(path, params={f"${name}": value for name, value in query.items()} if query else None)
    assert answer.status_code == 200, answer.text
    return exact(answer)


def act(api: httpx.Client, path: str, **body: Any) -> Any:
    answer = api.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return exact(answer)


def notes(api: httpx.Client, order_id: int) -> list[str]:
    return [row["Note"] for row in get(api, f"Orders({order_id})/OrderNotes")["value"]]


# --- access


def test_every_answer_carries_the_shops_headers(api: httpx.Client) -> None:
    headers = api.get("Orders?$top=1").headers
    assert headers["Smartstore-Api-AppVersion"] == "6.4.0.0"
    assert headers["Smartstore-Api-Version"] == "1 6.4.0"
    assert headers["Smartstore-Api-MaxTop"] == "120"
    assert headers["Smartstore-Api-CustomerId"] == "1"
    assert headers["Smartstore-Api-Date"].endswith("Z")
    assert len(headers["Smartstore-Api-Date"]) == 28
    assert headers["OData-Version"] == "4.0"
    assert headers["Content-Type"] == "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8"


@pytest.mark.parametrize(
    ("auth", "result", "text"),
    [
        (None, "2", "InvalidAuthorizationHeader"),
        (("0" * 32, "0" * 32), "4", "UserUnknown"),
        ("wrong secret", "3", "InvalidCredentials"),
    ],
)
def test_a_stranger_is_told_why_in_headers(shop: RunningShop, auth: Any, result: str, text: str) -> None:
    auth = (PUBLIC_KEY, "0" * 32) if auth == "wrong secret" else auth
    with shop.client(auth=auth) as client:
        answer = client.get("Orders")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Smartstore.WebApi", charset="UTF-8"'
    assert (answer.headers["Smartstore-Api-AuthResultId"], answer.headers["Smartstore-Api-AuthResultDesc"]) == (
        result,
        text,
    )
    assert "Smartstore-Api-CustomerId" not in answer.headers
    assert answer.json()["error"]["details"] == [{"code": result, "target": "Reason", "message": text}]


def test_a_switched_off_api_and_a_disabled_user_are_told_apart(shop: RunningShop, api: httpx.Client) -> None:
    for setting, result in (("active", "0"), ("user_enabled", "5")):
        shop.admin.patch("/admin/settings", json={setting: False}).raise_for_status()
        answer = api.get("Orders")
        shop.admin.patch("/admin/settings", json={setting: True}).raise_for_status()
        assert (answer.status_code, answer.headers["Smartstore-Api-AuthResultId"]) == (401, result)


def test_plain_http_is_answered_with_421_when_the_shop_insists_on_tls(tmp_path: Path) -> None:
    with running_shop(tmp_path, require_tls=True) as strict, strict.client() as client:
        answer = client.get("Orders")
    assert (answer.status_code, answer.headers["Smartstore-Api-AuthResultId"]) == (421, "1")


def test_a_missing_permission_is_a_500(shop: RunningShop, api: httpx.Client, order_id: int) -> None:
    shop.admin.patch("/admin/settings", json={"denied": ["order.update"]}).raise_for_status()
    refused = api.patch(f"Orders({order_id})", json={"OrderStatusId": 20})
    allowed = api.get(f"Orders({order_id})")
    shop.admin.patch("/admin/settings", json={"denied": []}).raise_for_status()
    assert refused.status_code == 500
    assert "order.update" in refused.json()["error"]["message"]
    assert allowed.json()["OrderStatusId"] != 20 or allowed.status_code == 200


def test_errors_are_pages_for_those_who_do_not_ask_for_json(shop: RunningShop) -> None:
    with shop.client(headers={"Accept": "*/*"}) as client:
        for path, status in (("Orders(99999)", 404), ("Orders?$top=500", 400)):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["Content-Type"][:9]) == (status, "text/html")


# --- reading


def test_a_page_without_top_ends_at_max_top_and_links_to_the_next(api: httpx.Client) -> None:
    first = get(api, "Orders", select="Id", count="true", filter="Id le 130")
    assert (len(first["value"]), first["@odata.count"]) == (120, 130)
    second = exact(api.get(first["@odata.nextLink"]))
    assert "@odata.nextLink" not in second
    assert [row["Id"] for row in first["value"] + second["value"]] == list(range(1, 131))


def test_a_page_with_top_has_no_next_link(api: httpx.Client) -> None:
    page = get(api, "Orders", top=5, skip=2, orderby="Id desc", filter="Id le 130")
    assert [row["Id"] for row in page["value"]] == [128, 127, 126, 125, 124]
    assert "@odata.nextLink" not in page
    assert api.get("Orders?$top=121").status_code == 400


def test_count_is_also_an_address(api: httpx.Client) -> None:
    assert api.get("Orders/$count?$filter=Id le 30").text == "30"


def test_long_expanded_collections_are_cut_only_without_top(
    shop: RunningShop, api: httpx.Client, order_id: int
) -> None:
    for number in range(125):
        shop.add("OrderNotes", OrderId=order_id, Note=f"Note {number}", CreatedOnUtc="2026-01-01T00:00:00Z")
    query = {"filter": f"Id eq {order_id}", "expand": "OrderNotes"}
    cut = get(api, "Orders", **query)["value"][0]
    assert len(cut["OrderNotes"]) == 120
    rest = exact(api.get(cut["OrderNotes@odata.nextLink"]))["value"]
    assert (
        len(cut["OrderNotes"]) + len(rest) == len(get(api, "Orders", top=1, **query)["value"][0]["OrderNotes"]) == 126
    )


def test_orders_come_with_items_and_addresses_two_levels_deep(api: httpx.Client) -> None:
    expand = "OrderItems($select=Sku,Quantity),ShippingAddress($expand=Country($select=TwoLetterIsoCode)),Customer"
    found = get(api, "Orders", top=1, select="Id,OrderTotal", expand=expand)
    context = (
        "$metadata#Orders(Id,OrderTotal,OrderItems(Sku,Quantity),ShippingAddress(Country(TwoLetterIsoCode)),Customer())"
    )
    assert found["@odata.context"].endswith(context)
    row = found["value"][0]
    assert set(row) == {"Id", "OrderTotal", "OrderItems", "ShippingAddress", "Customer"}
    assert set(row["OrderItems"][0]) == {"Sku", "Quantity"}
    assert row["ShippingAddress"]["Country"]["TwoLetterIsoCode"] in ("DE", "AT", "CH")


def test_decimals_keep_the_scale_of_their_column(api: httpx.Client) -> None:
    text = api.get("Orders?$top=1").text
    assert '"CurrencyRate":1.00000000,' in text or '"CurrencyRate":0.94250000,' in text
    assert isinstance(exact(api.get("Orders(1)"))["OrderTotal"], Decimal)
    assert exact(api.get("Orders(1)"))["OrderTotal"].as_tuple().exponent == -4


def test_keyset_paging_by_change_time_meets_every_order_once(api: httpx.Client) -> None:
    seen: list[int] = []
    condition = "Id le 130"
    while rows := get(api, "Orders", filter=condition, orderby="UpdatedOnUtc,Id", top=17, select="Id,UpdatedOnUtc")[
        "value"
    ]:
        seen += [row["Id"] for row in rows]
        last, number = rows[-1]["UpdatedOnUtc"], rows[-1]["Id"]
        condition = f"Id le 130 and ((UpdatedOnUtc gt {last}) or (UpdatedOnUtc eq {last} and Id gt {number}))"
    assert sorted(seen) == list(range(1, 131))
    assert len(seen) == 130


def test_status_names_and_hidden_columns_are_not_in_the_json(api: httpx.Client) -> None:
    row = get(api, "Orders(1)")
    assert {"OrderStatusId", "PaymentStatusId", "ShippingStatusId"} <= set(row)
    assert not {"OrderStatus", "Truth", "Withheld", "VisibleFrom", "PlacedAt"} & set(row)
    assert "Deleted" not in get(api, "Products(1)")
    assert row["OrderNumber"] is None


def test_an_unknown_id_is_answered_without_odata_on_get_and_with_it_otherwise(api: httpx.Client) -> None:
    read, changed = api.get("Orders(99999)"), api.patch("Orders(99999)", json={})
    assert (read.status_code, read.json()["path"], read.json()["statusCode"]) == (404, "/odata/v1/Orders(99999)", 404)
    assert (changed.status_code, changed.json()["error"]["code"]) == (404, "404")
    assert api.get("Orders/99999").status_code == 404


def test_articles_lie_in_products_combinations_and_bundle_items(api: httpx.Client) -> None:
    variants = get(api, "ProductVariantAttributeCombinations", filter="Sku eq 'WEAR-01-RED-M'", expand="Product")[
        "value"
    ]
    assert variants[0]["Product"]["Sku"] == "WEAR-01"
    assert variants[0]["Product"]["ManageInventoryMethodId"] == 2
    bundle = get(api, "Products", filter="Sku eq 'SET-01'", expand="ProductBundleItems($expand=Product)")["value"][0]
    assert bundle["ProductTypeId"] == 15
    assert [part["Quantity"] for part in bundle["ProductBundleItems"]] == [1, 2]
    assert all(part["Product"]["Sku"].startswith("HOME-") for part in bundle["ProductBundleItems"])


def test_a_bundle_line_names_its_parts(api: httpx.Client) -> None:
    line = get(api, "OrderItems", filter="BundleData ne null", top=1)["value"][0]
    assert "<Quantity>2</Quantity>" in line["BundleData"]
    assert "<Sku>HOME-" in line["BundleData"]


# --- writing


def test_post_fills_what_is_not_sent_with_type_defaults(api: httpx.Client) -> None:
    answer = api.post("Products", json={"Name": "Bare", "Sku": "HOME-001"})
    row = answer.json()
    assert (answer.status_code, answer.headers["Location"].rpartition("/")[2]) == (201, f"Products({row['Id']})")
    assert (row["Published"], row["ProductTypeId"], row["Visibility"]) == (False, 0, "Full")
    assert row["CreatedOnUtc"].startswith("20")
    note = api.post("OrderNotes", json={"OrderId": 1, "Note": "x"}).json()
    assert note["CreatedOnUtc"].startswith("0001-")


def test_prefer_decides_whether_the_entity_comes_back(api: httpx.Client) -> None:
    created = api.post("TaxCategories", json={"Name": "New"}, headers={"Prefer": "return=minimal"})
    assert (created.status_code, created.content) == (204, b"")
    where = created.headers["Location"]
    assert api.patch(where, json={"DisplayOrder": 9}).status_code == 204
    changed = api.patch(where, json={"DisplayOrder": 10}, headers={"Prefer": "return=representation"})
    assert (changed.status_code, changed.json()["DisplayOrder"], changed.json()["Name"]) == (200, 10, "New")
    assert api.put(where, json={"Name": "Put"}).status_code == 204
    assert api.get(where).json()["DisplayOrder"] == 0
    assert api.delete(where).status_code == 204
    assert api.get(where).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Nonsense": 1}, 400),
        ({"orderId": 1}, 400),
        ({"OrderId": "1"}, 400),
        ({"OrderId": 1}, 400),  # a note is required
        ({"OrderId": 99_999, "Note": "x"}, 422),
    ],
)
def test_a_body_that_does_not_fit_is_refused(api: httpx.Client, body: dict[str, Any], status: int) -> None:
    assert api.post("OrderNotes", json=body).status_code == status


def test_bodies_must_be_json_and_say_so(api: httpx.Client) -> None:
    assert api.post("Orders(1)/PaymentPending").status_code == 415
    broken = api.post("OrderNotes", content="{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400


def test_a_sync_mapping_is_unique_both_ways(api: httpx.Client) -> None:
    body = {"EntityId": 1, "EntityName": "Order", "ContextName": "SOMS", "SourceKey": "SOMS-1"}
    assert api.post("SyncMappings", json=body).status_code == 201
    assert api.post("SyncMappings", json=body).status_code == 422
    assert api.post("SyncMappings", json={**body, "SourceKey": "other"}).status_code == 422
    assert api.post("SyncMappings", json={**body, "EntityId": 2}).status_code == 422
    assert api.post("SyncMappings", json={**body, "ContextName": "other"}).status_code == 201
    assert len(get(api, "SyncMappings", filter="SourceKey eq 'SOMS-1'")["value"]) == 2


def test_deleting_a_generic_attribute_says_204_and_does_nothing(api: httpx.Client) -> None:
    body = {"EntityId": 1, "KeyGroup": "Order", "Key": "Oms.Status", "Value": "taken", "StoreId": 0}
    where = api.post("GenericAttributes", json=body).headers["Location"]
    assert api.delete(where).status_code == 204
    assert api.get(where).json()["Value"] == "taken"
    protected = {**body, "KeyGroup": "Customer", "Key": "WebApiUserData"}
    assert api.post("GenericAttributes", json=protected).status_code == 403


def test_deleted_orders_and_products_vanish_but_stay(api: httpx.Client, order_id: int) -> None:
    assert api.delete(f"Orders({order_id})").status_code == 204
    assert api.get(f"Orders({order_id})").status_code == 404
    assert get(api, "Orders", filter=f"Id eq {order_id}")["value"] == []
    product = api.post("Products", json={"Name": "Gone"}).json()["Id"]
    api.delete(f"Products({product})")
    assert get(api, "Products", filter=f"Id eq {product}")["value"] == []
    assert product in [row["Id"] for row in get(api, "Products/RecycleBin")["value"]]


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
