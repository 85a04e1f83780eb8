"""Product data as one source gives it: what `soms extract` publishes and what enrichment weighs against other sources.

Values stand as printed. What they mean in units, which article they belong to and which of them is believed is decided
later, by the process, from several sources.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urldefrag, urljoin

from pydantic import Field

from blocks.documents.base import Document


class SourceKind(StrEnum):
    """What a file of product data is."""

    PAGE = "page"
    BMECAT = "bmecat"
    PRICE_LIST = "price-list"
    DATASHEET = "datasheet"
    API = "api"


class Readability(StrEnum):
    """How much of a file could be read."""

    READ = "read"
    PARTLY = "partly"
    UNREADABLE = "unreadable"


class Spot(Document):
    """Where a value stands: a selector or path into a page, catalogue or answer; a page and box of a data sheet.

    The box is (left, bottom, right, top) in points from the bottom left of the page, which counts from 1.
    """

    selector: str = Field(default="", max_length=500, description="CSS selector, XPath or JSON path.")
    page: int | None = Field(default=None, ge=1)
    box: tuple[float, float, float, float] | None = None


class ProductAttribute(Document):
    """One feature of a product, as printed.

    ``minimum``, ``typical`` and ``maximum`` only where a sheet prints them as columns of their own.
    """

    name: str = Field(min_length=1)
    value: str = ""
    unit: str = ""
    minimum: str = ""
    typical: str = ""
    maximum: str = ""
    source: str = Field(default="", description="Which reading found it, e.g. 'table', 'json-ld', 'FEATURE'.")
    spot: Spot | None = None


class ProductText(Document):
    """A describing text; ``kind`` is e.g. 'short', 'long', 'keyword'; ``language`` is ISO 639-1, '' where unknown."""

    kind: str
    text: str
    language: str = ""


class ProductMedium(Document):
    """A picture or document that belongs to a product; ``purpose`` is e.g. 'normal', 'thumbnail', 'data_sheet'."""

    address: str = Field(max_length=2000)
    purpose: str = ""
    description: str = ""


def full_address(base: str, address: str) -> str:
    """Return the address of a file as a browser on the page or answer that names it would ask for it."""
    if not base.startswith(("http://", "https://")):
        return address
    try:
        return urldefrag(urljoin(base, address.strip())).url
    except ValueError:
        return address


class ProductData(Document):
    """What one source says of one product; absent values are None."""

    name: str | None = None
    gtin: str | None = Field(default=None, description="As given; whether its check digit holds is judged later.")
    mpn: str | None = Field(default=None, description="The maker's part number.")
    sku: str | None = Field(default=None, description="The seller's number.")
    brand: str | None = None
    price: Decimal | None = None
    currency: str | None = Field(default=None, description="ISO 4217.")
    availability: str | None = Field(default=None, description="Name of schema.org/ItemAvailability, e.g. InStock.")
    supplier_article_id: str | None = None
    attributes: tuple[ProductAttribute, ...] = ()
    texts: tuple[ProductText, ...] = ()
    media: tuple[ProductMedium, ...] = ()
    category: str | None = Field(default=None, description="Where the source files it: path or class code.")
    spots: dict[str, Spot] = Field(default_factory=dict, description="Name of a field above → where it stands.")

    def as_json(self) -> dict[str, Any]:
        """Return the published form: text or None for each value, prices as plain decimals."""
        named = ("name", "gtin", "mpn", "sku", "brand", "currency", "availability", "supplier_article_id")
        return {
            **{field: getattr(self, field) or None for field in named},
            "price": None if self.price is None else f"{self.price:f}",
            "attributes": [_attribute(each) for each in self.attributes],
        }


class ProductFile(Document):
    """What was read of one file; ``findings`` are whole sentences.

    A page or a data sheet gives the one product it is about; a catalogue one per article, in the order of the file.
    """

    file: str
    kind: SourceKind
    verdict: Readability
    products: tuple[ProductData, ...] = ()
    findings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the published form of the report of `soms extract`."""
        return published(self.file, self.kind, self.verdict, self.products, self.findings)


def published(
    file: str, kind: SourceKind, verdict: Readability, products: Iterable[ProductData], findings: Iterable[str]
) -> dict[str, Any]:
    """Return the published form of one file; for catalogues that are read as a stream."""
    return {
        "file": file,
        "kind": str(kind),
        "verdict": str(verdict),
        "products": [product.as_json() for product in products],
        "findings": list(findings),
    }


def _attribute(attribute: ProductAttribute) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "value": attribute.value or None,
        "unit": attribute.unit or None,
        "min": attribute.minimum or None,
        "typ": attribute.typical or None,
        "max": attribute.maximum or None,
        "page": attribute.spot.page if attribute.spot else None,
        "source": attribute.source or None,
    }
