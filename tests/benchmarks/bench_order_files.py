"""How fast order files are read, beside the bare csv module reading the very same file in the same run.

CPU seconds, not wall time: cutting a file of orders with three lines each into records, then translating the records.
The yardstick is what no reader can go below: `csv.DictReader` over the same text, its rows thrown away.

Run: ``make bench``, or ``python tests/benchmarks/bench_order_files.py [ORDERS]``.
"""

import csv
import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.standards.order_files.orders import read_order  # noqa: E402 - the checkout must be found first
from blocks.standards.order_files.shipped import shipped_profile  # noqa: E402
from blocks.standards.order_files.splitting import split  # noqa: E402

RESULT = HOUSE / "benchmarks" / "results" / "order_files.json"
LINES = 3
HEADER = (
    "Bestellnummer;Bestelldatum;Währung;Kundennummer;Vorname;Nachname;Firma;Straße;Adresszusatz;PLZ;Ort;Land;E-Mail;"
    "Zahlart;Versandart;Versandkosten;Gesamtbetrag;Bemerkung;Artikelnummer;Bezeichnung;Menge;Einzelpreis;MwSt\n"
)


def write(file: BinaryIO, orders: int) -> None:
    """Write a German export of that many orders."""
    file.write(HEADER.encode())
    for number in range(orders):
        once = (
            f"B{number:07d};{number % 28 + 1:02d}.08.2026 {number % 24:02d}:{number % 60:02d}:12;EUR;{10000 + number};"
            f"Jörg;Weiß {number};;Domstraße {number % 200};;50668;Köln;Deutschland;joerg.{number}@example.org;Vorkasse;"
            f"Paket;4,90;;;"
        )
        for line in range(LINES):
            article = (number * LINES + line) % 2000
            row = f"{once}SKU-{article};Artikel {article};{line + 1};{article % 90 + 1},{article % 100:02d};19\n"
            file.write(row.encode())


def cpu(work: Callable[[], int]) -> tuple[float, int]:
    """Return the CPU seconds a piece of work takes, and what it counted."""
    begun = time.process_time()
    counted = work()
    return time.process_time() - begun, counted


def main() -> None:
    """Measure and print one table; the figures also go to ``benchmarks/results/order_files.json``."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    profile = shipped_profile("german-semicolon")
    with tempfile.TemporaryFile() as file:
        write(file, orders)
        megabytes = file.tell() / 1e6

        def bare() -> int:
            file.seek(0)
            text = io.TextIOWrapper(file, "utf-8", newline="")
            counted = sum(1 for _ in csv.DictReader(text, delimiter=";"))
            text.detach()
            return counted

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        yardstick, rows = cpu(bare)
        cutting, cut = cpu(lambda: sum(1 for _ in split(file, profile)))
        whole, read = cpu(lambda: sum(1 for record in split(file, profile) if read_order(record.body, profile, "x")))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (rows, cut, read) == (orders * LINES, orders, orders)
    figures = {
        "orders": orders,
        "lines": orders * LINES,
        "file, MB": round(megabytes, 1),
        "bare csv module, CPU s": round(yardstick, 2),
        "cut into records, CPU s": round(cutting, 2),
        "cut and read, CPU s": round(whole, 2),
        "cut, µs per order": round(cutting / orders * 1e6),
        "read, µs per order": round((whole - cutting) / orders * 1e6),
        "cut and read, times the bare csv module": round(whole / yardstick, 1),
        "memory grew by, MB": round((after - before) / 1024, 1),
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")
    for name, figure in figures.items():
        print(f"{name:42} {figure:>12}")


if __name__ == "__main__":
    main()
