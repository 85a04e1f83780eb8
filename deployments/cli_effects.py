"""`soms effects`: the operator's desk for calls to outside systems."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from blocks.database import effects as desk
from blocks.database.effect_desk import abandon
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table, told
from tasks.effects_desk import records
from tasks.effects_desk.wording import in_words, when

app = typer.Typer()
effects = typer.Typer(help="Calls to outside systems: made, due, refused.", no_args_is_help=True)
app.add_typer(effects, name="effects")

STATES = ("due", "claimed", "done", "failed", "abandoned")
OneOrder = Annotated[
    str | None, typer.Option(help="Only calls for this order: its number, the shop's id, or BERLIN-4711.")
]


@effects.command("list", epilog="Example: soms effects list --state failed")
def effects_list(
    state: Annotated[
        list[str] | None, typer.Option(help="due, claimed, done, failed or abandoned; repeatable.")
    ] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List calls to outside systems, newest first."""
    states: Sequence[str] = state or STATES
    unknown = sorted(set(states) - set(STATES))
    if unknown:
        raise WrongUse(f"There is no state '{unknown[0]}': due, claimed, done, failed or abandoned.")
    with Database.current().connect() as connection:
        rows = desk.listing(connection, states=states, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("id", "state", "call", "tries", "answer or error")
    for row in rows:  # the call's name says which system it goes to
        answer = row["last_error"] or (json.loads(row["answer"])["reference"] if row["answer"] else "")
        lines.add_row(str(row["id"]), row["state"], row["business_key"], str(row["attempts"]), plain(answer))
    show(lines, f"{counted(rows, limit, 'call')}.")


@effects.command("preview", epilog="Example: soms effects preview --order BERLIN-4711")
def effects_preview(order: OneOrder = None, limit: Limit = 200, as_json: AsJson = False) -> None:
    """Say in words what the next run would do outside, before it does it, oldest first; it changes nothing."""
    with Database.current().connect() as connection:
        rows = records.ahead(connection, order=order, limit=limit)
    if as_json:
        print_json([{**row, "words": in_words(row)} for row in rows])
        return
    lines = table("id", "when", "what would be done")
    for row in rows:
        lines.add_row(str(row["id"]), when(row), plain(in_words(row)))
    show(lines, f"{counted(rows, limit, 'call')} would be made.")


@effects.command("retry", epilog="Example: soms effects retry 31 32")
def effects_retry(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of refused calls.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All refused calls, e.g. after wrong credentials.")] = False,
) -> int:
    """Make refused calls due again; what had been done outside is found there first and adopted."""
    if bool(numbers) == everything:
        raise WrongUse("Name the calls, or say --all, and not both.")
    with Database.current().audited(desk_actor()) as (connection, trail):
        numbers = numbers or desk.failed_ids(connection)
        done = desk.retry(connection, trail, numbers, by=at_this_terminal())
        not_done = records.why_not(connection, [each for each in numbers if each not in done], wanted="retried")
    return told("made due again", done, not_done, "The next run makes them.")


@effects.command("abandon", epilog='Example: soms effects abandon 31 --reason "sold by hand in the ERP"')
def effects_abandon(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of due or refused calls.")],
    reason: Annotated[str, typer.Option(help="Why it shall never be made; goes into the audit trail.")],
) -> int:
    """Give calls up for good; one that a worker has in hand is left alone."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        done = abandon(connection, trail, numbers, by=at_this_terminal(), reason=reason)
        not_done = records.why_not(connection, [each for each in numbers if each not in done], wanted="abandoned")
    return told("abandoned", done, not_done, "No run makes them any more.")
