"""Words of a page → the rows a reader sees, from top to bottom."""

import math
from itertools import pairwise
from operator import itemgetter

import numpy as np

from blocks.standards.pdf.layout import Row, Word
from blocks.standards.pdf.words import Array, Words

_CAP = 0.7
"""Height of a capital letter as part of the font's size: the zone above the base line that the eye follows."""
_SHARED = 0.5
"""Words stand on one row when they share this part of the lower one's zone."""
_ALIKE, _SAME_LINE = 0.5, 0.3
"""A font less than half as high is on the row only where it stands on the same base line, give or take a part of it:
beside a tall title stand several small lines."""
_TINY = 0.1
"""Points: no font is smaller than this in arithmetic."""
_BOLD = 0.1
"""Part of the font's size by which a word is moved where it is printed twice to look bold."""
_SPACED_OUT = 4
"""So many single letters in a row may be one word set with gaps."""
_LETTER_GAP = 0.9
"""Letters that are set apart to stand out are closer than this part of their size."""


def rows_of(words: Words, page: int) -> tuple[Row, ...]:
    """Return the rows of one page, words from left to right; words that are not level make rows of their own."""
    said = np.array([bool(word) for word in words.text])
    level = np.flatnonzero((words.turns == 0) & said)
    rows = [Row(page, tuple(sorted(row, key=itemgetter(1)))) for row in _levelled(words, level)]
    if len(level) < len(words.text):
        rows += [Row(page, tuple(row)) for row in _askew(words, np.flatnonzero((words.turns != 0) & said))]
        rows.sort(key=lambda row: -row.words[0].middle)
    return tuple(rows)


def _levelled(words: Words, chosen: Array) -> list[list[Word]]:
    """Gather level words whose zones above the base line overlap, going down the page."""
    zones = np.maximum(words.sizes[chosen] * _CAP, _TINY)
    order = np.argsort(-(words.bases[chosen] + zones / 2), kind="stable")
    chosen = chosen[order]
    numbers = np.column_stack((words.bases[chosen], zones[order], words.boxes[chosen], words.sizes[chosen])).tolist()
    rows: list[list[Word]] = []
    row: list[Word] = []
    low = zone = -math.inf
    for index, (base, tall, left, bottom, right, top, size) in zip(chosen.tolist(), numbers, strict=True):
        smaller, larger = (tall, zone) if tall < zone else (zone, tall)
        shared = min(base + tall, low + zone) - max(base, low)
        if shared < _SHARED * smaller or (smaller < _ALIKE * larger and abs(base - low) > _SAME_LINE * smaller):
            row = []
            rows.append(row)
            low, zone = base, tall
        elif tall > zone:
            low, zone = base, tall
        row.append(Word(words.text[index], left, bottom, right, top, size))
    return [_put_right(row) for row in rows]


def _put_right(row: list[Word]) -> list[Word]:
    """Order a row from left to right; join letters set apart, and drop what is printed twice to look bold."""
    if len(row) == 1:
        return row
    row.sort(key=itemgetter(1))
    last = row[0]
    twice = False
    for word in row[1:]:
        twice = twice or (word[0] == last[0] and word[1] - last[1] < _BOLD * word[5])
        last = word
    if twice:
        pairs = pairwise(row)
        row = row[:1] + [word for last, word in pairs if word[0] != last[0] or word[1] - last[1] >= _BOLD * word[5]]
    if sum(len(word[0]) == 1 for word in row) >= _SPACED_OUT:
        row = _joined(row)
    return row


def _joined(row: list[Word]) -> list[Word]:
    """Join runs of single letters that are set at even distances, closer than words are: R E C H N U N G."""
    found: list[Word] = []
    run: list[Word] = []
    for word in row:
        near = run and word.left - run[-1].right < _LETTER_GAP * word.size
        if not (len(word.text) == 1 and (not run or near)):
            found += _one(run)
            run = []
        if len(word.text) == 1:
            run.append(word)
        else:
            found.append(word)
    return found + _one(run)


def _one(run: list[Word]) -> list[Word]:
    """Return a run of letters as words; a gap half as wide again as the usual one parts two of them."""
    if len(run) < _SPACED_OUT:
        return run
    gaps = sorted(word.left - last.right for last, word in pairwise(run))
    wide = max(1.5 * gaps[len(gaps) // 2], gaps[len(gaps) // 2] + 0.1 * run[0].size)
    parts = [[run[0]]]
    for last, word in pairwise(run):
        if word.left - last.right > wide:
            parts.append([])
        parts[-1].append(word)
    return [_bound(part) for part in parts]


def _bound(part: list[Word]) -> Word:
    """Return several words as one."""
    return Word(
        "".join(word.text for word in part),
        part[0].left,
        min(word.bottom for word in part),
        part[-1].right,
        max(word.top for word in part),
        part[0].size,
    )


def _askew(words: Words, chosen: Array) -> list[list[Word]]:
    """Gather words that are not level, in the order of the text: one row for each line they stand on."""
    rows: list[list[Word]] = []
    last: tuple[int, float] | None = None
    for index in chosen.tolist():
        line = int(words.turns[index]), round(float(words.bases[index]))
        left, bottom, right, top = words.boxes[index].tolist()
        word = Word(words.text[index], left, bottom, right, top, float(words.sizes[index]))
        if last is not None and line[0] == last[0] and abs(line[1] - last[1]) <= 1:
            rows[-1].append(word)
        else:
            rows.append([word])
        last = line
    return rows
