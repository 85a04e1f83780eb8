"""How fast the audit trail is written and proved, beside an unguarded COPY of the same rows in the same run.

The yardstick is COPY of pre-encoded text into a table without indexes, triggers or chain. Run: ``make bench``.
"""

import json
import resource
import sys
import time
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.audit import Actor  # noqa: E402 - run as a script, the checkout must be found first
from blocks.database.audit_verification import verify  # noqa: E402
from blocks.database.engine import Database  # noqa: E402
from tests import stack  # noqa: E402

EVENTS, BATCH = 100_000, 5_000
RESULT = HOUSE / "benchmarks" / "results" / "audit.json"


def write_events(database: Database) -> float:
    """Write events as a process does, one transaction per batch; returns seconds."""
    begun = time.perf_counter()
    for start in range(0, EVENTS, BATCH):
        with database.audited(Actor("bench", run_id="bench")) as (_, trail):
            for number in range(start, start + BATCH):
                facts = {"external_id": str(number), "total": "119.00"}
                trail.add("order.accepted", f"sales_order/{number}", (), facts)
    return time.perf_counter() - begun


def copy_unguarded(database: Database) -> float:
    """COPY the very same rows, encoded beforehand, into a bare table; returns seconds."""
    with database.connect() as connection:
        connection.execute("CREATE TABLE ceiling AS SELECT * FROM audit_event WITH NO DATA")
        with connection.cursor().copy("COPY audit_event TO STDOUT") as copy:
            text = b"".join(bytes(block) for block in copy)
        begun = time.perf_counter()
        with connection.cursor().copy("COPY ceiling FROM STDIN") as copy:
            copy.write(text)
        connection.commit()
        return time.perf_counter() - begun


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/audit.json``."""
    with (
        stack.open_folder() as folder,
        stack.cluster(folder) as running,
        stack.copy_of(running, stack.migrated_template(running)) as urls,
    ):
        writing = write_events(Database(urls.app))
        ceiling = copy_unguarded(Database(urls.owner))
        begun = time.perf_counter()
        proof = verify(Database(urls.audit), folder / "anchors.jsonl")
        proving = time.perf_counter() - begun
    assert proof.findings == ()
    figures = {
        "events": EVENTS,
        "written_per_second": round(EVENTS / writing),
        "copy_ceiling_per_second": round(EVENTS / ceiling),
        "share_of_ceiling": round(ceiling / writing, 3),
        "proved_per_second": round(EVENTS / proving),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:26} {value:>12,}")


if __name__ == "__main__":
    main()
