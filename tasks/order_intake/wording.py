"""How mails speak: the words of a language, and numbers, amounts and dates as people there write them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from blocks.documents.base import plain_decimal
from blocks.documents.money import to_cents
from blocks.documents.orders import Order

FOLDER = Path(__file__).with_name("mail")
GERMAN = frozenset({"DE", "AT", "CH", "LI", "LU"})
MINUS = "\N{MINUS SIGN}"


def language_of(order: Order) -> str:
    """Return the language to write to a customer in, by the country they are billed in; English elsewhere."""
    addresses = [each for each in (order.billing_address, order.shipping_address) if each is not None]
    country = next((each.country for each in addresses if each.country), "")
    return "de" if country in GERMAN else "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """One language: its words, and how it writes figures."""

    language: str
    words: Mapping[str, Any]

    def number(self, value: Decimal) -> str:
        """Return a number with as many places as it has, e.g. '1.234,5'."""
        whole, _, places = plain_decimal(abs(value)).partition(".")
        formats = self.words["formats"]
        grouped = f"{int(whole):,}".replace(",", formats["thousands"])
        sign = MINUS if value < 0 else ""
        return f"{sign}{grouped}{formats['decimal']}{places}" if places else f"{sign}{grouped}"

    def amount(self, value: Decimal, currency: str) -> str:
        """Return an amount of money with two places, e.g. '1.234,50 €' or '€1,234.50'."""
        cents = to_cents(value)
        whole, _, places = f"{abs(cents):f}".partition(".")
        formats = self.words["formats"]
        figures = f"{int(whole):,}".replace(",", formats["thousands"]) + formats["decimal"] + places
        known = self.words["currencies"].get(currency)
        before = formats["amount"].startswith("{currency}")
        shown = formats["amount"].format(amount=figures, currency=known or (f"{currency} " if before else currency))
        return f"{MINUS}{shown}" if cents < 0 else shown

    def per_cent(self, rate: Decimal) -> str:
        """Return a tax rate, e.g. '19 %'."""
        return str(self.words["formats"]["per_cent"].format(rate=self.number(rate)))

    def date(self, day: date) -> str:
        """Return a date with its day of the week, e.g. 'Donnerstag, 26. November 2026'."""
        weekday, month = self.words["weekdays"][day.weekday()], self.words["months"][day.month - 1]
        return str(self.words["formats"]["date"].format(weekday=weekday, day=day.day, month=month, year=day.year))

    def named(self, kind: str, name: str) -> str:
        """Return what people call a method, charge or country; the name itself where the language has no word."""
        return str(self.words[kind].get(name, name))


@cache
def wording(language: str) -> Wording:
    """Return the wording of a language, 'de' or 'en'."""
    import yaml  # noqa: PLC0415 - only where a mail is written

    return Wording(language, yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")))
