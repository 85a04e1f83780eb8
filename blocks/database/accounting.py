"""Postings of approved invoices, and the batches they are exported in: each posting made once and exported once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import retention, rulebooks
from blocks.database.invoice_corrections import SUPERSEDED
from blocks.documents.accounting_plan import DEFAULTS, KIND, NAME, AccountingPlan, load
from blocks.documents.base import plain_decimal
from blocks.documents.retention_terms import KeptAs, term
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_COLUMNS = (
    "invoice_id", "entry", "account", "contra_account", "side", "amount", "currency", "exchange_rate", "tax_key",
    "vat_category", "vat_rate", "number", "supplier", "supplier_vat_id", "posted_on", "supplied_on", "due_on", "said",
    "plan_version",
)  # fmt: skip
POSTED = ("approved", "posted", "paid")
"""States of invoices that belong into the books."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is exported: the postings' ids, the files, and what they come to, by currency."""

    first_day: date
    last_day: date
    postings: Sequence[int]
    datev: bytes
    listed: bytes
    totals: Mapping[str, Any]


def plan_in_force(connection: "Connection") -> AccountingPlan:
    """Return the accounting plan; what SOMS comes with where nobody has activated any."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS


def hold(connection: "Connection") -> None:
    """Wait until nobody else posts or exports; held until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('accounting_export', 0))")


def unposted(connection: "Connection", limit: int) -> list[dict[str, Any]]:
    """Return approved invoices without postings, oldest first: ``id, supplier_id, supplier, erp_code``.

    What was corrected before it was posted is not posted any more: its correction is.
    """
    return connection.execute(
        "SELECT r.id, r.supplier_id, coalesce(s.name, '') AS supplier, coalesce(s.erp_code, '') AS erp_code"  # noqa: S608 - a constant
        " FROM received_invoice r LEFT JOIN supplier s ON s.id = r.supplier_id WHERE r.state = ANY(%s)"
        f" AND NOT {SUPERSEDED.format('r')}"
        " AND NOT EXISTS (SELECT FROM accounting_posting p WHERE p.invoice_id = r.id) ORDER BY r.id LIMIT %s",
        (list(POSTED), limit),
    ).fetchall()


def post(connection: "Connection", trail: "Trail", postings: Sequence[Any]) -> int:
    """Write the postings of invoices (objects with the columns as attributes); returns how many are new."""
    ids: dict[int, list[int]] = {}
    for one in postings:
        row = connection.execute(
            f"INSERT INTO accounting_posting ({', '.join(_COLUMNS)}, run_id)"  # noqa: S608 - our own names
            f" VALUES ({', '.join(['%s'] * (len(_COLUMNS) + 1))}) ON CONFLICT (invoice_id, entry) DO NOTHING"
            " RETURNING id",
            (*(getattr(one, name) for name in _COLUMNS), trail.actor.run_id),
        ).fetchone()
        if row:
            ids.setdefault(one.invoice_id, []).append(row["id"])
    for invoice, made in ids.items():
        touched = [("accounting_posting", number) for number in made]
        trail.add("invoice.entered", f"received_invoice/{invoice}", touched, {"postings": len(made)})
    return sum(map(len, ids.values()))


_REVERSE = f"""
INSERT INTO accounting_posting ({", ".join(_COLUMNS)}, reverses, run_id)
SELECT p.invoice_id, n.last + row_number() OVER (PARTITION BY p.invoice_id ORDER BY p.entry), p.account,
  p.contra_account, CASE p.side WHEN 'S' THEN 'H' ELSE 'S' END, p.amount, p.currency, p.exchange_rate, p.tax_key,
  p.vat_category, p.vat_rate, p.number, p.supplier, p.supplier_vat_id, greatest(p.posted_on, c.issued_on),
  p.supplied_on, NULL, 'Storno ' || p.said, p.plan_version, p.id, %s
FROM accounting_posting p
JOIN received_invoice c ON c.corrects_id = p.invoice_id AND c.state IN ('approved', 'posted', 'paid')
CROSS JOIN LATERAL (SELECT max(x.entry) AS last FROM accounting_posting x WHERE x.invoice_id = p.invoice_id) n
WHERE p.reverses IS NULL AND NOT EXISTS (SELECT FROM accounting_posting x WHERE x.reverses = p.id)
ORDER BY p.invoice_id, p.entry
ON CONFLICT (reverses) DO NOTHING RETURNING id, invoice_id
"""  # noqa: S608 - our own names


def reverse_corrected(connection: "Connection", trail: "Trail") -> int:
    """Post the postings of invoices that were corrected once more, on the other side; returns how many are new.

    They stand at the day of the correction (§17(1) UStG), and not in a month that may be closed. The caller holds
    ``hold``.
    """
    made: dict[int, list[int]] = {}
    for row in connection.execute(_REVERSE, (trail.actor.run_id,)):
        made.setdefault(row["invoice_id"], []).append(row["id"])
    for invoice, ids in made.items():
        touched = [("accounting_posting", number) for number in ids]
        trail.add("invoice.reversed", f"received_invoice/{invoice}", touched, {"postings": len(ids)})
    return sum(map(len, made.values()))


def open_postings(connection: "Connection", first_day: date, last_day: date) -> list[dict[str, Any]]:
    """Return the postings of these days, both included, that no batch holds yet; locked, in the order of the books."""
    return connection.execute(
        "SELECT * FROM accounting_posting WHERE export_id IS NULL AND posted_on BETWEEN %s AND %s"
        " ORDER BY posted_on, invoice_id, entry FOR UPDATE",
        (first_day, last_day),
    ).fetchall()


def left_over(connection: "Connection", before: date) -> dict[str, int]:
    """Return how many postings of days before one no batch holds, by month such as '2026-09', the oldest first."""
    rows = connection.execute(
        "SELECT to_char(posted_on, 'YYYY-MM') AS month, count(*) AS postings FROM accounting_posting"
        " WHERE export_id IS NULL AND posted_on < %s GROUP BY 1 ORDER BY 1",
        (before,),
    )
    return {row["month"]: row["postings"] for row in rows}


def totals_of_documents(connection: "Connection", invoices: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return ``gross, currency, number`` of invoices as they were booked when they came."""
    rows = connection.execute(
        "SELECT id, gross, currency, number FROM received_invoice WHERE id = ANY(%s)", (list(invoices),)
    )
    return {row["id"]: row for row in rows}


def keep_batch(connection: "Connection", trail: "Trail", batch: Batch, *, by: str) -> int:
    """Keep a batch byte by byte and note its postings as exported; returns its number.

    Raises:
        WrongUse: Some of its postings were exported meanwhile.
    """
    digest = hashlib.sha256(batch.datev + batch.listed).hexdigest()
    row = connection.execute(
        "INSERT INTO accounting_export (first_day, last_day, postings, totals, datev, listed, content_hash, by, run_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            batch.first_day, batch.last_day, len(batch.postings), json.dumps(batch.totals), batch.datev, batch.listed,
            digest, by, trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    number = int(row["id"]) if row else 0
    marked = connection.execute(
        "UPDATE accounting_posting SET export_id = %s WHERE id = ANY(%s) AND export_id IS NULL RETURNING id",
        (number, list(batch.postings)),
    ).fetchall()
    if len(marked) != len(batch.postings):
        raise WrongUse("Some of these postings were exported meanwhile: export again.")
    touched = [("accounting_export", number), *(("accounting_posting", one["id"]) for one in marked)]
    facts = {"by": by, "postings": len(marked), "sha256": digest, "totals": dict(batch.totals)}
    trail.add("accounting.exported", f"accounting_export/{number}", touched, facts)
    kept = term(KeptAs.BOOK, batch.last_day)
    retention.keep_records(connection, trail, [(f"accounting_export/{number}", kept, None)])
    return number


def batches(connection: "Connection", *, limit: int = 200) -> list[dict[str, Any]]:
    """Return the batches, newest first, without their files."""
    return connection.execute(
        "SELECT id, first_day, last_day, postings, totals, content_hash, by, made_at FROM accounting_export"
        " ORDER BY id DESC LIMIT %s",
        (limit,),
    ).fetchall()


def batch_files(connection: "Connection", number: int) -> tuple[bytes, bytes]:
    """Return the DATEV file and the list of a batch, as they were handed over.

    Raises:
        WrongUse: There is no such batch.
    """
    row = connection.execute("SELECT datev, listed FROM accounting_export WHERE id = %s", (number,)).fetchone()
    if row is None:
        raise WrongUse(f"There is no batch {number}: `soms accounting list` shows them.")
    return bytes(row["datev"]), bytes(row["listed"])


def postings_of(connection: "Connection", number: int) -> list[dict[str, Any]]:
    """Return the postings of a batch, in the order of the books."""
    return connection.execute(
        "SELECT * FROM accounting_posting WHERE export_id = %s ORDER BY posted_on, invoice_id, entry", (number,)
    ).fetchall()


def money(found: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts by currency as JSON keeps them."""
    return {currency: plain_decimal(value) for currency, value in sorted(found.items())}
