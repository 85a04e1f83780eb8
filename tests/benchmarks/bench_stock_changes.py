"""Whether a shop with limits keeps up with 100 stock changes a second: nothing lost, how the backlog goes, its drain.

Half of the changes are movements of an ERP, the other half rows of a till's files. The watcher and the till intake
work as they do in their deployments, in threads of this process; the shop is the sandbox shop, which answers 429 beyond
its calls a second. In the end every article must stand in the ledger and in the shop, asked itself, as all changes
together demand. Ends with 1 where anything was lost. Run: ``make bench``, or
``python tests/benchmarks/bench_stock_changes.py [SECONDS] [CHANGES A SECOND] [CALLS A SECOND]``. Takes two minutes.
"""

import json
import resource
import statistics
import sys
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.engine import Database  # noqa: E402 - run as a script, the checkout must be found first
from tests import desk, stack  # noqa: E402
from tests.sandbox import running_shop  # noqa: E402
from tests.stock_changes import Merchant, busy  # noqa: E402

PATIENCE = 300.0
RESULT = HOUSE / "benchmarks" / "results" / "stock_changes.json"
LAG = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag)::float8 AS median,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY lag)::float8 AS p95, count(*) AS calls
FROM (SELECT extract(epoch FROM settled_at - created_at) AS lag FROM effect
  WHERE process = 'shop_listing' AND state = 'done') told
"""


def measure(merchant: Merchant, seconds: int, per_second: int) -> dict[str, Any]:
    """Play and return the figures."""
    (before,) = desk.ask(merchant.shelf.database, LAG)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    drained = merchant.play(seconds, per_second, patience=PATIENCE)
    (lag,) = desk.ask(merchant.shelf.database, LAG)
    while_busy = [look for look in merchant.looks if look.second <= seconds]
    return {
        "changes": merchant.made,
        "seconds": seconds,
        "wrong in the end": len(merchant.wrong()),
        "calls to the shop": lag["calls"] - before["calls"],
        "backlog, median": round(statistics.median(look.backlog for look in while_busy)),
        "backlog, largest": max(look.backlog for look in while_busy),
        "seconds to drain": round(drained, 1),
        "due to shown, median s": round(lag["median"], 2),
        "due to shown, p95 s": round(lag["p95"], 2),
        "429 answered": sum(each["fired"] for each in merchant.shelf.shop.no_faults()),
        "CPU seconds": round(resource.getrusage(resource.RUSAGE_SELF).ru_utime - spent, 1),
        "peak memory in MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def curve(merchant: Merchant) -> list[tuple[float, int]]:
    """Return the backlog about once a second."""
    found: list[tuple[float, int]] = []
    for look in merchant.looks:
        if not found or look.second >= found[-1][0] + 1:
            found.append((look.second, look.backlog))
    return found


def main() -> int:
    """Measure, print a table and the curve; the figures also go to ``benchmarks/results/stock_changes.json``."""
    seconds, per_second, calls = (int(word) for word in (*sys.argv[1:], *("60", "100", "5")[len(sys.argv) - 1 :]))
    with stack.open_folder() as folder, stack.cluster(folder) as running:
        template = stack.migrated_template(running)
        with stack.copy_of(running, template) as urls, running_shop(folder) as shop:
            limits = {"calls_per_second": calls, "max_in_flight": 2}
            with busy(shop, Database(urls.app), folder, **limits) as merchant:
                figures = {"calls a second allowed": calls, **measure(merchant, seconds, per_second)}
                backlog = curve(merchant)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({**figures, "backlog by second": backlog}, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:28} {value:>10,}")
    print("backlog by second:", " ".join(f"{second:.0f}:{waiting}" for second, waiting in backlog))
    return 1 if figures["wrong in the end"] else 0


if __name__ == "__main__":
    sys.exit(main())
