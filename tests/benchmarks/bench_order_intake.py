"""Orders from a file through the whole process up to due effects, beside a COPY of the very same rows in the same run.

The yardstick is rows per second: every row that the process wrote, in all tables, copied as pre-encoded text into
tables of the same shape with the same indexes. A naive flow with one Prefect task per order is measured as well, and
how much of a run is Prefect's own. Run: ``make bench``; ``SOMS_BENCH_ORDERS`` chooses the number of orders.
"""

import functools
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database import rulebooks  # noqa: E402 - run as a script, the checkout must be found first
from blocks.database.engine import Database  # noqa: E402
from tests import desk, stack  # noqa: E402

ORDERS, LINES, ARTICLES = int(os.environ.get("SOMS_BENCH_ORDERS", "100000")), 3, 2000
NAIVE, SHARED = 100, min(ORDERS, 10_000)
BATCH = 3000
RESULT = HOUSE / "benchmarks" / "results" / "order_intake.json"
PROFILE = """
name: bench
format: csv
delimiter: ";"
encoding: utf-8
numbers: {decimal: ","}
dates: {formats: [iso]}
prices: gross
order:
  external_id: Bestellung
  placed_at: Datum
  currency: {constant: EUR}
  customer.external_id: Kunde
  billing_address.first_name: Vorname
  billing_address.last_name: Nachname
  billing_address.street: Strasse
  billing_address.postal_code: PLZ
  billing_address.city: Ort
  billing_address.country: {constant: DE}
  shipping_address.first_name: Vorname
  shipping_address.last_name: Nachname
  shipping_address.street: Strasse
  shipping_address.postal_code: PLZ
  shipping_address.city: Ort
  shipping_address.country: {constant: DE}
  payment_method: Zahlung
  shipping_method: Versand
lines:
  sku: Artikel
  quantity: Menge
  unit_gross: Preis
  tax_rate: Steuer
"""
HEADER = "Bestellung;Datum;Kunde;Vorname;Nachname;Strasse;PLZ;Ort;Zahlung;Versand;Artikel;Menge;Preis;Steuer\n"


def write_file(path: Path, orders: int) -> None:
    """Write a file of orders with three lines each, all of them right."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(orders):
            head = (
                f"B{number:07d};2026-11-{number % 28 + 1:02d}T10:11:12;K{number % (orders // 2 + 1)};Jörg;Weiß;"
                f"Ring {number % 900 + 1};{10000 + number % 80000};Köln;Rechnung;Paket"
            )
            for line in range(LINES):
                article = (number * 7 + line * 131) % ARTICLES
                file.write(f"{head};SKU-{article:05d};{line + 1};{article % 90 + 1},95;{7 if article % 5 else 19}\n")


def folder(root: Path, database: Database) -> Any:
    """Return the connection to a folder whose files the profile describes."""
    from blocks.systems.folders.order_folder import OrderFolder  # noqa: PLC0415 - Prefect comes with it

    found = OrderFolder(
        url=root.as_uri(), profile="bench", quiet_seconds=0, assortment="berlin",
        payment_methods={"Rechnung": "invoice"}, shipping_methods={"Paket": "parcel"}, sends_confirmation_mail=True,
    )  # fmt: skip
    found.reads_profiles_from(database)
    return found


def prepare(database: Database, root: Path, orders: int) -> None:
    """Make articles, stock, the profile and the file."""
    skus = [f"SKU-{number:05d}" for number in range(ARTICLES)]
    desk.know(database, *skus)
    desk.count(database, 10**8, *skus)
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(
            connection, trail, kind="mapping_profile", name="bench", content=PROFILE, by="bench", reason="bench"
        )
    for name in ("incoming", "work", "archive", "results"):
        (root / name).mkdir(parents=True)
    write_file(root / "incoming" / "orders.csv", orders)


def take_in(url: str, root: str) -> None:
    """Run the process in this program and print what it took; the parent reads it."""
    import great_expectations  # noqa: F401, PLC0415 - seconds of import that a worker pays once

    from blocks.systems.folders.collecting import Collector  # noqa: PLC0415 - as above
    from tasks.order_intake import judging  # noqa: PLC0415
    from tasks.order_intake.judging import Route  # noqa: PLC0415
    from tasks.order_intake.reading_ahead import ReadAhead  # noqa: PLC0415

    database, route = Database(url), Route("order-folder/bench", "tryton-erp/main")
    source = folder(Path(root), database)
    begun = time.perf_counter()
    stored = Collector(source, database, desk.ACTOR, source=route.source, kind=judging.KIND).collect(lambda _line: None)
    collected, accepted = time.perf_counter(), 0
    with ReadAhead(database, source, name=route.source, kind=judging.KIND, channel=route.channel) as ahead:
        while True:
            with database.audited(desk.ACTOR) as (connection, trail):
                batch, _ = judging.judge(connection, trail, source, route, limit=BATCH, ahead=ahead)
            if not batch.total:
                break
            accepted += batch.accepted
    ended = time.perf_counter()
    figures = {
        "stored": stored.new, "accepted": accepted, "collect": collected - begun, "judge": ended - collected,
        "cpu": time.process_time(), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    print(json.dumps(figures))


def in_a_program_of_its_own(database: Database, root: Path) -> dict[str, Any]:
    """Take the file in by a new program, whose memory is its own; returns its figures."""
    command = [sys.executable, __file__, "--take-in", database.url, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def copy_all(owner: Database) -> tuple[int, float]:
    """COPY every row of every table into a bare twin with the same indexes; returns rows and seconds."""
    tables = [row["t"] for row in desk.ask(owner, "SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public'")]
    counted, took = 0, 0.0
    with owner.connect() as connection:
        connection.execute("CREATE SCHEMA twin")
        for table in sorted(set(tables) - {"alembic_version"}):
            connection.execute(f"CREATE TABLE twin.{table} (LIKE public.{table} INCLUDING ALL)")
            with connection.cursor().copy(f"COPY public.{table} TO STDOUT") as copy:
                text = b"".join(bytes(block) for block in copy)
            begun = time.perf_counter()
            with connection.cursor().copy(f"COPY twin.{table} FROM STDIN") as copy:
                copy.write(text)
            took += time.perf_counter() - begun
            counted += text.count(b"\n")
        begun = time.perf_counter()
        connection.commit()
    return counted, took + time.perf_counter() - begun


def naive(database: Database, root: Path, orders: int) -> float:
    """Judge each order in a Prefect task of its own, as a beginner's flow would; returns seconds per order."""
    from prefect import flow, task  # noqa: PLC0415

    from blocks.systems.folders.collecting import Collector  # noqa: PLC0415
    from tasks.order_intake import judging  # noqa: PLC0415
    from tasks.order_intake.judging import Route  # noqa: PLC0415

    route, source = Route("order-folder/bench", "tryton-erp/main"), folder(root, database)

    @task
    def judge_one() -> int:
        with database.audited(desk.ACTOR) as (connection, trail):
            return judging.judge(connection, trail, source, route, limit=1)[0].accepted

    @flow
    def naive_intake() -> int:
        return sum(judge_one() for _ in range(orders))

    Collector(source, database, desk.ACTOR, source=route.source, kind=judging.KIND).collect(lambda _line: None)
    begun = time.perf_counter()
    assert naive_intake() == orders
    return (time.perf_counter() - begun) / orders


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/order_intake.json``."""
    figures: dict[str, Any] = {"orders": ORDERS, "lines": ORDERS * LINES}
    with stack.open_folder() as home, stack.cluster(home) as running:
        template = stack.migrated_template(running)
        peaks = {}
        for orders in (ORDERS // 10, ORDERS):
            with stack.copy_of(running, template) as urls:
                database, root = Database(urls.app), home / f"orders-{orders}"
                prepare(database, root, orders)
                took = in_a_program_of_its_own(database, root)
                assert took["accepted"] == orders, took
                peaks[orders] = took["peak_mb"]
                if orders == ORDERS:
                    rows, ceiling = copy_all(Database(urls.owner))
        seconds = took["collect"] + took["judge"]
        figures |= {
            "seconds": round(seconds, 1), "of_which_reading": round(took["collect"], 1),
            "own_cpu": round(took["cpu"], 1),
            "orders_per_second": round(ORDERS / seconds), "rows": rows, "rows_per_second": round(rows / seconds),
            "copy_ceiling_rows_per_second": round(rows / ceiling), "share_of_ceiling": round(ceiling / seconds, 3),
            "peak_mb": peaks[ORDERS], "peak_mb_for_a_tenth": peaks[ORDERS // 10],
        }  # fmt: skip
        figures |= measure_beside_prefect(home, running, template, seconds / ORDERS)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:32} {value:>12,}")


def measure_beside_prefect(home: Path, running: Any, template: str, ours: float) -> dict[str, float]:
    """Measure the naive flow, and Prefect's share of a run of ours, beside a real Prefect server."""
    from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415

    with (
        stack.prefect_server(running, home) as api,
        temporary_settings({PREFECT_API_URL: api}),
        stack.copy_of(running, template) as urls,
        stack.copy_of(running, template) as others,
    ):
        prepare(Database(urls.app), home / "naive", NAIVE)
        per_order = naive(Database(urls.app), home / "naive", NAIVE)
        prepare(Database(others.app), home / "shared", SHARED)
        whole, own = in_a_flow(Database(others.app), home / "shared")
    return {
        "naive_seconds_per_order": round(per_order, 4),
        "times_the_naive_flow": round(per_order / ours),
        "prefects_share_of_a_run": round(1 - own / whole, 3),
    }


def in_a_flow(database: Database, root: Path) -> tuple[float, float]:
    """Run the flow itself over a file; returns its seconds, and the seconds its tasks' own work took.

    The report counts as Prefect's; calls to an ERP would only make its share smaller and are left out.
    """
    from blocks.database.effect_delivery import Delivered  # noqa: PLC0415
    from flows.order_intake import IntakeRequest, order_intake  # noqa: PLC0415
    from tasks.order_intake import reporting, steps  # noqa: PLC0415

    own = [0.0]

    def timed(work: Any) -> Any:
        @functools.wraps(work)
        def timing(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                own[0] += time.perf_counter() - begun

        return timing

    folder(root, database).save("bench", overwrite=True)
    Database.current = classmethod(lambda _cls: database)  # type: ignore[method-assign,assignment]
    steps.deliver_all = lambda *_given, **_named: Delivered()  # type: ignore[attr-defined]
    for step in (steps.collect, steps.serve_short, steps.judge_and_book, reporting.count_waiting):
        step.fn = timed(step.fn)
    begun = time.perf_counter()
    order_intake(IntakeRequest(source="order-folder/bench", erp="tryton-erp/main"))
    return time.perf_counter() - begun, own[0]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--take-in"]:
        take_in(*sys.argv[2:4])
    else:
        main()
