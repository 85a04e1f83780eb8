"""An API described by data: paths into its answers, and what they become."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.errors import Unreadable
from blocks.systems.manufacturers.api_description import ItemShape, Paging
from blocks.systems.manufacturers.api_reading import documents_of, to_product
from blocks.systems.manufacturers.json_paths import read_json, text_at, values_at
from blocks.systems.manufacturers.rest_api import ManufacturerApi

ENTRY = {
    "ids": [{"type": "ean", "value": 4006381333931}, {"type": "mpn", "value": " A-1 "}],
    "title": {"de": "Lampe", "en": "Lamp"},
    "prices": [{"amount": Decimal("19.90"), "currency": "EUR"}],
    "tech": {"Gewicht": {"v": Decimal("1.50"), "u": "kg"}, "dimmbar": True, "Farben": ["rot", "blau"], "leer": ""},
    "files": ["https://a.example/1.pdf", {"no": "address"}, None],
}
SHAPE = ItemShape.model_validate(
    {
        "gtin": "ids[type=ean].value",
        "mpn": "ids[type=mpn].value",
        "name": "title.de",
        "price": "prices[0].amount",
        "currency": "prices[0].currency",
        "attributes": [{"at": "tech", "form": "mapping", "value": "v", "unit": "u"}],
        "texts": [{"at": "title", "kind": "short"}],
        "media": [{"at": "files", "purpose": "data_sheet", "fetched": True}],
    }
)


def test_an_entry_becomes_what_its_description_says() -> None:
    found = to_product(ENTRY, SHAPE, brand="Maker", language="de", place="$.items[3]")
    assert (found.gtin, found.mpn, found.name, found.brand) == ("4006381333931", "A-1", "Lampe", "Maker")
    assert (found.price, found.currency) == (Decimal("19.90"), "EUR")
    assert [(each.name, each.value, each.unit) for each in found.attributes] == [
        ("Gewicht", "1.50", "kg"),
        ("dimmbar", "true", ""),
        ("Farben", "rot, blau", ""),
    ]
    assert [(each.text, each.language) for each in found.texts] == [("Lampe", "de"), ("Lamp", "en")]
    assert found.spots["gtin"].selector == "$.items[3].ids[type=ean].value"
    assert list(documents_of(ENTRY, SHAPE)) == ["https://a.example/1.pdf"]


@pytest.mark.parametrize(
    ("path", "found"),
    [("ids[].value", [4006381333931, " A-1 "]), ("ids[9].value", []), ("title.fr", []), ("title[0]", []), ("", [ENTRY]),
     ("ids[type=mpn].value.more", [])],
)  # fmt: skip
def test_a_path_that_leads_nowhere_finds_nothing(path: str, found: list[object]) -> None:
    assert list(values_at(ENTRY, path)) == found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["ids", "type", "value", "tech", "files"]), inner),
)


@given(_JSON)
def test_no_entry_breaks_the_translation(entry: object) -> None:
    to_product(entry, SHAPE, brand="Maker", language="de")
    assert isinstance(text_at(entry, "ids[].value"), str)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe\x00", b"1" * 5000])
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="no usable JSON"):
        read_json(body)


def test_a_number_of_a_billion_digits_is_not_written_out() -> None:
    answer = read_json(b'{"weight": 1e99999999, "height": 1e-99999999, "length": 1.50e2}')
    assert [text_at(answer, name) for name in ("weight", "height", "length")] == ["1E+99999999", "1E-99999999", "150"]


def test_prices_that_are_none_are_left_out() -> None:
    for amount in ("NaN", "Infinity", "-1", "free", "1e999999999", "1e-999999999"):
        entry = {"prices": [{"amount": amount}]}
        assert to_product(entry, SHAPE, brand="", language="de").price is None


@pytest.mark.parametrize(
    "settings",
    [{"list_path": ""}, {"item_path": "/p/{id}"}, {"sign_in": "oauth2"}, {"url": "ftp://a.example"},
     {"item": {"name": "title"}}, {"items_at": "a[b"}, {"paging": {"by": "cursor"}}],
)  # fmt: skip
def test_a_description_that_cannot_work_is_refused_before_it_is_saved(settings: dict[str, object]) -> None:
    whole = {"manufacturer": "X", "url": "https://a.example", "list_path": "/p", "item": {"gtin": "gtin"}}
    ManufacturerApi.model_validate(whole)
    with pytest.raises(ValueError, match="1 validation error"):
        ManufacturerApi.model_validate({**whole, **settings})
    assert Paging().by == "none"
