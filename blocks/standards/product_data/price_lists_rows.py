"""Rows below the head of a price list → product data; rows that are no articles are told apart."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from blocks.documents.product_data import ProductAttribute, ProductData, ProductMedium, ProductText, Spot
from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.gtins import check_digit, gtin_of
from blocks.standards.product_data.price_lists_heads import Column, Head
from blocks.standards.product_data.price_lists_sheets import BLANK, Cell, SheetRow
from blocks.standards.product_data.price_lists_words import Role, folded
from blocks.standards.product_data.price_texts import currency_of, price_in

_TOTAL = re.compile(
    r"(?:zwischen|gesamt|end|sub|grand )?\s?(?:summe|total|totale|somme|suma|totaal|gesamt|sum)s?\b.*", re.IGNORECASE
)
_SCIENTIFIC = re.compile(r"(\d)[.,]?(\d*)E\+?(\d{1,2})", re.IGNORECASE)
_MOST_POWER = 14
_LONGEST_ADDRESS = 2000
_ALTERNATIVE = re.compile(r"\s*[;|]\s*")
_AVAILABLE = {
    "InStock": {"ja", "yes", "oui", "si", "auf lager", "ab lager", "lieferbar", "in stock", "instock", "available",
                "verfugbar", "sofort lieferbar", "disponible", "en stock", "true"},
    "OutOfStock": {"nein", "no", "non", "nicht lieferbar", "out of stock", "outofstock", "ausverkauft", "sold out",
                   "nicht verfugbar", "false"},
    "Discontinued": {"auslauf", "auslaufartikel", "discontinued", "end of life", "eol"},
    "PreOrder": {"vorbestellbar", "preorder", "pre order"},
}  # fmt: skip
"""Names of schema.org/ItemAvailability → what lists say, folded."""


class RowReader:
    """Reads the rows of one sheet by its head."""

    def __init__(self, head: Head, sheet: str, sample: Iterable[SheetRow], findings: Findings) -> None:
        """Prepare; the sample shows how the list writes its decimals."""
        self._head, self._sheet, self._findings = head, sheet, findings
        self._columns = {role: head.of(role) for role in Role}
        self._prices = _preferred(self._columns[Role.PRICE])
        self._decimal = _decimal_mark(sample, self._columns[Role.PRICE])
        self._category = ""
        self._last = ""
        self.unpriced: list[str] = []
        self.left_out: list[int] = []
        self.damaged: list[str] = []

    def products(self, rows: Iterable[SheetRow]) -> Iterator[ProductData]:
        """Yield one product for each row that is an article."""
        for row in rows:
            filled = [cell.text for cell in row.cells if cell.text]
            if not filled or self._repeats_head(filled):
                continue
            if _TOTAL.match(filled[0]) and not self._text(row, Role.GTIN):
                continue
            if len(set(filled)) == 1 and (len(self._head.columns) > 2 or len(filled) > 1):  # noqa: PLR2004
                self._category = filled[0] if any(map(str.isalpha, filled[0])) else self._category
                continue
            product = self._product(row)
            if product is not None:
                yield product

    def _repeats_head(self, filled: list[str]) -> bool:
        words = {folded(text) for text in filled}
        return bool(self._head.text) and len(words & self._head.text) > 1 and words <= self._head.text

    def _product(self, row: SheetRow) -> ProductData | None:
        number, mpn = self._text(row, Role.ARTICLE), self._text(row, Role.MPN)
        gtin, name = self._gtin(row), self._text(row, Role.NAME)
        price, currency = self._price(row, number or gtin or name)
        if not (number or mpn or gtin or (name and price is not None)):
            self.left_out.append(row.number)
            return None
        if self._columns[Role.STEP] and number and number == self._last:
            return None  # a further step of quantity of the same article
        self._last = number
        return ProductData(
            name=name or None,
            gtin=gtin or None,
            mpn=mpn or None,
            brand=self._text(row, Role.BRAND) or None,
            price=price,
            currency=currency if price is not None else None,
            availability=self._availability(row),
            supplier_article_id=number or None,
            attributes=tuple(self._attributes(row)),
            texts=tuple(self._texts(row)),
            media=tuple(self._media(row)),
            category=self._text(row, Role.CATEGORY) or self._category or None,
            spots={"supplier_article_id": Spot(selector=self._place(row, None))},
        )

    def _text(self, row: SheetRow, role: Role) -> str:
        """Return the first filled cell of a role, in the order of preference."""
        return next((text for each in self._columns[role] if (text := _at(row, each).text)), "")

    def _place(self, row: SheetRow, column: Column | None) -> str:
        sheet = f"{self._sheet}!" if self._sheet else ""
        return f"{sheet}R{row.number}" + (f"C{column.place + 1}" if column else "")

    def _gtin(self, row: SheetRow) -> str:
        """Return the first GTIN whose check digit holds, else the first number given; rounded ones are none."""
        found = ""
        for column in self._columns[Role.GTIN]:
            for text in _ALTERNATIVE.split(_at(row, column).text):
                plain = self._plain_gtin(text, row)
                if plain and gtin_of(plain):
                    return plain
                found = found or plain
        return found

    def _plain_gtin(self, text: str, row: SheetRow) -> str:
        rounded = _SCIENTIFIC.fullmatch(text)
        if rounded:
            whole, rest, power = rounded[1], rounded[2].rstrip("0"), int(rounded[3])
            digits = (whole + rest).ljust(power + 1, "0")
            if power <= _MOST_POWER and len(rest) >= power - 2 and gtin_of(digits):
                return digits
            self.damaged.append(f"row {row.number:,} ({text[:20]})")
            return ""
        if text.endswith(".0") and text[:-2].isdecimal():
            text = text[:-2]
        if text.isdecimal() and len(text) in {9, 10, 11} and text.isascii():
            padded = text.zfill(13)
            return padded if check_digit(padded[:-1]) == padded[-1] else text
        return text

    def _price(self, row: SheetRow, named: str) -> tuple[Decimal | None, str | None]:
        said = ""
        for column in self._prices:
            cell = _at(row, column)
            if not cell.text:
                continue
            amount, currency = self._amount(cell)
            if amount is not None:
                stated = currency or self._stated_currency(row, column) or cell.currency or column.currency
                return amount, stated or self._head.currency or None
            said = said or cell.text
        if said:
            self.unpriced.append(f"'{named[:40]}' ('{said[:30]}')")
        return None, None

    def _stated_currency(self, row: SheetRow, price: Column) -> str:
        """Return what the column of currencies says that belongs to a price: of the same number, else the only one."""
        columns = self._columns[Role.CURRENCY]
        own = [each for each in columns if each.meaning.number == price.meaning.number] or columns
        text = next((text for each in own if (text := _at(row, each).text)), "")
        return (currency_of(text) or text.upper()) if text and len(text) < 5 else ""  # noqa: PLR2004 - EUR, €, Euro

    def _amount(self, cell: Cell) -> tuple[Decimal | None, str]:
        if cell.number:
            return _decimal(cell.text), ""
        found = price_in(cell.text)
        if found is None:
            return None, ""
        words = re.sub(r"[\d.,'\s-]", "", cell.text[: found.start] + cell.text[found.end :])
        if len(words) > 12:  # noqa: PLR2004 - letters: a sentence with a figure in it is no price
            return None, ""
        if self._decimal:
            other = "," if self._decimal == "." else "."
            digits = re.sub(r"[^\d.,-]", "", cell.text).strip(".,").replace(other, "").replace(self._decimal, ".")
            amount = _decimal(digits.rstrip("-"))
            return (amount if amount is not None else found.amount), found.currency or ""
        negative = cell.text.lstrip().startswith("-")
        return (-found.amount if negative else found.amount), found.currency or ""

    def _attributes(self, row: SheetRow) -> Iterator[ProductAttribute]:
        for column in self._columns[Role.OTHER]:
            text = _at(row, column).text
            if text and column.head:
                yield ProductAttribute(
                    name=column.head, value=text, unit=column.unit, source="column", spot=self._spot(row, column)
                )
        values = {each.meaning.number: each for each in self._columns[Role.ATTRIBUTE_VALUE]}
        units = {each.meaning.number: each for each in self._columns[Role.ATTRIBUTE_UNIT]}
        for column in sorted(self._columns[Role.ATTRIBUTE_NAME], key=lambda each: each.place):
            value = values.get(column.meaning.number)
            name, text = _at(row, column).text, _at(row, value).text if value else ""
            if name and text and value:
                unit = units.get(column.meaning.number)
                yield ProductAttribute(
                    name=name,
                    value=text,
                    unit=_at(row, unit).text if unit else "",
                    source="columns",
                    spot=self._spot(row, value),
                )

    def _spot(self, row: SheetRow, column: Column) -> Spot:
        return Spot(selector=self._place(row, column)[:500])

    def _texts(self, row: SheetRow) -> Iterator[ProductText]:
        for role, kind in ((Role.NAME, "short"), (Role.LONG, "long"), (Role.KEYWORD, "keyword")):
            for column in self._columns[role]:
                if text := _at(row, column).text:
                    yield ProductText(kind=kind, text=text)

    def _media(self, row: SheetRow) -> Iterator[ProductMedium]:
        purposes = {
            each.meaning.number: each for each in self._columns[Role.MEDIUM_PURPOSE] if "purpose" in folded(each.head)
        }
        for column in self._columns[Role.MEDIUM]:
            address = _at(row, column).text
            purpose = purposes.get(column.meaning.number)
            if address and len(address) <= _LONGEST_ADDRESS:
                yield ProductMedium(address=address, purpose=_at(row, purpose).text if purpose else "")

    def _availability(self, row: SheetRow) -> str | None:
        said = folded(self._text(row, Role.AVAILABILITY))
        return next((name for name, words in _AVAILABLE.items() if said in words), None) if said else None


def _at(row: SheetRow, column: Column) -> Cell:
    return row.cells[column.place] if column.place < len(row.cells) else BLANK


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 20 else None  # noqa: PLR2004 - digits of an amount


def _preferred(columns: list[Column]) -> list[Column]:
    """Return the columns of prices: list prices first, of steps the smallest quantity's."""
    return sorted(columns, key=lambda each: (each.meaning.rank, int(each.meaning.number or 0), each.place))


def _decimal_mark(sample: Iterable[SheetRow], columns: list[Column]) -> str:
    """Return the mark before the decimals where the list's prices agree on one, '' where they do not tell."""
    votes = {".": 0, ",": 0}
    for row in sample:
        for column in columns:
            cell = _at(row, column)
            marks = "" if cell.number else re.sub(r"[^\d.,]", "", cell.text)
            last = max(votes, key=marks.rfind)
            tail = len(marks) - marks.rfind(last) - 1 if last in marks else 0
            both = "." in marks and "," in marks
            if last in marks and marks.count(last) == 1 and (both or tail in {1, 2}):
                votes[last] += 1
    chosen = max(votes, key=lambda mark: votes[mark])
    other = "," if chosen == "." else "."
    return chosen if votes[chosen] and not votes[other] else ""
