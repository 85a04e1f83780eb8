"""Statuses of sales in Tryton: read from sale and shipments, told by pressing the buttons a person would press.

Tryton's states are its own and cannot be added to: any other status of ours is shown as a note at the sale.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blocks.documents.statuses import LABEL, StatusNotice, StatusSeen, Vocabulary
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_rpc import PAGE, RefusedByTryton, TrytonRpc

_SHIPPING_WORDS = {"partially shipped": "partially_shipped", "sent": "shipped", "exception": "exception"}

WORDS = Vocabulary(
    reports=frozenset({"draft", "quotation", "confirmed", "processing", "done", "cancelled"})
    | frozenset(_SHIPPING_WORDS.values()),
    settable=frozenset({"shipped", "cancelled"}),
    shows_labels=True,
)

_SALE = ("reference", "state", "shipment_state", "write_date", "create_date")
_TO_THE_DOOR = ("assign_try", "pick", "pack", "do")
_FROM = {"assign_try": {"waiting"}, "pick": {"assigned"}, "pack": {"picked"}, "do": {"packed", "shipped"}}


def word_of(sale: Mapping[str, Any]) -> str:
    """Return what Tryton says of a sale in one word: while it is processed, how far it is shipped."""
    state = str(sale["state"])
    return _SHIPPING_WORDS.get(sale["shipment_state"], state) if state == "processing" else state


def changed(tryton: TrytonRpc, since: datetime) -> Iterator[tuple[tuple[str, str, datetime], ...]]:
    """Yield reference, number and time of change of sales written at or after a time, oldest first, in pages."""
    window: list[Any] = [["write_date", ">=", since]]
    while True:
        domain = [["reference", "!=", None], *window]
        order = [["write_date", "ASC"], ["id", "ASC"]]
        fields = ["reference", "number", "write_date"]
        page = tryton.model("sale.sale", "search_read", domain, 0, PAGE, order, fields)
        if page:
            yield tuple((row["reference"], row["number"] or "", row["write_date"]) for row in page)
        if len(page) < PAGE:
            return
        last = page[-1]
        later = [["write_date", "=", last["write_date"]], ["id", ">", last["id"]]]
        window = [["OR", [["write_date", ">", last["write_date"]]], later]]


def states(tryton: TrytonRpc, references: Sequence[str]) -> dict[str, StatusSeen]:
    """Return what Tryton says of the sales with these references; of several with one, that which goes on."""
    found: dict[str, Mapping[str, Any]] = {}
    for sale in _sales(tryton, references):
        other = found.get(sale["reference"])
        if other is None or other["state"] == "cancelled":
            found[sale["reference"]] = sale
    return {
        reference: StatusSeen(key=reference, word=word_of(sale), at=sale["write_date"] or sale["create_date"])
        for reference, sale in found.items()
    }


def _sales(tryton: TrytonRpc, references: Sequence[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(references), PAGE):
        wanted = [["reference", "in", list(references[start : start + PAGE])]]
        for page in tryton.read_all("sale.sale", wanted, _SALE):
            yield from page


def tell(tryton: TrytonRpc, notices: Sequence[StatusNotice], *, language: str) -> list[Answer]:
    """Tell Tryton of each status once; one answer per notice, in order. Raises nothing."""
    answers: list[Answer] = []
    try:
        teller = Teller(tryton, language)
        teller.look([notice.key for notice in notices])
        for notice in notices:
            try:
                answers.append(teller.tell(notice))
            except RefusedByTryton as error:
                answers.append(Refused(f"Tryton refused '{notice.word}' for {notice.key}: {error}."))
            except Refused as error:
                answers.append(error)
    except TryAgainLater as error:
        later = TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
        answers += [later] * (len(notices) - len(answers))
    except (Refused, Unreadable) as error:
        answers += [Refused(str(error))] * (len(notices) - len(answers))
    return answers


@dataclass(slots=True)
class Teller:
    """Tells one Tryton, with the sales looked up first."""

    tryton: TrytonRpc
    language: str
    sales: dict[str, dict[str, Any]] = field(default_factory=dict)

    def look(self, references: Sequence[str]) -> None:
        """Look up the sales, cancelled ones only where there is no other."""
        for sale in _sales(self.tryton, references):
            if self.sales.get(sale["reference"], {}).get("state", "cancelled") == "cancelled":
                self.sales[sale["reference"]] = sale

    def tell(self, notice: StatusNotice) -> Done:
        """Bring one sale to its status, or show it there.

        Raises:
            Refused: There is no such sale, or Tryton does not go there from where it stands.
            TryAgainLater: Tryton cannot answer now.
        """
        sale = self.sales.get(notice.key)
        if sale is None:
            raise Refused(f"Tryton has no sale with the reference {notice.key}: it was deleted there, or never was.")
        steps = {LABEL: self._show, "shipped": self._ship, "cancelled": self._cancel}
        if notice.word not in steps:
            raise Refused(f"Tryton cannot be told '{notice.word}'.")
        done = steps[notice.word](sale, notice)
        return Done(notice.reference, {"sale_status": word_of(self._now(sale))}, adopted=not done)

    def _now(self, sale: Mapping[str, Any]) -> dict[str, Any]:
        (found,) = self.tryton.model("sale.sale", "read", [sale["id"]], list(_SALE))
        return {**found}

    def _cancel(self, sale: Mapping[str, Any], notice: StatusNotice) -> bool:
        if sale["state"] == "cancelled":
            return False
        if sale["state"] not in {"draft", "quotation"}:
            raise Refused(
                f"Sale {notice.key} is '{word_of(sale)}' in Tryton, which cancels none any more: cancel its shipments"
                " there, or take the goods back as a return."
            )
        self.tryton.model("sale.sale", "cancel", [sale["id"]])
        return True

    def _ship(self, sale: Mapping[str, Any], notice: StatusNotice) -> bool:
        """Bring every shipment out of the door, each from the state it is in."""
        if sale["state"] == "done" or word_of(sale) == "shipped":
            return False
        if sale["state"] not in {"confirmed", "processing"}:
            raise Refused(f"Sale {notice.key} is '{word_of(sale)}' in Tryton: nothing of it can be shipped.")
        shipments = self._shipments(sale)
        if not shipments:
            raise TryAgainLater(f"Tryton has no shipment for sale {notice.key} yet; it will be looked at again.")
        for button in _TO_THE_DOOR:
            ready = [number for number, state in shipments.items() if state in _FROM[button]]
            if ready:
                self.tryton.model("stock.shipment.out", button, ready)
                shipments = self._shipments(sale)
        left = sorted({state for state in shipments.values() if state not in {"done", "cancelled"}})
        if left:
            raise Refused(
                f"Tryton left a shipment of sale {notice.key} at '{left[0]}': its goods are not all in stock, or"
                " somebody is at work on it. Finish it there, or tell it again later."
            )
        return True

    def _shipments(self, sale: Mapping[str, Any]) -> dict[int, str]:
        """Return the state of each of a sale's shipments by its id."""
        (found,) = self.tryton.model("sale.sale", "read", [sale["id"]], ["shipments"])
        numbers = list(found["shipments"])
        read = self.tryton.model("stock.shipment.out", "read", numbers, ["state"]) if numbers else []
        return {row["id"]: row["state"] for row in read}

    def _show(self, sale: Mapping[str, Any], notice: StatusNotice) -> bool:
        """Write the note that shows a status at the sale; one with this reference is ours already."""
        resource, mark = f"sale.sale,{sale['id']}", f"[{notice.reference}]"
        if self.tryton.search_read("ir.note", [["resource", "=", resource], ["message", "ilike", f"%{mark}"]], ["id"]):
            return False
        text = f"Status: {getattr(notice.label, self.language)} {mark}"
        self.tryton.model("ir.note", "create", [{"resource": resource, "message": text}])
        return True
