"""Order statuses in Smartstore: read from the raw order, told by its actions, each looked up before and after.

Smartstore answers 200 and does nothing when an action isn't allowed, so the ids are read back after every one. It has
four order statuses and no way to add one: any other is shown as an order note that the customer sees on the order's
page, and every status we tell stands in the generic attribute ``Oms.Status`` of the order, for themes and plugins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from blocks.documents.statuses import LABEL, StatusNotice, StatusSeen, Vocabulary
from blocks.errors import Defect, Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.smartstore_changes import written
from blocks.systems.shops.smartstore_fields import decode, moment
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of, is_id, literal

PENDING, PROCESSING, COMPLETE, CANCELLED = 10, 20, 30, 40
PAID = 30
NOT_REQUIRED, PARTLY_SHIPPED, SHIPPED, DELIVERED = 10, 25, 30, 40

_ORDER_WORDS = {PENDING: "pending", PROCESSING: "processing", COMPLETE: "complete", CANCELLED: "cancelled"}
_SHIPPING_WORDS = {PARTLY_SHIPPED: "partially_shipped", SHIPPED: "shipped", DELIVERED: "delivered"}

WORDS = Vocabulary(
    reports=frozenset(_ORDER_WORDS.values()) | frozenset(_SHIPPING_WORDS.values()),
    settable=frozenset({"processing", "shipped", "delivered", "complete", "cancelled"}),
    shows_labels=True,
)

ATTRIBUTE_GROUP, ATTRIBUTE = "Order", "Oms.Status"
_STATUS_FIELDS = "Id,OrderStatusId,PaymentStatusId,ShippingStatusId"
_SAME_NOTE = timedelta(milliseconds=1)
"""Databases keep the times of notes to different places; ours are further apart than this."""


def word_of(order: Mapping[str, Any]) -> str:
    """Return what the shop says of an order in one word: complete and cancelled go before how far it is shipped."""
    status, shipping = order.get("OrderStatusId"), order.get("ShippingStatusId")
    if status not in _ORDER_WORDS:
        return f"order status {status}"
    if status in (COMPLETE, CANCELLED):
        return _ORDER_WORDS[status]
    return _SHIPPING_WORDS.get(shipping, _ORDER_WORDS[status]) if isinstance(shipping, int) else _ORDER_WORDS[status]


def to_status(body: bytes) -> StatusSeen:
    """Read what a raw order says of its status; pure.

    Raises:
        Unreadable: The record has no id, no status or no time of change.
    """
    try:
        order = decode(body.decode())
    except ValueError:
        order = None
    order = order if isinstance(order, dict) else {}
    changed, number, status = moment(order.get("UpdatedOnUtc")), order.get("Id"), order.get("OrderStatusId")
    if changed is None or not isinstance(number, int) or not isinstance(status, int):
        text = "The order says nothing of its status: Id, OrderStatusId or UpdatedOnUtc is missing or wrong."
        raise Unreadable(text, reasons=(Defect("order", text, "Look at the record in the shop."),))
    return StatusSeen(key=str(number), word=word_of(order), at=changed)


def tell(api: WebApi, notices: Sequence[StatusNotice], *, language: str, notify: bool) -> list[Answer]:
    """Tell the shop of each status once; one answer per notice, in order.

    After the shop stopped answering, the rest is not tried: all of it is to be called again later.
    """
    answers: list[Answer] = []
    for start in range(0, len(notices), MAX_IDS):
        answers += _tell_some(Teller(api, language, notify), notices[start : start + MAX_IDS])
        if isinstance(answers[-1], TryAgainLater):
            return answers + [answers[-1]] * (len(notices) - len(answers))
    return answers


def _tell_some(teller: "Teller", notices: Sequence[StatusNotice]) -> list[Answer]:
    answers: list[Answer] = []
    try:
        teller.look([int(notice.key) for notice in notices if is_id(notice.key)])
    except TryAgainLater as error:
        return [error] * len(notices)
    except Refused as error:
        return [error] * len(notices)
    for notice in notices:
        try:
            answers.append(teller.tell(notice))
        except Refused as error:
            answers.append(error)
        except TryAgainLater as error:
            later = TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
            return answers + [later] * (len(notices) - len(answers))
    return answers


@dataclass(slots=True)
class Teller:
    """Tells one shop, with what it holds of these orders looked up first."""

    api: WebApi
    language: str
    notify: bool
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[int, dict[str, Any]] = field(default_factory=dict)

    def look(self, numbers: Sequence[int]) -> None:
        """Look up where these orders stand and which attribute rows they have; the oldest row of each counts."""
        wanted = sorted(set(numbers))
        if not wanted:
            return
        self._look_at_orders(wanted)
        ours = f"KeyGroup eq {literal(ATTRIBUTE_GROUP)} and Key eq {literal(ATTRIBUTE)}"
        for page in self.api.pages(
            "GenericAttributes", condition=f"{any_of('EntityId', wanted)} and {ours}", select="Id,EntityId,Value"
        ):
            for row in page.objects():
                self.attributes.setdefault(row["EntityId"], row)

    def _look_at_orders(self, numbers: Sequence[int]) -> None:
        for page in self.api.pages("Orders", condition=any_of("Id", list(numbers)), select=_STATUS_FIELDS):
            self.orders |= {row["Id"]: row for row in page.objects() if isinstance(row.get("Id"), int)}

    def tell(self, notice: StatusNotice) -> Done:
        """Bring one order to its status, or show it there.

        Raises:
            Refused: The order is gone, or the shop does not go there from where the order stands.
            TryAgainLater: The shop cannot answer now.
        """
        number = int(notice.key) if is_id(notice.key) else 0
        if number not in self.orders:
            raise Refused(f"{self.api.system} has no order {notice.key}: it was deleted there, or never was.")
        changed = self._show(number, notice) if notice.word == LABEL else self._bring(number, notice.word)
        changed = self._attribute(number, notice.status) or changed
        return Done(notice.reference, {"shop_status": word_of(self.orders[number])}, adopted=not changed)

    def _bring(self, number: int, word: str) -> bool:
        """Bring an order to one of the shop's own statuses; returns whether anything had to be done."""
        before = dict(self.orders[number])
        if word_of(before) == "cancelled" and word != "cancelled":
            raise Refused(f"Order {number} is cancelled at {self.api.system}, and nothing leads back from there.")
        steps = {
            "processing": self._process, "shipped": self._ship, "delivered": self._deliver,
            "complete": self._complete, "cancelled": self._cancel,
        }  # fmt: skip
        if word not in steps:
            raise Refused(f"{self.api.system} cannot be told '{word}'.")
        steps[word](number)
        return self.orders[number] != before

    def _process(self, number: int) -> None:
        status = self.orders[number]["OrderStatusId"]
        if status == COMPLETE:
            raise Refused(f"Order {number} is complete at {self.api.system}, and nothing leads back from there.")
        if status == PENDING:
            # No action leads here but a payment or a shipment; both are facts that only those who know them may book.
            self.api.change("Orders", number, {"OrderStatusId": PROCESSING})
            self._read_back(number, "OrderStatusId", {PROCESSING, COMPLETE})

    def _ship(self, number: int) -> None:
        """Send what is in shipments, and all that is in none yet; the shop adds nothing the second time."""
        if self.orders[number]["ShippingStatusId"] in (NOT_REQUIRED, SHIPPED, DELIVERED):
            return
        notify = {"notifyCustomer": self.notify}
        for shipment in self._shipments(number):
            if not shipment.get("ShippedDateUtc"):
                self.api.act("Shipments", shipment["Id"], "Ship", notify)
        self.api.act("Orders", number, "AddShipment", {"isShipped": True, **notify})
        self._read_back(number, "ShippingStatusId", {NOT_REQUIRED, SHIPPED, DELIVERED})

    def _deliver(self, number: int) -> None:
        self._ship(number)
        if self.orders[number]["ShippingStatusId"] in (NOT_REQUIRED, DELIVERED):
            return
        for shipment in self._shipments(number):
            if not shipment.get("DeliveryDateUtc"):  # the shop would write a new date and a new mail each time
                self.api.act("Shipments", shipment["Id"], "Deliver", {"notifyCustomer": self.notify})
        self._read_back(number, "ShippingStatusId", {NOT_REQUIRED, DELIVERED})

    def _complete(self, number: int) -> None:
        """Ship what is left and complete the order; an order that is not paid stays so, for payment is a fact too."""
        if self.orders[number]["OrderStatusId"] == COMPLETE:
            return
        self._ship(number)
        if self.orders[number]["OrderStatusId"] == COMPLETE:  # by the shop itself
            return
        if self.orders[number]["PaymentStatusId"] == PAID:
            self.api.act("Orders", number, "CompleteOrder", {})
        else:  # CompleteOrder would mark it as paid
            self.api.change("Orders", number, {"OrderStatusId": COMPLETE})
        self._read_back(number, "OrderStatusId", {COMPLETE})

    def _cancel(self, number: int) -> None:
        order = self.orders[number]
        if order["OrderStatusId"] == CANCELLED:
            return
        if order["ShippingStatusId"] in _SHIPPING_WORDS:
            raise Refused(
                f"Order {number} is on its way at {self.api.system}: cancelling it would put the goods back on sale."
                " Take them back as a return."
            )
        self.api.act("Orders", number, "Cancel", {"notifyCustomer": self.notify})
        self._read_back(number, "OrderStatusId", {CANCELLED})

    def _shipments(self, number: int) -> list[dict[str, Any]]:
        fields = "Id,ShippedDateUtc,DeliveryDateUtc"
        return [
            row
            for page in self.api.pages("Shipments", condition=f"OrderId eq {number}", select=fields)
            for row in page.objects()
        ]

    def _read_back(self, number: int, name: str, wanted: set[int]) -> None:
        """See what the shop holds now: it answers 200 whether or not it did anything."""
        self._look_at_orders([number])
        if self.orders[number][name] not in wanted:
            raise Refused(
                f"{self.api.system} left order {number} at '{word_of(self.orders[number])}': look at its notes there."
            )

    def _attribute(self, number: int, status: str) -> bool:
        row = self.attributes.get(number)
        if row is None:
            body = {"EntityId": number, "KeyGroup": ATTRIBUTE_GROUP, "Key": ATTRIBUTE, "Value": status, "StoreId": 0}
            self.attributes[number] = {**body, **(self.api.create("GenericAttributes", body) or {})}
            return True
        if row.get("Value") == status:
            return False
        self.api.change("GenericAttributes", row["Id"], {"Value": status})
        self.attributes[number] = {**row, "Value": status}
        return True

    def _show(self, number: int, notice: StatusNotice) -> bool:
        """Write the note that shows a status; one with this very text and time is ours already."""
        text = f"Status: {getattr(notice.label, self.language)}"
        for page in self.api.pages(
            "OrderNotes", condition=f"OrderId eq {number} and Note eq {literal(text)}", select="Id,CreatedOnUtc"
        ):
            if any(_same_time(row.get("CreatedOnUtc"), notice.at) for row in page.objects()):
                return False
        body = {"OrderId": number, "Note": text, "DisplayToCustomer": True, "CreatedOnUtc": written(notice.at)}
        if self.api.create("OrderNotes", body) is None:
            raise Refused(f"{self.api.system} refused the note at order {number}: look whether it still exists.")
        return True


def _same_time(text: Any, at: datetime) -> bool:
    found = moment(text)
    return found is not None and abs(found - at) < _SAME_NOTE
