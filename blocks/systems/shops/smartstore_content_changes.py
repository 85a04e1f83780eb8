"""Brings product content of a Smartstore shop to what it shall be: compared first, only what differs is written.

A PATCH changes one product's own fields together. Makers, specification attributes and their options are looked up
before one is made; a sync mapping, the only thing the shop keeps unique, decides which of two made at once stays.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.product_content import FEATURE, ContentChange, key_of
from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.smartstore_content import (
    SEVERAL,
    TEXT_FIELDS,
    TRANSLATED,
    Choice,
    Content,
    contents_of,
    feature_of,
    languages_of,
)
from blocks.systems.shops.smartstore_measures import MEASURES, MOST_MEASURE, Measures
from blocks.systems.shops.smartstore_takeovers import CONTEXT
from blocks.systems.shops.smartstore_variants import write_variants
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, is_id, literal

_LONGEST, _LONGEST_ALIAS = 400, 30
"""Characters of a maker's, attribute's or option's name, and of an attribute's alias."""
_MOST = {"name": 400, "short_description": 4000, "gtin": 400, "mpn": 400}
"""Characters of a product's own fields; one too long would have the shop refuse all that is written with it."""


def write(api: WebApi, changes: Sequence[ContentChange], measures: Measures) -> list[Answer]:
    """Bring each value to what it shall be; one answer per change, in order.

    After the shop stopped answering, the rest is not tried: all of it is to be called again later.
    """
    answers: dict[str, Answer] = {}
    everything, changes = changes, [each for each in changes if not each.variant_id]
    languages = languages_of(api) if any(each.language for each in changes) else {}
    products = list(dict.fromkeys(each.product_id for each in changes))
    dictionary = _Dictionary(api)
    try:
        for some in (products[start : start + MAX_IDS] for start in range(0, len(products), MAX_IDS)):
            these = [each for each in changes if each.product_id in set(some)]
            try:
                found = contents_of(api, some, languages)
                for product in some:
                    mine = [each for each in these if each.product_id == product]
                    content = found.get(int(product)) if is_id(product) else None
                    answers |= _Product(api, content, mine, measures, languages, dictionary).answers()
            except Refused as error:
                answers |= {each.key: error for each in these}
        answers |= write_variants(api, [each for each in everything if each.variant_id], measures)
    except TryAgainLater as error:
        later = TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
        return [answers.get(each.key, later) for each in everything]
    return [answers[each.key] for each in everything]


@dataclass(slots=True)
class _Dictionary:
    """Makers, attributes and options of the shop, looked up once and made where they are missing."""

    api: WebApi
    makers: dict[str, int] = field(default_factory=dict)
    attributes: dict[str, int] = field(default_factory=dict)
    options: dict[tuple[int, str], int] = field(default_factory=dict)

    def maker(self, name: str) -> int:
        """Return the id of a maker."""
        if name not in self.makers:
            found = self._named("Manufacturers", f"Name eq {literal(name)}", "Name", name)
            body = {"Name": name, "Published": True}
            self.makers[name] = found or self._made("Manufacturers", "Manufacturer", name, body)
        return self.makers[name]

    def attribute(self, feature: str, label: str) -> int:
        """Return the id of the attribute of a feature: by its alias, else by its name."""
        if feature not in self.attributes:
            condition = f"Alias eq {literal(feature)} or Name eq {literal(label)}"
            rows = [
                row
                for page in self.api.pages("SpecificationAttributes", condition=f"({condition})")
                for row in page.objects()
            ]
            fits = [
                row for row in rows if feature_of(row) == feature or (not row.get("Alias") and row["Name"] == label)
            ]
            fits.sort(key=lambda row: (row.get("Alias") != feature, row["Id"]))
            body = {"Name": label or feature, "Alias": feature, "ShowOnProductPage": True, "AllowFiltering": True}
            made = (
                fits[0]["Id"]
                if fits
                else self._made("SpecificationAttributes", "SpecificationAttribute", feature, body)
            )
            self.attributes[feature] = int(made)
        return self.attributes[feature]

    def option(self, attribute: int, text: str, number: Decimal | None) -> int:
        """Return the id of an option of an attribute."""
        if (attribute, text) not in self.options:
            condition = f"SpecificationAttributeId eq {attribute} and Name eq {literal(text)}"
            found = self._named("SpecificationAttributeOptions", condition, "Name", text)
            body = {"SpecificationAttributeId": attribute, "Name": text, "NumberValue": float(number or 0)}
            key = f"{attribute}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
            made = found or self._made("SpecificationAttributeOptions", "SpecificationAttributeOption", key, body)
            self.options[attribute, text] = made
        return self.options[attribute, text]

    def _named(self, entity_set: str, condition: str, column: str, text: str) -> int | None:
        """Return the first row of exactly this name; the shop itself compares without regard to case."""
        rows = [row for page in self.api.pages(entity_set, condition=f"({condition})") for row in page.objects()]
        return next((int(row["Id"]) for row in rows if row.get(column) == text), None)

    def _made(self, entity_set: str, entity: str, key: str, body: dict[str, Any]) -> int:
        """Make a row once: of two made at the same moment the one that is mapped first stays."""
        row = self.api.create(entity_set, body)
        if row is None or not isinstance(row.get("Id"), int):
            raise TryAgainLater(f"{self.api.system} did not say what it made; it will be looked up.", maybe_done=True)
        mapping = {"EntityId": row["Id"], "EntityName": entity, "ContextName": CONTEXT, "SourceKey": key[:150]}
        if self.api.create("SyncMappings", {**mapping, "SyncedOnUtc": "2000-01-01T00:00:00Z"}) is not None:
            return int(row["Id"])
        ours = f"EntityName eq '{entity}' and ContextName eq '{CONTEXT}' and SourceKey eq {literal(key[:150])}"
        held = [each for page in self.api.pages("SyncMappings", condition=ours) for each in page.objects()]
        there = held and self._exists(entity_set, held[0]["EntityId"])
        if not there:  # what was mapped once is gone from the shop: the new row takes its place
            if held:
                self.api.change("SyncMappings", held[0]["Id"], {"EntityId": row["Id"]})
            return int(row["Id"])
        self.api.remove(entity_set, row["Id"])
        return int(held[0]["EntityId"])

    def _exists(self, entity_set: str, number: int) -> bool:
        return any(page.rows for page in self.api.pages(entity_set, condition=f"Id eq {number}", select="Id"))


@dataclass(slots=True)
class _Product:
    """The changes of one product."""

    api: WebApi
    content: Content | None
    changes: Sequence[ContentChange]
    measures: Measures
    languages: dict[int, str]
    dictionary: _Dictionary

    def answers(self) -> dict[str, Answer]:
        """Compare each value with what the shop shows, and write what is still to be written."""
        if self.content is None:
            gone = Refused(f"Product {self.changes[0].product_id} is not in {self.api.system} any more.")
            return {each.key: gone for each in self.changes}
        answers: dict[str, Answer] = {}
        due = list[ContentChange]()
        shown = self.content.shown(self.measures)
        for each in self.changes:
            answer = self._compared(each, shown)
            if answer is None:
                due.append(each)
            else:
                answers[each.key] = answer
        own = [each for each in due if self._column(each)]
        answers |= self._patched(own)
        for each in due:
            if each not in own:
                answers[each.key] = self._written(each)
        return answers

    def _patched(self, own: Sequence[ContentChange]) -> dict[str, Answer]:
        """Write the product's own fields together; where the shop refuses that, one by one, so that one is to blame."""
        if not own:
            return {}
        try:
            self.api.change("Products", int(own[0].product_id), {self._column(each): self._kept(each) for each in own})
        except Refused as error:
            if len(own) == 1:
                return {own[0].key: error}
            return {key: answer for each in own for key, answer in self._patched([each]).items()}
        return {each.key: Done(each.key) for each in own}

    def _compared(self, change: ContentChange, shown: dict[str, str]) -> Answer | None:
        """Return the answer to a change that is not to be written; None for one that is."""
        impossible = self._impossible(change)
        if impossible:
            return Refused(impossible)
        now = shown.get(key_of(change.field, change.language), "")
        if self._same(change, now, change.new):
            return Done(change.key, adopted=True)
        return None if self._same(change, now, change.old) else Done(change.key, {"kept": now})

    def _impossible(self, change: ContentChange) -> str:
        """Say why the shop cannot be told this; empty when it can."""
        if change.language and change.language not in self.languages.values():
            return f"{self.api.system} has no language '{change.language}': add it there, or leave it out."
        possible = change.field in {*TEXT_FIELDS, *MEASURES, "manufacturer"} or change.field.startswith(FEATURE)
        if not possible or (change.language and change.field not in TRANSLATED):
            return f"{self.api.system} cannot be told '{change.field}' by this connection."
        if len(change.field) > len(FEATURE) + _LONGEST_ALIAS:
            return f"'{change.field}' is too long for an attribute of {self.api.system}: 30 characters at most."
        if change.field == "name" and not change.new:
            return "A product needs a name: it cannot be taken away."
        return self._too_much(change)

    def _too_much(self, change: ContentChange) -> str:
        """Say that the shop keeps no text or number of this size; empty where it does."""
        if change.field in MEASURES:
            try:
                fits = abs(self.measures.kept(change.field, change.new)) < MOST_MEASURE
            except InvalidOperation:
                fits = False
            return "" if fits else f"{self.api.system} keeps no number like {change.new[:40]} as {change.field}."
        several = change.field == "manufacturer" or change.field.startswith(FEATURE)
        most = _LONGEST if several else _MOST.get(change.field)
        longest = max(map(len, change.new.split(SEVERAL))) if several else len(change.new)
        if most and longest > most:
            return f"{self.api.system} keeps {most:,} characters of {change.field}; the text has {longest:,}."
        return ""

    def _same(self, change: ContentChange, one: str, other: str) -> bool:
        if change.field not in MEASURES:
            return one == other
        try:
            kept = [self.measures.kept(change.field, each) for each in (one, other)]
        except InvalidOperation:
            return False
        return kept[0] == kept[1]

    def _column(self, change: ContentChange) -> str:
        return "" if change.language else (TEXT_FIELDS.get(change.field) or MEASURES.get(change.field, ""))

    def _kept(self, change: ContentChange) -> Any:
        return float(self.measures.kept(change.field, change.new)) if change.field in MEASURES else change.new

    def _written(self, change: ContentChange) -> Answer:
        try:
            if change.language:
                self._translate(change)
            elif change.field == "manufacturer":
                self._name_maker(change)
            else:
                self._describe(change)
        except TryAgainLater:
            raise
        except SomsError as error:
            return Refused(str(error))
        return Done(change.key)

    def _translate(self, change: ContentChange) -> None:
        content = self._known()
        known = content.translations.get((change.field, change.language))
        if known:
            self.api.change("LocalizedProperties", known[0], {"LocaleValue": change.new})
            return
        language = next(number for number, code in self.languages.items() if code == change.language)
        body = {"EntityId": content.row["Id"], "LanguageId": language, "LocaleKeyGroup": "Product"}
        self._create("LocalizedProperties", {**body, "LocaleKey": TEXT_FIELDS[change.field], "LocaleValue": change.new})

    def _name_maker(self, change: ContentChange) -> None:
        makers = [self.dictionary.maker(name) for name in _single(change.new)]
        links = [link for link, _ in self._known().makers]
        self._link("ProductManufacturers", links, [{"ManufacturerId": maker} for maker in makers], {})

    def _describe(self, change: ContentChange) -> None:
        feature, texts = change.field.removeprefix(FEATURE), _single(change.new)
        links: list[Choice] = self._known().features.get(feature, [])
        wanted = []
        if texts:
            label = (change.label or feature)[:_LONGEST]
            attribute = links[0].attribute if links else self.dictionary.attribute(feature, label)
            wanted = [self.dictionary.option(attribute, text, change.number) for text in texts]
        bodies = [{"SpecificationAttributeOptionId": option} for option in wanted]
        self._link("ProductSpecificationAttributes", [each.link for each in links], bodies, {"ShowOnProductPage": True})

    def _link(self, entity_set: str, links: list[int], bodies: list[dict[str, Any]], more: dict[str, Any]) -> None:
        """Bring the links of the product to these: those there are changed, missing ones made, the rest removed."""
        for link, body in zip(links, bodies, strict=False):
            self.api.change(entity_set, link, body)
        for body in bodies[len(links) :]:
            self._create(entity_set, {"ProductId": self._known().row["Id"], **body, **more})
        for link in links[len(bodies) :]:
            self.api.remove(entity_set, link)

    def _known(self) -> Content:
        assert self.content is not None  # noqa: S101 - answered before anything is written
        return self.content

    def _create(self, entity_set: str, body: dict[str, Any]) -> None:
        if self.api.create(entity_set, body) is None:
            raise Refused(f"{self.api.system} refused a new row of {entity_set}.")


def _single(text: str) -> list[str]:
    """Return the makers or options that a shown value names; none for an empty one."""
    return list(dict.fromkeys(text.split(SEVERAL))) if text else []
