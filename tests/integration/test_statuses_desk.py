"""`soms statuses`: a graph is refused with all its faults, or put in force with who and why."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blocks.database.engine import Database
from blocks.documents.statuses import read_graph, standard_text
from blocks.errors import Unreadable, WrongUse
from deployments.cli import app
from deployments.cli_statuses import connected
from tests import desk
from tests.integration.test_order_status import ENGRAVING
from tests.orders import an_order

Say = Callable[..., Result]
UNMAPPED = ENGRAVING.replace("      awaiting_engraving: label\n", "", 1)


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    return Database.current()


@pytest.fixture
def say(tmp_path: Path) -> Say:
    def run(*words: str, content: str = "") -> Result:
        file = tmp_path / "statuses.yaml"
        file.write_text(content, encoding="utf-8")
        return CliRunner().invoke(
            app, ["statuses", *(str(file) if word == "FILE" else word for word in words)], standalone_mode=False
        )

    return run


def versions(database: Database) -> list[tuple[int, str]]:
    rows = desk.ask(database, "SELECT version, reason FROM rulebook WHERE kind = 'order_statuses' ORDER BY version")
    return [(row["version"], row["reason"]) for row in rows]


def test_t_sta_1_a_mapping_without_target_is_refused_before_activation(database: Database, say: Say) -> None:
    for command in (["check", "FILE"], ["activate", "FILE", "--reason", "engraving"]):
        result = say(*command, content=UNMAPPED)
        assert result.return_value == 1
        assert "Nothing says what smartstore-shop/berlin is told when an order is 'awaiting_engraving'" in result.output
    assert versions(database) == []
    result = say("activate", "FILE", "--reason", "engraving", content=ENGRAVING)
    assert (result.return_value, result.output) == (0, "Version 1 of the order statuses is in force.\n")
    assert versions(database) == [(1, "engraving")]
    assert desk.ask(database, "SELECT subject FROM audit_event WHERE kind = 'rulebook.activated'") == [
        {"subject": "rulebook/order_statuses/orders"}
    ]


def test_what_is_shown_can_be_edited_and_activated(database: Database, say: Say, tmp_path: Path) -> None:
    assert say("show", "--yaml").output == standard_text()
    say("activate", "FILE", "--reason", "engraving", content=ENGRAVING)
    assert read_graph(say("show", "--yaml").output) == read_graph(ENGRAVING)
    assert say("show", "--yaml", "--version", "0").output == standard_text()
    shown = say("show", "--svg", str(tmp_path / "graph.svg")).output
    assert "awaiting_engraving (Awaiting engraving / Wartet auf Gravur), open: then complete, cancelled" in shown
    assert "smartstore-shop: means nothing; told label" in shown
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")
    assert isinstance(say("show", "--version", "9").exception, WrongUse)
    assert versions(database) == [(1, "engraving")]


def test_a_status_that_open_orders_are_in_cannot_be_taken_away(database: Database, say: Say) -> None:
    say("activate", "FILE", "--reason", "engraving", content=ENGRAVING)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 9, "LAMP", "BOOK")
    desk.take_in(database, desk.numbered(an_order()))
    desk.change(database.url, "UPDATE sales_order SET lifecycle = 'awaiting_engraving'")
    result = say("activate", "FILE", "--reason", "no engraving any more", content=standard_text())
    assert result.return_value == 1
    assert "1 open orders are 'awaiting_engraving'" in result.output
    desk.change(database.url, "UPDATE sales_order SET lifecycle = 'complete'")
    assert say("activate", "FILE", "--reason", "no engraving any more", content=standard_text()).return_value == 0


def test_what_is_no_graph_or_has_no_reason_is_one_line(database: Database, say: Say) -> None:
    assert isinstance(say("check", "FILE", content="first: [").exception, Unreadable)
    assert isinstance(say("activate", "FILE", "--reason", " ", content=ENGRAVING).exception, WrongUse)
    assert isinstance(say("history", "4711").exception, WrongUse)
    assert versions(database) == []


def test_the_connected_systems_are_those_of_the_deployments() -> None:
    assert set(connected()) == {"smartstore-shop/berlin", "tryton-erp/main"}
