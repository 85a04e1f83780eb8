"""Shipments: what is left to send, sending, delivering, and what that does to the order's status."""

from dataclasses import dataclass
from decimal import Decimal

from deployments.sandbox.shop.model import Row
from deployments.sandbox.shop.store import Store, now

PENDING, PROCESSING, COMPLETE = 10, 20, 30
AUTHORISED, PAID = 20, 30
NOT_REQUIRED, PARTLY_SHIPPED, SHIPPED, DELIVERED = 10, 25, 30, 40


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order line has been sent, in pieces."""

    ordered: int
    in_shipments: int
    dispatched: int
    delivered: int

    @property
    def to_add(self) -> int:
        """Return the pieces that are in no shipment yet."""
        return max(self.ordered - self.in_shipments, 0)


def add_note(store: Store, order_id: int, text: str) -> None:
    """Write one of the shop's own notes."""
    store.insert("OrderNotes", {"OrderId": order_id, "Note": text, "CreatedOnUtc": now()})


def progress(store: Store, item: Row) -> Progress:
    """Return how far one order line has been sent."""
    sent = store.tables["ShipmentItems"].where("OrderItemId", item["Id"])
    shipments = store.tables["Shipments"].rows
    pairs = [(shipments[each["ShipmentId"]], each["Quantity"]) for each in sent if each["ShipmentId"] in shipments]
    return Progress(
        ordered=item["Quantity"],
        in_shipments=sum(quantity for _, quantity in pairs),
        dispatched=sum(quantity for shipment, quantity in pairs if shipment["ShippedDateUtc"]),
        delivered=sum(quantity for shipment, quantity in pairs if shipment["DeliveryDateUtc"]),
    )


def shippable(store: Store, order_id: int) -> list[Row]:
    """Return the lines of an order that can be sent at all."""
    products = store.tables["Products"].rows
    items = store.tables["OrderItems"].where("OrderId", order_id)
    return [item for item in items if products.get(item["ProductId"], {}).get("IsShippingEnabled", True)]


def shipment_info(store: Store, order_id: int) -> dict[str, bool]:
    """Return what is still to do for an order, as GetShipmentInfo answers it."""
    found = [progress(store, item) for item in shippable(store, order_id)]
    return {
        "HasItemsToDispatch": any(each.dispatched < each.in_shipments for each in found),
        "HasItemsToDeliver": any(each.delivered < each.dispatched for each in found),
        "CanAddItemsToShipment": any(each.to_add for each in found),
    }


def item_shipment_info(store: Store, item: Row) -> dict[str, int]:
    """Return the counts of one order line, as GetShipmentInfo answers them."""
    found = progress(store, item)
    return {
        "ItemsCanBeAddedToShipmentCount": found.to_add,
        "ShipmentItemsCount": found.in_shipments,
        "DispatchedItemsCount": found.dispatched,
        "NotDispatchedItemsCount": found.in_shipments - found.dispatched,
        "DeliveredItemsCount": found.delivered,
        "NotDeliveredItemsCount": found.in_shipments - found.delivered,
    }


def add_shipment(store: Store, order: Row, given: Row) -> Row | None:
    """Put everything that is left into one shipment; None when nothing is."""
    left = [(item, progress(store, item).to_add) for item in shippable(store, order["Id"])]
    left = [(item, quantity) for item, quantity in left if quantity]
    if not left:
        return None
    shipment = store.insert(
        "Shipments",
        {
            "OrderId": order["Id"],
            "TrackingNumber": given.get("trackingNumber"),
            "TrackingUrl": given.get("trackingUrl"),
            "TotalWeight": sum(((item["ItemWeight"] or 0) * quantity for item, quantity in left), Decimal("0.0000")),
            "CreatedOnUtc": now(),
        },
    )
    for item, quantity in left:
        values = {"ShipmentId": shipment["Id"], "OrderItemId": item["Id"], "Quantity": quantity}
        store.insert("ShipmentItems", values)
    return ship(store, shipment, given) if given.get("isShipped") else shipment


def ship(store: Store, shipment: Row, _: Row) -> Row:
    """Mark a shipment as sent, once."""
    if shipment["ShippedDateUtc"]:
        return shipment
    found = store.update("Shipments", shipment["Id"], {"ShippedDateUtc": now()})
    info = shipment_info(store, shipment["OrderId"])
    partly = info["CanAddItemsToShipment"] or info["HasItemsToDispatch"]
    store.update("Orders", shipment["OrderId"], {"ShippingStatusId": PARTLY_SHIPPED if partly else SHIPPED})
    add_note(store, shipment["OrderId"], f"Shipment #{shipment['Id']} has been sent")
    status_check(store, shipment["OrderId"])
    return found


def deliver(store: Store, shipment: Row, _: Row) -> Row:
    """Mark a shipment as delivered, again on every call."""
    found = store.update("Shipments", shipment["Id"], {"DeliveryDateUtc": now()})
    if not any(shipment_info(store, shipment["OrderId"]).values()):
        store.update("Orders", shipment["OrderId"], {"ShippingStatusId": DELIVERED})
    add_note(store, shipment["OrderId"], f"Shipment #{shipment['Id']} has been delivered")
    status_check(store, shipment["OrderId"])
    return found


def status_check(store: Store, order_id: int) -> Row:
    """Move the order's own status on after a change of payment or shipping."""
    order = store.get("Orders", order_id)
    paid, sent = order["PaymentStatusId"], order["ShippingStatusId"]
    if order["OrderStatusId"] == PENDING and (
        paid in (AUTHORISED, PAID) or sent in (PARTLY_SHIPPED, SHIPPED, DELIVERED)
    ):
        order = store.update("Orders", order_id, {"OrderStatusId": PROCESSING})
        add_note(store, order_id, "Order status has been changed to Processing")
    if order["OrderStatusId"] in (PENDING, PROCESSING) and paid == PAID and sent in (NOT_REQUIRED, DELIVERED):
        order = store.update("Orders", order_id, {"OrderStatusId": COMPLETE})
        add_note(store, order_id, "Order status has been changed to Complete")
    return order
