"""Listings: what each shop shall show of an article, worked out from stock under a lock, and due to be told.

At most one call per article is open at a time, and it holds no value: whoever makes it reads what is wanted then. So
600 changes of one article while its shop is slow are one call, and an older value can never overwrite a newer one.
What is wanted is computed after the listing's row was locked: of two workers the later one sees the newer stock.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL

from blocks.database import effect_withdrawal, effects, stock_rules
from blocks.database.stock_position import Query, sellable_query, warehouses
from blocks.documents.hiding import HIDDEN_BEFORE

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.stock_rules import StockRules

PROCESS, KIND = "shop_listing", "shop.listing"
BATCH = 1_000
"""Articles per transaction: their rows are locked together."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many listings a refresh changed, and for how many of them a call is due now that was not before."""

    changed: int = 0
    due: int = 0

    def __add__(self, other: "Refreshed") -> "Refreshed":
        """Return the sums."""
        return Refreshed(self.changed + other.changed, self.due + other.due)


def subject(channel: str, sku: str) -> str:
    """Return what the calls of one listing are for."""
    return f"listing/{channel}:{sku}"


_SEEN_LATER = "(l.told_at IS NULL OR s.seen_at > l.told_at)"
_KNOWN_QUANTITY = f"CASE WHEN {_SEEN_LATER} THEN s.quantity ELSE l.told_quantity END"
_KNOWN_VISIBLE = f"CASE WHEN {_SEEN_LATER} THEN s.visible ELSE l.told_visible END"
_FOUND_HIDDEN = (
    f"l.hidden_by = '' AND l.told_visible AND ({_KNOWN_VISIBLE}) IS FALSE"
    " AND NOT (s.quantity <= 0 AND (s.own_rule = 'unpublish' OR l.told_quantity > 0))"
)
"""SOMS had left it visible, and it was seen hidden since though the shop had stock of it: a person did that."""
_VISIBLE = (
    "CASE WHEN l.hidden_by = 'person' THEN l.wanted_visible"
    f" WHEN q.visible IS FALSE AND {_FOUND_HIDDEN} THEN NULL ELSE q.visible END"
)
_HIDDEN_BY = (
    f"CASE WHEN l.hidden_by = 'person' OR q.visible IS FALSE AND {_FOUND_HIDDEN} THEN 'person'"
    f" WHEN q.visible IS FALSE OR q.visible AND q.sku = ANY(%(show)s) AND ({_KNOWN_VISIBLE}) IS FALSE THEN 'soms'"
    " ELSE coalesce(l.hidden_by, '') END"
)


def _differs(quantity: str, visible: str, hidden_by: str) -> str:
    """Return whether the shop shows something else than is wanted; only what SOMS hid is shown again."""
    return (
        f"({quantity} IS NOT NULL AND {_KNOWN_QUANTITY} IS DISTINCT FROM {quantity}"
        f" OR {visible} IS NOT NULL AND {_KNOWN_VISIBLE} IS DISTINCT FROM {visible}"
        f" AND NOT ({visible} AND ({_KNOWN_VISIBLE}) IS FALSE AND {hidden_by} = ''))"
    )


_OPEN = (
    "EXISTS (SELECT FROM effect e WHERE e.subject = 'listing/' || %(channel)s || ':' || {sku}"
    " AND e.process = 'shop_listing' AND e.state IN ('due', 'claimed'))"
)
_DIFFERING = (
    "SELECT q.sku FROM ({sellable}) q"  # noqa: S608 - made of constants
    " LEFT JOIN listing l ON l.channel = %(channel)s AND l.sku = q.sku"
    " LEFT JOIN seen_listing s ON s.channel = %(channel)s AND s.sku = q.sku"
    " WHERE (l.wanted_quantity, l.wanted_visible, coalesce(l.hidden_by, ''))"
    f" IS DISTINCT FROM (q.quantity, {_VISIBLE}, {_HIDDEN_BY})"
    f" OR {_differs('q.quantity', f'({_VISIBLE})', f'({_HIDDEN_BY})')} AND NOT {_OPEN.format(sku='q.sku')}"
    " ORDER BY 1"
)


def differing(connection: "Connection", channel: str, skus: Sequence[str] | None = None) -> Iterator[list[str]]:
    """Yield, in batches, articles whose listing may have to be refreshed, as they stand without a lock.

    Args:
        connection: Within a transaction; read to its end before it is used for anything else.
        channel: Whose articles.
        skus: Only these; None for all.
    """
    rules = stock_rules.in_force(connection)
    query = sellable_query(channel, rules, skus=skus, houses=warehouses(connection))
    text = SQL(_DIFFERING).format(sellable=query.text)
    with connection.cursor(name="differing_listings") as cursor:
        cursor.itersize = BATCH
        cursor.execute(text, {**query.parameters, "channel": channel, "show": []})
        while rows := cursor.fetchmany(BATCH):
            yield [row["sku"] for row in rows]


_FIRST_SEEN = "l.told_at IS NULL AND coalesce(s.visible, false)"
"""What shows when SOMS sees it first counts as left so by SOMS; of what does not, nobody knows who hid it."""
_ADD = """
INSERT INTO listing (channel, sku)
SELECT channel, sku FROM article WHERE channel = %(channel)s AND sku = ANY(%(skus)s) ORDER BY sku
ON CONFLICT DO NOTHING RETURNING sku
"""
_LOCK = "SELECT FROM listing WHERE channel = %(channel)s AND sku = ANY(%(skus)s) ORDER BY sku FOR UPDATE"
_WANT = f"""
WITH q AS MATERIALIZED ({{sellable}}),
s AS MATERIALIZED (SELECT * FROM seen_listing WHERE channel = %(channel)s AND sku = ANY(%(skus)s))
UPDATE listing AS l SET wanted_quantity = q.quantity, wanted_visible = {_VISIBLE}, wanted_at = clock_timestamp(),
  hidden_by = {_HIDDEN_BY},
  hidden_why = CASE WHEN {_HIDDEN_BY} = l.hidden_by THEN l.hidden_why
    WHEN q.visible THEN %(show_why)s WHEN {_FOUND_HIDDEN} THEN %(found_why)s
    ELSE upper(left(q.why, 1)) || substr(q.why, 2) || '.' END,
  hidden_at = CASE WHEN {_HIDDEN_BY} = l.hidden_by THEN l.hidden_at ELSE clock_timestamp() END,
  told_quantity = CASE WHEN {_FIRST_SEEN} THEN s.quantity ELSE l.told_quantity END,
  told_visible = CASE WHEN {_FIRST_SEEN} THEN true ELSE l.told_visible END,
  told_at = CASE WHEN {_FIRST_SEEN} THEN s.seen_at ELSE l.told_at END
FROM q LEFT JOIN s ON s.sku = q.sku
WHERE l.channel = %(channel)s AND l.sku = ANY(%(skus)s) AND l.sku = q.sku
AND (l.wanted_quantity, l.wanted_visible, l.hidden_by) IS DISTINCT FROM (q.quantity, {_VISIBLE}, {_HIDDEN_BY})
RETURNING l.sku
"""  # noqa: S608 - made of constants
_TO_TELL = f"""
SELECT l.sku, e.state, e.answer FROM listing l
LEFT JOIN seen_listing s ON s.channel = l.channel AND s.sku = l.sku
LEFT JOIN LATERAL (
  SELECT state, answer FROM effect WHERE subject = 'listing/' || l.channel || ':' || l.sku AND process = 'shop_listing'
  ORDER BY id DESC LIMIT 1
) e ON true
WHERE l.channel = %(channel)s AND l.sku = ANY(%(skus)s)
AND {_differs("l.wanted_quantity", "l.wanted_visible", "l.hidden_by")}
ORDER BY l.sku
"""  # noqa: S608 - made of constants


def refresh(
    connection: "Connection",
    trail: "Trail",
    *,
    channel: str,
    system: str,
    skus: Collection[str],
    show: Collection[str] = (),
    show_why: str = "It was hidden although it was in stock.",
    rules: "StockRules | None" = None,
) -> Refreshed:
    """Work out anew what a shop shall show of some articles, and make due the telling of what differs.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        channel: Whose articles.
        system: The shop that is told, e.g. 'smartstore-shop/berlin'.
        skus: Which articles, at most some thousands.
        show: Of these, those found hidden in stock that SOMS shall show although it did not hide them; what a person
            hid stays hidden.
        show_why: Why it does so, in a sentence.
        rules: The stock rules; None for those in force.
    """
    wanted = {"channel": channel, "skus": sorted(set(skus)), "show": list(show)}
    why = {"show_why": show_why, "found_why": HIDDEN_BEFORE}
    if not wanted["skus"]:
        return Refreshed()
    added = [row["sku"] for row in connection.execute(_ADD, wanted)]
    connection.execute(_LOCK, wanted)
    query = sellable_query(channel, rules or stock_rules.in_force(connection), skus=wanted["skus"])
    changed = [row["sku"] for row in connection.execute(*_with(_WANT, query, {**wanted, **why}))]
    due = _make_due(connection, trail, wanted, frozenset(changed), system=system)
    rows = [("listing", f"{channel}:{sku}") for sku in sorted({*added, *changed})]
    if rows:
        trail.add("listing.wanted", f"listings/{channel}", rows, {"articles": len(rows), "due": due})
    return Refreshed(len(changed), due)


def _with(text: str, query: Query, parameters: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return SQL(text).format(sellable=query.text), {**query.parameters, **parameters}


def _make_due(
    connection: "Connection", trail: "Trail", wanted: dict[str, Any], changed: frozenset[str], *, system: str
) -> int:
    """Put a call for each article whose shop shows something else, unless one is open already.

    One that was refused, or that a person gave up, is made again only when something else is wanted by now.
    """
    channel = wanted["channel"]
    rows = connection.execute(_TO_TELL, wanted).fetchall()
    stopped = {row["sku"] for row in rows if row["state"] == "failed" or _given_up(row)}
    again = [subject(channel, sku) for sku in sorted(stopped & changed)]
    effect_withdrawal.withdraw(
        connection, trail, process=PROCESS, subjects=again, kind=KIND, reason="Something else is to be shown by now."
    )
    skus = [
        row["sku"]
        for row in rows
        if row["state"] not in ("due", "claimed") and (row["sku"] in changed or row["sku"] not in stopped)
    ]
    return put(connection, trail, channel=channel, system=system, skus=skus)


def _given_up(row: dict[str, Any]) -> bool:
    return bool(row["state"] == "abandoned" and row["answer"] != effect_withdrawal.WITHDRAWN)


def put(connection: "Connection", trail: "Trail", *, channel: str, system: str, skus: Sequence[str]) -> int:
    """Make the telling of these articles due; the caller has locked their listings and seen that none is open."""
    if not skus:
        return 0
    row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
    stamp = f"{row['now']:%Y-%m-%dT%H:%M:%S.%fZ}" if row else ""
    due = [
        effects.Due(
            business_key=f"{KIND}:{channel}:{sku}:{stamp}",
            process=PROCESS,
            system=system,
            kind=KIND,
            subject=subject(channel, sku),
            payload={"channel": channel, "sku": sku, "put_at": stamp},
        )
        for sku in skus
    ]
    return len(effects.put(connection, trail, due))


_AFFECTED = """
WITH moved AS (
  SELECT unnest(%(skus)s::text[]) AS sku
  UNION SELECT pack FROM unnest(%(packs)s::text[], %(of)s::text[]) AS p(pack, piece) WHERE piece = ANY(%(skus)s)
)
SELECT sku FROM article WHERE channel = %(channel)s AND (sku IN (SELECT sku FROM moved)
  OR components <> '[]' AND EXISTS (
    SELECT FROM jsonb_array_elements(components::jsonb) part WHERE part ->> 0 IN (SELECT sku FROM moved)))
ORDER BY 1
"""


def affected(connection: "Connection", channel: str, skus: Collection[str], rules: "StockRules") -> list[str]:
    """Return the channel's articles that show something of these: themselves, their packs, bundles of either."""
    packs = {"packs": list(rules.packs), "of": [pack.of for pack in rules.packs.values()]}
    rows = connection.execute(_AFFECTED, {"channel": channel, "skus": sorted(set(skus)), **packs})
    return [row["sku"] for row in rows]
