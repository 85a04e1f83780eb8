"""Stock: how much of an article lies where, what moves it, what is on its way, and what a shop shows of it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document, Moment


class StockLevel(Document):
    """Stock of one article at one storage location of one warehouse, in pieces."""

    sku: str
    warehouse: str = Field(description="Warehouse code.")
    location: str = Field(description="Storage location code within the warehouse.")
    on_hand: Decimal
    forecast: Decimal = Field(description="On hand less what confirmed sales will take, plus what is due in.")


class MovementKind(StrEnum):
    """What happened to stock."""

    OPENING = "opening"
    COUNT = "count"
    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    SALE = "sale"
    RETURN = "return"
    VOID = "void"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"


class StockMovement(Document):
    """One thing that happened to the stock of one article in one warehouse.

    ``quantity`` is signed, in pieces: plus came in, minus went out; of a count it is what was counted.
    """

    event_id: str = Field(min_length=1, max_length=300, description="Unique at its source; a repeated one is dropped.")
    kind: MovementKind
    sku: str = Field(min_length=1)
    warehouse: str = Field(min_length=1)
    location: str = ""
    quantity: Decimal
    happened_at: Moment
    document: str = Field(default="", description="Number of the receipt, shipment or slip it stands on.")
    sale: str = Field(
        default="", description="Our reference of the sale it ships or takes back, e.g. SOMS-berlin-4711."
    )


class GoodsDue(Document):
    """Pieces of one article that are on their way to a warehouse."""

    document: str = Field(description="Number of the purchase or transfer.")
    warehouse: str
    sku: str
    quantity: Decimal = Field(gt=0)
    due_on: date | None = None


class ShownArticle(Document):
    """What a shop shows of one article right now."""

    sku: str
    product_id: str
    variant_id: str = Field(default="", description="Id of the variant combination; empty for a product.")
    kind: str = Field(default="simple", description="As in Article: simple, variant, bundle …")
    quantity: Decimal
    visible: bool
    own_rule: str = Field(default="", description="What the shop itself does at low stock: '', 'unpublish', 'disable'.")
    changed_at: Moment | None = Field(default=None, description="When the shop last changed it, where it says so.")


class ListingChange(Document):
    """What a shop shall show of one article; None leaves a part as it is."""

    sku: str
    product_id: str
    variant_id: str = ""
    quantity: Decimal | None = None
    visible: bool | None = None
    expected_visible: bool | None = Field(
        default=None,
        description="How it was left; where the shop shows otherwise somebody else changed it, and it is left alone.",
    )
    expected_quantity: Decimal | None = Field(
        default=None,
        description="What was left; where the shop has lost it all meanwhile, nobody decided on its being hidden.",
    )
