"""The gate for whole pictures of stock: judged before anything of them is booked, stopped ones kept for a person.

The caller copies the picture into the temporary table ``arriving_stock`` (warehouse, location, sku, on_hand,
forecast). What is stopped stands in ``stock_import`` with its rows until somebody releases or declines it, or until
the next picture of the same source is let in or stopped in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL

from blocks.database import stock_alerts, stock_rules
from blocks.database.stock_position import Query
from blocks.documents.base import canonical_json
from blocks.documents.stock_rules import StockRules
from blocks.quality import stopped_by
from blocks.stock_pictures import PictureFigures, judge_picture

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.verdicts import QualityFinding

ALERT = "import_stopped"
SHAPE = "(warehouse text, location text, sku text, on_hand numeric, forecast numeric)"
"""Columns of ``arriving_stock``."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Where a whole picture of stock comes from.

    Attributes:
        source: Type and name of the connection, e.g. 'tryton-erp/main'.
        as_of: The moment it shows; for a live reading, when the reading began.
        name: Name of the file, where it is one.
        warehouses: The warehouses it is whole of; None for all that are known.
    """

    source: str
    as_of: datetime
    name: str = ""
    warehouses: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate said of a picture of so many articles; ``import_id`` is that of the import that was stopped."""

    stopped: bool
    findings: tuple["QualityFinding", ...]
    import_id: int | None = None
    articles: int = 0

    def sentence(self) -> str:
        """Return why it was stopped, and what to do about it."""
        why = " ".join(finding.text for finding in stopped_by(self.findings))
        if self.import_id is None:
            return f"The picture of stock would be stopped and nothing of it booked: {why}"
        return (
            f"The picture of stock was stopped and nothing of it is booked: {why} Look at it with `soms stock imports"
            f' show {self.import_id}`, then `release {self.import_id} --reason "…"` or `decline`.'
        )


def let_in(connection: "Connection", trail: "Trail", picture: Picture, *, rehearsal: bool = False) -> Verdict:
    """Judge what stands in ``arriving_stock``; when it is stopped, keep it, tell a person once, and book nothing.

    The caller commits in either case. A rehearsal judges and keeps nothing. ``measure`` says which temporary tables
    are left behind.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", (f"picture {picture.source}",))
    rules = stock_rules.in_force(connection)
    figures = measure(connection, picture, rules)
    findings = judge_picture(figures, rules.guard, name=picture.source)
    verdict = Verdict(bool(stopped_by(findings)), findings, articles=figures.articles)
    if rehearsal:
        return verdict
    if verdict.stopped:
        return replace(verdict, import_id=_stop(connection, trail, picture, figures, findings))
    _replace_stopped(connection, trail, picture, by="a later picture was let in")
    return verdict


def subject(source: str, name: str) -> str:
    """Return what an alert about a source's pictures is about; each warehouse file of a folder is its own."""
    return f"{source} {name}".strip()


_ROWS = SQL("SELECT warehouse, sku, on_hand FROM arriving_stock")
_LEVELS = SQL("SELECT warehouse, sku, sum(on_hand) AS on_hand FROM arriving_stock GROUP BY 1, 2")
_LEVELS_IN_PIECES = SQL("""
SELECT a.warehouse, coalesce(p.part, a.sku) AS sku, sum(a.on_hand * coalesce(p.per, 1)) AS on_hand
FROM arriving_stock a LEFT JOIN unnest(%(picture_packs)s::text[], %(picture_parts)s::text[],
  %(picture_pers)s::numeric[]) AS p(sku, part, per) ON p.sku = a.sku GROUP BY 1, 2
""")


def levels_query(rules: StockRules) -> Query:
    """Return the SELECT of what stands in ``arriving_stock``: ``warehouse, sku, on_hand``, packs told in pieces.

    The names of its parameters begin with ``picture_``.
    """
    if not rules.packs:
        return Query(_LEVELS, {})
    packs = rules.packs
    parameters = {
        "picture_packs": list(packs),
        "picture_parts": [pack.of for pack in packs.values()],
        "picture_pers": [pack.pieces for pack in packs.values()],
    }
    return Query(_LEVELS_IN_PIECES, parameters)


_DIFFERENCES = SQL("""
CREATE TEMP TABLE picture_gap AS
SELECT coalesce(c.warehouse, w.warehouse) AS warehouse, coalesce(c.sku, w.sku) AS sku, w.on_hand AS was,
  c.on_hand AS now
FROM ({levels}) c FULL JOIN (
  SELECT warehouse, sku, on_hand FROM stock
  WHERE (%(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s)) AND NOT warehouse = ANY(%(elsewhere)s)
) w ON w.sku = c.sku AND w.warehouse = c.warehouse
WHERE w.on_hand IS DISTINCT FROM c.on_hand
""")
_FIGURES = """
WITH known AS (
  SELECT count(*) AS known, count(*) FILTER (WHERE on_hand = 0) AS known_zeroes,
    count(*) FILTER (WHERE on_hand < 0) AS negative, count(*) FILTER (WHERE on_hand > 0) AS stocked FROM stock
  WHERE (%(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s)) AND NOT warehouse = ANY(%(elsewhere)s)
), gaps AS (
  SELECT count(*) FILTER (WHERE was > 0 AND coalesce(now, 0) = 0) AS turned_zero,
    count(*) FILTER (WHERE was IS NULL) AS fresh, count(*) FILTER (WHERE now IS NULL) AS left_out,
    count(*) FILTER (WHERE was <> now) AS changed,
    count(*) FILTER (WHERE now = 0) - count(*) FILTER (WHERE was = 0) AS more_zeroes,
    count(*) FILTER (WHERE now < 0) - count(*) FILTER (WHERE was < 0) AS more_negative,
    count(*) FILTER (WHERE was IS NULL AND NOT EXISTS (SELECT FROM article a WHERE a.sku = picture_gap.sku)
      AND NOT EXISTS (SELECT FROM stock s WHERE s.sku = picture_gap.sku)) AS unknown FROM picture_gap
)
SELECT arrived.rows, known + fresh - left_out AS articles,
  known.negative + more_negative AS negative, known_zeroes + more_zeroes AS zeroes, known, known_zeroes, stocked,
  turned_zero, known - left_out AS both, changed, unknown,
  extract(epoch FROM clock_timestamp() - %(as_of)s)::float8 / 3600 AS age_hours,
  arrived.rows - fresh <> known - left_out OR EXISTS (
    SELECT FROM picture_gap WHERE was IS NULL GROUP BY warehouse, sku HAVING count(*) > 1) AS several
FROM known, gaps, (SELECT count(*) AS rows FROM arriving_stock) AS arrived
"""
"""What agrees is as it was known: counted there, and what differs added, so the whole picture is walked once.

``several``: an article stands in more than one row; the rows that met a known article are then more than those.
"""
_DUPLICATES = """
SELECT coalesce(sum(rows - 1), 0)::bigint AS duplicates FROM (
  SELECT count(*) AS rows FROM arriving_stock GROUP BY warehouse, location, sku HAVING count(*) > 1
) AS places
"""


def measure(connection: "Connection", picture: Picture, rules: StockRules) -> PictureFigures:
    """Compare what stands in ``arriving_stock`` with what is known, in one join, and return its figures.

    Leaves a temporary table ``picture_gap`` (warehouse, sku, was, now) with what differs, packs told in pieces; null
    where one side does not name the article. Warehouses whose stock somebody else counts (``rules.counted_by``) are
    left out of what is known.
    """
    parameters = {
        "warehouses": None if picture.warehouses is None else list(picture.warehouses),
        "elsewhere": [house for house, counter in rules.counted_by.items() if counter != picture.source],
        "as_of": picture.as_of,
    }
    connection.execute("ANALYZE arriving_stock (warehouse, sku)")
    row = {"several": True} if rules.packs else _compare(connection, Query(_ROWS, {}), parameters)
    if row["several"]:  # to sum rows up takes longer than to compare them
        row = _compare(connection, levels_query(rules), parameters)
    del row["several"]
    again: Any = None
    if row["rows"] > row["articles"]:  # else none can stand twice
        again = connection.execute(_DUPLICATES).fetchone()
    return PictureFigures(**row, duplicates=again["duplicates"] if again else 0)


def _compare(connection: "Connection", levels: Query, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Fill ``picture_gap`` with what differs from these levels; returns the figures."""
    connection.execute("DROP TABLE IF EXISTS picture_gap")
    connection.execute(_DIFFERENCES.format(levels=levels.text), {**parameters, **levels.parameters})
    row: Any = connection.execute(_FIGURES, parameters).fetchone()
    return dict(row)


_HASH = """
SELECT encode(sha256(convert_to(coalesce(string_agg(part, '' ORDER BY bucket), ''), 'UTF8')), 'hex') AS hash FROM (
  SELECT abs(hashtext(sku) % 1024) AS bucket, encode(sha256(convert_to(string_agg(
    to_json(array[warehouse, location, sku, trim_scale(on_hand)::text, trim_scale(forecast)::text])::text, E'\n'
    ORDER BY warehouse, location, sku, on_hand, forecast), 'UTF8')), 'hex') AS part
  FROM arriving_stock GROUP BY 1
) AS parts
"""
"""Over all rows whatever their order, in parts, so that no text grows with the picture."""
_KEEP = """
INSERT INTO stock_import_row (import_id, warehouse, location, sku, on_hand, forecast)
SELECT %s, warehouse, location, sku, sum(on_hand), sum(forecast) FROM arriving_stock GROUP BY 2, 3, 4
"""


def _stop(
    connection: "Connection",
    trail: "Trail",
    picture: Picture,
    figures: PictureFigures,
    findings: Sequence["QualityFinding"],
) -> int:
    """Keep a stopped picture and its findings; one that is stopped already with the same content is not kept twice."""
    found: Any = connection.execute(_HASH).fetchone()
    same = connection.execute(
        "SELECT id FROM stock_import WHERE source = %s AND name = %s AND state = 'stopped' AND content_hash = %s",
        (picture.source, picture.name, found["hash"]),
    ).fetchone()
    if same:
        return int(same["id"])
    _replace_stopped(connection, trail, picture, by="a later picture was stopped in its place")
    row: Any = connection.execute(
        "INSERT INTO stock_import (source, name, rows, content_hash, as_of, state, findings, run_id)"
        " VALUES (%s, %s, %s, %s, %s, 'stopped', %s, %s) RETURNING id",
        (
            picture.source, picture.name, figures.rows, found["hash"], picture.as_of,
            canonical_json([finding.model_dump(mode="json") for finding in findings]), trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    number = int(row["id"])
    connection.execute(_KEEP, (number,))
    failed = [finding.expectation for finding in stopped_by(findings)]
    facts = {"source": picture.source, "rows": figures.rows, "failed": failed, "sha256": found["hash"]}
    trail.add("stock.import_stopped", f"stock_import/{number}", [("stock_import", number)], facts)
    text = Verdict(stopped=True, findings=tuple(findings), import_id=number).sentence()
    stock_alerts.open_alerts(connection, trail, ALERT, {subject(picture.source, picture.name): text})
    return number


def _replace_stopped(connection: "Connection", trail: "Trail", picture: Picture, *, by: str) -> None:
    """Close what a later picture of the same source takes the place of; its rows are needed no more."""
    rows = connection.execute(
        "UPDATE stock_import SET state = 'declined', decided_by = 'soms', decided_at = clock_timestamp(), reason = %s"
        " WHERE source = %s AND name = %s AND state = 'stopped' RETURNING id",
        (by, picture.source, picture.name),
    ).fetchall()
    numbers = [row["id"] for row in rows]
    if numbers:
        connection.execute("DELETE FROM stock_import_row WHERE import_id = ANY(%s)", (numbers,))
        touched = [("stock_import", number) for number in numbers]
        trail.add("stock.import_replaced", "stock_imports", touched, {"by": by})
        stock_alerts.close_alerts(connection, trail, ALERT, [subject(picture.source, picture.name)])
