"""Stock feeds: at the set interval, whole, equal to the ledger; a missed interval raises one alarm until caught up."""

import csv
import json
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import httpx
import pytest
from pydantic import PrivateAttr
from typer.testing import CliRunner

from blocks.database import rulebooks, stock_rules
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.stock_ledger import book_movements
from blocks.documents.stock import MovementKind, StockMovement
from blocks.errors import TryAgainLater
from blocks.systems.feeds.contract import FeedFile, FeedTarget
from blocks.systems.feeds.feed_folder import FeedFolder
from deployments import cli_stock
from deployments.apply import register
from flows.stock_feed import FeedRequest, stock_feed
from tasks.stock_feed import delivering, records
from tasks.stock_feed.records import Planned, Release
from tests import desk, stack
from tests.orders import a_line

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=20, second=0, microsecond=0) + HOUR
"""A moment in the interval after the one in which the tests count and declare."""
MARKET = "feeds: {market: {channel: berlin, target: feed-folder/market"


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", "KIT", "GHOST")
    desk.count(database, 3, "LAMP")
    desk.count(database, 0, "BOOK")
    declare(database, MARKET + "}}")
    return database


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "market").mkdir()
    target = FeedFolder(url=f"file://{tmp_path}/market")
    monkeypatch.setattr(delivering, "load_system", lambda _name: target)
    return tmp_path / "market"


class Broken(FeedTarget):
    """A receiver that fails as it is told, and keeps what it was given."""

    _block_type_name = "Broken"

    _fails: list[Callable[[], None]] = PrivateAttr(default_factory=list)
    _given: list[tuple[str, str]] = PrivateAttr(default_factory=list)

    def replace(self, file: FeedFile) -> None:
        """Keep the file, then fail: the answer is lost."""
        self._given.append((file.reference, file.path.read_text(encoding="utf-8")))
        for fail in self._fails:
            fail()


def declare(database: Database, content: str) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(
            connection, trail, kind="stock_rules", name="default", content=content, by="anna", reason="agreed"
        )


def plan(database: Database, now: datetime = NOW, **how: Any) -> Planned:
    with database.audited(desk.ACTOR) as (connection, trail):
        rules = stock_rules.in_force(connection)
        return records.plan(connection, trail, rules, "market", now, **how)


def deliver(database: Database, patience: float = 0) -> Delivered:
    return deliver_all(
        delivering.DELIVERY, database, desk.ACTOR, lease=0.5, patience=patience, log=lambda _text: None, outlive=False
    )


def listed(folder: Path) -> dict[str, tuple[str, str]]:
    """Return quantity and status by SKU, as the receiver reads them."""
    with (folder / "stock.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: (row["quantity"], row["status"]) for row in csv.DictReader(file, delimiter=";")}


def alarms(database: Database) -> list[tuple[str, bool]]:
    rows = desk.ask(database, "SELECT text, closed_at IS NULL AS open FROM stock_alert ORDER BY id")
    return [(row["text"], row["open"]) for row in rows]


def deliveries(database: Database) -> list[datetime]:
    return [row["due_at"] for row in desk.ask(database, "SELECT due_at FROM feed_delivery ORDER BY id")]


def test_t_inv_11_each_interval_is_served_once_however_often_it_is_looked_at(
    database: Database, folder: Path, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    assert plan(database).due == NOW.replace(minute=0)
    assert plan(database).due is None, "it is due already"
    assert deliver(database).done == 1
    assert listed(folder) == {"LAMP": ("3", "in_stock"), "BOOK": ("0", "sold_out")}, "nobody ever counted the others"
    assert plan(database, NOW + timedelta(minutes=39)).due is None
    desk.count(database, 2, "BOOK")
    assert plan(database, NOW + timedelta(minutes=40)).due == NOW.replace(minute=0) + HOUR
    assert deliver(database).done == 1
    assert listed(folder)["BOOK"] == ("2", "in_stock")
    assert deliveries(database) == [NOW.replace(minute=0), NOW.replace(minute=0) + HOUR]
    assert alarms(database) == []
    assert [path.name for path in folder.iterdir()] == ["stock.csv"], "nothing unfinished is left"
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_t_inv_11_a_missed_interval_raises_one_alarm_that_is_closed_when_it_is_caught_up(
    database: Database, folder: Path, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    plan(database)
    deliver(database)
    assert plan(database, NOW + HOUR).missed == 0, "the interval that runs can still be served"
    assert plan(database, NOW + 2 * HOUR).missed == 1
    assert plan(database, NOW + 3 * HOUR).missed == 2
    ((text, is_open),) = alarms(database)
    assert is_open
    assert text.startswith(
        "Stock feed 'market' to feed-folder/market missed one interval of 60 minutes; last delivered"
    )
    assert deliver(database).done == 1, "one picture, the newest: the older calls were withdrawn"
    assert deliveries(database)[-1] == NOW.replace(minute=0) + 3 * HOUR
    assert alarms(database) == [(text, False)]
    assert set(listed(folder)) == {"LAMP", "BOOK"}
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_a_feed_that_was_never_delivered_is_missed_an_interval_after_it_was_declared(database: Database) -> None:
    (row,) = desk.ask(database, "SELECT activated_at FROM rulebook")
    declared = row["activated_at"]
    first = declared.replace(minute=0, second=0, microsecond=0) + HOUR
    assert plan(database, first + timedelta(minutes=59)).missed == 0
    assert plan(database, first + HOUR).missed == 1


def test_a_shorter_interval_counts_from_when_it_was_declared(database: Database, folder: Path) -> None:
    plan(database, datetime.now(UTC) - 3 * HOUR)
    deliver(database)
    declare(database, MARKET + ", every_minutes: 15}}")
    assert plan(database, datetime.now(UTC)).missed == 0
    assert folder.exists()


def test_t_inv_11_the_alarm_says_why_a_receiver_was_not_served_and_its_pictures_are_not_heaped_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise TryAgainLater("The market is closed.")

    target = Broken()
    target._fails.append(fail)
    monkeypatch.setattr(delivering, "load_system", lambda _name: target)
    for hours in range(4):
        plan(database, NOW + hours * HOUR)
        assert deliver(database).put_off == 1
    ((text, is_open),) = alarms(database)
    assert (is_open, "The market is closed." in text) == (True, True)
    states = desk.ask(database, "SELECT state, count(*)::int AS n FROM effect GROUP BY 1 ORDER BY 1")
    assert states == [{"state": "abandoned", "n": 3}, {"state": "due", "n": 1}]
    target._fails.clear()
    plan(database, NOW + 4 * HOUR)
    assert deliver(database).done == 1
    assert alarms(database) == [(text, False)]


def test_a_worker_that_dies_after_handing_over_is_followed_by_one_that_hands_over_again_and_books_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    target = Broken()
    target._fails.append(die)
    monkeypatch.setattr(delivering, "load_system", lambda _name: target)
    plan(database)
    with pytest.raises(KeyboardInterrupt):
        deliver(database)
    assert deliveries(database) == []
    target._fails.clear()
    assert deliver_all(
        delivering.DELIVERY, database, desk.ACTOR, lease=0.5, patience=5, log=lambda _text: None
    ).done == 1  # fmt: skip
    assert [reference for reference, _ in target._given] == [
        f"SOMS-feed-market-{records.stamp(NOW.replace(minute=0))}"
    ] * 2
    assert deliveries(database) == [NOW.replace(minute=0)]


def test_a_slow_worker_never_puts_its_older_picture_over_a_newer_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        holding.set()
        assert go_on.wait(30)

    target = Broken()
    target._fails.append(wait)
    monkeypatch.setattr(delivering, "load_system", lambda _name: target)
    plan(database)
    slow = threading.Thread(target=deliver, args=(database,))
    slow.start()
    assert holding.wait(30)
    desk.count(database, 9, "LAMP")
    plan(database, NOW + HOUR)
    assert deliver(database).put_off == 1, "another worker is at it"
    go_on.set()
    slow.join()
    assert deliver(database, patience=10).done == 1
    assert ["LAMP;;3;" in text for _, text in target._given] == [True, False]
    assert "LAMP;;9;" in target._given[-1][1]


def test_a_picture_that_lost_its_articles_is_stopped_until_a_person_releases_it(
    database: Database, folder: Path
) -> None:
    desk.know(database, *[f"A{number}" for number in range(30)])
    desk.count(database, 1, *[f"A{number}" for number in range(30)])
    plan(database)
    deliver(database)
    declare(database, MARKET + ", sold_out_too: false}}")
    desk.count(database, 0, *[f"A{number}" for number in range(30)])
    plan(database, NOW + HOUR)
    assert deliver(database).refused == 1
    assert len(listed(folder)) == 32, "the one before stands"
    assert "has only 1 articles, after 32" in desk.ask(database, "SELECT max(last_error) AS why FROM effect")[0]["why"]
    plan(database, NOW + HOUR, release=Release("anna", "The season is over."))
    assert deliver(database).done == 1
    assert set(listed(folder)) == {"LAMP"}


def test_a_feed_that_is_no_longer_declared_leaves_no_alarm_and_no_call(database: Database) -> None:
    plan(database, NOW + 3 * HOUR)
    assert [is_open for _, is_open in alarms(database)] == [True]
    declare(database, "{}")
    with database.audited(desk.ACTOR) as (connection, trail):
        records.close_undeclared(connection, trail, stock_rules.in_force(connection))
    assert [is_open for _, is_open in alarms(database)] == [False]
    assert desk.ask(database, "SELECT DISTINCT state FROM effect") == [{"state": "abandoned"}]


def test_xml_says_what_can_be_said_and_csv_quotes_what_must_be(database: Database, folder: Path) -> None:
    odd = ['A"B', "A&B<C>", "A;B", "=1+1", "Ä ß", "BELL\x07"]
    desk.know(database, *odd)
    desk.count(database, 1, *odd)
    plan(database)
    deliver(database)
    assert set(odd) < listed(folder).keys()
    declare(database, MARKET + ", format: xml}}")
    plan(database, NOW + HOUR)
    deliver(database)
    top = ET.parse(folder / "stock.xml").getroot()  # noqa: S314 - our own file
    assert {each.get("sku") for each in top} == {*odd[:-1], "LAMP", "BOOK"}
    assert top.get("channel") == "berlin"
    answer = desk.ask(database, "SELECT answer FROM effect ORDER BY id DESC LIMIT 1")[0]["answer"]
    assert '"left_out":1' in answer.replace(" ", "")


def test_t_inv_11_what_a_feed_says_equals_the_ledger_after_any_history(database: Database, folder: Path) -> None:
    """The ledger is summed up here, event by event and reservation by reservation, not read from the stock table."""
    dice, skus = random.Random(11), [f"A{number}" for number in range(40)]
    desk.know(database, *skus)
    movements = [
        StockMovement(
            event_id=f"{number}", kind=dice.choice([MovementKind.RECEIPT, MovementKind.SALE, MovementKind.COUNT]),
            sku=dice.choice(skus), warehouse=dice.choice(["EAST", "WEST"]), quantity=Decimal(dice.randint(0, 9)),
            happened_at=NOW - HOUR + timedelta(seconds=dice.randint(0, 3000)),
        )
        for number in range(400)
    ]  # fmt: skip
    for start in range(0, 400, 100):
        with database.audited(desk.ACTOR) as (connection, trail):
            book_movements(connection, trail, source="tryton-erp/main", movements=movements[start : start + 100])
        orders = [desk.an_order_of([a_line(dice.choice(skus), dice.randint(1, 3), "9.00")]) for _ in range(10)]
        desk.take_in(database, *orders)
    plan(database)
    deliver(database)
    ledger = desk.ask(
        database,
        "SELECT sku, sum(greatest(pieces, 0))::int AS free FROM (SELECT warehouse, sku, sum(pieces) AS pieces FROM ("
        " SELECT warehouse, sku, delta AS pieces FROM stock_event UNION ALL"
        " SELECT warehouse, sku, -quantity FROM reservation) AS entries GROUP BY 1, 2) AS shelves GROUP BY 1",
    )
    assert {sku: int(told[0]) for sku, told in listed(folder).items() if sku in skus} == {
        row["sku"]: row["free"] for row in ledger if row["sku"] in skus
    }
    assert sum(row["free"] for row in ledger) > 0


def test_t_inv_11_the_flow_delivers_what_is_declared_and_shows_how_it_stands(
    database: Database, configured: Path, prefect_server: str
) -> None:
    name = f"m{uuid4().hex[:8]}"
    (configured / name).mkdir()
    register(FeedFolder)
    FeedFolder(url=f"file://{configured}/{name}").save(name)
    declare(database, f"feeds: {{market: {{channel: berlin, target: feed-folder/{name}, every_minutes: 10080}}}}")
    summary = stock_feed(FeedRequest(patience=0))
    assert (summary.feeds, summary.delivered, summary.missed) == (1, 1, 0)
    assert stock_feed(FeedRequest(patience=0)).delivered == 0
    assert stock_feed(FeedRequest(feeds=("market",), at_once=True, patience=0)).delivered == 1
    assert set(listed(configured / name)) == {"LAMP", "BOOK"}
    query = {"artifacts": {"key": {"any_": ["stock-feed"]}}, "sort": "CREATED_DESC", "limit": 1}
    (artifact,) = httpx.post(f"{prefect_server}/artifacts/filter", json=query, trust_env=False).json()
    assert f"| market | feed-folder/{name} | 10080 min |" in artifact["data"]
    with pytest.raises(ValueError, match="names its feeds"):
        FeedRequest(release_reason="because")


def test_the_command_tells_a_missed_interval_even_where_no_run_could_raise_the_alarm(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    plan(database, datetime.now(UTC) - 3 * HOUR)
    deliver(database)
    assert folder.exists()
    late = CliRunner().invoke(cli_stock.app, ["stock", "feeds"], standalone_mode=False)
    assert (late.return_value, "market: last delivered" in late.output, "MISSED 2 of" in late.output) == (1, True, True)
    plan(database, datetime.now(UTC))
    deliver(database)
    well = CliRunner().invoke(cli_stock.app, ["stock", "feeds", "--json"], standalone_mode=False)
    assert (well.return_value, json.loads(well.output)[0]["missed"]) == (0, 0)
