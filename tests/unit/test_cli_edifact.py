"""`soms edifact` as people and programs call it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deployments import cli
from tests.interchanges import body, interchange, message, octets, whole


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command as the console script does; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["soms", "edifact", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def reported(path: Path) -> dict[str, Any]:
    return {Path(each["file"]).name: each for each in json.loads(path.read_bytes())["files"]}


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_report_has_the_published_form_for_files_and_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], jobs: int
) -> None:
    inbox = tmp_path / "inbox" / "deep"
    inbox.mkdir(parents=True)
    (inbox / "good.edi").write_bytes(whole("ORDERS"))
    (inbox / "bad.edi").write_bytes(whole("INVOIC").replace(b"MOA+77:", b"MOA+77:9"))
    (tmp_path / "photo.edi").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "inbox" / "report.json"
    assert run(monkeypatch, tmp_path / "inbox", tmp_path / "photo.edi", "--out", out, "--jobs", jobs) == 0
    files = reported(out)
    assert {name: each["verdict"] for name, each in files.items()} == {
        "good.edi": "valid", "bad.edi": "invalid", "photo.edi": "unreadable",
    }  # fmt: skip
    good = files["good.edi"]
    expected = {"reference": "77", "sender": "4300000000014", "receiver": "4300000000007", "syntax": "UNOC:3"}
    assert expected.items() <= good["interchange"].items()
    assert good["messages"] == [
        {"reference": "1", "type": "ORDERS", "release": "D.96A", "document_number": "D-4711", "line_count": 3,
         "document_date": "2026-03-10",
         "parties": {"BY": "4300000000007", "SU": "4300000000014", "DP": "4300000000021"}},
    ]  # fmt: skip
    (finding,) = files["bad.edi"]["findings"]
    assert (finding["code"], finding["class"], finding["severity"]) == ("total", "semantic", "fatal")
    assert isinstance(finding["segment"], int)
    told = capsys.readouterr()
    assert "3 files: 1 valid, 1 invalid, 1 unreadable." in told.out
    assert told.err == ""
    assert run(monkeypatch, tmp_path / "inbox", "--out", out) == 0  # the report itself is no interchange
    assert "report.json" not in reported(out)


def test_wrong_use_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path / "none.edi", "--out", tmp_path / "r.json") == 2
    assert "does not exist" in capsys.readouterr().err
    (tmp_path / "a.edi").write_bytes(whole("ORDERS"))
    assert run(monkeypatch, tmp_path / "a.edi", "--out", tmp_path / "no" / "r.json") == 2
    assert "folder that exists" in capsys.readouterr().err
    assert not (tmp_path / "r.json").exists()


def test_many_messages_are_read_within_little_memory(tmp_path: Path) -> None:
    """Twenty megabytes of one interchange: the messages are judged one by one, none is kept."""
    one = body("ORDERS", 400)
    messages = [message("ORDERS", one, str(number)) for number in range(1, 401)]
    path = tmp_path / "large.edi"
    path.write_bytes(octets(interchange(*messages)))
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from blocks.standards.edifact.report import report\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "made = report(Path(sys.argv[1]).read_bytes())\n"
        "print(made.verdict, made.segments, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    house = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(house)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True, env=environment
    )
    verdict, segments, megabytes = done.stdout.split()
    assert (verdict, int(segments)) == ("valid", sum(map(len, messages)) + 2)
    assert int(megabytes) < 5 * (path.stat().st_size >> 20) + 40
