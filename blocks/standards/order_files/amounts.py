"""Amounts a file does not state: net from gross, gross from net, sums and taxes, by the declared method of money.

Net and gross amounts that are computed keep 4 places, as shops keep them; tax is rounded once per rate on the order's
sums, the total once (EN 16931 BR-CO-17). What a file states is kept as stated: the rules of the intake check it.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from blocks.documents.money import to_cents

STORED = Decimal("0.0001")
FINEST = Decimal("1E-8")
ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
LARGEST = Decimal(10) ** 10

Amounts = dict[str, Any]


def stored(amount: Decimal) -> Decimal:
    """Round to 4 places, half away from zero."""
    return amount.quantize(STORED, rounding=ROUND_HALF_UP)


def exact(amount: Decimal) -> Decimal:
    """Return a product as it is, or to 8 places where it has more."""
    rounded = amount.quantize(FINEST, rounding=ROUND_HALF_UP)
    return amount if rounded == amount else rounded


def complete_line(line: Amounts, *, gross: bool, before_discount: bool) -> None:
    """Fill in what a line does not state of unit_net, unit_gross, net and gross.

    Args:
        line: Has quantity and tax_rate, and at least one of the four as a Decimal; the others are None.
        gross: Whether gross prices are the ones the customer agreed to, and so the ones to begin with.
        before_discount: Whether the file's unit prices are before the line's discount.
    """
    share, quantity = ONE + line["tax_rate"] / HUNDRED, line["quantity"]
    _complete_discount(line, share)
    first, second = ("gross", "net") if gross else ("net", "gross")
    unit, amount = line[f"unit_{first}"], line[first]
    if before_discount and unit is not None:
        unit = exact(unit - line[f"discount_{first}"] / quantity)
    if before_discount and line[f"unit_{second}"] is not None:
        line[f"unit_{second}"] = exact(line[f"unit_{second}"] - line[f"discount_{second}"] / quantity)
    if unit is None:
        unit = _first_unit(line, first, second, share, quantity, gross=gross)
    if amount is None:
        amount = exact(unit * quantity)
    line[f"unit_{first}"], line[first] = unit, amount
    if line[f"unit_{second}"] is None:
        line[f"unit_{second}"] = stored(unit / share if gross else unit * share)
    if line[second] is None:
        line[second] = stored(amount / share if gross else amount * share)


def _first_unit(line: Amounts, first: str, second: str, share: Decimal, quantity: Decimal, *, gross: bool) -> Decimal:
    if line[first] is not None:
        return stored(line[first] / quantity)
    other: Decimal = line[f"unit_{second}"] if line[f"unit_{second}"] is not None else line[second] / quantity
    return stored(other * share if gross else other / share)


def _complete_discount(line: Amounts, share: Decimal) -> None:
    net, gross = line["discount_net"], line["discount_gross"]
    line["discount_net"] = net if net is not None else stored(gross / share) if gross is not None else ZERO
    line["discount_gross"] = gross if gross is not None else stored(net * share) if net is not None else ZERO


def complete_charge(charge: Amounts) -> None:
    """Fill in the net or the gross amount of a charge that states only one."""
    share = ONE + charge["tax_rate"] / HUNDRED
    if charge["net"] is None:
        charge["net"] = stored(charge["gross"] / share)
    elif charge["gross"] is None:
        charge["gross"] = stored(charge["net"] * share)


def complete_totals(
    totals: Amounts, lines: list[Amounts], charges: list[Amounts], *, gross: bool, stated: Mapping[Decimal, Decimal]
) -> None:
    """Fill in the sums a file does not state.

    Args:
        totals: Amounts by name; None where the file states nothing.
        lines: Complete lines.
        charges: Complete charges.
        gross: Whether the customer agreed to gross prices.
        stated: Tax by rate, as far as the file states it.
    """
    net_sum, gross_sum = ZERO, ZERO
    for line in lines:
        net_sum += line["net"]
        gross_sum += line["gross"]
    for name, amount in (("goods_net", net_sum), ("goods_gross", gross_sum), *_NOTHING):
        if totals[name] is None:
            totals[name] = amount
    _spread_discount(totals, net_sum, gross_sum)
    taxes = {rate: to_cents(tax) for rate, tax in _taxes(lines, charges, totals["discount_net"], net_sum).items()}
    taxes.update(stated)
    totals["taxes"] = [{"rate": rate, "amount": amount} for rate, amount in sorted(taxes.items())]
    if totals["tax"] is None:
        totals["tax"] = sum(taxes.values(), ZERO)
    if totals["total"] is None:
        name, tax = ("gross", ZERO) if gross else ("net", totals["tax"])
        goods = totals[f"goods_{name}"] - totals[f"discount_{name}"] + sum((charge[name] for charge in charges), ZERO)
        totals["total"] = to_cents(goods + tax - totals["order_discount"] - totals["credits"] + totals["rounding"])


_NOTHING = (("order_discount", ZERO), ("credits", ZERO), ("rounding", ZERO))


def _spread_discount(totals: Amounts, net_sum: Decimal, gross_sum: Decimal) -> None:
    """A discount on the goods lowers every rate's goods in the same proportion."""
    net, gross = totals["discount_net"], totals["discount_gross"]
    if net is None and gross is None:
        totals["discount_net"] = totals["discount_gross"] = ZERO
    elif net is None:
        totals["discount_net"] = stored(gross * net_sum / gross_sum) if gross_sum else ZERO
    elif gross is None:
        totals["discount_gross"] = stored(net * gross_sum / net_sum) if net_sum else ZERO


def _taxes(lines: list[Amounts], charges: list[Amounts], discount: Decimal, goods: Decimal) -> dict[Decimal, Decimal]:
    kept = ONE - discount / goods if discount and goods else ONE
    taxes: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line["tax_rate"]
        taxes[rate] = taxes.get(rate, ZERO) + (line["gross"] - line["net"]) * kept
    for charge in charges:
        rate = charge["tax_rate"]
        taxes[rate] = taxes.get(rate, ZERO) + charge["gross"] - charge["net"]
    return taxes
