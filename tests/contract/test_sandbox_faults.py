"""Faults strike what they name and nothing else, in the shop and through the proxy."""

import gzip
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from tests.sandbox import Controlled, RunningShop, running_proxy, running_shop

CUT = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        running.orders(10)
        yield running


@pytest.fixture(scope="module")
def proxy(shop: RunningShop) -> Iterator[Controlled]:
    with running_proxy(shop.url) as running:
        yield running


@pytest.fixture(params=["at the shop", "through the proxy"])
def faulty(request: pytest.FixtureRequest, shop: RunningShop, proxy: Controlled) -> Iterator[Controlled]:
    """Return whichever carries the faults, without any at first."""
    chosen: Controlled = shop if request.param == "at the shop" else proxy
    chosen.no_faults()
    chosen.forget_requests()
    yield chosen
    chosen.no_faults()


@pytest.fixture
def api(faulty: Controlled, shop: RunningShop) -> Iterator[httpx.Client]:
    with shop.client() as client:
        client.base_url = f"{faulty.url}/odata/v1/"
        yield client


def notes(shop: RunningShop) -> int:
    return int(shop.admin.get("/admin/state").json()["notes"])


NOTE = {"OrderId": 1, "Note": "marker 4711"}


def test_a_cut_before_the_work_leaves_nothing_done(faulty: Controlled, shop: RunningShop, api: httpx.Client) -> None:
    before = notes(shop)
    faulty.faults({"kind": "cut_before", "method": "POST", "path": "/odata/v1/OrderNotes"})
    with pytest.raises(CUT):
        api.post("OrderNotes", json=NOTE)
    assert api.get("OrderNotes?$top=1").status_code == 200
    assert notes(shop) == before


def test_a_cut_after_the_work_leaves_it_done(faulty: Controlled, shop: RunningShop, api: httpx.Client) -> None:
    before = notes(shop)
    faulty.faults({"kind": "cut_after", "body": "marker 4711"})
    with pytest.raises(CUT):
        api.post("OrderNotes", json=NOTE)
    assert api.post("OrderNotes", json={"OrderId": 1, "Note": "other"}).status_code == 201
    assert notes(shop) == before + 2


def test_a_status_comes_with_retry_after_and_only_as_often_as_asked(faulty: Controlled, api: httpx.Client) -> None:
    faulty.faults({"kind": "status", "status": 429, "retry_after": 7, "times": 2, "path": "Orders"})
    answers = [api.get("Orders?$top=1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    faulty.faults({"kind": "status", "status": 503, "html": True})
    assert api.get("Orders").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("which", "struck"),
    [
        ({"nth": 2}, [2]),
        ({"every": 3}, [3, 6]),
        ({"from": 2, "to": 4}, [2, 3, 4]),
        ({"from": 3, "times": 2}, [3, 4]),
        ({}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_fault_counts_the_requests_that_match_and_strikes_those_it_names(
    faulty: Controlled, api: httpx.Client, which: dict[str, int], struck: list[int]
) -> None:
    faulty.faults({"kind": "status", "status": 500, "path": "/odata/v1/Orders", **which})
    found = []
    for number in range(1, 7):
        if api.get("Orders?$top=1").status_code == 500:
            found.append(number)
        assert api.get("Customers?$top=1").status_code == 200
    assert found == struck
    counted = faulty.no_faults()[0]
    assert (counted["matched"], counted["fired"]) == (6, len(struck))


def test_rows_can_come_twice_or_in_another_order(faulty: Controlled, api: httpx.Client) -> None:
    faulty.faults({"kind": "duplicate_rows", "nth": 1}, {"kind": "reorder_rows", "nth": 2})
    twice, backwards = (api.get("Orders?$top=3&$select=Id,OrderTotal") for _ in range(2))
    assert [row["Id"] for row in twice.json()["value"]] == [1, 1, 2, 2, 3, 3]
    assert [row["Id"] for row in backwards.json()["value"]] == [3, 2, 1]
    assert '"OrderTotal":' in twice.text
    assert all(len(part.split("}")[0].partition(".")[2]) == 4 for part in twice.text.split('"OrderTotal":')[1:])


def test_a_body_can_be_torn_or_lack_a_field(faulty: Controlled, api: httpx.Client) -> None:
    faulty.faults({"kind": "malformed_json", "nth": 1}, {"kind": "drop_field", "name": "Quantity", "from": 2})
    torn = api.get("Orders(1)?$expand=OrderItems")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        torn.json()
    lacking = api.get("Orders(1)?$expand=OrderItems").json()
    assert all("Quantity" not in item and "Sku" in item for item in lacking["OrderItems"])


def test_the_clock_can_go_wrong(faulty: Controlled, api: httpx.Client) -> None:
    true = api.get("Orders(1)").headers["Smartstore-Api-Date"]
    faulty.faults({"kind": "clock_skew", "seconds": -7200})
    skewed = api.get("Orders(1)").headers["Smartstore-Api-Date"]
    assert skewed < true
    assert len(skewed) == len(true)


def test_latency_outlasts_a_hasty_client(faulty: Controlled, api: httpx.Client) -> None:
    faulty.faults({"kind": "latency", "seconds": 5, "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        api.get("Orders(1)", timeout=0.2)
    assert api.get("Orders(1)").status_code == 200


def test_recent_orders_can_be_held_back(shop: RunningShop) -> None:
    shop.no_faults()
    new = shop.orders(1)["ids"][0]
    with shop.client() as client:
        shop.faults({"kind": "commit_delay", "seconds": 3600})
        assert client.get(f"Orders({new})").status_code == 404
        shop.no_faults()
        assert client.get(f"Orders({new})").status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("kill_before", 0), ("kill_after", 1)])
def test_a_process_is_killed_before_or_after_the_work(
    faulty: Controlled, shop: RunningShop, api: httpx.Client, kind: str, done: int
) -> None:
    before = notes(shop)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        faulty.faults({"kind": kind, "pid": victim.pid, "path": "OrderNotes", "nth": 1})
        with pytest.raises(CUT):
            api.post("OrderNotes", json=NOTE)
        assert victim.wait(10) == -9
    assert notes(shop) == before + done


def test_a_process_that_has_ended_is_no_matter(faulty: Controlled, api: httpx.Client) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as victim:
        victim.wait()
    faulty.faults({"kind": "kill_before", "pid": victim.pid, "nth": 1})
    with pytest.raises(CUT):
        api.get("Orders(1)")
    assert faulty.no_faults()[0]["missed"] == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "flood"},
        {"kind": "status", "unknown": 1},
        {"kind": "kill_after"},
        {"kind": "latency", "nth": 0},
        "x",
        {},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(faulty: Controlled, fault: object) -> None:
    assert faulty.admin.post("/admin/faults", json=[fault]).status_code == 400


def test_requests_are_listed_in_order_and_operators_are_not_struck(faulty: Controlled, api: httpx.Client) -> None:
    faulty.faults({"kind": "status", "status": 500})
    api.get("Orders(1)")
    api.post("OrderNotes", json=NOTE)
    found = [(row["n"], row["method"], row["path"]) for row in faulty.requests()]
    assert found == [(1, "GET", "/odata/v1/Orders(1)"), (2, "POST", "/odata/v1/OrderNotes")]
    assert faulty.admin.get("/health").status_code == 200
    faulty.forget_requests()
    assert faulty.requests() == []


def test_the_proxy_passes_bodies_and_headers_untouched(shop: RunningShop, proxy: Controlled) -> None:
    proxy.no_faults()
    with shop.client() as direct, shop.client() as through:
        through.base_url = f"{proxy.url}/odata/v1/"
        path = "Orders?$filter=contains(ShippingMethod,'%C3%BC') or Id eq 1&$expand=OrderItems"
        one, other = direct.get(path), through.get(path, headers={"Host": direct.base_url.netloc.decode()})
    assert one.content == other.content
    ignored = {"smartstore-api-date", "date"}
    assert [pair for pair in one.headers.items() if pair[0] not in ignored] == [
        pair for pair in other.headers.items() if pair[0] not in ignored
    ]


class Packed(BaseHTTPRequestHandler):
    """Answers everything with what it was asked, packed."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.compress(self.path.encode() + b" " + asked, mtime=0)
        self.send_response(203)
        for name, value in (("Content-Encoding", "gzip"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_the_proxy_leaves_packed_answers_packed() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Packed) as target:
        Thread(target=target.serve_forever, daemon=True).start()
        with (
            running_proxy(f"http://127.0.0.1:{target.server_port}") as proxy,
            httpx.stream("POST", f"{proxy.url}/a%2Fb?x=%20", content=b"\x00\xff", trust_env=False) as answer,
        ):
            raw = b"".join(answer.iter_raw())
        target.shutdown()
    assert gzip.decompress(raw) == b"/a%2Fb?x=%20 \x00\xff"
    assert (answer.status_code, answer.headers.get_list("Set-Cookie")) == (203, ["a=1", "b=2"])


def test_a_target_that_is_away_is_a_502() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with running_proxy(f"http://127.0.0.1:{closed.getsockname()[1]}") as proxy:
            assert httpx.get(f"{proxy.url}/x", trust_env=False).status_code == 502
