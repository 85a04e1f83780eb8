"""The verdict on a received invoice: format, business rules and content told apart, with what they mean for VAT."""

from datetime import date

from blocks.documents.invoice_verdicts import InputTax, Judged, LegalContext
from blocks.standards.en16931.rules.received import judge_received
from blocks.standards.en16931.ubl_writing import write
from tests.unit.test_xrechnung_rules import a_right_xrechnung

TODAY = LegalContext(received_on=date(2026, 11, 22))


def test_t_doc_5_broken_xml_is_a_format_error_and_another_invoice():
    verdict = judge_received(b"<Invoice><broken>", None, TODAY)
    assert (verdict.format, verdict.business_rules, verdict.content) == (
        Judged.FAILED,
        Judged.NOT_CHECKED,
        Judged.NOT_CHECKED,
    )
    assert verdict.is_e_invoice is False
    assert verdict.input_tax is InputTax.AT_RISK


def test_t_doc_5_a_missing_buyer_reference_is_a_remark_without_effect_on_vat():
    data, _ = write(a_right_xrechnung(buyer_reference=""))
    verdict = judge_received(data, None, TODAY)
    assert [(one.rule, one.gravity.value) for one in verdict.findings] == [("BR-DE-15", "warning")]
    assert verdict.input_tax is InputTax.UNAFFECTED
    assert verdict.is_e_invoice is True
