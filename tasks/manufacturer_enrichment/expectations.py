"""What a source's delivery must look like as a whole, before any of it is believed."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from blocks.documents.claims import Claim
from blocks.documents.product_schemas import Schema
from blocks.quality import FATAL, Expect, Suite
from tasks.manufacturer_enrichment.choosing import IMPLAUSIBLE
from tasks.manufacturer_enrichment.normalising import numbers_of

SMALL = 10
"""Up to so many products known before, a smaller delivery is believed."""
ENOUGH = 20
"""Below this many products a share says nothing."""
LEAST_OF_LAST = 0.7
FAR = 20
"""A measure that is so many times the category's median, or a fraction as small, is an outlier."""
OWNER = "product data"
SUITE = "manufacturer_enrichment.products"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gate keeps in mind of one product; of products that were read before only that they are there."""

    key: str
    place: int = -1
    category: str = ""
    recognised: bool = True
    complete: float | None = None
    implausible: int = 0
    numbers: tuple[tuple[str, float], ...] = ()
    contradicts_itself: bool = False
    age_days: float | None = None


def seen(
    key: str, place: int, claims: Sequence[Claim], schema: Schema, *, recognised: bool, matched: bool, now: datetime
) -> Seen:
    """Return what the gate keeps in mind of a product that was read."""
    usable = {claim.attribute for claim in claims if claim.usable and claim.confidence >= IMPLAUSIBLE}
    measures: dict[str, set[float]] = defaultdict(set)
    for claim in claims:
        found = numbers_of(claim.normalised) if claim.unit and claim.confidence >= IMPLAUSIBLE else None
        if found is not None and len(found[0]) == 1:
            measures[claim.attribute].add(float(found[0][0]))
    return Seen(
        key, place, schema.category, recognised,
        1 - len(schema.missing(usable)) / len(schema.required) if matched and schema.required else None,
        sum(bool(claim.normalised) and claim.confidence < IMPLAUSIBLE for claim in claims),
        tuple((name, min(values)) for name, values in measures.items()),
        any(max(values) > Decimal("1.05").__float__() * min(values) for values in measures.values() if min(values) > 0),
        max(((now - claim.origin.fetched_at).total_seconds() / 86400 for claim in claims), default=None),
    )  # fmt: skip


def rows(products: Iterable[Seen], changing: Mapping[int, tuple[int, int]]) -> list[dict[str, Any]]:
    """Flatten products into the rows the suite judges; ``changing`` says of a place how many measures would change."""
    kept = list(products)
    medians = _medians(kept)
    return [
        {
            "product": each.key, "category": each.category or "any", "recognised": each.recognised,
            "complete": each.complete, "implausible": each.implausible,
            "outliers": sum(_is_far(value, medians.get((each.category, name))) for name, value in each.numbers),
            "changed": _share(changing.get(each.place)), "contradicts_itself": each.contradicts_itself,
            "age_days": each.age_days,
        }
        for each in kept
    ]  # fmt: skip


def _medians(kept: Sequence[Seen]) -> dict[tuple[str, str], float]:
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in kept:
        for name, value in each.numbers:
            values[each.category, name].append(value)
    return {place: median(found) for place, found in values.items() if len(found) >= SMALL}


def _is_far(value: float, middle: float | None) -> bool:
    return bool(middle and value) and abs(math.log(abs(value) / abs(middle or 1))) > math.log(FAR)


def _share(counted: tuple[int, int] | None) -> float | None:
    return None if counted is None or not counted[0] else counted[1] / counted[0]


def suite(categories: Iterable[str], last: int | None) -> Suite:
    """Return what is expected of a delivery: by category, and against how many products came last time."""
    return Suite(SUITE, "product", (*_ALWAYS, *_volume(last), *_by_category(categories)))


def _volume(last: int | None) -> tuple[Expect, ...]:
    if last is None or last <= SMALL:
        return ()
    least = math.ceil(last * LEAST_OF_LAST)
    text = f"The source gives at least {least} products; last time there were {last}."
    kind = "ExpectTableRowCountToBeBetween"
    return (Expect("MFR-DQ-01", text, kind, {"min_value": least}, FATAL, owner=OWNER),)


def _by_category(categories: Iterable[str]) -> tuple[Expect, ...]:
    return tuple(
        Expect(
            f"MFR-DQ-10-{category}", f"80 % of the products in {category} have half of what is required.",
            "ExpectColumnValuesToBeBetween",
            {
                "column": "complete", "min_value": 0.5, "mostly": 0.8,
                "row_condition": f'category=="{category}"', "condition_parser": "pandas",
            },
            owner=OWNER, least_rows=ENOUGH,
        )
        for category in sorted(set(categories) - {""})
    )  # fmt: skip


_ALWAYS = (
    Expect(
        "MFR-DQ-02", "At least 80 % of the products say what they are: GTIN, part number or a number of the source.",
        "ExpectColumnValuesToBeInSet", {"column": "recognised", "value_set": [True], "mostly": 0.8}, FATAL, owner=OWNER,
        least_rows=ENOUGH,
    ),
    Expect(
        "MFR-DQ-03", "At least 80 % of the products have no value outside of what is plausible (else a unit was lost).",
        "ExpectColumnValuesToBeBetween", {"column": "implausible", "max_value": 0, "mostly": 0.8}, FATAL, owner=OWNER,
        least_rows=ENOUGH,
    ),
    Expect(
        "MFR-DQ-04", "At least 90 % of the products have no measure far from those of their category.",
        "ExpectColumnValuesToBeBetween", {"column": "outliers", "max_value": 0, "mostly": 0.9}, owner=OWNER,
        least_rows=ENOUGH,
    ),
    Expect(
        "MFR-DQ-05", "Not more than 30 % of the products change most of their measures at once (else units changed).",
        "ExpectColumnValuesToBeBetween", {"column": "changed", "max_value": 0.5, "mostly": 0.7}, FATAL, owner=OWNER,
        least_rows=ENOUGH,
    ),
    Expect(
        "MFR-DQ-06", "At least 90 % of the products do not contradict themselves.",
        "ExpectColumnValuesToBeInSet", {"column": "contradicts_itself", "value_set": [False], "mostly": 0.9},
        owner=OWNER, least_rows=ENOUGH,
    ),
    Expect(
        "MFR-DQ-07", "At least 90 % of the products were fetched within the last 90 days.",
        "ExpectColumnValuesToBeBetween", {"column": "age_days", "min_value": -1, "max_value": 90, "mostly": 0.9},
        owner=OWNER, least_rows=ENOUGH,
    ),
)  # fmt: skip
