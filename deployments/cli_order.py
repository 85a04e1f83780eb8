"""`soms order`: what happened to one order."""

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from blocks.database.engine import Database
from blocks.errors import WrongUse
from deployments.schedules import ZONE
from deployments.terminal import AsJson, plain, print_json

if TYPE_CHECKING:
    from tasks.order_story.story import Entry

app = typer.Typer()
order = typer.Typer(help="One order: its whole story.", no_args_is_help=True)
app.add_typer(order, name="order")


@order.callback()
def _keep_the_group() -> None:
    """Tell about orders."""


@order.command("show", epilog="Example: soms order show BERLIN-4711")
def order_show(
    name: Annotated[str, typer.Argument(help="Its number, the shop's or the ERP's id, or BERLIN-4711.")],
    zone: Annotated[str, typer.Option(help="The merchant's time zone, shown beside UTC.")] = ZONE,
    as_json: AsJson = False,
) -> int:
    """Tell all that happened to one order, in time order, each with who did it; exit code 1 when there is a gap."""
    from tasks.order_story.records import story  # noqa: PLC0415 - help stays quick
    from tasks.order_story.story import local, utc  # noqa: PLC0415

    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongUse(f"There is no time zone '{zone}': write it as Europe/Berlin.") from error
    with Database.current().connect() as connection:
        found = story(connection, name)
    if as_json:
        print_json(found.as_data())
        return 1 if found.gaps else 0
    for entry in found.entries:
        typer.echo(f"{utc(entry.at)} UTC  {local(entry.at, clock)}  {plain(_who(entry))}\n    {plain(_what(entry))}")
    typer.echo(plain(found.sentence()))
    for gap in found.gaps:
        typer.echo(f"GAP {gap.place}: {gap.text}")
    return 1 if found.gaps else 0


def _who(entry: "Entry") -> str:
    run = f" run {entry.run[:8]}" if entry.run else ""
    return f"{entry.who} {entry.process}{run}".strip()


def _what(entry: "Entry") -> str:
    return f"{entry.ref}: {entry.text}" + (f" [{entry.note}]" if entry.note else "")
