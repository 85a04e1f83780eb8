"""Build the sandbox ERP once: an environment with Tryton in it, and a filled database to be copied.

Every stage is kept under a name that carries the hash of all it was made from, and gets that name only when it is
complete. So a second preparation finds it, a killed one goes on where it was, and a change builds anew.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from blocks.errors import SomsError, WrongUse
from deployments.sandbox import catalogue
from deployments.sandbox.erp import ADMIN_PASSWORD, DATABASE, PASSWORD, PURCHASES, SERVICES, SUPPLIERS, USER

_HERE = Path(__file__).parent
_LOCK, _FIXTURES = _HERE / "requirements.lock", _HERE / "fixtures.py"
_PROGRAM = tuple(_HERE / name for name in ("fixtures.py", "buying.py", "records.py"))
_MODULES = ("sale", "purchase", "purchase_requisition", "bank")
_STAGES = 2  # raise it when the way a stage is built changes


class PreparationError(SomsError):
    """A stage could not be built; the text says which and what the program said."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared home: the interpreter of Tryton's environment, and the database to copy."""

    python: Path
    template: Path

    @property
    def server(self) -> Path:
        """Return the program that serves a database."""
        return self.python.with_name("trytond")


def prepare(home: Path) -> Prepared:
    """Return the prepared home, building what is missing; only one process builds, others wait for it.

    Args:
        home: Folder to keep the environment and the database in.

    Raises:
        PreparationError: The packages could not be had, or Tryton could not be filled.
    """
    home = home.absolute()
    prepared = expected(home)
    if _complete(prepared):
        return prepared
    home.mkdir(parents=True, exist_ok=True)
    with _only_one(home / "prepare.lock"):
        _build_environment(prepared.python.parent.parent)
        modules = home / f"modules-{_modules_key()}.sqlite"
        if not modules.exists():
            _build_in(home / "building", modules, lambda place: _activate_modules(prepared, place))
        if not prepared.template.exists():
            _build_in(home / "building", prepared.template, lambda place: _fill(prepared, modules, place))
        _forget_others(home, prepared, modules)
    _say("the ERP is prepared")
    return prepared


def expected(home: Path) -> Prepared:
    """Return where a complete preparation of the present lock, fixtures and catalogue stands, built or not."""
    home = home.absolute()
    python = home / f"venv-{_environment_key()}" / "bin" / "python"
    return Prepared(python, home / f"template-{_template_key()}.sqlite")


def _complete(prepared: Prepared) -> bool:
    return _stamp(prepared.python.parent.parent).exists() and prepared.template.exists()


def _key(*parts: bytes) -> str:
    return sha256(b"\0".join((str(_STAGES).encode(), *parts))).hexdigest()[:12]


def _environment_key() -> str:
    return _key(_LOCK.read_bytes(), sys.version.encode())


def _modules_key() -> str:
    return _key(_environment_key().encode(), *(name.encode() for name in _MODULES))


def _template_key() -> str:
    # The fiscal years are made for the year of the preparation.
    year = str(datetime.now(UTC).year)
    program = b"".join(path.read_bytes() for path in _PROGRAM)
    return _key(_modules_key().encode(), program, _merchant().encode(), year.encode())


def _merchant() -> str:
    items = [asdict(item) for item in catalogue.items()]
    data = {"items": items, "warehouses": catalogue.WAREHOUSES, "services": SERVICES, "suppliers": SUPPLIERS}
    return json.dumps({**data, "purchases": PURCHASES, "user": USER, "password": PASSWORD}, default=str, sort_keys=True)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another process is preparing the ERP; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stamp(environment: Path) -> Path:
    return environment / "complete"


def _build_environment(environment: Path) -> None:
    """Build at its final place, because an environment can't be moved; the stamp says that it is whole."""
    if _stamp(environment).exists():
        return
    python = environment / "bin" / "python"
    if find_spec("uv"):
        uv = (sys.executable, "-m", "uv")
        _run("creating the ERP's environment", [*uv, "venv", "--clear", "--python", sys.executable, str(environment)])
        install = [*uv, "pip", "sync", "--python", str(python), "--require-hashes", "--compile-bytecode", str(_LOCK)]
    else:
        _run("creating the ERP's environment", [sys.executable, "-m", "venv", "--clear", str(environment)])
        install = [str(python), "-m", "pip", "install", "--require-hashes", "--no-deps", "-r", str(_LOCK)]
    _run("installing Tryton", install)
    _stamp(environment).touch()


def _build_in(place: Path, result: Path, build: Callable[[Path], None]) -> None:
    """Build a database in a folder that may be thrown away, then give it its name in one step."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    build(place)
    database = place / f"{DATABASE}.sqlite"
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database.replace(result)
    shutil.rmtree(place)


def _activate_modules(prepared: Prepared, place: Path) -> None:
    password = place / "password"
    password.write_text(ADMIN_PASSWORD)
    (place / f"{DATABASE}.sqlite").touch()
    settings = {"TRYTONPASSFILE": str(password)}
    admin = [str(prepared.python), str(prepared.python.with_name("trytond-admin")), "-c", str(write_settings(place))]
    admin += ["-d", DATABASE, "--language", "de"]  # the German chart of accounts comes with the language
    _run("creating the ERP's database", [*admin, "--all", "--email", "admin@soms.example"], settings)
    _run("activating the ERP's modules", [*admin, "--activate-dependencies", "-u", *_MODULES], settings)


def _fill(prepared: Prepared, modules: Path, place: Path) -> None:
    shutil.copyfile(modules, place / f"{DATABASE}.sqlite")
    merchant = place / "merchant.json"
    merchant.write_text(_merchant(), encoding="utf-8")
    _run("filling the ERP", [str(prepared.python), str(_FIXTURES), str(write_settings(place)), DATABASE, str(merchant)])


def write_settings(folder: Path, port: int | None = None) -> Path:
    """Write Tryton's settings for the databases in a folder; with a port for a server, on this machine only."""
    lines = ["[database]", "uri = sqlite://", f"path = {folder.absolute()}", "retry = 10"]
    if port is not None:
        lines += ["[web]", f"listen = 127.0.0.1:{port}"]
    path = folder / "trytond.conf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _run(what: str, command: Sequence[str], settings: dict[str, str] | None = None) -> None:
    started = time.monotonic()
    _say(f"{what} ...")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRYTON"))}
    inherited.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        command,
        env={**inherited, **(settings or {})},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise PreparationError(f"{what[:1].upper()}{what[1:]} failed: {(done.stderr or done.stdout)[-2000:].strip()}")
    _say(f"{what}: {time.monotonic() - started:.0f} s")


def _forget_others(home: Path, prepared: Prepared, modules: Path) -> None:
    keep = {prepared.python.parent.parent, prepared.template, modules}
    for pattern in ("venv-*", "modules-*", "template-*"):
        for path in set(home.glob(pattern)) - keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _say(text: str) -> None:
    sys.stderr.write(f"sandbox ERP: {text}\n")
    sys.stderr.flush()


def become_server(home: Path, database: Path, port: int) -> None:
    """Turn this process into Tryton serving a database file, copied from the template when it isn't there yet.

    Raises:
        WrongUse: The home isn't prepared, or the file isn't named after the database.
    """
    prepared, database = expected(home), database.absolute()
    if not _complete(prepared):
        raise WrongUse(f"The ERP isn't prepared: run 'python -m deployments.sandbox.erp prepare --home {home}' first.")
    if database.name != f"{DATABASE}.sqlite":
        raise WrongUse(
            f"The database file must be called {DATABASE}.sqlite, because Tryton names the database after it."
        )
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        copy = database.with_suffix(".copy")
        shutil.copyfile(prepared.template, copy)
        copy.replace(database)
    settings = write_settings(database.parent, port)
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())
    # Without -d the first login finds no database loaded and fails for good.
    command = [str(prepared.python), str(prepared.server), "-c", str(settings), "-d", DATABASE, "-v"]
    os.execv(command[0], command)  # noqa: S606 - the process is to become the server, no shell is wanted
