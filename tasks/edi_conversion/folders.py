"""Files and folders → one converted file each and a report; may be killed at any moment and run again. Pure."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import orjson

from blocks.documents.conversions import Conversion
from blocks.errors import Unreadable, WrongUse
from blocks.worker_pool import Limits, Lost, each
from tasks.edi_conversion.converting import MOST_BYTES, conversions_of, kind_of, unreadable
from tasks.edi_conversion.writing import write

REPORT, JOURNAL = "report.json", "report.partial.jsonl"
_START = 1024

Entry = dict[str, Any]
"""What the report says of one invoice: file, outcome, reasons, seconds, source, sha256, to, output, not_held."""


class Work(NamedTuple):
    """One file to convert: where it is, the name its output is made of, the form, and the folder to write to."""

    source: str
    name: str
    to: str
    out: str


@dataclass(slots=True)
class Converted:
    """What became of many files.

    Attributes:
        entries: Of files converted now or before, in the order of the files.
        before: How many files were left alone because the same content had been converted before.
        skipped: Files in folders that are no invoices by their first bytes, with the reason.
    """

    entries: list[Entry] = field(default_factory=list)
    before: int = 0
    skipped: dict[str, str] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return how many invoices had which outcome, and the time they took."""
        outcomes = Counter(entry["outcome"] for entry in self.entries)
        return {
            "files": len(self.entries),
            **{outcome: outcomes[outcome] for outcome in ("proven", "review", "unreadable")},
            "skipped": len(self.skipped),
            "converted_before": self.before,
            "seconds": round(sum(entry["seconds"] for entry in self.entries), 3),
        }


def convert_folder(
    paths: Iterable[Path],
    to: str,
    out: Path,
    *,
    jobs: int = 0,
    again: bool = False,
    limits: Limits | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Converted:
    """Convert files, and the files in folders, each to a file in another folder, and write the report there.

    Args:
        paths: Files and folders; folders are searched through, links to folders are not followed.
        to: ``json``, ``ubl``, ``cii``, ``zugferd`` or ``edifact``.
        out: The folder; made where it is not there. What stands in it is never read as input.
        jobs: Worker processes; 0 for one per processor.
        again: Also convert what was converted before from the same content.
        limits: Of one file.
        told: Called with how many of how many files are done.

    Raises:
        WrongUse: A path does not exist, or the output cannot be a folder.
    """
    converted = Converted()
    sources = _sources(paths, out, converted)
    _make(out)
    known = _known(out)
    work = _named(sources, known, to, out)
    done = {one.source for one in work if not again and _is_done(one, known.get(one.source, []))}
    made = each(convert_to, (one for one in work if one.source not in done), jobs=jobs, limits=limits)
    with (out / JOURNAL).open("ab") as journal:
        for number, one in enumerate(work, 1):
            if one.source in done:
                converted.before += 1
                converted.entries += known[one.source]
            else:
                entries = _entries(one, next(made)[1])
                journal.write(b"".join(orjson.dumps(entry) + b"\n" for entry in entries))
                journal.flush()
                converted.entries += entries
            if told:
                told(number, len(work))
    _report(out, converted)
    return converted


def convert_to(work: Work) -> list[Entry]:
    """Convert one file, write its outputs, and return what the report says of each; runs in a worker."""
    began = perf_counter()
    path = Path(work.source)
    try:
        data = _content(path)
    except Unreadable as error:
        return [_entry(work, "", unreadable(work.name, str(error)), None, began)]
    digest = hashlib.sha256(data).hexdigest()
    entries = []
    for conversion in conversions_of(work.name, data):
        written = write(conversion, work.to, original=data)
        target = Path(work.out, f"{conversion.file}{written.suffix}")
        if written.content:
            _put(target, written.content)
        else:
            target.unlink(missing_ok=True)  # nothing of an earlier content may stay behind
        output = target.name if written.content else None
        entries.append(_entry(work, digest, written.conversion, output, began))
        began = perf_counter()
    return entries


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        raise Unreadable(message) from error


def _entry(work: Work, digest: str, conversion: Conversion, output: str | None, began: float) -> Entry:
    return {
        "file": conversion.file,
        "outcome": str(conversion.outcome),
        "reasons": list(conversion.reasons),
        "seconds": round(perf_counter() - began, 4),
        "source": work.source,
        "sha256": digest,
        "to": work.to,
        "output": output,
        "not_held": list(conversion.not_held),
    }


def _entries(work: Work, answer: "list[Entry] | Lost") -> list[Entry]:
    """Return the entries of one file; of one whose worker died, the one that says so, with its output."""
    if not isinstance(answer, Lost):
        return answer
    began = perf_counter()
    conversion = unreadable(work.name, answer.reason)
    written = write(conversion, work.to)
    target = Path(work.out, f"{work.name}{written.suffix}")
    if written.content:
        _put(target, written.content)
    else:
        target.unlink(missing_ok=True)
    return [_entry(work, "", conversion, target.name if written.content else None, began)]


def _sources(paths: Iterable[Path], out: Path, converted: Converted) -> list[Path]:
    """Return the files to convert; those in folders only where their first bytes are of a kind that is known."""
    found: dict[Path, None] = {}
    own = out.resolve()
    for path in paths:
        if path.is_dir():
            for one in _below(path, own):
                try:
                    with one.open("rb") as file:
                        kind_of(file.read(_START))
                except (Unreadable, OSError) as error:
                    converted.skipped[str(one)] = str(error)
                else:
                    found[one] = None
        elif path.exists():
            found[path] = None
        else:
            raise WrongUse(f"{path} does not exist: name files or folders of invoices.")
    return list(found)


def _below(folder: Path, own: Path) -> Iterator[Path]:
    """Yield the regular files below a folder in the order of their names, except hidden ones and our own output."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and Path(place, one).resolve() != own)
        if Path(place).resolve() == own:
            folders.clear()
            continue
        yield from (Path(place, one) for one in sorted(files) if not one.startswith(".") and Path(place, one).is_file())


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"{out} cannot be the folder for the output: {error.strerror}.") from error


def _named(sources: list[Path], known: dict[str, list[Entry]], to: str, out: Path) -> list[Work]:
    """Give each file a name of its own: its own, and where two are called alike, that of its folder before it."""
    taken = {one[0]["file"].partition("#")[0]: source for source, one in known.items()}
    work = []
    for path in sources:
        source = str(path.absolute())
        spare = (f"{number}__{path.name}" for number in count(2))
        for name in chain((path.name, f"{path.absolute().parent.name}__{path.name}"), spare):
            if taken.setdefault(name, source) == source:
                work.append(Work(source, name, to, str(out.absolute())))
                break
    return work


def _is_done(work: Work, entries: list[Entry]) -> bool:
    """Tell whether the same content was converted to the same form and its output is still there."""
    if not entries or any(entry["to"] != work.to or not entry["sha256"] for entry in entries):
        return False
    if any(entry["output"] and not Path(work.out, entry["output"]).exists() for entry in entries):
        return False
    try:
        with Path(work.source).open("rb") as file:
            return bool(hashlib.file_digest(file, "sha256").hexdigest() == entries[0]["sha256"])
    except OSError:
        return False


def _known(out: Path) -> dict[str, list[Entry]]:
    """Return what earlier runs said of each file, the one that was killed half-way included."""
    known: dict[str, list[Entry]] = {}
    for entry in (*_earlier_report(out / REPORT), *_journal(out / JOURNAL)):
        if isinstance(entry, dict) and {"file", "source", "sha256", "to", "output", "outcome", "seconds"} <= set(entry):
            one = known.setdefault(entry["source"], [])
            one[:] = [other for other in one if other["sha256"] == entry["sha256"] and other["file"] != entry["file"]]
            one.append(entry)
    return known


def _earlier_report(path: Path) -> list[Entry]:
    try:
        found = orjson.loads(path.read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if isinstance(found, list) else []


def _journal(path: Path) -> Iterator[Entry]:
    """Yield what a run that was killed had done; its last line may be torn."""
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                try:
                    yield orjson.loads(line)
                except ValueError:
                    continue


def _report(out: Path, converted: Converted) -> None:
    """Write the report in one piece, and only then drop the journal."""
    report = {"files": converted.entries, "summary": converted.summary(), "skipped": converted.skipped}
    _put(out / REPORT, orjson.dumps(report, option=orjson.OPT_INDENT_2))
    (out / JOURNAL).unlink(missing_ok=True)


def _put(target: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(target)
