"""What a till's rows are looked up in, and where what became of them is kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import stock_rules
from blocks.documents.till_rows import RowKind
from blocks.standards.stock_files.naming import whole_void
from tasks.stock_movements.pos_rules import A_MOMENT, CountedBefore, CountKey, Known, Named, Slip, warehouse_of

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.standards.stock_files.profile import StockProfile

SAME_MOMENT = timedelta(seconds=1)
KIND, COUNT = "movement", "count"
"""What a till's rows are in the inbox: those of whole counts are judged together, all others one by one."""

_OPEN = """
SELECT i.id, i.external_id, i.body, i.kind FROM inbox i
WHERE i.source = %(source)s AND i.kind IN ('movement', 'count') AND i.state = 'received'
  AND (i.kind = 'movement' OR EXISTS (SELECT FROM quarantine q WHERE q.inbox_id = i.id))
  AND NOT EXISTS (
    SELECT FROM file_record r JOIN received_file f ON f.id = r.file_id
    WHERE r.inbox_id = i.id AND r.fresh AND f.state = 'claimed')
ORDER BY i.id LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
"""


def kind_of(profile: "StockProfile") -> str:
    """Return what the rows of a file are in the inbox."""
    return COUNT if profile.picture == "whole" else KIND


def open_rows(connection: "Connection", *, source: str, limit: int) -> list[dict[str, Any]]:
    """Lock and return up to ``limit`` rows that are judged one by one: ``id, external_id, body, kind``.

    A row of a whole count is, too, once somebody has released it. Files that are still being read are left alone.
    """
    return connection.execute(_OPEN, {"source": source, "limit": limit}).fetchall()


def known_for(connection: "Connection", *, source: str, warehouses: Mapping[str, str], rows: Sequence[Named]) -> Known:
    """Return all that the rules of these rows look things up in."""
    rules = stock_rules.in_force(connection)
    codes = sorted({code for each in rows for code in (each.row.sku, each.row.gtin) if code})
    known = Known(
        now=datetime.now(UTC),
        warehouses=warehouses,
        articles=_articles(connection, codes) | (rules.packs.keys() & set(codes)),
        gtins=_gtins(connection, codes),
        rules=rules,
    )
    at = {each.inbox_id: warehouse_of(each.row, known) or "" for each in rows}
    voided = {(at[each.inbox_id], each.row.voids) for each in rows if each.row.kind is RowKind.VOID}
    counts = [each for each in rows if each.row.kind is RowKind.COUNT]
    return Known(
        now=known.now, warehouses=warehouses, articles=known.articles, gtins=known.gtins, rules=rules,
        taken_back=_taken_back(connection, source, rows, at),
        moved=_moved(connection, source, voided),
        counted=_counted(connection, source, counts),
    )  # fmt: skip


def _articles(connection: "Connection", codes: Sequence[str]) -> frozenset[str]:
    rows = connection.execute(
        "SELECT sku FROM article WHERE sku = ANY(%(codes)s) UNION SELECT sku FROM stock WHERE sku = ANY(%(codes)s)",
        {"codes": codes},
    )
    return frozenset(row["sku"] for row in rows)


def _gtins(connection: "Connection", codes: Sequence[str]) -> dict[str, list[str]]:
    rows = connection.execute(
        "SELECT gtin, array_agg(DISTINCT sku) AS skus FROM article WHERE gtin = ANY(%s) AND gtin <> '' GROUP BY gtin",
        (codes,),
    )
    return {row["gtin"]: row["skus"] for row in rows}


def _taken_back(connection: "Connection", source: str, rows: Sequence[Named], at: Mapping[int, str]) -> frozenset[Slip]:
    """Return the slips of these rows that were taken back as a whole before."""
    sold = [each for each in rows if each.row.kind in {RowKind.SALE, RowKind.RETURN}]
    slips = {whole_void(each.row.warehouse, each.row.slip): (at[each.inbox_id], each.row.slip) for each in sold}
    found = connection.execute(
        "SELECT external_id FROM inbox WHERE source = %s AND kind = %s AND external_id = ANY(%s)"
        " AND state = 'accepted'",
        (source, KIND, sorted(slips)),
    )
    return frozenset(slips[row["external_id"]] for row in found)


def _moved(connection: "Connection", source: str, slips: Collection[Slip]) -> dict[Slip, dict[str, Decimal]]:
    rows = connection.execute(
        "SELECT warehouse, document, sku, sum(quantity) AS pieces FROM stock_event"
        " WHERE kind IN ('sale', 'return', 'void', 'count') AND kind <> 'count' AND source = %s AND document = ANY(%s)"
        " GROUP BY 1, 2, 3",
        (source, sorted({slip for _, slip in slips})),
    )
    found: dict[Slip, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault((row["warehouse"], row["document"]), {})[row["sku"]] = row["pieces"]
    return found


def _counted(connection: "Connection", source: str, counts: Sequence[Named]) -> dict[CountKey, CountedBefore]:
    """Return what earlier parts of these counts had counted; rows that are heard again are no earlier part."""
    rows = connection.execute(
        "SELECT DISTINCT ON (warehouse, document, sku) warehouse, document, sku, event_id, quantity, happened_at"
        " FROM stock_event WHERE kind IN ('sale', 'return', 'void', 'count') AND kind = 'count' AND source = %s"
        " AND document = ANY(%s) ORDER BY warehouse, document, sku, happened_at DESC, id DESC",
        (source, sorted({each.document for each in counts})),
    )
    again = {each.name for each in counts}
    return {
        (row["warehouse"], row["document"], row["sku"]): CountedBefore(
            row["event_id"], row["quantity"], row["happened_at"]
        )
        for row in rows
        if row["event_id"] not in again
    }


def waiting_voids(connection: "Connection", *, source: str, slips: Collection[str]) -> list[int]:
    """Return the open quarantine records of voids that wait for one of these slips, by the begin of their names.

    Args:
        connection: Where to ask.
        source: The till.
        slips: Names of whole voids, as ``whole_void`` gives them.
    """
    rows = connection.execute(
        "SELECT id, external_id FROM quarantine WHERE state = 'open' AND source = %s AND kind = %s"
        """ AND faults::jsonb @> '[{"rule": "POS-VOID"}]' ORDER BY id""",
        (source, KIND),
    )
    wanted = set(slips)
    return [row["id"] for row in rows if row["external_id"] in wanted or _begins(row["external_id"], wanted)]


def _begins(name: str, wanted: set[str]) -> bool:
    """Return whether a void of one line, 'void:store:slip/…', is of one of these slips; slips may hold slashes."""
    return any(name[:place] in wanted for place, letter in enumerate(name) if letter == "/")


_PICTURES = """
SELECT DISTINCT f.id, f.refusal, f.records FROM inbox i
JOIN file_record r ON r.inbox_id = i.id AND r.fresh JOIN received_file f ON f.id = r.file_id
WHERE i.source = %(source)s AND i.kind = 'count' AND i.state = 'received' AND f.state = 'read'
  AND NOT EXISTS (SELECT FROM quarantine q WHERE q.inbox_id = i.id)
ORDER BY f.id
"""


def pictures_to_judge(connection: "Connection", *, source: str) -> list[dict[str, Any]]:
    """Return the files of whole counts that were not judged yet, oldest first: ``id, refusal, records``."""
    return connection.execute(_PICTURES, {"source": source}).fetchall()


def rows_of_file(connection: "Connection", file_id: int, *, begin: int, limit: int) -> list[dict[str, Any]]:
    """Return a file's rows from position ``begin`` on, those known from other files too: ``id, …, state``."""
    return connection.execute(
        "SELECT i.id, i.external_id, i.body, i.kind, i.state FROM file_record r JOIN inbox i ON i.id = r.inbox_id"
        " WHERE r.file_id = %s AND r.position >= %s AND r.position < %s ORDER BY r.position",
        (file_id, begin, begin + limit),
    ).fetchall()


def after_earlier_counts(connection: "Connection", *, source: str, document: str, at: datetime) -> datetime:
    """Return the moment of a whole count, moved behind those of the same minute or day that it corrects."""
    row = connection.execute(
        "SELECT max(happened_at) AS newest FROM stock_event WHERE kind IN ('sale', 'return', 'void', 'count')"
        " AND source = %s AND document = %s AND happened_at >= %s AND happened_at < %s",
        (source, document, at, at + SAME_MOMENT),
    ).fetchone()
    newest = row["newest"] if row else None
    return newest + A_MOMENT if newest else at


_FATES = """
WITH file AS MATERIALIZED (
  SELECT f.id, f.source, f.refusal, p.state AS picture, p.reason AS picture_reason, (
    SELECT count(*) FROM stock_event e WHERE e.source = f.source AND e.document = 'import ' || p.id
    AND e.kind IN ('sale', 'return', 'void', 'count') AND e.kind = 'count' AND e.ignored IS NOT NULL
  ) AS picture_late
  FROM received_file f LEFT JOIN stock_import p ON p.id = f.stock_import_id WHERE f.id = %(file)s
)
SELECT r.position, r.first_row, r.last_row, r.external_id, r.fresh, i.state, q.faults, q.closing_reason, e.ignored,
  r.refusal, r.picture, r.picture_reason, r.picture_late
FROM (
  SELECT r.*, file.source, file.refusal, file.picture, file.picture_reason, file.picture_late
  FROM file JOIN file_record r ON r.file_id = file.id
  WHERE r.position >= %(begin)s AND r.position < %(begin)s + %(limit)s
) r
CROSS JOIN LATERAL (SELECT state FROM inbox WHERE id = r.inbox_id LIMIT 1) i
LEFT JOIN LATERAL (
  SELECT ignored FROM stock_event WHERE source = r.source AND event_id = r.external_id LIMIT 1) e ON true
LEFT JOIN LATERAL (
  SELECT faults, closing_reason FROM quarantine WHERE inbox_id = r.inbox_id
  ORDER BY opened_at DESC, id DESC LIMIT 1) q ON true
ORDER BY r.position
"""
"""Looked up row by row, by indexes: a plan for all at once goes astray over tables that have just been filled, and so
does one that walks down the quarantine by its ids."""


def fates(connection: "Connection", file_id: int, *, begin: int, limit: int) -> list[dict[str, Any]]:
    """Return what became of a file's rows from position ``begin`` on, by position.

    Returns:
        Rows with ``position, first_row, last_row, external_id, fresh, state, faults, closing_reason, ignored,
        refusal, picture, picture_reason, picture_late``; ``ignored`` says why an event that was booked changed nothing,
        ``picture`` what became of the whole count where the guard stopped it, ``picture_late`` how many of its
        articles came too late to count.
    """
    return connection.execute(_FATES, {"file": file_id, "begin": begin, "limit": limit}).fetchall()


def count_waiting(connection: "Connection", *, source: str) -> int:
    """Return how many rows of a till wait for a person."""
    row = connection.execute(
        "SELECT count(*) AS waiting FROM quarantine WHERE state = 'open' AND source = %s AND kind IN (%s, %s)",
        (source, KIND, COUNT),
    ).fetchone()
    return int(row["waiting"]) if row else 0


def by_kind(connection: "Connection", *, source: str, run_id: str) -> list[dict[str, Any]]:
    """Return what a run booked, per kind and warehouse: ``kind, warehouse, events, delta``."""
    return connection.execute(
        "SELECT kind, warehouse, count(*) AS events, sum(delta) AS delta FROM stock_event"
        " WHERE source = %s AND run_id = %s AND heard_at > now() - interval '1 day' GROUP BY 1, 2 ORDER BY 1, 2",
        (source, run_id),
    ).fetchall()
