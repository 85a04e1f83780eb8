"""What one row of a till's file says of stock."""

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from blocks.documents.base import Document, Moment


class RowKind(StrEnum):
    """What a row of a till's file tells."""

    SALE = "sale"
    RETURN = "return"
    VOID = "void"
    COUNT = "count"
    DELIVERY = "delivery"
    ADJUSTMENT = "adjustment"


class TillRow(Document):
    """One row as a till's file says it; ``quantity`` in pieces: plus came in, minus went out, of a count what is there.

    A void without article takes back the whole slip it names.
    """

    kind: RowKind
    slip: str = Field(default="", description="Number of the slip, delivery note or count.")
    voids: str = Field(default="", description="Number of the slip that a void takes back.")
    sku: str = ""
    gtin: str = ""
    quantity: Decimal | None = None
    warehouse: str = Field(default="", description="The store, as the file calls it.")
    location: str = ""
    happened_at: Moment
    whole: bool = Field(default=False, description="Whether it is part of a count of everything that is there.")
    adds_up: bool = Field(default=False, description="Whether an article that stands again in a count is added up.")

    @property
    def takes_back_all(self) -> bool:
        """Return whether the row voids a slip as a whole."""
        return self.kind is RowKind.VOID and not self.sku and not self.gtin
