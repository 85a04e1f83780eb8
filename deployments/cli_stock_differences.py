"""`soms stock differences`: what systems did not agree on, why, and whether replaying the history proves it."""

from typing import Annotated

import typer

from blocks.database.engine import Database
from deployments.terminal import AsJson, Limit, counted, plain, print_json, show, table
from tasks.inventory_reconciliation import records
from tasks.inventory_reconciliation.replaying import replay
from tasks.inventory_reconciliation.wording import because


def differences(
    sku: Annotated[str | None, typer.Argument(help="Only this article.")] = None,
    comparison: Annotated[int | None, typer.Option(help="Only those of this comparison.", min=1)] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> int:
    """List differences with their causes, newest first, and replay each proof. Exit code 1 when one does not hold."""
    with Database.current().connect() as connection:
        rows = records.differences(connection, number=comparison, sku=sku, limit=limit)
    for row in rows:
        row["proved"] = replay(row["proof"], expected=row["expected"], found=row["found"])
    if as_json:
        print_json(rows)
    else:
        shown = table("comparison", "at (UTC)", "article", "where", "should be", "is", "cause", "outcome", "found by")
        for row in rows:
            what = because(row["cause"], row["proof"]) + ("" if row["proved"] else " (not proved)")
            where = row["warehouse"] or row["system"]
            shown.add_row(
                str(row["reconciliation_id"]), f"{row['at']:%Y-%m-%d %H:%M}", plain(row["sku"]), plain(where),
                row["expected"], row["found"], row["cause"], row["outcome"], plain(what),
            )  # fmt: skip
        show(shown, counted(rows, limit, "difference"))
    return 1 if any(not row["proved"] and row["cause"] != "unknown" for row in rows) else 0
