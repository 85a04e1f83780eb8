"""Why two systems do not agree on an article: found in its history by replaying it, never guessed. Pure.

Each explanation carries a proof that ``replaying.replay`` verifies. The order of the questions matters: what is still
on its way explains a difference before history does, history before a matching ratio, and a ratio before a person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from blocks.documents.base import plain_decimal
from tasks.inventory_reconciliation.replaying import (
    HIDDEN,
    LEVEL,
    QUANTITY,
    VISIBILITY,
    VISIBLE,
    Change,
    Holding,
    View,
    moved,
    proof_of,
    shown,
    without,
)

JUST_NOW = timedelta(minutes=2)
"""A shop takes a sale off its own stock before the order can be read: so long the two may differ rightly."""
MOST_SOLD = 5
"""A shop that hides by itself may just have sold its last pieces: not more than so many at once."""
CATCHING_UP = timedelta(hours=1)
"""So long a system may be behind what it said itself; afterwards what it has not got is lost to it."""


class Cause(StrEnum):
    """Why two systems differ."""

    LOST = "lost event"
    LATE = "late event"
    TWICE = "booked twice"
    MANUAL = "manual change"
    UNIT = "unit or mapping error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop was last told of an article and confirmed, or was read to show of it."""

    quantity: Decimal | None
    visible: bool | None
    at: datetime

    def as_seen(self, view: str) -> str | None:
        """Return it as differences are written down; None where nothing was said of it."""
        if view == VISIBILITY:
            return None if self.visible is None else shown(self.visible)
        return None if self.quantity is None else plain_decimal(self.quantity)


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference between what a system should say of an article and what it says, with what is known of both.

    Attributes:
        sku: The article.
        warehouse: Of a level; empty of what a shop shows.
        system: Who says something else, e.g. 'tryton-erp/main'.
        view: What it is about, with whether the article may be shown at zero.
        expected: What our books say.
        found: What the system says.
        holdings: What the books have of its parts.
        changes: What changed that, newest first; not beyond the opening.
        found_at: The moment the system's word is of.
        changed_at: When the system last changed it, where it says so.
        told: What the system was last told by us.
        read: What master data read it to show, as far as that was right by the books of that moment.
        calls: Numbers of calls to it that are due or under way, and what it is to show after them.
        factors: Known numbers of pieces that this article could be mistaken by: packs, bundles.
        shop_rule: What the shop does by itself at low stock.
        hidden_by: Who hid it, as far as we know: '' | soms | person.
        alone: Whether it is the only difference of its article.
    """

    sku: str
    system: str
    view: View
    expected: str
    found: str
    found_at: datetime
    warehouse: str = ""
    holdings: tuple[Holding, ...] = ()
    changes: tuple[Change, ...] = ()
    changed_at: datetime | None = None
    told: Told | None = None
    read: Told | None = None
    calls: tuple[int, ...] = ()
    factors: tuple[Decimal, ...] = ()
    shop_rule: str = ""
    hidden_by: str = ""
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Explained:
    """The cause of a difference, its proof, and whether it will right itself."""

    cause: Cause
    proof: Mapping[str, Any] = field(default_factory=dict)
    passing: bool = False


def explain(gap: Gap) -> Explained:
    """Return why the system differs."""
    found = next(_explanations(gap), None)
    return found or Explained(Cause.UNKNOWN, {"looked_at": len(gap.changes)})


def explain_article(gaps: Sequence[Gap]) -> list[Explained]:
    """Return why a shop differs in what it shows of one article: its quantity, its visibility, or both.

    Where nothing else tells why it is hidden, and it shows no pieces, that is why: whatever emptied it hid it.
    """
    found = [explain(gap) for gap in gaps]
    by_view = {gap.view.name: place for place, gap in enumerate(gaps)}
    if len(by_view) > 1:
        quantity, visibility = by_view[QUANTITY], by_view[VISIBILITY]
        unexplained = found[visibility].cause in {Cause.UNKNOWN, Cause.MANUAL}
        if unexplained and gaps[quantity].found == "0" and gaps[visibility].found == HIDDEN:
            cause, passing = found[quantity].cause, found[quantity].passing
            proof = {"follows": gaps[quantity].found, "because": found[quantity].proof}
            if cause is not Cause.UNKNOWN:
                found[visibility] = Explained(cause, proof, passing)
    return found


def _explanations(gap: Gap) -> Iterator[Explained]:
    yield from _on_its_way(gap)
    if gap.view.name == LEVEL:
        yield from _told_too_late(gap)
        yield from _twice_in_our_books(gap)
        yield from _not_heard(gap, gap.changes)
        yield from _heard_twice(gap, gap.changes)
        yield from _in_another_unit(gap)
        return
    shown_so, at, since = _last_known(gap)
    yield from _not_heard(gap, since)
    if gap.view.name == QUANTITY:
        recent = [each for each in gap.changes if at is None or each.heard_at > at - CATCHING_UP]
        yield from _heard_twice(gap, recent)
        yield from _in_another_unit(gap)
    if shown_so not in {None, gap.found}:
        yield Explained(Cause.MANUAL, {"told": shown_so, "told_at": at, "changed_at": gap.changed_at})
    yield from _hidden_by_itself(gap)


def _last_known(gap: Gap) -> tuple[str | None, datetime | None, list[Change]]:
    """Return what the shop was last known to show, since when, and what changed after that.

    That counts which it was told; else, what it was read to show before anything was told, for then the count that the
    ledger began with had reached it. Hidden though nobody is known to hide it, and though it had been read to show, it
    was hidden when it was told something else: that is no word of ours.
    """
    told = gap.told.as_seen(gap.view.name) if gap.told else None
    read = gap.read.as_seen(gap.view.name) if gap.read else None
    hidden_before = told == gap.found == HIDDEN and not gap.hidden_by
    if gap.read and read is not None and (told is None or hidden_before):
        at = gap.read.at
        return read, at, [each for each in gap.changes if each.heard_at > at and not each.first]
    if gap.told and told is not None:
        at = gap.told.at
        return told, at, [each for each in gap.changes if each.heard_at > at]
    alone = gap.view.name == VISIBILITY and gap.alone  # the pieces of the first count have arrived there
    return None, None, [each for each in gap.changes if not (alone and each.first)]


def _on_its_way(gap: Gap) -> Iterator[Explained]:
    """A call is due, stock moved during the comparison, or the shop has just sold what cannot be heard yet."""
    if gap.calls:
        yield Explained(Cause.LATE, {"calls": list(gap.calls), "wants": gap.expected}, passing=True)
    if gap.holdings and gap.view.of(gap.holdings) != gap.expected:
        yield Explained(Cause.LATE, {"moved_to": gap.view.of(gap.holdings)}, passing=True)
    if gap.view.name == QUANTITY and _just_sold(gap):
        yield Explained(Cause.LATE, {"changed_at": gap.changed_at, "read_at": gap.found_at}, passing=True)


def _just_sold(gap: Gap) -> bool:
    """Return whether the shop changed a moment ago as a sale changes it: fewer pieces, and nothing else."""
    if gap.changed_at is None or gap.changed_at <= gap.found_at - JUST_NOW:
        return False
    if gap.told is not None and gap.changed_at <= gap.told.at:
        return False
    sold = Decimal(gap.expected) - Decimal(gap.found)
    return sold > 0 and (gap.alone or (bool(gap.shop_rule) and sold <= MOST_SOLD))


def _told_too_late(gap: Gap) -> Iterator[Explained]:
    """An event that came too late to be booked is what the system has and the books have not."""
    for each in gap.changes:
        if not each.ignored:
            continue
        counted = each.kind in {"count", "opening"}
        pieces = each.quantity - Decimal(gap.expected) if counted else each.quantity
        if _matches(gap, moved(gap.holdings, [(each.sku, each.warehouse, pieces)])):
            cause = Cause.MANUAL if each.kind in _BY_HAND else Cause.LATE
            moves = [(each.ref, each.sku, each.warehouse, pieces)]
            yield Explained(cause, {**proof_of(gap.holdings, gap.view, moves), "ignored": each.ignored})


_BY_HAND = frozenset({"count", "adjustment"})


def _twice_in_our_books(gap: Gap) -> Iterator[Explained]:
    """The books have the same slip, receipt or shipment under two ids."""
    seen: dict[tuple[Any, ...], Change] = {}
    for each in reversed(gap.changes):  # oldest first: the later one is the repetition
        key = (each.kind, each.document, each.sku, each.warehouse, each.quantity)
        if each.document and not each.ignored and key in seen and _matches(gap, without(gap.holdings, [each])):
            proof = proof_of(gap.holdings, gap.view, _taken_back([each]))
            yield Explained(Cause.TWICE, {**proof, "first": seen[key].ref, "document": each.document})
        seen.setdefault(key, each)


def _not_heard(gap: Gap, changes: Sequence[Change]) -> Iterator[Explained]:
    """The system stands where the books stood before their newest changes, or lacks one of them."""
    effective = [each for each in changes if each.delta]
    suffixes = [effective[: length + 1] for length in range(len(effective))]
    singles = [[each] for each in effective[1:]] if gap.view.name != VISIBILITY else []
    for missing in [*suffixes[:1], *singles, *suffixes[1:]]:
        if _matches(gap, without(gap.holdings, missing)):
            proof = proof_of(gap.holdings, gap.view, _taken_back(missing))
            yield _judged(gap, missing, {**proof, "events": [_told(each) for each in missing[:_MOST_TOLD]]})
            return


_MOST_TOLD = 10


def _judged(gap: Gap, missing: Sequence[Change], proof: Mapping[str, Any]) -> Explained:
    """Say whether what a system lacks is late, lost, or was done to our books by hand.

    It is late where the system's word is older than the event, or where the system itself told the event a short
    while ago: what it says of its level then is stale, and must not be believed.
    """
    own_word = gap.view.name == LEVEL and all(each.source == gap.system for each in missing)
    stale = own_word and all(each.heard_at > gap.found_at - CATCHING_UP for each in missing)
    if stale or all(each.happened_at > gap.found_at for each in missing):
        return Explained(Cause.LATE, proof, passing=True)
    if gap.view.name == LEVEL and all(each.kind in _BY_HAND for each in missing):
        return Explained(Cause.MANUAL, proof)
    return Explained(Cause.LOST, proof)


def _heard_twice(gap: Gap, changes: Sequence[Change]) -> Iterator[Explained]:
    """The system has one of the newest changes twice."""
    for each in changes:
        again = [(each.ref, each.sku, each.warehouse, each.delta)]
        if each.delta and _matches(gap, moved(gap.holdings, [move[1:] for move in again])):
            proof = proof_of(gap.holdings, gap.view, again)
            yield Explained(Cause.TWICE, {**proof, "events": [_told(each)]})


def _in_another_unit(gap: Gap) -> Iterator[Explained]:
    """The system counts packs where the books count pieces, or the other way about: as a whole, or in one change."""
    here, there = Decimal(gap.expected), Decimal(gap.found)
    for factor in gap.factors:
        if here > 0 and there > 0 and here * factor == there:
            yield Explained(Cause.UNIT, {"factor": plain_decimal(factor), "times": True})
        if here > 0 and there > 0 and there * factor == here:
            yield Explained(Cause.UNIT, {"factor": plain_decimal(factor), "times": False})
        for each in gap.changes:
            for pieces in (each.delta * factor, each.delta / factor):
                moves = [(each.ref, each.sku, each.warehouse, pieces - each.delta)]
                if each.delta and _matches(gap, moved(gap.holdings, [move[1:] for move in moves])):
                    proof = proof_of(gap.holdings, gap.view, moves)
                    yield Explained(Cause.UNIT, {**proof, "event": _told(each), "factor_of": plain_decimal(factor)})


def _hidden_by_itself(gap: Gap) -> Iterator[Explained]:
    """The shop's own rule hides at low stock and it shows none: what came in since has not reached it."""
    if gap.view.name == VISIBILITY and gap.shop_rule and gap.expected == VISIBLE and gap.told is None:
        yield Explained(Cause.UNKNOWN, {"shop_rule": gap.shop_rule})


def _matches(gap: Gap, holdings: Sequence[Holding]) -> bool:
    return gap.view.of(holdings) == gap.found


def _taken_back(changes: Sequence[Change]) -> list[tuple[str, str, str, Decimal]]:
    return [(each.ref, each.sku, each.warehouse, -each.delta) for each in changes]


def _told(change: Change) -> list[str]:
    """Return what a person needs to know of a change: row, kind, pieces, document, when."""
    return [change.ref, change.kind, plain_decimal(change.delta), change.document, change.happened_at.isoformat()]
