"""A folder of order files on disk with what SOMS has of it, and the same orders as CSV, XLSX and XML."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from blocks.database import effect_delivery, inbox, received_files, rulebooks
from blocks.database.effect_delivery import Delivered, Delivery
from blocks.database.engine import Database
from blocks.systems.folders.collecting import Collector
from blocks.systems.folders.order_folder import OrderFolder
from tasks.order_intake import files
from tasks.order_intake.judging import KIND, PROCESS, Judged, Route
from tests import desk

SOURCE, ERP = "order-folder/branch", "tryton-erp/main"
COLUMNS = (
    "Order", "Date", "First name", "Last name", "E-mail", "Street", "Zip", "City", "Country", "Payment", "Shipping",
    "SKU", "Pieces", "Price", "Tax",
)  # fmt: skip
_MAPPED = """
prices: gross
numbers: {decimal: "%(decimal)s"}
dates: {formats: [iso, "%%d.%%m.%%Y"], zone: Europe/Berlin}
order:
  external_id: {column: Order}
  placed_at: {column: Date}
  currency: {constant: EUR}
  customer.email: {column: E-mail}
  billing_address.first_name: {column: First name}
  billing_address.last_name: {column: Last name}
  billing_address.street: {column: Street}
  billing_address.postal_code: {column: Zip}
  billing_address.city: {column: City}
  billing_address.country: {column: Country}
  payment_method: {column: Payment}
  shipping_method: {column: Shipping}
lines:
  sku: {column: SKU}
  quantity: {column: Pieces}
  unit_gross: {column: Price}
  tax_rate: {column: Tax}
"""


def profile(kind: str = "csv", *, decimal: str = ",", **more: str) -> str:
    """Return a mapping profile of the columns as YAML."""
    text = f"name: any\nformat: {kind}\n" + "".join(f"{key}: {value}\n" for key, value in more.items())
    mapped = _MAPPED % {"decimal": decimal}
    if kind == "xml":
        mapped = mapped.replace("First name", "FirstName").replace("Last name", "LastName")
        text += "record: Orders/Order\nline_path: Lines/Line\n"
    return text + mapped


def row(order: object, **changes: str) -> dict[str, str]:
    """Return one order of one line, as a row says it."""
    fields = {
        "Order": str(order), "Date": "2026-11-02", "First name": "Jörg", "Last name": "Weiß",
        "E-mail": "joerg@example.com", "Street": "Domstraße 1", "Zip": "50668", "City": "Köln", "Country": "DE",
        "Payment": "Prepaid", "Shipping": "Parcel", "SKU": "LAMP", "Pieces": "1", "Price": "47,55", "Tax": "19",
    }  # fmt: skip
    return {**fields, **changes}


def as_csv(rows: Iterable[Mapping[str, str]], *, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Return rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return rows as a workbook with a header."""
    from openpyxl import Workbook  # noqa: PLC0415 - only where a workbook is made

    book, into = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for each in rows:
        sheet.append([each[name] for name in COLUMNS])
    book.save(into)
    return into.getvalue()


def as_xml(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return rows as XML, one order each."""
    lines = ("SKU", "Pieces", "Price", "Tax")

    def element(name: str, value: str) -> str:
        tag = name.replace(" name", "Name")
        return f"<{tag}>{escape(value)}</{tag}>"

    orders = (
        "<Order>"
        + "".join(element(name, each[name]) for name in COLUMNS if name not in lines)
        + "<Lines><Line>"
        + "".join(element(name, each[name]) for name in lines)
        + "</Line></Lines></Order>"
        for each in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Orders>{"".join(orders)}</Orders>'.encode()


class Branch:
    """A folder on disk, its connection, and a database that knows LAMP and BOOK in its channel."""

    def __init__(
        self, home: Path, database: Database, *, stock: int = 100_000, known: bool = True, **settings: Any
    ) -> None:
        """Make the folders, activate the profile 'branch', and know the articles."""
        self.root, self.database = home / "orders", database
        for part in ("incoming", "work", "archive", "results"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        self.folder = self.connection(**settings)
        self.folder.reads_profiles_from(database)
        self.route = Route.of(SOURCE, ERP, self.folder)
        self.activate("branch", profile(encoding="utf-8"))
        if known:
            desk.know(database, "LAMP", "BOOK", channel=self.folder.assortment or self.route.channel)
            desk.count(database, stock, "LAMP", "BOOK")

    def connection(self, **settings: Any) -> OrderFolder:
        """Return the connection as a person would enter it."""
        fields = {
            "url": f"file://{self.root}", "profile": "branch", "quiet_seconds": 0,
            "payment_methods": {"Prepaid": "prepayment"}, "shipping_methods": {"Parcel": "parcel"},
            "sends_confirmation_mail": True,
        }  # fmt: skip
        return OrderFolder(**{**fields, **settings})

    def activate(self, name: str, content: str) -> None:
        """Put a mapping profile in force."""
        with self.database.audited(desk.ACTOR) as (connection, trail):
            rulebooks.activate(
                connection, trail, kind="mapping_profile", name=name, content=content, by="ada", reason="First."
            )

    def put(self, name: str, body: bytes) -> None:
        """Put a file into the incoming folder."""
        (self.root / "incoming" / name).write_bytes(body)

    def collect(self, folder: OrderFolder | None = None) -> inbox.Stored:
        """Take in what waits."""
        place = folder or self.folder
        return Collector(place, self.database, desk.ACTOR, source=self.route.source, kind=KIND).collect(lambda _: None)

    def judge(self) -> Judged:
        """Judge all that is open."""
        judged = Judged()
        while (batch := desk.judge(self.database, shop=self.folder, route=self.route)).total:
            judged += batch
        return judged

    def answer(self, folder: OrderFolder | None = None, *, lease: float = 5) -> Delivered:
        """Write the answers that can be given."""
        files.put_results_due(self.database, desk.ACTOR, self.route)
        place = folder or self.folder
        answering = Delivery(
            process=PROCESS,
            calls={received_files.FILE_RESULT: lambda database, claimed: files.answer_files(database, place, claimed)},
            names={received_files.FILE_RESULT: "Files answered"},
            per_call={},
            book=received_files.book_settled,
        )
        return effect_delivery.deliver_all(
            answering, self.database, desk.ACTOR, lease=lease, patience=0, log=lambda _: None
        )

    def take_in(self) -> Judged:
        """Collect, judge and answer, as a run does."""
        self.collect()
        judged = self.judge()
        self.answer()
        return judged

    def names(self, part: str) -> list[str]:
        """Return the names of the files in a folder."""
        return sorted(path.name for path in (self.root / part).iterdir())

    def answers(self) -> list[list[dict[str, str]]]:
        """Return every result file's rows, by name."""
        found = []
        for name in self.names("results"):
            text = (self.root / "results" / name).read_text(encoding="utf-8-sig")
            found.append(list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";")))
        return found

    def answers_of(self, name: str) -> Sequence[Mapping[str, str]]:
        """Return the rows of the answer to the file of this name."""
        (answer,) = (rows for rows in self.answers() if rows and rows[0]["file"] == name)
        return answer
