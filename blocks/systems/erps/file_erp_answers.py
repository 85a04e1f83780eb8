"""What a file ERP writes back: acknowledgements of sales, exports of articles and stock. Pure: bytes in, data out."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError

from blocks.documents.base import Document
from blocks.documents.money import Amount
from blocks.documents.stock import StockLevel
from blocks.errors import Unreadable
from blocks.systems.erps.file_erp_sales import plain_text
from blocks.systems.erps.file_erp_xml import parsed

LARGEST_ACKNOWLEDGEMENT = 64 * 1024
ARTICLE_COLUMNS = ("sku", "name")
STOCK_COLUMNS = ("sku", "warehouse", "location", "on_hand", "forecast")
END = "END"
"""First cell of an export's last row; its second column counts the rows before it. Without it, an export is not whole.
"""
PER_PAGE = 1000


class Acknowledgement(Document):
    """What the ERP made of one sale: a number and a state, or a refusal with its reason."""

    reference: str
    outcome: Literal["accepted", "refused"]
    number: str = ""
    state: str = ""
    total: Amount | None = None
    rounding: Amount | None = None
    reason: str = Field(default="", max_length=2000)


def read_acknowledgement(body: bytes) -> Acknowledgement:
    """Read an acknowledgement, XML or CSV.

    Raises:
        ValueError: It is not whole (yet), or it is none.
    """
    values = _from_xml(body) if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else _from_csv(body)
    try:
        found = Acknowledgement.model_validate({name: text for name, text in values.items() if text != ""})
    except ValidationError as error:
        places = sorted({".".join(map(str, problem["loc"])) for problem in error.errors()})
        raise ValueError(f"its fields {', '.join(places)} are missing or wrong") from None
    if found.outcome == "accepted" and not (found.number and found.total is not None):
        raise ValueError("it accepts without number or total")
    return found


def _from_xml(body: bytes) -> dict[str, Any]:
    root = parsed(body)
    if root.tag != "Acknowledgement":
        raise ValueError("its root element is not Acknowledgement")
    reason = root.findtext("Reason") or ""
    return {name: text for name, text in root.attrib.items() if name != "version"} | {"reason": reason}


def _from_csv(body: bytes) -> dict[str, Any]:
    if not body.endswith((b"\n", b"\r")):
        raise ValueError("its last line has no end, so it is not written to the end")
    rows = list(_rows(body.decode("utf-8-sig"), ("reference", "outcome")))
    if len(rows) != 1:
        raise ValueError(f"it has {len(rows)} rows instead of one")
    return {name: plain_text(text) for name, text in rows[0].items()}


def _rows(text: str, required: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield a table's rows by column; its first line names the columns and shows the delimiter."""
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        missing = [name for name in required if name not in names]
        if missing:
            raise ValueError(f"its first line lacks the columns {', '.join(missing)}")
        for cells in reader:
            if any(cells):
                yield dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise ValueError(f"it is no table: {error}") from error


def read_export(body: bytes, required: tuple[str, ...], name: str) -> list[dict[str, str]]:
    """Return the rows of an export that is whole.

    Raises:
        Unreadable: A column or the closing row is missing, or the closing row counts other rows.
    """
    try:
        rows = list(_rows(body.decode("utf-8-sig"), required))
        last = rows.pop() if rows else {}
        counted = last.get(required[1]) if last.get(required[0]) == END else None
    except (ValueError, LookupError) as error:
        raise Unreadable(f"The export {name} cannot be read: {error}.") from error
    if counted is None:
        raise Unreadable(f"The export {name} does not end with a row {END}, so it is not written to its end (yet).")
    if counted != str(len(rows)):
        raise Unreadable(f"The export {name} has {len(rows)} rows, its last one counts {counted}: export it anew.")
    return rows


def to_stock_levels(rows: list[dict[str, str]], name: str) -> Iterator[tuple[StockLevel, ...]]:
    """Yield the stock levels of an export in pages. Raises Unreadable with the row that is none."""
    for start in range(0, len(rows), PER_PAGE):
        yield tuple(_level(row, name, number) for number, row in enumerate(rows[start : start + PER_PAGE], start + 2))


def _level(row: dict[str, str], name: str, number: int) -> StockLevel:
    try:
        return StockLevel(
            sku=row["sku"], warehouse=row["warehouse"], location=row["location"], on_hand=Decimal(row["on_hand"]),
            forecast=Decimal(row["forecast"]),
        )  # fmt: skip
    except (ArithmeticError, LookupError, ValueError) as error:
        raise Unreadable(
            f"Row {number} of the export {name} is no stock level: it needs {', '.join(STOCK_COLUMNS)}."
        ) from error
