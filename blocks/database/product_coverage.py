"""How complete articles are: what the shop shows and what sources know of each, for coverage and for their pages."""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_KNOWN = """
SELECT a.sku, coalesce(a.category, '') AS category,
  array_agg(v.attribute) FILTER (WHERE v.shop_value NOT IN ('', '0')) AS shown,
  array_agg(v.attribute) FILTER (WHERE v.value <> '') AS known
FROM article a JOIN product_value v ON v.channel = a.channel AND v.sku = a.sku
WHERE a.channel = %s AND (a.sku = ANY(%s) OR a.published AND %s::text[] IS NULL) GROUP BY a.channel, a.sku
ORDER BY a.sku
"""


def known_attributes(
    connection: "Connection", channel: str, skus: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return of each article that sources describe which attributes the shop shows and which are known."""
    only = None if skus is None else list(skus)
    rows = connection.execute(_KNOWN, (channel, only, only)).fetchall()
    return [{**row, "shown": row["shown"] or [], "known": row["known"] or []} for row in rows]


def articles(
    connection: "Connection", channel: str, *, skus: Collection[str] = (), category: str = "", new: bool = False
) -> list[dict[str, Any]]:
    """Return articles by SKU, or published ones by a part of their category's path or that no source has described."""
    return connection.execute(
        "SELECT sku, name, gtin, product_id, category FROM article WHERE channel = %(channel)s"
        " AND (sku = ANY(%(skus)s) OR published AND %(skus)s::text[] = '{}')"
        " AND (%(category)s = '' OR strpos(lower(coalesce(category, '')), lower(%(category)s)) > 0)"
        " AND (NOT %(new)s OR NOT EXISTS (SELECT FROM product_claim c WHERE c.channel || ':' || c.sku"
        " = article.channel || ':' || article.sku)) ORDER BY sku",
        {"new": new, "channel": channel, "skus": list(skus), "category": category},
    ).fetchall()


def page_of(connection: "Connection", channel: str, sku: str) -> dict[str, Any]:
    """Return all there is to see of one article: values with losers, every claim, its open and latest changes.

    Raises:
        WrongUse: There is no such article.
    """
    article = connection.execute(
        "SELECT sku, name, gtin, category FROM article WHERE channel = %s AND sku = %s", (channel, sku)
    ).fetchone()
    if article is None:
        raise WrongUse(f"{channel} has no article '{sku}'.")
    values = connection.execute(
        "SELECT * FROM product_value WHERE channel = %s AND sku = %s ORDER BY attribute, language", (channel, sku)
    ).fetchall()
    claims = connection.execute(
        "SELECT * FROM product_claim WHERE channel = %s AND sku = %s AND gone_at IS NULL"
        " ORDER BY attribute, language, source, id",
        (channel, sku),
    ).fetchall()
    changes = connection.execute(
        "SELECT DISTINCT ON (attribute, language) * FROM product_change WHERE channel = %s AND sku = %s"
        " AND state <> 'superseded' ORDER BY attribute, language, id DESC",
        (channel, sku),
    ).fetchall()
    return {
        **article, "channel": channel, "values": [{**row, "losers": json.loads(row["losers"])} for row in values],
        "claims": [{**row, "place": json.loads(row["place"])} for row in claims], "changes": changes,
    }  # fmt: skip


def of_run(connection: "Connection", channel: str, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return the changes that a run wanted: those that wait first."""
    return connection.execute(
        "SELECT id, sku, attribute, language, old, new, unit, why, state FROM product_change"
        " WHERE channel = %s AND run_id = %s"
        " ORDER BY state NOT IN ('proposed', 'held'), sku, attribute, language LIMIT %s",
        (channel, run_id, limit),
    ).fetchall()
