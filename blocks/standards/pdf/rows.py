"""Words of a page → the rows a reader sees, from top to bottom."""

from collections.abc import Iterable
from operator import itemgetter

from blocks.standards.pdf.layout import Row, Word
from blocks.standards.pdf.words import Placed

_CAP = 0.7
"""Height of a capital letter as part of the font's size: the zone above the base line that the eye follows."""
_SHARED = 0.5
"""Words stand on one row when they share this part of the lower one's zone."""


def rows_of(words: Iterable[Placed], page: int) -> tuple[Row, ...]:
    """Return the rows of one page, words from left to right; words that run upwards make rows of their own."""
    level = [(base + _CAP * word.size / 2, base, word) for word, base, turn in words if turn == 0]
    level.sort(key=itemgetter(0), reverse=True)
    rows: list[list[Word]] = []
    zone_low = zone_high = 0.0
    for _, base, word in level:
        top = base + _CAP * word.size
        shared = min(top, zone_high) - max(base, zone_low)
        if rows and shared >= _SHARED * min(top - base, zone_high - zone_low):
            rows[-1].append(word)
            if top - base > zone_high - zone_low:
                zone_low, zone_high = base, top
        else:
            rows.append([word])
            zone_low, zone_high = base, top
    return tuple(Row(page, tuple(sorted(row, key=itemgetter(1)))) for row in rows)
