"""What a Smartstore shop shows, read and changed over its Web API: every article once, one answer each."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.stock import ListingChange, ShownArticle
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Done
from blocks.systems.shops.smartstore import SmartstoreShop
from blocks.systems.stock import StockTarget
from tests.contract.completeness import gaps
from tests.contract.test_smartstore import SandboxWorld
from tests.sandbox import RunningShop, running_shop


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def world(sandbox: RunningShop) -> Iterator[SandboxWorld]:
    yield SandboxWorld(sandbox)
    sandbox.no_faults()


def shown(shop: SmartstoreShop, *skus: str) -> list[ShownArticle]:
    return [each for page in shop.shown(skus) for each in page]


def change(article: ShownArticle, quantity: int, **more: Any) -> ListingChange:
    names = {"sku": article.sku, "product_id": article.product_id, "variant_id": article.variant_id}
    return ListingChange(**names, quantity=Decimal(quantity), visible=quantity > 0, **more)


def test_the_connector_is_a_whole_stock_target() -> None:
    assert gaps(SmartstoreShop, StockTarget) == []


def test_every_article_is_shown_once_as_it_is_sold(world: SandboxWorld) -> None:
    shop = world.connector()
    found = {each.sku: each for each in shown(shop)}
    sold = {article.sku: article for page in shop.articles("berlin") for article in page}
    assert set(found) == set(sold)
    assert {sku: each.kind for sku, each in found.items()} == {sku: str(each.kind) for sku, each in sold.items()}
    assert found["WEAR-01-RED-S"].variant_id == sold["WEAR-01-RED-S"].variant_id


def test_articles_are_found_by_their_numbers_and_unknown_ones_are_missing(world: SandboxWorld) -> None:
    numbers = [f"HOME-{number:03d}" for number in range(1, 31)]
    found = shown(world.connector(), *numbers, "WEAR-02-BLU-M", "home-031", "O'Hara", "")
    assert sorted(each.sku for each in found) == [*numbers, "WEAR-02-BLU-M"]


def test_a_number_used_twice_is_shown_twice(world: SandboxWorld) -> None:
    fields = {"Name": "Twin", "Sku": "HOME-020", "ProductTypeId": 5, "Published": True}
    number = world.shop.add("Products", **fields, UpdatedOnUtc="2026-01-01T00:00:00Z")
    assert [each.sku for each in shown(world.connector(), "HOME-020")] == ["HOME-020", "HOME-020"]
    with world.shop.client() as client:
        client.delete(f"Products({number})").raise_for_status()


def test_what_cannot_be_read_is_named(world: SandboxWorld) -> None:
    world.faults({"kind": "drop_field", "path": "/odata/v1/Products", "name": "Published", "nth": 1})
    with pytest.raises(Unreadable, match=r"defect\(s\) in products"):
        shown(world.connector())


def test_each_change_has_its_own_answer_in_order(world: SandboxWorld) -> None:
    shop = world.connector()
    lamp, cap = (shown(shop, sku)[0] for sku in ("HOME-010", "WEAR-03-RED-L"))
    ghost = ListingChange(sku="GHOST", product_id="99999", quantity=Decimal(1))
    nameless = ListingChange(sku="NAMELESS", product_id="", quantity=Decimal(1))
    answers = shop.show([change(cap, 3), ghost, nameless, change(lamp, 0)])
    assert [type(answer) for answer in answers] == [Done, Done, Refused, Done]
    gone, refused = answers[1], answers[2]
    assert isinstance(gone, Done)
    assert gone.facts == {"gone": True}
    assert "let master data read the shop anew" in str(refused)
    assert [(each.quantity, each.visible) for each in shown(shop, "WEAR-03-RED-L", "HOME-010")] == [
        (0, False),
        (3, True),
    ]
    again = shop.show([change(cap, 3), change(lamp, 0)])
    assert [answer.adopted for answer in again if isinstance(answer, Done)] == [True, True]


def test_twenty_articles_are_looked_up_and_changed_in_two_requests(world: SandboxWorld) -> None:
    shop = world.connector()
    articles = shown(shop, *(f"HOME-{number:03d}" for number in range(11, 31)))
    world.shop.forget_requests()
    answers = shop.show([change(each, 7) for each in articles[:20]])
    assert {type(answer) for answer in answers} == {Done}
    assert [request["method"] for request in world.shop.requests()] == ["GET", "POST"]


def test_wrong_credentials_and_a_shop_without_batches_are_refused_with_the_remedy(world: SandboxWorld) -> None:
    (lamp,) = shown(world.connector(), "HOME-012")
    (stranger,) = world.strangers_connector().show([change(lamp, 5)])
    assert isinstance(stranger, Refused)
    world.faults({"kind": "status", "status": 404, "path": "$batch"})
    (answer,) = world.connector().show([change(lamp, 5)])
    assert isinstance(answer, Refused)
    assert "changes per request lower (1 sends each by itself)" in str(answer)
    (single,) = world.connector(changes_per_request=1).show([change(lamp, 5)])
    assert isinstance(single, Done)


def test_too_many_requests_put_all_off_for_as_long_as_the_shop_asks(world: SandboxWorld) -> None:
    articles = shown(world.connector(), "HOME-014", "HOME-015")
    world.faults({"kind": "status", "status": 429, "path": "$batch", "retry_after": 7})
    answers = world.connector().show([change(each, 6) for each in articles])
    assert [isinstance(answer, TryAgainLater) and answer.retry_after for answer in answers] == [7.0, 7.0]
