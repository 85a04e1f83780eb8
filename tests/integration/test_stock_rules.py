"""`soms stock rules`: what is in force is shown, what is wrong is refused, what is doubtful is named."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from blocks.database import stock_rules
from blocks.database.engine import Database
from deployments import cli_stock
from tests import desk, stack


@pytest.fixture
def database(database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database(database_url.app)
    monkeypatch.setattr(Database, "current", classmethod(lambda _cls: database))
    desk.know(database, "LAMP")
    desk.count(database, 1, "LAMP")
    return database


def soms(*words: str) -> str:
    done = CliRunner().invoke(cli_stock.app, ["stock", "rules", *words], standalone_mode=False)
    return done.output if done.exception is None else f"{done.output}{done.exception}"


def test_stock_rules_are_checked_activated_and_shown_by_version(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("safety: [{sku: LAMP, pieces: 2}, {sku: LMAP, warehouse: NORTH, pieces: 1}]", encoding="utf-8")
    checked = soms("check", str(file))
    assert "warehouse NORTH" in checked
    assert "article LMAP so far" in checked
    assert "can be activated" in checked
    assert "Version 1 of the stock rules is in force" in soms("activate", str(file), "--reason", "Christmas")
    with database.connect() as connection:
        assert [str(entry.sku) for entry in stock_rules.in_force(connection).safety] == ["LAMP", "LMAP"]
    assert "sku: LAMP" in soms("show")
    assert "no version 9" in soms("show", "--version", "9")


def test_what_cannot_be_used_is_never_activated(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("safety: [{sku: LAMP, pieces: lots}]", encoding="utf-8")
    assert "safety.0.pieces" in soms("activate", str(file), "--reason", "Christmas")
    file.write_text("safety: []", encoding="utf-8")
    assert "Say with --reason" in soms("activate", str(file), "--reason", " ")
    assert desk.ask(database, "SELECT count(*) AS rulebooks FROM rulebook") == [{"rulebooks": 0}]
