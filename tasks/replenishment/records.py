"""Purchase proposals in Postgres as runs make them: one open per article, outdated when it is no longer right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import stock_alerts
from tasks.replenishment.reorder import Judged, Need, Standing, still_stands

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

ALERT = "reorder"


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of some articles' needs."""

    proposed: int = 0
    outdated: int = 0
    alerts: int = 0
    closed: int = 0

    def __add__(self, other: "Booked") -> "Booked":
        """Return the sums."""
        return Booked(
            self.proposed + other.proposed,
            self.outdated + other.outdated,
            self.alerts + other.alerts,
            self.closed + other.closed,
        )


def book(connection: "Connection", trail: "Trail", judged: Sequence[Judged], *, ask_again_days: int) -> Booked:
    """Bring the open proposals and alerts of these articles to what they need now.

    One proposal per article is open at most: one that a person has approved stays as it is, one that is near what would
    be proposed now stands, any other makes way for a new one. What a person declined is not proposed again for a while.
    Where a proposal was approved since the articles were judged, the next run proposes what is still missing.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        judged: How articles stand, one per article and warehouse.
        ask_again_days: Days for which a declined proposal is not made again.
    """
    needs = [each.need for each in judged]
    keys = [(need.warehouse, need.sku) for need in needs]
    open_now = _open_proposals(connection, keys)
    counted = sorted({number for each in judged for number in each.counted})
    settled = _approved_besides(connection, keys, counted) | _declined_lately(connection, keys, ask_again_days)
    gone, wanted = [], []
    for key, need in zip(keys, needs, strict=True):
        row = open_now.get(key)
        if row and row["state"] == "approved":
            continue
        if row and (reason := _why_outdated(row, need)):
            gone.append((row["id"], reason))
            row = None
        if need.standing is Standing.SHORT and row is None and key not in settled:
            wanted.append(need)
    outdated, proposed = _outdate(connection, trail, gone), _propose(connection, trail, wanted)
    return Booked(proposed, outdated, *_alerts(connection, trail, needs))


def _why_outdated(row: Mapping[str, Any], need: Need) -> str:
    """Return why an open proposal is no longer right; empty when it stands."""
    if need.standing is Standing.ENOUGH:
        return "No longer needed."
    if need.standing is Standing.SHORT and not still_stands(row["quantity"], row["supplier"], need):
        return "Another quantity or supplier is proposed instead."
    return ""


def _alerts(connection: "Connection", trail: "Trail", needs: Sequence[Need]) -> tuple[int, int]:
    """Open the alerts of what is short and close those of what is there again; returns how many of each."""
    short = {need.subject: need.sentence() for need in needs if need.standing is Standing.SHORT}
    enough = [need.subject for need in needs if need.standing is Standing.ENOUGH]
    opened = stock_alerts.open_alerts(connection, trail, ALERT, short)
    return len(opened), len(stock_alerts.close_alerts(connection, trail, ALERT, enough))


def leave_other_warehouses(connection: "Connection", trail: "Trail", warehouses: Sequence[str]) -> Booked:
    """Give up proposals and alerts of warehouses that are not bought for any more.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        warehouses: Those that are bought for; empty: all.
    """
    if not warehouses:
        return Booked()
    rows = connection.execute(
        "SELECT id FROM purchase_proposal WHERE state = 'proposed' AND warehouse <> ALL(%s) ORDER BY id FOR UPDATE",
        (list(warehouses),),
    ).fetchall()
    outdated = _outdate(connection, trail, [(row["id"], "Nothing is bought for this warehouse.") for row in rows])
    found = connection.execute(
        "SELECT subject FROM stock_alert WHERE kind = %s AND closed_at IS NULL"
        " AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS h(house) WHERE starts_with(subject, h.house || ':'))",
        (ALERT, list(warehouses)),
    ).fetchall()
    closed = stock_alerts.close_alerts(connection, trail, ALERT, [row["subject"] for row in found])
    return Booked(outdated=outdated, closed=len(closed))


def _columns(keys: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [warehouse for warehouse, _ in keys], [sku for _, sku in keys]


def _open_proposals(connection: "Connection", keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Lock the open proposals of these articles: nobody decides on them until this transaction ends."""
    rows = connection.execute(
        "SELECT p.id, p.warehouse, p.sku, p.supplier, p.quantity, p.state FROM purchase_proposal p"
        " JOIN unnest(%s::text[], %s::text[]) AS a(warehouse, sku) USING (warehouse, sku)"
        " WHERE p.state IN ('proposed', 'approved') ORDER BY p.id FOR UPDATE OF p",
        _columns(keys),
    )
    return {(row["warehouse"], row["sku"]): row for row in rows}


def _approved_besides(
    connection: "Connection", keys: Sequence[tuple[str, str]], counted: Sequence[int]
) -> set[tuple[str, str]]:
    """Return the articles of which a proposal was approved lately that is none of those counted."""
    rows = connection.execute(
        "SELECT DISTINCT p.warehouse, p.sku FROM purchase_proposal p"
        " JOIN unnest(%s::text[], %s::text[]) AS a(warehouse, sku) USING (warehouse, sku)"
        " WHERE p.state IN ('approved', 'ordered') AND p.decided_at >= clock_timestamp() - interval '1 day'"
        " AND p.id <> ALL(%s)",
        (*_columns(keys), list(counted)),
    )
    return {(row["warehouse"], row["sku"]) for row in rows}


def _declined_lately(connection: "Connection", keys: Sequence[tuple[str, str]], days: int) -> set[tuple[str, str]]:
    rows = connection.execute(
        "SELECT DISTINCT p.warehouse, p.sku FROM purchase_proposal p"
        " JOIN unnest(%s::text[], %s::text[]) AS a(warehouse, sku) USING (warehouse, sku)"
        " WHERE p.state = 'declined' AND p.decided_at >= clock_timestamp() - %s * interval '1 day'",
        (*_columns(keys), days),
    )
    return {(row["warehouse"], row["sku"]) for row in rows}


def _outdate(connection: "Connection", trail: "Trail", gone: Sequence[tuple[int, str]]) -> int:
    if not gone:
        return 0
    rows = connection.execute(
        "UPDATE purchase_proposal p SET state = 'outdated', reason = new.reason"
        " FROM unnest(%s::bigint[], %s::text[]) AS new(id, reason)"
        " WHERE p.id = new.id AND p.state = 'proposed' RETURNING p.id, p.warehouse, p.sku, p.reason",
        ([number for number, _ in gone], [reason for _, reason in gone]),
    ).fetchall()
    for row in rows:
        tell(trail, "purchase.outdated", row, {"reason": row["reason"]})
    return len(rows)


def _propose(connection: "Connection", trail: "Trail", needs: Sequence[Need]) -> int:
    if not needs:
        return 0
    rows = connection.execute(
        "INSERT INTO purchase_proposal (warehouse, sku, supplier, quantity, needed_on, why, run_id)"
        " SELECT n.*, %s FROM unnest(%s::text[], %s::text[], %s::text[], %s::numeric[], %s::date[], %s::text[])"
        " AS n(warehouse, sku, supplier, quantity, needed_on, why) ORDER BY n.warehouse, n.sku"
        " ON CONFLICT (warehouse, sku) WHERE state IN ('proposed', 'approved') DO NOTHING"
        " RETURNING id, warehouse, sku, quantity",
        (
            trail.actor.run_id,
            [need.warehouse for need in needs],
            [need.sku for need in needs],
            [need.terms.supplier for need in needs],
            [need.quantity for need in needs],
            [need.needed_on for need in needs],
            [need.why() for need in needs],
        ),
    ).fetchall()
    for row in rows:
        tell(trail, "purchase.proposed", row, {"quantity": row["quantity"]})
    return len(rows)


def tell(trail: "Trail", kind: str, row: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Tell the trail what became of one proposal."""
    article = {"warehouse": row["warehouse"], "sku": row["sku"]}
    touched = [("purchase_proposal", row["id"])]
    trail.add(kind, f"purchase_proposal/{row['id']}", touched, {**article, **facts})
