"""What shops were last seen to show: read in pages, kept by COPY, and compared with who is said to hide an article."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from blocks.documents.stock import ShownArticle
from blocks.errors import Unreadable

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

_SEEN = """
INSERT INTO seen_listing (channel, sku, product_id, variant_id, quantity, visible, own_rule, changed_at, seen_at)
SELECT DISTINCT ON (t.sku) %(channel)s, t.sku, t.product_id, t.variant_id, t.quantity, t.visible, t.own_rule,
  t.changed_at, %(begun)s
FROM seen_now t LEFT JOIN article a ON a.channel = %(channel)s AND a.sku = t.sku
ORDER BY t.sku, coalesce((a.product_id, a.variant_id) = (t.product_id, t.variant_id), false) DESC, t.product_id
ON CONFLICT (channel, sku) DO UPDATE SET product_id = excluded.product_id, variant_id = excluded.variant_id,
  quantity = excluded.quantity, visible = excluded.visible, own_rule = excluded.own_rule,
  changed_at = excluded.changed_at, seen_at = excluded.seen_at
WHERE seen_listing.seen_at <= excluded.seen_at
"""
_SHOWN_AGAIN = """
WITH again AS (
  SELECT l.channel, l.sku FROM listing l JOIN seen_listing s USING (channel, sku)
  WHERE l.channel = %(channel)s AND s.seen_at >= %(begun)s AND s.visible AND l.hidden_by <> ''
  AND (l.hidden_by = 'person' OR l.wanted_visible IS NOT FALSE) AND s.seen_at > coalesce(l.told_at, '-infinity')
  AND s.seen_at > coalesce(l.hidden_at, '-infinity')
  AND NOT EXISTS (SELECT FROM effect e WHERE e.subject = 'listing/' || l.channel || ':' || l.sku
    AND e.process = 'shop_listing' AND e.state IN ('due', 'claimed'))
  ORDER BY l.channel, l.sku FOR UPDATE OF l
)
UPDATE listing l SET hidden_by = '', hidden_why = '', hidden_at = NULL,
  wanted_visible = CASE WHEN l.hidden_by = 'person' THEN NULL ELSE l.wanted_visible END
FROM again WHERE l.channel = again.channel AND l.sku = again.sku RETURNING l.sku
"""


def take_seen(
    connection: "Connection",
    trail: "Trail",
    channel: str,
    pages: Iterable[Iterable[ShownArticle]],
    *,
    whole: bool,
    begun: datetime | None = None,
) -> int:
    """Keep what a shop shows now; what a person had hidden and shows again is nobody's hiding any more.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        channel: Whose articles.
        pages: What the shop shows; of a SKU that it uses twice, the article that master data knows counts. They may end
            in Unreadable, as ``StockTarget.shown`` does: what was yielded before is kept, and counts as not whole.
        whole: Whether these are all articles: what is not among them is not shown any more.
        begun: When the reading began, by the database's clock: what the shop was told later is newer. None: now, for
            pages that are fetched only as they are taken.

    Returns:
        How many articles were read.
    """
    if begun is None:
        row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
        begun = row["now"] if row else None
    connection.execute(
        "CREATE TEMP TABLE seen_now (sku text, product_id text, variant_id text, quantity numeric, visible boolean,"
        " own_rule text, changed_at timestamptz) ON COMMIT DROP"
    )
    count = _copy(connection, pages)
    whole = whole and count.complete
    connection.execute("ANALYZE seen_now")
    scope = {"channel": channel, "begun": begun}
    connection.execute(_SEEN, scope)
    if whole and count.rows:
        connection.execute("DELETE FROM seen_listing WHERE channel = %(channel)s AND seen_at < %(begun)s", scope)
    connection.execute("DROP TABLE seen_now")
    again = [row["sku"] for row in connection.execute(_SHOWN_AGAIN, scope)]
    if again:
        rows = [("listing", f"{channel}:{sku}") for sku in again]
        trail.add("listing.shown_again", f"listings/{channel}", rows, {"articles": len(again)})
    return count.rows


@dataclass(slots=True)
class _Count:
    rows: int = 0
    complete: bool = True


def _copy(connection: "Connection", pages: Iterable[Iterable[ShownArticle]]) -> _Count:
    count = _Count()
    try:
        for page in pages:
            with connection.cursor().copy("COPY seen_now FROM STDIN") as copy:
                for each in page:
                    copy.write_row(_row(each))
                    count.rows += 1
    except Unreadable:
        count.complete = False
    return count


def _row(each: ShownArticle) -> tuple[object, ...]:
    return each.sku, each.product_id, each.variant_id, each.quantity, each.visible, each.own_rule, each.changed_at
