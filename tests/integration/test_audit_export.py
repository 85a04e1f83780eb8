"""An exported audit trail is proved offline, without SOMS, and a forged one is found out (T-AUD-3)."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blocks.database import offline_verifier
from blocks.database.audit_chain import FIRST_HASH, event_hash
from blocks.database.audit_export import export
from blocks.database.audit_verification import anchor
from blocks.database.audited_tables import AUDITED
from blocks.database.engine import Database
from blocks.errors import Refused, WrongUse
from deployments.cli import app
from deployments.stack.embedded_postgres import Cluster
from tests import audited_rows, desk, stack
from tests.orders import a_line, an_order

Events = list[dict[str, Any]]
COVERED = offline_verifier.COVERED


@pytest.fixture(scope="module")
def lived_in(postgres_cluster: Cluster, database_template: str) -> Iterator[Database]:
    """Return a database with rows in every audited table, opened by the auditor."""
    with stack.copy_of(postgres_cluster, database_template) as urls:
        database = Database(urls.app)
        desk.know(database, "LAMP", "BOOK", 'Tab\t"quoted" \\ ä', "\x1e\x1f\x1d")
        desk.count(database, 30, "LAMP", "BOOK")
        unknown = desk.numbered(an_order(lines=(a_line("GHOST", 1, "5.00"),)))
        desk.take_in(database, *(desk.numbered(an_order()) for _ in range(6)), unknown)
        audited_rows.fill(database)
        yield Database(urls.audit)


@pytest.fixture
def anchors(lived_in: Database, tmp_path: Path) -> Path:
    found = tmp_path / "heads.jsonl"
    anchor(lived_in, found)
    return found


@pytest.fixture
def exported(lived_in: Database, anchors: Path, tmp_path: Path) -> Path:
    export(lived_in, anchors, tmp_path / "export")
    return tmp_path / "export"


def proof_of(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the export's own verifier as an auditor without SOMS would: isolated, without site-packages, elsewhere."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *options]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


def test_t_aud_3_an_export_is_proved_without_the_products_code(exported: Path, lived_in: Database) -> None:
    """T-AUD-3."""
    done = proof_of(exported)
    events = desk.ask(lived_in, "SELECT count(*) AS n FROM audit_event")[0]["n"]
    assert (done.returncode, done.stderr) == (0, "")
    assert f"agrees: {events} events" in done.stdout
    assert "1 anchors" in done.stdout


def test_the_database_and_its_export_have_the_same_subjects(exported: Path) -> None:
    subjects = [json.loads(line)["subject"] for line in (exported / "subjects.jsonl").read_text().splitlines()]
    assert {subject.partition("/")[0] for subject in subjects} == AUDITED.keys()


def test_no_personal_data_leaves_unless_it_is_asked_for(lived_in: Database, anchors: Path, tmp_path: Path) -> None:
    for folder, with_rows in (("without", False), ("with", True)):
        export(lived_in, anchors, tmp_path / folder, with_rows=with_rows)
        text = "".join(path.read_text() for path in (tmp_path / folder).iterdir())
        assert [word in text for word in ("Weiß", "joerg@example.com", '"salt')] == [with_rows] * 3
        assert proof_of(tmp_path / folder).returncode == 0
    assert (tmp_path / "with").stat().st_mode & 0o077 == 0


def forge(folder: Path, change: Callable[[Events], Events], *, consistent: bool = False) -> None:
    """Change the events as a forger would who also puts head and manifest right, and the links if ``consistent``."""
    path = folder / "events.jsonl"
    events = change([json.loads(line) for line in path.read_text().splitlines()])
    if consistent:
        link = FIRST_HASH
        for number, event in enumerate(events, 1):
            event |= {"seq": str(number), "previous": link}
            link = event["hash"] = event_hash(link, [event[name] for name in COVERED])
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    head = json.loads((folder / "head.json").read_text())
    (folder / "head.json").write_text(json.dumps({**head, "seq": int(events[-1]["seq"]), "hash": events[-1]["hash"]}))
    sign(folder)


def sign(folder: Path) -> None:
    """Make the manifest agree with the files."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def with_other(name: str) -> Callable[[Events], Events]:
    """Return what changes one column of the sixth event."""
    return lambda events: [*events[:5], {**events[5], name: events[5][name] + "0"}, *events[6:]]


FORGERIES: dict[str, Callable[[Events], Events]] = {
    **{f"{name} changed": with_other(name) for name in sorted(offline_verifier.COLUMNS)},
    "an event deleted": lambda events: events[:5] + events[6:],
    "an event inserted": lambda events: events[:5] + events[4:],
    "two events swapped": lambda events: [*events[:5], events[6], events[5], *events[7:]],
    "the first event cut": lambda events: events[1:],
    "the last ten cut": lambda events: events[:-10],
    "something that is no event": lambda events: [*events[:5], {"seq": 6}, *events[5:]],
}  # fmt: skip


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES.keys())
def test_t_aud_3_a_forged_chain_is_found(exported: Path, change: Callable[[Events], Events]) -> None:
    """T-AUD-3: although head and manifest were put right."""
    forge(exported, change)
    (exported / "anchors.jsonl").write_text("")
    sign(exported)
    proof = offline_verifier.verify(exported)
    assert proof.findings
    assert "manifest" not in "".join(proof.findings)


CONSISTENT: dict[str, Callable[[Events], Events]] = {
    "cut": lambda events: events[:-1],
    "rewritten": lambda events: [{**events[0], "actor": "x"}, *events[1:]],
}


@pytest.mark.parametrize("change", CONSISTENT.values(), ids=CONSISTENT.keys())
def test_t_aud_3_a_chain_cut_or_rewritten_as_a_whole_is_found_by_heads_kept_elsewhere(
    exported: Path, anchors: Path, change: Callable[[Events], Events]
) -> None:
    """T-AUD-3: consistent in itself, and the export's own anchors are gone."""
    forge(exported, change, consistent=True)
    (exported / "anchors.jsonl").write_text("")
    sign(exported)
    found = proof_of(exported, "--anchors", str(anchors))
    assert found.returncode == 1
    assert "anchored" in found.stdout


def test_t_aud_3_a_row_that_was_changed_removed_or_slipped_in_is_found(exported: Path) -> None:
    """T-AUD-3: the digests of rows."""
    path = exported / "subjects.jsonl"
    lines = path.read_text().splitlines()
    changed = [json.dumps({**json.loads(lines[0]), "digest": "0" * 64}), *lines[1:]]
    other = json.dumps({**json.loads(lines[0]), "subject": "customer/999"})
    for forged in (changed, lines[1:], [*lines, other], [*lines, lines[0]], [*lines, "{}"]):
        path.write_text("\n".join(forged) + "\n")
        sign(exported)
        assert len(offline_verifier.verify(exported).findings) == 1


def test_t_aud_3_rows_that_do_not_have_their_digest_are_found(
    lived_in: Database, anchors: Path, tmp_path: Path
) -> None:
    """T-AUD-3: what an auditor reads is what was digested."""
    export(lived_in, anchors, tmp_path / "rows", with_rows=True)
    path = tmp_path / "rows" / "subjects.jsonl"
    path.write_text(path.read_text().replace("Article LAMP", "Article LUMP").replace('\\"LAMP\\"', '\\"LUMP\\"'))
    sign(tmp_path / "rows")
    findings = offline_verifier.verify(tmp_path / "rows").findings
    assert findings
    assert {"The exported rows of" in finding for finding in findings} == {True}


@pytest.mark.parametrize("name", sorted(offline_verifier.FILES))
def test_a_file_that_changed_after_the_export_is_named(exported: Path, name: str) -> None:
    with (exported / name).open("ab") as file:
        file.write(b"\n")
    assert f"{name} is not as it was exported." in offline_verifier.verify(exported).findings


@pytest.mark.parametrize("name", sorted({*offline_verifier.FILES, "manifest.json"} - {"verify.py"}))
def test_an_export_that_is_not_whole_is_no_proof(exported: Path, name: str) -> None:
    (exported / name).unlink()
    done = proof_of(exported)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


HOSTILE = (
    b"",
    b"{",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"seq": ' + b"9" * 5000 + b"}",
    b'{"subject": ["a"], "digest": null}',
    b'{"chain": [], "seq": [], "hash": {}}',
    b'"\\ud800"',
    b"\x1b[2J\n" * 200,
)


@pytest.mark.parametrize("name", ["anchors.jsonl", "events.jsonl", "head.json", "manifest.json", "subjects.jsonl"])
def test_any_bytes_in_an_export_give_findings_and_no_traceback(exported: Path, name: str) -> None:
    for content in HOSTILE:
        (exported / name).write_bytes(content)
        try:
            told = offline_verifier.in_words(offline_verifier.verify(exported))
        except offline_verifier.Unusable as error:
            told = [str(error), ""]
        assert len(told) > 1
        assert "\x1b" not in "".join(told)


def test_hostile_text_in_events_is_told_without_a_traceback(exported: Path) -> None:
    text = '\x1b[31m\ud800"\\'
    forge(exported, lambda events: [{**event, "digests": json.dumps({text: text}), "seq": text} for event in events[:3]]
          + [{**event, "seq": "9" * 30} for event in events[3:]])  # fmt: skip
    done = proof_of(exported)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


def test_an_export_goes_into_an_empty_folder_only(exported: Path, lived_in: Database, anchors: Path) -> None:
    with pytest.raises(WrongUse, match="is not empty"):
        export(lived_in, anchors, exported)
    with pytest.raises(Refused, match="cannot be written"):
        export(lived_in, anchors, exported / "head.json" / "below")


@pytest.mark.usefixtures("configured")
def test_the_auditor_exports_and_verifies_by_command(tmp_path: Path) -> None:
    desk.know(Database.current(), "LAMP")
    runner, folder = CliRunner(), str(tmp_path / "taken-along")
    told = runner.invoke(app, ["audit", "export", "--out", folder], standalone_mode=False)
    assert "Exported 1 events, 1 subjects" in told.output
    verify = ["audit", "verify", "--export", folder]
    assert runner.invoke(app, verify, standalone_mode=False).return_value == 0
    (Path(folder) / "events.jsonl").write_text("")
    assert runner.invoke(app, [*verify, "--json"], standalone_mode=False).return_value == 1
    (Path(folder) / "manifest.json").unlink()
    assert isinstance(runner.invoke(app, verify, standalone_mode=False).exception, WrongUse)
