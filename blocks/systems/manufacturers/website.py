"""A manufacturer's web site: product pages by sitemap, by article or by list, and the data sheets they link to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from urllib.parse import quote

from pydantic import Field, field_validator, model_validator

from blocks.database.fetched import Known, Target
from blocks.database.product_contents import Thing
from blocks.documents.product_data import ProductData, ProductMedium, SourceKind
from blocks.errors import Unreadable
from blocks.standards.product_data.media.judging import judge
from blocks.systems.manufacturers.contract import Offer, Wanted
from blocks.systems.manufacturers.fetching import Answer
from blocks.systems.manufacturers.product_files import products_in
from blocks.systems.manufacturers.sitemaps import addresses_in, links_in
from blocks.systems.manufacturers.visiting import MEDIA_TYPES, Visited

_SLOT = re.compile(r"\{(gtin|mpn|sku)\}")
_ACCEPTED = {
    "index": (
        "application/xml",
        "text/xml",
        "text/plain",
        "application/gzip",
        "application/x-gzip",
        "application/octet",
    ),
    "sheet": ("application/pdf", "application/octet-stream", "application/x-pdf"),
    "medium": MEDIA_TYPES,
    "page": ("text/", "application/"),
}


class ManufacturerSite(Visited):
    """A manufacturer's web site, visited as its robots.txt allows, page by page and only for what changed.

    Name its sitemap, an address that article numbers are put into, or single addresses: product pages, but also
    catalogues or price lists that lie at a fixed address.

    Example:
        >>> site = ManufacturerSite.load("nordlicht")
    """

    _block_type_name = "Manufacturer Web Site"
    _block_type_slug = "manufacturer-site"
    _description = (
        "A manufacturer's web site: product pages by sitemap, article number or list, and linked data sheets."
    )

    sitemap: str = Field(
        default="", description="Address of the sitemap or sitemap index, e.g. https://www.example.com/sitemap.xml."
    )
    page_pattern: str = Field(
        default="",
        max_length=500,
        description="Of the sitemap's addresses, take those in which this regular expression is found, e.g."
        " /produkte/. Empty: all.",
    )
    article_address: str = Field(
        default="",
        description="Address of an article's page with {gtin}, {mpn} or {sku} in it, e.g."
        " https://www.example.com/p/{mpn}.",
    )
    pages: list[str] = Field(
        default_factory=list, description="Single addresses of product pages, catalogues, price lists or data sheets."
    )
    document_pattern: str = Field(
        default=r"\.pdf($|\?)",
        max_length=500,
        description="Of a page's links, fetch those in which this regular expression is found. Empty: none.",
    )
    documents_each: int = Field(default=3, ge=0, le=50, description="Fetch at most so many documents of one page.")

    @field_validator("page_pattern", "document_pattern")
    @classmethod
    def _is_an_expression(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError("is no regular expression") from error
        return pattern

    @model_validator(mode="after")
    def _hangs_together(self) -> "ManufacturerSite":
        addresses = list(self.own_addresses())
        if not addresses:
            raise ValueError("a sitemap, an address for articles or single pages are needed")
        if not all(address.startswith(("https://", "http://")) for address in addresses):
            raise ValueError("addresses begin with https:// or http://")
        if self.article_address and not _SLOT.search(self.article_address):
            raise ValueError("the address for articles needs {gtin}, {mpn} or {sku} in it")
        return self

    @property
    def offer(self) -> Offer:
        """Return what this source can deliver."""
        kinds = {SourceKind.PAGE} | ({SourceKind.DATASHEET} if self.document_pattern else set())
        return Offer(frozenset(kinds), by_article=bool(self.article_address))

    def own_addresses(self) -> Iterable[str]:
        """Yield addresses of the settings: their hosts may be asked."""
        return filter(None, (self.sitemap, self.article_address, *self.pages))

    def roots(self, wanted: Sequence[Wanted]) -> Iterator[Target]:
        """Yield where to begin: asked for single articles, only their pages where those have addresses."""
        if self.article_address:
            for article in wanted:
                if address := address_of(self.article_address, article):
                    yield Target(address, "page", 1, about=known_of(article))
            if wanted:
                return
        if self.sitemap:
            yield Target(self.sitemap, "index", 0)
        for address in self.pages:
            yield Target(address, "page", 1)

    def accepts(self, role: str) -> tuple[str, ...]:
        """Return the media types that can be meant."""
        return _ACCEPTED.get(role, _ACCEPTED["index"])

    def found(self, known: Known, answer: Answer) -> Iterator[Target]:
        """Yield what a sitemap lists, or which documents a page links to."""
        if known.role in ("index", "sitemap"):
            wanted = re.compile(self.page_pattern)
            for deeper, address in addresses_in(answer.body):
                if not deeper and wanted.search(address):
                    yield Target(address, "page", 1, parent=known.url)
                elif deeper and known.role == "index":
                    yield Target(address, "sitemap", 0, parent=known.url)
        elif known.role == "medium":
            judge(answer.body)
        elif known.role == "page" and "html" in answer.content_type.lower():
            yield from self._documents(known, answer)
            yield from self._pictures(known, answer)

    def _documents(self, known: Known, answer: Answer) -> Iterator[Target]:
        if self.document_pattern:
            wanted, allowed = re.compile(self.document_pattern), self.addresses()
            links = (link for link in links_in(answer.body, answer.url) if wanted.search(link))
            for link in islice((link for link in links if not allowed.objection(link)), self.documents_each):
                yield Target(link, "sheet", 2, parent=known.url, about=known.about)

    def _pictures(self, known: Known, answer: Answer) -> Iterator[Target]:
        """Yield the pictures that a page shows of its product; a page that cannot be read shows none."""
        if self.shows_media:
            page = Thing(0, known.url, known.role, answer.content_type, answer.body, known.about)
            with suppress(Unreadable):
                yield from self.media(list(products_in(page)), known)

    def read(self, thing: Thing) -> Iterable[ProductData]:
        """Yield the products of one page, document or catalogue; a data sheet is itself one of their documents."""
        for product in products_in(thing):
            if thing.role == "sheet" and self.shows_media:
                medium = ProductMedium(address=thing.url[:2000], purpose="data_sheet")
                yield product.model_copy(update={"media": (*product.media, medium)})
            else:
                yield product


def address_of(template: str, article: Wanted) -> str:
    """Return an article's address; empty where it lacks a number that the address needs."""
    numbers = {"gtin": article.gtin, "mpn": article.mpn, "sku": article.sku}
    if any(not numbers[slot] for slot in _SLOT.findall(template)):
        return ""
    return _SLOT.sub(lambda match: quote(numbers[match[1]], safe=""), template)


def known_of(article: Wanted) -> dict[str, str]:
    """Return what was asked for, as the source of an address knows it."""
    named = {"gtin": article.gtin, "mpn": article.mpn, "sku": article.sku, "brand": article.brand}
    return {name: value for name, value in named.items() if value}
