"""What an invoice has of which rules speak, so that no rule is tried on an invoice that cannot break it.

One look at the groups and lines says for most rules that nothing of theirs is there, or nothing wrong with it.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from blocks.documents.invoices import Invoice, InvoiceLine
from blocks.standards.en16931.rules.rule import Rule
from blocks.standards.en16931.rules.sums import too_fine

_GROUPS = (
    *("payee", "tax_representative", "delivery", "payment", "supporting_documents", "preceding_invoices", "period"),
    *("accounting_currency", "tax_point_code"),
)
_REDUCTIONS, _DOUBTFUL, _BASES, _PRICES, _PERIODS, _PACKS, _DOCUMENTS, _UNSOUND = (
    *(
        "reductions of lines",
        "reductions that may be wrong",
        "bases of reductions",
        "gross prices",
        "periods of lines",
        "base quantities",
    ),
    *("documents of lines", "lines that may be wrong"),
)


def _numbered(family: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{family}-{number:02}" for number in numbers)


_NEEDS: dict[str, str] = {
    "BR-17": "payee",
    **dict.fromkeys(_numbered("BR", 18, 19, 20, 56), "tax_representative"),
    "BR-57": "delivery",
    **dict.fromkeys(_numbered("BR", 49, 50, 51, 61), "payment"),
    "BR-52": "supporting_documents",
    "BR-55": "preceding_invoices",
    "BR-29": "period",
    "BR-53": "accounting_currency",
    "BR-CO-03": "tax_point_code",
    **dict.fromkeys(
        (
            *_numbered("BR", 31, 32, 33, 36, 37, 38, 41, 42, 43, 44),
            *_numbered("BR-CO", 21, 22, 23, 24),
            *_numbered("BR-DEC", 1, 2, 5, 6, 24, 25, 27, 28),
        ),
        _DOUBTFUL,
    ),
    **dict.fromkeys(
        (*_numbered("BR", 21, 22, 23, 24, 25, 26, 27, 28, 30, 54, 64, 65), "BR-CO-04", "BR-DEC-23"), _UNSOUND
    ),
    **dict.fromkeys(("BR-DE-10", "BR-DE-11"), "delivery"),
    **dict.fromkeys(
        (
            *(f"BR-DE-{number}-{part}" for number in (23, 24, 25) for part in "ab"),
            *("BR-DE-19", "BR-DE-20", "BR-DE-30", "BR-DE-31", "PEPPOL-EN16931-R061"),
        ),
        "payment",
    ),
    **dict.fromkeys(("BR-DE-22", "BR-TMP-2"), "supporting_documents"),
    "PEPPOL-EN16931-R005": "accounting_currency",
    **dict.fromkeys((f"PEPPOL-EN16931-R{number:03}" for number in (40, 41, 42)), _BASES),
    "PEPPOL-EN16931-R046": _PRICES,
    **dict.fromkeys(("PEPPOL-EN16931-R110", "PEPPOL-EN16931-R111"), _PERIODS),
    **dict.fromkeys(("PEPPOL-EN16931-R121", "PEPPOL-EN16931-R130"), _PACKS),
    "PEPPOL-EN16931-R101": _DOCUMENTS,
}
"""Rules that only an invoice with a trait can break; all others are always tried."""


def traits(invoice: Invoice) -> frozenset[str]:
    """Return what an invoice has that some rules need in order to be broken."""
    found = {name for name in _GROUPS if getattr(invoice, name)}
    for line in invoice.lines:
        _look_at(line, found)
    if invoice.allowances_charges:
        found.add(_DOUBTFUL)
    if invoice.allowances_charges or _REDUCTIONS in found:
        every = (*invoice.allowances_charges, *(one for line in invoice.lines for one in line.allowances_charges))
        if any(one.basis is not None or one.percentage is not None for one in every):
            found.update((_BASES, _DOUBTFUL))
        elif any(one.amount is None or not (one.reason or one.reason_code) or too_fine(one.amount) for one in every):
            found.add(_DOUBTFUL)
    return frozenset(found)


_ZERO = Decimal(0)


def _look_at(line: InvoiceLine, found: set[str]) -> None:
    """Add what a line has."""
    price, item = line.price, line.item
    if price.gross is not None:
        found.add(_PRICES)
    if price.base_quantity is not None or price.base_unit:
        found.add(_PACKS)
    if line.allowances_charges:
        found.add(_REDUCTIONS)
    if line.supporting_documents:
        found.add(_DOCUMENTS)
    if line.period:
        found.add(_PERIODS)
    if _UNSOUND in found:
        return
    net, amount = price.net, line.net
    if (
        amount is None
        or net is None
        or net < _ZERO
        or line.quantity is None
        or not (line.id and line.unit and line.vat_category and item.name)
        or line.period
        or item.attributes
        or item.standard_id
        or item.classifications
        or (price.gross is not None and price.gross < _ZERO)
        or too_fine(amount)
    ):
        found.add(_UNSOUND)


class Choice:
    """Rules in their order, and those of them that an invoice with some traits can break."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the rules."""
        self._rules = tuple(rules)
        self._of = lru_cache(maxsize=256)(self._choose)

    def _choose(self, found: frozenset[str]) -> tuple[Rule, ...]:
        return tuple(rule for rule in self._rules if _NEEDS.get(rule.id) in {None, *found})

    def of(self, found: frozenset[str]) -> tuple[Rule, ...]:
        """Return the rules to try; invoices of one sender mostly have the same traits."""
        return self._of(found)
