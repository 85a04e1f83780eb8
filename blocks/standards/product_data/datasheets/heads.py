"""Heads of tables in data sheets: what each column holds, and which tables hold no values of the product."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from blocks.standards.pdf.layout import Word
from blocks.standards.product_data.datasheets.cells import joined
from blocks.standards.product_data.datasheets.units import unit_in_head, unit_of
from blocks.standards.product_data.datasheets.vocabulary import vocabulary

HEAD_GAP = 0.75
"""Words of a head further apart than this part of their size belong to different columns."""


class Kind(StrEnum):
    """What a column holds."""

    NAME = "name"
    SYMBOL = "symbol"
    MIN = "min"
    TYP = "typ"
    MAX = "max"
    VALUE = "value"
    UNIT = "unit"
    CONDITION = "condition"
    FOREIGN = "foreign"
    """Pins, dates, order numbers, addresses: what tables are about that hold no values of the product."""
    OTHER = "other"


LIMITS = (Kind.MIN, Kind.TYP, Kind.MAX)
_PATTERNS = tuple(
    (Kind(entry["kind"]), re.compile("|".join(entry["words"]), re.IGNORECASE)) for entry in vocabulary()["heads"]
)
_NOTE = re.compile(r"\s*[\[(][^\])]*[\])]\s*|[*¹²³]+$")
_ALSO = frozenset(
    {
        "function",
        "type",
        "port",
        "reference",
        "quantity",
        "bits",
        "bit",
        "code",
        "connector",
        "link",
        "terminal",
        "step",
        "qty",
        "address",
    }
)
"""Heads that make a table foreign only beside another such head."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: what it holds, its words, and where it stands."""

    kind: Kind
    text: str
    left: float
    right: float
    unit: str = ""

    @property
    def middle(self) -> float:
        """Return the middle between its edges."""
        return (self.left + self.right) / 2


@lru_cache(maxsize=4096)
def kind_of_head(text: str) -> Kind:
    """Return what a column of this head holds."""
    plain = " ".join(_NOTE.sub(" ", text).split()).strip(" :.*")
    for kind, pattern in _PATTERNS:
        if pattern.fullmatch(plain) or pattern.fullmatch(f"{plain}."):
            return kind
    first = plain.split(" ", 1)[0].casefold().rstrip(".,") if plain else ""
    limited = {
        "min": Kind.MIN,
        "minimum": Kind.MIN,
        "max": Kind.MAX,
        "maximum": Kind.MAX,
        "typ": Kind.TYP,
        "typical": Kind.TYP,
    }
    if first in limited and len(plain.split()) < 4:  # noqa: PLR2004 - 'Min. voltage'
        return limited[first]
    return Kind.OTHER


def heads_in(words: Sequence[Word]) -> tuple[Head, ...]:
    """Return the heads in a row of words: parted by gaps, and where known words follow each other."""
    groups: list[list[Word]] = []
    for word in words:
        near = groups and word.left - groups[-1][-1].right <= HEAD_GAP * max(word.size, groups[-1][-1].size)
        if near and not _begins_column(groups[-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(head_of(group) for group in groups)


def _begins_column(before: Sequence[Word], word: Word) -> bool:
    """Tell whether two limits or a limit and a unit follow each other as close as words do."""
    kinds = (*LIMITS, Kind.UNIT)
    return kind_of_head(joined(before)) in kinds and kind_of_head(word.text) in (*kinds, Kind.CONDITION)


def head_of(words: Sequence[Word]) -> Head:
    """Return words as a head."""
    text = joined(words)
    return Head(
        kind_of_head(text),
        text,
        min(word.left for word in words),
        max(word.right for word in words),
        unit_in_head(text) or implied_unit(text),
    )


def is_table(heads: Sequence[Head]) -> bool:
    """Tell whether heads are those of a table: at least two, with limits or a name beside a value or unit."""
    kinds = [head.kind for head in heads]
    limits = sum(kind in LIMITS for kind in kinds)
    if limits >= 2 or (limits and len(kinds) > 1 and set(kinds) & {Kind.NAME, Kind.SYMBOL, Kind.UNIT, Kind.CONDITION}):  # noqa: PLR2004
        return True
    has_name = bool(set(kinds) & {Kind.NAME, Kind.SYMBOL})
    return (has_name and bool(set(kinds) & {Kind.VALUE, Kind.UNIT})) or (
        kinds.count(Kind.NAME) > 1 and Kind.FOREIGN not in kinds
    )


def settled(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Return heads of which, where several could name and none holds values, the last one holds the values."""
    kinds = [head.kind for head in heads]
    if kinds.count(Kind.NAME) < 2 or {Kind.VALUE, *LIMITS} & set(kinds):  # noqa: PLR2004
        return tuple(heads)
    last = len(kinds) - 1 - kinds[::-1].index(Kind.NAME)
    return tuple(replace(head, kind=Kind.VALUE) if at == last else head for at, head in enumerate(heads))


def is_of_models(heads: Sequence[Head]) -> bool:
    """Tell whether heads are a name and several models, each of which has a column of values."""
    models = [head for head in heads[1:] if head.kind in {Kind.OTHER, Kind.NAME} and any(map(str.isdigit, head.text))]
    return len(heads) > 2 and heads[0].kind in {Kind.NAME, Kind.VALUE} and len(models) == len(heads) - 1  # noqa: PLR2004


def is_foreign(heads: Sequence[Head]) -> bool:
    """Tell whether heads are those of a table that holds no values: pins, order numbers, revisions, registers."""
    kinds = [head.kind for head in heads]
    if any(kind in LIMITS for kind in kinds) or len(heads) < 2:  # noqa: PLR2004 - a table has two columns
        return False
    foreign = [head for head in heads if head.kind is Kind.FOREIGN]
    sure = [head for head in foreign if head.text.casefold().strip(" .") not in _ALSO]
    known = sum(kind is not Kind.OTHER for kind in kinds)
    return (bool(sure) and known >= 2) or len(foreign) > 1  # noqa: PLR2004 - one word alone may stand anywhere


def implied_unit(text: str) -> str:
    """Return the unit a head implies by its quantity: voltages without one are in volts."""
    return "V" if re.search(r"\b(?:voltage|spannung|tension)\b", text, re.IGNORECASE) else ""


def bare_unit(head: Head) -> bool:
    """Tell whether a head is nothing but a unit, as a second row of heads may be."""
    return bool(unit_of(head.text))
