"""Profiles at the desk: checked before they are activated, listed, shown, explained by a flow that leaves a page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.standards.order_files.shipped import shipped_profiles
from deployments.cli import app
from tests import desk
from tests.order_files import PROFILE, a_csv, rows_of

Say = Callable[..., Result]
CSV = PROFILE.replace("FORMAT", "csv")


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    return Database.current()


@pytest.fixture
def say(tmp_path: Path) -> Say:
    def run(*words: str, content: str = CSV) -> Result:
        file = tmp_path / "mine.yaml"
        file.write_text(content, encoding="utf-8")
        return CliRunner().invoke(app, [str(file) if word == "FILE" else word for word in words], standalone_mode=False)

    return run


def test_a_profile_is_activated_listed_and_shown_and_its_versions_are_kept(database: Database, say: Say) -> None:
    activate = ("profiles", "activate", "FILE", "--name", "kaufhaus", "--reason", "their export")
    assert say(*activate).output == "Version 1 of the profile 'kaufhaus' is in force.\n"
    assert say(*activate, content=f"{CSV}about: new\n").output == "Version 2 of the profile 'kaufhaus' is in force.\n"
    listed = say("profiles", "list").output
    assert "kaufhaus" in listed
    assert all(name in listed for name in shipped_profiles())
    assert say("profiles", "show", "kaufhaus").output.rstrip().endswith("about: new")
    assert say("profiles", "show", "kaufhaus", "--version", "1").output == CSV
    assert "french" in str(say("profiles", "show", "french").exception)
    events = desk.ask(database, "SELECT subject FROM audit_event WHERE kind = 'rulebook.activated'")
    assert [row["subject"] for row in events] == ["rulebook/mapping_profile/kaufhaus"] * 2


def test_a_profile_that_cannot_be_used_is_not_activated(database: Database, say: Say) -> None:
    broken = CSV.replace("  sku:", "  skuu:")
    for words in (("check", "FILE"), ("activate", "FILE", "--reason", "x")):
        refused = say("profiles", *words, content=broken).exception
        assert isinstance(refused, WrongUse)
        assert "perhaps 'sku'" in str(refused)
    assert isinstance(say("profiles", "activate", "FILE", "--reason", " ").exception, WrongUse)
    assert desk.ask(database, "SELECT name FROM rulebook") == []
    assert "can be activated as 'any-dialect'" in say("profiles", "check", "FILE").output


@pytest.mark.usefixtures("database", "prefect_server")
def test_explain_profile_prints_what_lands_where_and_leaves_a_page(
    say: Say, tmp_path: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - as the fixture

    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    settings.cache_clear()
    sample = tmp_path / "sample.csv"
    sample.write_bytes(a_csv(rows_of()))
    say("profiles", "activate", "FILE", "--name", "kaufhaus", "--reason", "their export")
    for profile in ("profile=kaufhaus", f"profile={tmp_path / 'mine.yaml'}", "propose=true"):
        result = say("run", "explain-profile", "--set", f"file={sample}", "--set", profile)
        assert result.exception is None
        assert "1 of 1 records are orders" in result.output
        assert "Jörg" in result.output
    both = say("run", "explain-profile", "--set", f"file={sample}")
    assert isinstance(both.exception, WrongUse)
    with get_client(sync_client=True) as client:
        page = next(each for each in client.read_artifacts() if each.key == "explain-profile")
    assert "What lands where" in str(page.data)
    assert "Jörg" not in str(page.data)
