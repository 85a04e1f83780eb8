"""`soms edifact`: reads EDIFACT interchanges and says what is wrong with them; needs no database and no server."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blocks.errors import WrongUse
from deployments.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocks.standards.edifact.report import Report

app = typer.Typer()

_EPILOG = "Example: soms edifact inbox/ orders.edi --out report.json"


@app.command("edifact", epilog=_EPILOG)
def edifact(
    paths: Annotated[list[Path], typer.Argument(help="Files, and folders whose files are read.", metavar="PATH...")],
    out: Annotated[Path, typer.Option(help="The report, as JSON.", metavar="REPORT.json")],
    jobs: Annotated[int, typer.Option(help="Processes that share the files.", min=1, max=64)] = 1,
) -> None:
    """Check EDIFACT interchanges: envelope, order of segments, check digits, dates and sums.

    The report has one entry per file: verdict (valid, invalid, unreadable), messages, and findings as whole sentences
    with the number of the segment concerned. Exit code 0 means that every file was judged, whatever the verdict.
    """
    files = list(_files(paths, out))
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise WrongUse(f"--out {out} is no file that can be written: name a file in a folder that exists.")
    with progress(len(files)) as told:
        counted = _write(files, out, jobs, told)
    parts = ", ".join(f"{counted[each]:,} {each}" for each in ("valid", "invalid", "unreadable"))
    typer.echo(f"{len(files):,} files: {parts}. The report is {out}.")


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


def _write(files: list[Path], out: Path, jobs: int, told: "Callable[[], None]") -> dict[str, int]:
    """Write the report entry by entry, so that memory does not grow with the number of files."""
    import orjson  # noqa: PLC0415 - help must be quick

    counted = {"valid": 0, "invalid": 0, "unreadable": 0}
    partial = out.with_name(f".{out.name}.part")  # a report is whole or not there
    try:
        with partial.open("wb") as report:
            report.write(b'{"files":[')
            for place, entry in enumerate(_entries(files, jobs)):
                counted[entry["verdict"]] += 1
                report.write((b",\n" if place else b"\n") + orjson.dumps(entry))
                told()
            report.write(b"\n]}\n")
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return counted


def collect_rarely() -> None:
    """Let the garbage collector look seldom: segments are tuples without cycles, and it would go over them again."""
    gc.set_threshold(100_000, 20, 20)


def _entries(files: list[Path], jobs: int) -> Iterator[dict[str, Any]]:
    """Yield the files' entries in their order."""
    collect_rarely()
    if jobs == 1 or len(files) < 2:  # noqa: PLR2004 - one file has nothing to share
        yield from map(_entry, files)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only with --jobs
    from multiprocessing import get_context  # noqa: PLC0415

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=collect_rarely) as pool:
        yield from pool.map(_entry, files, chunksize=max(1, min(200, len(files) // (4 * jobs))))


def _entry(path: Path) -> dict[str, Any]:
    """Return one file's entry; whatever is wrong with the file becomes a finding."""
    return _report(path).as_json(str(path))


def _report(path: Path) -> "Report":
    from blocks.standards.edifact.envelope import MAX_FILE  # noqa: PLC0415 - help must be quick
    from blocks.standards.edifact.report import report, unreadable  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            octets = file.read(MAX_FILE + 1)
    except OSError as error:
        return unreadable(f"The file cannot be opened: {error.strerror}.")
    try:
        return report(octets)
    except MemoryError:
        return unreadable("The file needs more memory than there is: split it.")
