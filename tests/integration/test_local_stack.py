"""The local stack as its operator meets it: `soms up`, `status`, `down`, and what killing things does to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.stack import embedded_postgres, parts, processes
from tests import stack

SOMS = Path(sys.executable).with_name("soms")


@pytest.fixture
def home() -> Iterator[Path]:
    """Return the home of a stack of its own; whatever of it still runs is stopped afterwards."""
    with stack.open_folder() as folder:
        yield folder
        if not _everything_is_gone(folder):
            _soms(folder, "down")


def _start(home: Path, *words: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    environment = stack.clean_environment(SOMS_HOME=str(home))
    interruptible = ("env", "--default-signal=INT")  # whoever runs the tests in the background has it ignored
    return subprocess.Popen(
        [*interruptible, SOMS, *words], env=environment, cwd=home, text=True, stdout=pipe, stderr=pipe
    )


def _soms(home: Path, *words: str) -> tuple[int, str, str]:
    process = _start(home, *words)
    output, errors = process.communicate(timeout=240)
    return process.returncode, output, errors


def _states(home: Path) -> dict[str, str]:
    _, output, _ = _soms(home, "status", "--json")
    return {part["name"]: part["state"] for part in json.loads(output)}


def _until_part_runs(home: Path, part: str) -> int:
    deadline = time.monotonic() + 60
    while (pid := processes.leader(home, part)) is None:
        assert time.monotonic() < deadline, f"{part} was not started"
        time.sleep(0.2)
    return pid


def _everything_is_gone(home: Path) -> bool:
    return not processes.marked(home) and embedded_postgres.running(home) is None


@pytest.mark.stack
def test_up_finds_what_runs_and_starts_what_is_missing_and_down_leaves_nothing(home: Path):
    code, output, errors = _soms(home, "up", "--no-sandbox")
    assert code == 0, errors
    assert "Prefect UI: http://127.0.0.1:" in output
    stack.pause_work(json.loads((home / "stack.json").read_text())["prefect_api_url"])
    assert set(_states(home).values()) == {"running"}
    first = {process.part: process.pid for process in processes.marked(home) if process.leads}

    os.kill(first[parts.WORKER], signal.SIGKILL)
    states = _states(home)
    assert states.pop(parts.WORKER) == "stopped"
    assert set(states.values()) == {"running"}

    two = [_start(home, "up", "--no-sandbox") for _ in range(2)]
    outcomes = [(process.communicate(timeout=240)[1], process.returncode) for process in two]
    assert [code for _, code in outcomes] == [0, 0], outcomes
    second = {process.part: process.pid for process in processes.marked(home) if process.leads}
    assert second.pop(parts.WORKER) != first.pop(parts.WORKER)
    assert second == first, "what ran was left alone"

    assert _soms(home, "down")[0] == 0
    assert _everything_is_gone(home)
    assert _soms(home, "status")[0] == 1


@pytest.mark.stack
def test_down_clears_up_after_an_up_that_was_killed(home: Path):
    starter = _start(home, "up", "--no-sandbox")
    _until_part_runs(home, parts.PREFECT)
    starter.kill()
    starter.communicate()
    assert not _everything_is_gone(home), "the kill left something to clear up"
    assert _soms(home, "down")[0] == 0
    assert _everything_is_gone(home)


@pytest.mark.stack
def test_ctrl_c_during_up_stops_what_was_started(home: Path):
    starter = _start(home, "up", "--no-sandbox")
    _until_part_runs(home, parts.PREFECT)
    starter.send_signal(signal.SIGINT)
    _, errors = starter.communicate(timeout=60)
    assert starter.returncode == 1
    assert errors.splitlines()[-1] == "soms: Interrupted; what had been started is stopped again."
    assert "Traceback" not in errors
    assert _everything_is_gone(home)


@pytest.mark.stack
def test_down_interrupts_an_up_that_is_at_work(home: Path):
    starter = _start(home, "up", "--no-sandbox")
    _until_part_runs(home, parts.PREFECT)
    assert _soms(home, "down")[0] == 0
    starter.communicate(timeout=60)
    assert starter.returncode == 1
    assert _everything_is_gone(home)


def test_wrong_use_is_one_line_and_exit_code_2(home: Path):
    code, _, errors = _soms(home, "up", "--sandbx")
    assert (code, len(errors.splitlines())) == (2, 1)
    assert "No such option" in errors


def test_status_and_down_without_a_stack_say_so(home: Path):
    assert _soms(home, "status")[:2] == (1, f"The local stack in {home} is down; `soms up` starts it.\n")
    assert _soms(home, "down")[:2] == (0, "Nothing was running.\n")


def test_a_database_that_does_not_answer_is_named_in_one_line(home: Path):
    environment = stack.clean_environment(SOMS_HOME=str(home), SOMS_DATABASE_URL="postgresql://me@127.0.0.1:1/none")
    done = subprocess.run(
        [SOMS, "up", "--no-sandbox"], check=False, env=environment, cwd=home, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert "soms: The database of SOMS_DATABASE_URL does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert _everything_is_gone(home)


@pytest.mark.parametrize("command", [(), ("up",), ("down",), ("status",)])
def test_every_command_has_help_with_an_example(home: Path, command: tuple[str, ...]):
    code, output, _ = _soms(home, *command, "--help")
    assert code == 0
    assert "Usage: soms" in output
    assert not command or f"Example: soms {command[0]}" in output
