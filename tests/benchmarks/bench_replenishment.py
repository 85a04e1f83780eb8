"""How long it takes to say of every article what is to be bought, beside reading its history, in the same run.

The yardstick is one statement that sums each article's demand up by days and gives it back as one row per article: no
forecast can be made without it. Looking back (on a sample that does not grow) and planning (the first time, with
proposals and alerts booked, and again, when nothing has changed) are measured apart, and the peak of memory.

Run: ``make bench``, or ``python tests/benchmarks/bench_replenishment.py [ARTICLES]``.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.engine import Database  # noqa: E402 - run as a script, the checkout must be found first
from tasks.replenishment import planning  # noqa: E402
from tests import desk, purchases, stack  # noqa: E402

RESULT = HOUSE / "benchmarks" / "results" / "replenishment.json"
DAYS = 700
STOCK = """
INSERT INTO stock (warehouse, sku, on_hand) SELECT 'EAST', 'S' || n, n * 7919 %% 60 FROM generate_series(1, %s) n
"""
SOLD = """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, happened_at)
SELECT 'till', n || ':' || day, 'sale', 'EAST', 'S' || n, -1 - n %% 3, -1 - n %% 3,
  now() - day * interval '1 day' - interval '1 hour'
FROM generate_series(1, %s) n, generate_series(1, %s) day WHERE (n * 31 + day * 17) %% 100 < 2 + n %% 30
"""
HISTORIES = """
SELECT warehouse, sku, array_agg(day) AS days, array_agg(pieces) AS pieces FROM (
  SELECT warehouse, sku, (happened_at AT TIME ZONE 'Europe/Berlin')::date AS day, sum(-quantity)::float8 AS pieces
  FROM stock_event WHERE kind = 'sale' GROUP BY 1, 2, 3) by_day
GROUP BY 1, 2
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds a piece of work takes, and what it gives."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def fill(database: Database, articles: int) -> int:
    """Let every article have been sold, some daily and some rarely; returns the number of sales."""
    with database.connect() as connection:
        connection.execute(STOCK, (articles,))
        sold = connection.execute(SOLD, (articles, DAYS)).rowcount
    with database.connect(autocommit=True) as connection:
        connection.execute("ANALYZE stock")
        connection.execute("ANALYZE stock_event")
    return sold


def read_histories(database: Database) -> None:
    """Read every article's demand by days."""
    with database.connect() as connection:
        for _ in connection.execute(HISTORIES, binary=True):
            pass


def peak() -> int:
    """Return the most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(database: Database, articles: int) -> dict[str, float]:
    """Measure the yardstick, looking back and planning; returns figures."""
    sold = fill(database, articles)
    looking, tried = timed(lambda: planning.look_back(database, purchases.SCOPE))
    before = peak()

    def plan() -> planning.Plan:
        return planning.plan(database, desk.ACTOR, purchases.SCOPE, tried.chosen, log=lambda _line: None)

    first, found = timed(plan)
    again, _ = timed(plan)
    after = peak()
    reading, _ = timed(lambda: read_histories(database))
    return {
        "articles": articles,
        "sales": sold,
        "to be bought": found.short,
        "look back, seconds": round(looking, 2),
        "plan, articles per second": round(articles / first),
        "plan again, articles per second": round(articles / again),
        "reading the histories, articles per second": round(articles / reading),
        "plan again, times the reading": round(again / reading, 1),
        "peak MB before planning": before,
        "peak MB after": after,
    }


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/replenishment.json``."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with (
        stack.open_folder() as folder,
        stack.cluster(folder) as running,
        stack.copy_of(running, stack.migrated_template(running)) as urls,
    ):
        figures = measure(Database(urls.app), articles)
    for name, value in figures.items():
        print(f"{name:45} {value:>12,}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
