"""The Prefect tasks of manufacturer enrichment: measure, visit, take in, decide, tell the shop, rehearse."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import product_coverage
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.product_changes import PROCESS
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.manufacturer_enrichment import proposing, rulebooks, taking
from tasks.manufacturer_enrichment.coverage import Coverage, coverage
from tasks.manufacturer_enrichment.delivering import DELIVERIES
from tasks.manufacturer_enrichment.form import EnrichmentRequest
from tasks.manufacturer_enrichment.media import permitted
from tasks.manufacturer_enrichment.proposing import Proposed
from tasks.manufacturer_enrichment.rehearsing import rehearsal
from tasks.manufacturer_enrichment.taking import Audits, Delivery, From
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.systems.manufacturers.contract import Collected

MOST_REHEARSED = 200


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of what was fetched before."""

    deliveries: tuple[Delivery, ...]
    proposed: Proposed
    changes: list[dict[str, Any]] = field(default_factory=list)


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="measure coverage", task_run_name="measure coverage", **RETRYING)
def measure(request: EnrichmentRequest) -> dict[str, Coverage]:
    """Return how much of what is required the shop shows, by category."""
    with Database.current().connect() as connection:
        books = rulebooks.in_force(connection)
        skus = _only(connection, request) if request.partial else None
        return coverage(product_coverage.known_attributes(connection, request.channel, skus), books.schemas)


@task(name="count the articles", task_run_name="count the articles", **RETRYING)
def count_articles(request: EnrichmentRequest) -> int:
    """Return how many articles are meant."""
    with Database.current().connect() as connection:
        return len(_meant(connection, request))


@task(name="choose the sources", task_run_name="choose the sources", **RETRYING)
def chosen_sources(request: EnrichmentRequest) -> list[str]:
    """Return the sources that are the manufacturer's, of those named; all of them where none is asked for."""
    if not request.manufacturer:
        return list(dict.fromkeys(request.sources))
    with Database.current().connect() as connection:
        matching = rulebooks.in_force(connection).matching
    wanted = matching.maker(request.manufacturer)
    found = [
        source for source in dict.fromkeys(request.sources)
        if matching.maker(load_system(source).manufacturer) == wanted
    ]  # fmt: skip
    if not found:
        get_run_logger().warning(f"None of the sources is {request.manufacturer}'s: nothing is fetched.")
    return found


@task(name="look up the articles", task_run_name="look up the articles", **RETRYING)
def look_up(request: EnrichmentRequest) -> int:
    """Look up makers and part numbers of articles in the shop that nobody has looked at yet."""
    shop = _shop(request)
    return proposing.recognise(Database.current(), actor(), shop, everything=request.look_again)


def _shop(request: EnrichmentRequest) -> proposing.Shop:
    return proposing.Shop(request.shop, request.channel, load_system(request.shop), request.language, permitted)


@task(name="visit a source", task_run_name="visit {source}", **RETRYING)
def visit(source: str, request: EnrichmentRequest) -> "Collected":
    """Fetch what is due of a source and keep the bytes of each new content."""
    from blocks.systems.manufacturers.contract import Wanted  # noqa: PLC0415 - with what fetches

    log, system = get_run_logger().info, load_system(source)
    wanted: list[Wanted] = []
    if system.offer.by_article:
        with Database.current().connect() as connection:
            rows = _meant(connection, request)
        wanted = [Wanted(sku=row["sku"], gtin=row["gtin"], brand=system.manufacturer) for row in rows]
    collected: Collected = system.collect(
        Database.current(), actor(), source=source, wanted=wanted, again=request.fetch_again, log=log
    )
    log(
        f"{source}: {collected.asked} requests, {collected.new} new contents, {collected.unchanged} unchanged,"
        f" {collected.refused} refused, {collected.failed} without a usable answer."
    )
    return collected


@task(name="take in a source", task_run_name="take in {source}", **RETRYING)
def take(source: str, request: EnrichmentRequest) -> Delivery:
    """Recognise and understand what a source offers, and take it in if its gate lets it."""
    database = Database.current()
    delivery = _take(database, database, source, request)
    log = get_run_logger().info
    log(f"{source}: {delivery.products} products, {delivery.matched} of them ours, {delivery.ambiguous} in doubt.")
    if delivery.stopped:
        log(f"{source} was stopped. {delivery.stopped}")
    return delivery


def _take(database: Database, kept: Audits, source: str, request: EnrichmentRequest) -> Delivery:
    system = load_system(source)
    with kept.connect() as connection:
        books = rulebooks.in_force(connection)
        only = _only(connection, request) if request.partial else frozenset()
    origin = From(request.channel, source, system.manufacturer, partial=request.partial, only=only)
    return taking.take_in(kept, actor(), origin, system.things(database, source=source), books)


def _meant(connection: "Connection", request: EnrichmentRequest) -> list[dict[str, Any]]:
    return product_coverage.articles(
        connection, request.channel, skus=request.articles, category=request.category, new=request.new_articles
    )


def _only(connection: "Connection", request: EnrichmentRequest) -> frozenset[str]:
    return frozenset(row["sku"] for row in _meant(connection, request)) or frozenset({""})


@task(name="decide", task_run_name="decide", **RETRYING)
def decide(request: EnrichmentRequest) -> Proposed:
    """Decide what is believed of each article that is due, and make due what follows in the shop."""
    database = Database.current()
    proposed = _propose(database, request)
    if proposed.silent:
        get_run_logger().warning(f"{request.shop} cannot be asked what it shows: nothing is written there.")
    return proposed


def _propose(kept: Audits, request: EnrichmentRequest) -> Proposed:
    with kept.connect() as connection:
        books = rulebooks.in_force(connection)
    return proposing.propose(kept, actor(), _shop(request), books, everything=request.look_again)


@task(name="tell the shop", task_run_name="tell the shop", **RETRYING)
def tell(patience: float) -> Delivered:
    """Carry out the changes that are approved, each once."""
    log, lease = get_run_logger().info, settings().effect_lease
    return deliver_all(DELIVERIES, Database.current(), actor(), lease=lease, patience=patience, log=log)


@task(name="rehearse", task_run_name="rehearse", **RETRYING)
def rehearse(sources: list[str], request: EnrichmentRequest) -> Rehearsed:
    """Take in and decide on what was fetched before, in a transaction that is rolled back."""
    database = Database.current()
    with rehearsal(database) as kept:
        deliveries = tuple(_take(database, kept, source, request) for source in sources)
        proposed = _propose(kept, request)
        changes = product_coverage.of_run(kept.connection, request.channel, actor().run_id, MOST_REHEARSED)
    return Rehearsed(deliveries, proposed, changes)
