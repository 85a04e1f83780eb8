"""Any bytes, given to any reader, end as records or as a reason: no traceback, no hang, bounded memory."""

import io
import json
import tracemalloc
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from blocks.documents.orders import Order
from blocks.errors import SomsError, Unreadable, WrongUse
from blocks.standards.order_files.explanation import explain
from blocks.standards.order_files.formulas import neutral
from blocks.standards.order_files.orders import read_order
from blocks.standards.order_files.profile import Profile, load_profile
from blocks.standards.order_files.proposal import propose
from blocks.standards.order_files.shipped import shipped_profiles
from blocks.standards.order_files.splitting import split
from tests.order_files import HEADER, a_csv, a_profile, an_xlsx, an_xml, json_lines, orders_of, records_of, rows_of

FORMS = ("csv", "xlsx", "xml", "json")
PROFILES = {form: a_profile(form) for form in FORMS}
FILES = {
    "csv": a_csv(rows_of()),
    "xlsx": an_xlsx(rows_of()),
    "xml": an_xml(rows_of()),
    "json": json_lines(rows_of()),
}
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_all(content: bytes, profile: Profile) -> list[Order | Unreadable]:
    """Read a whole file; whatever is wrong must be a SomsError with a sentence."""
    read: list[Order | Unreadable] = []
    try:
        for record in split(io.BytesIO(content), profile):
            assert record.external_id
            assert json.loads(record.body)["profile"] == profile.name
            read.append(outcome(record.body, profile))
    except Unreadable as error:
        refused = str(error)
    else:
        return read
    assert refused.endswith(".")
    assert read == []
    return read


def outcome(body: bytes, profile: Profile) -> Order | Unreadable:
    """Return the order of a record, which validates, or the reasons why it is none."""
    try:
        order = read_order(body, profile, "folder")
    except Unreadable as error:
        return error
    assert Order.model_validate(order.model_dump()) == order
    return order


@st.composite
def spoilt(draw: st.DrawFn, content: bytes) -> bytes:
    """Return a good file with a part cut out, doubled or overwritten."""
    start = draw(st.integers(0, len(content)))
    end = draw(st.integers(start, min(len(content), start + 400)))
    put = draw(st.one_of(st.binary(max_size=20), st.just(content[start:end] * 2), st.sampled_from(NASTY)))
    return content[:start] + put + content[end:]


NASTY = [
    b'"', b"\0", b"\r", b"\xff\xfe", b"\xef\xbb\xbf", b"&x;", b"<", b"]]>", b"{", b"[[[[", b"1e999999999999999999999",
    b"NaN", b'"\\ud800"', b"\xed\xa0\x80", b";" * 2000, b"9" * 5000, b"\xe2\x80\xa8", b"\x85", b"\x1a",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@QUICK
@given(content=st.one_of(st.binary(max_size=600), st.text(max_size=300).map(lambda text: text.encode("utf-16"))))
@example(content=b"\0\0\1")
def test_any_bytes_end_as_records_or_reasons(form: str, content: bytes) -> None:
    read_all(content, PROFILES[form])


@pytest.mark.parametrize("form", FORMS)
@QUICK
@given(data=st.data())
def test_a_good_file_that_was_spoilt_ends_as_records_or_reasons(form: str, data: st.DataObject) -> None:
    read_all(data.draw(spoilt(FILES[form])), PROFILES[form])


@pytest.mark.parametrize("form", FORMS)
@FEW
@given(data=st.data())
def test_proposals_and_explanations_of_spoilt_files_are_profiles_or_reasons(form: str, data: st.DataObject) -> None:
    content = data.draw(spoilt(FILES[form]))
    for sample in (content, FILES[form]):
        try:
            proposal = propose(sample, "Ein Export.csv")
            explain(sample, load_profile(proposal.text))
            explain(content, PROFILES[form])
        except Unreadable as error:
            refused = str(error)
        else:
            continue
        assert refused.endswith(".")


CELLS = st.one_of(
    st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["$date", "$bytes", "$error", "$number", "$time", "#text"]), st.text(max_size=9)),
)  # fmt: skip
LEAVES = st.recursive(CELLS, lambda inner: st.dictionaries(st.sampled_from(HEADER), inner, max_size=4), max_leaves=8)


@pytest.mark.parametrize("form", ["csv", "json"])
@QUICK
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(HEADER), CELLS, max_size=18), max_size=3),
    tree=st.dictionaries(st.sampled_from([*HEADER, "Zeilen"]), LEAVES, max_size=18),
)
def test_any_body_is_an_order_or_reasons(form: str, rows: list[dict[str, Any]], tree: dict[str, Any]) -> None:
    for content in ({"rows": rows}, {"order": tree}, {"broken": {"reason": 1}}, rows, {}):
        outcome(json.dumps(content).encode(), PROFILES[form])
    outcome(b"no json", PROFILES[form])


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@QUICK
@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS),
    number=st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True),
    figures=st.tuples(st.integers(1, 10**6), st.integers(0, 10**5)),
    dialect=st.tuples(st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
)
@example(("\u017f", "ß", "\u2028"), "1", (1, 0), (";", "utf-8"))
def test_what_is_written_is_read_back_whatever_the_dialect(
    texts: tuple[str, str, str], number: str, figures: tuple[int, int], dialect: tuple[str, str]
) -> None:
    (last, street, comment), (pieces, cents), (delimiter, encoding) = texts, figures, dialect
    changes = {
        "Nachname": last, "Straße": street, "Bemerkung": comment, "Menge": str(pieces), "Gesamtbetrag": "",
        "Einzelpreis": f"{cents // 100},{cents % 100:02d}",
    }  # fmt: skip
    row = rows_of(number, **changes)[0]
    (order,) = orders_of(a_csv([row], delimiter=delimiter, encoding=encoding), PROFILES["csv"])
    assert order.external_id == order.number == number
    assert order.billing_address is not None
    assert (order.billing_address.last_name, order.billing_address.street) == (last.strip(), street.strip())
    assert order.comment == comment.strip()
    assert (order.lines[0].quantity, order.lines[0].unit_gross * 100) == (pieces, cents)
    assert order.lines[0].gross == order.lines[0].unit_gross * pieces


@QUICK
@given(st.text(max_size=20))
def test_no_neutral_text_begins_like_a_formula(text: str) -> None:
    assert not neutral(text).lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert neutral(text).removeprefix("'").endswith(text.removeprefix("'"))


@QUICK
@given(st.one_of(st.text(max_size=200), st.sampled_from(list(shipped_profiles().values()))), st.data())
def test_any_text_is_a_profile_or_wrong_use(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    for content in (text, text[:at], text[:at] + data.draw(st.sampled_from(list("*&:[]{}!%\t'\""))) + text[at:]):
        with suppress(WrongUse):
            assert load_profile(content).name


def peak_of(content: bytes, profile: Profile) -> int:
    """Return the peak memory, in bytes, of reading a file that lies in memory already."""
    stream = io.BytesIO(content)
    tracemalloc.start()
    try:
        for _ in split(stream, profile):
            pass
    except SomsError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


MEGABYTE = 1024 * 1024
ENDLESS = {
    "one endless line": ("csv", a_csv([])[:-2] + b"\r\n" + b"x" * 20 * MEGABYTE),
    "a quote that is never closed": ("csv", a_csv([]) + b'"' + b"a;b\r\n" * 20_000),
    "an endless row of delimiters": ("csv", a_csv([]) + b";" * 20 * MEGABYTE),
    "an endless string": ("json", b'{"Bestellnummer": "' + b"x" * 20 * MEGABYTE),
    "an endless list": ("json", b"[" * 20 * MEGABYTE),
    "an endless element": ("xml", b"<Orders><Order><a>" + b"x" * 20 * MEGABYTE),
    "an order of endless elements": ("xml", b"<Orders><Order>" + b"<a/>" * 110_000),
    "elements without end outside orders": ("xml", b"<Orders>" + b"<a/>" * 110_000 + b"</Orders>"),
    "elements nested without end": ("xml", b"<Orders>" + b"<a>" * 4 * MEGABYTE),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_endless_parts_do_not_fill_the_memory(case: str) -> None:
    form, content = ENDLESS[case]
    assert peak_of(content, PROFILES[form]) < 16 * MEGABYTE


def test_memory_stays_flat_as_a_file_grows() -> None:
    once = a_csv([row for number in range(800) for row in rows_of(str(number))])
    body = once.partition(b"\r\n")[2]
    small, large = peak_of(once, PROFILES["csv"]), peak_of(once + body * 2, PROFILES["csv"])
    assert large < small * 1.2


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Orders><Order><Bestellnummer>&c;</Bestellnummer></Order></Orders>'
)
OUTSIDE = (
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Orders><Order><Bestellnummer>&f;</Bestellnummer>'
    b"</Order></Orders>"
)


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE], ids=["entities of entities", "an entity from outside"])
def test_xml_with_a_document_type_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable, match="document type"):
        records_of(content, PROFILES["xml"])


def zipped(**parts: bytes) -> bytes:
    """Return a spreadsheet with some of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILES["xlsx"])) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in good.infolist():
            key = part.filename.rpartition("/")[2].partition(".")[0]
            archive.writestr(part.filename, parts.get(key, good.read(part)))
    return out.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
HEAD = b"<row r='1'>" + b"".join(
    b"<c r='%s1' t='inlineStr'><is><t>%s</t></is></c>" % (bytes([65 + place]), name.encode())
    for place, name in enumerate(HEADER)
) + b"</row>"  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"styles": b" " * 70 * MEGABYTE}, "unpacks to"),
        ({"sheet1": b"<!DOCTYPE x><worksheet/>"}, "document type"),
        ({"sheet1": SHEET % b'<row r="2"><c r="C2"><f>1+1</f></c></row>'}, "formula in cell C2 was never calculated"),
        ({"workbook": b"<nothing/>"}, r"\.$"),
    ],
    ids=["a bomb", "a document type", "a formula without value", "no workbook"],
)
def test_workbooks_that_are_traps_are_refused(parts: dict[str, bytes], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        records_of(zipped(**parts), PROFILES["xlsx"])


def test_a_sheet_that_claims_endless_rows_and_columns_ends() -> None:
    far = HEAD + b'<row r="2"><c r="XFD2"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>4711</v></c></row>'
    read = read_all(zipped(sheet1=SHEET % far), PROFILES["xlsx"])
    assert len(read) == 2
    assert all(isinstance(one, Unreadable) for one in read)


def test_a_row_with_a_formula_that_failed_is_named() -> None:
    failed = HEAD + b'<row r="2"><c r="A2"><v>4711</v></c><c r="G2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    (read,) = read_all(zipped(sheet1=SHEET % failed), PROFILES["xlsx"])
    assert isinstance(read, Unreadable)
    assert "rows[1].Ort is an error of the spreadsheet." in [defect.text for defect in read.reasons]
