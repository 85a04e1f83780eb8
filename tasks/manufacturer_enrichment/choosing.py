"""Which claim on an attribute is believed, by a declared rule that explains itself, and what may follow. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from blocks.documents.golden_rules import Apply, Criterion, GoldenRule
from blocks.documents.product_schemas import Feature
from tasks.manufacturer_enrichment.normalising import same

IMPLAUSIBLE = Decimal("0.3")
"""Claims below this confidence lie outside of what is plausible: they count only where there are no others."""
MOST_NAMED = 3
TEXT = Feature(names={"en": "Text"})
_BECAUSE = {
    Criterion.AGREEMENT: "more sources agree on it", Criterion.RANK: "its source is believed first",
    Criterion.FRESHNESS: "it is newer", Criterion.CONFIDENCE: "it is surer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A claim as it is kept."""

    id: int
    source: str
    kind: str
    value: str
    normalised: str
    unit: str
    confidence: Decimal
    fetched_at: datetime
    doubt: str = ""

    @property
    def voice(self) -> tuple[str, str]:
        """Return whose word it is: a source counts once for each kind of what it offers."""
        return self.source, self.kind

    def sentence(self) -> str:
        """Return the claim in words."""
        return f'"{self.value[:120]}" by {self.source}' + (f" ({self.kind})" if self.kind else "")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is believed of an attribute: the claim, those that say the same, those that lost and why."""

    chosen: Kept
    agreeing: tuple[Kept, ...]
    losers: tuple[tuple[Kept, str], ...]
    apply: Apply
    why: str

    @property
    def conflict(self) -> bool:
        """Return whether a plausible claim says something else."""
        return any(loser.confidence >= IMPLAUSIBLE and loser.normalised for loser, _ in self.losers)


def choose(
    claims: Sequence[Kept], rule: GoldenRule, feature: Feature, *, now: datetime, pinned: int | None = None
) -> Choice | None:
    """Return what is believed of one attribute, or None where no claim can be.

    Args:
        claims: What all sources say of it now.
        rule: The rule that counts for it.
        feature: Its schema.
        now: The moment that freshness is counted from.
        pinned: The claim that a person chose; no rule overrides it.
    """
    usable = [claim for claim in claims if claim.normalised]
    if not usable:
        return None
    unusable = [(claim, claim.doubt or "Nobody can tell what it means.") for claim in claims if not claim.normalised]
    plausible, aside = _sieved(usable, rule, now)
    groups = _groups(plausible, rule, feature)
    by_person = next((group for group in groups if any(claim.id == pinned for claim in group)), None)
    ordered = sorted(groups, key=_order(rule))
    first = by_person or ordered[0]
    others = [group for group in ordered if group is not first]
    lost = [(claim, _lost(first, group, rule, pinned=by_person is not None)) for group in others for claim in group]
    chosen = next((claim for claim in first if claim.id == pinned), None) or min(first, key=_representative(rule))
    losers = (*lost, *aside, *unusable)
    why = _sentence(chosen, first, lost, pinned=by_person is not None)
    return Choice(chosen, tuple(first), tuple(losers), _may(chosen, first, others, rule, by_person is not None), why)


def _sieved(claims: list[Kept], rule: GoldenRule, now: datetime) -> tuple[list[Kept], list[tuple[Kept, str]]]:
    """Return the claims that count, and those that are out with the reason."""
    aside: list[tuple[Kept, str]] = []
    oldest = now - timedelta(days=rule.fresh_days)
    sieves: tuple[tuple[Callable[[Kept], bool], str], ...] = (
        (lambda claim: claim.confidence >= IMPLAUSIBLE, "It lies outside of what is plausible."),
        (lambda claim: claim.fetched_at >= oldest, f"It is older than {rule.fresh_days} days."),
    )
    for fits, why in sieves:
        passing = [claim for claim in claims if fits(claim)]
        if passing:
            aside += [(claim, claim.doubt or why) for claim in claims if not fits(claim)]
            claims = passing
    return claims, aside


def _groups(claims: list[Kept], rule: GoldenRule, feature: Feature) -> list[list[Kept]]:
    """Return the claims in groups that say the same; the most exact first, so that a group has one middle."""
    groups: list[list[Kept]] = []
    for claim in sorted(claims, key=lambda each: (rule.place_of(each.source, each.kind), -each.confidence, each.id)):
        for group in groups:
            if same(feature.kind, group[0].normalised, claim.normalised, rule.tolerance):
                group.append(claim)
                break
        else:
            groups.append([claim])
    return groups


def _score(group: Sequence[Kept], criterion: Criterion, rule: GoldenRule) -> float:
    """Return how well a group does by one criterion; less is better."""
    if criterion is Criterion.AGREEMENT:
        return -len({claim.voice for claim in group})
    if criterion is Criterion.RANK:
        return min(rule.place_of(claim.source, claim.kind) for claim in group)
    if criterion is Criterion.FRESHNESS:
        return -max(claim.fetched_at.toordinal() for claim in group)
    return -float(max(claim.confidence for claim in group))


def _order(rule: GoldenRule) -> Callable[[Sequence[Kept]], tuple[object, ...]]:
    criteria = (*rule.by, *(each for each in Criterion if each not in rule.by))

    def order(group: Sequence[Kept]) -> tuple[object, ...]:
        return (*(_score(group, criterion, rule) for criterion in criteria), min(claim.normalised for claim in group))

    return order


def _representative(rule: GoldenRule) -> Callable[[Kept], tuple[object, ...]]:
    def order(claim: Kept) -> tuple[object, ...]:
        place = rule.place_of(claim.source, claim.kind)
        return " " not in claim.normalised, place, -claim.confidence, claim.source, claim.normalised, claim.id

    return order


def _lost(first: Sequence[Kept], other: Sequence[Kept], rule: GoldenRule, *, pinned: bool) -> str:
    if pinned:
        return "A person chose another."
    criteria = (*rule.by, *(each for each in Criterion if each not in rule.by))
    decisive = next((each for each in criteria if _score(first, each, rule) != _score(other, each, rule)), None)
    return f"Another is believed because {_BECAUSE[decisive]}." if decisive else "Another comes first by its text."


def _may(chosen: Kept, first: list[Kept], others: list[list[Kept]], rule: GoldenRule, pinned: bool) -> Apply:
    if pinned:
        return Apply.AUTO
    best = max(claim.confidence for claim in first)
    voices, against = len({each.voice for each in first}), max((len({e.voice for e in g}) for g in others), default=0)
    settled = not others or (voices > 1 and voices > against)
    wanted = rule.apply if settled else max(rule.apply, rule.on_conflict, key=list(Apply).index)
    if wanted is Apply.AUTO and (best < rule.least_confidence or chosen.confidence < IMPLAUSIBLE):
        return Apply.PROPOSE
    return wanted


def _sentence(chosen: Kept, first: Sequence[Kept], lost: Sequence[tuple[Kept, str]], *, pinned: bool) -> str:
    others = [claim for claim in first if claim.voice != chosen.voice]
    said = chosen.sentence()
    if others:
        said += (
            f", as {', '.join(each.sentence() for each in others[:MOST_NAMED])} say{'s' if len(others) == 1 else ''}"
        )
    if pinned:
        said += "; a person chose it"
    if not lost:
        return f"{said}; nobody says otherwise." if not pinned else f"{said}."
    reason = lost[0][1].removeprefix("Another is believed because ").rstrip(".")
    named = ", ".join(claim.sentence() for claim, _ in lost[:MOST_NAMED])
    more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
    because = "" if pinned else f", because {reason}"
    return f"{said}; it wins over {named}{more}{because}."
