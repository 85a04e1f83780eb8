"""The laws of stock, proved: the ledger adds up to what is on hand, reservations to what is reserved, nothing is gone.

Sums alone cannot see that the only event of an article, or one that changed nothing, was deleted; the audit trail
knows of every row that was ever written, so both are asked.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.database.audit_rows import broken_rows
from blocks.documents.base import plain_decimal

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_FINDINGS = 100
TABLES = ("stock", "stock_event", "reservation")


@dataclass(frozen=True, slots=True)
class BrokenLaw:
    """One place where stock does not obey its laws.

    Attributes:
        law: ledger | reservations | orders | trail.
        place: Where, e.g. 'EAST:LAMP' or 'order 4711 of berlin'.
        text: What does not agree, in a whole sentence.
    """

    law: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class StockProof:
    """What was proved of stock, and what does not obey."""

    articles: int
    events: int
    reservations: int
    findings: tuple[BrokenLaw, ...]

    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        checked = f"{self.articles} articles in warehouses, {self.events} events, {self.reservations} reservations"
        if not self.findings:
            return f"Stock is in order: {checked}."
        more = " or more" if len(self.findings) >= MOST_FINDINGS else ""
        return f"Stock does not obey its laws in {len(self.findings)}{more} places ({checked})."


_COUNTS = """
SELECT (SELECT count(*) FROM stock) AS articles, (SELECT count(*) FROM stock_event) AS events,
  (SELECT count(*) FROM reservation) AS reservations
"""
_LEDGER = """
WITH ledger AS (SELECT warehouse, sku, sum(delta) AS events FROM stock_event GROUP BY 1, 2)
SELECT coalesce(l.warehouse, s.warehouse) || ':' || coalesce(l.sku, s.sku) AS place, l.events, s.on_hand
FROM ledger l LEFT JOIN stock s ON s.warehouse = l.warehouse AND s.sku = l.sku
WHERE s.on_hand IS DISTINCT FROM l.events ORDER BY 1 LIMIT %s
"""
_RESERVED = """
WITH ledger AS (SELECT warehouse, sku, sum(quantity) AS held FROM reservation GROUP BY 1, 2)
SELECT coalesce(l.warehouse, s.warehouse) || ':' || coalesce(l.sku, s.sku) AS place, coalesce(l.held, 0) AS held,
  coalesce(s.reserved, 0) AS reserved
FROM ledger l FULL JOIN stock s ON s.warehouse = l.warehouse AND s.sku = l.sku
WHERE coalesce(s.reserved, 0) <> coalesce(l.held, 0) ORDER BY 1 LIMIT %s
"""
_ORDERS = """
SELECT o.number, o.channel, o.status, r.warehouse, r.sku, r.held FROM (
  SELECT order_id, warehouse, sku, sum(quantity) AS held FROM reservation GROUP BY 1, 2, 3 HAVING sum(quantity) <> 0
) r JOIN sales_order o ON o.id = r.order_id
WHERE r.held < 0 OR o.status <> 'accepted' ORDER BY o.id, r.warehouse, r.sku LIMIT %s
"""


def prove_stock(connection: "Connection", *, trail: bool = True) -> StockProof:
    """Check every law on one picture of the database; the connection's transaction has not begun yet.

    Args:
        connection: The connection.
        trail: Whether the audit trail is asked as well; not needed by who has just proved the whole trail.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    findings = [*_unbalanced(connection), *_wrongly_held(connection), *(_gone(connection) if trail else ())]
    counts = connection.execute(_COUNTS).fetchone() or {}
    return StockProof(**counts, findings=tuple(findings[:MOST_FINDINGS]))


def _unbalanced(connection: "Connection") -> list[BrokenLaw]:
    found = []
    for row in connection.execute(_LEDGER, (MOST_FINDINGS,)):
        there = "nothing is kept of it" if row["on_hand"] is None else f"{plain_decimal(row['on_hand'])} are on hand"
        text = f"Its events come to {plain_decimal(row['events'])}, but {there}: an event is gone, or stock was changed"
        found.append(BrokenLaw("ledger", row["place"], f"{text} past the ledger."))
    for row in connection.execute(_RESERVED, (MOST_FINDINGS,)):
        text = f"Orders hold {plain_decimal(row['held'])}, but {plain_decimal(row['reserved'])} count as reserved"
        found.append(BrokenLaw("reservations", row["place"], f"{text}: a reservation is gone, or was added."))
    return found


def _wrongly_held(connection: "Connection") -> list[BrokenLaw]:
    found = []
    for row in connection.execute(_ORDERS, (MOST_FINDINGS,)):
        place = f"order {row['number']} of {row['channel']}"
        held = f"{plain_decimal(row['held'])} of {row['sku']} in {row['warehouse']}"
        closed = f"It is {row['status']} and still holds" if row["status"] != "accepted" else "It holds"
        found.append(BrokenLaw("orders", place, f"{closed} {held}."))
    return found


def _gone(connection: "Connection") -> list[BrokenLaw]:
    broken, _ = broken_rows(connection, TABLES)
    return [BrokenLaw("trail", finding.place, finding.text) for finding in broken]
