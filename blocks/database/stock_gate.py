"""The gate for whole pictures of stock: judged before anything of them is booked, stopped ones kept for a person.

The caller copies the picture into the temporary table ``arriving_stock`` (warehouse, location, sku, on_hand,
forecast). What is stopped stands in ``stock_import`` with its rows until somebody releases or declines it, or until
the next picture of the same source is let in or stopped in its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.database import stock_alerts, stock_rules
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
    """What the gate said of a picture; ``import_id`` is that of the stopped import, where it was stopped."""

    stopped: bool
    findings: tuple["QualityFinding", ...]
    import_id: int | None = None

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
    verdict = Verdict(bool(stopped_by(findings)), findings)
    if rehearsal:
        return verdict
    if verdict.stopped:
        return Verdict(stopped=True, findings=findings, import_id=_stop(connection, trail, picture, figures, findings))
    _replace_stopped(connection, trail, picture, by="a later picture was let in")
    return verdict


def subject(source: str, name: str) -> str:
    """Return what an alert about a source's pictures is about; each warehouse file of a folder is its own."""
    return f"{source} {name}".strip()


_LEVELS = """
CREATE TEMP TABLE picture_level AS
SELECT a.warehouse, coalesce(p.part, a.sku) AS sku, sum(a.on_hand * coalesce(p.per, 1)) AS on_hand, count(*) AS rows
FROM arriving_stock a LEFT JOIN unnest(%(packs)s::text[], %(parts)s::text[], %(pers)s::numeric[])
  AS p(sku, part, per) ON p.sku = a.sku GROUP BY 1, 2
"""
_LEVELS_WITHOUT_PACKS = """
CREATE TEMP TABLE picture_level AS
SELECT warehouse, sku, sum(on_hand) AS on_hand, count(*) AS rows FROM arriving_stock GROUP BY 1, 2
"""
_DIFFERENCES = """
CREATE TEMP TABLE picture_gap AS
SELECT coalesce(c.warehouse, w.warehouse) AS warehouse, coalesce(c.sku, w.sku) AS sku, w.on_hand AS was,
  c.on_hand AS now
FROM picture_level c FULL JOIN (
  SELECT warehouse, sku, on_hand FROM stock
  WHERE (%(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s)) AND NOT warehouse = ANY(%(elsewhere)s)
) w ON w.sku = c.sku AND w.warehouse = c.warehouse
WHERE w.on_hand IS DISTINCT FROM c.on_hand
"""
_FIGURES = """
WITH came AS (
  SELECT coalesce(sum(rows), 0)::bigint AS rows, count(*) AS articles, count(*) FILTER (WHERE on_hand < 0) AS negative,
    count(*) FILTER (WHERE on_hand = 0) AS zeroes FROM picture_level
), known AS (
  SELECT count(*) AS known, count(*) FILTER (WHERE on_hand = 0) AS known_zeroes,
    count(*) FILTER (WHERE on_hand > 0) AS stocked FROM stock
  WHERE (%(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s)) AND NOT warehouse = ANY(%(elsewhere)s)
), gaps AS (
  SELECT count(*) FILTER (WHERE was > 0 AND coalesce(now, 0) = 0) AS turned_zero,
    count(*) FILTER (WHERE was IS NULL) AS fresh, count(*) FILTER (WHERE was <> now) AS changed,
    count(*) FILTER (WHERE was IS NULL AND NOT EXISTS (SELECT FROM article a WHERE a.sku = picture_gap.sku)
      AND NOT EXISTS (SELECT FROM stock s WHERE s.sku = picture_gap.sku)) AS unknown FROM picture_gap
)
SELECT rows, articles, negative, zeroes, known, known_zeroes, stocked, turned_zero,
  articles - fresh AS both, changed, unknown,
  extract(epoch FROM clock_timestamp() - %(as_of)s)::float8 / 3600 AS age_hours
FROM came, known, gaps
"""
_DUPLICATES = """
SELECT coalesce(sum(rows - 1), 0)::bigint AS duplicates FROM (
  SELECT count(*) AS rows FROM arriving_stock GROUP BY warehouse, location, sku HAVING count(*) > 1
) AS places
"""


def measure(connection: "Connection", picture: Picture, rules: StockRules) -> PictureFigures:
    """Compare what stands in ``arriving_stock`` with what is known, in one join, and return its figures.

    Leaves two temporary tables: ``picture_level`` (warehouse, sku, on_hand, rows), packs told in pieces, and
    ``picture_gap`` (warehouse, sku, was, now) with what differs; null where one side does not name the article.
    Warehouses whose stock somebody else counts (``rules.counted_by``) are left out of what is known.
    """
    parameters = {
        "warehouses": None if picture.warehouses is None else list(picture.warehouses),
        "elsewhere": [house for house, counter in rules.counted_by.items() if counter != picture.source],
        "as_of": picture.as_of,
        "packs": list(rules.packs),
        "parts": [pack.of for pack in rules.packs.values()],
        "pers": [pack.pieces for pack in rules.packs.values()],
    }
    connection.execute("ANALYZE arriving_stock")
    connection.execute("DROP TABLE IF EXISTS picture_level, picture_gap")
    connection.execute(_LEVELS if rules.packs else _LEVELS_WITHOUT_PACKS, parameters if rules.packs else None)
    connection.execute(_DIFFERENCES, parameters)
    row: Any = connection.execute(_FIGURES, parameters).fetchone()
    again: Any = None
    if row["rows"] > row["articles"]:  # else none can stand twice
        again = connection.execute(_DUPLICATES).fetchone()
    return PictureFigures(**row, duplicates=again["duplicates"] if again else 0)


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
