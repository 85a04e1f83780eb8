"""Files over worker processes: one that crashes, hangs or eats memory costs its own answer and nothing else."""

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from functools import partial

import pytest

from blocks.errors import Unreadable
from blocks.worker_pool import Limits, Lost, each, limited

QUICK = Limits(seconds=20, cpu_seconds=1, megabytes=256)


def behave(order: str) -> str:
    """Do what is asked for: the wrong things a parser does on hostile bytes."""
    if order == "crash":
        ctypes.string_at(0)
    elif order == "spin":
        while True:
            pass
    elif order == "eat":
        _ = bytearray(2**30)
    elif order == "refuse":
        message = "The file breaks its contract."
        raise Unreadable(message)
    elif order == "fault":
        raise KeyError(order)
    elif order == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{order} read by {os.getpid()}"


def greet(greeting: str, name: str) -> str:
    return f"{greeting} {name}"


def sleep(_: str) -> None:
    time.sleep(600)


def test_t_doc_4_a_worker_that_crashes_or_hangs_takes_nothing_along() -> None:
    orders = ["a", "crash", "b", "spin", "eat", "c", "refuse", "fault", "killed", "d"]
    answers = list(each(behave, orders, jobs=2, limits=QUICK))
    assert [item for item, _ in answers] == orders
    by_order = dict(answers)
    for good in "abcd":
        assert str(by_order[good]).startswith(f"{good} read by")
    said = {order: answer.reason for order, answer in answers if isinstance(answer, Lost)}
    assert set(said) == {"crash", "spin", "eat", "refuse", "fault", "killed"}
    assert "died" in said["crash"]
    assert "1 s of computing" in said["spin"]
    assert "256 MB" in said["eat"]
    assert said["refuse"] == "The file breaks its contract."
    assert "KeyError" in said["fault"]
    assert "from outside" in said["killed"]


def test_a_file_that_only_waits_is_stopped_by_the_clock() -> None:
    [(_, answer)] = each(sleep, ["x"], jobs=1, limits=Limits(seconds=0.2))
    assert isinstance(answer, Lost)
    assert "0.2 seconds" in answer.reason


def test_workers_are_replaced_and_items_are_taken_only_as_fast_as_they_are_answered() -> None:
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for number in range(60):
            taken += 1
            yield str(number)

    workers = set()
    for done, (_, answer) in enumerate(each(behave, items(), jobs=1, limits=Limits(items=20)), 1):
        workers.add(str(answer).rsplit(" ", 1)[-1])
        assert taken - done <= 8
    assert len(workers) == 3


def test_a_function_may_carry_settings_and_answers_may_come_as_they_are_ready() -> None:
    answers = dict(each(partial(greet, "Guten Tag"), ["Ada", "Bo"], jobs=2, ordered=False))
    assert answers == {"Ada": "Guten Tag Ada", "Bo": "Guten Tag Bo"}


def test_leaving_early_leaves_no_process_behind() -> None:
    answers = each(behave, (str(number) for number in range(100)), jobs=2)
    _, answer = next(answers)
    process = int(str(answer).rsplit(" ", 1)[-1])
    answers.close()  # type: ignore[attr-defined]  # it is a generator
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_one_limited_call_returns_or_raises_what_the_function_raised() -> None:
    assert limited(greet, "Hallo", "Eva") == "Hallo Eva"
    with pytest.raises(Unreadable, match="breaks its contract"):
        limited(behave, "refuse")
    with pytest.raises(Unreadable, match="died"):
        limited(behave, "crash")
