"""The words of a line: its name, description, article numbers and GTIN."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.standards.pdf.layout import Word
from blocks.standards.printed_invoices.lines_figures import shape
from blocks.standards.printed_invoices.tables_body import Block, BodyRow
from blocks.standards.printed_invoices.tables_headers import Column
from blocks.standards.printed_invoices.tables_rows import Cell
from blocks.standards.printed_invoices.tables_totals import folded
from blocks.standards.printed_invoices.tables_words import NUMERIC, Role
from blocks.standards.printed_invoices.units import unit_code

_TEXT_ROLES = frozenset({Role.NAME, Role.ARTICLE, Role.BUYER_ARTICLE, Role.GTIN, Role.POSITION, Role.OTHER})
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_GTIN_WORD = re.compile(r"(?<!\d)(\d{8}|\d{12,14})(?!\d)")
_BUYER_ID = re.compile(
    r"(?:art\S*[ -]*nr\S*[ -]*kunde|kaufer produkt id|ihre (?:art|bestell)\S*|your (?:item|article|part|ref)\S*|"
    r"kunden\S*art\S*|c_ach|buyer (?:item|article)\S*|votre ref\S*|uw art\S*)\s*:?\s*(\S+)"
)
_SELLER_ID = re.compile(
    r"(?:art\S*[ -]*nr\S*[ -]*lief\S*|art(?:ikel)?[.\- ]*(?:nr|no|nummer)\b\.?|item (?:no|number)\.?|\bsku|"
    r"c_fo|\bref(?:erence|\.)?|codice(?: articolo)?|articulo no|artikelnummer|part no\.?)\s*:\s*(\S+)"
)
_BRACKETED = re.compile(r"^[\[*(]([A-Za-z0-9][\w./\-]{2,24})[\])*]$")
_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 1000


class Naming(NamedTuple):
    """What the words of a line say."""

    name: str
    name_at: Place | None
    description: str
    seller_id: str
    seller_id_at: Place | None
    buyer_id: str
    buyer_id_at: Place | None
    gtin: str
    gtin_at: Place | None


def place(words: Sequence[Word], page: int) -> Place:
    """Return the place of words that stand together."""
    return Place(
        page=page,
        box=(
            min(word.left for word in words),
            min(word.bottom for word in words),
            max(word.right for word in words),
            max(word.top for word in words),
        ),
        text=" ".join(word.text for word in words)[:_LONGEST_NAME],
    )


def naming(block: Block, columns: Sequence[Column]) -> Naming:
    """Return the names and numbers of a line from the rows of its block."""
    text_columns = [column for column in columns if column.role in _TEXT_ROLES]
    edge = min((column.left for column in columns if column.role in NUMERIC or column.role is Role.UNIT), default=0.0)
    parts: list[tuple[Role, Cell, int]] = []
    for row in block.rows:
        page = row.scan.row.page
        parts += [(_role(cell, text_columns, edge), cell, page) for cell in _text_cells(row)]
    named = [
        (cell, page)
        for role, cell, page in parts
        if role is Role.NAME and any(letter.isalpha() for letter in cell.text)
    ]
    if not named:
        named = [
            (cell, page) for role, cell, page in parts
            if role is Role.ARTICLE and sum(letter.isalpha() for letter in cell.text) > 2 and ":" not in cell.text  # noqa: PLR2004 - a word, no number
        ]  # fmt: skip
    name, rest = _name(_aligned(named, block))
    seller, buyer, gtin = _identifiers(parts, block)
    return Naming(
        " ".join(cell.text for cell, _ in name)[:_LONGEST_NAME],
        place([word for cell, page in name for word in cell.words if page == name[0][1]], name[0][1]) if name else None,
        " ".join(cell.text for cell, _ in rest)[:_LONGEST_DESCRIPTION],
        *seller,
        *buyer,
        *gtin,
    )


def _text_cells(row: BodyRow) -> list[Cell]:
    """Return the cells of a row without the figures that stand in columns, their signs, currencies and units."""
    taken: set[int] = set()
    for found in row.by_column.values():
        for figure in found:
            taken.update(range(figure.first, figure.last + 1))
    cells: list[Cell] = []
    words = row.scan.row.words
    starts = [column.left for column in row.columns if column.role in _TEXT_ROLES]
    run: list[Word] = []
    for index, word in enumerate(words):
        beside = index - 1 in taken and (
            unit_code(word.text) or len(word.text) <= 2 or word.text in {"EUR", "USD", "CHF"}  # noqa: PLR2004 - a sign
        )
        aligned = bool(run) and any(abs(word.left - start) < 1.5 for start in starts)  # noqa: PLR2004 - points
        gap = bool(run) and word.left - run[-1].right > (0.1 if aligned else max(row.scan.space, 0.9)) * word.size
        if index in taken or beside or gap:
            if run:
                cells.append(Cell(tuple(run), row.scan.index))
            run = [] if index in taken or beside else [word]
        else:
            run.append(word)
    if run:
        cells.append(Cell(tuple(run), row.scan.index))
    return cells


def _role(cell: Cell, columns: Sequence[Column], edge: float) -> Role:
    """Return what a cell of words holds: by the heading above it, else by the last heading that begins left of it."""
    best, most = None, 0.0
    for column in columns:
        common = min(cell.right, column.right) - max(cell.left, column.left)
        if common > most:
            best, most = column, common
    if best is not None and (best.role is not Role.POSITION or len(cell.text) <= 9):  # noqa: PLR2004 - characters of a position at most
        left_of = [column for column in columns if column.left <= cell.left + 4]
        if best.role is not Role.NAME and len(cell.words) > 3 and left_of and left_of[-1].role is Role.NAME:  # noqa: PLR2004 - words of a text
            return Role.NAME
        return best.role
    before = [column for column in columns if column.left <= cell.left + 4]
    if before and before[-1].role is not Role.POSITION:
        return before[-1].role
    return Role.NAME if not edge or cell.left < edge else Role.OTHER


def _aligned(cells: list[tuple[Cell, int]], block: Block) -> list[tuple[Cell, int]]:
    """Return the cells without those above the amount's row that do not begin where the name in that row begins."""
    at = block.anchor.scan.index
    own = next((cell for cell, _ in cells if cell.row == at), None)
    if own is None:
        return cells
    kept = [
        (cell, page) for cell, page in cells
        if cell.row >= at or abs(cell.left - own.left) < 3 or abs(cell.left + cell.right - own.left - own.right) < 4  # noqa: PLR2004 - points
    ]  # fmt: skip
    return sorted(kept, key=lambda each: each[0].row)


def _name(cells: Sequence[tuple[Cell, int]]) -> tuple[list[tuple[Cell, int]], list[tuple[Cell, int]]]:
    """Return the cells of the name and those of the description: the name ends where a label or a mark begins a row."""
    name: list[tuple[Cell, int]] = []
    for index, (cell, page) in enumerate(cells):
        first = cell.words[0].text
        label = any(word.text.endswith(":") for word in cell.words[:3]) or first in {"•", "*", "-", "–"}  # noqa: RUF001 - signs as printers set them
        if name and (label or page != name[0][1] or len(name) >= 4):  # noqa: PLR2004 - rows of a name at most
            return name, list(cells[index:])
        if not label:
            name.append((cell, page))
    return name or list(cells[:1]), [] if name else list(cells[1:])


def _identifiers(
    parts: Iterable[tuple[Role, Cell, int]], block: Block
) -> tuple[tuple[str, Place | None], tuple[str, Place | None], tuple[str, Place | None]]:
    seller: tuple[str, Place | None] = ("", None)
    buyer: tuple[str, Place | None] = ("", None)
    gtin: tuple[str, Place | None] = ("", None)
    for role, cell, page in parts:
        text = cell.text
        single = len(cell.words) == 1 or (len(cell.words) == 2 and len(text) < 16)  # noqa: PLR2004 - one number, perhaps in two parts
        if role is Role.ARTICLE and not seller[0] and single and ":" not in text:
            seller = text, place(cell.words, page)
        elif role is Role.BUYER_ARTICLE and not buyer[0] and single and ":" not in text:
            buyer = text, place(cell.words, page)
        elif role is Role.NAME and not seller[0] and (found := _BRACKETED.match(cell.words[0].text)):
            seller = found.group(1), place(cell.words[:1], page)
    for row in block.rows:
        text = row.scan.row.text
        low = folded(text) if ":" in text or "-nr" in text.casefold() else ""
        if low:
            seller = seller if seller[0] else _labelled(_SELLER_ID, low, row)
            buyer = buyer if buyer[0] else _labelled(_BUYER_ID, low, row)
        if not gtin[0]:
            gtin = _gtin(row)
    return seller, buyer, gtin


def _labelled(pattern: re.Pattern[str], low: str, row: BodyRow) -> tuple[str, Place | None]:
    found = pattern.search(low)
    if found is None:
        return "", None
    for word in row.scan.row.words:
        if folded(word.text).endswith(found.group(1)):
            printed = word.text[-len(found.group(1)) :]
            return printed, place([word], row.scan.row.page)
    return "", None


def _gtin(row: BodyRow) -> tuple[str, Place | None]:
    for index, word in enumerate(row.scan.row.words):
        if len(word.text) < 8:  # noqa: PLR2004 - the shortest GTIN
            continue
        found = _GTIN_WORD.search(word.text)
        if found is None or (shape(word.text.rstrip(".,;")) is None and ":" not in word.text):
            continue
        digits = found.group(1)
        beside = " ".join(each.text for each in row.scan.row.words[max(0, index - 2) : index + 2]).casefold()
        if "gln" in beside or not _checked(digits):
            continue
        if len(digits) >= 13 or "gtin" in beside or "ean" in beside or "upc" in beside:  # noqa: PLR2004 - shorter ones need a word
            return digits, place([word], row.scan.row.page)
    return "", None


def _checked(digits: str) -> bool:
    """Tell whether the check digit is right (GS1, modulo 10 with weights 3 and 1 from the right)."""
    if len(digits) not in _GTIN_LENGTHS or not digits.strip("0"):
        return False
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])
