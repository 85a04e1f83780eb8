"""Orders: what a customer bought, in the same words whatever the channel."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from blocks.documents.base import Document, Moment
from blocks.documents.money import Amount, Currency, Rate
from blocks.documents.parties import Address, Customer

Quantity = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4, allow_inf_nan=False)]
"""Pieces, up to 4 places; at most 10 digits before the point, as for amounts."""


class OrderStatus(StrEnum):
    """Where the order stands in the channel it came from."""

    NEW = "new"
    PROCESSING = "processing"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """What is known of the payment."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


class PriceDisplay(StrEnum):
    """Which price the customer saw and agreed to: gross (B2C) or net (B2B)."""

    GROSS = "gross"
    NET = "net"


class Component(Document):
    """A part of a bundle; ``quantity`` is per one bundle."""

    sku: str
    quantity: Quantity


class OrderLine(Document):
    """One line. ``net``/``gross`` are the line's amounts after its own discounts, before order discounts."""

    external_id: str
    sku: str
    name: str = ""
    variant: str = Field(default="", description="Chosen options as the customer saw them, e.g. 'Colour: red'.")
    quantity: Quantity
    unit_net: Amount
    unit_gross: Amount
    net: Amount
    gross: Amount
    discount_net: Amount = Decimal(0)
    discount_gross: Amount = Decimal(0)
    tax_rate: Rate
    agreed_price: bool = Field(default=False, description="Somebody agreed this price instead of the price list's.")
    components: tuple[Component, ...] = ()


class ChargeKind(StrEnum):
    """What a charge beside the goods is for."""

    SHIPPING = "shipping"
    PAYMENT_FEE = "payment_fee"


class Charge(Document):
    """Shipping or a payment fee."""

    kind: ChargeKind
    net: Amount
    gross: Amount
    tax_rate: Rate


class TaxAmount(Document):
    """Tax of one rate as the channel stated it."""

    rate: Rate
    amount: Amount


class Totals(Document):
    """The order's sums as the channel stated them; rules recompute every one of them.

    ``total`` is what the customer pays: goods - discounts + charges (+ tax when prices are net) - credits + rounding.
    """

    goods_net: Amount
    goods_gross: Amount
    discount_net: Amount = Field(default=Decimal(0), description="Discount on the goods, net, positive.")
    discount_gross: Amount = Field(default=Decimal(0), description="Discount on the goods, gross, positive.")
    order_discount: Amount = Field(default=Decimal(0), description="Discount on the whole order after tax, positive.")
    credits: Amount = Field(default=Decimal(0), description="Gift cards, wallet and reward points used, positive.")
    rounding: Amount = Field(default=Decimal(0), description="Declared rounding, e.g. to 0.05 CHF; signed.")
    tax: Amount
    taxes: tuple[TaxAmount, ...] = ()
    total: Amount


class Order(Document):
    """One order from one channel; the business key is (channel, external_id)."""

    channel: str = Field(description="Name of the connected source, e.g. 'berlin'.")
    external_id: str
    number: str = Field(description="The number the customer was told.")
    placed_at: Moment
    changed_at: Moment
    status: OrderStatus
    payment_status: PaymentStatus
    currency: Currency
    display_currency: Currency
    exchange_rate: Amount = Field(default=Decimal(1), description="Displayed amount = amount * rate.")
    price_display: PriceDisplay
    customer: Customer
    billing_address: Address | None
    shipping_address: Address | None = Field(description="None when nothing is shipped.")
    payment_method: str = Field(description="The channel's own name of the payment method.")
    shipping_method: str = Field(default="", description="The channel's own name; empty when nothing is shipped.")
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...] = ()
    totals: Totals
    purchase_order_number: str = ""
    comment: str = ""
