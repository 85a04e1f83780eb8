"""The tables as SQLModel classes: the schema that the migrations build and readers query; never a way data comes in."""

from blocks.database.tables.audit import AuditEvent, AuditHead
from blocks.database.tables.conversion import ConversionCorrection, ConversionRow, SupplierLayout
from blocks.database.tables.edi import EdiCounter, EdiInterchange
from blocks.database.tables.enrichment import (
    ProductChange,
    ProductClaim,
    ProductDelivery,
    ProductValue,
    SourceProduct,
)
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
from blocks.database.tables.manufacturers import FetchedThing
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
from blocks.database.tables.received_invoices import (
    InvoiceDecision,
    InvoiceVerdictRow,
    ReceivedInvoice,
    SupplierAccount,
    SupplierRow,
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
    "FetchedThing",
    "FileRecord",
    "InboxRecord",
    "IncomingGoods",
    "InvoiceDecision",
    "InvoiceVerdictRow",
    "Lease",
    "Listing",
    "MovementCursor",
    "OrderLineRow",
    "OrderPart",
    "OrderStatusEntry",
    "OrderVersion",
    "ProductChange",
    "ProductClaim",
    "ProductDelivery",
    "ProductValue",
    "PurchaseProposal",
    "QualityResult",
    "QuarantineRecord",
    "ReceivedFile",
    "ReceivedInvoice",
    "Reconciliation",
    "Reservation",
    "Rulebook",
    "SalesOrder",
    "SeenListing",
    "SourceCursor",
    "SourceProduct",
    "StockAlert",
    "StockDifference",
    "StockEvent",
    "StockImport",
    "StockImportRow",
    "StockLocationRow",
    "StockRow",
    "SupplierAccount",
    "SupplierLayout",
    "SupplierRow",
    "SystemTurn",
]
