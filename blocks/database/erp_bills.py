"""Approved invoices as the ERP holds them: what is asked of it, what it answered, and whether it has paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import received_invoices
from blocks.systems.answers import Done

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.effects import Settled
    from blocks.database.engine import Connection
    from blocks.documents.bills import BillSeen


@dataclass(frozen=True, slots=True)
class Owed:
    """An approved invoice that is to be booked: our reference, and the supplier's code in the ERP."""

    reference: str
    supplier: str


def owed(connection: "Connection", invoices: Sequence[int]) -> dict[int, Owed]:
    """Return for each of these invoices what it is booked under."""
    rows = connection.execute(
        "SELECT r.id, r.received_at, coalesce(s.erp_code, '') AS code FROM received_invoice r"
        " LEFT JOIN supplier s ON s.id = r.supplier_id WHERE r.id = ANY(%s)",
        (list(invoices),),
    )
    return {row["id"]: Owed(reference(row["id"], row["received_at"]), row["code"]) for row in rows}


def reference(number: int, received_at: datetime) -> str:
    """Return our reference of an invoice, by which it is looked up in the ERP.

    The moment is part of it: a SOMS that was set up anew counts from 1 again, and must not find the old one's.
    """
    return f"SOMS-bill-{received_at.astimezone(UTC):%Y%m%d%H%M%S}-{number}"


def book(connection: "Connection", trail: "Trail", settled: Sequence["Settled"]) -> None:
    """Write down which invoices the ERP has booked, under which number; they are posted then."""
    done = _done(settled)
    for number, entry in done.items():
        _keep(connection, trail, number, entry, kind="invoice.billed")
    received_invoices.move_on(connection, trail, list(done), to="posted")


def book_reversals(connection: "Connection", trail: "Trail", settled: Sequence["Settled"]) -> None:
    """Write down by which bills the ERP has taken back those of corrected invoices; of some it held nothing."""
    for number, entry in _done(settled).items():
        bill = of(connection, number)
        if bill is not None and "id" in _facts(entry):
            _keep(connection, trail, number, entry, kind="invoice.bill_reversed", reversal_of=bill["id"])


def _done(settled: Sequence["Settled"]) -> dict[int, "Settled"]:
    return {entry.effect.payload["invoice"]: entry for entry in settled if isinstance(entry.answer, Done)}


def _facts(entry: "Settled") -> Mapping[str, Any]:
    return entry.answer.facts if isinstance(entry.answer, Done) else {}


def _keep(
    connection: "Connection",
    trail: "Trail",
    number: int,
    entry: "Settled",
    *,
    kind: str,
    reversal_of: int | None = None,
) -> None:
    """Write down one bill, once."""
    facts = _facts(entry)
    row = connection.execute(
        "INSERT INTO erp_bill (invoice_id, system, reference, erp_id, number, state, total, rounding, reversal_of,"
        " run_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        (
            number, entry.effect.system, entry.answer.reference if isinstance(entry.answer, Done) else "", facts["id"],
            facts["number"], facts["state"], Decimal(facts["total"]), Decimal(facts["rounding"]), reversal_of,
            trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    if row:
        told = {"number": facts["number"], "erp": facts["id"], "state": facts["state"]}
        trail.add(kind, f"received_invoice/{number}", [("erp_bill", row["id"])], told)


def unpaid(connection: "Connection", system: str) -> dict[str, int]:
    """Return the invoices that an ERP has booked and not said to be paid: their ids by our reference."""
    rows = connection.execute(
        "SELECT reference, invoice_id FROM erp_bill WHERE system = %s AND paid_on IS NULL ORDER BY id", (system,)
    )
    return {row["reference"]: row["invoice_id"] for row in rows}


def unpaid_systems(connection: "Connection") -> list[str]:
    """Return the ERPs that hold bills nobody has said to be paid."""
    return [row["system"] for row in connection.execute("SELECT DISTINCT system FROM erp_bill WHERE paid_on IS NULL")]


def hear(connection: "Connection", trail: "Trail", system: str, seen: Mapping[str, "BillSeen"]) -> list[int]:
    """Note what an ERP says of bills that has changed; returns the invoices that are paid now."""
    rows = connection.execute(
        "UPDATE erp_bill b SET number = n.number, state = n.state, paid_on = n.paid_on, heard_at = now()"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[]) AS n(reference, number, state, paid_on)"
        " WHERE b.system = %s AND b.reference = n.reference AND b.paid_on IS NULL"
        " AND (b.number, b.state) IS DISTINCT FROM (n.number, n.state)"
        " RETURNING b.id, b.invoice_id, b.number, b.state, b.paid_on, b.reversal_of",
        (
            list(seen),
            [one.number for one in seen.values()],
            [one.state for one in seen.values()],
            [one.paid_on for one in seen.values()],
            system,
        ),
    ).fetchall()
    for row in rows:
        kind = "invoice.bill_paid" if row["paid_on"] else "invoice.bill_changed"
        told = {"number": row["number"], "state": row["state"]}
        if row["paid_on"]:
            told["paid_on"] = row["paid_on"].isoformat()
        trail.add(kind, f"received_invoice/{row['invoice_id']}", [("erp_bill", row["id"])], told)
    paid = [row["invoice_id"] for row in rows if row["paid_on"] and row["reversal_of"] is None]
    return received_invoices.move_on(connection, trail, paid, to="paid")


def of(connection: "Connection", invoice: int) -> dict[str, Any] | None:
    """Return the bill that the ERP holds of an invoice, whether or not it was taken back; None where it holds none."""
    return connection.execute(
        "SELECT * FROM erp_bill WHERE invoice_id = %s AND reversal_of IS NULL", (invoice,)
    ).fetchone()
