"""Finds out which articles a person means: by SKU, supplier, category or warehouse."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blocks.documents.stock_rules import StockRules
from tasks.inventory_reconciliation.scope import Scope, supplied_by

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for; empty: all. Articles must fit everything that is said."""

    articles: tuple[str, ...] = field(default=())
    supplier: str = ""
    category: str = ""
    warehouse: str = ""


_PARTS = """
SELECT part ->> 0 AS sku FROM article CROSS JOIN LATERAL jsonb_array_elements(components::jsonb) AS part
WHERE channel = %s AND sku = ANY(%s) AND components <> '[]'
"""


def scope_of(connection: "Connection", rules: StockRules, channel: str, wanted: Wanted) -> Scope:
    """Return the scope: the articles meant, with the parts of bundles and packs among them."""
    named = tuple((name, value) for name, value in _named(wanted) if value)
    found: list[set[str]] = []
    if wanted.articles:
        found.append(set(wanted.articles))
    if wanted.supplier:
        rows = connection.execute("SELECT sku FROM article WHERE channel = %s UNION SELECT sku FROM stock", (channel,))
        found.append(set(supplied_by(wanted.supplier, (row["sku"] for row in rows), rules)))
    if wanted.category:
        rows = connection.execute(
            "SELECT sku FROM article WHERE channel = %s AND (category = %s OR category LIKE %s || ' > %%')",
            (channel, wanted.category, wanted.category.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")),
        )
        found.append({row["sku"] for row in rows})
    if wanted.warehouse:
        rows = connection.execute("SELECT sku FROM stock WHERE warehouse = %s", (wanted.warehouse,))
        found.append({row["sku"] for row in rows})
    if not found:
        return Scope()
    skus = set.intersection(*found)
    skus |= {row["sku"] for row in connection.execute(_PARTS, (channel, sorted(skus)))}
    skus |= {rules.packs[sku].of for sku in skus if sku in rules.packs}
    return Scope(frozenset(skus), wanted.warehouse or None, named)


def _named(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    return (
        ("articles", ", ".join(wanted.articles)),
        ("supplier", wanted.supplier),
        ("category", wanted.category),
        ("warehouse", wanted.warehouse),
    )
