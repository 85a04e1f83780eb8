"""Single invoices judged: what is hostile, damaged or unproven becomes a verdict; a portion never fills the memory."""

from datetime import date

import pytest

from blocks.database.received_invoices import MOST_AT_ONCE, MOST_BYTES_AT_ONCE, portions
from blocks.documents.invoice_text import invoice_text
from blocks.documents.invoice_verdicts import Gravity, InputTax, Judged, LegalContext
from blocks.worker_pool import Limits
from tasks.invoice_validation.judging_files import ToJudge, judge_each, judge_one
from tests.received import a_right_invoice
from tests.suppliers import as_ubl, printed

TODAY = LegalContext(received_on=date(2026, 11, 22))
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]><Invoice>&c;</Invoice>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Invoice>&b;</Invoice>'


def item(data: bytes, read: str | None = None, **changes: object) -> ToJudge:
    return ToJudge(1, 7, data, read, TODAY, **changes)  # type: ignore[arg-type]  # given by name


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff" * 50, BOMB, OUTSIDE, b"<Invoice>", b"%PDF-1.7 cut", b"{}", b"<a/>" * 9]
)
def test_what_is_hostile_or_nothing_at_all_is_a_verdict_with_a_reason(data: bytes) -> None:
    verdict = judge_one(item(data))
    assert not verdict.clean
    assert verdict.format is not Judged.PASSED
    assert any(one.gravity is Gravity.FATAL for one in verdict.findings)
    assert "root:" not in str(verdict)


def test_a_right_e_invoice_is_judged_in_full_and_only_its_supply_is_left() -> None:
    verdict = judge_one(item(as_ubl(a_right_invoice("RE-1")), invoice_text(a_right_invoice("RE-1"))))
    assert (verdict.format, verdict.business_rules, verdict.content) == (Judged.PASSED,) * 3
    assert (verdict.supply, verdict.input_tax, verdict.is_e_invoice) == (Judged.NOT_CHECKED, InputTax.UNAFFECTED, True)


def test_what_was_read_off_a_page_and_nobody_confirmed_is_not_judged_but_what_came_as_data_is() -> None:
    read = invoice_text(a_right_invoice("RE-1"))
    doubts = ("The total was not found.",)
    page = judge_one(item(printed(), read, came_as_data=False, doubts=doubts))
    assert (page.business_rules, page.content, page.input_tax) == (*(Judged.NOT_CHECKED,) * 2, InputTax.NOT_JUDGED)
    [why] = [one for one in page.findings if one.rule == "reading-unproven"]
    assert "conversion desk" in why.text
    assert "The total was not found." in why.text
    assert "Umwandlung 7" in why.text_de
    data = judge_one(item(as_ubl(a_right_invoice("RE-1")), read, doubts=("It came before.",)))
    assert data.content is Judged.PASSED
    assert any("It came before." in one.text for one in data.findings)


def test_an_invoice_that_ends_its_process_costs_its_own_verdict_and_none_beside_it() -> None:
    right = as_ubl(a_right_invoice("RE-1"))
    items = [item(right, "{" * 50_000), ToJudge(2, 8, right, None, TODAY)]
    found = dict(judge_each(items, jobs=1, limits=Limits(seconds=60, cpu_seconds=20, megabytes=512)))
    assert found[1].format is Judged.NOT_CHECKED
    assert "Nothing was checked" in found[1].findings[0].text
    assert found[2].format is Judged.PASSED


def test_portions_hold_so_many_invoices_or_so_many_bytes_and_lose_none() -> None:
    small = list(portions((number, 10) for number in range(1200)))
    assert [len(portion) for portion in small] == [MOST_AT_ONCE, MOST_AT_ONCE, 200]
    large = list(portions((number, MOST_BYTES_AT_ONCE // 2) for number in range(5)))
    assert [len(portion) for portion in large] == [2, 2, 1]
    assert list(portions([(1, MOST_BYTES_AT_ONCE * 9), (2, 0)])) == [[1], [2]]
    assert list(portions([])) == []
