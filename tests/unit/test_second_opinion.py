"""The second opinion: where our findings differ from the published rules run by Saxon, and what to do without it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from blocks.errors import Unreadable, WrongUse
from blocks.standards.en16931.rules import second_opinion
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.ubl_writing import write
from deployments.cli import main
from tests.unit.test_every_business_rule import BROKEN, RIGHT

DOCUMENTS = sorted(BROKEN)[::4]
"""Every fourth of the wrong documents: enough to see whether both judge alike."""


@pytest.fixture(scope="module")
def saxon() -> second_opinion.Saxon:
    pytest.importorskip("saxonche", reason="saxonche, a development dependency, is not installed")
    return second_opinion.Saxon()


def ours(data: bytes) -> set[str]:
    return {one.rule for one in check_document(data, xrechnung=False)[3] if one.severity == "fatal"}


def test_published_rules_and_ours_find_the_same_in_right_and_wrong_documents(saxon: second_opinion.Saxon):
    differing = {}
    for rule in ("", *DOCUMENTS):
        data, _ = write(BROKEN[rule](RIGHT) if rule else RIGHT)
        found = second_opinion.difference(saxon.opinion(data), ours(data))
        if found:
            differing[rule] = found
    assert differing == {}


def test_a_difference_says_who_found_what(saxon: second_opinion.Saxon):
    opinion = saxon.opinion(write(BROKEN["BR-02"](RIGHT))[0])
    assert opinion.fatal == {"BR-02"}
    found = second_opinion.difference(opinion, {"BR-03"})
    assert (found.only_ours, found.only_theirs, bool(found)) == (("BR-03",), ("BR-02",), True)


def test_a_value_of_another_type_makes_the_published_rules_give_up_in_a_sentence(saxon: second_opinion.Saxon):
    data = write(RIGHT)[0].replace(b">95.00<", b">1E+100<")
    with pytest.raises(Unreadable, match="gave up"):
        saxon.opinion(data)
    with pytest.raises(Unreadable, match="document type"):
        saxon.opinion(b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x"><x/>')


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["soms", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command_reports_both_opinions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], saxon: second_opinion.Saxon
):
    del saxon
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xml").write_bytes(write(RIGHT)[0])
    (inbox / "b.txt").write_bytes(b"nothing")
    report = tmp_path / "report.json"
    assert run(monkeypatch, "check", inbox, "--out", report, "--second-opinion") == 0
    entries: list[dict[str, Any]] = json.loads(report.read_text())["files"]
    assert entries[0]["second_opinion"] == {"verdict": "same", "only_ours": [], "only_theirs": []}
    assert entries[1]["second_opinion"]["verdict"] == "none"
    assert "Second opinion: 1 the same, 0 differ, 1 without." in capsys.readouterr().out


def test_without_saxon_one_clear_line_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(WrongUse, match="pip install saxonche"):
        second_opinion.require_saxon()
    (tmp_path / "a.xml").write_bytes(b"<x/>")
    report = tmp_path / "report.json"
    assert run(monkeypatch, "check", tmp_path / "a.xml", "--out", report, "--second-opinion") == 2
    assert "pip install saxonche" in capsys.readouterr().err
    assert not report.exists()
