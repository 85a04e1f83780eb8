"""One order's whole story: in time order, each with who and what, no hole unseen, nobody's data (T-PLT-1's part)."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from blocks.database import corrections, effects, quarantine
from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.documents.orders import Order, PaymentStatus
from blocks.documents.patch_lines import changes_of
from blocks.documents.patches import corrected
from blocks.errors import Refused, WrongUse
from blocks.systems.answers import Done
from deployments.cli import app
from tasks.order_story.records import story
from tasks.order_story.reporting import page
from tasks.order_story.story import Story
from tests import desk, stack
from tests.orders import a_line

ANNA = Actor(process="desk", name="anna")
PERSONAL = ("Jörg", "Weiß", "Domstra", "50668", "joerg@example.com", "Köln")


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    found = Database.current()
    desk.know(found, "A-1")
    desk.count(found, 50, "A-1")
    return found


def say(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), standalone_mode=False)


def told(database: Database, name: str = "BERLIN-4711") -> Story:
    with database.connect() as connection:
        return story(connection, name)


def an_eventful_order(database: Database) -> Order:
    """Take in an order with a wrong article, twice; correct and release it; sell it; let its payment come in."""
    order = desk.numbered(desk.an_order_of((a_line("GHOST", 2, "10.00"),)), 4711, payment_status=PaymentStatus.PENDING)
    desk.take_in(database, order)
    desk.take_in(database, order)
    with database.audited(ANNA) as (connection, trail):
        record = quarantine.lock_open(connection, 1)
        _, changes = corrected(order, changes_of(["lines[1].sku=A-1"], raw=False))
        corrections.write_down(
            connection, trail, record=record, changes=changes, raw=False, money=False, by="anna", reason="Jörg said so"
        )
        quarantine.release(connection, trail, [1], by="anna", reason="Jörg said so")
    desk.judge(database)
    sell(database, Refused("No such party."))
    with database.audited(ANNA) as (connection, trail):
        effects.retry(connection, trail, effects.failed_ids(connection), by="anna")
    sell(database, Done("S-1"))
    paid = {"payment_status": PaymentStatus.PAID, "changed_at": order.changed_at.replace(hour=23)}
    desk.take_in(database, order.model_copy(update=paid))
    return order


def sell(database: Database, answer: Done | Refused) -> None:
    claimed = effects.claim(database, desk.ACTOR, process="order_intake", kind="erp.sale", limit=9, lease=60)
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.settle(connection, trail, claimed, [answer] * len(claimed))


def kinds(found: Story) -> list[str]:
    return [each.text for each in found.entries if each.ref.startswith("event")]


def test_t_plt_1_the_story_tells_everything_in_time_order_with_who_and_in_which_run(database: Database) -> None:
    """T-PLT-1, its part for one order: from the first bytes to the sale, with no hole."""
    an_eventful_order(database)
    found = told(database)
    assert found.gaps == ()
    moments = [entry.at for entry in found.entries]
    assert moments == sorted(moments)
    assert all(entry.who and entry.process for entry in found.entries)
    expected = [
        "came in", "was put aside", "came in again, unchanged", "a correction was made", "was released",
        "was read with its corrections", "was accepted", "a call became due", "took calls in hand",
        "a call was refused", "was made due again", "took calls in hand", "a call was made", "came in",
    ]  # fmt: skip
    remaining = iter(kinds(found))
    missing = [words for words in expected if not any(words in text for text in remaining)]
    assert missing == []
    rows = {entry.ref.split()[0]: entry for entry in found.entries if not entry.ref.startswith("event")}
    assert {"inbox", "quarantine", "correction", "reservation", "effect"} <= rows.keys()
    assert (rows["correction"].who, rows["reservation"].run) == ("anna", "run-1")
    assert "2 of A-1 reserved in EAST" in rows["reservation"].text


@pytest.mark.parametrize("name", ["4711", "BERLIN-4711", "berlin-4711", "SOMS-berlin-4711", " 4711 "])
def test_an_order_is_found_by_each_of_its_names(database: Database, name: str) -> None:
    desk.take_in(database, desk.numbered(desk.an_order_of((a_line("A-1", 1, "10.00"),)), 4711))
    assert told(database, name).order == "BERLIN-4711"


def test_an_order_that_was_only_put_aside_has_a_story_too(database: Database) -> None:
    desk.take_in(database, desk.numbered(desk.an_order_of((a_line("GHOST", 1, "10.00"),)), 4711))
    found = told(database)
    assert found.gaps == ()
    assert found.now["status"] == "not booked"
    assert any("ORD-ARTICLE at lines[1].sku" in entry.text for entry in found.entries)


def test_another_orders_story_is_not_told(database: Database) -> None:
    orders = [desk.numbered(desk.an_order_of((a_line("A-1", 1, "10.00"),)), number) for number in (4711, 4712)]
    desk.take_in(database, *orders)
    sell(database, Done("S"))
    found = told(database)
    assert "4712" not in json.dumps(found.as_data())
    (claim,) = (text for text in kinds(found) if "took calls in hand" in text)
    assert "of 2" in claim


@pytest.mark.parametrize("name", ["4713", "", "%", "4711'; DROP TABLE inbox; --"])
def test_an_order_that_nobody_knows_is_said_in_a_sentence(database: Database, name: str) -> None:
    desk.take_in(database, desk.numbered(desk.an_order_of((a_line("A-1", 1, "10.00"),)), 4711))
    with pytest.raises(WrongUse, match="No order is called"):
        told(database, name)


def test_a_number_that_two_channels_know_must_be_said_with_its_channel(database: Database) -> None:
    order = desk.numbered(desk.an_order_of((a_line("A-1", 1, "10.00"),)), 4711)
    desk.take_in(database, order)
    paris = desk.Route("smartstore-shop/paris", "tryton-erp/main")
    desk.know(database, "A-1", channel="paris")
    desk.deliver(database, [desk.received(order)], source=paris.source)
    desk.judge(database, route=paris)
    with pytest.raises(WrongUse, match=r"BERLIN-4711, PARIS-4711"):
        told(database, "4711")
    assert told(database, "PARIS-4711").now["channel"] == "paris"


CHANGED = {
    "sales_order/1": "UPDATE sales_order SET total = total + 1",
    "reservation/1": "DELETE FROM reservation",
    "effect/1": "UPDATE effect SET attempts = 7",
    "correction/1": "UPDATE correction SET by = 'carla'",
    "inbox/1": "UPDATE inbox SET body = 'forged' WHERE id = 1",
    "quarantine/1": "UPDATE quarantine SET closed_by = 'carla'",
    "backorder/1": "INSERT INTO backorder (order_id, sku, warehouse, quantity, kind)"
    " VALUES (1, 'A-1', 'EAST', 1, 'backorder')",
}


@pytest.mark.parametrize("place", CHANGED)
def test_t_plt_1_a_row_that_no_longer_agrees_with_its_events_is_a_gap(
    database: Database, database_url: stack.DatabaseUrls, postgres_cluster: Any, place: str
) -> None:
    an_eventful_order(database)
    superuser = postgres_cluster.url(database=database_url.app.rpartition("/")[2])
    with Database(superuser).connect() as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(CHANGED[place])
    assert [gap.place for gap in told(database).gaps] == [place]
    assert say("order", "show", "4711").return_value == 1


def test_nothing_personal_stands_in_the_page_nor_what_people_wrote(database: Database) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for this test alone

    an_eventful_order(database)
    text = page(told(database), ZoneInfo("Europe/Berlin"))
    assert [word for word in PERSONAL if word in text] == []
    assert "anna" in text
    assert "Jörg said so" in say("order", "show", "4711").output


def test_the_command_prints_both_clocks_and_json(database: Database) -> None:
    an_eventful_order(database)
    shown = say("order", "show", "4711").output
    assert "UTC" in shown
    assert "CET" in shown or "CEST" in shown
    assert "Order BERLIN-4711: " in say("order", "show", "4711").output
    data = json.loads(say("order", "show", "4711", "--json").output)
    assert data["now"]["erp_number"] is None
    assert data["gaps"] == []
    assert [datetime.fromisoformat(entry["at"]) for entry in data["entries"]]
    assert isinstance(say("order", "show", "4711", "--zone", "Mars/Base").exception, WrongUse)
