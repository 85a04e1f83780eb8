"""What a mapping profile can fill: every target of an order and of its lines, and how its text is read."""

from enum import StrEnum


class Kind(StrEnum):
    """How the text of a target is read."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    AMOUNT = "amount"
    RATE = "rate"
    QUANTITY = "quantity"
    PIECES = "number of pieces"
    """As a quantity, but nothing and less than nothing can be said, too: of stock that moved or was counted."""
    MOMENT = "moment"
    COUNTRY = "country"
    CURRENCY = "currency"
    STATUS = "status"
    PAYMENT_STATUS = "payment_status"


_ADDRESS = {
    **dict.fromkeys(
        ("first_name", "last_name", "company", "street", "street_extra", "city", "state", "email", "phone"), Kind.TEXT
    ),
    "postal_code": Kind.IDENTIFIER,
    "country": Kind.COUNTRY,
}

ORDER_TARGETS: dict[str, Kind] = {
    "external_id": Kind.IDENTIFIER,
    "number": Kind.IDENTIFIER,
    "placed_at": Kind.MOMENT,
    "changed_at": Kind.MOMENT,
    "status": Kind.STATUS,
    "payment_status": Kind.PAYMENT_STATUS,
    "currency": Kind.CURRENCY,
    "customer.external_id": Kind.IDENTIFIER,
    "customer.name": Kind.TEXT,
    "customer.company": Kind.TEXT,
    "customer.email": Kind.TEXT,
    "customer.vat_id": Kind.IDENTIFIER,
    **{f"billing_address.{name}": kind for name, kind in _ADDRESS.items()},
    **{f"shipping_address.{name}": kind for name, kind in _ADDRESS.items()},
    "payment_method": Kind.IDENTIFIER,
    "shipping_method": Kind.IDENTIFIER,
    "purchase_order_number": Kind.IDENTIFIER,
    "comment": Kind.TEXT,
    **{
        f"charges.{charge}.{name}": kind
        for charge in ("shipping", "payment_fee")
        for name, kind in (("net", Kind.AMOUNT), ("gross", Kind.AMOUNT), ("tax_rate", Kind.RATE))
    },
    **{
        f"totals.{name}": Kind.AMOUNT
        for name in (
            "goods_net",
            "goods_gross",
            "discount_net",
            "discount_gross",
            "order_discount",
            "credits",
            "rounding",
            "tax",
            "total",
        )
    },
}
"""Targets that stand once per order. ``totals.taxes.<rate>`` is added for each rate a profile names."""

LINE_TARGETS: dict[str, Kind] = {
    "external_id": Kind.IDENTIFIER,
    "sku": Kind.IDENTIFIER,
    "name": Kind.TEXT,
    "variant": Kind.TEXT,
    "quantity": Kind.QUANTITY,
    "tax_rate": Kind.RATE,
    "unit_net": Kind.AMOUNT,
    "unit_gross": Kind.AMOUNT,
    "net": Kind.AMOUNT,
    "gross": Kind.AMOUNT,
    "discount_net": Kind.AMOUNT,
    "discount_gross": Kind.AMOUNT,
}
"""Targets that stand once per line."""

TAX_PREFIX = "totals.taxes."
ALWAYS_ON_ORDER = ("external_id", "placed_at", "currency")
ALWAYS_ON_LINE = ("sku", "quantity", "tax_rate")
PRICES = ("unit_gross", "unit_net", "gross", "net")
PERSONAL = frozenset(
    name
    for name in ORDER_TARGETS
    if name == "comment" or (name.startswith(("billing_address.", "shipping_address.", "customer.")))
)
"""Targets whose values must not leave the desk of the person who looks at them."""


def kind_on_order(target: str) -> Kind | None:
    """Return how an order's target is read; None when there is no such target."""
    return Kind.AMOUNT if target.startswith(TAX_PREFIX) else ORDER_TARGETS.get(target)
