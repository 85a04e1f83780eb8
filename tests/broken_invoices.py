"""Invoices that keep every rule, and what breaks each of them: for the tests of the rules."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    Delivery,
    Identifier,
    Invoice,
    InvoiceLine,
    Item,
    ItemAttribute,
    Note,
    Party,
    Payee,
    Payment,
    PaymentCard,
    Period,
    PostalAddress,
    PrecedingInvoice,
    Price,
    SupportingDocument,
    TaxRepresentative,
    Totals,
    VatBreakdown,
)
from blocks.standards.en16931.rules.checking import check
from blocks.standards.en16931.rules.vat_categories import CATEGORIES, Category

ALWAYS_KEPT = {"BR-CO-05", "BR-CO-06", "BR-CO-07", "BR-CO-08"}
"""Reason and code of a reduction must mean the same: the published artefacts assert it to be true."""
IN_DOCUMENTS = {"BR-CL-03", "BR-CO-19", "BR-CO-20"}
"""Rules that only a document can break: its canonical invoice has one currency and no empty period."""
GERMANY = PostalAddress(line_1="Hauptstr. 1", city="Köln", postcode="50667", country="DE")
BAD = Identifier(value="1", scheme="QQQQ")
RATES = {"positive": Decimal(19), "any": Decimal(7), "zero": Decimal(0), "none": None}

Change = Callable[[Invoice], Invoice]


def named() -> set[str]:
    """Return the ids of the business rules of EN 16931: 223 in the artefacts for UBL, and BR-CO-25 of those for CII."""
    numbered = [number for number in range(1, 66) if number not in {34, 35, 39, 40, 58, 59, 60}]
    decimals = [number for number in range(1, 29) if number not in {3, 4, 7, 8, 21, 22, 26}]
    listed = [number for number in range(1, 27) if number not in {2, 9, 12}]
    families = {family.family: 10 for family in CATEGORIES} | {"IC": 12, "O": 14, "B": 2}
    return {
        *(f"BR-{number:02}" for number in numbered),
        *(f"BR-DEC-{number:02}" for number in decimals),
        *(f"BR-CL-{number:02}" for number in listed),
        *(f"BR-CO-{number:02}" for number in range(3, 27)),
        *(f"BR-{family}-{number:02}" for family, most in families.items() for number in range(1, most + 1)),
    }


def of(category: Category) -> Invoice:
    """Return an invoice of one VAT category in a line, an allowance and a charge, that keeps every rule."""
    rate, free = RATES[category.rate], category.code == "O"
    tax = Decimal("95.00") * (rate or 0) / 100
    price, line_net = Price(net=Decimal("110.00"), gross=Decimal("115.00"), discount=Decimal("5.00")), Decimal("100.00")
    seller = Party(
        name="Müller GmbH",
        vat_id="" if free else "DE123456788",
        legal_registration=Identifier(value="HRB 1", scheme="0002"),
        address=GERMANY,
        electronic_address=Identifier(value="a@example.com", scheme="EM"),
    )
    return Invoice(
        number="R-1",
        issue_date=date(2026, 11, 21),
        type_code="380",
        currency="EUR",
        specification="urn:cen.eu:en16931:2017",
        due_date=date(2026, 12, 21),
        seller=seller,
        buyer=Party(name="Käufer AG", vat_id="" if free else "ATU12345675", address=GERMANY),
        payee=Payee(name="Bank", identifier=Identifier(value="9"), legal_registration=Identifier(value="8")),
        tax_representative=None if free else TaxRepresentative(name="V", vat_id="DE123456788", address=GERMANY),
        delivery=Delivery(
            location=Identifier(value="L"), delivered_on=date(2026, 11, 20), address=PostalAddress(country="AT")
        ),
        period=Period(start=date(2026, 11, 1), end=date(2026, 11, 30)),
        payment=Payment(means_code="58", transfers=({"account": "DE02120300000000202051"},)),
        preceding_invoices=(PrecedingInvoice(number="R-0"),),
        notes=(Note(text="x", subject_code="AAI"),),
        object_identifier=Identifier(value="O", scheme="AAA"),
        supporting_documents=(
            SupportingDocument(reference="A", content=b"x", mime_type="application/pdf", file_name="a.pdf"),
        ),
        allowances_charges=(
            AllowanceCharge(
                is_charge=False, amount=Decimal("10.00"), basis=Decimal("100.00"), vat_category=category.code,
                vat_rate=rate, reason="Rabatt", reason_code="95",
            ),
            AllowanceCharge(
                is_charge=True, amount=Decimal("5.00"), basis=Decimal("100.00"), vat_category=category.code,
                vat_rate=rate, reason="Fracht", reason_code="FC",
            ),
        ),
        totals=Totals(
            line_net=line_net, allowances=Decimal("10.00"), charges=Decimal("5.00"), net=Decimal("95.00"), vat=tax,
            gross=Decimal("95.00") + tax, payable=Decimal("95.00") + tax,
        ),
        vat_breakdown=(
            VatBreakdown(
                category=category.code, rate=rate, basis=Decimal("95.00"), amount=tax,
                exemption_reason="because" if category.reason else "",
            ),
        ),
        lines=(
            InvoiceLine(
                id="1", quantity=Decimal(1), unit="C62", net=line_net, vat_category=category.code, vat_rate=rate,
                price=price, period=Period(start=date(2026, 11, 2), end=date(2026, 11, 3)),
                object_identifier=Identifier(value="P", scheme="AAA"),
                allowances_charges=(
                    AllowanceCharge(is_charge=False, amount=Decimal("20.00"), basis=Decimal("100.00"), reason="a"),
                    AllowanceCharge(is_charge=True, amount=Decimal("10.00"), basis=Decimal("100.00"), reason="b"),
                ),
                item=Item(
                    name="Pumpe", standard_id=Identifier(value="4012345678901", scheme="0160"),
                    classifications=(Classification(code="1", scheme="STI"),), country_of_origin="DE",
                    attributes=(ItemAttribute(name="Farbe", value="rot"),),
                ),
            ),
        ),
    )  # fmt: skip


RIGHT = of(CATEGORIES[0])


def having(**changes: Any) -> Change:
    """Return what gives an invoice other values; a name with dots goes into a group, a number into one of several."""

    def change(invoice: Invoice) -> Invoice:
        for path, value in changes.items():
            invoice = _set(invoice, path.split("__"), value)
        return invoice

    return change


def _set(group: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    if isinstance(group, tuple):
        place = int(path[0].removeprefix("n"))
        return (*group[:place], _set(group[place], path[1:], value), *group[place + 1 :])
    return group.model_copy(update={path[0]: _set(getattr(group, path[0]), path[1:], value)})


def one(path: str, value: Any = "") -> Change:
    return having(**{path: value})


LONG, NONE = Decimal("1.001"), None
BROKEN: dict[str, Change] = {
    "BR-01": one("specification"), "BR-02": one("number"), "BR-03": one("issue_date", NONE),
    "BR-04": one("type_code"), "BR-05": one("currency"), "BR-06": one("seller__name"), "BR-07": one("buyer__name"),
    "BR-08": one("seller__address", NONE), "BR-09": one("seller__address__country"),
    "BR-10": one("buyer__address", NONE), "BR-11": one("buyer__address__country"),
    "BR-12": one("totals__line_net", NONE), "BR-13": one("totals__net", NONE), "BR-14": one("totals__gross", NONE),
    "BR-15": one("totals__payable", NONE), "BR-16": one("lines", ()), "BR-17": one("payee__name"),
    "BR-18": one("tax_representative__name"), "BR-19": one("tax_representative__address", NONE),
    "BR-20": one("tax_representative__address__country"), "BR-21": one("lines__n0__id"),
    "BR-22": one("lines__n0__quantity", NONE), "BR-23": one("lines__n0__unit"), "BR-24": one("lines__n0__net", NONE),
    "BR-25": one("lines__n0__item__name"), "BR-26": one("lines__n0__price__net", NONE),
    "BR-27": one("lines__n0__price__net", Decimal(-1)), "BR-28": one("lines__n0__price__gross", Decimal(-1)),
    "BR-29": one("period__end", date(2026, 10, 1)), "BR-30": one("lines__n0__period__end", date(2026, 10, 1)),
    "BR-31": one("allowances_charges__n0__amount", NONE), "BR-32": one("allowances_charges__n0__vat_category"),
    "BR-33": having(allowances_charges__n0__reason="", allowances_charges__n0__reason_code=""),
    "BR-36": one("allowances_charges__n1__amount", NONE), "BR-37": one("allowances_charges__n1__vat_category"),
    "BR-38": having(allowances_charges__n1__reason="", allowances_charges__n1__reason_code=""),
    "BR-41": one("lines__n0__allowances_charges__n0__amount", NONE),
    "BR-42": one("lines__n0__allowances_charges__n0__reason"),
    "BR-43": one("lines__n0__allowances_charges__n1__amount", NONE),
    "BR-44": one("lines__n0__allowances_charges__n1__reason"),
    "BR-45": one("vat_breakdown__n0__basis", NONE), "BR-46": one("vat_breakdown__n0__amount", NONE),
    "BR-47": one("vat_breakdown__n0__category"), "BR-48": one("vat_breakdown__n0__rate", NONE),
    "BR-49": one("payment__means_code"), "BR-50": one("payment__transfers__n0__account"),
    "BR-51": one("payment__card", PaymentCard(number="4111111111111111")),
    "BR-52": one("supporting_documents__n0__reference"), "BR-53": one("accounting_currency", "USD"),
    "BR-54": one("lines__n0__item__attributes__n0__value"), "BR-55": one("preceding_invoices__n0__number"),
    "BR-56": one("tax_representative__vat_id"), "BR-57": one("delivery__address__country"),
    "BR-61": one("payment__transfers", ()), "BR-62": one("seller__electronic_address__scheme"),
    "BR-63": one("buyer__electronic_address", Identifier(value="x")),
    "BR-64": one("lines__n0__item__standard_id__scheme"), "BR-65": one("lines__n0__item__classifications__n0__scheme"),
    "BR-CL-01": one("type_code", "999"), "BR-CL-04": one("currency", "QQQ"),
    "BR-CL-05": one("accounting_currency", "QQQ"), "BR-CL-06": one("tax_point_code", "99"),
    "BR-CL-07": one("object_identifier", BAD), "BR-CL-08": one("notes__n0__subject_code", "QQQ"),
    "BR-CL-10": one("seller__identifiers", (BAD,)), "BR-CL-11": one("seller__legal_registration", BAD),
    "BR-CL-13": one("lines__n0__item__classifications__n0__scheme", "QQQ"),
    "BR-CL-14": one("buyer__address__country", "QQ"),
    "BR-CL-15": one("lines__n0__item__country_of_origin", "QQ"), "BR-CL-16": one("payment__means_code", "999"),
    "BR-CL-17": one("vat_breakdown__n0__category", "Q"), "BR-CL-18": one("lines__n0__vat_category", "Q"),
    "BR-CL-19": one("allowances_charges__n0__reason_code", "QQ"),
    "BR-CL-20": one("allowances_charges__n1__reason_code", "QQ"), "BR-CL-21": one("lines__n0__item__standard_id", BAD),
    "BR-CL-22": one("vat_breakdown__n0__exemption_code", "QQ"), "BR-CL-23": one("lines__n0__unit", "QQQ"),
    "BR-CL-24": one("supporting_documents__n0__mime_type", "text/html"),
    "BR-CL-25": one("seller__electronic_address", BAD), "BR-CL-26": one("delivery__location", BAD),
    "BR-CO-03": having(tax_point_date=date(2026, 11, 21), tax_point_code="3"),
    "BR-CO-04": one("lines__n0__vat_category"), "BR-CO-09": one("seller__vat_id", "QQ123"),
    "BR-CO-10": one("totals__line_net", Decimal(1)), "BR-CO-11": one("totals__allowances", Decimal(1)),
    "BR-CO-12": one("totals__charges", Decimal(1)), "BR-CO-13": one("totals__net", Decimal(1)),
    "BR-CO-14": one("totals__vat", Decimal(1)), "BR-CO-15": one("totals__gross", Decimal(1)),
    "BR-CO-16": one("totals__payable", Decimal(1)), "BR-CO-17": one("vat_breakdown__n0__amount", Decimal(1)),
    "BR-CO-18": one("vat_breakdown", ()),
    "BR-CO-21": having(allowances_charges__n0__reason="", allowances_charges__n0__reason_code=""),
    "BR-CO-22": having(allowances_charges__n1__reason="", allowances_charges__n1__reason_code=""),
    "BR-CO-23": one("lines__n0__allowances_charges__n0__reason"),
    "BR-CO-24": one("lines__n0__allowances_charges__n1__reason"),
    "BR-CO-25": having(due_date=None, payment_terms=""),
    "BR-CO-26": having(seller__vat_id="", seller__legal_registration=None),
    "BR-DEC-01": one("allowances_charges__n0__amount", LONG), "BR-DEC-02": one("allowances_charges__n0__basis", LONG),
    "BR-DEC-05": one("allowances_charges__n1__amount", LONG), "BR-DEC-06": one("allowances_charges__n1__basis", LONG),
    **{
        f"BR-DEC-{number:02}": one(f"totals__{name}", LONG)
        for number, name in enumerate(
            (
                *("line_net", "allowances", "charges", "net", "vat", "gross", "vat_accounting", "prepaid"),
                *("rounding", "payable"),
            ),
            9,
        )
    },
    "BR-DEC-19": one("vat_breakdown__n0__basis", LONG), "BR-DEC-20": one("vat_breakdown__n0__amount", LONG),
    "BR-DEC-23": one("lines__n0__net", LONG), "BR-DEC-24": one("lines__n0__allowances_charges__n0__amount", LONG),
    "BR-DEC-25": one("lines__n0__allowances_charges__n0__basis", LONG),
    "BR-DEC-27": one("lines__n0__allowances_charges__n1__amount", LONG),
    "BR-DEC-28": one("lines__n0__allowances_charges__n1__basis", LONG),
    "BR-B-01": one("lines__n0__vat_category", "B"), "BR-B-02": one("allowances_charges__n0__vat_category", "B"),
}  # fmt: skip


def of_family(category: Category) -> dict[str, Change]:
    """Return what breaks each of the ten rules of a VAT category."""
    nobody = having(seller__vat_id="", seller__tax_number="", tax_representative=None, buyer__vat_id="")
    somebody = having(seller__vat_id="DE123456788")
    wrong_rate = {"positive": Decimal(0), "any": Decimal(-1), "zero": Decimal(19), "none": Decimal(0)}[category.rate]
    who = somebody if category.code == "O" else nobody
    reason = "" if category.reason else "because"
    return {
        f"BR-{category.family}-{number:02}": change
        for number, change in enumerate(
            (
                one("vat_breakdown", (VatBreakdown(category="Q", basis=Decimal(1), amount=Decimal(0)),)),
                *(who, who, who),
                one("lines__n0__vat_rate", wrong_rate),
                one("allowances_charges__n0__vat_rate", wrong_rate),
                one("allowances_charges__n1__vat_rate", wrong_rate),
                one("vat_breakdown__n0__basis", Decimal(7)),
                one("vat_breakdown__n0__amount", Decimal(77)),
                one("vat_breakdown__n0__exemption_reason", reason),
            ),
            1,
        )
    }


def broken(invoice: Invoice) -> set[str]:
    return {finding.rule for finding in check(invoice)}
