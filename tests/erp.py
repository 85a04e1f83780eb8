"""A real Tryton for tests: prepared once for all runs, started on a port of its own, stopped by its own pid."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.http import trusted
from deployments.sandbox.erp import ADMIN, ADMIN_PASSWORD, DATABASE, PASSWORD, USER, server_url
from deployments.sandbox.erp.preparation import prepare
from tests.sandbox import free_port

ROOT = Path(__file__).resolve().parents[1]
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RunningErp:
    """A Tryton that answers."""

    port: int
    pid: int

    def connector(self, *, port: int | None = None, **settings: object) -> TrytonErp:
        """Return a connector to it, or to a proxy in front of it."""
        url = server_url(port or self.port)
        return TrytonErp(**{"url": url, "database": DATABASE, "user": USER, "password": PASSWORD, **settings})

    def bookkeeper(self) -> TrytonErp:
        """Return a connector for a person who may do more than SOMS may, such as pay."""
        return self.connector(user=ADMIN, password=ADMIN_PASSWORD)


def cache() -> Path:
    """Return where the prepared ERP is kept: the same place that ``make demo`` uses."""
    return Path(os.environ.get("SOMS_SANDBOX_CACHE", ROOT / ".soms" / "cache" / "erp"))


@contextmanager
def running_erp(folder: Path) -> Iterator[RunningErp]:
    """Run a fresh copy of the sandbox ERP in a folder until the block ends."""
    prepare(cache())
    port = free_port()
    database = folder / f"{DATABASE}.sqlite"
    command = [sys.executable, "-m", "deployments.sandbox.erp", "run", "--home", str(cache())]
    command += ["--database", str(database), "--port", str(port)]
    with (folder / "erp.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(process, port, folder / "erp.log")
        yield RunningErp(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(port):
            return
        time.sleep(0.1)
    raise AssertionError(f"Tryton did not come up:\n{log.read_text(errors='replace')[-3000:]}")


def _answers(port: int) -> bool:
    body = json.dumps({"id": 1, "method": "common.server.version", "params": []}).encode()
    headers, url = {"Content-Type": "application/json"}, f"{server_url(port)}/rpc/"
    try:
        return "result" in httpx.post(url, content=body, headers=headers, timeout=5, verify=trusted()).json()
    except httpx.HTTPError:
        return False
