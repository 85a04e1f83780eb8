"""What invoice lines were held against: kept append-only, version by version, and what of orders they claim."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from blocks.database.invoice_corrections import SUPERSEDED

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_COLUMNS = (
    "line", "system", "order_line", "purchase", "receipt_line", "receipt", "quantity", "unit", "unit_price",
    "order_price", "deviation", "tolerance", "how", "why", "tolerances_version",
)  # fmt: skip
_NAMES = ", ".join(_COLUMNS)
_values = attrgetter(*_COLUMNS)
_CLAIMS = f"""
WITH claims AS MATERIALIZED (
  SELECT m.* FROM unnest(%s::text[], %s::text[]) AS said(system, line)
  JOIN invoice_match m ON m.system = said.system AND m.order_line = said.line AND m.order_line <> ''
), newest AS MATERIALIZED (
  SELECT invoice_id, max(version) AS version, min(id) AS since FROM invoice_match
  WHERE invoice_id = ANY(ARRAY(SELECT DISTINCT invoice_id FROM claims)) GROUP BY 1
)
SELECT c.system, c.order_line, c.invoice_id, r.number, c.receipt_line, c.quantity, n.since,
  r.state IN ('approved', 'posted', 'paid') AS settled
FROM claims c JOIN newest n USING (invoice_id, version)
JOIN received_invoice r ON r.id = c.invoice_id AND r.state <> 'rejected' AND NOT {SUPERSEDED.format("r")}
WHERE c.quantity <> 0
"""  # noqa: S608 - made of constants
"""Written so that no plan reads the table once for each row: it grows while statistics still say that it is empty."""


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One row of ``invoice_match``, without its invoice and version."""

    line: str
    system: str = ""
    order_line: str = ""
    purchase: str = ""
    receipt_line: str = ""
    receipt: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    order_price: Decimal | None = None
    deviation: Decimal | None = None
    tolerance: str = ""
    how: str = ""
    why: str | None = None
    tolerances_version: int = 0


def hold(connection: "Connection") -> None:
    """Wait until nobody else holds invoices against the supply; held until the transaction ends.

    Whether a receipt is billed already is asked and answered in one step.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('invoice_match', 6))")


def current(connection: "Connection", invoice_ids: Sequence[int]) -> dict[int, tuple[int, int, list[MatchRow]]]:
    """Return the newest version of each invoice's match, since when (its first row) it has one, and its rows."""
    rows = connection.execute(
        f"SELECT * FROM (SELECT invoice_id, version, id, {_NAMES}, max(version) OVER one AS newest,"  # noqa: S608 - ours
        " min(id) OVER one AS since FROM invoice_match WHERE invoice_id = ANY(%s)"
        " WINDOW one AS (PARTITION BY invoice_id)) m WHERE version = newest ORDER BY id",
        (list(invoice_ids),),
    )
    found: dict[int, tuple[int, int, list[MatchRow]]] = {}
    for row in rows:
        _, _, matches = found.setdefault(row["invoice_id"], (row["version"], row["since"], []))
        matches.append(MatchRow(**{name: row[name] for name in _COLUMNS}))
    return found


def claims_on(connection: "Connection", lines: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield what invoices that are not rejected bill of order lines, asked for by system and id."""
    if not lines:
        return
    systems, numbers = [system for system, _ in lines], [line for _, line in lines]
    yield from connection.execute(_CLAIMS, (systems, numbers))


def prepayments_of(connection: "Connection", purchases: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return what was asked for in advance for orders: ``system, purchase, invoice_id, number, net, gross``."""
    if not purchases:
        return []
    systems, numbers = [system for system, _ in purchases], [number for _, number in purchases]
    return connection.execute(
        "SELECT DISTINCT m.system, m.purchase, m.invoice_id, r.number, r.net, r.gross"  # noqa: S608 - constants
        " FROM unnest(%s::text[], %s::text[]) AS said(system, purchase)"
        " JOIN invoice_match m ON m.purchase = said.purchase AND m.system = said.system AND m.how = 'prepayment'"
        f" JOIN received_invoice r ON r.id = m.invoice_id AND r.state <> 'rejected' AND NOT {SUPERSEDED.format('r')}"
        " WHERE m.version = (SELECT max(version) FROM invoice_match x WHERE x.invoice_id = m.invoice_id)",
        (systems, numbers),
    ).fetchall()


def keep(connection: "Connection", trail: "Trail", matches: Mapping[int, Sequence[MatchRow]]) -> dict[int, int]:
    """Write each invoice's match as a new version where it is not the newest already; returns the versions written.

    The caller holds ``hold``.
    """
    known = current(connection, list(matches))
    fresh = {
        number: (known[number][0] + 1 if number in known else 1, rows)
        for number, rows in matches.items()
        if number not in known or not _same(known[number][2], rows)
    }
    if not fresh:
        return {}
    with connection.cursor().copy(f"COPY invoice_match (invoice_id, version, run_id, {_NAMES}) FROM STDIN") as copy:
        for number, (version, rows) in fresh.items():
            for row in rows:
                copy.write_row((number, version, trail.actor.run_id, *_values(row)))
    for number, (version, rows) in fresh.items():
        facts = {"version": version, "lines": len({row.line for row in rows})}
        trail.add("invoice.matched", f"received_invoice/{number}", [("invoice_match", number)], facts)
    return {number: version for number, (version, _) in fresh.items()}


def _same(one: Sequence[MatchRow], other: Sequence[MatchRow]) -> bool:
    return len(one) == len(other) and all(_values(mine) == _values(its) for mine, its in zip(one, other, strict=True))
