"""What can be wrong with an order that a middleware must not let through. Pure."""

from collections.abc import Callable
from decimal import Decimal

from deployments.sandbox.shop.orders import Draft, draft, falls_on


def _total_off(found: Draft) -> None:
    found.order["OrderTotal"] += Decimal("0.01")


def _wrong_tax(found: Draft) -> None:
    first, _, rest = found.order["TaxRates"].partition(";")
    rate, amount = first.split(":")
    found.order["TaxRates"] = f"{rate}:{Decimal(amount) + Decimal('0.50')};{rest}"
    found.order["OrderTax"] += Decimal("0.50")


def _negative_price(found: Draft) -> None:
    line = found.items[0]
    for name in ("UnitPriceInclTax", "UnitPriceExclTax", "PriceInclTax", "PriceExclTax"):
        line[name] = -line[name]


def _order(name: str, value: object) -> Callable[[Draft], None]:
    return lambda found: found.order.update({name: value})


def _line(name: str, value: object) -> Callable[[Draft], None]:
    return lambda found: found.items[0].update({name: value})


def _address(name: str) -> Callable[[Draft], None]:
    return lambda found: found.shipping.update({name: None})


def _missing_field(found: Draft) -> None:
    found.withheld = "OrderTotal"


DEFECTS: dict[str, Callable[[Draft], None]] = {
    "total_off_by_one_cent": _total_off,
    "wrong_tax": _wrong_tax,
    "unknown_sku": _line("Sku", "GHOST-404"),
    "missing_sku": _line("Sku", None),
    "unmapped_payment_method": _order("PaymentMethodSystemName", "Payments.Klarna"),
    "unknown_shipping_method": _order("ShippingMethod", "Drone"),
    "address_without_postal_code": _address("ZipPostalCode"),
    "address_without_street": _address("Address1"),
    "address_without_country": _address("CountryId"),
    "zero_quantity": _line("Quantity", 0),
    "negative_price": _negative_price,
    "garbled_currency": _order("CustomerCurrencyCode", "€U?"),
    "missing_field": _missing_field,
}
"""Every defect by name."""


def order(seed: int, index: int, *, bad: float = 0.0, short: float = 0.0) -> Draft:
    """Draft one order, which is bad or short when its turn has come.

    Args:
        seed: Which world.
        index: Which order of it, from 0.
        bad: Share of orders with a defect, 0 to 1; the defects take turns.
        short: Share of orders for more than there is, 0 to 1.
    """
    turn = falls_on(seed, index, bad)
    if turn is None:
        return draft(seed, index, short=falls_on(seed + 53, index, short) is not None)
    found = draft(seed, index)
    name = list(DEFECTS)[turn % len(DEFECTS)]
    DEFECTS[name](found)
    found.kind, found.defect = "bad", name
    return found
