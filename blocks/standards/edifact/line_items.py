"""What a message's line items and taxes say, as far as amounts and counts are compared."""

from decimal import Decimal


class Line:
    """One line item. Amounts and quantities are None where the message gives none."""

    __slots__ = (
        "allowance", "allowance_known", "amount", "amount_qualifier", "basis", "net_price", "number", "place", "price",
        "quantities", "rate", "scope", "sub",
    )  # fmt: skip

    def __init__(self, number: str, place: int, scope: int, *, sub: bool) -> None:
        """Begin a line; `scope` counts the consignments, locations or product groups that number lines anew."""
        self.number, self.place, self.scope, self.sub = number, place, scope, sub
        self.quantities: dict[str, Decimal] = {}
        self.amount: Decimal | None = None
        self.amount_qualifier = ""
        self.price: Decimal | None = None
        self.net_price = False
        self.basis = Decimal(1)
        self.allowance = Decimal(0)
        self.allowance_known = True
        self.rate: Decimal | None = None


class TaxGroup:
    """One tax of the summary: rate, basis and amount, as far as stated."""

    __slots__ = ("amount", "basis", "place", "rate")

    def __init__(self, place: int, rate: Decimal | None) -> None:
        """Begin one."""
        self.place, self.rate = place, rate
        self.basis: Decimal | None = None
        self.amount: Decimal | None = None
