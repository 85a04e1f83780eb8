"""From claims to a golden record to changes: what is believed, what the shop shows, what shall change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.documents.golden_rules import Apply, GoldenRules
from blocks.documents.product_content import ShownContent
from blocks.documents.product_schemas import Feature, FeatureKind, Schema, shop_field
from blocks.documents.product_values import Believed, Wanted
from tasks.manufacturer_enrichment.choosing import TEXT, Choice, Kept, choose
from tasks.manufacturer_enrichment.normalising import Manner, meaning, numbers_of, same, shown
from tasks.manufacturer_enrichment.numbers import Mark
from tasks.manufacturer_enrichment.plain_texts import for_the_shop

PERSON, SOMS, NOBODY = "person", "soms", ""
STATES = {Apply.AUTO: "approved", Apply.PROPOSE: "proposed", Apply.HOLD: "held"}
MOST_LOSERS = 20
EMPTY_NUMBERS = frozenset({"", "0", "0.0"})
"""A shop's weights and lengths are numbers that are never empty: 0 says that nobody has filled them in."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is believed of one value, the change that follows, and the open change that is out of date."""

    believed: Believed
    wanted: Wanted | None = None
    outdated: int | None = None
    apply: Apply = Apply.HOLD


@dataclass(frozen=True, slots=True)
class Bench:
    """What all values of an article are decided with."""

    sku: str
    schema: Schema
    rules: GoldenRules
    content: ShownContent | None
    language: str
    now: datetime


def decide(
    bench: Bench, attribute: str, language: str, claims: Sequence[Kept], *, known: Mapping[str, Any],
    last: Mapping[str, Any],
) -> Decided | None:  # fmt: skip
    """Return what follows from all that sources say of one value; None where nothing usable is said.

    Args:
        bench: The article and the rules.
        attribute: The feature.
        language: Of the value; '' where it has none, and for the shop's own.
        claims: What sources say of it now.
        known: The value's row of the golden record, or nothing.
        last: What was changed of it before: ``settled``, ``declined``, ``open``.
    """
    feature = bench.schema.feature(attribute) or TEXT
    pinned = known.get("claim_id") if known.get("pinned_by") else None
    choice = choose(claims, bench.rules.rule_for(attribute), feature, now=bench.now, pinned=pinned)
    if choice is None:
        return None
    lost = pinned is not None and choice.chosen.id != pinned
    if lost:
        choice = _asked_again(choice)
    new = as_shown(attribute, feature, choice.chosen.normalised, bench.language)
    shows, by = _whose(bench, attribute, feature, language, last)
    opened = last.get("open")
    if opened and opened["state"] == "approved":
        shows = None  # it is on its way: the shop may show the old value or the new one
    believed = _believed(bench, (attribute, language), choice, shows, by)
    if lost:
        believed = replace(believed, claim_id=pinned)  # so that no rule's choice passes for the person's
    if feature.translated or feature is TEXT:
        believed = replace(believed, conflict=False)  # other words are no contradiction
    wanted = _wanted(feature, believed, choice, new, last)
    outdated = None
    if opened and opened["state"] in {"proposed", "held"} and (wanted is None or not is_open(wanted, opened)):
        outdated = opened["id"]
    elif opened:
        wanted = None
    return Decided(believed, wanted, outdated, choice.apply)


def _asked_again(choice: Choice) -> Choice:
    """Return a choice that a person is asked about: they chose a claim of this value, and its source dropped it."""
    apply = Apply.PROPOSE if choice.apply is Apply.AUTO else choice.apply
    return replace(choice, apply=apply, why=f"{choice.why} The claim that a person chose is not made any more.")


def is_open(wanted: Wanted, opened: Mapping[str, Any]) -> bool:
    """Return whether a change that waits is the one that is wanted."""
    return (wanted.old, wanted.new, wanted.state) == (opened["old"], opened["new"], opened["state"])


def as_shown(attribute: str, feature: Feature, value: str, language: str) -> str:
    """Return a value as the shop keeps it: plain numbers in its own fields, words a customer reads elsewhere."""
    if not feature.field or feature.kind is not FeatureKind.NUMBER:
        return for_the_shop(feature.field, shown(feature, value, language)) if attribute != "gtin" else value
    found = numbers_of(value)
    return plain_decimal(max(found[0])) if found else value


def _whose(
    bench: Bench, attribute: str, feature: Feature, language: str, last: Mapping[str, Any]
) -> tuple[str | None, str]:
    """Return what the shop shows of a value, None where it cannot say, and who wrote it."""
    if bench.content is None:
        return None, NOBODY
    field = attribute if feature is TEXT else shop_field(attribute, feature)
    if bench.content.partial and (language or field not in bench.content.values):
        return None, NOBODY
    shows = bench.content.shows(field, language) or ""
    empty = not shows or (feature.kind is FeatureKind.NUMBER and feature.field and shows in EMPTY_NUMBERS)
    settled = last.get("settled")
    if settled and settled["undoes"]:
        return shows, PERSON  # somebody decided what it shall be, and be it nothing
    if settled and _equal(feature, shows, settled["new"]):
        return shows, SOMS
    return shows, NOBODY if empty else PERSON


def _equal(feature: Feature, one: str, other: str) -> bool:
    """Return whether two texts of the shop say the same."""
    if " ".join(one.split()) == " ".join(other.split()):
        return True
    if feature.kind is not FeatureKind.NUMBER or not one or not other:
        return False
    first, second = (_number(feature, text) for text in (one, other))
    return bool(first and second) and same(feature.kind, first, second, Decimal("0.0005"))


def _number(feature: Feature, text: str) -> str:
    """Return what a number of the shop means: plain in its own fields, with unit in specification attributes."""
    if feature.field:
        return text if numbers_of(text) else ""
    return meaning("", feature, text, Manner(Mark.COMMA if "," in text and "." not in text else Mark.UNKNOWN)).value


def _believed(bench: Bench, value: tuple[str, str], choice: Choice, shows: str | None, by: str) -> Believed:
    losers = [
        {
            "claim": claim.id, "source": claim.source, "kind": claim.kind, "value": claim.value[:500],
            "normalised": claim.normalised[:500], "why": why,
        }
        for claim, why in choice.losers[:MOST_LOSERS]
    ]  # fmt: skip
    return Believed(
        sku=bench.sku, attribute=value[0], language=value[1], value=choice.chosen.normalised, unit=choice.chosen.unit,
        claim_id=choice.chosen.id, losers=losers, conflict=choice.conflict, why=choice.why,
        rules_version=bench.rules.version, shop_value=shows or "", shop_by=by, seen=shows is not None,
    )  # fmt: skip


def _wanted(feature: Feature, believed: Believed, choice: Choice, new: str, last: Mapping[str, Any]) -> Wanted | None:
    """Return the change that follows; none where a person wrote the value, or declined the very change.

    Features that no schema knows any more have no place in the shop; pictures and documents are decided elsewhere.
    """
    if feature is TEXT or feature.inert:
        return None
    if not believed.seen or believed.shop_by == PERSON or new in last.get("declined", ()):
        return None
    if _equal(feature, believed.shop_value, new):
        return None
    return Wanted(
        sku=believed.sku, attribute=believed.attribute, language=believed.language, old=believed.shop_value, new=new,
        unit=believed.unit, claim_id=believed.claim_id, why=choice.why, rules_version=believed.rules_version,
        state=STATES[choice.apply],
    )  # fmt: skip


def by_hand(believed: Mapping[str, Any], claim: Mapping[str, Any], new: str, *, why: str) -> Wanted:
    """Return the change that puts a claim a person chose in place of whatever the shop shows."""
    return Wanted(
        sku=claim["sku"], attribute=claim["attribute"], language=claim["language"], old=believed["shop_value"], new=new,
        unit=claim["unit"], claim_id=claim["id"], why=why, rules_version=believed["rules_version"], state="approved",
    )  # fmt: skip


def undoing(change: Mapping[str, Any], *, why: str) -> Wanted:
    """Return the change that restores what the shop showed before another one."""
    base = Wanted(
        sku=change["sku"], attribute=change["attribute"], language=change["language"], old=change["new"],
        new=change["old"], unit=change["unit"], claim_id=None, why=why, rules_version=change["rules_version"],
        state="approved",
    )  # fmt: skip
    return replace(base, undoes=change["id"])
