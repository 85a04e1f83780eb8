"""Money: decimal amounts and the one declared rounding method.

Method: commercial rounding, half away from zero (``ROUND_HALF_UP``), to the cent, once per tax rate on the
document's sums and never per line (EN 16931 BR-CO-17 rounds tax per breakdown line).
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import Field

Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=8, allow_inf_nan=False)]
"""An amount in the document's currency; up to 8 places, because shops keep unrounded net prices."""

Rate = Annotated[Decimal, Field(ge=0, lt=100, decimal_places=4, max_digits=7, allow_inf_nan=False)]
"""A tax rate in per cent: 19 means 19 %."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""

CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    """Round to the cent, half away from zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
