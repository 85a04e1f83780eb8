"""What order completeness reads of the books, and the certificates it writes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tasks.order_completeness.rules import Books, Certificate, Counts, Window, sorted_ids

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND = "order"
MOST_TOLD = 100
"""Ids in the audit event; the certificate's row holds all of them."""
_STATES = """
 count(*) FILTER (WHERE state = 'accepted') AS accepted, count(*) FILTER (WHERE state = 'put_aside') AS put_aside,
 count(*) FILTER (WHERE state = 'rejected') AS rejected, count(*) FILTER (WHERE state = 'superseded') AS superseded,
 count(*) FILTER (WHERE state = 'ignored') AS ignored, count(*) FILTER (WHERE state = 'received') AS unjudged,
 count(*) FILTER (WHERE state = 'received' AND since < clock_timestamp() - interval '1 hour') AS stuck,
 coalesce(sum(deliveries), 0)::bigint AS received, coalesce(sum(deliveries - counted), 0)::bigint AS duplicates
"""
"""Sums over records with ``state, deliveries, counted, since``; ``counted`` is 0 for what came in another window."""


def first_received(connection: "Connection", source: str) -> datetime | None:
    """Return when the first record of a source came in; None when nothing ever did."""
    row = connection.execute(
        "SELECT received_at AS first FROM inbox WHERE source = %s AND kind = %s ORDER BY id LIMIT 1", (source, KIND)
    ).fetchone()
    return row["first"] if row else None


def unknown_ids(connection: "Connection", source: str, ids: Sequence[str]) -> list[str]:
    """Return those of some ids of which nothing was ever received."""
    rows = connection.execute(
        "SELECT asked.id FROM unnest(%s::text[]) AS asked(id) WHERE NOT EXISTS"
        " (SELECT FROM inbox i WHERE i.source = %s AND i.kind = %s AND i.external_id = asked.id)",
        (list(ids), source, KIND),
    )
    return sorted_ids(row["id"] for row in rows)


def books_of_ids(connection: "Connection", *, source: str, channel: str, ids: Sequence[str], window: Window) -> Books:
    """Return what became of everything that was received of some ids, and what SOMS has beside them."""
    row = connection.execute(
        f"SELECT {_STATES} FROM (SELECT state, deliveries, 1 AS counted, last_delivered_at AS since FROM inbox"  # noqa: S608
        " WHERE source = %s AND kind = %s AND external_id = ANY(%s)) record",
        (source, KIND, list(ids)),
    ).fetchone()
    without = connection.execute(
        "SELECT DISTINCT i.external_id FROM inbox i WHERE i.source = %s AND i.kind = %s AND i.state = 'accepted'"
        " AND i.external_id = ANY(%s) AND NOT EXISTS"
        " (SELECT FROM sales_order o WHERE o.channel = %s AND o.external_id = i.external_id)",
        (source, KIND, list(ids), channel),
    )
    surplus = connection.execute(
        "SELECT o.external_id FROM sales_order o JOIN inbox i ON i.id = o.inbox_id"
        " WHERE i.source = %s AND o.channel = %s AND o.placed_at >= %s AND o.placed_at < %s"
        " AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS listed(id) WHERE listed.id = o.external_id)",
        (source, channel, window.since, window.until, list(ids)),
    )
    return _books(
        row, tuple(sorted_ids(each["external_id"] for each in without)),
        tuple(sorted_ids(each["external_id"] for each in surplus)),
    )  # fmt: skip


def books_of_files(connection: "Connection", *, source: str, channel: str, window: Window) -> Books:
    """Return what became of the records of all files that came in a window; what had come before is a duplicate."""
    within = (source, window.since, window.until)
    row = connection.execute(
        f"SELECT {_STATES} FROM (SELECT CASE WHEN r.fresh THEN i.state ELSE '' END AS state, 1 AS deliveries,"  # noqa: S608
        " r.fresh::int AS counted, i.last_delivered_at AS since FROM received_file f"
        " JOIN file_record r ON r.file_id = f.id JOIN inbox i ON i.id = r.inbox_id"
        " WHERE f.source = %s AND f.received_at >= %s AND f.received_at < %s) record",
        within,
    ).fetchone()
    without = connection.execute(
        "SELECT DISTINCT i.external_id FROM received_file f JOIN file_record r ON r.file_id = f.id"
        " JOIN inbox i ON i.id = r.inbox_id WHERE f.source = %s AND f.received_at >= %s AND f.received_at < %s"
        " AND i.state = 'accepted' AND NOT EXISTS"
        " (SELECT FROM sales_order o WHERE o.channel = %s AND o.external_id = i.external_id)",
        (*within, channel),
    )
    return _books(row, tuple(sorted_ids(each["external_id"] for each in without)))


def books_of_window(connection: "Connection", *, source: str, channel: str, window: Window) -> Books:
    """Return what became of everything that first came in a window, for a source that keeps no count of its own."""
    within = (source, KIND, window.since, window.until)
    row = connection.execute(
        f"SELECT {_STATES} FROM (SELECT state, deliveries, 1 AS counted, last_delivered_at AS since FROM inbox"  # noqa: S608
        " WHERE source = %s AND kind = %s AND received_at >= %s AND received_at < %s) record",
        within,
    ).fetchone()
    without = connection.execute(
        "SELECT DISTINCT i.external_id FROM inbox i WHERE i.source = %s AND i.kind = %s AND i.received_at >= %s"
        " AND i.received_at < %s AND i.state = 'accepted' AND NOT EXISTS"
        " (SELECT FROM sales_order o WHERE o.channel = %s AND o.external_id = i.external_id)",
        (*within, channel),
    )
    return _books(row, tuple(sorted_ids(each["external_id"] for each in without)))


def _books(row: dict[str, Any] | None, without: tuple[str, ...], surplus: tuple[str, ...] = ()) -> Books:
    figures = {name: int(value) for name, value in (row or {}).items()}
    stuck = figures.pop("stuck", 0)
    return Books(Counts(**figures), stuck, without, surplus)


def files(connection: "Connection", *, source: str, window: Window) -> list[dict[str, Any]]:
    """Return the files that were claimed in a window, and how many records of each are kept."""
    return connection.execute(
        "SELECT f.id, f.state, f.records, f.refusal, f.received_at < clock_timestamp() - interval '1 hour' AS old,"
        " (SELECT count(*) FROM file_record r WHERE r.file_id = f.id) AS kept FROM received_file f"
        " WHERE f.source = %s AND f.received_at >= %s AND f.received_at < %s ORDER BY f.id",
        (source, window.since, window.until),
    ).fetchall()


def write(connection: "Connection", trail: "Trail", certificate: Certificate) -> int:
    """Write a certificate and tell the trail of it; returns its id."""
    counts = certificate.books.counts
    row = connection.execute(
        "INSERT INTO completeness_certificate (source, window_from, window_to, source_count, received, accepted,"
        " put_aside, rejected, duplicates, superseded, ignored, unjudged, missing, fetched, closes, run_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            certificate.source, certificate.window.since, certificate.window.until, certificate.claim.count,
            counts.received, counts.accepted, counts.put_aside, counts.rejected, counts.duplicates, counts.superseded,
            counts.ignored, counts.unjudged, json.dumps(certificate.claim.missing), len(certificate.fetched),
            certificate.closes, trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    number = int(row["id"]) if row else 0
    facts = {
        "source": certificate.source, "closes": certificate.closes, "received": counts.received,
        "source_count": certificate.claim.count, "missing": list(certificate.claim.missing[:MOST_TOLD]),
        "fetched": len(certificate.fetched),
    }  # fmt: skip
    trail.add("completeness.certified", f"source/{certificate.source}", [("completeness_certificate", number)], facts)
    return number
