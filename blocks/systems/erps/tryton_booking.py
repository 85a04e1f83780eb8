"""How a batch of sales gets into Tryton exactly once: look up, create, declare rounding, quote, confirm, read back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from blocks.documents.parties import Address
from blocks.documents.sales import Sale, SaleRequest
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc
from blocks.systems.erps.tryton_sales import (
    ADDRESS_FIELDS,
    CONFIRMED,
    PRODUCT_FIELDS,
    SALE_FIELDS,
    MasterData,
    Services,
    address_values,
    check,
    party_values,
    rounding_values,
    sale_values,
    same_address,
    taxes_by_rate,
    to_product,
    to_sale,
    tolerance,
    without_personal_data,
)


@dataclass(slots=True)
class _Item:
    """One request on its way, and the sale it has become so far."""

    request: SaleRequest
    sale: Sale | None = None
    adopted: bool = False
    answer: Answer | None = None
    party: int = 0
    invoice_address: int = 0
    shipment_address: int = 0

    @property
    def number(self) -> int:
        """Return Tryton's id of the sale."""
        return int(self.sale.external_id) if self.sale else 0

    def missing(self) -> Decimal:
        """Return what the sale's total lacks of the agreed one; negative when it is too high."""
        return self.request.total - (self.sale.total if self.sale else Decimal(0))

    def round_off(self) -> None:
        """Note that what was missing has been declared."""
        if self.sale:
            update = {"rounding": self.missing(), "total": self.request.total}
            self.sale = self.sale.model_copy(update=update)

    def refuse(self, why: str) -> None:
        """Decide that a person must look, and say why without personal data."""
        text = without_personal_data(why, self.request).rstrip(". ")
        self.answer = Refused(f"Sale {self.request.reference} was not booked: {text}.")

    def done(self) -> None:
        """Decide that Tryton holds the sale as it stands now."""
        sale = self.sale
        if sale is None:
            return
        facts = {"id": sale.external_id, "number": sale.number, "state": sale.state}
        facts |= {"total": f"{sale.total:f}", "rounding": f"{sale.rounding:f}"}
        self.answer = Done(self.request.reference, facts, adopted=self.adopted)


@dataclass(slots=True)
class Booking:
    """One batch of requests being booked; ``answers`` says what became of each, also after a broken connection."""

    tryton: TrytonRpc
    services: Services
    payment_term: str
    requests: Sequence[SaleRequest]
    items: list[_Item] = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing decided."""
        self.items = [_Item(request) for request in self.requests]

    def answers(self) -> list[Answer]:
        """Book the batch and return one answer per request, in order. Raises nothing."""
        try:
            self._book()
        except TryAgainLater as error:
            self._answer_rest(TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True))
        except (Refused, Unreadable) as error:
            self._answer_rest(Refused(str(error)))
        later = TryAgainLater("Tryton has not confirmed the sale yet; it will be looked up again.", maybe_done=True)
        return [item.answer or later for item in self.items]

    def _answer_rest(self, answer: Answer) -> None:
        for item in self._open():
            item.answer = answer

    def _open(self) -> list[_Item]:
        return [item for item in self.items if item.answer is None]

    def _book(self) -> None:
        self._refuse_repeated()
        self._look_up()
        if not self._open():
            return
        master = read_master_data(self.tryton, self.services, self.payment_term, [i.request for i in self._open()])
        self._create([item for item in self._open() if item.sale is None], master)
        self._declare_rounding(master)
        self._press("quote", {"draft"})
        self._press("confirm", {"draft", "quotation"})
        self._read_back()

    def _refuse_repeated(self) -> None:
        seen: set[str] = set()
        for item in self.items:
            if item.request.reference in seen:
                item.refuse("the same reference stands twice in one batch")
            seen.add(item.request.reference)

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
    def _judge_found(item: _Item, sale: Sale) -> None:
        name = sale.number or f"id {sale.external_id}"
        if sale.state == "cancelled":
            item.refuse(f"its sale {name} was cancelled in Tryton; delete it there if the order is to be booked again")
        elif sale.state in CONFIRMED and sale.total != item.request.total:
            item.refuse(f"its sale {name} comes to {sale.total:f} in Tryton instead of {item.request.total:f}")
        elif sale.state in CONFIRMED:
            item.done()

    def _create(self, items: list[_Item], master: MasterData) -> None:
        for item in items:
            try:
                check(item.request, master)
            except Refused as error:
                item.refuse(str(error))
        self._find_or_create_parties([item for item in items if item.answer is None], master)
        self._find_or_create_addresses([item for item in items if item.answer is None], master)
        wanted = [item for item in items if item.answer is None]

        def create(some: list[_Item]) -> None:
            values = [
                sale_values(item.request, master, item.party, item.invoice_address, item.shipment_address)
                for item in some
            ]
            self.tryton.model("sale.sale", "create", values)

        self._all_or_each(wanted, create)
        created = [item for item in wanted if item.answer is None]
        found = find_sales(self.tryton, self.services, [item.request.reference for item in created])
        for item in created:
            sales = found.get(item.request.reference, [])
            if len(sales) == 1:
                item.sale = sales[0]
            elif sales:
                item.refuse("somebody else booked the same reference at the same moment; delete one of the two drafts")

    def _find_or_create_parties(self, items: list[_Item], master: MasterData) -> None:
        known = self._parties(items)
        missing = {item.request.party.code: item for item in items if item.request.party.code not in known}

        def create(some: list[_Item]) -> None:
            values = [party_values(item.request, _distinct_addresses(item.request, master)) for item in some]
            self.tryton.model("party.party", "create", values)

        if missing:
            try:
                create(list(missing.values()))
            except RefusedByTryton:
                # Somebody else may have created one of them meanwhile: the code is unique in Tryton.
                known = self._parties(items)
                rest = [item for code, item in missing.items() if code not in known]
                for item in rest:
                    self._each(item, create)
            known = self._parties(items)
        for item in items:
            item.party = known.get(item.request.party.code, 0)
            if item.answer is None and not item.party:
                item.refuse("Tryton did not take on its customer")

    def _parties(self, items: list[_Item]) -> dict[str, int]:
        codes = sorted({item.request.party.code for item in items})
        if not codes:
            return {}
        found = self.tryton.search_read(
            "party.party", [["code", "in", codes], ["active", "in", [True, False]]], ["code"]
        )
        return {record["code"]: record["id"] for record in found}

    def _find_or_create_addresses(self, items: list[_Item], master: MasterData) -> None:
        self._match_addresses(items, master)
        lacking = [item for item in items if not (item.invoice_address and item.shipment_address)]

        def create(some: list[_Item]) -> None:
            values = [
                {"party": item.party, **address}
                for item in some
                for address in _distinct_addresses(item.request, master)
                if not item.invoice_address or not item.shipment_address
            ]
            self.tryton.model("party.address", "create", values)

        if lacking:
            self._all_or_each(lacking, create)
            self._match_addresses(lacking, master)

    def _match_addresses(self, items: list[_Item], master: MasterData) -> None:
        parties = sorted({item.party for item in items})
        if not parties:
            return
        found: dict[int, list[Mapping[str, Any]]] = {}
        for page in self.tryton.read_all("party.address", [["party", "in", parties]], ADDRESS_FIELDS):
            for record in page:
                found.setdefault(record["party"], []).append(record)
        for item in items:
            records = found.get(item.party, [])
            item.invoice_address = _matching(records, item.request.invoice_address, master)
            item.shipment_address = _matching(records, item.request.shipment_address, master)

    def _declare_rounding(self, master: MasterData) -> None:
        """Add what is missing to the agreed total as a line of its own; refuse where it is more than rounding."""
        wanted: list[_Item] = []
        for item in self._open():
            if item.sale is None or item.sale.state != "draft" or item.missing() == 0:
                continue
            if abs(item.missing()) > tolerance(item.request) or item.sale.rounding:
                self._withdraw(item, item.sale)
            else:
                wanted.append(item)

        def declare(some: list[_Item]) -> None:
            lines = [rounding_values(item.number, item.missing(), master) for item in some]
            self.tryton.model("sale.line", "create", lines)
            for item in some:
                item.round_off()

        self._all_or_each(wanted, declare)

    def _withdraw(self, item: _Item, sale: Sale) -> None:
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
        self._all_or_each(items, lambda some: self.tryton.model("sale.sale", button, [item.number for item in some]))

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

    def _all_or_each(self, items: list[_Item], call: Callable[[list[_Item]], object]) -> None:
        """Make one call for all; when Tryton's rules refuse it, one for each, so that only the guilty is refused."""
        if not items:
            return
        try:
            call(items)
        except RefusedByTryton as error:
            if len(items) == 1:
                items[0].refuse(str(error))
                return
            for item in items:
                self._each(item, call)

    @staticmethod
    def _each(item: _Item, call: Callable[[list[_Item]], object]) -> None:
        try:
            call([item])
        except RefusedByTryton as error:
            item.refuse(str(error))


def _distinct_addresses(request: SaleRequest, master: MasterData) -> list[dict[str, Any]]:
    invoice = address_values(request.invoice_address, master.countries)
    shipment = address_values(request.shipment_address, master.countries)
    return [invoice] if invoice == shipment else [invoice, shipment]


def _matching(records: Iterable[Mapping[str, Any]], address: Address, master: MasterData) -> int:
    values = address_values(address, master.countries)
    return next((record["id"] for record in records if same_address(record, values)), 0)


def find_sales(tryton: TrytonRpc, services: Services, references: Sequence[str]) -> dict[str, list[Sale]]:
    """Return every sale with one of these references, with the rounding declared in it."""
    if not references:
        return {}
    wanted = list(references)
    records = [r for page in tryton.read_all("sale.sale", [["reference", "in", wanted]], SALE_FIELDS) for r in page]
    if not records:
        return {}
    domain = [["sale", "in", [record["id"] for record in records]], ["product.code", "=", services.rounding]]
    rounding: dict[int, Decimal] = {}
    for page in tryton.read_all("sale.line", domain, ["sale", "amount"]):
        for line in page:
            rounding[line["sale"]] = rounding.get(line["sale"], Decimal(0)) + line["amount"]
    found: dict[str, list[Sale]] = {}
    for record in records:
        found.setdefault(record["reference"], []).append(to_sale(record, rounding.get(record["id"], Decimal(0))))
    return found


def read_master_data(
    tryton: TrytonRpc, services: Services, payment_term: str, requests: Sequence[SaleRequest]
) -> MasterData:
    """Return what Tryton knows under the codes these requests use: one call per kind."""
    codes = {services.code_of(line) for request in requests for line in request.lines} | {services.rounding}
    addresses = [a for request in requests for a in (request.invoice_address, request.shipment_address)]

    def by_code(model: str, wanted: Iterable[str | None], *more: Any) -> dict[str, int]:
        domain = [["code", "in", sorted({code for code in wanted if code})], *more]
        return {record["code"]: record["id"] for record in tryton.search_read(model, domain, ["code"])}

    products: dict[str, Any] = {}
    for page in tryton.read_all("product.product", [["code", "in", sorted(codes)]], PRODUCT_FIELDS):
        products |= {record["code"]: to_product(record) for record in page}
    taxes = tryton.search_read(
        "account.tax", [["type", "=", "percentage"], ["group.kind", "in", ["sale", "both"]]], ["rate"]
    )
    term = None
    if payment_term:
        terms = tryton.search_read("account.invoice.payment_term", [["name", "=", payment_term]], ["name"])
        if not terms:
            raise Refused(f"Tryton does not know the payment term '{payment_term}': correct it in the settings.")
        term = terms[0]["id"]
    return MasterData(
        services=services,
        products=products,
        taxes=taxes_by_rate(taxes),
        warehouses=by_code("stock.location", [r.warehouse for r in requests], ["type", "=", "warehouse"]),
        currencies=by_code("currency.currency", [r.currency for r in requests]),
        countries=by_code("country.country", [address.country for address in addresses]),
        payment_term=term,
    )
