"""The price a page gives and its currency: what a reader sees before what the markup says."""

import re
from dataclasses import dataclass
from decimal import Decimal

from blocks.standards.product_data.pages.evidence import Evidence
from blocks.standards.product_data.pages.prices import SeenPrice, seen_prices
from blocks.standards.product_data.pages.scripts import currency_in_scripts
from blocks.standards.product_data.pages.subject import Subject
from blocks.standards.product_data.price_texts import amount_in, currency_of, currency_of_country, price_in

_LEAST = 1.5
"""What must speak for a figure, so that it is a price of the product at all."""
_NEARLY_AS_CLEAR = 2.5


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
    shown = [price for price in seen if not price.struck and price.score > _LEAST]
    shown = [_with_cents(price, asked) for price in shown]
    taken = _agreed(shown, asked) or (shown[0] if shown and shown[0].score >= _enough(asked) else None)
    chosen = ChosenPrice()
    if taken:
        chosen = ChosenPrice(taken.amount, taken.currency, page.selector(taken.node), "page")
        if asked and all(amount != taken.amount for amount, _, _ in asked):
            evidence.findings.say(
                f"The page shows the price {taken.amount:f}, its markup says {asked[0][0]:f}; "
                "what the page shows was taken."
            )
    elif asked:
        chosen = ChosenPrice(asked[0][0], asked[0][1], asked[0][2], "markup")
    elif not shown:
        chosen = _of_scripts(evidence)
    if chosen.amount is not None:
        chosen.currency = _currency(evidence, chosen, asked, seen)
    return chosen


def _of_scripts(evidence: Evidence) -> ChosenPrice:
    """Return the price that scripts give the product; whole numbers may be cents, and are none."""
    state = evidence.script_state()
    text = state.get("price", "")
    if not re.fullmatch(r"\d{1,7}[.,]\d{1,2}", text):
        return ChosenPrice()
    currency = currency_of(state.get("currency", ""), country=evidence.country)
    return ChosenPrice(Decimal(text.replace(",", ".")), currency, "script", "script")


def _with_cents(price: SeenPrice, asked: list[tuple[Decimal, str | None, str]]) -> SeenPrice:
    """Return a price whose decimals the page sets apart without a mark (229⁹⁹) as the markup writes it."""
    for amount, _, _ in asked:
        if price.amount == amount * 100 and amount % 1:
            price.amount = amount
    return price


def _enough(asked: list[tuple[Decimal, str | None, str]]) -> float:
    """Return how much must speak for a price that the markup does not name."""
    return 6.0 if asked else 3.5


def _agreed(shown: list[SeenPrice], asked: list[tuple[Decimal, str | None, str]]) -> SeenPrice | None:
    """Return the price both page and markup give, unless the page shows another one much more clearly."""
    if not shown:
        return None
    amounts = {amount for amount, _, _ in asked}
    return next(
        (price for price in shown if price.amount in amounts and price.score >= shown[0].score - _NEARLY_AS_CLEAR), None
    )


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
        {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "UYU", "TWD"},
        {"SEK", "NOK", "DKK", "ISK"},
        {"JPY", "CNY"}, {"GBP", "EGP"}, {"INR", "PKR", "LKR", "NPR"}, {"RON", "MDL"}, {"BGN", "RUB"},
    )  # fmt: skip
    return any({one, other} <= group for group in groups)
