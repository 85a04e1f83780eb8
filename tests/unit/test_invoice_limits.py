"""Limits, ageing and readiness of incoming invoices: days of the merchant's calendar, duties by date and turnover."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.invoice_figures import figures_of, supplier_key
from blocks.documents.invoice_limits import DEFAULTS, InvoiceLimits, load
from blocks.documents.invoice_verdicts import (
    FindingClass,
    Gravity,
    InputTax,
    InvoiceFinding,
    InvoiceVerdict,
    Judged,
)
from blocks.errors import WrongUse
from tasks.invoice_validation.ageing import bands, page, reminders
from tasks.invoice_validation.desk_page import masked
from tasks.invoice_validation.readiness import readiness
from tests.suppliers import an_invoice

FINE = InvoiceVerdict(
    format=Judged.PASSED, business_rules=Judged.PASSED, content=Judged.PASSED, supply=Judged.PASSED,
    input_tax=InputTax.UNAFFECTED, is_e_invoice=True,
)  # fmt: skip
WARNED = InvoiceFinding(rule="x", rule_set="content", kind=FindingClass.CONTENT, gravity=Gravity.WARNING, text="x")


@pytest.mark.parametrize(
    ("changes", "amount", "approved"),
    [
        ({}, "1000", True),
        ({}, "1000.01", False),
        ({}, "-1000", True),
        ({}, "-1000.01", False),
        ({}, None, False),
        ({"findings": (WARNED,)}, "1", True),
        ({"findings": (WARNED.model_copy(update={"gravity": Gravity.FATAL}),)}, "1", False),
        ({"supply": Judged.NOT_CHECKED}, "1", False),
        ({"content": Judged.FAILED}, "1", False),
        ({"input_tax": InputTax.AT_RISK}, "1", False),
        ({"is_e_invoice": False}, "1", False),
        ({"is_e_invoice": None}, "1", False),
    ],
)
def test_only_what_all_was_checked_of_and_is_small_enough_is_approved_by_rule(
    changes: dict[str, Any], amount: str | None, approved: bool
) -> None:
    verdict = FINE.model_copy(update=changes)
    figure = None if amount is None else Decimal(amount)
    assert DEFAULTS.approved_by_rule(verdict, figure, "EUR") is approved
    assert not DEFAULTS.approved_by_rule(verdict, figure, "USD")


def test_two_must_approve_above_the_limit_in_other_currencies_and_against_findings() -> None:
    limits = load("four_eyes_above: 100\nfour_eyes_against_findings: false")
    assert not limits.wants_two(Decimal(100), "EUR", fatal=True)
    assert limits.wants_two(Decimal("100.01"), "EUR", fatal=False)
    assert limits.wants_two(Decimal(-101), "EUR", fatal=False)
    assert limits.wants_two(Decimal(1), "CHF", fatal=False)
    assert limits.wants_two(None, "EUR", fatal=False)
    assert DEFAULTS.wants_two(Decimal(1), "EUR", fatal=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reminders: {people: [{person: ada, mail: ada@x.example}]}", "needs a mailbox"),
        ("reminders: {mailbox: smtp-mailbox/a, people: [{person: ada, mail: 'a@b.example, c@d.example'}]}", "no mail"),
        ("approvers: [{person: Ada}, {person: ' ada '}]", "stands twice"),
        ("time_zone: Europe/Atlantis", "no time zone"),
        ("reminders: {first: 9, second: 7}", "must come before"),
        ("four_eyes: 5", "no such setting"),
        ("four_eyes_above: -1", "greater than or equal to 0"),
        ("version: 3", "without 'version'"),
        ("- 1", "must be a YAML mapping"),
        ("a: [", "YAML"),
    ],
)
def test_limits_that_cannot_be_meant_are_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        load(text)


def aged(*days: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": number, "supplier": "Leuchtenwerk", "number": f"RE-{number}", "gross": Decimal(100),
            "currency": "EUR",
            "asked_at": None, "came_on": date(2026, 12, 20), "decide_by": date(2026, 12, 28), "days": each, **changes,
        }
        for number, each in enumerate(days)
    ]  # fmt: skip


def test_people_are_reminded_a_day_before_each_of_the_laws_limits() -> None:
    rows = aged(0, 6, 7, 8, 9, 30)
    found = {one.invoice: one.say for one in reminders(rows, DEFAULTS)}
    assert found.keys() == {2, 3, 4, 5}
    assert {found[2], found[3]} == {"It has waited for 7 days or more; it is to be recorded within 8."}
    assert {found[4], found[5]} == {"It has waited for 9 days or more; it is to be recorded within 10."}
    assert [each["invoices"] for each in bands(rows)] == [2, 2, 1, 1]
    told = page(aged(9, number="[x](http://evil)"), reminders(aged(9), DEFAULTS), {0: "http://ui/run"})
    assert "[x](http" not in told
    assert "[Look and decide](http://ui/run)" in told


@pytest.mark.parametrize(
    ("facts", "must_from", "late"),
    [
        ({"turnover_above_limit": True}, date(2027, 1, 1), False),
        ({"turnover_above_limit": True, "last_other": date(2027, 1, 1)}, date(2027, 1, 1), True),
        ({"turnover_above_limit": True, "last_other": date(2026, 12, 31)}, date(2027, 1, 1), False),
        ({"turnover_above_limit": False, "last_other": date(2027, 6, 1)}, date(2028, 1, 1), False),
        ({"turnover_above_limit": False, "last_other": date(2028, 1, 1)}, date(2028, 1, 1), True),
        ({"turnover_above_limit": None, "last_other": date(2026, 6, 1)}, date(2027, 1, 1), False),
        ({"edi": 3, "last_other": date(2027, 6, 1), "turnover_above_limit": True}, date(2028, 1, 1), False),
        ({"small_business": True, "last_other": date(2029, 1, 1)}, None, False),
        ({"domestic": False, "last_other": date(2029, 1, 1)}, None, False),
        ({"key": "ATU12345675", "last_other": date(2029, 1, 1)}, None, False),
        ({"e_invoices": 5, "last_other": None, "turnover_above_limit": True}, date(2027, 1, 1), False),
    ],
)
def test_readiness_says_from_when_a_supplier_must_send_e_invoices_and_whether_it_is_late(
    facts: dict[str, Any], must_from: date | None, late: bool
) -> None:
    row = {
        "id": 4, "key": "DE136695976", "name": "Leuchtenwerk", "small_business": None, "turnover_above_limit": None,
        "domestic": None, "invoices": 5, "e_invoices": 2, "edi": 0, "last_other": date(2026, 11, 1), **facts,
    }  # fmt: skip
    found = readiness(row, date(2026, 11, 22))
    assert (found.must_from, found.late, found.ready) == (must_from, late, row["e_invoices"] == 5)
    assert found.say.endswith(".")


def test_the_same_bill_under_another_number_and_day_has_the_same_hash_and_another_bill_has_not() -> None:
    one = figures_of(an_invoice("RE-1"))
    again = figures_of(an_invoice("RE-2", issue_date=date(2026, 12, 1), due_date=None))
    assert one.billed_hash == again.billed_hash != ""
    assert figures_of(an_invoice("RE-1", net="101.00")).billed_hash != one.billed_hash
    assert figures_of(an_invoice("RE-1", purchase_order_reference="PO-7")).billed_hash != one.billed_hash
    assert (one.supplier_key, one.iban) == ("DE136695976", "DE89370400440532013000")


def test_a_supplier_is_known_by_vat_id_else_tax_number_else_erp_code_else_name() -> None:
    assert supplier_key(vat_id="de 136 695 976", tax_number="1", name="x") == "DE136695976"
    assert supplier_key(tax_number="12/345/67890", erp_code="7") == "tax:1234567890"
    assert supplier_key(erp_code="17", name="Acme") == "erp:17"
    assert supplier_key(name=" Acmé  GmbH & Co. ") == "name:acmégmbhco"
    assert supplier_key() == ""
    assert len(supplier_key(name="x" * 5000)) == 200


def test_accounts_are_shown_by_their_ends_alone() -> None:
    assert masked("DE89370400440532013000") == "DE89…3000"
    assert InvoiceLimits().edition == "version 0"
