"""`soms listings`: what a shop is to show of articles, and what people have decided to hide."""

from typing import Annotated

import typer

from blocks.database import listing_answers, listings
from blocks.database.engine import Connection, Database
from blocks.documents.base import plain_decimal
from blocks.errors import WrongUse
from blocks.people import desk_actor
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table
from tasks.shop_listing import records

app = typer.Typer()
listed = typer.Typer(help="Listings: what a shop is to show, and who hides what.", no_args_is_help=True)
app.add_typer(listed, name="listings")

Shop = Annotated[str, typer.Option(help="The shop: type and name of its block.")]
Skus = Annotated[list[str], typer.Argument(help="The articles.")]
Reason = Annotated[str, typer.Option(help="Why; it stays on record.")]
BERLIN = "smartstore-shop/berlin"


@listed.callback()
def about() -> None:
    """Listings: what a shop is to show, and who hides what."""


@listed.command("list", epilog="Example: soms listings list --hidden-by person")
def listings_list(
    hidden_by: Annotated[str | None, typer.Option(help="Only those hidden by 'soms' or by a 'person'.")] = None,
    shop: Shop = BERLIN,
    limit: Limit = 200,
    as_json: AsJson = False,
) -> None:
    """List what the shop is to show of articles, and who hides which and why."""
    if hidden_by not in (None, "soms", "person"):
        raise WrongUse(f"'{hidden_by}' hides nothing: say soms or person.")
    with Database.current().connect() as connection:
        rows = records.listed(connection, _channel(shop), hidden_by=hidden_by, limit=limit)
    if as_json:
        print_json(rows)
        return
    lines = table("article", "pieces", "shows", "hidden by", "why", "since")
    for row in rows:
        pieces = "" if row["quantity"] is None else plain_decimal(row["quantity"])
        since = f"{row['hidden_at']:%Y-%m-%d %H:%M}" if row["hidden_at"] else ""
        shows = "" if row["visible"] is None else "yes" if row["visible"] else "no"
        lines.add_row(plain(row["sku"]), pieces, shows, row["hidden_by"], plain(row["hidden_why"]), since)
    show(lines, f"{counted(rows, limit, 'listing')}.")


@listed.command("hide", epilog='Example: soms listings hide HOME-001 --reason "The photo is missing."')
def hide(skus: Skus, reason: Reason, shop: Shop = BERLIN) -> None:
    """Hide articles in the shop until they are released, whatever stock there is; the next run tells the shop."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        _known(connection, shop, skus, reason)
        listings.refresh(connection, trail, channel=_channel(shop), system=shop, skus=skus)
        noted = listing_answers.respect(connection, trail, _channel(shop), skus, why=reason, hide=True)
        listings.refresh(connection, trail, channel=_channel(shop), system=shop, skus=skus)
    typer.echo(f"{len(noted)} hidden." if noted else "A person hides them already.")


@listed.command("release", epilog='Example: soms listings release HOME-001 --reason "The photo is there."')
def release(skus: Skus, reason: Reason, shop: Shop = BERLIN) -> None:
    """Let SOMS show articles again that a person has hidden; the next run tells the shop."""
    with Database.current().audited(desk_actor()) as (connection, trail):
        _known(connection, shop, skus, reason)
        released = listing_answers.release(connection, trail, _channel(shop), skus, why=reason)
        listings.refresh(connection, trail, channel=_channel(shop), system=shop, skus=skus)
    typer.echo(f"{len(released)} released." if released else "No person hides them.")


def _channel(shop: str) -> str:
    return shop.partition("/")[2]


def _known(connection: Connection, shop: str, skus: list[str], reason: str) -> None:
    """See that there are such articles, so that a typing error is not taken for a decision.

    Raises:
        WrongUse: One is unknown, or no reason is given.
    """
    if not reason.strip():
        raise WrongUse("Say why: the reason stays on record.")
    unknown = records.unknown(connection, _channel(shop), skus)
    if unknown:
        raise WrongUse(f"{shop} has no article '{unknown[0]}': see `soms listings list` for those it has.")
