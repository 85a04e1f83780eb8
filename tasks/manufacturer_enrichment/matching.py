"""Which of our articles a source's product is: by GTIN, maker and part number, SKU maps, or a person says. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from blocks.documents.product_data import ProductData
from blocks.documents.product_matching import MatchingRules, part_key
from blocks.standards.product_data.gtins import gtin_of, in_store

_CASE_LENGTH = 14


class State(StrEnum):
    """What is known of a source's product."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one article that a product can be recognised by."""

    sku: str
    name: str = ""
    gtins: tuple[str, ...] = ()
    maker: str = ""
    part_numbers: tuple[str, ...] = ()
    category: str = ""
    product_id: str = ""
    variant_id: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which article a product is, how that is known, or which it could be and why nobody can tell."""

    state: State
    sku: str = ""
    how: str = ""
    candidates: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a source's product is recognised by, as compared."""

    gtin: str = ""
    maker: str = ""
    part: str = ""
    number: str = ""
    doubts: tuple[str, ...] = ()

    def key(self, name: str = "") -> str:
        """Return the identity within a source: the same product twice in one file is one product."""
        if self.gtin:
            return f"gtin:{self.gtin}"
        if self.part:
            return f"mpn:{self.maker}:{self.part}"
        return f"number:{self.number}" if self.number else f"name:{name[:200].casefold()}"


def trade_number(text: str | None) -> tuple[str, str]:
    """Return a GTIN without leading zeros, and a doubt where a text only looks like one of a piece on sale."""
    if not text or not text.strip():
        return "", ""
    if not text.isascii():
        return "", f"The GTIN {text[:20]!r} holds signs that only look like digits."
    found = gtin_of(text)
    if found is None:
        return "", f"The GTIN {text[:20]} has a wrong check digit or length."
    if in_store(found):
        return "", f"The GTIN {found} is of a range that each shop gives out for itself."
    if len(found) == _CASE_LENGTH and found[0] != "0":
        return "", f"The GTIN {found} is that of a case, not of the piece."
    return found.lstrip("0"), ""


def identity(product: ProductData, rules: MatchingRules, *, maker: str = "") -> Identity:
    """Return what a product is recognised by; ``maker`` is whose source it is, where the product does not say."""
    gtin, doubt = trade_number(product.gtin)
    part = part_key(product.mpn) if product.mpn else ""
    number = (product.sku or product.supplier_article_id or "").strip()[:200]
    return Identity(gtin, rules.maker(product.brand or maker), part, number, (doubt,) if doubt else ())


@dataclass(slots=True)
class Articles:
    """Our articles, found by what products are recognised by."""

    rules: MatchingRules
    by_sku: dict[str, Known] = field(default_factory=dict)
    _gtin: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _part: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    _bare_part: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _sku: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, known: Iterable[Known], rules: MatchingRules) -> "Articles":
        """Index articles."""
        articles = cls(rules)
        for each in known:
            articles.by_sku[each.sku] = each
            for gtin in each.gtins:
                number, _ = trade_number(gtin)
                if number:
                    articles._gtin[number].add(each.sku)
            for part in map(part_key, each.part_numbers):
                if each.maker:
                    articles._part[rules.maker(each.maker), part].add(each.sku)
                articles._bare_part[part].add(each.sku)
            articles._sku[part_key(each.sku)].add(each.sku)
        return articles

    def match(self, product: ProductData, source: str, *, maker: str = "") -> Match:
        """Return which article a product of a source is.

        A person's map counts first. A GTIN and a part number that name different articles, or one that names several,
        are for a person; so is a part number without a maker, and a part number that is one of our SKUs.
        """
        who = identity(product, self.rules, maker=maker)
        for number in (product.sku, product.supplier_article_id, product.mpn):
            mapped = self.rules.mapped(source, number) if number else None
            if mapped in self.by_sku:
                return Match(State.MATCHED, str(mapped), "sku map")
        by_gtin = self._gtin.get(who.gtin, set()) if who.gtin else set()
        by_part = self._part.get((who.maker, who.part), set()) if who.part and who.maker else set()
        if by_gtin:
            return self._by_gtin(who, by_gtin, by_part)
        if len(by_part) == 1:
            return self._by_part(who, next(iter(by_part)))
        if by_part:
            return _ambiguous(by_part, "Several articles have this maker's part number.")
        return self._by_guess(who)

    def _by_gtin(self, who: Identity, by_gtin: set[str], by_part: set[str]) -> Match:
        both = by_gtin & by_part
        if len(both) == 1:
            return Match(State.MATCHED, next(iter(both)), "gtin and part number")
        if len(by_gtin) > 1:
            return _ambiguous(by_gtin, f"Several articles have the GTIN {who.gtin}.")
        if by_part:
            return _ambiguous(by_gtin | by_part, "The GTIN names another article than the part number.")
        sku = next(iter(by_gtin))
        known = self.by_sku[sku]
        if who.maker and known.maker and self.rules.maker(known.maker) != who.maker:
            return _ambiguous({sku}, f"The GTIN is that of {sku}, but the maker is another.")
        return Match(State.MATCHED, sku, "gtin")

    def _by_part(self, who: Identity, sku: str) -> Match:
        numbers = {trade_number(gtin)[0] for gtin in self.by_sku[sku].gtins} - {""}
        if who.gtin and numbers and who.gtin not in numbers:
            return _ambiguous({sku}, f"The part number is that of {sku}, but the GTIN is another.")
        return Match(State.MATCHED, sku, "part number")

    def _by_guess(self, who: Identity) -> Match:
        """Propose what only may be it: a part number without its maker, or one that is our SKU."""
        if not who.part:
            return Match(State.UNKNOWN)
        found = set() if who.maker else set(self._bare_part.get(who.part, ()))
        found |= self._sku.get(who.part, set()) if self.rules.part_number_is_sku else set()
        fitting = {sku for sku in found if self._may_be(who, self.by_sku[sku])}
        if fitting:
            return _ambiguous(fitting, "Only the number is the same; nothing says that it is this maker's article.")
        return Match(State.UNKNOWN)

    def _may_be(self, who: Identity, known: Known) -> bool:
        numbers = {trade_number(gtin)[0] for gtin in known.gtins} - {""}
        other_gtin = bool(who.gtin and numbers and who.gtin not in numbers)
        other_maker = bool(who.maker and known.maker and self.rules.maker(known.maker) != who.maker)
        return not other_gtin and not other_maker


def _ambiguous(skus: set[str], why: str) -> Match:
    return Match(State.AMBIGUOUS, candidates=tuple(sorted(skus)), why=why)


def as_told(product: ProductData) -> Mapping[str, str]:
    """Return what people recognise a product by, as the source gives it."""
    named = ("name", "gtin", "mpn", "sku", "brand", "supplier_article_id", "category")
    return {field: str(getattr(product, field))[:300] for field in named if getattr(product, field)}
