"""Takes in what one source gives: read, recognised, understood, judged as a whole, and only then believed.

One transaction per source: a run that is killed has taken in a source or has not, and the next run ends as if nothing
had happened. Products stream through temporary tables, so memory stays flat but for a few words per product.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

from blocks.database import inbox, product_deliveries, product_sources, quality_results
from blocks.database.product_sources import Arriving, Before, Taken
from blocks.documents.claims import Claim, Origin
from blocks.documents.product_data import ProductData, SourceKind
from blocks.documents.verdicts import QualityFinding
from blocks.errors import TryAgainLater, Unreadable
from blocks.quality import judge, stopped_by
from tasks.manufacturer_enrichment import expectations
from tasks.manufacturer_enrichment.expectations import Seen
from tasks.manufacturer_enrichment.matching import Articles, Known, Match, State, as_told, identity
from tasks.manufacturer_enrichment.normalising import Manner
from tasks.manufacturer_enrichment.rulebooks import Books
from tasks.manufacturer_enrichment.understanding import claims, manner_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection

BATCH = 500
PEEKED = 200
"""Products of a file from which its decimal mark is told."""
MOST_NAMED = 20


class Audits(Protocol):
    """A database, or a rehearsal of one that keeps nothing."""

    def audited(self, actor: "Actor") -> "AbstractContextManager[tuple[Connection, Trail]]": ...  # noqa: D102
    def connect(self) -> "AbstractContextManager[Connection]": ...  # noqa: D102


class Thing(Protocol):
    """A content that a source offers now, and how to read it."""

    address: str
    kind: SourceKind | None
    sha256: str
    fetched_at: datetime
    licence: str
    language: str
    inbox_id: int
    parent: str
    about: Mapping[str, str]
    read: "Callable[[], Iterable[ProductData]]"


@dataclass(frozen=True, slots=True)
class From:
    """Whose product data comes, for which channel; ``partial`` where only some articles were asked for."""

    channel: str
    source: str
    maker: str = ""
    partial: bool = False
    only: frozenset[str] = frozenset()
    """SKUs that are meant; empty for all."""


@dataclass(slots=True)
class Delivery:
    """What became of one source's delivery."""

    source: str
    things: int = 0
    unchanged: int = 0
    products: int = 0
    matched: int = 0
    ambiguous: int = 0
    unknown: int = 0
    duplicates: int = 0
    unreadable: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    findings: tuple[QualityFinding, ...] = ()
    stopped: str = ""
    taken: Taken = field(default_factory=Taken)


def take_in(database: "Audits", actor: "Actor", origin: From, things: Iterable[Thing], books: Books) -> Delivery:
    """Take in a source's delivery, all or nothing; what the gate stops is noted and waits for a person.

    Raises:
        TryAgainLater: A person has decided on one of its products meanwhile.
    """
    with database.audited(actor) as (connection, trail):
        intake = _Intake(connection, origin, books)
        product_sources.open_delivery(connection)
        for thing in things:
            intake.take(thing)
        intake.flush()
        product_sources.hold_channel(connection, origin.channel)
        delivery = intake.delivery
        if intake.decided != product_sources.decided(connection, channel=origin.channel, source=origin.source):
            raise TryAgainLater(f"A person has decided on a product of {origin.source} meanwhile.")
        delivery.findings, delivery.stopped = _judged(connection, origin, intake)
        if not origin.partial:
            number = product_deliveries.note_delivery(
                connection, trail, channel=origin.channel, source=origin.source, products=delivery.products,
                matched=delivery.matched, why=delivery.stopped,
            )  # fmt: skip
            batch = f"product_delivery/{number}/{trail.actor.run_id}"
            quality_results.keep(connection, trail, batch=batch, suite=expectations.SUITE, findings=delivery.findings)
        if not delivery.stopped:
            delivery.taken = product_sources.merge(
                connection, trail, channel=origin.channel, source=origin.source, read_by=intake.read_by,
                partial=origin.partial,
            )  # fmt: skip
            intake.settle_inbox()
            if intake.settled:
                touched = [("inbox", number) for number in intake.settled]
                trail.add("product_data.read", f"source/{origin.source}", touched, {"contents": len(touched)})
        product_sources.close_delivery(connection)
    return delivery


def _judged(connection: "Connection", origin: From, intake: "_Intake") -> tuple[tuple[QualityFinding, ...], str]:
    """Return the gate's findings and, in sentences, why the delivery is stopped; '' where it may come in."""
    delivery = intake.delivery
    last = None
    if not origin.partial:
        last = product_deliveries.last_size(connection, channel=origin.channel, source=origin.source)
    changing = product_sources.changing(connection, channel=origin.channel, source=origin.source)
    suite = expectations.suite({each.category for each in intake.seen}, last)
    findings = judge(suite, expectations.rows(intake.seen, changing))
    reasons = [finding.text for finding in stopped_by(findings)]
    if not delivery.products and last is not None and last > expectations.SMALL:
        reasons.append(f"The source gives nothing at all; last time there were {last} products.")
    if len(delivery.unreadable) > max(delivery.things - delivery.unchanged, 1) / 2 and delivery.things > 1:
        reasons.append(f"{len(delivery.unreadable)} of {delivery.things} contents cannot be read.")
    if reasons and product_deliveries.is_released(
        connection, channel=origin.channel, source=origin.source, products=delivery.products
    ):
        return findings, ""
    return findings, " ".join(f"Not so: {reason}" for reason in reasons)


class _Intake:
    """One delivery on its way into the temporary tables."""

    def __init__(self, connection: "Connection", origin: From, books: Books) -> None:
        self.origin, self.books, self._connection = origin, books, connection
        known = list(_known(connection, origin.channel))
        self.read_by = f"{books.read_by}/{hashlib.sha256(repr(known).encode()).hexdigest()[:16]}"
        self._before = product_sources.read_before(
            connection, channel=origin.channel, source=origin.source, read_by=self.read_by
        )
        self.decided = product_sources.decided(connection, channel=origin.channel, source=origin.source)
        self._articles = Articles.of(known, books.matching)
        self.delivery, self.seen, self.settled = Delivery(origin.source), list[Seen](), dict[int, str]()
        self._taken: dict[str, str] = {sku: key for key, (state, sku) in self.decided.items() if state == "matched"}
        self._by_key: dict[str, str] = {}
        self._by_address: dict[str, tuple[str, str]] = {}
        self._products: list[tuple[int, Arriving]] = []
        self._claims: list[tuple[int, Claim]] = []
        self._standing: set[str] = set()
        self._here: set[str] = set()
        self._now = datetime.now(UTC)

    def take(self, thing: Thing) -> None:
        """Read one content, unless the same bytes were read before."""
        self.delivery.things += 1
        before = self._before.get(thing.sha256)
        if before is not None:
            self._stand(thing, before)
            return
        origin = Origin(
            source=self.origin.source, address=thing.address, kind=thing.kind, sha256=thing.sha256,
            fetched_at=thing.fetched_at, licence=thing.licence, language=thing.language,
        )  # fmt: skip
        try:
            products = iter(thing.read())
            head = list(islice(products, PEEKED))
            self._here = set()
            manner = manner_of(head, thing.language)
            for product in chain(head, products):
                self._add(_complete(product, thing.about), origin, manner, thing)
        except Unreadable as error:
            self.delivery.unreadable.append(f"{thing.address}: {error}"[:500])
            self.settled[thing.inbox_id] = "put_aside"
            return
        self.settled[thing.inbox_id] = "accepted"

    def _stand(self, thing: Thing, before: Before) -> None:
        self.delivery.unchanged += 1
        if thing.sha256 not in self._standing:
            self._standing.add(thing.sha256)
            for key, sku in zip(before.keys, before.skus, strict=False):
                if key not in self._by_key:
                    self.delivery.products += 1
                    self.delivery.matched += bool(sku)
                    self.seen.append(Seen(key))
                    self._by_key[key] = sku
                if sku:
                    self._taken.setdefault(sku, key)
        if len(before.skus) == 1 and before.skus[0]:
            self._by_address[thing.address] = next(iter(before.keys), ""), before.skus[0]

    def _add(self, product: ProductData, origin: Origin, manner: Manner, thing: Thing) -> None:
        who = identity(product, self.books.matching, maker=self.origin.maker)
        key = who.key(product.name or "")
        recognised = not key.startswith("name:")
        if not recognised and thing.parent in self._by_address:
            key, sku = self._by_address[thing.parent]
            match = Match(State.MATCHED, sku, "its page")
        else:
            key = key if recognised or product.name else f"at:{thing.address}"[:400]
            match = self._match(key, product)
        self.delivery.doubts += list(who.doubts) if len(self.delivery.doubts) < MOST_NAMED else []
        if self.origin.only and match.sku not in self.origin.only:
            return
        place, first = len(self.seen), key not in self._by_key
        state = self._state(key, match, first=first)
        self._count(state, first=first, again=key in self._here)
        self._here.add(key)
        schema = self.books.schemas.schema_of(self._category(match.sku, product))
        found = claims(product, origin, schema, manner, match.sku) if match.sku else []
        counted = first and state != "duplicate"
        self.seen.append(expectations.seen(
            key, place, found, schema, recognised=recognised or bool(match.sku), matched=bool(match.sku) and counted,
            now=self._now,
        ))  # fmt: skip
        told = {**as_told(product), **({"why": match.why} if match.why else {})}
        if first:
            arriving = Arriving(key, state, match.sku, match.how, match.candidates, told, origin.sha256)
            self._products.append((place, arriving))
        self._claims += [(place, claim) for claim in found]
        self._by_key[key] = match.sku
        if match.sku:
            self._by_address[thing.address] = key, match.sku
        if len(self._products) >= BATCH or len(self._claims) >= BATCH * 20:
            self.flush()

    def _match(self, key: str, product: ProductData) -> Match:
        if key in self.decided:
            state, sku = self.decided[key]
            return Match(State.MATCHED if sku else State.UNKNOWN, sku, "person" if state == "matched" else "")
        if self._by_key.get(key):
            return Match(State.MATCHED, self._by_key[key], "same product")
        return self._articles.match(product, self.origin.source, maker=self.origin.maker)

    def _state(self, key: str, match: Match, *, first: bool) -> str:
        """Return the product's state; of the products of one source that are one article, the first is it."""
        if match.state is not State.MATCHED:
            return str(match.state)
        holder = self._taken.setdefault(match.sku, key)
        return "matched" if holder == key and first else "duplicate"

    def _count(self, state: str, *, first: bool, again: bool) -> None:
        """Count a product once, however many contents are about it; twice in one content is a duplicate."""
        self.delivery.duplicates += again or (first and state == "duplicate")
        if not first or state == "duplicate":
            return
        self.delivery.products += 1
        if state == "matched":
            self.delivery.matched += 1
        elif state == "ambiguous":
            self.delivery.ambiguous += 1
        else:
            self.delivery.unknown += 1

    def _category(self, sku: str, product: ProductData) -> str:
        known = self._articles.by_sku.get(sku)
        found = self.books.schemas.category_of(known.category) if known else ""
        return found or self.books.schemas.category_of(product.category or "")

    def flush(self) -> None:
        """Put what has gathered into the temporary tables."""
        product_sources.add_products(self._connection, self._products)
        product_sources.add_claims(self._connection, self._claims)
        product_sources.add_standing(self._connection, self._standing)
        self._products, self._claims = [], []

    def settle_inbox(self) -> None:
        """Note of each content that it was read, or put aside."""
        inbox.settle(self._connection, self.settled)


def _complete(product: ProductData, about: Mapping[str, str]) -> ProductData:
    """Return the product with what its address was named with, where it does not say so itself."""
    missing = {
        name: str(value) for name, value in about.items()
        if value and name in {"gtin", "mpn", "sku", "name", "brand"} and not getattr(product, name)
    }  # fmt: skip
    return product.model_copy(update=missing) if missing else product


def _known(connection: "Connection", channel: str) -> Iterable[Known]:
    for row in product_sources.known_articles(connection, channel):
        gtins = tuple(dict.fromkeys(filter(None, (row["gtin"], *row["gtins"]))))
        yield Known(
            sku=row["sku"], name=row["name"], gtins=gtins, maker=row["maker"], part_numbers=tuple(row["parts"]),
            category=row["category"] or "", product_id=row["product_id"], variant_id=row["variant_id"],
        )  # fmt: skip
