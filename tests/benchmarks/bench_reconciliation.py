"""How fast all articles of three systems are reconciled, beside one full outer join of the same tables in the same run.

The systems are the ERP's picture as it was just copied in, our books, and what the shop was seen to show: so many
articles each, of which some differ, with histories that explain them. Reconciled is what a run does once both systems
have been read: the gate judges the picture, levels are compared, explained and booked, listings are compared, guarded,
explained, and their corrections made due. The yardstick is one FULL OUTER JOIN of the same tables (picture, stock,
article, what was seen) that counts what differs. Once as things mostly are (nothing differs), once with a thousandth
differing.
Great Expectations is imported before the clock starts. Both sides run with the memory for joins that a reconciliation
takes (``records.make_room``), and of each the better of two counts, but for what can be repaired only once. Beside the
time stands the CPU time of this process and of all of Postgres, whose ratio a busy machine does not blur. Peak memory
is that of this process, at a tenth and at all.

Run: ``make bench``, or ``python tests/benchmarks/bench_reconciliation.py [ARTICLES]``.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.audit import Actor  # noqa: E402 - run as a script, the checkout must be found first
from blocks.database.engine import Database  # noqa: E402
from blocks.documents.stock import StockLevel  # noqa: E402
from blocks.documents.stock_rules import Guard  # noqa: E402
from blocks.stock_pictures import PictureFigures, judge_picture  # noqa: E402
from tasks.inventory_reconciliation import levels, records  # noqa: E402
from tasks.inventory_reconciliation.levels import compare_levels  # noqa: E402
from tasks.inventory_reconciliation.outcome import Outcome  # noqa: E402
from tasks.inventory_reconciliation.scope import Scope  # noqa: E402
from tasks.inventory_reconciliation.shelves import compare_listings  # noqa: E402
from tests import stack  # noqa: E402

ACTOR, ERP = Actor("bench", run_id="bench"), "tryton-erp/main"
RESULT = HOUSE / "benchmarks" / "results" / "reconciliation.json"
PAGE = 5_000

FILL = (
    """
INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, tax_category, content_hash,
  stock_managed, published)
SELECT 'berlin', 'S' || n, n::text, '', 'simple', 'Article ' || n, '', '', '', '', true, true
FROM generate_series(1, %(articles)s) n
""",
    """
INSERT INTO stock (warehouse, sku, on_hand) SELECT 'EAST', 'S' || n, n %% 7 FROM generate_series(1, %(articles)s) n
""",
    """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, happened_at, heard_at)
SELECT 'soms', 'o' || n, 'opening', 'EAST', 'S' || n, n %% 7, n %% 7, now() - interval '9 days',
  now() - interval '9 days' FROM generate_series(1, %(articles)s) n
""",
    """
INSERT INTO seen_listing (channel, sku, product_id, quantity, visible)
SELECT 'berlin', 'S' || n, n::text, n %% 7, n %% 7 > 0 FROM generate_series(1, %(articles)s) n
""",
)
DIFFER = (
    "UPDATE seen_listing SET visible = NOT visible, quantity = 0 WHERE product_id::int %% 2000 = 1",
    """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, happened_at, heard_at)
SELECT 'pos-folder/store', 's' || n, 'sale', 'EAST', 'S' || n, -1, -1, now() - interval '5 days',
  now() - interval '5 days' FROM generate_series(1, %(articles)s) n WHERE n %% 2000 = 3
""",
    "UPDATE stock SET on_hand = on_hand - 1 WHERE substr(sku, 2)::int %% 2000 = 3",
)
YARDSTICK = """
SELECT count(*) FROM arriving_stock e FULL JOIN stock b ON b.warehouse = e.warehouse AND b.sku = e.sku
FULL JOIN (SELECT * FROM article WHERE channel = 'berlin') a ON a.sku = coalesce(b.sku, e.sku)
FULL JOIN (SELECT * FROM seen_listing WHERE channel = 'berlin') s ON s.sku = coalesce(b.sku, e.sku, a.sku)
WHERE e.on_hand IS DISTINCT FROM b.on_hand OR s.quantity IS DISTINCT FROM b.on_hand
  OR s.visible IS DISTINCT FROM (b.on_hand > 0)
"""


TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a piece of work took: seconds, and CPU seconds of this process and of Postgres together."""

    seconds: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        """Return the sums."""
        return Spent(self.seconds + other.seconds, self.cpu + other.cpu)

    def __sub__(self, other: "Spent") -> "Spent":
        """Return what is left without the other."""
        return Spent(self.seconds - other.seconds, self.cpu - other.cpu)


class Stopwatch:
    """Takes the time of this process and of a Postgres cluster."""

    def __init__(self, postmaster: int) -> None:
        """Watch the cluster of this first process."""
        self.postmaster = postmaster

    def __call__(self, work: Callable[[], Any]) -> tuple[Spent, Any]:
        """Return what a piece of work takes, and what it returned."""
        begun, cpu = time.perf_counter(), self._cpu()
        result = work()
        return Spent(time.perf_counter() - begun, self._cpu() - cpu), result

    def _cpu(self) -> float:
        """Return CPU seconds so far: of the cluster's processes, of those that have ended, and our own."""
        while True:
            before, children = self._ended(), self._children()
            if before == self._ended():  # else one ended meanwhile, and counts twice or not at all
                return (before + children) / TICKS + time.process_time()

    def _ended(self) -> int:
        """Return the ticks of the first process, and of all that it has seen ending."""
        return sum(map(int, _stat(Path(f"/proc/{self.postmaster}/stat"))[11:15]))

    def _children(self) -> int:
        """Return the ticks of the processes that are there."""
        places = (_stat(place) for place in Path("/proc").glob("[0-9]*/stat"))
        return sum(sum(map(int, fields[11:13])) for fields in places if fields and int(fields[1]) == self.postmaster)


def _stat(place: Path) -> list[str]:
    """Return what the system says of a process after its name; nothing when it has ended."""
    try:
        return place.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def pages(articles: int) -> Iterator[tuple[StockLevel, ...]]:
    """Yield what the ERP has, in pages; built without validation, for it is not what is measured."""
    for start in range(1, articles + 1, PAGE):
        yield tuple(
            StockLevel.model_construct(
                sku=f"S{number}", warehouse="EAST", location="STO", on_hand=Decimal(number % 7), forecast=Decimal(0)
            )
            for number in range(start, min(start + PAGE, articles + 1))
        )


class Clock:
    """Takes the time that copying the picture in costs apart, for the yardstick does not read the ERP either."""

    def __init__(self, watch: Stopwatch) -> None:
        """Let the reading be timed."""
        self.watch, self.reading = watch, Spent()
        self._read = levels._read
        levels._read = self.read

    def read(self, *arguments: Any) -> Any:
        """Read, and note how long that took."""
        spent, result = self.watch(lambda: self._read(*arguments))
        self.reading += spent
        return result


def yardstick(database: Database, articles: int, watch: Stopwatch) -> Spent:
    """Return what one full outer join of the same tables takes, the better of two."""
    with database.connect(autocommit=True) as connection:
        records.make_room(connection)
        levels._read(connection, pages(articles), ERP)
        return min((watch(lambda: connection.execute(YARDSTICK).fetchone())[0] for _ in range(2)), key=by_cpu)


def by_cpu(spent: Spent) -> float:
    """Return what runs are compared by."""
    return spent.cpu


def reconcile(database: Database, articles: int, clock: Clock) -> tuple[dict[str, Spent], list[Outcome]]:
    """Reconcile everything once; returns what each part took and what it came to."""
    clock.reading = Spent()
    erp, first = clock.watch(lambda: compare_levels(database, ACTOR, pages(articles), Scope(), system=ERP))
    shop, second = clock.watch(
        lambda: compare_listings(database, ACTOR, Scope(), channel="berlin", system="smartstore-shop/berlin")
    )
    return {"ERP": erp - clock.reading, "shop": shop, "reading": clock.reading}, [first, second]


def measure(running: Any, template: str, articles: int) -> dict[str, float]:
    """Measure with so many articles; returns figures."""
    clock = Clock(Stopwatch(running.pid))
    with stack.copy_of(running, template) as urls:
        owner, database = Database(urls.owner), Database(urls.app)
        with owner.connect(autocommit=True) as connection:
            for statement in FILL:
                connection.execute(statement, {"articles": articles})
            connection.execute("ANALYZE")
        figures: dict[str, float] = {"articles": articles}
        for name, statements, times in (("agreeing", (), 2), ("a thousandth differing", DIFFER, 1)):
            with owner.connect(autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement, {"articles": articles})
            join = yardstick(database, articles, clock.watch)
            runs = [reconcile(database, articles, clock) for _ in range(times)]
            parts, outcomes = min(runs, key=lambda run: by_cpu(run[0]["ERP"] + run[0]["shop"]))
            figures |= told(name, join, parts) | {
                f"{name}: differences": sum(each.compared.differing for each in outcomes)
            }
    figures["peak memory in MB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    levels._read = clock._read
    return figures


def told(name: str, join: Spent, parts: dict[str, Spent]) -> dict[str, float]:
    """Return the figures of one case."""
    total = parts["ERP"] + parts["shop"]
    return {
        f"{name}: full outer join, seconds": round(join.seconds, 2),
        f"{name}: reconciled, seconds": round(total.seconds, 2),
        f"{name}: ratio": round(total.seconds / join.seconds, 2),
        f"{name}: full outer join, CPU s": round(join.cpu, 2),
        f"{name}: reconciled, CPU s": round(total.cpu, 2),
        f"{name}: of it ERP": round(parts["ERP"].cpu, 2),
        f"{name}: of it shop": round(parts["shop"].cpu, 2),
        f"{name}: ratio of CPU": round(total.cpu / join.cpu, 2),
    }


def main() -> None:
    """Measure at a tenth and at all, print a table; the figures also go to ``benchmarks/results``."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    judge_picture(PictureFigures(*[0] * 12, age_hours=0.0), Guard(), name="warm")
    with stack.open_folder() as folder, stack.cluster(folder) as running:
        template = stack.migrated_template(running)
        results = [measure(running, template, count) for count in (articles // 10, articles)]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n")
    for name in results[-1]:
        print(f"{name:48} {results[0][name]:>12,} {results[1][name]:>12,}")


if __name__ == "__main__":
    main()
