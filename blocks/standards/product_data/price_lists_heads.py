"""Which row of a sheet is its head, and what each column holds: by the words of the head and by what stands below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from blocks.standards.product_data.gtins import gtin_of
from blocks.standards.product_data.price_lists_sheets import Cell, SheetRow
from blocks.standards.product_data.price_lists_words import IDENTIFYING, TELLING, Meaning, Role, folded, meaning_of
from blocks.standards.product_data.price_texts import currency_of

LOOKED_AT = 80
"""Rows from the top of a sheet within which its head and the kind of its columns are found."""
_LEAST_TELLING = 2
_MOSTLY = 0.7
_FEW = 3
_LONG_NAME = 12
_AMOUNT = re.compile(r"[-+]?\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2,4}|[-+]?\d+[.,]\d{1,4}")
_FIGURES = re.compile(r"[-+\d.,' %€$£]+")
_NUMBERED = re.compile(r"(?=.*\d)[\w./-]{3,30}")
_UNIT = re.compile(
    r"^(?P<name>.*?\S)\s*(?:[\[(]\s*(?P<unit>[^\])]{1,15}?)\s*[\])]|\bin (?P<plain>[^\W\d]{1,4}|[%°]C?))\s*$"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where it stands, what it holds and how its head names it."""

    place: int
    meaning: Meaning
    head: str = ""
    unit: str = ""
    currency: str = ""

    @property
    def role(self) -> Role:
        """Return what it holds."""
        return self.meaning.role


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a sheet.

    Attributes:
        columns: Every column.
        begins: Index, among the rows looked at, of the first row below it.
        text: The head's own words, folded: a row that repeats them is no article.
        currency: Of all prices, where the rows above or the head name one.
    """

    columns: tuple[Column, ...]
    begins: int
    text: frozenset[str] = frozenset()
    currency: str = ""

    def of(self, role: Role) -> list[Column]:
        """Return the columns of a role, the preferred one first."""
        return sorted(
            (each for each in self.columns if each.role is role), key=lambda one: (one.meaning.rank, one.place)
        )

    @property
    def lists_articles(self) -> bool:
        """Tell whether the sheet is about articles: it names them, or prices them."""
        roles = {each.role for each in self.columns}
        return (bool(roles & IDENTIFYING) and bool(roles & {Role.NAME, Role.PRICE, Role.GTIN, Role.LONG})) or (
            {Role.NAME, Role.PRICE} <= roles
        )


def head_of(rows: Sequence[SheetRow]) -> Head | None:
    """Return the head of a sheet, from its first rows; None where nothing in it looks like a list of articles."""
    best: tuple[float, Head] | None = None
    for index, row in enumerate(rows[:LOOKED_AT]):
        for head in _candidates(rows, index):
            score = _score(head, rows)
            if best is None or score > best[0]:
                best = (score, head)
        if best is not None and best[0] > 0 and index > best[1].begins + _FEW and _is_data(row.cells):
            break
    found = _by_content(best[1], rows) if best is not None and best[0] > 0 else _without_head(rows)
    return replace(found, currency=_currency(found, rows)) if found is not None else None


def _candidates(rows: Sequence[SheetRow], index: int) -> list[Head]:
    """Return what a row would say as a head, alone and with the row below it."""
    single = [cell.text for cell in rows[index].cells]
    if _is_data(rows[index].cells) or len(set(filter(None, single))) < _LEAST_TELLING:
        return []
    found = [_head(single, index + 1)]
    if index + 1 < len(rows) and not _is_data(rows[index + 1].cells):
        lower = [cell.text for cell in rows[index + 1].cells]
        if any(text and (meaning_of(text).role is not Role.OTHER or currency_of(text)) for text in lower):
            found.append(_head(_joined(single, lower), index + 2))
    return found


def _head(texts: Sequence[str], begins: int) -> Head:
    columns = tuple(_column(place, text) for place, text in enumerate(texts) if text)
    return Head(columns, begins, frozenset(filter(None, map(folded, texts))))


def _column(place: int, head: str) -> Column:
    meaning = meaning_of(head)
    found = _UNIT.match(head) if len(head) < 200 else None  # noqa: PLR2004 - characters: no head is longer
    currency = ""
    if meaning.role is Role.PRICE:
        words = re.findall(r"[A-Z]{3}\b|[€$£]", head)
        currency = next((known for word in words if (known := currency_of(word))), "")
        if not currency and re.search(r"\beuro\b", head, re.IGNORECASE):
            currency = "EUR"
        return Column(place, meaning, head, currency=currency)
    if found and meaning.role is Role.OTHER:
        return Column(place, meaning, found["name"], found["unit"] or found["plain"])
    return Column(place, meaning, head)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return a head of two rows: what stands over several columns goes before those that say too little alone."""
    joined, over = [], ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        below = lower[place] if place < len(lower) else ""
        known = bool(below) and meaning_of(below).role is not Role.OTHER
        over = (above or over) if below and not known else ""
        joined.append(below if known or above == below else f"{over} {below}" if over else above or below)
    return joined


def _score(head: Head, rows: Sequence[SheetRow]) -> float:
    """Return how well a row serves as head: the roles it names, and whether articles come below."""
    roles = [each.role for each in head.columns]
    telling = len({role for role in roles if role in TELLING})
    if telling < _LEAST_TELLING and not ({Role.GTIN, Role.ARTICLE} & set(roles) and len(roles) > 1):
        return 0.0
    known = len({(each.role, each.meaning.number) for each in head.columns if each.role is not Role.OTHER})
    below = [row for row in rows[head.begins : head.begins + 10] if any(cell.text for cell in row.cells)]
    if not below:
        return 0.0
    filled = sum(
        bool(column.place < len(row.cells) and row.cells[column.place].text) for row in below for column in head.columns
    ) / (len(below) * len(head.columns))
    longest = max(len(each.head) for each in head.columns)
    spoken = sum(" " in each.head for each in head.columns) / (10 * len(head.columns))
    return (3 * telling + known + 2 * filled + spoken) * (0.5 if longest > 80 else 1.0)  # noqa: PLR2004 - a sentence is no head


def _is_data(cells: Sequence[Cell]) -> bool:
    """Tell whether a row holds what no head does: figures, prices or GTINs."""
    return any(cell.number or gtin_of(cell.text) or _AMOUNT.fullmatch(cell.text) for cell in cells if cell.text)


def _by_content(head: Head, rows: Sequence[SheetRow]) -> Head:
    """Return the head with a column of GTINs found by its check digits, where its words name none."""
    if any(each.role is Role.GTIN for each in head.columns):
        return head
    named = {each.place: each for each in head.columns}
    for place in sorted(named):
        if named[place].role in {Role.OTHER, Role.ARTICLE} and _gtins(rows[head.begins :], place):
            others = [each for each in head.columns if each.role is Role.ARTICLE and each.place != place]
            if named[place].role is Role.ARTICLE and not others:
                continue
            meaning = Meaning(Role.GTIN, 99)
            columns = tuple(replace(each, meaning=meaning) if each.place == place else each for each in head.columns)
            return replace(head, columns=columns)
    return head


def _gtins(rows: Sequence[SheetRow], place: int) -> bool:
    texts = [row.cells[place].text for row in rows if place < len(row.cells) and row.cells[place].text]
    valid = sum(gtin_of(text) is not None and len(text) > 11 for text in texts)  # noqa: PLR2004 - eight digits may be any number
    return len(texts) >= _FEW and valid >= _MOSTLY * len(texts)


def _without_head(rows: Sequence[SheetRow]) -> Head | None:
    """Return what the columns hold by their content alone; None where no article can be told."""
    full = [row for row in rows if sum(bool(cell.text) for cell in row.cells) > 1]
    width = max((len(row.cells) for row in full), default=0)
    roles: dict[int, Role] = {}
    for place in range(width):
        texts = [row.cells[place].text for row in full if place < len(row.cells) and row.cells[place].text]
        role = _role_of(texts) if len(texts) >= _MOSTLY * len(full) else None
        if role and (role not in roles.values() or role is Role.OTHER):
            roles[place] = role
    if not (set(roles.values()) & {Role.GTIN, Role.ARTICLE}) or not set(roles.values()) & {Role.PRICE, Role.NAME}:
        return None
    if len(full) < _FEW and Role.GTIN not in roles.values():
        return None
    columns = tuple(Column(place, Meaning(role, 99)) for place, role in sorted(roles.items()))
    return Head(columns, 0)


def _role_of(texts: Sequence[str]) -> Role | None:
    def mostly(matches: Sequence[object]) -> bool:
        return sum(map(bool, matches)) >= _MOSTLY * len(texts)

    if not texts:
        return None
    if mostly([gtin_of(text) and len(text) > 7 for text in texts]):  # noqa: PLR2004 - digits
        return Role.GTIN
    if mostly([_AMOUNT.fullmatch(text.strip("€$£ ")) for text in texts]):
        return Role.PRICE
    distinct = len(set(texts)) >= _MOSTLY * len(texts)
    if distinct and mostly([_NUMBERED.fullmatch(text) for text in texts]):
        return Role.ARTICLE
    letters = sum(sum(sign.isalpha() for sign in text) for text in texts) / len(texts)
    if distinct and letters >= _LONG_NAME / 2 and mostly([not _FIGURES.fullmatch(text) for text in texts]):
        return Role.NAME
    return None


def _currency(head: Head, rows: Sequence[SheetRow]) -> str:
    """Return the currency the head or the rows above it name, where they name only one."""
    heads = {each.currency for each in head.columns if each.currency}
    if len(heads) == 1:
        return heads.pop()
    above = " ".join(cell.text for row in rows[: head.begins] for cell in row.cells if cell.text)[:2000]
    words = re.findall(r"\b[A-Z]{3}\b|[€$£]|\bEuro\b", above)
    found = {known for word in words if (known := currency_of("EUR" if word == "Euro" else word))}
    return found.pop() if len(found) == 1 else ""
