"""The form of the order desk: what a person types, how strictly, and what of it is personal.

Whatever can be wrong with a field is said by its pattern, so that Prefect's server refuses the form before it keeps
anything of it; no text takes a run of digits that could be a card number.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import connection, in_reading_order

NO_CARD = r"^(?![\s\S]*[0-9](?:[ .\u00a0-]{0,2}[0-9]){12})[\s\S]*$"
"""Matches every text without a run of 13 digits, grouped or not: as many as the shortest card number has."""
NO_LONGER_THAN_A_GTIN = NO_CARD.replace("{12}", "{14}")
"""For article numbers, which are often GTINs of up to 14 digits; today's card numbers have more."""
_STRICT = ConfigDict(
    frozen=True,
    extra="forbid",
    regex_engine="python-re",
    coerce_numbers_to_str=True,
    json_schema_extra=in_reading_order,
)

Text = Annotated[str, Field(max_length=200, pattern=NO_CARD)]
Letters = Annotated[str, Field(max_length=2000, pattern=NO_CARD)]
Phone = Annotated[str, Field(pattern=r"^([+0(][0-9 ()/.-]{0,24})?$")]
"""Begins as phone numbers do and card numbers don't."""


class CustomerKind(StrEnum):
    """Who buys: private customers see prices with tax, businesses without."""

    PRIVATE = "private"
    BUSINESS = "business"


class TypedAddress(BaseModel):
    """An address; all of it may stay empty where it is known already."""

    model_config = _STRICT

    first_name: Text = Field(default="", description="First name.")
    last_name: Text = Field(default="", description="Last name.")
    company: Text = Field(default="", description="Company, if any.")
    street: Text = Field(default="", description="Street with house number.")
    street_extra: Text = Field(default="", description="Floor, building, c/o.")
    postal_code: Text = Field(default="", description="Postal code.")
    city: Text = Field(default="", description="City.")
    country: str = Field(default="DE", pattern="^[A-Z]{2}$", description="Country by its two letters, e.g. DE.")
    email: str = Field(
        default="",
        max_length=254,
        pattern=r"^([^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+)?$",
        description="Mail address the confirmation goes to; empty sends none.",
    )
    phone: Phone = Field(default="", description="Phone number, beginning with + or 0.")


class TypedLine(BaseModel):
    """One article."""

    model_config = _STRICT

    sku: str = Field(
        max_length=100, min_length=1, pattern=NO_LONGER_THAN_A_GTIN, title="SKU", description="The article's number."
    )
    quantity: str = Field(
        default="1",
        pattern=r"^0*[1-9][0-9]{0,6}([.,][0-9]{1,4})?$|^0*[.,](?=[0-9]*[1-9])[0-9]{1,4}$",
        description="Pieces, e.g. 2 or 1,5.",
    )
    agreed_price: str = Field(
        default="",
        pattern=r"^([0-9]{1,7}([.,][0-9]{1,2})?)?$",
        description="Leave empty for the list price. A price agreed instead, per piece, as the customer sees it; the"
        " order then waits until somebody has approved it.",
    )


NOBODY = TypedAddress()


class OrderForm(BaseModel):
    """An order by phone, letter or over the counter. Sending the same form twice makes one order."""

    model_config = _STRICT

    desk: str = Field(
        default="order-desk/phone",
        pattern=connection("desks"),
        description="The desk it came in at: type and name of its block, e.g. order-desk/phone.",
    )
    slip: str = Field(
        default="",
        max_length=40,
        pattern=r"^(?![\s\S]*[0-9](?:[ .-]{0,2}[0-9]){12})([A-Za-z0-9][A-Za-z0-9/_.-]*)?$",
        description="The order's number, if you give it one, e.g. from a slip: the same number is the same order, and"
        " other content under it a change of that order. Empty: SOMS gives it one, the same for the same form and day.",
    )
    lines: list[TypedLine] = Field(
        default_factory=list, max_length=500, description="What is ordered.", json_schema_extra={"minItems": 1}
    )
    kind: CustomerKind = Field(
        default=CustomerKind.PRIVATE,
        title="Customer kind",
        description="Private customers see prices with tax, businesses without.",
    )
    customer_number: str = Field(
        default="",
        max_length=60,
        pattern=NO_CARD,
        description="The number of a customer who has ordered before: name and addresses are then known, and may stay"
        " empty below. Empty for a new customer.",
    )
    billing: TypedAddress = Field(default=NOBODY, description="Who pays; empty for a known customer.")
    shipping: TypedAddress = Field(default=NOBODY, description="Where it goes; empty: to who pays.")
    vat_id: Text = Field(default="", title="VAT id", description="The business's VAT id, if any.")
    payment_method: Text = Field(default="", description="As the desk's block lists it, e.g. invoice.")
    paid: bool = Field(default=False, description="It is paid already, e.g. at the till.")
    shipping_method: Text = Field(
        default="", description="As the desk's block lists it, e.g. parcel; empty: the customer took the goods along."
    )
    purchase_order_number: Text = Field(default="", description="The customer's own number of the order.")
    comment: Letters = Field(default="", description="What the customer wished. Never card or account numbers.")
    erp: str = Field(
        default="tryton-erp/main",
        pattern=connection("erps"),
        title="ERP",
        description="The ERP that gets the sale: type and name of its block, e.g. tryton-erp/main.",
    )
    kept_as: str = Field(
        default="",
        max_length=60,
        description="Leave empty. When SOMS has kept the order it blanks the personal fields above and writes here"
        " what it calls the order.",
    )


PERSONAL = ("billing", "shipping", "vat_id", "purchase_order_number", "comment")
"""Fields of the form that are blanked where Prefect keeps them."""


def blanked(parameters: Mapping[str, Any], kept_as: str) -> dict[str, Any]:
    """Return a run's parameters without anything personal: what is left still says which articles were asked for."""
    request = dict(parameters.get("request") or {})
    known = {name: value for name, value in request.items() if name in OrderForm.model_fields and name not in PERSONAL}
    return {"request": {**known, "kept_as": kept_as}}


def holds_something_personal(parameters: Mapping[str, Any]) -> bool:
    """Return whether a run's parameters still hold what a person typed."""
    request = parameters.get("request") or {}
    return not request.get("kept_as") or any(request.get(name) for name in PERSONAL)
