"""Stopped pictures of stock as people see them: listed, looked into, released with a reason, or declined."""

import json
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Literal

from blocks.database import stock_alerts, stock_gate, stock_rules
from blocks.database.stock_ledger import Booked, book_levels
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

STATES = ("stopped", "released", "declined", "applied")
_COLUMNS = "id, source, name, rows, as_of, received_at, state, findings, decided_by, decided_at, reason"


def listing(
    connection: "Connection", *, states: tuple[str, ...] = ("stopped",), limit: int = 50
) -> list[dict[str, Any]]:
    """Return imports in these states, newest first, each with what the gate found wrong."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM stock_import WHERE state = ANY(%s) ORDER BY id DESC LIMIT %s",  # noqa: S608 - constant
        (list(states), limit),
    )
    return [{**row, "findings": json.loads(row["findings"])} for row in rows]


def one(connection: "Connection", number: int) -> dict[str, Any]:
    """Return one import as ``listing`` does.

    Raises:
        WrongUse: There is none of this number.
    """
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM stock_import WHERE id = %s",  # noqa: S608 - a constant
        (number,),
    ).fetchone()
    if row is None:
        raise WrongUse(f"There is no import {number}: `soms stock imports list --all` shows what there is.")
    return {**row, "findings": json.loads(row["findings"])}


_CHANGES = """
SELECT r.warehouse, r.sku, coalesce(s.on_hand, 0) AS known, r.on_hand AS picture FROM (
  SELECT warehouse, sku, sum(on_hand) AS on_hand FROM stock_import_row WHERE import_id = %s GROUP BY 1, 2
) r LEFT JOIN stock s ON s.warehouse = r.warehouse AND s.sku = r.sku
WHERE coalesce(s.on_hand, 0) <> r.on_hand
ORDER BY abs(coalesce(s.on_hand, 0) - r.on_hand) DESC, r.warehouse, r.sku LIMIT %s
"""


def changes(connection: "Connection", number: int, *, limit: int) -> list[dict[str, Any]]:
    """Return what a stopped picture would change now, the largest changes first."""
    return connection.execute(_CHANGES, (number, limit)).fetchall()


_LEVELS = SQL(
    "SELECT warehouse, sku, sum(on_hand) AS on_hand FROM stock_import_row"
    " WHERE import_id = {number} AND NOT warehouse = ANY({elsewhere}) GROUP BY 1, 2"
)


def release(connection: "Connection", trail: "Trail", number: int, *, by: str, reason: str) -> Booked:
    """Book a stopped picture as counts of the moment it shows; articles it does not name are left as they are.

    What moved after that moment, or was counted later, stands: the ledger sees to it.

    Raises:
        WrongUse: There is no such import, or it does not wait.
    """
    kept = _decide(connection, trail, number, state="released", by=by, reason=reason)
    counted_by = stock_rules.in_force(connection).counted_by
    elsewhere = [house for house, counter in counted_by.items() if counter != kept["source"]]
    levels = _LEVELS.format(number=Literal(number), elsewhere=Literal(elsewhere))
    booked = book_levels(
        connection, trail, source=kept["source"], levels=levels, as_of=kept["as_of"], document=f"import {number}"
    )
    connection.execute("DELETE FROM stock_import_row WHERE import_id = %s", (number,))
    return booked


def decline(connection: "Connection", trail: "Trail", number: int, *, by: str, reason: str) -> None:
    """Close a stopped picture; nothing of it is ever booked.

    Raises:
        WrongUse: There is no such import, or it does not wait.
    """
    _decide(connection, trail, number, state="declined", by=by, reason=reason)
    connection.execute("DELETE FROM stock_import_row WHERE import_id = %s", (number,))


def _decide(
    connection: "Connection", trail: "Trail", number: int, *, state: str, by: str, reason: str
) -> dict[str, Any]:
    row = connection.execute(
        "UPDATE stock_import SET state = %s, decided_by = %s, decided_at = clock_timestamp(), reason = %s"
        " WHERE id = %s AND state = 'stopped' RETURNING source, name, as_of",
        (state, by, reason, number),
    ).fetchone()
    if row is None:
        raise WrongUse(f"Import {number} does not wait: `soms stock imports list --all` shows what became of it.")
    facts = {"by": by, "reason": reason}
    trail.add(f"stock.import_{state}", f"stock_import/{number}", [("stock_import", number)], facts)
    stock_alerts.close_alerts(connection, trail, stock_gate.ALERT, [stock_gate.subject(row["source"], row["name"])])
    return row
