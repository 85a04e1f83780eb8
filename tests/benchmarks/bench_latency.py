"""How long people wait, the stack idle: from a checkout to the sale in the ERP, from goods taken in to the shop.

A stack of its own is started with the sandbox shop and a real Tryton; orders arrive, and then goods, one by one at
random moments while the deployments run as they always do. Run: ``make bench``. Takes about eight minutes.
"""

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

ORDERS, RECEIPTS, LONGEST_GAP, PATIENCE = 100, 40, 4.0, 120.0
RESULT = HOUSE / "benchmarks" / "results" / "latency.json"
TAKEN = (
    "SELECT o.external_id, extract(epoch FROM e.settled_at)::float8 AS confirmed FROM effect e"
    " JOIN sales_order o ON e.subject = 'sales_order/' || o.id"
    " WHERE e.kind = 'erp.sale' AND e.state = 'done' AND o.external_id = ANY(%s)"
)


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/latency.json``."""
    from tests import stack  # noqa: PLC0415 - found only now

    with stack.open_folder() as home:
        cache = home / "cache"
        cache.mkdir()
        prepared = Path(os.environ.get("SOMS_HOME", HOUSE / ".soms")) / "cache" / "erp"
        if prepared.exists():  # preparing an ERP takes a minute
            (cache / "erp").symlink_to(prepared)
        os.environ["SOMS_HOME"] = str(home)
        figures = measure()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:32} {value:>8}")


def measure() -> dict[str, float]:
    """Start a stack, sell orders one by one, and return seconds from checkout to confirmation."""
    import httpx  # noqa: PLC0415

    from deployments import local_stack  # noqa: PLC0415
    from deployments.demo import MASTER_DATA, _await, _start  # noqa: PLC0415
    from deployments.narration import narrator  # noqa: PLC0415

    dice = random.Random(1)
    try:
        with narrator() as voice:
            running = local_stack.up(voice)
        with httpx.Client(timeout=60, trust_env=False) as http:
            _await(http, running, MASTER_DATA, _start(http, running, MASTER_DATA))
            place(http, str(running.shop_url))  # the first one brings the quality gate's imports with it
            time.sleep(30)
            placed: dict[str, float] = {}
            for _ in range(ORDERS):
                time.sleep(dice.uniform(0.2, LONGEST_GAP))
                placed[place(http, str(running.shop_url))] = time.time()
            waited = confirmed(placed)
            shown = [taken_in(http, running, dice) for _ in range(RECEIPTS)]
    finally:
        with narrator() as voice:
            local_stack.down(voice)
    return told("checkout to sale", waited) | told("goods taken in to shop", shown)


def told(way: str, waits: list[float]) -> dict[str, float]:
    """Return the figures of one way."""
    waits = sorted(waits)
    return {
        f"{way}: times": len(waits),
        f"{way}: median seconds": round(statistics.median(waits), 2),
        f"{way}: p95 seconds": round(waits[int(len(waits) * 0.95) - 1], 2),
        f"{way}: longest seconds": round(waits[-1], 2),
    }


def taken_in(http: "httpx.Client", running: "Stack", dice: random.Random) -> float:  # type: ignore[name-defined] # noqa: F821 - as below
    """Take goods into the ERP at some moment; returns the seconds until the shop shows them."""
    from blocks.systems.erps.tryton import TrytonErp  # noqa: PLC0415
    from deployments.sandbox import catalogue, erp  # noqa: PLC0415
    from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY  # noqa: PLC0415
    from tests.erp_work import at_work  # noqa: PLC0415

    sellable = [each for each in catalogue.items() if each.managed and each.stock and not each.parent]
    sku = dice.choice([each.sku for each in sellable if not each.components])

    def shows() -> int:
        address = f"{running.shop_url}/odata/v1/Products"
        answer = http.get(address, params={"$filter": f"Sku eq '{sku}'"}, auth=(PUBLIC_KEY, SECRET_KEY))
        return int(answer.raise_for_status().json()["value"][0]["StockQuantity"])

    before = shows()
    direct = TrytonErp(url=str(running.erp_direct_url), database=erp.DATABASE, user=erp.USER, password=erp.PASSWORD)
    time.sleep(dice.uniform(0.2, LONGEST_GAP))
    with at_work(direct) as hands:
        hands.receive(sku, 3)
    begun = time.monotonic()
    while shows() < before + 3 and time.monotonic() < begun + PATIENCE:
        time.sleep(0.1)
    return time.monotonic() - begun


def place(http: "httpx.Client", shop: str) -> str:  # type: ignore[name-defined] # noqa: F821 - imported when needed
    """Let one customer order now; returns the order's id."""
    known = http.get(f"{shop}/admin/state").raise_for_status().json()["orders"]
    answer = http.post(f"{shop}/admin/orders", json={"count": 1, "start": known, "spread_seconds": 0, "bad": 0})
    return str(answer.raise_for_status().json()["ids"][0])


def confirmed(placed: dict[str, float]) -> list[float]:
    """Wait until every order is confirmed in the ERP; returns seconds since each checkout."""
    from blocks.database.engine import Database  # noqa: PLC0415

    deadline = time.monotonic() + PATIENCE
    while True:
        with Database.current().connect() as connection:
            rows = connection.execute(TAKEN, (list(placed),)).fetchall()
        if len(rows) == len(placed) or time.monotonic() > deadline:
            return [row["confirmed"] - placed[row["external_id"]] for row in rows]
        time.sleep(1)


if __name__ == "__main__":
    main()
