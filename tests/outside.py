"""An ERP and a shop, as delivery sees them, that do as the test wants; and what stock and ledger come to."""

from collections.abc import Sequence
from typing import Any

from blocks.database.engine import Database
from blocks.documents.sales import SaleRequest
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import delivery
from tests import desk

LEDGER = """
SELECT s.warehouse, s.sku, s.on_hand, s.reserved, coalesce((SELECT sum(quantity) FROM reservation r
  WHERE (r.warehouse, r.sku) = (s.warehouse, s.sku)), 0) AS ledger FROM stock s ORDER BY 1, 2
"""


class Erp(desk.PlainShop):
    """Books every sale, or answers as the test wants it."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.asked: list[SaleRequest] = []
        self.answer: Answer | None = None
        self.refuses: tuple[str, Answer] | None = None

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Book each sale; ``refuses`` names the end of references that get another answer."""
        self.asked += requests
        return [self._answer(each) for each in requests]

    def _answer(self, request: SaleRequest) -> Answer:
        if self.refuses and request.reference.endswith(self.refuses[0]):
            return self.refuses[1]
        return self.answer or Done(request.reference, {"number": f"S-{request.reference}"})

    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Mark each order."""
        return [Done(each.reference) for each in takeovers]


def deliver(database: Database) -> None:
    """Carry out what is due now."""
    delivery.deliver_all(database, desk.ACTOR, lease=60, patience=0, log=lambda _line: None)


def reserved(database: Database) -> dict[tuple[str, str], int]:
    """Return the reserved whole pieces by (warehouse, SKU)."""
    return {(row["warehouse"], row["sku"]): int(row["reserved"]) for row in ledger(database) if row["reserved"]}


def ledger(database: Database) -> list[dict[str, Any]]:
    """Return every stock row with the sum of its reservations."""
    return desk.ask(database, LEDGER)
