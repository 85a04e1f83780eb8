"""The merchant's own statuses: what a graph must be to be used, and what any history of reports comes to."""

import contextlib
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.status_checks import check
from blocks.documents.status_decisions import Judge, Report
from blocks.documents.statuses import PERSON, StatusGraph, Vocabulary, WinnerRule, read_graph, standard_text
from blocks.errors import Unreadable
from tasks.order_status.picture import mermaid, svg
from tasks.order_status.rules import Seen, news, rule

SHOP, ERP = "smartstore-shop/berlin", "tryton-erp/main"
WORDS = {
    SHOP: Vocabulary(
        frozenset({"pending", "processing", "partially_shipped", "shipped", "delivered", "complete", "cancelled"}),
        frozenset({"processing", "shipped", "delivered", "complete", "cancelled"}),
        shows_labels=True,
    ),
    ERP: Vocabulary(
        frozenset(
            "draft quotation confirmed processing exception partially_shipped shipped done cancelled".split()  # noqa: SIM905
        ),
        frozenset({"shipped", "cancelled"}),
        shows_labels=False,
    ),
}
START = datetime(2026, 11, 22, 8, tzinfo=UTC)
GRAPH = read_graph(standard_text())
ENGRAVED = (
    standard_text()
    .replace(
        "  - {code: complete",
        "  - {code: awaiting_engraving, label: {de: Wartet auf Gravur, en: Awaiting engraving}, kind: open}\n"
        "  - {code: complete",
    )
    .replace(
        "  processing: [complete, cancelled]",
        "  processing: [awaiting_engraving, complete, cancelled]\n  awaiting_engraving: [complete, cancelled]",
    )
)


def rules_broken(text: str) -> set[str]:
    return {fault.rule for fault in check(read_graph(text), WORDS)}


def test_the_statuses_that_soms_brings_along_can_be_used_as_they_are() -> None:
    assert check(GRAPH, WORDS) == ()
    assert [(status.label.en, status.kind.value) for status in GRAPH.statuses] == [
        ("New", "open"), ("Processing", "open"), ("Complete", "closed"), ("Canceled", "cancelled"),
    ]  # fmt: skip


def test_t_sta_1_a_status_without_mapping_is_named_for_every_connected_system() -> None:
    faults = check(read_graph(ENGRAVED), WORDS)
    assert {fault.rule for fault in faults} == {"STA-MAP-MISSING"}
    assert [fault.place for fault in faults] == [f"systems.{SHOP}.told", f"systems.{ERP}.told"]
    assert all("'awaiting_engraving'" in fault.text for fault in faults)
    mapped = ENGRAVED.replace("      new: not told\n", "      new: not told\n      awaiting_engraving: not told\n")
    assert check(read_graph(mapped), WORDS) == ()


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("pending: new", "pending: lost", {"STA-MAP-TARGET"}),
        ("      pending: new\n", "", {"STA-MAP-MISSING"}),
        ("pending: new", "pending: new\n      open: new", {"STA-MAP-UNKNOWN"}),
        ("complete: shipped", "complete: done", {"STA-MAP-UNKNOWN"}),
        ("      processing: not told\n", "      processing: label\n", {"STA-MAP-UNKNOWN"}),
        ("      new: not told\n", "      new: not told\n      lost: not told\n", {"STA-MAP-TARGET"}),
        ("first: new", "first: begun", {"STA-FIRST"}),
        ("new: [processing, cancelled]", "new: [cancelled]", {"STA-UNREACHABLE"}),
        ("  processing: [complete, cancelled]\n", "", {"STA-DEAD-END", "STA-UNREACHABLE"}),
        ("processing: [complete, cancelled]", "processing: [complete, cancelled, new]", {"STA-CYCLE"}),
        ("processing: [complete, cancelled]", "processing: [complete, cancelled, lost]", {"STA-WAY"}),
        ("processing: [complete, cancelled]", "processing: [complete, complete, cancelled]", {"STA-DUPLICATE"}),
        ("ways_back: {}", "ways_back: {processing: [complete]}", {"STA-DUPLICATE"}),
        ("ways_back: {}", "ways_back: {processing: [processing]}", {"STA-WAY"}),
        ("en: Processing", "en: new", {"STA-DUPLICATE"}),
        ("systems: [tryton-erp, smartstore-shop]", "systems: [tryton-erp]", {"STA-WINNER"}),
        ("systems: [tryton-erp, smartstore-shop]", "systems: [tryton-erp, smartstore-shop, sap]", {"STA-WINNER"}),
        ("  smartstore-shop:\n", "  smartstore-shop/paris:\n", {"STA-SYSTEM", "STA-WINNER"}),
    ],
)
def test_every_fault_of_a_graph_is_found_before_it_is_activated(old: str, new: str, broken: set[str]) -> None:
    text = standard_text()
    assert old in text
    found = rules_broken(text.replace(old, new))
    assert broken <= found
    assert found <= broken | {"STA-WINNER", "STA-MAP-TARGET"}


def test_ways_in_a_circle_are_taken_when_they_are_declared() -> None:
    declared = standard_text().replace("ways_back: {}", "ways_back: {complete: [processing]}")
    assert check(read_graph(declared), WORDS) == ()


def test_an_open_circle_without_a_way_out_is_a_dead_end() -> None:
    text = standard_text().replace("processing: [complete, cancelled]", "processing: []")
    text = text.replace("ways_back: {}", "ways_back: {processing: [new]}").replace(
        "new: [processing, cancelled]", "new: [processing]"
    )
    assert "STA-DEAD-END" not in rules_broken(standard_text())
    assert {"STA-UNREACHABLE", "STA-DEAD-END"} <= rules_broken(text)


def test_a_words_own_name_goes_before_its_type() -> None:
    text = standard_text() + ("  smartstore-shop/berlin:\n    reports: {pending: processing}\n    told: {new: label}\n")
    graph = read_graph(text)
    assert (graph.meaning(SHOP, "pending"), graph.meaning("smartstore-shop/paris", "pending")) == ("processing", "new")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be a mapping"),
        ("[1, 2]", "must be a mapping"),
        ("first: [", "no readable YAML in line 1"),
        ("first: new\nfirst: old", "Line 2: 'first' stands twice"),
        ("first: &a new\nstatuses: *a", "references"),
        ("first: !!python/object/apply:os.system ['true']", "no readable YAML"),
        ("first: new\nstatuses: []", "statuses"),
        ("first: 2026-99-99", "no readable YAML"),
        ("first: new\nstatuses: [{code: New Status, label: {de: a, en: a}, kind: open}]", "statuses.0.code"),
        ("x" * 200_001, "longer than"),
        ("[" * 5000, "no readable YAML"),
        ("first: new\nwhen: now\nstatuses: [{code: a, label: {de: a, en: a}, kind: open}]", "when"),
    ],
)
def test_what_is_no_graph_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_graph(text)


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_graph_or_unreadable(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read_graph(text)


WAYS_BACK = read_graph(
    ENGRAVED.replace("ways_back: {}", "ways_back: {awaiting_engraving: [processing], complete: [processing]}").replace(
        "partially_shipped: processing", "partially_shipped: awaiting_engraving"
    )
)


def with_rule(graph: StatusGraph, winner: WinnerRule) -> Judge:
    return Judge(graph.model_copy(update={"winner": graph.winner.model_copy(update={"rule": winner})}))


seen = st.builds(
    lambda who, word, at: Seen(1, who, word, START + timedelta(milliseconds=at)),
    st.sampled_from([SHOP, ERP]),
    st.sampled_from(["processing", "partially_shipped", "shipped", "cancelled", "pending", "draft", "strange"]),
    st.integers(0, 3000),
) | st.builds(
    lambda word, at: Seen(1, PERSON, word, START + timedelta(milliseconds=at)),
    st.sampled_from(["awaiting_engraving", "complete", "processing"]),
    st.integers(0, 3000),
)
histories = st.lists(seen, max_size=9, unique_by=lambda each: (each.system, each.at))


class Row:
    """A row of the history as it was recorded."""

    def __init__(self, told: Seen, status: str, outcome: str) -> None:
        """Keep what was recorded."""
        self.system, self.word, self.at = told.system, told.word, told.at
        self.status, self.outcome = status, outcome


def arrive(judge: Judge, batches: list[list[Seen]]) -> str:
    """Let reports arrive batch by batch, as the process records them; a system is read anew from its beginning."""
    history: list[Row] = []
    lifecycle: str | None = None
    known: list[Seen] = []
    for batch in batches:
        known += batch
        fresh = news(history, known, judge)
        if fresh:
            outcome = rule(history, fresh, judge, lifecycle)
            lifecycle = outcome.after
            history += [Row(each.seen, each.status, each.outcome) for each in outcome.ruled]
    return lifecycle or judge.graph.first


@given(histories, st.sampled_from(list(WinnerRule)), st.data())
@settings(max_examples=150, deadline=None)
def test_any_order_of_arrival_ends_in_the_same_status(
    reports: list[Seen], winner: WinnerRule, data: st.DataObject
) -> None:
    judge = with_rule(WAYS_BACK, winner)
    shuffled = data.draw(st.permutations(reports))
    sizes = data.draw(st.lists(st.integers(1, 4), max_size=9))
    batches, rest = [], list(shuffled)
    for size in sizes:
        batches.append(rest[:size])
        rest = rest[size:]
    assert arrive(judge, [*batches, rest]) == arrive(judge, [list(reports)])


def test_a_word_said_again_after_one_that_nobody_has_mapped_is_said_anew() -> None:
    judge = Judge(WAYS_BACK)
    told = [Seen(1, SHOP, word, START + timedelta(minutes=at)) for at, word in enumerate(("shipped", "strange"))]
    history = [Row(told[0], "complete", "applied"), Row(told[1], "", "unmapped")]
    again = Seen(1, SHOP, "shipped", START + timedelta(minutes=2))
    assert news(history, [*told, again], judge) == [again]


@given(histories, st.sampled_from(list(WinnerRule)))
@settings(max_examples=80, deadline=None)
def test_nothing_leads_on_from_an_end_and_every_report_has_a_verdict(reports: list[Seen], winner: WinnerRule) -> None:
    judge = with_rule(GRAPH, winner)
    told = [
        Report(each.system, each.word, judge.graph.meaning(each.system, each.word) or "", each.at) for each in reports
    ]
    decision = judge.decide(told)
    assert len(decision.verdicts) == len(told)
    assert all(verdict.applied or verdict.reason for verdict in decision.verdicts)
    first_end = next((each for each in sorted(told, key=lambda each: each.at) if each.status == "cancelled"), None)
    if first_end and winner is WinnerRule.LATEST and not any(each.status == "complete" for each in told):
        assert decision.status == "cancelled"


@given(histories)
@settings(max_examples=80, deadline=None)
def test_no_order_goes_backwards_where_that_is_the_rule(reports: list[Seen]) -> None:
    judge = with_rule(WAYS_BACK, WinnerRule.NEVER_BACKWARDS)
    told = [
        Report(each.system, each.word, judge.graph.meaning(each.system, each.word) or "", each.at) for each in reports
    ]
    told.sort(key=lambda each: each.at)
    reached = [judge.graph.position(judge.decide(told[:count]).status) for count in range(len(told) + 1)]
    assert reached == sorted(reached)


def test_an_order_whose_record_changes_for_another_reason_does_not_go_back() -> None:
    judge = Judge(WAYS_BACK)
    told = [
        Report(SHOP, "processing", "processing", START),
        Report(PERSON, "awaiting_engraving", "awaiting_engraving", START + timedelta(minutes=1)),
        Report(SHOP, "processing", "processing", START + timedelta(minutes=2)),
    ]
    assert judge.decide(told).status == "awaiting_engraving"


def test_the_drawing_is_well_formed_and_shows_every_status() -> None:
    graph = read_graph(ENGRAVED.replace("en: Awaiting engraving", 'en: "<b>&\'\\"x"'))
    drawing = ET.fromstring(svg(graph))  # noqa: S314 - our own drawing
    texts = [each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["New", "Processing", "<b>&'\"x", "Complete", "Canceled"]
    assert "processing --> awaiting_engraving" in mermaid(graph)
    assert "<script" not in svg(graph)
