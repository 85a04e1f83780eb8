"""The desks as forms in Prefect: what a person sends is done once, reported without anybody's data, and forgotten."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from blocks.database.engine import Database
from blocks.documents.statuses import standard_text
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.standards.order_files.shipped import shipped_profiles
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS, register
from deployments.cli import app
from deployments.stack import stack_file
from flows.effects_desk import effects_desk
from flows.order_story import StoryRequest, order_story
from flows.quarantine_desk import quarantine_desk
from tasks.effects_desk.form import EffectsRequest
from tasks.order_intake import judging
from tasks.order_intake.judging import Route
from tasks.order_intake.teaching import teach
from tasks.quarantine_desk.form import Action, DeskRequest, blanked
from tasks.quarantine_desk.steps import act
from tests import desk, stack

ROUTE = Route("smartstore-shop/desk", "tryton-erp/main")
PAYLOAD = Path(__file__).parents[1] / "payloads" / "smartstore" / "order.json"
STREET = "Neue Straße 99"


@pytest.fixture
def shop(prefect_server: str) -> SmartstoreShop:
    """Save a connection; its orders are read from recorded payloads, so nobody needs to answer at its address."""
    assert prefect_server
    register(SmartstoreShop)
    found = SmartstoreShop(
        url="http://127.0.0.1:9", public_key="a", secret_key="b", payment_methods=PAYMENT_METHODS,
        shipping_methods=SHIPPING_METHODS,
    )  # fmt: skip
    found.save("desk", overwrite=True)
    return found


@pytest.fixture
def database(configured: Path, shop: SmartstoreShop) -> Database:
    """Return a database with one recorded order put aside: its articles are unknown."""
    assert configured.is_dir()
    found = Database.current()
    desk.know(found, "SOMETHING", channel="desk")
    body = PAYLOAD.read_bytes()
    desk.deliver(found, [judging.Received(str(json.loads(body)["Id"]), body)], source=ROUTE.source)
    with found.audited(desk.ACTOR) as (connection, trail):
        judging.judge(connection, trail, shop, ROUTE, limit=10)
    assert desk.ask(found, "SELECT state FROM quarantine") == [{"state": "open"}]
    return found


def sent(flow: Any, request: Any) -> tuple[Any, dict[str, Any]]:
    """Run a flow and return its state and what Prefect keeps of the run."""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - the fixture has set it

    state = flow(request, return_state=True)
    answer = httpx.get(f"{PREFECT_API_URL.value()}/flow_runs/{state.state_details.flow_run_id}", trust_env=False)
    return state, answer.json()


def artifact(key: str) -> str:
    from prefect.artifacts import Artifact  # noqa: PLC0415 - needs the server

    return str(getattr(Artifact.get(key), "data", ""))


def test_a_correction_by_form_is_kept_reported_by_place_alone_and_forgotten_by_prefect(database: Database) -> None:
    request = DeskRequest(
        action="correct", records=[1], patch=[f"shipping_address.street={STREET}"], person=" Anna ", reason="By phone."
    )
    state, run = sent(quarantine_desk, request)
    assert state.is_completed()
    (kept,) = desk.ask(database, "SELECT by, patch, state FROM correction")
    assert (kept["by"], kept["state"]) == ("anna", "approved")
    assert STREET in kept["patch"]
    assert STREET not in json.dumps(run, ensure_ascii=False)
    assert run["parameters"]["request"]["patch"] == ["shipping_address.street"]
    assert r"shipping\_address.street" in artifact("quarantine-desk")
    assert STREET not in artifact("quarantine-desk")
    (event,) = desk.ask(database, "SELECT actor, process, run_id FROM audit_event WHERE kind = 'correction.made'")
    assert event == {"actor": "anna", "process": "quarantine_desk", "run_id": run["id"]}


def test_a_form_that_is_refused_is_forgotten_as_well_and_says_why(database: Database) -> None:
    request = DeskRequest(
        action="correct", records=[1], patch=[f"shipping_address.strasse={STREET}"], person="anna", reason="x"
    )
    state, run = sent(quarantine_desk, request)
    assert state.is_failed()
    assert "there is no 'strasse' here; allowed: city" in state.message
    assert STREET not in json.dumps(run, ensure_ascii=False)
    assert desk.ask(database, "SELECT FROM correction") == []


def test_t_ord_8_four_eyes_hold_for_forms_and_whatever_the_spelling_of_a_name(database: Database) -> None:
    """T-ORD-8: 'Anna' is not a second person beside 'anna'."""
    money = DeskRequest(
        action="correct", records=[1], patch=["lines[1].quantity=7"], person="anna", reason="x", then_release=True
    )
    sent(quarantine_desk, money)
    approve = {"action": "approve", "correction": 1, "reason": "x", "then_release": True}
    for same in ("Anna", " ANNA ", "\uff21nna"):
        state, _ = sent(quarantine_desk, DeskRequest(person=same, **approve))
        assert state.is_failed()
        assert "somebody else must approve" in state.message
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "open"}]
    state, _ = sent(quarantine_desk, DeskRequest(person="bert", **approve))
    assert state.is_completed()
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "released"}]


def test_showing_changes_nothing_and_rejecting_closes_once(database: Database) -> None:
    before = desk.ask(database, "SELECT count(*) AS n FROM audit_event")
    sent(quarantine_desk, DeskRequest(records=[1], person="anna"))
    assert desk.ask(database, "SELECT count(*) AS n FROM audit_event") == before
    assert "ORD-ARTICLE" in artifact("quarantine-desk")
    reject = DeskRequest(action="reject", records=[1, 99], person="anna", reason="Test order.")
    outcome = quarantine_desk(reject)
    assert outcome.done == (1,)
    assert "There is no quarantine record 99" in outcome.not_done[99]
    again = quarantine_desk(reject)
    assert again.done == ()
    assert again.not_done[1] == "Record 1 was rejected by anna already."


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"action": "release", "records": [1]}, "Say why"),
    ({"action": "release", "reason": "x"}, "Name the records, or one rule"),
    ({"action": "release", "records": [1], "rule": "ORD-ARTICLE", "reason": "x"}, "Name the records, or one rule"),
    ({"action": "release", "rule": "ORD-NONE", "reason": "x"}, "No open record has the rule"),
    ({"action": "correct", "records": [1], "reason": "x"}, "at least one line"),
    ({"action": "correct", "patch": ["a=b"], "reason": "x"}, "takes the number of one record"),
    ({"action": "approve", "reason": "x"}, "takes the number of a correction"),
    ({"action": "approve", "correction": 7, "reason": "x"}, "There is no correction 7"),
    ({"action": "learn", "records": [1], "reason": "x"}, "teach nothing"),
    ({"action": "learn", "records": [1]}, "Say why"),
    ({"records": [1], "person": "soms"}, "is the name that SOMS itself acts under"),
)


def test_a_form_filled_in_wrongly_is_refused_in_a_sentence(database: Database) -> None:
    for fields, said in WRONG:
        with pytest.raises(WrongUse, match=said):
            send(DeskRequest.model_validate({"person": "anna", **fields}))
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "open"}]


def send(request: DeskRequest) -> None:
    """Do what the flow does, without a run."""
    if request.action is Action.LEARN:
        teach.fn(desk.ACTOR, request.one_record(), request.reason)
    else:
        act.fn(request, None)


def test_a_form_without_a_person_is_refused_before_anything_runs() -> None:
    for model in (DeskRequest, EffectsRequest):
        with pytest.raises(ValidationError, match="person"):
            model.model_validate({})


def test_blanking_keeps_the_places_and_whatever_is_no_patch() -> None:
    request = {"action": "correct", "patch": ["comment=a=b", "odd"], "person": "anna"}
    assert blanked({"request": request}) == {"request": {**request, "patch": ["comment", "odd"]}}
    for other in ({}, {"request": None}, {"request": {"patch": None}}):
        assert blanked(other) == other


@pytest.fixture
def say(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Return the command line of whoever ``SOMS_USER`` names."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)

    def run(person: str, *words: str) -> Result:
        monkeypatch.setenv("SOMS_USER", person)
        settings.cache_clear()
        return CliRunner().invoke(app, list(words), standalone_mode=False)

    yield run
    settings.cache_clear()


def test_t_ord_8_the_whole_way_on_the_command_line(database: Database, say: Callable[..., Result]) -> None:
    """T-ORD-8: A corrects a quantity and cannot approve it; B does; the trail names both and the account."""
    made = say("Anna", "quarantine", "correct", "1", "lines[1].quantity=7", "--reason", "By phone.", "--release")
    assert "somebody else must approve it" in made.output
    (listed,) = json.loads(say("anna", "quarantine", "list", "--json").output)
    assert listed["corrections_to_approve"] == [1]
    assert say("bert", "quarantine", "release", "1", "--reason", "x").return_value == 1
    alone = say("ANNA", "quarantine", "approve", "1", "--reason", "x")
    assert isinstance(alone.exception, WrongUse)
    assert "released" in say("bert", "quarantine", "approve", "1", "--reason", "x", "--release").output
    shown = json.loads(say("carla", "quarantine", "show", "1", "--json").output)
    assert shown["parsed"]["lines"][0]["quantity"] == "7"
    (kept,) = shown["corrections"]
    assert (kept["by"], kept["approved_by"], kept["state"]) == ("anna", "bert", "approved")
    actors = desk.ask(database, "SELECT actor FROM audit_event WHERE kind LIKE 'correction.%%' ORDER BY seq")
    assert [row["actor"].partition(" (account ")[0] for row in actors] == ["anna", "bert"]


def test_what_is_activated_names_who_works_at_the_terminal_whatever_the_environment_says_of_the_account(
    database: Database, say: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOGNAME", "bert")
    file = tmp_path / "mine.yaml"
    contents = {"rules": "{}", "statuses": standard_text(), "profiles": shipped_profiles()["german-semicolon"]}
    for command, content in contents.items():
        file.write_text(content, encoding="utf-8")
        done = say("Anna", command, "activate", str(file), "--reason", "as agreed")
        assert "is in force" in done.output
    assert desk.ask(database, "SELECT by FROM rulebook") == [{"by": "anna"}] * len(contents)
    events = desk.ask(database, "SELECT actor FROM audit_event WHERE kind = 'rulebook.activated'")
    assert [event["actor"].startswith("anna (account ") for event in events] == [True] * len(contents)


def shown_by_a_process(home: Path, **variables: str) -> dict[str, Any]:
    """Return what `soms quarantine show` says, run by what the stack wrote and these variables."""
    done = subprocess.run(
        [Path(sys.executable).with_name("soms"), "quarantine", "show", "1", "--json"],
        check=False, env=stack.clean_environment(SOMS_HOME=str(home), **variables), cwd=home, text=True,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_desk_finds_prefect_where_only_the_stack_says_where_it_is(
    configured: Path, database: Database, prefect_server: str
) -> None:
    assert database
    written = stack_file.load(configured)
    assert written
    written.model_copy(update={"prefect_api_url": prefect_server}).save()
    assert shown_by_a_process(configured)["parsed"]["lines"]


def test_a_prefect_that_does_not_answer_costs_the_desk_only_the_parsed_order(
    configured: Path, database: Database
) -> None:
    assert database
    shown = shown_by_a_process(configured, PREFECT_API_URL="http://127.0.0.1:9/api")
    assert shown["parsed"] is None
    assert "Prefect's server cannot be asked" in shown["problem"]
    assert shown["faults"]


def test_declining_rejecting_and_learning_on_the_command_line(database: Database, say: Callable[..., Result]) -> None:
    say("anna", "quarantine", "correct", "1", "lines[1].sku=SOMETHING", "--reason", "x")
    shown = say("anna", "quarantine", "learn", "1")
    assert "means 'SOMETHING'" in shown.output
    assert desk.ask(database, "SELECT FROM rulebook") == []
    assert "Version 1" in say("anna", "quarantine", "learn", "1", "--reason", "x", "--yes").output
    assert "is declined" in say("anna", "quarantine", "decline", "1", "--reason", "x").output
    assert say("anna", "quarantine", "reject", "1", "--reason", "x").return_value == 0
    assert say("anna", "quarantine", "reject", "1", "--reason", "x").return_value == 1
    assert isinstance(say("anna", "quarantine", "correct", "1", "--reason", "x").exception, WrongUse)


def test_the_effects_desk_previews_retries_and_abandons_by_form(database: Database) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        due = judging.effects.Due("erp.sale:desk:1", "order_intake", "tryton-erp/main", "erp.sale", "quarantine/1")
        judging.effects.put(connection, trail, [due])
    seen = effects_desk(EffectsRequest(person="anna"))
    assert list(seen.ahead) == [1]
    assert "book the sale of order DESK-" in artifact("effects-desk")
    with pytest.raises(WrongUse, match="Say why"):
        effects_desk(EffectsRequest(action="abandon", calls=[1], person="anna"))
    done = effects_desk(EffectsRequest(action="abandon", calls=[1, 9], person="anna", reason="By hand."))
    assert (done.done, list(done.not_done), dict(done.ahead)) == ((1,), [9], {})
    again = effects_desk(EffectsRequest(action="retry", calls=[1], person="anna"))
    assert again.not_done == {1: "Call 1 was not retried: it is abandoned."}


def test_the_story_by_form_leaves_a_page_without_anything_personal(database: Database) -> None:
    number = desk.ask(database, "SELECT external_id FROM inbox")[0]["external_id"]
    told = order_story(StoryRequest(order=f"DESK-{number}"))
    assert told["gaps"] == []
    payload = json.loads(PAYLOAD.read_text())
    text = artifact("order-story")
    assert "was put aside" in text
    address = payload.get("BillingAddress") or {}
    assert [value for value in address.values() if isinstance(value, str) and len(value) > 3 and value in text] == []
    with pytest.raises(ValidationError, match="write it as Europe/Berlin"):
        StoryRequest(order="1", zone="Mars")
