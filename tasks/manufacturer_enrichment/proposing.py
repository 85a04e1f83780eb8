"""Decides what is believed of each article of which sources say something new, and makes due what follows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from blocks.database import product_changes, product_sources
from blocks.documents.claims import UNMAPPED
from blocks.documents.product_content import ShownContent, shown_key
from blocks.documents.product_values import Value
from blocks.errors import Unsupported
from tasks.manufacturer_enrichment.choosing import Kept
from tasks.manufacturer_enrichment.deciding import Bench, Decided, decide
from tasks.manufacturer_enrichment.media import Permits, decide_medium, files_of, value_name
from tasks.manufacturer_enrichment.rulebooks import Books
from tasks.manufacturer_enrichment.taking import Audits

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection

BATCH = 200
"""Articles decided in one transaction, and asked of the shop at once."""


class Shows(Protocol):
    """A shop that can be asked what it shows."""

    def content(self, product_ids: Sequence[str], variant_ids: Sequence[str] = ()) -> dict[str, ShownContent]: ...  # noqa: D102 - said by the class


@dataclass(frozen=True, slots=True)
class Shop:
    """Where values go: the shop's connection, by its name, its channel and the language its own texts are in.

    ``permits`` says of a source whether its pictures and documents may be shown there.
    """

    name: str
    channel: str
    system: Shows
    language: str = "de"
    permits: Permits = lambda _source: False


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was decided: counts of values and of the changes that follow."""

    articles: int = 0
    values: int = 0
    conflicts: int = 0
    applied: int = 0
    proposed: int = 0
    held: int = 0
    kept: int = 0
    """Values that a person wrote in the shop and that stay, although sources say something else."""
    silent: bool = False
    """Whether the shop cannot be asked what it shows: then nothing follows."""

    def __add__(self, other: "Proposed") -> "Proposed":
        """Return the sums."""
        return Proposed(
            self.articles + other.articles, self.values + other.values, self.conflicts + other.conflicts,
            self.applied + other.applied, self.proposed + other.proposed, self.held + other.held,
            self.kept + other.kept, self.silent or other.silent,
        )  # fmt: skip


def propose(database: Audits, actor: "Actor", shop: Shop, books: Books, *, everything: bool = False) -> Proposed:
    """Decide on every article that is due, batch by batch; what was decided is due no more."""
    with database.audited(actor) as (connection, _):
        product_changes.make_due(connection, shop.channel, books.golden.version, everything=everything)
    total, after = Proposed(), ""
    while True:
        with database.connect() as connection:
            batch = product_changes.due(connection, shop.channel, after=after, limit=BATCH)
            row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
        if not batch:
            return total
        asked_at = row["now"] if row else datetime.now(UTC)
        contents = _contents(shop, batch)
        with database.audited(actor) as (connection, trail):
            total += _Batch(connection, trail, shop, books, asked_at).decide(batch, contents)
        after = batch[-1]["sku"]


def _contents(shop: Shop, batch: Sequence[Mapping[str, Any]]) -> dict[str, ShownContent] | None:
    """Return what the shop shows of the articles, products and variants by ``shown_key``."""
    ids = sorted({row["product_id"] for row in batch if row["product_id"]})
    variants = sorted({row["variant_id"] for row in batch if row["variant_id"]})
    try:
        return shop.system.content(ids, variants) if ids else {}
    except Unsupported:
        return None


def recognise(database: Audits, actor: "Actor", shop: Shop, *, everything: bool = False) -> int:
    """Look up makers and part numbers of articles in the shop, so that products can be recognised by them.

    Each article is looked up once, or with ``everything`` again; returns how many were.
    """
    after, seen = "", 0
    while True:
        with database.connect() as connection:
            batch = product_sources.unseen(connection, shop.channel, after=after, limit=BATCH, everything=everything)
        contents = _contents(shop, batch) if batch else None
        if contents is None:
            return seen
        found = [
            (row["sku"], name, _identity(contents, row, name))
            for row in batch
            if shown_key(row["product_id"], row["variant_id"]) in contents
            for name in ("gtin", "manufacturer", "mpn")
        ]
        with database.audited(actor) as (connection, trail):
            product_sources.hold_channel(connection, shop.channel)
            product_sources.note_identity(connection, trail, shop.channel, found)
        after, seen = batch[-1]["sku"], seen + len(batch)


def _identity(contents: Mapping[str, ShownContent], row: Mapping[str, Any], name: str) -> str:
    """Return what the shop says of who an article is; a variant's maker is its product's."""
    of_variant = row["variant_id"] if name != "manufacturer" else ""
    shown = contents.get(shown_key(row["product_id"], of_variant))
    return (shown.shows(name) if shown else "") or ""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some articles within one transaction that holds their channel."""

    connection: "Connection"
    trail: "Trail"
    shop: Shop
    books: Books
    asked_at: datetime

    def decide(self, batch: Sequence[Mapping[str, Any]], contents: Mapping[str, ShownContent] | None) -> Proposed:
        """Decide on each value of the articles and write what follows."""
        channel = self.shop.channel
        product_sources.hold_channel(self.connection, channel)
        skus = [row["sku"] for row in batch]
        values = product_changes.values_of(self.connection, channel, skus)
        last = product_changes.last_changes(self.connection, channel, skus)
        changed = {key for key, each in last.items() if self._changed_since(each)}
        claims = product_changes.claims_of(self.connection, channel, skus)
        files = files_of(self.connection, claims, self.shop.permits)
        by_sku = {sku: list(rows) for sku, rows in groupby(claims, key=lambda row: str(row["sku"]))}
        decided: list[Decided] = []
        for row in batch:
            shown = (
                None if contents is None else contents.get(shown_key(row["product_id"] or "", row["variant_id"] or ""))
            )
            schema = self.books.schemas.schema_of(self.books.schemas.category_of(row["category"] or ""))
            bench = Bench(row["sku"], schema, self.books.golden, shown, self.shop.language, datetime.now(UTC))
            said = _Said(by_sku.get(row["sku"], []), files, values, last, changed)
            decided += _article(bench, said)
        self._write(decided, [key for key in values if key not in changed], skus)
        settled = [sku for sku in skus if sku not in {key[0] for key in changed}]
        product_changes.no_longer_due(self.connection, channel, settled)
        wanted = [each.wanted.state for each in decided if each.wanted]
        return Proposed(
            len(skus), len(decided), sum(each.believed.conflict for each in decided), wanted.count("approved"),
            wanted.count("proposed"), wanted.count("held"), sum(each.believed.shop_by == "person" for each in decided),
            contents is None,
        )  # fmt: skip

    def _changed_since(self, last: Mapping[str, Any]) -> bool:
        """Return whether the shop was told something new of a value after it was asked what it shows."""
        settled = last.get("settled")
        return bool(settled and settled["settled_at"] and settled["settled_at"] >= self.asked_at)

    def _write(self, decided: Sequence[Decided], known: Sequence[Value], skus: Sequence[str]) -> None:
        connection, trail, channel = self.connection, self.trail, self.shop.channel
        still = {each.believed.key for each in decided}
        product_changes.save_values(connection, trail, channel, [each.believed for each in decided])
        product_changes.drop_values(connection, trail, channel, [key for key in known if key not in still])
        outdated = [each.outdated for each in decided if each.outdated is not None]
        gone = product_changes.waiting_of(connection, channel, skus, among=[key for key in known if key not in still])
        product_changes.supersede(connection, trail, [*outdated, *gone])
        wanted = [each.wanted for each in decided if each.wanted]
        product_changes.want(connection, trail, channel=channel, shop=self.shop.name, changes=wanted)


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of an article: its claims, the files they name, its values, and what was changed of them."""

    rows: Sequence[Mapping[str, Any]]
    files: Mapping[int, str]
    values: Mapping[Value, Mapping[str, Any]]
    last: Mapping[Value, Mapping[str, Any]]
    changed: Collection[Value]
    """Values that were changed since the shop was asked."""


def _article(bench: Bench, about: _Said) -> Iterator[Decided]:
    """Yield what follows for each value of an article, but for those changed since the shop was asked."""
    mapped = [row for row in about.rows if not row["attribute"].startswith(UNMAPPED)]
    keyed = sorted(mapped, key=lambda row: _value(bench, row, about.files))
    for (attribute, language), found in groupby(keyed, key=lambda row: _value(bench, row, about.files)):
        value, rows = (bench.sku, attribute, language), list(found)
        if value in about.changed:
            continue
        known, last = about.values.get(value, {}), about.last.get(value, {})
        digest = about.files.get(rows[0]["id"])
        if digest is not None:
            claims = [(replace(_kept(row), normalised=digest), row["licence"]) for row in rows]
            decided = decide_medium(bench, attribute, digest, claims, last)
        else:
            decided = decide(bench, attribute, language, [_kept(row) for row in rows], known=known, last=last)
        if decided is not None:
            yield decided


def _value(bench: Bench, row: Mapping[str, Any], files: Mapping[int, str]) -> tuple[str, str]:
    """Return which value a claim is about; texts in the shop's own language, or in none, stand without one."""
    if row["id"] in files:
        return value_name(row["attribute"], files[row["id"]]), ""
    feature = bench.schema.feature(row["attribute"])
    if feature is None or not feature.translated or row["language"] == bench.language:
        return row["attribute"], ""
    return row["attribute"], row["language"]


def _kept(row: Mapping[str, Any]) -> Kept:
    return Kept(
        row["id"], row["source"], row["source_kind"], row["value"], row["normalised"], row["unit"], row["confidence"],
        row["fetched_at"], row["doubt"],
    )  # fmt: skip
