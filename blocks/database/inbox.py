"""The inbox: bytes are stored before anything else happens to them, each delivery exactly once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


LONGEST_ID = 500
"""Bytes; an index entry of Postgres holds 2,700, and no system's ids come near."""


class Delivery(Protocol):
    """What a source hands over: the bytes and the id the source gives them."""

    @property
    def external_id(self) -> str: ...  # noqa: D102 - said by the class
    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def content_type(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Stored:
    """How many deliveries were new, and how many had come before with the same content."""

    new: int = 0
    duplicates: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        """Return the sums."""
        return Stored(self.new + other.new, self.duplicates + other.duplicates)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one delivery is kept, and whether it was new there."""

    inbox_id: int
    external_id: str
    fresh: bool


def store(
    connection: "Connection", trail: "Trail", *, source: str, kind: str, deliveries: Sequence[Delivery]
) -> Stored:
    """Keep the deliveries; what came before with the same content is only counted again.

    Except when another version of the same id came in between: then the source has gone back to the earlier one, or
    has sent it late. It is to be judged again, and the versions' own times of change tell which of the two it is.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        source: Name of the connected system, e.g. 'smartstore-shop/berlin'.
        kind: What was delivered, e.g. 'order'.
        deliveries: The records, in the order in which they came.
    """
    kept = keep(connection, trail, source=source, kind=kind, deliveries=deliveries)
    new = sum(each.fresh for each in kept)
    return Stored(new, len(kept) - new)


def keep(
    connection: "Connection", trail: "Trail", *, source: str, kind: str, deliveries: Sequence[Delivery]
) -> list[Kept]:
    """Keep the deliveries as ``store`` does; returns where each of them is, in their order.

    Of deliveries that are the same in all, the first is the fresh one.
    """
    if not deliveries:
        return []
    connection.execute(
        "CREATE TEMP TABLE delivered (place int, external_id text, content_hash text, content_type text, body bytea)"
        " ON COMMIT DROP"
    )
    keys = [(storable_id(each.external_id), hashlib.sha256(each.body).hexdigest()) for each in deliveries]
    with connection.cursor().copy("COPY delivered FROM STDIN") as copy:
        for place, (delivery, (name, digest)) in enumerate(zip(deliveries, keys, strict=True)):
            copy.write_row((place, name, digest, delivery.content_type, delivery.body))
    rows = connection.execute(_KEEP, {"source": source, "kind": kind, "run": trail.actor.run_id}).fetchall()
    connection.execute("DROP TABLE delivered")
    fresh, again = [row for row in rows if row["fresh"]], [row for row in rows if not row["fresh"]]
    for row in fresh:
        trail.add(
            "inbox.received",
            f"inbox/{row['id']}",
            [("inbox", row["id"])],
            {"source": source, "external_id": row["external_id"], "sha256": row["content_hash"]},
        )
    back = _gone_back(rows, keys)
    if back:
        connection.execute("UPDATE inbox SET state = 'received' WHERE id = ANY(%s)", (list(back),))
        for inbox_id, external_id in back.items():
            told = {"source": source, "external_id": external_id}
            trail.add("inbox.came_back", f"inbox/{inbox_id}", [("inbox", inbox_id)], told)
    if again:
        facts = {"source": source, "external_ids": [row["external_id"] for row in again]}
        trail.add("inbox.duplicate", f"source/{source}", [("inbox", row["id"]) for row in again], facts)
    ids = {(row["external_id"], row["content_hash"]): row["id"] for row in rows}
    unseen = {(row["external_id"], row["content_hash"]) for row in fresh}
    kept = []
    for key in keys:
        kept.append(Kept(ids[key], key[0], key in unseen))
        unseen.discard(key)
    return kept


def _gone_back(rows: Sequence[dict[str, Any]], keys: Sequence[tuple[str, str]]) -> dict[int, str]:
    """Return the known records that are the last word on their id and were not so before: external id by row id."""
    last = dict(keys)
    several = len(last) < len(rows)
    return {
        row["id"]: row["external_id"]
        for row in rows
        if not row["fresh"]
        and row["state"] != "received"
        and last[row["external_id"]] == row["content_hash"]
        and (row["overtaken"] or (several and _overtaken_here(row, rows)))
    }


def _overtaken_here(row: dict[str, Any], rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether a new version of the same id came just before it, in the same delivery."""
    return any(other["fresh"] and other["external_id"] == row["external_id"] for other in rows)


def unknown(connection: "Connection", *, source: str, kind: str, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return the deliveries that are not the last thing that came of their id; a look that changes nothing."""
    keys = [(storable_id(each.external_id), hashlib.sha256(each.body).hexdigest()) for each in deliveries]
    rows = connection.execute(
        "SELECT i.external_id, i.content_hash FROM inbox i JOIN unnest(%s::text[], %s::text[]) AS asked(id, hash)"
        " ON i.external_id = asked.id AND i.content_hash = asked.hash WHERE i.source = %s AND i.kind = %s"
        " AND NOT EXISTS (SELECT FROM inbox o WHERE o.source = i.source AND o.kind = i.kind"
        " AND o.external_id = i.external_id AND o.last_delivered_at > i.last_delivered_at)",
        ([key[0] for key in keys], [key[1] for key in keys], source, kind),
    )
    known = {(row["external_id"], row["content_hash"]) for row in rows}
    return [delivery for delivery, key in zip(deliveries, keys, strict=True) if key not in known]


def storable_id(external_id: str) -> str:
    """Return the id, or a stand-in for one that no index or text column can hold: its record must not be lost."""
    if len(external_id.encode(errors="replace")) <= LONGEST_ID and external_id.isprintable():
        return external_id
    return "?" + hashlib.sha256(external_id.encode(errors="backslashreplace")).hexdigest()[:32]


_KEEP = """
INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id, deliveries, last_delivered_at)
SELECT %(source)s, %(kind)s, external_id, content_hash, content_type, body, %(run)s, times,
  now() + last_place * interval '1 microsecond'
FROM (
  SELECT DISTINCT ON (external_id, content_hash) *, count(*) OVER same AS times, max(place) OVER same AS last_place
  FROM delivered WINDOW same AS (PARTITION BY external_id, content_hash)
  ORDER BY external_id, content_hash, place
) first_of_each
ORDER BY place
ON CONFLICT ON CONSTRAINT inbox_delivery
DO UPDATE SET deliveries = inbox.deliveries + excluded.deliveries, last_delivered_at = excluded.last_delivered_at
RETURNING id, external_id, content_hash, state, (xmax = 0) AS fresh, xmax <> 0 AND EXISTS (
  SELECT FROM inbox earlier JOIN inbox other USING (source, kind, external_id)
  WHERE earlier.id = inbox.id AND other.last_delivered_at > earlier.last_delivered_at) AS overtaken
"""
"""A subquery of RETURNING sees the rows as they stood before: ``overtaken`` when another version came in between."""


def open_records(
    connection: "Connection", *, source: str, kind: str, limit: int, external_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Lock and return up to ``limit`` records nobody has judged yet, oldest first; others' locked ones are left out.

    Returns:
        Rows with ``id, external_id, content_hash, content_type, body, received_at, last_delivered_at``.
    """
    return connection.execute(
        "SELECT id, external_id, content_hash, content_type, body, received_at, last_delivered_at FROM inbox"
        " WHERE source = %(source)s AND kind = %(kind)s AND state = 'received'"
        " AND (%(ids)s::text[] = '{}' OR external_id = ANY(%(ids)s))"
        " ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
        {"source": source, "kind": kind, "limit": limit, "ids": list(external_ids)},
    ).fetchall()


def next_records(connection: "Connection", *, source: str, kind: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Return up to ``limit`` records after this one that nobody has judged yet, as they are now; locks nothing.

    Returns:
        Rows with ``id, external_id, content_type, body``.
    """
    return connection.execute(
        "SELECT id, external_id, content_type, body FROM inbox"
        " WHERE source = %s AND kind = %s AND state = 'received' AND id > %s ORDER BY id LIMIT %s",
        (source, kind, after, limit),
    ).fetchall()


def hold_source(connection: "Connection", *, source: str, kind: str) -> None:
    """Wait until no other transaction judges records of this source; held until this transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{kind} {source}",))


def count_open(connection: "Connection", *, source: str, kind: str) -> int:
    """Return how many records wait to be judged."""
    row = connection.execute(
        "SELECT count(*) AS open FROM inbox WHERE source = %s AND kind = %s AND state = 'received'", (source, kind)
    ).fetchone()
    return int(row["open"]) if row else 0


def settle(connection: "Connection", state_by_id: dict[int, str]) -> None:
    """Set what became of records: accepted, put_aside or superseded. The caller's events name the rows."""
    connection.execute(
        "UPDATE inbox SET state = settled.state"
        " FROM unnest(%s::bigint[], %s::text[]) AS settled(id, state) WHERE inbox.id = settled.id",
        (list(state_by_id), list(state_by_id.values())),
    )


def cursor(connection: "Connection", *, source: str, kind: str) -> Any:
    """Return up to when the source has been read (a datetime), or None."""
    row = connection.execute(
        "SELECT position FROM source_cursor WHERE source = %s AND kind = %s", (source, kind)
    ).fetchone()
    return row["position"] if row else None


def move_cursor(connection: "Connection", *, source: str, kind: str, position: Any) -> None:
    """Move the cursor forward; it never goes back."""
    connection.execute(
        "INSERT INTO source_cursor (source, kind, position) VALUES (%s, %s, %s) ON CONFLICT (source, kind)"
        " DO UPDATE SET position = greatest(source_cursor.position, excluded.position), updated_at = now()",
        (source, kind, position),
    )
