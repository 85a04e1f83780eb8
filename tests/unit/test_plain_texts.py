"""Texts of makers as a shop may show them: no tag, no script, nothing that only looks like one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.manufacturer_enrichment.plain_texts import LONGEST_TEXT, for_the_shop, plain_text

PIECES = ("<", ">", "&lt;", "&gt;", "&amp;", "script", "/", "!--", "-->", "img src=x onerror=alert(1)", '"', "'", " ",
          "<![CDATA[", "]]>", "&#60;", "&#x3c", "svg", "a", "\x00", "title", "?", "ü")  # fmt: skip
TAG = re.compile(r"<[a-z/!?]", re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>Eins</p><p>Zwei<br/>Drei <b>f</b>ett</p>", "Eins Zwei Drei fett"),
        ("<script>alert(1)</script>Lampe", "Lampe"),
        ("<scr<script>x</script>ipt>y", "y"),
        ("&lt;script&gt;x&lt;/script&gt;Lampe", "Lampe"),
        ("&amp;lt;img src=x onerror=alert(1)&amp;gt;Lampe", "Lampe"),
        ("<img src=x onerror=alert(1) Lampe", "< img src=x onerror=alert(1) Lampe"),
        ("R&D &amp; Söhne, <5 W und 3 < 4", "R&D & Söhne, <5 W und 3 < 4"),
        ('<a href="javascript:x" title="a>b">Lampe</a>', "Lampe"),
        ("<![CDATA[<b>Lampe</b>]]><!-- <img src=x> -->", "Lampe"),
        ("\u202egpj.exe\x00\ud800", "gpj.exe"),
        ("<style>p {}</style>", ""),
    ],
)
def test_a_text_is_what_a_reader_sees(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_that_a_browser_takes_for_a_tag_is_left(text: str) -> None:
    assert not TAG.search(plain_text(text))
    assert "<" not in for_the_shop("full_description", plain_text(text))


@pytest.mark.parametrize("bomb", ["<a ", "<", "<!--", "<script>", "&amp;", "<a href='", "<!", "<?", "<a\"'", "&lt;"])
def test_a_text_of_nothing_but_markup_is_read_in_one_go(bomb: str) -> None:
    assert len(plain_text(bomb * 100_000)) <= LONGEST_TEXT
