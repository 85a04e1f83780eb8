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
        return (
            f"The picture of stock was stopped and nothing of it is booked: {why} Look at it with `soms stock imports"
            f' show {self.import_id}`, then `release {self.import_id} --reason "…"` or `decline`.'
        )


def let_in(connection: "Connection", trail: "Trail", picture: Picture) -> Verdict:
    """Judge what stands in ``arriving_stock``; when it is stopped, keep it, tell a person once, and book nothing.

    The caller commits in either case.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", (f"picture {picture.source}",))
    connection.execute("ANALYZE arriving_stock")
    figures = measure(connection, picture)
    guard = stock_rules.in_force(connection).guard
    findings = judge_picture(figures, guard, name=picture.source)
    verdict = Verdict(bool(stopped_by(findings)), findings)
    if verdict.stopped:
        return Verdict(stopped=True, findings=findings, import_id=_stop(connection, trail, picture, figures, findings))
    _replace_stopped(connection, trail, picture, by="a later picture was let in")
    return verdict


def subject(source: str, name: str) -> str:
    """Return what an alert about a source's pictures is about; each warehouse file of a folder is its own."""
    return f"{source} {name}".strip()


_FIGURES = """
WITH came AS (
  SELECT warehouse, sku, sum(on_hand) AS on_hand, sum(rows) AS rows, count(*) AS places FROM (
    SELECT warehouse, sku, location, sum(on_hand) AS on_hand, count(*) AS rows FROM arriving_stock GROUP BY 1, 2, 3
  ) AS places GROUP BY 1, 2
), was AS (
  SELECT warehouse, sku, on_hand FROM stock
  WHERE %(warehouses)s::text[] IS NULL OR warehouse = ANY(%(warehouses)s)
), both_sides AS (
  SELECT c.on_hand AS now_there, w.on_hand AS was_there, c.rows, c.places, coalesce(c.sku, w.sku) AS sku
  FROM came c FULL JOIN was w ON w.warehouse = c.warehouse AND w.sku = c.sku
)
SELECT coalesce(sum(rows), 0)::bigint AS rows, coalesce(sum(rows - places), 0)::bigint AS duplicates,
  count(now_there) AS articles, count(*) FILTER (WHERE now_there < 0) AS negative,
  count(*) FILTER (WHERE now_there = 0) AS zeroes,
  count(was_there) AS known, count(*) FILTER (WHERE was_there = 0) AS known_zeroes,
  count(*) FILTER (WHERE was_there > 0) AS stocked,
  count(*) FILTER (WHERE was_there > 0 AND coalesce(now_there, 0) = 0) AS turned_zero,
  count(*) FILTER (WHERE now_there IS NOT NULL AND was_there IS NOT NULL) AS both,
  count(*) FILTER (WHERE now_there <> was_there) AS changed,
  count(*) FILTER (WHERE was_there IS NULL AND NOT EXISTS (SELECT FROM article a WHERE a.sku = both_sides.sku)
    AND NOT EXISTS (SELECT FROM stock s WHERE s.sku = both_sides.sku)) AS unknown,
  extract(epoch FROM clock_timestamp() - %(as_of)s)::float8 / 3600 AS age_hours
FROM both_sides
"""


def measure(connection: "Connection", picture: Picture) -> PictureFigures:
    """Return the figures of what stands in ``arriving_stock``: one statement, one row."""
    warehouses = None if picture.warehouses is None else list(picture.warehouses)
    row: Any = connection.execute(_FIGURES, {"warehouses": warehouses, "as_of": picture.as_of}).fetchone()
    return PictureFigures(**row)


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
