"""Gathers, for a chunk of differences, what their causes are found in: holdings, changes, calls, what was told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database.stock_position import positions
from blocks.documents.base import plain_decimal
from blocks.documents.stock_rules import AtZero, StockRules
from tasks.inventory_reconciliation.causes import Gap, Told
from tasks.inventory_reconciliation.replaying import (
    LEVEL,
    QUANTITY,
    VISIBILITY,
    VISIBLE,
    Change,
    Holding,
    View,
    shown,
    without,
)  # fmt: skip

if TYPE_CHECKING:
    from blocks.database.engine import Connection

FURTHEST = 60
"""So many of an article's newest changes are looked at."""

_CHANGES = """
SELECT wanted.sku, wanted.warehouse, c.* FROM unnest(%(skus)s::text[], %(houses)s::text[]) AS wanted(sku, warehouse)
CROSS JOIN LATERAL (
  (SELECT 'stock_event/' || id AS ref, id, kind, source, delta, quantity, document, happened_at, heard_at,
     coalesce(ignored, '') AS ignored, order_id
   FROM stock_event e WHERE e.sku = wanted.sku AND e.warehouse = wanted.warehouse
   ORDER BY heard_at DESC, id DESC LIMIT %(furthest)s)
  UNION ALL
  (SELECT 'reservation/' || id, id, 'reservation', 'orders', -quantity, -quantity, '', booked_at, booked_at, '',
     order_id
   FROM reservation r WHERE %(reservations)s AND r.sku = wanted.sku AND r.warehouse = wanted.warehouse
   ORDER BY id DESC LIMIT %(furthest)s)
) AS c ORDER BY heard_at DESC, happened_at DESC, id DESC
"""

Place = tuple[str, str]


def changes_of(
    connection: "Connection", places: Sequence[Place], *, reservations: bool
) -> dict[Place, tuple[Change, ...]]:
    """Return the newest changes of articles, each (sku, warehouse), newest first, not beyond the opening."""
    found: dict[Place, list[dict[str, Any]]] = {}
    parameters = {
        "skus": [sku for sku, _ in places],
        "houses": [warehouse for _, warehouse in places],
        "furthest": FURTHEST,
        "reservations": reservations,
    }
    for row in connection.execute(_CHANGES, parameters):
        found.setdefault((row["sku"], row["warehouse"]), []).append(row)
    return {place: tuple(_together(rows)) for place, rows in found.items()}


def _together(rows: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Return changes; a shipment and the reservation it used up are one, nothing before the opening is any."""
    opened = next((row["heard_at"] for row in rows if row["kind"] == "opening"), None)
    changes: dict[tuple[Any, ...], Change] = {}
    began = None if opened else _beginning(rows)
    for row in rows:
        if row["kind"] == "opening" or (opened is not None and row["heard_at"] < opened):
            continue
        fields = {name: row[name] for name in Change.__slots__ if name != "first"} | {"first": row["ref"] == began}
        key = (row["heard_at"], row["order_id"]) if row["order_id"] else (row["ref"],)
        known = changes.get(key)
        changes[key] = Change(**fields) if known is None else replace(known, delta=known.delta + row["delta"])
    return list(changes.values())


def _beginning(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the count that a ledger began with, where it did and the rows reach back to it."""
    if len(rows) >= FURTHEST or not rows:
        return None
    oldest = rows[-1]
    return str(oldest["ref"]) if oldest["kind"] == "count" and oldest["delta"] == oldest["quantity"] else None


@dataclass(frozen=True, slots=True)
class LevelQuestion:
    """Whose levels are in question."""

    system: str
    rules: StockRules


def level_gaps(connection: "Connection", asked: LevelQuestion, rows: Sequence[Mapping[str, Any]]) -> list[Gap]:
    """Return a chunk of ``level_gap`` with all that is known of each."""
    places = sorted({(row["sku"], row["warehouse"]) for row in rows})
    changes = changes_of(connection, places, reservations=False)
    factors = factors_of(asked.rules, sorted({row["sku"] for row in rows}))
    return [
        Gap(
            sku=row["sku"],
            system=asked.system,
            view=View(LEVEL),
            expected=plain_decimal(row["expected"]),
            found=plain_decimal(row["found"]),
            found_at=row["found_at"],
            warehouse=row["warehouse"],
            holdings=(Holding(row["sku"], row["warehouse"], row["expected"]),),
            changes=_before(changes.get((row["sku"], row["warehouse"]), ()), row["event"]),
            factors=factors.get(row["sku"], ()),
        )
        for row in rows
    ]


def _before(changes: tuple[Change, ...], event: int | None) -> tuple[Change, ...]:
    """Return what had been heard before a count that put a difference right; all without one."""
    if event is None:
        return changes
    later = {f"stock_event/{event}"}
    count = next((each for each in changes if each.ref in later), None)
    return changes if count is None else tuple(each for each in changes if each.heard_at < count.heard_at)


@dataclass(frozen=True, slots=True)
class ListingQuestion:
    """Whose listings are in question.

    Attributes:
        channel: Whose articles.
        system: The shop, e.g. 'smartstore-shop/berlin'.
        rules: The stock rules.
        agreed_at: When all its articles were last compared: whatever did not differ then was shown as it should be.
        differed: The articles of this chunk that did differ then.
    """

    channel: str
    system: str
    rules: StockRules
    agreed_at: datetime | None
    differed: frozenset[str] = frozenset()


def listing_gaps(
    connection: "Connection", asked: ListingQuestion, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], list[Gap]]]:
    """Return a chunk of ``listing_gap``, each row with its one or two differences and all that is known of them."""
    skus = [row["sku"] for row in rows]
    holdings = _holdings(connection, asked, skus)
    places = sorted({(each.sku, each.warehouse) for own in holdings.values() for each in own})
    changes = changes_of(connection, places, reservations=True)
    listings, calls = _listings(connection, asked, skus), _calls(connection, asked, skus)
    factors, at_zero = factors_of(asked.rules, skus), _at_zero(connection, asked, skus)
    shown = {row["sku"]: row for row in connection.execute(_SHOWN, (asked.channel, skus))}
    found = []
    for row in rows:
        own = holdings.get(row["sku"], ())
        history = [each for place in {(h.sku, h.warehouse) for h in own} for each in changes.get(place, ())]
        history.sort(key=lambda each: (each.heard_at, each.happened_at, each.ref), reverse=True)
        base = Gap(
            sku=row["sku"],
            system=asked.system,
            view=View(QUANTITY),
            expected="",
            found="",
            found_at=row["seen_at"],
            holdings=own,
            changes=tuple(history),
            changed_at=row["changed_at"],
            told=listings[row["sku"]][0] if row["sku"] in listings else None,
            hidden_by=listings[row["sku"]][1] if row["sku"] in listings else "",
            calls=calls.get(row["sku"], ()),
            factors=factors.get(row["sku"], ()),
            shop_rule=row["own_rule"],
        )
        base = _as_agreed(base, asked, at_zero=row["sku"] in at_zero)
        always = row["sku"] in at_zero or row["why"] == "not managed"
        base = replace(base, read=_as_read(base, shown.get(row["sku"]), at_zero=always))
        found.append((row, list(_differences(base, row, at_zero=row["sku"] in at_zero))))
    return found


def _as_agreed(gap: Gap, asked: ListingQuestion, *, at_zero: bool) -> Gap:
    """Return the gap with what the shop showed when all was last compared, unless it was told something since."""
    at = asked.agreed_at
    if at is None or gap.sku in asked.differed or (gap.told and gap.told.at > at) or len(gap.changes) >= FURTHEST:
        return gap
    then = without(gap.holdings, [each for each in gap.changes if each.heard_at > at])
    visible = View(VISIBILITY, at_zero=at_zero).of(then) == VISIBLE
    return replace(gap, told=Told(Decimal(View(QUANTITY).of(then)), visible, at))


_SHOWN = """
SELECT sku, CASE WHEN published THEN shop_quantity END AS quantity, shown_at FROM article
WHERE channel = %s AND sku = ANY(%s) AND shown_at IS NOT NULL
"""
"""What master data read shops to show; the quantity is of that moment as long as nobody hid the article since."""


def _as_read(gap: Gap, shown_so: Mapping[str, Any] | None, *, at_zero: bool) -> Told | None:
    """Return what master data read the shop to show, as far as our books of that moment say the same."""
    if shown_so is None or len(gap.changes) >= FURTHEST:
        return None
    at = shown_so["shown_at"]
    then = without(gap.holdings, [each for each in gap.changes if each.heard_at > at and not each.first])
    right = shown_so["quantity"] is not None and View(QUANTITY).of(then) == plain_decimal(shown_so["quantity"])
    visible = View(VISIBILITY, at_zero=at_zero).of(then) == VISIBLE
    return Told(shown_so["quantity"] if right else None, True if visible else None, at) if right or visible else None


def _differences(base: Gap, row: Mapping[str, Any], *, at_zero: bool) -> list[Gap]:
    gaps = []
    if row["expected"] is not None and row["expected"] != row["found"]:
        expected, found = plain_decimal(row["expected"]), plain_decimal(row["found"])
        gaps.append(replace(base, expected=expected, found=found))
    seen, wanted = row["found_visible"], row["expected_visible"]
    if wanted is not None and wanted != seen and not row["kept_hidden"]:
        view = View(VISIBILITY, at_zero=at_zero or row["why"] == "not managed")
        calls = () if wanted and not base.hidden_by else base.calls  # no call shows what nobody is known to hide
        gaps.append(replace(base, view=view, expected=shown(wanted), found=shown(seen), calls=calls))
    return [replace(gap, alone=len(gaps) == 1) for gap in gaps]


_PARTS = """
SELECT a.sku, a.components FROM article a WHERE a.channel = %s AND a.sku = ANY(%s)
"""
_UNMANAGED = "SELECT sku FROM article WHERE channel = %s AND sku = ANY(%s) AND NOT stock_managed"


def _holdings(connection: "Connection", asked: ListingQuestion, skus: Sequence[str]) -> dict[str, tuple[Holding, ...]]:
    """Return what is free of each article's parts, in the warehouses that serve the channel."""
    parts = {row["sku"]: _parts_of(row, asked.rules) for row in connection.execute(_PARTS, (asked.channel, list(skus)))}
    names = sorted({part for own in parts.values() for part in own})
    unmanaged = {row["sku"] for row in connection.execute(_UNMANAGED, (asked.channel, names))}
    serving = asked.rules.channel(asked.channel).warehouses
    free: dict[str, list[Holding]] = {}
    for each in positions(connection, names, rules=asked.rules):
        if not serving or each.warehouse in serving:
            pieces = each.on_hand - each.reserved - each.owed
            free.setdefault(each.sku, []).append(Holding(each.sku, each.warehouse, pieces, each.safety))
    return {
        sku: tuple(
            replace(holding, per=per)
            for part, per in own.items()
            if part not in unmanaged
            for holding in free.get(part, ())
        )
        for sku, own in parts.items()
    }


def _parts_of(row: Mapping[str, Any], rules: StockRules) -> dict[str, Decimal]:
    """Return an article's parts with the pieces of each: of a bundle or pack what it is made of, else itself."""
    components = [] if row["sku"] in rules.packs else json.loads(row["components"])
    parts: dict[str, Decimal] = {}
    for sku, quantity in components or [[row["sku"], "1"]]:
        part, pieces = rules.in_pieces(sku, Decimal(quantity))
        parts[part] = parts.get(part, Decimal(0)) + pieces
    return parts


_LISTINGS = """
SELECT sku, hidden_by,
  coalesce(told_at, seen_right_at) AS told_at, told_visible,
  CASE WHEN told_at IS NULL THEN wanted_quantity ELSE told_quantity END AS told_quantity
FROM (
  SELECT *, CASE WHEN NOT EXISTS (
    SELECT FROM effect e WHERE e.process = 'shop_listing' AND e.subject = 'listing/' || channel || ':' || sku
  ) THEN wanted_at END AS seen_right_at FROM listing WHERE channel = %s AND sku = ANY(%s)
) AS l
"""
"""A shop that never had to be told what was wanted showed that quantity when it was worked out."""


def _listings(
    connection: "Connection", asked: ListingQuestion, skus: Sequence[str]
) -> dict[str, tuple[Told | None, str]]:
    """Return what the shop was last told of each article, and who hid it."""
    return {
        row["sku"]: (
            Told(row["told_quantity"], row["told_visible"], row["told_at"]) if row["told_at"] else None,
            row["hidden_by"],
        )
        for row in connection.execute(_LISTINGS, (asked.channel, list(skus)))
    }


_CALLS = """
SELECT subject, array_agg(id ORDER BY id) AS ids FROM effect
WHERE process = 'shop_listing' AND kind = 'shop.listing' AND state IN ('due', 'claimed') AND subject = ANY(%s)
GROUP BY 1
"""


def _calls(connection: "Connection", asked: ListingQuestion, skus: Sequence[str]) -> dict[str, tuple[int, ...]]:
    prefix = f"listing/{asked.channel}:"
    rows = connection.execute(_CALLS, ([prefix + sku for sku in skus],))
    return {row["subject"].removeprefix(prefix): tuple(row["ids"]) for row in rows}


def factors_of(rules: StockRules, skus: Sequence[str]) -> dict[str, tuple[Decimal, ...]]:
    """Return the numbers of pieces by which an article may be mistaken: of packs and bundles made of it, or it is."""
    found: dict[str, set[Decimal]] = {}
    for sku, pack in rules.packs.items():
        found.setdefault(sku, set()).add(pack.pieces)
        found.setdefault(pack.of, set()).add(pack.pieces)
    wanted = set(skus)
    for sku in wanted:
        bought = rules.replenishment.of(sku).pack
        if bought > 1:
            found.setdefault(sku, set()).add(bought)
    return {sku: tuple(sorted(each for each in found[sku] if each > 1)) for sku in wanted & set(found)}


_SOLD_AT_ZERO = (
    "SELECT sku FROM article WHERE channel = %s AND sku = ANY(%s) AND (backorder OR coalesce(preorder, false))"
)


def _at_zero(connection: "Connection", asked: ListingQuestion, skus: Sequence[str]) -> set[str]:
    """Return which articles the shop goes on showing at zero."""
    policy = asked.rules.channel(asked.channel).at_zero
    if policy is AtZero.FLAGGED:
        return {row["sku"] for row in connection.execute(_SOLD_AT_ZERO, (asked.channel, list(skus)))}
    return set(skus) if policy is AtZero.ALL else set()
