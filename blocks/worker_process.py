"""The inside of a worker process: import once, answer many, within limits that the system enforces."""

import gc
import pickle
import signal
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from blocks.errors import SomsError, where_it_broke

GARBAGE = 100_000
"""Objects after which cycles are looked for: documents hold none, so looking often only costs time."""
_GRACE = 10
"""Seconds after which a worker ends itself, should the one who ought to stop it be gone."""


class Reply(NamedTuple):
    """What a worker says of one item: a value, or why there is none; ``spent`` when it must be replaced.

    The first one says that it is ``ready`` and speaks of no item: from then on the item's time counts.
    """

    value: Any = None
    reason: str = ""
    trace: str = ""
    error: SomsError | None = None
    spent: bool = False
    ready: bool = False


def serve(descriptor: int) -> None:
    """Answer items from the line until it is closed. The first message says with which function and limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(descriptor)
    try:
        packed_function, seconds, cpu_seconds, megabytes = pickle.loads(line.recv_bytes())  # noqa: S301 - the parent's
        function = _function(packed_function)
        _confine(megabytes)
        gc.set_threshold(GARBAGE)
        line.send_bytes(pickle.dumps(Reply(ready=True)))
        while True:
            packed = line.recv_bytes()
            _allow(seconds, cpu_seconds)
            body, spent = _answer(function, packed, megabytes)
            line.send_bytes(body)
            if spent:
                return
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _function(packed: bytes) -> Callable[[Any], Any]:
    """Return the function; one that cannot be found here fails for each item, with the trace of why."""
    try:
        function: Callable[[Any], Any] = pickle.loads(packed)  # noqa: S301 - the parent's
    except Exception as error:  # noqa: BLE001 - whatever its module raises
        return partial(_fail, error)
    return function


def _fail(error: Exception, _: Any) -> None:
    raise error


def _answer(function: Callable[[Any], Any], packed: bytes, megabytes: int) -> tuple[bytes, bool]:
    try:
        return pickle.dumps(Reply(function(pickle.loads(packed)))), False  # noqa: S301 - the parent's
    except SomsError as error:
        reply = Reply(reason=str(error) or type(error).__name__, error=error)
    except MemoryError:
        text = f"Reading it takes more than {megabytes} MB of memory, so it was stopped."
        reply = Reply(reason=text, spent=True)
    except RecursionError as error:
        reply = Reply(reason="It is nested too deeply to be read.", trace=where_it_broke(error))
    except Exception as error:  # noqa: BLE001 - an unforeseen fault concerns this file alone
        text = f"Reading it failed in a way SOMS does not foresee ({type(error).__name__}); please report this."
        reply = Reply(reason=text, trace=where_it_broke(error))
    return pickle.dumps(reply), reply.spent


def _confine(megabytes: int) -> None:
    """Let the process grow by so much from here on, and leave no core behind."""
    import resource  # noqa: PLC0415 - not on every system

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = Path("/proc/self/statm")
    if status.exists():
        taken = int(status.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = taken + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def _allow(seconds: float, cpu_seconds: int) -> None:
    """Give the next item its time: on the processor by the system's limit, on the clock by an alarm."""
    import resource  # noqa: PLC0415 - not on every system

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + cpu_seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))
    signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
