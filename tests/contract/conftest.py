"""A sandbox shop for the tests of its Web API; connectors' own suites bring their own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox import RunningShop, running_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """Return a running shop that sold 130 orders within an hour."""
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        running.orders(130, spread_seconds=3600)
        yield running


@pytest.fixture
def api(shop: RunningShop) -> Iterator[httpx.Client]:
    """Return a client with the key of its API user."""
    with shop.client() as client:
        yield client


@pytest.fixture
def order_id(shop: RunningShop) -> int:
    """Return a fresh order."""
    found = shop.orders(1, start=10_000)["ids"]
    return int(found[0])
