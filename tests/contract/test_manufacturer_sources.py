"""Manufacturers' sources against the sandbox: what is fetched, how politely, and what a hostile one cannot do."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from blocks.database import fetched
from blocks.database.engine import Database
from blocks.database.turns import Turns
from blocks.errors import Refused, TryAgainLater
from blocks.systems.manufacturers.catalogue_folder import ManufacturerFolder
from blocks.systems.manufacturers.contract import Wanted
from blocks.systems.manufacturers.rest_api import ManufacturerApi
from deployments.sandbox.manufacturer import connections
from deployments.sandbox.manufacturer.app import CLIENT, CLIENT_SECRET
from deployments.sandbox.manufacturer.files import deliver
from tests import stack
from tests.manufacturer import RunningManufacturer, Visits, running_manufacturer
from tests.sandbox import HOUSE

COUNT = 12


@pytest.fixture(scope="module")
def running() -> Iterator[RunningManufacturer]:
    with running_manufacturer(COUNT) as found:
        yield found


@pytest.fixture
def maker(running: RunningManufacturer) -> RunningManufacturer:
    running.behave()
    return running


@pytest.fixture
def visits(database_url: stack.DatabaseUrls) -> Visits:
    return Visits(Database(database_url.app))


def test_a_site_is_fetched_by_its_sitemap_once_and_then_only_what_changed(
    maker: RunningManufacturer, visits: Visits
) -> None:
    site = maker.site()
    first = visits.to(site)
    assert (first.new, first.listed_before, first.listed) == (2 + 2 * COUNT, 0, COUNT)
    assert maker.asked()[0] == "/robots.txt"

    second = visits.to(site)
    assert (second.new, second.unchanged) == (0, first.new)
    assert second.bytes * 20 < first.bytes
    assert visits.count("inbox WHERE kind = 'product_data'") == 2 * COUNT

    maker.revise("NL-100003")
    third = visits.to(site)
    assert third.new == 2  # the page and its data sheet
    changed = [thing for thing in site.things(visits.database, source=visits.source) if "NL-100003" in thing.address]
    assert [(thing.kind, thing.parent.endswith("NL-100003.html")) for thing in changed] == [
        ("page", False),
        ("datasheet", True),
    ]


def test_what_was_fetched_a_short_while_ago_is_not_asked_for_again(maker: RunningManufacturer, visits: Visits) -> None:
    site = maker.site(fresh_hours=6.0)
    visits.to(site, again=False)
    maker.forget_requests()
    assert visits.to(site, again=False).asked == 0
    assert maker.asked() == []


def test_robots_are_told_where_not_to_go_and_how_slowly(maker: RunningManufacturer, visits: Visits) -> None:
    site = maker.site(page_pattern="", document_pattern="")  # the sitemap lists a page that robots.txt forbids
    found = visits.to(site)
    assert found.refused == 1
    assert not any(path.startswith("/intern/") for path in maker.asked())
    assert any("asks robots not to visit" in sentence for sentence in visits.said)


def test_an_api_is_read_by_its_description_whatever_way_its_lists_are_continued(
    maker: RunningManufacturer, database_url: stack.DatabaseUrls
) -> None:
    size = {"size": 5, "size_parameter": "size"}
    ways = {
        "total": {"by": "page", "total_at": "total", **size},
        "page": {"by": "page", **size},
        "offset": {"by": "offset", "parameter": "offset", "first": 0, **size},
        "cursor": {"by": "cursor", "parameter": "cursor", "cursor_at": "next", **size},
        "link": {"by": "link", **size},
    }
    for name, paging in ways.items():
        whole = {"list_path": "/products?full=1", "item_path": "", "id_at": ""}
        api = ManufacturerApi(**{**connections.api(maker.url, calls_per_second=1000), **whole, "paging": paging})
        visits = Visits(Database(database_url.app), f"manufacturer-api/{name}")
        visits.to(api)
        things = list(api.things(visits.database, source=visits.source))
        read = {product.mpn: product for thing in things for product in thing.read()}
        assert set(read) == {truth.mpn for truth in maker.products}, name
        for truth in maker.products:
            said = {(each.name, each.value, each.unit) for each in read[truth.mpn].attributes}
            assert said == {(each.name, each.value, each.unit) for each in truth.all_features()}
            assert (read[truth.mpn].gtin, read[truth.mpn].price) == (truth.gtin, truth.price)


def test_an_api_that_lists_ids_is_asked_for_each_and_its_documents_say_whose_they_are(
    maker: RunningManufacturer, visits: Visits
) -> None:
    media = [{"at": "media[type=sheet].url", "purpose": "data_sheet", "fetched": True}]
    api = maker.api(item={**connections.ITEM, "media": media})
    assert visits.to(api).new == 1 + 2 * COUNT
    sheets = [thing for thing in api.things(visits.database, source=visits.source) if thing.kind == "datasheet"]
    assert {thing.about["gtin"] for thing in sheets} == {truth.gtin for truth in maker.products}
    assert visits.to(api).bytes == 0


def test_single_articles_are_asked_for_by_number_and_the_rest_stands(
    maker: RunningManufacturer, visits: Visits
) -> None:
    settings = {**connections.api(maker.url, calls_per_second=1000, fresh_hours=0), "item_path": "/gtin/{gtin}"}
    api = ManufacturerApi(**{**settings, "list_path": "", "sign_in": "oauth2", "user": CLIENT, "secret": CLIENT_SECRET,
                             "token_url": f"{maker.url}/oauth/token"})  # fmt: skip
    first, second = maker.products[0], maker.products[1]
    unknown = Wanted(gtin="4099998999994")
    assert api.offer.by_article
    assert visits.to(api, Wanted(gtin=first.gtin), unknown, Wanted(sku="no GTIN")).gone == 1
    assert visits.to(api, Wanted(gtin=second.gtin)).new == 1
    offered = [next(iter(thing.read())).mpn for thing in api.things(visits.database, source=visits.source)]
    assert sorted(filter(None, offered)) == [first.mpn, second.mpn]
    assert maker.asked().count("/oauth/token") == 2  # once a visit, not once a request


def test_a_wrong_key_is_refused_in_a_sentence_and_nothing_is_kept(maker: RunningManufacturer, visits: Visits) -> None:
    with pytest.raises(Refused, match="check the credentials"):
        visits.to(maker.api(secret="wrong"))
    assert visits.count("inbox") == 0


def test_what_is_taken_off_the_lists_is_not_offered_any_more_and_comes_back_whole(
    maker: RunningManufacturer, visits: Visits
) -> None:
    site = maker.site()
    visits.to(site)
    maker.quirks({"name": "half_missing", "channel": "site"})
    halved = visits.to(site)
    assert (halved.listed_before, halved.listed) == (COUNT, COUNT // 2)
    assert len(visits.addresses(site)) == COUNT  # half the pages, each with its data sheet
    maker.behave()
    assert visits.to(site).listed == COUNT
    assert len(visits.addresses(site)) == 2 * COUNT


@pytest.mark.parametrize(
    ("quirk", "said"),
    [
        ("endless_redirect", "more than 5 redirects"),
        ("private_redirect", "left alone: the host '169.254.169.254'"),
        ("foreign_redirect", "left alone: the host 'elsewhere.example'"),
        ("huge_page", "more than 1 MB"),
        ("gzip_bomb", "more than 1 MB"),
        ("wrong_type", "'video/mp4'"),
        ("only_304", "nothing was known of it"),
    ],
)
def test_a_hostile_answer_is_cut_off_said_and_holds_up_none_beside_it(
    maker: RunningManufacturer, visits: Visits, quirk: str, said: str
) -> None:
    maker.quirks({"name": quirk, "channel": "site", "mpn": "NL-100004"})
    site = maker.site(largest_megabytes=1, document_pattern="")
    found = visits.to(site)
    assert (found.refused, found.new) == (1, 2 + COUNT - 1)
    assert any(said in sentence and "NL-100004" in sentence for sentence in found.findings), found.findings
    assert found.bytes < 4_000_000
    assert not any("NL-100004" in address for address in visits.addresses(site))


def test_an_answer_that_fails_leaves_the_last_good_one_in_force(maker: RunningManufacturer, visits: Visits) -> None:
    site = maker.site(document_pattern="")
    visits.to(site)
    maker.faults({"kind": "status", "status": 503, "path": "/produkte/NL-100005.html"})
    maker.revise("NL-100006")
    with pytest.raises(TryAgainLater, match="1 more will be asked for"):
        visits.to(site)
    assert len(visits.addresses(site)) == COUNT
    maker.behave()
    assert visits.to(site.model_copy(update={"fresh_hours": 6.0}), again=False).failed == 0
    assert "/produkte/NL-100005.html" in maker.asked()


def test_a_host_that_says_when_to_come_back_is_left_alone_until_then(
    maker: RunningManufacturer, visits: Visits
) -> None:
    maker.faults({"kind": "status", "status": 429, "retry_after": 300, "path": "/produkte/", "from": 3})
    site = maker.site(max_in_flight=1, fresh_hours=6.0)
    with pytest.raises(TryAgainLater) as caught:
        visits.to(site, again=False)
    assert caught.value.retry_after == 300
    pages = [path for path in maker.asked() if path.startswith("/produkte/")]
    assert len(pages) < COUNT  # it did not go on knocking
    with visits.database.connect() as connection:
        row = connection.execute("SELECT next_at > now() + interval '50 s' AS waits FROM system_turn").fetchone()
    assert row == {"waits": True}  # every worker waits


def test_cookies_are_neither_kept_nor_sent(maker: RunningManufacturer, visits: Visits) -> None:
    maker.quirks("sets_cookies")
    visits.to(maker.site())
    visits.to(maker.site())
    assert maker.admin.get("/admin/cookies").json() == {"seen": 0}


def test_a_server_without_etags_costs_its_bytes_but_no_second_copy(maker: RunningManufacturer, visits: Visits) -> None:
    maker.quirks("no_validators")
    first, second = visits.to(maker.site()), visits.to(maker.site())
    assert second.new == 0
    assert second.bytes > first.bytes * 0.9
    assert visits.count("inbox WHERE deliveries > 1") == 0


def test_an_endless_list_ends_where_the_connection_says(maker: RunningManufacturer, visits: Visits) -> None:
    maker.quirks("endless_list")
    api = maker.api(list_path="/products?full=1", item_path="", id_at="",
                    paging={"by": "cursor", "parameter": "cursor", "cursor_at": "next", "most": 7,
                            "size_parameter": "size", "size": 2})  # fmt: skip
    assert visits.to(api).asked == 7


def test_two_visits_at_once_are_one(maker: RunningManufacturer, visits: Visits) -> None:
    maker.faults({"kind": "latency", "seconds": 0.3, "path": "/sitemap.xml"})
    other = Visits(visits.database)
    thread = threading.Thread(target=lambda: other.to(maker.site()))
    thread.start()
    try:
        while not maker.asked():
            thread.join(0.02)
        found = visits.to(maker.site())
    finally:
        thread.join()
    assert found.asked == 0
    assert any("Another run" in sentence for sentence in visits.said)
    assert visits.count("inbox WHERE kind = 'product_data'") == 2 * COUNT


def test_a_folder_of_catalogues_is_kept_file_by_file_and_the_newest_is_in_force(
    maker: RunningManufacturer, visits: Visits, tmp_path: Path
) -> None:
    folder = ManufacturerFolder(**connections.folder(tmp_path, quiet_seconds=0))
    deliver(maker.products, tmp_path)
    assert visits.to(folder).new == 2
    deliver(list(maker.products)[:6], tmp_path)
    found = visits.to(folder)
    assert (found.new, found.listed) == (2, 2)
    things = list(folder.things(visits.database, source=visits.source))
    assert [thing.address for thing in things] == ["katalog.xml", "preisliste.csv"]
    read = [product.mpn or product.supplier_article_id for product in things[0].read()]
    assert read == [truth.mpn for truth in list(maker.products)[:6]]

    for month in ("10", "11"):
        (tmp_path / "incoming" / f"neu-{month}.csv").write_bytes(f"EAN;Preis\r\n40999990000{month};1,00\r\n".encode())
        visits.to(folder)
    dated = folder.model_copy(update={"dated_names": True})
    assert visits.addresses(folder) == ["katalog.xml", "neu-10.csv", "neu-11.csv", "preisliste.csv"]
    assert visits.addresses(dated) == ["katalog.xml", "neu-11.csv", "preisliste.csv"]


_KILLED = """
import json, sys
from blocks.systems.manufacturers.website import ManufacturerSite
from blocks.database.engine import Database
from tests.manufacturer import Visits
asked = json.loads(sys.stdin.readline())
Visits(Database(asked["database"])).to(ManufacturerSite(**asked["site"]), again=False)
"""


@pytest.mark.parametrize("place", ["/sitemap-1.xml", "/produkte/NL-100007.html", "/datenblatt/NL-100007.pdf"])
def test_a_visit_killed_anywhere_ends_as_if_nothing_had_happened(
    maker: RunningManufacturer, visits: Visits, place: str
) -> None:
    settings = connections.site(maker.url, calls_per_second=1000, fresh_hours=6.0)
    process = subprocess.Popen([sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, text=True, cwd=HOUSE)
    maker.faults({"kind": "kill_after", "path": place, "pid": process.pid, "times": 1})
    process.communicate(json.dumps({"database": visits.database.url, "site": settings}) + "\n")
    assert process.returncode == -signal.SIGKILL
    before = visits.count("inbox WHERE kind = 'product_data'")
    assert before == (COUNT if "datenblatt" in place else 0)  # each step that was done is kept

    maker.forget_requests()
    visits.to(maker.site(fresh_hours=6.0), again=False)
    assert len(visits.addresses(maker.site())) == 2 * COUNT
    assert visits.count("inbox WHERE kind = 'product_data'") == 2 * COUNT
    assert visits.count("inbox WHERE deliveries > 1") == 0
    assert sum("/produkte/" in path for path in maker.asked()) == COUNT - before  # what was kept was not asked again


def test_all_workers_together_keep_to_one_rate(visits: Visits) -> None:
    rate, each = 400.0, 25
    ready, never = threading.Barrier(2), threading.Event()

    def worker() -> None:
        with visits.database.connect(autocommit=True) as connection:
            turns = Turns(connection, "host maker.example", rate)
            ready.wait()
            for _ in range(each):
                turns.wait(never)

    with visits.database.connect(autocommit=True) as connection:
        begun = fetched.clock(connection)
        threads = [threading.Thread(target=worker) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        row = connection.execute("SELECT next_at, clock_timestamp() AS now FROM system_turn").fetchone()
    assert row is not None
    assert row["next_at"] - begun >= timedelta(seconds=2 * each / rate)


def test_a_rate_that_robots_txt_asks_for_is_kept(visits: Visits) -> None:
    with running_manufacturer(3, options=("--crawl-delay", "0.2")) as slow:
        visits.to(slow.site(document_pattern=""))
        with visits.database.connect() as connection:
            row = connection.execute(
                "SELECT max(asked_at) - min(asked_at) AS took FROM fetched WHERE role = 'robots' OR step = 1"
            ).fetchone()
        assert row is not None
        assert row["took"] > timedelta(seconds=0.2 * 3)


def test_a_sitemap_that_is_gone_is_said(maker: RunningManufacturer, visits: Visits) -> None:
    with pytest.raises(Refused, match=r"/nowhere\.xml answered 404.*Correct the address"):
        visits.to(maker.site(sitemap=f"{maker.url}/nowhere.xml"))


def test_what_pages_of_every_layout_say_is_read_and_a_prompt_is_text(
    maker: RunningManufacturer, visits: Visits
) -> None:
    maker.quirks("prompt_text", {"name": "broken_json_ld", "channel": "site", "mpn": "NL-100003"})
    site = maker.site()
    visits.to(site)
    for thing in site.things(visits.database, source=visits.source):
        (product,) = thing.read()
        truth = maker.products.find(thing.name.partition(".")[0])
        assert truth is not None
        if thing.kind == "page":
            assert (product.name, product.gtin) == (truth.name, truth.gtin)
        named = {each.name for each in product.attributes}
        assert {each.name for each in truth.all_features()} <= named, thing.address
        assert thing.licence == connections.LICENCE
