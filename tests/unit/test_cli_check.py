"""`soms check` as people and programs call it."""

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.documents.invoices import AllowanceCharge, Delivery, Invoice, Note, Totals, VatBreakdown
from blocks.standards.en16931 import cii_writing, ubl_writing
from blocks.standards.en16931.hybrid_writing import embed
from blocks.standards.en16931.invoice_page import page_of
from blocks.standards.en16931.rules import ustg
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.rules.verdict import judge
from deployments import cli
from tests.pdfs import PaperPage, pdf
from tests.unit.test_en16931_rules import a_right_invoice
from tests.unit.test_xrechnung_rules import a_right_xrechnung


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command as the console script does; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["soms", "check", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def reported(path: Path) -> dict[str, Any]:
    return {Path(each["file"]).name: each for each in json.loads(path.read_bytes())["files"]}


def ubl(invoice: Invoice) -> bytes:
    return ubl_writing.write(invoice)[0]


def fatal(data: bytes) -> set[str]:
    return {one.rule for one in check_document(data)[3] if one.severity == "fatal"}


def advised(invoice: Invoice) -> set[str]:
    return {one.rule for one in ustg.check(invoice)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_report_has_the_published_form_for_files_folders_and_hybrids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], jobs: int
):
    inbox = tmp_path / "inbox" / "deep"
    inbox.mkdir(parents=True)
    right = a_right_xrechnung()
    (inbox / "right.xml").write_bytes(ubl(right))
    (inbox / "right-cii.xml").write_bytes(cii_writing.write(right)[0])
    (inbox / "dateless.xml").write_bytes(ubl(right.model_copy(update={"issue_date": None})))
    (inbox / "broken.xml").write_bytes(ubl(right)[:-20])
    (inbox / "plain.pdf").write_bytes(pdf([PaperPage().text(50, 700, "Rechnung")]))
    (inbox / "hybrid.pdf").write_bytes(embed(page_of(right), right))
    out = tmp_path / "inbox" / "report.json"
    assert run(monkeypatch, tmp_path / "inbox", "--out", out, "--jobs", jobs) == 0
    files = reported(out)
    assert {name: (each["verdict"], each["syntax"]) for name, each in files.items()} == {
        "right.xml": ("valid", "ubl"),
        "right-cii.xml": ("valid", "cii"),
        "dateless.xml": ("invalid", "ubl"),
        "broken.xml": ("unreadable", None),
        "plain.pdf": ("unreadable", None),
        "hybrid.pdf": ("valid", "cii"),
    }
    assert files["right.xml"]["profile"] == "XRECHNUNG"
    keys = {"rule", "rule_set", "severity", "class", "location", "text"}
    assert all(set(one) == keys for each in files.values() for one in each["findings"])
    said = capsys.readouterr()
    assert "6 files:" in said.out
    assert said.err == ""


def test_t_doc_5_format_business_and_content_errors_are_told_apart():
    dateless = judge(ubl(a_right_xrechnung(issue_date=None)))
    found = {(one["rule"], one["class"], one["severity"]) for one in dateless["findings"]}
    assert {("BR-03", "business-rule", "fatal"), ("USTG-14-4-3", "content", "warning")} <= found
    (law,) = [one["text"] for one in dateless["findings"] if one["rule"] == "USTG-14-4-3"]
    assert "§14(4) no. 3 UStG" in law
    without_reference = a_right_invoice(buyer_reference="")
    assert judge(ubl(without_reference))["verdict"] == "valid"  # BT-10 is XRechnung's wish alone
    assert "BR-DE-15" in {one["rule"] for one in judge(ubl(a_right_xrechnung(buyer_reference="")))["findings"]}
    (format_error,) = judge(b"<Invoice>")["findings"]
    assert (format_error["class"], format_error["severity"]) == ("format", "fatal")


def test_the_rule_sets_named_are_the_only_ones_that_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source, out = tmp_path / "a.xml", tmp_path / "report.json"
    source.write_bytes(ubl(a_right_invoice(number="", buyer_reference="")))

    def sets(rules: str) -> set[str]:
        assert run(monkeypatch, source, "--out", out, "--rules", rules) == 0
        return {one["rule_set"] for one in reported(out)["a.xml"]["findings"]}

    assert sets("en16931") == {"en16931"}
    assert sets("xrechnung") == {"xrechnung"}
    assert sets("en16931, USTG") == {"en16931", "ustg"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.xml", "--out", "report.json"], "nowhere.xml does not exist"),
        (["here.xml", "--out", "missing/report.json"], "is no file that can be written"),
        (["here.xml", "--out", "report.json", "--rules", "iso"], "--rules knows no 'iso'"),
    ],
)
def test_wrong_use_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    Path("here.xml").write_bytes(b"<a/>")
    assert run(monkeypatch, *arguments) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 torn", b"\0" * 50, b"PK\x03\x04", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_what_is_no_e_invoice_is_unreadable_with_a_sentence(data: bytes):
    verdict = judge(data)
    assert verdict["verdict"] == "unreadable"
    assert verdict["findings"][0]["text"].endswith(".")


def test_what_ubl_repeats_or_leaves_half_said_breaks_its_binding():
    right = ubl(a_right_xrechnung())
    assert fatal(right) == set()
    reference = b"<cac:ContractDocumentReference><cbc:ID>%d</cbc:ID></cac:ContractDocumentReference>"
    seller = b"<cac:AccountingSupplierParty>"
    assert fatal(right.replace(seller, reference % 1 + seller)) == set()
    assert fatal(right.replace(seller, reference % 1 + reference % 2 + seller)) == {"UBL-SR-01"}
    half = b"<cac:PartyTaxScheme><cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegal"
    assert fatal(right.replace(b"<cac:PartyLegal", half, 1)) == {"UBL-SR-53"}


def test_cii_names_its_specification_and_writes_days_as_days():
    right = cii_writing.write(a_right_xrechnung())[0]
    assert fatal(right) == set()
    day = a_right_xrechnung().issue_date
    assert isinstance(day, date)
    assert fatal(right.replace(f">{day:%Y%m%d}<".encode(), b">20261399<", 1)) == {"CII-DT-097"}


def test_vehicles_must_say_what_they_are_and_how_clean():
    vehicles = a_right_xrechnung()
    named = vehicles.model_copy(
        update={"specification": f"{vehicles.specification}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"}
    )
    assert fatal(ubl(named)) == {"BR-DE-CVD-01", "BR-DE-CVD-02", "BR-DE-CVD-03"}


def test_the_law_wants_less_of_small_invoices_and_tells_the_time_of_supply():
    plain = a_right_invoice(issue_date=None, number="", delivery=None, period=None)
    large = plain.model_copy(update={"totals": Totals(gross=Decimal("250.01"))})
    small = plain.model_copy(update={"totals": Totals(gross=Decimal(250))})
    assert {"USTG-14-4-3", "USTG-14-4-4", "USTG-14-4-6"} <= advised(large)
    assert "USTG-14-4-3" in advised(small)
    assert not {"USTG-14-4-4", "USTG-14-4-6"} & advised(small)
    told = large.model_copy(update={"notes": (Note(text="Leistungsdatum entspricht Rechnungsdatum"),)})
    delivered = large.model_copy(update={"delivery": Delivery(delivered_on=date(2026, 11, 2))})
    assert "USTG-14-4-6" not in advised(told) | advised(delivered)
    abroad = small.model_copy(update={"vat_breakdown": (VatBreakdown(category="K", basis=Decimal(250)),)})
    assert {"USTG-14-4-4", "USTG-14-4-8"} <= advised(abroad)


def test_t_doc_7_a_small_business_that_shows_vat_is_warned_of_14c():
    noted = a_right_invoice(notes=(Note(text="Umsatzsteuerfrei nach § 19 UStG (Kleinunternehmer)"),))
    assert "USTG-14C" in advised(noted)
    assert "USTG-14C" not in advised(a_right_invoice())


def test_t_doc_7_reverse_charge_with_vat_or_without_the_words_is_an_error():
    group = VatBreakdown(category="AE", rate=Decimal(0), basis=Decimal(100), amount=Decimal(19))
    found = judge(ubl(a_right_invoice(vat_breakdown=(group,))))["findings"]
    assert {"BR-AE-09", "BR-AE-10"} <= {one["rule"] for one in found if one["severity"] == "fatal"}


def test_an_account_that_is_no_iban_is_advised_against_and_not_refused():
    right = a_right_xrechnung()
    assert right.payment is not None
    wrong = right.payment.transfers[0].model_copy(update={"account": "DE03120300000000202051"})
    spoilt = right.model_copy(update={"payment": right.payment.model_copy(update={"transfers": (wrong,)})})
    verdict = judge(ubl(spoilt))
    assert verdict["verdict"] == "valid"
    assert "BR-DE-19" in {one["rule"] for one in verdict["findings"]}


def test_many_breaches_neither_fill_the_report_nor_lose_the_fatal_ones():
    charge = AllowanceCharge(is_charge=True)
    verdict = judge(ubl(a_right_invoice(allowances_charges=(charge,) * 1500)))
    assert len(verdict["findings"]) <= 1000
    assert verdict["verdict"] == "invalid"
    assert verdict["findings"][0]["severity"] == "fatal"
