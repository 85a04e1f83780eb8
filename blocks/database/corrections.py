"""Corrections: signed patches to records that were put aside; the bytes as they came never change.

Money needs four eyes: what touches it is proposed until somebody else approves it, checked here and by the table.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from blocks.documents.base import canonical_json
from blocks.documents.patch_lines import Change
from blocks.documents.patches import Patch
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def write_down(
    connection: "Connection",
    trail: "Trail",
    *,
    record: "dict[str, Any]",
    changes: Sequence[Change],
    raw: bool,
    money: bool,
    by: str,
    reason: str,
) -> dict[str, Any]:
    """Keep a correction of an open record that the caller has locked; what touches money waits for a second person.

    Returns:
        The correction's ``id`` and ``state``: 'approved', or 'proposed' where it waits.

    Raises:
        WrongUse: No reason is given.
    """
    reason = kept_reason(reason)
    state = "proposed" if money else "approved"
    row = connection.execute(
        "INSERT INTO correction (quarantine_id, inbox_id, patch, raw, money, reason, by, state, approved_by,"
        " approved_at) VALUES (%(quarantine)s, %(inbox)s, %(patch)s, %(raw)s, %(money)s, %(reason)s, %(by)s,"
        " %(state)s, CASE WHEN %(money)s THEN NULL ELSE %(by)s END, CASE WHEN %(money)s THEN NULL ELSE now() END)"
        " RETURNING id, state",
        {
            "quarantine": record["id"], "inbox": record["inbox_id"], "raw": raw, "money": money, "reason": reason,
            "by": by, "state": state, "patch": canonical_json([change.model_dump() for change in changes]),
        },
    ).fetchone()  # fmt: skip
    if row is None:  # pragma: no cover - an insert returns its row
        raise RuntimeError("The correction was not kept.")
    places = [change.place for change in changes]
    facts = {"correction": row["id"], "places": places, "raw": raw, "money": money, "by": by, "reason": reason}
    trail.add("correction.made", f"quarantine/{record['id']}", [("correction", row["id"])], facts)
    return row


def decide(
    connection: "Connection", trail: "Trail", *, correction: int, approve: bool, by: str, reason: str
) -> dict[str, Any]:
    """Approve or decline a proposed correction; one that was made without need of approval can be declined too.

    Raises:
        WrongUse: There is none, it is decided, its record is closed, the person who made it wants to approve it, or no
            reason is given.
    """
    reason = kept_reason(reason)
    found = connection.execute(
        "SELECT c.*, q.state AS record_state FROM correction c JOIN quarantine q ON q.id = c.quarantine_id"
        " WHERE c.id = %s FOR UPDATE OF q, c",
        (correction,),
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no correction {correction}: `soms quarantine show N` lists those of a record.")
    _may_decide(found, approve=approve, by=by)
    state = "approved" if approve else "declined"
    connection.execute(
        "UPDATE correction SET state = %s, approved_by = %s, approved_at = now() WHERE id = %s",
        (state, by if approve else found["approved_by"], correction),
    )
    facts = {"correction": correction, "by": by, "reason": reason}
    touched = [("correction", correction)]
    trail.add(f"correction.{state}", f"quarantine/{found['quarantine_id']}", touched, facts)
    return {**found, "state": state}


def _may_decide(found: dict[str, Any], *, approve: bool, by: str) -> None:
    number, record = found["id"], found["quarantine_id"]
    if found["record_state"] != "open":
        raise WrongUse(f"Record {record} is {found['record_state']}: its corrections are decided.")
    if found["state"] == "declined" or (approve and found["state"] == "approved"):
        raise WrongUse(f"Correction {number} is {found['state']} already.")
    if approve and found["by"] == by:
        raise WrongUse(f"Correction {number} touches money and was made by {by}: somebody else must approve it.")


def of_record(connection: "Connection", inbox_id: int) -> list[dict[str, Any]]:
    """Return all corrections of one record of the inbox, oldest first, with ``changes`` as documents."""
    rows = connection.execute(
        "SELECT id, quarantine_id, patch, raw, money, reason, by, at, state, approved_by, approved_at FROM correction"
        " WHERE inbox_id = %s ORDER BY id",
        (inbox_id,),
    )
    return [{**row, "changes": _changes(row.pop("patch"))} for row in rows]


def undecided(connection: "Connection", quarantine_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the corrections that wait for a second person, by record."""
    rows = connection.execute(
        "SELECT quarantine_id, array_agg(id ORDER BY id) AS ids FROM correction"
        " WHERE state = 'proposed' AND quarantine_id = ANY(%s) GROUP BY 1",
        (list(quarantine_ids),),
    )
    return {row["quarantine_id"]: row["ids"] for row in rows}


def in_force(
    connection: "Connection", inbox_ids: Sequence[int], *, with_proposed: bool = False
) -> dict[int, tuple[Patch, ...]]:
    """Return the corrections to apply to these records, oldest first.

    A newer version of an order inherits the corrections that earlier versions were booked with; ``patched_order``
    makes each only where the source still says what was corrected. Raw ones are made to their own bytes alone.

    Args:
        connection: Where to ask.
        inbox_ids: The records.
        with_proposed: Also those that wait for a second person, to see what would become of the order.
    """
    if connection.execute("SELECT FROM correction LIMIT 1").fetchone() is None:
        return {}  # the common case must cost nothing
    states = ["approved", "proposed"] if with_proposed else ["approved"]
    rows = connection.execute(
        "SELECT i.id AS of_inbox, c.id, c.patch, c.raw, c.money, c.inbox_id <> i.id AS inherited"
        " FROM correction c JOIN inbox e ON e.id = c.inbox_id"
        " JOIN inbox i ON i.source = e.source AND i.kind = e.kind AND i.external_id = e.external_id AND e.id <= i.id"
        " WHERE i.id = ANY(%s) AND c.state = ANY(%s) AND (e.id = i.id OR c.state = 'approved' AND NOT c.raw"
        " AND e.state = 'accepted') ORDER BY i.id, c.id",
        (list(inbox_ids), states),
    )
    found: dict[int, tuple[Patch, ...]] = {}
    for row in rows:
        patch = Patch(row["id"], _changes(row["patch"]), row["raw"], row["money"], row["inherited"])
        found[row["of_inbox"]] = (*found.get(row["of_inbox"], ()), patch)
    return found


def _changes(patch: str) -> tuple[Change, ...]:
    return tuple(Change.model_validate(change) for change in json.loads(patch))
