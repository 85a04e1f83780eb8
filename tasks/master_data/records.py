"""What master data reads and writes in Postgres: only rows that differ are written and told to the audit trail."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg import sql

from blocks.database import stock_gate, stock_rules
from blocks.database.stock_ledger import book_levels
from blocks.documents.products import Article
from blocks.documents.stock import StockLevel
from blocks.errors import Refused
from tasks.master_data.documents import ArticleIntake, StockCount

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

SMALL = 20
"""Up to so many known rows, an empty answer is believed; beyond, it is taken for a fault of the source."""

_COLUMNS = (
    "channel, sku, product_id, variant_id, kind, name, variant, gtin, price, tax_category, stock_managed, backorder,"
    " published, in_erp, shop_quantity, components, content_hash, preorder, available_on, category"
)
_MERGE_ARTICLES = f"""
INSERT INTO article ({_COLUMNS}, shown_at)
SELECT {_COLUMNS}, CASE WHEN published THEN now() END FROM arriving_article ORDER BY channel, sku
ON CONFLICT (channel, sku) DO UPDATE SET
  product_id = excluded.product_id, variant_id = excluded.variant_id, kind = excluded.kind, name = excluded.name,
  variant = excluded.variant, gtin = excluded.gtin, price = excluded.price, tax_category = excluded.tax_category,
  stock_managed = excluded.stock_managed, backorder = excluded.backorder, published = excluded.published,
  in_erp = excluded.in_erp, shop_quantity = excluded.shop_quantity, components = excluded.components,
  content_hash = excluded.content_hash, preorder = excluded.preorder, available_on = excluded.available_on,
  category = excluded.category, shown_at = coalesce(excluded.shown_at, article.shown_at)
WHERE (article.content_hash, article.in_erp, article.published)
  IS DISTINCT FROM (excluded.content_hash, excluded.in_erp, excluded.published)
RETURNING sku, (xmax = 0) AS fresh
"""  # noqa: S608 - made of constants
_WITHDRAW = """
WITH gone AS (
  SELECT sku FROM article WHERE channel = %s AND published AND NOT sku = ANY(%s) ORDER BY sku FOR UPDATE
)
UPDATE article SET published = false FROM gone
WHERE article.channel = %s AND article.sku = gone.sku RETURNING article.sku
"""


def save_articles(
    connection: "Connection", trail: "Trail", channel: str, articles: Sequence[Article], in_erp: Collection[str]
) -> ArticleIntake:
    """Write one page of articles, each SKU at most once; tells one event when any row is new or changed."""
    if not articles:
        return ArticleIntake()
    connection.execute("CREATE TEMP TABLE arriving_article (LIKE article) ON COMMIT DROP")
    with connection.cursor().copy(f"COPY arriving_article ({_COLUMNS}) FROM STDIN") as copy:
        for article in articles:
            copy.write_row(_article_row(article, in_erp=article.sku in in_erp))
    written = connection.execute(_MERGE_ARTICLES).fetchall()
    connection.execute("DROP TABLE arriving_article")
    new = sum(row["fresh"] for row in written)
    if written:
        rows = [("article", f"{channel}:{row['sku']}") for row in written]
        trail.add("article.changed", f"source/{channel}", rows, {"new": new, "changed": len(written) - new})
    return ArticleIntake(
        read=len(articles),
        new=new,
        changed=len(written) - new,
        unchanged=len(articles) - len(written),
        not_in_erp=tuple(sorted(article.sku for article in articles if article.sku not in in_erp)),
    )


def _article_row(article: Article, *, in_erp: bool) -> tuple[object, ...]:
    return (
        article.channel,
        article.sku,
        article.product_id,
        article.variant_id,
        article.kind.value,
        article.name,
        article.variant,
        article.gtin,
        article.price,
        article.tax_category,
        article.stock_managed,
        article.backorder,
        article.published,
        in_erp,
        article.shop_quantity,
        json.dumps([[part.sku, f"{part.quantity:f}"] for part in article.components]),
        article.content_hash(),
        article.preorder,
        article.available_on,
        article.category or None,
    )


def withdraw_missing(connection: "Connection", trail: "Trail", channel: str, seen: Collection[str]) -> tuple[str, ...]:
    """Mark what the shop no longer has as not published; to be called after a complete read only.

    Raises:
        Refused: The shop has no article at all although many were known; nothing is changed.
    """
    if not seen:
        known = connection.execute("SELECT count(*) AS known FROM article WHERE channel = %s", (channel,)).fetchone()
        if known and known["known"] > SMALL:
            raise Refused(
                f"The shop '{channel}' shows no articles, but {known['known']} are known: nothing was changed. "
                "Check the shop's catalogue and the rights of its API user."
            )
    gone = connection.execute(_WITHDRAW, (channel, list(seen), channel)).fetchall()
    skus = tuple(sorted(row["sku"] for row in gone))
    if skus:
        rows = [("article", f"{channel}:{sku}") for sku in skus]
        trail.add("article.changed", f"source/{channel}", rows, {"withdrawn": len(skus)})
    return skus


_MERGE_LOCATIONS = """
INSERT INTO stock_location (warehouse, location, sku, on_hand, forecast)
SELECT warehouse, location, sku, sum(on_hand), sum(forecast) FROM arriving_stock GROUP BY warehouse, location, sku
ORDER BY warehouse, location, sku
ON CONFLICT (warehouse, location, sku)
DO UPDATE SET on_hand = excluded.on_hand, forecast = excluded.forecast, counted_at = now()
WHERE (stock_location.on_hand, stock_location.forecast) IS DISTINCT FROM (excluded.on_hand, excluded.forecast)
"""
_EMPTY_UNSEEN = """
UPDATE stock_location SET on_hand = 0, forecast = 0, counted_at = now()
WHERE (on_hand <> 0 OR forecast <> 0) AND NOT EXISTS (
  SELECT FROM arriving_stock seen WHERE seen.warehouse = stock_location.warehouse
  AND seen.location = stock_location.location AND seen.sku = stock_location.sku)
"""
_LEVELS = """
SELECT warehouse, sku, sum(on_hand) AS on_hand FROM stock_location WHERE NOT warehouse = ANY({}) GROUP BY 1, 2
"""


def _nothing() -> None:
    """Do nothing between reading and booking."""


def save_stock(
    connection: "Connection",
    trail: "Trail",
    pages: Iterable[tuple[StockLevel, ...]],
    *,
    source: str,
    as_of: datetime,
    catch_up: Callable[[], object] = _nothing,
) -> StockCount:
    """Take over the ERP's whole stock, all or nothing, as counts in the ledger; reservations are never touched.

    Pages go straight into a temporary table, so memory stays flat and nothing is locked while the ERP is read. The
    picture must pass the gate for whole pictures. What lies at a location the ERP no longer names is set to zero;
    warehouses that a till counts are left to the till.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        pages: All levels there are.
        source: Name of the ERP's connection.
        as_of: When the reading began.
        catch_up: Called when all is read: hears what moved meanwhile, so that no movement counts twice.
    """
    connection.execute(f"CREATE TEMP TABLE arriving_stock {stock_gate.SHAPE} ON COMMIT DROP")
    for page in pages:
        with connection.cursor().copy("COPY arriving_stock FROM STDIN") as copy:
            for level in page:
                copy.write_row((level.warehouse, level.location, level.sku, level.on_hand, level.forecast))
    counted = (
        connection.execute(
            "SELECT count(*) AS levels, count(DISTINCT sku) AS articles, count(DISTINCT warehouse) AS warehouses"
            " FROM arriving_stock"
        ).fetchone()
        or {}
    )
    catch_up()
    verdict = stock_gate.let_in(connection, trail, stock_gate.Picture(source=source, as_of=as_of))
    if verdict.stopped:
        connection.execute("DROP TABLE arriving_stock")
        return StockCount(**counted, stopped=verdict.sentence())
    connection.execute(_MERGE_LOCATIONS)
    connection.execute(_EMPTY_UNSEEN)
    connection.execute("DROP TABLE arriving_stock")
    tills = sql.Literal(list(stock_rules.in_force(connection).counted_by))
    booked = book_levels(connection, trail, source=source, levels=sql.SQL(_LEVELS).format(tills), as_of=as_of)
    return StockCount(**counted, changed=booked.events)
