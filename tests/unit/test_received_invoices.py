"""The verdict on a received invoice: format, business rules and content told apart, with what they mean for VAT."""

import base64
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.invoice_verdicts import (
    FindingClass,
    Gravity,
    InputTax,
    InvoiceVerdict,
    Judged,
    LegalContext,
    Supplier,
)
from blocks.documents.invoices import Invoice, VatBreakdown
from blocks.standards.en16931.hybrid_writing import embed
from blocks.standards.en16931.invoice_page import page_of
from blocks.standards.en16931.rules.received import judge_received
from blocks.standards.en16931.ubl_writing import write
from tests.interchanges import whole
from tests.unit.test_vat_law import an_invoice
from tests.unit.test_xrechnung_rules import a_right_xrechnung

TODAY = LegalContext(received_on=date(2026, 11, 22))
NEXT_YEAR = LegalContext(received_on=date(2027, 2, 1), supplier=Supplier(turnover_above_limit=True))


def ubl(invoice: Invoice) -> bytes:
    return write(invoice)[0]


def large(**changes: Any) -> Invoice:
    """Return a right XRechnung over more than 250 euros."""
    right = a_right_xrechnung()
    group = VatBreakdown(category="S", rate=Decimal(19), basis=Decimal(1000), amount=Decimal(190))
    line = right.lines[0].model_copy(update={"net": Decimal(1000), "quantity": Decimal(10)})
    totals = right.totals.model_copy(
        update={
            "line_net": Decimal(1000), "net": Decimal(1000), "vat": Decimal(190), "gross": Decimal(1190),
            "payable": Decimal(1190),
        }
    )  # fmt: skip
    return right.model_copy(update={"lines": (line,), "totals": totals, "vat_breakdown": (group,), **changes})


def classes(verdict: InvoiceVerdict) -> tuple[str, str, str]:
    return verdict.format.value, verdict.business_rules.value, verdict.content.value


def rules(verdict: InvoiceVerdict, kind: FindingClass | None = None) -> set[str]:
    return {one.rule for one in verdict.findings if kind in {None, one.kind}}


def test_a_right_e_invoice_passes_all_classes_and_names_the_editions_it_was_judged_by():
    verdict = judge_received(ubl(large()), None, TODAY)
    assert classes(verdict) == ("passed", "passed", "passed")
    assert (verdict.is_e_invoice, verdict.input_tax, verdict.findings) == (True, InputTax.UNAFFECTED, ())
    assert set(verdict.rule_sets) == {"en16931", "xrechnung", "ustg", "content"}
    assert all(verdict.rule_sets.values())
    assert verdict.supply is Judged.NOT_CHECKED
    assert not verdict.clean
    assert verdict.with_supply((), version="1").clean


def test_t_doc_5_a_missing_issue_date_is_a_content_error_that_names_the_law():
    data = re.sub(rb"<cbc:IssueDate>.*?</cbc:IssueDate>", b"", ubl(large()))
    verdict = judge_received(data, None, TODAY)
    [finding] = [one for one in verdict.findings if one.kind is FindingClass.CONTENT]
    assert finding.gravity is Gravity.FATAL
    assert "§14(4) no. 3 UStG" in finding.text
    assert "§ 14 Abs. 4 Nr. 3 UStG" in finding.text_de
    assert (verdict.content, verdict.input_tax) == (Judged.FAILED, InputTax.AT_RISK)


def test_t_doc_5_a_missing_buyer_reference_is_a_remark_without_effect_on_vat():
    verdict = judge_received(ubl(large(buyer_reference="")), None, TODAY)
    [finding] = verdict.findings
    assert (finding.rule, finding.kind, finding.gravity) == ("BR-DE-15", FindingClass.BUSINESS_RULE, Gravity.WARNING)
    assert "leaves the input tax untouched" in finding.text
    assert (verdict.input_tax, verdict.is_e_invoice) == (InputTax.UNAFFECTED, True)


@pytest.mark.parametrize("data", [b"<Invoice><broken>", b"<order/>", b"", b"\x00\xff\xfe garbage", b"%PDF-1.7 torn"])
def test_t_doc_5_what_is_broken_is_a_format_error_and_another_invoice(data: bytes):
    verdict = judge_received(data, None, TODAY)
    assert classes(verdict) == ("failed", "not-checked", "not-checked")
    assert (verdict.is_e_invoice, verdict.input_tax) == (False, InputTax.AT_RISK)
    assert rules(verdict) == {"FORMAT"}
    assert "another invoice" in verdict.findings[0].text


def test_a_broken_business_rule_matters_where_it_hits_an_item_the_law_demands():
    wrong = large(totals=large().totals.model_copy(update={"gross": Decimal(1290), "payable": Decimal(1290)}))
    verdict = judge_received(ubl(wrong), None, TODAY)
    assert "BR-CO-15" in rules(verdict, FindingClass.BUSINESS_RULE)
    assert (verdict.business_rules, verdict.input_tax) == (Judged.FAILED, InputTax.AT_RISK)
    unclear = large(lines=(large().lines[0].model_copy(update={"unit": "QQQ"}),))
    verdict = judge_received(ubl(unclear), None, TODAY)
    assert (verdict.business_rules, verdict.input_tax) == (Judged.FAILED, InputTax.UNAFFECTED)


def test_t_doc_7_vat_under_reverse_charge_cannot_be_deducted():
    group = VatBreakdown(
        category="AE", rate=Decimal(0), basis=Decimal(1000), amount=Decimal(190), exemption_reason="Reverse charge"
    )
    verdict = judge_received(ubl(large(vat_breakdown=(group,))), None, TODAY)
    assert {"BR-AE-09", "USTG-14C-13B"} <= rules(verdict)
    assert verdict.input_tax is InputTax.NOT_DEDUCTIBLE


def a_page() -> bytes:
    return page_of(an_invoice())


def test_a_plain_pdf_is_another_invoice_whose_form_is_enough_while_the_law_allows_it():
    verdict = judge_received(a_page(), an_invoice(), TODAY)
    assert (verdict.format, verdict.business_rules) == (Judged.NOT_CHECKED, Judged.NOT_CHECKED)
    assert verdict.is_e_invoice is False
    assert "E-INVOICE-NOT-YET" in rules(verdict, FindingClass.FORMAT)
    late = an_invoice(issue_date=date(2027, 1, 15))
    verdict = judge_received(page_of(late), late, NEXT_YEAR)
    assert (verdict.format, verdict.is_e_invoice) == (Judged.FAILED, False)
    assert "E-INVOICE-DUE" in rules(verdict)
    assert verdict.input_tax is InputTax.AT_RISK


def test_a_page_that_nobody_could_read_is_not_checked_which_is_a_verdict_of_its_own():
    verdict = judge_received(a_page(), None, TODAY)
    assert classes(verdict) == ("not-checked", "not-checked", "not-checked")
    assert (verdict.is_e_invoice, verdict.input_tax) == (False, InputTax.NOT_JUDGED)
    assert "NOT-READ" in rules(verdict)


def test_the_content_of_a_page_is_judged_as_it_was_read():
    verdict = judge_received(a_page(), an_invoice(number=""), TODAY)
    assert (verdict.content, verdict.input_tax) == (Judged.FAILED, InputTax.AT_RISK)
    assert "USTG-14-4-4" in rules(verdict)


def test_edifact_is_judged_by_its_structure_and_the_canonical_content():
    data = whole("INVOIC")
    verdict = judge_received(data, an_invoice(), TODAY)
    assert classes(verdict) == ("passed", "not-checked", "passed")
    assert verdict.is_e_invoice is None
    assert "E-INVOICE-NOT-YET" in rules(verdict)
    torn = judge_received(data[:-40], an_invoice(), TODAY)
    assert (torn.format, torn.input_tax) == (Judged.FAILED, InputTax.AT_RISK)
    assert judge_received(data, None, TODAY).content is Judged.NOT_CHECKED


def test_t_doc_9_a_hybrid_whose_xml_differs_from_its_page_is_flagged_and_both_are_said():
    invoice = large(specification="urn:cen.eu:en16931:2017")
    page = page_of(invoice)
    same = judge_received(embed(page, invoice), None, TODAY)
    assert "HYBRID-PAGE" not in rules(same)
    other = invoice.model_copy(update={"totals": invoice.totals.model_copy(update={"gross": Decimal("1191.00")})})
    verdict = judge_received(embed(page, other), None, TODAY)
    [finding] = [one for one in verdict.findings if one.rule == "HYBRID-PAGE"]
    assert "1191.00" in finding.text
    assert "both kept" in finding.text
    assert (verdict.content, verdict.input_tax) == (Judged.FAILED, InputTax.AT_RISK)


@pytest.mark.parametrize("profile", ["urn:factur-x.eu:1p0:minimum", "urn:factur-x.eu:1p0:basicwl"])
def test_a_profile_without_lines_is_no_e_invoice_and_its_page_is_the_invoice(profile: str):
    verdict = judge_received(ubl(large(specification=profile)), None, TODAY)
    assert (verdict.is_e_invoice, verdict.business_rules) == (False, Judged.NOT_CHECKED)
    assert verdict.content is Judged.NOT_CHECKED
    assert "E-INVOICE-NOT-YET" in rules(verdict)


ODD = ("1E+100", "NaN", "", "   ", "9" * 10_000, "-0", "INF", "0x10", "1,00", "\u0661", "--", "1.2.3")
PLACES = ("Percent", "TaxableAmount", "TaxAmount", "PriceAmount", "LineExtensionAmount", "PayableAmount", "IssueDate")


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_become_findings_and_never_tracebacks(place: str):
    plain = ubl(large()).decode()
    for odd in ODD:
        spoilt = re.sub(rf"(<cbc:{place}[^>]*>)[^<]*<", lambda found, odd=odd: f"{found[1]}{odd}<", plain)
        verdict = judge_received(spoilt.encode(), None, TODAY)
        assert verdict.findings, (place, odd)
        assert all(one.text and one.text_de and len(one.text) < 2000 for one in verdict.findings)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><Invoice>&l9;</Invoice>'.encode(),
    "an external entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Invoice>&e;</Invoice>',
    "an external document type": b'<!DOCTYPE Invoice SYSTEM "http://192.0.2.1/x.dtd"><Invoice/>',
    "elements without end": b"<a>" * 100_000,
    "an unknown encoding": b'<?xml version="1.0" encoding="UTF-7"?><Invoice/>',
    "an encoding that lies": b'<?xml version="1.0" encoding="UTF-8"?><Invoice>\xe4</Invoice>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_ends_in_one_sentence_and_says_nothing_of_this_machine(name: str):
    verdict = judge_received(HOSTILE[name], None, TODAY)
    assert (verdict.format, verdict.is_e_invoice) == (Judged.FAILED, False)
    [finding] = verdict.findings
    assert "root:" not in finding.text
    assert finding.text.count("\n") == 0


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_an_invoice_in_another_encoding_gets_the_same_verdict(codec: str):
    text = ubl(large()).decode().partition("?>")[2]
    named = "utf-8" if codec == "utf-8-sig" else codec
    data = f'<?xml version="1.0" encoding="{named}"?>{text}'.encode(codec)
    assert judge_received(data, None, TODAY) == judge_received(ubl(large()), None, TODAY)


def test_signed_xml_is_judged_like_the_invoice_in_it():
    signature = (
        '<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
        '<ext:UBLExtension><ext:ExtensionContent><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        "<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature></ext:ExtensionContent></ext:UBLExtension>"
        "</ext:UBLExtensions>"
    )
    signed = re.sub(r"(<[A-Za-z:]*Invoice[^>]*>)", lambda found: found[1] + signature, ubl(large()).decode(), count=1)
    verdict = judge_received(signed.encode(), None, TODAY)
    assert classes(verdict) == ("passed", "passed", "passed")


def test_an_attachment_of_a_hundred_megabytes_is_judged_or_refused_in_bounded_memory():
    content = base64.b64encode(b"\x00" * 72 * 2**20)
    attached = (
        b"<cac:AdditionalDocumentReference><cbc:ID>A</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject"
        b' mimeCode="application/pdf" filename="a.pdf">' + content + b"</cbc:EmbeddedDocumentBinaryObject>"
        b"</cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>"
    )
    data = ubl(large()).replace(b"<cac:AccountingSupplierParty>", attached, 1)
    assert len(data) > 96 * 2**20
    assert classes(judge_received(data, None, TODAY)) == ("passed", "passed", "passed")
    refused = judge_received(data + b" " * (33 * 2**20), None, TODAY)
    assert "more than the 128 MB" in refused.findings[0].text


def test_thousands_of_breaches_neither_fill_the_verdict_nor_lose_the_fatal_ones():
    line = large().lines[0].model_copy(update={"unit": "QQQ"})
    verdict = judge_received(ubl(large(lines=(line,) * 2000)), None, TODAY)
    assert len(verdict.findings) <= 300
    assert verdict.business_rules is Judged.FAILED


def negative(type_code: str) -> Invoice:
    """Return an invoice or a credit note over minus 1,190 euros."""
    group = VatBreakdown(category="S", rate=Decimal(19), basis=Decimal(-1000), amount=Decimal(-190))
    line = large().lines[0].model_copy(update={"quantity": Decimal(-10), "net": Decimal(-1000)})
    sums = {"line_net": -1000, "net": -1000, "vat": -190, "gross": -1190, "payable": -1190}
    totals = large().totals.model_copy(update={name: Decimal(value) for name, value in sums.items()})
    return large(type_code=type_code, lines=(line,), totals=totals, vat_breakdown=(group,))


@pytest.mark.parametrize(("type_code", "rule"), [("380", "USTG-17-NEGATIVE"), ("381", "USTG-17-CREDIT-NEGATIVE")])
def test_a_sum_below_zero_is_remarked_on_for_it_turns_the_meaning_of_the_document_round(type_code: str, rule: str):
    verdict = judge_received(ubl(negative(type_code)), None, TODAY)
    assert rule in rules(verdict)
    assert classes(verdict) == ("passed", "passed", "passed")


def test_an_invoice_over_nothing_and_one_paid_in_full_before_pass():
    prepaid = large().totals.model_copy(update={"prepaid": Decimal(1190), "payable": Decimal(0)})
    verdict = judge_received(ubl(large(totals=prepaid)), None, TODAY)
    assert (rules(verdict), classes(verdict)) == ({"USTG-14-5"}, ("passed", "passed", "passed"))
    wrong = large().totals.model_copy(update={"prepaid": Decimal(500)})
    assert "BR-CO-16" in rules(judge_received(ubl(large(totals=wrong)), None, TODAY))


@pytest.mark.parametrize("currency", ["EUR", "CZK", "DKK", "HUF", "PLN", "RON", "SEK"])
def test_an_invoice_in_any_currency_of_the_union_passes(currency: str):
    assert classes(judge_received(ubl(large(currency=currency)), None, TODAY)) == ("passed", "passed", "passed")
