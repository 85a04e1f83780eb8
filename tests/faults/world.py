"""One outside world for all fault tests: a Tryton behind a proxy, shops by the dozen, a warm process to kill."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.sales import sale_reference
from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.apply import PAYMENT_METHODS, SHIPPING_METHODS
from deployments.sandbox.catalogue import items
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from deployments.stack.embedded_postgres import Cluster
from deployments.stack.stack_file import Stack
from tests import stack
from tests.erp import RunningErp, running_erp
from tests.sandbox import HOUSE, Controlled, RunningShop, running_proxy, running_shop

LEASE = 2.0
"""Longer than the ERP takes for one call, so that what a killed run had under way has ended before it is looked up."""


class Zygote:
    """The warm process; runs one flow at a time in a forked child."""

    def __init__(self, api_url: str) -> None:
        """Start it and wait until it has imported everything."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=HOUSE,
            env={**os.environ, "PREFECT_API_URL": api_url, "PREFECT_LOGGING_TO_API_ENABLED": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert "ready" in self._hear()

    def start(self, environment: Mapping[str, str], **order: Any) -> int:
        """Start one run, with a ``request`` to the flow or the source to ``watch``; returns its process id."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"environment": dict(environment), **order}) + "\n")
        self._process.stdin.flush()
        return int(self._hear()["pid"])

    def wait(self) -> int:
        """Wait for the run's end; returns its exit code, negative for a signal."""
        return int(self._hear()["code"])

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def _hear(self) -> dict[str, int]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "The warm process has died."
        heard: dict[str, int] = json.loads(line)
        return heard


@dataclass
class Case:
    """One shop with its own channel, one fresh database, and the runs over them."""

    channel: str
    home: Path
    shop: RunningShop
    database: Database
    urls: stack.DatabaseUrls
    world: "World"
    lease: float = LEASE
    orders: list[int] = field(default_factory=list)

    def start(self, **request: Any) -> int:
        """Start a run of order intake in its own process; returns the process id."""
        return self.world.zygote.start(
            self._environment(), request={"source": f"smartstore-shop/{self.channel}", "patience": 20.0, **request}
        )

    def watch(self) -> int:
        """Start a watcher that ends when nothing is left to do; returns the process id."""
        return self.world.zygote.start(self._environment(), watch=f"smartstore-shop/{self.channel}")

    def _environment(self) -> dict[str, str]:
        return {"SOMS_HOME": str(self.home), "SOMS_EFFECT_LEASE": str(self.lease)}

    def run(self, **request: Any) -> None:
        """Run order intake to its end and insist that it completed."""
        self.start(**request)
        self.end()

    def end(self) -> None:
        """Wait for what was started and insist that it completed."""
        code = self.world.zygote.wait()
        assert code == 0, self.log()

    def log(self) -> str:
        """Return the end of what the runs printed."""
        return (self.home / "run.log").read_text(errors="replace")[-4000:]

    def end_state(self) -> dict[str, Any]:
        """Return all that must be equal however the runs went: facts, not ids or times; orders by their place."""
        called = {str(order): f"order {place}" for place, order in enumerate(self.orders)}
        with self.database.connect() as connection:
            state: dict[str, Any] = {
                name: sorted(
                    tuple(called[value] if column == "order_id" else str(value) for column, value in row.items())
                    for row in connection.execute(query)
                )
                for name, query in _FACTS.items()
            }
        references = {sale_reference(self.channel, order): place for order, place in called.items()}
        state["sales"] = sorted(
            (references[reference], sale.state in {"confirmed", "processing"}, str(sale.total))
            for reference, found in self.world.erp.connector().find_sales(list(references)).items()
            for sale in found
        )
        state["marks"] = sorted(called[str(mark["EntityId"])] for mark in self._of("SyncMappings", "EntityId"))
        notes = [note for note in self._of("OrderNotes", "OrderId") if "SOMS-" in note["Note"]]
        state["notes"] = sorted(called[str(note["OrderId"])] for note in notes)
        return state

    def _of(self, entities: str, key: str) -> list[dict[str, Any]]:
        """Return the rows of a set that belong to this case's orders."""
        ids = ",".join(str(order) for order in self.orders) or "0"
        answer = self.shop.client().get(f"{entities}?$filter={key} in ({ids})&$orderby=Id")
        found: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
        return found

    def told(self) -> dict[str, Any]:
        """Return the end state with the trail's proof, which must find nothing."""
        assert self.findings() == []
        return self.end_state()

    def findings(self) -> list[str]:
        """Return what the audit trail's proof finds."""
        return [
            found.text for found in verify(Database(self.urls.audit), self.home / "anchors" / "audit.jsonl").findings
        ]


_FACTS = {
    "orders": "SELECT external_id AS order_id, status, hold_reason, total, warehouse, erp_number IS NOT NULL"
    " AS in_erp, taken_over_at IS NOT NULL AS taken_over FROM sales_order",
    "lines": "SELECT o.external_id AS order_id, l.position, l.sku, l.quantity FROM order_line l"
    " JOIN sales_order o ON o.id = l.order_id",
    "reservations": "SELECT o.external_id AS order_id, r.sku, r.warehouse, sum(r.quantity) FROM reservation r"
    " JOIN sales_order o ON o.id = r.order_id GROUP BY 1, 2, 3",
    "reserved": "SELECT warehouse, sku, reserved FROM stock WHERE reserved <> 0",
    "customers": "SELECT count(*) FROM customer",
    "inbox": "SELECT external_id AS order_id, state FROM inbox",
    "aside": "SELECT external_id AS order_id, state, faults FROM quarantine",
    "effects": "SELECT split_part(business_key, ':', 3) AS order_id, split_part(business_key, ':', 1) AS kind, state"
    " FROM effect",
}
"""What is compared; a column called order_id holds the shop's id, which differs from case to case."""


@dataclass
class World:
    """What lives as long as the test session."""

    shop: RunningShop
    erp: RunningErp
    proxy: Controlled
    zygote: Zygote
    cluster: Cluster
    template: str
    folder: Path
    api_url: str
    cases: int = 0

    @contextmanager
    def case(self, *, good: int = 1, bad: int = 0, lease: float = LEASE) -> Iterator[Case]:
        """Open a channel of the shop with new orders and a fresh database that knows its articles and stock."""
        self.cases += 1
        channel = f"c{self.cases}x{os.getpid()}"
        home = self.folder / channel
        home.mkdir()
        with ExitStack() as open_things:
            urls = open_things.enter_context(stack.copy_of(self.cluster, self.template))
            Stack(home=home, database_urls=urls.by_role()).save()
            database, shop = Database(urls.app), self.shop
            know_catalogue(database, channel)
            self.connect(channel, shop)
            case = Case(channel, home, shop, database, urls, self, lease)
            case.orders = [*shop.orders(good)["ids"]] if good else []
            case.orders += shop.orders(bad, start=1000, bad=1.0)["ids"] if bad else []
            shop.forget_requests()
            self.proxy.forget_requests()
            try:
                yield case
            finally:
                self.proxy.no_faults()
                shop.no_faults()
                for order in case.orders:  # the next case is not to see them
                    shop.client().delete(f"Orders({order})").raise_for_status()

    def connect(self, channel: str, shop: RunningShop) -> None:
        """Save the connections of this case; the ERP's is the same for all."""
        SmartstoreShop(
            url=shop.url,
            public_key=PUBLIC_KEY,
            secret_key=SECRET_KEY,
            payment_methods=PAYMENT_METHODS,
            shipping_methods=SHIPPING_METHODS,
        ).save(channel, overwrite=True)
        if self.cases > 1:
            return
        erp = self.erp.connector()
        TrytonErp(url=self.proxy.url, database=erp.database, user=erp.user, password=erp.password).save(
            "main", overwrite=True
        )

    def kill_after(self, pid: int, seconds: float) -> threading.Timer:
        """Kill a process at a moment of its life, unless it has ended by then."""

        def kill() -> None:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return

        timer = threading.Timer(seconds, kill)
        timer.start()
        return timer


def know_catalogue(database: Database, channel: str) -> None:
    """Write the sandbox merchant's articles and stock as master data would, with their audit events."""
    with database.audited(Actor("master_data")) as (connection, trail):
        for item in items():
            parts = json.dumps([[sku, str(pieces)] for sku, pieces in item.components])
            connection.execute(
                "INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, price,"
                " tax_category, stock_managed, in_erp, published, components, content_hash)"
                " VALUES (%s, %s, '1', '', 'simple', %s, '', '', %s, '', %s, true, true, %s, '')",
                (channel, item.sku, item.name, item.price, item.managed, parts),
            )
            for location, pieces in item.stock.items():
                connection.execute(
                    "INSERT INTO stock (warehouse, sku, on_hand) VALUES (%s, %s, %s) ON CONFLICT (warehouse, sku)"
                    " DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand",
                    (location[:3], item.sku, pieces),
                )
        articles = [("article", f"{channel}:{item.sku}") for item in items()]
        stock_rows = [("stock", f"{house}:{item.sku}") for item in items() if item.stock for house in ("BER", "HAM")]
        trail.add("master_data.taken_in", f"channel/{channel}", [*articles, *stock_rows])


@contextmanager
def open_world(cluster: Cluster, template: str, api_url: str, folder: Path) -> Iterator[World]:
    """Start Tryton, its proxy and the warm process; everything ends with the block."""
    with (
        running_shop(folder) as shop,
        running_erp(folder) as erp,
        running_proxy(f"http://127.0.0.1:{erp.port}") as proxy,
    ):
        zygote = Zygote(api_url)
        try:
            yield World(shop, erp, proxy, zygote, cluster, template, folder, api_url)
        finally:
            zygote.stop()


def since_now() -> str:
    """Return the present moment as the form takes it."""
    return datetime.now(UTC).isoformat()


def eventually(condition: Any, patience: float = 30.0) -> None:
    """Wait until a condition holds, for a bounded time."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "It never came true."
        time.sleep(0.05)
