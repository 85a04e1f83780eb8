"""`soms audit`, `soms quarantine`, `soms effects`: the desks of auditor, analyst and operator."""

import getpass
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blocks.database import effects as effect_desk
from blocks.database import quarantine as quarantine_desk
from blocks.database.audit import Actor
from blocks.database.audit_verification import anchor, verify
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.settings import settings

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer()
audit = typer.Typer(help="The audit trail: prove it.", no_args_is_help=True)
quarantine = typer.Typer(
    help="Records that were put aside: look at them, let them be judged again.", no_args_is_help=True
)
effects = typer.Typer(help="Calls to outside systems: made, due, refused.", no_args_is_help=True)
app.add_typer(audit, name="audit")
app.add_typer(quarantine, name="quarantine")
app.add_typer(effects, name="effects")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _person() -> Actor:
    return Actor(process="desk", name=getpass.getuser())


def _auditor() -> Database:
    return Database(settings().require_database_url("soms_audit"))


@audit.command("verify", epilog="Example: soms audit verify")
def audit_verify(as_json: AsJson = False) -> int:
    """Check every link, the head, the anchors outside the database and every audited row; exit code 1 on findings."""
    result = verify(_auditor(), settings().audit_anchor)
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        for found in result.findings:
            typer.echo(f"{found.check:7} {found.place}: {found.text}")
        state = "DOES NOT AGREE" if result.findings else "agrees"
        typer.echo(
            f"The audit trail {state}: {result.events} events, {result.subjects} subjects, {result.anchors} anchors, "
            f"head {result.head[:16]}…"
        )
        if result.events and not result.anchors:
            typer.echo(
                f"No anchor was found in {settings().audit_anchor}: a chain that was cut or rewritten as a whole could"
                " not be told. Bring the file back if there was one; this run writes a new one.",
                err=True,
            )
    if not result.findings:
        anchor(_auditor(), settings().audit_anchor)
    return 1 if result.findings else 0


@quarantine.command("list", epilog="Example: soms quarantine list --source smartstore-shop/berlin")
def quarantine_list(
    source: Annotated[str | None, typer.Option(help="Only records of this source.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)] = 200,
    as_json: AsJson = False,
) -> None:
    """List the records that wait, newest first, with their first reason."""
    with Database.current().connect() as connection:
        rows = quarantine_desk.waiting(connection, source=source, limit=limit)
    if as_json:
        _print_json(rows)
        return
    table = _table("id", "order", "since (UTC)", "rule", "first reason")
    for row in rows:
        first, others = row["faults"][0], len(row["faults"]) - 1
        reason = first["text"] + (f" (+{others} more)" if others else "")
        where = row["external_id"] if source else f"{row['external_id']} {row['source'].partition('/')[2]}"
        table.add_row(str(row["id"]), where, f"{row['opened_at']:%m-%d %H:%M}", first["rule"], reason)
    _show(table, f"{_count(rows, limit, 'record')} put aside. All about one: soms quarantine show <id>")


@quarantine.command("show", epilog="Example: soms quarantine show 12")
def quarantine_show(
    record: Annotated[int, typer.Argument(help="Number of the record.")], as_json: AsJson = False
) -> None:
    """Show one record: every reason with its remedy, and the bytes as they came."""
    with Database.current().connect() as connection:
        row = quarantine_desk.show(connection, record)
    body = bytes(row.pop("body")).decode("utf-8", "replace")
    if as_json:
        _print_json({**row, "body": body})
        return
    typer.echo(f"Record {row['id']}: {row['kind']} {row['external_id']} of {row['source']}, {row['state']}")
    typer.echo(f"received {row['received_at']:%Y-%m-%d %H:%M:%S} UTC, sha256 {row['content_hash']}\n")
    for fault in row["faults"]:
        typer.echo(f"{fault['rule']} (version {fault['version']}) at {fault['place']}")
        typer.echo(f"  {fault['text']}\n  Remedy: {fault['remedy']}\n")
    typer.echo(_pretty(body))


@quarantine.command("release", epilog='Example: soms quarantine release 12 --reason "payment method mapped"')
def quarantine_release(
    reason: Annotated[str, typer.Option(help="Why it may be judged again; goes into the audit trail.")],
    records: Annotated[list[int] | None, typer.Argument(help="Numbers of the records.")] = None,
    rule: Annotated[str | None, typer.Option(help="All open records with this rule, e.g. ORD-DQ-03.")] = None,
) -> int:
    """Let records be judged again by the next run of their process, from their original bytes."""
    if bool(records) == bool(rule):
        raise WrongUse("Name the records, or one --rule, and not both.")
    with Database.current().audited(_person()) as (connection, trail):
        records = records or quarantine_desk.open_with(connection, str(rule))
        if not records:
            raise WrongUse(f"No open record has the rule {rule}: `soms quarantine list` shows what waits.")
        done = quarantine_desk.release(connection, trail, records, by=getpass.getuser(), reason=reason)
    return _told("released", records, done, "The next order intake judges them again.")


@effects.command("list", epilog="Example: soms effects list --state failed")
def effects_list(
    state: Annotated[
        list[str] | None, typer.Option(help="due, claimed, done, failed or abandoned; repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)] = 200,
    as_json: AsJson = False,
) -> None:
    """List calls to outside systems, newest first."""
    _list_effects(state or ["due", "claimed", "done", "failed", "abandoned"], limit, as_json=as_json)


@effects.command("preview", epilog="Example: soms effects preview")
def effects_preview(
    limit: Annotated[int, typer.Option(help="At most so many.")] = 200, as_json: AsJson = False
) -> None:
    """List what the next run would do outside, before it does it."""
    _list_effects(["due", "claimed"], limit, as_json=as_json)


@effects.command("retry", epilog="Example: soms effects retry 31 32")
def effects_retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of refused calls.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All refused calls, e.g. after wrong credentials.")] = False,
) -> int:
    """Make refused calls due again; what had been done outside is found there first and adopted."""
    if bool(numbers) == everything:
        raise WrongUse("Name the calls, or say --all, and not both.")
    with Database.current().audited(_person()) as (connection, trail):
        numbers = numbers or effect_desk.failed_ids(connection)
        done = effect_desk.retry(connection, trail, numbers, by=getpass.getuser())
    return _told("made due again", numbers, done, "The next run makes them.")


def _list_effects(states: Sequence[str], limit: int, *, as_json: bool) -> None:
    unknown = sorted(set(states) - {"due", "claimed", "done", "failed", "abandoned"})
    if unknown:
        raise WrongUse(f"There is no state '{unknown[0]}': due, claimed, done, failed or abandoned.")
    with Database.current().connect() as connection:
        rows = effect_desk.listing(connection, states=states, limit=limit)
    if as_json:
        _print_json(rows)
        return
    table = _table("id", "state", "call", "tries", "answer or error")
    for row in rows:  # the call's name says which system it goes to
        answer = row["last_error"] or (json.loads(row["answer"])["reference"] if row["answer"] else "")
        table.add_row(str(row["id"]), row["state"], row["business_key"], str(row["attempts"]), answer)
    _show(table, f"{_count(rows, limit, 'call')}.")


def _told(verb: str, asked: Sequence[int], done: Sequence[int], then: str) -> int:
    missing = sorted(set(asked) - set(done))
    if done:
        typer.echo(f"{len(done)} {verb}. {then}")
    if missing:
        typer.echo(f"Not {verb}: {', '.join(map(str, missing))} (unknown, or not in a state for it).", err=True)
    return 1 if missing else 0


def _table(*columns: str) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - only for people

    table = Table(box=None, pad_edge=False)
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True)
    table.add_column(columns[-1], overflow="fold")
    return table


def _count(rows: Sequence[Any], limit: int, noun: str) -> str:
    named = f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"
    return f"The newest {named} (more with --limit)" if len(rows) == limit else named


def _show(table: "Table", closing: str) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for people

    Console(markup=False, highlight=False, emoji=False).print(table)  # what came from outside is text, never markup
    typer.echo(closing)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, default=str, ensure_ascii=False))


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return "".join(
            letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in body
        )
