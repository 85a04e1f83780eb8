"""Stock: how much of an article lies where."""

from decimal import Decimal

from pydantic import Field

from blocks.documents.base import Document


class StockLevel(Document):
    """Stock of one article at one storage location of one warehouse, in pieces."""

    sku: str
    warehouse: str = Field(description="Warehouse code.")
    location: str = Field(description="Storage location code within the warehouse.")
    on_hand: Decimal
    forecast: Decimal = Field(description="On hand less what confirmed sales will take, plus what is due in.")
