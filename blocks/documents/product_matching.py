"""How products of sources are matched to articles, as data: makers' other names, whose numbers stand for which article.

Read from YAML by ``load`` and activated with `soms products matching activate`.
"""

import re
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.documents.product_schemas import word_key
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "product_matching", "default"
LONGEST = 20_000_000
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_LEGAL_FORM = re.compile(
    r"[\s,]+(?:gmbh(?:\s*&\s*co\.?\s*kg)?|ag|kg|ohg|se|inc\.?|ltd\.?|llc|s\.?a\.?|b\.?v\.?|s\.?r\.?l\.?|corp\.?"
    r"|corporation|company|co\.?|e\.?k\.?|a/s|oy|ab|group|gruppe|deutschland|germany|europe|international)\.?$",
    re.IGNORECASE,
)


class MatchingRules(Document):
    """What is known beforehand of makers' names and of whose numbers stand for which article."""

    version: int = 0
    makers: dict[Text, tuple[Text, ...]] = Field(
        default_factory=dict, description="Maker → other names, e.g. {Acme: [Acme Tools, ACME Werkzeug]}."
    )
    sku_maps: dict[Text, dict[Text, Text]] = Field(
        default_factory=dict,
        description="Source, e.g. manufacturer-api/acme, or '*' for every one → its number → SKU of our article.",
    )
    part_number_is_sku: bool = Field(
        default=True, description="Whether an article whose SKU equals a maker's part number may be proposed for it."
    )

    @cached_property
    def maker_by_word(self) -> dict[str, str]:
        """Return the one key of each maker by every name."""
        return {_bare(said): _bare(maker) for maker, others in self.makers.items() for said in (maker, *others)}

    def maker(self, name: str) -> str:
        """Return the key a maker is compared by: legal forms and other names don't count."""
        key = _bare(name)
        return self.maker_by_word.get(key, key)

    def mapped(self, source: str, number: str) -> str | None:
        """Return the SKU that a source's number is mapped to."""
        for name in (source, "*"):
            found = self.sku_maps.get(name, {}).get(number.strip())
            if found:
                return found
        return None


def without_legal_form(name: str) -> str:
    """Return a maker's name as customers say it, e.g. 'Acme' for 'Acme GmbH & Co. KG'."""
    text = " ".join(name.replace("®", "").replace("™", "").split())
    while (shorter := _LEGAL_FORM.sub("", text)) != text:
        text = shorter
    return text


@lru_cache(maxsize=1 << 14)
def _bare(name: str) -> str:
    return word_key(without_legal_form(name))


@lru_cache(maxsize=1 << 16)
def part_key(number: str) -> str:
    """Return what a part number is compared by: no case, blanks and dashes; leading zeros of plain numbers go."""
    key = word_key(number)
    return (key.lstrip("0") or "0") if key.isdigit() else key


def load(text: str, version: int = 0) -> MatchingRules:
    """Return the rules a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or cannot be; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The matching rules", longest=LONGEST) or {}
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse("The matching rules must be a YAML mapping such as 'makers: {Acme: [ACME GmbH]}'.")
    try:
        return MatchingRules.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "matching rules"
        raise WrongUse(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None


DEFAULTS = MatchingRules()
