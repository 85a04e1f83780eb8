"""Suppliers as incoming invoices know them: found or noted once, with the facts that people add."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from blocks.documents.invoice_verdicts import Supplier
from blocks.documents.mails import mail_address
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.invoice_figures import InvoiceFigures

STATES = ("new", "known", "blocked")
FACTS = ("small_business", "turnover_above_limit", "domestic")


def ensure(connection: "Connection", trail: "Trail", figures: Collection["InvoiceFigures"]) -> dict[str, int]:
    """Find the suppliers of invoices, or note them as new; returns their ids by key.

    Two that note the same supplier at once note it once: the second waits for the first.
    """
    named = {each.supplier_key: each for each in figures if each.supplier_key}
    keys = sorted(named)
    new = connection.execute(
        "INSERT INTO supplier (key, name, run_id) SELECT key, name, %s"
        " FROM unnest(%s::text[], %s::text[]) AS n(key, name)"
        " ON CONFLICT ON CONSTRAINT supplier_once DO NOTHING RETURNING id",
        (trail.actor.run_id, keys, [named[key].supplier_name for key in keys]),
    ).fetchall()
    for row in new:
        trail.add("supplier.noted", f"supplier/{row['id']}", [("supplier", row["id"])])
    rows = connection.execute("SELECT key, id FROM supplier WHERE key = ANY(%s)", (keys,))
    return {row["key"]: row["id"] for row in rows}


def show(connection: "Connection", number: int, *, lock: bool = False) -> dict[str, Any]:
    """Return one supplier.

    Raises:
        WrongUse: There is none with this number.
    """
    row = connection.execute(
        f"SELECT * FROM supplier WHERE id = %s{' FOR UPDATE' if lock else ''}",  # noqa: S608 - one of two constants
        (number,),
    ).fetchone()
    if row is None:
        raise WrongUse(f"There is no supplier {number}: `soms invoices suppliers` lists them.")
    return row


def answer_to(connection: "Connection", number: int | None) -> str:
    """Return the mail address noted with a supplier; empty where none is."""
    row = connection.execute("SELECT answer_to FROM supplier WHERE id = %s", (number,)).fetchone()
    return str(row["answer_to"] or "") if row else ""


def note(
    connection: "Connection", trail: "Trail", *, supplier: int, facts: Mapping[str, Any], by: str, reason: str
) -> dict[str, Any]:
    """Note what a person knows of a supplier: any of ``FACTS``, ``answer_to`` and ``state``; what is None stays.

    Raises:
        WrongUse: There is no such supplier, no such fact, nothing is said, or no reason is given.
    """
    reason = kept_reason(reason)
    said = {name: value for name, value in facts.items() if value is not None}
    unknown = sorted(said.keys() - {*FACTS, "answer_to", "state"})
    if unknown or said.get("state", "new") not in STATES:
        raise WrongUse(f"Of a supplier can be noted: {', '.join(FACTS)}, answer_to and state ({', '.join(STATES)}).")
    if said.get("answer_to") and mail_address(said["answer_to"]) is None:
        raise WrongUse("answer_to is one mail address, such as billing@supplier.example.")
    before = show(connection, supplier, lock=True)
    after = {name: said.get(name, before[name]) for name in (*FACTS, "answer_to", "state")}
    if all(before[name] == after[name] for name in after):
        raise WrongUse(f"That is what is noted of supplier {supplier} already, or nothing was said.")
    connection.execute(
        "UPDATE supplier SET small_business = %(small_business)s, turnover_above_limit = %(turnover_above_limit)s,"
        " domestic = %(domestic)s, answer_to = %(answer_to)s, state = %(state)s, noted_by = %(by)s, noted_at = now()"
        " WHERE id = %(id)s",
        {**after, "by": by, "id": supplier},
    )
    told = {name: value for name, value in said.items() if name != "answer_to"}
    trail.add(
        "supplier.facts_noted", f"supplier/{supplier}", [("supplier", supplier)], {**told, "by": by, "reason": reason}
    )
    return {**before, **after}


def as_document(row: Mapping[str, Any]) -> Supplier:
    """Return what rules of law ask of a supplier."""
    return Supplier(key=row["key"] or "", **{name: row[name] for name in FACTS})


def listing(connection: "Connection", *, limit: int) -> list[dict[str, Any]]:
    """Return suppliers by name: facts, state and how many accounts wait to be confirmed; no addresses."""
    return connection.execute(
        "SELECT s.id, s.key, s.name, s.erp_code, s.small_business, s.turnover_above_limit, s.domestic, s.state,"
        " (SELECT count(*) FROM received_invoice r WHERE r.supplier_id = s.id) AS invoices,"
        " (SELECT count(*) FROM supplier_account a WHERE a.supplier_id = s.id AND a.state = 'proposed') AS to_confirm"
        " FROM supplier s ORDER BY s.name, s.id LIMIT %s",
        (limit,),
    ).fetchall()
