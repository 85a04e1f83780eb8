"""Placing a drafted order: customer, addresses, order, lines, note and stock, all in the caller's transaction."""

import time
from datetime import UTC, datetime, timedelta

from deployments.sandbox.shop.model import Row
from deployments.sandbox.shop.orders import PAID, Draft
from deployments.sandbox.shop.stock import adjust
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import time_text


def place(store: Store, draft: Draft, at: datetime, tick: int = 0, delay: float = 0.0) -> Row:
    """Place one order.

    Args:
        store: Where to.
        draft: What.
        at: Its time of creation.
        tick: Steps of 100 ns added to its time of change, 0 to 9.
        delay: Seconds for which it stays invisible, as if its transaction had not been committed.
    """
    created, updated = time_text(at - timedelta(milliseconds=680)), time_text(at, tick)
    customer = _customer(store, draft, created)
    billing = store.insert("Addresses", {**draft.billing, "CreatedOnUtc": created})
    shipping = store.insert("Addresses", {**draft.shipping, "CreatedOnUtc": created})
    order = store.insert(
        "Orders",
        {
            **draft.order,
            "CustomerId": customer["Id"],
            "BillingAddressId": billing["Id"],
            "ShippingAddressId": shipping["Id"],
            "PaidDateUtc": updated if draft.payment_status == PAID else None,
            "CreatedOnUtc": created,
            "UpdatedOnUtc": updated,
            "PlacedAt": time_text(datetime.now(UTC)),
            "VisibleFrom": time_text(datetime.fromtimestamp(time.time() + delay, UTC)) if delay else None,
            "Withheld": draft.withheld or None,
            "Truth": f"{draft.kind}:{draft.defect}",
        },
    )
    for item in draft.items:
        store.insert("OrderItems", {**item, "OrderId": order["Id"]})
    note = {"OrderId": order["Id"], "Note": "Order placed", "CreatedOnUtc": created}
    store.insert("OrderNotes", note)
    for sold, quantity in draft.sold:
        adjust(store, sold.product_id, sold.item.sku, -quantity)
    return order


def _customer(store: Store, draft: Draft, created: str) -> Row:
    who = draft.buyer
    if not draft.registered:
        return store.insert(
            "Customers",
            {
                "CustomerGuid": draft.order["OrderGuid"],
                "Active": True,
                "CreatedOnUtc": created,
                "LastActivityDateUtc": created,
            },
        )
    known = store.tables["Customers"].where("Username", who.email)
    if known:
        return known[0]
    customer = store.insert(
        "Customers",
        {
            "CustomerGuid": draft.order["OrderGuid"],
            "Username": who.email,
            "Email": who.email,
            "FirstName": who.first_name,
            "LastName": who.last_name,
            "FullName": f"{who.first_name} {who.last_name}",
            "Company": who.company or None,
            "VatNumberStatusId": 20 if who.vat_number else 10,
            "TaxDisplayTypeId": 10 if who.business else 0,
            "Active": True,
            "CreatedOnUtc": created,
            "LastActivityDateUtc": created,
        },
    )
    home = store.insert("Addresses", {**draft.billing, "OwnerId": customer["Id"], "CreatedOnUtc": created})
    both = {"BillingAddressId": home["Id"], "ShippingAddressId": home["Id"]}
    return store.update("Customers", customer["Id"], both)
