"""The manufacturer knows more of some articles than the shop shows: fetched, believed where it is proven, shown once.

All of it happens in this process: no flow run is started, so that the day is hardly longer for it.
"""

import time
from dataclasses import dataclass, field

from blocks.database import product_coverage
from blocks.database.audit import Actor
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.documents.product_content import FEATURE

SHOP, CHANNEL = "smartstore-shop/berlin", "berlin"
SOURCES = ("manufacturer-api/nordlicht", "manufacturer-site/nordlicht")
ACTOR = Actor(process="manufacturer_enrichment", name="soms")
ARTICLES = tuple(f"HOME-{number:03d}" for number in range(1, 31))
SHOWN = "HOME-002"
MOST_SHOWN = 5
LONGEST = 40


@dataclass
class Enriched:
    """What became of the articles, and one of them before and after: field → value as the shop shows it."""

    articles: int = 0
    written: int = 0
    kept: int = 0
    waiting: int = 0
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return what happened, for the summary."""
        became = f"{self.written} written in the shop, {self.kept} left as people wrote them, {self.waiting} waiting"
        found = [f"The manufacturer's API and site were read for {self.articles} articles; of their values {became}."]
        changed = [name for name, value in self.after.items() if value and value != self.before.get(name, "")]
        for name in changed[:MOST_SHOWN]:
            before, after = (each.get(name, "")[:LONGEST] or "nothing" for each in (self.before, self.after))
            found.append(f"  {SHOWN} {name.removeprefix(FEATURE):20} {before} -> {after}")
        return found

    def wrong(self) -> list[str]:
        """Return what should have happened and did not."""
        shows = sum(bool(value) for value in self.after.values())
        return [] if self.articles and shows else [f"The shop shows nothing of {SHOWN} that the manufacturer says."]


def play() -> Enriched:
    """Fetch, recognise, believe, write; returns what became of it."""
    from blocks.systems.registry import load_system  # noqa: PLC0415 - Prefect comes with it
    from deployments.cli_run import connect_to_prefect  # noqa: PLC0415 - as above
    from tasks.manufacturer_enrichment import proposing, rulebooks  # noqa: PLC0415 - readers of pages, only here
    from tasks.manufacturer_enrichment.delivering import DELIVERIES  # noqa: PLC0415

    begun, enriched, database = time.monotonic(), Enriched(), Database.current()
    connect_to_prefect()
    system = load_system(SHOP)
    shop = proposing.Shop(SHOP, CHANNEL, system)
    proposing.recognise(database, ACTOR, shop)
    with database.connect() as connection:
        rows = product_coverage.articles(connection, CHANNEL, skus=list(ARTICLES))
        books = rulebooks.in_force(connection)
    enriched.articles = len(rows)
    product = next((row["product_id"] for row in rows if row["sku"] == SHOWN), "")
    enriched.before = dict(system.content([product])[product].values) if product else {}
    for source in SOURCES:
        _take_in(database, source, rows, books)
    proposed = proposing.propose(database, ACTOR, shop, books)
    told = deliver_all(DELIVERIES, database, ACTOR, lease=60.0, patience=30.0, log=lambda _: None)
    enriched.written, enriched.kept, enriched.waiting = told.done, proposed.kept, proposed.proposed + proposed.held
    enriched.after = dict(system.content([product])[product].values) if product else {}
    enriched.seconds = time.monotonic() - begun
    return enriched


def _take_in(database: Database, source: str, rows: list[dict[str, str]], books: object) -> None:
    from blocks.systems.manufacturers.contract import Wanted  # noqa: PLC0415 - as above
    from blocks.systems.registry import load_system  # noqa: PLC0415
    from tasks.manufacturer_enrichment import taking  # noqa: PLC0415

    system = load_system(source)
    wanted = [Wanted(sku=row["sku"], gtin=row["gtin"], brand=system.manufacturer) for row in rows]
    system.collect(database, ACTOR, source=source, wanted=wanted, again=False, log=lambda _: None)
    origin = taking.From(CHANNEL, source, system.manufacturer, partial=True, only=frozenset(ARTICLES))
    taking.take_in(database, ACTOR, origin, system.things(database, source=source), books)  # type: ignore[arg-type] # the books that were loaded
