"""`soms convert`: a verdict and one output for each file, nothing done twice, hostile bytes end in a verdict too."""

import json
from pathlib import Path
from random import Random

import orjson
import pytest

from blocks.documents.conversions import Outcome
from blocks.errors import WrongUse
from blocks.worker_pool import Limits
from tasks.edi_conversion.converting import conversions_of, convert, convert_many, kind_of
from tasks.edi_conversion.folders import JOURNAL, REPORT, convert_folder
from tests.pdfs import PaperPage, pdf

PAPER = pdf([PaperPage().text(50, 700, "Rechnung Nr. 4711").text(50, 650, "Gesamt 119,00 EUR")])


def told(out: Path) -> dict[str, dict[str, object]]:
    report = json.loads((out / REPORT).read_bytes())
    assert report["summary"]["files"] == len(report["files"])
    return {entry["file"]: entry for entry in report["files"]}


def test_each_file_gets_one_output_and_namesakes_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for name, data in {"a/x.pdf": PAPER, "b/x.pdf": PAPER, "b/leer.pdf": b"%PDF-1.4", "b/notiz.txt": b"Hallo"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    out = tmp_path / "out"
    converted = convert_folder([tmp_path], "json", out, jobs=1)
    entries = told(out)
    assert set(entries) == {"x.pdf", "b__x.pdf", "leer.pdf"}
    assert {path.name for path in out.iterdir()} == {REPORT, *(f"{name}.json" for name in entries)}
    assert entries["leer.pdf"]["outcome"] == "unreadable"
    assert [Path(path).name for path in converted.skipped] == ["notiz.txt"]
    written = orjson.loads((out / "x.pdf.json").read_bytes())
    assert written["file"] == "x.pdf"
    assert set(written) == {"file", "outcome", "reasons", "invoice", "provenance"}


def test_a_second_run_does_only_what_is_new_changed_or_lost(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(4):
        (source / f"{number}.pdf").write_bytes(pdf([PaperPage().text(50, 700, f"Rechnung {number}")]))
    convert_folder([source], "json", out, jobs=1)
    (source / "0.pdf").write_bytes(PAPER)
    (out / "1.pdf.json").unlink()
    stamps = {number: (out / f"{number}.pdf.json").stat().st_mtime_ns for number in (0, 2, 3)}
    assert convert_folder([source], "json", out, jobs=1).before == 2
    changed = {number for number, stamp in stamps.items() if (out / f"{number}.pdf.json").stat().st_mtime_ns != stamp}
    assert changed == {0}
    assert (out / "1.pdf.json").exists()
    assert convert_folder([source], "json", out, jobs=1, again=True).before == 0


def test_a_run_that_was_killed_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(PAPER)
    out = tmp_path / "out"

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folder([tmp_path], "json", out, jobs=1, told=stop)
    assert not (out / REPORT).exists()
    with (out / JOURNAL).open("ab") as journal:
        journal.write(b'{"file": "torn')
    assert convert_folder([tmp_path], "json", out, jobs=1).before == 2
    assert len(told(out)) == 3
    assert not (out / JOURNAL).exists()


def test_a_wrong_path_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="does not exist"):
        convert_folder([tmp_path / "nix"], "json", tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(WrongUse, match="cannot be the folder"):
        convert_folder([tmp_path], "json", tmp_path / "file")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"junk %PDF-1.3", "pdf"),
        (b"\xef\xbb\xbf <a/>", "xml"),
        ("<a/>".encode("utf-16"), "xml"),
        (b"UNA:+.? '", "edifact"),
    ],
)
def test_a_file_is_known_by_its_content_whatever_it_is_called(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  ",
        b"PK\x03\x04",
        b"\x00" * 100,
        b"<a",
        b"UNB+",
        b"%PDF-",
        b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    ],
)
def test_what_cannot_be_read_is_unreadable_with_a_sentence(data: bytes) -> None:
    conversion = convert("x", data)
    assert conversion.outcome is Outcome.UNREADABLE
    assert conversion.reasons[0].endswith(".") or ":" in conversion.reasons[0]


def test_hidden_text_never_lets_an_invoice_be_proven() -> None:
    page = PaperPage().text(50, 700, "Rechnung Nr. 4711").text(300, 700, "999,00", before="1 g")
    conversion = convert("x.pdf", pdf([page]))
    assert conversion.outcome is Outcome.REVIEW
    assert "not to be seen" in conversion.reasons[0]


def test_flipped_cut_and_random_bytes_always_end_in_a_verdict() -> None:
    chance = Random(5)
    files = []
    for number in range(60):
        data = bytearray(PAPER)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = len(data) if number % 2 else chance.randrange(len(data))
        files.append((f"{number}.pdf", bytes(data[:cut])))
    files += [(f"noise-{number}", b"%PDF-1.7\n" + chance.randbytes(2000)) for number in range(10)]
    verdicts = list(convert_many(files, jobs=1, limits=Limits(cpu_seconds=10, seconds=60)))
    assert [verdict.file for verdict in verdicts] == [name for name, _ in files]
    assert all(verdict.reasons for verdict in verdicts if verdict.outcome is not Outcome.PROVEN)
    assert not any("does not foresee" in reason for verdict in verdicts for reason in verdict.reasons)


def test_an_interchange_of_orders_holds_no_invoice() -> None:
    [conversion] = conversions_of("o.edi", b"UNB+UNOC:3+1:14+2:14+250101:1200+7'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+7'")
    assert conversion.outcome is Outcome.UNREADABLE
    assert "holds no invoice" in conversion.reasons[0]
