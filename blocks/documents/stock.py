"""Stock: how much of an article lies where, what moves it, what is on its way, and what a shop shows of it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from blocks.documents.base import Document, Moment

MOST_PIECES = 1_000_000_000
"""More pieces than anybody has of an article: a number that was scanned into the wrong field, or a broken sum."""


def _in_ledger_places(quantity: Decimal) -> Decimal:
    """Round to the places the ledger keeps: computed pieces such as a third of a pack have more."""
    return round(quantity, 8)


Pieces = Annotated[
    Decimal, Field(ge=-MOST_PIECES, le=MOST_PIECES, allow_inf_nan=False), AfterValidator(_in_ledger_places)
]
"""What the ledger can hold."""


class StockLevel(Document):
    """Stock of one article at one storage location of one warehouse, in pieces."""

    sku: str
    warehouse: str = Field(description="Warehouse code.")
    location: str = Field(description="Storage location code within the warehouse.")
    on_hand: Pieces
    forecast: Pieces = Field(description="On hand less what confirmed sales will take, plus what is due in.")


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


def _storable(text: str) -> str:
    """Refuse what no database can hold; a code with odd spaces in it is a code all the same."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds letters that no database can keep")
    return text


def _shortened(text: object) -> object:
    """Return what only informs as one printable line, so that no movement is lost for it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300] if isinstance(text, str) else text


Name = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_storable)]
"""A code or an id that the ledger can hold."""
Label = Annotated[str, BeforeValidator(_shortened)]


class StockMovement(Document):
    """One thing that happened to the stock of one article in one warehouse.

    ``quantity`` is signed, in pieces: plus came in, minus went out; of a count it is what was counted.
    """

    event_id: Name = Field(description="Unique at its source; a repeated one is dropped.")
    kind: MovementKind
    sku: Name
    warehouse: Name
    location: Label = ""
    quantity: Pieces
    happened_at: Moment
    document: Label = Field(default="", description="Number of the receipt, shipment or slip it stands on.")
    sale: Label = Field(
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
