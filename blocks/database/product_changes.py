"""The golden record and what follows from it: what is believed of each value, what the shop shows, what is to change.

Each change of the shop is one row and one call. At most one change of a value is open at a time; what a person wrote in
the shop, or restored by an undo, is a person's and no rule touches it.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import effects
from blocks.documents.base import canonical_json
from blocks.documents.product_content import MEDIUM
from blocks.documents.product_values import Believed, Value, Wanted
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS, KIND, MEDIA_KIND = "manufacturer_enrichment", "shop.content", "shop.medium"
"""Pictures and documents are calls of a kind of their own: fewer at once, for each carries a file."""
OPEN = ("proposed", "held", "approved")
WAITING = ("proposed", "held")


_CLAIMS = """
WITH said AS MATERIALIZED (
  SELECT id, sku, source, attribute, language, value, normalised, unit, source_kind, place, doubt, licence, confidence,
    fetched_at, sha256 FROM product_claim WHERE channel || ':' || sku = ANY(%s) AND gone_at IS NULL
), origin AS (SELECT DISTINCT source, sha256, place::jsonb ->> 'address' AS address FROM said WHERE sha256 <> ''),
confirmed AS (
  SELECT o.source, o.sha256, max(seen.at) AS at FROM origin o CROSS JOIN LATERAL (
    SELECT f.fetched_at AS at FROM fetched f
    WHERE f.source = o.source AND f.key = o.address AND f.sha256 = o.sha256 AND f.listed AND f.status IN (200, 304)
    UNION ALL SELECT r.received_at FROM received_file r WHERE r.source = o.source AND r.sha256 = o.sha256
  ) seen GROUP BY o.source, o.sha256
)
SELECT s.id, sku, s.source, attribute, language, value, normalised, unit, source_kind, place, doubt, licence,
  confidence, greatest(fetched_at, c.at) AS fetched_at
FROM said s LEFT JOIN confirmed c ON c.source = s.source AND c.sha256 = s.sha256
ORDER BY sku, attribute, language, s.id
"""


def claims_of(connection: "Connection", channel: str, skus: Collection[str]) -> list[dict[str, Any]]:
    """Return what sources say now of some articles, article by article.

    ``fetched_at`` is when the source last said so: a confirmation without new bytes (304, the same file once more)
    counts as well. It stands where the bytes are known, and renews nothing that is written down of a claim.
    """
    return connection.execute(_CLAIMS, ([f"{channel}:{sku}" for sku in skus],)).fetchall()


def values_of(connection: "Connection", channel: str, skus: Collection[str]) -> dict[Value, dict[str, Any]]:
    """Return the golden values of some articles."""
    rows = connection.execute(
        "SELECT * FROM product_value WHERE channel || ':' || sku = ANY(%s) ORDER BY sku, attribute, language",
        ([f"{channel}:{sku}" for sku in skus],),
    )
    return {(row["sku"], row["attribute"], row["language"]): row for row in rows}


def last_changes(connection: "Connection", channel: str, skus: Collection[str]) -> dict[Value, dict[str, Any]]:
    """Return of each value the last change that was settled or declined, and the open one.

    Returns:
        ``settled``: new, undoes of the newest that was applied; ``declined``: what was declined since; ``open``: a row.
    """
    rows = connection.execute(
        "SELECT id, sku, attribute, language, old, new, state, undoes, claim_id, settled_at FROM product_change"
        " WHERE channel = %s AND sku = ANY(%s) AND state <> 'superseded' ORDER BY id",
        (channel, list(skus)),
    )
    found: dict[Value, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault((row["sku"], row["attribute"], row["language"]), {"declined": set()})
        if row["state"] in OPEN:
            entry["open"] = row
        elif row["state"] == "applied":
            entry["settled"] = row
            entry["declined"] = set()
        else:
            entry["declined"].add(row["new"])
    return found


_SAVE = """
INSERT INTO product_value (channel, sku, attribute, language, value, unit, claim_id, losers, conflict, why,
  rules_version, shop_value, shop_by, shop_seen_at, run_id)
SELECT %(channel)s, sku, attribute, language, value, unit, claim_id, losers, conflict, why, rules_version, shop_value,
  shop_by, CASE WHEN seen THEN now() END, %(run)s
FROM unnest(%(sku)s::text[], %(attribute)s::text[], %(language)s::text[], %(value)s::text[], %(unit)s::text[],
  %(claim_id)s::bigint[], %(losers)s::text[], %(conflict)s::boolean[], %(why)s::text[], %(rules_version)s::int[],
  %(shop_value)s::text[], %(shop_by)s::text[], %(seen)s::boolean[])
  AS new(sku, attribute, language, value, unit, claim_id, losers, conflict, why, rules_version, shop_value, shop_by,
  seen)
ORDER BY sku, attribute, language
ON CONFLICT (channel, sku, attribute, language) DO UPDATE SET value = excluded.value, unit = excluded.unit,
  claim_id = excluded.claim_id, losers = excluded.losers, conflict = excluded.conflict, why = excluded.why,
  rules_version = excluded.rules_version,
  shop_value = CASE WHEN excluded.shop_seen_at IS NULL THEN product_value.shop_value ELSE excluded.shop_value END,
  shop_by = CASE WHEN excluded.shop_seen_at IS NULL THEN product_value.shop_by ELSE excluded.shop_by END,
  shop_seen_at = coalesce(excluded.shop_seen_at, product_value.shop_seen_at), changed_at = now(),
  run_id = excluded.run_id
WHERE (product_value.value, product_value.unit, product_value.claim_id, product_value.losers, product_value.conflict,
  product_value.why, product_value.rules_version)
  IS DISTINCT FROM (excluded.value, excluded.unit, excluded.claim_id, excluded.losers, excluded.conflict, excluded.why,
  excluded.rules_version)
  OR excluded.shop_seen_at IS NOT NULL
  AND (product_value.shop_value, product_value.shop_by) IS DISTINCT FROM (excluded.shop_value, excluded.shop_by)
RETURNING sku
"""
_FIELDS = ("sku", "attribute", "language", "value", "unit", "claim_id", "conflict", "why", "rules_version",
           "shop_value", "shop_by", "seen")  # fmt: skip


def save_values(connection: "Connection", trail: "Trail", channel: str, values: Sequence[Believed]) -> list[str]:
    """Write what is believed where it differs from before; returns the articles concerned."""
    if not values:
        return []
    columns: dict[str, Any] = {name: [getattr(each, name) for each in values] for name in _FIELDS}
    columns["losers"] = [canonical_json(each.losers) for each in values]
    rows = connection.execute(_SAVE, {**columns, "channel": channel, "run": trail.actor.run_id}).fetchall()
    skus = sorted({row["sku"] for row in rows})
    if skus:
        facts = {"articles": len(skus), "values": len(rows)}
        trail.add("product_value.chosen", f"products/{channel}", _articles(channel, skus), facts)
    return skus


def drop_values(connection: "Connection", trail: "Trail", channel: str, values: Iterable[Value]) -> None:
    """Note that no source says anything of these values any more; what the shop shows of them stays."""
    gone = list(values)
    rows = connection.execute(
        "UPDATE product_value v SET value = '', unit = '', claim_id = NULL, losers = '[]', conflict = false,"
        " why = 'No source says anything of it any more.', changed_at = now(), run_id = %s"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS g(sku, attribute, language)"
        " WHERE v.channel = %s AND (v.sku, v.attribute, v.language) = (g.sku, g.attribute, g.language)"
        " AND v.claim_id IS NOT NULL RETURNING v.sku",
        (trail.actor.run_id, *([each[place] for each in gone] for place in range(3)), channel),
    ).fetchall()
    skus = sorted({row["sku"] for row in rows})
    if skus:
        trail.add("product_value.gone", f"products/{channel}", _articles(channel, skus), {"values": len(rows)})


def _articles(channel: str, skus: Iterable[str]) -> list[tuple[str, object]]:
    return [("product_value", f"{channel}:{sku}") for sku in skus]


_ADD = """
INSERT INTO product_change (channel, sku, attribute, language, old, new, unit, claim_id, why, rules_version, state,
  undoes, run_id, decided_by, decided_at, reason)
SELECT %(channel)s, sku, attribute, language, old, new, unit, claim_id, why, rules_version, state, undoes, %(run)s,
  %(by)s, CASE WHEN %(by)s::text IS NULL THEN NULL ELSE now() END, %(reason)s
FROM unnest(%(sku)s::text[], %(attribute)s::text[], %(language)s::text[], %(old)s::text[], %(new)s::text[],
  %(unit)s::text[], %(claim_id)s::bigint[], %(why)s::text[], %(rules_version)s::int[], %(state)s::text[],
  %(undoes)s::bigint[])
  AS w(sku, attribute, language, old, new, unit, claim_id, why, rules_version, state, undoes)
ORDER BY sku, attribute, language
ON CONFLICT (channel, sku, attribute, language) WHERE state IN ('proposed', 'held', 'approved') DO NOTHING
RETURNING id, sku, state
"""


def want(
    connection: "Connection", trail: "Trail", *, channel: str, shop: str, changes: Sequence[Wanted],
    by: str | None = None, reason: str | None = None,
) -> list[int]:  # fmt: skip
    """Write changes, and make due those that are approved; a value that has an open change is left alone."""
    if not changes:
        return []
    names = (
        "sku",
        "attribute",
        "language",
        "old",
        "new",
        "unit",
        "claim_id",
        "why",
        "rules_version",
        "state",
        "undoes",
    )
    columns = {name: [getattr(each, name) for each in changes] for name in names}
    named = {**columns, "channel": channel, "run": trail.actor.run_id, "by": by, "reason": reason}
    rows = connection.execute(_ADD, named).fetchall()
    if rows:
        facts = {"changes": len(rows), "by": by or "rule"}
        touched = [("product_change", row["id"]) for row in rows]
        trail.add("product_change.wanted", f"products/{channel}", touched, facts)
    put_due(connection, trail, [row["id"] for row in rows if row["state"] == "approved"], shop)
    return [row["id"] for row in rows]


def put_due(connection: "Connection", trail: "Trail", numbers: Sequence[int], shop: str) -> None:
    """Make the calls of approved changes due, each once for good; pictures before the documents behind them."""
    rows = connection.execute(
        "SELECT id, starts_with(attribute, %s) AS is_medium FROM product_change WHERE id = ANY(%s)"
        " ORDER BY starts_with(attribute, %s), id",
        (MEDIUM, list(numbers), f"{MEDIUM}data_sheet"),
    )
    kinds = {row["id"]: MEDIA_KIND if row["is_medium"] else KIND for row in rows}
    effects.put(
        connection, trail,
        [
            effects.Due(
                business_key=f"{kind}:{number}", process=PROCESS, system=shop, kind=kind,
                subject=f"product_change/{number}", payload={"change": number},
            )
            for number, kind in kinds.items()
        ],
    )  # fmt: skip


def supersede(connection: "Connection", trail: "Trail", numbers: Sequence[int]) -> None:
    """Withdraw changes that wait for a person, because sources say something else by now."""
    _settle(connection, trail, dict.fromkeys(numbers, "superseded"), among=WAITING)


def settle(connection: "Connection", trail: "Trail", outcomes: Mapping[int, str]) -> None:
    """Book what became of changes at the shop: applied, kept (a person wrote something else), failed."""
    _settle(connection, trail, outcomes, among=("approved", "failed"))


def _settle(connection: "Connection", trail: "Trail", outcomes: Mapping[int, str], *, among: Sequence[str]) -> None:
    if not outcomes:
        return
    rows = connection.execute(
        "UPDATE product_change c SET state = s.state, settled_at = now()"
        " FROM unnest(%s::bigint[], %s::text[]) AS s(id, state) WHERE c.id = s.id AND c.state = ANY(%s)"
        " RETURNING c.id, c.channel",
        (list(outcomes), list(outcomes.values()), list(among)),
    ).fetchall()
    for channel in sorted({row["channel"] for row in rows}):
        touched = [("product_change", row["id"]) for row in rows if row["channel"] == channel]
        counted = {state: sum(outcomes[row["id"]] == state for row in rows) for state in sorted(set(outcomes.values()))}
        trail.add("product_change.settled", f"products/{channel}", touched, counted)


_SHOWS = """
UPDATE product_value v SET shop_value = c.new, shop_by = CASE WHEN c.undoes IS NULL THEN 'soms' ELSE 'person' END,
  shop_seen_at = now(), changed_at = now()
FROM product_change c WHERE c.id = ANY(%s) AND c.state = 'applied'
AND (v.channel, v.sku, v.attribute, v.language) = (c.channel, c.sku, c.attribute, c.language)
RETURNING v.channel, v.sku
"""


def note_shown(connection: "Connection", trail: "Trail", numbers: Sequence[int]) -> None:
    """Note in the golden record that the shop shows what these changes say."""
    rows = connection.execute(_SHOWS, (list(numbers),)).fetchall()
    for channel in sorted({row["channel"] for row in rows}):
        skus = sorted({row["sku"] for row in rows if row["channel"] == channel})
        trail.add("product_value.shown", f"products/{channel}", _articles(channel, skus), {"articles": len(skus)})


_TO_MAKE = """
SELECT c.id, c.channel, c.sku, c.attribute, c.language, c.old, c.new, c.unit, c.why, c.state, a.product_id,
  a.variant_id, a.category, v.value AS believed, s.source, s.value AS said
FROM product_change c LEFT JOIN product_claim s ON s.id = c.claim_id
LEFT JOIN article a ON a.channel = c.channel AND a.sku = c.sku
LEFT JOIN product_value v ON (v.channel, v.sku, v.attribute, v.language) = (c.channel, c.sku, c.attribute, c.language)
WHERE c.id = ANY(%s)
"""


def to_make(connection: "Connection", numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return changes with what a shop needs to find their products."""
    return {row["id"]: row for row in connection.execute(_TO_MAKE, (list(numbers),))}


def decide(
    connection: "Connection", trail: "Trail", numbers: Sequence[int], *, approve: bool, by: str, reason: str, shop: str
) -> list[int]:
    """Approve or decline changes of a shop that wait; approved ones are due at once. Returns those that did wait.

    Changes of another shop's channel do not wait here: its products have other ids.
    """
    state, channel = "approved" if approve else "declined", shop.partition("/")[2]
    rows = connection.execute(
        "UPDATE product_change SET state = %s, decided_by = %s, decided_at = now(), reason = %s"
        " WHERE id = ANY(%s) AND channel = %s AND state IN ('proposed', 'held') RETURNING id",
        (state, by, reason, list(numbers), channel),
    ).fetchall()
    ids = sorted(row["id"] for row in rows)
    for number in ids:
        facts = {"by": by, "reason": reason}
        trail.add(f"product_change.{state}", f"product_change/{number}", [("product_change", number)], facts)
    if approve:
        put_due(connection, trail, ids, shop)
    return ids


def pin(connection: "Connection", trail: "Trail", *, claim: int, language: str, by: str) -> dict[str, Any]:
    """Choose a claim for its value; from now on no rule chooses another.

    Returns:
        The claim; its ``language`` is that of the value, '' for the shop's own ``language``.

    Raises:
        WrongUse: There is no such claim, its source says so no more, or nobody can tell what it means.
    """
    row = connection.execute("SELECT * FROM product_claim WHERE id = %s AND gone_at IS NULL", (claim,)).fetchone()
    if row is None or not row["normalised"]:
        raise WrongUse(f"Claim {claim} cannot be chosen: see `soms products show` for those that can.")
    if row["language"] == language:
        row["language"] = ""
    connection.execute(
        "UPDATE product_value SET claim_id = %s, pinned_by = %s, changed_at = now()"
        " WHERE (channel, sku, attribute, language) = (%s, %s, %s, %s)",
        (claim, by, row["channel"], row["sku"], row["attribute"], row["language"]),
    )
    touched = [("product_value", f"{row['channel']}:{row['sku']}")]
    trail.add("product_value.pinned", f"product_claim/{claim}", touched, {"by": by, "attribute": row["attribute"]})
    return row


def undoable(
    connection: "Connection", channel: str, *, changes: Sequence[int] = (), skus: Sequence[str] = (), run: str = ""
) -> list[dict[str, Any]]:
    """Return the changes that can be undone of those named, of articles or of one run.

    Of each value only the last change can be; what undid another is no change to be undone.
    """
    rows = connection.execute(
        "SELECT * FROM (SELECT DISTINCT ON (sku, attribute, language) * FROM product_change"
        " WHERE channel = %(channel)s AND state = 'applied' ORDER BY sku, attribute, language, id DESC) last"
        " WHERE undoes IS NULL AND (id = ANY(%(ids)s) OR sku = ANY(%(skus)s) OR run_id = %(run)s) ORDER BY id",
        {"channel": channel, "ids": list(changes), "skus": list(skus), "run": run or None},
    )
    return rows.fetchall()


def listing(
    connection: "Connection", *, channel: str, states: Sequence[str], sku: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return changes in these states, newest first."""
    return connection.execute(
        "SELECT id, sku, attribute, language, old, new, unit, why, state, undoes, created_at, decided_by, run_id"
        " FROM product_change WHERE channel = %(channel)s AND state = ANY(%(states)s)"
        " AND (%(sku)s::text IS NULL OR sku = %(sku)s) ORDER BY id DESC LIMIT %(limit)s",
        {"channel": channel, "states": list(states), "sku": sku, "limit": limit},
    ).fetchall()


def conflicts(connection: "Connection", *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return the values of which sources say different things, with what is believed and what lost."""
    rows = connection.execute(
        "SELECT sku, attribute, language, value, unit, why, losers, pinned_by, shop_value, shop_by FROM product_value"
        " WHERE channel = %s AND conflict AND value <> '' ORDER BY sku, attribute, language LIMIT %s",
        (channel, limit),
    )
    return [{**row, "losers": json.loads(row["losers"])} for row in rows]


def make_due(connection: "Connection", channel: str, rules_version: int, *, everything: bool) -> int:
    """Make due what was decided by other rules, or everything that sources say anything of; returns how many are."""
    connection.execute(
        "INSERT INTO product_due (channel, sku) SELECT DISTINCT %(channel)s, sku FROM product_value"
        " WHERE channel = %(channel)s AND (%(all)s OR rules_version <> %(rules)s) ON CONFLICT DO NOTHING",
        {"channel": channel, "rules": rules_version, "all": everything},
    )
    row = connection.execute("SELECT count(*) AS due FROM product_due WHERE channel = %s", (channel,)).fetchone()
    return int(row["due"]) if row else 0


def due(connection: "Connection", channel: str, *, after: str, limit: int) -> list[dict[str, Any]]:
    """Return articles of which sources say something else than was decided on, with what their shop knows them by."""
    return connection.execute(
        "SELECT d.sku, a.product_id, a.variant_id, a.category FROM product_due d"
        " LEFT JOIN article a ON a.channel = d.channel AND a.sku = d.sku"
        " WHERE d.channel = %s AND d.sku > %s ORDER BY d.sku LIMIT %s",
        (channel, after, limit),
    ).fetchall()


def no_longer_due(connection: "Connection", channel: str, skus: Sequence[str]) -> None:
    """Note that these articles were decided on."""
    connection.execute("DELETE FROM product_due WHERE channel = %s AND sku = ANY(%s)", (channel, list(skus)))


def waiting_of(connection: "Connection", channel: str, skus: Sequence[str], *, among: Collection[Value]) -> list[int]:
    """Return the changes of these values that wait for a person."""
    rows = connection.execute(
        "SELECT id, sku, attribute, language FROM product_change WHERE channel = %s AND sku = ANY(%s)"
        " AND state IN ('proposed', 'held')",
        (channel, list(skus)),
    )
    return [row["id"] for row in rows if (row["sku"], row["attribute"], row["language"]) in among]


def counts(connection: "Connection", channel: str) -> dict[str, int]:
    """Return how much waits for a person: changes, products to recognise, stopped deliveries."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM product_change WHERE channel = %(c)s AND state IN ('proposed', 'held'))"
        " AS changes,"
        " (SELECT count(*) FROM source_product WHERE channel = %(c)s AND state = 'ambiguous') AS products,"
        " (SELECT count(*) FROM product_delivery WHERE channel = %(c)s AND state = 'stopped') AS deliveries",
        {"c": channel},
    ).fetchone()
    return dict(row) if row else {}
