"""A Postgres of our own on this machine: made once, started, found again, stopped; as root or not."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from blocks.errors import SomsError
from deployments.stack.accounts import Account, postgres_account, postgres_folder, postgres_programs
from deployments.stack.ports import port_for
from deployments.stack.private_files import locked, secret

SUPERUSER = "soms_cluster"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
_STARTUP_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: where it listens, its first process, and who may do everything in it."""

    home: Path
    data: Path
    port: int
    pid: int
    password: str

    def url(self, *, user: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        """Return a connection address; the superuser's when no user is named."""
        word = quote(self.password if password is None else password, safe="")
        return f"postgresql://{quote(user, safe='')}:{word}@127.0.0.1:{self.port}/{database}"


def start(home: Path, *, fast: bool = False, marker: Mapping[str, str] | None = None) -> Cluster:
    """Start the cluster of this home, making it first where there is none; find it when it runs already.

    Several starters may call this at once: one works, the others wait and find its result.

    Args:
        home: The folder of the local stack; the cluster lies in `postgres` below it.
        fast: Give up safety against power loss for speed; for tests.
        marker: Environment variables that mark the processes as ours.

    Raises:
        SomsError: Postgres did not come up; the text ends with its own last words.
    """
    home = home.absolute()
    account = postgres_account()
    folder = postgres_folder(home, account)
    with locked(home / "locks" / "postgres.lock"):
        programs = postgres_programs(home, account)
        _make(home, folder, programs, account, fast=fast)
        found = _found(home, folder)
        if found is None:
            _launch(home, folder / "postgres", programs, account, fast=fast, marker=marker or {})
        return _awaited(home, folder)


def running(home: Path) -> Cluster | None:
    """Return the running cluster of this home, or None."""
    home = home.absolute()
    if not home.exists():
        return None
    return _found(home, postgres_folder(home, postgres_account()))


def stop(home: Path, *, patience: float = 30.0) -> bool:
    """Stop the cluster: its clients are sent away, its files left consistent. Return whether there was one.

    Args:
        home: The folder of the local stack.
        patience: Seconds before the hard stop, from which Postgres recovers at its next start.
    """
    cluster = running(home)
    if cluster is None:
        return False
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(cluster.pid, sign)
        except ProcessLookupError:
            return True
        if _gone(cluster.pid, patience):
            return True
    return True


def create_database(superuser_url: str, name: str, owner: str) -> None:
    """Create a database for its owner unless it is there."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            command = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
            connection.execute(command)
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _make(home: Path, folder: Path, programs: Path, account: Account, *, fast: bool) -> None:
    """Run initdb in a draft folder and rename the result: a cluster is there whole or not at all."""
    for left in folder.glob("postgres.new-*"):  # what a killed starter left half-made
        shutil.rmtree(left)
    data = folder / "postgres"
    if (data / "global" / "pg_control").exists():
        return
    if data.exists():
        data.rename(folder / f"postgres.broken-{int(time.time())}")
    draft = folder / f"postgres.new-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    password = draft / "password"
    password.touch(mode=0o600)
    password.write_text(secret(home, "postgres"), encoding="utf-8")
    account.give(draft)
    account.give(password)
    command = [str(programs / "initdb"), "-D", str(draft / "data"), "-U", SUPERUSER, "-A", "scram-sha-256"]
    command += ["--pwfile", str(password), "-E", "UTF8", "--locale=C.UTF-8", *(["--no-sync"] if fast else [])]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env=_environment(), cwd="/", **account.popen_options()
    )
    if done.returncode:
        raise SomsError(f"Postgres could not be set up in {folder}: {(done.stderr or done.stdout).strip()[-600:]}")
    (draft / "data").rename(data)
    shutil.rmtree(draft)


def _launch(home: Path, data: Path, programs: Path, account: Account, *, fast: bool, marker: Mapping[str, str]) -> None:
    _forget_dead_postmaster(data)
    settings = {**_SETTINGS, **(_UNSAFE_BUT_FAST if fast else {}), "port": str(port_for(home, "postgres"))}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = home / "logs" / "postgres.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={**_environment(), **marker},
            start_new_session=True,
            **account.popen_options(),
        )
    deadline = time.monotonic() + _STARTUP_SECONDS
    while _status(data) != "ready":
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise SomsError(f"Postgres did not start; {log} ends with: {_tail(log)}")
        time.sleep(0.05)


def _awaited(home: Path, folder: Path) -> Cluster:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < deadline:
        found = _found(home, folder)
        if found is None:
            break
        if _status(found.data) == "ready":
            return found
        time.sleep(0.05)
    raise SomsError(f"Postgres went away while starting; {home / 'logs' / 'postgres.log'} says why.")


def _found(home: Path, folder: Path) -> Cluster | None:
    data = folder / "postgres"
    lines = _postmaster(data)
    if len(lines) < 4 or not _is_postmaster(int(lines[0]), data):  # noqa: PLR2004 - pid, folder, start, port
        return None
    return Cluster(home, data, int(lines[3]), int(lines[0]), secret(home, "postgres"))


def _postmaster(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _status(data: Path) -> str:
    lines = _postmaster(data)
    return lines[7].strip() if len(lines) > 7 else ""  # noqa: PLR2004 - the eighth line is the state


def _is_postmaster(pid: int, data: Path) -> bool:
    """Return whether the process is a Postgres on this folder: after a restart the number may be anybody's."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return Path(os.fsdecode(command[0])).name == "postgres" and os.fsencode(data) in command


def _forget_dead_postmaster(data: Path) -> None:
    """Remove the pid file of a server that is gone, so that a stranger with its number does not stop a start."""
    lines = _postmaster(data)
    if lines and not (lines[0].isdigit() and _is_postmaster(int(lines[0]), data)):
        (data / "postmaster.pid").unlink()


def _gone(pid: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
