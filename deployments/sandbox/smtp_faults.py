"""Faults of the sandbox's mail server as data, read from ``faults.json`` in its store before every step."""

import asyncio
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STEPS = ("sender", "recipient", "message", "kept")
"""Where a fault strikes: MAIL, RCPT, the DATA command, or once the message is kept and its answer is due."""
KINDS = ("status", "cut", "slow", "kill")


@dataclass(frozen=True)
class SmtpFault:
    """One fault.

    Attributes:
        kind: 'status' answers with ``code``, 'cut' closes the connection, 'slow' waits ``seconds``, 'kill' ends ``pid``
            and then closes the connection.
        at: The step it strikes at, one of `STEPS`.
        times: How often it strikes; 0 is always.
        first: The first time the step is reached that it strikes at, from 1.
        keep: At 'kept': whether the message is kept all the same.
        code: For 'status': the reply, e.g. 451.
        seconds: For 'slow'.
        pid: For 'kill': the process to kill.
    """

    kind: str
    at: str
    times: int = 0
    first: int = 1
    keep: bool = True
    code: int = 451
    seconds: float = 0.0
    pid: int = 0


class SmtpFaults:
    """The faults in force; what is written to the file counts from the next step on."""

    def __init__(self, store: Path) -> None:
        """Look for the file in the store."""
        self._file, self._written = store / "faults.json", ""
        self._faults: list[SmtpFault] = []
        self._reached: dict[SmtpFault, int] = {}

    def at(self, step: str) -> list[SmtpFault]:
        """Return the faults that strike now."""
        self._read()
        striking = []
        for fault in self._faults:
            if fault.at == step:
                self._reached[fault] = reached = self._reached.get(fault, 0) + 1
                if reached >= fault.first and (not fault.times or reached < fault.first + fault.times):
                    striking.append(fault)
        return striking

    def _read(self) -> None:
        written = self._file.read_text(encoding="utf-8") if self._file.exists() else "[]"
        if written != self._written:
            self._written, self._reached = written, {}
            self._faults = [SmtpFault(**each) for each in json.loads(written)]


def set_faults(store: Path, *faults: dict[str, Any]) -> None:
    """Let these faults be in force from the next step on; none clears them.

    Raises:
        ValueError: A fault names a kind or a step that there is not.
    """
    for fault in faults:
        if fault.get("kind") not in KINDS or fault.get("at") not in STEPS:
            raise ValueError(f"'kind' is one of {', '.join(KINDS)}, 'at' one of {', '.join(STEPS)}")
    partial = store / "tmp" / "faults.json"
    partial.write_text(json.dumps(faults), encoding="utf-8")
    partial.rename(store / "faults.json")


async def strike(faults: list[SmtpFault], transport: asyncio.Transport) -> str | None:
    """Do what the faults do; returns the reply to give instead of the usual one, if any."""
    for fault in faults:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
    for fault in faults:
        if fault.kind == "kill":
            os.kill(fault.pid, signal.SIGKILL)
        if fault.kind in ("kill", "cut"):
            transport.abort()
            return "421 Closing"
        if fault.kind == "status":
            return f"{fault.code} Set by the sandbox"
    return None
