"""The history of an article: every event, what it did, and a picture that is a drawing and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from typer.testing import CliRunner

from blocks.database.engine import Database
from blocks.database.stock_ledger import book_movements
from blocks.documents.stock import MovementKind, StockMovement
from deployments.cli import app
from tasks.stock_history.history import History, page
from tasks.stock_history.picture import svg
from tasks.stock_history.records import history
from tests import desk
from tests.orders import a_line
from tests.stack import DatabaseUrls

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def database(database_url: DatabaseUrls) -> Database:
    """Return a merchant whose LAMP was counted, reserved, received under a wild number, and sold before the count."""
    database = Database(database_url.app)
    desk.know(database, "LAMP")
    desk.count(database, 6, "LAMP")
    desk.take_in(database, desk.an_order_of([a_line("LAMP", 2, "10.00")]))
    now = datetime.now(UTC)
    usual = {"sku": "LAMP", "warehouse": "EAST"}
    came = [
        StockMovement(event_id="1", kind=MovementKind.RECEIPT, quantity=Decimal(3), document="<b>|`x`",
                      happened_at=now + timedelta(minutes=5), **usual),
        StockMovement(event_id="2", kind=MovementKind.SALE, quantity=Decimal(-1),
                      happened_at=now - timedelta(days=1), **usual),
    ]  # fmt: skip
    with database.audited(desk.ACTOR) as (connection, trail):
        book_movements(connection, trail, source="tryton-erp/main", movements=came)
    return database


def told(database: Database, **options: Any) -> History:
    with database.connect() as connection:
        return history(connection, "LAMP", **options)


def test_every_event_is_told_with_what_was_there_after_it(database: Database) -> None:
    found = told(database)
    assert [(each.what, int(each.on_hand), int(each.reserved), each.ignored) for each in found.happenings] == [
        ("sale", 0, 0, True), ("count", 6, 0, False), ("reserved", 6, 2, False), ("receipt", 9, 2, False),
    ]  # fmt: skip
    assert found.sentence() == "LAMP: 4 events. EAST: 9 on hand, 2 reserved."
    assert "happened before the count" in found.happenings[0].text


def test_of_a_long_history_the_newest_end_is_told_with_the_right_sums(database: Database) -> None:
    found = told(database, limit=1)
    assert [(each.what, int(each.on_hand)) for each in found.happenings] == [("receipt", 9)]
    assert found.earlier == 3
    assert told(database, warehouse="WEST").sentence() == "Nothing has happened to the stock of LAMP."


def test_the_page_and_the_picture_show_each_event_and_let_nothing_through(database: Database) -> None:
    found = told(database)
    text = page(found, BERLIN)
    assert "<b>" not in text
    assert "~~-1~~" in text
    root = etree.fromstring(svg(found.happenings, BERLIN).encode())
    marks = [each for each in root.iter("{http://www.w3.org/2000/svg}circle") if len(each)]
    assert [mark[0].text for mark in marks] == [each.sentence() for each in found.happenings if each.what != "reserved"]
    assert page(History("LAMP", ()), BERLIN).endswith("Nothing has happened to the stock of LAMP.")


@pytest.mark.usefixtures("configured")
def test_the_commands_tell_check_and_draw(database: Database, tmp_path: Path) -> None:
    run = CliRunner()
    listed = run.invoke(app, ["stock", "history", "LAMP"], standalone_mode=False)
    assert "count 6: 6 on hand, 0 reserved" in listed.stdout
    drawn = tmp_path / "lamp.svg"
    told = run.invoke(app, ["stock", "history", "LAMP", "--json", "--picture", str(drawn)], standalone_mode=False)
    assert len(json.loads(told.stdout)["happenings"]) == 4
    assert etree.fromstring(drawn.read_bytes()).tag.endswith("svg")
    checked = run.invoke(app, ["stock", "check"], standalone_mode=False)
    assert (checked.return_value, checked.stdout[:18]) == (0, "Stock is in order:")
    with database.connect() as connection:
        connection.execute("UPDATE stock SET on_hand = 1")
    checked = run.invoke(app, ["stock", "check"], standalone_mode=False)
    assert checked.return_value == 1
    assert "ledger EAST:LAMP: Its events come to 9, but 1 are on hand" in checked.stdout
