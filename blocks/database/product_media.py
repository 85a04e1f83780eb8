"""Pictures and documents that makers offer: which are kept of those that sources name, and their bytes."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from blocks.database.fetched import Target, key_of
from blocks.documents.product_content import MEDIUM

if TYPE_CHECKING:
    from blocks.database.engine import Connection

Named = tuple[str, str]
"""A source and the address of a file, as a claim of that source names it."""

_KEPT = """
SELECT n.source, n.url, f.sha256 FROM unnest(%s::text[], %s::text[], %s::text[]) AS n(source, url, key)
JOIN fetched f ON f.source = n.source AND f.key = n.key
WHERE f.role IN ('medium', 'sheet') AND f.listed AND f.inbox_id IS NOT NULL AND f.status NOT IN (404, 410)
"""


def kept(connection: "Connection", named: Collection[Named]) -> dict[Named, str]:
    """Return the sha256 of the files that are kept of these addresses; of what is gone by now, none is."""
    ordered = list(named)
    rows = connection.execute(
        _KEPT, ([each[0] for each in ordered], [each[1] for each in ordered], [key_of(each[1]) for each in ordered])
    )
    return {(row["source"], row["url"]): row["sha256"] for row in rows}


_NAMED = """
SELECT DISTINCT ON (value) value AS url, coalesce(place::jsonb ->> 'address', '') AS parent FROM product_claim
WHERE source = %s AND starts_with(attribute, %s) AND gone_at IS NULL AND starts_with(value, 'http')
ORDER BY value, id
"""


def named(connection: "Connection", source: str) -> list[Target]:
    """Return the files that a source names by what was read of it, also before its connection was to fetch them."""
    rows = connection.execute(_NAMED, (source, MEDIUM))
    return [Target(row["url"], "medium", 2, parent=row["parent"]) for row in rows]


def body(connection: "Connection", named: Named, sha256: str) -> bytes | None:
    """Return the bytes of one file, or None where its address offers others by now."""
    row = connection.execute(
        "SELECT i.body FROM fetched f JOIN inbox i ON i.id = f.inbox_id"
        " WHERE f.source = %s AND f.key = %s AND f.sha256 = %s",
        (named[0], key_of(named[1]), sha256),
    ).fetchone()
    return bytes(row["body"]) if row else None
