"""Purchases: what is asked of an ERP so that an article is bought, and what it answered."""

from datetime import date

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.orders import Quantity


class PurchaseRequest(Document):
    """Pieces of one article to be bought for one warehouse; ``reference`` is the key it is looked up by."""

    reference: str = Field(min_length=1, max_length=80, description="Ours and unique, e.g. SOMS-purchase-17.")
    sku: str = Field(min_length=1)
    warehouse: str = Field(min_length=1, description="Code of the warehouse it is bought for.")
    quantity: Quantity = Field(description="Pieces; whole packs of the supplier, and no less than they sell.")
    supplier: str = Field(default="", description="Code of the party; empty: whom the ERP has for the article.")
    needed_on: date | None = Field(default=None, description="Day by which it should be there.")
    comment: str = Field(default="", max_length=500, description="Why, in a sentence; no personal data.")
