"""BMEcat: what the test writes is read back equal, in every version; what is broken or hostile costs only itself."""

import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.product_data import ProductData, Readability
from blocks.errors import Unreadable
from blocks.standards.product_data import bmecat
from blocks.standards.product_data.bmecat_text import CatalogueText
from blocks.standards.product_data.findings import Findings

VERSIONS = {
    "1.01": ("ARTICLE", "AID", "", "T_NEW_CATALOG"),
    "1.2": ("ARTICLE", "AID", "http://www.bmecat.org/bmecat/1.2/bmecat_new_catalog", "T_NEW_CATALOG"),
    "2005": ("PRODUCT", "PID", "http://www.bmecat.org/bmecat/2005fd", "T_UPDATE_PRODUCTS"),
    "2005.1": ("PRODUCT", "PID", "http://www.bmecat.org/bmecat/2005.1", "T_NEW_CATALOG"),
}
HEAD = "<HEADER><CATALOG><LANGUAGE>deu</LANGUAGE><CURRENCY>EUR</CURRENCY></CATALOG></HEADER>"


def read(data: bytes) -> tuple[list[ProductData], Findings]:
    findings = Findings()
    return list(bmecat.articles(io.BytesIO(data), findings)), findings


def catalogue(
    articles: str, *, version: str = "2005", head: str = HEAD, prolog: str = "", encoding: str = "utf-8"
) -> bytes:
    _, _, namespace, transaction = VERSIONS[version]
    space = f" xmlns={quoteattr(namespace)}" if namespace else ""
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = f"{head}<{transaction}>{articles}</{transaction}>"
    text = f"{declaration}{prolog}<BMECAT version='{version}'{space}>{body}</BMECAT>"
    return text.encode(encoding, "xmlcharrefreplace")


def article(number: str, inside: str = "", *, version: str = "2005", attributes: str = "") -> str:
    thing, suffix, *_ = VERSIONS[version]
    return f"<{thing}{attributes}><SUPPLIER_{suffix}>{escape(number)}</SUPPLIER_{suffix}>{inside}</{thing}>"


def features(pairs: Iterable[tuple[str, str, str]], *, version: str = "2005") -> str:
    thing = VERSIONS[version][0]
    inside = "".join(
        f"<FEATURE><FNAME>{escape(name)}</FNAME><FVALUE>{escape(value)}</FVALUE>"
        + (f"<FUNIT>{escape(unit)}</FUNIT>" if unit else "")
        + "</FEATURE>"
        for name, value, unit in pairs
    )
    system = "<REFERENCE_FEATURE_SYSTEM_NAME>ETIM-8.0</REFERENCE_FEATURE_SYSTEM_NAME>"
    return f"<{thing}_FEATURES>{system}{inside}</{thing}_FEATURES>"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=20).map(
    lambda text: " ".join(text.split())
)
TEXTS = WORDS.filter(bool)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(TEXTS, TEXTS, st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["", "mm", "V"])), max_size=4)),
        max_size=4,
    ),
    st.sampled_from(sorted(VERSIONS)),
    st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "windows-1252"]),
)
def test_a_catalogue_that_is_written_is_read_back_equal(
    written: list[tuple[str, str, list[tuple[str, str, str]]]], version: str, encoding: str
) -> None:
    thing = VERSIONS[version][0]
    data = catalogue(
        "".join(
            article(
                number,
                f"<{thing}_DETAILS><DESCRIPTION_SHORT>{escape(name)}</DESCRIPTION_SHORT></{thing}_DETAILS>"
                + features(pairs, version=version),
                version=version,
            )
            for number, name, pairs in written
        ),
        version=version,
        encoding=encoding,
    )
    products, findings = read(data)
    assert [(each.supplier_article_id, each.name) for each in products] == [
        (number, name) for number, name, _ in written
    ]
    assert [[(one.name, one.value, one.unit) for one in each.attributes] for each in products] == [
        pairs for _, _, pairs in written
    ]
    assert findings.verdict is Readability.READ


def test_prices_are_the_list_price_of_the_smallest_quantity_and_inherit_the_currency() -> None:
    prices = """<PRODUCT_PRICE_DETAILS>
      <PRODUCT_PRICE price_type="net_customer"><PRICE_AMOUNT>8,10</PRICE_AMOUNT></PRODUCT_PRICE>
      <PRODUCT_PRICE price_type="net_list"><PRICE_AMOUNT>1.110,50</PRICE_AMOUNT><LOWER_BOUND>10</LOWER_BOUND>
      </PRODUCT_PRICE>
      <PRODUCT_PRICE price_type="net_list"><PRICE_AMOUNT>1.234,50</PRICE_AMOUNT><LOWER_BOUND>1</LOWER_BOUND>
      </PRODUCT_PRICE>
    </PRODUCT_PRICE_DETAILS>"""
    strange = (
        "<PRODUCT_PRICE_DETAILS><PRODUCT_PRICE><PRICE_AMOUNT>auf Anfrage</PRICE_AMOUNT></PRODUCT_PRICE>"
        "</PRODUCT_PRICE_DETAILS>"
    )
    (first, second), findings = read(catalogue(article("1", prices) + article("2", strange)))
    assert (first.price, first.currency) == (Decimal("1234.50"), "EUR")
    assert (second.price, second.currency) == (None, None)
    assert any("auf Anfrage" in said for said in findings.all())


def test_identifiers_texts_media_and_references_are_read_in_their_languages() -> None:
    inside = """<PRODUCT_DETAILS>
      <DESCRIPTION_SHORT lang="eng">Relay</DESCRIPTION_SHORT><DESCRIPTION_SHORT lang="deu">Relais</DESCRIPTION_SHORT>
      <INTERNATIONAL_PID type="supplier">77</INTERNATIONAL_PID>
      <INTERNATIONAL_PID type="gtin">4006381333932</INTERNATIONAL_PID>
      <INTERNATIONAL_PID type="ean">4006381333931</INTERNATIONAL_PID>
      <MANUFACTURER_PID>RX-1</MANUFACTURER_PID><MANUFACTURER_NAME>Nord</MANUFACTURER_NAME><KEYWORD>Schalten</KEYWORD>
    </PRODUCT_DETAILS>
    <MIME_INFO><MIME><MIME_SOURCE>a/b.jpg</MIME_SOURCE><MIME_PURPOSE>normal</MIME_PURPOSE></MIME></MIME_INFO>
    <PRODUCT_REFERENCE type="accessories"><PROD_ID_TO>22</PROD_ID_TO></PRODUCT_REFERENCE>"""
    head = HEAD.replace("</CATALOG>", "<MIME_ROOT>https://media.example.com/</MIME_ROOT></CATALOG>")
    (product,), _ = read(catalogue(article("1", inside), head=head))
    assert (product.name, product.gtin, product.mpn, product.brand) == ("Relais", "4006381333931", "RX-1", "Nord")
    assert ("short", "Relay", "en") in [(each.kind, each.text, each.language) for each in product.texts]
    assert ("reference accessories", "22") in [(each.kind, each.text) for each in product.texts]
    assert product.media[0].address == "https://media.example.com/a/b.jpg"


def test_feature_lists_variants_codes_and_trees_keep_values_and_leave_nodes_out() -> None:
    inside = """<PRODUCT_FEATURES><REFERENCE_FEATURE_GROUP_ID>EC000057</REFERENCE_FEATURE_GROUP_ID>
      <FEATURE><FTEMPLATE><FT_NAME>Geometrie</FT_NAME></FTEMPLATE>
        <FVALUE_DETAILS>Geometrie</FVALUE_DETAILS><FID>1</FID></FEATURE>
      <FEATURE><FTEMPLATE><FT_NAME>Lage</FT_NAME></FTEMPLATE><FVALUE>0</FVALUE><FVALUE>2.5</FVALUE>
        <FVALUE>0</FVALUE><FPARENT_ID>1</FPARENT_ID></FEATURE>
      <FEATURE><FNAME>Farbe</FNAME><VARIANTS><VARIANT><FVALUE>rot</FVALUE></VARIANT>
        <VARIANT><FVALUE>blau</FVALUE></VARIANT></VARIANTS></FEATURE>
      <FEATURE><FNAME>Material</FNAME><FVALUE>EV000154</FVALUE><FVALUE_DETAILS>Aluminium</FVALUE_DETAILS></FEATURE>
      <FEATURE><FNAME>Typ</FNAME><FVALUE lang="deu">Relais</FVALUE><FVALUE lang="eng">Relay</FVALUE></FEATURE>
      <FEATURE><FNAME>Norm</FNAME><VALUE_IDREF>0173-1#07-BAA194#001</VALUE_IDREF></FEATURE>
      <FEATURE><FNAME>Leer</FNAME></FEATURE></PRODUCT_FEATURES>"""
    (product,), _ = read(catalogue(article("1", inside)))
    assert [(each.name, each.value, each.source) for each in product.attributes] == [
        ("Lage", "0; 2.5; 0", "FVALUE"),
        ("Farbe", "rot; blau", "FVALUE"),
        ("Material", "Aluminium", "FVALUE_DETAILS"),
        ("Typ", "Relais", "FVALUE de"),
        ("Typ", "Relay", "FVALUE en"),
        ("Norm", "0173-1#07-BAA194#001", "VALUE_IDREF"),
    ]
    assert product.attributes[0].spot is not None
    assert product.attributes[0].spot.selector == "PRODUCT[1]/PRODUCT_FEATURES[1]/FEATURE[2]"
    assert product.category == "EC000057"


def test_wrong_bytes_bare_ampersands_and_html_signs_are_mended_and_said() -> None:
    text = "M\xe4nner & S&ouml;hne<![CDATA[ & <b>]]>&#0;"
    inside = f"<PRODUCT_DETAILS><DESCRIPTION_SHORT>{text}</DESCRIPTION_SHORT></PRODUCT_DETAILS>"
    data = catalogue(article("1", inside)).replace("\xe4".encode(), b"\xe4")
    (product,), findings = read(data)
    assert product.name == "Männer & Söhne & <b>"
    assert len(findings.all()) == 4
    assert findings.verdict is Readability.READ


def test_a_document_type_that_only_names_the_standard_is_passed_over() -> None:
    (product,), _ = read(catalogue(article("1"), prolog='<!DOCTYPE BMECAT SYSTEM "bmecat_new_catalog_1_2.dtd">'))
    assert product.supplier_article_id == "1"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"<a/>", "root"),
        (b"no xml at all", "root BMECAT"),
        (catalogue(article("&x;"), prolog='<!DOCTYPE BMECAT [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "smuggled"),
        (
            catalogue(
                article("1"), prolog='<!DOCTYPE B [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;">]>'
            ),
            "smuggled",
        ),
        (b'<?xml version="1.0" encoding="utf-7"?><BMECAT/>', "utf-7"),
        (b"<BMECAT><T_NEW_CATALOG><ARTICLE></T_NEW_CATALOG>", "well-formed"),
        (b"<BMECAT>" + b"<a>" * 10_000, "well-formed"),
        (b"<BMECAT><T_NEW_CATALOG>" + b"x" * 11_000_000, "10 million"),
    ],
)
def test_hostile_and_foreign_files_are_refused_in_a_sentence(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        read(data)


def test_a_catalogue_that_breaks_off_keeps_the_articles_before() -> None:
    data = catalogue("".join(article(str(number), "<X/>" * 50) for number in range(2000)))
    products, findings = read(data[: len(data) // 2])
    assert 950 < len(products) < 1050
    assert findings.verdict is Readability.PARTLY
    assert "broken" in findings.all()[0]


class _Endless(io.BytesIO):
    """A catalogue of many articles that is made while it is read."""

    def __init__(self, number: int, filling: bytes) -> None:
        super().__init__()
        self._parts = iter(
            [
                b"<BMECAT><T_NEW_CATALOG>",
                *[article(str(at)).encode() + filling for at in range(number)],
                b"</T_NEW_CATALOG></BMECAT>",
            ]
        )

    def read(self, _size: int | None = -1, /) -> bytes:
        return next(self._parts, b"")


def test_the_tree_never_holds_more_than_what_is_open() -> None:
    findings = Findings()
    reader = bmecat._Reader(findings)
    text = CatalogueText(
        _Endless(300, b"<CATALOG_GROUP_SYSTEM>" + b"<CATALOG_STRUCTURE/>" * 500 + b"</CATALOG_GROUP_SYSTEM>")
    )
    left = [sum(1 for _ in reader._root.iter()) for _ in reader.read(text)]
    assert reader.number == 300
    assert max(left) < 600


def test_an_element_without_end_is_refused_before_it_fills_the_memory() -> None:
    class Flood(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return b"<BMECAT><T_NEW_CATALOG><ARTICLE>" if not self.tell_once() else b"<A>x</A>" * 40_000

        def tell_once(self) -> bool:
            seen, self.seen = getattr(self, "seen", False), True
            return seen

    with pytest.raises(Unreadable, match="does not end"):
        list(bmecat.articles(Flood(), Findings()))


CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "products" / "bmecat"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of product data is not beside the repository")
def test_every_catalogue_of_the_corpus_is_read_whole() -> None:
    for path in CORPUS.glob("*.xml"):
        products, findings = read(path.read_bytes())
        assert products
        assert findings.verdict is Readability.READ
