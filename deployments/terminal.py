"""How the desks speak on a terminal: tables, JSON, and what was done to which numbers."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)]


def table(*columns: str) -> "Table":
    """Return a plain table whose last column takes the width that is left."""
    from rich.table import Table  # noqa: PLC0415 - only for people

    made = Table(box=None, pad_edge=False)
    for column in columns[:-1]:
        made.add_column(column, no_wrap=True)
    made.add_column(columns[-1], overflow="fold")
    return made


def show(rows: "Table", closing: str) -> None:
    """Print a table and the sentence below it."""
    from rich.console import Console  # noqa: PLC0415 - only for people

    Console(markup=False, highlight=False, emoji=False).print(rows)  # what came from outside is text, never markup
    typer.echo(closing)


@contextmanager
def progress(files: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal how many files are done; yields what is called after each."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("files", total=files)
        yield lambda: shown.advance(task)


def counted(rows: Sequence[Any], limit: int, noun: str) -> str:
    """Return how many there are, e.g. '3 records'."""
    named = f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"
    return f"The newest {named} (more with --limit)" if len(rows) == limit else named


def print_json(value: Any) -> None:
    """Print one line of JSON."""
    typer.echo(json.dumps(value, default=str, ensure_ascii=False))


def readable(body: str) -> str:
    """Return bytes that came from outside as text a terminal can show: JSON indented, nothing that steers it."""
    try:
        return plain(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return plain(body)


def plain(text: str) -> str:
    """Return the text without letters that steer a terminal."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def told(verb: str, done: Sequence[int], not_done: Mapping[int, str], then: str) -> int:
    """Say what was done and, on stderr, why the others were not; return the exit code."""
    if done:
        typer.echo(f"{len(done)} {verb}. {then}")
    for why in not_done.values():
        typer.echo(why, err=True)
    return 1 if not_done else 0
