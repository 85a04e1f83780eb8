"""One way up: the steps of starting the stack, and what each of them waits for."""

import subprocess
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blocks.settings import settings
from deployments.narration import Narrator, step
from deployments.stack import databases, parts, processes, stack_file
from deployments.stack.fingerprint import fingerprint
from deployments.stack.left_runs import end_left_runs
from deployments.stack.parts import Service
from deployments.stack.private_files import read_private
from deployments.stack.stack_file import Part, Stack
from deployments.stack.starting import Starter


class Ascent:
    """Starts the parts in the order of their needs, side by side where they have none."""

    def __init__(self, home: Path, voice: Narrator, *, sandbox: bool) -> None:
        """Look at what is configured and what an earlier start left."""
        self.home, self.voice = home, voice
        self.stack = stack_file.load(home) or Stack(home=home)
        self.foreign_prefect = _foreign_prefect(home, self.stack)
        self.starter = Starter(home, foreign_prefect=self.foreign_prefect is not None)
        self.outside = parts.outside_world(home) if sandbox else ()
        self._registration: subprocess.Popen[bytes] | None = None

    def run(self) -> Stack:
        """Start everything that is missing and return the addresses."""
        self._describe_outside()
        with ThreadPoolExecutor(8) as pool:
            try:
                erp = pool.submit(self._prepare_erp)
                _all([pool.submit(self._core), *(pool.submit(self._visit, service, erp) for service in self.outside)])
                _all([pool.submit(self._worker), pool.submit(self._finish_registration)])
            except BaseException:
                self.starter.stopping.set()
                raise
        self._save()
        return self.stack

    def _core(self) -> None:
        with step(self.voice, "Postgres"):
            self.stack.own_database = _own_database(self.stack)
            self.stack.database_urls, prefect_database = databases.prepare(
                self.home, self.stack.own_database, with_prefect=self.foreign_prefect is None
            )
        if prefect_database is None:
            self._point_at(str(self.foreign_prefect))
            self._begin_registration()
            self._migrate()
            return
        server = parts.prefect_server(self.home, prefect_database)
        self._point_at(f"{server.address}/api")
        with ThreadPoolExecutor(2) as pool:
            serving = pool.submit(self._bring_up, server)
            schema = pool.submit(self._migrate)
            self._begin_registration()
            _all([serving, schema])

    def _point_at(self, api_url: str) -> None:
        self.stack.prefect_api_url, self.stack.ui_url = api_url, api_url.removesuffix("/api")
        self._save()  # the registration reads it

    def _migrate(self) -> None:
        from blocks.database.migrate import upgrade  # noqa: PLC0415 - seconds of import, spent beside the server's start

        with step(self.voice, "Database schema"):
            upgrade(self.stack.database_urls["soms_owner"])

    def _prepare_erp(self) -> None:
        if self.outside and processes.leader(self.home, parts.ERP) is None:
            title, program = "Sandbox ERP prepared", parts.erp_preparation(self.home)
            with step(self.voice, title):
                self.starter.complete(self.starter.start(program), program.name, title, patience=1800)

    def _visit(self, service: Service, erp: "Future[None]") -> None:
        if service.name == parts.ERP:
            erp.result()
        self._bring_up(service)

    def _worker(self) -> None:
        api_url, database = self.stack.prefect_api_url, self.stack.database_urls["soms_app"]
        if self.foreign_prefect is None and processes.leader(self.home, parts.WORKER) is None:
            ended = end_left_runs(self.home, api_url)
            if ended:
                self.voice.says(f"{ended} runs that the last stack left under way are marked as crashed.")
        self._bring_up(parts.worker(self.home, parts.work_environment(database, api_url)))

    def _begin_registration(self) -> None:
        if self.stack.applied == fingerprint(self.stack):
            return
        processes.stop(self.home, {parts.REGISTRATION})
        database = self.stack.database_urls["soms_app"]
        program = parts.registration(parts.work_environment(database, self.stack.prefect_api_url))
        self._registration = self.starter.start(program)

    def _finish_registration(self) -> None:
        if self._registration is None:
            return
        with step(self.voice, "Deployments"):
            self.starter.complete(self._registration, parts.REGISTRATION, "Registering the deployments", patience=900)
        self.stack.applied = fingerprint(self.stack)

    def _bring_up(self, service: Service) -> None:
        with step(self.voice, service.title):
            self.starter.bring_up(service)

    def _describe_outside(self) -> None:
        address = {service.name: service.address for service in self.outside}
        self.stack.shop_url, self.stack.erp_url = address.get(parts.SHOP), address.get(parts.PROXY)
        self.stack.erp_direct_url = address.get(parts.ERP)
        self.stack.manufacturer_url = address.get(parts.MANUFACTURER)
        smtp = address.get(parts.SMTP)
        self.stack.smtp_port = urlsplit(smtp).port if smtp else None
        self.stack.mail_store = self.home / "sandbox" / "mail" if smtp else None

    def _save(self) -> None:
        found = {process.part: process.pid for process in processes.marked(self.home) if process.leads}
        recorded = read_private(self.home / "ports.json")
        address = {service.name: service.address for service in self.outside}
        address[parts.PREFECT] = self.stack.ui_url
        address[parts.WORKER] = f"http://127.0.0.1:{recorded.get(parts.WORKER, '')}"
        address[databases.POSTGRES] = f"127.0.0.1:{recorded.get(databases.POSTGRES, '')}"
        expected = [service.name for service in self.outside] + [parts.WORKER]
        if self.foreign_prefect is None:
            expected.insert(0, parts.PREFECT)
        if databases.POSTGRES in found:
            expected.insert(0, databases.POSTGRES)
        self.stack.parts = [Part(name=name, pid=found.get(name), address=address.get(name, "")) for name in expected]
        self.stack.save()


def _own_database(stack: Stack) -> str | None:
    """Return the database of SOMS_DATABASE_URL, unless it is this stack's own under another name."""
    url = settings().database_url
    given = url.get_secret_value() if url else None
    return stack.own_database if given in stack.database_urls.values() else given


def _foreign_prefect(home: Path, stack: Stack) -> str | None:
    """Return the API of PREFECT_API_URL, unless it is this stack's own server."""
    given = settings().given_prefect_api_url
    if not given or given == stack.prefect_api_url:
        return None
    place = urlsplit(given)
    ours = place.hostname in ("127.0.0.1", "localhost") and place.port == read_private(home / "ports.json").get(
        "prefect"
    )
    return None if ours else given


def _all(futures: "list[Future[Any]]") -> None:
    done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    for future in done:
        future.result()
