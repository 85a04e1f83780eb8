"""What is read of a shop's page: the product it is about, as a reader sees it."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.documents.product_data import Readability, SourceKind
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.reading import read_page
from blocks.standards.product_data.pages.words import folded
from blocks.standards.product_data.reading import read_product_file
from tests.shop_pages import PAGES, page

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "products" / "pages"

LD = b'<html><h1>Kabel</h1><script type="application/ld+json">'


def read(html: str) -> dict[str, object]:
    """Return the published form of a page's product, with its findings."""
    findings = Findings()
    product = read_page(html.encode(), findings)
    return {**product.as_json(), "findings": findings.all(), "spots": product.spots}


@pytest.mark.parametrize("shop", sorted(PAGES))
def test_t_doc_12_every_shop_systems_page_gives_what_a_reader_sees(shop):
    wanted = PAGES[shop]
    found = read(wanted.html)
    for field, value in wanted.expected().items():
        if field == "price":
            assert (Decimal(value) if value else None) == (Decimal(found["price"]) if found["price"] else None)
        else:
            assert folded(str(found[field] or "")).lstrip("0") == folded(value or "").lstrip("0"), field
    pairs = {(folded(each["name"]), folded(each["value"])) for each in found["attributes"]}
    assert {(folded(name), folded(value)) for name, value in wanted.attributes} <= pairs
    assert any(wanted.finding in sentence for sentence in found["findings"]) or not wanted.finding


def test_each_value_names_the_place_it_stands_at():
    found = read(PAGES["smartstore"].html)
    assert set(found["spots"]) == {"name", "gtin", "mpn", "sku", "brand", "price", "availability"}
    assert "h1" in found["spots"]["name"].selector


def test_what_the_page_shows_wins_over_markup_and_the_contradiction_is_a_finding():
    found = read(PAGES["contradiction"].html)
    assert (found["price"], found["availability"]) == ("29.90", "SoldOut")
    assert sum("what the page shows was taken" in sentence for sentence in found["findings"]) == 2


def test_a_gtin_whose_check_digit_fails_is_no_gtin_but_a_finding():
    found = read(PAGES["lookalike"].html)
    assert found["gtin"] is None
    assert any("4006381333932" in sentence and "check digit" in sentence for sentence in found["findings"])


def test_instructions_in_a_pages_text_are_text():
    found = read(PAGES["advice"].html)
    assert (found["price"], found["brand"], found["gtin"]) == ("24.90", None, None)


def test_a_product_under_a_heading_of_other_products_is_not_the_pages_product():
    body = "<h1>Hammer 300 g</h1><p class=price>12,00 €</p><h2>Zubehör</h2><p>Art.-Nr.: 77</p><p class=price>3,00 €</p>"
    found = read(page(body, "Hammer 300 g"))
    assert (found["price"], found["sku"]) == ("12.00", None)


@pytest.mark.parametrize(
    ("shown", "amount"),
    [
        ("<p class=price>24<sup>99</sup> €</p>", "24.99"),
        ("<p class=price>ab 24,99 €</p>", "24.99"),
        ("<p class=price>24,99 €</p><p class=base-price>49,98 € / kg</p>", "24.99"),
        ("<p class=price><del>39,99 €</del> <ins>24,99 €</ins></p>", "24.99"),
        ("<p class=price>statt 39,99 € nur 24,99 €</p>", "24.99"),
        ("<p class=price>24,99 €</p><p>oder 12 Raten zu 2,30 € monatlich</p>", "24.99"),
        ("<p style='display:none' class=price>1,00 €</p><p class=price>24,99 €</p>", "24.99"),
        ("<p class=price>24.990 € </p>", "24990"),
        ("<div><span>24,99 €</span></div>", "24.99"),
        ("<p>50 ft lang, 2 km weit</p><div><span>24,99 €</span></div>", "24.99"),
        ("<div class=prc-box><span class=prc-org>39,99 €</span><span class=prc-dsc>24,99 €</span></div>", "24.99"),
    ],
)
def test_the_price_to_pay_is_told_from_its_neighbours(shown, amount):
    assert Decimal(read(page(f"<h1>Leim 500 g</h1>{shown}<p>Lieferbar</p>", "Leim 500 g"))["price"]) == Decimal(amount)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html><h1>Kabel</h1>" + b"<div>" * 100_000, "nests more than"),
        (b"<html><h1>Kabel</h1>" + b"<script>" * 20_000, ""),
        (b"<html><h1>Kabel</h1>" + b"<!--" * 20_000, ""),
        (b'<html><h1>Kabel</h1><script type="application/ld+json">' + b"[" * 500_000 + b"</script>", "JSON-LD block 1"),
        (b'<html><h1>Kabel</h1><script type="application/ld+json">{"a":1,,,"b"</script>', "JSON-LD block 1"),
        (
            LD + b'{"@type":"Product","name":"Kabel","sku":"A\\ud8001"}</script>',
            "",
        ),
        (b"<html><h1>Kabel</h1>" + b"<p class=price>1,00 EUR EAN: 4006381333931</p>" * 1_000, ""),
        (b"<html><h1>Kabel</h1>" + b"<b>x</b>" * 100_000, "more than 100,000 elements"),
        (b"<html><h1>Kabel</h1>" + b"\x00\x01\xff" * 1000, ""),
    ],
    ids=["nested", "scripts", "comments", "deep-json", "broken-json", "half-letter", "many", "elements", "binary"],
)
def test_a_hostile_page_is_read_as_far_as_its_limits_and_never_raises(data, sentence):
    read_file = read_product_file("page.html", data)
    assert read_file.verdict in {Readability.READ, Readability.PARTLY}
    assert read_file.products[0].name == "Kabel"
    assert any(sentence in each for each in read_file.findings) or not sentence
    json.dumps(read_file.as_json())


def test_a_page_longer_than_its_limit_is_cut_off_with_a_finding():
    packed = gzip.compress(b"<html><h1>Kabel</h1><p>" + b" " * (17 << 20), 1)
    found = read_product_file("page.html.gz", packed)
    assert (found.kind, found.verdict, found.products[0].name) == (SourceKind.PAGE, Readability.PARTLY, "Kabel")
    assert any("more than 16 MB" in sentence for sentence in found.findings)


@pytest.mark.parametrize(
    ("declared", "written"),
    [("utf-8", "cp1252"), ("iso-8859-2", "utf-8"), ("utf-8", "utf-8"), ("x", "utf-16"), ("", "cp1252")],
)
def test_a_page_that_lies_about_its_characters_is_read_all_the_same(declared, written):
    html = f'<html><head><meta charset="{declared}"></head><body><h1>Gerät für Öl</h1><p class="price">9,90 €</p>'
    found = read_product_file("page.html", html.encode(written))
    assert (found.products[0].name, found.products[0].price, found.products[0].currency) == (
        "Gerät für Öl",
        Decimal("9.90"),
        "EUR",
    )


def test_an_empty_page_is_unreadable_and_one_without_a_product_is_partly_read():
    assert read_product_file("page.html", b"<html></html>").verdict is Readability.UNREADABLE
    assert read_product_file("page.html", b"<html><p>Impressum</p></html>").verdict is Readability.PARTLY


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real shop pages is not there")
def test_t_doc_12_real_shop_pages_reach_the_asked_recall_and_precision():
    right, given, wanted = {}, {}, {}
    for manifest in json.loads((CORPUS / "manifest.json").read_text(encoding="utf-8")):
        if not manifest["truth"].endswith(".truth.json"):
            continue
        truth = json.loads((CORPUS / manifest["truth"]).read_text(encoding="utf-8"))
        product = read_product_file(manifest["file"], (CORPUS / manifest["file"]).read_bytes()).products[0].as_json()
        for field in ("name", "gtin", "mpn", "sku", "brand", "price", "currency", "availability"):
            if field in (truth.get("unscored") or []):
                continue
            accepted = truth["truth"].get(field)
            accepted = accepted if isinstance(accepted, list) else [accepted]
            hit = any(_same(field, value, product[field]) for value in accepted if value and product[field])
            right[field] = right.get(field, 0) + hit
            given[field] = given.get(field, 0) + (product[field] is not None)
            wanted[field] = wanted.get(field, 0) + (accepted[0] is not None and None not in accepted)
    for field, count in right.items():
        assert count >= 0.90 * wanted[field], field
        assert count >= 0.95 * given[field], field


def _same(field: str, wanted: str, found: str) -> bool:
    if field == "price":
        return Decimal(wanted) == Decimal(found)
    return folded(wanted).lstrip("0") == folded(found).lstrip("0")
