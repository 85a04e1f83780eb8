"""The completeness certificate: a real shop, real intake into a file ERP, a real Prefect server, a real Postgres."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.artifacts import Artifact

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.errors import Refused, TryAgainLater, WrongUse
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.sandbox import catalogue
from deployments.sandbox.file_erp import FileErp as Program
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from flows.order_completeness import CompletenessRequest, order_completeness
from flows.order_intake import IntakeRequest, order_intake
from tasks.order_completeness import steps
from tasks.order_completeness.rules import Certificate
from tests import desk, stack
from tests.sandbox import RunningShop, running_shop

SOURCE, ERP = "smartstore-shop/complete", "file-erp/complete"
pytestmark = pytest.mark.usefixtures("configured", "prefect_server")


@pytest.fixture
def shop(tmp_path: Path, prefect_server: str) -> Iterator[RunningShop]:  # noqa: ARG001 - the blocks are saved there
    with running_shop(tmp_path) as running:
        register(SmartstoreShop)
        register(FileErp)
        SmartstoreShop(
            url=running.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY, payment_methods=PAYMENT_METHODS,
            shipping_methods=SHIPPING_METHODS,
        ).save("complete", overwrite=True)  # fmt: skip
        FileErp(folder=str(Program(tmp_path / "erp").folder)).save("complete", overwrite=True)
        yield running


@pytest.fixture
def database(configured: Path) -> Database:  # noqa: ARG001 - the database that is configured there
    database = Database.current()
    skus = [item.sku for item in catalogue.items()]
    desk.know(database, *skus, channel="complete")
    desk.count(database, 10**6, *skus, warehouse="BER")
    return database


def take_in() -> None:
    order_intake(IntakeRequest(source=SOURCE, erp=ERP, patience=0))


def certify(**how: Any) -> Certificate:
    since = datetime.now(UTC) - timedelta(hours=2)
    return order_completeness(CompletenessRequest(source=SOURCE, since=since, **how))


def certificates(database: Database) -> list[dict[str, Any]]:
    return desk.ask(database, "SELECT * FROM completeness_certificate ORDER BY id")


def lose_one(shop: RunningShop, *, of: int) -> str:
    """Place orders of which intake sees all but one: that is committed half an hour after the time it bears."""
    shop.orders(of - 2, spread_seconds=3600)
    lost, _ = shop.orders(2, start=500, spread_seconds=3600, commit_delay=10**6)["ids"]
    take_in()
    shop.admin.post("/admin/orders/commit").raise_for_status()
    take_in()
    return str(lost)


def test_t_ord_5_the_one_of_120_that_intake_never_saw_is_named_and_fetched_and_then_the_certificate_closes(
    shop: RunningShop, database: Database, database_url: stack.DatabaseUrls, configured: Path
) -> None:
    lost = lose_one(shop, of=120)
    found = certify()
    assert (found.claim.count, found.claim.missing, found.fetched) == (120, (lost,), (lost,))
    assert (found.closes, found.alarming) == (False, False)
    artifact = str(getattr(Artifact.get("order-completeness-complete"), "data", ""))
    assert f"- {lost} (fetched)" in artifact
    assert "1 order was missing and fetched" in artifact

    take_in()
    found = certify()
    assert (found.claim.count, found.claim.missing, found.closes) == (120, (), True)
    assert found.books.counts.accepted == 120
    assert found.books.counts.received == found.books.counts.accounted
    assert desk.ask(database, "SELECT count(*) AS many FROM sales_order")[0]["many"] == 120
    first, second = certificates(database)
    assert (json.loads(first["missing"]), first["fetched"], first["closes"]) == ([lost], 1, False)
    assert (json.loads(second["missing"]), second["source_count"], second["closes"]) == ([], 120, True)
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_what_is_not_fetched_fails_the_run_and_keeps_nothing_but_the_certificate(
    shop: RunningShop, database: Database
) -> None:
    lost = lose_one(shop, of=6)
    before = desk.ask(database, "SELECT count(*) AS many FROM inbox")
    with pytest.raises(Refused, match=f"1 order is missing: {lost}"):
        certify(fetch=False)
    assert desk.ask(database, "SELECT count(*) AS many FROM inbox") == before
    assert certify(fetch=False, fail_when_open=False).alarming
    assert [row["closes"] for row in certificates(database)] == [False, False]


@pytest.mark.usefixtures("database")
def test_deleted_orders_and_those_of_another_store_are_gaps_and_never_missing(shop: RunningShop) -> None:
    placed = shop.orders(12, spread_seconds=600)["ids"]
    with shop.client() as client:
        client.delete(f"Orders({placed[3]})").raise_for_status()
        client.patch(f"Orders({placed[6]})", json={"StoreId": 7}).raise_for_status()
    connector = SmartstoreShop.load("complete")
    connector.model_copy(update={"store_ids": [1]}).save("complete", overwrite=True)
    take_in()
    with shop.client() as client:
        client.delete(f"Orders({placed[8]})").raise_for_status()
    found = certify()
    assert (found.claim.count, found.claim.missing, found.closes) == (9, (), True)
    assert found.claim.gaps == tuple(str(placed[place]) for place in (3, 6, 8))
    assert found.claim.elsewhere == (str(placed[6]),)
    assert found.books.surplus == (str(placed[8]),)


def test_every_kind_of_fate_stands_in_the_equation(shop: RunningShop, database: Database) -> None:
    shop.orders(20, bad=1.0, spread_seconds=600)
    good = shop.orders(5, start=900)["ids"]
    take_in()
    take_in()
    found = certify()
    counts = found.books.counts
    assert found.closes
    assert counts.received == counts.accounted == sum(row["deliveries"] for row in inbox(database))
    assert counts.put_aside == sum(row["state"] == "put_aside" for row in inbox(database)) > 0
    assert counts.duplicates >= len(good)


def inbox(database: Database) -> list[dict[str, Any]]:
    return desk.ask(database, "SELECT state, deliveries FROM inbox")


def test_a_shop_that_counts_one_more_than_it_lists_is_asked_again_and_then_disbelieved(
    shop: RunningShop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.orders(5)
    take_in()
    counted = SmartstoreShop.count_placed
    answers: list[int] = []

    def once_wrong(self: SmartstoreShop, since: datetime, until: datetime) -> int:
        answers.append(counted(self, since, until))
        return answers[-1] + (len(answers) == 1)

    monkeypatch.setattr(SmartstoreShop, "count_placed", once_wrong)
    assert certify().closes
    assert len(answers) == 2
    monkeypatch.setattr(SmartstoreShop, "count_placed", lambda self, *window: counted(self, *window) + 1)
    with pytest.raises(Refused, match="counts 6 and lists 5"):
        certify()
    assert len(certificates(database)) == 2


@pytest.mark.usefixtures("database")
def test_an_accepted_record_without_its_order_is_found(shop: RunningShop, database_url: stack.DatabaseUrls) -> None:
    placed = shop.orders(3)["ids"]
    take_in()
    desk.change(
        database_url.owner,
        "UPDATE sales_order SET external_id = 'gone' WHERE external_id = %s",
        [str(placed[1])],
    )
    with pytest.raises(Refused, match=f"accepted without an order in the books: {placed[1]}"):
        certify()


def test_a_shop_that_is_down_is_asked_again_and_no_certificate_is_written(
    shop: RunningShop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.orders(2)
    take_in()
    shop.faults({"kind": "status", "status": 503, "times": 100})
    monkeypatch.setattr(steps.ask_source, "retries", 1)
    monkeypatch.setattr(steps.ask_source, "retry_delay_seconds", 0)
    with pytest.raises(TryAgainLater):
        certify()
    assert certificates(database) == []
    shop.no_faults()
    assert certify().closes


def test_fetching_and_certifying_happen_together_or_not_at_all(
    shop: RunningShop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lose_one(shop, of=6)
    with monkeypatch.context() as broken:
        broken.setattr(steps.records, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            certify()
    assert desk.ask(database, "SELECT FROM inbox WHERE external_id = %s", [lost]) == []
    assert certify().fetched == (lost,)
    assert certify().fetched == ()
    assert len(desk.ask(database, "SELECT FROM inbox WHERE external_id = %s", [lost])) == 1


@pytest.mark.usefixtures("shop")
def test_a_source_that_was_never_read_or_only_later_has_no_certificate(database: Database) -> None:
    with pytest.raises(WrongUse, match="let order intake run first"):
        certify()
    desk.deliver(database, [desk.received(desk.numbered(desk.an_order()))], source=SOURCE)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(WrongUse, match="choose a later window"):
        order_completeness(CompletenessRequest(source=SOURCE, since=long_ago, until=long_ago + timedelta(days=1)))
