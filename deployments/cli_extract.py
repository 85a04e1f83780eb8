"""`soms extract`: product data from saved pages, catalogues, price lists and data sheets; no database and no server."""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from blocks.errors import WrongUse
from deployments.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

app = typer.Typer()

_EPILOG = "Example: soms extract pages/ catalogue.xml sheet.pdf --out report.json --jobs 4"
_VERDICTS = ("read", "partly", "unreadable")
_CPU_SECONDS, _SECONDS = 600, 1_800
"""A catalogue of a hundred thousand articles takes minutes; a page, milliseconds."""
_HEAD = 1 << 16


class Entry(NamedTuple):
    """What a worker made of one file: its entry of the report, in a file of its own because catalogues are long."""

    written: Path
    verdict: str
    products: int


@app.command("extract", epilog=_EPILOG)
def extract(
    paths: Annotated[list[Path], typer.Argument(help="Files of product data, and folders of them.", metavar="PATH...")],
    out: Annotated[Path, typer.Option(help="The report, as JSON.", metavar="REPORT.json")],
    jobs: Annotated[int, typer.Option(help="Worker processes; 0 for one per processor.", min=0, max=64)] = 1,
) -> None:
    """Read product data from saved web pages, BMEcat catalogues, price lists and PDF data sheets.

    What a file is, its content says. The report has one entry per file: kind, verdict (read, partly, unreadable),
    products and findings. Exit code 0 means that every file has its entry, whatever the verdict.
    """
    files = list(_files(paths, out))
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise WrongUse(f"--out {out} is no file that can be written: name a file in a folder that exists.")
    with _tidy_when_ended(), progress(len(files)) as told:
        counted = _write(files, out, jobs, told)
    parts = ", ".join(f"{counted[each]:,} {each}" for each in _VERDICTS)
    typer.echo(f"{len(files):,} files with {counted['products']:,} products: {parts}. The report is {out}.")


@contextmanager
def _tidy_when_ended() -> Iterator[None]:
    """Turn the signal to end into an orderly exit: workers stop, and what was written half is taken away."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _files(paths: list[Path], out: Path) -> Iterator[Path]:
    """Yield all files, those of folders in the order of their names; never the report itself."""
    written = out.absolute()
    for path in paths:
        if path.is_dir():
            inside = (each for each in sorted(path.rglob("*")) if each.is_file() and not each.name.startswith("."))
            yield from (each for each in inside if each.absolute() != written)
        elif path.is_file():
            yield path
        elif path.exists():
            raise WrongUse(f"{path} is no file but a device or a pipe: name a file or a folder.")
        else:
            raise WrongUse(f"{path} does not exist: name a file or a folder.")


def _write(files: list[Path], out: Path, jobs: int, told: "Callable[[], None]") -> "Counter[str]":
    """Write the report entry by entry, so that memory does not grow with the number of files or articles."""
    counted: Counter[str] = Counter()
    partial_report = out.with_name(f".{out.name}.{os.getpid()}.part")  # a report is whole or not there
    try:
        with partial_report.open("wb") as report, TemporaryDirectory(prefix="soms-extract-") as folder:
            report.write(b'{"files":[')
            for place, entry in enumerate(_entries(files, jobs, Path(folder))):
                counted[entry.verdict] += 1
                counted["products"] += entry.products
                report.write(b",\n" if place else b"\n")
                with entry.written.open("rb") as written:
                    shutil.copyfileobj(written, report)
                entry.written.unlink()
                told()
            report.write(b"\n]}\n")
        partial_report.replace(out)
    except OSError as error:
        raise WrongUse(f"--out {out} cannot be written: {error.strerror}.") from error
    finally:
        partial_report.unlink(missing_ok=True)
    return counted


def _entries(files: list[Path], jobs: int, folder: Path) -> Iterator[Entry]:
    """Yield the files' entries in their order; a file that ends its worker, or takes too long, is unreadable."""
    from blocks.worker_pool import Limits, Lost, each  # noqa: PLC0415 - help must be quick

    limits = Limits(seconds=_SECONDS, cpu_seconds=_CPU_SECONDS)
    numbered = ((path, folder / f"{number}.json") for number, path in enumerate(files))
    for (path, target), answer in each(read_file, numbered, jobs=jobs, limits=limits):
        yield _without_products(path, target, answer.reason) if isinstance(answer, Lost) else answer


def read_file(task: tuple[Path, Path]) -> Entry:
    """Read one file and write its entry; runs in a worker."""
    from blocks.standards.product_data.reading import reading_of  # noqa: PLC0415 - help must be quick

    path, target = task
    try:
        source = path.open("rb")
    except OSError as error:
        return _without_products(path, target, f"The file cannot be opened: {error.strerror}.")
    with source, target.open("wb") as entry:
        reading = reading_of(path.name, source)
        products = _write_products(entry, {"file": _name(path), "kind": str(reading.kind)}, reading.products)
        _write_rest(entry, str(reading.verdict), list(reading.findings.all()))
    return Entry(target, str(reading.verdict), products)


def _write_products(entry: "BinaryIO", first: dict[str, str], products: "Iterator[Any]") -> int:
    """Write what stands before the products, and the products one by one; return how many there were."""
    import orjson  # noqa: PLC0415 - help must be quick

    entry.write(orjson.dumps(first)[:-1] + b',"products":[')
    given = 0
    for product in products:
        entry.write((b"," if given else b"") + orjson.dumps(product.as_json(), option=orjson.OPT_NON_STR_KEYS))
        given += 1
    return given


def _write_rest(entry: "BinaryIO", verdict: str, findings: list[str]) -> None:
    import orjson  # noqa: PLC0415 - help must be quick

    entry.write(b"]," + orjson.dumps({"verdict": verdict, "findings": findings})[1:])


def _without_products(path: Path, target: Path, reason: str) -> Entry:
    """Write the entry of a file that gave nothing."""
    from blocks.standards.product_data.reading import kind_of  # noqa: PLC0415 - help must be quick

    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        head = b""
    with target.open("wb") as entry:
        _write_products(entry, {"file": _name(path), "kind": str(kind_of(head, path.name))}, iter(()))
        _write_rest(entry, "unreadable", [reason])
    return Entry(target, "unreadable", 0)


def _name(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
