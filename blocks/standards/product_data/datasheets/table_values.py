"""Rows of a data sheet's tables → attributes: limits, values, units from heads and cells, names over several rows."""

import re
from collections.abc import Iterator
from dataclasses import replace

from blocks.documents.product_data import ProductAttribute, Spot
from blocks.standards.product_data.datasheets.cells import box_of
from blocks.standards.product_data.datasheets.heads import LIMITS, Kind, is_of_models
from blocks.standards.product_data.datasheets.lists import passed_over
from blocks.standards.product_data.datasheets.quantities import NOTHING, quantities_in, quantity_of
from blocks.standards.product_data.datasheets.tables import Table, TableRow
from blocks.standards.product_data.datasheets.units import unit_in_head, unit_of, without_unit

_ABSOLUTE = re.compile(
    r"absolute[- ]maximum|absolut.{0,10}grenzwert|\bmaximum ratings?|grenzdaten|stress ratings?", re.IGNORECASE
)
_BRACKETS = re.compile(r"\s*\([^()]*\d[^()]*\)")
_IN_CELL = re.compile(r"\(([^()]*\d[^()]*)\)$")
_FOOTNOTE = re.compile(r"(?<=[\w)])\s*(?:\(\d\)|\[\d\]|[¹²³⁴⁵]|\*{1,3}|†|‡)+$")
_MOST_WORDS = 16
_REST = 4
"""Characters after a value that may be a mark."""
_MOST_EXTRA = 6
"""Words of a description beside a label; a longer one is left out of the name."""
_LEADERS = re.compile(r"\.{4,}")


def values_of(table: Table, about: str) -> Iterator[ProductAttribute]:
    """Yield the attributes a table states; none of a foreign one.

    Args:
        table: The table.
        about: Title and part number of the sheet, by which the column of its model is chosen.
    """
    table = _of_one_model(table, about)
    limits, values = table.columns(*LIMITS), table.columns(Kind.VALUE)
    names = table.columns(Kind.NAME) or table.columns(Kind.OTHER)[:1] or table.columns(Kind.SYMBOL)
    if not limits and not values and len(table.heads) == 2:  # noqa: PLR2004 - name and value
        values = [place for place in range(2) if place not in names][:1]
    unusable = table.foreign or passed_over(table.title) or (is_of_models(table.heads) and not values)
    if unusable or not names or not (limits or values):
        return
    suffix = " (absolute maximum)" if _ABSOLUTE.search(table.title) else ""
    for row, name, unit in _named(table, names, [*limits, *values]):
        found = _limits(table, row, limits) if limits else _value(table, row, values)
        if found is not None and name and len(name.split()) <= _MOST_WORDS and not _LEADERS.search(name):
            yield _attribute(row, f"{name}{suffix}", (*found[:4], found[4] or unit))


def _of_one_model(table: Table, about: str) -> Table:
    """Return a table of several models as one of the model the sheet is about; any other as it is."""
    model = _model(table, about) if is_of_models(table.heads) else None
    if model is None:
        return table
    heads = [replace(head, kind=Kind.VALUE if at == model else Kind.OTHER) for at, head in enumerate(table.heads)]
    return replace(table, heads=(replace(heads[0], kind=Kind.NAME), *heads[1:]))


def _named(table: Table, names: list[int], valued: list[int]) -> Iterator[tuple[TableRow, str, str]]:
    """Yield the rows that have values with their names, and the unit they share with others, if any.

    A row without a name of its own has that of the row above it, else that of its group; rows of one block share a
    name that goes on beside them. Such rows are told apart by their conditions.
    """
    last = group = ""
    blocks: dict[int, list[TableRow]] = {}
    for row in table.rows:
        blocks.setdefault(row.block, []).append(row)
    spoken = {
        number: " ".join(filter(None, (_name(table, each, names) for each in block[:_MOST_WORDS])))
        for number, block in blocks.items()
    }
    for row in table.rows:
        block, own = blocks[row.block], spoken[row.block]
        if not any(row.cells[place] for place in valued):
            group, last = (own if len(own.split()) < _MOST_WORDS else group), ""
            continue
        name = own or last or group
        last = name
        unit = (
            next((unit for each in block[:_MOST_WORDS] if (unit := _unit(table, each))), "") if len(block) > 1 else ""
        )
        yield row, _told_apart(table, row, name) if len(block) > 1 or not own else name, unit


def _model(table: Table, about: str) -> int | None:
    """Return the column of the model that the sheet is about, None where it is about all or none of them."""
    plain = re.sub(r"\W", "", about).casefold()
    found = [at for at, head in enumerate(table.heads) if at and re.sub(r"\W", "", head.text).casefold() in plain]
    return found[0] if len(found) == 1 else None


def _name(table: Table, row: TableRow, names: list[int]) -> str:
    parts = [text for place in names if (text := row.text(place))]
    text = " ".join(part for at, part in enumerate(parts) if not at or len(part.split()) <= _MOST_EXTRA)
    if not text:
        text = " ".join(filter(None, (row.text(place) for place in table.columns(Kind.SYMBOL))))
    return _FOOTNOTE.sub("", text).strip(" :")


def _told_apart(table: Table, row: TableRow, name: str) -> str:
    """Return a name that several rows share with the row's condition."""
    parts = [row.text(place) for place in table.columns(Kind.CONDITION)]
    parts += [found[1] for place in table.columns(*LIMITS) if (found := _IN_CELL.search(row.text(place)))]
    said = " ".join(filter(None, parts))
    return f"{name} ({said})" if said and len(said) < 80 else name  # noqa: PLR2004 - characters of a condition


Found = tuple[str, str, str, str, str]
"""Value, minimum, typical, maximum and unit."""


def _limits(table: Table, row: TableRow, limits: list[int]) -> Found | None:
    said: dict[Kind, str] = {}
    unit = _unit(table, row)
    for place in limits:
        text = row.text(place).strip()
        if not text or NOTHING.fullmatch(text):
            continue
        plain = _BRACKETS.sub("", _FOOTNOTE.sub("", text)).strip() or text
        bare = quantity_of(plain)
        if bare:
            unit = unit or bare.unit or table.heads[place].unit
            plain = bare.value if bare.unit else plain
        elif (
            (found := quantities_in(plain))
            and len(found) == 1
            and found[0].start == 0
            and len(plain) - found[0].end < _REST
        ):
            unit, plain = unit or found[0].unit, found[0].value
        elif not any(map(str.isdigit, plain)) and plain.count(" ") > 2:  # noqa: PLR2004 - a text that slipped in
            continue
        said[table.heads[place].kind] = plain
    if not any(map(str.isdigit, "".join(said.values()))):
        return None
    unit = unit or next((table.heads[place].unit for place in limits if table.heads[place].unit), "")
    return "", said.get(Kind.MIN, ""), said.get(Kind.TYP, ""), said.get(Kind.MAX, ""), unit


def _value(table: Table, row: TableRow, values: list[int]) -> Found | None:
    place = next((each for each in values if row.cells[each]), None)
    if place is None:
        return None
    text = _FOOTNOTE.sub("", row.text(place)).strip()
    if not text or NOTHING.fullmatch(text) or len(text.split()) > _MOST_WORDS:
        return None
    unit = _unit(table, row) or table.heads[place].unit
    bare = quantity_of(text)
    if bare:
        return bare.value, "", "", "", bare.unit or unit
    return text, "", "", "", "" if quantities_in(text) else unit


def _unit(table: Table, row: TableRow) -> str:
    """Return the unit of a row: of its own column, else what its name states."""
    for place in table.columns(Kind.UNIT):
        text = row.text(place).strip().strip("[]()")
        if text and not NOTHING.fullmatch(text):
            return unit_of(text) or text
    names = table.columns(Kind.NAME, Kind.OTHER)
    return next((unit for place in names if (unit := unit_in_head(row.text(place)))), "")


def _attribute(row: TableRow, name: str, found: Found) -> ProductAttribute:
    value, low, typical, high, unit = found
    words = [word for cell in row.cells for word in cell]
    return ProductAttribute(
        name=without_unit(name) or name,
        value=value,
        unit=unit,
        minimum=low,
        typical=typical,
        maximum=high,
        source="table",
        spot=Spot(page=row.page, box=box_of(words)),
    )
