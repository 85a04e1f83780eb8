"""Free text in elements of a fixed width, so that reading gives back what was written.

Names are cut at blanks and joined by one. In running text a blank that was cut at stays at the end of its element, so
that an element without one ends a line.
"""

from collections.abc import Iterable, Iterator

TEXTS_PER_SEGMENT = 5
"""Elements 4440 in one FTX (C108)."""


def cut(text: str, width: int, count: int) -> tuple[str, ...]:
    """Return a name in at most ``count`` parts of at most ``width`` characters, cut at blanks where there are some."""
    return tuple(piece.rstrip(" ") for piece in _pieces(text, width))[:count]


def joined(parts: Iterable[str]) -> str:
    """Return a name that was cut into parts."""
    return " ".join(part for part in parts if part)


def text_elements(text: str, width: int) -> tuple[str, ...]:
    """Return a running text as elements; line breaks and blanks come back from ``running_text``."""
    elements: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n"):
        elements += _pieces(line, width) or [""]
    return tuple(elements)


def text_segments(text: str, width: int) -> Iterator[tuple[str, ...]]:
    """Yield the elements of a running text, five at a time: one FTX after the other."""
    elements = text_elements(text, width)
    for start in range(0, len(elements), TEXTS_PER_SEGMENT):
        yield elements[start : start + TEXTS_PER_SEGMENT]


def running_text(elements: Iterable[str]) -> str:
    """Return the text that ``text_elements`` took apart."""
    text = ""
    for position, element in enumerate(elements):
        text += element if not position or text.endswith(" ") else f"\n{element}"
    return text.strip()


def _pieces(line: str, width: int) -> list[str]:
    pieces: list[str] = []
    while len(line) > width:
        at = line.rfind(" ", 0, width) + 1 or width
        pieces.append(line[:at])
        line = line[at:]
    return [*pieces, line] if line else pieces
