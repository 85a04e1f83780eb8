"""A running sandbox manufacturer for tests, and what a visit to it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.systems.http import trusted
from blocks.systems.manufacturers.contract import Collected, ManufacturerSource, Wanted
from blocks.systems.manufacturers.rest_api import ManufacturerApi
from blocks.systems.manufacturers.website import ManufacturerSite
from deployments.sandbox.manufacturer import connections
from deployments.sandbox.manufacturer.products import Range, products
from tests.sandbox import Controlled, _healthy, free_port, running

ACTOR = Actor("manufacturer_enrichment", "run-1")


@dataclass
class RunningManufacturer(Controlled):
    """A running sandbox manufacturer.

    Attributes:
        products: What it makes.
    """

    products: Range

    def quirks(self, *names: str | dict[str, str]) -> None:
        """Let it do these things wrong, beside what it does wrong already."""
        asked = [{"name": name} if isinstance(name, str) else name for name in names]
        self.admin.post("/admin/quirks", json=asked).raise_for_status()

    def behave(self) -> None:
        """Let it do everything right, and forget the requests."""
        self.admin.delete("/admin/quirks").raise_for_status()
        self.no_faults()
        self.forget_requests()

    def revise(self, *mpns: str) -> None:
        """Change products."""
        self.admin.post("/admin/revise", json=list(mpns)).raise_for_status()

    def api(self, **other: Any) -> ManufacturerApi:
        """Return a connection to the API that never waits long."""
        return ManufacturerApi(**connections.api(self.url, calls_per_second=1000, fresh_hours=0, timeout=20, **other))

    def site(self, **other: Any) -> ManufacturerSite:
        """Return a connection to the site that never waits long."""
        settings = connections.site(self.url, calls_per_second=1000, fresh_hours=0, timeout=20)
        return ManufacturerSite(**{**settings, **other})

    def asked(self) -> list[str]:
        """Return the addresses asked since the last time they were forgotten."""
        return [found["path"] for found in self.requests()]


@contextmanager
def running_manufacturer(count: int, *, options: tuple[str, ...] = ()) -> Iterator[RunningManufacturer]:
    """Run a sandbox manufacturer of so many products."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    admin = httpx.Client(base_url=url, timeout=30, verify=trusted(), trust_env=False)
    arguments = ["--port", str(port), "--products", str(count), *options]
    with running("deployments.sandbox.manufacturer", arguments, lambda: _healthy(url)) as pid, admin:
        yield RunningManufacturer(url, pid, admin, products(count))


@dataclass
class Visits:
    """Visits of one connection, one after another, over one database."""

    database: Database
    source: str = "manufacturer-site/nordlicht"
    said: list[str] = field(default_factory=list)

    def to(self, system: ManufacturerSource, *wanted: Wanted, again: bool = True) -> Collected:
        """Visit; what was said to people is kept."""
        return system.collect(
            self.database, ACTOR, source=self.source, wanted=wanted, again=again, log=self.said.append
        )

    def addresses(self, system: ManufacturerSource) -> list[str]:
        """Return the addresses of what the source offers."""
        return [thing.address for thing in system.things(self.database, source=self.source)]

    def count(self, table_and_where: str) -> int:
        """Count rows."""
        with self.database.connect() as connection:
            row = connection.execute(f"SELECT count(*) AS n FROM {table_and_where}").fetchone()  # noqa: S608 - our own
        return int((row or {"n": 0})["n"])
