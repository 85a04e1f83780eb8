"""How a sale is written as a file, as XML or CSV, with sums to check it by. Pure: documents in, bytes out, and back."""

import csv
import hashlib
import io
import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from xml.etree import ElementTree as ET

from blocks.documents.base import plain_decimal
from blocks.documents.money import CENT, to_cents
from blocks.documents.parties import Address
from blocks.documents.sales import SaleLine, SaleRequest
from blocks.systems.erps.file_erp_xml import parsed

FileFormat = Literal["xml", "csv"]
DELIMITERS = frozenset({";", ",", "\t"})

ADDRESS_FIELDS = (
    "first_name", "last_name", "company", "street", "street_extra", "postal_code", "city", "state", "country", "email",
    "phone",
)  # fmt: skip
PARTY_FIELDS = ("code", "name", "vat_id", "email", "phone")
HEAD = ("message", "reference", "sale_date", "currency", "warehouse", "lines", "net", "tax", "rounding", "total")
COLUMNS = (
    *HEAD, *(f"party_{name}" for name in PARTY_FIELDS), *(f"invoice_{name}" for name in ADDRESS_FIELDS),
    *(f"shipment_{name}" for name in ADDRESS_FIELDS), "comment", "line", "kind", "sku", "text", "quantity", "unit_net",
    "tax_rate", "line_net",
)  # fmt: skip
"""The columns of a sale as CSV, one row per line; what belongs to the whole sale is repeated."""

LONGEST_STEM = 120
_PLAIN = frozenset((string.ascii_letters + string.digits + "-_").encode())
_FORMULA = re.compile(r"^[\s'\"]*[=+\-@＝＋－＠]|^[\t\r\n]")  # noqa: RUF001 - full-width signs start formulas as well
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a sale comes to: lines to the cent, tax once per rate; ``rounding`` is what the agreed total adds."""

    net: Decimal
    taxes: tuple[tuple[Decimal, Decimal, Decimal], ...]
    tax: Decimal
    rounding: Decimal


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What the kept copy of a file says of itself."""

    reference: str
    message: str
    total: Decimal
    rounding: Decimal
    format: FileFormat


def stem(reference: str) -> str:
    """Return the name of a reference's files without ending: letters, digits, hyphen, underscore; no dot, no slash.

    Every other character is written as its bytes, so that two references never share a name; a long one ends in a
    digest of itself.
    """
    name = reference.encode(errors="surrogatepass")
    text = "".join(chr(byte) if byte in _PLAIN else f"~{byte:02x}" for byte in name)
    if len(text) <= LONGEST_STEM:
        return text
    return f"{text[:80]}~~{hashlib.sha256(name).hexdigest()[:32]}"


def line_net(line: SaleLine) -> Decimal:
    """Return a line's net amount to the cent."""
    return to_cents(line.quantity * line.unit_net)


def sums(request: SaleRequest) -> Sums:
    """Return what the lines come to, and the difference to the agreed total."""
    by_rate: dict[Decimal, Decimal] = {}
    for line in request.lines:
        rate = line.tax_rate if line.tax_rate is not None else Decimal(0)
        by_rate[rate.normalize()] = by_rate.get(rate.normalize(), Decimal(0)) + line_net(line)
    taxes = tuple((rate, net, to_cents(net * rate / _HUNDRED)) for rate, net in sorted(by_rate.items()))
    net, tax = sum(by_rate.values(), Decimal(0)), sum((amount for _, _, amount in taxes), Decimal(0))
    return Sums(net, taxes, tax, request.total - net - tax)


def tolerance(request: SaleRequest) -> Decimal:
    """Return the largest rounding difference that may be declared: a cent per line, and two."""
    return CENT * (len(request.lines) + 2)


def written(request: SaleRequest, message: str, file_format: FileFormat, delimiter: str) -> bytes:
    """Return a sale as the bytes of its file; ``message`` tells this handing-over from every other."""
    return as_xml(request, message) if file_format == "xml" else as_csv(request, message, delimiter)


def as_xml(request: SaleRequest, message: str) -> bytes:
    """Return a sale as XML; characters that XML cannot carry are replaced by U+FFFD."""
    found = sums(request)
    sale = ET.Element("Sale", version="1")
    for name, text in _head(request, message, found).items():
        sale.set(name, _xml_text(text))
    _children(sale, "Party", {name: getattr(request.party, name) for name in PARTY_FIELDS})
    _children(sale, "InvoiceAddress", _address(request.invoice_address))
    _children(sale, "ShipmentAddress", _address(request.shipment_address))
    _children(sale, "Comment", {"text": request.comment})
    taxes = ET.SubElement(sale, "Taxes")
    for rate, net, tax in found.taxes:
        ET.SubElement(taxes, "Tax", rate=_amount(rate), net=_amount(net), tax=_amount(tax))
    lines = ET.SubElement(sale, "Lines")
    for line in _lines(request):
        _children(lines, "Line", line)
    body: bytes = ET.tostring(sale, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def as_csv(request: SaleRequest, message: str, delimiter: str) -> bytes:
    """Return a sale as CSV in UTF-8, one row per line; texts that a spreadsheet would take for a formula are quoted."""
    head = _head(request, message, sums(request))
    head |= {name: _cell(head[name]) for name in ("reference", "warehouse")}
    head |= {f"party_{name}": _cell(getattr(request.party, name)) for name in PARTY_FIELDS}
    for part, address in (("invoice", request.invoice_address), ("shipment", request.shipment_address)):
        head |= {f"{part}_{name}": _cell(text) for name, text in _address(address).items()}
    head["comment"] = _cell(request.comment)
    text = io.StringIO()
    rows = csv.DictWriter(text, COLUMNS, delimiter=delimiter, lineterminator="\r\n")
    rows.writeheader()
    for line in _lines(request):
        rows.writerow(head | line | {"sku": _cell(line["sku"]), "text": _cell(line["text"])})
    return text.getvalue().encode(errors="replace")


def handed_over(body: bytes) -> HandedOver:
    """Read back what a file that ``written`` made says of itself, whatever its format.

    Raises:
        ValueError: It is not such a file, or not all of it.
    """
    if body.lstrip()[:1] == b"<":
        head = dict(parsed(body).attrib)
        return _handed_over(head, "xml")
    text = body.decode()
    delimiter = text[len(HEAD[0]) : len(HEAD[0]) + 1]
    if not text.startswith(HEAD[0]) or not text.endswith("\n") or delimiter not in DELIMITERS:
        raise ValueError("no sale as CSV")
    try:
        row = next(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter), {})
    except csv.Error as error:
        raise ValueError(f"no sale as CSV: {error}") from error
    return _handed_over({key: value or "" for key, value in row.items() if key}, "csv")


def _handed_over(head: dict[str, str], file_format: FileFormat) -> HandedOver:
    try:
        total, rounding = Decimal(head["total"]), Decimal(head["rounding"])
        if not (total.is_finite() and rounding.is_finite()):
            raise ValueError("its amounts are no numbers")
        reference = plain_text(head["reference"]) if file_format == "csv" else head["reference"]
        return HandedOver(reference, head["message"], total, rounding, file_format)
    except (ArithmeticError, KeyError) as error:
        raise ValueError("not all of a sale's head is there") from error


def _head(request: SaleRequest, message: str, found: Sums) -> dict[str, str]:
    values = (
        message, request.reference, request.sale_date.isoformat(), request.currency, request.warehouse,
        str(len(request.lines)), _amount(found.net), _amount(found.tax), _amount(found.rounding),
        _amount(request.total),
    )  # fmt: skip
    return dict(zip(HEAD, values, strict=True))


def _lines(request: SaleRequest) -> Iterable[dict[str, str]]:
    for number, line in enumerate(request.lines, 1):
        yield {
            "line": str(number), "kind": line.kind.value, "sku": line.sku, "text": line.text,
            "quantity": plain_decimal(line.quantity), "unit_net": plain_decimal(line.unit_net),
            "tax_rate": "" if line.tax_rate is None else plain_decimal(line.tax_rate),
            "line_net": _amount(line_net(line)),
        }  # fmt: skip


def _address(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) or "" for name in ADDRESS_FIELDS}


def _children(parent: ET.Element, name: str, values: dict[str, str]) -> None:
    element = ET.SubElement(parent, name)
    for key, text in values.items():
        ET.SubElement(element, key).text = _xml_text(text)


def _xml_text(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _amount(value: Decimal) -> str:
    """Return an amount with at least two places: 37.3 is written 37.30."""
    return f"{value:f}" if value != to_cents(value) else f"{to_cents(value):f}"


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that could be begins with an apostrophe."""
    text = text.replace("\x00", "\ufffd")
    return f"'{text}" if _FORMULA.match(text) else text


def plain_text(cell: str) -> str:
    """Return what stands behind the apostrophe that ``_cell`` puts before formulas."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
