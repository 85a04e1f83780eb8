"""Conversions as they are kept: what was read of each file, how people settled it, what is delivered of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import inbox
from blocks.documents.base import canonical_json
from blocks.documents.conversions import KIND, Conversion, Outcome
from blocks.documents.invoice_text import invoice_text
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

WAITING = ("review", "unreadable")
LONGEST_KEY = 200
LARGEST_AMOUNT = 10**10
"""What the column for the gross total holds; a larger one stands in the invoice alone."""
_COLUMNS = (
    "inbox_id, part, source, file_name, sha256, size, outcome, read_as, reasons, invoice, provenance, not_held,"
    " supplier, number, issued_on, gross, currency, target, target_format, recipient, run_id"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file of the inbox that nobody has read as an invoice yet."""

    inbox_id: int
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Goal:
    """Where and in which form a converted invoice is to go; ``recipient`` is a mail address, where it goes by mail."""

    target: str = ""
    form: str = "json"
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One invoice that was read of a file, and the key its supplier is known by ('' where nobody can tell).

    ``part`` counts the invoices of one file from 1.
    """

    file: Waiting
    conversion: Conversion
    supplier: str
    part: int = 1


def waiting(
    connection: "Connection", *, source: str, first: int = 0, last: int | None = None, limit: int | None = None
) -> list[Waiting]:
    """Return the files to be read, oldest first; ``first`` and ``last`` are ids of the inbox, both included.

    What did not come as a file of its own, e.g. a message of an interchange, is named as it is in the inbox.
    """
    rows = connection.execute(
        "SELECT i.id AS inbox_id, coalesce(f.name, i.external_id) AS name, i.content_hash AS sha256,"
        " octet_length(i.body) AS size FROM inbox i LEFT JOIN LATERAL (SELECT r.file_id FROM file_record r"
        " WHERE r.inbox_id = i.id ORDER BY r.file_id LIMIT 1) first ON true"
        " LEFT JOIN received_file f ON f.id = first.file_id"
        " WHERE i.source = %s AND i.kind = %s AND i.state = 'received' AND i.id >= %s"
        " AND (%s::bigint IS NULL OR i.id <= %s) ORDER BY i.id LIMIT %s",
        (source, KIND, first, last, last, limit),
    )
    return [Waiting(**row) for row in rows]


def body(connection: "Connection", inbox_id: int) -> bytes:
    """Return the bytes of a file as they came."""
    row = connection.execute("SELECT body FROM inbox WHERE id = %s", (inbox_id,)).fetchone()
    return bytes(row["body"]) if row else b""


def hold_booking(connection: "Connection") -> None:
    """Wait until no other transaction books or releases invoices; held until this one ends.

    Whether a number of a supplier is known already is asked and answered in one step.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('conversion', 0))")


def still_open(connection: "Connection", inbox_ids: Sequence[int]) -> set[int]:
    """Lock and return those of the files that nobody has booked meanwhile."""
    rows = connection.execute(
        "SELECT id FROM inbox WHERE id = ANY(%s) AND state = 'received' ORDER BY id FOR UPDATE", (list(inbox_ids),)
    )
    return {row["id"] for row in rows}


def known_numbers(
    connection: "Connection", keys: Collection[tuple[str, str]], *, but: int = 0
) -> dict[tuple[str, str], int]:
    """Return which invoices, by supplier and number, have been proven or released already: the conversion's id."""
    wanted = [key for key in keys if all(key)]
    if not wanted:
        return {}
    rows = connection.execute(
        "SELECT c.supplier, c.number, min(c.id) AS id FROM conversion c"
        " JOIN unnest(%s::text[], %s::text[]) AS asked(supplier, number) USING (supplier, number)"
        " WHERE c.number <> '' AND c.outcome IN ('proven', 'released') AND c.id <> %s GROUP BY 1, 2",
        ([supplier for supplier, _ in wanted], [number for _, number in wanted], but),
    )
    return {(row["supplier"], row["number"]): row["id"] for row in rows}


def book(connection: "Connection", trail: "Trail", *, source: str, goal: Goal, reads: Sequence[Read]) -> list[int]:
    """Keep what was read and settle the files in the inbox; returns the conversions' ids in the order of ``reads``.

    The caller has locked the files and seen to it that no number is proven twice.
    """
    if not reads:
        return []
    rows = [_row(read, source, goal, trail.actor.run_id) for read in reads]
    with connection.cursor().copy(f"COPY conversion ({_COLUMNS}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    found = connection.execute(
        "SELECT id, inbox_id, part FROM conversion WHERE inbox_id = ANY(%s)", ([read.file.inbox_id for read in reads],)
    )
    by_key = {(row["inbox_id"], row["part"]): row["id"] for row in found}
    ids = [by_key[read.file.inbox_id, read.part] for read in reads]
    aside = {read.file.inbox_id for read in reads if read.conversion.outcome is not Outcome.PROVEN}
    files = {read.file.inbox_id for read in reads}
    inbox.settle(connection, {file: "put_aside" if file in aside else "accepted" for file in files})
    for number, read in zip(ids, reads, strict=True):
        facts = {"outcome": str(read.conversion.outcome), "reasons": len(read.conversion.reasons)}
        touched = [("conversion", number), ("inbox", read.file.inbox_id)]
        trail.add("conversion.booked", f"conversion/{number}", touched, facts)
    return ids


def _row(read: Read, source: str, goal: Goal, run_id: str) -> tuple[Any, ...]:
    file, found = read.file, read.conversion
    invoice, told = found.invoice, found.as_json()
    gross = invoice.totals.gross if invoice else None
    return (
        file.inbox_id, read.part, source, kept(found.file or file.name), file.sha256, file.size,
        str(found.outcome), str(found.outcome), kept(canonical_json(found.reasons)),
        None if invoice is None else kept(invoice_text(invoice)),
        kept(canonical_json(told["provenance"])), kept(canonical_json(found.not_held)), key(read.supplier),
        key(invoice.number) if invoice else "", invoice.issue_date if invoice else None,
        gross if gross is not None and abs(gross) < LARGEST_AMOUNT else None,
        kept(invoice.currency) if invoice else "", goal.target, goal.form, goal.recipient, run_id,
    )  # fmt: skip


def kept(text: str) -> str:
    """Return a text as Postgres can hold it: without NUL and without half characters."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def key(text: str) -> str:
    """Return a supplier's key or an invoice's number as it is kept and compared: an index holds no novels."""
    return kept(text)[:LONGEST_KEY]


def settle(
    connection: "Connection", trail: "Trail", number: int, *, outcome: str, by: str, reason: str, now: dict[str, Any]
) -> None:
    """Release or reject a conversion that waits; ``now`` holds its key figures as corrections leave them."""
    row = connection.execute(
        "UPDATE conversion SET outcome = %(outcome)s, settled_at = now(), settled_by = %(by)s,"
        " settled_reason = %(reason)s, supplier = %(supplier)s, number = %(number)s, issued_on = %(issued_on)s,"
        " gross = %(gross)s, currency = %(currency)s WHERE id = %(id)s AND outcome IN ('review', 'unreadable')"
        " RETURNING inbox_id",
        {"id": number, "outcome": outcome, "by": by, "reason": reason, **now},
    ).fetchone()
    if row is None:
        raise WrongUse(f"Conversion {number} does not wait any more.")
    _settle_file(connection, row["inbox_id"])
    touched = [("conversion", number), ("inbox", row["inbox_id"])]
    trail.add(f"conversion.{outcome}", f"conversion/{number}", touched, {"by": by, "reason": reason})


def _settle_file(connection: "Connection", inbox_id: int) -> None:
    """Settle a file whose invoices have all been decided: rejected when all of them are, else accepted."""
    row = connection.execute(
        "SELECT bool_or(outcome IN ('review', 'unreadable')) AS waits, bool_and(outcome = 'rejected') AS rejected"
        " FROM conversion WHERE inbox_id = %s",
        (inbox_id,),
    ).fetchone()
    if row and not row["waits"]:
        inbox.settle(connection, {inbox_id: "rejected" if row["rejected"] else "accepted"})


def show(connection: "Connection", number: int, *, lock: bool = False) -> dict[str, Any]:
    """Return one conversion with ``reasons``, ``provenance`` and ``not_held`` read from JSON; without the bytes.

    Raises:
        WrongUse: There is no such conversion.
    """
    found = connection.execute(
        f"SELECT * FROM conversion WHERE id = %s{' FOR UPDATE' if lock else ''}",  # noqa: S608 - one of two constants
        (number,),
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no conversion {number}: `soms conversions list` shows what waits.")
    read = {name: json.loads(found[name]) for name in ("reasons", "provenance", "not_held")}
    return {**found, **read}


def reasons(connection: "Connection", numbers: Sequence[int]) -> dict[int, list[str]]:
    """Return why conversions are not proven, by number."""
    rows = connection.execute("SELECT id, reasons FROM conversion WHERE id = ANY(%s)", (list(numbers),))
    return {row["id"]: json.loads(row["reasons"]) for row in rows}


def send_back(connection: "Connection", trail: "Trail", number: int, *, by: str, reason: str) -> None:
    """Let a conversion that went on wait again, to be corrected; the bytes and what was read of them stay.

    Raises:
        WrongUse: It waits already, or was rejected.
    """
    row = connection.execute(
        "UPDATE conversion SET outcome = 'review', settled_at = NULL, settled_by = %s, settled_reason = %s"
        " WHERE id = %s AND outcome IN ('proven', 'released') RETURNING inbox_id",
        (by, reason, number),
    ).fetchone()
    if row is None:
        raise WrongUse(f"Conversion {number} waits for a person already, or was rejected.")
    inbox.settle(connection, {row["inbox_id"]: "put_aside"})
    touched = [("conversion", number), ("inbox", row["inbox_id"])]
    trail.add("conversion.sent_back", f"conversion/{number}", touched, {"by": by, "reason": reason})


def several(connection: "Connection", numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return conversions by number, with what a delivery needs of them."""
    rows = connection.execute(
        "SELECT id, inbox_id, part, file_name, sha256, outcome, invoice, provenance FROM conversion WHERE id = ANY(%s)",
        (list(numbers),),
    )
    return {row["id"]: row for row in rows}


def listing(
    connection: "Connection", *, outcomes: Sequence[str] = WAITING, source: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return conversions with these outcomes, newest first: key figures and ``reasons``."""
    rows = connection.execute(
        "SELECT id, source, file_name, outcome, reasons, supplier, number, gross, currency, converted_at"
        " FROM conversion WHERE outcome = ANY(%(outcomes)s) AND (%(source)s::text IS NULL OR source = %(source)s)"
        " ORDER BY id DESC LIMIT %(limit)s",
        {"outcomes": list(outcomes), "source": source, "limit": limit},
    )
    return [{**row, "reasons": json.loads(row["reasons"])} for row in rows]


def by_supplier(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return what became of a run's files by supplier: ``supplier, files, proven, review, unreadable``."""
    return connection.execute(
        "SELECT supplier, count(*) AS files, count(*) FILTER (WHERE read_as = 'proven') AS proven,"
        " count(*) FILTER (WHERE read_as = 'review') AS review,"
        " count(*) FILTER (WHERE read_as = 'unreadable') AS unreadable FROM conversion WHERE run_id = %s"
        " GROUP BY supplier ORDER BY count(*) DESC, supplier LIMIT %s",
        (run_id, limit),
    ).fetchall()


def count_waiting(connection: "Connection", *, source: str) -> int:
    """Return how many conversions of a source wait for a person."""
    row = connection.execute(
        "SELECT count(*) AS waiting FROM conversion WHERE source = %s AND outcome IN ('review', 'unreadable')",
        (source,),
    ).fetchone()
    return int(row["waiting"]) if row else 0


def refused_files(connection: "Connection", *, source: str, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return the files that a run refused unread, with the reason: ``name, refusal``."""
    return connection.execute(
        "SELECT name, refusal FROM received_file WHERE source = %s AND run_id = %s AND refusal IS NOT NULL"
        " ORDER BY id LIMIT %s",
        (source, run_id, limit),
    ).fetchall()
