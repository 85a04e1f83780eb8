"""Figures among the words of a page: amounts, quantities and percentages with every value they may have.

``1.234`` is one thousand two hundred and thirty-four to one writer and one and a quarter to another. The mark that the
document uses elsewhere decides which reading is tried first; the other one is kept for arithmetic to choose.
"""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.standards.pdf.layout import Row, TextLayer, Word
from blocks.standards.printed_invoices.units import unit_code

_MINUS = "−–‐-"  # noqa: RUF001 - signs as printers set them
_CURRENCY = r"€|\$|£|¥|eur|euro|usd|chf|gbp|fr\.|dkk|sek|nok|pln|czk|rs\.?"
_TRAILING = frozenset({"-", "−"})  # noqa: RUF001 - signs as printers set them
_Read = tuple[Decimal, Decimal | None, int]
_SHAPE = re.compile(
    rf"^(?P<before>(?:[(+=:*/{_MINUS}]|{_CURRENCY})*)"
    r"(?P<body>\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,](?:\d+|--|-|–))?|[.,]\d+)"  # noqa: RUF001 - signs as printers set them
    r"(?P<after>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = re.compile(
    rf"^(?P<minus>[{_MINUS}]?)(?P<percent>%?)(?P<tail>(?:{_CURRENCY})?)(?P<close>[);:,.*]{{0,2}})$", re.IGNORECASE
)
_SYMBOL = re.compile(rf"^(?:{_CURRENCY})$", re.IGNORECASE)
_GROUPED = re.compile(r"^\d{1,3}([.,'’\u00a0\u202f])\d{3}(?:\1\d{3})*$")  # noqa: RUF001 - signs as printers set them
_TIMES = frozenset({"x", "×", "*"})  # noqa: RUF001 - signs as printers set them
_LEADING_GROUP = re.compile(r"^[1-9]\d{0,2}$")
_GROUP = re.compile(r"^\d{3}(?P<decimals>[.,]\d{1,4})?$")
_SHORTEST_GROUP = 6  # 180,10
_DECIMAL_GROUP = re.compile(r"^\d{3}[.,]\d{2,4}(?!\d)")
_NARROW = 0.42
"""Share of the font size that a space within a figure takes at most."""
_DIGIT = re.compile(r"\d").search
_CLOCK = re.compile(r"^\d{1,3}:[0-5]\d$")


class Shape(NamedTuple):
    """What a word says as a figure before its decimal mark is decided."""

    body: str
    negative: bool
    percent: bool
    money: bool
    unit: str
    colon: bool


class Figure(NamedTuple):
    """A figure on a page; ``other`` is the second value it may have; ``unit`` the word glued to it."""

    value: Decimal
    other: Decimal | None
    places: int
    percent: bool
    money: bool
    unit: str
    text: str
    row: int
    first: int
    last: int
    page: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(page=self.page, box=(self.left, self.bottom, self.right, self.top), text=self.text)

    @property
    def centre(self) -> float:
        """Return the middle between its edges."""
        return (self.left + self.right) / 2


@lru_cache(maxsize=16384)
def shape(text: str) -> Shape | None:
    """Return what a single word says as a figure; None where it is none (dates, article numbers, telephone numbers)."""
    found = _SHAPE.match(text)
    if found is None:
        return None
    before, body, after = found["before"], found["body"], found["after"]
    unit, percent, minus, money = "", False, False, False
    tail = _AFTER.match(after)
    if tail is not None:
        minus, percent, money = bool(tail["minus"]), bool(tail["percent"]), bool(tail["tail"])
    elif after.casefold() in _TIMES or (unit_code(after) and not after[0].isdigit() and after[0] not in ".,:/"):
        unit = after
    else:
        return None
    negative = minus or any(sign in before for sign in _MINUS) or (before.startswith("(") and after.startswith(")"))
    money = money or any(letter.isalpha() or letter in "€$£¥" for letter in before)
    return Shape(re.sub(r"[.,](?:--?|–)$", "", body), negative, percent, money, unit, ":" in before)  # noqa: RUF001 - signs as printers set them


def decimal_mark(layer: TextLayer) -> str:
    """Return ``.`` or ``,``: the mark most figures of the document use before their decimals; ``,`` on a tie."""
    votes: Counter[str] = Counter()
    for page in layer.pages:
        for row in page.rows:
            for word in row.words:
                text = word.text
                if "." in text or "," in text:
                    found = shape(text)
                    if found is not None:
                        votes.update(_vote(found))
    return "." if votes["."] > votes[","] else ","


def _vote(found: Shape) -> Sequence[str]:
    body = found.body
    marks = [letter for letter in body if letter in ".,"]
    if not marks:
        return ()
    if len(set(marks)) > 1:
        return (marks[-1],) * 3
    after = len(body) - body.rindex(marks[-1]) - 1
    if len(marks) > 1:
        return (("," if marks[-1] == "." else "."),) * 2
    if after == 3 and _GROUPED.match(body):  # noqa: PLR2004 - a group of thousands
        return ()
    return (marks[-1],) * (3 if after == 2 else 1)  # noqa: PLR2004 - cents


@lru_cache(maxsize=16384)
def values(body: str, mark: str) -> _Read | None:
    """Return the likelier value, the other possible one and the number of places of a figure's body."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", body)  # noqa: RUF001 - signs as printers set them
    marks = [letter for letter in plain if letter in ".,"]
    if not marks:
        return Decimal(plain), None, 0
    if len(set(marks)) > 1:
        whole, _, decimals = plain.rpartition(marks[-1])
        if plain.count(marks[-1]) > 1:
            return None
        return Decimal(f"{re.sub('[.,]', '', whole)}.{decimals}"), None, len(decimals)
    if len(marks) > 1:
        return Decimal(plain.replace(marks[0], "")), None, 0
    whole, _, decimals = plain.partition(marks[0])
    split = Decimal(f"{whole or '0'}.{decimals}")
    if len(decimals) == 3 and 1 <= len(whole) <= 3 and whole != "0":  # noqa: PLR2004 - may be a group of thousands
        joined = Decimal(whole + decimals)
        return (split, joined, 3) if marks[0] == mark else (joined, split, 0)
    return split, None, len(decimals)


def spaced_thousands(layer: TextLayer) -> bool:
    """Tell whether the document sets thousands apart by spaces: ``1 180,10`` stands there, and no ``1.180,10``."""
    apart = 0
    for page in layer.pages:
        for row in page.rows:
            for left, right in pairwise(row.words):
                if len(right[0]) < _SHORTEST_GROUP or not right[0][0].isdigit() or not _DECIMAL_GROUP.match(right[0]):
                    continue
                if (says := shape(left.text)) and _LEADING_GROUP.match(says.body):
                    apart += right.left - left.right <= _NARROW * left.size and left.text[-1].isdigit()
    return apart > 0


def figures(row: Row, index: int, mark: str, *, spaced: bool = False) -> list[Figure]:
    """Return the figures of a row from left to right; thousands set apart by a space are joined again."""
    found: list[Figure] = []
    words = row.words
    behind = 0
    for position in [at for at, word in enumerate(words) if not word[0].isalpha() and _DIGIT(word[0])]:
        if position < behind:
            continue
        word = words[position]
        says = shape(word.text)
        if says is None:
            if ":" in word.text and _CLOCK.match(word.text):
                found.append(_clock(word, index, position, row.page))
            continue
        last, says = _joined(words, position, says, spaced=spaced)
        read = values(says.body, mark)
        if read is not None:
            found.append(_figure(row, index, (position, last), says, read))
        behind = last + 1
    return found


def _joined(words: Sequence[Word], position: int, says: Shape, *, spaced: bool) -> tuple[int, Shape]:
    """Return the last word and the whole of a figure whose thousands are set apart by spaces: ``1 356 180,10``.

    A group without decimals behind it belongs to the figure only where the document sets thousands apart so.
    """
    if not _LEADING_GROUP.match(says.body) or not words[position].text[-1].isdigit():
        return position, says
    last, body, found = position, says.body, (position, says)
    while last + 1 < len(words):
        word, following = words[last], words[last + 1]
        more = shape(following.text) if following.text[0].isdigit() else None
        if more is None or following.left - word.right > _NARROW * max(word.size, following.size):
            break
        group = _GROUP.match(more.body)
        if group is None:
            break
        last, body = last + 1, body + more.body
        joined = says._replace(body=body, percent=more.percent, money=says.money or more.money, unit=more.unit)
        if group["decimals"]:
            return last, joined
        if spaced:
            found = (last, joined)
        if not following.text[-1].isdigit():
            break
    return found


def _clock(word: Word, index: int, position: int, page: int) -> Figure:
    hours, _, minutes = word.text.partition(":")
    value = Decimal(hours) + (Decimal(minutes) / 60).quantize(Decimal("0.0001"))
    return Figure(
        value=value,
        other=None,
        places=0,
        percent=False,
        money=False,
        unit="h",
        text=word.text,
        row=index,
        first=position,
        last=position,
        page=page,
        left=word.left,
        bottom=word.bottom,
        right=word.right,
        top=word.top,
    )


def _figure(row: Row, index: int, span: tuple[int, int], says: Shape, read: _Read) -> Figure:
    words, (first, last) = row.words, span
    value, other, places = read
    used = list(words[first : last + 1])
    negative, percent, money = says.negative, says.percent, says.money
    if (
        first
        and not negative
        and words[first - 1].text in _MINUS
        and used[0].left - words[first - 1].right < used[0].size
    ):
        negative, first = True, first - 1
        used.insert(0, words[first])
    elif first and _SYMBOL.match(words[first - 1].text) and used[0].left - words[first - 1].right < used[0].size:
        money = True
    if last + 1 < len(words) and words[last + 1].left - used[-1].right < used[-1].size:
        beside = words[last + 1].text
        percent = percent or beside in {"%", "%)", "%:"}
        money = money or bool(_SYMBOL.match(beside))
        # A minus behind stands close; a dash further off only sets the next words apart.
        if beside in _TRAILING and not negative and says.money:
            negative = True
    if negative:
        value, other = -value, None if other is None else -other
    return Figure(
        value=value,
        other=other,
        places=places,
        percent=percent,
        money=money,
        unit=says.unit,
        text=used[0].text if len(used) == 1 else " ".join(word.text for word in used),
        row=index,
        first=first,
        last=last,
        page=row.page,
        left=used[0].left,
        bottom=used[0].bottom if len(used) == 1 else min(word.bottom for word in used),
        right=used[-1].right,
        top=used[0].top if len(used) == 1 else max(word.top for word in used),
    )
