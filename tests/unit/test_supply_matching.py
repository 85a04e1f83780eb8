"""Invoice lines held against order lines and receipts: each deviation is found and named, and nothing else is."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from blocks.documents.invoices import AllowanceCharge, Invoice, PrecedingInvoice, Price
from blocks.documents.supply import PurchaseLine, ReceiptLine, number_key
from blocks.documents.supply_tolerances import DEFAULTS, SupplyTolerances, load
from blocks.errors import WrongUse
from tasks.invoice_validation.billing import billed_of
from tasks.invoice_validation.claiming import Row, note_claims, rows_of
from tasks.invoice_validation.matching import match
from tasks.invoice_validation.references import Hit, orders_named
from tasks.invoice_validation.supply_known import Asking, OrderLine, Receipt, Supply
from tests.invoices import invoices
from tests.supply import bill, billed, came, charge, ordered

ERP = "erp/main"


class World:
    """Orders and receipts, held by the pure functions alone, invoice after invoice."""

    def __init__(
        self,
        orders: Sequence[PurchaseLine],
        receipts: Sequence[ReceiptLine] = (),
        *,
        tolerances: SupplyTolerances = DEFAULTS,
    ) -> None:
        """Know orders and receipts."""
        self.supply, self.tolerances = Supply(), tolerances
        self.hits: dict[tuple[str, str], list[Hit]] = {}
        self.kept: list[list[Row]] = []
        for one in orders:
            line = self.supply.add(order_line(one, receipts))
            hit = Hit((ERP, one.order), one.supplier)
            for term in ("BT-13", "BT-10", "BT-12", "BT-14", "BT-132"):
                self.hits.setdefault((term, line.order_key), []).append(hit)
            if line.reference_key:
                for term in ("BT-13", "BT-14"):
                    self.hits.setdefault((term, line.reference_key), []).append(hit)
            for receipt in line.receipts:
                self.hits.setdefault(("BT-15", receipt.receipt_key), []).append(hit)
                self.hits.setdefault(("BT-16", receipt.note_key), []).append(hit)

    def hold(self, invoice: Invoice, supplier: str = "HANSE") -> list[InvoiceFinding]:
        """Hold one more invoice against the supply."""
        number = len(self.kept) + 1
        what, asking = billed_of(invoice), Asking(number, invoice.number, number)
        others = [line for line in self.supply.lines.values() if line.supplier == supplier]
        found = orders_named(what, supplier, self.hits)
        matched = match(
            what, asking, supplier=supplier, found=found, others=others, supply=self.supply, tolerances=self.tolerances
        )
        rows = rows_of(matched, what, asking, version=1)
        note_claims(self.supply, rows, asking)
        self.kept.append(rows)
        return list(matched.findings)

    def rules(self, *invoices: Invoice, supplier: str = "HANSE") -> list[list[str]]:
        """Return the rules that found something in each of several invoices, what is mere information aside."""
        return [
            [one.rule for one in self.hold(invoice, supplier) if one.gravity is not Gravity.INFORMATION]
            for invoice in invoices
        ]


def order_line(one: PurchaseLine, receipts: Sequence[ReceiptLine]) -> OrderLine:
    """Return an order line as the database would give it."""
    mine = [
        Receipt(r.line, r.receipt, number_key(r.receipt), number_key(r.delivery_note), r.quantity, r.received_on)
        for r in sorted(receipts, key=lambda r: (r.received_on, r.line))
        if r.order_line == one.line
    ]
    return OrderLine(
        system=ERP, line=one.line, order=one.order, order_key=number_key(one.order),
        reference_key=number_key(one.supplier_reference), position=one.position, supplier=one.supplier, sku=one.sku,
        sku_key=number_key(one.sku), supplier_sku_key=number_key(one.supplier_sku), gtin_key=number_key(one.gtin),
        description=one.description, kind=one.kind, quantity=one.quantity, unit=one.unit, price=one.unit_price,
        currency=one.currency, ordered_on=one.ordered_on, cancelled=one.cancelled, receipts=mine,
    )  # fmt: skip


LAMPS = ordered("PO-17", "1", "LAMP", 10, "50")
SHADES = ordered("PO-17", "2", "SHADE", 4, "12.50")
ALL_CAME = (came("R-1", "1", "1", 10), came("R-1", "2", "2", 4))


def world(*more: PurchaseLine, receipts: Sequence[ReceiptLine] = ALL_CAME, rules: str = "") -> World:
    return World([LAMPS, SHADES, *more], receipts, tolerances=load(rules) if rules else DEFAULTS)


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        (billed("LAMP", 10, "50"), []),
        (billed("LAMP", 10, "50.50"), []),
        (billed("LAMP", 10, "50.51"), ["price-above-order"]),
        (billed("LAMP", 10, "45"), []),
        (billed("LAMP", 11, "50"), ["quantity-above-receipt"]),
        (billed("TABLE", 1, "80"), ["not-ordered"]),
        (billed("TABLE", 1, "50", name="Article LAMP", order_line="1"), ["not-ordered"]),
        (billed("LAMP", 10, "50", unit="KGM"), ["unit-not-convertible"]),
        (billed("LAMP", 2, "240", unit="XPK"), ["unit-not-convertible"]),
        (billed("LAMP", "0.5", "600", unit="DZN"), []),
        (billed("", 10, "50", buyer_id="", name="Article LAMP, black"), []),
        (billed("", 10, "50", buyer_id="", seller_id="H-1", name="Bürostuhl"), ["not-ordered"]),
    ],
    ids=str,
)
def test_a_line_is_held_against_its_order_and_receipt(line: Any, rules: list[str]) -> None:
    assert world().rules(bill(line, order="PO-17")) == [rules]


@pytest.mark.parametrize(
    "said",
    [
        {"order": "PO-17"},
        {"order": "po 17"},
        {"order": "Bestellung PO-17 vom 3.11.2026"},
        {"order": "PO-17, PO-18"},
        {"sales_order_reference": "SO/99"},
        {"despatch_advice_reference": "LS 5"},
        {"receiving_advice_reference": "R-1"},
        {"buyer_reference": "PO-17"},
        {},
    ],
    ids=str,
)
def test_an_order_is_found_by_every_number_an_invoice_may_name(said: dict[str, str]) -> None:
    mine = LAMPS.model_copy(update={"supplier_reference": "SO-99"})
    house = World(
        [mine, ordered("PO-18", "3", "TABLE", 1, "80")],
        [came("R-1", "1", "1", 10, delivery_note="LS-5"), came("R-2", "3", "3", 1)],
    )
    findings = house.hold(bill(billed("LAMP", 10, "50"), **said))
    assert [one.rule for one in findings] == ([] if said else ["order-not-named"])
    assert [(row["purchase"], row["receipt"], row["quantity"]) for row in house.kept[0]] == [("PO-17", "R-1", 10)]


def test_orders_that_are_unknown_of_others_or_not_in_force_are_named() -> None:
    gone = ordered("PO-20", "8", "CHAIR", 2, "30", cancelled=True)
    theirs = ordered("PO-30", "9", "LAMP", 10, "50", supplier="ELBTAL")
    dollars = ordered("PO-40", "10", "VASE", 2, "30", currency="USD")
    house = world(gone, theirs, dollars, receipts=(*ALL_CAME, came("R-4", "4", "10", 2)))
    found = house.rules(
        bill(billed("LAMP", 1, "50"), order="PO-99"),
        bill(billed("SHADE", 1, "12.50"), order="PO-30"),
        bill(billed("CHAIR", 2, "30"), order="PO-20"),
        bill(billed("VASE", 2, "30"), order="PO-40"),
        bill(billed("LAMP", 1, "50"), order="PO-17, PO-99"),
    )
    assert found == [
        ["order-unknown"],
        ["order-of-another-supplier"],
        ["order-cancelled"],
        ["currency-differs"],
        ["order-unknown"],
    ]


def test_a_receipt_is_billed_once_however_it_is_cut() -> None:
    house = World([LAMPS], [came("R-1", "1", "1", 4), came("R-2", "2", "1", 6, received_on=date(2026, 10, 20))])
    found = house.rules(*(bill(billed("LAMP", some, "50"), order="PO-17") for some in (3, 3, 4, 1)))
    assert found == [[], [], [], ["already-invoiced"]]
    assert [[(row["receipt"], row["quantity"]) for row in rows] for rows in house.kept] == [
        [("R-1", 3)], [("R-1", 1), ("R-2", 2)], [("R-2", 4)], [("", 1)],
    ]  # fmt: skip


def test_what_has_not_come_and_what_came_too_much_are_told_apart() -> None:
    later = ordered("PO-18", "3", "TABLE", 2, "80")
    beyond = ordered("PO-19", "4", "CHAIR", 2, "30")
    house = world(later, beyond, receipts=(*ALL_CAME, came("R-3", "3", "4", 3)))
    table, chairs = bill(billed("TABLE", 2, "80"), order="PO-18"), bill(billed("CHAIR", 3, "30"), order="PO-19")
    assert house.rules(table, chairs) == [["not-received-yet"], ["quantity-above-order"]]


def test_of_two_lines_with_one_article_each_finds_the_price_that_is_its_own() -> None:
    dear = ordered("PO-17", "3", "LAMP", 10, "60")
    house = World([LAMPS, dear], [came("R-1", "1", "1", 10), came("R-1", "2", "3", 10)])
    invoice = bill(billed("LAMP", 10, "60"), billed("LAMP", 10, "50"), order="PO-17")
    assert house.rules(invoice) == [[]]
    assert [(row["line"], row["order_line"]) for row in house.kept[0]] == [("1", "3"), ("2", "1")]


def test_one_line_may_bill_several_orders_and_several_lines_one_order() -> None:
    other = ordered("PO-18", "3", "LAMP", 5, "50")
    house = World([LAMPS, other], [came("R-1", "1", "1", 10), came("R-2", "2", "3", 5)])
    assert house.rules(bill(billed("LAMP", 12, "50"), billed("LAMP", 3, "50"), order="PO-17; PO-18")) == [[]]
    by_order = {(row["line"], row["purchase"]): row["quantity"] for row in house.kept[0]}
    assert sum(by_order.values()) == 15  # type: ignore[arg-type] # all of them are figures


def test_a_line_number_decides_between_orders_of_one_article() -> None:
    twice = [ordered("PO-17", str(n), "LAMP", 5, "50", position=str(n)) for n in (1, 2)]
    house = World(twice, [came("R", str(n), str(n), 5) for n in (1, 2)])
    assert house.rules(bill(billed("LAMP", 5, "50", order_line="2"), order="PO-17")) == [[]]
    assert house.kept[0][0]["order_line"] == "2"


def test_packs_and_tolerances_are_data() -> None:
    rules = """
general: {goods: {price_above: {percent: 5, absolute: 3}, quantity: {percent: 10}}}
suppliers: {HANSE: {goods: {price_above: {percent: 5, absolute: 3, counts: larger}}}}
packs: [{sku: LAMP, unit: PK, pieces: 5}, {unit: PK, pieces: 99}]
"""
    assert world(rules=rules).rules(bill(billed("LAMP", 2, "250", unit="XPK"), order="PO-17")) == [[]]
    assert world(rules=rules).rules(bill(billed("LAMP", 10, "52.50"), order="PO-17")) == [[]]
    assert world(rules=rules).rules(bill(billed("LAMP", 11, "50"), order="PO-17")) == [[]]
    assert world(rules=rules).rules(bill(billed("LAMP", 12, "50"), order="PO-17")) == [["quantity-above-receipt"]]
    smaller = rules.replace("counts: larger", "counts: smaller")
    assert world(rules=smaller).rules(bill(billed("LAMP", 10, "50.30"), order="PO-17")) == [[]]
    assert world(rules=smaller).rules(bill(billed("LAMP", 10, "50.31"), order="PO-17")) == [["price-above-order"]]
    house = world(rules=rules)
    house.hold(bill(billed("LAMP", 10, "50.20"), order="PO-17"))
    assert (house.kept[0][0]["tolerance"], house.kept[0][0]["deviation"]) == ("price-above-order", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("general: {goods: {price_above: {percent: -1}}}", "general.goods.price_above.percent"),
        ("general: {prices: {}}", "there is no such setting"),
        ("version: 3", "without 'version'"),
        ("[1]", "YAML mapping"),
    ],
)
def test_tolerances_that_cannot_be_meant_are_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        load(text)


def test_freight_is_held_against_ordered_freight_or_let_pass_as_far_as_agreed() -> None:
    freight = ordered("PO-17", "5", "FREIGHT", 1, "18.90", kind="charge", description="Fracht")
    lamps = billed("LAMP", 10, "50")
    as_line = bill(lamps, billed("", 1, "18.90", buyer_id="", name="Versandkosten"), order="PO-17")
    as_charge = bill(lamps, order="PO-17", allowances_charges=(charge("18.90"),))
    for invoice in (as_line, as_charge):
        assert world(freight).rules(invoice) == [[]]
        assert world().rules(invoice) == [["charge-not-ordered"]]
        assert world(rules="general: {charges_not_ordered: {percent: 5}}").rules(invoice) == [[]]
    again = bill(billed("SHADE", 4, "12.50"), order="PO-17", allowances_charges=(charge("18.90"),))
    assert world(freight).rules(as_charge, again) == [[], ["charge-not-ordered"]]
    dearer = bill(lamps, order="PO-17", allowances_charges=(charge("25"),))
    assert world(freight).rules(dearer) == [["price-above-order"]]


def test_a_discount_of_the_whole_invoice_may_make_a_list_price_the_ordered_one() -> None:
    discount = AllowanceCharge(is_charge=False, amount=Decimal(50), reason="Rabatt 10 %")
    line = billed("LAMP", 9, "55.55")
    assert world().rules(bill(line, order="PO-17", allowances_charges=(discount,))) == [[]]
    assert world().rules(bill(line, order="PO-17")) == [["price-above-order"]]


def test_services_need_an_order_but_no_receipt_unless_the_merchant_wants_one() -> None:
    work = ordered("PO-21", "7", "", 1, "1200", kind="service", description="Montage vor Ort")
    by_hours = bill(billed("", 8, "75", buyer_id="", unit="HUR", name="Montage vor Ort"), order="PO-21")
    assert World([work]).rules(by_hours, by_hours, by_hours) == [[], [], ["already-invoiced"]]
    strict = load("general: {services_need_receipt: true}")
    assert World([work], tolerances=strict).rules(by_hours) == [["not-received-yet"]]


def test_what_went_back_is_credited_and_may_not_be_billed() -> None:
    back = came("RET-1", "9", "1", -3, received_on=date(2026, 11, 1))
    credit = bill(billed("LAMP", 3, "50"), order="PO-17", type_code="381")
    assert World([LAMPS], [*ALL_CAME, back]).rules(bill(billed("LAMP", 10, "50"), order="PO-17")) == [
        ["quantity-above-receipt"]
    ]
    house = World([LAMPS], ALL_CAME)
    full = bill(billed("LAMP", 10, "50"), order="PO-17")
    assert house.rules(full) == [[]]
    house.supply.lines[ERP, "1"].receipts.append(Receipt("9", "RET-1", "RET1", "", Decimal(-3), date(2026, 11, 1)))
    assert house.rules(credit, credit.model_copy(update={"number": "G-2"})) == [[], []]
    assert [(row["receipt"], row["quantity"]) for row in house.kept[1]] == [("RET-1", -3)]
    much = bill(billed("LAMP", 20, "50"), order="PO-17", type_code="381")
    assert house.rules(much) == [["credit-above-invoiced"]]


def test_a_return_order_is_credited_by_its_own_lines() -> None:
    returned = ordered("RO-5", "6", "LAMP", -2, "50")
    house = World([LAMPS, returned], [*ALL_CAME, came("RET-1", "9", "6", -2)])
    full, credit = (
        bill(billed("LAMP", 10, "50"), order="PO-17"),
        bill(billed("LAMP", 2, "50"), order="RO-5", type_code="381"),
    )
    assert house.rules(full, credit) == [[], []]
    assert [(row["purchase"], row["quantity"]) for row in house.kept[1]] == [("RO-5", -2)]


def test_a_credit_of_part_of_the_price_leaves_the_goods_billed() -> None:
    house = world()
    full = bill(billed("LAMP", 10, "50"), order="PO-17")
    bonus = bill(billed("LAMP", 10, "2.50"), order="PO-17", type_code="381")
    assert house.rules(full, bonus, bill(billed("LAMP", 5, "50"), order="PO-17")) == [[], [], ["already-invoiced"]]


def test_an_invoice_without_an_order_is_what_the_merchant_makes_of_it() -> None:
    rent = bill(billed("", 1, "900", buyer_id="", name="Miete November"))
    small = bill(billed("", 1, "90", buyer_id="", name="Reinigung"))

    def grave(rules: str, invoice: Invoice) -> list[Gravity]:
        return [one.gravity for one in world(rules=rules).hold(invoice)]

    assert grave("", rent) == [Gravity.FATAL]
    assert grave("general: {without_order: note}", rent) == [Gravity.WARNING]
    assert grave("suppliers: {HANSE: {without_order: accept}}", rent) == []
    assert grave("general: {without_order_up_to: 100}", small) == [Gravity.WARNING]
    assert grave("general: {without_order_up_to: 100}", rent) == [Gravity.FATAL]
    credit = bill(
        billed("", 1, "90", buyer_id="", name="Reinigung"),
        type_code="381",
        preceding_invoices=(PrecedingInvoice(number="RE-1"),),
    )
    assert grave("", credit) == []


def test_every_finding_is_a_whole_sentence_in_both_languages_with_figures_and_remedy() -> None:
    house = world()
    findings = house.hold(
        bill(billed("LAMP", 11, "52"), billed("TABLE", 1, "80"), order="PO-17 und PO-99", currency="USD")
    )
    findings += house.hold(bill(billed("SHADE", 4, "13"), order="PO-17", allowances_charges=(charge(7),)))
    assert {one.rule for one in findings} == {
        "quantity-above-receipt", "not-ordered", "order-unknown", "currency-differs", "price-above-order",
        "charge-not-ordered",
    }  # fmt: skip
    for one in findings:
        assert one.text.endswith(".")
        assert one.text_de.endswith(".")
        assert one.location
    price = next(one for one in findings if one.rule == "price-above-order")
    assert "13.00 EUR per C62" in price.text
    assert "12,50" in price.text_de


@settings(max_examples=60, deadline=None)
@given(invoices(), st.booleans())
def test_whatever_an_invoice_says_it_is_judged_in_whole_sentences(invoice: Invoice, ordered_here: bool) -> None:
    first = invoice.lines[0] if invoice.lines else billed("LAMP", 1, "1")
    line = ordered(invoice.purchase_order_reference or "PO-1", "1", first.item.buyer_id or "LAMP", 3, "2.5")
    house = World([line] if ordered_here else [], [came("R", "1", "1", 3)])
    for one in house.hold(invoice):
        assert one.text.endswith(".")
        assert one.text_de.endswith(".")
    for row in house.kept[0]:
        assert all(abs(one) < 10**15 for one in row.values() if isinstance(one, Decimal))


@pytest.mark.parametrize("huge", ["1e15", "99999999999999999999", "1e23"])
@pytest.mark.parametrize("what", ["quantity", "net", "price"])
def test_figures_beyond_all_measure_are_found_not_stumbled_over(huge: str, what: str) -> None:
    line = billed("LAMP", 1, "50", unit="TNE")
    changes: dict[str, Any] = {what: Decimal(huge)}
    if what == "price":
        changes = {"price": Price(net=Decimal(huge)), "net": None}
    house = World([ordered("PO-17", "1", "LAMP", 10, "50", unit="MGM")], [came("R-1", "1", "1", 10)])
    assert house.hold(bill(line.model_copy(update=changes), order="PO-17"))


PRICES = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def supplies(draw: st.DrawFn) -> tuple[list[PurchaseLine], list[ReceiptLine]]:
    """Draw orders of one supplier and what came of them, in parts."""
    orders, receipts = [], []
    numbers = iter(range(1, 1000))
    for order in range(draw(st.integers(1, 3))):
        for _ in range(draw(st.integers(1, 4))):
            line, sku = str(next(numbers)), f"SKU-{draw(st.integers(1, 5))}"
            quantity = draw(st.integers(1, 40))
            orders.append(ordered(f"PO-{order + 1}", line, sku, quantity, draw(PRICES)))
            left = quantity
            while left and draw(st.booleans()):
                part = draw(st.integers(1, left))
                receipts.append(came(f"R-{order}", str(next(numbers)), line, part))
                left -= part
    return orders, receipts


@st.composite
def cut(draw: st.DrawFn, orders: list[PurchaseLine], receipts: list[ReceiptLine]) -> list[Invoice]:
    """Cut what came into invoices without any deviation, in any order; several orders may be on one."""
    invoices: dict[int, list[tuple[PurchaseLine, int]]] = {}
    by_line = {line.line: line for line in orders}
    for receipt in receipts:
        left = int(receipt.quantity)
        while left:
            part = draw(st.integers(1, left))
            invoices.setdefault(draw(st.integers(1, 4)), []).append((by_line[receipt.order_line], part))
            left -= part
    return [
        bill(
            *(billed(line.sku, part, line.unit_price, order_line=line.line) for line, part in several),
            order=", ".join(sorted({line.order for line, _ in several})),
        )
        for several in invoices.values()
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_invoices_cut_from_what_came_find_nothing_and_one_deviation_is_found_alone(data: st.DataObject) -> None:
    orders, receipts = data.draw(supplies())
    invoices = data.draw(cut(orders, receipts))
    house = World(orders, receipts)
    assert house.rules(*invoices) == [[] for _ in invoices]
    _receipts_are_billed_once(house, receipts)
    if invoices:
        _one_deviation(data, World(orders, receipts), invoices)


def _receipts_are_billed_once(house: World, receipts: list[ReceiptLine]) -> None:
    taken: dict[object, Decimal] = {}
    for row in (row for rows in house.kept for row in rows):
        assert row["receipt_line"], "What came is laid upon its receipt."
        taken[row["receipt_line"]] = taken.get(row["receipt_line"], Decimal(0)) + Decimal(str(row["quantity"]))
    assert taken == {one.line: one.quantity for one in receipts}


def _one_deviation(data: st.DataObject, house: World, invoices: list[Invoice]) -> None:
    """Plant one deviation into the last invoice, where all that came before is right."""
    *before, last = invoices
    assert house.rules(*before) == [[] for _ in before]
    line = last.lines[0]
    assert line.net is not None
    assert line.quantity is not None
    kind = data.draw(st.sampled_from(["price", "quantity", "article", "order"]))
    if kind == "price":
        net = line.net * 2 + 1
        changed, rule = {"net": net, "price": line.price.model_copy(update={"net": net / line.quantity})}, "price"
    elif kind == "quantity":
        more = line.quantity + 1000
        assert line.price.net is not None
        changed, rule = {"quantity": more, "net": more * line.price.net}, "above-receipt|already-invoiced"
    elif kind == "article":
        item = line.item.model_copy(update={"buyer_id": "NEVER", "name": "Something else"})
        changed, rule = {"item": item, "order_line": ""}, "not-ordered"
    else:
        changed, rule = {}, "order-unknown"
    wrong = last.model_copy(update={"lines": (line.model_copy(update=changed), *last.lines[1:])})
    if kind == "order":
        wrong = last.model_copy(update={"purchase_order_reference": "ZZ-999"})
    (found,) = house.rules(wrong)
    assert len(found) == 1, found
    assert any(part in found[0] for part in rule.split("|")), (kind, found)
