"""The tables as SQLModel classes: the schema that the migrations build and readers query; never a way data comes in."""

from blocks.database.tables.audit import AuditEvent, AuditHead
from blocks.database.tables.exchange import Effect, InboxRecord, Lease, QualityResult, QuarantineRecord, SourceCursor
from blocks.database.tables.master import ArticleRow, StockLocationRow, StockRow
from blocks.database.tables.orders import CustomerRow, OrderLineRow, Reservation, SalesOrder

__all__ = [
    "ArticleRow",
    "AuditEvent",
    "AuditHead",
    "CustomerRow",
    "Effect",
    "InboxRecord",
    "Lease",
    "OrderLineRow",
    "QualityResult",
    "QuarantineRecord",
    "Reservation",
    "SalesOrder",
    "SourceCursor",
    "StockLocationRow",
    "StockRow",
]
