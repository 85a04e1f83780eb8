"""Accounts that suppliers want to be paid to: one that is new waits until two persons have vouched for it."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

NOBODY = "soms"
ERP = "erp"
"""Who notes the accounts that an ERP names: one person may have entered them there, so they vouch for nothing."""
SEEN_ON = "invoice "
"""How it begins where the invoice is named that an account was seen on; no person has vouched for it then."""


def propose(connection: "Connection", trail: "Trail", accounts: Collection[tuple[int, str]]) -> None:
    """Note accounts, (supplier, IBAN) each, that were seen on invoices and that nobody knows; the known ones stay."""
    wanted = sorted(set(accounts))
    rows = connection.execute(
        "INSERT INTO supplier_account (supplier_id, iban, by, run_id)"
        " SELECT supplier, iban, %s, %s FROM unnest(%s::bigint[], %s::text[]) AS n(supplier, iban)"
        " ON CONFLICT ON CONSTRAINT supplier_account_once DO NOTHING RETURNING id, supplier_id",
        (NOBODY, trail.actor.run_id, [one for one, _ in wanted], [iban for _, iban in wanted]),
    ).fetchall()
    for row in rows:
        trail.add("supplier.account_seen", f"supplier/{row['supplier_id']}", [("supplier_account", row["id"])])


def decide(
    connection: "Connection", trail: "Trail", *, account: int, confirm: bool, by: str, reason: str
) -> dict[str, Any]:
    """Vouch for an account, confirm it as the second person, or decline it; returns it as it stands then.

    Raises:
        WrongUse: There is no such account, it is decided so already, or one person wants to do both.
    """
    reason = kept_reason(reason)
    row = connection.execute("SELECT * FROM supplier_account WHERE id = %s FOR UPDATE", (account,)).fetchone()
    if row is None:
        raise WrongUse(f"There is no account {account}: `soms invoices accounts` lists those that wait.")
    if row["state"] == ("confirmed" if confirm else "declined"):
        raise WrongUse(f"Account {account} is {row['state']} already, by {row['decided_by']}.")
    if not confirm:
        return _declined(connection, trail, row, by=by, reason=reason)
    if row["state"] == "declined" or row["by"] in {NOBODY, ERP} or row["by"].startswith(SEEN_ON):
        return _vouched(connection, trail, row, by=by, reason=reason)
    if row["by"] == by:
        raise WrongUse(f"{by} has vouched for account {account} already: somebody else must confirm it.")
    connection.execute(
        "UPDATE supplier_account SET state = 'confirmed', decided_by = %s, decided_at = now(), reason = %s"
        " WHERE id = %s",
        (by, reason, account),
    )
    return _told(connection, trail, row, "confirmed", by=by, reason=reason)


def _vouched(connection: "Connection", trail: "Trail", row: dict[str, Any], *, by: str, reason: str) -> dict[str, Any]:
    connection.execute(
        "UPDATE supplier_account SET state = 'proposed', by = %s, at = now(), decided_by = NULL, decided_at = NULL,"
        " reason = %s WHERE id = %s",
        (by, reason, row["id"]),
    )
    return _told(connection, trail, row, "vouched_for", by=by, reason=reason)


def _declined(connection: "Connection", trail: "Trail", row: dict[str, Any], *, by: str, reason: str) -> dict[str, Any]:
    connection.execute(
        "UPDATE supplier_account SET state = 'declined', decided_by = %s, decided_at = now(), reason = %s"
        " WHERE id = %s",
        (by, reason, row["id"]),
    )
    return _told(connection, trail, row, "declined", by=by, reason=reason)


def _told(
    connection: "Connection", trail: "Trail", row: dict[str, Any], what: str, *, by: str, reason: str
) -> dict[str, Any]:
    trail.add(
        f"supplier.account_{what}",
        f"supplier/{row['supplier_id']}",
        [("supplier_account", row["id"])],
        {"account": row["id"], "by": by, "reason": reason},
    )
    found = connection.execute("SELECT * FROM supplier_account WHERE id = %s", (row["id"],)).fetchone()
    return found or row


def of(connection: "Connection", supplier: int, iban: str) -> dict[str, Any] | None:
    """Return what is known of an account of a supplier; None where nobody has noted it."""
    return connection.execute(
        "SELECT * FROM supplier_account WHERE supplier_id = %s AND iban = %s", (supplier, iban)
    ).fetchone()


def unconfirmed(connection: "Connection", supplier: int, ibans: Sequence[str]) -> dict[str, Any] | None:
    """Return the first of some accounts of a supplier that is not confirmed; None where all are, or nobody noted any.

    A declined one comes before one that is proposed.
    """
    return connection.execute(
        "SELECT * FROM supplier_account WHERE supplier_id = %s AND iban = ANY(%s) AND state <> 'confirmed'"
        " ORDER BY state, id LIMIT 1",
        (supplier, list(ibans)),
    ).fetchone()


def waiting(connection: "Connection", *, limit: int, suppliers: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return accounts that nobody has decided, oldest first: ``id, supplier_id, name, iban, by, at``."""
    return connection.execute(
        "SELECT a.id, a.supplier_id, s.name, a.iban, a.by, a.at FROM supplier_account a"
        " JOIN supplier s ON s.id = a.supplier_id WHERE a.state = 'proposed'"
        " AND (%(some)s::bigint[] IS NULL OR a.supplier_id = ANY(%(some)s)) ORDER BY a.id LIMIT %(limit)s",
        {"some": None if suppliers is None else list(suppliers), "limit": limit},
    ).fetchall()


def is_unconfirmed(connection: "Connection", supplier: int | None, iban: str | None) -> bool:
    """Tell whether an account of a supplier is known and waits to be confirmed, or was declined."""
    row = connection.execute(
        "SELECT FROM supplier_account WHERE supplier_id = %s AND iban = %s AND state <> 'confirmed'", (supplier, iban)
    ).fetchone()
    return row is not None
