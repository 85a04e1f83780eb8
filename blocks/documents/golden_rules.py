"""Which claim is believed, as data: for each attribute what counts in which order, and what may be done with it.

Read from YAML by ``load`` and activated with `soms products rules activate`.
"""

from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "golden_rules", "default"
LONGEST = 500_000
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False)]


class Criterion(StrEnum):
    """What decides between claims."""

    AGREEMENT = "agreement"
    RANK = "rank"
    FRESHNESS = "freshness"
    CONFIDENCE = "confidence"


class Apply(StrEnum):
    """What becomes of a value that was chosen: written to the shop, proposed to a person, or kept back."""

    AUTO = "auto"
    PROPOSE = "propose"
    HOLD = "hold"


class GoldenRule(Document):
    """How one value is chosen of several claims, and what is done with it."""

    attributes: tuple[Pattern, ...] = Field(description="Features it is for; * stands for any letters.")
    by: tuple[Criterion, ...] = Field(
        default=(Criterion.AGREEMENT, Criterion.RANK, Criterion.FRESHNESS),
        description="What counts, first things first.",
    )
    rank: tuple[Pattern, ...] = Field(
        default=("api", "bmecat", "price-list", "datasheet", "page"),
        description="Whom to believe first: names of sources, e.g. manufacturer-api/acme, or kinds; * as above.",
    )
    tolerance: Share = Field(default=Decimal("0.02"), description="Numbers that differ by so much say the same.")
    apply: Apply = Field(default=Apply.AUTO, description="What is done with a value that may be believed.")
    least_confidence: Share = Field(default=Decimal("0.8"), description="Below it, a value is proposed at most.")
    on_conflict: Apply = Field(
        default=Apply.PROPOSE, description="What is done where sources differ and no majority of them agrees."
    )
    fresh_days: int = Field(
        default=730, ge=1, le=36500, description="Older claims count only where there are no others."
    )

    def fits(self, attribute: str) -> bool:
        """Return whether the rule is for an attribute."""
        return any(fnmatchcase(attribute, pattern) for pattern in self.attributes)

    def place_of(self, source: str, kind: str) -> int:
        """Return how early a source or its kind is believed; 0 is first."""
        for place, pattern in enumerate(self.rank):
            if pattern == kind or fnmatchcase(source, pattern):
                return place
        return len(self.rank)


class GoldenRules(Document):
    """Rules for all attributes; the first that fits an attribute counts."""

    version: int = 0
    rules: tuple[GoldenRule, ...] = Field(
        default=(
            GoldenRule(attributes=("gtin",), apply=Apply.PROPOSE, on_conflict=Apply.HOLD),
            GoldenRule(attributes=("mpn", "manufacturer"), on_conflict=Apply.HOLD),
            GoldenRule(
                attributes=("name", "*_description", "delivery_content"),
                by=(Criterion.RANK, Criterion.FRESHNESS),
                on_conflict=Apply.AUTO,
            ),
            GoldenRule(attributes=("medium:*",), by=(Criterion.RANK, Criterion.FRESHNESS), apply=Apply.HOLD),
        ),
        max_length=500,
    )

    def rule_for(self, attribute: str) -> GoldenRule:
        """Return the rule that counts for an attribute."""
        return next((rule for rule in self.rules if rule.fits(attribute)), _OTHERWISE)


_OTHERWISE = GoldenRule(attributes=("*",))


def load(text: str, version: int = 0) -> GoldenRules:
    """Return the rules a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or cannot be; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The golden rules", longest=LONGEST) or {}
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse(
            "The golden rules must be a YAML mapping such as 'rules: [{attributes: [weight], apply: auto}]'."
        )
    try:
        return GoldenRules.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "golden rules"
        raise WrongUse(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None


DEFAULTS = GoldenRules()
