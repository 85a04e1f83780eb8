"""Equal documents give equal text, whatever way their amounts were written; money rounds in one way."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from blocks.documents.base import canonical_json
from blocks.documents.money import Amount, to_cents
from blocks.documents.orders import Order, Quantity
from tests.orders import PLACED, an_order, with_totals

amounts = st.decimals(min_value=Decimal(-9999999999), max_value=Decimal(9999999999), places=8)


@given(total=amounts, zeros=st.integers(0, 6))
def test_an_amount_with_more_zeros_is_the_same_document(total: Decimal, zeros: int) -> None:
    longer = Decimal(f"{total:f}" + "0" * zeros)
    one, other = with_totals(an_order(), total=total), with_totals(an_order(), total=longer)
    assert one.canonical_text() == other.canonical_text()
    assert one.content_hash() == other.content_hash()


@given(total=amounts)
def test_the_canonical_text_reads_back_as_the_same_document(total: Decimal) -> None:
    order = with_totals(an_order(comment="Ring twice \u0001 «ß» \N{HOURGLASS}"), total=total)
    again = Order.model_validate_json(order.canonical_text())
    assert again == order
    assert again.canonical_text() == order.canonical_text()


@given(first=amounts, second=amounts)
def test_different_amounts_are_different_documents(first: Decimal, second: Decimal) -> None:
    same = with_totals(an_order(), total=first).content_hash() == with_totals(an_order(), total=second).content_hash()
    assert same == (first == second)


def test_the_same_moment_in_another_zone_is_the_same_document() -> None:
    elsewhere = PLACED.astimezone(timezone(timedelta(hours=9)))
    assert an_order(placed_at=elsewhere).canonical_text() == an_order().canonical_text()
    assert canonical_json(elsewhere) == canonical_json(PLACED) == '"2026-08-21T10:11:12Z"'


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        an_order(placed_at=datetime(2026, 8, 21, tzinfo=UTC).replace(tzinfo=None))


def test_zero_has_no_sign() -> None:
    assert canonical_json([Decimal("-0.00"), Decimal(0), Decimal("0E+5")]) == '["0","0","0"]'


@given(amounts)
def test_rounding_to_the_cent_is_commercial(amount: Decimal) -> None:
    scaled = abs(Fraction(amount) * 100)
    cents = int(scaled + Fraction(1, 2))
    assert Fraction(to_cents(amount)) == Fraction(cents if amount > 0 else -cents, 100)


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049999", "0.00"), ("2.675", "2.68")]
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, cents: str) -> None:
    assert to_cents(Decimal(amount)) == Decimal(cents)


@pytest.mark.parametrize("kind", [Amount, Quantity])
@pytest.mark.parametrize("text", ["10000000000", "1e30", "0.000000001", "NaN", "Infinity"])
def test_what_a_numeric_18_8_cannot_hold_is_no_document(kind: object, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(Decimal(text))


@pytest.mark.parametrize("kind", [Amount, Quantity])
def test_the_largest_number_postgres_keeps_is_accepted(kind: object) -> None:
    assert TypeAdapter(kind).validate_python(Decimal("9999999999.9999")) == Decimal("9999999999.9999")
