"""The desks on the command line: what a person reads there, and what their hand changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blocks.database import effects
from blocks.database.engine import Database
from blocks.errors import Refused, WrongUse
from deployments.cli import app
from tests import desk
from tests.orders import a_line

Say = Callable[..., Result]


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    found = Database.current()
    desk.know(found, "A-1")
    desk.count(found, 10, "A-1")
    return found


@pytest.fixture
def say() -> Say:
    runner = CliRunner()

    def run(*words: str) -> Result:
        return runner.invoke(app, list(words), standalone_mode=False)

    return run


def put_one_aside(database: Database, sku: str = "GHOST") -> None:
    desk.deliver(database, [desk.received(desk.an_order_of((a_line(sku, 1, "10.00"),)))])
    desk.judge(database)


def test_the_list_names_what_waits_and_why(database: Database, say: Say) -> None:
    put_one_aside(database)
    told = say("quarantine", "list")
    assert "ORD-ARTICLE" in told.output
    assert "1 record put aside" in told.output


def test_text_from_outside_is_shown_as_text(database: Database, say: Say) -> None:
    put_one_aside(database, sku="[/red][bold]X:smile:")
    assert "[/red][bold]X:smile:" in say("quarantine", "list").output.replace("\n", "")


def test_a_record_is_shown_with_every_reason_its_remedy_and_its_bytes(database: Database, say: Say) -> None:
    put_one_aside(database)
    told = say("quarantine", "show", "1")
    assert "Remedy: Correct the SKU" in told.output
    assert '"GHOST"' in told.output


def test_a_released_record_is_judged_again_from_its_bytes(database: Database, say: Say) -> None:
    put_one_aside(database)
    desk.know(database, "GHOST")
    desk.count(database, 5, "GHOST")
    assert say("quarantine", "release", "1", "--reason", "The article is new.").return_value == 0
    assert desk.judge(database).accepted == 1
    told = desk.ask(database, "SELECT facts, process FROM audit_event WHERE kind = 'record.released'")
    assert told == [{"facts": '{"reason":"The article is new."}', "process": "desk"}]


def test_all_records_of_one_rule_are_released_at_once(database: Database, say: Say) -> None:
    put_one_aside(database)
    put_one_aside(database)
    assert say("quarantine", "release", "--rule", "ORD-ARTICLE", "--reason", "Known now.").return_value == 0
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "released"}] * 2


@pytest.mark.parametrize(
    "words",
    [
        ("quarantine", "show", "99"),
        ("quarantine", "release", "--reason", "x"),
        ("quarantine", "release", "1", "--rule", "ORD-ARTICLE", "--reason", "x"),
        ("quarantine", "release", "--rule", "ORD-NONE", "--reason", "x"),
        ("effects", "retry"),
        ("effects", "list", "--state", "odd"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(database: Database, say: Say, words: tuple[str, ...]) -> None:
    assert database
    told = say(*words)
    assert isinstance(told.exception, WrongUse)
    assert str(told.exception).endswith(".")


def test_releasing_what_does_not_wait_says_so_and_fails(database: Database, say: Say) -> None:
    put_one_aside(database)
    assert say("quarantine", "release", "1", "99", "--reason", "x").return_value == 1
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "released"}]


def test_refused_calls_are_listed_previewed_and_made_due_again(database: Database, say: Say) -> None:
    desk.deliver(database, [desk.received(desk.an_order_of((a_line("A-1", 1, "10.00"),)))])
    desk.judge(database)
    assert "book the sale of order BERLIN-" in say("effects", "preview").output
    claimed = effects.claim(database, desk.ACTOR, process="order_intake", kind="erp.sale", limit=1, lease=60)
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.settle(connection, trail, claimed, [Refused("Wrong password.")])
    assert "Wrong password." in say("effects", "list", "--state", "failed").output
    assert json.loads(say("effects", "preview", "--json").output) == []
    assert say("effects", "retry", "--all").return_value == 0
    assert [row["state"] for row in json.loads(say("effects", "preview", "--json").output)] == ["due"]


def test_the_proof_of_the_trail_ends_with_one_when_a_row_was_changed(database: Database, say: Say) -> None:
    put_one_aside(database)
    assert say("audit", "verify").return_value == 0
    with database.connect() as connection:
        connection.execute("UPDATE article SET name = 'forged'")
    told = say("audit", "verify")
    assert told.return_value == 1
    assert "article berlin:A-1" in told.output
