"""`soms archive`: how long records are kept, what is held beyond that, and what may be deleted."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from blocks.database import retention
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from blocks.settings import settings
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table

app = typer.Typer()
archive = typer.Typer(help="Retention: terms, holds, and the deletion of what is due.", no_args_is_help=True)
app.add_typer(archive, name="archive")

FAILED = 1
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]


@archive.command("list", epilog="Example: soms archive list --record inbox/17")
def listed(
    record: Annotated[list[str] | None, typer.Option(help="Only this record; repeatable.")] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List how long records are kept and by which law, those that end first at the top."""
    with Database.current().connect() as connection:
        rows = retention.terms(connection, records=record, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("record", "kept as", "of", "until", "held by", "law")
    for row in rows:
        held = ", ".join(f"hold {number}" for number in row["holds"])
        words = (row["record"], row["kept_as"], str(row["dated"]), str(row["ends_on"]), held, row["law"])
        lines.add_row(*map(plain, words))
    show(lines, f"{counted(rows, limit, 'record')}.")


@archive.command("hold", epilog='Example: soms archive hold year 2018 --reason "tax audit"')
def hold(
    scope: Annotated[str, typer.Argument(help="everything, year, supplier or record.")],
    reason: Reason,
    value: Annotated[str, typer.Argument(help="Which: 2018, the supplier's number, inbox/17.")] = "",
) -> None:
    """Keep records beyond their time until the hold is lifted."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        number = retention.place_hold(connection, trail, scope=scope, value=value, by=at_this_terminal(), reason=reason)
    typer.echo(f"Hold {number} stands: nothing of {scope} {value} is deleted until it is lifted.")


@archive.command("lift", epilog='Example: soms archive lift 3 --reason "the audit has ended"')
def lift(number: Annotated[int, typer.Argument(help="Number of the hold.")], reason: Reason) -> None:
    """Lift a hold for good."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        retention.lift_hold(connection, trail, number, by=at_this_terminal(), reason=reason)
    typer.echo(f"Hold {number} is lifted.")


@archive.command("holds", epilog="Example: soms archive holds --json")
def holds(as_json: AsJson = False) -> None:
    """List all holds, those that stand first."""
    with Database.current().connect() as connection:
        rows = retention.holds(connection)
    if as_json:
        print_json(rows)
        return
    lines = table("hold", "of", "since", "by", "why", "lifted")
    for row in rows:
        lifted = f"{row['lifted_at']:%Y-%m-%d} by {row['lifted_by']}" if row["lifted_at"] else ""
        of = f"{row['scope']} {row['value']}".strip()
        words = (of, f"{row['placed_at']:%Y-%m-%d}", row["placed_by"], row["reason"], lifted)
        lines.add_row(str(row["id"]), *map(plain, words))
    show(lines, f"{len(rows)} holds.")


@archive.command("delete", epilog='Example: soms archive delete --reason "the time is over" --really')
def delete(
    reason: Reason,
    record: Annotated[
        list[str] | None, typer.Option(help="Only this record; repeatable. Else all that is due.")
    ] = None,
    really: Annotated[bool, typer.Option("--really", help="Delete; without it only what would be is said.")] = False,
    as_json: AsJson = False,
) -> int:
    """Delete what records say whose time is over and that nothing holds; say what is refused. Needs the owner."""
    today = datetime.now(UTC).date()
    with Database.current().connect() as connection:
        due = retention.due(connection, today)
    if really:
        found = _delete(tuple(record or due.deleted), today, reason)
    elif record:
        raise WrongUse("Without --really only all that is due is shown: leave --record out, or add --really.")
    else:
        found = due
    refused = found.refused if record or not really else (*found.refused, *due.refused)
    if as_json:
        print_json({"deleted" if really else "due": list(found.deleted), "refused": [one.why for one in refused]})
    else:
        typer.echo(f"{len(found.deleted)} records {'are deleted' if really else 'are due to be deleted'}.")
        for one in refused:
            typer.echo(f"refused: {one.why}")
    return FAILED if record and refused else 0


def _delete(records: tuple[str, ...], today: date, reason: str) -> retention.Deletion:
    owner = Database(settings().require_database_url("soms_owner"))
    with owner.audited(desk_actor()) as (connection, trail):
        return retention.delete(connection, trail, records, today=today, by=at_this_terminal(), reason=reason)
