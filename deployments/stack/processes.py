"""Starting programs so that they can always be found and stopped again, whatever became of who started them."""

import math
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

STACK_MARK = "SOMS_STACK"
"""Environment variable that every process of a stack and all its descendants carry; the value is the home."""
PART_MARK = "SOMS_STACK_PART"
RUN_MARK = "PREFECT__FLOW_RUN_ID"
"""Environment variable that Prefect gives the process of a flow run, which leads a session of its own."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program to run: its name in logs and tables, its command and what it adds to the environment."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marked:
    """A running process that carries the mark of a stack."""

    pid: int
    part: str
    leads: bool


def mark(home: Path, part: str) -> dict[str, str]:
    """Return the environment variables that mark a process as this part of the stack at this home."""
    return {STACK_MARK: str(home), PART_MARK: part}


def launch(home: Path, program: Program, base: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, marked, writing to `logs/<name>.log`."""
    log = log_of(home, program.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**base, **program.environment, **mark(home, program.name)},
            cwd=home,
            start_new_session=True,
        )


def log_of(home: Path, name: str) -> Path:
    """Return the file that a part writes its output to."""
    return home / "logs" / f"{name}.log"


def last_words(home: Path, name: str, lines: int = 6) -> str:
    """Return the end of a part's log, for an error that says why it did not come up."""
    try:
        content = log_of(home, name).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return "nothing"
    return "\n".join(line for line in content.splitlines()[-lines:] if line.strip())


def marked(home: Path) -> list[Marked]:
    """Return every living process that carries the mark of this home, except ourselves and our ancestors."""
    wanted = f"{STACK_MARK}={home}".encode()
    spared = _own_line()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in spared:
            continue
        variables = _environment(entry)
        if wanted not in variables:
            continue
        part = next((word.partition(b"=")[2] for word in variables if word.startswith(f"{PART_MARK}=".encode())), b"")
        pid = int(entry.name)
        of_a_run = any(word.startswith(f"{RUN_MARK}=".encode()) for word in variables)
        found.append(Marked(pid, os.fsdecode(part), leads=_session(entry) == pid and not of_a_run))
    return found


def runs(home: Path) -> set[str]:
    """Return the ids of the flow runs that have a living process in this stack."""
    wanted, start = f"{STACK_MARK}={home}".encode(), f"{RUN_MARK}=".encode()
    environments = (_environment(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {
        os.fsdecode(word.removeprefix(start))
        for variables in environments
        if wanted in variables
        for word in variables
        if word.startswith(start)
    }


def leader(home: Path, part: str) -> int | None:
    """Return the pid of the first process of a part; None when it does not run."""
    return next((process.pid for process in marked(home) if process.part == part and process.leads), None)


def started_at(pid: int) -> float:
    """Return when a process started, in seconds since 1970, to the second; infinity when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return math.inf
    boot = next(
        line for line in Path("/proc/stat").read_text(encoding="utf-8").splitlines() if line.startswith("btime")
    )
    return int(boot.split()[1]) + int(fields[19]) // os.sysconf("SC_CLK_TCK")


def stop(home: Path, parts: Collection[str] | None = None, *, spare: Collection[str] = (), patience: float = 8) -> None:
    """End all processes of some parts, with their descendants: asked first, made to after the patience is over.

    Args:
        home: The folder of the stack.
        parts: Which parts; None means all.
        spare: Parts to leave alone.
        patience: Seconds between asking and making.
    """

    def alive() -> list[int]:
        return [
            process.pid
            for process in marked(home)
            if process.part not in spare and (parts is None or process.part in parts)
        ]

    _signal(alive(), signal.SIGTERM)
    deadline = time.monotonic() + patience
    while left := alive():
        if time.monotonic() > deadline:
            _signal(left, signal.SIGKILL)  # in a loop: a dying parent may have started one more child
        time.sleep(0.1)


def _signal(pids: Iterable[int], sign: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            continue


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, a zombie, or somebody else's
        return []


def _session(entry: Path) -> int:
    return _numbers(entry)[3]


def _numbers(entry: Path) -> list[int]:
    """Return parent, group and session as `/proc/<pid>/stat` numbers them; zeros when the process is gone."""
    try:
        fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return [0, 0, 0, 0]
    return [0, *(int(number) for number in fields[1:4])]


def _own_line() -> set[int]:
    pid, line = os.getpid(), set[int]()
    while pid > 1 and pid not in line:
        line.add(pid)
        pid = _numbers(Path(f"/proc/{pid}"))[1]
    return line
