"""`soms quarantine`: the analyst's desk."""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blocks.database import corrections as correction_desk
from blocks.database import quarantine as records
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, readable, show, table, told

if TYPE_CHECKING:
    from blocks.systems.sources import OrderSource
    from tasks.quarantine_desk.desk import Look

app = typer.Typer()
quarantine = typer.Typer(
    help="Records that were put aside: look at them, correct them, let them be judged again, or reject them.",
    no_args_is_help=True,
)
app.add_typer(quarantine, name="quarantine")

Record = Annotated[int, typer.Argument(help="Number of the record.")]
Records = Annotated[list[int] | None, typer.Argument(help="Numbers of the records.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]
AGAIN = "The next order intake judges them again."


def sources() -> "Any":
    """Return what loads a source by its name, each once; connects to Prefect, whose blocks hold the connections."""
    from blocks.systems.registry import load_system  # noqa: PLC0415 - imports Prefect
    from deployments.cli_run import connect_to_prefect  # noqa: PLC0415

    @cache
    def load(name: str) -> "OrderSource":
        connect_to_prefect()
        found: OrderSource = load_system(name)
        return found

    return load


@quarantine.command("list", epilog="Example: soms quarantine list --source smartstore-shop/berlin")
def quarantine_list(
    source: Annotated[str | None, typer.Option(help="Only records of this source.")] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List the records that wait, newest first, with their first reason."""
    with Database.current().connect() as connection:
        rows = records.waiting(connection, source=source, limit=limit)
        waiting = correction_desk.undecided(connection, [row["id"] for row in rows])
    if as_json:
        print_json([{**row, "corrections_to_approve": waiting.get(row["id"], [])} for row in rows])
        return
    lines = table("id", "order", "since (UTC)", "rule", "first reason")
    for row in rows:
        first, others = row["faults"][0], len(row["faults"]) - 1
        reason = first["text"] + (f" (+{others} more)" if others else "")
        if row["id"] in waiting:
            reason += f" Correction {', '.join(map(str, waiting[row['id']]))} waits for a second person."
        where = row["external_id"] if source else f"{row['external_id']} {row['source'].partition('/')[2]}"
        lines.add_row(str(row["id"]), where, f"{row['opened_at']:%m-%d %H:%M}", first["rule"], reason)
    show(lines, f"{counted(rows, limit, 'record')} put aside. All about one: soms quarantine show <id>")


@quarantine.command("show", epilog="Example: soms quarantine show 12")
def quarantine_show(record: Record, as_json: AsJson = False) -> None:
    """Show one record: every reason with its remedy, its corrections, the order as read, and the bytes as they came."""
    from tasks.quarantine_desk.desk import look  # noqa: PLC0415 - imports Prefect

    with Database.current().connect() as connection:
        seen = look(connection, sources(), record)
    if as_json:
        print_json(_as_data(seen))
    else:
        _tell(seen)


def _as_data(seen: "Look") -> dict[str, Any]:
    body = bytes(seen.record["body"]).decode("utf-8", "replace")
    order = seen.reading.order.model_dump(mode="json") if seen.reading.order else None
    made = [{**each, "changes": [change.model_dump() for change in each["changes"]]} for each in seen.corrections]
    also = {"parsed": order, "problem": seen.reading.problem, "corrections": made, "file_rows": seen.file_rows}
    return {**seen.record, "body": body, **also}


def _tell(seen: "Look") -> None:
    row = seen.record
    typer.echo(f"Record {row['id']}: {row['kind']} {plain(row['external_id'])} of {row['source']}, {row['state']}")
    typer.echo(f"received {row['received_at']:%Y-%m-%d %H:%M:%S} UTC, sha256 {row['content_hash']}")
    for place in seen.file_rows:
        typer.echo(f"from {plain(place['file'])}, rows {place['first_row']} to {place['last_row']}")
    typer.echo("")
    for fault in row["faults"]:
        typer.echo(f"{fault['rule']} (version {fault['version']}) at {fault['place']}")
        typer.echo(f"  {fault['text']}\n  Remedy: {fault['remedy']}\n")
    for each in seen.corrections:
        decided = f", by {each['approved_by']}" if each["approved_by"] not in {None, each["by"]} else ""
        typer.echo(f"Correction {each['id']} by {each['by']}: {each['state']}{decided} ({plain(each['reason'])})")
        for change in each["changes"]:
            typer.echo(plain(f"  {change.place}: {_value(change.before)} -> {_value(change.value)}"))
    typer.echo("\nThe order as it reads now, corrections included:")
    order = seen.reading.order
    typer.echo(plain(order.model_dump_json(indent=2)) if order else plain(seen.reading.problem))
    typer.echo("\nThe bytes as they came:")
    typer.echo(readable(bytes(row["body"]).decode("utf-8", "replace")))


def _value(value: Any) -> str:
    return "nothing" if value is None else str(value)


@quarantine.command(
    "correct", epilog='Example: soms quarantine correct 12 shipping_address.postal_code=10115 --reason "typing error"'
)
def quarantine_correct(
    record: Record,
    reason: Reason,
    lines: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLACE=VALUE", help="What is to stand where, e.g. lines[2].sku=LAMP for the second line."
        ),
    ] = None,
    raw: Annotated[
        list[str] | None,
        typer.Option("--raw", help="For a record that cannot be read: POINTER=VALUE (RFC 6901) into its JSON."),
    ] = None,
    then_release: Annotated[
        bool, typer.Option("--release", help="Let it be judged again at once, unless a second person must approve.")
    ] = False,
) -> int:
    """Correct a record by a patch; the bytes as they came never change. What touches money needs a second person."""
    from tasks.quarantine_desk import desk  # noqa: PLC0415 - imports Prefect

    if bool(lines) == bool(raw):
        raise WrongUse("Give lines of PLACE=VALUE for the order as read, or --raw for the bytes, and not both.")
    person = at_this_terminal()
    with Database.current().audited(desk_actor()) as (connection, trail):
        made = desk.correct(
            connection, trail, sources(), record_id=record, lines=lines or raw or [], raw=bool(raw), by=person,
            reason=reason,
        )  # fmt: skip
        released = then_release and not made.waits
        if released:
            desk.release(connection, trail, record_ids=[record], by=person, reason=reason)
    for change in made.changes:
        typer.echo(plain(f"{change.place}: {_value(change.before)} -> {_value(change.value)}"))
    typer.echo(correction_sentence(made.correction, waits=made.waits, record=record, released=released))
    if made.still_unreadable:
        typer.echo(f"The record cannot be read even so: {plain(made.still_unreadable)}", err=True)
    return 0


def correction_sentence(correction: int, *, waits: bool, record: int, released: bool) -> str:
    """Return what is to be done next about a correction."""
    if waits:
        return (
            f"Correction {correction} touches money: somebody else must approve it with `soms quarantine approve"
            f" {correction}`."
        )
    if released:
        return f"Correction {correction} is kept and record {record} released. {AGAIN}"
    return f'Correction {correction} is kept. `soms quarantine release {record} --reason "…"` lets it be judged again.'


@quarantine.command("approve", epilog='Example: soms quarantine approve 5 --reason "price list of May" --release')
def quarantine_approve(
    correction: Annotated[int, typer.Argument(help="Number of the correction, as `show` names it.")],
    reason: Reason,
    then_release: Annotated[
        bool, typer.Option("--release", help="Let the record be judged again when nothing else waits for approval.")
    ] = False,
) -> int:
    """Approve a correction that somebody else has made."""
    from tasks.quarantine_desk import desk  # noqa: PLC0415 - imports Prefect

    person = at_this_terminal()
    not_done: dict[int, str] = {}
    with Database.current().audited(desk_actor()) as (connection, trail):
        decided = correction_desk.decide(
            connection, trail, correction=correction, approve=True, by=person, reason=reason
        )
        record = int(decided["quarantine_id"])
        if then_release:
            _, not_done = desk.release(connection, trail, record_ids=[record], by=person, reason=reason)
    typer.echo(correction_sentence(correction, waits=False, record=record, released=then_release and not not_done))
    return told("released", [], not_done, AGAIN)


@quarantine.command("decline", epilog='Example: soms quarantine decline 5 --reason "the shop is right"')
def quarantine_decline(
    correction: Annotated[int, typer.Argument(help="Number of the correction, as `show` names it.")], reason: Reason
) -> None:
    """Decline a correction: it will never be made."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        person = at_this_terminal()
        correction_desk.decide(connection, trail, correction=correction, approve=False, by=person, reason=reason)
    typer.echo(f"Correction {correction} is declined.")


@quarantine.command("release", epilog='Example: soms quarantine release 12 --reason "payment method mapped"')
def quarantine_release(
    reason: Annotated[str, typer.Option(help="Why it may be judged again; goes into the audit trail.")],
    numbers: Records = None,
    rule: Annotated[str | None, typer.Option(help="All open records with this rule, e.g. ORD-DQ-03.")] = None,
) -> int:
    """Let records be judged again by the next run of their process, from their bytes and approved corrections."""
    from tasks.quarantine_desk import desk  # noqa: PLC0415 - imports Prefect

    if bool(numbers) == bool(rule):
        raise WrongUse("Name the records, or one --rule, and not both.")
    with Database.current().audited(desk_actor()) as (connection, trail):
        numbers = numbers or records.open_with(connection, str(rule))
        if not numbers:
            raise WrongUse(f"No open record has the rule {rule}: `soms quarantine list` shows what waits.")
        done, not_done = desk.release(connection, trail, record_ids=numbers, by=at_this_terminal(), reason=reason)
    return told("released", done, not_done, AGAIN)


@quarantine.command("reject", epilog='Example: soms quarantine reject 12 --reason "test order"')
def quarantine_reject(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of the records.")],
    reason: Reason,
    answer: Annotated[bool, typer.Option(help="Tell whoever sent it that it was not accepted, by mail.")] = True,
) -> int:
    """Close records for good; whoever sent them is told which rule was broken, by mail or in their file's result."""
    from deployments.cli_run import connect_to_prefect  # noqa: PLC0415
    from tasks.order_intake.answering import by_mail  # noqa: PLC0415 - imports Prefect
    from tasks.quarantine_desk import desk  # noqa: PLC0415

    load = sources()
    if answer:
        connect_to_prefect()
    with Database.current().audited(desk_actor()) as (connection, trail):
        outcome = desk.reject(
            connection, trail, load, record_ids=numbers, by=at_this_terminal(), reason=reason,
            answering=by_mail(connection) if answer else None,
        )  # fmt: skip
    mails = "1 mail is" if outcome.answers == 1 else f"{outcome.answers} mails are"
    return told("rejected", outcome.records, outcome.not_done, f"{mails} due; the next order intake sends them.")


@quarantine.command("learn", epilog='Example: soms quarantine learn 12 --reason "their name for the lamp"')
def quarantine_learn(
    record: Record,
    reason: Annotated[str, typer.Option(help="Why; activates the rules. Without it, they are only shown.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> int:
    """Show the mapping that a record's approved corrections teach, and make it a rule for every later order."""
    from tasks.order_intake.lesson_records import learn, propose  # noqa: PLC0415 - imports Prefect

    load = sources()
    with Database.current().connect() as connection:
        proposal = propose(connection, load, record)
    for lesson in proposal.lessons:
        typer.echo(plain(lesson.sentence(proposal.channel)))
    if proposal.changes_nothing:
        typer.echo("The rules in force say so already.")
        return 0
    if not reason:
        typer.echo(f'With --reason "…" this becomes a rule:\n\n{plain(proposal.new_text)}')
        return 0
    if not (yes or typer.confirm("Take this for every order of the channel from now on?")):
        typer.echo("Nothing was changed.")
        return 1
    with Database.current().audited(desk_actor()) as (connection, trail):
        _, version = learn(connection, trail, load, record, by=at_this_terminal(), reason=reason)
    typer.echo(f"Version {version} of the order rules is in force.")
    return 0
