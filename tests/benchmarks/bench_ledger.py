"""What the stock ledger costs at a million events: booking them, and proving its laws, with the memory of both sides.

Events are booked as they come in: one whole picture first, then movements in pages, a tenth of the articles reserved
by orders. Proved is what ``soms stock check`` proves: events add up to what is on hand, reservations to what is
reserved, and no row of either is there or gone untold. Beside it stands the yardstick: one pass over the same events
that only adds them up by article. Memory is the most that this process and the proving Postgres backend held of their
own. Run: ``make bench``, or ``python tests/benchmarks/bench_ledger.py [EVENTS]``.
"""

import json
import random
import resource
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from psycopg.sql import SQL  # noqa: E402 - run as a script, the checkout must be found first

from blocks.database.audit import Actor  # noqa: E402
from blocks.database.engine import Connection, Database  # noqa: E402
from blocks.database.stock import Taking, take  # noqa: E402
from blocks.database.stock_laws import prove_stock  # noqa: E402
from blocks.database.stock_ledger import book_levels, book_movements  # noqa: E402
from blocks.documents.stock import MovementKind, StockMovement  # noqa: E402
from tests import stack  # noqa: E402
from tests.benchmarks.bench_reconciliation import Stopwatch  # noqa: E402

ACTOR, ERP, PAGE, EACH = Actor("bench", run_id="bench"), "tryton-erp/main", 5_000, 10
RESULT = HOUSE / "benchmarks" / "results" / "ledger.json"
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
ORDER = """
WITH one AS (
  INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id)
  VALUES ('smartstore-shop/berlin', 'order', '1', 'x', 'application/json', '', 'bench') RETURNING id
), buyer AS (
  INSERT INTO customer (channel, external_id, name, company, email, vat_id, guest)
  VALUES ('berlin', '1', '', '', '', '', false) RETURNING id
)
INSERT INTO sales_order (channel, external_id, number, status, channel_status, payment_status, currency, total,
  placed_at, customer_id, inbox_id, document, content_hash)
SELECT 'berlin', n::text, n::text, 'accepted', 'new', 'paid', 'EUR', 1, now(), buyer.id, one.id, '{}', 'x'
FROM one, buyer, generate_series(1, %s) n RETURNING id
"""
ADDED_UP = "SELECT warehouse, sku, sum(delta) AS pieces FROM stock_event GROUP BY 1, 2 HAVING sum(delta) < 0"


def fill(database: Database, events: int) -> None:
    """Book so many events, and reservations of a tenth of their articles' number."""
    articles, dice = events // EACH, random.Random(1)
    with database.audited(ACTOR) as (connection, trail):
        levels = SQL("SELECT 'EAST' AS warehouse, 'S' || n AS sku, 1000 AS on_hand FROM generate_series(1, {}) n")
        book_levels(connection, trail, source=ERP, levels=levels.format(articles), as_of=BEGIN)
    for start in range(articles, events, PAGE):
        page = [_movement(number, articles, dice) for number in range(start, min(start + PAGE, events))]
        with database.audited(ACTOR) as (connection, trail):
            book_movements(connection, trail, source=ERP, movements=page)
    _reserve(database, articles // 10)


def _movement(number: int, articles: int, dice: random.Random) -> StockMovement:
    pieces = dice.choice((-3, -2, -1, -1, 1, 2, 3))
    return StockMovement(
        event_id=f"move:{number}", kind=MovementKind.RECEIPT if pieces > 0 else MovementKind.ADJUSTMENT,
        sku=f"S{dice.randrange(articles) + 1}", warehouse="EAST", quantity=Decimal(pieces),
        happened_at=BEGIN + timedelta(seconds=number),
    )  # fmt: skip


def _reserve(database: Database, count: int) -> None:
    with database.connect() as connection:
        orders = [row["id"] for row in connection.execute(ORDER, (max(count // 100, 1),))]
    for start in range(0, count, PAGE):
        numbers = range(start + 1, min(start + PAGE, count) + 1)
        with database.audited(ACTOR) as (connection, trail):
            taken = [Taking(orders[number % len(orders)], f"S{number}", "EAST", Decimal(1)) for number in numbers]
            take(connection, trail, taken, reason="order accepted")
            trail.add("order.reserved", "bench", sorted({("reservation", each.order_id) for each in taken}))


class Memory:
    """The most memory of its own that a process held while a block ran, in MB, looked at every 20 ms."""

    def __init__(self, process: int) -> None:
        """Watch this process."""
        self.process, self.most, self._over = process, 0.0, threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        place = Path(f"/proc/{self.process}/status")
        while not self._over.wait(0.02):
            own = next(line for line in place.read_text().splitlines() if line.startswith("RssAnon"))
            self.most = max(self.most, int(own.split()[1]) / 1024)


def proved(database: Database, watch: Stopwatch, prove: Callable[[Connection], Any]) -> tuple[Any, float, float]:
    """Return what a proof found, its CPU seconds, and the most memory that its backend held, in MB."""
    with database.connect() as connection, Memory(connection.info.backend_pid) as memory:
        spent, found = watch(lambda: prove(connection))
    return found, spent.cpu, memory.most


def measure(running: Any, template: str, events: int) -> dict[str, float]:
    """Measure with so many events; returns figures."""
    watch = Stopwatch(running.pid)
    with stack.copy_of(running, template) as urls:
        database = Database(urls.app)
        filled, _ = watch(lambda: fill(database, events))
        with Database(urls.owner).connect(autocommit=True) as connection:
            connection.execute("ANALYZE")
        _, added, adding = proved(database, watch, lambda connection: connection.execute(ADDED_UP).fetchall())
        laws, sums, summing = proved(database, watch, lambda connection: prove_stock(connection, trail=False))
        whole, trailed, trailing = proved(database, watch, prove_stock)
        assert (laws.findings, whole.findings) == ((), ()), whole.findings
        return {
            "events": whole.events,
            "articles": whole.articles,
            "reservations": whole.reservations,
            "booked: events per CPU second": round(events / filled.cpu),
            "added up once (yardstick): CPU s": round(added, 2),
            "added up once: Postgres MB": round(adding),
            "sums proved: CPU s": round(sums, 2),
            "sums proved: ratio": round(sums / added, 1),
            "sums proved: Postgres MB": round(summing),
            "sums and trail proved: CPU s": round(trailed, 2),
            "sums and trail proved: Postgres MB": round(trailing),
            "peak memory of this process in MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def main() -> None:
    """Measure at a tenth and at all, print a table; the figures also go to ``benchmarks/results``."""
    events, begun = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, time.monotonic()
    with stack.open_folder() as folder, stack.cluster(folder) as running:
        template = stack.migrated_template(running)
        results = [measure(running, template, count) for count in (events // 10, events)]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n")
    for name in results[-1]:
        print(f"{name:40} {results[0][name]:>12,} {results[1][name]:>12,}")
    print(f"Took {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
