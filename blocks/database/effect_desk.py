"""What a person decides on effects beyond retrying them: that one shall never be made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.documents.reasons import kept_reason

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_FREE = (
    "(state IN ('due', 'failed') OR state = 'claimed' AND NOT EXISTS"
    " (SELECT FROM lease l WHERE l.token = effect.token AND l.until > clock_timestamp()))"
)


def abandon(connection: "Connection", trail: "Trail", ids: Sequence[int], *, by: str, reason: str) -> list[int]:
    """Give up effects that are due or failed, or whose worker is dead; returns those that were.

    One that a living worker has in hand is left alone: it may be made this very moment. The rows are locked first, so
    that the update sees the lease of whoever claimed them meanwhile.

    Raises:
        WrongUse: No reason is given.
    """
    reason = kept_reason(reason)
    connection.execute("SELECT FROM effect WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(ids),))
    rows = connection.execute(
        "UPDATE effect SET state = 'abandoned', token = NULL, settled_at = clock_timestamp()"  # noqa: S608 - a constant
        f" WHERE id = ANY(%s) AND {_FREE} RETURNING id, subject, business_key",
        (list(ids),),
    ).fetchall()
    for row in rows:
        facts = {"effect": row["business_key"], "by": by, "reason": reason}
        trail.add("effect.abandoned", row["subject"], [("effect", row["id"])], facts)
    return sorted(row["id"] for row in rows)
