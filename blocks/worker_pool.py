"""Files over worker processes that may die: each file has its time and memory, and none takes another one along.

Workers are started afresh (never forked), stand apart from the terminal, and are replaced after some hundreds of
files.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from blocks.errors import SomsError, Unreadable
from blocks.worker_process import Reply

Item = TypeVar("Item")
Value = TypeVar("Value")

_LOOK_AHEAD = 8
"""Items per worker that may be under way, or finished before the one whose turn it is."""
_START = 60
"""Seconds a worker may take to import what it needs."""
_DYING = 5
"""Seconds between the end of a worker's line and the end of its process."""
_BOOT = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from blocks.worker_process import serve
serve(int(sys.argv[1]))
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item may take.

    Attributes:
        seconds: Time on the clock; a busy machine is slow, so this is generous.
        cpu_seconds: Time on the processor.
        megabytes: Memory beyond what a worker holds once it has started.
        items: After so many items a worker is replaced, whatever has leaked.
    """

    seconds: float = 120
    cpu_seconds: int = 30
    megabytes: int = 1024
    items: int = 500


class Lost(NamedTuple):
    """An item without an answer.

    Attributes:
        reason: Why, as a sentence that quotes nothing of the content.
        trace: Where in the code it broke, for the log.
        error: What the function raised, where it was an error of SOMS.
    """

    reason: str
    trace: str = ""
    error: SomsError | None = None


def each(
    function: Callable[[Item], Value],
    items: Iterable[Item],
    *,
    jobs: int = 0,
    limits: Limits | None = None,
    ordered: bool = True,
) -> Iterator[tuple[Item, Value | Lost]]:
    """Yield every item with what the function returned for it, or with the reason why there is nothing.

    Args:
        function: Importable by name, or a partial of such; sent once per worker, so it may carry big settings.
        items: Taken one by one, a bounded number ahead: memory stays flat however many there are.
        jobs: Workers; 0 for one per processor this process may use.
        limits: Of one item.
        ordered: In the order of the items; else as they are finished.
    """
    pool = _Pool(function, jobs or processors(), limits or Limits())
    try:
        yield from pool.answers(iter(items), ordered=ordered)
    finally:
        pool.close()


def limited(function: Callable[..., Value], *arguments: object, seconds: float = 120, megabytes: int = 1024) -> Value:
    """Return what one call returns that is made in a worker process of its own.

    Raises:
        Unreadable: The worker died, hung, ran out of memory, or the call failed in a way nobody foresaw.
        SomsError: As the function raised it.
    """
    limits = Limits(seconds=seconds, cpu_seconds=max(1, int(seconds)), megabytes=megabytes, items=1)
    [(_, answer)] = each(_Applied(function), [arguments], jobs=1, limits=limits)
    if isinstance(answer, Lost):
        raise answer.error or Unreadable(answer.reason)
    return answer  # type: ignore[no-any-return]  # what the function returns


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Applied:
    """Calls a function with a tuple of arguments."""

    function: Callable[..., Any]

    def __call__(self, arguments: tuple[object, ...]) -> Any:
        """Call it."""
        return self.function(*arguments)


class _Turn:
    """One item on its way."""

    __slots__ = ("answer", "done", "item", "killed")

    def __init__(self, item: Any) -> None:
        self.item = item
        self.answer: Any = None
        self.done = False
        self.killed = False

    def end(self, answer: Any) -> None:
        self.answer, self.done = answer, True


class _Worker:
    """One process, the line to it, and the item it has in hand."""

    def __init__(self, function: Callable[[Any], Any], limits: Limits) -> None:
        self.line, theirs = Pipe()
        self.limits = limits
        self.turn: _Turn | None = None
        self.until = 0.0
        self.items = 0
        self.process = _started(theirs)
        theirs.close()
        self.line.send_bytes(
            pickle.dumps((pickle.dumps(function), limits.seconds, limits.cpu_seconds, limits.megabytes))
        )

    def begin(self, turn: _Turn) -> bool:
        """Hand it an item; False when it is gone."""
        self.turn, self.items = turn, self.items + 1
        self.until = monotonic() + (self.limits.seconds if self.items > 1 else _START)
        try:
            self.line.send_bytes(pickle.dumps(turn.item))
        except OSError:
            return False
        return True

    def listen(self) -> Reply | None:
        """Return its answer; None when it is gone."""
        try:
            reply: Reply = pickle.loads(self.line.recv_bytes())  # noqa: S301 - from the worker this process has started
        except (EOFError, OSError):
            return None
        return reply

    def kill(self) -> int:
        """End it and return how it ended: the code, or minus the signal."""
        self.line.close()
        self.process.kill()
        return self.process.wait()

    def died(self) -> int:
        """Return how it ended, once its line has: of itself, or killed because it does not come to its end."""
        try:
            self.process.wait(_DYING)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.line.close()
        return self.process.wait()


def _started(line: Connection) -> "subprocess.Popen[bytes]":
    """Start a fresh interpreter on the other end of a line; apart from the terminal, so that Ctrl-C is not for it."""
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, str(line.fileno()), json.dumps(sys.path)],
        pass_fds=[line.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )


class _Pool:
    """Workers, begun when there is work for them."""

    def __init__(self, function: Callable[[Any], Any], jobs: int, limits: Limits) -> None:
        self.function, self.jobs, self.limits = function, jobs, limits
        self.idle: list[_Worker] = []
        self.busy: list[_Worker] = []
        self.waiting: deque[_Turn] = deque()

    def answers(self, items: Iterator[Any], *, ordered: bool) -> Iterator[tuple[Any, Any]]:
        """Keep the workers busy and hand on what is finished."""
        lane: deque[_Turn] = deque()
        more = True
        while more or lane:
            while more and len(lane) < _LOOK_AHEAD * self.jobs:
                for item in items:
                    lane.append(_Turn(item))
                    self.waiting.append(lane[-1])
                    break
                else:
                    more = False
            self._hand_out()
            self._gather()
            ready = [turn for turn in lane if turn.done] if not ordered else []
            for turn in ready:
                lane.remove(turn)
            while ordered and lane and lane[0].done:
                ready.append(lane.popleft())
            for turn in ready:
                yield turn.item, turn.answer

    def close(self) -> None:
        """End every worker."""
        for worker in (*self.idle, *self.busy):
            worker.kill()

    def _hand_out(self) -> None:
        while self.waiting and len(self.busy) < self.jobs:
            worker = self.idle.pop() if self.idle else _Worker(self.function, self.limits)
            self.busy.append(worker)
            if not worker.begin(self.waiting.popleft()):
                self._bury(worker)

    def _gather(self) -> None:
        """Wait for the next answer, death or deadline."""
        if not self.busy:
            return
        patience = max(0.0, min(worker.until for worker in self.busy) - monotonic())
        heard = wait([worker.line for worker in self.busy], patience)
        for worker in [one for one in self.busy if one.line in heard]:
            self._settle(worker)
        for worker in [one for one in self.busy if one.until <= monotonic()]:
            self._stop(worker)

    def _settle(self, worker: _Worker) -> None:
        reply = worker.listen()
        if reply is None or worker.turn is None:
            self._bury(worker)
            return
        if reply.ready:
            worker.until = monotonic() + self.limits.seconds
            return
        worker.turn.end(Lost(reply.reason, reply.trace, reply.error) if reply.reason else reply.value)
        worker.turn = None
        self.busy.remove(worker)
        if reply.spent or worker.items >= self.limits.items:
            worker.kill()
        else:
            self.idle.append(worker)

    def _stop(self, worker: _Worker) -> None:
        self.busy.remove(worker)
        worker.kill()
        if worker.turn:
            worker.turn.end(Lost(f"Reading it took longer than {self.limits.seconds:g} seconds, so it was stopped."))

    def _bury(self, worker: _Worker) -> None:
        """Answer for the item of a worker that died; one that somebody else killed is tried once more."""
        self.busy.remove(worker)
        code, turn = worker.died(), worker.turn
        if turn is None:
            return
        if code in {-signal.SIGKILL, -signal.SIGTERM} and not turn.killed:
            turn.killed = True
            self.waiting.appendleft(turn)
        else:
            turn.end(Lost(_last_words(code, self.limits)))


def _last_words(code: int, limits: Limits) -> str:
    if code == -signal.SIGXCPU:
        return f"Reading it took more than {limits.cpu_seconds} s of computing, so it was stopped."
    if code == -signal.SIGALRM:
        return f"Reading it took longer than {limits.seconds:g} seconds, so it was stopped."
    if code in {-signal.SIGKILL, -signal.SIGTERM}:
        return "The process that read it was ended from outside, twice; the machine may be short of memory."
    return (
        f"The process that read it died ({code}): it is damaged or hostile, or takes more than {limits.megabytes} MB."
    )
