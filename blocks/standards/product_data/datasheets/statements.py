"""Single lines of a data sheet that state something: 'Rated voltage: 230 V', '12-bit ADC', '2x UART', 'up to 21 V'."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from blocks.standards.product_data.datasheets.quantities import (
    NOTHING,
    Quantity,
    counted,
    dimensions_in,
    quantities_in,
    quantity_of,
)
from blocks.standards.product_data.datasheets.units import kind_of, unit_in_head
from blocks.standards.product_data.datasheets.vocabulary import any_of, vocabulary

LONGEST = 130
_LONGEST_NAME, _LONGEST_TEXT = 60, 70
_MOST_WORDS = 7
_COLON = re.compile(r"^(?P<name>[^:=]{1,80}?)\s*(?::(?!(?<=\d:)\d)|(?<![<>!])=(?=\s*[-+]?\d))\s*(?P<rest>\S.*)$")
_SENTENCE = re.compile(rf"\b(?:{any_of('lines', 'sentence')})\b", re.IGNORECASE)
_CLAIM = re.compile(any_of("lines", "claim"), re.IGNORECASE)
"""Words of advertising: their figures say nothing about the product."""
_WIFI = re.compile(r"(?:IEEE\s?)?(802\.11\s?[a-z]{1,2}(?:\s?/\s?[a-z]{1,2})+(?:/Wi-?Fi\s?\d)?)", re.IGNORECASE)
_BLUETOOTH = re.compile(
    r"\bBluetooth(?:\s?[®™])?[\s:-]*((?:BLE|LE|Low Energy|Smart)?\s?[vV]?\d\.\d)(?!\d)|^(BLE\s?\d\.\d)", re.IGNORECASE
)
_CORE = re.compile(r"\b((?:Dual |Quad |Single )?(?:ARM|Arm)?[®\s]*Cortex[®™]?[-\s][MAR]\d{1,2}\+?[A-Z]{0,2})\b")
_PROCESSOR = re.compile(r"(?:processor|microcontroller|prozessor|\bCPU|\bMCU|\bSoC)(?: cores?)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*\s")
_NUMBER_WITH_NOTE = re.compile(r"(\d+(?:[.,]\d+)?)\s*\([^()]+\)$")
_COUNT = re.compile(
    r"^(?P<count>\d{1,3}|[A-Za-zäöüß]{3,9})\s?(?P<times>[x\u00d7]\b|[x\u00d7](?=\s?\d))?\s*(?P<name>.+)$"
)
_LEAD = re.compile(r"^(?:up to|at|of|bis zu|max\.?|min\.?|typ\.?|with|mit|ca\.?|approx\.?|about)\s+", re.IGNORECASE)
_TAIL = re.compile(
    r"[\s,:@(-]*\b(?:(?:at |from )?up to|at|of|from|with|is|bis zu|von|mit|ca\.?|approx\.?|about|@)?\s*[@(:-]*\s*$",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"\b(?:up to|bis zu|max(?:imum)?\.?|at most)\b", re.IGNORECASE)
_MAX = re.compile(r"\(max\.?\)|\bmax\.?$", re.IGNORECASE)
_HEX = re.compile(r"\b0x[0-9A-Fa-f]{1,8}\b")
_BETWEEN = re.compile(r",(?!\d)|\s\+\s|\s(?:and|und|&|/)\s(?=\d)|;|[()]")
_AXES = re.compile(
    r"\(?\s*((?:L(?:ength)?|W(?:idth)?|H(?:eight)?|D(?:epth)?|B|T)\w*\.?(?:\s*[x\u00d7*/]\s*(?:[LWHDBT])\w*){1,2})(?!\w)"
)
_AXIS_NAMES = {"L": "Length", "W": "Width", "H": "Height", "D": "Depth", "B": "Width", "T": "Depth"}
_NO_NAME, _NO_BEGINNING, _NO_END = (
    frozenset(vocabulary()["lines"][name]) for name in ("no_name", "no_beginning", "no_end")
)


class Statement(NamedTuple):
    """What a line states."""

    name: str
    value: str
    unit: str = ""


def statements_in(text: str, *, under: str = "", listed: bool = False) -> tuple[Statement, ...]:
    """Return what a line states; nothing for sentences.

    Args:
        text: The line, without its bullet.
        under: The heading it stands under, for values that have no name of their own.
        listed: It is an item of a list, so that a value may stand without 'name:'.
    """
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST or NOTHING.fullmatch(plain) or _CLAIM.search(plain):
        return ()
    colon = _COLON.match(plain)
    if colon and (named := _name(colon["name"])):
        return tuple(_named(named, colon["rest"]))
    if colon and colon["name"].split(" ", 1)[0].casefold().rstrip(".:") in _NO_NAME:
        return ()
    if not listed:
        return tuple(_standards(plain)) if len(plain) < _LONGEST_NAME // 2 else ()
    found = tuple(_unnamed(plain, under))
    return found if found or not _sentence(plain) else ()


def _sentence(text: str) -> bool:
    return len(text.split()) > _MOST_WORDS and bool(_SENTENCE.search(text))


def _name(text: str) -> str:
    """Return a name without numbering, '' where it cannot be one."""
    plain = re.sub(r"^(?:\d{1,2}[.)]\s+|[a-z]\)\s+)", "", text).strip(" -\u2013•*\t")
    first = plain.split(" ", 1)[0].casefold().rstrip(".:") if plain else ""
    letters = sum(map(str.isalpha, plain))
    if (
        letters < 1
        or plain[0] in "(['\""
        or len(plain) > _LONGEST_NAME
        or first in _NO_NAME
        or plain.count(" ") > _MOST_WORDS
        or "//" in plain
    ):
        return ""
    return plain if not _SENTENCE.search(plain) or plain.count(" ") < 3 else ""  # noqa: PLR2004 - words of a name


def _named(name: str, rest: str) -> Iterator[Statement]:
    """Yield what 'name: rest' states."""
    rest = rest.strip().rstrip(";")
    if NOTHING.fullmatch(rest) or rest.startswith("//"):
        return
    if sized := _sized(name, rest):
        yield from sized
        return
    parts = [part.strip() for part in rest.split(";") if part.strip()]
    for part in parts:
        found = list(_values(name, part, many=len(parts) > 1))
        yield from found
    if not parts:
        return
    yield from _standards(rest)


def _sized(name: str, rest: str) -> list[Statement]:
    """Return length, width and height each, where a name says which is which or three are given."""
    found = dimensions_in(rest, unit_in_head(name))
    if not found or found.end < len(rest.rstrip(" .")) - _LONGEST_NAME // 2:
        return []
    unit = found.unit
    axes = re.findall(r"[LWHDBT](?=[\w.]*)", _AXES.search(name)[1]) if _AXES.search(name) else []  # type: ignore[index]  # searched twice
    axes = axes or re.findall(r"\b[LWHDBT]\b", rest[found.end - 1 :])
    whole = [Statement(re.sub(r"\s*\(.*?\)", "", name) or name, found.printed, unit)]
    if len(axes) == len(found.sizes) and len(set(axes)) == len(axes):
        whole += [Statement(_AXIS_NAMES[axis], size, unit) for axis, size in zip(axes, found.sizes, strict=True)]
    return whole


def _values(name: str, part: str, *, many: bool) -> Iterator[Statement]:
    found = quantities_in(part)
    bare = quantity_of(part)
    hexadecimal = _HEX.findall(part)
    if bare:
        unit = bare.unit or unit_in_head(name)
        yield Statement(name, bare.value, unit)
    elif hexadecimal and not found:
        for value in hexadecimal:
            yield Statement(name, value)
    elif found:
        yield from _with_quantities(name, part, found, many=many)
    elif number := _NUMBER_WITH_NOTE.match(part):
        yield Statement(name, number[1])
    elif _WIFI.search(part) or (
        len(part) <= _LONGEST_TEXT and part.count(" ") < _MOST_WORDS and not _SENTENCE.search(part)
    ):
        yield Statement(name, part)


def _with_quantities(name: str, part: str, found: tuple[Quantity, ...], *, many: bool) -> Iterator[Statement]:
    first = found[0]
    before, after = part[: first.start].strip(" (,-"), part[first.end :].strip(" ),")
    qualifier = before or (after if after and not quantities_in(after) else "")
    if many and qualifier and qualifier.count(" ") < 3:  # noqa: PLR2004 - words
        yield Statement(f"{name} {qualifier}", first.value, first.unit)
    else:
        yield Statement(
            f"{name} (max)" if _LIMIT.search(before) and "max" not in name.lower() else name, first.value, first.unit
        )
    for quantity in found[1:]:
        kind = kind_of(quantity.unit)
        if kind and kind != kind_of(first.unit) and quantity.start - first.end < _LONGEST_NAME:
            yield Statement(f"{name} {kind}", quantity.value, quantity.unit)
    for chunk in _chunks(part)[1:]:
        yield from (each for each in _quantity_first(chunk) if each.value != first.value)


def _unnamed(text: str, under: str) -> Iterator[Statement]:
    """Yield what an item of a list states without a colon."""
    yield from _standards(text)
    if _sentence(text) and not _LIMIT.search(text):
        return
    named = _PROCESSOR.search(text.rstrip(" ."))
    if named and named.start() and text[0].isalnum() and not _NUMBERED.match(text) and len(text) <= _LONGEST_TEXT:
        yield Statement("Processor", text)
    for chunk in _chunks(text):
        yield from _chunk(chunk.strip(" ."), under)


def _chunks(text: str) -> list[str]:
    """Return the parts of an enumeration; commas within brackets part nothing."""
    parts, begin, depth = [], 0, 0
    for found in _BETWEEN.finditer(text):
        if found[0] in {"(", ")"}:
            depth = max(depth + (1 if found[0] == "(" else -1), 0)
        elif not depth or ")" not in text[found.end() :]:
            parts.append(text[begin : found.start()])
            begin = found.end()
    return [part for part in (*parts, text[begin:]) if part.strip()]


def _chunk(text: str, under: str) -> Iterator[Statement]:
    bare = quantity_of(text)
    if bare and bare.unit:
        if under:
            yield Statement(under, bare.value, bare.unit)
        return
    quantities = quantities_in(text)
    if quantities and quantities[0].start == 0 and text[quantities[0].end :].lstrip().startswith("("):
        if under:
            yield Statement(under, quantities[0].value, quantities[0].unit)
        return
    yield from list(_quantity_first(text)) or list(_count_first(text)) or list(_quantity_last(text))


def _quantity_first(text: str) -> Iterator[Statement]:
    """Yield '16dBm output power' and '12 bit 350ksps ADC'."""
    plain = _LEAD.sub("", text.strip(" ()"))
    found = quantities_in(plain)
    if not found or plain[: found[0].start].strip():
        return
    rest = plain
    leading: list[Quantity] = []
    for quantity in found:
        if plain[leading[-1].end if leading else 0 : quantity.start].strip():
            break
        leading.append(quantity)
        rest = plain[quantity.end :]
    name = re.sub(r"\s*\((?:[^()]*)\)?\s*", " ", rest).strip(" ,-.):").strip()
    if not _is_name(name):
        return
    limit = " (max)" if (_MAX.search(rest) or _LIMIT.match(text)) and "max" not in name.lower() else ""
    for quantity in leading:
        yield Statement(name + limit, quantity.value, quantity.unit)


def _is_name(name: str) -> bool:
    words = name.casefold().split()
    if not words or not name[0].isalpha() or words[0] in _NO_BEGINNING or words[-1] in _NO_END:
        return False
    letters = sum(map(str.isalpha, name))
    return letters > 1 and len(words) <= _MOST_WORDS and len(name) <= _LONGEST_NAME and not _SENTENCE.search(name)


def _count_first(text: str) -> Iterator[Statement]:
    """Yield '20x GPIO', '2 UARTS' and '3x 12-bit ADC'."""
    found = _COUNT.match(text)
    number = counted(found["count"]) if found else ""
    if not found or not number or not (found["times"] or text[found.end("count")].isspace()):
        return
    name = found["name"].strip()
    inner = quantities_in(name)
    if inner and inner[0].start == 0:
        bare = name[inner[0].end :].strip(" -")
        if not _is_name(bare):
            return
        yield Statement(bare, number)
        yield Statement(bare, inner[0].value, inner[0].unit)
        return
    plain = re.sub(r"\s*\([^()]*\)?", "", name).strip(" ,.-")
    many = found["times"] or plain.split(" ")[-1].lower().endswith("s") or plain.isupper() or "/" in plain
    words = plain.count(" ") + 1
    if many and _is_name(plain) and (found["times"] or words <= 4) and not plain[0].isdigit():  # noqa: PLR2004 - words
        yield Statement(plain, number)
    elif found["times"] and _is_name(plain.split(" with ")[0]):
        yield Statement(plain.split(" with ")[0], number)


def _quantity_last(text: str) -> Iterator[Statement]:
    """Yield 'AVR CPU at up to 16 MHz' and 'Internal SRAM 2.5kB'."""
    found = quantities_in(text)
    if not found:
        return
    first = found[0]
    before = text[: first.start]
    limit = bool(_LIMIT.search(before[-12:]))
    name = before
    for _ in range(3):
        name = _TAIL.sub("", name)
    rest = text[first.end :].strip(" .)")
    if not _is_name(name) or (rest and not limit and rest.count(" ") > 3):  # noqa: PLR2004 - words after the value
        return
    yield Statement(f"{name} (max)" if limit and "max" not in name.lower() else name, first.value, first.unit)


def _standards(text: str) -> Iterator[Statement]:
    """Yield what is known by its own form: Wi-Fi and Bluetooth versions, processor cores."""
    if found := _WIFI.search(text):
        yield Statement("Wi-Fi", found[1].replace(" ", ""))
    if found := _BLUETOOTH.search(text):
        yield Statement("Bluetooth", " ".join((found[1] or found[2]).split()))
    if found := _CORE.search(text):
        yield Statement("Processor", " ".join(found[1].split()))
