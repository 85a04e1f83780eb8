"""What a shop is told of its listings, what follows from its answers, and what people decide about hidden articles."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import effect_withdrawal, listings
from blocks.documents.hiding import HiddenBy, Told, concluded
from blocks.errors import Refused
from blocks.systems.answers import Done

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.effects import Claimed, Settled
    from blocks.database.engine import Connection

_TO_TELL = """
SELECT e.id, a.sku, a.product_id, a.variant_id, l.wanted_quantity, l.wanted_visible, l.told_quantity, l.told_visible,
  l.hidden_by, e.attempts = 1 AND e.maybe_done_at IS NULL AS certain
FROM effect e
JOIN listing l ON 'listing/' || l.channel || ':' || l.sku = e.subject
  AND l.channel = e.payload::jsonb ->> 'channel' AND l.sku = e.payload::jsonb ->> 'sku'
LEFT JOIN article a ON a.channel = l.channel AND a.sku = l.sku
WHERE e.id = ANY(%s)
"""


def to_tell(connection: "Connection", claimed: "Sequence[Claimed]") -> dict[int, dict[str, Any]]:
    """Return what is wanted of the listing of each claimed call, by its id, as it stands now."""
    rows = connection.execute(_TO_TELL, ([effect.id for effect in claimed],))
    return {row["id"]: row for row in rows}


_LOCK = """
SELECT l.channel, l.sku, l.wanted_quantity, l.wanted_visible, l.wanted_at, l.hidden_by, l.hidden_why, l.hidden_at,
  (e.payload::jsonb ->> 'put_at')::timestamptz AS put_at
FROM listing l JOIN effect e ON e.id = ANY(%(effects)s) AND e.subject = 'listing/' || l.channel || ':' || l.sku
WHERE (l.channel, l.sku) IN (SELECT * FROM unnest(%(channels)s::text[], %(skus)s::text[]))
ORDER BY l.channel, l.sku FOR UPDATE OF l
"""
_BOOK = """
UPDATE listing l SET told_quantity = t.quantity, told_visible = t.visible, told_at = clock_timestamp(),
  hidden_by = t.hidden_by, hidden_why = t.why, hidden_at = CASE WHEN t.hidden_by = '' THEN NULL
    WHEN t.hidden_by = l.hidden_by THEN l.hidden_at ELSE clock_timestamp() END,
  wanted_visible = CASE WHEN t.hidden_by = 'person' AND l.hidden_by <> 'person' THEN NULL ELSE l.wanted_visible END
FROM unnest(%s::text[], %s::text[], %s::numeric[], %s::boolean[], %s::text[], %s::text[])
  AS t(channel, sku, quantity, visible, hidden_by, why)
WHERE l.channel = t.channel AND l.sku = t.sku
RETURNING l.channel, l.sku, (l.wanted_quantity IS DISTINCT FROM l.told_quantity AND l.wanted_quantity IS NOT NULL
  OR l.wanted_visible IS DISTINCT FROM l.told_visible AND l.wanted_visible IS NOT NULL
  AND NOT (l.wanted_visible AND l.hidden_by = '')) AS outdated
"""


def book(connection: "Connection", trail: "Trail", settled: "Sequence[Settled]") -> None:
    """Book what shops confirmed, conclude who hides what, and make due again what has become outdated meanwhile."""
    by_listing = {(entry.effect.payload["channel"], entry.effect.payload["sku"]): entry for entry in settled}
    rows = connection.execute(
        _LOCK,
        {
            "effects": [entry.effect.id for entry in settled],
            "channels": [channel for channel, _ in by_listing],
            "skus": [sku for _, sku in by_listing],
        },
    ).fetchall()
    done = [row for row in rows if isinstance(by_listing[row["channel"], row["sku"]].answer, Done)]
    told = [_told(row, by_listing[row["channel"], row["sku"]]) for row in done]
    outdated = _write(connection, trail, told)
    outdated |= {
        (row["channel"], row["sku"])
        for row in rows
        if isinstance(by_listing[row["channel"], row["sku"]].answer, Refused)
        and row["wanted_at"] is not None
        and row["wanted_at"] > row["put_at"]
    }
    for key in sorted(outdated):
        _tell_anew(connection, trail, by_listing[key].effect, *key)


def _told(row: Mapping[str, Any], entry: "Settled") -> tuple[Any, ...]:
    """Return what is booked of one listing: channel, SKU, quantity, visibility, who hides it, why."""
    facts = entry.answer.facts if isinstance(entry.answer, Done) else {}
    key = (row["channel"], row["sku"])
    if facts.get("gone"):
        return (*key, row["wanted_quantity"], row["wanted_visible"], row["hidden_by"], row["hidden_why"])
    conclusion = concluded(
        Told(
            hidden_by=HiddenBy(facts["hidden_by"]),
            left_visible=facts["left_visible"],
            left_quantity=facts["left_quantity"],
            wanted_visible=facts["told_visible"],
            was_visible=facts["was_visible"],
            is_visible=facts["visible"],
            own_rule=facts["own_rule"],
            was_quantity=facts["was_quantity"],
            certain=facts["certain"],
        )
    )
    hidden_by, why = conclusion.hidden_by, conclusion.why or row["hidden_why"]
    if hidden_by is not HiddenBy.PERSON and (row["wanted_visible"] is False or row["hidden_by"] == HiddenBy.PERSON):
        hidden_by, why = row["hidden_by"], row["hidden_why"]  # what was decided meanwhile stands
    quantity = facts["quantity"] if facts["told_quantity"] is None else facts["told_quantity"]
    return (*key, Decimal(quantity), facts["visible"], str(hidden_by), why if hidden_by else "")


def _write(connection: "Connection", trail: "Trail", told: Sequence[tuple[Any, ...]]) -> set[tuple[str, str]]:
    """Write what was told; returns the listings that are to show something else by now."""
    if not told:
        return set()
    rows = connection.execute(_BOOK, [list(column) for column in zip(*told, strict=True)]).fetchall()
    for channel in sorted({row["channel"] for row in rows}):
        own = [("listing", f"{channel}:{row['sku']}") for row in rows if row["channel"] == channel]
        trail.add("listing.told", f"listings/{channel}", own, {"articles": len(own)})
    return {(row["channel"], row["sku"]) for row in rows if row["outdated"]}


def _tell_anew(connection: "Connection", trail: "Trail", effect: "Claimed", channel: str, sku: str) -> None:
    """Make one call due again, unless somebody has already."""
    subjects = [listings.subject(channel, sku)]
    effect_withdrawal.withdraw(
        connection, trail, process=listings.PROCESS, subjects=subjects, kind=listings.KIND,
        reason="Something else is to be shown by now.",
    )  # fmt: skip
    listings.put(connection, trail, channel=channel, system=effect.system, skus=[sku])


_RESPECT = """
UPDATE listing SET hidden_by = 'person', hidden_why = %(why)s, hidden_at = clock_timestamp(), wanted_visible = %(want)s,
  wanted_at = clock_timestamp()
WHERE channel = %(channel)s AND sku = ANY(%(skus)s) AND hidden_by <> 'person' RETURNING sku
"""


def respect(
    connection: "Connection", trail: "Trail", channel: str, skus: Collection[str], *, why: str, hide: bool = False
) -> list[str]:
    """Note that a person hides these articles; SOMS leaves them hidden until told otherwise.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        channel: Whose articles.
        skus: Which; their listings exist.
        why: In a sentence.
        hide: Whether the shop shall be told to hide them; a refresh after this makes that due.

    Returns:
        The articles of which that was not noted before.
    """
    lock = "SELECT FROM listing WHERE channel = %(channel)s AND sku = ANY(%(skus)s) ORDER BY sku FOR UPDATE"
    wanted = {"channel": channel, "skus": sorted(set(skus)), "why": why, "want": False if hide else None}
    connection.execute(lock, wanted)
    noted = sorted(row["sku"] for row in connection.execute(_RESPECT, wanted))
    if noted:
        rows = [("listing", f"{channel}:{sku}") for sku in noted]
        trail.add("listing.hidden_by_person", f"listings/{channel}", rows, {"reason": why})
    return noted


_RELEASE = """
UPDATE listing SET hidden_by = 'soms', hidden_why = %(why)s, hidden_at = clock_timestamp(), wanted_visible = NULL
WHERE channel = %(channel)s AND sku = ANY(%(skus)s) AND hidden_by = 'person' RETURNING sku
"""


def release(connection: "Connection", trail: "Trail", channel: str, skus: Collection[str], *, why: str) -> list[str]:
    """Let SOMS show articles again that a person had hidden; a refresh after this makes due what follows from it."""
    wanted = {"channel": channel, "skus": sorted(set(skus)), "why": why}
    connection.execute(
        "SELECT FROM listing WHERE channel = %(channel)s AND sku = ANY(%(skus)s) ORDER BY sku FOR UPDATE", wanted
    )
    released = sorted(row["sku"] for row in connection.execute(_RELEASE, wanted))
    if released:
        rows = [("listing", f"{channel}:{sku}") for sku in released]
        trail.add("listing.released", f"listings/{channel}", rows, {"reason": why})
    return released
