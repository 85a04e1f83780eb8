"""What a person entered at a desk, with what the desk knew at that moment: the customer and the price list."""

from decimal import Decimal

from pydantic import Field, ValidationError

from blocks.documents.base import Document, Moment
from blocks.documents.money import Amount
from blocks.documents.orders import Quantity
from blocks.documents.parties import Address, Customer
from blocks.errors import Defect, Unreadable


class EnteredLine(Document):
    """One line: an article, pieces, and the agreed price where it isn't the price list's."""

    sku: str
    quantity: Quantity
    price: Amount | None = Field(default=None, ge=0, description="Per piece, as the customer sees it: gross or net.")


class Listed(Document):
    """What the price list says of an article."""

    name: str
    variant: str = ""
    price: Amount | None
    tax_category: str


class Entry(Document):
    """One entered order; ``id`` is what makes it one, however often its form is sent."""

    id: str
    entered_at: Moment
    business: bool
    paid: bool
    handed_over: bool = Field(description="The customer took the goods along: nothing is shipped.")
    customer: Customer
    billing_address: Address | None
    shipping_address: Address | None
    lines: tuple[EnteredLine, ...]
    prices: dict[str, Listed] = Field(description="By SKU, as they stood when the order was entered.")
    payment_method: str
    shipping_method: str
    purchase_order_number: str = ""
    comment: str = ""

    def says_the_same(self, other: "Entry") -> bool:
        """Return whether both were entered alike, whenever that was and whatever the price list said."""
        changing = {"entered_at", "prices"}
        return self.model_dump(exclude=changing) == other.model_dump(exclude=changing)

    def unpriced(self) -> list[tuple[int, str]]:
        """Return number and SKU of the lines that the price list has no price for."""
        listed = {sku for sku, entry in self.prices.items() if entry.price is not None}
        return [(number, line.sku) for number, line in enumerate(self.lines, 1) if line.sku not in listed]


def read_entry(body: bytes) -> Entry:
    """Read one entry.

    Raises:
        Unreadable: With every defect.
    """
    try:
        return Entry.model_validate_json(body)
    except ValidationError as error:
        defects = tuple(
            Defect(
                ".".join(map(str, found["loc"])) or "entry",
                f"It is not usable: {found['msg']}.",
                "Enter the order again under the same number, or correct the field.",
            )
            for found in error.errors(include_url=False, include_input=False)
        )
        raise Unreadable(f"The entry cannot be read: {len(defects)} defect(s).", reasons=defects) from None


def whole(quantity: str) -> Decimal:
    """Return a number as people type it, with a comma or a point, e.g. '2' or '1,5'."""
    return Decimal(quantity.replace(",", "."))
