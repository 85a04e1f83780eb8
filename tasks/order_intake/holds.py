"""Orders that are right and wait for a person all the same: large ones, strange ones. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from blocks.documents.orders import Order
from blocks.documents.parties import Address
from blocks.documents.verdicts import Fault
from tasks.order_intake.rulebook import OrderRules

REMEDY = "Look at the order; release it if it is wanted, reject it if not."


def holds(order: Order, rules: OrderRules, customers: frozenset[str] | None) -> Iterator[Fault]:
    """Yield why the order waits for a person, as the merchant's rules say.

    Args:
        order: An order without faults.
        rules: The merchant's rules.
        customers: Ids of customers who have ordered before; None when nobody looked.
    """
    if _over(order, rules.holds.total_over):
        yield _hold(
            rules,
            "ORD-HOLD-TOTAL",
            "totals.total",
            f"The order's total is over {_limit(order, rules.holds.total_over)}.",
        )
    if (
        _over(order, rules.holds.new_customer_over)
        and customers is not None
        and order.customer.external_id not in customers
    ):
        text = f"It is this customer's first order and over {_limit(order, rules.holds.new_customer_over)}."
        yield _hold(rules, "ORD-HOLD-NEW-CUSTOMER", "customer", text)
    if _over(order, rules.holds.differing_addresses_over) and _differ(order):
        text = (
            f"Goods and invoice go to different addresses, over {_limit(order, rules.holds.differing_addresses_over)}."
        )
        yield _hold(rules, "ORD-HOLD-ADDRESSES", "shipping_address", text)
    for number, line in enumerate(order.lines, 1):
        if line.agreed_price:
            text = f"Article {line.sku} is sold at an agreed price, not at the price list's."
            yield _hold(rules, "ORD-HOLD-PRICE", f"lines[{number}].unit_{order.price_display}", text)
    words = [word for word in rules.holds.words if word.lower() in _all_text(order)]
    if words:
        yield _hold(
            rules, "ORD-HOLD-WORDS", "order", f"The order contains '{words[0]}', a word this merchant looks out for."
        )


def _hold(rules: OrderRules, rule: str, place: str, text: str) -> Fault:
    return Fault(rule=rule, version=rules.version, place=place, text=text, remedy=REMEDY)


def _over(order: Order, limits: Mapping[str, Decimal]) -> bool:
    limit = limits.get(order.currency)
    return limit is not None and order.totals.total > limit


def _limit(order: Order, limits: Mapping[str, Decimal]) -> str:
    return f"{limits[order.currency]:f} {order.currency}"


def _differ(order: Order) -> bool:
    goods, invoice = order.shipping_address, order.billing_address
    if goods is None or invoice is None:
        return False
    named = ("street", "postal_code", "city", "country")
    return any((getattr(goods, each) or "").lower() != (getattr(invoice, each) or "").lower() for each in named)


def _all_text(order: Order) -> str:
    addresses = [each for each in (order.billing_address, order.shipping_address) if each is not None]
    parts = [order.comment, order.customer.name, order.customer.company, order.customer.email]
    return " ".join([*parts, *(_words(each) for each in addresses)]).lower()


def _words(address: Address) -> str:
    return " ".join(str(value) for value in address.model_dump().values() if value)
