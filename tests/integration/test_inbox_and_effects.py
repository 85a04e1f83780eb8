"""Every delivery counts once, every effect is one worker's at a time, and an answer is booked by whoever holds it."""

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from blocks.database import effects
from blocks.database.effects import Claimed, Due
from blocks.database.engine import Database
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Received
from tests import desk, stack

ONE = Due("erp.sale:berlin:1", "order_intake", "tryton-erp/main", "erp.sale", "sales_order/1", {"order_id": 1})


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


def put(database: Database, *due: Due) -> dict[str, int]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return effects.put(connection, trail, due)


def many(count: int) -> list[Due]:
    return [Due(f"erp.sale:berlin:{n}", ONE.process, ONE.system, ONE.kind, f"sales_order/{n}") for n in range(count)]


def claim(database: Database, limit: int = 10) -> list[Claimed]:
    return effects.claim(database, desk.ACTOR, process=ONE.process, kind=ONE.kind, limit=limit, lease=60)


def settle(database: Database, claimed: Sequence[Claimed], *answers: Answer) -> list[effects.Settled]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return effects.settle(connection, trail, claimed, answers)


def states(database: Database) -> list[str]:
    return [row["state"] for row in desk.ask(database, "SELECT state FROM effect ORDER BY id")]


def let_leases_run_out(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE lease SET until = clock_timestamp() - interval '1 second'")


def let_waits_pass(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE effect SET due_at = clock_timestamp()")


def test_a_delivery_that_came_before_is_counted_and_not_kept_again(database: Database) -> None:
    one, other = Received("1", b"{}"), Received("1", b'{"changed": true}')
    assert desk.deliver(database, [one, one, other]) == desk.inbox.Stored(new=2, duplicates=1)
    assert desk.deliver(database, [one]) == desk.inbox.Stored(new=0, duplicates=1)
    rows = desk.ask(database, "SELECT body, deliveries, state FROM inbox ORDER BY id")
    assert [(bytes(row["body"]), row["deliveries"], row["state"]) for row in rows] == [
        (one.body, 3, "received"),
        (other.body, 1, "received"),
    ]


def test_the_same_id_of_another_source_or_kind_is_another_record(database: Database) -> None:
    one = Received("1", b"{}")
    desk.deliver(database, [one])
    assert desk.deliver(database, [one], source="smartstore-shop/vienna").new == 1
    with database.audited(desk.ACTOR) as (connection, trail):
        assert desk.inbox.store(connection, trail, source=desk.BERLIN.source, kind="return", deliveries=[one]).new == 1


def test_the_same_page_delivered_by_many_at_once_is_kept_once(database: Database) -> None:
    page = [Received(str(number), b"{}") for number in range(30)]
    counted: list[desk.inbox.Stored] = []
    stack.together(
        *(threading.Thread(target=lambda: counted.append(desk.deliver(database, page))) for _ in range(6)),
    )
    assert (sum(each.new for each in counted), sum(each.duplicates for each in counted)) == (30, 150)


def test_any_bytes_are_kept_as_they_came(database: Database) -> None:
    desk.deliver(database, [Received("1", bytes(range(256)) * 10)])
    assert bytes(desk.ask(database, "SELECT body FROM inbox")[0]["body"]) == bytes(range(256)) * 10


@pytest.mark.parametrize("name", ["47\x0011", "4" * 3000, "half \ud800", "4711\n"])
def test_a_record_whose_id_cannot_be_kept_is_kept_under_another(database: Database, name: str) -> None:
    for new in (1, 0):
        assert desk.deliver(database, [Received(name, b"{}"), Received("1", b"{}")]).new == 2 * new
    first, second = (row["external_id"] for row in desk.ask(database, "SELECT external_id FROM inbox ORDER BY id"))
    assert (first[0], len(first), second) == ("?", 33, "1")


def test_the_cursor_never_goes_back(database: Database) -> None:
    with database.connect() as connection:
        for position in ("2026-01-02T00:00Z", "2026-01-01T00:00Z"):
            desk.inbox.move_cursor(connection, source="s", kind="order", position=position)
        assert desk.inbox.cursor(connection, source="s", kind="order").day == 2


def test_a_business_key_is_written_once(database: Database) -> None:
    assert list(put(database, ONE)) == [ONE.business_key]
    assert put(database, ONE) == {}
    assert states(database) == ["due"]


def test_the_same_effect_is_never_claimed_by_two(database: Database) -> None:
    put(database, *many(60))
    found: list[int] = []

    def work() -> None:
        while claimed := claim(database, limit=4):
            found.extend(effect.id for effect in claimed)

    stack.together(*(threading.Thread(target=work) for _ in range(6)))
    assert len(found) == 60
    assert sorted(found) == sorted(set(found))


SLOW_READER = """
CREATE FUNCTION stand_still() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN
  IF current_setting('application_name') = 'slow' THEN PERFORM pg_advisory_lock_shared(77); END IF;
  RETURN true;
END $$;
ALTER TABLE effect ENABLE ROW LEVEL SECURITY;
CREATE POLICY slow ON effect USING (stand_still());
"""


def test_a_claim_committed_while_another_worker_reads_is_not_taken_for_an_abandoned_one(
    database: Database, database_url: stack.DatabaseUrls
) -> None:
    put(database, ONE)
    desk.change(database_url.owner, SLOW_READER)
    slow: list[list[Claimed]] = []
    with psycopg.connect(database_url.owner, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(77)")
        reader = threading.Thread(
            target=lambda: slow.append(claim(Database(f"{database_url.app}?application_name=slow")))
        )
        reader.start()
        standing = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"
        while not desk.ask(Database(database_url.owner), standing)[0]["n"]:
            assert reader.is_alive()
        quick = claim(database)
        gate.execute("SELECT pg_advisory_unlock(77)")
        reader.join()
    assert (len(quick), slow) == (1, [[]])
    assert desk.ask(database, "SELECT token FROM effect")[0]["token"] == quick[0].token


def test_a_live_workers_claim_is_not_free_and_a_dead_ones_is(database: Database) -> None:
    put(database, ONE)
    first = claim(database)
    assert claim(database) == []
    let_leases_run_out(database)
    second = claim(database)
    assert [effect.id for effect in second] == [effect.id for effect in first]
    assert second[0].token != first[0].token
    assert second[0].attempts == 2


def test_a_worker_that_lives_keeps_its_claim(database: Database) -> None:
    put(database, ONE)
    claimed = claim(database)
    with effects.kept(database, claimed, lease=0.9):
        let_leases_run_out(database)
        alive = "SELECT EXISTS (SELECT FROM lease WHERE until > clock_timestamp()) AS alive"
        while not desk.ask(database, alive)[0]["alive"]:  # the keeper's next beat; pytest's time-out ends a dead one
            continue
        assert claim(database) == []


def test_an_answer_that_comes_after_the_claim_was_lost_is_not_booked(database: Database) -> None:
    put(database, ONE)
    lost = claim(database)
    let_leases_run_out(database)
    held = claim(database)
    assert settle(database, lost, Done("too-late")) == []
    assert states(database) == ["claimed"]
    assert [entry.answer for entry in settle(database, held, Done("7"))] == [Done("7")]
    assert settle(database, held, Refused("No.")) == []
    assert states(database) == ["done"]


def test_what_the_other_side_cannot_do_now_is_due_again_after_growing_waits(database: Database) -> None:
    put(database, ONE)
    waits = []
    for _ in range(5):
        settle(database, claim(database), TryAgainLater("Busy."))
        assert claim(database) == []
        row = desk.ask(database, "SELECT extract(epoch FROM due_at - clock_timestamp())::float8 AS wait FROM effect")
        waits.append(row[0]["wait"])
        let_waits_pass(database)
    for turn, wait in enumerate(waits):
        assert 2**turn - 1 < wait <= 2**turn * 1.25
    row = desk.ask(database, "SELECT last_error, attempts, token, settled_at FROM effect")[0]
    assert tuple(row.values()) == ("Busy.", 5, None, None)


def test_a_wait_that_was_asked_for_is_kept(database: Database) -> None:
    put(database, ONE)
    settle(database, claim(database), TryAgainLater("Busy.", retry_after=400))
    with database.connect() as connection:
        ahead = effects.outlook(connection, process=ONE.process)
    assert ahead.due is not None
    assert 390 < ahead.due <= 400
    assert ahead.claimed is None


@pytest.mark.parametrize(("attempts", "asked", "least", "most"), [(1, None, 1, 1.25), (40, None, 300, 375)])
def test_waits_grow_up_to_a_limit(attempts: int, asked: float | None, least: float, most: float) -> None:
    assert least <= effects.wait_before_retry(attempts, asked) <= most


def test_what_is_refused_waits_for_a_person_who_may_have_it_tried_again(database: Database) -> None:
    (number,) = put(database, ONE).values()
    settle(database, claim(database), Refused("Unknown article."))
    assert states(database) == ["failed"]
    assert claim(database) == []
    for made_due in ([number], []):
        with database.audited(desk.ACTOR) as (connection, trail):
            assert effects.retry(connection, trail, [number], by="Ada") == made_due
    assert [effect.attempts for effect in claim(database)] == [1]


def test_an_effect_is_given_up_after_many_tries(database: Database) -> None:
    put(database, ONE)
    desk.change(database.url, "UPDATE effect SET attempts = %s", (effects.MOST_ATTEMPTS - 1,))
    settle(database, claim(database), TryAgainLater("Busy."))
    assert states(database) == ["failed"]
    assert desk.ask(database, "SELECT kind FROM audit_event ORDER BY seq DESC")[0]["kind"] == "effect.given_up"


def test_one_claim_goes_to_one_system(database: Database) -> None:
    other = Due("erp.sale:berlin:2", ONE.process, "tryton-erp/spare", ONE.kind, "sales_order/2")
    put(database, ONE, other)
    assert [[effect.system for effect in claim(database)] for _ in range(2)] == [[ONE.system], [other.system]]


def test_a_mixed_batch_settles_each_effect_by_its_own_answer(database: Database) -> None:
    put(database, *many(3))
    settled = settle(database, claim(database), Done("7", {"number": "7"}), Refused("No."), TryAgainLater("Busy."))
    assert len(settled) == 3
    assert states(database) == ["done", "failed", "due"]
    assert desk.ask(database, "SELECT count(*) AS leases FROM lease")[0]["leases"] == 0


@pytest.mark.parametrize("error", [Refused("Bad \x00 text."), TryAgainLater("x" * 100_000)])
def test_any_error_text_can_be_kept(database: Database, error: Any) -> None:
    put(database, ONE)
    settle(database, claim(database), error)
    kept = desk.ask(database, "SELECT last_error FROM effect")[0]["last_error"]
    assert kept == str(error).replace("\x00", "")[: effects.LONGEST_ERROR]
