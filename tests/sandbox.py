"""The outside world for tests: shop, proxy and mail server as real processes on their own ports."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, cast

import httpx

from blocks.systems.http import trusted
from deployments.sandbox.files.faults import Faults
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from deployments.sandbox.smtp_faults import set_faults
from deployments.stack import ports

HOUSE = Path(__file__).resolve().parents[1]
_PATIENCE = 30.0


def free_port() -> int:
    """Return a port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Controlled:
    """A running program with fault control.

    Attributes:
        url: Its address, without a slash at the end.
        pid: Its process.
        admin: Client for its admin addresses.
    """

    url: str
    pid: int
    admin: httpx.Client

    def faults(self, *faults: dict[str, Any]) -> None:
        """Add faults."""
        self.admin.post("/admin/faults", json=list(faults)).raise_for_status()

    def no_faults(self) -> list[dict[str, Any]]:
        """Clear the faults and return how often each had matched and fired."""
        found: list[dict[str, Any]] = self.admin.get("/admin/faults").json()
        self.admin.delete("/admin/faults").raise_for_status()
        return found

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests since the last reset."""
        found: list[dict[str, Any]] = self.admin.get("/admin/requests").json()
        return found

    def forget_requests(self) -> None:
        """Reset the list of requests."""
        self.admin.delete("/admin/requests").raise_for_status()


@dataclass
class RunningShop(Controlled):
    """A running sandbox shop.

    Attributes:
        state: Its SQLite file.
    """

    state: Path

    def client(self, **options: Any) -> httpx.Client:
        """Return a client of the API with the sandbox's keys, relative to the service."""
        headers = {"Accept": "application/json", "User-Agent": "soms-tests"}
        options = {"auth": (PUBLIC_KEY, SECRET_KEY), "headers": headers, "timeout": 30, **options}
        return httpx.Client(base_url=f"{self.url}/odata/v1/", verify=trusted(), trust_env=False, **options)

    def orders(self, count: int, **how: Any) -> dict[str, Any]:
        """Place orders; the answer holds ``ids``, ``bad`` (id to defect) and ``short`` (ids)."""
        answer = self.admin.post("/admin/orders", json={"count": count, **how}, timeout=60).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def truth(self) -> dict[str, dict[str, Any]]:
        """Return kind and defect of every placed order by id."""
        found: dict[str, dict[str, Any]] = self.admin.get("/admin/orders/truth").json()
        return found

    def add(self, set_name: str, **values: Any) -> int:
        """Save a row of any set and return its id."""
        answer = self.admin.post("/admin/rows", json={"set": set_name, "values": values}).raise_for_status()
        return int(answer.json()["id"])


@dataclass
class RunningSmtp:
    """A running mail server that keeps its messages."""

    port: int
    pid: int
    store: Path

    def messages(self) -> list[Path]:
        """Return the kept messages, oldest first."""
        return sorted((self.store / "new").glob("*.eml"))

    def mails(self) -> list[EmailMessage]:
        """Return the kept messages as messages, oldest first."""
        parse = BytesParser(policy=policy.default).parsebytes
        return [cast("EmailMessage", parse(path.read_bytes())) for path in self.messages()]

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let these faults, and no others, be in force; see ``deployments.sandbox.smtp_faults``."""
        set_faults(self.store, *faults)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5, verify=trusted(), trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def running(module: str, arguments: Sequence[str], ready: Callable[[], bool]) -> Iterator[int]:
    """Run a module of the house until the block ends; yields its pid once it is ready."""
    environment = {**os.environ, "PYTHONPATH": str(HOUSE)}
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=HOUSE, env=environment)
    try:
        limit = time.monotonic() + _PATIENCE
        while not ready():
            if process.poll() is not None:
                raise RuntimeError(f"{module} ended with {process.returncode} before it was ready")
            if time.monotonic() > limit:
                raise TimeoutError(f"{module} was not ready within {_PATIENCE} s")
            time.sleep(0.05)
        yield process.pid
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running_shop(
    tmp_path: Path, *, port: int | None = None, seed: int = 1, version: str = "6.4", require_tls: bool = False
) -> Iterator[RunningShop]:
    """Run a sandbox shop whose rows lie in ``tmp_path``; started again there, it goes on where it was."""
    port, state = port or free_port(), tmp_path / "shop.sqlite"
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--state", str(state), "--seed", str(seed), "--version", version]
    if require_tls:
        arguments.append("--require-tls")
    admin = httpx.Client(base_url=url, timeout=30, verify=trusted(), trust_env=False)
    with running("deployments.sandbox.shop", arguments, lambda: _healthy(url)) as pid, admin:
        yield RunningShop(url, pid, admin, state)


@contextmanager
def running_proxy(target: str, *, port: int | None = None) -> Iterator[Controlled]:
    """Run a proxy with faults in front of ``target``."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    admin = httpx.Client(base_url=url, timeout=30, verify=trusted(), trust_env=False)
    arguments = ["--port", str(port), "--target", target]
    with running("deployments.sandbox.proxy", arguments, lambda: _healthy(url)) as pid, admin:
        yield Controlled(url, pid, admin)


@contextmanager
def running_smtp(tmp_path: Path, *, port: int | None = None, options: Sequence[str] = ()) -> Iterator[RunningSmtp]:
    """Run a mail server that keeps what it gets in ``tmp_path``."""
    port, store = port or free_port(), tmp_path / "mail"
    arguments = ["--port", str(port), "--store", str(store), *options]
    with running("deployments.sandbox.smtp", arguments, lambda: _greets(port)) as pid:
        yield RunningSmtp(port, pid, store)


@dataclass
class RunningFileServers:
    """A running FTP and SFTP server over one folder.

    Attributes:
        folder: The folder of this machine that both serve.
        host_key: The SFTP server's, as ssh-keyscan prints it.
    """

    folder: Path
    ftp_url: str
    sftp_url: str
    host_key: str

    def faults(self, **faults: Any) -> None:
        """Put these faults in force and no others."""
        Faults(**faults).save(self.folder.with_name(f"{self.folder.name}.faults.json"))


@contextmanager
def running_file_servers(folder: Path) -> Iterator[RunningFileServers]:
    """Run both servers over ``folder``; what they serve is its folder ``orders``."""
    ftp, sftp = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--folder", str(folder), "--ftp-port", str(ftp), "--sftp-port", str(sftp)]
    with running("deployments.sandbox.files", arguments, lambda: ports.answers(ftp) and ports.answers(sftp)):
        key = folder.with_name(f"{folder.name}.key.pub").read_text()
        host = "127.0.0.1"
        yield RunningFileServers(folder, f"ftp://{host}:{ftp}/orders", f"sftp://{host}:{sftp}/orders", key)
