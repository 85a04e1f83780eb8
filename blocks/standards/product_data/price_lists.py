"""Price lists as suppliers send them, CSV or XLSX: articles read row by row, whatever the columns are called."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from blocks.documents.product_data import ProductData
from blocks.errors import Unreadable
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.price_lists_heads import LOOKED_AT, head_of
from blocks.standards.product_data.price_lists_rows import RowReader
from blocks.standards.product_data.price_lists_sheets import Sheet, looks_like_a_table, sheets_of

__all__ = ["articles", "looks_like_a_table"]
_NAMED = 3


def articles(source: BinaryIO, findings: Findings, *, name: str = "") -> Iterator[ProductData]:
    """Yield the articles of all sheets in the order of the file, with the memory of some rows.

    Where the head stands and what a column holds is found by evidence: words of several languages, check digits,
    prices. A column whose head is not known is an attribute by that name. Sheets that are no lists of articles are said
    and passed over.

    Args:
        source: The file, binary and seekable.
        findings: Takes what is to be said of it.
        name: The file's name, for sentences.

    Raises:
        Unreadable: No table, no workbook, or no sheet in which an article can be told.
    """
    lists = 0
    passed: list[str] = []
    for sheet in sheets_of(source, findings):
        first = list(islice(sheet.rows, LOOKED_AT))
        if not any(cell.text for row in first for cell in row.cells):
            continue
        head = head_of(first)
        if head is None or not head.lists_articles:
            passed.append(sheet.name or name or "the table")
            continue
        lists += 1
        reader = RowReader(head, sheet.name, first[head.begins :], findings)
        yield from reader.products(chain(first[head.begins :], sheet.rows))
        _say(sheet, reader, findings)
    if not lists:
        raise Unreadable(
            "No list of articles was found in the file: no row names columns such as article number, GTIN, name and "
            "price, and their content does not tell them either. Name the columns in a head row."
        )
    if passed:
        findings.say(f"No list of articles, and so not read: {_some(passed)}.")


def _say(sheet: Sheet, reader: RowReader, findings: Findings) -> None:
    place = f" of sheet '{sheet.name[:60]}'" if sheet.name else ""
    if reader.unpriced:
        findings.say(f"{len(reader.unpriced):,} articles{place} have no amount as price: {_some(reader.unpriced)}.")
    if reader.damaged:
        findings.say(
            f"{len(reader.damaged):,} GTINs{place} were rounded by a spreadsheet program and are lost: "
            f"{_some(reader.damaged)}. Have the column sent as text."
        )
    if reader.left_out:
        rows = [f"row {number:,}" for number in reader.left_out[:_NAMED]]
        findings.say(f"{len(reader.left_out):,} rows{place} are no articles and were left out, e.g. {', '.join(rows)}.")


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_NAMED]) + (f" and {len(texts) - _NAMED:,} more" if len(texts) > _NAMED else "")
