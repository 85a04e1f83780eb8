"""How an accepted order is asked of the ERP. Pure: the order in, a sale request out."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from blocks.documents.orders import ChargeKind, Component, Order
from blocks.documents.parties import Address
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, SalesParty

UNIT_PLACES = Decimal("0.0001")
CHARGES = {ChargeKind.SHIPPING: SaleLineKind.SHIPPING, ChargeKind.PAYMENT_FEE: SaleLineKind.PAYMENT_FEE}


def sale_reference(channel: str, external_id: str) -> str:
    """Return the reference a sale is looked up by in the ERP; it is unique per order."""
    return f"SOMS-{channel}-{external_id}"


def sale_request(
    order: Order,
    *,
    warehouse: str,
    payment_methods: Mapping[str, str],
    parts: Mapping[str, tuple[Component, ...]],
    zone: str,
) -> SaleRequest:
    """Translate an accepted order into one sale, dated by the merchant's day in ``zone`` (e.g. 'Europe/Berlin').

    A bundle keeps its price on its own line; its parts follow at no price, so that the ERP's stock moves with them
    (``parts``: components by bundle SKU, for orders that do not name them). Gift cards and other credits are a means of
    payment: the sale's total is the order's total before them.
    """
    billing = order.billing_address or Address()
    return SaleRequest(
        reference=sale_reference(order.channel, order.external_id),
        party=_party(order, billing),
        invoice_address=billing,
        shipment_address=order.shipping_address or billing,
        sale_date=order.placed_at.astimezone(ZoneInfo(zone)).date(),
        currency=order.currency,
        warehouse=warehouse,
        lines=(*_goods(order, parts), *_charges(order), *_discounts(order)),
        total=order.totals.total + order.totals.credits,
        comment=_comment(order, payment_methods),
    )


def _party(order: Order, billing: Address) -> SalesParty:
    customer = order.customer
    return SalesParty(
        code=f"{order.channel}-{customer.external_id}".upper(),
        name=customer.company or customer.name or billing.recipient(),
        vat_id=customer.vat_id,
        email=customer.email or billing.email,
        phone=billing.phone,
    )


def _goods(order: Order, parts: Mapping[str, tuple[Component, ...]]) -> list[SaleLine]:
    lines = []
    for line in order.lines:
        price = _unit_price(line.net / line.quantity)
        text = f"{line.name} {line.variant}".strip()
        lines.append(_goods_line(line.sku, line.quantity, text, price, line.tax_rate))
        lines.extend(
            _goods_line(part.sku, part.quantity * line.quantity, f"in {line.sku}", Decimal(0), None)
            for part in line.components or parts.get(line.sku, ())
        )
    return lines


def _goods_line(sku: str, quantity: Decimal, text: str, price: Decimal, rate: Decimal | None) -> SaleLine:
    return SaleLine(kind=SaleLineKind.GOODS, sku=sku, text=text, quantity=quantity, unit_net=price, tax_rate=rate)


def _charges(order: Order) -> list[SaleLine]:
    return [
        SaleLine(
            kind=CHARGES[charge.kind],
            text=order.shipping_method if charge.kind is ChargeKind.SHIPPING else "",
            quantity=Decimal(1),
            unit_net=_unit_price(charge.net),
            tax_rate=charge.tax_rate,
        )
        for charge in order.charges
    ]


def _discounts(order: Order) -> list[SaleLine]:
    """Spread the goods discount over the tax rates by their net share; a discount after tax stands outside tax."""
    totals, lines = order.totals, []
    if totals.discount_net and totals.goods_net:
        for rate in sorted({line.tax_rate for line in order.lines}):
            share = sum((line.net for line in order.lines if line.tax_rate == rate), Decimal(0)) / totals.goods_net
            lines.append(_discount(totals.discount_net * share, rate))
    if totals.order_discount:
        lines.append(_discount(totals.order_discount, None))
    return lines


def _discount(amount: Decimal, rate: Decimal | None) -> SaleLine:
    return SaleLine(kind=SaleLineKind.DISCOUNT, quantity=Decimal(1), unit_net=_unit_price(-amount), tax_rate=rate)


def _unit_price(amount: Decimal) -> Decimal:
    return amount.quantize(UNIT_PLACES, rounding=ROUND_HALF_UP)


def _comment(order: Order, payment_methods: Mapping[str, str]) -> str:
    parts = [f"Order {order.number}", f"payment: {payment_methods.get(order.payment_method, order.payment_method)}"]
    if order.purchase_order_number:
        parts.append(f"your order {order.purchase_order_number}")
    return "; ".join(parts) + (f"\n{order.comment}" if order.comment else "")
