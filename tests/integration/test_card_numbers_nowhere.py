"""T-OPS-2 over every channel: card numbers in orders are masked or refused before anything is kept, and leave no trace.

Looked through after real runs: SOMS's database with its raw records and its audit trail, Prefect's database with runs,
states and artifacts, the log, the mails, what the ERP got, and the answers to files.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.database.engine import Database
from blocks.systems.folders.order_folder import OrderFolder
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from deployments.stack import roles
from deployments.stack.embedded_postgres import Cluster
from flows.order_entry import order_entry
from flows.order_intake import IntakeRequest, order_intake
from tasks.order_entry.form import OrderForm
from tests import stack
from tests.branch import Branch, as_csv, row
from tests.counter import ADDRESS, Counter, open_counter
from tests.faults.world import know_catalogue
from tests.sandbox import RunningShop, running_shop, running_smtp
from tests.traces import digits_in_files, places_of

CARDS = ("4111111111111111", "5500 0000 0000 0004", "3782-822463-10005", "6011.0009.9013.9424")
DIGITS = tuple("".join(letter for letter in card if letter.isdigit()) for card in CARDS)


@pytest.fixture
def counter(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Counter]:
    monkeypatch.setattr("flows.order_entry.PATIENCE", 0.0)
    with (
        running_smtp(configured) as server,
        open_counter(Database(database_url.app), configured, server) as found,
    ):
        yield found


def by_shop(counter: Counter, shop: RunningShop) -> None:
    """Take in two orders of a shop whose customers wrote card numbers wherever they can write; one of them is bad."""
    know_catalogue(counter.database, counter.name)
    register(SmartstoreShop)
    SmartstoreShop(
        url=shop.url, public_key=PUBLIC_KEY, secret_key=SECRET_KEY, payment_methods=PAYMENT_METHODS,
        shipping_methods=SHIPPING_METHODS, sends_confirmation_mail=False,
    ).save(counter.name)  # fmt: skip
    with shop.client() as client:
        for number, order in enumerate(shop.orders(2)["ids"]):
            found = client.get(f"Orders({order})").raise_for_status().json()
            note = f"Card {CARDS[0]}, {CARDS[1]}; CVC 123. Or {CARDS[2]}."
            changes = {"CustomerOrderComment": note, "PurchaseOrderNumber": CARDS[3]}
            client.patch(f"Orders({order})", json=changes).raise_for_status()
            address = {"Company": f"Card {CARDS[1]}", "Address2": CARDS[0], "City": "" if number else CARDS[2]}
            client.patch(f"Addresses({found['BillingAddressId']})", json=address).raise_for_status()
    order_intake(IntakeRequest(source=f"smartstore-shop/{counter.name}", erp=f"file-erp/{counter.name}", patience=0))


def by_file(counter: Counter, branch: Branch) -> None:
    """Take in a file with card numbers in texts of a good row, of a bad one, and in a column that nothing maps."""
    register(OrderFolder)
    branch.folder.save(counter.name)
    rows = [row(1, Street=CARDS[0]), row(2, **{"Last name": CARDS[1], "Zip": ""}), row(3, City=f"Köln {CARDS[2]}")]
    rows += [row(4, Street=CARDS[3], SKU="none"), row(5, Payment=CARDS[1], Shipping=CARDS[0])]
    branch.put("till.csv", as_csv(rows))
    order_intake(IntakeRequest(source=f"order-folder/{counter.name}", erp=f"file-erp/{counter.name}", patience=0))


def by_phone(counter: Counter) -> None:
    """Enter an order whose form was made past all checks: what gets by them is masked all the same."""
    right = counter.form(slip="P-1")
    typed: dict[str, Any] = {
        "comment": f"Card {CARDS[0]} {CARDS[1]}",
        "purchase_order_number": CARDS[2],
        "billing": right.billing.model_copy(update={"company": CARDS[3], "street_extra": CARDS[0], **ADDRESS}),
    }
    order_entry(OrderForm.model_construct(**{**dict(right), **typed}))


def test_t_ops_2_no_card_number_of_any_channel_is_kept_anywhere(  # noqa: PLR0917 - all that is looked through
    counter: Counter,
    postgres_cluster: Cluster,
    database_url: stack.DatabaseUrls,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    branch = Branch(tmp_path, counter.database, channel=counter.name + "x", assortment="branch")
    with running_shop(tmp_path) as shop:
        by_shop(counter, shop)
    by_file(counter, branch)
    by_phone(counter)
    kept = counter.ask("SELECT source, count(*) AS records FROM inbox GROUP BY 1 ORDER BY 1")
    assert [record["records"] for record in kept] == [1, 5, 2]
    assert counter.server.messages()
    assert [path for path in (counter.drop / "orders").iterdir() if path.is_file()]
    prefect = postgres_cluster.url(user=roles.PREFECT, password=stack.PASSWORDS[roles.PREFECT], database=roles.PREFECT)
    for number in {*CARDS, *DIGITS}:
        assert places_of(database_url.owner, number) == []
        assert places_of(prefect, number) == []
        assert number not in caplog.text + "".join(capfd.readouterr())
    for digits in DIGITS:
        for folder in (counter.drop, counter.server.store, branch.root / "results", tmp_path / "anchors"):
            assert digits_in_files(folder, digits) == []


def test_the_search_finds_what_is_there(database_url: stack.DatabaseUrls, tmp_path: Path) -> None:
    database = Database(database_url.owner)
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id)"
            " VALUES ('a', 'order', %s, 'x', 'y', %s, '')",
            (CARDS[1], f"note {CARDS[0]}".encode()),
        )
    assert places_of(database_url.owner, CARDS[0]) == ["public.inbox.body: 1"]
    assert places_of(database_url.owner, CARDS[1]) == ["public.inbox.external_id: 1"]
    (tmp_path / "log").write_text(f"card {CARDS[2]}")
    assert digits_in_files(tmp_path, DIGITS[2]) == [tmp_path / "log"]
