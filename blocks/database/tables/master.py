"""Master data: what can be sold, and how much of it is there."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, text
from sqlmodel import Field, SQLModel

from blocks.database.tables.columns import amount, moment, optional_words, words


def _flag() -> Column[bool]:
    return Column(Boolean, nullable=False, server_default=text("false"))


class ArticleRow(SQLModel, table=True):
    """One sellable article of one channel; ``components`` is a JSON list of [sku, pieces per bundle].

    ``shown_at`` is when the row was last written from a shop that showed the article; as long as it is ``published``,
    ``shop_quantity`` is of the same moment.
    """

    __tablename__ = "article"
    __table_args__ = (Index("article_subject", text("((channel || ':'::text) || sku)")),)

    channel: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    product_id: str = Field(sa_column=words())
    variant_id: str = Field(sa_column=words())
    kind: str = Field(sa_column=words())
    name: str = Field(sa_column=words())
    variant: str = Field(sa_column=words())
    gtin: str = Field(sa_column=words())
    price: Decimal | None = Field(sa_column=amount(nullable=True))
    tax_category: str = Field(sa_column=words())
    stock_managed: bool = Field(sa_column=_flag())
    backorder: bool = Field(sa_column=_flag())
    published: bool = Field(sa_column=_flag())
    in_erp: bool = Field(sa_column=_flag())
    shop_quantity: Decimal = Field(sa_column=amount(default="0"))
    components: str = Field(sa_column=words(default="[]"))
    content_hash: str = Field(sa_column=words())
    preorder: bool | None = Field(sa_column=Column(Boolean, nullable=True))
    available_on: date | None = Field(sa_column=Column(Date, nullable=True))
    category: str | None = Field(sa_column=optional_words())
    shown_at: datetime | None = Field(sa_column=moment(nullable=True))


class StockRow(SQLModel, table=True):
    """What can be promised of an article from one warehouse: ``on_hand - reserved`` pieces."""

    __tablename__ = "stock"
    __table_args__ = (
        Index("stock_subject", text("((warehouse || ':'::text) || sku)")),
        CheckConstraint("reserved >= 0", name="stock_reserved_not_negative"),
    )

    warehouse: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    on_hand: Decimal = Field(sa_column=amount())
    reserved: Decimal = Field(sa_column=amount(default="0"))
    counted_at: datetime = Field(sa_column=moment(default_now=True))


class StockLocationRow(SQLModel, table=True):
    """The ERP's picture of one storage location, read anew at every master-data run."""

    __tablename__ = "stock_location"

    warehouse: str = Field(sa_column=words(primary_key=True))
    location: str = Field(sa_column=words(primary_key=True))
    sku: str = Field(sa_column=words(primary_key=True))
    on_hand: Decimal = Field(sa_column=amount())
    forecast: Decimal = Field(sa_column=amount())
    counted_at: datetime = Field(sa_column=moment(default_now=True))
