"""`soms stock feeds`: how every stock feed stands, for people and for whoever watches SOMS from outside."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from blocks.database import stock_rules
from blocks.database.engine import Database


def feeds(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of sentences.")] = False,
) -> int:
    """Say when each stock feed was delivered last. Exit code 1 when one has missed an interval.

    It looks for itself, so that it tells the truth where no worker runs that could raise the alarm.
    """
    from tasks.stock_feed.records import gone_by_now  # noqa: PLC0415 - help is quick
    from tasks.stock_feed.reporting import standing  # noqa: PLC0415

    now = datetime.now(UTC)
    with Database.current().connect() as connection:
        rules = stock_rules.in_force(connection)
        found = standing(connection, rules)
        missed = {row["feed"]: gone_by_now(connection, rules, row["feed"], now) for row in found}
    if as_json:
        typer.echo(json.dumps([{**row, "missed": missed[row["feed"]]} for row in found], default=str))
    elif not found:
        typer.echo("No stock feed is declared: `soms stock rules fields` says how.")
    else:
        for row in found:
            typer.echo(_sentence(row, missed[row["feed"]]))
    return 1 if any(missed.values()) else 0


def _sentence(row: dict[str, object], missed: int) -> str:
    at = row["delivered_at"]
    told = f"last delivered {at:%Y-%m-%d %H:%M} UTC, {row['rows']} articles" if at else "never delivered yet"
    late = f"; MISSED {missed} of its intervals" if missed else ""
    return f"{row['feed']}: {told}{late}" + (f"; {row['last_error']}" if row["last_error"] else "")
