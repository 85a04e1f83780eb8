"""What inventory reconciliation writes and reads in Postgres: comparisons and their differences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from blocks.database.audit import Actor, Trail
from blocks.documents.base import canonical_json
from blocks.documents.verdicts import QualityFinding
from blocks.errors import WrongUse
from tasks.inventory_reconciliation.causes import Explained, Gap
from tasks.inventory_reconciliation.outcome import Compared
from tasks.inventory_reconciliation.replaying import VISIBILITY
from tasks.inventory_reconciliation.rules import Fate
from tasks.inventory_reconciliation.scope import Scope

if TYPE_CHECKING:
    from blocks.database.engine import Connection

Judged = tuple[Gap, Explained, Fate]


@contextmanager
def audited(connection: "Connection", actor: Actor) -> Iterator[Trail]:
    """Open one audited transaction on a connection that keeps its temporary tables from one to the next."""
    with connection.transaction():
        trail = Trail(actor)
        yield trail
        trail.write(connection)


def hold(connection: "Connection", name: str) -> None:
    """Wait until nobody else compares the same system; held until the connection ends."""
    connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 6))", (f"reconciliation {name}",))


def make_room(connection: "Connection") -> None:
    """Let joins over all articles stay in memory: a hash of a million takes some hundred bytes each at most."""
    connection.execute("SET work_mem = '64MB'")
    connection.execute("SET temp_buffers = '64MB'")


def last_done(connection: "Connection", name: str, *, whole: bool = False) -> dict[str, Any] | None:
    """Return the newest comparison of a system that was carried out; with ``whole``, of all its articles."""
    return connection.execute(
        "SELECT id, at FROM reconciliation WHERE channel = %s AND state <> 'stopped' AND (NOT %s OR scope = '{}')"
        " ORDER BY id DESC LIMIT 1",
        (name, whole),
    ).fetchone()


def begin(
    connection: "Connection",
    trail: Trail,
    *,
    name: str,
    scope: Scope,
    compared: Compared,
    findings: Sequence[QualityFinding] = (),
    stopped: bool = False,
) -> int:
    """Write a comparison down; what is repaired is added as it is done."""
    row: Any = connection.execute(
        "INSERT INTO reconciliation (channel, scope, compared, differing, repaired, waiting, state, findings, run_id)"
        " VALUES (%s, %s, %s, %s, 0, 0, %s, %s, %s) RETURNING id",
        (
            name, canonical_json(scope.as_kept()), compared.articles, compared.differing,
            "stopped" if stopped else "done",
            canonical_json([finding.model_dump(mode="json") for finding in findings]), trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    number = int(row["id"])
    facts = {"compared": compared.articles, "differing": compared.differing, "stopped": stopped}
    trail.add("stock.compared", f"reconciliation/{number}", [("reconciliation", number)], facts)
    return number


def keep_differences(
    connection: "Connection", trail: Trail, number: int, judged: Sequence[Judged]
) -> Mapping[Fate, int]:
    """Write differences with their causes and proofs, and count their articles with their comparison."""
    fates = articles_by_fate(judged)
    if not judged:
        return fates
    with connection.cursor().copy(
        "COPY stock_difference (reconciliation_id, sku, warehouse, system, field, expected, found, cause, proof,"
        " outcome) FROM STDIN"
    ) as copy:
        for gap, explained, fate in judged:
            field = VISIBILITY if gap.view.name == VISIBILITY else "quantity"
            copy.write_row((
                number, gap.sku, gap.warehouse, gap.system, field, gap.expected, gap.found, explained.cause.value,
                canonical_json(explained.proof), fate.value,
            ))  # fmt: skip
    connection.execute(
        "UPDATE reconciliation SET repaired = repaired + %s, waiting = waiting + %s WHERE id = %s",
        (fates[Fate.REPAIR], fates[Fate.WAIT], number),
    )
    rows = [("reconciliation", number), ("stock_difference", number)]
    facts = {"differences": len(judged), "repaired": fates[Fate.REPAIR], "waiting": fates[Fate.WAIT]}
    trail.add("stock.differed", f"reconciliation/{number}", rows, facts)
    return fates


def articles_by_fate(judged: Sequence[Judged]) -> Mapping[Fate, int]:
    """Count articles: one that differs in quantity and visibility is one, and repaired when any of it is."""
    order = (Fate.REPAIR, Fate.WAIT, Fate.RESPECT, Fate.STOP)
    fates: dict[tuple[str, str], Fate] = {}
    for gap, _, fate in judged:
        key = (gap.sku, gap.warehouse)
        fates[key] = min(fates.get(key, fate), fate, key=order.index)
    return {fate: sum(each is fate for each in fates.values()) for fate in order}


def release(connection: "Connection", trail: Trail, number: int, *, by: str, reason: str) -> list[Mapping[str, Any]]:
    """Let a stopped comparison be carried out; returns its findings.

    Raises:
        WrongUse: There is no such comparison, or it does not wait.
    """
    row = connection.execute(
        "UPDATE reconciliation SET state = 'released', decided_by = %s, reason = %s"
        " WHERE id = %s AND state = 'stopped' RETURNING findings",
        (by, reason, number),
    ).fetchone()
    if row is None:
        raise WrongUse(f"Comparison {number} does not wait to be released: it is done, or there is none.")
    facts = {"by": by, "reason": reason}
    trail.add("stock.comparison_released", f"reconciliation/{number}", [("reconciliation", number)], facts)
    found: list[Mapping[str, Any]] = json.loads(row["findings"])
    return found


def differed_in(connection: "Connection", number: int, skus: Sequence[str]) -> frozenset[str]:
    """Return which of these articles differed in a comparison."""
    rows = connection.execute(
        "SELECT DISTINCT sku FROM stock_difference WHERE reconciliation_id = %s AND sku = ANY(%s)", (number, list(skus))
    )
    return frozenset(row["sku"] for row in rows)


def recent(connection: "Connection", name: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the newest comparisons of all articles of a system, oldest first."""
    rows = connection.execute(
        "SELECT at, differing, repaired, waiting, state FROM reconciliation WHERE channel = %s AND scope = '{}'"
        " ORDER BY id DESC LIMIT %s",
        (name, limit),
    ).fetchall()
    return rows[::-1]


def differences(connection: "Connection", *, number: int | None, sku: str | None, limit: int) -> list[dict[str, Any]]:
    """Return differences of a comparison, or of an article, newest first, each with its proof."""
    rows = connection.execute(
        "SELECT d.id, d.reconciliation_id, r.at, d.sku, d.warehouse, d.system, d.field, d.expected, d.found, d.cause,"
        " d.proof, d.outcome FROM stock_difference d JOIN reconciliation r ON r.id = d.reconciliation_id"
        " WHERE (%(number)s::bigint IS NULL OR d.reconciliation_id = %(number)s)"
        " AND (%(sku)s::text IS NULL OR d.sku = %(sku)s) ORDER BY d.id DESC LIMIT %(limit)s",
        {"number": number, "sku": sku, "limit": limit},
    )
    return [{**row, "proof": json.loads(row["proof"])} for row in rows]
