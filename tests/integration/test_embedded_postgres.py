"""The embedded Postgres starts whatever was left behind, as root or not, and is found instead of started twice."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from blocks.errors import SomsError, WrongUse
from deployments.stack import accounts, embedded_postgres, roles
from deployments.stack.embedded_postgres import Cluster
from tests import stack

DEBIAN = Path("/usr/lib/postgresql/15/bin")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
START = "import sys, pathlib; from deployments.stack import embedded_postgres as e; e.start(pathlib.Path(sys.argv[1]))"


@pytest.fixture
def home() -> Iterator[Path]:
    """Return the home of a cluster of its own, stopped and removed afterwards."""
    with stack.open_folder() as folder:
        yield folder
        embedded_postgres.stop(folder)


def _asks(cluster: Cluster) -> int:
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute("SELECT 6 * 7").fetchone()
    assert row is not None
    return int(row[0])


def _starter(home: Path) -> "subprocess.Popen[bytes]":
    command, checkout = [sys.executable, "-c", START, str(home)], Path(stack.__file__).parent.parent
    return subprocess.Popen(command, cwd=checkout, env=stack.clean_environment(), start_new_session=True)


def test_a_second_start_finds_the_first_and_data_survives_a_stop(home: Path):
    first = embedded_postgres.start(home)
    with psycopg.connect(first.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    assert embedded_postgres.start(home).pid == first.pid
    assert embedded_postgres.stop(home)
    assert embedded_postgres.running(home) is None
    again = embedded_postgres.start(home)
    assert again.port == first.port, "addresses stay valid"
    with psycopg.connect(again.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_two_starters_at_once_share_one_server(home: Path):
    found: list[Cluster] = []
    stack.together(*(Thread(target=lambda: found.append(embedded_postgres.start(home))) for _ in range(3)))
    assert len(found) == 3
    assert len({cluster.pid for cluster in found}) == 1


def test_nobody_gets_in_without_the_password(home: Path):
    cluster = embedded_postgres.start(home, fast=True)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.url(password="guessed"))
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_pid_file_that_now_names_a_stranger_does_not_stop_the_start(home: Path):
    cluster = embedded_postgres.start(home)
    left = (cluster.data / "postmaster.pid").read_text()
    os.kill(cluster.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while embedded_postgres.running(home) is not None:
        assert time.monotonic() < deadline
    stranger = subprocess.Popen([shutil.which("sleep") or "sleep", "60"], **accounts.postgres_account().popen_options())
    try:
        forged = left.replace(str(cluster.pid), str(stranger.pid), 1)
        (cluster.data / "postmaster.pid").write_text(forged)
        assert embedded_postgres.running(home) is None
        assert _asks(embedded_postgres.start(home)) == 42
    finally:
        stranger.kill()
        stranger.wait()


def test_a_starter_killed_while_making_the_cluster_leaves_nothing_in_the_way(home: Path):
    starter = _starter(home)
    deadline = time.monotonic() + 30
    while not list(home.glob("postgres.new-*/data/base")):
        assert time.monotonic() < deadline
        assert starter.poll() is None, "the cluster was made before it could be interrupted"
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert not (home / "postgres").exists()
    assert _asks(embedded_postgres.start(home)) == 42
    assert not list(home.glob("postgres.new-*"))


def test_a_folder_that_holds_half_a_cluster_is_put_aside(home: Path):
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("18\n")
    assert _asks(embedded_postgres.start(home, fast=True)) == 42
    assert list(home.glob("postgres.broken-*/PG_VERSION"))


@needs_root
def test_an_ordinary_user_starts_it_as_themselves(home: Path):
    user = pwd.getpwnam("daemon")
    programs = accounts.postgres_programs(home, accounts.Account())
    if not accounts.Account(user.pw_uid, user.pw_gid).reaches(programs / "initdb"):
        pytest.skip("the checkout is closed to ordinary users")

    os.chown(home, user.pw_uid, user.pw_gid)
    # Imported as root and started as somebody else: the interpreter itself may lie where only root can start it.
    program = (
        "import os, pathlib, sys; from deployments.stack import embedded_postgres; home, user, group = sys.argv[1:];"
        "os.setgroups([]); os.setgid(int(group)); os.setuid(int(user)); embedded_postgres.start(pathlib.Path(home))"
    )
    words = [sys.executable, "-c", program, str(home), str(user.pw_uid), str(user.pw_gid)]
    starter = subprocess.run(words, env=stack.clean_environment(), check=False, capture_output=True, text=True)
    assert starter.returncode == 0, starter.stderr
    cluster = embedded_postgres.running(home)
    assert cluster is not None
    assert Path(f"/proc/{cluster.pid}").stat().st_uid == user.pw_uid
    assert _asks(cluster) == 42


@needs_root
def test_root_with_a_closed_home_keeps_the_files_where_postgres_can_reach_them():
    with stack.open_folder() as folder:
        folder.chmod(0o700)
        home = folder / "soms"
        cluster = embedded_postgres.start(home, fast=True)
        try:
            assert _asks(cluster) == 42
            assert cluster.data.parent.parent == accounts.FALLBACK_PARENT
            assert folder.stat().st_mode & 0o777 == 0o700, "nobody else's folder was opened for it"
        finally:
            embedded_postgres.stop(home)
            shutil.rmtree(cluster.data.parent)


def test_programs_that_are_not_there_are_named(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOMS_PG_BINDIR", "/nowhere")
    with pytest.raises(WrongUse, match="SOMS_PG_BINDIR names /nowhere"):
        embedded_postgres.start(home)


def test_a_server_that_cannot_start_says_why(home: Path):
    cluster = embedded_postgres.start(home, fast=True)
    embedded_postgres.stop(home)
    (cluster.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(SomsError, match="initialized by PostgreSQL version 9"):
        embedded_postgres.start(home)


@pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's PostgreSQL 15 is not installed")
def test_debians_postgres_15_takes_its_place(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOMS_PG_BINDIR", str(DEBIAN))
    with stack.cluster(home) as cluster:
        template = stack.migrated_template(cluster)
        with stack.copy_of(cluster, template) as urls, psycopg.connect(urls.app) as connection:
            version = connection.execute("SHOW server_version").fetchone()
            assert version is not None
            assert version[0].startswith("15.")
            assert connection.execute("SELECT current_user").fetchone() == (roles.APP,)
