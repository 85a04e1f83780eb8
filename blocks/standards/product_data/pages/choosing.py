"""Which value a page gives for each field: markup, labels, visible words and scripts vote; what is seen wins."""

import re
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.gtins import digits_of, gtin_of, looks_like_gtin
from blocks.standards.product_data.pages.lines import Line
from blocks.standards.product_data.pages.markup import MarkupProduct, plain_text
from blocks.standards.product_data.pages.pairs import Pair
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.prices import SeenPrice, seen_prices
from blocks.standards.product_data.pages.scripts import currency_in_scripts, state_of_product
from blocks.standards.product_data.pages.stock import is_gone, seen_stock, state_named
from blocks.standards.product_data.pages.subject import Subject, likeness, without_shop
from blocks.standards.product_data.pages.votes import Ballot, Candidate
from blocks.standards.product_data.pages.words import field_of, folded, is_no_brand
from blocks.standards.product_data.pages.zones import ASIDE, BRAND, CRUMBS, DEAD, HIDDEN, OPTIONS
from blocks.standards.product_data.price_texts import amount_in, currency_of, currency_of_country, price_in

_LONGEST_ID = 60
_WORDY_NUMBER = re.compile(r"[A-Za-z]{1,8}(?:[-_./][A-Za-z0-9]{1,8}){1,5}|[A-Z]{3,12}")
"""A number of a product without a digit, such as 'NW-MBL-S'."""
_CODE = re.compile(r"(?=[^\d]*\d)(?=.*[A-Z])[A-Z0-9][A-Z0-9./_\-]{3,30}")
"""A model that is a number of its maker: capital letters and digits in one word."""
_LONGEST_BRAND = 60
_SYNTAX = {"json-ld": 2.0, "microdata": 2.0, "rdfa": 1.8, "opengraph": 1.2}
_COUNTRY_NAMES = {"com": "", "net": "", "org": "", "eu": "", "shop": "", "uk": "gb"}


@dataclass(slots=True)
class Evidence:
    """All that was read of a page, before anything is chosen."""

    page: Page
    subject: Subject
    lines: list[Line]
    pairs: list[Pair]
    findings: Findings
    country: str = ""
    state: dict[str, str] | None = None

    def script_state(self) -> dict[str, str]:
        """Return what scripts say of the product; read when first asked, because it costs time."""
        if self.state is None:
            name = self.subject.main.names[0] if self.subject.main and self.subject.main.names else self.subject.heading
            self.state = state_of_product(self.page, name)
            if not self.state and self.subject.heading and name != self.subject.heading:
                self.state = state_of_product(self.page, self.subject.heading)
        return self.state


def country_of(page: Page, url: str) -> str:
    """Return the country a page is made for (ISO 3166, lower case): by its address, else by its language's region."""
    host = urlsplit(page.url or url).hostname or ""
    top = host.rpartition(".")[2]
    if len(top) == 2 and top not in {"eu", "io", "co", "me", "tv"}:  # noqa: PLR2004 - a country's
        return _COUNTRY_NAMES.get(top, top)
    region = re.match(r"[a-z]{2,3}[-_]([a-z]{2})\b", page.language)
    return region[1] if region else ""


# --- the name -----------------------------------------------------------------------------------


def name_of(evidence: Evidence) -> Candidate | None:
    """Return the product's name: the heading where title or markup speak of it too, else what they say."""
    subject, page = evidence.subject, evidence.page
    ballot = Ballot(folded)
    title = without_shop(subject.title, subject.heading)
    if subject.heading:
        echo = max((likeness(subject.heading, name) for each in subject.products for name in each.names), default=0.5)
        ballot.add(
            subject.heading,
            1.0 + 2.0 * likeness(subject.heading, title) + echo,
            "heading",
            page.selector(subject.node),
            seen=True,
        )
    for product in subject.products:
        weight = _SYNTAX[product.syntax] * (0.7 if product.syntax == "opengraph" else 1.0)
        for name in product.names[:1]:
            cut = without_shop(name, subject.heading) if product.syntax == "opengraph" else plain_text(name)
            ballot.add(cut, weight, product.syntax, product.place)
    ballot.add(title, 0.8, "title", "title")
    return ballot.winner()


# --- numbers ------------------------------------------------------------------------------------


def gtin_chosen(evidence: Evidence) -> Candidate | None:
    """Return the product's GTIN: only numbers whose check digit holds; those on the page before those in markup."""
    ballot = Ballot(lambda text: (gtin_of(text) or "").lstrip("0"))
    for pair in evidence.pairs:
        if pair.field == "gtin":
            _offer_gtin(evidence, ballot, pair)
    for product in evidence.subject.products:
        for text in (*product.gtins, *(offer.gtin for offer in product.offers)):
            if gtin_of(text):
                ballot.add(digits_of(text), _SYNTAX[product.syntax], product.syntax, product.place)
            elif text:
                evidence.findings.say(
                    f"The markup gives '{text[:40]}' as GTIN, which is none: its check digit does not hold."
                )
    winner = ballot.winner()
    if winner is None and (text := evidence.script_state().get("gtin", "")) and gtin_of(text):
        return Candidate(digits_of(text), 1.0, "script", "script")
    return winner


def _offer_gtin(evidence: Evidence, ballot: Ballot, pair: Pair) -> None:
    for text in re.split(r"[,;/|]\s*|\s{2,}|\s(?=\d{8,14}\b)", pair.value)[:20]:
        word = text.strip()
        if gtin_of(word):
            ballot.add(digits_of(word), 3.0, "label", evidence.page.selector(pair.node), seen=True)
        elif looks_like_gtin(word):
            evidence.findings.say(
                f"The page gives '{word[:40]}' as {pair.label[:30]}, which is no GTIN: its check digit does not hold."
            )


def mpn_chosen(evidence: Evidence, sku: str) -> Candidate | None:
    """Return the maker's part number: by its label, else of the markup where it is not just the shop's number again."""
    ballot = Ballot(folded)
    for pair in evidence.pairs:
        if pair.field == "mpn" and (text := _identifier(pair.value)):
            ballot.add(text, 3.0, "label", evidence.page.selector(pair.node), seen=True)
        elif pair.field == "model" and _CODE.fullmatch(pair.value.strip()):
            ballot.add(pair.value.strip(), 1.5, "label", evidence.page.selector(pair.node), seen=True)
    for product in evidence.subject.products:
        for text in product.mpns[:3]:
            if _same_number(text, sku, product):
                text = _without_brand(text, product)  # noqa: PLW2901 - what is left of it
            if _identifier(text):
                ballot.add(text, _SYNTAX[product.syntax], product.syntax, product.place)
    return ballot.winner()


def _without_brand(text: str, product: MarkupProduct) -> str:
    """Return what is left of a shop's number that is the maker's with the brand's first letters before it: NI_AT3484."""
    before, mark, rest = text.partition("_") if "_" in text else text.partition("-")
    known = [folded(brand) for brand in product.brands]
    return rest if mark and len(before) > 1 and any(brand.startswith(folded(before)) for brand in known) else ""


def _same_number(mpn: str, sku: str, product: MarkupProduct) -> bool:
    return folded(mpn) in {folded(text) for text in (sku, *product.skus, *product.gtins, *product.ids) if text}


def sku_chosen(evidence: Evidence) -> Candidate | None:
    """Return the seller's number: by its label, else of the markup, forms, addresses and scripts."""
    ballot = Ballot(folded)
    subject, page = evidence.subject, evidence.page
    for pair in evidence.pairs:
        if (
            pair.field == "sku"
            and (text := _identifier(pair.value))
            and len(text.split()) <= 2
            and not page.zones[pair.node] & (ASIDE | OPTIONS)
        ):
            near = 0.5 if subject.node < 0 or abs(pair.node - subject.node) < 400 else 0.0  # noqa: PLR2004 - the product's own box
            ballot.add(text, 2.4 + near, "label", page.selector(pair.node), seen=True)
    for product in subject.products:
        for text in (*product.skus[:2], *(offer.sku for offer in product.offers[:1])):
            if _identifier(text) or _WORDY_NUMBER.fullmatch(text):
                ballot.add(text, _SYNTAX[product.syntax], product.syntax, product.place)
        for text in product.ids[:1]:
            if _identifier(text.split()[0]):  # words behind it are a category's
                ballot.add(text.split()[0], 1.0, product.syntax, product.place)
    if not ballot.candidates:
        _sku_in_forms(evidence, ballot)
    if not ballot.candidates and (text := evidence.script_state().get("sku", "")) and _identifier(text):
        ballot.add(text, 0.8, "script", "script")
    return ballot.winner()


_FORM_NAMES = frozenset(
    {
        "sku",
        "productid",
        "productsku",
        "idproduct",
        "product",
        "itemid",
        "articleid",
        "artikelnr",
        "artikelnummer",
        "articlenumber",
        "addtocart",
        "prodid",
        "catentryid",
        "variationid",
        "ordernumber",
        "sadd",
        "anid",
        "aid",
        "goodsid",
        "tovarid",
        "pid",
    }
)
_DATA_NAMES = (
    "data-sku",
    "data-product-sku",
    "data-product-id",
    "data-productid",
    "data-product_id",
    "data-item-id",
    "data-product-code",
    "data-article-number",
    "data-pid",
)


def _sku_in_forms(evidence: Evidence, ballot: Ballot) -> None:
    """Put up what forms and data attributes of the product's box carry."""
    page, subject = evidence.page, evidence.subject
    for node in page.nodes("input", "button"):
        attributes = page.attributes[node]
        if page.zones[node] & (ASIDE | DEAD):
            continue
        if folded(attributes.get("name", "")) in _FORM_NAMES and (text := _identifier(attributes.get("value", ""))):
            ballot.add(text, 1.0, "form", page.selector(node))
    if ballot.candidates or subject.node < 0:
        return
    for node in (subject.node, *page.ancestors(subject.node)):
        for name in _DATA_NAMES:
            if text := _identifier(page.attributes[node].get(name, "")):
                ballot.add(text, 1.0, "attribute", page.selector(node))


def _identifier(text: str) -> str | None:
    """Return a number of a product as printed, None for what is none: words, sentences, nothing but signs."""
    text = text.strip(" \t\n:#.,;*()[]")
    if not text or len(text) > _LONGEST_ID or not any(map(str.isdigit, text)):
        return None
    if len(text.split()) > 4 or field_of(text) or "://" in text:  # noqa: PLR2004 - a sentence
        return None
    return text


# --- the brand ----------------------------------------------------------------------------------


def brand_chosen(evidence: Evidence, name: str) -> Candidate | None:
    """Return the brand: by label, markup, link or logo of the product's box, scripts; one the name repeats counts more."""
    ballot = Ballot(folded)
    page, subject = evidence.page, evidence.subject
    for pair in evidence.pairs:
        if pair.field == "brand" and not page.zones[pair.node] & (ASIDE | OPTIONS):
            weight = 2.6 if folded(pair.label) not in _MAKERS else 2.2
            _offer_brand(ballot, pair.value, weight, "label", name, place=page.selector(pair.node), seen=True)
    for product in subject.products:
        for text in product.brands[:1]:
            _offer_brand(ballot, text, _SYNTAX[product.syntax] + 0.5, product.syntax, name, place=product.place)
        for text in product.makers[:1]:
            _offer_brand(ballot, text, _SYNTAX[product.syntax] - 0.5, product.syntax, name, place=product.place)
    _brand_nodes(evidence, ballot, name)
    if not ballot.candidates and (text := evidence.script_state().get("brand", "")):
        _offer_brand(ballot, text, 1.0, "script", name, place="script")
    return ballot.winner(least=0.9)


_MAKERS = frozenset(
    folded(word)
    for word in (
        "Hersteller",
        "Manufacturer",
        "Fabricant",
        "Fabricante",
        "Produttore",
        "Fabrikant",
        "Producent",
        "Výrobce",
        "Výrobca",
        "Vendor",
        "by",
    )
)


def _offer_brand(
    ballot: Ballot, text: str, weight: float, source: str, name: str, *, place: str = "", seen: bool = False
) -> None:
    text = " ".join(plain_text(text).split()).strip(" :>|-")
    if (
        not text
        or len(text) > _LONGEST_BRAND
        or is_no_brand(text)
        or "://" in text
        or text.startswith("/")
        or field_of(text) == "brand"
    ):
        return
    if not any(map(str.isalpha, text)) or len(text.split()) > 7:  # noqa: PLR2004 - a sentence
        return
    echo = 0.6 if folded(text) and folded(text) in folded(name) else 0.0
    ballot.add(text, weight + echo, source, place, seen=seen)


def _brand_nodes(evidence: Evidence, ballot: Ballot, name: str) -> None:
    """Put up links, logos and texts in the product's box that are named after a brand."""
    page, subject = evidence.page, evidence.subject
    flat = folded(name)
    low, high = (subject.node - 120, subject.node + 200) if subject.node >= 0 else (0, 0)
    for node in range(max(0, low), min(high, len(page.tags))):
        zone, attributes, tag = page.zones[node], page.attributes[node], page.tags[node]
        if zone & (ASIDE | DEAD | HIDDEN | OPTIONS) or page.last[node] - page.first[node] > 8:  # noqa: PLR2004 - a word or two
            continue
        linked = _leads_to_brand(attributes)
        if tag == "img":  # the logo in a brand's box or link
            around = list(page.ancestors(node, 2))
            zone |= (
                BRAND if any(page.own[each] & BRAND or _leads_to_brand(page.attributes[each]) for each in around) else 0
            )
        if not (zone & BRAND or linked):
            continue
        text = attributes.get("alt", "") if tag == "img" else page.text(node) or attributes.get("title", "")
        label, colon, rest = text.partition(":")
        if colon and field_of(label) == "brand":
            text = rest
        near = folded(text) != "" and folded(text) in flat
        if zone & CRUMBS and not near:
            continue
        _offer_brand(
            ballot,
            text,
            1.2 if near else 0.9 if zone & BRAND or linked else 0.5,
            "brand box",
            name,
            place=page.selector(node),
            seen=True,
        )


def _leads_to_brand(attributes: dict[str, str]) -> bool:
    """Say whether a link leads to the page of a brand."""
    href = attributes.get("href", "").lower()
    return bool(href) and any(part in href for part in _BRAND_PATHS)


_BRAND_PATHS = (
    "/brand/",
    "/brands/",
    "/marke/",
    "/marken/",
    "/hersteller/",
    "/marque/",
    "/marques/",
    "/marca/",
    "/marcas/",
    "/manufacturer",
    "/producent/",
    "/znacka/",
    "/vyrobce/",
    "/vyrobca/",
    "brand=",
    "marke=",
    "/merk/",
    "/merken/",
    "/producer/",
    "/brand-",
    "/marchi/",
    "/razotaj",
    "/kaubamark",
    "/proizvajalec/",
)


# --- price and currency -------------------------------------------------------------------------


@dataclass(slots=True)
class ChosenPrice:
    """The price taken, with its currency and where it stands."""

    amount: Decimal | None = None
    currency: str | None = None
    place: str = ""
    source: str = ""


def price_chosen(evidence: Evidence) -> ChosenPrice:
    """Return the price a reader sees; the markup's where none is to be seen. A contradiction is a finding."""
    page, subject = evidence.page, evidence.subject
    asked = _asked(subject, evidence.country)
    seen = seen_prices(page, evidence.lines, subject.node, country=evidence.country)
    shown = [price for price in seen if not price.struck and price.score > 1.5]  # noqa: PLR2004 - a figure somewhere
    shown = [_with_cents(price, asked) for price in shown]
    taken = _agreed(shown, asked) or (shown[0] if shown and shown[0].score >= _enough(asked) else None)
    chosen = ChosenPrice()
    if taken:
        chosen = ChosenPrice(taken.amount, taken.currency, page.selector(taken.node), "page")
        if asked and all(amount != taken.amount for amount, _, _ in asked):
            evidence.findings.say(
                f"The page shows the price {taken.amount:f}, its markup says {asked[0][0]:f}; what the page shows was taken."
            )
    elif asked:
        chosen = ChosenPrice(asked[0][0], asked[0][1], asked[0][2], "markup")
    if chosen.amount is not None:
        chosen.currency = _currency(evidence, chosen, asked, seen)
    return chosen


def _with_cents(price: SeenPrice, asked: list[tuple[Decimal, str | None, str]]) -> SeenPrice:
    """Return a price whose decimals the page sets apart without a mark (229⁹⁹) as the markup writes it."""
    for amount, _, _ in asked:
        if price.amount == amount * 100 and amount % 1:
            price.amount = amount
    return price


def _enough(asked: list[tuple[Decimal, str | None, str]]) -> float:
    """Return how much must speak for a price that the markup does not name."""
    return 6.0 if asked else 4.5


def _agreed(shown: list[SeenPrice], asked: list[tuple[Decimal, str | None, str]]) -> SeenPrice | None:
    """Return the price both page and markup give, unless the page shows another one much more clearly."""
    if not shown:
        return None
    amounts = {amount for amount, _, _ in asked}
    return next((price for price in shown if price.amount in amounts and price.score >= shown[0].score - 2.5), None)  # noqa: PLR2004 - nearly as clear


def _asked(subject: Subject, country: str) -> list[tuple[Decimal, str | None, str]]:
    """Return the prices of the markup: amount, currency, place; ranges' lowest."""
    found = []
    for product in subject.products:
        offers = product.offers or [offer for variant in product.variants for offer in variant.offers]
        for offer in sorted(offers, key=lambda each: not each.price):
            currency = currency_of(offer.currency, country=country) if offer.currency else None
            printed = price_in(offer.price, hint=offer.currency, country=country) if offer.price else None
            amount = printed.amount if printed else None
            if amount is not None and re.fullmatch(r"\d+\.\d{3,}", offer.price.strip()):
                amount = amount_in(offer.price.strip(), currency="KWD")  # markup writes decimals with a dot
            if amount is not None and amount > 0:
                found.append((amount, currency or (printed.currency if printed else None), product.place))
    return found


def _currency(
    evidence: Evidence, chosen: ChosenPrice, asked: list[tuple[Decimal, str | None, str]], seen: list[SeenPrice]
) -> str | None:
    """Return the currency of the chosen price: as printed, of the markup, of scripts, of the page's country."""
    named = next((currency for _, currency, _ in asked if currency), None)
    printed = chosen.currency
    if printed and named and printed != named and _shares_sign(printed, named):
        return named
    if printed:
        script = (
            currency_in_scripts(evidence.page)
            if not named and not evidence.country and printed in {"USD", "SEK", "JPY"}
            else None
        )
        return script if script and _shares_sign(printed, script) else printed
    others = {price.currency for price in seen if price.currency}
    return (
        named
        or (others.pop() if len(others) == 1 else None)
        or currency_in_scripts(evidence.page)
        or currency_of_country(evidence.country)
    )


def _shares_sign(one: str, other: str) -> bool:
    groups = (
        {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "UYU", "TWD"}, {"SEK", "NOK", "DKK", "ISK"},
        {"JPY", "CNY"}, {"GBP", "EGP"}, {"INR", "PKR", "LKR", "NPR"}, {"RON", "MDL"}, {"BGN", "RUB"},
    )  # fmt: skip
    return any({one, other} <= group for group in groups)


# --- availability -------------------------------------------------------------------------------


def stock_chosen(evidence: Evidence) -> Candidate | None:
    """Return whether the product can be had: words near it, else the markup, else the button to buy."""
    page, subject = evidence.page, evidence.subject
    said = [(state_named(offer.availability), product.place, product.syntax)
            for product in subject.products
            for offer in (product.offers or [offer for variant in product.variants for offer in variant.offers])
            if offer.availability]  # fmt: skip
    named = [(state, place, syntax) for state, place, syntax in said if state]
    markup = next((each for each in named if each[0] and not is_gone(each[0])), named[0] if named else None)
    seen = seen_stock(page, evidence.lines, subject.node)
    best = seen[0] if seen else None
    if best and markup:
        if is_gone(best.state) == is_gone(markup[0] or "") or best.score < 2.5:  # noqa: PLR2004 - words somewhere
            return Candidate(markup[0] or "", 2.0, markup[2], markup[1])
        evidence.findings.say(
            f"The page says '{best.text[:80]}' ({best.state}), its markup says {markup[0]}; what the page shows was taken."
        )
        return Candidate(best.state, best.score, "page", page.selector(best.node), seen=True)
    if best and best.score >= 1.0:
        return Candidate(best.state, best.score, "page", page.selector(best.node), seen=True)
    return Candidate(markup[0] or "", 2.0, markup[2], markup[1]) if markup else None
