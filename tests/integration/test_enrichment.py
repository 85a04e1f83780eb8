"""Enrichment's steps on a real Postgres: claims, golden record, changes of the shop, what people wrote, undo."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.product_data import SourceKind
from tests import desk, stack
from tests.enrichment import API, SITE, Thing, World, product

GTIN = "4006381333931"


@pytest.fixture
def world(configured: Path, database_url: stack.DatabaseUrls) -> World:  # noqa: ARG001 - settings point at it
    return World(Database(database_url.app))


def three_that_disagree() -> list[tuple[str, Thing]]:
    api = product({"Gewicht": "1,5 kg", "Spannung": "230 V ~"}, gtin=GTIN, name="Leuchte 7", texts=())
    page = product({"Gewicht": "1500 g", "Spannung": "230 V AC", "Lichtstrom": "800 lm"}, gtin=GTIN)
    sheet = product({"Net weight": "1.2 kg", "Luminous flux": "800 lm"}, gtin=GTIN)
    return [
        (API, Thing("https://api.example/7", [api], SourceKind.API)),
        (SITE, Thing("https://example.com/7", [page])),
        (SITE, Thing("https://example.com/7.pdf", [sheet], SourceKind.DATASHEET, "en")),
    ]


def test_t_doc_12_sources_disagree_and_the_rule_picks_shows_losers_keeps_a_persons_text_and_undo_restores(
    world: World, configured: Path, database_url: stack.DatabaseUrls
) -> None:
    world.articles(("LAMP", GTIN))
    world.shop.shows["LAMP"] = {"name": "Unsere schönste Leuchte", "weight": "0"}
    things = three_that_disagree()
    world.take(API, *(thing for source, thing in things if source == API))
    world.take(SITE, *(thing for source, thing in things if source == SITE))
    proposed = world.propose()
    [weight] = desk.ask(world.database, "SELECT * FROM product_value WHERE attribute = 'weight'")
    assert (weight["value"], weight["unit"], weight["conflict"]) == ("1500", "g", True)
    [loser] = json.loads(weight["losers"])
    assert (loser["value"], loser["source"], loser["kind"]) == ("1.2 kg", SITE, "datasheet")
    assert '"1,5 kg" by manufacturer-api/acme' in weight["why"]
    assert "because more sources agree on it" in weight["why"]
    assert proposed.kept == 1
    world.deliver()
    shows = world.shop.shows["LAMP"]
    assert shows["weight"] == "1500"
    assert shows["name"] == "Unsere schönste Leuchte"
    assert shows["feature:rated_voltage"] == "230 V AC"
    assert (world.propose(everything=True).applied, world.deliver()) == (0, 0)
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()
    assert Decimal(shows["weight"]) == 1500
