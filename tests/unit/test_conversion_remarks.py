"""What a form cannot hold, and what is odd but printed so, is told to the analyst and never dropped."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blocks.documents.conversions import Conversion, Outcome
from blocks.documents.invoices import Invoice
from blocks.standards.printed_invoices.reader import read_printed
from deployments.cli import app
from tasks.edi_conversion.converting import convert
from tasks.edi_conversion.summary import ConversionSummary, page
from tasks.edi_conversion.writing import unfit, write
from tests.paper import Case, german_letter, printed
from tests.pdfs import PaperPage, pdf


def invoice() -> Invoice:
    """Return an invoice that closes."""
    found = read_printed(printed(Case())).invoice
    assert found is not None
    return found


def in_category(code: str) -> Invoice:
    """Return it with another VAT category."""
    plain = invoice()
    groups = tuple(group.model_copy(update={"category": code}) for group in plain.vat_breakdown)
    return plain.model_copy(update={"vat_breakdown": groups})


@pytest.mark.parametrize("form", ["ubl", "cii", "zugferd"])
def test_a_vat_category_that_en_16931_does_not_have_goes_to_a_person_and_into_edifact(form: str) -> None:
    read = Conversion(file="a.edi", outcome=Outcome.PROVEN, invoice=in_category("A"))
    written = write(read, form).conversion
    assert written.outcome is Outcome.REVIEW
    assert [reason for reason in written.reasons if "VAT category A (UNTDID 5305)" in reason]
    assert unfit(in_category("A"), "edifact") == unfit(in_category("B"), form) == ()


def test_italian_split_payment_is_category_b_and_what_is_to_pay_is_asked_of_a_person() -> None:
    facts = [("Rechnungsnummer", "4711"), ("Datum", "15.03.2024")]
    totals = [("Nettobetrag", "100,00 €"), ("zzgl. 19 % MwSt.", "19,00 €"), ("Rechnungsbetrag", "119,00 €")]
    line = ("1", "Hammer", "2", "50,00", "19 %", "100,00")
    found = read_printed(
        german_letter(
            facts, line, [*totals, ("Zahlbetrag", "100,00 €")], sentence="Scissione dei pagamenti art. 17-ter"
        )
    )
    assert found.invoice is not None
    assert [group.category for group in found.invoice.vat_breakdown] == ["B"]
    assert found.outcome is Outcome.REVIEW
    assert any("100,00" in reason and "does not follow from the total 119.00" in reason for reason in found.reasons)


def test_an_invoice_without_lines_goes_out_as_json_only() -> None:
    bare = Conversion(file="a.pdf", outcome=Outcome.PROVEN, invoice=invoice().model_copy(update={"lines": ()}))
    assert write(bare, "json").conversion.outcome is Outcome.PROVEN
    assert [form for form in ("ubl", "cii", "edifact") if write(bare, form).conversion.outcome is Outcome.PROVEN] == []


ODD = replace(Case(), language="de")


def on_paper(account: str) -> bytes:
    """Return the PDF of an invoice with another account number."""
    paper = PaperPage()
    for row in printed(ODD).rows:
        for word in row.words:
            said = account if word.text.startswith("DE02") else word.text
            paper.text(word.left, word.bottom, said, size=word.size * 0.8, font="F3")
    return pdf([paper])


def test_what_is_odd_but_printed_so_reaches_report_terminal_and_page(tmp_path: Path) -> None:
    (tmp_path / "odd.pdf").write_bytes(on_paper("DE02120300000000202052"))
    read = convert("odd.pdf", (tmp_path / "odd.pdf").read_bytes())
    assert any("no IBAN with right check digits" in remark for remark in read.not_held)
    asked = ["convert", str(tmp_path / "odd.pdf"), "--to", "json", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(app, asked)
    assert "to know: odd.pdf: The account number DE02120300000000202052" in " ".join(said.stderr.split())
    assert "no IBAN with right check digits" in (tmp_path / "out" / "report.json").read_text()
    summary = ConversionSummary(
        "invoice-folder/a", dry_run=False, received=1, duplicates=0, files=1, proven=1, review=0, unreadable=0
    )
    shown = page(summary, (), (), (), [{"id": 7, "file_name": "odd.pdf", "remarks": list(read.not_held)}])
    assert "To know, though it stops nothing" in shown
    assert "no IBAN with right check digits" in shown
