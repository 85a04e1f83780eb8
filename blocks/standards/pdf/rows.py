"""Words of a page → the rows a reader sees, from top to bottom."""

import math
from itertools import pairwise

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
    said = np.fromiter(map(bool, words.text), bool, len(words.text))
    level = (words.turns == 0) & said
    rows = _levelled(words, np.flatnonzero(level), page)
    if not level.all():
        rows += [Row(page, tuple(row)) for row in _askew(words, np.flatnonzero((words.turns != 0) & said))]
        rows.sort(key=lambda row: -row.words[0].middle)
    return tuple(rows)


def _levelled(words: Words, chosen: Array, page: int) -> list[Row]:
    """Gather level words whose zones above the base line overlap, going down the page."""
    if not len(chosen):
        return []
    line = _lines(words.bases[chosen], np.maximum(words.sizes[chosen] * _CAP, _TINY))
    order = np.lexsort((words.boxes[chosen, 0], line))
    chosen, line = chosen[order], line[order]
    texts = [words.text[index] for index in chosen.tolist()]
    sizes = words.sizes[chosen]
    placed = list(map(Word, texts, *words.boxes[chosen].T.tolist(), sizes.tolist()))
    starts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
    single = np.add.reduceat(np.fromiter(map(len, texts), np.int64, len(texts)) == 1, starts) >= _SPACED_OUT
    near = np.zeros(len(texts), dtype=bool)
    near[1:] = (line[1:] == line[:-1]) & (np.diff(words.boxes[chosen, 0]) < _BOLD * sizes[1:])
    odd = (single | (np.add.reduceat(near, starts) > 0)).tolist()
    ends = [*starts[1:].tolist(), len(texts)]
    return [
        Row(page, tuple(_put_right(placed[start:end]) if put else placed[start:end]))
        for start, end, put in zip(starts.tolist(), ends, odd, strict=True)
    ]


def _lines(bases: Array, zones: Array) -> Array:
    """Return for each word the number of its row, counted from the top; words on one base line are judged at once."""
    order = np.argsort(-(bases + zones / 2), kind="stable")
    base, zone = bases[order], zones[order]
    begins = np.concatenate(([True], (base[1:] != base[:-1]) | (zone[1:] != zone[:-1])))
    numbers = []
    number, low, tall = -1, -math.inf, 1.0
    for next_base, next_tall in zip(base[begins].tolist(), zone[begins].tolist(), strict=True):
        smaller, larger = (next_tall, tall) if next_tall < tall else (tall, next_tall)
        shared = min(next_base + next_tall, low + tall) - max(next_base, low)
        apart = shared < _SHARED * smaller or (
            smaller < _ALIKE * larger and abs(next_base - low) > _SAME_LINE * smaller
        )
        number += apart
        if apart or next_tall > tall:
            low, tall = next_base, next_tall
        numbers.append(number)
    lines = np.empty(len(order), dtype=np.int64)
    lines[order] = np.array(numbers)[np.cumsum(begins) - 1]
    return lines


def _put_right(row: list[Word]) -> list[Word]:
    """Drop what is printed twice to look bold, and join letters set apart."""
    kept = row[:1]
    for word in row[1:]:
        if word.text != kept[-1].text or word.left - kept[-1].left >= _BOLD * word.size:
            kept.append(word)
    return _joined(kept)


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
