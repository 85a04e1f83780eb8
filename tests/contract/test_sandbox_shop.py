"""The sandbox shop lets in, reads and writes as the Smartstore Web API does, surprises included."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.sandbox.shop.access import PUBLIC_KEY
from tests.sandbox import RunningShop, running_shop
from tests.web_api import exact, get

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
