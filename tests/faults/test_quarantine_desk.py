"""Whoever is killed at the desk, just before the facts are kept, has done nothing; and may do it again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from tests import desk, stack
from tests.orders import a_line

HOUSE, SOMS = Path(__file__).parents[2], str(Path(sys.executable).parent / "soms")
CORRECT = """
import sys
from blocks.database.audit import Actor
from blocks.database.engine import Database
from tasks.quarantine_desk import desk
from tests.desk import PlainShop

with Database(sys.argv[1]).audited(Actor(process="desk", name="anna")) as (connection, trail):
    desk.correct(connection, trail, lambda name: PlainShop(), record_id=1, lines=["lines[1].sku=A-1"], raw=False,
                 by="anna", reason="said so")
"""
AT_THE_DESK = {
    "release": [SOMS, "quarantine", "release", "1", "--reason", "x"],
    "reject": [SOMS, "quarantine", "reject", "1", "--reason", "x", "--no-answer"],
    "correct": [sys.executable, "-c", CORRECT],
}
DONE = {
    "release": "SELECT state FROM quarantine WHERE state = 'released'",
    "reject": "SELECT state FROM inbox WHERE state = 'rejected'",
    "correct": "SELECT state FROM correction WHERE state = 'approved'",
}
PATIENCE = 120.0


@pytest.mark.parametrize("deed", AT_THE_DESK)
def test_killed_just_before_the_facts_are_kept_nothing_is_and_the_same_again_does_it_once(
    configured: Path, database_url: stack.DatabaseUrls, deed: str
) -> None:
    database = Database(database_url.app)
    desk.know(database, "A-1")
    desk.take_in(database, desk.an_order_of((a_line("GHOST", 1, "10.00"),)))
    words = [*AT_THE_DESK[deed], *([database_url.app] if deed == "correct" else [])]
    surroundings = stack.clean_environment(SOMS_HOME=str(configured))
    with psycopg.connect(database_url.app) as holder:
        holder.execute("SELECT FROM audit_head FOR UPDATE")  # the last lock that a deed takes before it is kept
        person = subprocess.Popen(words, cwd=HOUSE, env=surroundings)
        wait_until_it_waits(database_url.app, person)
        os.kill(person.pid, signal.SIGKILL)
        assert person.wait() == -signal.SIGKILL
    assert desk.ask(database, DONE[deed]) == []
    assert desk.ask(database, "SELECT state FROM quarantine") == [{"state": "open"}]
    subprocess.run(words, cwd=HOUSE, env=surroundings, check=True)
    assert len(desk.ask(database, DONE[deed])) == 1
    assert verify(Database(database_url.audit), configured / "none").findings == ()


def wait_until_it_waits(url: str, person: "subprocess.Popen[bytes]") -> None:
    """Wait until another session stands before the lock on the chain's head."""
    waiting = (
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND query LIKE '%%audit_head%%'"
    )
    end = time.monotonic() + PATIENCE
    while not desk.ask(Database(url), waiting):
        assert person.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it never came to keep its facts"
        time.sleep(0.05)
