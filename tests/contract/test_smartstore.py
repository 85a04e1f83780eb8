"""The Smartstore connector against the sandbox shop, which speaks the real one's Web API with all its traps."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from blocks.documents.products import Article
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Done
from blocks.systems.shops.contract import Page
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from tests.contract.shop_contract import ShopContract, ids, records, takeover
from tests.sandbox import HOUSE, RunningShop, running_shop


@dataclass
class SandboxWorld:
    """The sandbox shop and the connector to it."""

    shop: RunningShop

    def connector(self, **settings: Any) -> SmartstoreShop:
        usual = {"url": self.shop.url, "public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
        return SmartstoreShop(**{**usual, **settings})

    def strangers_connector(self) -> SmartstoreShop:
        return self.connector(secret_key="0" * 32)

    def place(self, count: int) -> list[str]:
        return [str(number) for number in self.shop.orders(count)["ids"]]

    def faults(self, *faults: dict[str, Any]) -> None:
        self.shop.faults(*faults)

    def rows(self, entity_set: str, condition: str) -> list[dict[str, Any]]:
        with self.shop.client() as client:
            answer = client.get(entity_set, params={"$filter": condition}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["value"]
        return found

    def marks(self, order_id: str) -> tuple[int, int]:
        notes = self.rows("OrderNotes", f"OrderId eq {order_id} and contains(Note,'SOMS')")
        return len(self.rows("SyncMappings", f"EntityId eq {order_id}")), len(notes)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def world(sandbox: RunningShop) -> Iterator[SandboxWorld]:
    yield SandboxWorld(sandbox)
    sandbox.no_faults()
    sandbox.admin.patch("/admin/settings", json={"denied": [], "require_tls": False}).raise_for_status()


class TestSmartstoreContract(ShopContract):
    """A Smartstore shop does what every shop does."""


def test_orders_changed_in_the_same_instant_are_all_read_however_the_pages_fall(world: SandboxWorld) -> None:
    shop = world.connector(page_size=7)
    since = shop.server_time()
    placed = world.place(100)
    assert sorted(ids(shop.orders_changed(since)), key=int) == placed


@pytest.mark.parametrize("fault", ["reorder_rows", "duplicate_rows"])
def test_shuffled_and_repeated_rows_lose_nothing(world: SandboxWorld, fault: str) -> None:
    shop = world.connector(page_size=20)
    since = shop.server_time()
    placed = world.place(90)
    undisturbed = list(shop.orders_changed(since))
    world.faults({"kind": fault})
    pages = list(shop.orders_changed(since))
    found = {record.external_id: record.body for record in records(iter(pages))}
    assert list(found.items()) == [(each.external_id, each.body) for each in records(iter(undisturbed))]
    assert sorted(found, key=int) == placed
    assert len(pages) <= len(undisturbed) + 1  # doubled rows fill the last page, so one more has to be looked at


def test_an_order_that_becomes_visible_late_is_found_with_the_overlap(world: SandboxWorld) -> None:
    shop = world.connector()
    hidden = [str(number) for number in world.shop.orders(2, commit_delay=3600)["ids"]]
    *_, last = shop.orders_changed(shop.server_time() - timedelta(seconds=1))
    assert not set(hidden) & set(ids(shop.orders_by_id(hidden)))
    world.shop.admin.post("/admin/orders/commit").raise_for_status()
    assert set(hidden) <= set(ids(shop.orders_changed(last.position - timedelta(minutes=2))))


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_shop_clock_that_is_wrong_makes_no_poll_skip_orders(world: SandboxWorld, seconds: int) -> None:
    shop = world.connector()
    since = shop.server_time()
    world.faults({"kind": "clock_skew", "seconds": seconds})
    *_, last = shop.orders_changed(since)
    later = world.place(2)
    assert set(later) <= set(ids(shop.orders_changed(last.position)))


def test_orders_whose_time_lies_ahead_make_no_poll_skip_later_ones(tmp_path: Path) -> None:
    with running_shop(tmp_path) as own:
        world = SandboxWorld(own)
        shop = world.connector(page_size=2)
        since = shop.server_time()
        for second in range(4):  # full pages that end ahead of every clock
            row = {"set": "Orders", "values": {"UpdatedOnUtc": f"9999-12-31T23:59:0{second}Z"}}
            own.admin.post("/admin/rows", json=row).raise_for_status()
        reached = max(page.position for page in shop.orders_changed(since))
        later = world.place(2)
        assert set(later) <= set(ids(shop.orders_changed(reached)))


def test_a_poll_that_breaks_off_has_handed_out_positions_to_go_on_from(world: SandboxWorld) -> None:
    shop = world.connector(page_size=10)
    since = shop.server_time()
    placed = world.place(35)
    world.faults({"kind": "cut_after", "path": "/odata/v1/Orders?", "nth": 3})
    pages: list[Page] = []
    with pytest.raises(TryAgainLater):
        pages.extend(shop.orders_changed(since))
    assert [len(page.records) for page in pages] == [10, 10]
    pages += shop.orders_changed(pages[-1].position)
    assert set(ids(iter(pages))) == set(placed)


def test_a_field_that_is_missing_makes_the_order_unreadable_and_no_other(world: SandboxWorld) -> None:
    shop = world.connector()
    placed = world.place(2)
    first, second = records(shop.orders_by_id(placed))
    world.faults({"kind": "drop_field", "name": "OrderTotal"})
    broken, _ = records(shop.orders_by_id(placed))
    assert shop.read_order(second, "berlin").external_id == placed[1]
    with pytest.raises(Unreadable) as caught:
        shop.read_order(broken, "berlin")
    assert [reason.place for reason in caught.value.reasons] == ["OrderTotal"]
    assert broken.external_id == first.external_id


def test_an_order_without_its_id_is_handed_out_all_the_same(world: SandboxWorld) -> None:
    shop = world.connector()
    placed = world.place(1)
    world.faults({"kind": "drop_field", "name": "Id"})
    found = records(shop.orders_by_id(placed))
    assert [record.external_id[0] for record in found] == ["?"]


def test_only_the_chosen_stores_are_polled(world: SandboxWorld) -> None:
    since = world.connector().server_time()
    placed = world.place(2)
    store = world.rows("Orders", f"Id eq {placed[0]}")[0]["StoreId"]
    assert ids(world.connector(store_ids=[store]).orders_changed(since)) == placed
    assert ids(world.connector(store_ids=[store + 1]).orders_changed(since)) == []


def test_a_missing_permission_is_refused_although_the_shop_answers_500(world: SandboxWorld) -> None:
    world.shop.admin.patch("/admin/settings", json={"denied": ["order.read"]}).raise_for_status()
    with pytest.raises(Refused) as caught:
        world.connector().server_time()
    assert "permission" in str(caught.value)
    assert "stacktrace" not in str(caught.value)


def test_plain_http_to_a_shop_that_wants_tls_is_refused_with_the_remedy(world: SandboxWorld) -> None:
    world.shop.admin.patch("/admin/settings", json={"require_tls": True}).raise_for_status()
    with pytest.raises(Refused) as caught:
        world.connector().server_time()
    assert "https://" in str(caught.value)


def test_an_html_page_in_place_of_json_is_asked_for_again(world: SandboxWorld) -> None:
    world.faults({"kind": "status", "status": 503, "html": True})
    with pytest.raises(TryAgainLater):
        world.connector().server_time()


POSTS = ["/odata/v1/SyncMappings", "/odata/v1/OrderNotes"]


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "status"])
@pytest.mark.parametrize("path", POSTS)
def test_a_lost_answer_to_a_takeover_is_made_good_by_calling_again(world: SandboxWorld, path: str, kind: str) -> None:
    shop = world.connector()
    wanted = [takeover(order) for order in world.place(3)]
    world.faults({"kind": kind, "method": "POST", "path": path, "nth": 2})
    first = shop.mark_taken_over(wanted)
    assert [type(answer) for answer in first] == [Done, TryAgainLater, TryAgainLater]
    assert all(answer.maybe_done for answer in first if isinstance(answer, TryAgainLater))
    second = shop.mark_taken_over(wanted)
    assert [type(answer) for answer in second] == [Done, Done, Done]
    assert {world.marks(each.order_id) for each in wanted} == {(1, 1)}


_TAKE_OVER = """
import json, sys
from blocks.systems.shops.contract import Takeover
from blocks.systems.shops.smartstore import SmartstoreShop
print("ready", flush=True)
sys.stdin.readline()
settings, wanted = json.loads(sys.argv[1])
SmartstoreShop(**settings).mark_taken_over([Takeover.model_validate_json(each) for each in wanted])
"""


@pytest.mark.parametrize("kind", ["kill_before", "kill_after"])
@pytest.mark.parametrize("path", POSTS)
def test_a_takeover_killed_half_way_is_completed_by_the_next_run(world: SandboxWorld, path: str, kind: str) -> None:
    wanted = [takeover(order) for order in world.place(2)]
    settings = {"url": world.shop.url, "public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
    given = json.dumps([settings, [each.model_dump_json() for each in wanted]])
    command = [sys.executable, "-c", _TAKE_OVER, given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOUSE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        world.faults({"kind": kind, "method": "POST", "path": path, "nth": 1, "pid": process.pid})
        process.communicate("go\n")
    assert process.returncode == -9
    answers = world.connector().mark_taken_over(wanted)
    assert [type(answer) for answer in answers] == [Done, Done]
    assert {world.marks(each.order_id) for each in wanted} == {(1, 1)}


def test_the_note_and_the_mapping_say_what_was_taken_over_and_when(world: SandboxWorld) -> None:
    (order,) = world.place(1)
    at = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
    world.connector().mark_taken_over([takeover(order, erp_number="SO-0815", taken_at=at)])
    (mapping,) = world.rows("SyncMappings", f"EntityId eq {order}")
    (note,) = world.rows("OrderNotes", f"OrderId eq {order} and contains(Note,'SOMS')")
    assert (mapping["SourceKey"], mapping["CustomString"]) == (f"SOMS-berlin-{order}", "SO-0815")
    assert (mapping["EntityName"], mapping["ContextName"]) == ("Order", "SOMS")
    assert "SO-0815" in note["Note"]
    assert note["DisplayToCustomer"] is False
    assert note["CreatedOnUtc"].startswith("2026-11-21T14:30:00")


def test_an_order_taken_over_under_another_reference_is_refused_and_gets_no_second_note(world: SandboxWorld) -> None:
    (order,) = world.place(1)
    shop = world.connector()
    shop.mark_taken_over([takeover(order, reference="SOMS-other-1")])
    (answer,) = shop.mark_taken_over([takeover(order)])
    assert isinstance(answer, Refused)
    assert "another reference" in str(answer)
    assert world.marks(order) == (1, 1)


def test_a_reference_used_for_another_order_is_refused_and_the_next_takeover_goes_on(world: SandboxWorld) -> None:
    first, second, third = world.place(3)
    shop = world.connector()
    shop.mark_taken_over([takeover(first)])
    answers = shop.mark_taken_over([takeover(second, reference=f"SOMS-berlin-{first}"), takeover(third)])
    assert [type(answer) for answer in answers] == [Refused, Done]
    assert world.marks(second) == (0, 0)


def test_an_order_id_that_is_no_number_is_refused(world: SandboxWorld) -> None:
    (answer,) = world.connector().mark_taken_over([takeover("4711; drop")])
    assert isinstance(answer, Refused)


def test_a_mapping_that_appeared_after_the_search_is_adopted(world: SandboxWorld) -> None:
    (order,) = world.place(1)
    shop = world.connector()
    shop.mark_taken_over([takeover(order)])
    world.faults({"kind": "drop_field", "name": "EntityId", "path": "/odata/v1/SyncMappings", "nth": 1})
    (answer,) = shop.mark_taken_over([takeover(order)])
    assert isinstance(answer, Done)
    assert answer.adopted
    assert world.marks(order) == (1, 1)
    assert [fault["fired"] for fault in world.shop.no_faults()] == [1]


def test_a_duplicate_sku_is_yielded_each_time_and_hidden_articles_are_not_published(world: SandboxWorld) -> None:
    sold = {
        "Name": "Twin",
        "Sku": "HOME-001",
        "ProductTypeId": 5,
        "Price": 1,
        "Visibility": "Hidden",
        "Published": True,
    }
    number = world.shop.add("Products", **sold)
    try:
        articles = [each for page in world.connector().articles("berlin") for each in page if each.sku == "HOME-001"]
        assert [article.published for article in articles] == [True, False]
    finally:
        with world.shop.client() as client:
            client.delete(f"Products({number})").raise_for_status()


def test_a_product_that_cannot_be_read_is_named_after_all_others_were_yielded(world: SandboxWorld) -> None:
    number = world.shop.add("Products", Name="Odd", Sku="ODD", ProductTypeId=0, Visibility="Full")
    found: list[Article] = []
    try:
        with pytest.raises(Unreadable) as caught:
            found.extend(article for page in world.connector().articles("berlin") for article in page)
        assert [reason.place for reason in caught.value.reasons] == [f"Products({number}).ProductTypeId"]
        assert len(found) > 50
    finally:
        with world.shop.client() as client:
            client.delete(f"Products({number})").raise_for_status()


Answer = Callable[[dict[str, str]], tuple[int, dict[str, Any]]]


@contextmanager
def server_answering(answer: Answer, max_top: int) -> Iterator[SmartstoreShop]:
    """Run a shop whose merchant allows small pages only, or which is broken in a way the sandbox never is."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer({name: texts[0] for name, texts in parse_qs(urlsplit(self.path).query).items()})
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Smartstore-Api-MaxTop", str(max_top))
            self.send_header("Smartstore-Api-Date", "2026-08-21T10:11:12.1234567Z")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield SmartstoreShop(url=f"http://127.0.0.1:{server.server_port}", public_key="a", secret_key="b")
        finally:
            server.shutdown()
            serving.join()


def _row(number: int) -> dict[str, Any]:
    return {"Id": number, "UpdatedOnUtc": f"2026-08-21T10:00:00.000000{number % 10}Z"}


def test_a_page_limit_below_ours_is_respected_and_nothing_is_lost() -> None:
    def answer(query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if int(query["$top"]) > 3:
            return 400, {"error": {"code": "", "message": "The limit of '3' for Top query has been exceeded."}}
        after = int(query.get("$filter", "gt 0").rstrip(")").rpartition("gt ")[2])
        return 200, {"value": [_row(number) for number in range(after + 1, min(after + 4, 9))]}

    with server_answering(answer, max_top=3) as shop:
        assert ids(shop.orders_changed(None)) == [str(number) for number in range(1, 9)]


def test_pages_that_never_advance_end_in_an_error_and_not_in_a_loop() -> None:
    with server_answering(lambda _: (200, {"value": [_row(1), _row(2)]}), max_top=2) as shop:
        pages = shop.orders_changed(None)
        assert len(next(pages).records) == 2
        with pytest.raises(TryAgainLater):
            next(pages)


def test_a_redirect_is_refused_instead_of_followed_with_the_keys() -> None:
    with server_answering(lambda _: (302, {}), max_top=120) as shop, pytest.raises(Refused):
        shop.server_time()
