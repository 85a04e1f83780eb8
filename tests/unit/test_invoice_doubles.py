"""Doubles, units, accounts and gaps, by example: what is like what, and what only looks so."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.invoice_validation.accounts import judge_accounts, masked
from tasks.invoice_validation.doubles import looks_like
from tasks.invoice_validation.number_gaps import Numbers, gap_before
from tasks.invoice_validation.units import _FACTORS, ratio


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("RE-1008", "RE-1OO8", True),
        ("RE-1008", "re1008", True),
        ("RE-1008", "RE-1003", True),
        ("RE-1008", "RE-1009", False),
        ("RE-1018", "RE-1081", True),
        ("RE-1008", "RE-108", True),
        ("RE-1008", "RE-2008", False),
        ("R1", "R11", False),
        ("4711", "8320", False),
        ("", "", False),
    ],
)
def test_numbers_look_alike_where_they_are_misread_not_where_they_follow(one: str, other: str, alike: bool) -> None:
    assert looks_like(one, other) == looks_like(other, one) == alike


def test_units_that_measure_the_same_are_converted_and_others_are_not() -> None:
    assert ratio("DZN", "C62") == 12
    assert ratio("H87", "EA") == 1
    assert ratio("TNE", "GRM") == 1_000_000
    assert ratio("MTQ", "LTR") == 1000
    assert ratio("", "KGM") == ratio("KGM", "") == 1
    assert ratio("HUR", "DAY") is None, "How many hours a day has was not agreed."
    assert ratio("XPK", "C62") is ratio("KGM", "C62") is ratio("MON", "DAY") is None


@given(st.sampled_from(sorted(_FACTORS)), st.sampled_from(sorted(_FACTORS)))
def test_a_conversion_there_and_back_is_none(one: str, other: str) -> None:
    there, back = ratio(one, other), ratio(other, one)
    assert (there is None) == (back is None)
    assert there is None or back is None or abs(there * back - 1) < Decimal("1e-20")


def test_a_declined_account_weighs_more_than_a_changed_one() -> None:
    states = {"DE1": "confirmed", "DE2": "declined"}

    def rule(*accounts: str, known: bool = True) -> str | None:
        found = judge_accounts(accounts, states, known=known)
        return found and found.rule

    assert rule("DE1") is None
    assert rule() is None, "A direct debit names no account to pay to."
    assert rule("DE1", "DE3") == "bank-account-changed"
    assert rule("DE3", "DE2") == "bank-account-declined"
    assert rule("DE3", known=False) is None
    assert rule("DE2", known=False) == "bank-account-declined"


def test_a_finding_shows_no_whole_account() -> None:
    account = "DE02120300000000202051"
    found = judge_accounts([account], {"DE34200505501234567890": "confirmed"}, known=True)
    assert found is not None
    assert account not in found.text + found.text_de
    assert masked(account) == "DE02…2051"
    assert masked(account) in found.text


def test_gaps_are_said_only_of_numbers_that_came_in_a_row_before() -> None:
    row = [f"A{n:03d}" for n in range(1, 7)]

    def said(number: str, earlier: list[str]) -> str:
        found = gap_before(number, Numbers(earlier), sequence_of=6)
        return found.text if found else ""

    assert "A007 to A009" in said("A010", row)
    assert "but A007 did" in said("A008", row)
    assert said("A007", row) == ""
    assert said("A010", row[:5]) == "", "Five in a row prove nothing where six are asked for."
    assert said("A010", [*row[:3], *row[4:], "A000"]) == ""
    assert said("A900", row) == "", "A new range begins."
    assert said("B010", row) == said("2026/X", row) == said("", row) == ""
    assert said("A010", [*row, "A012"]) != "", "What came out of turn does not hide the gap."
