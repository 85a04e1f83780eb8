"""What makes an order fit to be booked. Pure: documents in, verdicts out.

Sums are recomputed with the shop's own method: line amounts are kept unrounded (4 places), tax is summed per rate and
rounded once, the total is rounded once (half away from zero). A stated amount may differ from ours by half a cent
plus what the shop's 4-place storage can hide, never by a whole cent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from itertools import chain

from blocks.documents.money import to_cents
from blocks.documents.orders import Component, Order, OrderLine, PriceDisplay
from blocks.documents.parties import Address
from blocks.documents.stock_rules import Pack
from blocks.documents.verdicts import Fault
from tasks.order_intake.holds import holds
from tasks.order_intake.packs import in_singles
from tasks.order_intake.rulebook import DEFAULTS, OrderRules

HALF_CENT = Decimal("0.005")
STORED_PLACES = Decimal("0.0001")
MOST_SLACK = Decimal("0.0045")
POSTAL_CODES = {"DE": r"\d{5}", "AT": r"\d{4}", "CH": r"\d{4}"}


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What master data says of one article."""

    sku: str
    in_erp: bool
    stock_managed: bool
    components: tuple[Component, ...] = ()
    price: Decimal | None = None
    """The price list's price in the price display of the channel's catalogue, before discounts."""
    backorder: bool = False
    preorder: bool = False
    available_on: date | None = None
    """When an article that can be ordered beforehand is expected."""


@dataclass(frozen=True, slots=True)
class KnownMaster:
    """What an order is judged against: the articles it names, the merchant's mappings and the merchant's rules.

    ``customers`` are the ids of customers who have ordered before; None when no rule asks for them.
    """

    articles: Mapping[str, KnownArticle]
    payment_methods: Mapping[str, str]
    shipping_methods: Mapping[str, str]
    rules: OrderRules = DEFAULTS
    customers: frozenset[str] | None = None
    packs: Mapping[str, Pack] = field(default_factory=dict)

    def parts_of(self, line: OrderLine) -> tuple[Component, ...]:
        """Return what one piece of a line takes from stock, packs as single pieces; empty: the article itself."""
        article = self.articles.get(line.sku)
        return in_singles(line.components, self.packs) or (article.components if article else ())


def faults(order: Order, known: KnownMaster, *, released: bool = False) -> tuple[Fault, ...]:
    """Return every reason this order must not be booked; empty when it may.

    Args:
        order: The order.
        known: What it is judged against.
        released: A person has looked at the order and released it: it is not held a second time.
    """
    wrong = tuple(
        chain(
            _lines_disagree(order),
            _totals_disagree(order, known.rules),
            _unknown_articles(order, known),
            _other_prices(order, known),
            _unmapped_methods(order, known),
            _address_gaps(order),
            _missing_fields(order, known.rules),
        )
    )
    return wrong if wrong or released else tuple(holds(order, known.rules, known.customers))


def _lines_disagree(order: Order) -> Iterator[Fault]:
    if not order.lines:
        yield Fault(
            rule="ORD-LINES", place="lines", text="The order has no lines.", remedy="Ask the shop what was sold."
        )
    for number, line in enumerate(order.lines, 1):
        yield from _line_disagrees(line, f"lines[{number}]")


def _line_disagrees(line: OrderLine, place: str) -> Iterator[Fault]:
    for name, unit, stated in (("net", line.unit_net, line.net), ("gross", line.unit_gross, line.gross)):
        if abs(unit * line.quantity - stated) > HALF_CENT * (line.quantity + 1):
            text = f"{line.quantity:f} pieces at {unit:f} {name} are not {stated:f}."
            yield _wrong_amount("ORD-LINE-SUM", f"{place}.{name}", text)
    expected = line.net * (1 + line.tax_rate / 100)
    if abs(expected - line.gross) > HALF_CENT * (line.quantity + 1):
        text = f"Net {line.net:f} with {line.tax_rate:f} % tax is {to_cents(expected)}, not {line.gross:f}."
        yield _wrong_amount("ORD-LINE-TAX", f"{place}.gross", text)
    if line.net < 0 or line.gross < 0:
        yield _wrong_amount("ORD-LINE-NEGATIVE", place, "The line's amount is negative.")


def _totals_disagree(order: Order, rules: OrderRules) -> Iterator[Fault]:
    totals, slack = order.totals, min(STORED_PLACES * (len(order.lines) + 4), MOST_SLACK)
    slack += rules.tolerances.amount - HALF_CENT
    sums = (
        ("goods_net", sum((line.net for line in order.lines), Decimal(0)), totals.goods_net),
        ("goods_gross", sum((line.gross for line in order.lines), Decimal(0)), totals.goods_gross),
    )
    for name, computed, stated in sums:
        if abs(computed - stated) > HALF_CENT + slack:
            text = f"The lines add up to {computed:f}, the order states {stated:f}."
            yield _wrong_amount("ORD-GOODS", f"totals.{name}", text)
    yield from _taxes_disagree(order, slack)
    total = expected_total(order)
    if abs(total - totals.total) > HALF_CENT + slack:
        text = (
            f"Goods, discounts, charges, tax and credits come to {to_cents(total)}, the order states {totals.total:f}."
        )
        yield _wrong_amount("ORD-TOTAL", "totals.total", text)
    if totals.total < 0:
        yield _wrong_amount("ORD-TOTAL-NEGATIVE", "totals.total", "The order's total is negative.")
    yield from _signs_disagree(order, rules)


def _signs_disagree(order: Order, rules: OrderRules) -> Iterator[Fault]:
    """A wrong amount must not add up by hiding in a discount, a charge or a rounding."""
    for name in ("discount_net", "discount_gross", "order_discount", "credits"):
        if getattr(order.totals, name) < 0:
            yield _wrong_amount("ORD-NEGATIVE", f"totals.{name}", f"The {name.replace('_', ' ')} is negative.")
    for number, charge in enumerate(order.charges, 1):
        if charge.net < 0 or charge.gross < 0:
            yield _wrong_amount("ORD-NEGATIVE", f"charges[{number}]", "The charge is negative.")
    most = rules.tolerances.rounding
    if abs(order.totals.rounding) > most:
        text = f"{order.totals.rounding:f} is declared as rounding; more than {most:f} is none."
        yield _wrong_amount("ORD-ROUNDING", "totals.rounding", text)


def _taxes_disagree(order: Order, slack: Decimal) -> Iterator[Fault]:
    computed = expected_taxes(order)
    stated = {tax.rate: tax.amount for tax in order.totals.taxes}
    for rate in sorted(computed.keys() | stated.keys()):
        ours, theirs = computed.get(rate, Decimal(0)), stated.get(rate, Decimal(0))
        if abs(ours - theirs) > HALF_CENT + slack:
            text = f"Tax at {rate:f} % comes to {to_cents(ours)}, the order states {theirs:f}."
            yield _wrong_amount("ORD-TAX-RATE", f"totals.taxes[{rate:f}]", text)
    total = sum(stated.values(), Decimal(0))
    if abs(total - order.totals.tax) > HALF_CENT * max(len(stated), 1):  # each rate may have been rounded by itself
        text = f"The taxes per rate add up to {total:f}, the order states {order.totals.tax:f}."
        yield _wrong_amount("ORD-TAX-SUM", "totals.tax", text)


def expected_taxes(order: Order) -> dict[Decimal, Decimal]:
    """Return the unrounded tax per rate: lines less their share of the goods discount, plus charges."""
    taxes: dict[Decimal, Decimal] = {}
    goods = sum((line.net for line in order.lines), Decimal(0))
    kept = 1 - order.totals.discount_net / goods if goods else Decimal(1)
    for line in order.lines:
        taxes[line.tax_rate] = taxes.get(line.tax_rate, Decimal(0)) + (line.gross - line.net) * kept
    for charge in order.charges:
        taxes[charge.tax_rate] = taxes.get(charge.tax_rate, Decimal(0)) + charge.gross - charge.net
    return taxes


def expected_total(order: Order) -> Decimal:
    """Return the unrounded amount the customer has to pay, from the prices the customer saw."""
    totals = order.totals
    if order.price_display is PriceDisplay.GROSS:
        goods = totals.goods_gross - totals.discount_gross + sum((c.gross for c in order.charges), Decimal(0))
    else:
        goods = totals.goods_net - totals.discount_net + sum((c.net for c in order.charges), Decimal(0)) + totals.tax
    return goods - totals.order_discount - totals.credits + totals.rounding


def _wrong_amount(rule: str, place: str, text: str) -> Fault:
    return Fault(
        rule=rule, place=place, text=text, remedy="Compare with the order in the shop; correct the amount or reject it."
    )


def _unknown_articles(order: Order, known: KnownMaster) -> Iterator[Fault]:
    for number, line in enumerate(order.lines, 1):
        place = f"lines[{number}].sku"
        article = known.articles.get(line.sku)
        if not line.sku:
            yield Fault(
                rule="ORD-ARTICLE-MISSING", place=place, text="The line names no article.", remedy="Enter the SKU."
            )
        elif article is None:
            yield _unknown(place, line.sku)
        elif not article.in_erp:
            yield _not_in_erp(place, line.sku)
        for component in known.parts_of(line):
            part = known.articles.get(component.sku)
            if part is None:
                yield _unknown(f"{place}.components", component.sku)
            elif not part.in_erp:
                yield _not_in_erp(f"{place}.components", component.sku)


def _not_in_erp(place: str, sku: str) -> Fault:
    return Fault(
        rule="ORD-ARTICLE-ERP",
        place=place,
        text=f"Article {sku} does not exist in the ERP.",
        remedy="Create the article in the ERP, run master_data, then release the order.",
    )


def _unknown(place: str, sku: str) -> Fault:
    return Fault(
        rule="ORD-ARTICLE",
        place=place,
        text=f"Article {sku} is not known in this channel.",
        remedy="Correct the SKU, or run master_data if the article is new, then release the order.",
    )


def _unmapped_methods(order: Order, known: KnownMaster) -> Iterator[Fault]:
    named = []
    if order.payment_method or order.totals.total:  # shops ask for no method when there is nothing to pay
        named.append(("payment_method", order.payment_method, known.payment_methods))
    if order.shipping_address is not None:
        named.append(("shipping_method", order.shipping_method, known.shipping_methods))
    for what, method, mapping in named:
        if method not in mapping:
            label = what.replace("_", " ")
            yield Fault(
                rule=f"ORD-{label.replace(' ', '-').upper()}",
                version=known.rules.version,
                place=what,
                text=f"The {label} '{method}' has no mapping." if method else f"The {label} is missing.",
                remedy=_proposal(method, mapping)
                + f"Map it in the source's connection block ({what}s) or in the order rules, then release the order.",
            )


def _proposal(method: str, mapping: Mapping[str, str]) -> str:
    """Return the mapping that looks most alike as a proposal, never as a default."""
    named = {
        name.lower(): own
        for names in (mapping.items(), ((own, own) for own in mapping.values()))
        for name, own in names
    }
    found = get_close_matches(method.rpartition(".")[2].lower(), named, n=1, cutoff=0.6)
    found = found or get_close_matches(method.lower(), named, n=1, cutoff=0.6)
    return f"Perhaps it is '{named[found[0]]}'. " if found else ""


def _other_prices(order: Order, known: KnownMaster) -> Iterator[Fault]:
    """Compare unit prices before discounts with the price list, in the channels where the merchant wants it."""
    check = known.rules.prices
    if order.channel not in check.channels:
        return
    for number, line in enumerate(order.lines, 1):
        article = known.articles.get(line.sku)
        if article is None or article.price is None:
            continue
        gross = order.price_display is PriceDisplay.GROSS
        asked = line.unit_gross if gross else line.unit_net
        asked += (line.discount_gross if gross else line.discount_net) / line.quantity
        if abs(asked - article.price) > article.price * check.percent / 100 + HALF_CENT:
            text = f"Article {line.sku} is sold at {asked:f}; the price list says {article.price:f}."
            remedy = "Confirm the price with whoever agreed it and release, or correct it to the price list's."
            place = f"lines[{number}].unit_{order.price_display}"
            yield Fault(rule="ORD-PRICE", version=known.rules.version, place=place, text=text, remedy=remedy)


def _missing_fields(order: Order, rules: OrderRules) -> Iterator[Fault]:
    for name in rules.required.of(order):
        part, _, field = name.partition(".")
        holder = getattr(order, part)
        if part == "shipping_address" and holder is None:
            continue  # nothing is shipped
        value = getattr(holder, field, None) if field else holder
        if not value:
            yield Fault(
                rule="ORD-REQUIRED",
                version=rules.version,
                place=name,
                text=f"The {name.replace('_', ' ').replace('.', ': ')} is missing; this merchant requires it here.",
                remedy="Ask the customer, correct the field, release.",
            )


def _address_gaps(order: Order) -> Iterator[Fault]:
    if order.billing_address is None:
        yield _gap("billing_address", "The billing address is missing.")
    else:
        yield from _gaps(order.billing_address, "billing_address")
    if order.shipping_address is not None:
        yield from _gaps(order.shipping_address, "shipping_address")


def _gaps(address: Address, place: str) -> Iterator[Fault]:
    for part, label in (
        ("street", "street"),
        ("postal_code", "postal code"),
        ("city", "city"),
        ("country", "country"),
    ):
        if not getattr(address, part):
            yield _gap(f"{place}.{part}", f"The address has no {label}.")
    if not address.recipient():
        yield _gap(f"{place}.last_name", "The address names neither a person nor a company.")
    pattern = POSTAL_CODES.get(address.country or "")
    if pattern and address.postal_code and not re.fullmatch(pattern, address.postal_code):
        yield _gap(f"{place}.postal_code", f"The postal code is not one of {address.country}.")


def _gap(place: str, text: str) -> Fault:
    return Fault(rule="ORD-ADDRESS", place=place, text=text, remedy="Ask the customer, correct the address, release.")
