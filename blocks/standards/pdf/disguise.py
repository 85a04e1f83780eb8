"""Figures whose font draws another digit than the text layer says: a table of letters (ToUnicode) that lies.

Only figures of three digits and more are looked at, as amounts, days, accounts and numbers are (shorter quantities are
held by price and amount), and each digit once for each font. A table may tell two glyphs as one digit; PDFium's way
back from the digit finds one of them. The other is given away by its size, and then the page itself is looked at.
"""

import ctypes
from collections import deque
from itertools import repeat
from typing import NamedTuple, Self

import numpy as np
import pypdfium2 as pdfium

from blocks.standards.pdf.digits import Likeness, likenesses, outline, seen
from blocks.standards.pdf.engine import address, call
from blocks.standards.pdf.words import Array, Frame, Words

_FEWEST, _MOSTLY = 3, 2
"""A word is a figure when it has so many digits, and so many times them are at least its signs."""
_OFF, _SPREAD = 0.02, 0.003
"""Parts of the font's size: PDFium fits outlines to a grid of 1/64; sizes of one glyph on the page are alike."""
_ALIKE = 0.005
_ACCOUNT = 15
"""Signs of the shortest account number."""
_MOST_LOOKED_AT = 50
_UNKNOWN = -1
_DOTS = 48
"""Dots that a digit is high when the page is looked at."""
_NAMED = 3
_LONGEST = 40


class Sight(NamedTuple):
    """A page as it is read.

    Attributes:
        page: The page.
        text: Address of its text page.
        frame: How it lies, turned as its words are.
        turned: Quarter turns of the frame beyond those of the page.
    """

    page: pdfium.PdfPage
    text: int
    frame: Frame
    turned: int


class _Figures(NamedTuple):
    """The digits of a page's figures: character, digit, word, and ten times the font's number plus the digit."""

    places: Array
    digits: Array
    words: Array
    keys: Array


class DrawnDigits:
    """What the fonts of a document draw for the digits; keeps the fonts until it is closed.

    Example:
        >>> with DrawnDigits(document) as drawn:
        ...     doubt = drawn.doubt(Sight(page, text, frame, turned=0), words, 1)
    """

    def __init__(self, document: pdfium.PdfDocument) -> None:
        """Begin with no font."""
        self._document = address(document.raw)
        self._held: list[int] = []
        self._numbers: dict[int, int] = {}
        self._shown = np.zeros(0, dtype=np.int64)
        self._sizes = np.zeros((0, 2))

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the fonts go."""
        for item in self._held:
            call("FPDFPageObj_Destroy")(item)
        self._held.clear()

    def doubt(self, sight: Sight, words: Words, number: int) -> str:
        """Say which figures of a page are drawn otherwise than its text layer says; '' where none is.

        Args:
            sight: The page.
            words: What its text layer says.
            number: Of the page, from 1.
        """
        figures = self._figures(sight.text, words) if len(words.digits) else None
        if figures is None:
            return ""
        self._learn(figures.keys)
        drawn = self._shown[figures.keys]
        self._look(sight, words, figures, drawn)
        return self._sentence(words, figures, drawn, number)

    def _figures(self, text: int, words: Words) -> _Figures | None:
        places, digits = words.digits.T
        which = np.searchsorted(words.first, places, side="right") - 1
        counts = np.bincount(which, minlength=len(words.text))
        few = counts < _FEWEST
        for word in np.flatnonzero(~few).tolist():
            few[word] = counts[word] * _MOSTLY < len(words.text[word])
        chosen = ~few[which]
        places, digits, which = places[chosen], digits[chosen], which[chosen]
        if not len(places):
            return None
        numbers = self._fonts_of(text, places.tolist(), counts[~few].tolist())
        keys = np.array(numbers) * 10 + digits
        if -1 not in numbers:
            return _Figures(places, digits, which, keys)
        known = keys >= 0
        return _Figures(places[known], digits[known], which[known], keys[known])

    def _fonts_of(self, text: int, places: list[int], counts: list[int]) -> list[int]:
        """Return the number of each digit's font, -1 where it has none; a word within one text object has one font."""
        owner = call("FPDFText_GetTextObject")
        fonts: dict[float | None, int] = {}
        numbers: list[int] = []
        at = 0
        for count in counts:
            first = owner(text, places[at])
            alike = owner(text, places[at + count - 1]) == first
            for item in (first,) if alike else map(owner, repeat(text), places[at : at + count]):
                number = fonts.get(item)
                if number is None:
                    number = fonts[item] = self._number(item)
                numbers += [number] * count if alike else [number]
            at += count
        return numbers

    def _number(self, item: float | None) -> int:
        """Return the number of an object's font; a new one is held, so that no other comes to lie at its address."""
        font = int(call("FPDFTextObj_GetFont")(item) or 0) if item else 0
        if not font:
            return -1
        number = self._numbers.get(font)
        if number is None:
            self._held.append(int(call("FPDFPageObj_CreateTextObj")(self._document, font, 1.0)))
            number = self._numbers[font] = len(self._numbers)
            self._shown = np.append(self._shown, np.full(10, _UNKNOWN))
            self._sizes = np.append(self._sizes, np.zeros((10, 2)), axis=0)
        return number

    def _learn(self, keys: Array) -> None:
        """Ask the fonts for the outlines that were not seen before."""
        present = np.flatnonzero(np.bincount(keys))
        fresh = present[self._shown[present] == _UNKNOWN].tolist()
        if not fresh:
            return
        fonts = list(self._numbers)
        found = likenesses([outline(fonts[key // 10], key % 10) for key in fresh])
        self._shown[fresh] = [_shown(like, key % 10) for like, key in zip(found, fresh, strict=True)]
        self._sizes[fresh] = [(like.width, like.height) if like else (0.0, 0.0) for like in found]

    def _look(self, sight: Sight, words: Words, figures: _Figures, drawn: Array) -> None:
        """Look at digits whose size is not the outline's, or not the same everywhere; set down what is drawn."""
        decisive = (words.turns == 0) & np.fromiter(map(_is_decisive, words.text), bool, len(words.text))
        at = np.flatnonzero(decisive[figures.words] & (self._sizes[figures.keys, 0] > 0))
        if not len(at):
            return
        keys, edges = figures.keys[at], _edges(sight.text, figures.places[at])
        sizes = edges[:, 1::2] - edges[:, ::2]
        if sight.frame.turns % 2:
            sizes = sizes[:, ::-1]
        sizes = sizes / np.maximum(words.sizes[figures.words[at]], 1.0)[:, None]
        one = np.zeros_like(self._sizes)
        one[keys] = sizes
        apart, spread = np.abs(sizes - self._sizes[keys]), np.abs(sizes - one[keys])
        if apart.max() <= _OFF and spread.max() <= _SPREAD:
            return
        apart = apart.max(axis=1)
        odd = np.flatnonzero((apart > _OFF) | np.isin(keys, keys[spread.max(axis=1) > _SPREAD]))
        forms = np.column_stack((keys[odd], np.rint(sizes[odd] / _ALIKE)))
        _, first, form = np.unique(forms, axis=0, return_index=True, return_inverse=True)
        for number in np.argsort(-apart[odd[first]])[:_MOST_LOOKED_AT].tolist():
            like = seen(_picture(sight, edges[odd[first[number]]]))
            same = at[odd[form.ravel() == number]]
            claimed = int(figures.digits[same[0]])
            if like and (like.other(claimed) is not None or int(like.differences.argmin()) == claimed):
                drawn[same] = _shown(like, claimed)

    def _sentence(self, words: Words, figures: _Figures, drawn: Array, number: int) -> str:
        """Name the page, its figures and the fonts; amounts first."""
        false = np.flatnonzero(drawn != figures.digits)
        if not len(false):
            return ""
        addresses = list(self._numbers)
        fonts = dict(zip(figures.words[false].tolist(), (figures.keys[false] // 10).tolist(), strict=True))
        ordered = sorted(fonts, key=lambda word: words.text[word].isdigit())
        told = [
            f"'{words.text[word][:_LONGEST]}' of the text is drawn as '{_read(words, figures, drawn, word)}'"
            f" in the font {_name(addresses[fonts[word]])}"
            for word in ordered[:_NAMED]
        ]
        more = ", and others" if len(ordered) > _NAMED else ""
        return f"Page {number} shows other digits than its text layer says: {', '.join(told)}{more}; read it by eye."


def _is_decisive(word: str) -> bool:
    """Tell whether a figure looks like an amount, a day or an account number: not every code is measured."""
    return "," in word or "." in word or len(word) >= _ACCOUNT


def _shown(like: Likeness | None, claimed: int) -> int:
    """Return the digit that is shown; the one that is said where there is no verdict."""
    other = like.other(claimed) if like else None
    return claimed if other is None else other


def _read(words: Words, figures: _Figures, drawn: Array, word: int) -> str:
    """Return a word as it is drawn."""
    signs = list(words.text[word])
    for at in np.flatnonzero(figures.words == word).tolist():
        place = int(figures.places[at] - words.first[word])
        if place < len(signs):
            signs[place] = str(drawn[at])
    return "".join(signs)[:_LONGEST]


def _edges(text: int, places: Array) -> Array:
    """Return left, right, bottom, top of what is drawn for characters, in the page's own space (n, 4)."""
    edges = np.zeros((len(places), 4))
    start, end = edges.ctypes.data, edges.nbytes
    four = (range(start + side, start + end, 32) for side in (0, 8, 16, 24))
    deque(map(call("FPDFText_GetCharBox"), repeat(text), places.tolist(), *four), maxlen=0)
    return edges


def _picture(sight: Sight, edges: Array) -> Array:
    """Return how dark each dot of a place is, from 0 to 1, rows from bottom to top; one dot if it is off the page."""
    (x1, x2), (y1, y2) = sight.frame.shown(edges[:2], edges[2:])
    left, right, bottom, top = float(min(x1, x2)), float(max(x1, x2)), float(min(y1, y2)), float(max(y1, y2))
    width, height = sight.frame.size
    if not (0 <= left < right <= width and 0 <= bottom < top <= height):
        return np.zeros((1, 1))
    scale = min(_DOTS / (top - bottom), 4 * _DOTS / (right - left))
    around = (left, bottom, width - right, height - top)
    bitmap = sight.page.render(
        scale=scale, rotation=90 * sight.turned, crop=around, grayscale=True, may_draw_forms=False
    )
    try:
        dots = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)[::-1].astype(np.float64)
    finally:
        bitmap.close()
    dark: Array = (dots.max() - dots) / max(float(np.ptp(dots)), 1.0)
    return dark


def _name(font: int) -> str:
    """Return the name of a font as the file gives it, as far as it can be printed."""
    written = ctypes.create_string_buffer(200)
    call("FPDFFont_GetBaseFontName")(font, ctypes.addressof(written), len(written))
    name = "".join(filter(str.isprintable, written.value.decode("utf-8", "replace")))
    return name[:_LONGEST] or "without a name"
