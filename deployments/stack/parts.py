"""The parts of the local stack as data: command, environment, address, and how to see that each is well."""

import base64
import importlib.util
import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deployments.stack import ports
from deployments.stack.private_files import read_private, secret
from deployments.stack.processes import Program, leader, started_at

POOL = "soms"
HEARTBEAT_SECONDS = 30
PREFECT, WORKER, REGISTRATION = "prefect", "worker", "registration"
SHOP, ERP, PROXY, SMTP, MANUFACTURER = "shop", "erp", "proxy", "smtp", "manufacturer"
HEALTH = {PREFECT: "/api/health", WORKER: "/health"}
"""Where a part says that it is well; of the others we know by their accepting connections."""
_FOREIGN = ("PREFECT_SERVER_", "PREFECT_API_", "PREFECT_PROFILE", "PREFECT_HOME", "PREFECT__")


@dataclass(frozen=True, slots=True)
class Service:
    """A part that stays: the program, what people call it, where it answers, and whether it does."""

    title: str
    program: Program
    address: str
    well: Callable[[], bool]
    patience: float = 60.0

    @property
    def name(self) -> str:
        """Return the name in logs and in the process table."""
        return self.program.name


def port_of(home: Path, name: str) -> int:
    """Return the port of a part: the recorded one while the part runs, else one that is free now."""
    known = read_private(home / "ports.json").get(name)
    return int(known) if known and leader(home, name) else ports.port_for(home, name)


def base_environment(home: Path, *, foreign_prefect: bool = False) -> dict[str, str]:
    """Return the environment that every part starts from: ours, without settings meant for another Prefect.

    Args:
        home: The folder of the stack.
        foreign_prefect: Prefect's server is not ours; its address and credentials are kept.
    """
    dropped = tuple(prefix for prefix in _FOREIGN if not (foreign_prefect and prefix == "PREFECT_API_"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # a part that compiles anew at every start costs seconds
    scratch = home / "tmp"
    scratch.mkdir(exist_ok=True)
    if not foreign_prefect:
        kept["PREFECT_API_SSL_CERT_FILE"] = str(_one_certificate(home))
    return {
        **kept,
        "TMPDIR": str(
            scratch
        ),  # Prefect's runner makes one folder in it that no second user of the machine could enter
        "SOMS_HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONUNBUFFERED": "1",
    }


def _one_certificate(home: Path) -> Path:
    """Return a file with one trusted certificate, written if need be.

    Each client of Prefect loads all of them anew, 50 ms and many times in a run, though it speaks plain http to our own
    server and has no use for any. No other connection goes by this file.
    """
    import certifi  # noqa: PLC0415 - only who starts something needs it

    path = home / "prefect" / "one-certificate.pem"
    if not path.exists():
        first = Path(certifi.where()).read_text(encoding="utf-8").partition(ssl.PEM_FOOTER)[0] + ssl.PEM_FOOTER
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.with_suffix(f".{os.getpid()}")
        hidden.write_text(first + "\n", encoding="utf-8")
        hidden.replace(path)
    return path


def prefect_server(home: Path, database_url: str) -> Service:
    """Return the Prefect server with its UI, on its own database.

    Args:
        home: The folder of the stack.
        database_url: `postgresql://` address of Prefect's database.
    """
    port = port_of(home, PREFECT)
    root = f"http://127.0.0.1:{port}"
    key = secret(home, "prefect_encryption_key", lambda: base64.urlsafe_b64encode(os.urandom(32)).decode())
    environment = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url.replace("postgresql://", "postgresql+asyncpg://", 1),
        "PREFECT_SERVER_UI_API_URL": f"{root}/api",
        "PREFECT_UI_API_URL": f"{root}/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ENCRYPTION_KEY": key,
        "PREFECT__SERVER_FINAL": "1",
    }
    # Prefect's own command would import the client first and then start just this.
    command = (sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app")
    address = ("--host", "127.0.0.1", "--port", str(port), "--timeout-keep-alive", "5", "--log-level", "warning")
    program = Program(PREFECT, (*command, *address), environment)
    return Service("Prefect server", program, root, lambda: says_yes(root + HEALTH[PREFECT]), patience=180)


def worker(home: Path, environment: dict[str, str]) -> Service:
    """Return the worker that runs the flows as processes of this machine."""
    port = port_of(home, WORKER)
    root = f"http://127.0.0.1:{port}"
    webserver = {"PREFECT_WORKER_WEBSERVER_HOST": "127.0.0.1", "PREFECT_WORKER_WEBSERVER_PORT": str(port)}
    prefect = str(Path(sys.executable).with_name("prefect"))
    command = (prefect, "--no-prompt", "worker", "start", "--pool", POOL, "--type", "process", "--name", "local")
    extra = ("--limit", "4", "--install-policy", "never", "--with-healthcheck")
    program = Program(WORKER, (*command, *extra), {**environment, **webserver})

    def well() -> bool:
        return says_yes(root + HEALTH[WORKER]) and _has_reported(home, environment["PREFECT_API_URL"])

    return Service("Worker", program, root, well)


def work_environment(app_url: str, api_url: str) -> dict[str, str]:
    """Return what the worker and each flow run find in their environment."""
    return {
        "PREFECT_API_URL": api_url,
        "SOMS_DATABASE_URL": app_url,
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    }


def registration(environment: dict[str, str]) -> Program:
    """Return the program that registers pool, automations, blocks and deployments with the server."""
    return Program(REGISTRATION, (sys.executable, "-m", "deployments.stack.registration"), environment)


def erp_preparation(home: Path) -> Program:
    """Return the program that installs the sandbox ERP and fills its first database, once."""
    command = (sys.executable, "-m", "deployments.sandbox.erp", "prepare", "--home", str(home / "cache" / "erp"))
    return Program("erp-preparation", command)


def outside_world(home: Path) -> tuple[Service, ...]:
    """Return the sandbox: shop, ERP, the proxy that makes faults in front of it, a mail server, a manufacturer."""
    folder = home / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    number = {name: port_of(home, name) for name in (SHOP, ERP, PROXY, SMTP, MANUFACTURER)}
    erp = f"http://127.0.0.1:{number[ERP]}"
    prepared = ("--home", str(home / "cache" / "erp"), "--database", str(folder / "soms.sqlite"))
    arguments: dict[str, tuple[str, tuple[str, ...]]] = {
        SHOP: ("Sandbox shop", ("--state", str(folder / "shop.sqlite"), "--seed", "1")),
        ERP: ("Sandbox ERP", ("run", *prepared)),
        PROXY: ("Fault proxy", ("--target", erp)),
        SMTP: ("Mail server", ("--store", str(folder / "mail"))),
        MANUFACTURER: ("Sandbox manufacturer", ("--deliver-to", str(folder / "catalogues"))),
    }
    return tuple(_sandbox(name, title, number[name], extra) for name, (title, extra) in arguments.items())


def says_yes(url: str, patience: float = 5.0) -> bool:
    """Return whether the address answers with a success."""
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:  # noqa: S310 - our own http address
            return bool(answer.status < 300)  # noqa: PLR2004
    except (OSError, urllib.error.HTTPError):
        return False


def _has_reported(home: Path, api_url: str) -> bool:
    """Return whether the server has heard of the worker since its process started: its own page says yes too early."""
    pid = leader(home, WORKER)
    question = urllib.request.Request(  # noqa: S310 - Prefect's configured address
        f"{api_url}/work_pools/{POOL}/workers/filter", b"{}", {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(question, timeout=5) as answer:  # noqa: S310
            workers = json.load(answer)
    except (OSError, ValueError):
        return False
    heard = [datetime.fromisoformat(worker["last_heartbeat_time"]).timestamp() for worker in workers]
    return pid is not None and any(when >= started_at(pid) for when in heard)


def _sandbox(name: str, title: str, port: int, extra: tuple[str, ...]) -> Service:
    module = "smtp" if name == SMTP else name
    verb, options = (extra[:1], extra[1:]) if name == ERP else ((), extra)
    command = (sys.executable, "-m", f"deployments.sandbox.{module}", *verb, "--port", str(port), *options)
    address = f"{'smtp' if name == SMTP else 'http'}://127.0.0.1:{port}"
    return Service(title, Program(name, command), address, lambda: ports.answers(port), patience=120)


def is_installed(module: str) -> bool:
    """Return whether a module can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None
