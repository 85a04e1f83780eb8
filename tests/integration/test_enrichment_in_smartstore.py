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
            process=delivering.PROCESS, names=delivering.DELIVERIES.names, book=delivering.book,
            per_call={delivering.MEDIA_KIND: delivering.MOST_FILES},
            calls={
                delivering.KIND: lambda database, claimed: delivering.tell_to(database, claimed, shop),
                delivering.MEDIA_KIND: lambda database, claimed: delivering.tell_media_to(
                    database, claimed, shop, self.permits
                ),
            },
            in_bulk=(delivering.KIND, delivering.MEDIA_KIND),
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
        for source, system in ((API, maker.api(shows_media=True)), (SITE, maker.site())):
            Visits(world.database, source).to(system)
            things = system.things(world.database, source=source)
            told = taking.take_in(world.database, ACTOR, From("berlin", source, "Nordlicht"), things, books)
            assert (told.stopped, told.unreadable) == ("", [])
        later = Visits(world.database, SITE).to(maker.site(shows_media=True))  # pages that did not change named them
        assert 0 < later.new < later.unchanged
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
    files_reach_the_shop_when_the_licence_and_a_person_let_them_and_come_back(world, shop, list(numbers.values()))


def files_reach_the_shop_when_the_licence_and_a_person_let_them_and_come_back(
    world: SmartstoreWorld, shop: SmartstoreShop, numbers: list[str]
) -> None:
    """Go on where nothing of the files that were fetched was allowed to be shown yet."""
    assert desk.ask(world.database, "SELECT 1 FROM product_change WHERE attribute LIKE 'medium:%%'") == []
    before = files_shown(shop, numbers)
    world.permits = {API, SITE}.__contains__
    assert world.propose(everything=True).held > 0
    held = desk.ask(world.database, "SELECT id FROM product_change WHERE attribute LIKE 'medium:%%' AND state = 'held'")
    assert world.tell(shop) == 0
    with world.database.audited(Actor("desk", name="ada")) as (connection, trail):
        Desk(connection, trail, SHOP, "ada", "good pictures").decide([row["id"] for row in held], approve=True)
    done = world.tell(shop)
    assert desk.ask(world.database, "SELECT last_error FROM effect WHERE state <> 'done'") == []
    assert done == len(held)
    assert set(files_shown(shop, numbers)) > set(before)
    again = world.propose(everything=True)
    assert (again.applied, again.held, world.tell(shop)) == (0, 0, 0)

    with world.database.audited(Actor("desk", name="ada")) as (connection, trail):
        Desk(connection, trail, SHOP, "ada", "bad pictures").undo(changes=[row["id"] for row in held])
    assert world.tell(shop) == len(held)
    assert files_shown(shop, numbers) == before
    assert (world.propose(everything=True).held, world.tell(shop)) == (0, 0)


def files_shown(shop: SmartstoreShop, numbers: list[str]) -> list[tuple[str, str]]:
    return sorted((number, key) for number, values in shown(shop, numbers).items() for key in values
                  if key.startswith("medium:"))  # fmt: skip


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
