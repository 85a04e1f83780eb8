"""The tables as SQLModel classes: the schema that the migrations build and readers query; never a way data comes in."""

from blocks.database.tables.audit import AuditEvent, AuditHead
from blocks.database.tables.conversion import ConversionCorrection, ConversionRow, SupplierLayout
from blocks.database.tables.edi import EdiCounter, EdiInterchange
from blocks.database.tables.exchange import (
    Correction,
    Effect,
    InboxRecord,
    Lease,
    QualityResult,
    QuarantineRecord,
    SourceCursor,
    SystemTurn,
)
from blocks.database.tables.files import CompletenessCertificate, FileRecord, ReceivedFile
from blocks.database.tables.inventory import (
    FeedDelivery,
    IncomingGoods,
    Listing,
    MovementCursor,
    PurchaseProposal,
    Reconciliation,
    SeenListing,
    StockAlert,
    StockDifference,
    StockEvent,
    StockImport,
    StockImportRow,
)
from blocks.database.tables.master import ArticleRow, StockLocationRow, StockRow
from blocks.database.tables.orders import (
    Backorder,
    CustomerRow,
    OrderLineRow,
    OrderPart,
    OrderStatusEntry,
    OrderVersion,
    Reservation,
    SalesOrder,
)
from blocks.database.tables.rulebooks import Rulebook

__all__ = [
    "ArticleRow",
    "AuditEvent",
    "AuditHead",
    "Backorder",
    "CompletenessCertificate",
    "ConversionCorrection",
    "ConversionRow",
    "Correction",
    "CustomerRow",
    "EdiCounter",
    "EdiInterchange",
    "Effect",
    "FeedDelivery",
    "FileRecord",
    "InboxRecord",
    "IncomingGoods",
    "Lease",
    "Listing",
    "MovementCursor",
    "OrderLineRow",
    "OrderPart",
    "OrderStatusEntry",
    "OrderVersion",
    "PurchaseProposal",
    "QualityResult",
    "QuarantineRecord",
    "ReceivedFile",
    "Reconciliation",
    "Reservation",
    "Rulebook",
    "SalesOrder",
    "SeenListing",
    "SourceCursor",
    "StockAlert",
    "StockDifference",
    "StockEvent",
    "StockImport",
    "StockImportRow",
    "StockLocationRow",
    "StockRow",
    "SupplierLayout",
    "SystemTurn",
]
