"""Product schemas as data: which features the articles of a category have, how sources call them, what they may be.

Read from YAML by ``load`` and activated with `soms products schemas activate`; `product_schemas.yaml` beside this file
is what SOMS brings along as version 0. Modelled after ETIM: a dictionary of features, and classes that use them.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.documents.product_content import FEATURE, PROPERTIES
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "product_schemas", "default"
LONGEST_SCHEMAS = 5_000_000

_ID = re.compile(r"[a-z][a-z0-9_]{0,29}")


def _fitting(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ValueError("an id is a small letter and up to 29 small letters, digits and _: shops keep no longer ones")
    return name


Id = Annotated[str, AfterValidator(_fitting)]
"""Of a feature or category; a shop keeps it beside the name, and Smartstore keeps no more than 30 letters."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Bound = Annotated[Decimal, Field(allow_inf_nan=False)]


class FeatureKind(StrEnum):
    """What the values of a feature are."""

    NUMBER = "number"
    ENUMERATION = "enumeration"
    BOOLEAN = "boolean"
    TEXT = "text"


class Feature(Document):
    """One feature: its names in German and English, how sources call it, and which values it may have."""

    names: dict[str, Text] = Field(description="ISO 639-1 → what a customer reads, e.g. {de: Gewicht, en: Weight}.")
    synonyms: tuple[Text, ...] = Field(
        default=(), description="What sources call it; case and punctuation don't count."
    )
    kind: FeatureKind = FeatureKind.TEXT
    unit: str = Field(default="", max_length=20, description="Numbers are kept in it, e.g. mm.")
    bare_unit: str = Field(default="", max_length=20, description="Meant where a source prints a number alone.")
    values: dict[Text, tuple[Text, ...]] = Field(
        default_factory=dict, description="Allowed value → how sources say it."
    )
    range: tuple[Bound, Bound] | None = Field(default=None, description="Smallest and largest plausible value.")
    field: str = Field(default="", description="The shop's own field it goes to; empty: a specification attribute.")
    translated: bool = Field(default=False, description="Whether its texts are kept by language.")
    current: bool = Field(default=False, description="Whether AC and DC are told apart.")
    inert: bool = Field(default=False, description="Kept and weighed, but never written to the shop.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.kind is FeatureKind.ENUMERATION and not self.values:
            raise ValueError("an enumeration needs its allowed values")
        if self.field and self.field not in PROPERTIES:
            raise ValueError(f"the shop has no field '{self.field}'")
        if self.range and self.range[0] > self.range[1]:
            raise ValueError("the range ends before it begins")
        return self

    @cached_property
    def value_by_word(self) -> dict[str, str]:
        """Return which allowed value each word stands for."""
        return {word_key(said): value for value, words in self.values.items() for said in (value, *words)}

    def label(self, language: str) -> str:
        """Return what a customer reads as its name."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()), "")


class Category(Document):
    """The features that articles of one category have."""

    names: tuple[Text, ...] = Field(default=(), description="Names of the shop's categories it stands for.")
    features: tuple[Id, ...] = Field(default=(), description="Besides those that every article has.")
    required: tuple[Id, ...] = Field(default=(), description="Without these an article is not complete.")
    ranges: dict[Id, tuple[Bound, Bound]] = Field(default_factory=dict, description="Narrower than the feature's own.")


class Schemas(Document):
    """All features and categories. ``common`` are the features of every article."""

    version: int = 0
    features: dict[Id, Feature] = Field(default_factory=dict)
    common: tuple[Id, ...] = ()
    common_required: tuple[Id, ...] = ()
    categories: dict[Id, Category] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        used = [*self.common, *self.common_required]
        for category in self.categories.values():
            used += [*category.features, *category.required, *category.ranges]
        unknown = sorted(set(used) - set(self.features))
        if unknown:
            raise ValueError(f"there is no feature '{unknown[0]}'")
        for name in (*self.categories, ""):
            self.schema_of(name).by_word  # noqa: B018 - raises where two features of one category share a name
        return self

    @lru_cache(maxsize=512)  # noqa: B019 - schemas are few and live as long as the process
    def schema_of(self, category: str) -> "Schema":
        """Return the features of a category by its id; those of every article where it is unknown."""
        known = self.categories.get(category, Category())
        ids = dict.fromkeys((*self.common, *known.features))
        features = {
            name: self.features[name].model_copy(update={"range": known.ranges[name]})
            if name in known.ranges
            else self.features[name]
            for name in ids
        }
        required = tuple(dict.fromkeys((*self.common_required, *known.required)))
        return Schema(
            category if category in self.categories else "", features, required, self.version, dictionary=self.features
        )

    def category_of(self, path: str) -> str:
        """Return the id of the category that a shop's path, e.g. 'Home > Lamps', stands for; '' where none does.

        The most particular part of the path counts first.
        """
        for part in reversed(re.split(r"[>/|]", path)):
            found = self._category_by_word.get(word_key(part))
            if found:
                return found
        return ""

    @cached_property
    def _category_by_word(self) -> dict[str, str]:
        return {word_key(word): name for name, each in self.categories.items() for word in (name, *each.names)}

    def __hash__(self) -> int:
        """Hash by identity: two editions are never equal by accident."""
        return id(self)


class Schema:
    """The features of one category, found by what sources call them."""

    def __init__(
        self, category: str, features: dict[str, Feature], required: tuple[str, ...], version: int, *,
        dictionary: dict[str, Feature] | None = None,
    ) -> None:  # fmt: skip
        """Take the features by their ids, and those of all categories."""
        self.category, self.features, self.required, self.version = category, features, required, version
        self._dictionary = dictionary or {}

    def feature(self, name: str) -> Feature | None:
        """Return a feature by its id: the category's, else the one of another category.

        A source may file an article where the shop files it nowhere; what it says is about features all the same.
        """
        return self.features.get(name) or self._dictionary.get(name)

    @cached_property
    def by_word(self) -> dict[str, str]:
        """Return the id of the feature that each name stands for.

        Raises:
            ValueError: Two features have the same name.
        """
        found: dict[str, str] = {}
        for name, feature in self.features.items():
            for word in {word_key(said) for said in (name, *feature.names.values(), *feature.synonyms)}:
                if found.setdefault(word, name) != name:
                    raise ValueError(f"'{word}' names both {found[word]} and {name}")
        return found

    def missing(self, known: Iterable[str]) -> tuple[str, ...]:
        """Return the required features that are not among those known."""
        have = set(known)
        return tuple(name for name in self.required if name not in have)


def shop_field(name: str, feature: Feature) -> str:
    """Return where a feature's value goes in the shop: a field of its own, or a specification attribute."""
    return feature.field or FEATURE + name


@lru_cache(maxsize=1 << 15)
def word_key(text: str) -> str:
    """Return what two spellings of a name have in common: letters and digits, lower case, umlauts and ß spelt out."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for sign, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ø", "durchmesser "), ("&", " und ")):
        plain = plain.replace(sign, letters)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return "".join(sign for sign in plain if sign.isalnum() or sign == "+")


def load(text: str, version: int = 0) -> Schemas:
    """Return the schemas a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or cannot be; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The product schemas", longest=LONGEST_SCHEMAS)
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse(
            "The product schemas must be a YAML mapping with 'features' and 'categories', without 'version'."
        )
    try:
        return Schemas.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "product schemas"
        raise WrongUse(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None


@lru_cache(maxsize=1)
def defaults() -> Schemas:
    """Return what SOMS brings along."""
    return load(Path(__file__).with_name("product_schemas.yaml").read_text(encoding="utf-8"))
