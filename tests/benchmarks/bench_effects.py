"""How many orders a second reach an ERP that answers each call in 50 ms, beside the bare calls in the same run.

Orders are booked; then several worker processes carry out what is due: the sale in the ERP, the mark in the shop, all
claimed, settled and told to the audit trail. The yardstick is as many bare HTTP calls from as many threads. The ERP
counts: no call may be doubled, and never more may be open than it allows. Run: ``make bench``.
"""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.engine import Database  # noqa: E402 - run as a script, the checkout must be found first
from tests import desk, stack  # noqa: E402
from tests.effect_worker import QuickErp, quick_erp, seen, together  # noqa: E402
from tests.orders import an_order  # noqa: E402

ORDERS, DELAY, WORKERS, AT_ONCE = 1_000, 0.05, 2, 10
RESULT = HOUSE / "benchmarks" / "results" / "effects.json"


def bare_calls(url: str) -> float:
    """Make as many calls from as many threads, each over one connection; returns seconds."""

    def call(thread: int) -> None:
        with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
            for number in range(thread, ORDERS, AT_ONCE):
                client.put(f"/sales/bare-{number}").raise_for_status()

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(call, range(AT_ONCE)))
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/effects.json``."""
    with (
        stack.open_folder() as folder,
        stack.cluster(folder) as running,
        stack.copy_of(running, stack.migrated_template(running)) as urls,
    ):
        database = Database(urls.app)
        desk.know(database, "LAMP", "BOOK")
        desk.count(database, 1_000_000, "LAMP", "BOOK")
        desk.take_in(database, *(desk.numbered(an_order()) for _ in range(ORDERS)))
        with quick_erp(DELAY) as url:
            bare = bare_calls(url)
        with quick_erp(DELAY) as url:
            done, seconds = together(database, QuickErp(url, max_in_flight=AT_ONCE), workers=WORKERS)
            found = seen(url)
    assert done == 2 * ORDERS
    assert set(found["calls"].values()) == {1}
    assert found["most_in_flight"] <= AT_ONCE
    selling = max(found["begun"]) - min(found["begun"])
    figures = {
        "orders": ORDERS,
        "worker processes": WORKERS,
        "calls allowed at once": AT_ONCE,
        "most calls seen at once": found["most_in_flight"],
        "sales per second": round(ORDERS / selling, 1),
        "orders per second, marks included": round(ORDERS / seconds, 1),
        "bare calls per second": round(ORDERS / bare, 1),
        "share of bare calls": round(bare / selling, 2),
        "peak memory in MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:36} {value:>12,}")


if __name__ == "__main__":
    main()
