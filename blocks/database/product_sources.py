"""What sources gave: their products, each once and matched to at most one article, and their claims with their place.

A source's delivery is taken in whole, in one transaction, or not at all: what it says goes into temporary tables first,
the gate judges it there, and only then it becomes claims. Two deliveries of a channel wait for each other.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.documents.base import canonical_json
from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.claims import Claim

_ARRIVING = """
CREATE TEMP TABLE arriving_product (place int, key text, state text, sku text, how text, candidates text, identity text,
  sha256 text) ON COMMIT DROP;
CREATE TEMP TABLE arriving_claim (place bigint, sku text, attribute text, language text, claim_hash text, value text,
  normalised text, unit text, source_kind text, spot text, doubt text, licence text, confidence numeric, sha256 text,
  fetched_at timestamptz) ON COMMIT DROP;
CREATE TEMP TABLE standing_bytes (sha256 text PRIMARY KEY) ON COMMIT DROP
"""
_CLAIM_COLUMNS = (
    "place, sku, attribute, language, claim_hash, value, normalised, unit, source_kind, spot, doubt, licence,"
    " confidence, sha256, fetched_at"
)


@dataclass(frozen=True, slots=True)
class Arriving:
    """A product as it arrives: its identity within the source and which article it is."""

    key: str
    state: str
    sku: str
    how: str
    candidates: tuple[str, ...]
    identity: dict[str, str]
    sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a delivery changed: the articles with other claims than before, and counts."""

    skus: tuple[str, ...] = ()
    new_claims: int = 0
    gone_claims: int = 0
    new_products: int = 0


def hold_channel(connection: "Connection", channel: str) -> None:
    """Wait until no other transaction takes in products or decides on values of this channel; until this one ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (f"products {channel}",))


def open_delivery(connection: "Connection") -> None:
    """Make the temporary tables that a delivery goes into."""
    connection.execute(_ARRIVING)


def close_delivery(connection: "Connection") -> None:
    """Drop them again."""
    connection.execute("DROP TABLE arriving_product, arriving_claim, standing_bytes")


def add_products(connection: "Connection", products: Sequence[tuple[int, Arriving]]) -> None:
    """Put products of a delivery into its temporary table, each with its place in the delivery."""
    with connection.cursor().copy("COPY arriving_product FROM STDIN") as copy:
        for place, each in products:
            copy.write_row((
                place, _kept(each.key), each.state, _kept(each.sku), each.how, canonical_json(each.candidates),
                _kept(canonical_json(each.identity)), each.sha256,
            ))  # fmt: skip


def add_claims(connection: "Connection", claims: "Iterable[tuple[int, Claim]]") -> None:
    """Put claims of a delivery into its temporary table."""
    with connection.cursor().copy(f"COPY arriving_claim ({_CLAIM_COLUMNS}) FROM STDIN") as copy:
        for place, claim in claims:
            origin = claim.origin
            copy.write_row((
                place, claim.article, _kept(claim.attribute), claim.language, claim.claim_hash(), _kept(claim.value),
                _kept(claim.normalised), claim.unit, str(origin.kind or ""), _kept(canonical_json(claim.place())),
                claim.doubt, _kept(origin.licence), claim.confidence, origin.sha256, origin.fetched_at,
            ))  # fmt: skip


def add_standing(connection: "Connection", digests: Collection[str]) -> None:
    """Note bytes that the source still offers and that were read before."""
    connection.execute(
        "INSERT INTO standing_bytes SELECT DISTINCT unnest(%s::text[]) ON CONFLICT DO NOTHING", (list(digests),)
    )


def _kept(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


_READ_BEFORE = """
SELECT sha256, coalesce(array_agg(key ORDER BY id) FILTER (WHERE state <> 'duplicate'), '{}') AS keys,
  coalesce(array_agg(sku ORDER BY id) FILTER (WHERE state <> 'duplicate'), '{}') AS skus FROM source_product
WHERE channel = %(channel)s AND source = %(source)s AND sha256 <> ''
GROUP BY sha256 HAVING bool_and(read_by = %(read_by)s
  OR state NOT IN ('unknown', 'ambiguous') AND split_part(read_by, '/', 1) = split_part(%(read_by)s, '/', 1))
UNION ALL
SELECT c.sha256, '{}', array_agg(DISTINCT c.sku) FROM product_claim c
WHERE c.channel = %(channel)s AND c.source = %(source)s AND c.gone_at IS NULL AND c.sha256 <> ''
AND NOT EXISTS (SELECT FROM source_product p WHERE p.source = c.source AND p.sha256 = c.sha256)
GROUP BY c.sha256 HAVING bool_and(EXISTS (SELECT FROM source_product p WHERE p.channel = c.channel AND p.sku = c.sku
  AND p.source = c.source AND p.state = 'matched' AND split_part(p.read_by, '/', 1) = split_part(%(read_by)s, '/', 1)))
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What was found in bytes that need not be read again: the products first met there, and the articles they are."""

    keys: tuple[str, ...]
    skus: tuple[str, ...]


def read_before(connection: "Connection", *, channel: str, source: str, read_by: str) -> dict[str, Before]:
    """Return which bytes need not be read again, by sha256.

    Args:
        connection: Any.
        channel: Whose articles.
        source: Whose bytes.
        read_by: Versions of reading, a slash, and a digest of what articles are recognised by. Products that are no
            article of ours, or could be several, are read again when the articles change, others are not.
    """
    rows = connection.execute(_READ_BEFORE, {"channel": channel, "source": source, "read_by": read_by})
    return {row["sha256"]: Before(tuple(row["keys"]), tuple(row["skus"])) for row in rows}


def decided(connection: "Connection", *, channel: str, source: str) -> dict[str, tuple[str, str]]:
    """Return what people said of a source's products: key → (state, sku)."""
    rows = connection.execute(
        "SELECT key, state, sku FROM source_product WHERE channel = %s AND source = %s AND decided_by IS NOT NULL",
        (channel, source),
    )
    return {row["key"]: (row["state"], row["sku"]) for row in rows}


_KNOWN = """
SELECT a.sku, a.name, a.gtin, a.category, a.product_id, a.variant_id,
  coalesce(array_agg(DISTINCT v.value) FILTER (WHERE v.attribute = 'gtin'), '{}') AS gtins,
  coalesce(array_agg(DISTINCT v.value) FILTER (WHERE v.attribute = 'mpn'), '{}') AS parts,
  coalesce(max(v.value) FILTER (WHERE v.attribute = 'manufacturer'), '') AS maker
FROM article a LEFT JOIN LATERAL (
  SELECT p.attribute, p.shop_value AS value FROM product_value p WHERE p.channel = a.channel AND p.sku = a.sku
  AND p.attribute IN ('gtin', 'mpn', 'manufacturer') AND p.shop_value <> ''
) v ON true
WHERE a.channel = %s AND a.published GROUP BY a.channel, a.sku ORDER BY a.sku
"""


def known_articles(connection: "Connection", channel: str) -> list[dict[str, Any]]:
    """Return what products can be recognised by: each published article with what the shop shows of its identity."""
    return connection.execute(_KNOWN, (channel,)).fetchall()


_CHANGING = """
SELECT a.place, count(*) AS numbers, count(*) FILTER (WHERE NOT EXISTS (
  SELECT FROM product_claim s WHERE s.channel = %(channel)s AND s.sku = a.sku AND s.source = %(source)s
  AND s.attribute = a.attribute AND s.language = a.language AND s.gone_at IS NULL AND s.normalised = a.normalised
)) AS changed
FROM arriving_claim a WHERE a.unit <> '' AND a.sku <> '' AND a.normalised <> '' AND EXISTS (
  SELECT FROM product_claim s WHERE s.channel = %(channel)s AND s.sku = a.sku AND s.source = %(source)s
  AND s.attribute = a.attribute AND s.language = a.language AND s.gone_at IS NULL AND s.normalised <> '')
GROUP BY a.place
"""


def changing(connection: "Connection", *, channel: str, source: str) -> dict[int, tuple[int, int]]:
    """Return how many measures of each arriving product are known already, and how many of those would change."""
    rows = connection.execute(_CHANGING, {"channel": channel, "source": source})
    return {row["place"]: (row["numbers"], row["changed"]) for row in rows}


_MERGE_PRODUCTS = """
INSERT INTO source_product (channel, source, key, state, sku, how, candidates, identity, sha256, read_by, run_id)
SELECT %(channel)s, %(source)s, key, state, sku, how, candidates, identity, sha256, %(read_by)s, %(run)s
FROM (SELECT DISTINCT ON (key) * FROM arriving_product ORDER BY key, place) first ORDER BY key
ON CONFLICT ON CONSTRAINT source_product_once DO UPDATE SET
  state = CASE WHEN source_product.decided_by IS NULL THEN excluded.state ELSE source_product.state END,
  sku = CASE WHEN source_product.decided_by IS NULL THEN excluded.sku ELSE source_product.sku END,
  how = CASE WHEN source_product.decided_by IS NULL THEN excluded.how ELSE source_product.how END,
  candidates = excluded.candidates, identity = excluded.identity, sha256 = excluded.sha256, read_by = excluded.read_by,
  seen_at = now(), run_id = excluded.run_id
WHERE (source_product.sha256, source_product.read_by, source_product.state, source_product.sku,
  source_product.candidates, source_product.identity) IS DISTINCT FROM
  (excluded.sha256, excluded.read_by, excluded.state, excluded.sku, excluded.candidates, excluded.identity)
RETURNING id, (xmax = 0) AS fresh
"""
_MERGE_CLAIMS = """
INSERT INTO product_claim (channel, sku, source, attribute, language, claim_hash, value, normalised, unit, source_kind,
  place, doubt, licence, confidence, sha256, fetched_at, run_id)
SELECT %(channel)s, sku, %(source)s, attribute, language, claim_hash, value, normalised, unit, source_kind, spot, doubt,
  licence, confidence, sha256, fetched_at, %(run)s
FROM (SELECT DISTINCT ON (sku, attribute, language, claim_hash) * FROM arriving_claim WHERE sku <> ''
  ORDER BY sku, attribute, language, claim_hash, confidence DESC, place) first
ORDER BY sku, attribute, language, claim_hash
ON CONFLICT ON CONSTRAINT product_claim_once DO UPDATE SET sha256 = excluded.sha256, fetched_at = excluded.fetched_at,
  seen_at = now(), gone_at = NULL, place = excluded.place, licence = excluded.licence
WHERE product_claim.gone_at IS NOT NULL OR product_claim.sha256 <> excluded.sha256
RETURNING sku, (xmax = 0) AS fresh
"""
_GONE = """
UPDATE product_claim c SET gone_at = now()
WHERE c.channel = %(channel)s AND c.source = %(source)s AND c.gone_at IS NULL
AND (NOT %(partial)s OR c.sku IN (SELECT sku FROM arriving_claim))
AND NOT EXISTS (SELECT FROM standing_bytes s WHERE s.sha256 = c.sha256)
AND NOT EXISTS (SELECT FROM arriving_claim a WHERE a.sku = c.sku AND a.attribute = c.attribute
  AND a.language = c.language AND a.claim_hash = c.claim_hash)
RETURNING c.sku
"""


def merge(connection: "Connection", trail: "Trail", *, channel: str, source: str, read_by: str, partial: bool) -> Taken:
    """Take over what arrived: new products and claims are added, what the source says no more is marked gone.

    Args:
        connection: An audited transaction's connection that holds the channel.
        trail: The same transaction's trail.
        channel: Whose articles.
        source: Whose delivery.
        read_by: By which version of reading and schemas.
        partial: Only some articles were asked for: what is missing is not gone then.
    """
    named = {"channel": channel, "source": source, "read_by": read_by, "run": trail.actor.run_id, "partial": partial}
    connection.execute("ANALYZE arriving_claim, standing_bytes")
    _give_way(connection, named)
    products = connection.execute(_MERGE_PRODUCTS, named).fetchall()
    claims = connection.execute(_MERGE_CLAIMS, named).fetchall()
    gone = connection.execute(_GONE, named).fetchall()
    skus = sorted({row["sku"] for row in (*claims, *gone)})
    connection.execute(
        "INSERT INTO product_due (channel, sku) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING", (channel, skus)
    )
    if products or skus:
        rows = [("source_product", row["id"]) for row in products]
        rows += [("product_claim", f"{channel}:{sku}") for sku in skus]
        facts = {"products": len(products), "claims": len(claims), "gone": len(gone)}
        trail.add("product.claimed", f"source/{source}", rows, facts)
    return Taken(tuple(skus), sum(row["fresh"] for row in claims), len(gone), sum(row["fresh"] for row in products))


def _give_way(connection: "Connection", named: dict[str, Any]) -> None:
    """Let a product that the source names anew take the article over from the one it was known as before.

    Of one source at most one product is matched to an article; where two are, the first of the file is it.
    """
    connection.execute(
        "UPDATE source_product o SET state = 'duplicate' WHERE o.channel = %(channel)s AND o.source = %(source)s"
        " AND o.state = 'matched' AND o.decided_by IS NULL AND EXISTS (SELECT FROM arriving_product a"
        " WHERE a.sku = o.sku AND a.state = 'matched' AND a.key <> o.key)",
        named,
    )


def ambiguous(connection: "Connection", *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return the products that could be several articles, or whose article nobody can tell for sure."""
    rows = connection.execute(
        "SELECT id, source, key, how, candidates, identity FROM source_product"
        " WHERE channel = %s AND state = 'ambiguous' ORDER BY id LIMIT %s",
        (channel, limit),
    )
    return [{**row, **{name: json.loads(row[name]) for name in ("candidates", "identity")}} for row in rows]


def decide_match(
    connection: "Connection", trail: "Trail", number: int, *, channel: str, sku: str, by: str, reason: str
) -> dict[str, Any]:
    """Say which article a product is; an empty SKU says that it is none of ours. The next run reads it as such.

    Raises:
        WrongUse: There is no such product or article, or another product of the source is that article.
    """
    row = connection.execute(
        "SELECT * FROM source_product WHERE id = %s AND channel = %s FOR UPDATE", (number, channel)
    ).fetchone()
    if row is None:
        raise WrongUse(f"{channel} has no product {number}: see `soms products matches`.")
    if (
        sku
        and not connection.execute("SELECT sku FROM article WHERE channel = %s AND sku = %s", (channel, sku)).fetchone()
    ):
        raise WrongUse(f"{channel} has no article '{sku}'.")
    taken = connection.execute(
        "SELECT id FROM source_product WHERE channel = %s AND source = %s AND sku = %s AND state = 'matched'"
        " AND id <> %s",
        (channel, row["source"], sku, number),
    ).fetchone()
    if sku and taken:
        raise WrongUse(f"Product {taken['id']} of this source is {sku} already: say of that one first that it is not.")
    connection.execute(
        "UPDATE source_product SET state = %s, sku = %s, how = 'person', decided_by = %s, decided_at = now(),"
        " reason = %s, sha256 = '' WHERE id = %s",
        ("matched" if sku else "declined", sku, by, reason, number),
    )
    touched: list[tuple[str, object]] = [("source_product", number)]
    if row["sku"] and row["sku"] != sku:
        touched += _unclaim(connection, channel, row["source"], row["sku"])
    facts = {"sku": sku, "by": by, "reason": reason}
    trail.add("source_product.decided", f"source_product/{number}", touched, facts)
    return row


def _unclaim(connection: "Connection", channel: str, source: str, sku: str) -> list[tuple[str, object]]:
    """Mark as gone what a source said of an article that its product is not."""
    connection.execute(
        "UPDATE product_claim SET gone_at = now() WHERE channel = %s AND source = %s AND sku = %s AND gone_at IS NULL",
        (channel, source, sku),
    )
    connection.execute("INSERT INTO product_due (channel, sku) VALUES (%s, %s) ON CONFLICT DO NOTHING", (channel, sku))
    return [("product_claim", f"{channel}:{sku}")]


def unmapped_names(connection: "Connection", *, channel: str, limit: int) -> list[dict[str, Any]]:
    """Return the printed names that no schema knows: ``name, articles, example``, most frequent first."""
    return connection.execute(
        "SELECT substr(attribute, 2) AS name, count(DISTINCT sku) AS articles, min(left(value, 100)) AS example"
        " FROM product_claim WHERE channel = %s AND attribute LIKE '?%%' AND gone_at IS NULL"
        " GROUP BY attribute ORDER BY count(DISTINCT sku) DESC, attribute LIMIT %s",
        (channel, limit),
    ).fetchall()


_UNSEEN = """
SELECT a.sku, a.product_id, a.variant_id FROM article a WHERE a.channel = %(channel)s AND a.published
AND a.product_id <> '' AND a.sku > %(after)s AND (%(all)s OR NOT EXISTS (SELECT FROM product_value v
  WHERE v.channel = a.channel AND v.sku = a.sku AND v.attribute = 'mpn' AND v.shop_seen_at IS NOT NULL))
ORDER BY a.sku LIMIT %(limit)s
"""
_NOTE_IDENTITY = """
INSERT INTO product_value (channel, sku, attribute, language, shop_value, shop_by, shop_seen_at, run_id)
SELECT %(channel)s, sku, attribute, '', shop_value, CASE WHEN shop_value = '' THEN '' ELSE 'person' END, now(), %(run)s
FROM unnest(%(skus)s::text[], %(attributes)s::text[], %(values)s::text[]) AS seen(sku, attribute, shop_value)
ORDER BY sku, attribute
ON CONFLICT (channel, sku, attribute, language) DO UPDATE SET shop_value = excluded.shop_value, shop_seen_at = now(),
  shop_by = CASE WHEN excluded.shop_value = '' THEN '' ELSE 'person' END
WHERE product_value.shop_value <> excluded.shop_value OR product_value.shop_seen_at IS NULL
RETURNING sku
"""


def unseen(connection: "Connection", channel: str, *, after: str, limit: int, everything: bool) -> list[dict[str, Any]]:
    """Return articles whose maker and part number in the shop nobody has looked at yet, or all of them."""
    wanted = {"channel": channel, "after": after, "limit": limit, "all": everything}
    return connection.execute(_UNSEEN, wanted).fetchall()


def note_identity(connection: "Connection", trail: "Trail", channel: str, seen: Sequence[tuple[str, str, str]]) -> None:
    """Note what the shop shows of articles' identities: SKU, attribute (gtin, mpn, manufacturer), value."""
    rows = connection.execute(
        _NOTE_IDENTITY,
        {
            "channel": channel, "run": trail.actor.run_id, "skus": [each[0] for each in seen],
            "attributes": [each[1] for each in seen], "values": [each[2] for each in seen],
        },
    ).fetchall()  # fmt: skip
    skus = sorted({row["sku"] for row in rows})
    if skus:
        touched = [("product_value", f"{channel}:{sku}") for sku in skus]
        trail.add("product_value.seen", f"products/{channel}", touched, {"articles": len(skus)})
