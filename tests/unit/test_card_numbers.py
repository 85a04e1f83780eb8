"""Card numbers in free text are masked, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.card_numbers import mask_card_numbers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111111111111111", "************1111"),
        ("Card: 4111 1111 1111 1111, thanks", "Card: **** **** **** 1111, thanks"),
        ("5500-0000-0000-0004", "****-****-****-0004"),
        ("3782 822463 10005", "**** ****** *0005"),
        ("4111 1111 1111 1111 123", "**** **** **** 1111 123"),
        ("call 030 1234567 4111111111111111", "call 030 1234567 ************1111"),
        ("4222222222222 and 6011000000000004", "*********2222 and ************0004"),
    ],
)
def test_a_card_number_keeps_only_its_last_four_digits(text: str, masked: str) -> None:
    assert mask_card_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails the Luhn check
        "order 4711, 2 pieces at 12.90",
        "+49 170 1234567",
        "0000000000000000",
        "41111111111111114111111111111111111",  # longer than any card
        "411111111111",  # shorter than any card
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask_card_numbers(text) == text


@given(st.text(alphabet="0123456789 -.x\n", max_size=80))
def test_masking_changes_digits_only_and_is_done_once(text: str) -> None:
    masked = mask_card_numbers(text)
    assert len(masked) == len(text)
    assert all(after in (before, "*") for before, after in zip(text, masked, strict=True))
    assert mask_card_numbers(masked) == masked
