"""How a manufacturer's API is spoken to and what its answers mean, as data. Pure."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from blocks.systems.manufacturers.json_paths import is_path


def _checked(path: str) -> str:
    if not is_path(path):
        raise ValueError("is no path such as data.items[], ids[type=gtin].value or prices[0].amount")
    return path


JsonPath = Annotated[str, Field(max_length=300), AfterValidator(_checked)]


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Paging(_Described):
    """How the next part of a list is asked for."""

    by: Literal["none", "page", "offset", "cursor", "link"] = Field(
        default="none",
        description="'page' counts pages, 'offset' counts entries, 'cursor' takes a token or address from the answer,"
        " 'link' follows the header Link with rel=next (RFC 8288).",
    )
    parameter: str = Field(default="page", description="Query parameter that holds page, offset or cursor.")
    size_parameter: str = Field(default="", description="Query parameter that holds how many entries one part has.")
    size: int = Field(default=100, ge=1, le=10_000, description="Entries of one part.")
    first: int = Field(default=1, ge=0, description="Number of the first page; for 'offset' usually 0.")
    cursor_at: JsonPath = Field(default="", description="Where the answer holds the next cursor or address.")
    total_at: JsonPath = Field(
        default="", description="Where the answer holds the number of all entries: parts are then asked for at once."
    )
    most: int = Field(default=5000, ge=1, le=100_000, description="Ask for no more parts than this.")

    @model_validator(mode="after")
    def _hangs_together(self) -> "Paging":
        if self.by == "cursor" and not self.cursor_at:
            raise ValueError("paging by cursor needs to know where the answer holds the next one")
        return self


class AttributeShape(_Described):
    """Where an entry holds its features: a list of entries, or a mapping from name to value."""

    at: JsonPath = Field(description="Where the list or the mapping is, e.g. technicalData.")
    form: Literal["list", "mapping"] = Field(default="list", description="How the features are written.")
    name: JsonPath = Field(default="name", description="In an entry of the list: the feature's name.")
    value: JsonPath = Field(default="value", description="In an entry: its value; in a mapping: below the name.")
    unit: JsonPath = Field(default="unit", description="In an entry: its unit; in a mapping: below the name.")


class TextShape(_Described):
    """Where an entry holds a describing text: a text, or texts by language."""

    at: JsonPath = Field(description="Where the text is, e.g. marketing.long.")
    kind: str = Field(default="long", description="What it is: short, long, keyword.")
    language: str = Field(default="", pattern=r"^([a-z]{2})?$", description="Its language; empty: the connection's.")


class MediumShape(_Described):
    """Where an entry names pictures or documents."""

    at: JsonPath = Field(description="Where the entries or addresses are, e.g. media[] or documents[type=sheet].")
    address: JsonPath = Field(default="", description="In an entry: its address. Empty: the entry is the address.")
    purpose: str = Field(default="normal", description="What they are for: normal, thumbnail, data_sheet.")
    fetched: bool = Field(default=False, description="Fetch them too, to be read as data sheets.")


class ItemShape(_Described):
    """Where one product's values stand in its entry."""

    gtin: JsonPath = Field(default="", description="GTIN or EAN.")
    mpn: JsonPath = Field(default="", description="The maker's part number.")
    sku: JsonPath = Field(default="", description="The seller's number.")
    name: JsonPath = Field(default="", description="Name of the product.")
    brand: JsonPath = Field(default="", description="Brand. Empty: the connection's manufacturer.")
    price: JsonPath = Field(default="", description="Price.")
    currency: JsonPath = Field(default="", description="Currency of the price.")
    availability: JsonPath = Field(default="", description="Availability, as schema.org names it.")
    category: JsonPath = Field(default="", description="Category: path or class code.")
    attributes: tuple[AttributeShape, ...] = Field(default=(), description="Features.")
    texts: tuple[TextShape, ...] = Field(default=(), description="Describing texts.")
    media: tuple[MediumShape, ...] = Field(default=(), description="Pictures and documents.")

    @model_validator(mode="after")
    def _knows_products_apart(self) -> "ItemShape":
        if not (self.gtin or self.mpn or self.sku):
            raise ValueError("names where GTIN, part number or SKU stand: products cannot be told apart otherwise")
        return self
