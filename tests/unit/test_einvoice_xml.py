"""XML from outside, hostile until parsed: bombs, bits flipped and files cut off end in a sentence, never in a trace."""

import re
from collections.abc import Iterator
from contextlib import suppress
from resource import RUSAGE_SELF, getrusage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocks.errors import Unreadable
from blocks.standards.en16931.reading import read_einvoice
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.ubl_writing import write
from blocks.standards.en16931.xml import Limits, parse, place_of
from tests.unit.test_ubl import an_invoice

WHOLE = write(an_invoice())[0]
XML = '<?xml version="1.0"?>'


def _laughs(depth: int = 9, width: int = 10) -> str:
    entities = [f'<!ENTITY a{level} "{f"&a{level - 1};" * width}">' for level in range(1, depth)]
    return f'{XML}<!DOCTYPE a [<!ENTITY a0 "ha">{"".join(entities)}]><a b="&a{depth - 1};">&a{depth - 1};</a>'


def _bombs() -> Iterator[tuple[str, bytes]]:
    outside = '[<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
    yield "billion laughs", _laughs().encode()
    yield "billion laughs in UTF-16", _laughs().encode("utf-16")
    yield "billion laughs in UTF-16 without a mark", _laughs().encode("utf-16-le")
    yield "quadratic blow-up", f'{XML}<!DOCTYPE a [<!ENTITY x "{"y" * 99_999}">]><a>{"&x;" * 9_999}</a>'.encode()
    yield "outside entity", f"{XML}<!DOCTYPE a {outside}".encode()
    yield "outside document type", f'{XML}<!-- - --><?p?>\n<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>'.encode()
    yield "parameter entity", f'{XML}<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]><a/>'.encode()
    yield "nested 100,000 deep", b"<a>" * 100_000 + b"</a>" * 100_000
    yield "nested 100,000 deep in a large file", b"<a>" * 100_000 + b"x" * 9_000_000 + b"</a>" * 100_000
    yield "three million attributes", b"<a " + b" ".join(b'a%d=""' % n for n in range(3_000_000)) + b"/>"
    yield "three million elements", b"<a>" + b"<b/>" * 3_000_000 + b"</a>"
    yield "an entity of nobody", b"<a>&nobody;</a>"
    yield "a declaration without end", b"<?xml" + b" " * 100_000 + b'encoding="utf-7"?><a/>'
    yield "an encoding of its own", b'<?xml version="1.0" encoding="cp037"?><a/>'
    yield "half a character", '<a b="ü"/>'.encode("utf-16")[:-3]
    yield "zeros", b"\x00" * 1000
    yield "nothing", b" \n"
    yield "a PDF", b"%PDF-1.7\n"
    yield "another document", b"<Order/>"
    yield "an invoice of another namespace", b'<Invoice xmlns="urn:example"/>'


BOMBS = dict(_bombs())


@pytest.mark.parametrize("name", BOMBS)
def test_t_doc_5_a_bomb_ends_in_one_sentence_and_little_memory(name: str):
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable) as refusal:
        read_einvoice(BOMBS[name])
    assert str(refusal.value).endswith(".")
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_a_huge_attribute_or_text_is_refused_or_left_out():
    huge = "y" * 20_000_000
    data = WHOLE.replace(b">R-1<", f' schemeID="{huge}">{huge}<'.encode())
    _, invoice, defects = read_einvoice(data)
    assert invoice.number == ""
    assert "20,000,000 characters" in defects[0].text
    with pytest.raises(Unreadable, match="MB"):
        parse(data, Limits(bytes=10_000_000))


def test_t_doc_5_a_broken_file_names_line_and_reason():
    with pytest.raises(Unreadable, match=r"line 5, column \d+: it breaks off") as refusal:
        read_einvoice(b"\n".join(WHOLE.split(b"\n")[:5]))
    (defect,) = refusal.value.reasons
    assert defect.place.startswith("line 5")


def test_unusual_encodings_of_the_same_invoice_read_the_same():
    text = WHOLE.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    wide = WHOLE.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    marked = b"\xef\xbb\xbf" + WHOLE
    for data in (text.encode("latin-1"), wide.encode("utf-16"), wide.encode("utf-16-be"), marked, b"\n" + WHOLE):
        assert read_einvoice(data)[1] == an_invoice()


def test_comments_and_instructions_inside_a_value_do_not_cut_it():
    data = WHOLE.replace(b">R-1<", b">R<!-- x -->-<?y z?><![CDATA[1]]><")
    assert read_einvoice(data)[1] == an_invoice()


def test_a_place_counts_only_among_several():
    root = parse(b"<a><b/><c/><b><d/></b></a>")
    assert [place_of(element) for element in root.iter()] == ["/a", "/a/b[1]", "/a/c", "/a/b[2]", "/a/b[2]/d"]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_flipped_cut_and_foreign_bytes_never_raise_anything_else(data: st.DataObject):
    spoilt = bytearray(WHOLE)
    for place in data.draw(st.lists(st.integers(0, len(WHOLE) - 1), max_size=4)):
        spoilt[place] = data.draw(st.integers(0, 255) | st.sampled_from(b"<>&\"'/0"))
    end = data.draw(st.just(len(spoilt)) | st.integers(0, len(spoilt)))
    inserted = data.draw(st.binary(max_size=8) | st.sampled_from([b"<cbc:ID>", b"</cbc:ID>", b"-->", b"1E+9", b""]))
    middle = data.draw(st.integers(0, end))
    with suppress(Unreadable):
        read_einvoice(bytes(spoilt[:middle]) + inserted + bytes(spoilt[middle:end]))


_LEAVES = sorted({piece.split(b" ")[0] for piece in WHOLE.replace(b">", b"<").split(b"<") if piece.startswith(b"c")})


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(_LEAVES), st.sampled_from(_LEAVES)), min_size=1, max_size=4), st.integers(0, 3)
)
def test_well_formed_nonsense_gives_an_invoice_and_doubts(swaps: list[tuple[bytes, bytes]], cut: int):
    """Elements renamed, doubled and emptied at random: still XML, no longer an invoice."""
    spoilt = WHOLE
    for old, new in swaps:
        spoilt = re.sub(rb"(</?)%s(?=[ >])" % old, rb"\1" + new, spoilt)
    if cut:
        spoilt = spoilt.replace([b"EUR", b"<cbc:ID>1</cbc:ID>", b"2026-11-21"][cut - 1], b"")
    _, invoice, defects, findings = check_document(spoilt)
    assert write(invoice)[0]
    assert all(finding.location for finding in findings)
    assert all(defect.place.startswith("/") and defect.remedy.endswith(".") for defect in defects)
