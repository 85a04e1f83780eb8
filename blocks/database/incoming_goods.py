"""Goods on their way: each source's picture of them replaced by its newest one, in one statement each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.documents.stock import GoodsDue


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that are due in a warehouse on a day."""

    on: date
    warehouse: str
    sku: str
    quantity: Decimal


def replace(connection: "Connection", source: str, pages: Iterable[Sequence["GoodsDue"]]) -> int:
    """Make what a source says is on its way what is known of it; returns the number of entries.

    What one document brings of an article to a warehouse in several lots is one entry, with the first lot's day. Two
    who read a source at once wait for each other.

    Args:
        connection: Within a transaction: until it ends, others see the picture before.
        source: Type and name of the connection, e.g. 'tryton-erp/main'.
        pages: All that is on its way, as ``StockSource.goods_due`` yields it.
    """
    connection.execute("DROP TABLE IF EXISTS pg_temp.arriving_goods")
    connection.execute(
        "CREATE TEMP TABLE arriving_goods"
        " (document text, warehouse text, sku text, quantity numeric, due_on date) ON COMMIT DROP"
    )
    with connection.cursor().copy(
        "COPY arriving_goods (document, warehouse, sku, quantity, due_on) FROM STDIN"
    ) as copy:
        for page in pages:
            for due in page:
                copy.write_row((due.document, due.warehouse, due.sku, due.quantity, due.due_on))
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", (f"incoming goods {source}",))
    connection.execute("DELETE FROM incoming_goods WHERE source = %s", (source,))
    written = connection.execute(
        "INSERT INTO incoming_goods (source, document, warehouse, sku, quantity, due_on)"
        " SELECT %s, document, warehouse, sku, sum(quantity), min(due_on) FROM arriving_goods GROUP BY 2, 3, 4"
        " ORDER BY 2, 3, 4",
        (source,),
    )
    return written.rowcount


def receipts(connection: "Connection", skus: Iterable[str], today: date) -> list[Receipt]:
    """Return what is due in of these articles from a day on, by day."""
    rows = connection.execute(
        "SELECT due_on, warehouse, sku, sum(quantity) AS quantity FROM incoming_goods"
        " WHERE sku = ANY(%s) AND due_on >= %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (list(skus), today),
    )
    return [Receipt(row["due_on"], row["warehouse"], row["sku"], row["quantity"]) for row in rows]
