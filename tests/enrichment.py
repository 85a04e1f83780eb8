"""A maker's sources and a shop that shows content, as plain objects: enrichment's steps without any network."""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivery, deliver_all
from blocks.database.engine import Database
from blocks.documents.product_content import ContentChange, ShownContent, key_of
from blocks.documents.product_data import ProductAttribute, ProductData, SourceKind
from blocks.systems.answers import Answer, Done
from tasks.manufacturer_enrichment import delivering, proposing, rulebooks, taking
from tasks.manufacturer_enrichment.proposing import Proposed
from tasks.manufacturer_enrichment.taking import From

ACTOR = Actor(process="manufacturer_enrichment", run_id="run-1")
SHOP = "smartstore-shop/berlin"
API, SITE = "manufacturer-api/acme", "manufacturer-site/acme"
_inbox = itertools.count(1)


@dataclass
class Thing:
    """A content that a source offers."""

    address: str
    products: Sequence[ProductData]
    kind: SourceKind | None = SourceKind.PAGE
    language: str = "de"
    licence: str = ""
    parent: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    fetched_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    broken: Exception | None = None
    reads: int = 0
    inbox_id: int = field(default_factory=lambda: next(_inbox))

    @property
    def sha256(self) -> str:
        """Return the digest of what it says."""
        said = "".join(product.canonical_text() for product in self.products)
        return hashlib.sha256(f"{self.address}{said}".encode()).hexdigest()

    def read(self) -> Iterable[ProductData]:
        """Yield its products, or break."""
        self.reads += 1
        yield from self.products
        if self.broken:
            raise self.broken


def product(attributes: Mapping[str, str] = {}, **named: Any) -> ProductData:
    """Return product data with attributes as printed."""
    return ProductData(
        attributes=tuple(ProductAttribute(name=name, value=value) for name, value in attributes.items()), **named
    )


@dataclass
class ContentShop:
    """A shop that shows what it is told, counts its writes, and where people write too."""

    shows: dict[str, dict[str, str]] = field(default_factory=dict)
    writes: list[ContentChange] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def content(self, product_ids: Sequence[str], variant_ids: Sequence[str] = ()) -> dict[str, ShownContent]:  # noqa: ARG002 - it has none
        """Return what it shows."""
        return {
            number: ShownContent(product_id=number, values=dict(self.shows.get(number, {}))) for number in product_ids
        }

    def write_content(self, changes: Sequence[ContentChange]) -> list[Answer]:
        """Compare and set."""
        self.before()
        return [self._write(change) for change in changes]

    def _write(self, change: ContentChange) -> Answer:
        values = self.shows.setdefault(change.product_id, {})
        key = key_of(change.field, change.language if change.language != "de" else "")
        now = values.get(key, "")
        if now == change.new:
            return Done(change.key, adopted=True)
        if now != change.old:
            return Done(change.key, {"kept": now})
        values[key] = change.new
        self.writes.append(change)
        return Done(change.key)


@dataclass
class World:
    """A database with articles, a shop and its sources."""

    database: Database
    shop: ContentShop = field(default_factory=ContentShop)
    category: str = "Lampen"
    permits: Callable[[str], bool] = lambda _source: False

    def articles(self, *rows: tuple[str, str], channel: str = "berlin") -> None:
        """Write articles, each a SKU and its GTIN; the shop knows each by its SKU."""
        with self.database.audited(ACTOR) as (connection, trail):
            for sku, gtin in rows:
                connection.execute(
                    "INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin,"
                    " tax_category, stock_managed, in_erp, published, content_hash, category)"
                    " VALUES (%s, %s, %s, '', 'simple', %s, '', %s, '', true, true, true, '', %s)",
                    (channel, sku, sku, sku, gtin, self.category),
                )
            touched = [("article", f"{channel}:{sku}") for sku, _ in rows]
            trail.add("article.changed", f"source/{channel}", touched)

    def take(self, source: str, *things: Thing, **named: Any) -> taking.Delivery:
        """Take in what a source offers."""
        with self.database.connect() as connection:
            books = rulebooks.in_force(connection)
        origin = From("berlin", source, maker="Acme", **named)
        return taking.take_in(self.database, ACTOR, origin, things, books)

    def look_up(self) -> int:
        """Look up what the shop says of its articles' makers."""
        return proposing.recognise(self.database, ACTOR, proposing.Shop(SHOP, "berlin", self.shop))

    def propose(self, *, everything: bool = False) -> Proposed:
        """Decide on what came."""
        with self.database.connect() as connection:
            books = rulebooks.in_force(connection)
        shop = proposing.Shop(SHOP, "berlin", self.shop, permits=self.permits)
        return proposing.propose(self.database, ACTOR, shop, books, everything=everything)

    def deliver(self) -> int:
        """Tell the shop; returns how many of its values were written."""
        before = len(self.shop.writes)
        calls = {delivering.KIND: lambda database, claimed: delivering.tell_to(database, claimed, self.shop)}
        delivery = Delivery(
            process=delivering.PROCESS, calls=calls, names=delivering.DELIVERIES.names, per_call={},
            book=delivering.book, in_bulk=(delivering.KIND,),
        )  # fmt: skip
        deliver_all(delivery, self.database, ACTOR, lease=5.0, patience=0, log=lambda _text: None)
        return len(self.shop.writes) - before
