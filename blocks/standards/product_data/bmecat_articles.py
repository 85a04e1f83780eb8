"""One ARTICLE or PRODUCT of a BMEcat catalogue → product data; values stay text as the catalogue prints them.

The elements of BMEcat 1.01 and 1.2 (ARTICLE, SUPPLIER_AID, ARTICLE_DETAILS …) and of 2005 and 2005.1 (PRODUCT,
SUPPLIER_PID, PRODUCT_DETAILS …) are read alike, whatever namespace they stand in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from blocks.documents.product_data import ProductAttribute, ProductData, ProductMedium, ProductText, Spot
from blocks.standards.product_data.bmecat_elements import below, children, language_of, local, text_of
from blocks.standards.product_data.bmecat_features import attributes_of, classes_of
from blocks.standards.product_data.gtins import gtin_of

_GTIN_TYPES = frozenset({"gtin", "ean", "upc"})
_LIST_PRICES = ("net_list", "gros_list", "nrp")
"""Types of prices that hold for everyone (BMEcat 1.2, PRICE_TYPE); any other is taken where none of them is given."""
_LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Inherited:
    """What the head of a catalogue says for all of its articles."""

    currency: str = ""
    language: str = ""
    media_root: str = ""


def product_of(article: Any, place: str, head: Inherited) -> tuple[ProductData, tuple[str, ...]]:
    """Return what the catalogue says of one article, and what was wrong with it, in whole sentences.

    Args:
        article: The element, complete.
        place: Where it stands, such as ``PRODUCT[17]``.
        head: What it inherits.
    """
    number = next((text_of(each) for each in children(article, "SUPPLIER_AID", "SUPPLIER_PID")), "")
    texts = tuple(_texts(article, head.language))
    price, currency, complaint = _price(article, head.currency, number or place)
    details = [each for part in children(article, "ARTICLE_DETAILS", "PRODUCT_DETAILS") for each in part]
    product = ProductData(
        name=_name(texts, head.language),
        gtin=_gtin(details),
        mpn=_first(details, "MANUFACTURER_AID", "MANUFACTURER_PID"),
        brand=_first(details, "MANUFACTURER_NAME"),
        price=price,
        currency=currency,
        supplier_article_id=number or None,
        attributes=_placed(article, place, head.language),
        texts=texts,
        media=tuple(_media(article, head.media_root)),
        category=next(iter(classes_of(article)), None),
        spots={"supplier_article_id": Spot(selector=place)},
    )
    return product, (complaint,) if complaint else ()


def _placed(article: Any, place: str, language: str) -> tuple[ProductAttribute, ...]:
    return tuple(
        ProductAttribute(
            name=each.name,
            value=each.value,
            unit=each.unit,
            source=each.source,
            spot=Spot(selector=f"{place}/{each.place}"),
        )
        for each in attributes_of(article, language)
    )


def _first(elements: list[Any], *names: str) -> str | None:
    return next((text for each in elements if local(each) in names and (text := text_of(each))), None)


def _gtin(details: list[Any]) -> str | None:
    """Return the first GTIN whose check digit holds, else the first as given (EAN; INTERNATIONAL_PID of its types)."""
    found = [
        text
        for each in details
        if (name := local(each)) in {"EAN", "INTERNATIONAL_PID", "INTERNATIONAL_AID"}
        and (name == "EAN" or (each.get("type") or "").strip().lower() in _GTIN_TYPES)
        and (text := text_of(each))
    ]
    return next((text for text in found if gtin_of(text)), found[0] if found else None)


_TEXTS = {"DESCRIPTION_SHORT": "short", "DESCRIPTION_LONG": "long", "KEYWORD": "keyword", "REMARKS": "remark"}


def _texts(article: Any, language: str) -> Iterator[ProductText]:
    seen = set()
    for part in children(article, "ARTICLE_DETAILS", "PRODUCT_DETAILS"):
        for each in part:
            kind, text = _TEXTS.get(local(each)), text_of(each)
            found = (kind, text, language_of(each, language))
            if kind and text and found not in seen:
                seen.add(found)
                yield ProductText(kind=kind, text=text, language=found[2])
    for each in children(article, "ARTICLE_REFERENCE", "PRODUCT_REFERENCE"):
        other = next((text_of(one) for one in children(each, "ART_ID_TO", "PROD_ID_TO")), "")
        if other:
            yield ProductText(kind=f"reference {(each.get('type') or 'others').strip()}", text=other)


def _name(texts: tuple[ProductText, ...], language: str) -> str | None:
    """Return the short description in the catalogue's own language, else the first one."""
    short = [each for each in texts if each.kind == "short"]
    own = (each.text for each in short if each.language == language)
    return next(own, short[0].text if short else None)


_PRICES = frozenset({"ARTICLE_PRICE", "PRODUCT_PRICE"})


def _price(article: Any, inherited: str, named: str) -> tuple[Decimal | None, str | None, str]:
    """Return amount, currency and a complaint, if any: of the list price for the smallest quantity."""
    details = frozenset({"ARTICLE_PRICE_DETAILS", "PRODUCT_PRICE_DETAILS"})
    found: list[tuple[int, Decimal, int, Decimal, str]] = []
    wrong = ""
    for place, each in enumerate(one for part in children(article, *details) for one in below(part, _PRICES)):
        printed = next((text_of(one) for one in children(each, "PRICE_AMOUNT")), "")
        amount = amount_of(printed)
        if amount is None:
            wrong = wrong or printed
            continue
        currency = next((text for one in children(each, "PRICE_CURRENCY") if (text := text_of(one))), inherited)
        step = next((amount_of(text_of(one)) for one in children(each, "LOWER_BOUND")), None) or Decimal(0)
        kind = (each.get("price_type") or each.get("type") or "").strip().lower()
        rank = _LIST_PRICES.index(kind) if kind in _LIST_PRICES else len(_LIST_PRICES)
        found.append((rank, step, place, amount, currency))
    complaint = f"The price '{wrong[:40]}' of article '{named}' is no amount." if wrong else ""
    if not found:
        return None, None, complaint
    *_, amount, currency = min(found)
    return amount, currency.upper()[:3] or None, complaint


def amount_of(printed: str) -> Decimal | None:
    """Return a printed amount: the last point or comma is the decimal mark, unless it comes several times."""
    plain = printed.strip().replace(" ", "").replace("\xa0", "").replace("'", "")
    mark = max(".,", key=plain.rfind)
    if plain.count(mark) > 1:
        plain = plain.replace(mark, "")
    whole, point, rest = plain.rpartition(mark)
    plain = whole.replace(".", "").replace(",", "") + ("." if point else "") + rest
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) < _MOST_DIGITS else None


_MOST_DIGITS = 20


def _media(article: Any, root: str) -> Iterator[ProductMedium]:
    for part in children(article, "MIME_INFO"):
        for mime in children(part, "MIME"):
            parts = list(mime)
            source = _first(parts, "MIME_SOURCE")
            if not source:
                continue
            address = source if "://" in source or not root else f"{root.rstrip('/')}/{source.lstrip('/')}"
            if len(address) <= _LONGEST_ADDRESS:
                yield ProductMedium(
                    address=address,
                    purpose=_first(parts, "MIME_PURPOSE") or "",
                    description=_first(parts, "MIME_DESCR", "MIME_ALT") or "",
                )
