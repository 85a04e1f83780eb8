"""A careless import empties shelves in the shop; the reconciliation finds each article, says why, shows it again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from blocks.database.engine import Database
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY

if TYPE_CHECKING:
    from deployments.stack.stack_file import Stack

RECONCILIATION = "inventory-reconciliation/berlin"
MOST = 20
PLENTY = 20
"""Pieces of an article that the day's orders will not sell out."""


@dataclass
class Shelves:
    """Products that were hidden though they are in stock, by the shop's id, and what came of them."""

    hidden: dict[str, str] = field(default_factory=dict)
    shown_again: int = 0
    causes: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """Return what happened, for the summary."""
        found = [f"{count} x {cause}" for cause, count in self.causes.most_common()]
        sooner = self.shown_again - self.causes.total()
        if sooner > 0:
            found.append(f"{sooner} told anew by the stock watch before the reconciliation came to ask")
        hidden, again = len(self.hidden), self.shown_again
        return [
            f"An import hid {hidden} articles in the shop that are in stock; {again} of them are shown again.",
            f"  causes found: {', '.join(found) or 'none'}",
        ]

    def wrong(self) -> list[str]:
        """Return what the reconciliation should have done and did not."""
        missing = len(self.hidden) - self.shown_again
        return [f"{missing} articles in stock are still hidden in the shop."] if missing else []


def empty(http: httpx.Client, stack: "Stack") -> Shelves:
    """Set articles that are in stock to none and hide them, in the shop itself and past SOMS."""
    with Database.current().connect() as connection:
        rows = connection.execute(
            "SELECT a.product_id, a.sku FROM article a JOIN stock s ON s.sku = a.sku"
            " WHERE a.kind = 'simple' AND a.variant_id = '' AND a.stock_managed AND a.components = '[]'"
            " GROUP BY a.product_id, a.sku HAVING sum(s.on_hand - s.reserved) >= %s ORDER BY a.sku LIMIT %s",
            (PLENTY, MOST),
        ).fetchall()
    shelves = Shelves({row["product_id"]: row["sku"] for row in rows})
    for product in shelves.hidden:
        _product(http, stack, product, {"StockQuantity": 0, "Published": False})
    return shelves


def look(http: httpx.Client, stack: "Stack", shelves: Shelves, run: str) -> None:
    """Note which of the articles the shop shows again, and which causes the run found for them."""
    products = [_product(http, stack, product) for product in shelves.hidden]
    shelves.shown_again = sum(product["Published"] and product["StockQuantity"] > 0 for product in products)
    with Database.current().connect() as connection:
        rows = connection.execute(
            "SELECT d.cause, count(DISTINCT d.sku) AS articles FROM stock_difference d"
            " JOIN reconciliation r ON r.id = d.reconciliation_id WHERE r.run_id = %s AND d.sku = ANY(%s)"
            " AND d.field = 'visibility' GROUP BY 1",
            (run, list(shelves.hidden.values())),
        ).fetchall()
    shelves.causes = Counter({row["cause"]: row["articles"] for row in rows})


def _product(
    http: httpx.Client, stack: "Stack", product: str, changes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Read a product, or change it, through the shop's Web API."""
    address = f"{stack.shop_url}/odata/v1/Products({product})"
    headers = {"Accept": "application/json", "Prefer": "return=representation"}
    access = (PUBLIC_KEY, SECRET_KEY)
    if changes is None:
        answer = http.get(address, headers=headers, auth=access)
    else:
        answer = http.patch(address, headers=headers, auth=access, json=dict(changes))
    found: dict[str, Any] = answer.raise_for_status().json()
    return found
