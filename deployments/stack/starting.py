"""Starts services and programs of the stack, watches them come up, and gives up at once when told to."""

import subprocess
import threading
import time
from pathlib import Path

from blocks.errors import SomsError
from deployments.stack import processes
from deployments.stack.parts import Service, base_environment
from deployments.stack.processes import Program


class Starter:
    """Starts what does not run; after `stopping` is set nothing new is started and every wait ends."""

    def __init__(self, home: Path, *, foreign_prefect: bool) -> None:
        """Take the home of the stack and whether Prefect's server is somebody else's (its credentials then count)."""
        self.home = home
        self.stopping = threading.Event()
        self._base = base_environment(home, foreign_prefect=foreign_prefect)
        self._turn = threading.Lock()

    def bring_up(self, service: Service) -> None:
        """Start the service unless it runs and is well, and wait until it is well.

        Raises:
            SomsError: It ended, or was not well in time; the text closes with its last words.
        """
        if processes.leader(self.home, service.name) is not None:
            if service.well():
                return
            processes.stop(self.home, {service.name})
        self.wait_for(service, self.start(service.program))

    def wait_for(self, service: Service, process: "subprocess.Popen[bytes]") -> None:
        """Wait until a service that was started is well."""
        deadline = time.monotonic() + service.patience
        while True:
            self._look(process, service.name, service.title)
            if service.well():
                return
            if time.monotonic() > deadline:
                words = processes.last_words(self.home, service.name)
                raise SomsError(f"{service.title} was not ready after {service.patience:.0f} s. Its log ends:\n{words}")
            self.stopping.wait(0.15)

    def start(self, program: Program) -> "subprocess.Popen[bytes]":
        """Start a program, unless we were told to stop."""
        with self._turn:
            if self.stopping.is_set():
                raise SomsError("The start was given up.")
            return processes.launch(self.home, program, self._base)

    def complete(self, process: "subprocess.Popen[bytes]", name: str, title: str, patience: float) -> None:
        """Wait until a program that was started has ended well."""
        deadline = time.monotonic() + patience
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise SomsError(
                    f"{title}: not finished after {patience:.0f} s; see {processes.log_of(self.home, name)}."
                )
            if self.stopping.wait(0.15):
                raise SomsError("The start was given up.")
        self._look(process, name, title, ended=True)

    def _look(self, process: "subprocess.Popen[bytes]", name: str, title: str, *, ended: bool = False) -> None:
        if self.stopping.is_set():
            raise SomsError("The start was given up.")
        code = process.poll()
        if code is not None and not (ended and code == 0):
            log = processes.log_of(self.home, name)
            words = processes.last_words(self.home, name)
            raise SomsError(f"{title} failed (exit code {code}); {log} ends:\n{words}")
