"""What a shop-listing report reads from Postgres."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_TURNED = """
SELECT payload::jsonb ->> 'sku' AS sku, (answer::jsonb -> 'facts' ->> 'visible')::boolean AS visible,
  answer::jsonb -> 'facts' ->> 'quantity' AS quantity, l.hidden_why AS why, settled_at
FROM effect e LEFT JOIN listing l ON l.channel = %(channel)s AND l.sku = payload::jsonb ->> 'sku'
WHERE e.process = 'shop_listing' AND e.state = 'done' AND e.settled_at >= %(since)s
  AND e.payload::jsonb ->> 'channel' = %(channel)s
  AND answer::jsonb -> 'facts' ->> 'was_visible' <> answer::jsonb -> 'facts' ->> 'visible'
ORDER BY e.settled_at DESC LIMIT %(limit)s
"""
_COUNTS = """
SELECT count(*) FILTER (WHERE hidden_by = '') AS shown, count(*) FILTER (WHERE hidden_by = 'soms') AS sold_out,
  count(*) FILTER (WHERE hidden_by = 'person') AS by_person, count(*) AS listings
FROM listing WHERE channel = %s
"""
_BY_PERSON = """
SELECT sku, hidden_why AS why, hidden_at, wanted_quantity AS quantity FROM listing
WHERE channel = %s AND hidden_by = 'person' ORDER BY hidden_at DESC NULLS LAST, sku LIMIT %s
"""
_LAG = """
SELECT count(*) AS count,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY lag)::float8 AS median,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY lag)::float8 AS p95, max(lag)::float8 AS longest
FROM (
  SELECT extract(epoch FROM settled_at - created_at) AS lag FROM effect
  WHERE process = 'shop_listing' AND state = 'done' AND settled_at >= clock_timestamp() - interval '24 hours'
  AND payload::jsonb ->> 'channel' = %s
) told
"""


def turned(connection: "Connection", channel: str, since: datetime, *, limit: int) -> list[dict[str, Any]]:
    """Return what was hidden or shown again since a moment, newest first."""
    return connection.execute(_TURNED, {"channel": channel, "since": since, "limit": limit}).fetchall()


def counts(connection: "Connection", channel: str) -> dict[str, int]:
    """Return how many listings show, are hidden because sold out, and are hidden by people."""
    row = connection.execute(_COUNTS, (channel,)).fetchone()
    return {name: int(number) for name, number in row.items()} if row else {}


def hidden_by_person(connection: "Connection", channel: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the articles that a person hides, the newest decision first."""
    return connection.execute(_BY_PERSON, (channel, limit)).fetchall()


def lag(connection: "Connection", channel: str) -> dict[str, Any]:
    """Return how long it took in the last 24 hours from a change of stock's being known to the shop's confirmation."""
    return connection.execute(_LAG, (channel,)).fetchone() or {}


def waiting(connection: "Connection", channel: str) -> dict[str, int]:
    """Return how many calls for a channel are due or under way, and how many were refused."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE state IN ('due', 'claimed')) AS due,"
        " count(*) FILTER (WHERE state = 'failed') AS refused FROM effect WHERE process = 'shop_listing'"
        " AND state IN ('due', 'claimed', 'failed') AND payload::jsonb ->> 'channel' = %s",
        (channel,),
    ).fetchone()
    return {name: int(number) for name, number in row.items()} if row else {}


def clock(connection: "Connection") -> datetime:
    """Return the database's time."""
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    found: datetime = row["now"] if row else datetime.min  # noqa: DTZ901 - there is always a row
    return found


def listed(
    connection: "Connection", channel: str, *, hidden_by: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return what a shop is to show of its articles, by SKU; of those somebody in particular hides, or of all."""
    return connection.execute(
        "SELECT sku, coalesce(wanted_quantity, told_quantity) AS quantity, coalesce(told_visible, wanted_visible) AS"
        " visible, hidden_by, hidden_why, hidden_at FROM listing WHERE channel = %(channel)s"
        " AND (%(hidden_by)s::text IS NULL OR hidden_by = %(hidden_by)s) ORDER BY sku LIMIT %(limit)s",
        {"channel": channel, "hidden_by": hidden_by, "limit": limit},
    ).fetchall()


def unknown(connection: "Connection", channel: str, skus: list[str]) -> list[str]:
    """Return which of these are no articles of the channel."""
    rows = connection.execute(
        "SELECT sku FROM unnest(%s::text[]) AS named(sku) WHERE NOT EXISTS"
        " (SELECT FROM article a WHERE a.channel = %s AND a.sku = named.sku) ORDER BY 1",
        (skus, channel),
    )
    return [row["sku"] for row in rows]
