"""A worker of order intake whose shop is plain and whose ERP is the quick sandbox one; also as a process of its own.

``python -m tests.effect_worker DATABASE_URL ERP_URL MAX_IN_FLIGHT CALLS_PER_SECOND`` says that it is ready, waits for a
line, carries out what is due, and ends.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.documents.sales import SaleRequest
from blocks.systems.answers import Answer, Done
from blocks.systems.http import open_client, send
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import delivery, selling
from tests import desk
from tests.sandbox import free_port, running

ROOT = Path(__file__).parents[1]
OK = 200


@dataclass(frozen=True)
class QuickErp:
    """The connector: one call a sale, one after the other."""

    url: str
    max_in_flight: int | None = None
    calls_per_second: float | None = None

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Make each sale."""
        with open_client(self.url, timeout=10) as client:
            return [_book(client, request.reference) for request in requests]


def _book(client: httpx.Client, reference: str) -> Answer:
    answer = send(client, "PUT", f"/sales/{quote(reference, safe='')}", system="The quick ERP")
    return Done(reference, {"number": answer.json()["number"]}, adopted=answer.status_code == OK)


class TellingShop(desk.PlainShop):
    """A shop that takes every mark at once."""

    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Mark each order."""
        return [Done(takeover.reference) for takeover in takeovers]


def deliver(database: Database, erp: QuickErp, *, lease: float = 3) -> Delivered:
    """Carry out everything that is due."""
    systems = {desk.BERLIN.source: TellingShop(), desk.BERLIN.erp: erp}
    for calls in (delivery, selling):
        calls.load_system = systems.__getitem__
    actor = Actor(process="order_intake", run_id="worker")
    return delivery.deliver_all(database, actor, lease=lease, patience=20, log=lambda _line: None)


def together(database: Database, erp: QuickErp, workers: int) -> tuple[int, float]:
    """Let processes, this one among them, carry out everything at once; returns how much they did in what time."""
    words = [database.url, erp.url, str(erp.max_in_flight or 0), str(erp.calls_per_second or 0)]
    command = [sys.executable, "-m", "tests.effect_worker", *words]
    others = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers - 1)
    ]
    for other in others:
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    for other in others:
        assert other.stdin
        other.stdin.write("go\n")
        other.stdin.flush()
    done = deliver(database, erp).done + sum(json.loads(other.communicate()[0]) for other in others)
    return done, time.perf_counter() - begun


@contextmanager
def quick_erp(delay: float) -> Iterator[str]:
    """Run the ERP until the block ends; yields its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("deployments.sandbox.quick_erp", ["--port", str(port), "--delay", str(delay)], lambda: _answers(url)):
        yield url


def _answers(url: str) -> bool:
    try:
        return bool(seen(url))
    except httpx.TransportError:
        return False


def seen(url: str) -> dict[str, Any]:
    """Return what the ERP has seen: ``most_in_flight``, ``begun``, ``calls`` by reference."""
    found: dict[str, Any] = httpx.get(f"{url}/admin/seen", timeout=10).json()
    return found


if __name__ == "__main__":
    address, erp_url, at_once, per_second = sys.argv[1:]
    quick = QuickErp(erp_url, int(at_once) or None, float(per_second) or None)
    print("ready", flush=True)  # noqa: T201 - read by whoever started it
    sys.stdin.readline()
    print(deliver(Database(address), quick).done)  # noqa: T201
