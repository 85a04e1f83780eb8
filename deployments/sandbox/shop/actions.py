"""Order actions with the shop's guards: what is not allowed changes nothing and is still answered with 200."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from deployments.sandbox.shop import shipments
from deployments.sandbox.shop.model import Column, Kind, Row
from deployments.sandbox.shop.shipments import add_note, status_check
from deployments.sandbox.shop.stock import give_back
from deployments.sandbox.shop.store import Store, now
from deployments.sandbox.shop.values import Refusal, read_value

CANCELLED, COMPLETE = 40, 30
AUTHORISED, PAID, PARTLY_REFUNDED, REFUNDED = 20, 30, 35, 40
NOT_REQUIRED, DELIVERED = 10, 40


@dataclass(frozen=True, slots=True)
class Action:
    """A bound action: its declared parameters, and what it does; None as result is an empty answer."""

    parameters: Mapping[str, Kind]
    run: Callable[[Store, Row, Row], Row | None]


def arguments(action: Action, body: Mapping[str, Any]) -> Row:
    """Check the body of an action against its declaration.

    Raises:
        Refusal: 400, an undeclared parameter or a value that does not fit.
    """
    found: Row = {}
    for name, value in body.items():
        kind = action.parameters.get(name)
        if kind is None:
            raise Refusal(
                400, f"The parameter '{name}' in the request payload is not a valid parameter for the operation."
            )
        found[name] = read_value(value, Column(name, kind, nullable=True, size=4 if kind is Kind.DECIMAL else 0))
    return found


def _payment_pending(store: Store, order: Row, _: Row) -> Row:
    return store.update("Orders", order["Id"], {"PaymentStatusId": 10})


def _payment_paid(store: Store, order: Row, given: Row) -> Row:
    if given.get("paymentMethodName"):
        order = store.update("Orders", order["Id"], {"PaymentMethodSystemName": given["paymentMethodName"]})
    return _mark_paid(store, order)


def _mark_paid(store: Store, order: Row) -> Row:
    if order["OrderStatusId"] == CANCELLED or order["PaymentStatusId"] in (PAID, REFUNDED):
        return order
    store.update("Orders", order["Id"], {"PaymentStatusId": PAID, "PaidDateUtc": now()})
    add_note(store, order["Id"], "Order has been marked as paid")
    return status_check(store, order["Id"])


def _payment_capture(store: Store, order: Row, _: Row) -> Row:
    if order["OrderStatusId"] in (10, CANCELLED) or order["PaymentStatusId"] != AUTHORISED:
        return order
    changes = {
        "PaymentStatusId": PAID,
        "PaidDateUtc": now(),
        "CaptureTransactionId": order["AuthorizationTransactionId"],
        "CaptureTransactionResult": "Success",
    }
    store.update("Orders", order["Id"], changes)
    add_note(store, order["Id"], "Order has been captured")
    return status_check(store, order["Id"])


def _payment_refund(store: Store, order: Row, given: Row) -> Row:
    asked = given.get("amountToRefund") or Decimal(0)
    left = order["OrderTotal"] - order["RefundedAmount"]
    if asked:
        allowed = order["PaymentStatusId"] in (PAID, PARTLY_REFUNDED) and 0 < asked <= left
        first_and_all = asked == order["OrderTotal"]
        status = REFUNDED if first_and_all else PARTLY_REFUNDED
    else:
        allowed = order["PaymentStatusId"] == PAID and order["OrderTotal"] > 0 and not order["RefundedAmount"]
        asked, status = order["OrderTotal"], REFUNDED
    if not allowed:
        return order
    changes = {"RefundedAmount": order["RefundedAmount"] + asked, "PaymentStatusId": status}
    store.update("Orders", order["Id"], changes)
    add_note(store, order["Id"], f"Order has been refunded. Amount = {asked:.2f}")
    return status_check(store, order["Id"])


def _cancel(store: Store, order: Row, _: Row) -> Row:
    if order["OrderStatusId"] == CANCELLED:
        return order
    found = store.update("Orders", order["Id"], {"OrderStatusId": CANCELLED})
    add_note(store, order["Id"], "Order has been cancelled")
    give_back(store, order)
    return found


def _complete(store: Store, order: Row, _: Row) -> Row:
    if order["OrderStatusId"] in (COMPLETE, CANCELLED):
        return order
    order = _mark_paid(store, order)
    if order["ShippingStatusId"] != NOT_REQUIRED:
        store.update("Orders", order["Id"], {"ShippingStatusId": DELIVERED})
    found = status_check(store, order["Id"])
    if found["OrderStatusId"] != COMPLETE:
        raise Refusal(422, "The order could not be completed.")
    return found


def _reorder(_store: Store, _order: Row, _given: Row) -> Row:
    raise Refusal(403, "Reordering is not allowed.")


_NOTIFY = {"notifyCustomer": Kind.BOOLEAN}

ACTIONS: dict[tuple[str, str], Action] = {
    ("Orders", "PaymentPending"): Action({}, _payment_pending),
    ("Orders", "PaymentPaid"): Action({"paymentMethodName": Kind.TEXT}, _payment_paid),
    ("Orders", "PaymentCapture"): Action({}, _payment_capture),
    ("Orders", "PaymentRefund"): Action({"online": Kind.BOOLEAN, "amountToRefund": Kind.DECIMAL}, _payment_refund),
    ("Orders", "Cancel"): Action(_NOTIFY, _cancel),
    ("Orders", "CompleteOrder"): Action({}, _complete),
    ("Orders", "ReOrder"): Action({}, _reorder),
    ("Orders", "AddShipment"): Action(
        {"trackingNumber": Kind.TEXT, "trackingUrl": Kind.TEXT, "isShipped": Kind.BOOLEAN, **_NOTIFY},
        shipments.add_shipment,
    ),
    ("Shipments", "Ship"): Action(_NOTIFY, shipments.ship),
    ("Shipments", "Deliver"): Action(_NOTIFY, shipments.deliver),
}
"""Every bound action by (set, name)."""
