"""What stops no invoice but must be told: remarks on what was read, and what the form it went out in cannot hold."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection


def of_conversion(connection: "Connection", number: int) -> list[str]:
    """Return the remarks of one conversion, then what the form it was handed over in could not hold."""
    rows = connection.execute(
        "SELECT c.not_held, e.answer FROM conversion c LEFT JOIN effect e"
        " ON e.business_key = 'invoice.delivery:' || c.id AND e.answer IS NOT NULL"
        " WHERE c.id = %s ORDER BY e.id",
        (number,),
    )
    return list(dict.fromkeys(sentence for row in rows for sentence in _told(row)))


def of_run(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return the conversions that a run read and of which something is to be told: ``id, file_name, remarks`` each."""
    rows = connection.execute(
        "SELECT c.id, c.file_name, c.not_held, e.answer FROM conversion c LEFT JOIN effect e"
        " ON e.business_key = 'invoice.delivery:' || c.id AND e.answer IS NOT NULL"
        " WHERE c.run_id = %s AND (c.not_held <> '[]' OR strpos(e.answer, '\"not_held\"') > 0) ORDER BY c.id LIMIT %s",
        (run_id, limit),
    )
    return [{"id": row["id"], "file_name": row["file_name"], "remarks": _told(row)} for row in rows]


def _told(row: dict[str, Any]) -> list[str]:
    facts = json.loads(row["answer"]).get("facts", {}) if row["answer"] else {}
    lost = [str(sentence) for sentence in facts.get("not_held", ())]
    more = int(facts.get("not_held_in_all", len(lost))) - len(lost)
    return [*json.loads(row["not_held"]), *lost, *([f"{more} more values could not be held."] if more > 0 else [])]
