"""A small ERP that works through files: takes sales from a drop folder, books them, acknowledges, exports its master.

Run it with ``python -m deployments.sandbox.file_erp --folder DIR``. It books every file it gets, also one that repeats
another: that a sale comes once is up to whoever sends it, and its books show whether it did.
"""

import argparse
import csv
import io
import json
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

from deployments.sandbox import catalogue

DROP, TAKEN, ACKNOWLEDGEMENTS, SENT, EXPORTS = "orders", "taken", "acknowledgements", "sent", "exports"
FOLDERS = (DROP, TAKEN, ACKNOWLEDGEMENTS, SENT, EXPORTS)
COUNTRIES = frozenset({"AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "LU", "NL", "PL", "SE", "US"})
RATES = frozenset({"19", "7", "0", ""})
KINDS = ("slow", "refuse", "cut", "twice")
"""The file waits for a later pass; it is refused; half of its answer is there until the next pass; it comes twice."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong (``kind`` is one of KINDS) with the next ``times`` files whose names match."""

    kind: str
    times: int = 1
    match: str = ""


@dataclass(slots=True)
class Sale:
    """One file, as far as this ERP reads it."""

    reference: str
    party: str
    warehouse: str
    currency: str
    total: Decimal
    stated: Decimal
    rounding: str
    countries: list[str]
    cities: list[str]
    lines: list[dict[str, str]] = field(default_factory=list)


class FileErp:
    """The program: every ``work`` is one pass over the drop folder."""

    def __init__(self, folder: Path) -> None:
        """Open or make the folders and the books."""
        self.folder = folder
        self.lock = threading.Lock()
        self.faults: list[Fault] = []
        self.owed: dict[str, bytes] = {}
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        with self.books() as books:
            books.executescript(
                "CREATE TABLE IF NOT EXISTS sale (number INTEGER PRIMARY KEY, file TEXT UNIQUE, reference TEXT, party"
                " TEXT, warehouse TEXT); CREATE TABLE IF NOT EXISTS party (code TEXT PRIMARY KEY);"
                " CREATE TABLE IF NOT EXISTS sold (sku TEXT, warehouse TEXT, quantity TEXT);"
            )
        self.export()

    @contextmanager
    def books(self) -> Iterator[sqlite3.Connection]:
        """Open the books for one transaction."""
        with closing(sqlite3.connect(self.folder / "books.sqlite")) as books, books:
            yield books

    def work(self) -> int:
        """Take every whole file there is, book it, answer; returns how many were taken."""
        with self.lock:
            for name, body in self.owed.items():
                self.answer(name, body)
            self.owed.clear()
            names = sorted(entry.name for entry in (self.folder / DROP).iterdir() if not entry.name.startswith("."))
            taken = sum(self.take(name) for name in names)
            if taken:
                self.export()
            return taken

    def take(self, name: str) -> bool:
        """Take one file; False when it has to wait."""
        if self.fault("slow", name):
            return False
        path = self.folder / DROP / name
        sale = read(path.read_bytes())
        reasons = ["The books are closed"] if self.fault("refuse", name) else self.reasons(sale)
        body = refusal(sale, reasons[0]) if reasons else self.book(name, sale)
        if name.endswith(".csv"):
            body = as_csv(body)
        if self.fault("cut", name):
            self.owed[name] = body
            (self.folder / ACKNOWLEDGEMENTS / name).write_bytes(body[: len(body) // 2])
        else:
            self.answer(name, body)
        if self.fault("twice", name):
            self.owed[name] = body
        path.rename(self.folder / TAKEN / name)
        return True

    def fault(self, kind: str, name: str) -> bool:
        """Return whether this file has this fault now."""
        for fault in self.faults:
            if fault.kind == kind and fault.times > 0 and fault.match in name:
                fault.times -= 1
                return True
        return False

    def answer(self, name: str, body: bytes) -> None:
        """Write an acknowledgement whole, over an earlier one of the same file."""
        whole = self.folder / ACKNOWLEDGEMENTS / f".{name}.part"
        whole.write_bytes(body)
        whole.replace(self.folder / ACKNOWLEDGEMENTS / name)

    @staticmethod
    def reasons(sale: Sale) -> list[str]:
        """Return why a sale cannot be booked, in the words of a program that quotes what it was given."""
        known = {item.sku for item in catalogue.items()}
        found = [f"city {city!r} has a line break" for city in sale.cities if "\n" in city]
        found += [f"country {country} is unknown" for country in sale.countries if country not in COUNTRIES]
        if sale.warehouse not in catalogue.WAREHOUSES:
            found.append(f"warehouse {sale.warehouse} is unknown")
        if sale.currency != "EUR":
            found.append(f"currency {sale.currency} is unknown")
        for line in sale.lines:
            if line["kind"] == "goods" and line["sku"] not in known:
                found.append(f"article {line['sku']} is unknown")
            if line["tax_rate"] not in RATES:
                found.append(f"there is no tax of {line['tax_rate']} %")
        if sale.total != sale.stated:
            found.append(f"the total {sale.stated} is not the sum of the lines, {sale.total}")
        return found

    def book(self, name: str, sale: Sale) -> bytes:
        """Book a sale and return its acknowledgement; a file that was booked before its answer is only answered."""
        with self.books() as books:
            row = books.execute("SELECT number FROM sale WHERE file = ?", (name,)).fetchone()
            if row is None:
                values = (name, sale.reference, sale.party, sale.warehouse)
                added = books.execute(
                    "INSERT INTO sale (file, reference, party, warehouse) VALUES (?, ?, ?, ?)", values
                )
                row = (added.lastrowid,)
                books.execute("INSERT OR IGNORE INTO party VALUES (?)", (sale.party,))
                sold = [(line["sku"], sale.warehouse, line["quantity"]) for line in sale.lines if line["sku"]]
                books.executemany("INSERT INTO sold VALUES (?, ?, ?)", sold)
        answer = ET.Element("Acknowledgement", version="1", reference=sale.reference, outcome="accepted")
        answer.attrib |= {"number": f"F{row[0]:06d}", "state": "confirmed", "total": str(sale.total)}
        answer.set("rounding", sale.rounding)
        return bytes(ET.tostring(answer))

    def files_of(self, reference: str) -> list[str]:
        """Return the files that were booked under a reference."""
        with self.books() as books:
            rows = books.execute("SELECT file FROM sale WHERE reference = ? ORDER BY number", (reference,))
            return [row[0] for row in rows]

    def parties(self) -> list[str]:
        """Return the codes of all parties."""
        with self.books() as books:
            return [row[0] for row in books.execute("SELECT code FROM party")]

    def export(self) -> None:
        """Write articles and stock anew, each with its closing row."""
        with self.books() as books:
            sold: dict[tuple[str, str], Decimal] = {}
            for sku, warehouse, quantity in books.execute("SELECT sku, warehouse, quantity FROM sold"):
                sold[sku, warehouse] = sold.get((sku, warehouse), Decimal(0)) + Decimal(quantity)
        self.export_rows("articles.csv", ("sku", "name"), [(item.sku, item.name) for item in catalogue.items()])
        levels: list[tuple[str, ...]] = []
        for item in (item for item in catalogue.items() if item.managed):
            for house, places in catalogue.WAREHOUSES.items():
                for number, place in enumerate(places):
                    pieces = item.stock.get(place, 0)
                    taken = sold.get((item.sku, house), Decimal(0)) if number == 0 else Decimal(0)
                    levels.append((item.sku, house, place, str(pieces), str(pieces - taken)))
        self.export_rows("stock.csv", ("sku", "warehouse", "location", "on_hand", "forecast"), levels)

    def export_rows(self, name: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        """Write one export whole."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerows([columns, *rows, ("END", str(len(rows)))])
        part = self.folder / EXPORTS / f".{name}.part"
        part.write_text(text.getvalue(), encoding="utf-8")
        part.replace(self.folder / EXPORTS / name)


def read(body: bytes) -> Sale:
    """Read a sale file; what is computed from its lines stands beside what it states."""
    return read_xml(body) if body.startswith(b"<") else read_csv(body)


def read_xml(body: bytes) -> Sale:
    """Read a sale as XML."""
    root = ET.fromstring(body)  # noqa: S314 - comes from SOMS itself, over a folder of the same merchant
    lines = [{part.tag: part.text or "" for part in line} for line in root.iterfind("Lines/Line")]
    addresses = [root.find("InvoiceAddress"), root.find("ShipmentAddress")]
    found = [{part.tag: part.text or "" for part in address} for address in addresses if address is not None]
    return to_sale(dict(root.attrib), root.findtext("Party/code") or "", found, lines)


def read_csv(body: bytes) -> Sale:
    """Read a sale as CSV."""
    text = body.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=text[len("message")]))
    first = rows[0]
    addresses = [
        {name.removeprefix(part): value for name, value in first.items() if name.startswith(part)}
        for part in ("invoice_", "shipment_")
    ]
    return to_sale(first, first["party_code"], addresses, rows)


def to_sale(head: dict[str, str], party: str, addresses: list[dict[str, str]], lines: list[dict[str, str]]) -> Sale:
    """Put a sale together and recompute its total: lines to the cent, tax once per rate."""
    cent, by_rate = Decimal("0.01"), dict[str, Decimal]()
    for line in lines:
        net = (Decimal(line["quantity"]) * Decimal(line["unit_net"])).quantize(cent, rounding="ROUND_HALF_UP")
        by_rate[line["tax_rate"]] = by_rate.get(line["tax_rate"], Decimal(0)) + net
    taxes = [(net * Decimal(rate or 0) / 100).quantize(cent, rounding="ROUND_HALF_UP") for rate, net in by_rate.items()]
    total = sum(by_rate.values(), Decimal(0)) + sum(taxes, Decimal(0)) + Decimal(head["rounding"])
    return Sale(
        head["reference"], party, head["warehouse"], head["currency"], total, Decimal(head["total"]), head["rounding"],
        [address["country"] for address in addresses], [address["city"] for address in addresses], lines,
    )  # fmt: skip


def refusal(sale: Sale, reason: str) -> bytes:
    """Return a refusing acknowledgement."""
    answer = ET.Element("Acknowledgement", version="1", reference=sale.reference, outcome="refused")
    ET.SubElement(answer, "Reason").text = reason
    return bytes(ET.tostring(answer))


def as_csv(body: bytes) -> bytes:
    """Return an acknowledgement as CSV."""
    root, text = ET.fromstring(body), io.StringIO()  # noqa: S314 - this program has just written it
    columns = ("reference", "outcome", "number", "state", "total", "rounding")
    writer = csv.writer(text, delimiter=";")
    writer.writerows([(*columns, "reason"), (*(root.get(name, "") for name in columns), root.findtext("Reason") or "")])
    return text.getvalue().encode()


def main() -> None:
    """Work until stopped; ``faults.json`` in the folder is read before each pass, and removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="The folder that holds all others.")
    parser.add_argument("--every", type=float, default=0.5, help="Seconds between two passes.")
    options = parser.parse_args()
    erp, stopped = FileErp(options.folder), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    (options.folder / "erp.pid").write_text(str(os.getpid()), encoding="ascii")
    faults = options.folder / "faults.json"
    while not stopped.wait(options.every):
        if faults.exists():
            erp.faults = [Fault(**entry) for entry in json.loads(faults.read_text(encoding="utf-8"))]
            faults.unlink()
        erp.work()


if __name__ == "__main__":
    main()
