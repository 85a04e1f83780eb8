"""What sources say of articles, which of it is believed, what is to change in the shop and what people decided."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import identity, moment, optional_words, reference, salt, words


class ProductDelivery(SQLModel, table=True):
    """What one source gave in one run, as the gate judged it. ``state``: let_in | stopped → released | discarded.

    ``products`` of the newest that was let in or released is what the next one is held against.
    """

    __tablename__ = "product_delivery"
    __table_args__ = (
        Index("product_delivery_source", "channel", "source", "id"),
        CheckConstraint("state IN ('let_in', 'stopped', 'released', 'discarded')", name="product_delivery_state"),
    )

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    source: str = Field(sa_column=words())
    products: int = Field(sa_column=Column(Integer, nullable=False))
    matched: int = Field(sa_column=Column(Integer, nullable=False))
    state: str = Field(sa_column=words())
    why: str = Field(sa_column=words(default=""))
    at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=optional_words())
    salt: UUID = Field(sa_column=salt())


class SourceProduct(SQLModel, table=True):
    """One product as one source knows it, and which article of a channel it is.

    ``state``: matched | ambiguous | unknown | duplicate | declined. ``key`` is its identity within the source; of the
    products of one source at most one is matched to an article. ``identity`` and ``candidates`` are JSON.
    """

    __tablename__ = "source_product"
    __table_args__ = (
        UniqueConstraint("channel", "source", "key", name="source_product_once"),
        Index(
            "source_product_article",
            "channel",
            "sku",
            "source",
            unique=True,
            postgresql_where=text("state = 'matched'"),
        ),
        Index("source_product_waiting", "channel", "id", postgresql_where=text("state = 'ambiguous'")),
        Index("source_product_bytes", "source", "sha256"),
        CheckConstraint(
            "state IN ('matched', 'ambiguous', 'unknown', 'duplicate', 'declined')", name="source_product_state"
        ),
        CheckConstraint("state NOT IN ('matched', 'duplicate') OR sku <> ''", name="source_product_of_something"),
    )

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    source: str = Field(sa_column=words())
    key: str = Field(sa_column=words())
    state: str = Field(sa_column=words())
    sku: str = Field(sa_column=words(default=""))
    how: str = Field(sa_column=words(default=""))
    candidates: str = Field(sa_column=words(default="[]"))
    identity: str = Field(sa_column=words(default="{}"))
    sha256: str = Field(sa_column=words(default=""))
    read_by: str = Field(sa_column=words(default=""))
    first_seen_at: datetime = Field(sa_column=moment(default_now=True))
    seen_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=optional_words())
    salt: UUID = Field(sa_column=salt())


class ProductClaim(SQLModel, table=True):
    """What one source says of one attribute of one article, with its place; ``gone_at`` says it does so no more.

    ``attribute`` is a feature of the article's schema, or '?' and the printed name where nobody has mapped it.
    """

    __tablename__ = "product_claim"
    __table_args__ = (
        UniqueConstraint("channel", "sku", "source", "attribute", "language", "claim_hash", name="product_claim_once"),
        Index("product_claim_subject", text("((channel || ':'::text) || sku)")),
        Index("product_claim_unmapped", "channel", "attribute", postgresql_where=text("attribute LIKE '?%'")),
        CheckConstraint("confidence >= 0 AND confidence <= 1", name="product_claim_confidence"),
    )

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    sku: str = Field(sa_column=words())
    source: str = Field(sa_column=words())
    attribute: str = Field(sa_column=words())
    language: str = Field(sa_column=words(default=""))
    claim_hash: str = Field(sa_column=words())
    value: str = Field(sa_column=words())
    normalised: str = Field(sa_column=words(default=""))
    unit: str = Field(sa_column=words(default=""))
    source_kind: str = Field(sa_column=words(default=""))
    place: str = Field(sa_column=words(default="{}"))
    doubt: str = Field(sa_column=words(default=""))
    licence: str = Field(sa_column=words(default=""))
    confidence: Decimal = Field(sa_column=Column(Numeric(4, 3), nullable=False))
    sha256: str = Field(sa_column=words(default=""))
    fetched_at: datetime = Field(sa_column=moment())
    seen_at: datetime = Field(sa_column=moment(default_now=True))
    gone_at: datetime | None = Field(sa_column=moment(nullable=True))
    run_id: str = Field(sa_column=words(default=""))


class ProductValue(SQLModel, table=True):
    """The golden record: what is believed of one attribute of one article, why, and what the shop shows of it.

    ``shop_by``: whose value the shop shows: person | soms | '' where it shows none. ``pinned_by`` names the person who
    chose the claim; rules leave it alone then.
    """

    __tablename__ = "product_value"
    __table_args__ = (
        Index("product_value_subject", text("((channel || ':'::text) || sku)")),
        CheckConstraint("shop_by IN ('person', 'soms', '')", name="product_value_shop_by"),
    )

    channel: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    attribute: str = Field(sa_column=words(primary_key=True))
    language: str = Field(sa_column=words(primary_key=True))
    value: str = Field(sa_column=words(default=""))
    unit: str = Field(sa_column=words(default=""))
    claim_id: int | None = Field(sa_column=reference(nullable=True))
    losers: str = Field(sa_column=words(default="[]"))
    conflict: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    why: str = Field(sa_column=words(default=""))
    rules_version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    pinned_by: str | None = Field(sa_column=optional_words())
    shop_value: str = Field(sa_column=words(default=""))
    shop_by: str = Field(sa_column=words(default=""))
    shop_seen_at: datetime | None = Field(sa_column=moment(nullable=True))
    changed_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))


class ProductChange(SQLModel, table=True):
    """A change of one value in the shop. ``state``: proposed | held → approved → applied | kept | failed, or declined.

    ``kept``: the shop showed something else by then, which a person wrote; it stays. ``superseded``: sources say
    something else by now. ``undoes`` is the change whose old value is restored. At most one is open for each value.
    """

    __tablename__ = "product_change"
    __table_args__ = (
        Index(
            "product_change_open",
            "channel",
            "sku",
            "attribute",
            "language",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'held', 'approved')"),
        ),
        Index("product_change_value", "channel", "sku", "attribute", "language", "id"),
        Index("product_change_run", "run_id"),
        CheckConstraint(
            "state IN ('proposed', 'held', 'approved', 'applied', 'kept', 'failed', 'declined', 'superseded')",
            name="product_change_state",
        ),
    )

    id: int = Field(sa_column=identity())
    channel: str = Field(sa_column=words())
    sku: str = Field(sa_column=words())
    attribute: str = Field(sa_column=words())
    language: str = Field(sa_column=words(default=""))
    old: str = Field(sa_column=words(default=""))
    new: str = Field(sa_column=words(default=""))
    unit: str = Field(sa_column=words(default=""))
    claim_id: int | None = Field(sa_column=reference(nullable=True))
    why: str = Field(sa_column=words(default=""))
    rules_version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    state: str = Field(sa_column=words())
    undoes: int | None = Field(sa_column=reference(nullable=True))
    created_at: datetime = Field(sa_column=moment(default_now=True))
    run_id: str = Field(sa_column=words(default=""))
    decided_by: str | None = Field(sa_column=optional_words())
    decided_at: datetime | None = Field(sa_column=moment(nullable=True))
    reason: str | None = Field(sa_column=optional_words())
    settled_at: datetime | None = Field(sa_column=moment(nullable=True))
    salt: UUID = Field(sa_column=salt())


class ProductDue(SQLModel, table=True):
    """An article of which sources say something else than was decided on; gone as soon as that is decided anew."""

    __tablename__ = "product_due"

    channel: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
