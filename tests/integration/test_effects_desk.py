"""The operator's desk: what would be done outside, in words; calls retried or given up for good (T-ORD-9)."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blocks.database import effects
from blocks.database.audit_verification import verify
from blocks.database.effect_desk import abandon
from blocks.database.engine import Database
from blocks.errors import Refused, TryAgainLater, WrongUse
from blocks.systems.answers import Done
from deployments.cli import app
from tasks.effects_desk import records
from tasks.effects_desk.wording import in_words, when
from tests import desk, stack
from tests.orders import a_line

WHY = "Sold by hand in the ERP."


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    found = Database.current()
    desk.know(found, "A-1")
    desk.count(found, 50, "A-1")
    return found


def say(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), standalone_mode=False)


def accept(database: Database, number: int) -> None:
    desk.take_in(database, desk.numbered(desk.an_order_of((a_line("A-1", 1, "10.00"),)), number))


def claim(database: Database, lease: float = 60) -> list[effects.Claimed]:
    return effects.claim(database, desk.ACTOR, process="order_intake", kind="erp.sale", limit=1, lease=lease)


def settle(database: Database, answer: Done | Refused | TryAgainLater) -> None:
    claimed = claim(database)
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.settle(connection, trail, claimed, [answer])


def states(database: Database) -> list[str]:
    return [row["state"] for row in desk.ask(database, "SELECT state FROM effect ORDER BY id")]


def give_up(database: Database, *numbers: int, reason: str = WHY) -> list[int]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return abandon(connection, trail, numbers, by="olga", reason=reason)


def test_the_preview_says_in_words_what_would_be_done_for_which_order_where(database: Database) -> None:
    accept(database, 7001)
    accept(database, 7002)
    told = say("effects", "preview").output
    assert "book the sale of order BERLIN-7001 in tryton-erp/main" in told
    assert "2 calls would be made." in told
    one = json.loads(say("effects", "preview", "--order", "berlin-7002", "--json").output)
    assert [row["words"] for row in one] == ["book the sale of order BERLIN-7002 in tryton-erp/main"]
    assert "payload" not in one[0]
    assert isinstance(say("effects", "preview", "--order", "9999").exception, WrongUse)


def test_t_ord_9_the_preview_of_a_finished_run_lists_nothing(database: Database) -> None:
    """T-ORD-9: when everything is made, nothing lies ahead; taking the same in again changes nothing."""
    accept(database, 7001)
    settle(database, Done("1"))
    assert json.loads(say("effects", "preview", "--json").output) == []
    accept(database, 7001)
    assert json.loads(say("effects", "preview", "--json").output) == []
    assert states(database) == ["done"]


def test_the_preview_tells_tries_and_when(database: Database) -> None:
    accept(database, 7001)
    settle(database, TryAgainLater("The ERP answers with 500.", retry_after=3000))
    with database.connect() as connection:
        (row,) = records.ahead(connection)
    assert in_words(row).endswith("(1 try so far: The ERP answers with 500.)")
    assert when(row).startswith("from ")
    assert when(row, now=datetime.now(UTC) + timedelta(hours=2)) == "next run"


def test_a_kind_of_call_without_words_of_its_own_is_named_all_the_same() -> None:
    row = {"kind": "carrier.label", "system": "dhl/main", "subject": "parcel/3", "attempts": 0, "last_error": None}
    assert in_words(row) == "make the call 'carrier.label' for parcel/3 at dhl/main"


def test_an_abandoned_call_is_never_made_and_the_trail_says_who_and_why(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    accept(database, 7001)
    assert say("effects", "abandon", "1", "--reason", WHY).return_value == 0
    assert states(database) == ["abandoned"]
    assert claim(database) == []
    (event,) = desk.ask(database, "SELECT process, facts FROM audit_event WHERE kind = 'effect.abandoned'")
    assert event["process"] == "desk"
    assert json.loads(event["facts"])["reason"] == WHY
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


@pytest.mark.parametrize("reason", ["", " "])
def test_nothing_is_abandoned_without_a_reason(database: Database, reason: str) -> None:
    accept(database, 7001)
    with pytest.raises(WrongUse, match="Say why"):
        give_up(database, 1, reason=reason)
    assert states(database) == ["due"]


def test_a_call_that_a_living_worker_has_in_hand_is_left_alone(database: Database) -> None:
    accept(database, 7001)
    claim(database)
    told = say("effects", "abandon", "1", "--reason", WHY)
    assert told.return_value == 1
    assert states(database) == ["claimed"]


def test_a_dead_workers_call_can_be_abandoned(database: Database) -> None:
    accept(database, 7001)
    claim(database)
    with database.connect() as connection:
        connection.execute("UPDATE lease SET until = clock_timestamp() - interval '1 second'")
    assert give_up(database, 1) == [1]


def test_what_is_done_or_unknown_is_not_abandoned_and_each_is_told_why(database: Database) -> None:
    accept(database, 7001)
    settle(database, Done("1"))
    assert give_up(database, 1, 99) == []
    with database.connect() as connection:
        told = records.why_not(connection, [1, 99], wanted="abandoned")
    assert told == {
        1: "Call 1 was not abandoned: it is done.",
        99: "There is no call 99: `soms effects list` shows them.",
    }


def test_whoever_comes_first_a_call_is_either_claimed_or_abandoned(database: Database) -> None:
    """A worker and a person at once on every one of twenty calls: none is made after it was given up."""
    for number in range(7001, 7021):
        accept(database, number)
    abandoned: list[int] = []
    claimed: list[int] = []

    def work() -> None:
        while found := claim(database):
            claimed.append(found[0].id)

    def person() -> None:
        for number in range(20, 0, -1):
            abandoned.extend(give_up(database, number))

    stack.together(threading.Thread(target=work), threading.Thread(target=person))
    assert sorted(claimed + abandoned) == list(range(1, 21))
    assert states(database).count("abandoned") == len(abandoned)
