"""Inventory: what happened to stock, what each shop is to show of it, what differed, what is to be bought."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount, identity, moment, optional_words, words


class StockEvent(SQLModel, table=True):
    """One thing that happened to stock, append-only: the sum of ``delta`` of an article is what is on hand.

    ``kind``: opening | count | receipt | shipment | sale | return | void | transfer | adjustment. ``quantity`` is what
    the source said (an amount moved, or what was counted), ``delta`` what that did to ``stock.on_hand``; an event that
    came too late to matter has a delta of 0 and says why in ``ignored``.
    """

    __tablename__ = "stock_event"
    __table_args__ = (
        UniqueConstraint("source", "event_id", name="stock_event_once"),
        CheckConstraint(
            "kind IN ('opening', 'count', 'receipt', 'shipment', 'sale', 'return', 'void', 'transfer', 'adjustment')",
            name="stock_event_kind",
        ),
        Index("stock_event_history", "sku", "warehouse", "happened_at"),
        Index("stock_event_heard", "heard_at"),
        Index(
            "stock_event_counts",
            "sku",
            "warehouse",
            "happened_at",
            postgresql_where=sql("kind IN ('opening', 'count') AND ignored IS NULL"),
        ),
        Index(
            "stock_event_slip",
            "source",
            "document",
            postgresql_where=sql("kind IN ('sale', 'return', 'void', 'count')"),
        ),
    )

    id: int = Field(sa_column=identity())
    source: str = Field(sa_column=words())
    event_id: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    warehouse: str = Field(sa_column=words())
    location: str = Field(sa_column=words(default=""))
    sku: str = Field(sa_column=words())
    quantity: Decimal = Field(sa_column=amount())
    delta: Decimal = Field(sa_column=amount())
    ignored: str | None = Field(sa_column=optional_words())
    order_id: int | None = Field(sa_column=Column(BigInteger, ForeignKey("sales_order.id"), nullable=True, index=True))
    document: str = Field(sa_column=words(default=""))
    happened_at: datetime = Field(sa_column=moment())
    heard_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))


class MovementCursor(SQLModel, table=True):
    """Up to where the movements of a source have been heard, in the source's own words; not audited."""

    __tablename__ = "movement_cursor"

    source: str = Field(sa_column=words(primary_key=True))
    position: str = Field(sa_column=words())
    heard_at: datetime = Field(sa_column=moment(default_now=True))


class IncomingGoods(SQLModel, table=True):
    """What is on its way to a warehouse, as the ERP says; read anew each time, so not audited."""

    __tablename__ = "incoming_goods"

    source: str = Field(sa_column=words(primary_key=True))
    document: str = Field(sa_column=words(primary_key=True))
    warehouse: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    quantity: Decimal = Field(sa_column=amount())
    due_on: date | None = Field(sa_column=Column(Date, nullable=True))
    seen_at: datetime = Field(sa_column=moment(default_now=True))


class Listing(SQLModel, table=True):
    """What a shop is to show of an article, what it was last told and confirmed, and who hid it.

    ``hidden_by``: '' (it shows) | soms | person. An article that a person hid stays hidden.
    """

    __tablename__ = "listing"
    __table_args__ = (
        Index("listing_subject", sql("((channel || ':'::text) || sku)")),
        CheckConstraint("hidden_by IN ('', 'soms', 'person')", name="listing_hidden_by"),
    )

    channel: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    wanted_quantity: Decimal | None = Field(sa_column=amount(nullable=True))
    wanted_visible: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    wanted_at: datetime | None = Field(sa_column=moment(nullable=True))
    told_quantity: Decimal | None = Field(sa_column=amount(nullable=True))
    told_visible: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    told_at: datetime | None = Field(sa_column=moment(nullable=True))
    hidden_by: str = Field(sa_column=words(default=""))
    hidden_why: str = Field(sa_column=words(default=""))
    hidden_at: datetime | None = Field(sa_column=moment(nullable=True))


class SeenListing(SQLModel, table=True):
    """What a shop showed of an article when it was last read; read anew each time, so not audited."""

    __tablename__ = "seen_listing"

    channel: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    product_id: str = Field(sa_column=words())
    variant_id: str = Field(sa_column=words(default=""))
    quantity: Decimal = Field(sa_column=amount())
    visible: bool = Field(sa_column=Column(Boolean, nullable=False))
    own_rule: str = Field(sa_column=words(default=""))
    changed_at: datetime | None = Field(sa_column=moment(nullable=True))
    seen_at: datetime = Field(sa_column=moment(default_now=True))


class StockImport(SQLModel, table=True):
    """One whole picture of stock from outside (an ERP's levels, a count file), and whether it was let in.

    ``state``: applied | stopped | released | declined. ``findings`` is JSON: what the gate found.
    """

    __tablename__ = "stock_import"
    __table_args__ = (
        CheckConstraint("state IN ('applied', 'stopped', 'released', 'declined')", name="stock_import_state"),
        Index("stock_import_source", "source", "as_of"),
    )

    id: int = Field(sa_column=identity())
    source: str = Field(sa_column=words())
    name: str = Field(sa_column=words(default=""))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    content_hash: str = Field(sa_column=words(default=""))
    as_of: datetime = Field(sa_column=moment())
    received_at: datetime = Field(sa_column=moment(default_now=True))
    state: str = Field(sa_column=words())
    findings: str = Field(sa_column=words(default="[]"))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=optional_words())
    run_id: str = Field(sa_column=words(default=""))


class StockImportRow(SQLModel, table=True):
    """A level of a stopped import, kept until a person decides; not audited, the import's hash covers it."""

    __tablename__ = "stock_import_row"

    import_id: int = Field(sa_column=Column(BigInteger, ForeignKey("stock_import.id"), primary_key=True))
    warehouse: str = Field(sa_column=words(primary_key=True))
    location: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    on_hand: Decimal = Field(sa_column=amount())
    forecast: Decimal = Field(sa_column=amount(default="0"))


class Reconciliation(SQLModel, table=True):
    """One comparison of all systems: what was compared, how much differed and what became of it.

    ``state``: done | stopped (the mass-change guard) | released. ``scope`` and ``findings`` are JSON.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (CheckConstraint("state IN ('done', 'stopped', 'released')", name="reconciliation_state"),)

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    scope: str = Field(sa_column=words(default="{}"))
    compared: int = Field(sa_column=Column(Integer, nullable=False))
    differing: int = Field(sa_column=Column(Integer, nullable=False))
    repaired: int = Field(sa_column=Column(Integer, nullable=False))
    waiting: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = Field(sa_column=words())
    findings: str = Field(sa_column=words(default="[]"))
    decided_by: str | None = Field(sa_column=optional_words())
    reason: str | None = Field(sa_column=optional_words())
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))


class StockDifference(SQLModel, table=True):
    """One thing that two systems did not agree on, append-only, with its cause and the replay that proves it.

    ``field``: quantity | visibility. ``outcome``: repaired | waiting | stopped | none. ``proof`` is JSON.
    """

    __tablename__ = "stock_difference"
    __table_args__ = (
        Index("stock_difference_article", "sku", "id"),
        CheckConstraint("field IN ('quantity', 'visibility')", name="stock_difference_field"),
    )

    id: int = Field(sa_column=identity())
    reconciliation_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("reconciliation.id"), nullable=False, index=True)
    )
    sku: str = Field(sa_column=words())
    warehouse: str = Field(sa_column=words(default=""))
    system: str = Field(sa_column=words())
    field: str = Field(sa_column=words())
    expected: str = Field(sa_column=words())
    found: str = Field(sa_column=words())
    cause: str = Field(sa_column=words())
    proof: str = Field(sa_column=words(default="{}"))
    outcome: str = Field(sa_column=words())


class StockAlert(SQLModel, table=True):
    """Something a person should see once: opened when it begins, closed when it is over; never one per change.

    ``kind``: reorder | feed_missed | import_stopped.
    """

    __tablename__ = "stock_alert"
    __table_args__ = (
        Index("stock_alert_open", "kind", "subject", unique=True, postgresql_where=sql("closed_at IS NULL")),
    )

    id: int = Field(sa_column=identity())
    kind: str = Field(sa_column=words())
    subject: str = Field(sa_column=words())
    text: str = Field(sa_column=words())
    opened_at: datetime = Field(sa_column=moment(default_now=True))
    closed_at: datetime | None = Field(sa_column=moment(nullable=True))


class PurchaseProposal(SQLModel, table=True):
    """What should be bought, why, and what became of it; ``why`` is JSON: the figures it was computed from.

    ``state``: proposed | approved | declined | ordered | outdated.
    """

    __tablename__ = "purchase_proposal"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'approved', 'declined', 'ordered', 'outdated')", name="purchase_proposal_state"
        ),
        Index(
            "purchase_proposal_open", "warehouse", "sku", unique=True,
            postgresql_where=sql("state IN ('proposed', 'approved')"),
        ),
    )  # fmt: skip

    id: int = Field(sa_column=identity())
    warehouse: str = Field(sa_column=words())
    sku: str = Field(sa_column=words())
    supplier: str = Field(sa_column=words(default=""))
    quantity: Decimal = Field(sa_column=amount())
    needed_on: date | None = Field(sa_column=Column(Date, nullable=True))
    why: str = Field(sa_column=words(default="{}"))
    state: str = Field(sa_column=words(default="proposed"))
    proposed_at: datetime = Field(sa_column=moment(default_now=True))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=optional_words())
    erp_number: str | None = Field(sa_column=optional_words())
    run_id: str = Field(sa_column=words(default=""))


class FeedDelivery(SQLModel, table=True):
    """One delivery of a stock feed, append-only; ``due_at`` is the interval it was for."""

    __tablename__ = "feed_delivery"
    __table_args__ = (UniqueConstraint("feed", "due_at", name="feed_delivery_once"),)

    id: int = Field(sa_column=identity())
    feed: str = Field(sa_column=words())
    due_at: datetime = Field(sa_column=moment())
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    content_hash: str = Field(sa_column=words())
    delivered_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
