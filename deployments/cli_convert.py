"""`soms convert`: files of invoices → JSON, UBL, CII, hybrid PDF or EDIFACT, offline."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.terminal import AsJson, plain, print_json

if TYPE_CHECKING:
    from tasks.edi_conversion.folders import Converted

app = typer.Typer()
_SHOWN = 20


class Form(StrEnum):
    """What an invoice may be written as."""

    JSON = "json"
    UBL = "ubl"
    CII = "cii"
    ZUGFERD = "zugferd"
    EDIFACT = "edifact"


@app.command("convert", epilog="Example: soms convert inbox/ invoice.pdf --to ubl --out converted --jobs 4")
def convert(  # noqa: PLR0917 - Typer hands them over by name
    paths: Annotated[list[Path], typer.Argument(help="Invoices (PDF, UBL, CII, EDIFACT) or folders of them.")],
    to: Annotated[Form, typer.Option(help="The form to write.")],
    out: Annotated[Path, typer.Option(help="Folder for the converted files and report.json.")],
    jobs: Annotated[int, typer.Option(help="Worker processes; 0 for one per processor.", min=0, max=256)] = 0,
    again: Annotated[bool, typer.Option("--again", help="Also convert what was converted before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Convert invoice files without a database or server; run it again and it goes on where it was stopped.

    Each file is `proven` (every amount closes: it may go on without a person), `review` (a person must look; the
    reasons say why) or `unreadable`. The exit code is 0 whenever every file has its verdict.
    """
    from tasks.edi_conversion.folders import convert_folder  # noqa: PLC0415 - so that help is quick

    with _progress() as told:
        converted = convert_folder(paths, to.value, out, jobs=jobs, again=again, told=told)
    if as_json:
        print_json(converted.summary())
        return
    _tell(converted, out)


def _tell(converted: "Converted", out: Path) -> None:
    """Say what became of the files; on stderr, those a person must look at, remarks, and what was left out."""
    open_ends = [entry for entry in converted.entries if entry["outcome"] != "proven"]
    for entry in open_ends[:_SHOWN]:
        reason = next(iter(entry["reasons"]), "")
        typer.echo(plain(f"{entry['outcome']}: {entry['file']}: {reason}").replace("\n", " "), err=True)
    remarked = [entry for entry in converted.entries if entry.get("not_held")]
    for entry in remarked[:_SHOWN]:
        more = f" (and {len(entry['not_held']) - 1} more)" if len(entry["not_held"]) > 1 else ""
        typer.echo(plain(f"to know: {entry['file']}: {entry['not_held'][0]}{more}").replace("\n", " "), err=True)
    if len(remarked) > _SHOWN:
        typer.echo(f"... and remarks on {len(remarked) - _SHOWN} more; {out / 'report.json'} has them all.", err=True)
    if len(open_ends) > _SHOWN:
        typer.echo(f"... and {len(open_ends) - _SHOWN} more; {out / 'report.json'} names them all.", err=True)
    for path, reason in list(converted.skipped.items())[:_SHOWN]:
        typer.echo(plain(f"skipped: {path}: {reason}").replace("\n", " "), err=True)
    if len(converted.skipped) > _SHOWN:
        typer.echo(f"... and {len(converted.skipped) - _SHOWN} more files were skipped.", err=True)
    told = converted.summary()
    before = f" ({told['converted_before']} of the files converted before)" if told["converted_before"] else ""
    typer.echo(
        f"{told['files']} invoices{before}: {told['proven']} proven, {told['review']} for review, "
        f"{told['unreadable']} unreadable; report in {out / 'report.json'}."
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal, on stderr, how many files are done."""
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("files", total=None)
        yield lambda done, files: shown.update(task, completed=done, total=files)
