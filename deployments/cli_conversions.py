"""`soms conversions`: invoices read from files that wait for a person; shown, corrected, released, rejected."""

from pathlib import Path
from typing import Annotated

import typer

from blocks.database import conversions as records
from blocks.database import supplier_layouts
from blocks.database.engine import Database
from blocks.documents.base import plain_decimal
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table, told

app = typer.Typer()
conversions = typer.Typer(help="Invoices read from files: what waits, and what became of it.", no_args_is_help=True)
app.add_typer(conversions, name="conversions")

OUTCOMES = ("proven", "review", "unreadable", "released", "rejected")
NEXT = "The next EDI conversion delivers them."
Number = Annotated[int, typer.Argument(help="Number of the conversion, as `soms conversions list` shows it.")]
Numbers = Annotated[list[int], typer.Argument(help="Numbers of the conversions.")]
Correction = Annotated[int, typer.Argument(help="Number of the correction, as `show` names it.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]


@conversions.command("list", epilog="Example: soms conversions list --outcome review")
def conversions_list(
    outcome: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(OUTCOMES)}; repeatable. Without it: what waits.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source, e.g. invoice-folder/suppliers.")] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List conversions, newest first, with the reasons why they wait."""
    outcomes = outcome or list(records.WAITING)
    unknown = sorted(set(outcomes) - set(OUTCOMES))
    if unknown:
        raise WrongUse(f"There is no outcome '{unknown[0]}': {', '.join(OUTCOMES)}.")
    with Database.current().connect() as connection:
        rows = records.listing(connection, outcomes=outcomes, source=source, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "outcome", "number", "gross", "file", "why")
    for row in rows:
        gross = f"{plain_decimal(row['gross'])} {row['currency']}" if row["gross"] is not None else ""
        words = (row["outcome"], row["number"], gross, row["file_name"], " ".join(row["reasons"]))
        lines.add_row(str(row["id"]), *(plain(word) for word in words))
    show(lines, f"{counted(rows, limit, 'conversion')}.")


@conversions.command("show", epilog="Example: soms conversions show 12 --pages pages")
def conversions_show(
    number: Number,
    pages: Annotated[Path | None, typer.Option(help="Folder for pictures of the pages, the values boxed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was read, where each value stands, what speaks against it, and its corrections."""
    from tasks.edi_conversion import desk, desk_page, review  # noqa: PLC0415 - what only this command needs

    with Database.current().connect() as connection:
        look = review.look(connection, number)
    values = desk_page.values_of(look.now)
    if as_json:
        row = {name: look.row[name] for name in ("id", "source", "file_name", "sha256", "outcome", "reasons")}
        told = {"objections": look.objections, "remarks": look.remarks}
        print_json({**row, "values": values, "provenance": look.row["provenance"], **told})
    else:
        _show(look.row, values, look.objections, look.corrections)
        for remark in look.remarks:
            typer.echo(plain(f"To know: {remark}"))
    if pages is not None:
        drawn, unseen = desk.pictures(Database.current(), look)
        pages.mkdir(parents=True, exist_ok=True)
        for each in drawn:
            (pages / f"conversion-{number}-page-{each.page}.jpg").write_bytes(each.image)
        typer.echo(unseen or f"{len(drawn)} pages are in {pages}.", err=as_json)


def _show(
    row: dict[str, object], values: dict[str, str], objections: tuple[str, ...], corrections: list[dict[str, object]]
) -> None:
    from blocks.documents.invoice_corrections import shown_place  # noqa: PLC0415 - as above

    typer.echo(plain(f"Conversion {row['id']}: {row['file_name']}, {row['outcome']}, from {row['source']}"))
    reasons, provenance = row["reasons"], row["provenance"]
    assert isinstance(reasons, list)  # noqa: S101 - for the type checker
    assert isinstance(provenance, dict)  # noqa: S101 - as above
    for reason in dict.fromkeys([*reasons, *objections]):
        typer.echo(plain(f"- {reason}"))
    places = {shown_place(path): place for path, place in provenance.items()}
    lines = table("field", "page", "value")
    for path, value in values.items():
        lines.add_row(plain(path), str(places[path]["page"]) if path in places else "", plain(value))
    for made in corrections:
        touched = ", ".join(change.place for change in made["changes"])  # type: ignore[attr-defined]  # of documents
        lines.add_row(f"correction {made['id']}", "", plain(f"{made['state']}: {touched}, by {made['by']}"))
    show(lines, f"{len(values)} values.")


@conversions.command("correct", epilog='Example: soms conversions correct 12 --set totals.gross=119.00 --reason "typo"')
def conversions_correct(
    number: Number,
    changes: Annotated[
        list[str], typer.Option("--set", help="place=value, e.g. lines[2].net=20.00 for the second line; repeatable.")
    ],
    reason: Reason,
) -> int:
    """Correct what was read; the file stays as it came. What touches money needs a second person."""
    from tasks.edi_conversion import review  # noqa: PLC0415 - as above

    with Database.current().audited(desk_actor()) as (connection, trail):
        made = review.correct(connection, trail, number=number, lines=changes, by=at_this_terminal(), reason=reason)
    waits = ": it touches money, so somebody else must approve it" if made.waits else ""
    typer.echo(f"Correction {made.correction} of conversion {number} is kept{waits}.")
    for text in made.objections:
        typer.echo(plain(text), err=True)
    return 0


@conversions.command("approve", epilog='Example: soms conversions approve 5 --reason "as printed"')
def conversions_approve(correction: Correction, reason: Reason) -> None:
    """Approve a correction that somebody else has made."""
    _decide(correction, reason, approve=True)


@conversions.command("decline", epilog='Example: soms conversions decline 5 --reason "misread"')
def conversions_decline(correction: Correction, reason: Reason) -> None:
    """Decline a correction: it will never be made."""
    _decide(correction, reason, approve=False)


def _decide(correction: int, reason: str, *, approve: bool) -> None:
    from tasks.edi_conversion import review  # noqa: PLC0415 - as above

    with Database.current().audited(desk_actor()) as (connection, trail):
        decided = review.decide(
            connection, trail, correction=correction, approve=approve, by=at_this_terminal(), reason=reason
        )
    typer.echo(f"Correction {correction} of conversion {decided['conversion_id']} is {decided['state']}.")


@conversions.command("release", epilog='Example: soms conversions release 12 --reason "checked against the page"')
def conversions_release(
    numbers: Numbers,
    reason: Reason,
    remember: Annotated[bool, typer.Option(help="Make the supplier's next invoice of this layout surer.")] = True,
) -> int:
    """Confirm conversions as they stand; their arithmetic must close. They are delivered, each once."""
    from tasks.edi_conversion import desk, review  # noqa: PLC0415 - as above

    database, by = Database.current(), at_this_terminal()
    done, not_done = [], {}
    for number in dict.fromkeys(numbers):
        try:
            with database.audited(desk_actor()) as (connection, trail):
                review.release(connection, trail, number=number, by=by, reason=reason)
        except WrongUse as error:
            not_done[number] = str(error)
            continue
        done.append(number)
        if remember and (learnt := desk.remember(database, desk_actor(), number, by=by)):
            typer.echo(learnt)
    return told("released", done, not_done, NEXT)


@conversions.command("reject", epilog='Example: soms conversions reject 12 --reason "not ours"')
def conversions_reject(numbers: Numbers, reason: Reason) -> int:
    """Close conversions for good; they are delivered nowhere."""
    from tasks.edi_conversion import review  # noqa: PLC0415 - as above

    done, not_done = [], {}
    for number in dict.fromkeys(numbers):
        try:
            with Database.current().audited(desk_actor()) as (connection, trail):
                review.reject(connection, trail, number=number, by=at_this_terminal(), reason=reason)
            done.append(number)
        except WrongUse as error:
            not_done[number] = str(error)
    return told("rejected", done, not_done, "They are delivered nowhere.")


@conversions.command("layouts", epilog="Example: soms conversions layouts --json")
def conversions_layouts(limit: Limit = 200, as_json: AsJson = False) -> None:
    """List what is remembered of suppliers' layouts, newest first."""
    with Database.current().connect() as connection:
        rows = supplier_layouts.listing(connection, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("no.", "layout", "version", "from", "by", "supplier")
    for row in rows:
        version = f"{row['version']}{' (withdrawn)' if row['withdrawn'] else ''}"
        words = (row["layout"], version, str(row["conversion_id"] or ""), row["by"], row["supplier"])
        lines.add_row(str(row["id"]), *(plain(word) for word in words))
    show(lines, f"{counted(rows, limit, 'layout')}.")


@conversions.command("withdraw", epilog='Example: soms conversions withdraw 3 --reason "they changed their paper"')
def conversions_withdraw(
    layout: Annotated[int, typer.Argument(help="Number of the layout, as `layouts` shows it.")], reason: Reason
) -> None:
    """Forget a layout: the supplier's next invoice is read as if it were the first."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        supplier_layouts.withdraw(connection, trail, number=layout, by=at_this_terminal(), reason=reason)
    typer.echo(f"Layout {layout} is withdrawn; its versions stay to be read.")
