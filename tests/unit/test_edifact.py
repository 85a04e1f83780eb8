"""EDIFACT: syntax, envelope, structure and contents of interchanges, whole and broken."""

import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blocks.standards.edifact import charsets, envelope, findings, syntax
from blocks.standards.edifact.dates import moment
from blocks.standards.edifact.envelope import NoInterchangeError, read_interchanges
from blocks.standards.edifact.grammars import MESSAGES
from blocks.standards.edifact.report import Report, report
from blocks.standards.edifact.structure import grammar
from blocks.standards.edifact.syntax import (
    CharsetError,
    Segment,
    ServiceString,
    Splitter,
    read_segments,
    segment,
    write_segments,
)
from tests.interchanges import (
    GUIDES,
    body,
    broken,
    interchange,
    message,
    octets,
    places,
    replaced,
    whole,
)

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "edifact"
KINDS = sorted(GUIDES)


def fatal(made: Report, kind: str | None = None) -> list[str]:
    """Return the codes of the fatal findings of one class."""
    return [each.code for each in made.findings if each.severity == "fatal" and kind in {None, each.kind}]


def replaced_at(segments: list[str], place: int, to: str) -> list[str]:
    """Put another segment in the place of one."""
    return replaced(segments, place, to)


def orders(*changed: str) -> bytes:
    """Return ORDERS whose message is followed by other service segments."""
    return octets([*interchange(message("ORDERS", body("ORDERS")))[:-2], *changed])


# --- syntax ---------------------------------------------------------------------------------------------------------

_SEPARATORS = st.sampled_from(
    [ServiceString(), ServiceString("|", "#", ",", "!", "*", "~"), ServiceString(repetition="*")]
)
_CHARSETS = {"UNOB": "iso8859-1", "UNOC": "iso8859-1", "UNOE": "iso8859-5", "UNOF": "iso8859-7", "UNOY": "utf-8"}


@st.composite
def written_segments(draw: st.DrawFn) -> tuple[str, ServiceString, list[Segment]]:
    """Draw segments whose texts one character set can hold, separators and line ends among them."""
    identifier = draw(st.sampled_from([each for each in _CHARSETS if each != "UNOB"]))
    text = st.text(st.characters(codec=_CHARSETS[identifier], exclude_categories=["Cs"]), max_size=8)
    element = st.lists(text, min_size=1, max_size=3).map(tuple)
    tag = st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True)
    drawn = draw(st.lists(st.tuples(tag, st.lists(element, max_size=4)), min_size=1, max_size=6))
    return identifier, draw(_SEPARATORS), [segment(tag, *elements) for tag, elements in drawn]


@given(written_segments(), st.sampled_from(["", "\n", "\r\n"]))
@settings(max_examples=80, deadline=None)
def test_what_is_written_is_read_back_equal_in_every_character_set(
    drawn: tuple[str, ServiceString, list[Segment]], line_end: str
) -> None:
    identifier, service, segments = drawn
    made = write_segments(segments, identifier, service, una=False, line_end=line_end)
    read = read_segments(made, service, identifier)
    assert [each[:2] for each in read] == [each[:2] for each in segments]
    assert [each.number for each in read] == list(range(1, len(read) + 1))


def test_repetitions_of_syntax_4_are_read_and_written() -> None:
    service = ServiceString(repetition="*")
    read = read_segments(b"RFF+ON:1*ON:2*ON?*3+X'", service)
    assert read == [Segment("RFF", (("ON", "1"), ("X",)), 1, ((0, ("ON", "2")), (0, ("ON*3",))))]
    assert write_segments(read, "UNOC", service, una=False) == b"RFF+ON:1*ON:2*ON?*3+X'"


def test_long_text_is_cut_into_blocks_without_losing_a_released_terminator(monkeypatch: pytest.MonkeyPatch) -> None:
    segments = [segment("FTX", "AAI", f"{n} it's ? + : ''" + "?" * (n % 5)) for n in range(200)]
    made = write_segments(segments, "UNOC", una=False)
    monkeypatch.setattr(syntax, "BLOCK", 37)
    assert [each[:2] for each in read_segments(made)] == [each[:2] for each in segments]


def test_a_character_outside_of_the_set_is_refused_with_its_place() -> None:
    with pytest.raises(CharsetError, match=r"FTX holds '€'.*UNOY"):
        write_segments([segment("BGM", "380"), segment("FTX", "10 €")], "UNOC")
    with pytest.raises(CharsetError, match="'ä'"):
        write_segments([segment("FTX", "ä")], "UNOA")
    with pytest.raises(CharsetError, match="release"):
        write_segments([segment("FTX", "a+b")], "UNOC", ServiceString(release=" "))


@pytest.mark.parametrize(
    ("una", "line"),
    [("UNA:+,? '", ""), ("UNA:+.? '\r\n", "\r\n"), ("", ""), ("\ufeffUNA:+.?*'", "\n"), ("  \r\nUNA:+.? '", " ")],
)
def test_service_string_line_ends_and_byte_order_marks_change_nothing(una: str, line: str) -> None:
    text = una + line.join(f"{each}'" for each in interchange(message("ORDERS", body("ORDERS")), syntax="UNOY:4"))
    assert fatal(report(text.replace("Müller?'s", "M").encode())) == []


def test_level_b_separators_are_understood_without_una() -> None:
    text = "'".join([*interchange(message("ORDERS", body("ORDERS")), syntax="UNOB:1"), ""]).replace("Müller?'s", "MS")
    plain = text.replace("Käse ?+ Wurst", "KW").replace("?:", " ").replace("'", "\x1c")
    made = report(plain.replace("+", "\x1d").replace(":", "\x1f").encode())
    assert (made.verdict, len(made.messages)) == ("valid", 1)


@pytest.mark.parametrize(("identifier", "codec"), [("UNOC", "iso8859-1"), ("UNOE", "iso8859-5"), ("UNOY", "utf-8")])
def test_texts_are_decoded_by_the_set_unb_names(identifier: str, codec: str) -> None:
    name = "Иван" if codec == "iso8859-5" else "Käse"
    segments = [each.replace("Käse", name).replace("Müller", "M") for each in body("ORDERS")]
    made = octets(interchange(message("ORDERS", segments), syntax=f"{identifier}:3"), codec=codec)
    (read,) = read_interchanges(made)
    assert read.messages[0].segments[9].part(2, 3).startswith(name)
    assert read.findings == []


def test_packages_with_binary_objects_are_passed_over() -> None:
    binary = b"\x00'UNT+9+9'+:?\xff"
    package = b"UNO+P1+1:slip+13:+%d'" % len(binary) + binary + b"UNP+%d+P1'" % len(binary)
    whole_one = whole("ORDERS")
    place = whole_one.index(b"UNZ")
    made = report(whole_one[:place] + package + whole_one[place:])
    assert fatal(made) == []


# --- envelope -------------------------------------------------------------------------------------------------------


def test_an_envelope_is_read_with_everything_it_states() -> None:
    head = "UNB+UNOC:3+4300000000014:14:R1+4300000000007:14+260310:1200+R77+PW+ORDERS++1+DEAL+1"
    (read,) = read_interchanges(octets([head, *message("ORDERS", body("ORDERS"), "M1", "01B"), "UNZ+1+R77"]))
    assert (read.sender, read.receiver, read.reference) == ("4300000000014", "4300000000007", "R77")
    assert (read.test, read.acknowledgement_requested, read.agreement) == (True, True, "DEAL")
    assert (read.syntax_identifier, read.syntax_version, read.application_reference) == ("UNOC", "3", "ORDERS")
    (one,) = read.messages
    assert (one.reference, one.type, one.version, one.release, one.association) == (
        "M1",
        "ORDERS",
        "D",
        "01B",
        "EAN010",
    )
    assert one.place(one.segments[-1]) == len(one.segments)
    assert read.findings == []


def test_several_interchanges_with_their_own_separators_stand_in_one_file() -> None:
    other = b"\r\nUNA:+.? ~" + whole("INVOIC", "01B")[9:].replace(b"?'", b" ").replace(b"'", b"~").replace(
        b"+77~", b"+78~"
    )
    other = other.replace(b":1200+77", b":1200+78")
    made = report(whole("ORDERS") + other)
    assert ([each["type"] for each in made.messages], fatal(made)) == (["ORDERS", "INVOIC"], [])
    assert [each.reference for each in made.interchanges] == ["77", "78"]
    assert "interchange-repeated" in fatal(report(whole("ORDERS") * 2))


def test_groups_are_counted_and_compared() -> None:
    def grouped(count: str = "1", reference: str = "G1", groups: str = "1") -> Report:
        parts = interchange(message("ORDERS", body("ORDERS")))
        group = f"UNG+ORDERS+A+B+260310:1200+{'G1'}+UN+D:96A"
        return report(octets([parts[0], group, *parts[1:-1], f"UNE+{count}+{reference}", f"UNZ+{groups}+77"]))

    assert fatal(grouped()) == []
    assert fatal(grouped(count="2")) == ["une-count"]
    assert fatal(grouped(reference="G2")) == ["une-reference"]
    assert fatal(grouped(groups="2")) == ["unz-count"]


ENVELOPE = {
    "unt-count": orders("UNT+99+1", "UNZ+1+77"),
    "unt-reference": orders(f"UNT+{len(body('ORDERS')) + 2}+2", "UNZ+1+77"),
    "unt-missing": orders("UNZ+1+77"),
    "unz-missing": orders(f"UNT+{len(body('ORDERS')) + 2}+1"),
    "unz-count": orders(f"UNT+{len(body('ORDERS')) + 2}+1", "UNZ+2+77"),
    "unz-reference": orders(f"UNT+{len(body('ORDERS')) + 2}+1", "UNZ+1+78"),
    "unb-missing": octets(message("ORDERS", body("ORDERS"))),
    "unh-missing": octets([interchange([])[0], *message("ORDERS", body("ORDERS"))[1:], "UNZ+1+77"]),
    "message-repeated": octets(interchange(message("ORDERS", body("ORDERS")), message("ORDERS", body("ORDERS")))),
    "segment-outside": orders(f"UNT+{len(body('ORDERS')) + 2}+1", "BGM+220+X", "UNZ+1+77"),
    "segment-empty": whole("ORDERS").replace(b"BGM+", b"'BGM+"),
    "segment-tag": whole("ORDERS").replace(b"QTY+21:5", b"Qty+21:5"),
    "text-before": b"Dear all,\n" + whole("ORDERS"),
    "unb-date": whole("ORDERS").replace(b"260310:1200", b"261310:1200"),
    "unb-incomplete": whole("ORDERS").replace(b"UNB+UNOC:3+4300000000014:14+", b"UNB+UNOC:3++"),
    "unb-qualifier": whole("ORDERS").replace(b":14+", b":XX+", 1),
    "syntax-identifier": whole("ORDERS").replace(b"UNOC:3", b"UNOQ:3"),
    "syntax-version": whole("ORDERS").replace(b"UNOC:3", b"UNOC:9"),
    "character-set": whole("ORDERS").replace(b"UNOC:3", b"UNOY:3"),
    "character": whole("ORDERS").replace(b"UNOC:3", b"UNOA:3"),
    "message-type": whole("ORDERS").replace(b"ORDERS:D", b"ORDRES:D"),
    "message-release": whole("ORDERS").replace(b"D:96A", b"D:96X"),
    "service-characters": whole("ORDERS").replace(b"UNA:+.? '", b"UNA::.? '"),
    "terminator-released": whole("ORDERS").replace(b"+9'DTM", b"+9?'DTM"),
    "cut-off": whole("ORDERS")[:-1],
}


@pytest.mark.parametrize("code", sorted(ENVELOPE))
def test_every_fault_of_syntax_and_envelope_is_named(code: str) -> None:
    made = report(ENVELOPE[code])
    assert made.verdict == "invalid"
    assert code in fatal(made, "structural")
    assert all(each.text.endswith(".") and len(each.text) > 20 for each in made.findings)


@pytest.mark.parametrize("kind", KINDS)
def test_an_interchange_cut_anywhere_is_never_valid(kind: str) -> None:
    made = whole(kind, lines=1)
    for end in range(0, len(made), 1 if kind == "ORDERS" else 7):
        assert report(made[:end]).verdict != "valid", end


# --- structure and contents -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("release", ["96A", "01B"])
def test_whole_messages_have_no_findings(kind: str, release: str) -> None:
    made = report(whole(kind, release))
    assert (made.verdict, made.findings) == ("valid", [])
    (one,) = made.messages
    assert (one["type"], one["release"], one["document_number"]) == (kind, f"D.{release}", "D-4711")
    assert (one["document_date"], one["line_count"]) == ("2026-03-10", 3)


MANDATORY = ["BGM", "DTM+137", "NAD+BY", "NAD+SU", "LIN", "QTY", "UNS"]
OPTIONAL = {("ORDRSP", "QTY")}


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        (kind, tag)
        for kind in KINDS
        for tag in MANDATORY
        if list(places(body(kind), tag)) and (kind, tag) not in OPTIONAL
    ],
)
def test_a_segment_that_must_be_there_is_missed_although_the_counts_fit(kind: str, tag: str) -> None:
    made = report(broken(kind, lambda all_of: replaced(all_of, next(places(all_of, tag)))))
    assert made.verdict == "invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_segments_that_changed_places_are_found(kind: str) -> None:
    def swapped(all_of: list[str], place: int) -> list[str]:
        return [*all_of[:place], all_of[place + 1], all_of[place], *all_of[place + 2 :]]

    first, lin = body(kind), next(places(body(kind), "LIN"))
    for place in (0, lin, lin + 1):
        if first[place][:3] != first[place + 1][:3]:
            assert "segment-order" in fatal(report(broken(kind, partial(swapped, place=place)))), place


ONCE = ["BGM", "DTM+137", "NAD+BY", "NAD+SU", "LIN", "UNS", "CNT"]


@pytest.mark.parametrize(
    ("kind", "tag"), [(kind, tag) for kind in KINDS for tag in ONCE if list(places(body(kind), tag))]
)
def test_a_doubled_segment_is_found_although_the_counts_fit(kind: str, tag: str) -> None:
    def doubled(all_of: list[str]) -> list[str]:
        place = next(places(all_of, tag))
        return replaced(all_of, place, all_of[place], all_of[place])

    assert report(broken(kind, doubled)).verdict == "invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_every_wrong_check_digit_is_a_semantic_fault(kind: str) -> None:
    for place, each in enumerate(body(kind)):
        for start in ("NAD+BY+", "NAD+SU+", "NAD+DP+", "LOC+18+", "LOC+162+", "LIN+2++", "GIN+BJ+"):
            if each.startswith(start):
                digits = each[len(start) :].split(":")[0]
                wrong = each.replace(digits, digits[:-1] + str((int(digits[-1]) + 3) % 10))
                made = report(broken(kind, partial(replaced_at, place=place, to=wrong)))
                assert set(fatal(made, "semantic")) & {"gln", "gtin", "sscc"}, wrong


@pytest.mark.parametrize("value", ["20261310", "20260230", "2026-3-1", "", "9999"])
@pytest.mark.parametrize("kind", KINDS)
def test_dates_that_do_not_exist_are_found(kind: str, value: str) -> None:
    made = report(broken(kind, lambda all_of: replaced(all_of, 1, f"DTM+137:{value}:102")))
    assert "date-impossible" in fatal(made, "semantic")


@pytest.mark.parametrize(
    ("kind", "start", "value"),
    [("INVOIC", "DTM+13:", "20260309"), ("ORDERS", "DTM+2:", "20260309"), ("DESADV", "DTM+17:", "20260309"),
     ("INVOIC", "DTM+171:", "20260311")],
)  # fmt: skip
def test_dates_that_run_backwards_are_found(kind: str, start: str, value: str) -> None:
    change = f"{start}{value}:102"
    made = report(broken(kind, lambda all_of: replaced(all_of, next(places(all_of, start)), change)))
    assert "date-order" in fatal(made, "semantic")


@pytest.mark.parametrize("value", ["ABC", "", "5X", "1.234.50", "1e5", "²"])
@pytest.mark.parametrize("start", ["QTY+47:", "MOA+203:", "PRI+AAA:", "MOA+77:", "CNT+2:"])
def test_figures_that_are_none_are_found(start: str, value: str) -> None:
    made = report(
        broken("INVOIC", lambda all_of: replaced(all_of, next(places(all_of, start)), start + value)).replace(b"?", b"")
    )
    assert any(code.endswith("-figure") for code in fatal(made, "semantic"))


def test_t_doc_2_two_decimal_marks_or_one_that_stands_alone_are_refused() -> None:
    """'1.234' and '1,234' must not be mistaken for each other."""
    plain = whole("INVOIC")
    assert "decimal-mark" in fatal(report(plain.replace(b"PRI+AAA:8.25", b"PRI+AAA:8,25")))
    assert "decimal-mark" in fatal(report(plain.replace(b"UNA:+.? '", b"").replace(b"PRI+AAA:8.25", b"PRI+AAA:8,25")))
    assert "decimal-mark" in fatal(report(whole("INVRPT").replace(b"QTY+145:5'", b"QTY+145:1,234'")))


def test_a_sender_whose_figures_all_have_the_other_mark_is_warned() -> None:
    other = report(whole("INVOIC").replace(b"UNA:+.", b"UNA:+,"))
    assert [(each.code, each.severity) for each in other.findings] == [("decimal-mark", "warning")]
    figures = whole("INVOIC").replace(b"UNA:+.", b"UNA;+,").replace(b".", b",").replace(b"UNA;", b"UNA:")
    assert report(figures.replace(b"?,", b"?.")).findings == []


@pytest.mark.parametrize("by", ["0.01", "1", "-1000"])
@pytest.mark.parametrize("start", ["MOA+203:", "MOA+77:", "MOA+79:", "MOA+125:", "MOA+124:", "MOA+8:", "QTY+47:"])
def test_every_amount_that_does_not_close_is_found(start: str, by: str) -> None:
    """Each occurrence is changed alone; the counts fit."""
    from decimal import Decimal  # noqa: PLC0415 - reads better beside its only use

    for place in places(body("INVOIC"), start):
        value = Decimal(body("INVOIC")[place].split(":")[1]) + Decimal(by)
        made = report(broken("INVOIC", partial(replaced_at, place=place, to=f"{start}{value}")))
        assert fatal(made, "semantic"), (start, place)


@pytest.mark.parametrize(
    ("kind", "start", "to", "code"),
    [
        ("ORDERS", "CNT+2", "CNT+2:4", "control-lines"),
        ("ORDERS", "CNT+2", "CNT+1:25", "control-quantity"),
        ("ORDERS", "QTY+21", "QTY+21:-5", "quantity-negative"),
        ("ORDERS", "QTY+21", "QTY+192:5", "quantity-missing"),
        ("ORDERS", "LIN+2", "LIN+1++4300001000020:EN", "line-number-repeated"),
        ("ORDERS", "LIN+2", "LIN+++4300001000020:EN", "line-number"),
        ("ORDERS", "BGM", "BGM+380+D-4711+9", "document-code"),
        ("ORDERS", "BGM", "BGM+220++9", "document-number"),
        ("ORDERS", "DTM+137", "DTM+4:20260310:102", "document-date"),
        ("ORDERS", "PRI", "PRI+AAA:-1", "price-negative"),
        ("ORDERS", "PRI", "PRI+??:1", "qualifier"),
        ("ORDERS", "CUX", "CUX+2:EUX:9", "currency"),
        ("ORDERS", "NAD+DP", "NAD+DP", "party-empty"),
        ("INVOIC", "CUX", "FTX+AAI", "segment-order"),
        ("INVOIC", "TAX", "TAX+7+VAT+++:::190+S", "tax-rate"),
        ("INVOIC", "ALC", "ALC+X1++++DI", "allowance"),
        ("INVOIC", "MOA+8", "RNG+4", "allowance-empty"),
    ],
)
def test_what_a_message_says_must_hold_together(kind: str, start: str, to: str, code: str) -> None:
    made = report(broken(kind, lambda all_of: replaced(all_of, next(places(all_of, start)), to)))
    assert code in fatal(made)


def test_a_tax_in_whole_units_is_a_warning_only() -> None:
    text = whole("INVOIC").replace(b"42.37", b"42").replace(b"265.37", b"265.00")
    assert [(each.code, each.severity) for each in report(text).findings] == [("tax-amount", "warning")]


def test_an_invoice_without_currency_is_refused() -> None:
    made = report(broken("INVOIC", lambda all_of: replaced(all_of, next(places(all_of, "CUX")))))
    assert fatal(made, "semantic") == ["currency-missing"]


def test_a_price_of_two_digits_times_a_large_quantity_is_a_warning_only() -> None:
    text = whole("INVOIC", lines=1).replace(b"QTY+47:5", b"QTY+47:5000").replace(b"PRI+AAA:8.25", b"PRI+AAA:0.01")
    made = report(text)  # 41.25 for 5000 at 0.00825, rounded to 0.01
    assert "line-amount" in fatal(made)
    near = report(text.replace(b"QTY+47:5000", b"QTY+47:4150"))
    assert [(each.code, each.severity) for each in near.findings] == [("line-amount", "warning")]


def test_other_releases_and_guides_are_not_refused_for_what_is_not_known_of_them() -> None:
    """Their envelope counts; their structure may differ."""
    other = whole("ORDERS").replace(b"D:96A:UN:EAN008", b"D:09B:UN:1.4b").replace(b"BGM+220+D-4711+9'", b"IMD+X+Z01'")
    assert report(other).verdict == "valid"
    later = report(whole("INVOIC").replace(b"D:96A:UN:EAN008", b"D:14B:UN").replace(b"MOA+77:", b"MOA+77:1"))
    assert (later.verdict, [each.severity for each in later.findings]) == ("valid", ["warning"])
    unknown = whole("ORDERS").replace(b"ORDERS:D:96A:UN:EAN008", b"REMADV:D:96A:UN")
    assert (report(unknown).verdict, report(unknown).messages[0]["document_number"]) == ("valid", "D-4711")


def test_every_grammar_reaches_its_end() -> None:
    for kind in MESSAGES:
        node, steps = grammar(kind), 0
        while node is not None and node.tag != "UNT" and steps < 99:
            wanted = [step for step in node.steps.values() if not step.missing]
            node, steps = (wanted[-1].node if wanted else None), steps + 1
        assert node is not None, kind


@pytest.mark.parametrize(
    ("value", "form", "possible"),
    [
        ("20260228", "102", True), ("20260229", "102", False), ("202603102400", "203", True),
        ("202603102401", "203", False), ("20260310120000+01", "304", True), ("260310", "101", True),
        ("2026031020260401", "718", True), ("20260401-20260310", "718", False), ("202613", "610", False),
        ("202653", "616", True), ("14", "804", True), ("x", "804", False), ("2360", "401", False),
    ],
)  # fmt: skip
def test_dates_are_judged_in_each_form(value: str, form: str, possible: bool) -> None:
    found = moment(value, form)
    assert found is not None
    assert found.possible is possible


# --- hostile input --------------------------------------------------------------------------------------------------


@given(st.binary(max_size=300))
@example(b"UNA:+.? 'UNB")
@example(b"UNB+UNOX:3+\x1b$B'")
@example(b"UNH")
@settings(max_examples=100, deadline=None)
def test_any_octets_get_a_verdict(data: bytes) -> None:
    for each in (data, b"UNB+UNOC:3+A+B+260310:1200+1'" + data, b"UNA" + data):
        made = report(each)
        assert made.verdict in {"valid", "invalid", "unreadable"}
        assert made.verdict == "valid" or made.findings
        json.dumps(made.as_json("x"))


@given(st.sampled_from(KINDS), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6))
@settings(max_examples=80, deadline=None)
def test_messages_with_changed_octets_get_a_verdict(kind: str, changes: list[tuple[int, int]]) -> None:
    made = bytearray(whole(kind, lines=1))
    for place, octet in changes:
        made[place % len(made)] = octet
    assert report(bytes(made)).verdict in {"valid", "invalid", "unreadable"}


HEAD = b"UNB+UNOC:3+A+B+260310:1200+1'UNH+1+ORDERS:D:96A:UN:EAN008'"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HEAD + b"?" * (3 << 20), "longer than"),
        (HEAD + b"?'" * 600_000, "longer than"),
        (HEAD + b"A" * (3 << 20), "longer than"),
        (HEAD + b"'" * (1 << 20), "empty"),
        (HEAD + b"\xff\x00'" * 10_000, "no tag"),
        (b"UNB+UNOC:3+A+B+260310:1200+1'" + b"BGM'" * 20_000, "outside of any message"),
        (b"UNB+UNOC:3+A+B+260310:1200+1'" * 6_000, "more than 5,000 interchanges"),
        ("UNA:+.? 'UNB+UNOC:3".encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7 ...", "no EDIFACT"),
        (b" \r\n\0", "empty"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    made = report(data)
    assert made.verdict in {"invalid", "unreadable"}
    assert any(said in each.text for each in made.findings)
    assert len(made.findings) <= findings.MOST + 1


def test_files_and_messages_beyond_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "MAX_MESSAGE", 1000)
    assert any("more than 1,000 segments" in each.text for each in report(HEAD + b"LIN+1'" * 3000).findings)
    monkeypatch.setattr(envelope, "MAX_FILE", 1000)
    with pytest.raises(NoInterchangeError, match="split it"):
        read_interchanges(b" " * 1001)


def test_a_fatal_finding_behind_many_warnings_still_decides() -> None:
    kept = findings.Findings()
    for number in range(findings.MOST + 5):
        kept.add(findings.Finding("w", "semantic", "warning", number, "A warning."))
    kept.add(findings.Finding("f", "semantic", "fatal", 1, "The fault."))
    kept.close()
    assert any(each.severity == "fatal" for each in kept)
    assert len(kept) == findings.MOST + 1


def test_the_table_of_known_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_KNOWN_ELEMENTS", 100)
    splitter = Splitter(ServiceString("#", "|", ".", "!", " ", "~"), charsets.codec("UNOC"))
    for _ in splitter.batches(b"".join(b"FTX|%d~" % n for n in range(1000))):
        assert len(splitter._elements) <= 100


# --- corpus ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of EDIFACT messages is not beside the checkout")
def test_defects_of_every_kind_are_found_and_no_valid_interchange_is_refused() -> None:
    items = json.loads((CORPUS / "manifest.json").read_text())["items"]
    found: dict[str, list[bool]] = {}
    for item in items:
        verdict = report((CORPUS / item["file"]).read_bytes()).verdict
        if item["expected"] == "valid":
            assert verdict == "valid", item["file"]
        else:
            found.setdefault(item["expected"], []).append(verdict != "valid")
    assert {kind: sum(each) / len(each) for kind, each in found.items() if sum(each) / len(each) < 0.95} == {}
