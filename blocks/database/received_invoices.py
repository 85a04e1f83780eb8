"""Invoices that came, one for each conversion: taken once, kept in step with what people correct, settled once.

``facts_hash`` is over everything a verdict is based on beside the supply: bytes, how reading them was settled,
approved corrections, and what people noted of the supplier. It is taken in Postgres, so that what has changed is found
without reading a single invoice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocks.database import interchanges, retention, suppliers
from blocks.database.conversions_in_force import in_force as conversions_in_force
from blocks.documents.invoice_figures import InvoiceFigures, figures_of
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.invoice_limits import InvoiceLimits
    from blocks.documents.invoices import Invoice

OPEN = ("received", "waiting")
MOST_AT_ONCE, MOST_BYTES_AT_ONCE = 500, 32 * 2**20
"""Invoices of a portion, and the length of what they say: one transaction, flat memory."""
_FACTS = """
encode(sha256(convert_to(concat_ws('|', c.sha256, c.part, c.outcome, coalesce((
  SELECT string_agg(k.id::text, ',' ORDER BY k.id) FROM conversion_correction k
  WHERE k.conversion_id = c.id AND k.state = 'approved'), ''),
  coalesce(s.small_business::text, '?'), coalesce(s.turnover_above_limit::text, '?'), coalesce(s.domestic::text, '?'),
  coalesce(s.state, '?')), 'UTF8')), 'hex')
"""
_COLUMNS = (
    "number", "type_code", "issued_on", "due_on", "currency", "net", "vat", "gross", "payable", "iban", "content_hash",
)  # fmt: skip
_FIELDS = (*_COLUMNS[:-1], "billed_hash")
_TYPES = ("text", "text", "date", "date", "text", "numeric", "numeric", "numeric", "numeric", "text", "text")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an invoice goes on: the ERP it is billed in, the connection its sender is answered by; '' for nowhere."""

    erp: str = ""
    answers: str = ""


def hold_booking(connection: "Connection") -> None:
    """Wait until no other transaction takes, judges or settles invoices; held until this one ends.

    Whether an invoice came before is asked and answered in one step.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('received_invoice', 0))")


def portions(sized: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield ids in portions: invoices can hold whole files, and those of a portion are in memory at once."""
    portion: list[int] = []
    taken = 0
    for number, size in sized:
        if portion and (len(portion) >= MOST_AT_ONCE or taken + size > MOST_BYTES_AT_ONCE):
            yield portion
            portion, taken = [], 0
        portion.append(number)
        taken += size
    if portion:
        yield portion


def untaken(
    connection: "Connection", *, source: str, limit: int | None = None, since: datetime | None = None
) -> list[list[int]]:
    """Return the conversions of a source that are not taken as invoices yet, oldest first, in portions.

    ``since`` leaves out the files that came before.
    """
    rows = connection.execute(
        "SELECT c.id, coalesce(octet_length(c.invoice), 0) AS size FROM conversion c JOIN inbox i ON i.id = c.inbox_id"
        " WHERE c.source = %(source)s AND c.outcome <> 'rejected'"
        " AND (%(since)s::timestamptz IS NULL OR i.received_at >= %(since)s)"
        " AND NOT EXISTS (SELECT FROM received_invoice r WHERE r.conversion_id = c.id) ORDER BY c.id LIMIT %(limit)s",
        {"source": source, "since": since, "limit": limit},
    )
    return list(portions((row["id"], row["size"]) for row in rows))


def take(
    connection: "Connection",
    trail: "Trail",
    conversions: Sequence[int],
    *,
    limits: "InvoiceLimits",
    destination: Destination,
) -> list[int]:
    """Take conversions as invoices that came, each once; returns the ids of the new ones."""
    hold_booking(connection)
    found = connection.execute(
        "SELECT c.id, c.source, c.inbox_id, i.received_at FROM conversion c JOIN inbox i ON i.id = c.inbox_id"
        " WHERE c.id = ANY(%s) AND NOT EXISTS (SELECT FROM received_invoice r WHERE r.conversion_id = c.id)"
        " ORDER BY c.id",
        (list(conversions),),
    ).fetchall()
    known = _figures(connection, [row["id"] for row in found])
    keys = suppliers.ensure(connection, trail, known.values())
    columns = (
        "conversion_id",
        "source",
        "supplier_id",
        *_COLUMNS,
        "erp",
        "answers",
        "received_at",
        "decide_by",
        "came_as",
        "came_from",
        "run_id",
    )
    partners = interchanges.came_by_all(connection, [row["inbox_id"] for row in found])
    with connection.cursor().copy(f"COPY received_invoice ({', '.join(columns)}) FROM STDIN") as copy:
        for row in found:
            each = known[row["id"]]
            day = row["received_at"].astimezone(limits.zone).date()
            copy.write_row((
                row["id"], row["source"], keys.get(each.supplier_key), *(getattr(each, name) for name in _FIELDS),
                destination.erp, destination.answers, row["received_at"],
                day + timedelta(days=limits.decide_within_days), *_whence(row, partners), trail.actor.run_id,
            ))  # fmt: skip
    new = connection.execute(
        "SELECT id, conversion_id FROM received_invoice WHERE conversion_id = ANY(%s) ORDER BY id",
        ([row["id"] for row in found],),
    ).fetchall()
    _stamp(connection, [row["id"] for row in new])
    for row in new:
        touched = [("received_invoice", row["id"])]
        facts = {"conversion": row["conversion_id"]}
        trail.add("invoice.received", f"received_invoice/{row['id']}", touched, facts)
    retention.keep(connection, trail, [row["id"] for row in new])
    return [row["id"] for row in new]


def _whence(row: Mapping[str, Any], partners: Mapping[int, Mapping[str, Any]]) -> tuple[str, str]:
    """Return what an invoice came as, and whose: an EDI partner's interchange, or a file of a connection."""
    if row["inbox_id"] in partners:
        return "edi", partners[row["inbox_id"]]["partner"]
    kind = row["source"].partition("/")[0]
    return kind.removeprefix("invoice-"), row["source"]


def _stamp(connection: "Connection", ids: Sequence[int]) -> None:
    """Note of which facts the figures of invoices are."""
    connection.execute(
        f"UPDATE received_invoice u SET facts_hash = {_FACTS} FROM received_invoice r"  # noqa: S608 - a constant
        " JOIN conversion c ON c.id = r.conversion_id LEFT JOIN supplier s ON s.id = r.supplier_id"
        " WHERE u.id = r.id AND r.id = ANY(%s)",
        (list(ids),),
    )


def _figures(connection: "Connection", conversions: Sequence[int]) -> dict[int, InvoiceFigures]:
    return {
        number: figures_of(invoice) for number, (_, invoice) in conversions_in_force(connection, conversions).items()
    }


def in_force(connection: "Connection", ids: Sequence[int]) -> "dict[int, Invoice]":
    """Return invoices by id, as the approved corrections of their conversions leave them."""
    rows = connection.execute(
        "SELECT id, conversion_id FROM received_invoice WHERE id = ANY(%s)", (list(ids),)
    ).fetchall()
    found = conversions_in_force(connection, [row["conversion_id"] for row in rows])
    return {row["id"]: found[row["conversion_id"]][1] for row in rows}


def undecided(connection: "Connection", *, source: str | None = None, limit: int | None = None) -> list[list[int]]:
    """Return the invoices that nobody has decided, oldest first, in portions."""
    rows = connection.execute(
        "SELECT r.id, coalesce(octet_length(c.invoice), 0) AS size FROM received_invoice r"
        " JOIN conversion c ON c.id = r.conversion_id WHERE r.state = ANY(%(open)s)"
        " AND (%(source)s::text IS NULL OR r.source = %(source)s) ORDER BY r.id LIMIT %(limit)s",
        {"open": list(OPEN), "source": source, "limit": limit},
    )
    return list(portions((row["id"], row["size"]) for row in rows))


def facts(connection: "Connection", ids: Sequence[int], *, lock: bool = False) -> dict[int, dict[str, Any]]:
    """Return undecided invoices by id: what their verdict is to be based on, ``facts`` as they are now among it.

    ``came_as_data`` says that nothing was read off a page. Locked, they stay as they are until the transaction ends.
    """
    if lock:
        connection.execute("SELECT id FROM received_invoice WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(ids),))
    rows = connection.execute(
        f"SELECT {_FACTS} AS facts, r.id, r.conversion_id, r.source, r.state, r.supplier_id, r.verdict_version,"  # noqa: S608 - a constant
        " r.facts_hash, r.currency, r.payable, r.gross, r.received_at, r.erp, r.answers, c.inbox_id, c.file_name,"
        " c.outcome, c.settled_by, c.settled_reason,"
        " c.provenance = '{}' AND c.invoice IS NOT NULL AS came_as_data, c.invoice IS NOT NULL AS was_read,"
        " s.key, s.name, s.state AS supplier_state, s.small_business, s.turnover_above_limit, s.domestic"
        " FROM received_invoice r JOIN conversion c ON c.id = r.conversion_id"
        " LEFT JOIN supplier s ON s.id = r.supplier_id"
        " WHERE r.id = ANY(%s) AND r.state = ANY(%s) ORDER BY r.id",
        (list(ids), list(OPEN)),
    )
    return {row["id"]: row for row in rows}


def keep_in_step(connection: "Connection", trail: "Trail", ids: Sequence[int]) -> list[int]:
    """Bring figures and suppliers of undecided invoices up to what their conversions say now; returns those changed."""
    hold_booking(connection)
    known = facts(connection, ids, lock=True)
    changed = [row for row in known.values() if row["facts"] != row["facts_hash"]]
    if not changed:
        return []
    figures = _figures(connection, [row["conversion_id"] for row in changed])
    keys = suppliers.ensure(connection, trail, figures.values())
    named = [(row["id"], figures[row["conversion_id"]]) for row in changed]
    columns = ", ".join(f"{name} = n.{name}" for name in _COLUMNS)
    arrays = ", ".join(f"%s::{kind}[]" for kind in _TYPES)
    connection.execute(
        f"UPDATE received_invoice r SET supplier_id = n.supplier_id, {columns}"  # noqa: S608 - constants
        f" FROM unnest(%s::bigint[], %s::bigint[], {arrays}) AS n(id, supplier_id, {', '.join(_COLUMNS)})"
        " WHERE r.id = n.id",
        (
            [number for number, _ in named],
            [keys.get(each.supplier_key) for _, each in named],
            *([getattr(each, name) for _, each in named] for name in _FIELDS),
        ),
    )
    _stamp(connection, [number for number, _ in named])
    for number, _ in named:
        trail.add("invoice.facts_changed", f"received_invoice/{number}", [("received_invoice", number)])
    return [number for number, _ in named]


def show(connection: "Connection", number: int, *, lock: bool = False) -> dict[str, Any]:
    """Return one invoice that came, with its supplier, file and the facts as they are now.

    Raises:
        WrongUse: There is none with this number.
    """
    if lock:
        connection.execute("SELECT FROM received_invoice WHERE id = %s FOR UPDATE", (number,))
    row = connection.execute(
        f"SELECT r.*, c.inbox_id, c.part, c.file_name, c.sha256, c.outcome, c.reasons, c.provenance = '{{}}' AND"  # noqa: S608 - a constant
        " c.invoice IS NOT NULL AS came_as_data, c.invoice IS NOT NULL AS was_read, s.key AS supplier_key,"
        f" coalesce(s.name, '') AS supplier, s.state AS supplier_state, {_FACTS} AS facts FROM received_invoice r"
        " JOIN conversion c ON c.id = r.conversion_id LEFT JOIN supplier s ON s.id = r.supplier_id WHERE r.id = %s",
        (number,),
    ).fetchone()
    if row is None:
        raise WrongUse(f"There is no invoice {number}: `soms invoices list` shows what came.")
    return row


def settle(
    connection: "Connection",
    trail: "Trail",
    settled: Mapping[int, str],
    *,
    by: str,
    reason: str,
    facts: Mapping[str, Any],
) -> None:
    """Set the final states ('approved' or 'rejected') of invoices that the caller has locked."""
    connection.execute(
        "UPDATE received_invoice r SET state = n.state, settled_at = now(), settled_by = %s, settled_reason = %s"
        " FROM unnest(%s::bigint[], %s::text[]) AS n(id, state) WHERE r.id = n.id",
        (by, reason, list(settled), list(settled.values())),
    )
    for number, state in settled.items():
        touched = [("received_invoice", number)]
        trail.add(f"invoice.{state}", f"received_invoice/{number}", touched, {"by": by, "reason": reason, **facts})


def move_on(connection: "Connection", trail: "Trail", ids: Sequence[int], *, to: str) -> list[int]:
    """Set approved invoices 'posted', or posted ones 'paid'; returns those that moved: the others had before.

    Raises:
        ValueError: There is no such step.
    """
    before = {"posted": "approved", "paid": "posted"}.get(to)
    if before is None:
        raise ValueError(to)
    rows = connection.execute(
        "UPDATE received_invoice SET state = %s WHERE id = ANY(%s) AND state = %s RETURNING id",
        (to, list(ids), before),
    ).fetchall()
    for row in rows:
        trail.add(f"invoice.{to}", f"received_invoice/{row['id']}", [("received_invoice", row["id"])])
    return [row["id"] for row in rows]


def mark_asked(connection: "Connection", trail: "Trail", number: int, *, by: str) -> None:
    """Note that the sender was asked."""
    connection.execute("UPDATE received_invoice SET asked_at = now() WHERE id = %s", (number,))
    trail.add("invoice.asked", f"received_invoice/{number}", [("received_invoice", number)], {"by": by})
