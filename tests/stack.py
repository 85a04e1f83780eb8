"""Real Postgres databases and a real Prefect server for tests, started quickly and stopped by their own ids."""

import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from blocks.database.migrate import upgrade
from deployments.stack import embedded_postgres, parts, ports, processes, roles
from deployments.stack.embedded_postgres import SUPERUSER, Cluster
from deployments.stack.private_files import read_private, write_private
from deployments.stack.starting import Starter

PASSWORDS = {role: f"{role}-secret" for role in (*roles.ROLES, roles.PREFECT)}
FOREIGN = ("SOMS_", "PREFECT_")
FOLDERS = "soms-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 - folders get random names and belong to us
ENOUGH = 4 * 2**30
"""Bytes; every worker has a cluster of its own, of some hundred megabytes."""
SCRAM_COST_SINCE = 160000
"""The version of Postgres from which on the cost of a log-in can be set."""


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """One database, by the role that opens it."""

    owner: str
    app: str
    audit: str

    def by_role(self) -> dict[str, str]:
        """Return the addresses under the names of the roles."""
        return {roles.OWNER: self.owner, roles.APP: self.app, roles.AUDIT: self.audit}


@contextmanager
def open_folder(*, in_memory: bool = False) -> Iterator[Path]:
    """Yield a new folder that the user Postgres runs as can enter; pytest's own are closed to it.

    Args:
        in_memory: Keep it in memory where there is plenty: making and dropping a database's many files there costs a
            tenth of what it costs on a disk.
    """
    parent = _plenty_of_memory() if in_memory else None
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-", dir=parent))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plenty_of_memory() -> Path | None:
    """Return where files live in memory, cleared of what killed test runs left; None where there is little of it."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    for left in MEMORY.glob(f"{FOLDERS}*"):
        if not Path("/proc", left.name.removeprefix(FOLDERS).partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return MEMORY if shutil.disk_usage(MEMORY).free > ENOUGH else None


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """Yield a running cluster with all roles, without safety against power loss."""
    try:
        running = embedded_postgres.start(home, fast=True)
        _make_logins_cheap(running)
        roles.create_roles(running.url(), PASSWORDS)
        yield running
    finally:
        embedded_postgres.stop(home)


def _make_logins_cheap(running: Cluster) -> None:
    """Let passwords be hashed once instead of 4096 times: tests connect ten thousand times."""
    with psycopg.connect(running.url(), autocommit=True) as connection:
        if connection.info.server_version >= SCRAM_COST_SINCE:
            connection.execute("SET scram_iterations = 1")
            connection.execute("ALTER DATABASE postgres SET scram_iterations = 1")
            again = sql.SQL("ALTER ROLE {} PASSWORD {}")
            connection.execute(again.format(sql.Identifier(SUPERUSER), sql.Literal(running.password)))


def urls(running: Cluster, database: str) -> DatabaseUrls:
    """Return the addresses of one database for each role."""

    def of(role: str) -> str:
        return running.url(user=role, password=PASSWORDS[role], database=database)

    return DatabaseUrls(owner=of(roles.OWNER), app=of(roles.APP), audit=of(roles.AUDIT))


def migrated_template(running: Cluster) -> str:
    """Create a database with all migrations, to be copied by each test; return its name."""
    name = f"template_{secrets.token_hex(4)}"
    embedded_postgres.create_database(running.url(), name, roles.OWNER)
    upgrade(urls(running, name).owner)
    return name


@contextmanager
def copy_of(running: Cluster, template: str) -> Iterator[DatabaseUrls]:
    """Yield a fresh copy of the template and drop it afterwards, whoever is still connected."""
    name = f"test_{secrets.token_hex(6)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
    with psycopg.connect(running.url(), autocommit=True) as connection:
        connection.execute(create.format(*(sql.Identifier(word) for word in (name, template, roles.OWNER))))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    roles.open_to_roles(running.url(), name)
    try:
        yield urls(running, name)
    finally:
        with psycopg.connect(running.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def prefect_server(running: Cluster, home: Path) -> Iterator[str]:
    """Yield the API address of a Prefect server on its own database in the cluster."""
    embedded_postgres.create_database(running.url(), roles.PREFECT, roles.PREFECT)
    with psycopg.connect(running.url(database=roles.PREFECT), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    if parts.PREFECT not in read_private(home / "ports.json"):
        write_private(home / "ports.json", {**read_private(home / "ports.json"), parts.PREFECT: ports.any_free()})
    database = running.url(user=roles.PREFECT, password=PASSWORDS[roles.PREFECT], database=roles.PREFECT)
    server = parts.prefect_server(home, database)
    try:
        Starter(home, foreign_prefect=False).bring_up(server)
        yield f"{server.address}/api"
    finally:
        processes.stop(home, {server.name})


def pause_work(api_url: str, *, paused: bool = True) -> None:
    """Let the worker begin no more runs, or begin again: every run that a schedule asks for costs seconds."""
    address = f"{api_url}/work_pools/{parts.POOL}"
    httpx.patch(address, json={"is_paused": paused}, trust_env=False, timeout=30).raise_for_status()


def clean_environment(**extra: str) -> dict[str, str]:
    """Return our environment without anything that points at somebody's stack."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)} | extra


def together(*calls: "threading.Thread") -> None:
    """Start the threads at once and wait for all of them."""
    for call in calls:
        call.start()
    for call in calls:
        call.join()
