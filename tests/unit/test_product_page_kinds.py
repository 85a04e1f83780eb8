"""The same product in every way that shops tell it is read alike, and what is another's is not taken for its own."""

from decimal import Decimal

import pytest

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.reading import read_page
from tests.page_kinds import KINDS, SAYS, SILENT


def read(html: bytes) -> dict[str, object]:
    found = read_page(html, Findings()).as_json()
    return {**found, "price": None if found["price"] is None else f"{Decimal(found['price']):.2f}"}


@pytest.mark.parametrize("kind", KINDS)
def test_whichever_way_a_shop_tells_it_the_product_is_the_same(kind: str) -> None:
    found = read(KINDS[kind])
    assert {field: found[field] for field in SAYS} == SAYS


@pytest.mark.parametrize("kind", SILENT)
def test_what_a_page_does_not_say_of_its_product_is_not_made_up(kind: str) -> None:
    html, field = SILENT[kind]
    assert read(html)[field] is None
