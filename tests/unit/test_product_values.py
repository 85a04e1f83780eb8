"""GTINs and prices as they are printed, and which file is what."""

import gzip
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.product_data import Readability, SourceKind
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.gtins import check_digit, gtin_of, in_store, looks_like_gtin
from blocks.standards.product_data.price_texts import amount_in, currency_of, price_in, prices_in
from blocks.standards.product_data.reading import kind_of, read_product_file, unpacked


@given(st.text("0123456789", min_size=12, max_size=12).filter(lambda digits: digits.strip("0") != ""))
def test_a_number_with_its_check_digit_is_a_gtin_and_with_any_other_it_is_none(digits):
    good = digits + check_digit(digits)
    assert gtin_of(good) == good
    assert all(gtin_of(digits + other) is None for other in "0123456789" if other != good[-1])


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("EAN: 4006381333931", "4006381333931"),
        ("4 006381 333931", "4006381333931"),
        ("978-3-16-148410-0", "9783161484100"),
        ("3-16-148410-X", "9783161484100"),
        ("0000000000000", None),
        ("4006381333932", None),
        ("12345", None),
        ("\uff14006381333931", None),
    ],
)
def test_a_gtin_is_read_as_printed(text, gtin):
    assert gtin_of(text) == gtin


def test_a_wrong_gtin_still_looks_like_one_and_a_shops_own_range_is_known():
    assert looks_like_gtin("4006381333932")
    assert in_store("2000000043333")
    assert not in_store("4006381333931")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.234,56 €", "1234.56", "EUR"),
        ("CHF 1'049.95", "1049.95", "CHF"),
        ("5 427 Kč", "5427", "CZK"),
        ("$1,299.00", "1299.00", "USD"),
        ("1.899,-", "1899", None),
        ("200.000 đ", "200000", "VND"),
        ("12,000원", "12000", "KRW"),
        ("0.368", "0.368", None),
        ("KD 1.250", "1.250", "KWD"),
        ("R$ 49,90", "49.90", "BRL"),
        ("Preis: 24,90", "24.90", None),
        ("statt 99 EUR", "99", "EUR"),
        ("1 234 567,89 zł", "1234567.89", "PLN"),
    ],
)
def test_a_price_is_read_in_every_notation(text, amount, currency):
    found = price_in(text)
    assert (found.amount, found.currency) == (Decimal(amount), currency)


def test_a_sign_that_several_countries_share_is_the_one_of_the_pages_country():
    assert [currency_of("$", country=country) for country in ("", "ca", "cl", "de")] == ["USD", "CAD", "CLP", "USD"]
    assert [price.amount for price in prices_in("1 590 Kč1 290 Kč")] == [Decimal(1590), Decimal(1290)]


@given(st.decimals(min_value=0, max_value=999_999, places=2))
def test_german_and_english_notation_of_an_amount_mean_the_same(amount):
    english = f"{amount:,.2f}"
    german = english.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert amount_in(english) == amount_in(german) == amount


@given(st.text())
def test_no_text_makes_the_price_reader_fail(text):
    list(prices_in(text))


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"%PDF-1.7", "x.html", SourceKind.DATASHEET),
        (b"<?xml version='1.0'?><BMECAT version='2005'>", "x.html", SourceKind.BMECAT),
        ("<?xml version='1.0' encoding='utf-16'?><BMECAT>".encode("utf-16"), "x", SourceKind.BMECAT),
        (b"PK\x03\x04", "x.html", SourceKind.PRICE_LIST),
        (b"\n<!DOCTYPE html><html>", "x.xml", SourceKind.PAGE),
        (b"<?xml version='1.0'?><html xmlns='x'>", "x.xml", SourceKind.PAGE),
        (b"Artikel;Preis\n1;2,00", "x.csv", SourceKind.PRICE_LIST),
        (b"", "x.pdf", SourceKind.DATASHEET),
    ],
)
def test_what_a_file_is_its_content_says_and_not_its_name(head, name, kind):
    assert kind_of(head, name) is kind


def test_a_damaged_or_cut_off_gzip_gives_what_stands_before_and_a_finding():
    whole = gzip.compress(
        b"<html><h1>Kabel</h1>" + bytes(range(256)) * 40 + b"".join(f"{n * n}".encode() for n in range(40_000))
    )
    findings = Findings()
    assert unpacked(io.BytesIO(whole[:-2000]), findings).read(20) == b"<html><h1>Kabel</h1>"
    assert findings.partly
    assert read_product_file("x.html.gz", b"\x1f\x8b\x08\x00garbage").verdict is Readability.UNREADABLE
