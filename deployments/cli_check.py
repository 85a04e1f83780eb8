"""`soms check`: judges e-invoices (UBL, CII, hybrid PDF) by their rules; needs no database and no server."""

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blocks.errors import WrongUse
from deployments.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocks.standards.en16931.rules.rule import RuleSet

app = typer.Typer()

_EPILOG = "Example: soms check inbox/ invoice.pdf --out report.json --jobs 4 --rules en16931,xrechnung"
_MOST_BYTES = 64 * 2**20
_SAXON_MEGABYTES = 64 * 1024
"""Address space of a worker that runs Saxon, which reserves tens of gigabytes and uses 200 MB of them."""
_VERDICTS = ("valid", "invalid", "unreadable")


@app.command("check", epilog=_EPILOG)
def check(
    paths: Annotated[list[Path], typer.Argument(help="E-invoices, and folders of them.", metavar="PATH...")],
    out: Annotated[Path, typer.Option(help="The report, as JSON.", metavar="REPORT.json")],
    jobs: Annotated[int, typer.Option(help="Worker processes; 0 for one per processor.", min=0, max=64)] = 1,
    rules: Annotated[
        str, typer.Option(help="Rule sets, with commas between: en16931, xrechnung, ustg.", metavar="SETS")
    ] = "",
    second_opinion: Annotated[
        bool,
        typer.Option(
            "--second-opinion", help="Also run CEN's published rules by Saxon over UBL, and say where both differ."
        ),
    ] = False,
) -> None:
    """Check e-invoices by the rules of EN 16931, of XRechnung where they claim it, and of the German VAT law.

    The report has one entry per file: verdict (valid, invalid, unreadable), syntax, profile, and findings with rule,
    severity and class. Exit code 0 means that every file was judged, whatever the verdict.
    """
    chosen = _chosen(rules)
    if second_opinion:
        _saxon_must_be_there()
    files = list(_files(paths, out))
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise WrongUse(f"--out {out} is no file that can be written: name a file in a folder that exists.")
    with progress(len(files)) as told:
        counted = _write(_entries(files, jobs, chosen, second_opinion=second_opinion), out, told)
    parts = ", ".join(f"{counted[each]:,} {each}" for each in _VERDICTS)
    typer.echo(f"{len(files):,} files: {parts}. The report is {out}.")
    if second_opinion:
        typer.echo(
            f"Second opinion: {counted['same']:,} the same, {counted['differs']:,} differ, {counted['none']:,} without."
        )


def _saxon_must_be_there() -> None:
    from blocks.standards.en16931.rules.second_opinion import require_saxon  # noqa: PLC0415 - help must be quick

    require_saxon()


def _chosen(rules: str) -> "frozenset[RuleSet] | None":
    """Return the rule sets named; None where the document decides."""
    from blocks.standards.en16931.rules.verdict import CHOICES  # noqa: PLC0415 - help must be quick

    named = {each.strip().lower() for each in rules.split(",") if each.strip()}
    known = {choice.value: choice for choice in CHOICES}
    if unknown := sorted(named - set(known)):
        raise WrongUse(f"--rules knows no '{unknown[0]}': choose from {', '.join(known)}.")
    return frozenset(known[each] for each in named) or None


def _files(paths: list[Path], out: Path) -> Iterator[Path]:
    """Yield all files, those of folders in the order of their names; never the report itself."""
    written = out.absolute()
    for path in paths:
        if path.is_dir():
            inside = (each for each in sorted(path.rglob("*")) if each.is_file() and not each.name.startswith("."))
            yield from (each for each in inside if each.absolute() != written)
        elif path.exists():
            yield path
        else:
            raise WrongUse(f"{path} does not exist: name a file or a folder.")


def _write(entries: Iterator[dict[str, Any]], out: Path, told: "Callable[[], None]") -> "Counter[str]":
    """Write the report entry by entry, so that memory does not grow with the number of files."""
    import orjson  # noqa: PLC0415 - help must be quick

    counted: Counter[str] = Counter()
    partial_report = out.with_name(f".{out.name}.{os.getpid()}.part")  # a report is whole or not there
    try:
        with partial_report.open("wb") as report:
            report.write(b'{"files":[')
            for place, entry in enumerate(entries):
                counted[entry["verdict"]] += 1
                counted[entry.get("second_opinion", {}).get("verdict", "")] += 1
                report.write((b",\n" if place else b"\n") + orjson.dumps(entry))
                told()
            report.write(b"\n]}\n")
        partial_report.replace(out)
    except OSError as error:
        raise WrongUse(f"--out {out} cannot be written: {error.strerror}.") from error
    finally:
        partial_report.unlink(missing_ok=True)
    return counted


def _entries(
    files: list[Path], jobs: int, chosen: "frozenset[RuleSet] | None", *, second_opinion: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the files' entries in their order; a file that ends its worker, or takes too long, is unreadable."""
    from blocks.standards.en16931.rules.verdict import unreadable  # noqa: PLC0415 - help must be quick
    from blocks.worker_pool import Limits, Lost, each  # noqa: PLC0415

    limits = Limits(megabytes=_SAXON_MEGABYTES) if second_opinion else None
    for path, answer in each(partial(judge_file, chosen=chosen, twice=second_opinion), files, jobs=jobs, limits=limits):
        entry = unreadable(answer.reason) if isinstance(answer, Lost) else answer
        yield {"file": os.fsencode(path).decode("utf-8", "replace"), **entry}


def judge_file(path: Path, *, chosen: "frozenset[RuleSet] | None" = None, twice: bool = False) -> dict[str, Any]:
    """Return one file's verdict, with a second opinion where it is asked for; runs in a worker."""
    from blocks.standards.en16931.rules.verdict import judge, unreadable  # noqa: PLC0415 - help must be quick

    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return unreadable(f"The file cannot be opened: {error.strerror}.")
    if len(data) > _MOST_BYTES:
        return unreadable(f"The file has more than {_MOST_BYTES >> 20} MB, too much for one invoice.")
    entry = judge(data, chosen)
    return {**entry, "second_opinion": _second_opinion(data, entry)} if twice else entry


def _second_opinion(data: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    """Return where the published rules differ from a verdict, or in a sentence why they were not asked."""
    from blocks.standards.en16931.rules.second_opinion import on_entry  # noqa: PLC0415 - only where it is asked for

    return on_entry(data, entry)
