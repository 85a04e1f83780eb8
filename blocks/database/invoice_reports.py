"""What reports ask of incoming invoices: verdicts by class, what waits, how old it is, who sends what."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def verdict_table(connection: "Connection", *, run_id: str) -> list[dict[str, Any]]:
    """Return what a run judged: for each class of checks how many invoices passed, failed, were not checked."""
    return connection.execute(
        "SELECT n.class, count(*) FILTER (WHERE n.told = 'passed') AS passed,"
        " count(*) FILTER (WHERE n.told = 'failed') AS failed,"
        " count(*) FILTER (WHERE n.told = 'not-checked') AS not_checked"
        " FROM invoice_verdict v, LATERAL (VALUES (1, 'format', v.format), (2, 'business rules', v.business_rules),"
        " (3, 'content', v.content), (4, 'supply', v.supply)) AS n(place, class, told) WHERE v.run_id = %s"
        " GROUP BY n.place, n.class ORDER BY n.place",
        (run_id,),
    ).fetchall()


def input_tax_table(connection: "Connection", *, run_id: str) -> list[dict[str, Any]]:
    """Return what a run's verdicts mean for input tax: ``input_tax, invoices, currency, vat``."""
    return connection.execute(
        "SELECT v.input_tax, r.currency, count(*) AS invoices, sum(r.vat) AS vat FROM invoice_verdict v"
        " JOIN received_invoice r ON r.id = v.invoice_id WHERE v.run_id = %s GROUP BY 1, 2 ORDER BY 1, 2",
        (run_id,),
    ).fetchall()


def findings_table(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return which rules a run's findings are of, most frequent first: ``rule, kind, gravity, invoices``."""
    return connection.execute(
        "SELECT f->>'rule' AS rule, f->>'kind' AS kind, f->>'gravity' AS gravity,"
        " count(DISTINCT v.invoice_id) AS invoices"
        " FROM invoice_verdict v, jsonb_array_elements(v.verdict::jsonb->'findings') AS f WHERE v.run_id = %s"
        " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT %s",
        (run_id, limit),
    ).fetchall()


def listing(
    connection: "Connection", *, states: Sequence[str], source: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return invoices in these states, those that must be decided first at the top, with their newest verdict."""
    rows = connection.execute(
        "SELECT r.id, r.state, r.source, coalesce(s.name, '') AS supplier, r.number, r.gross, r.currency,"
        " r.received_at, r.decide_by, r.asked_at, v.version, v.view_hash, v.format, v.business_rules, v.content,"
        " v.supply, v.input_tax, v.fatal, v.verdict, EXISTS (SELECT FROM invoice_decision d"
        " WHERE d.invoice_id = r.id AND d.action = 'approve' AND NOT d.final AND d.view_hash = v.view_hash)"
        " AS half_approved, c.outcome, r.conversion_id"
        " FROM received_invoice r JOIN conversion c ON c.id = r.conversion_id"
        " LEFT JOIN supplier s ON s.id = r.supplier_id"
        " LEFT JOIN invoice_verdict v ON v.invoice_id = r.id AND v.version = r.verdict_version"
        " WHERE r.state = ANY(%(states)s) AND (%(source)s::text IS NULL OR r.source = %(source)s)"
        " ORDER BY r.decide_by, r.id LIMIT %(limit)s",
        {"states": list(states), "source": source, "limit": limit},
    )
    return [{"why": _why(row.pop("verdict")), **row} for row in rows]


def _why(verdict: str | None) -> list[str]:
    """Return the sentences of the findings that matter, the fatal ones first."""
    if verdict is None:
        return ["It is not judged yet."]
    found = json.loads(verdict)["findings"]
    order = {"fatal": 0, "warning": 1}
    told = sorted((one for one in found if one["gravity"] in order), key=lambda one: order[one["gravity"]])
    return [one["text"] for one in told]


def count_waiting(connection: "Connection", *, source: str | None = None) -> int:
    """Return how many invoices nobody has decided."""
    row = connection.execute(
        "SELECT count(*) AS waiting FROM received_invoice WHERE state IN ('received', 'waiting')"
        " AND (%(source)s::text IS NULL OR source = %(source)s)",
        {"source": source},
    ).fetchone()
    return int(row["waiting"]) if row else 0


def ages(connection: "Connection", *, zone: str, now: datetime, least: int = 0) -> list[dict[str, Any]]:
    """Return undecided invoices with their age: days of the merchant's calendar since the one on which each came.

    Days, not hours: the clock may change in between, and so may the year.
    """
    return connection.execute(
        "SELECT * FROM (SELECT r.id, coalesce(s.name, '') AS supplier, r.number, r.gross, r.currency, r.asked_at,"
        " (r.received_at AT TIME ZONE %(zone)s)::date AS came_on, r.decide_by,"
        " (%(now)s AT TIME ZONE %(zone)s)::date - (r.received_at AT TIME ZONE %(zone)s)::date AS days"
        " FROM received_invoice r LEFT JOIN supplier s ON s.id = r.supplier_id"
        " WHERE r.state IN ('received', 'waiting')) aged WHERE days >= %(least)s ORDER BY days DESC, id",
        {"zone": zone, "now": now, "least": least},
    ).fetchall()


def forms_by_supplier(connection: "Connection") -> list[dict[str, Any]]:
    """Return for each supplier what its invoices came as, and when the last one that was no e-invoice was issued."""
    return connection.execute(
        "SELECT s.id, s.key, s.name, s.small_business, s.turnover_above_limit, s.domestic,"
        " count(*) AS invoices, count(*) FILTER (WHERE v.is_e_invoice) AS e_invoices,"
        " count(*) FILTER (WHERE v.is_e_invoice IS NOT TRUE AND c.provenance = '{}' AND c.invoice IS NOT NULL) AS edi,"
        " max(coalesce(r.issued_on, r.received_at::date)) FILTER (WHERE v.is_e_invoice IS NOT TRUE) AS last_other"
        " FROM received_invoice r JOIN supplier s ON s.id = r.supplier_id"
        " JOIN conversion c ON c.id = r.conversion_id"
        " JOIN invoice_verdict v ON v.invoice_id = r.id AND v.version = r.verdict_version"
        " GROUP BY s.id ORDER BY s.name, s.id"
    ).fetchall()
