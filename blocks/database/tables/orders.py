"""Orders, their lines and customers, and what is reserved for them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount, identity, moment, optional_words, reference, salt, words


class CustomerRow(SQLModel, table=True):
    """A buyer of one channel, found or created once."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("channel", "external_id", name="customer_business_key"),)

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    external_id: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    company: str = Field(sa_column=words())
    email: str = Field(sa_column=words())
    vat_id: str = Field(sa_column=words())
    guest: bool = Field(sa_column=Column(Boolean, nullable=False))
    created_at: datetime = Field(sa_column=moment(default_now=True))
    salt: UUID = Field(sa_column=salt())


class SalesOrder(SQLModel, table=True):
    """One order. ``status``: accepted | short | held | cancelled; ``document`` is the canonical order as JSON text.

    ``lifecycle`` is the status by the merchant's own status graph, e.g. 'processing'; null is the graph's first one.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("channel", "external_id", name="sales_order_business_key"),
        Index("sales_order_status", "status"),
        Index("sales_order_erp_number", "erp_number", postgresql_where=text("erp_number IS NOT NULL")),
        Index("sales_order_booked", "booked_at", postgresql_using="brin"),
        CheckConstraint("status IN ('accepted', 'short', 'held', 'cancelled')", name="sales_order_status_known"),
    )

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    external_id: str = Field(sa_column=words())
    number: str = Field(sa_column=words())
    version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    status: str = Field(sa_column=words())
    lifecycle: str | None = Field(sa_column=optional_words())
    hold_reason: str | None = Field(sa_column=optional_words())
    channel_status: str = Field(sa_column=words())
    payment_status: str = Field(sa_column=words())
    currency: str = Field(sa_column=words())
    total: Decimal = Field(sa_column=amount())
    placed_at: datetime = Field(sa_column=moment())
    customer_id: int = Field(sa_column=Column(BigInteger, ForeignKey("customer.id"), nullable=False, index=True))
    inbox_id: int = Field(sa_column=Column(BigInteger, ForeignKey("inbox.id"), nullable=False))
    warehouse: str | None = Field(sa_column=optional_words())
    erp_number: str | None = Field(sa_column=optional_words())
    taken_over_at: datetime | None = Field(sa_column=moment(nullable=True))
    document: str = Field(sa_column=words())
    content_hash: str = Field(sa_column=words())
    booked_at: datetime = Field(sa_column=moment(default_now=True))
    salt: UUID = Field(sa_column=salt())


class OrderLineRow(SQLModel, table=True):
    """One line of an order; amounts in the order's currency, before order discounts."""

    __tablename__ = "order_line"

    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), primary_key=True))
    position: int = Field(sa_column=Column(Integer, primary_key=True))
    sku: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    quantity: Decimal = Field(sa_column=amount())
    unit_net: Decimal = Field(sa_column=amount())
    net: Decimal = Field(sa_column=amount())
    gross: Decimal = Field(sa_column=amount())
    tax_rate: Decimal = Field(sa_column=amount())


class Reservation(SQLModel, table=True):
    """Append-only ledger: positive takes stock for an order, negative gives it back."""

    __tablename__ = "reservation"
    __table_args__ = (Index("reservation_stock", "warehouse", "sku"),)

    id: int = Field(sa_column=identity())
    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), nullable=False, index=True))
    sku: str = Field(sa_column=words())
    warehouse: str = Field(sa_column=words())
    quantity: Decimal = Field(sa_column=amount())
    reason: str = Field(sa_column=words())
    booked_at: datetime = Field(sa_column=moment(default_now=True))


class OrderVersion(SQLModel, table=True):
    """One version of an order, append-only: what changed against the version before, and by how much the total moved.

    ``decision``: accepted | followed | changed | cancelled; ``changes`` is JSON: [{place, before, after}].
    """

    __tablename__ = "order_version"

    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), primary_key=True))
    version: int = Field(sa_column=Column(Integer, primary_key=True))
    inbox_id: int = Field(sa_column=reference())
    decision: str = Field(sa_column=words())
    document: str = Field(sa_column=words())
    content_hash: str = Field(sa_column=words())
    changes: str = Field(sa_column=words(default="[]"))
    delta: Decimal = Field(sa_column=amount(default="0"))
    by: str = Field(sa_column=words())
    at: datetime = Field(sa_column=moment(default_now=True))
    salt: UUID = Field(sa_column=salt())


class OrderPart(SQLModel, table=True):
    """What of an order ships from one warehouse; an order that is not split has one part. One ERP sale per part.

    ``lines`` is JSON: [[position, pieces]]; empty when the part is the whole order.
    """

    __tablename__ = "order_part"
    __table_args__ = (Index("order_part_erp_number", "erp_number", postgresql_where=text("erp_number IS NOT NULL")),)

    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), primary_key=True))
    part: int = Field(sa_column=Column(Integer, primary_key=True))
    warehouse: str = Field(sa_column=words())
    lines: str = Field(sa_column=words(default="[]"))
    erp_number: str | None = Field(sa_column=optional_words())


class Backorder(SQLModel, table=True):
    """Pieces sold although they are not there yet. ``kind``: backorder | preorder; reserved when they come in."""

    __tablename__ = "backorder"
    __table_args__ = (
        Index("backorder_open", "sku", postgresql_where=text("served_at IS NULL")),
        CheckConstraint("kind IN ('backorder', 'preorder')", name="backorder_kind"),
    )

    id: int = Field(sa_column=identity())
    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), nullable=False, index=True))
    sku: str = Field(sa_column=words())
    warehouse: str = Field(sa_column=words())
    quantity: Decimal = Field(sa_column=amount())
    kind: str = Field(sa_column=words())
    promised_on: date | None = Field(sa_column=Column(Date, nullable=True))
    booked_at: datetime = Field(sa_column=moment(default_now=True))
    served_at: datetime | None = Field(sa_column=moment(nullable=True))


class OrderStatusEntry(SQLModel, table=True):
    """What a system said of an order's status, append-only. ``outcome``: applied | overruled | unmapped."""

    __tablename__ = "order_status_entry"
    __table_args__ = (
        CheckConstraint("outcome IN ('applied', 'overruled', 'unmapped')", name="order_status_entry_outcome"),
        Index("order_status_entry_unmapped", "id", postgresql_where=text("outcome = 'unmapped'")),
    )

    id: int = Field(sa_column=identity())
    order_id: int = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), nullable=False, index=True))
    system: str = Field(sa_column=words())
    system_status: str = Field(sa_column=words())
    status: str = Field(sa_column=words())
    outcome: str = Field(sa_column=words())
    reason: str = Field(sa_column=words(default=""))
    reported_at: datetime = Field(sa_column=moment())
    recorded_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
