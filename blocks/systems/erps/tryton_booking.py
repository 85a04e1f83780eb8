"""How a batch of sales gets into Tryton exactly once: look up, create, declare rounding, quote, confirm, read back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from blocks.documents.sales import Sale, SaleRequest
from blocks.errors import Refused
from blocks.systems.answers import Answer
from blocks.systems.erps.tryton_items import Item, all_or_each
from blocks.systems.erps.tryton_once import answers_of, refuse_repeated, unanswered
from blocks.systems.erps.tryton_parties import find_or_create_addresses, find_or_create_parties
from blocks.systems.erps.tryton_reads import find_sales, read_master_data
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc
from blocks.systems.erps.tryton_sales import (
    CONFIRMED,
    SALE_FIELDS,
    MasterData,
    Services,
    check,
    rounding_values,
    sale_values,
    to_sale,
    tolerance,
)


@dataclass(slots=True)
class Booking:
    """One batch of requests being booked; ``answers`` says what became of each, also after a broken connection."""

    tryton: TrytonRpc
    services: Services
    payment_term: str
    requests: Sequence[SaleRequest]
    items: list[Item] = field(init=False)
    began: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Start with nothing decided."""
        self.items = [Item(request) for request in self.requests]

    def answers(self) -> list[Answer]:
        """Book the batch and return one answer per request, in order. Raises nothing."""
        not_yet = "Tryton has not confirmed the sale yet"
        return answers_of(self.items, self._book, began=lambda: self.began, not_yet=not_yet)

    def _open(self) -> list[Item]:
        return unanswered(self.items)

    def _book(self) -> None:
        refuse_repeated(self.items)
        self._look_up()
        if not self._open():
            return
        master = read_master_data(self.tryton, self.services, self.payment_term, [i.request for i in self._open()])
        self.began = True
        self._create([item for item in self._open() if item.sale is None], master)
        self._declare_rounding(master)
        self._press("quote", {"draft"})
        self._press("confirm", {"draft", "quotation"})
        self._read_back()

    def _look_up(self) -> None:
        """Find what earlier attempts have left in Tryton; adopt it, or carry it on from the state it is in."""
        found = find_sales(self.tryton, self.services, [item.request.reference for item in self._open()])
        for item in self._open():
            sales = found.get(item.request.reference, [])
            if len(sales) > 1:
                numbers = " and ".join(sale.number or f"id {sale.external_id}" for sale in sales)
                item.refuse(
                    f"Tryton holds more than one sale with this reference ({numbers}); cancel and delete all but one"
                )
            elif sales:
                item.sale, item.adopted = sales[0], True
                self._judge_found(item, sales[0])

    @staticmethod
    def _judge_found(item: Item, sale: Sale) -> None:
        name = sale.number or f"id {sale.external_id}"
        if sale.state == "cancelled":
            item.refuse(f"its sale {name} was cancelled in Tryton; delete it there if the order is to be booked again")
        elif sale.state in CONFIRMED and sale.total != item.request.total:
            item.refuse(f"its sale {name} comes to {sale.total:f} in Tryton instead of {item.request.total:f}")
        elif sale.state in CONFIRMED:
            item.done()

    def _create(self, items: list[Item], master: MasterData) -> None:
        for item in items:
            try:
                check(item.request, master)
            except Refused as error:
                item.refuse(str(error))
        find_or_create_parties(self.tryton, [item for item in items if item.answer is None], master)
        find_or_create_addresses(self.tryton, [item for item in items if item.answer is None], master)
        wanted = [item for item in items if item.answer is None]

        def create(some: list[Item]) -> None:
            values = [
                sale_values(item.request, master, item.party, item.invoice_address, item.shipment_address)
                for item in some
            ]
            self.tryton.model("sale.sale", "create", values)

        all_or_each(wanted, create)
        created = [item for item in wanted if item.answer is None]
        found = find_sales(self.tryton, self.services, [item.request.reference for item in created])
        for item in created:
            sales = found.get(item.request.reference, [])
            if len(sales) == 1:
                item.sale = sales[0]
            elif sales:
                item.refuse("somebody else booked the same reference at the same moment; delete one of the two drafts")

    def _declare_rounding(self, master: MasterData) -> None:
        """Add what is missing to the agreed total as a line of its own; refuse where it is more than rounding."""
        wanted: list[Item] = []
        for item in self._open():
            if item.sale is None or item.sale.state != "draft" or item.missing() == 0:
                continue
            if abs(item.missing()) > tolerance(item.request) or item.sale.rounding:
                self._withdraw(item, item.sale)
            else:
                wanted.append(item)

        def declare(some: list[Item]) -> None:
            lines = [rounding_values(item.number, item.missing(), master) for item in some]
            self.tryton.model("sale.line", "create", lines)
            for item in some:
                item.round_off()

        all_or_each(wanted, declare)

    def _withdraw(self, item: Item, sale: Sale) -> None:
        """Refuse a sale whose total is wrong; a draft of this very call is taken back, so that nothing is left."""
        why = f"Tryton computes {sale.total:f} where {item.request.total:f} was agreed, more than rounding explains"
        if not item.adopted:
            try:
                self.tryton.model("sale.sale", "cancel", [item.number])
                self.tryton.model("sale.sale", "delete", [item.number])
            except RefusedByTryton:
                item.adopted = True
        left = f"; delete its draft with id {sale.external_id} in Tryton before it is booked again"
        item.refuse(why + left if item.adopted else why)

    def _press(self, button: str, states: set[str]) -> None:
        """Press a button on all open sales in these states at once, on each alone when Tryton refuses."""
        items = [item for item in self._open() if item.sale and item.sale.state in states]
        all_or_each(items, lambda some: self.tryton.model("sale.sale", button, [item.number for item in some]))

    def _read_back(self) -> None:
        """Answer with what Tryton holds now. Its processing may still run: confirmed is as good as processing."""
        items = self._open()
        if not items:
            return
        read = self.tryton.model("sale.sale", "read", [item.number for item in items if item.sale], list(SALE_FIELDS))
        now = {record["id"]: record for record in read}
        for item in items:
            if item.sale and item.number in now:
                item.sale = to_sale(now[item.number], item.sale.rounding)
                if item.sale.state in CONFIRMED:
                    item.done()
