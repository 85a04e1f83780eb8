"""A shop in memory that shows stock, and a merchant's history in bulk, for reconciliation's tests."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.documents.products import Article, ArticleKind
from blocks.documents.stock import ListingChange, ShownArticle
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits
from blocks.systems.shops.smartstore_shelf import unchanged_by_others
from blocks.systems.stock import StockTarget
from tasks.inventory_reconciliation.outcome import Outcome
from tasks.inventory_reconciliation.scope import Scope
from tasks.inventory_reconciliation.shelves import compare_listings
from tasks.master_data.steps import update_articles
from tasks.shop_listing import refreshing, telling
from tests import desk

CHANNEL, SYSTEM = "berlin", "smartstore-shop/berlin"
ACTOR = Actor("inventory_reconciliation", run_id="run-1")
WEEK_AGO = datetime(2026, 11, 10, 12, tzinfo=UTC)


class ShelfShop(StockTarget):
    """Shows what it is told, and can be changed by hand."""

    calls_per_second = None

    def __init__(self, shown: Mapping[str, tuple[int, bool]]) -> None:
        """Show so many pieces of each article, visible or not, since a week ago."""
        self.articles = {
            sku: ShownArticle(sku=sku, product_id="1", quantity=Decimal(pieces), visible=visible, changed_at=WEEK_AGO)
            for sku, (pieces, visible) in shown.items()
        }
        self.writes = 0

    def by_hand(self, sku: str, **changes: Any) -> None:
        """Change what is shown, as a person in the shop's own administration does."""
        at = datetime.now(UTC) - timedelta(minutes=10)
        self.articles[sku] = self.articles[sku].model_copy(update={"changed_at": at, **changes})

    def shown(self, skus: Sequence[str] = ()) -> Iterator[tuple[ShownArticle, ...]]:
        """Yield what is shown, in pages."""
        wanted = [self.articles[sku] for sku in skus or self.articles if sku in self.articles]
        for start in range(0, len(wanted), 1000):
            yield tuple(wanted[start : start + 1000])

    def show(self, changes: Sequence[ListingChange]) -> list[Answer]:
        """Show something else."""
        return [self._show(change) for change in changes]

    def _show(self, change: ListingChange) -> Answer:
        was = self.articles[change.sku]
        change = unchanged_by_others(change, was)
        said = {"quantity": change.quantity, "visible": change.visible}
        self.articles[change.sku] = was.model_copy(
            update={
                **{name: value for name, value in said.items() if value is not None},
                "changed_at": datetime.now(UTC),
            }
        )
        self.writes += 1
        now = self.articles[change.sku]
        facts = {
            "visible": now.visible, "was_visible": was.visible, "quantity": int(now.quantity),
            "was_quantity": int(was.quantity), "own_rule": "",
        }  # fmt: skip
        return Done(change.sku, facts)


@contextmanager
def connected(shop: ShelfShop) -> Iterator[None]:
    """Let deliveries reach this shop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telling, "load_system", lambda _name: shop)
        yield


def take_in(database: Database, shop: ShelfShop) -> None:
    """Take the shop's articles in as a new merchant's first run of master data does: articles first, then stock."""
    articles = [
        Article(
            channel=CHANNEL, sku=each.sku, product_id=each.product_id, kind=ArticleKind.SIMPLE, name=each.sku,
            published=each.visible, shop_quantity=each.quantity,
        )
        for each in shop.articles.values()
    ]  # fmt: skip
    update_articles(database, [tuple(articles)], channel=CHANNEL, in_erp=frozenset(shop.articles))
    for each in shop.articles.values():
        desk.count(database, int(each.quantity), each.sku)


def look(database: Database, shop: ShelfShop, skus: Sequence[str] = ()) -> None:
    """Read what the shop shows."""
    refreshing.look(database, ACTOR, shop, channel=CHANNEL, system=SYSTEM, skus=skus)


def reconcile(database: Database, shop: ShelfShop, scope: Scope | None = None, **options: Any) -> Outcome:
    """Read the shop and compare it, without telling it anything."""
    scope = scope or Scope()
    look(database, shop, sorted(scope.skus) if scope.skus is not None else ())
    return compare_listings(database, ACTOR, scope, channel=CHANNEL, system=SYSTEM, **options)


def tell(database: Database, shop: ShelfShop) -> Delivered:
    """Tell the shop what is due."""
    delivery = replace(telling.DELIVERY, limits=lambda _system: Limits())
    with connected(shop):
        return deliver_all(delivery, database, ACTOR, lease=60, patience=0, log=lambda _line: None)


_ARTICLES = """
INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, tax_category, stock_managed,
  in_erp, published, content_hash)
SELECT 'berlin', sku, '1', '', 'simple', sku, '', '', '', true, true, true, '' FROM unnest(%s::text[]) AS sku
"""
_STOCK = """
INSERT INTO stock (warehouse, sku, on_hand)
SELECT 'EAST', sku, pieces FROM unnest(%s::text[], %s::numeric[]) AS levels(sku, pieces) RETURNING warehouse, sku
"""
_EVENTS = """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, document, happened_at, heard_at)
SELECT source, kind || ':' || sku, kind, 'EAST', sku, delta, delta, kind || ' ' || sku, at, at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::numeric[], %s::timestamptz[]) AS e(source, kind, sku, delta, at)
RETURNING id
"""


def know(database: Database, histories: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    """Write articles with their histories: (kind, delta), oldest first, a day apart since a week ago."""
    events = [
        ("soms" if kind == "opening" else "tryton-erp/main", kind, sku, delta, WEEK_AGO + timedelta(days=day))
        for sku, history in histories.items()
        for day, (kind, delta) in enumerate(history)
    ]
    with database.audited(Actor("test")) as (connection, trail):
        connection.execute(_ARTICLES, (list(histories),))
        levels = [sum(delta for _, delta in history) for history in histories.values()]
        stock = connection.execute(_STOCK, (list(histories), levels)).fetchall()
        rows = connection.execute(_EVENTS, [list(column) for column in zip(*events, strict=True)]).fetchall()
        touched = [("article", f"berlin:{sku}") for sku in histories]
        touched += [("stock", f"{row['warehouse']}:{row['sku']}") for row in stock]
        touched += [("stock_event", row["id"]) for row in rows]
        trail.add("test.known", "test", touched)
