"""What is known of the supply an invoice may be about: order lines with what came and what was billed of them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

_NOTHING = Decimal(0)
ZERO_STEP = Decimal("0.00005")
"""Quantities are known to four places; what is smaller is nothing."""


LARGEST = Decimal(10) ** 15
"""What is beyond is no figure of a supply: it is compared as it is, and kept nowhere."""


def to_step(value: Decimal, step: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return a figure rounded to a step; what is too large for it, as it is."""
    return value.quantize(step, rounding) if abs(value) < LARGEST else value


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an order line at once, or went back (negative)."""

    line: str
    receipt: str
    receipt_key: str
    note_key: str
    quantity: Decimal
    received_on: date


@dataclass(frozen=True, slots=True)
class Claim:
    """What an invoice bills of an order line; negative: gives back.

    Attributes:
        since: When it was first held against the supply, as a number that grows: who came first is served first.
        settled: Whether it has been approved: then it counts, whenever it came.
    """

    invoice: int
    number: str
    receipt_line: str
    quantity: Decimal
    since: int
    settled: bool


@dataclass(slots=True)
class OrderLine:
    """A line of an order, with what came and what was billed of it."""

    system: str
    line: str
    order: str
    order_key: str
    reference_key: str
    position: str
    supplier: str
    sku: str
    sku_key: str
    supplier_sku_key: str
    gtin_key: str
    description: str
    kind: str
    quantity: Decimal
    unit: str
    price: Decimal
    currency: str
    ordered_on: date | None
    cancelled: bool
    receipts: list[Receipt] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """Return what it is known by among all systems."""
        return self.system, self.line

    @property
    def received(self) -> Decimal:
        """Return what came, less what went back."""
        return sum((one.quantity for one in self.receipts), _NOTHING)

    def counting(self, asking: "Asking") -> Iterator[Claim]:
        """Yield the claims of other invoices that go before the one that asks."""
        own = {asking.invoice, asking.replaces}
        return (one for one in self.claims if one.invoice not in own and (one.settled or one.since < asking.since))

    def claimed(self, asking: "Asking") -> Decimal:
        """Return what other invoices have billed already."""
        return sum((one.quantity for one in self.counting(asking)), _NOTHING)


@dataclass(frozen=True, slots=True)
class Asking:
    """Which invoice asks, since when it has been held against the supply, and which one it takes the place of."""

    invoice: int
    number: str
    since: int
    replaces: int | None = None


@dataclass(slots=True)
class Supply:
    """All order lines that the invoices of one batch may be about; what one of them bills, the next one sees."""

    lines: dict[tuple[str, str], OrderLine] = field(default_factory=dict)
    by_purchase: dict[tuple[str, str], list[OrderLine]] = field(default_factory=dict)
    by_article: dict[tuple[str, str], list[OrderLine]] = field(default_factory=dict)
    """What was searched for, by supplier and article number; under an empty number a supplier's newest lines."""
    _claimed: dict[int, set[tuple[str, str]]] = field(default_factory=dict)

    def add(self, line: OrderLine) -> OrderLine:
        """Take in an order line, once; returns it as it is known here."""
        known = self.lines.get(line.key)
        if known is None:
            self.lines[line.key] = known = line
            self.by_purchase.setdefault((line.system, line.order), []).append(line)
        return known

    def of(self, purchases: Iterable[tuple[str, str]]) -> list[OrderLine]:
        """Return the lines of orders, by system and number."""
        return [line for purchase in purchases for line in self.by_purchase.get(purchase, ())]

    def with_articles(self, supplier: str, keys: Iterable[str]) -> list[OrderLine]:
        """Return the lines that were searched for by article numbers, each once."""
        found = {line.key: line for key in keys for line in self.by_article.get((supplier, key), ())}
        return list(found.values())

    def claim(self, key: tuple[str, str], claim: Claim) -> None:
        """Note what an invoice bills of an order line."""
        line = self.lines.get(key)
        if line is not None:
            line.claims.append(claim)
            self._claimed.setdefault(claim.invoice, set()).add(key)

    def release(self, invoice: int) -> None:
        """Forget what an invoice bills, for it is held against the supply anew."""
        for key in self._claimed.pop(invoice, ()):
            line = self.lines[key]
            line.claims = [claim for claim in line.claims if claim.invoice != invoice]
