"""`soms purchases`: what should be bought and why; approved, declined."""

import json
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from blocks.database import stock_rules
from blocks.database.engine import Database
from blocks.documents.base import plain_decimal
from blocks.errors import WrongUse
from blocks.people import at_this_terminal, desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table, told
from tasks.replenishment import deciding

app = typer.Typer()
purchases = typer.Typer(help="What should be bought, why, and what became of it.", no_args_is_help=True)
app.add_typer(purchases, name="purchases")

Numbers = Annotated[list[int], typer.Argument(help="Numbers of proposals, as `soms purchases list` shows them.")]
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]


@purchases.command("list", epilog="Example: soms purchases list --state ordered")
def purchases_list(
    state: Annotated[
        list[str] | None,
        typer.Option(help="proposed, approved, declined, ordered or outdated; repeatable. Without it: what is open."),
    ] = None,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List proposals, newest first, with the figures they were made from."""
    states = state or ["proposed", "approved"]
    unknown = sorted(set(states) - set(deciding.STATES))
    if unknown:
        raise WrongUse(f"There is no state '{unknown[0]}': {', '.join(deciding.STATES)}.")
    with Database.current().connect() as connection:
        rows = deciding.listing(connection, states=states, limit=limit)
    if as_json:
        print_json([{**row, "why": json.loads(row["why"])} for row in rows])
        return
    lines = table("id", "state", "article", "for", "buy", "lasts to", "why, or number in the ERP")
    for row in rows:
        words = (row["state"], row["sku"], row["warehouse"], plain_decimal(row["quantity"]), row["needed_on"])
        lines.add_row(
            str(row["id"]), *(plain(str(word)) for word in words), plain(row["erp_number"] or _why(row["why"]))
        )
    show(lines, f"{counted(rows, limit, 'proposal')}.")


def _why(figures: str) -> str:
    why = json.loads(figures)
    if "point" not in why:
        return ""
    return f"{why['position']} there and on its way, reorder point {why['point']} ({why['low']} to {why['high']})"


@purchases.command("approve", epilog='Example: soms purchases approve 17 --reason "before Christmas" --quantity 24')
def approve(
    numbers: Numbers,
    reason: Reason,
    quantity: Annotated[str | None, typer.Option(help="Other pieces than proposed; of one proposal.")] = None,
) -> int:
    """Have the ERP asked to buy, once for each; the next run of replenishment, or the purchase desk, does it."""
    pieces = _pieces(quantity)
    with Database.current().audited(desk_actor()) as (connection, trail):
        system = stock_rules.in_force(connection).replenishment.erp
        numbers, by = list(dict.fromkeys(numbers)), at_this_terminal()
        done = deciding.approve(connection, trail, numbers, system=system, by=by, reason=reason, quantity=pieces)
        not_done = deciding.why_not(connection, [each for each in numbers if each not in done], wanted="approved")
    return told("approved", done, not_done, f"The next run orders them in {system}.")


@purchases.command("decline", epilog='Example: soms purchases decline 17 --reason "phased out"')
def decline(numbers: Numbers, reason: Reason) -> int:
    """Do not buy; it is not proposed again for some days (`soms stock rules show`: ask_again_days)."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        numbers = list(dict.fromkeys(numbers))
        done = deciding.decline(connection, trail, numbers, by=at_this_terminal(), reason=reason)
        not_done = deciding.why_not(connection, [each for each in numbers if each not in done], wanted="declined")
    return told("declined", done, not_done, "The ERP is not asked.")


def _pieces(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        pieces = Decimal(text)
    except InvalidOperation:
        pieces = Decimal(0)
    if not pieces.is_finite() or not 0 < pieces < Decimal(10) ** 10 or pieces != round(pieces, 4):
        raise WrongUse(f"'{text}' is no quantity: pieces above 0, up to 4 places, e.g. 24.")
    return pieces
