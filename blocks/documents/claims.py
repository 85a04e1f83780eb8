"""Claims: what one source says of one attribute of one article, with the place it stands at and how sure that is."""

import hashlib
from decimal import Decimal
from typing import Any

from pydantic import Field

from blocks.documents.base import Document, Moment, canonical_json
from blocks.documents.product_data import SourceKind, Spot

UNMAPPED = "?"
"""Stands before the printed name of an attribute that no schema knows."""
LONGEST_VALUE = 20_000


class Origin(Document):
    """Where bytes with product data came from, and what may be done with what they say."""

    source: str = Field(description="Name of the connected source, e.g. 'manufacturer-api/acme'.")
    address: str = Field(default="", description="URL, or path within a folder.")
    kind: SourceKind | None = None
    sha256: str = Field(default="", description="Of the bytes as they came; they are kept in the inbox.")
    fetched_at: Moment
    licence: str = Field(default="", description="Under which terms the maker lets it be used.")
    language: str = Field(default="", description="ISO 639-1; '' where unknown.")


class Claim(Document):
    """What a source says of one attribute of one article.

    ``value`` stands as printed, with its unit. ``normalised`` is what it means: a plain decimal in ``unit``, a range as
    '10..35', an allowed value, 'true' or 'false', or the text itself; '' where that cannot be told, and ``doubt`` says
    why in a sentence.
    """

    article: str = Field(description="SKU of our article.")
    attribute: str = Field(max_length=300, description="Feature of the schema; '?' and the printed name if unmapped.")
    language: str = Field(default="", description="ISO 639-1 of a text; '' for what is the same in all languages.")
    value: str = Field(max_length=LONGEST_VALUE)
    normalised: str = Field(default="", max_length=LONGEST_VALUE)
    unit: str = ""
    confidence: Decimal = Field(ge=0, le=1)
    doubt: str = ""
    origin: Origin
    spot: Spot | None = None

    @property
    def is_mapped(self) -> bool:
        """Return whether a schema knows the attribute."""
        return not self.attribute.startswith(UNMAPPED)

    @property
    def usable(self) -> bool:
        """Return whether the claim can be believed at all."""
        return self.is_mapped and bool(self.normalised)

    def place(self) -> dict[str, Any]:
        """Return where the value stands: address, and selector, or page and box."""
        spot = {} if self.spot is None else self.spot.model_dump(exclude_none=True, exclude_defaults=True)
        return {"address": self.origin.address, **spot}

    def claim_hash(self) -> str:
        """Return a hash of what is claimed: the same words mean the same claim, wherever on a page they stand."""
        said = canonical_json([self.value, self.normalised, self.unit])
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]

    def sentence(self) -> str:
        """Return the claim in words, e.g. '"1,5 kg" by manufacturer-site/acme'."""
        return f'"{self.value}" by {self.origin.source}'
