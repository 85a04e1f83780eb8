"""`soms stock`: what a cart can have now, and where every article stands."""

import json
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from blocks.database.engine import Database
from blocks.database.stock_position import locations, positions
from blocks.documents.base import plain_decimal
from blocks.errors import WrongUse
from deployments import cli_stock_differences, cli_stock_feeds, cli_stock_imports, cli_stock_ledger, cli_stock_rules
from tasks.order_intake.availability import CartLine, cart_availability

app = typer.Typer()
stock = typer.Typer(help="Stock: what can be promised.", no_args_is_help=True)
app.add_typer(stock, name="stock")
stock.add_typer(cli_stock_rules.rules, name="rules")
stock.command("check")(cli_stock_ledger.check)
stock.command("history", epilog="Example: soms stock history LAMP --warehouse EAST")(cli_stock_ledger.history)
stock.add_typer(cli_stock_imports.imports, name="imports")
stock.command("differences", epilog="Example: soms stock differences LAMP")(cli_stock_differences.differences)
stock.command("feeds", epilog="Example: soms stock feeds --json")(cli_stock_feeds.feeds)


@stock.callback()
def about() -> None:
    """Stock: what can be promised."""


@stock.command("available", epilog="Example: soms stock available LAMP=2 BOOK=1")
def available(
    cart: Annotated[list[str], typer.Argument(help="The cart's lines as SKU=pieces.")],
    channel: Annotated[str, typer.Option(help="The channel whose articles are asked for.")] = "berlin",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> int:
    """Say what a cart can have at this moment; asking reserves nothing. Exit code 1 when something is missing."""
    lines = [_line(text) for text in cart]
    with Database.current().connect() as connection:
        found = cart_availability(connection, channel, lines)
    if as_json:
        typer.echo(json.dumps([asdict(answer) for answer in found], default=str))
    else:
        for answer in found:
            typer.echo(f"{answer.sku}: {answer.sentence()}")
    return 1 if any(answer.free < answer.wanted for answer in found) else 0


@stock.command("position", epilog="Example: soms stock position LAMP BOOK")
def position(
    skus: Annotated[list[str], typer.Argument(help="The articles.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> None:
    """Say what lies in each warehouse, what of it is promised, kept back or free, and what is on its way."""
    with Database.current().connect() as connection:
        found = list(positions(connection, skus))
        places = list(locations(connection, skus))
    if as_json:
        told = {"positions": [asdict(at) | {"available": at.available} for at in found],
                "locations": [asdict(place) for place in places]}  # fmt: skip
        typer.echo(json.dumps(told, default=str))
        return
    for sku in skus:
        if not any(at.sku == sku for at in found):
            typer.echo(f"{sku}: nobody has ever counted it, and none is on its way.")
    for at in found:
        typer.echo(f"{at.sku} in {at.warehouse}: {at.sentence()}")
        for place in places:
            if (place.warehouse, place.sku) == (at.warehouse, at.sku):
                typer.echo(f"  {place.location}: {plain_decimal(place.on_hand)} by the ERP's last picture")


def _line(text: str) -> CartLine:
    sku, sign, quantity = text.rpartition("=")
    try:
        return CartLine(sku, Decimal(quantity)) if sign and sku else CartLine(text, Decimal(1))
    except InvalidOperation as error:
        raise WrongUse(f"'{text}' is no SKU=pieces, e.g. LAMP=2.") from error
