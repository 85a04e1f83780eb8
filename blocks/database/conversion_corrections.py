"""Signed corrections of conversions: proposed, approved by a second person where they touch money, never undone."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from blocks.documents.base import canonical_json
from blocks.documents.patch_lines import Change
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def write_down(
    connection: "Connection",
    trail: "Trail",
    *,
    conversion: int,
    changes: Sequence[Change],
    money: bool,
    by: str,
    reason: str,
) -> dict[str, Any]:
    """Keep a correction; returns ``id`` and ``state``: 'proposed' where it touches money, else 'approved'."""
    row = connection.execute(
        "INSERT INTO conversion_correction (conversion_id, patch, money, reason, by, state, approved_by, approved_at)"
        " VALUES (%(id)s, %(patch)s, %(money)s, %(reason)s, %(by)s, %(state)s,"
        " CASE WHEN %(money)s THEN NULL ELSE %(by)s END, CASE WHEN %(money)s THEN NULL ELSE now() END)"
        " RETURNING id, state",
        {
            "id": conversion, "patch": canonical_json([change.model_dump() for change in changes]), "money": money,
            "reason": kept_reason(reason), "by": by, "state": "proposed" if money else "approved",
        },
    ).fetchone()  # fmt: skip
    if row is None:  # pragma: no cover - an insert returns its row
        raise RuntimeError("The correction was not kept.")
    places = [change.place for change in changes]
    facts = {"correction": row["id"], "places": places, "money": money, "by": by, "reason": reason}
    touched = [("conversion_correction", row["id"])]
    trail.add("conversion.corrected", f"conversion/{conversion}", touched, facts)
    return row


def conversion_of(connection: "Connection", correction: int) -> int:
    """Return which conversion a correction is of.

    Raises:
        WrongUse: There is no such correction.
    """
    row = connection.execute("SELECT conversion_id FROM conversion_correction WHERE id = %s", (correction,)).fetchone()
    if row is None:
        raise WrongUse(f"There is no correction {correction}: `soms conversions show N` lists those of a conversion.")
    return int(row["conversion_id"])


def decide(
    connection: "Connection", trail: "Trail", *, correction: int, approve: bool, by: str, reason: str
) -> dict[str, Any]:
    """Approve or decline a correction; the caller has locked its conversion.

    Raises:
        WrongUse: It is decided already, or the person who made it wants to approve it.
    """
    reason, number = kept_reason(reason), conversion_of(connection, correction)
    found = next(row for row in of_conversion(connection, number) if row["id"] == correction)
    if found["state"] == "declined" or (approve and found["state"] == "approved"):
        raise WrongUse(f"Correction {correction} is {found['state']} already.")
    if approve and found["by"] == by:
        raise WrongUse(f"Correction {correction} touches money and was made by {by}: somebody else must approve it.")
    state = "approved" if approve else "declined"
    connection.execute(
        "UPDATE conversion_correction SET state = %s, approved_by = %s, approved_at = now() WHERE id = %s",
        (state, by if approve else found["approved_by"], correction),
    )
    facts = {"correction": correction, "by": by, "reason": reason}
    touched = [("conversion_correction", correction)]
    trail.add(f"conversion.correction_{state}", f"conversion/{number}", touched, facts)
    return {**found, "state": state}


def of_conversion(connection: "Connection", number: int) -> list[dict[str, Any]]:
    """Return the corrections of a conversion, oldest first, with ``changes`` as documents."""
    rows = connection.execute(
        "SELECT id, conversion_id, patch, money, reason, by, at, state, approved_by, approved_at"
        " FROM conversion_correction WHERE conversion_id = %s ORDER BY id",
        (number,),
    )
    return [{**row, "changes": _changes(row.pop("patch"))} for row in rows]


def approved(connection: "Connection", numbers: Sequence[int]) -> dict[int, list[tuple[Change, ...]]]:
    """Return the changes of the approved corrections of conversions, oldest first, by conversion."""
    found: dict[int, list[tuple[Change, ...]]] = {}
    rows = connection.execute(
        "SELECT conversion_id, patch FROM conversion_correction WHERE conversion_id = ANY(%s) AND state = 'approved'"
        " ORDER BY id",
        (list(numbers),),
    )
    for row in rows:
        found.setdefault(row["conversion_id"], []).append(_changes(row["patch"]))
    return found


def _changes(patch: str) -> tuple[Change, ...]:
    return tuple(Change.model_validate(change) for change in json.loads(patch))
