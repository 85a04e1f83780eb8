"""How fast the audit trail is written and proved, beside an unguarded COPY of the very same rows in the same run.

The yardstick is one COPY of pre-encoded text into a table of the same shape, with the same two indexes and without
triggers, chain or head; the COPY into a table without indexes stands beside it. Written is as a process writes: events
are added and committed in batches. Twice: the chain alone, and with the digest of one audited row for each event.
Proved are the links alone (by the processes that share them), and then everything at once.

Run: ``make bench``, or ``python tests/benchmarks/bench_audit.py [EVENTS]``.
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

from psycopg import sql  # noqa: E402 - run as a script, the checkout must be found first

from blocks.database import audit_verification  # noqa: E402
from blocks.database.audit import Actor  # noqa: E402
from blocks.database.audit_export import export  # noqa: E402
from blocks.database.engine import Database  # noqa: E402
from blocks.database.offline_verifier import verify as verify_export  # noqa: E402
from tests import stack  # noqa: E402

BATCH = 5_000
RESULT = HOUSE / "benchmarks" / "results" / "audit.json"
ARTICLES = """
INSERT INTO article (channel, sku, product_id, variant_id, kind, name, variant, gtin, tax_category, content_hash)
SELECT 'berlin', 'S' || n, n::text, '', 'simple', 'Article ' || n, '', '', '', '' FROM generate_series(0, %s) n
"""


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def write_events(database: Database, events: int, *, with_rows: bool) -> None:
    """Write events as a process does, one transaction per batch."""
    for start in range(0, events, BATCH):
        with database.audited(Actor("bench", run_id="bench")) as (_, trail):
            for number in range(start, start + BATCH):
                rows = [("article", f"berlin:S{number}")] if with_rows else ()
                facts = {"external_id": str(number), "total": "119.00"}
                trail.add("order.accepted", f"sales_order/{number}", rows, facts)


def copy_unguarded(database: Database, after: int, *, indexes: bool) -> float:
    """COPY the very same rows, encoded beforehand, into a table nobody guards; returns seconds."""
    with database.connect() as connection:
        shape = "(LIKE audit_event INCLUDING INDEXES)" if indexes else "(LIKE audit_event)"
        connection.execute(f"CREATE TABLE ceiling {shape}")
        connection.commit()  # else Postgres may skip the log, which no audited write can
        rows = sql.SQL("COPY (SELECT * FROM audit_event WHERE seq > {}) TO STDOUT").format(after)
        with connection.cursor().copy(rows) as copy:
            text = b"".join(bytes(block) for block in copy)
        begun = time.perf_counter()
        with connection.cursor().copy("COPY ceiling FROM STDIN") as copy:
            copy.write(text)
        connection.commit()
        seconds = time.perf_counter() - begun
        connection.execute("DROP TABLE ceiling")
        return seconds


def write_and_compare(urls: stack.DatabaseUrls, events: int, *, with_rows: bool) -> dict[str, float]:
    """Write one kind of events and the yardsticks; returns figures."""
    after = audit_verification.verify(Database(urls.audit), Path("none")).events
    writing = timed(lambda: write_events(Database(urls.app), events, with_rows=with_rows))
    same = copy_unguarded(Database(urls.owner), after, indexes=True)
    bare = copy_unguarded(Database(urls.owner), after, indexes=False)
    name = "chain and digests" if with_rows else "chain"
    return {
        f"{name}: written per second": round(events / writing),
        f"{name}: unguarded COPY per second": round(events / same),
        f"{name}: share of it": round(same / writing, 2),
        f"{name}: share of COPY without indexes": round(bare / writing, 2),
    }


def prove(urls: stack.DatabaseUrls, folder: Path) -> dict[str, float]:
    """Prove what was written: links, all, and offline from an export; returns figures."""
    database, none = Database(urls.audit), folder / "none"
    rows = audit_verification.broken_rows
    audit_verification.broken_rows = lambda _connection: ([], 0)
    linked = timed(lambda: audit_verification.verify(database, none))
    audit_verification.broken_rows = rows
    begun = time.perf_counter()
    proof = audit_verification.verify(database, none)
    proving = time.perf_counter() - begun
    assert proof.findings == ()
    out = folder / "export"
    exporting = timed(lambda: export(database, none, out))
    offline = timed(lambda: verify_export(out))
    return {
        "links proved per second": round(proof.events / linked),
        "links, rows and head proved per second": round(proof.events / proving),
        "exported per second": round(proof.events / exporting),
        "proved offline per second": round(proof.events / offline),
        "events": proof.events,
        "audited rows": proof.subjects,
    }


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/audit.json``."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with (
        stack.open_folder() as folder,
        stack.cluster(folder) as running,
        stack.copy_of(running, stack.migrated_template(running)) as urls,
    ):
        figures = write_and_compare(urls, events, with_rows=False)
        with Database(urls.owner).connect() as connection:
            connection.execute(ARTICLES, (events - 1,))
        figures |= write_and_compare(urls, events, with_rows=True)
        with Database(running.url(database=urls.app.rpartition("/")[2])).connect(autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE audit_event, article")
        figures |= prove(urls, folder)
    figures["peak memory in MB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:48} {value:>12,}")


if __name__ == "__main__":
    main()
