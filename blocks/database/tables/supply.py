"""What was ordered of suppliers and what came, as the ERP last told it, and what invoice lines were held against."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Numeric, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import identity, moment, optional_words, reference, words


def figure(*, nullable: bool = False) -> Any:
    """Return a numeric(24,8) column for quantities and prices."""
    return Column(Numeric(24, 8), nullable=nullable)


class PurchaseLineRow(SQLModel, table=True):
    """One line of an order to a supplier; columns ending in ``_key`` are numbers as they are compared."""

    __tablename__ = "purchase_line"
    __table_args__ = (
        Index("purchase_line_of", "purchase_key"),
        Index("purchase_line_reference", "reference_key", postgresql_where=text("reference_key <> ''")),
        *(
            Index(f"purchase_line_{key}", "supplier", key, postgresql_where=text(f"{key} <> ''"))
            for key in ("sku_key", "supplier_sku_key", "gtin_key")
        ),
        Index("purchase_line_supplier", "supplier", "ordered_on"),
        CheckConstraint("kind IN ('goods', 'service', 'charge')", name="purchase_line_kind"),
    )

    system: str = Field(sa_column=words(primary_key=True))
    line: str = Field(sa_column=words(primary_key=True))
    purchase: str = Field(sa_column=words())
    purchase_key: str = Field(sa_column=words())
    position: str = Field(sa_column=words(default=""))
    supplier: str = Field(sa_column=words())
    supplier_reference: str = Field(sa_column=words(default=""))
    reference_key: str = Field(sa_column=words(default=""))
    sku: str = Field(sa_column=words(default=""))
    sku_key: str = Field(sa_column=words(default=""))
    supplier_sku: str = Field(sa_column=words(default=""))
    supplier_sku_key: str = Field(sa_column=words(default=""))
    gtin: str = Field(sa_column=words(default=""))
    gtin_key: str = Field(sa_column=words(default=""))
    description: str = Field(sa_column=words(default=""))
    kind: str = Field(sa_column=words(default="goods"))
    quantity: Decimal = Field(sa_column=figure())
    unit: str = Field(sa_column=words(default="C62"))
    unit_price: Decimal = Field(sa_column=figure())
    currency: str = Field(sa_column=words(default="EUR"))
    ordered_on: date | None = Field(sa_column=Column(Date, nullable=True))
    cancelled: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    changed_at: datetime | None = Field(sa_column=moment(nullable=True))
    read_at: datetime = Field(sa_column=moment(default_now=True))


class ReceiptLineRow(SQLModel, table=True):
    """Goods of an order line that came, or went back (negative)."""

    __tablename__ = "receipt_line"
    __table_args__ = (
        Index("receipt_line_of", "system", "order_line"),
        Index("receipt_line_receipt", "receipt_key"),
        Index("receipt_line_note", "note_key", postgresql_where=text("note_key <> ''")),
    )

    system: str = Field(sa_column=words(primary_key=True))
    line: str = Field(sa_column=words(primary_key=True))
    receipt: str = Field(sa_column=words())
    receipt_key: str = Field(sa_column=words())
    delivery_note: str = Field(sa_column=words(default=""))
    note_key: str = Field(sa_column=words(default=""))
    order_line: str = Field(sa_column=words(default=""))
    sku: str = Field(sa_column=words(default=""))
    quantity: Decimal = Field(sa_column=figure())
    received_on: date = Field(sa_column=Column(Date, nullable=False))
    changed_at: datetime | None = Field(sa_column=moment(nullable=True))
    read_at: datetime = Field(sa_column=moment(default_now=True))


class InvoiceMatch(SQLModel, table=True):
    """An invoice line held against an order line and a receipt; append-only, the newest version of an invoice counts.

    Every line has at least one row; where nothing was found, ``order_line`` is empty. ``quantity``, ``unit_price`` and
    ``order_price`` are in ``unit``, the order's; a quantity is negative on a credit note. ``deviation`` is the line's
    difference to the ordered price in money, ``tolerance`` the rule it was let pass by, ``how`` what it was found by,
    ``why`` the reason for this order line and no other.
    """

    __tablename__ = "invoice_match"
    __table_args__ = (
        Index("invoice_match_of", "invoice_id", "version"),
        Index("invoice_match_prepayment", "system", "purchase", postgresql_where=text("how = 'prepayment'")),
        Index("invoice_match_order", "system", "order_line", postgresql_where=text("order_line <> ''")),
    )

    id: int = Field(sa_column=identity())
    invoice_id: int = Field(sa_column=reference())
    version: int = Field(sa_column=Column(Integer, nullable=False))
    line: str = Field(sa_column=words())
    system: str = Field(sa_column=words(default=""))
    order_line: str = Field(sa_column=words(default=""))
    purchase: str = Field(sa_column=words(default=""))
    receipt_line: str = Field(sa_column=words(default=""))
    receipt: str = Field(sa_column=words(default=""))
    quantity: Decimal | None = Field(sa_column=figure(nullable=True))
    unit: str = Field(sa_column=words(default=""))
    unit_price: Decimal | None = Field(sa_column=figure(nullable=True))
    order_price: Decimal | None = Field(sa_column=figure(nullable=True))
    deviation: Decimal | None = Field(sa_column=figure(nullable=True))
    tolerance: str = Field(sa_column=words(default=""))
    how: str = Field(sa_column=words(default=""))
    why: str | None = Field(sa_column=optional_words())
    tolerances_version: int = Field(sa_column=Column(Integer, nullable=False))
    matched_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
