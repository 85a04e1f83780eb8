"""The master-data flow as a whole: a real shop, a real Tryton, a real Prefect server, a real Postgres."""

from collections.abc import Iterator
from typing import Any

import pytest
from prefect.artifacts import Artifact

from blocks.database.engine import Database
from blocks.errors import Refused
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import register
from deployments.sandbox.catalogue import items
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from flows.master_data import MasterDataRequest, master_data
from tests.erp import RunningErp, running_erp
from tests.sandbox import RunningShop, running_shop

pytestmark = pytest.mark.usefixtures("configured", "prefect_server")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningErp]:
    with running_erp(tmp_path_factory.mktemp("erp")) as running:
        yield running


@pytest.fixture
def request_(shop: RunningShop, erp: RunningErp, prefect_server: str) -> MasterDataRequest:  # noqa: ARG001 - saved there
    connector = SmartstoreShop(url=shop.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY)
    register(SmartstoreShop)
    register(type(erp.connector()))
    connector.save("berlin", overwrite=True)
    erp.connector().save("main", overwrite=True)
    return MasterDataRequest(shop="smartstore-shop/berlin", erp="tryton-erp/main")


def rows(query: str) -> list[dict[str, Any]]:
    with Database.current().connect() as connection:
        return connection.execute(query).fetchall()


def test_everything_the_merchant_sells_is_known_after_one_run(request_: MasterDataRequest) -> None:
    summary = master_data(request_)
    known = {row["sku"]: row for row in rows("SELECT * FROM article")}
    assert set(known) == {item.sku for item in items()}
    assert summary.articles.new == len(items())
    assert all(row["published"] for row in known.values())
    pieces = {
        row["sku"]: row["pieces"] for row in rows("SELECT sku, sum(on_hand)::int AS pieces FROM stock GROUP BY sku")
    }
    assert {item.sku: pieces[item.sku] for item in items() if item.stock} == {
        item.sku: item.on_hand for item in items() if item.stock
    }


def test_the_run_leaves_a_report_that_names_what_the_erp_lacks(request_: MasterDataRequest, shop: RunningShop) -> None:
    sold = {"Name": "Novelty", "Sku": "NEW-1", "ProductTypeId": 5, "Visibility": "Full", "Published": True}
    number = shop.add("Products", **sold)
    try:
        summary = master_data(request_)
    finally:
        with shop.client() as client:
            client.delete(f"Products({number})").raise_for_status()
    found = getattr(Artifact.get("master-data-berlin"), "data", "")  # Prefect types it for sync and async at once
    assert summary.articles.not_in_erp == ("NEW-1",)
    assert "- `NEW-1`" in str(found)


def test_a_second_run_finds_everything_as_it_was(request_: MasterDataRequest) -> None:
    master_data(request_)
    events = rows("SELECT count(*) AS many FROM audit_event")
    summary = master_data(request_)
    assert (summary.articles.new, summary.articles.changed, summary.stock.changed) == (0, 0, 0)
    assert summary.articles.unchanged == len(items())
    assert rows("SELECT count(*) AS many FROM audit_event") == events


def test_a_run_over_a_shop_that_forbids_reading_changes_nothing(request_: MasterDataRequest, shop: RunningShop) -> None:
    master_data(request_)
    before = rows("SELECT xmin::text, * FROM article ORDER BY sku")
    shop.admin.patch("/admin/settings", json={"denied": ["catalog.product.read"]}).raise_for_status()
    try:
        with pytest.raises(Refused):
            master_data(request_)
    finally:
        shop.admin.patch("/admin/settings", json={"denied": []}).raise_for_status()
    assert rows("SELECT xmin::text, * FROM article ORDER BY sku") == before
