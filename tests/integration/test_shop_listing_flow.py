"""Shop listing through Prefect and the terminal: what people start, decide and read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.artifacts import Artifact
from typer.testing import CliRunner

from blocks.database.engine import Database
from blocks.documents.stock import MovementKind
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import register
from deployments.cli_listings import app
from flows.shop_listing import ListingRequest, shop_listing
from tasks.shop_listing.watching import Following
from tests import stack
from tests.listings import ACTOR, SYSTEM, Shelf
from tests.sandbox import RunningShop, running_shop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[RunningShop]:
    with running_shop(tmp_path) as running:
        yield running


@pytest.fixture
def shelf(shop: RunningShop, database_url: stack.DatabaseUrls) -> Shelf:
    shelf = Shelf(shop, Database(database_url.app))
    register(SmartstoreShop)
    shelf.connector().save("berlin", overwrite=True)
    return shelf


def soms(*words: str) -> str:
    found = CliRunner().invoke(app, ["listings", *words])
    return found.output or str(found.exception)


def test_people_run_it_decide_what_is_hidden_and_read_who_hides_what(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-001", "HOME-003", "BOOK-01")
    shelf.stock(0, "HOME-002")
    first = shop_listing(ListingRequest())
    assert (first.looked, first.told, first.refused, first.waiting) == (88, first.due, 0, 0)
    assert (shelf.sees("HOME-003"), shelf.sees("HOME-002")) == ((4, True), (0, False))
    page = Artifact.get("shop-listing-berlin")
    assert page is not None
    assert "| HOME-002 | hidden | 0 |" in str(page.data)
    assert shop_listing(ListingRequest()).idle
    assert soms("hide", "HOME-003", "--reason", "Recalled.") == "1 hidden.\n"
    assert "has no article 'HOME-03'" in soms("hide", "HOME-03", "--reason", "Recalled.")
    shelf.by_hand(BOOK_01={"StockQuantity": 1})
    second = shop_listing(ListingRequest(look_again=True))
    assert (second.looked, second.told) == (88, 2)
    assert (shelf.sees("HOME-003"), shelf.sees("BOOK-01")) == ((4, False), (4, True))
    page = Artifact.get("shop-listing-berlin")
    assert page is not None
    assert "| HOME-003 | 4 |" in str(page.data)
    assert "Recalled." in str(page.data)
    assert "HOME-003" in soms("list", "--hidden-by", "person")
    assert soms("release", "HOME-003", "--reason", "Checked.") == "1 released.\n"
    shop_listing(ListingRequest(skus=["HOME-003"]))
    assert shelf.sees("HOME-003") == (4, True)


def test_following_stock_tells_what_moved_a_moment_ago_with_its_bundles(shelf: Shelf) -> None:
    shelf.look()
    following = Following(shelf.database, ACTOR, SYSTEM, lease=2.0)
    shelf.moves(MovementKind.COUNT, 4, "HOME-001", "HOME-002")
    assert following.once(print)
    assert shelf.sees("SET-01") == (2, True)
    assert not following.once(print)
    shelf.move_each([("HOME-002", -2)])
    assert following.once(print)
    assert (shelf.sees("HOME-002"), shelf.sees("SET-01")) == ((2, True), (1, True))
    shelf.respect("HOME-001")
    shelf.move_each([("HOME-001", 1)])
    shelf.shop.forget_requests()
    assert following.once(print)
    assert not following.once(print)
    assert len(shelf.shop.requests()) == 2
