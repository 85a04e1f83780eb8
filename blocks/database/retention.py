"""How long what belongs to invoices is kept, what is held beyond that, and what may be deleted; nothing overwritten.

A record is named as rows are everywhere: 'inbox/17'. Deleting empties what a record says and leaves the row, so that
the audit trail still proves that it was there, when it came and when it was deleted. Only the owner of the tables can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from blocks.database import suppliers
from blocks.documents.reasons import kept_reason
from blocks.documents.retention_terms import KeptAs, Term, term
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

LONGEST_NAME = 100
SCOPES = ("everything", "year", "supplier", "record")
_HELD = (
    "(h.scope = 'everything' OR h.scope = 'year' AND h.value = extract(year FROM r.dated)::text"
    " OR h.scope = 'supplier' AND h.value = r.supplier_id::text OR h.scope = 'record' AND h.value = r.record"
    " OR h.scope IN ('year', 'supplier') AND EXISTS (SELECT FROM conversion c JOIN received_invoice i"
    " ON i.conversion_id = c.id WHERE (c.id = CASE WHEN r.record LIKE 'conversion/%%' THEN substr(r.record, 12)::bigint"
    " END OR c.inbox_id = CASE WHEN r.record LIKE 'inbox/%%' THEN substr(r.record, 7)::bigint END)"
    " AND h.value = CASE h.scope WHEN 'year' THEN extract(year FROM i.issued_on)::text ELSE i.supplier_id::text END))"
)
"""A hold on a record. One file may hold invoices of several suppliers, and one of December may come in January: every
invoice read of it counts, with its own year and the supplier that is known now."""
_EMPTIED = {
    "inbox": "UPDATE inbox SET body = '' WHERE id = %s",
    "conversion": "UPDATE conversion SET invoice = CASE WHEN invoice IS NOT NULL THEN '{}' END, provenance = '{}',"
    " reasons = '[]' WHERE id = %s",
    "accounting_export": "UPDATE accounting_export SET datev = '', listed = '' WHERE id = %s",
}
"""What deleting a record of a table does to it."""
_GUARDED = frozenset({"accounting_export"})
"""Tables whose rows nobody may change; their owner lifts the guard for the moment of a deletion that is due."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that must not be deleted, and why, in a sentence."""

    record: str
    why: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted, or would be, and what is refused."""

    deleted: tuple[str, ...]
    refused: tuple[Refusal, ...]


def keep(connection: "Connection", trail: "Trail", invoices: Sequence[int]) -> int:
    """Note how long the bytes and the reading of invoices that came must be kept; returns how many records are new.

    An invoice counts from the later of its day of issue and the day it came: to keep too long does no harm.
    """
    rows = connection.execute(
        "SELECT r.supplier_id, c.inbox_id, r.conversion_id, greatest(r.issued_on, r.received_at::date) AS dated"
        " FROM received_invoice r JOIN conversion c ON c.id = r.conversion_id WHERE r.id = ANY(%s) ORDER BY r.id",
        (list(invoices),),
    ).fetchall()
    named = [
        (record, term(KeptAs.VOUCHER, row["dated"]), row["supplier_id"])
        for row in rows
        for record in (f"inbox/{row['inbox_id']}", f"conversion/{row['conversion_id']}")
    ]
    return keep_records(connection, trail, named)


def keep_records(connection: "Connection", trail: "Trail", named: Sequence[tuple[str, Term, int | None]]) -> int:
    """Note how long records (with their term and supplier) must be kept; returns how many were not noted before."""
    new = connection.execute(
        "INSERT INTO retention (record, kept_as, dated, ends_on, law, supplier_id, run_id)"
        " SELECT n.*, %s FROM unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::bigint[]) AS n"
        " ON CONFLICT ON CONSTRAINT retention_once DO NOTHING RETURNING id, record, ends_on",
        (
            trail.actor.run_id, [name for name, _, _ in named], [one.kept_as.value for _, one, _ in named],
            [one.dated for _, one, _ in named], [one.ends_on for _, one, _ in named],
            [one.law for _, one, _ in named], [supplier for _, _, supplier in named],
        ),
    ).fetchall()  # fmt: skip
    for row in new:
        facts = {"until": row["ends_on"].isoformat()}
        trail.add("archive.kept", row["record"], [("retention", row["id"])], facts)
    return len(new)


def place_hold(connection: "Connection", trail: "Trail", *, scope: str, value: str = "", by: str, reason: str) -> int:
    """Hold records beyond their time: everything, those of a year, of a supplier (its id), or one record.

    Raises:
        WrongUse: There is no such scope, it names nothing, no reason is given, or it is held already.
    """
    if scope not in SCOPES or (scope == "everything") != (not value):
        raise WrongUse("Hold 'everything', or name what: a year (2018), a supplier (its number), a record (inbox/17).")
    value, reason = _held_value(connection, scope, value), kept_reason(reason)
    row = connection.execute(
        "INSERT INTO legal_hold (scope, value, reason, placed_by) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (scope, value) WHERE lifted_at IS NULL DO NOTHING RETURNING id",
        (scope, value, reason, by),
    ).fetchone()
    if row is None:
        raise WrongUse(f"That is held already: `soms archive holds` shows since when and by whom ({scope} {value}).")
    facts = {"by": by, "reason": reason, "scope": scope, "value": value}
    trail.add("archive.held", f"legal_hold/{row['id']}", [("legal_hold", row["id"])], facts)
    return int(row["id"])


def _held_value(connection: "Connection", scope: str, value: str) -> str:
    """Return what a hold names as records are compared with it: one that names nothing would protect nothing."""
    plain = value.strip()[:LONGEST_NAME]
    if scope in {"year", "supplier"} and not (plain.isascii() and plain.isdecimal()):
        raise WrongUse(f"A {scope} is a number, not '{plain}'.")
    if scope == "year" and (len(plain) != len("2018") or plain < "1900"):
        raise WrongUse(f"A year has four digits, such as 2018, not '{plain}'.")
    if scope == "supplier":
        return str(suppliers.show(connection, int(plain))["id"])
    if scope == "record" and ("\0" in plain or not terms(connection, records=[plain], limit=1)):
        raise WrongUse(f"No record is kept as '{plain}': `soms archive list` shows them, such as inbox/17.")
    return plain


def lift_hold(connection: "Connection", trail: "Trail", number: int, *, by: str, reason: str) -> None:
    """Lift a hold for good.

    Raises:
        WrongUse: There is no such hold that stands, or no reason is given.
    """
    reason = kept_reason(reason)
    row = connection.execute(
        "UPDATE legal_hold SET lifted_by = %s, lifted_at = now(), lifted_reason = %s"
        " WHERE id = %s AND lifted_at IS NULL RETURNING id",
        (by, reason, number),
    ).fetchone()
    if row is None:
        raise WrongUse(f"There is no hold {number} that stands: `soms archive holds` lists them.")
    facts = {"by": by, "reason": reason}
    trail.add("archive.released", f"legal_hold/{number}", [("legal_hold", number)], facts)


def holds(connection: "Connection") -> list[dict[str, Any]]:
    """Return all holds, those that stand first."""
    return connection.execute(
        "SELECT id, scope, value, reason, placed_by, placed_at, lifted_by, lifted_at, lifted_reason FROM legal_hold"
        " ORDER BY lifted_at IS NOT NULL, id"
    ).fetchall()


def terms(connection: "Connection", *, records: Sequence[str] | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Return how long records are kept, those that end first first; ``holds`` are the numbers of holds on them."""
    return connection.execute(
        f"SELECT r.record, r.kept_as, r.dated, r.ends_on, r.law, array_remove(array_agg(h.id ORDER BY h.id), NULL)"  # noqa: S608 - ours
        f" AS holds FROM {_NEWEST} r LEFT JOIN legal_hold h ON h.lifted_at IS NULL AND {_HELD}"
        " WHERE %(records)s::text[] IS NULL OR r.record = ANY(%(records)s)"
        " GROUP BY r.record, r.kept_as, r.dated, r.ends_on, r.law ORDER BY r.ends_on, r.record LIMIT %(limit)s",
        {"records": None if records is None else list(records), "limit": limit},
    ).fetchall()


_NEWEST = "(SELECT DISTINCT ON (record) * FROM retention ORDER BY record, id DESC)"


def due(connection: "Connection", today: date) -> Deletion:
    """Return which records' time is over and nothing holds them, and which of those are held; changes nothing."""
    rows = connection.execute(
        f"SELECT r.record, r.ends_on, max(h.reason) AS held FROM {_NEWEST} r"  # noqa: S608 - ours
        f" LEFT JOIN legal_hold h ON h.lifted_at IS NULL AND {_HELD} WHERE r.ends_on < %s AND NOT EXISTS"
        " (SELECT FROM audit_event e WHERE e.subject = r.record AND e.kind = 'archive.deleted')"
        " GROUP BY r.record, r.ends_on ORDER BY r.record",
        (today,),
    ).fetchall()
    free = tuple(row["record"] for row in rows if row["held"] is None)
    held = tuple(Refusal(row["record"], _held(row)) for row in rows if row["held"] is not None)
    return Deletion(free, held)


def _held(row: dict[str, Any]) -> str:
    return f"{row['record']} was to be kept until {row['ends_on']} and is held beyond that: {row['held']}"


def delete(
    connection: "Connection", trail: "Trail", records: Sequence[str], *, today: date, by: str, reason: str
) -> Deletion:
    """Delete what records say, those whose time is over and that nothing holds; the others are refused by name.

    Args:
        connection: An audited transaction's connection, as the owner of the tables: nobody else can.
        trail: The same transaction's trail.
        records: Names of records, e.g. as ``due`` returns them.
        today: The merchant's day.
        by: Who wants it.
        reason: Why.

    Raises:
        WrongUse: No reason is given.
    """
    reason = kept_reason(reason)
    connection.execute("LOCK TABLE legal_hold, retention IN SHARE MODE")
    known = {row["record"]: row for row in terms(connection, records=records, limit=len(records))}
    reasons = {row["id"]: row["reason"] for row in holds(connection)}
    gone = _deleted(connection, records)
    deleted, refused = [], []
    for record in dict.fromkeys(records):
        table, _, key = record.partition("/")
        row = known.get(record)
        if row is None or table not in _EMPTIED:
            refused.append(Refusal(record, f"{record} has no term, so nobody knows that it may be deleted."))
        elif record in gone:
            refused.append(Refusal(record, f"{record} is deleted already."))
        elif row["ends_on"] >= today:
            why = f"{record} must be kept until {row['ends_on']} ({row['law']})."
            refused.append(Refusal(record, why))
        elif row["holds"]:
            said = "; ".join(f"hold {number}: {reasons[number]}" for number in row["holds"])
            refused.append(Refusal(record, f"{record} is held ({said})."))
        else:
            _empty(connection, table, int(key))
            trail.add("archive.deleted", record, [(table, key)], {"by": by, "reason": reason})
            deleted.append(record)
    return Deletion(tuple(deleted), tuple(refused))


def _deleted(connection: "Connection", records: Sequence[str]) -> set[str]:
    rows = connection.execute(
        "SELECT subject FROM audit_event WHERE subject = ANY(%s) AND kind = 'archive.deleted'", (list(records),)
    )
    return {row["subject"] for row in rows}


def _empty(connection: "Connection", table: str, key: int) -> None:
    if table in _GUARDED:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER guard_rows")
    connection.execute(_EMPTIED[table], (key,))
    if table in _GUARDED:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER guard_rows")
