"""The numbers of a product: GTIN, the maker's part number and the seller's own, told apart."""

import re

from blocks.standards.product_data.gtins import digits_of, gtin_of, looks_like_gtin
from blocks.standards.product_data.pages.evidence import WEIGHTS, Evidence
from blocks.standards.product_data.pages.markup_products import MarkupProduct
from blocks.standards.product_data.pages.pairs import Pair
from blocks.standards.product_data.pages.votes import Ballot, Candidate
from blocks.standards.product_data.pages.words import field_of, folded
from blocks.standards.product_data.pages.zones import ASIDE, DEAD, OPTIONS

_LONGEST_ID = 60
_MOST_WORDS = 4
_MOST_WORDS_LABELLED = 2
_CODE = re.compile(r"(?=[^\d]*\d)(?=.*[A-Z])[A-Z0-9][A-Z0-9./_\-]{3,30}")
"""A model that is a number of its maker: capital letters and digits in one word."""
_WORDY_NUMBER = re.compile(r"[A-Za-z]{1,8}(?:[-_./][A-Za-z0-9]{1,8}){1,5}|[A-Z]{3,12}")
"""A number of a product without a digit, such as 'NW-MBL-S'."""


def gtin_chosen(evidence: Evidence) -> Candidate | None:
    """Return the product's GTIN: only numbers whose check digit holds; those on the page before those in markup."""
    ballot = Ballot(lambda text: (gtin_of(text) or "").lstrip("0"))
    for pair in evidence.pairs:
        if pair.field == "gtin":
            _offer_gtin(evidence, ballot, pair)
    for product in evidence.subject.products:
        for text in (*product.gtins, *(offer.gtin for offer in product.offers)):
            if gtin_of(text):
                ballot.add(digits_of(text), WEIGHTS[product.syntax], product.syntax, product.place)
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
        for given in product.mpns[:3]:
            text = _without_brand(given, product) if _same_number(given, sku, product) else given
            if _identifier(text):
                ballot.add(text, WEIGHTS[product.syntax], product.syntax, product.place)
    if not ballot.candidates:
        _mpn_of_scripts(evidence, ballot, sku)
    return ballot.winner()


def _mpn_of_scripts(evidence: Evidence, ballot: Ballot, sku: str) -> None:
    """Put up the part number that scripts give the product, where it is none of its other numbers."""
    text = _identifier(evidence.script_state().get("mpn", ""))
    if text and folded(text) not in {folded(sku), folded(evidence.script_state().get("sku", ""))} and not gtin_of(text):
        ballot.add(text, 0.8, "script", "script")


def _without_brand(text: str, product: MarkupProduct) -> str:
    """Return what is left of a shop's number that is the maker's behind the brand's first letters: NI_AT3484."""
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
            and _is_short(text)
            and not page.zones[pair.node] & (ASIDE | OPTIONS)
        ):
            near = 0.5 if subject.node < 0 or abs(pair.node - subject.node) < 400 else 0.0
            ballot.add(text, 2.4 + near, "label", page.selector(pair.node), seen=True)
    for product in subject.products:
        for text in (*product.skus[:2], *(offer.sku for offer in product.offers[:1])):
            if _identifier(text) or _WORDY_NUMBER.fullmatch(text):
                ballot.add(text, WEIGHTS[product.syntax], product.syntax, product.place)
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


def _is_short(text: str) -> bool:
    """Say whether a labelled number is one, not words with a number among them."""
    words = text.split()
    return len(words) <= _MOST_WORDS_LABELLED or all(any(map(str.isdigit, word)) for word in words)


def _identifier(text: str) -> str | None:
    """Return a number of a product as printed, None for what is none: words, sentences, nothing but signs."""
    text = text.strip(" \t\n:#.,;*()[]")
    if not text or len(text) > _LONGEST_ID or not any(map(str.isdigit, text)):
        return None
    if len(text.split()) > _MOST_WORDS or field_of(text) or "://" in text:
        return None
    return text
