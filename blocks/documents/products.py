"""Articles: what can be sold, as the shop and the ERP know it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.money import Amount
from blocks.documents.orders import Component


class ArticleKind(StrEnum):
    """How an article is made up."""

    SIMPLE = "simple"
    VARIANT = "variant"
    BUNDLE = "bundle"


class Article(Document):
    """One sellable article; the business key is (channel, sku). Units: pieces; price in the shop's currency."""

    channel: str
    sku: str
    product_id: str = Field(description="The channel's id of the product.")
    variant_id: str = Field(default="", description="The channel's id of the variant; empty for whole products.")
    kind: ArticleKind
    name: str
    variant: str = ""
    gtin: str = ""
    price: Amount | None = None
    tax_category: str = ""
    stock_managed: bool = True
    backorder: bool = Field(default=False, description="May be sold beyond stock.")
    preorder: bool = Field(default=False, description="May be ordered before it is there for the first time.")
    available_on: date | None = Field(default=None, description="The day it is expected, if it can be pre-ordered.")
    published: bool = True
    shop_quantity: Decimal = Field(default=Decimal(0), description="Stock the channel shows, pieces.")
    components: tuple[Component, ...] = ()
    category: str = Field(default="", description="Where the channel files it, e.g. 'Rings > Gold'.")
