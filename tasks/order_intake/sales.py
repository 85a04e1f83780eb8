"""How an accepted order is asked of the ERP. Pure: the order in, a sale request out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from blocks.documents.money import to_cents
from blocks.documents.orders import ChargeKind, Component, Order, PriceDisplay
from blocks.documents.parties import Address
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, SalesParty, sale_reference

UNIT_PLACES = Decimal("0.0001")
CHARGES = {ChargeKind.SHIPPING: SaleLineKind.SHIPPING, ChargeKind.PAYMENT_FEE: SaleLineKind.PAYMENT_FEE}


@dataclass(frozen=True, slots=True)
class Share:
    """One part of an order that ships in parts: its number, and the pieces by line position of every part."""

    number: int
    parts: tuple[Mapping[int, Decimal], ...]

    @property
    def own(self) -> Mapping[int, Decimal]:
        """Return this part's pieces by line position."""
        return self.parts[self.number - 1]


@dataclass(frozen=True, slots=True)
class PartTotal:
    """What a part comes to, and how much of the discount on the whole order it bears."""

    total: Decimal
    order_discount: Decimal


def sale_request(
    order: Order,
    *,
    warehouse: str,
    payment_methods: Mapping[str, str],
    parts: Mapping[str, tuple[Component, ...]],
    zone: str,
    share: Share | None = None,
) -> SaleRequest:
    """Translate an accepted order, or a part of it, into one sale, dated by the merchant's day in ``zone``.

    The first part bears the charges. The discount on the goods is shared by their net amounts; every further part comes
    to whole cents and the first one to the rest, so that all sales together are the order's total.

    A bundle keeps its price on its own line; its parts follow at no price, so that the ERP's stock moves with them
    (``parts``: components by bundle SKU, for orders that do not name them). Gift cards and other credits are a means of
    payment: the sale's total is the order's total before them.
    """
    billing = order.billing_address or Address()
    share = share or Share(1, ({position: line.quantity for position, line in enumerate(order.lines, 1)},))
    value = part_totals(order, share.parts)[share.number - 1]
    charges = _charges(order) if share.number == 1 else []
    return SaleRequest(
        reference=sale_reference(order.channel, order.external_id, share.number),
        party=_party(order, billing),
        invoice_address=billing,
        shipment_address=order.shipping_address or billing,
        sale_date=order.placed_at.astimezone(ZoneInfo(zone)).date(),
        currency=order.currency,
        warehouse=warehouse,
        lines=(*_goods(order, parts, share.own), *charges, *_discounts(order, share.own, value.order_discount)),
        total=value.total,
        comment=_comment(order, payment_methods, share),
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


def part_totals(order: Order, parts: Sequence[Mapping[int, Decimal]]) -> list[PartTotal]:
    """Return what each part comes to; together they are the order's total before means of payment, to the cent.

    The discount on the whole order is borne by the first part as far as it reaches, then by the next ones.
    """
    further = [to_cents(_value(order, lines)) for lines in parts[1:]]
    whole = order.totals.total + order.totals.credits + order.totals.order_discount
    values = [whole - sum(further, Decimal(0)), *further]
    left, totals = order.totals.order_discount, []
    for value in values:
        discount = min(max(value, Decimal(0)), left)
        left -= discount
        totals.append(PartTotal(value - discount, discount))
    return [PartTotal(totals[0].total - left, totals[0].order_discount + left), *totals[1:]]


def _value(order: Order, lines: Mapping[int, Decimal]) -> Decimal:
    """Return what goods come to with tax, less their share of the goods discount at their own tax rates."""
    totals, gross, taxed = order.totals, Decimal(0), Decimal(0)
    for position, count in lines.items():
        line = order.lines[position - 1]
        gross += line.gross * count / line.quantity
        taxed += line.net * count / line.quantity * (1 + line.tax_rate / 100)
    off = totals.discount_net / totals.goods_net if totals.goods_net else Decimal(0)
    return (gross if order.price_display is PriceDisplay.GROSS else taxed) - taxed * off


def _goods(order: Order, parts: Mapping[str, tuple[Component, ...]], own: Mapping[int, Decimal]) -> list[SaleLine]:
    lines = []
    for position, line in enumerate(order.lines, 1):
        count = own.get(position)
        if not count:
            continue
        price = _unit_price(line.net / line.quantity)
        text = f"{line.name} {line.variant}".strip()
        lines.append(_goods_line(line.sku, count, text, price, line.tax_rate))
        lines.extend(
            _goods_line(part.sku, part.quantity * count, f"in {line.sku}", Decimal(0), None)
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


def _discounts(order: Order, own: Mapping[int, Decimal], order_discount: Decimal) -> list[SaleLine]:
    """Spread the goods discount over the tax rates by their net share; a discount after tax stands outside tax."""
    totals, lines = order.totals, []
    if totals.discount_net and totals.goods_net:
        net: dict[Decimal, Decimal] = {}
        for position, count in own.items():
            line = order.lines[position - 1]
            net[line.tax_rate] = net.get(line.tax_rate, Decimal(0)) + line.net * count / line.quantity
        lines += [_discount(totals.discount_net * net[rate] / totals.goods_net, rate) for rate in sorted(net)]
    if order_discount:
        lines.append(_discount(order_discount, None))
    return lines


def _discount(amount: Decimal, rate: Decimal | None) -> SaleLine:
    return SaleLine(kind=SaleLineKind.DISCOUNT, quantity=Decimal(1), unit_net=_unit_price(-amount), tax_rate=rate)


def _unit_price(amount: Decimal) -> Decimal:
    return amount.quantize(UNIT_PLACES, rounding=ROUND_HALF_UP)


def _comment(order: Order, payment_methods: Mapping[str, str], share: Share) -> str:
    parts = [f"Order {order.number}", f"payment: {payment_methods.get(order.payment_method, order.payment_method)}"]
    if len(share.parts) > 1:
        parts.append(f"part {share.number} of {len(share.parts)}")
    if order.purchase_order_number:
        parts.append(f"your order {order.purchase_order_number}")
    return "; ".join(parts) + (f"\n{order.comment}" if order.comment else "")
