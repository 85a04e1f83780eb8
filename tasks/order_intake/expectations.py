"""What a batch of orders must look like as a whole, before each order is judged by itself."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from blocks.documents.orders import Order
from blocks.quality import FATAL, Expect, Suite
from tasks.order_intake.rules import KnownMaster

ENOUGH = 20
"""Below this many orders a share says nothing: two bad ones of three are no broken feed."""

ORDERS = Suite(
    name="order_intake.orders",
    key="order",
    expectations=(
        Expect("ORD-DQ-01", "Every order has its own id.", "ExpectColumnValuesToBeUnique", {"column": "order"}, FATAL),
        Expect(
            "ORD-DQ-02",
            "At least 90 % of the orders have a total above zero and below 100,000.",
            "ExpectColumnValuesToBeBetween",
            {"column": "total", "min_value": 0.01, "max_value": 100_000, "mostly": 0.9},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "ORD-DQ-03",
            "At least half of the orders name only known articles (else master data is missing or SKUs were renamed).",
            "ExpectColumnValuesToBeInSet",
            {"column": "articles_known", "value_set": [True], "mostly": 0.5},
            FATAL,
            owner="master data",
            least_rows=ENOUGH,
        ),
        Expect(
            "ORD-DQ-04",
            "At least half of the orders have mapped payment and shipping methods (else a mapping was lost).",
            "ExpectColumnValuesToBeInSet",
            {"column": "methods_mapped", "value_set": [True], "mostly": 0.5},
            FATAL,
            least_rows=ENOUGH,
        ),
        Expect(
            "ORD-DQ-05",
            "Orders have between 1 and 200 lines.",
            "ExpectColumnValuesToBeBetween",
            {"column": "lines", "min_value": 1, "max_value": 200},
        ),
        Expect(
            "ORD-DQ-06",
            "Orders were placed within the last year and not in the future (one hour of clock skew allowed).",
            "ExpectColumnValuesToBeBetween",
            {"column": "age_hours", "min_value": -1, "max_value": 24 * 366},
        ),
        Expect(
            "ORD-DQ-07",
            "All orders are in one currency.",
            "ExpectColumnUniqueValueCountToBeBetween",
            {"column": "currency", "min_value": 1, "max_value": 1},
        ),
        Expect(
            "ORD-DQ-08",
            "At least 95 % of the orders have a complete country.",
            "ExpectColumnValuesToNotBeNull",
            {"column": "country", "mostly": 0.95},
            least_rows=ENOUGH,
        ),
    ),
)


def rows(orders: Iterable[Order], known: KnownMaster, *, now: datetime | None = None) -> list[dict[str, Any]]:
    """Flatten orders into the rows the suite judges: one per order, no personal data."""
    moment = now or datetime.now(UTC)
    return [
        {
            "order": order.external_id,
            "total": float(order.totals.total),
            "lines": len(order.lines),
            "age_hours": (moment - order.placed_at).total_seconds() / 3600,
            "currency": order.currency,
            "country": order.billing_address.country if order.billing_address else None,
            "articles_known": all(line.sku in known.articles for line in order.lines),
            "methods_mapped": (
                order.payment_method in known.payment_methods or not (order.payment_method or order.totals.total)
            )
            and (order.shipping_address is None or order.shipping_method in known.shipping_methods),
        }
        for order in orders
    ]
