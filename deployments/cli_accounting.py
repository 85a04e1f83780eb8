"""`soms accounting`: batches for the accountants, and the plan they are posted by."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from blocks.database import accounting
from blocks.database.engine import Database
from blocks.documents.accounting_plan import DEFAULTS, KIND, NAME, load
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.rulebook_commands import Rules, add_commands
from deployments.terminal import AsJson, Limit, counted, print_json, show, table

app = typer.Typer()
books = typer.Typer(help="Approved invoices on their way into the books.", no_args_is_help=True)
app.add_typer(books, name="accounting")
plan = typer.Typer(help="Accounts and tax keys that invoices are posted on.", no_args_is_help=True)
books.add_typer(plan, name="plan")
add_commands(plan, Rules(KIND, NAME, "accounting plan", "soms accounting plan", DEFAULTS, load))

Day = Annotated[str | None, typer.Option(help="A day, e.g. 2026-10-01.")]


@books.command("export", epilog="Example: soms accounting export --first 2026-10-01 --last 2026-10-31 --out books")
def export(
    out: Annotated[Path, typer.Option(help="Folder to write the batch's files to.", file_okay=False)],
    first: Day = None,
    last: Day = None,
    batch: Annotated[int | None, typer.Option(help="Write this batch's files again instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a batch of what is new of these days and write it: EXTF for DATEV, CSV and JSON for others."""
    from tasks.accounting_export import exporting  # noqa: PLC0415 - help stays quick
    from tasks.accounting_export.summary import left_over  # noqa: PLC0415 - as above

    database, totals, held_back, left = Database.current(), None, {}, {}
    if batch is None:
        if first is None or last is None:
            raise WrongUse("Give --first and --last, or --batch for one that was made before.")
        person = at_this_terminal()
        posted = exporting.post(database, desk_actor())
        held_back = dict(posted.held_back)
        made = exporting.export(database, desk_actor(), _day(first), _day(last), by=person)
        batch, totals, left = made.number, dict(made.totals), dict(made.left)
    files = _write(database, batch, out) if batch is not None else []
    if as_json:
        told = {"batch": batch, "files": [str(file) for file in files], "totals": totals}
        print_json({**told, "held_back": held_back, "left": left})
        return
    for number, why in held_back.items():
        typer.echo(f"Invoice {number} is not posted: {why}")
    if left:
        typer.echo(left_over(left).strip())
    if batch is None:
        typer.echo("Nothing is new in these days: no batch was made.")
        return
    sums = f" Documents and postings both come to {_sums(totals)}." if totals else ""
    typer.echo(f"Batch {batch} is in {', '.join(map(str, files))}.{sums}")


@books.command("list", epilog="Example: soms accounting list --json")
def listed(limit: Limit = 200, as_json: AsJson = False) -> None:
    """List the batches that were made, newest first."""
    with Database.current().connect() as connection:
        rows = accounting.batches(connection, limit=limit)
    if as_json:
        print_json([{**row, "totals": json.loads(row["totals"])} for row in rows])
        return
    lines = table("batch", "days", "postings", "comes to", "by", "sha256")
    for row in rows:
        sums = _sums(json.loads(row["totals"])["sums"])
        days = f"{row['first_day']} to {row['last_day']}"
        lines.add_row(str(row["id"]), days, str(row["postings"]), sums, row["by"], row["content_hash"][:16])
    show(lines, f"{counted(rows, limit, 'export')}.")


def _write(database: Database, batch: int, out: Path) -> list[Path]:
    from tasks.accounting_export.exporting import listed_json  # noqa: PLC0415 - help stays quick

    with database.connect() as connection:
        datev, rows = accounting.batch_files(connection, batch)
        postings = listed_json(accounting.postings_of(connection, batch))
    contents = {
        f"EXTF_Buchungsstapel_{batch:06d}.csv": datev,
        f"postings-{batch:06d}.csv": rows,
        f"postings-{batch:06d}.json": json.dumps(postings, ensure_ascii=False, indent=1).encode(),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_bytes(content)
    return [out / name for name in contents]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"'{text}' is no day: write it as 2026-10-01.") from None


def _sums(totals: dict[str, str]) -> str:
    return ", ".join(f"{value} {currency}" for currency, value in totals.items())
