"""`soms stock imports`: pictures of stock that the gate stopped, released or declined by a person with a reason."""

from typing import Annotated

import typer

from blocks.database import stock_imports
from blocks.database.engine import Database
from blocks.documents.base import plain_decimal
from blocks.errors import WrongUse
from blocks.people import desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table

imports = typer.Typer(
    help="Whole pictures of stock that were stopped before they changed anything.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="The import's number.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]


@imports.command("list", epilog="Example: soms stock imports list --all")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Those decided already, too.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the imports that wait for a person."""
    states = stock_imports.STATES if every else ("stopped",)
    with Database.current().connect() as connection:
        rows = stock_imports.listing(connection, states=states, limit=limit)
    if as_json:
        print_json(rows)
        return
    shown = table("import", "from", "as of (UTC)", "rows", "state", "why")
    for row in rows:
        why = row["reason"] or next((each["text"] for each in row["findings"] if not each["passed"]), "")
        source = plain(f"{row['source']} {row['name']}".strip())
        shown.add_row(str(row["id"]), source, f"{row['as_of']:%Y-%m-%d %H:%M}", f"{row['rows']:,}", row["state"], why)
    show(shown, counted(rows, limit, "import"))


@imports.command("show", epilog="Example: soms stock imports show 12")
def show_(number: Number, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Say why an import was stopped and what it would change now, the largest changes first."""
    with Database.current().connect() as connection:
        row = stock_imports.one(connection, number)
        changes = stock_imports.changes(connection, number, limit=limit)
    if as_json:
        print_json({**row, "changes": changes})
        return
    typer.echo(f"Import {number} of {plain(row['source'])} {plain(row['name'])}: {row['state']}, {row['rows']:,} rows.")
    for finding in row["findings"]:
        typer.echo(f"  {'ok  ' if finding['passed'] else 'STOP'} {finding['expectation']} {finding['text']}")
    shown = table("warehouse", "known", "picture", "article")
    for each in changes:
        known, picture = plain_decimal(each["known"]), plain_decimal(each["picture"])
        shown.add_row(plain(each["warehouse"]), known, picture, plain(each["sku"]))
    show(shown, f"The {len(changes)} largest changes (more with --limit)." if changes else "It would change nothing.")


@imports.command("release", epilog='Example: soms stock imports release 12 --reason "clearance sale, checked"')
def release(number: Number, reason: Reason) -> None:
    """Book a stopped import after all; what moved or was counted since the moment it shows stands."""
    actor = desk_actor()
    with Database.current().audited(actor) as (connection, trail):
        booked = stock_imports.release(connection, trail, number, by=actor.name, reason=_said(reason))
    late = f", {booked.late} of them too late to count" if booked.late else ""
    typer.echo(f"Import {number} is booked: {booked.events} counts{late}. The shops are told by the next shop listing.")


@imports.command("decline", epilog='Example: soms stock imports decline 12 --reason "export was cut off"')
def decline(number: Number, reason: Reason) -> None:
    """Close a stopped import; nothing of it is booked."""
    actor = desk_actor()
    with Database.current().audited(actor) as (connection, trail):
        stock_imports.decline(connection, trail, number, by=actor.name, reason=_said(reason))
    typer.echo(f"Import {number} is declined; nothing of it was booked.")


def _said(reason: str) -> str:
    if not reason.strip():
        raise WrongUse("Say with --reason why: it goes into the audit trail.")
    return reason.strip()
