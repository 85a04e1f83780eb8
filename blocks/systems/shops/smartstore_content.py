"""What a Smartstore shop shows of products: texts, numbers, makers and specification attributes, read by id.

A feature is a specification attribute whose alias is the feature's id; one that a person made without an alias is known
by its name (Web API, ``SpecificationAttributes``). Texts in other languages are ``LocalizedProperties``.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.documents.product_content import FEATURE, ShownContent, key_of, shown_key
from blocks.systems.shops.smartstore_measures import MEASURES, Measures
from blocks.systems.shops.smartstore_media import EXPAND as MEDIA
from blocks.systems.shops.smartstore_media import shown_media
from blocks.systems.shops.smartstore_variants import variants_of
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of, is_id

TEXT_FIELDS: Mapping[str, str] = {
    "name": "Name", "short_description": "ShortDescription", "full_description": "FullDescription", "gtin": "Gtin",
    "mpn": "ManufacturerPartNumber",
}  # fmt: skip
"""Field → property that holds its text."""
TRANSLATED = ("name", "short_description", "full_description")
_SELECT = ",".join(("Id", *TEXT_FIELDS.values(), *MEASURES.values()))
_EXPAND = (
    "ProductManufacturers($expand=Manufacturer),"
    "ProductSpecificationAttributes($expand=SpecificationAttributeOption($expand=SpecificationAttribute)),"
    f"{MEDIA}"
)
SEVERAL = " | "
"""Between the options of one attribute, and between several makers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a specification attribute that a product has."""

    link: int
    option: int
    attribute: int
    text: str


@dataclass(slots=True)
class Content:
    """One product as the shop holds it, with the ids that its parts are changed by."""

    row: Mapping[str, Any]
    makers: list[tuple[int, str]] = field(default_factory=list)
    """Id of the link and name of the maker."""
    features: dict[str, list[Choice]] = field(default_factory=dict)
    """Feature's id → its options."""
    translations: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    """Field and language → id of the row and text."""

    def shown(self, measures: Measures) -> dict[str, str]:
        """Return field → value as the shop has it."""
        values = {name: str(self.row.get(column) or "") for name, column in TEXT_FIELDS.items()}
        values |= {name: measures.shown(name, self.row.get(column)) for name, column in MEASURES.items()}
        values["manufacturer"] = SEVERAL.join(name for _, name in self.makers)
        values |= {FEATURE + name: SEVERAL.join(each.text for each in found) for name, found in self.features.items()}
        values |= shown_media(self.row.get("ProductMediaFiles"))
        return values | {key_of(name, language): text for (name, language), (_, text) in self.translations.items()}


def shown_of(
    api: WebApi, product_ids: Sequence[str], variant_ids: Sequence[str], measures: Measures
) -> dict[str, ShownContent]:
    """Return what the shop shows of these products and of variants themselves; unknown ids are missing."""
    found = contents_of(api, product_ids, languages_of(api))
    shown = {
        str(number): ShownContent(product_id=str(number), values=content.shown(measures))
        for number, content in found.items()
    }
    for variant, (product, values) in variants_of(api, variant_ids, measures).items():
        shown[shown_key(product, variant)] = ShownContent(product_id=product, values=values, partial=True)
    return shown


def languages_of(api: WebApi) -> dict[int, str]:
    """Return the shop's languages, id → ISO 639-1, the shop's own (the first published one) left out."""
    rows = [
        row
        for page in api.pages("Languages", select="Id,LanguageCulture,Published,DisplayOrder")
        for row in page.objects()
    ]
    published = sorted((row for row in rows if row.get("Published")), key=lambda row: row.get("DisplayOrder") or 0)
    own = published[0].get("Id") if published else None
    return {row["Id"]: str(row.get("LanguageCulture") or "")[:2].lower() for row in rows if row.get("Id") != own}


def contents_of(api: WebApi, product_ids: Iterable[str], languages: Mapping[int, str]) -> dict[int, Content]:
    """Return the products by id, 25 at a call."""
    wanted = sorted({int(each) for each in product_ids if is_id(each)})
    found: dict[int, Content] = {}
    for start in range(0, len(wanted), MAX_IDS):
        some = any_of("Id", wanted[start : start + MAX_IDS])
        for page in api.pages("Products", condition=some, select=_SELECT, expand=_EXPAND, top=MAX_IDS):
            found |= {row["Id"]: _content(row) for row in page.objects() if isinstance(row.get("Id"), int)}
        if languages:
            _translate(api, found, wanted[start : start + MAX_IDS], languages)
    return found


def _translate(api: WebApi, found: dict[int, Content], ids: list[int], languages: Mapping[int, str]) -> None:
    names = {column: name for name, column in TEXT_FIELDS.items() if name in TRANSLATED}
    condition = f"LocaleKeyGroup eq 'Product' and {any_of('EntityId', ids)}"
    for page in api.pages("LocalizedProperties", condition=condition):
        for row in page.objects():
            name, language = names.get(row.get("LocaleKey", "")), languages.get(row.get("LanguageId", 0))
            if name and language and row.get("EntityId") in found:
                found[row["EntityId"]].translations[name, language] = (row["Id"], str(row.get("LocaleValue") or ""))


def _content(row: Mapping[str, Any]) -> Content:
    content = Content(row)
    for link in _in_order(row.get("ProductManufacturers")):
        maker = link.get("Manufacturer") or {}
        content.makers.append((int(link["Id"]), str(maker.get("Name") or "")))
    for link in _in_order(row.get("ProductSpecificationAttributes")):
        option = link.get("SpecificationAttributeOption") or {}
        attribute = option.get("SpecificationAttribute") or {}
        if attribute:
            choice = Choice(int(link["Id"]), int(option["Id"]), int(attribute["Id"]), str(option.get("Name") or ""))
            content.features.setdefault(feature_of(attribute), []).append(choice)
    return content


def _in_order(links: Any) -> list[Mapping[str, Any]]:
    usable = [each for each in links or () if isinstance(each, dict) and isinstance(each.get("Id"), int)]
    return sorted(usable, key=lambda each: (each.get("DisplayOrder") or 0, each["Id"]))


def feature_of(attribute: Mapping[str, Any]) -> str:
    """Return a feature's id: the attribute's alias, else what its name comes to."""
    return str(attribute.get("Alias") or "") or name_id(str(attribute.get("Name") or ""))


def name_id(name: str) -> str:
    """Return what a feature would be called by its name: 'Rated voltage' → 'rated_voltage'."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", "_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")
