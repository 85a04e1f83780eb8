"""One order in every dialect of order files, and the profiles that read them."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from blocks.documents.orders import Order
from blocks.standards.order_files.orders import read_order
from blocks.standards.order_files.profile import Profile, load_profile
from blocks.standards.order_files.splitting import RawRecord, split

HEADER = (
    "Bestellnummer", "Bestelldatum", "Vorname", "Nachname", "Straße", "PLZ", "Ort", "Land", "Zahlart", "Versandart",
    "Versandkosten", "Gesamtbetrag", "Bemerkung", "Artikelnummer", "Bezeichnung", "Menge", "Einzelpreis", "MwSt",
)  # fmt: skip
PROFILE = """
name: any-dialect
format: FORMAT
prices: gross
numbers: {decimal: ",", thousands: "."}
dates: {formats: ["%d.%m.%Y %H:%M:%S"], zone: Europe/Berlin}
order:
  external_id: Bestellnummer
  placed_at: Bestelldatum
  currency: {constant: EUR}
  billing_address.first_name: Vorname
  billing_address.last_name: Nachname
  billing_address.street: Straße
  billing_address.postal_code: {column: PLZ, pad: 5, required: true}
  billing_address.city: Ort
  billing_address.country: Land
  payment_method: Zahlart
  shipping_method: Versandart
  charges.shipping.gross: Versandkosten
  charges.shipping.tax_rate: {constant: "19"}
  totals.total: Gesamtbetrag
  comment: Bemerkung
lines:
  sku: Artikelnummer
  name: Bezeichnung
  quantity: Menge
  unit_gross: Einzelpreis
  tax_rate: MwSt
"""


def a_profile(form: str = "csv", **changes: str) -> Profile:
    """Return the profile of HEADER's columns for a format; changes are keys and their YAML."""
    text = PROFILE.replace("FORMAT", form)
    if form == "xml":
        text += "record: Orders/Order\nline_path: Zeile\n"
    if form == "json":
        text += "line_path: Zeilen\n"
    return load_profile(text + "".join(f"\n{key}: {value}" for key, value in changes.items()))


def rows_of(number: str = "4711", **changes: str) -> list[dict[str, str]]:
    """Return an order's two rows as texts."""
    once = {
        "Bestellnummer": number, "Bestelldatum": "21.08.2026 12:11:12", "Vorname": "Jörg", "Nachname": "Weiß",
        "Straße": 'Domstraße "1"; Hof, links', "PLZ": "01067", "Ort": "Köln", "Land": "Deutschland",
        "Zahlart": "Vorkasse", "Versandart": "Paket", "Versandkosten": "4,90", "Gesamtbetrag": "1.107,90",
        "Bemerkung": "Bitte klingeln\nbei Weiß",
    }  # fmt: skip
    lines: list[dict[str, str]] = [
        {"Artikelnummer": "0815", "Bezeichnung": "Lampe", "Menge": "2", "Einzelpreis": "545,10", "MwSt": "19"},
        {"Artikelnummer": "BOOK", "Bezeichnung": "Buch", "Menge": "1", "Einzelpreis": "12,80", "MwSt": "7"},
    ]
    return [{**once, **line, **changes} for line in lines]


def a_csv(
    rows: Sequence[dict[str, str]], *, delimiter: str = ";", encoding: str = "utf-8", newline: str = "\r\n"
) -> bytes:
    """Return the rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, delimiter=delimiter, lineterminator=newline)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def typed(name: str, text: str) -> Any:
    """Return a cell as a spreadsheet or JSON keeps it: numbers as numbers."""
    if name in {"Versandkosten", "Gesamtbetrag", "Einzelpreis"}:
        return float(text.replace(".", "").replace(",", "."))
    return int(text) if name in {"Menge", "MwSt", "PLZ", "Bestellnummer"} and text.isdecimal() else text


def an_xlsx(rows: Sequence[dict[str, str]]) -> bytes:
    """Return the rows as a workbook, with numbers and dates as a spreadsheet program keeps them."""
    from openpyxl import Workbook  # noqa: PLC0415 - few tests need it

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(HEADER))
    for row in rows:
        cells = [typed(name, row[name]) for name in HEADER]
        cells[1] = datetime.strptime(row["Bestelldatum"], "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007 - spreadsheets know no zone
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_trees(rows: Sequence[dict[str, str]], *, numbers: bool) -> list[dict[str, Any]]:
    """Return the rows as nested orders."""
    orders: dict[str, dict[str, Any]] = {}
    for row in rows:
        cells = {name: typed(name, text) if numbers and name != "PLZ" else text for name, text in row.items()}
        order = orders.setdefault(row["Bestellnummer"], {name: cells[name] for name in HEADER[:13]} | {"Zeilen": []})
        order["Zeilen"].append({name: cells[name] for name in HEADER[13:]})
    return list(orders.values())


def json_lines(rows: Sequence[dict[str, str]]) -> bytes:
    """Return the rows as JSON, one order per line."""
    return "".join(json.dumps(tree) + "\n" for tree in as_trees(rows, numbers=True)).encode()


def an_xml(rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> bytes:
    """Return the rows as XML."""
    from lxml import etree  # noqa: PLC0415 - few tests need it

    root = etree.Element("Orders")
    for tree in as_trees(rows, numbers=False):
        order = etree.SubElement(root, "Order")
        for name in HEADER[:13]:
            etree.SubElement(order, name).text = tree[name]
        for cells in tree["Zeilen"]:
            line = etree.SubElement(order, "Zeile")
            for name, text in cells.items():
                etree.SubElement(line, name).text = text
    written: bytes = etree.tostring(root, encoding=encoding, xml_declaration=True, pretty_print=True)
    return written


def records_of(content: bytes, profile: Profile) -> list[RawRecord]:
    """Return a file's records."""
    return list(split(io.BytesIO(content), profile))


def orders_of(content: bytes, profile: Profile) -> list[Order]:
    """Return a file's orders; every record must be one."""
    return [read_order(record.body, profile, "folder") for record in records_of(content, profile)]
