"""`soms edi`: the partners as data, and the interchanges exchanged with them."""

import json
from typing import Annotated

import typer

from blocks.database import interchanges
from blocks.database.engine import Database
from blocks.documents.edi_partners import DEFAULTS, KIND, NAME, load
from blocks.errors import WrongUse
from deployments.rulebook_commands import Rules, add_commands

app = typer.Typer()
edi = typer.Typer(help="EDI: partners, interchanges, control numbers.", no_args_is_help=True)
partners = typer.Typer(help="The partners: identifiers, releases, acknowledgements, connections.", no_args_is_help=True)
app.add_typer(edi, name="edi")
edi.add_typer(partners, name="partners")
add_commands(partners, Rules(KIND, NAME, "EDI partners", "soms edi partners", DEFAULTS, load))


@edi.command("list", epilog="Example: soms edi list --partner-connection edi-folder/partner --json")
def list_interchanges(
    source: Annotated[str, typer.Option("--partner-connection", help="Only those of one connection.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines for a program to read.")] = False,
) -> None:
    """List interchanges in and out, newest first, and the control numbers that are missing."""
    with Database.current().connect() as connection:
        rows = interchanges.listed(connection, source=source, limit=limit)
        missing = interchanges.gaps(connection)
    for row in rows:
        if as_json:
            typer.echo(json.dumps(row | {"findings": json.loads(row["findings"])}, default=str, ensure_ascii=False))
            continue
        named = row["sender"] if row["direction"] == "in" else row["receiver"]
        known = row["partner"] or "unknown"
        typer.echo(
            f"{row['id']:>6} {row['direction']:<3} {known} ({named}) {row['reference']} {row['messages']}:"
            f" {row['verdict'].replace('_', ' ')}, {len(json.loads(row['findings']))} findings"
        )
    for gap in missing if not as_json else ():
        typer.echo(f"Missing: {gap['partner']} ({gap['sender']}) {gap['first']} to {gap['last']}.", err=True)


@edi.command("show", epilog="Example: soms edi show 17")
def show(number: Annotated[int, typer.Argument(help="The interchange's id, as `soms edi list` prints it.")]) -> None:
    """Print what is known of one interchange, with every finding."""
    with Database.current().connect() as connection:
        row = interchanges.one(connection, number)
    if row is None:
        raise WrongUse(f"There is no interchange {number}: `soms edi list` prints those there are.")
    for name, value in row.items():
        if name != "findings" and value is not None:
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    for finding in json.loads(row["findings"]):
        typer.echo(f"- {finding['severity']}: {finding['text']}")
