"""Every rule of XRechnung: a document that keeps it, and one, wrong in one thing, that breaks it."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    DirectDebit,
    Invoice,
    InvoiceLine,
    Item,
    ItemAttribute,
    Payment,
    PaymentCard,
    Period,
    PostalAddress,
    Price,
    SupportingDocument,
    ThirdPartyPayment,
)
from blocks.standards.en16931.cii_writing import write as write_cii
from blocks.standards.en16931.rules import (
    clean_vehicles,
    xrechnung,
    xrechnung_advice,
    xrechnung_document,
    xrechnung_extension,
)
from blocks.standards.en16931.rules.checking import check_document, check_xrechnung
from blocks.standards.en16931.rules.document_rules import Seen
from blocks.standards.en16931.ubl_writing import write
from blocks.standards.en16931.xml import parse
from tests.broken_invoices import BAD, LONG, NONE, Change, having, one
from tests.unit.test_xrechnung_rules import a_right_xrechnung

EXTENDED = xrechnung_extension.SPECIFICATION
DEBIT = Payment(means_code="59", debit=DirectDebit(mandate="M", creditor="C", account="DE02120300000000202051"))
GERMAN: dict[str, Change] = {
    "BR-DE-1": one("payment", NONE), "BR-DE-2": one("seller__contact", NONE), "BR-DE-3": one("seller__address__city"),
    "BR-DE-4": one("seller__address__postcode"), "BR-DE-5": one("seller__contact__name"),
    "BR-DE-6": one("seller__contact__phone"), "BR-DE-7": one("seller__contact__email"),
    "BR-DE-8": one("buyer__address__city"), "BR-DE-9": one("buyer__address__postcode"),
    "BR-DE-10": one("delivery__address", PostalAddress(country="DE", postcode="1")),
    "BR-DE-11": one("delivery__address", PostalAddress(country="DE", city="x")),
    "BR-DE-14": one("vat_breakdown__n0__rate", NONE), "BR-DE-15": one("buyer_reference"),
    "BR-DE-16": having(seller__vat_id="", seller__tax_number=""), "BR-DE-17": one("type_code", "71"),
    "BR-DE-19": one("payment__transfers__n0__account", "DE03120300000000202051"),
    "BR-DE-20": one("payment", DEBIT.model_copy(update={"debit": DirectDebit(mandate="M", account="DE1")})),
    "BR-DE-21": one("specification", "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0x"),
    "BR-DE-22": one("supporting_documents", (SupportingDocument(content=b"x", file_name="a"),) * 2),
    "BR-DE-23-a": one("payment__transfers", ()), "BR-DE-23-b": one("payment__card", PaymentCard(number="1")),
    "BR-DE-24-a": one("payment__means_code", "48"), "BR-DE-24-b": one("payment__means_code", "54"),
    "BR-DE-25-a": one("payment__means_code", "59"), "BR-DE-25-b": one("payment__means_code", "59"),
    "BR-DE-26": one("type_code", "384"), "BR-DE-27": one("seller__contact__phone", "1"),
    "BR-DE-28": one("seller__contact__email", "a@@b"),
    "BR-DE-30": one("payment", DEBIT.model_copy(update={"debit": DirectDebit(mandate="M", account="x")})),
    "BR-DE-31": one("payment", DEBIT.model_copy(update={"debit": DirectDebit(mandate="M", creditor="x")})),
    "BR-DE-TMP-32": having(delivery=None, period=None),
    "BR-DEX-01": one("supporting_documents", (SupportingDocument(content=b"x", mime_type="text/html"),)),
    "BR-DEX-02": one("lines__n0__sub_lines", (InvoiceLine(id="1.1", net=Decimal(1), vat_category="S"),)),
    "BR-DEX-03": one("lines__n0__sub_lines", (InvoiceLine(id="1.1", net=Decimal(100)),)),
    "BR-DEX-04": one("seller__identifiers", (BAD,)), "BR-DEX-05": one("seller__legal_registration", BAD),
    "BR-DEX-06": one("lines__n0__item__standard_id", BAD), "BR-DEX-07": one("seller__electronic_address", BAD),
    "BR-DEX-08": one("delivery__location", BAD),
    "BR-DEX-09": one("third_party_payments", (ThirdPartyPayment(kind="k", amount=Decimal(5), description="d"),)),
    "BR-DEX-10": one("third_party_payments", (ThirdPartyPayment(amount=Decimal(5), description="d"),)),
    "BR-DEX-11": one("third_party_payments", (ThirdPartyPayment(kind="k", description="d"),)),
    "BR-DEX-12": one("third_party_payments", (ThirdPartyPayment(kind="k", amount=Decimal(5)),)),
    "BR-DEX-13": one("third_party_payments", (ThirdPartyPayment(kind="k", amount=LONG, description="d"),)),
    "BR-DEX-14": one("third_party_payments", (ThirdPartyPayment(kind="k", description="d"),)),
    "BR-DE-CVD-01": one("contract_reference"), "BR-DE-CVD-02": one("tender_reference"),
    "BR-DE-CVD-03": having(lines__n0__item__classifications=(), lines__n0__item__attributes=()),
    "BR-DE-CVD-04": one("lines__n0__item__classifications__n0__code", "X9"),
    "BR-DE-CVD-05": one("lines__n0__item__attributes__n0__value", "dirty"),
    "BR-DE-CVD-06-a": one("lines__n0__item__attributes", ()),
    "BR-DE-CVD-06-b": one("lines__n0__item__classifications", ()),
    "BR-TMP-2": one("supporting_documents", (SupportingDocument(reference="x", location="anhang.pdf"),)),
    "BR-TMP-CVD-01": one("lines__n0__item__classifications__n0__scheme", "QQQ"),
    "PEPPOL-EN16931-R001": one("process"), "PEPPOL-EN16931-R005": one("accounting_currency", "EUR"),
    "PEPPOL-EN16931-R010": one("buyer__electronic_address", NONE),
    "PEPPOL-EN16931-R020": one("seller__electronic_address", NONE),
    **{
        f"PEPPOL-EN16931-R{number:03}": one("allowances_charges", (AllowanceCharge(is_charge=False, **given),))
        for number, given in (
            (40, {"amount": Decimal(5), "basis": Decimal(100), "percentage": Decimal(10)}),
            (41, {"amount": Decimal(5), "percentage": Decimal(10)}),
            (42, {"amount": Decimal(5), "basis": Decimal(100)}),
        )
    },
    "PEPPOL-EN16931-R046": one("lines__n0__price", Price(net=Decimal(100), gross=Decimal(120), discount=Decimal(5))),
    "PEPPOL-EN16931-R055": having(accounting_currency="USD", totals__vat_accounting=Decimal(-1)),
    "PEPPOL-EN16931-R061": one("payment", Payment(means_code="59", debit=DirectDebit(account="x"))),
    "PEPPOL-EN16931-R101": one("lines__n0__supporting_documents", (SupportingDocument(reference="x"),)),
    "PEPPOL-EN16931-R110": having(
        period=Period(start=date(2026, 11, 2)), lines__n0__period=Period(start=date(2026, 11, 1))
    ),
    "PEPPOL-EN16931-R111": having(
        period=Period(end=date(2026, 11, 2)), lines__n0__period=Period(end=date(2026, 11, 3))
    ),
    "PEPPOL-EN16931-R120": one("lines__n0__quantity", Decimal(3)),
    "PEPPOL-EN16931-R121": one("lines__n0__price__base_quantity", Decimal(-1)),
    "PEPPOL-EN16931-R130": having(lines__n0__price__base_quantity=Decimal(1), lines__n0__price__base_unit="KGM"),
}  # fmt: skip
BUYER, PRICE = "</cac:AccountingCustomerParty>", "</cbc:PriceAmount>"
CHARGE = "<cac:AllowanceCharge><cbc:ChargeIndicator>{}</cbc:ChargeIndicator></cac:AllowanceCharge>"
VEHICLE = Item(
    name="Bus",
    classifications=(Classification(code="M3", scheme="CVD"),),
    attributes=(ItemAttribute(name="cva", value="clean"),),
)


def a_base(rule: str) -> Invoice:
    """Return a right invoice under the specification that a rule belongs to."""
    right = a_right_xrechnung(tender_reference="T", contract_reference="C")
    if rule.startswith("BR-DEX"):
        return right.model_copy(update={"specification": f"{right.specification}#conformant#{EXTENDED}"})
    if "CVD" in rule:
        vehicles = f"{right.specification}#compliant#{clean_vehicles.SPECIFICATION}_0.9"
        return one("lines__n0__item", VEHICLE)(right.model_copy(update={"specification": vehicles}))
    return right


@pytest.mark.parametrize("rule", sorted(GERMAN))
def test_each_rule_of_xrechnung_is_kept_by_a_right_invoice_and_broken_by_one_wrong_thing(rule: str):
    right = a_base(rule)
    assert rule not in {finding.rule for finding in check_xrechnung(right)}
    assert rule in {finding.rule for finding in check_xrechnung(GERMAN[rule](right))}


def test_every_rule_of_xrechnung_over_the_invoice_is_tried_here():
    every = (xrechnung.RULES, xrechnung_advice.RULES, xrechnung_extension.RULES, clean_vehicles.RULES)
    assert {rule.id for rules_ in every for rule in rules_} == set(GERMAN)


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("BR-DE-18", BUYER, f"{BUYER}<cac:PaymentTerms><cbc:Note>#SKONTO#</cbc:Note></cac:PaymentTerms>"),
        ("PEPPOL-EN16931-R008", BUYER, f"{BUYER}<cac:Delivery/>"),
        ("PEPPOL-EN16931-R053", "<cac:TaxTotal>", "<cac:TaxTotal><cac:TaxSubtotal/></cac:TaxTotal><cac:TaxTotal>"),
        ("PEPPOL-EN16931-R054", "<cac:TaxTotal>", "<cac:TaxTotal/><cac:TaxTotal>"),
        ("PEPPOL-EN16931-R043-1", "<cac:TaxTotal>", f"{CHARGE.format('ja')}<cac:TaxTotal>"),
        ("PEPPOL-EN16931-R043-2", PRICE, PRICE + CHARGE.format("ja")),
        ("PEPPOL-EN16931-R044", PRICE, PRICE + CHARGE.format("true")),
    ],
)
def test_what_xrechnung_asks_of_the_document_itself(rule: str, old: str, new: str):
    data = write(a_right_xrechnung())[0].decode()
    assert old in data

    def shown(document: str) -> set[str]:
        return {finding.rule for finding in xrechnung_document.shown(Seen(parse(document.encode())))}

    assert rule not in shown(data)
    assert rule in shown(data.replace(old, new, 1))


GROSS = "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>1</ram:ChargeAmount>{}</ram:GrossPriceProductTradePrice>"
QUANTITY = '<ram:BasisQuantity unitCode="{1}">{0}</ram:BasisQuantity>'
NET, NET_ENDS = "<ram:NetPriceProductTradePrice>", "</ram:NetPriceProductTradePrice>"


def in_cii(**changes: Any) -> str:
    return re.sub(r">\s+<", "><", write_cii(a_right_xrechnung(**changes))[0].decode())


def german(document: str) -> set[str]:
    return {finding.rule for finding in check_document(document.encode(), xrechnung=True)[3]}


@pytest.mark.parametrize(
    ("gross", "net", "broken"),
    [(("1", "C62"), ("1.00", "C62"), False), (("2", "C62"), ("1", "C62"), True), (("1", "KGM"), ("1", "C62"), True)],
    ids=["the same", "another quantity", "another unit"],
)
def test_in_cii_gross_and_net_price_are_for_the_same_quantity(
    gross: tuple[str, str], net: tuple[str, str], broken: bool
):
    plain = in_cii()
    assert "BR-TMP-3" not in german(plain)
    assert "BR-TMP-3" not in german(plain.replace(NET, GROSS.format(QUANTITY.format("2", "C62")) + NET, 1))
    priced = plain.replace(NET, GROSS.format(QUANTITY.format(*gross)) + NET, 1)
    priced = priced.replace(
        "</ram:NetPriceProductTradePrice>", f"{QUANTITY.format(*net)}</ram:NetPriceProductTradePrice>", 1
    )
    assert ("BR-TMP-3" in german(priced)) is broken


def test_in_cii_the_extension_knows_no_sub_lines():
    plain = in_cii()
    below = plain.replace("</ram:LineID>", "</ram:LineID><ram:ParentLineID>1</ram:ParentLineID>", 1)
    assert "BR-DEX-15" not in german(below)
    assert "BR-DEX-15" in german(
        below.replace(xrechnung.SPECIFICATION, f"{xrechnung.SPECIFICATION}#conformant#{EXTENDED}", 1)
    )
