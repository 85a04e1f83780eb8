"""The local stack on one machine: Postgres, Prefect with its UI, a worker, and a sandbox outside world.

`up` starts what is missing and nothing else; `down` leaves nothing running, whatever became of whoever started it.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blocks.errors import SomsError
from blocks.settings import settings
from deployments.narration import Narrator, step
from deployments.stack import embedded_postgres, parts, ports, processes, stack_file
from deployments.stack.databases import POSTGRES
from deployments.stack.private_files import locked

if TYPE_CHECKING:
    from deployments.stack.stack_file import Part, Stack

RUNNING, STOPPED, SILENT = "running", "stopped", "not answering"


class Interrupted(SomsError):  # noqa: N818 - says what happened
    """Somebody asked to stop while the stack was starting."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one part is: its state, process and address."""

    name: str
    state: str
    pid: int | None
    address: str


def up(voice: Narrator, *, home: Path | None = None, sandbox: bool = True) -> "Stack":
    """Start every part that does not run or does not answer, and return the addresses of all.

    Args:
        voice: Hears of each step.
        home: The folder of the stack; the configured one when not said.
        sandbox: Whether the outside world (shop, ERP, mail) is part of it.

    Raises:
        SomsError: A part did not come up, or somebody interrupted; what this call started is stopped again.
    """
    from deployments.stack.ascent import Ascent  # noqa: PLC0415 - `down` and `status` do without it

    home = home or settings().home
    home.mkdir(parents=True, exist_ok=True)
    with _turn(home, lambda: voice.says("Another `soms up` or `soms down` is at work; waiting for it.")):
        before = {process.part for process in processes.marked(home)}
        try:
            with _terminable():
                return Ascent(home, voice, sandbox=sandbox).run()
        except BaseException as error:
            with _undisturbed():
                _clear(home, spare=before)
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted("Interrupted; what had been started is stopped again.") from error
            raise


def down(voice: Narrator, *, home: Path | None = None) -> bool:
    """Stop everything that belongs to the stack, gently first; a `soms up` at work is interrupted.

    Returns:
        Whether anything ran.
    """
    home = home or settings().home
    if not home.exists():
        return False
    with _turn(home, lambda: _interrupt_holder(home)):
        ran = bool(processes.marked(home)) or embedded_postgres.running(home) is not None
        if ran:
            with step(voice, "Local stack", "stopped"):
                _clear(home, spare=set())
        stack_file.path_of(home).unlink(missing_ok=True)
    return ran


def status(home: Path | None = None) -> list[Condition]:
    """Return how every part of the stack is; empty when no stack was started here."""
    home = home or settings().home
    stack = stack_file.load(home)
    return [_condition(home, part) for part in stack.parts] if stack else []


def _condition(home: Path, part: "Part") -> Condition:
    pid = processes.leader(home, part.name)
    if pid is None:
        return Condition(part.name, STOPPED, None, part.address)
    port = urlsplit(part.address if "//" in part.address else f"//{part.address}").port if part.address else None
    if part.name in parts.HEALTH:
        well = parts.says_yes(part.address + parts.HEALTH[part.name])
    else:
        well = port is None or ports.answers(port)
    return Condition(part.name, RUNNING if well else SILENT, pid, part.address)


def _clear(home: Path, *, spare: set[str]) -> None:
    """Stop all parts but the spared ones: those who work first, then whom they need, Postgres last."""
    for group in ({parts.WORKER, parts.REGISTRATION}, None):
        processes.stop(home, group, spare={*spare, POSTGRES})
    if POSTGRES not in spare:
        embedded_postgres.stop(home)
        processes.stop(home, {POSTGRES})


@contextmanager
def _turn(home: Path, waiting: Callable[[], None]) -> Iterator[None]:
    with locked(_lock_of(home), waiting=waiting, patience=1800):
        yield


def _lock_of(home: Path) -> Path:
    return home / "locks" / "stack.lock"


def _interrupt_holder(home: Path) -> None:
    """Ask the `soms up` that holds the lock to give up; only a process that has the lock file open is asked."""
    lock = _lock_of(home)
    with suppress(ValueError, OSError):
        pid = int(lock.read_text(encoding="utf-8"))
        if any(os.path.realpath(handle) == os.path.realpath(lock) for handle in Path(f"/proc/{pid}/fd").iterdir()):
            os.kill(pid, signal.SIGTERM)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a start as Ctrl-C does, so that it clears up after itself."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(signal.SIGTERM, interrupt), _handling(signal.SIGHUP, interrupt):
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nobody's second Ctrl-C leave half a stack behind."""
    with _handling(signal.SIGINT, signal.SIG_IGN), _handling(signal.SIGTERM, signal.SIG_IGN):
        yield


@contextmanager
def _handling(
    sign: signal.Signals, handler: "Callable[[int, FrameType | None], None] | signal.Handlers"
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(sign, handler)
    try:
        yield
    finally:
        signal.signal(sign, before)
