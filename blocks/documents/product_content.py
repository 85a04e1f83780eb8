"""What a shop shows of its products, and the changes of it that enrichment asks for, each undoable."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from blocks.documents.base import Document

PROPERTIES = (
    "name", "short_description", "full_description", "gtin", "mpn", "manufacturer",
    "weight", "length", "width", "height",
)  # fmt: skip
"""Fields that are a product's own: weight in grams, lengths in millimetres, as plain decimals."""
FEATURE = "feature:"
"""Before the id of a feature: a specification attribute, e.g. 'feature:rated_voltage'."""
MEDIUM = "medium:"
"""Before the purpose of a picture or document, whose value is the address of the file; before the sha256 of one that
a shop shows."""


class ShownContent(Document):
    """What a shop shows of one product: field → value as the shop has it, '' where it shows none.

    Texts in other languages than the shop's own stand as 'field@language'.
    """

    product_id: str
    values: dict[str, str] = Field(default_factory=dict)
    partial: bool = Field(default=False, description="Fields that are not named cannot be told: they are a product's.")

    def shows(self, field: str, language: str = "") -> str | None:
        """Return what the shop shows of a field, or None where it does not say."""
        return self.values.get(key_of(field, language))


class ContentChange(Document):
    """One value of one product that a shop shall show instead of another.

    It is made only where the shop still shows ``old``: what a person wrote meanwhile stays, and the answer says so
    (``Done`` with ``facts["kept"]``, what the shop shows). Where the shop shows ``new`` already, it is done.
    """

    key: str = Field(description="Names this change for good, e.g. 'product_change/17'.")
    article: str = Field(description="SKU of our article.")
    product_id: str = Field(description="The shop's id of the product.")
    variant_id: str = Field(default="", description="The shop's id of the variant; '' for whole products.")
    field: str = Field(description="One of PROPERTIES, 'feature:<id>' or 'medium:<purpose>'.")
    label: str = Field(default="", description="What a customer reads as the feature's name.")
    old: str = Field(default="", description="What the shop showed when this was decided; '' for nothing.")
    new: str = Field(default="", description="What it shall show; '' takes the value away.")
    number: Decimal | None = Field(default=None, description="The value as a number, where it is one, in ``unit``.")
    unit: str = Field(default="", description="Of ``number``; '' for none.")
    language: str = Field(default="", description="ISO 639-1 of a text; '' for the shop's own.")
    reason: str = Field(default="", description="Why, in a sentence.")


class MediumChange(Document):
    """A picture or document that one product shall show from now on, or no longer.

    What a person has put there stays: where the product shows the same bytes already under a person's name, the answer
    says so (``Done`` with ``facts["kept"]``); and only what SOMS itself has put there is taken away.
    """

    key: str = Field(description="Names this change for good, e.g. 'product_change/17'.")
    article: str = Field(description="SKU of our article.")
    product_id: str = Field(description="The shop's id of the product.")
    variant_id: str = Field(default="", description="The shop's id of the variant; '' for whole products.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of the file's bytes, which name it in the shop.")
    shown: bool = Field(description="Whether the product shall show it.")
    kind: Literal["picture", "document"] = "picture"
    extension: str = Field(default="", pattern="^[a-z0-9]{0,5}$", description="By its bytes, e.g. 'png'.")
    content_type: str = Field(default="", description="By its bytes, e.g. 'image/png'.")
    body: bytes = Field(default=b"", repr=False, description="The file itself; nothing to take one away.")


def shown_key(product_id: str, variant_id: str = "") -> str:
    """Return what a product or one of its variants stands by in what a shop shows."""
    return f"{product_id}/{variant_id}" if variant_id else product_id


def key_of(field: str, language: str = "") -> str:
    """Return the key of a field's value in a language, e.g. 'name@en'."""
    return f"{field}@{language}" if language else field
