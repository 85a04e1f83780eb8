"""Figures that an issuer's program printed rounded: which lines they explain, and which they do not."""

from decimal import ROUND_HALF_UP, Decimal

from blocks.documents.invoices import InvoiceLine

_CENT = Decimal("0.01")
_ONE = Decimal(1)
_DIVISIBLE = frozenset(
    {"HUR", "MIN", "SEC", "DAY", "WEE", "MON", "ANN", "KGM", "GRM", "TNE", "MGM", "MTR", "CMT", "MMT", "KMT"}
    | {"MTK", "MTQ", "LTR", "MLT", "CLT", "HLT", "KWH", "MWH", "KWT"}
)
"""Units (Recommendation 20) of what is measured: pieces are counted, and a count is not rounded."""
_MOST_OF_QUANTITY = Decimal("0.09")
_MOST_OF_PRICE = Decimal("0.01")
"""Half a unit of the last place as a share of the figure: above it, rounding would explain any discount as well."""


def rounded_figure(line: InvoiceLine) -> str:
    """Return which printed figure, taken as rounded to its last place, makes the line close: 'quantity', 'price', ''.

    A quantity counts as rounded only where it is measured, not counted, and amount by price gives a figure of at most
    two decimals that rounds to it; a price where half a unit of its last place is no more than a hundredth of it.
    Lines with allowances or charges of their own are not explained: what is off could be one of those.
    """
    quantity, price, net = line.quantity, line.price.net, line.net
    if not quantity or not price or not net or line.allowances_charges:
        return ""
    each = price / (line.price.base_quantity or _ONE)
    if _price_fits(quantity, each, net, _half(price) / (line.price.base_quantity or _ONE)):
        return "price"
    return "quantity" if line.unit in _DIVISIBLE and _quantity_fits(quantity, each, net) else ""


def _quantity_fits(quantity: Decimal, each: Decimal, net: Decimal) -> bool:
    exact = (net / each).quantize(_CENT, ROUND_HALF_UP)
    half = _half(quantity)
    return (
        half > _CENT / 2
        and abs(exact - quantity) <= half <= _MOST_OF_QUANTITY * abs(quantity)
        and (exact * each).quantize(_CENT, ROUND_HALF_UP) == net
    )


def _price_fits(quantity: Decimal, each: Decimal, net: Decimal, half: Decimal) -> bool:
    return abs(quantity * each - net) <= abs(quantity) * half + _CENT / 2 and half <= _MOST_OF_PRICE * abs(each)


def _half(value: Decimal) -> Decimal:
    """Return half a unit of the last place a figure shows."""
    exponent = value.as_tuple().exponent
    return Decimal(5).scaleb((exponent if isinstance(exponent, int) and exponent < 0 else 0) - 1)
