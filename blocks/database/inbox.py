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


def unknown(connection: "Connection", *, source: str, kind: str, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return the deliveries that have not come before with the same content; a look that changes nothing."""
    keys = [(storable_id(each.external_id), hashlib.sha256(each.body).hexdigest()) for each in deliveries]
    rows = connection.execute(
        "SELECT i.external_id, i.content_hash FROM inbox i JOIN unnest(%s::text[], %s::text[]) AS asked(id, hash)"
        " ON i.external_id = asked.id AND i.content_hash = asked.hash WHERE i.source = %s AND i.kind = %s",
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
INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id, deliveries)
SELECT %(source)s, %(kind)s, external_id, content_hash, content_type, body, %(run)s, times
FROM (
  SELECT DISTINCT ON (external_id, content_hash) *, count(*) OVER (PARTITION BY external_id, content_hash) AS times
  FROM delivered ORDER BY external_id, content_hash, place
) first_of_each
ORDER BY place
ON CONFLICT ON CONSTRAINT inbox_delivery
DO UPDATE SET deliveries = inbox.deliveries + excluded.deliveries, last_delivered_at = now()
RETURNING id, external_id, content_hash, (xmax = 0) AS fresh
"""


def open_records(
    connection: "Connection", *, source: str, kind: str, limit: int, external_ids: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Lock and return up to ``limit`` records nobody has judged yet, oldest first; others' locked ones are left out.

    Returns:
        Rows with ``id, external_id, content_hash, content_type, body, received_at``.
    """
    return connection.execute(
        "SELECT id, external_id, content_hash, content_type, body, received_at FROM inbox"
        " WHERE source = %(source)s AND kind = %(kind)s AND state = 'received'"
        " AND (%(ids)s::text[] = '{}' OR external_id = ANY(%(ids)s))"
        " ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
        {"source": source, "kind": kind, "limit": limit, "ids": list(external_ids)},
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
