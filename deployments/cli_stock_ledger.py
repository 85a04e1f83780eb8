"""`soms stock check` and `soms stock history`: whether stock obeys its laws, and what happened to an article."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from blocks.database.engine import Database
from blocks.errors import WrongUse
from deployments.schedules import ZONE
from deployments.terminal import AsJson, Limit, plain, print_json


def check(as_json: AsJson = False) -> int:
    """Prove that the ledger adds up to what is on hand and reserved; exit code 1 when it does not."""
    from blocks.database.stock_laws import prove_stock  # noqa: PLC0415 - help stays quick

    with Database.current().connect() as connection:
        proof = prove_stock(connection)
    if as_json:
        print_json(asdict(proof))
    else:
        for finding in proof.findings:
            typer.echo(plain(f"{finding.law} {finding.place}: {finding.text}"))
        typer.echo(proof.sentence())
    return 1 if proof.findings else 0


def history(
    sku: Annotated[str, typer.Argument(help="The article.")],
    *,
    warehouse: Annotated[str | None, typer.Option(help="One warehouse by its code; without it, all.")] = None,
    limit: Limit = 200,
    zone: Annotated[str, typer.Option(help="The merchant's time zone, shown beside UTC.")] = ZONE,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw it into this SVG file; with several warehouses, name one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell everything that happened to the stock of an article, oldest first."""
    from tasks.stock_history.picture import svg  # noqa: PLC0415 - help stays quick
    from tasks.stock_history.records import history as read  # noqa: PLC0415

    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongUse(f"There is no time zone '{zone}': write it as Europe/Berlin.") from error
    with Database.current().connect() as connection:
        found = read(connection, sku, warehouse=warehouse, limit=limit)
    if picture is not None:
        if len(found.warehouses) != 1:
            known = ", ".join(found.warehouses) or "none"
            raise WrongUse(f"A picture shows one warehouse: choose it by --warehouse. There is: {known}.")
        picture.write_text(svg(found.happenings, clock), encoding="utf-8")
    if as_json:
        print_json(asdict(found))
        return
    for each in found.happenings:
        when = f"{each.at:%Y-%m-%d %H:%M:%S} UTC  {each.at.astimezone(clock):%d.%m. %H:%M}"
        typer.echo(plain(f"{when}  {each.warehouse}  {each.source}: {each.sentence()}"))
    typer.echo(plain(found.sentence()))
