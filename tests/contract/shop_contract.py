"""What every shop connector must do. A connector's own test class inherits it and says how to reach its shop."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Protocol

import pytest

from blocks.documents.orders import Order
from blocks.errors import Refused, TryAgainLater, Unreadable, Unsupported
from blocks.systems.answers import Done
from blocks.systems.shops.contract import Page, Received, Shop, Takeover
from tests.contract.completeness import gaps


class ShopWorld(Protocol):
    """A running shop as the tests see it: the connector under test, and the operator's side behind its back."""

    def connector(self, **settings: Any) -> Shop:
        """Return the connector under test; settings differ from the usual ones."""
        ...

    def strangers_connector(self) -> Shop:
        """Return a connector with wrong credentials."""
        ...

    def place(self, count: int) -> list[str]:
        """Place orders and return their ids, oldest first."""
        ...

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let the shop misbehave."""
        ...

    def marks(self, order_id: str) -> tuple[int, int]:
        """Return how many marks and how many takeover notes an order bears."""
        ...


def records(pages: Iterator[Page]) -> list[Received]:
    """Return all records of all pages."""
    return [record for page in pages for record in page.records]


def ids(pages: Iterator[Page]) -> list[str]:
    """Return the ids of all records in the order in which they came."""
    return [record.external_id for record in records(pages)]


def takeover(order_id: str, **fields: Any) -> Takeover:
    """Return a takeover of one order."""
    usual = {"reference": f"SOMS-berlin-{order_id}", "erp_number": f"S-{order_id}", "taken_at": datetime.now(UTC)}
    return Takeover(order_id=order_id, **{**usual, **fields})


class ShopContract:
    """Inherit as ``TestX(ShopContract)`` beside a fixture ``world`` that gives a `ShopWorld`."""

    def test_the_connector_is_whole(self, world: ShopWorld) -> None:
        found = gaps(type(world.connector()), Shop)
        assert not found, "\n".join(found)

    def test_every_order_is_read_once_and_oldest_change_first(self, world: ShopWorld) -> None:
        shop = world.connector()
        since = shop.server_time()
        placed = world.place(60)
        found = records(shop.orders_changed(since))
        assert sorted(record.external_id for record in found) == sorted(placed)
        changes = [shop.read_order(record, "berlin").changed_at for record in found]
        assert changes == sorted(changes)

    def test_an_order_polled_twice_comes_with_the_same_bytes(self, world: ShopWorld) -> None:
        shop = world.connector()
        since = shop.server_time()
        placed = world.place(7)
        first, second = records(shop.orders_changed(since)), records(shop.orders_changed(since))
        assert len(first) == len(placed)
        assert first == second
        by_id = records(shop.orders_by_id(placed))
        assert {record.body for record in by_id} == {record.body for record in first}

    def test_a_poll_from_the_last_position_finds_what_came_since(self, world: ShopWorld) -> None:
        shop = world.connector()
        since = shop.server_time()
        world.place(3)
        *_, last = shop.orders_changed(since)
        later = world.place(2)
        assert set(later) <= set(ids(shop.orders_changed(last.position)))

    def test_an_idle_poll_yields_one_page_without_records(self, world: ShopWorld) -> None:
        shop = world.connector()
        world.place(1)
        pages = list(shop.orders_changed(shop.server_time() + timedelta(seconds=5)))
        assert [page.records for page in pages] == [()]

    def test_a_window_ends_where_it_is_said_to_end(self, world: ShopWorld) -> None:
        shop = world.connector()
        since = shop.server_time()
        placed = world.place(2)
        until = shop.server_time()
        assert sorted(ids(shop.orders_changed(since, until))) == sorted(placed)
        assert ids(shop.orders_changed(since, since - timedelta(days=1))) == []
        assert all(page.position <= since for page in shop.orders_changed(since, since))

    def test_single_orders_are_found_by_their_ids_and_unknown_ones_are_missing(self, world: ShopWorld) -> None:
        placed = world.place(30)
        found = ids(world.connector().orders_by_id([*placed, "99999999", "x", "-1", "", "9" * 40]))
        assert sorted(found) == sorted(placed)

    def test_what_was_placed_in_a_window_is_listed_and_counted_alike(self, world: ShopWorld) -> None:
        shop = world.connector()
        if not shop.capabilities.orders_by_placing:
            with pytest.raises(Unsupported):
                list(shop.orders_placed(shop.server_time() - timedelta(days=1), shop.server_time()))
            return
        since = shop.server_time() - timedelta(seconds=5)  # an order is older than its becoming visible
        known = {order.external_id for order in chain(*shop.orders_placed(since, shop.server_time()))}
        placed = world.place(130)
        until = shop.server_time() + timedelta(milliseconds=1)
        listed = list(chain(*shop.orders_placed(since, until)))
        assert {order.external_id for order in listed} - known == set(placed)
        assert all(since <= order.placed_at < until for order in listed)
        assert shop.count_placed(since, until) == len(listed) >= 130
        assert list(shop.orders_placed(since - timedelta(days=900), since - timedelta(days=800))) == [()]
        assert shop.ids_in_use([*placed[:40], "99999999", "x", ""]) == set(placed[:40])
        cut = listed[-60].placed_at
        first, second = (list(chain(*shop.orders_placed(*window))) for window in ((since, cut), (cut, until)))
        assert sorted(first + second, key=lambda order: int(order.external_id)) == listed
        assert shop.count_placed(since, cut) + shop.count_placed(cut, until) == len(listed)

    def test_every_sound_order_can_be_read(self, world: ShopWorld) -> None:
        shop = world.connector()
        placed = world.place(40)
        orders = [shop.read_order(record, "berlin") for record in records(shop.orders_by_id(placed))]
        assert sorted(order.external_id for order in orders) == sorted(placed)
        assert {order.channel for order in orders} == {"berlin"}
        assert all(isinstance(order, Order) and order.lines for order in orders)

    @pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\xff", b'{"Id":', b"[" * 10_000])
    def test_bytes_that_are_no_order_are_unreadable_with_reasons(self, world: ShopWorld, body: bytes) -> None:
        with pytest.raises(Unreadable) as caught:
            world.connector().read_order(Received("1", body), "berlin")
        assert caught.value.reasons

    def test_articles_are_yielded_with_their_variants_and_bundles(self, world: ShopWorld) -> None:
        articles = [article for page in world.connector().articles("berlin") for article in page]
        assert {article.kind.value for article in articles} == {"simple", "variant", "bundle"}
        assert all(article.sku and article.name and article.channel == "berlin" for article in articles)
        assert all(bool(article.components) == (article.kind.value == "bundle") for article in articles)

    def test_a_takeover_called_twice_leaves_one_mark_and_one_note(self, world: ShopWorld) -> None:
        shop = world.connector()
        wanted = [takeover(order) for order in world.place(30)]
        first, second = shop.mark_taken_over(wanted), shop.mark_taken_over(wanted)
        for answers, adopted in ((first, False), (second, True)):
            done = [answer for answer in answers if isinstance(answer, Done)]
            assert [answer.reference for answer in done] == [each.reference for each in wanted]
            assert {answer.adopted for answer in done} == {adopted}
        assert {world.marks(each.order_id) for each in wanted} == {(1, 1)}

    def test_marking_nothing_asks_nothing(self, world: ShopWorld) -> None:
        assert world.connector().mark_taken_over([]) == []

    def test_wrong_credentials_are_refused(self, world: ShopWorld) -> None:
        stranger = world.strangers_connector()
        with pytest.raises(Refused):
            stranger.server_time()
        answers = stranger.mark_taken_over([takeover("1")])
        assert [type(answer) for answer in answers] == [Refused]

    def test_a_busy_shop_says_when_to_come_again(self, world: ShopWorld) -> None:
        world.faults({"kind": "status", "status": 429, "retry_after": 17})
        with pytest.raises(TryAgainLater) as caught:
            list(world.connector().orders_changed(None))
        assert caught.value.retry_after == 17

    @pytest.mark.parametrize("kind", ["cut_before", "cut_after", "malformed_json"])
    def test_an_answer_that_does_not_come_whole_is_to_be_asked_for_again(self, world: ShopWorld, kind: str) -> None:
        world.place(1)
        world.faults({"kind": kind})
        with pytest.raises(TryAgainLater):
            list(world.connector().orders_changed(None))

    def test_a_slow_shop_is_given_up_in_time(self, world: ShopWorld) -> None:
        world.faults({"kind": "latency", "seconds": 30})
        with pytest.raises(TryAgainLater):
            world.connector(timeout=0.2).server_time()

    def test_errors_tell_no_secrets(self, world: ShopWorld) -> None:
        world.faults({"kind": "status", "status": 500})
        with pytest.raises(TryAgainLater) as caught:
            list(world.connector().orders_changed(datetime(2026, 1, 1, tzinfo=UTC)))
        assert "2026" not in str(caught.value)
        assert "?" not in str(caught.value)
