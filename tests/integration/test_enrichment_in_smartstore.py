"""From a manufacturer's API and pages into a Smartstore shop and back: what is written, what stays, what is undone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.database import product_changes
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivery, deliver_all
from blocks.database.engine import Database
from blocks.settings import settings
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments import demo_products
from tasks.manufacturer_enrichment import delivering, rulebooks, taking
from tasks.manufacturer_enrichment.desk import Desk
from tasks.manufacturer_enrichment.taking import From
from tasks.master_data import records
from tests import desk, stack
from tests.contract.test_smartstore import SandboxWorld
from tests.enrichment import ACTOR, API, SHOP, SITE, World
from tests.manufacturer import Visits, running_manufacturer
from tests.sandbox import running_shop

COUNT = 12


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[SmartstoreShop]:
    with running_shop(tmp_path) as running:
        yield SandboxWorld(running).connector()


class SmartstoreWorld(World):
    """A world whose shop is a Smartstore."""

    def tell(self, shop: SmartstoreShop) -> int:
        """Tell the shop what is due; returns how many calls were done."""
        delivery = Delivery(
            process=delivering.PROCESS, names=delivering.DELIVERIES.names, per_call={}, book=delivering.book,
            calls={delivering.KIND: lambda database, claimed: delivering.tell_to(database, claimed, shop)},
            in_bulk=(delivering.KIND,),
        )  # fmt: skip
        return deliver_all(delivery, self.database, ACTOR, lease=5.0, patience=0, log=lambda _text: None).done


def shown(shop: SmartstoreShop, numbers: list[str]) -> dict[str, dict[str, Any]]:
    return {number: dict(content.values) for number, content in shop.content(numbers).items()}


def test_values_reach_the_shop_once_people_keep_theirs_and_an_article_goes_back_to_what_it_was(
    configured: Path,  # noqa: ARG001 - settings point at the database
    database_url: stack.DatabaseUrls,
    shop: SmartstoreShop,
) -> None:
    world = SmartstoreWorld(Database(database_url.app), shop)  # type: ignore[arg-type] - it has what is asked of one
    with world.database.audited(ACTOR) as (connection, trail):
        for page in shop.articles("berlin"):
            seen = {article.sku: article for article in page}
            records.save_articles(connection, trail, "berlin", list(seen.values()), frozenset())
    with running_manufacturer(COUNT) as maker, world.database.connect() as connection:
        books = rulebooks.in_force(connection)
        skus = [product.sku for product in maker.products]
        numbers = {
            row["sku"]: row["product_id"]
            for row in connection.execute(
                "SELECT sku, product_id FROM article WHERE sku = ANY(%s) AND variant_id = ''", (skus,)
            )
        }
        before = shown(shop, list(numbers.values()))
        for source, system in ((API, maker.api()), (SITE, maker.site())):
            Visits(world.database, source).to(system)
            things = system.things(world.database, source=source)
            told = taking.take_in(world.database, ACTOR, From("berlin", source, "Nordlicht"), things, books)
            assert (told.stopped, told.unreadable) == ("", [])
        weights = {product.sku: product.weight for product in maker.products}
    proposed = world.propose()
    assert proposed.applied > 0
    done = world.tell(shop)
    failed = desk.ask(world.database, "SELECT attribute, last_error FROM effect e JOIN product_change c"
                      " ON e.subject = 'product_change/' || c.id WHERE e.state <> 'done'")  # fmt: skip
    assert failed == []
    assert done == proposed.applied
    after = shown(shop, list(numbers.values()))
    for sku, number in numbers.items():
        assert after[number]["name"] == before[number]["name"]
        assert float(after[number]["weight"]) == pytest.approx(float(weights[sku] * 1000), rel=0.01)
    again = world.propose(everything=True)
    assert (again.applied, world.tell(shop)) == (0, 0)

    with world.database.audited(Actor("desk", name="ada")) as (connection, trail):
        Desk(connection, trail, SHOP, "ada", "wrong model").undo(skus=list(numbers)[:1])
    world.tell(shop)
    one = next(iter(numbers.values()))
    restored = shown(shop, [one])[one]
    assert {key: text for key, text in restored.items() if text} == {
        key: text for key, text in before[one].items() if text
    }
    with world.database.connect() as connection:
        assert product_changes.listing(connection, channel="berlin", states=["approved", "failed"]) == []


def test_the_demonstration_shows_what_it_says_and_a_second_time_writes_nothing(
    configured: Path,  # noqa: ARG001 - settings point at the database
    database_url: stack.DatabaseUrls,
    prefect_server: str,
    shop: SmartstoreShop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    settings.cache_clear()
    database = Database(database_url.app)
    with database.audited(ACTOR) as (connection, trail):
        for page in shop.articles("berlin"):
            seen = {article.sku: article for article in page}
            records.save_articles(connection, trail, "berlin", list(seen.values()), frozenset())
    with running_manufacturer(COUNT) as maker:
        systems = {
            demo_products.SHOP: shop,
            demo_products.SOURCES[0]: maker.api(),
            demo_products.SOURCES[1]: maker.site(),
        }
        for place in ("blocks.systems.registry.load_system", "tasks.manufacturer_enrichment.delivering.load_system"):
            monkeypatch.setattr(place, systems.__getitem__)
        first, second = demo_products.play(), demo_products.play()
    assert (first.wrong(), first.articles > 0, first.written > 0) == ([], True, True)
    assert first.after != first.before
    assert f"{first.written} written in the shop" in first.lines()[0]
    assert demo_products.SHOWN in "".join(first.lines()[1:])
    assert (second.written, second.before, second.after) == (0, first.after, first.after)
