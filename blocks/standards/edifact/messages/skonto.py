"""Cash discount (Skonto) in payment terms, in the notation of XRechnung (BR-DE-18), both ways.

One discount a line: ``#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#``; the basis is optional.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_LINE = re.compile(
    r"#SKONTO#TAGE=([0-9]{1,3})#PROZENT=([0-9]{1,2}\.[0-9]{2})(?:#BASISBETRAG=(-?[0-9]{1,15}\.[0-9]{2}))?#"
)


@dataclass(frozen=True, slots=True)
class Discount:
    """So many per cent off, of the basis or the whole amount, when paid within the days after the invoice's date."""

    days: int
    percentage: Decimal
    basis: Decimal | None = None


def discounts(terms: str) -> tuple[Discount, ...]:
    """Return the discounts that payment terms name."""
    found = (_LINE.fullmatch(line.strip()) for line in terms.splitlines())
    return tuple(
        Discount(int(match[1]), Decimal(match[2]), Decimal(match[3]) if match[3] else None) for match in found if match
    )


def terms_with(terms: str, granted: Iterable[Discount]) -> str:
    """Return payment terms that name the discounts, each once."""
    named = set(discounts(terms))
    more = [_line(discount) for discount in granted if discount not in named]
    return "\n".join([terms, *more] if terms else more)


def _line(discount: Discount) -> str:
    basis = "" if discount.basis is None else f"#BASISBETRAG={discount.basis:.2f}"
    return f"#SKONTO#TAGE={discount.days}#PROZENT={discount.percentage:.2f}{basis}#"
