"""What a certificate says and when it closes. Pure: figures and ids in, a verdict with its reasons out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from blocks.errors import WrongUse

MOST_NAMED = 20
"""Ids named in a sentence; the certificate itself holds all of them."""


@dataclass(frozen=True)
class Window:
    """From ``since`` to before ``until``, both aware."""

    since: datetime
    until: datetime

    def from_begin(self, begin: datetime) -> "Window":
        """Return the part of the window in which SOMS already took orders in.

        Raises:
            WrongUse: There is none.
        """
        if self.until <= begin:
            raise WrongUse(
                f"SOMS takes orders from this source in since {begin:%Y-%m-%d %H:%M} UTC: choose a later window."
            )
        return Window(max(self.since, begin), self.until)


def day_window(day: date, zone: str) -> Window:
    """Return the merchant's day as a window: 23 or 25 hours when the clocks change."""
    place = ZoneInfo(zone)
    start, end = (datetime.combine(each, time(), place) for each in (day, day + timedelta(days=1)))
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def yesterday(now: datetime, zone: str) -> date:
    """Return the day before today where the merchant is."""
    return now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)


@dataclass(frozen=True)
class Counts:
    """What was received, and what became of it; every delivery is in exactly one of the seven."""

    received: int = 0
    accepted: int = 0
    put_aside: int = 0
    rejected: int = 0
    duplicates: int = 0
    superseded: int = 0
    ignored: int = 0
    unjudged: int = 0

    @property
    def accounted(self) -> int:
        """Return the sum of what became of it."""
        return (
            self.accepted + self.put_aside + self.rejected + self.duplicates + self.superseded + self.ignored
            + self.unjudged
        )  # fmt: skip

    def equation(self) -> str:
        """Return the equation in words, parts that are zero left out."""
        parts = (
            (self.accepted, "accepted"), (self.put_aside, "put aside"), (self.rejected, "rejected"),
            (self.duplicates, "duplicates"), (self.superseded, "superseded"), (self.ignored, "ignored"),
            (self.unjudged, "not judged yet"),
        )  # fmt: skip
        right = " + ".join(f"{count} {name}" for count, name in parts if count) or "0"
        return f"{self.received} received {'=' if self.received == self.accounted else '≠'} {right}"


@dataclass(frozen=True)
class Reason:
    """Why a certificate does not close; ``heals`` when nobody has to do anything about it."""

    text: str
    heals: bool = False


@dataclass(frozen=True)
class Books:
    """What SOMS's own tables say of a window.

    Attributes:
        counts: What was received and what became of it.
        stuck: Records nobody has judged for more than an hour.
        without_order: Ids of accepted records that no order belongs to.
        surplus: Ids of orders that SOMS has and the source does not list.
    """

    counts: Counts
    stuck: int = 0
    without_order: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """What the source says of a window.

    Attributes:
        count: How many orders or records it counts; None when it does not.
        listed: How many it lists; None when it does not.
        missing: Ids it knows and SOMS did not.
        gaps: Ids between its first and its last that it does not list, as ``4712`` or ``4712-4719``.
        elsewhere: Those of them that are orders of another store or another time.
        open_items: What else is unfinished there, in sentences.
        notes: What is worth knowing and is no fault, in sentences.
    """

    count: int | None = None
    listed: int | None = None
    missing: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    open_items: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """One source, one window: what came, what became of it, and whether that is all there was."""

    source: str
    window: Window
    claim: Claim
    books: Books
    fetched: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def closes(self) -> bool:
        """Return whether nothing is open."""
        return not self.reasons

    @property
    def alarming(self) -> bool:
        """Return whether a person has to look."""
        return any(not reason.heals for reason in self.reasons)

    def sentence(self) -> str:
        """Return the certificate in one sentence, for the log and the artifact."""
        window = f"{self.window.since:%Y-%m-%d %H:%M} to {self.window.until:%Y-%m-%d %H:%M} UTC"
        told = f"{self.source}, {window}: {self.books.counts.equation()}"
        if self.closes:
            return f"{told}. Complete."
        return f"{told}. Open: {' '.join(reason.text for reason in self.reasons)}"


def certificate(
    source: str, window: Window, claim: Claim, books: Books, fetched: Sequence[str], *, fetching: bool
) -> Certificate:
    """Return the certificate with every reason why it does not close."""
    reasons = (
        *_books_disagree(books), *_source_disagrees(claim), *_missing(claim, fetched, fetching=fetching),
        *claim.open_items, *_unjudged(books, len(fetched)),
    )  # fmt: skip
    return Certificate(source, window, claim, books, tuple(fetched), reasons)


def _books_disagree(books: Books) -> Iterable[Reason]:
    if books.counts.received != books.counts.accounted:
        yield Reason(f"The books do not add up: {books.counts.equation()}. Run soms audit verify.")
    if books.without_order:
        yield Reason(
            f"{_count(books.without_order, 'record was', 'records were')} accepted without an order in the books:"
            f" {named(books.without_order)}. Run soms audit verify."
        )


def _source_disagrees(claim: Claim) -> Iterable[Reason]:
    if claim.count is not None and claim.listed is not None and claim.count != claim.listed:
        yield Reason(
            f"The source counts {claim.count} and lists {claim.listed}, also when asked again: one of its answers is"
            " wrong. Certify the window once more, and ask its operator if that stays so."
        )


def _missing(claim: Claim, fetched: Sequence[str], *, fetching: bool) -> Iterable[Reason]:
    if fetched:
        yield Reason(
            f"{_count(fetched, 'order was', 'orders were')} missing and fetched: {named(fetched)}. The next order"
            " intake judges them.",
            heals=True,
        )
    left = sorted_ids(set(claim.missing) - set(fetched))
    if left and fetching:
        yield Reason(
            f"{_count(left, 'order is', 'orders are')} missing and could not all be fetched yet: {named(left)}. Certify"
            " the window once more."
        )
    elif left:
        yield Reason(
            f"{_count(left, 'order is', 'orders are')} missing: {named(left)}. Certify the window with Fetch switched"
            " on to bring them in."
        )


def _unjudged(books: Books, just_fetched: int) -> Iterable[Reason]:
    if books.stuck:
        yield Reason(
            f"{books.stuck} records have not been judged for more than an hour: see whether order intake runs."
        )
    waiting = books.counts.unjudged - books.stuck - just_fetched
    if waiting > 0:
        yield Reason(f"{waiting} records are not judged yet: the next order intake does it.", heals=True)


def gap_ranges(ids: Iterable[str]) -> list[tuple[int, int]]:
    """Return the runs of numbers between the smallest and the largest id that are none of them; others are left out."""
    numbers = sorted({int(each) for each in ids if each.isascii() and each.isdigit()})
    return [(before + 1, after - 1) for before, after in pairwise(numbers) if after - before > 1]


def numbers_in(ranges: Iterable[tuple[int, int]], most: int) -> list[str]:
    """Return the first ``most`` numbers of some runs, as ids."""
    found: list[str] = []
    for first, last in ranges:
        found += map(str, range(first, min(last, first + most - len(found) - 1) + 1))
        if len(found) >= most:
            break
    return found


def as_text(ranges: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Return runs of numbers as ``4712`` or ``4712-4719``."""
    return tuple(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def sorted_ids(ids: Iterable[str]) -> list[str]:
    """Return ids in the order of people: numbers by size, others after them."""
    return sorted(ids, key=lambda each: (not each.isdigit(), len(each) if each.isdigit() else 0, each))


def named(ids: Sequence[str]) -> str:
    """Return the first ids as a text, and how many more there are."""
    shown = ", ".join(ids[:MOST_NAMED])
    return f"{shown} and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else shown


def _count(ids: Sequence[str], one: str, many: str) -> str:
    return f"{len(ids)} {one if len(ids) == 1 else many}"
