"""Corrections: what a line of a patch does to an order or to its bytes, and what it must not do."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blocks.documents.byte_patches import corrected_bytes
from blocks.documents.json_text import read_json, write_json
from blocks.documents.money_places import money_names, touches_money
from blocks.documents.orders import Order
from blocks.documents.patch_lines import Change, changes_of
from blocks.documents.patches import Patch, corrected, patched_bytes, patched_order
from blocks.errors import Unreadable, WrongUse
from tests.orders import an_order

ORDER = an_order()


def fixed(*lines: str, order: Order = ORDER) -> Order:
    return corrected(order, changes_of(lines, raw=False))[0]


def is_money(*lines: str) -> bool:
    changes = changes_of(lines, raw=False)
    after, told = corrected(ORDER, changes)
    return touches_money(ORDER, after, told)


def test_a_line_corrects_one_place_and_leaves_the_rest() -> None:
    after = fixed("lines[2].sku=LAMP")
    assert after.lines[1].sku == "LAMP"
    assert fixed("lines[2].sku=BOOK", order=after) == ORDER


def test_a_postal_code_keeps_its_leading_zero_and_an_amount_its_last_digit() -> None:
    after = fixed("shipping_address.postal_code=01099", "lines[1].net=79.9000")
    assert after.shipping_address
    assert after.shipping_address.postal_code == "01099"
    assert str(after.lines[0].net) == "79.9000"


def test_what_stood_there_is_kept_with_the_correction() -> None:
    _, told = corrected(ORDER, changes_of(["lines[2].sku=LAMP"], raw=False))
    assert told == (Change(place="lines[2].sku", value="LAMP", before="BOOK"),)


def test_an_address_that_is_missing_is_begun_by_its_first_field() -> None:
    bare = an_order(shipping_address=None)
    after = fixed("shipping_address.city=Köln", "shipping_address.country=DE", order=bare)
    assert after.shipping_address
    assert (after.shipping_address.city, after.shipping_address.country) == ("Köln", "DE")


def test_a_later_line_of_one_patch_does_not_change_what_an_earlier_one_is_kept_as() -> None:
    changes = changes_of(['lines[1].components=[{"sku":"A","quantity":2}]', "lines[1].components[1].sku=B"], raw=False)
    after, told = corrected(ORDER, changes)
    assert after.lines[0].components[0].sku == "B"
    assert told[0].value == [{"sku": "A", "quantity": "2"}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("shipping_address.zip=1", "allowed: city, company, country"),
        ("lines[9].sku=A", "allowed: [1] to [3]"),
        ("lines[0].sku=A", "is no place in an order"),
        ("lines.sku=A", "a list: name the entry"),
        ("currency.code=EUR", "is no list"),
        ("currency=eur", "currency: String should match pattern"),
        ("status=odd", "status: Input should be 'new', 'processing', 'complete' or 'cancelled'"),
        ("lines[1].quantity=none", "lines[1].quantity: Input should be a valid decimal"),
        ("totals={}", "totals.goods_net: Field required"),
        ("placed_at=yesterday", "placed_at: Input should be a valid datetime"),
        ("external_id=4712", "says which record this is"),
        ("channel=paris", "says which record this is"),
        ("shipping_address", "is no place=value"),
        ("=LAMP", "is no place=value"),
        ("lines..sku=A", "is no place in an order"),
        (".status=new", "is no place in an order"),
        ("comment=\x00", "characters that no text can hold"),
        ('comment="\\ud800"', "characters that no text can hold"),
        ("comment=" + "x" * 200_000, "too long"),
    ],
)
def test_a_line_that_makes_no_order_is_refused_with_its_place_and_what_is_allowed(line: str, said: str) -> None:
    with pytest.raises(WrongUse) as refused:
        fixed(line)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_refusal_does_not_repeat_what_was_typed_in() -> None:
    with pytest.raises(WrongUse) as refused:
        fixed("customer=Erika Mustermann")
    assert "Erika" not in str(refused.value)


PLACES = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                *Order.model_fields,
                "lines[1]",
                "lines[3]",
                "sku",
                "net",
                "components",
                "[1]",
                "",
                "zip",
                "totals.taxes[1]",
            ]
        ),
        max_size=5,
    ).map(".".join),
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sku", "net", "x"]), inner),
    ).map(json.dumps),
)


def fixed_or_said(line: str) -> Order | str:
    try:
        return fixed(line)
    except WrongUse as refused:
        return str(refused)


def bytes_or_said(body: bytes, line: str) -> bytes | str:
    try:
        return corrected_bytes(body, changes_of([line], raw=True))[0]
    except WrongUse as refused:
        return str(refused)


@given(place=PLACES, value=VALUES)
@example(place="lines", value="[" * 5000)
@example(place="lines", value="[" * 500 + "]" * 500)
@example(place="lines[1]" + ".sku" * 500, value="1")
@example(place="comment", value="NaN")
@example(place="totals.total", value="Infinity")
@example(place="totals.total", value="1e400")
def test_whatever_is_typed_gives_an_order_or_a_sentence(place: str, value: str) -> None:
    after = fixed_or_said(f"{place}={value}")
    if isinstance(after, str):
        assert after.endswith(".")
        assert "\n" not in after
    else:
        assert Order.model_validate_json(after.model_dump_json()) == after
        assert (after.channel, after.external_id, after.changed_at) == ("berlin", "4711", ORDER.changed_at)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(content=JSON, pointer=st.text(max_size=20).map("/".__add__) | st.sampled_from(["/0", "/-", "/a/b", "//", "/~2"]))
def test_whatever_pointer_is_typed_gives_bytes_or_a_sentence(content: object, pointer: str) -> None:
    after = bytes_or_said(json.dumps(content).encode(), f"{pointer}=x")
    assert after.endswith(".") if isinstance(after, str) else json.loads(after)


@given(body=st.binary(max_size=60))
@example(body=b"[" * 100_000)
@example(body=b'{"a":' * 900 + b"1" + b"}" * 900)
@example(body=b"\xff\xfe")
@example(body=b'{"a": NaN}')
def test_whatever_bytes_came_a_pointer_gives_bytes_or_a_sentence(body: bytes) -> None:
    after = bytes_or_said(body, "/a=1")
    assert after.endswith(".") if isinstance(after, str) else json.loads(after)["a"]


def test_a_value_nested_beyond_reason_is_refused_outside_of_hypothesis_too() -> None:
    with pytest.raises(WrongUse, match="too deep"):
        fixed("lines=" + "[" * 600 + "]" * 600)
    assert isinstance(bytes_or_said(b'{"a":' * 900 + b"1" + b"}" * 900, "/b=1"), str)


@given(content=JSON)
def test_json_that_is_read_and_written_says_the_same(content: object) -> None:
    assert json.loads(write_json(read_json(json.dumps(content).encode()))) == content


def test_bytes_are_corrected_at_one_place_and_every_number_keeps_its_spelling() -> None:
    body = b'{"rows": [{"cells": {"Menge": "2,x", "Preis": 1.10, "a/b": 1E5}}], "n": 123456789012345678.90}'
    lines = ["/rows/0/cells/Menge=2", "/rows/0/cells/a~1b=2.50"]
    after, told = corrected_bytes(body, changes_of(lines, raw=True))
    assert after == b'{"rows":[{"cells":{"Menge":"2","Preis":1.10,"a/b":2.50}}],"n":123456789012345678.90}'
    assert [change.before for change in told] == ["2,x", "1E5"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/rows/1/cells=1", "there is no entry '1' in this list; allowed: 0 to 0"),
        ("/rows/x=1", "there is no entry 'x'"),
        ("/rows/01=1", "there is no entry '01'"),
        ("/lines/0=1", "there are: n, rows"),
        ("/n/0=1", "is a value and has no parts"),
        ("rows=1", "is no JSON pointer"),
        ("/a~2b=1", "is no JSON pointer"),
    ],
)
def test_a_pointer_that_leads_nowhere_is_refused_in_a_sentence(line: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        corrected_bytes(b'{"rows":[{"cells":{}}],"n":1}', changes_of([line], raw=True))


@pytest.mark.parametrize(
    "lines",
    [
        ["lines[1].net=79.90"],
        ["lines[1].quantity=3"],
        ["lines[2].tax_rate=19"],
        ["currency=CHF"],
        ["totals.total=0.01"],
        ["totals.discount_gross=1"],
        ["price_display=net"],
        ["payment_status=paid"],
        ["exchange_rate=2"],
        ["charges=[]"],
        ["lines=[]"],
        ['lines[1].components=[{"sku":"A","quantity":1}]'],
        ["shipping_address.city=Bonn", "totals.rounding=0.01"],
    ],
)
def test_t_ord_8_amounts_prices_quantities_rates_and_currencies_are_money(lines: list[str]) -> None:
    assert is_money(*lines)


@pytest.mark.parametrize(
    "line",
    [
        "shipping_address.postal_code=10115", "lines[2].sku=LAMP", "payment_method=Payments.Invoice",
        "comment=Ring twice", "customer.email=a@example.com", "shipping_address=null", "lines[1].variant=red",
    ],
)  # fmt: skip
def test_t_ord_8_addresses_names_and_article_numbers_are_no_money(line: str) -> None:
    assert not is_money(line)


def test_an_amount_in_another_spelling_is_still_addressed_as_money() -> None:
    assert is_money("lines[1].quantity=2.0")


def test_every_decimal_of_an_order_counts_as_money() -> None:
    amounts = {name for name, value in flat(json.loads(ORDER.model_dump_json())) if looks_like_an_amount(name, value)}
    assert amounts <= money_names()
    assert {"unit_gross", "rate", "amount", "goods_net", "exchange_rate", "quantity"} <= money_names()


def flat(value: object, name: str = "") -> Sequence[tuple[str, object]]:
    if isinstance(value, dict):
        return [pair for key, part in value.items() for pair in flat(part, key)]
    if isinstance(value, list):
        return [pair for part in value for pair in flat(part, name)]
    return [(name, value)]


def looks_like_an_amount(name: str, value: object) -> bool:
    text = str(value)
    return name not in {"external_id", "number", "postal_code"} and text.replace(".", "", 1).isdigit()


def a_patch(*lines: str, order: Order = ORDER, **about: bool) -> Patch:
    _, told = corrected(order, changes_of(lines, raw=False))
    return Patch(7, told, **about)


def test_corrections_are_made_one_after_the_other() -> None:
    first = a_patch("lines[2].sku=LAMP")
    second = a_patch("lines[2].sku=DESK", order=patched_order(ORDER, [first])[0])
    order, made = patched_order(ORDER, [first, second])
    assert (order.lines[1].sku, made) == ("DESK", (7, 7))


def test_a_correction_that_no_longer_fits_puts_the_record_aside_and_names_itself() -> None:
    patch = a_patch("lines[2].sku=LAMP")
    with pytest.raises(Unreadable) as found:
        patched_order(an_order(lines=()), [patch])
    assert "Correction 7 cannot be made" in found.value.reasons[0].text
    assert "Decline correction 7" in found.value.reasons[0].remedy


def test_a_correction_without_approval_never_moves_money_whatever_the_source_says_by_now() -> None:
    patch = a_patch("lines[2].sku=LAMP")
    smuggled = Patch(8, (Change(place="totals.total", value="0.01", before="1"),))
    with pytest.raises(Unreadable, match="no second person"):
        patched_order(ORDER, [patch, smuggled])


def test_a_newer_version_inherits_a_correction_only_while_the_source_repeats_the_mistake() -> None:
    patch = a_patch("shipping_address.postal_code=10115", inherited=True)
    again, made = patched_order(ORDER, [patch])
    assert again.shipping_address
    assert (again.shipping_address.postal_code, made) == ("10115", (7,))
    moved = fixed("shipping_address.postal_code=80331")
    assert patched_order(moved, [patch]) == (moved, ())
    assert patched_order(an_order(shipping_address=None), [patch])[1] == ()


def test_bytes_that_a_raw_correction_does_not_fit_put_the_record_aside() -> None:
    patch = Patch(9, (Change(place="/rows/0/Menge", value="2"),), raw=True, money=True)
    assert json.loads(patched_bytes(b'{"rows":[{"Menge":"x"}]}', [patch])) == {"rows": [{"Menge": "2"}]}
    for body in (b"{}", b"no json", b'{"rows":3}'):
        with pytest.raises(Unreadable, match="Correction 9"):
            patched_bytes(body, [patch])


def test_a_patch_without_lines_says_how_one_is_written() -> None:
    for nothing in ([], ["", "  "]):
        with pytest.raises(WrongUse, match="at least one line"):
            changes_of(nothing, raw=False)


def test_amounts_that_are_equal_but_spelt_otherwise_do_not_count_as_moved() -> None:
    after = ORDER.model_copy(update={"exchange_rate": Decimal("1.000")})
    assert not touches_money(ORDER, after, ())


@pytest.mark.parametrize(
    ("raw", "line"),
    [(False, "comment=pay with 4111 1111 1111 1111"), (True, "/rows/0/Bemerkung=4111111111111111"),
     (True, '/rows/0={"note": "4111-1111-1111-1111"}')],
)  # fmt: skip
def test_t_ops_2_a_correction_that_holds_a_card_number_is_refused(raw: bool, line: str) -> None:
    with pytest.raises(WrongUse, match="card number") as refused:
        changes_of([line], raw=raw)
    assert "1111" not in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "line"),
    [(False, "lines[1].sku=4111111111111111"), (True, "/rows/0/Artikelnummer=4000000000006"), (False, "comment=4711")],
)
def test_a_number_that_only_passes_for_a_card_number_can_be_corrected(raw: bool, line: str) -> None:
    assert changes_of([line], raw=raw)
