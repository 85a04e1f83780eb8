"""Quantity × price ÷ base − discounts = amount: which printed figures make up a line."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, product
from typing import NamedTuple

from blocks.standards.printed_invoices.lines_figures import Figure

_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_CENT = Decimal("0.01")
_POWERS = (Decimal(100), Decimal(1000), Decimal(10))
_MOST_TRIED = 400
"""Combinations tried for one line; more figures than that make no line of an invoice."""


class Allowed(NamedTuple):
    """A discount (or surcharge) of a line: its amount and, where printed, its percentage; ``figure`` shows it."""

    amount: Decimal
    percent: Decimal | None
    is_charge: bool
    figure: Figure | None


class Reading(NamedTuple):
    """How a line multiplies out.

    ``exact`` within a cent; otherwise only within the rounding of the printed price. ``how`` names what was assumed
    beyond the printed figures: '' nothing, ``base`` (price per 10, 100 or 1000), ``tax`` (VAT on top).
    """

    quantity: Decimal
    price: Decimal
    base: Decimal
    net: Decimal
    quantity_at: Figure | None
    price_at: Figure | None
    base_at: Figure | None
    allowances: tuple[Allowed, ...]
    exact: bool
    how: str
    switched: bool
    """A figure had to be read with the other decimal mark than the document's."""


class Offer(NamedTuple):
    """The figures a line offers for each part; discounts are percentages and amounts as printed."""

    quantities: Sequence[Figure]
    prices: Sequence[Figure]
    bases: Sequence[Figure]
    discounts: Sequence[Figure]
    surcharges: Sequence[Figure]
    rates: Sequence[Figure]
    taxes: Sequence[Figure]


def tolerance(amount: Figure) -> Decimal:
    """Return half a unit of the last place of an amount, a cent at least where the amount is a unit or more."""
    if amount.places == 0 and amount.value == amount.value.to_integral_value() and not amount.money:
        return Decimal("0.5")
    return Decimal("0.0101") if abs(amount.value) >= _ONE else Decimal("0.0051")


def multiply_out(offer: Offer, amount: Figure) -> Reading | None:
    """Return the reading of a line whose figures give its amount; None where no reading does.

    What needs fewer assumptions comes first: the printed figures alone, then with discounts, then a price per 100,
    then VAT on top of the price; each exactly, and only then within the rounding of the printed price.
    """
    near: Reading | None = None
    for tried, reading in enumerate(_readings(offer, amount)):
        if reading.exact:
            return reading
        near = near or reading
        if tried > _MOST_TRIED:
            break
    return near


def _values(figure: Figure) -> Iterator[tuple[Decimal, bool]]:
    yield figure.value, False
    if figure.other is not None:
        yield figure.other, True


def _readings(offer: Offer, amount: Figure) -> Iterator[Reading]:
    goal_values = tuple(_values(amount))
    allowed = tuple(_discounts(offer))
    bases = [(figure, value) for figure in offer.bases for value, _ in _values(figure) if value > 0]
    pairs = tuple(product(offer.quantities, offer.prices))
    for discounts in allowed:
        for quantity, price in pairs:
            if quantity is price:
                continue
            for (count, one), (each, two), (goal, three) in product(_values(quantity), _values(price), goal_values):
                switched = one or two or three
                for base_at, base in chain(((None, _ONE),), bases):
                    found = _close(count, each, base, goal, discounts, amount, price)
                    if found is not None:
                        reading, exact = found
                        yield Reading(count, each, base, goal, quantity, price, base_at, reading, exact, "", switched)
    yield from _assumed(pairs, amount, offer)


def _assumed(pairs: Sequence[tuple[Figure, Figure]], amount: Figure, offer: Offer) -> Iterator[Reading]:
    """Yield readings that assume something which is not printed: a price per 100, VAT on top of the price."""
    for quantity, price in pairs:
        count, each = quantity.value, price.value
        whole = count * each
        if not whole or quantity is price:
            continue
        for base in _POWERS:
            if (
                abs(whole / base - amount.value) <= _CENT / 2 + Decimal("0.0001")
                and abs(amount.value) >= _ONE
                and count >= base / 10
            ):
                yield Reading(count, each, base, amount.value, quantity, price, None, (), True, "base", False)
        for rate in offer.rates:
            if rate.value > 0 and abs(whole * (1 + rate.value / _HUNDRED) - amount.value) <= tolerance(amount):
                yield Reading(count, each, _ONE, _cents(whole), quantity, price, None, (), True, "tax", False)
        for tax in offer.taxes:
            if tax.value and abs(whole + tax.value - amount.value) <= tolerance(amount):
                yield Reading(count, each, _ONE, _cents(whole), quantity, price, None, (), True, "tax", False)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT)


def _discounts(offer: Offer) -> Iterator[tuple[tuple[Figure, bool], ...]]:
    """Yield the sets of discounts to try, each with whether it is a surcharge: none, all, each alone."""
    yield ()
    every = tuple(
        chain(((figure, False) for figure in offer.discounts), ((figure, True) for figure in offer.surcharges))
    )
    every = tuple(each for each in every if each[0].value)
    if not every:
        return
    yield every
    if len(every) > 1:
        for each in every:
            yield (each,)
        percents = tuple(each for each in every if each[0].percent)
        amounts = tuple(each for each in every if not each[0].percent)
        if percents and amounts:
            yield percents
            yield amounts


def _close(
    count: Decimal,
    each: Decimal,
    base: Decimal,
    goal: Decimal,
    discounts: Sequence[tuple[Figure, bool]],
    amount: Figure,
    price: Figure,
) -> tuple[tuple[Allowed, ...], bool] | None:
    """Return the discounts as amounts and whether the line closes exactly; None where it does not close."""
    whole = count * each / base
    exact = tolerance(amount)
    loose = exact + abs(count / base) * Decimal(5).scaleb(-price.places - 1) if price.places else exact
    loose = min(loose, max(exact, abs(goal) / 50))
    shares = (True,)
    if not all(figure.percent for figure, _ in discounts):
        shares = (False, True) if any(figure.places or figure.money for figure, _ in discounts) else (True, False)
    for as_percent in shares:
        rest, used = whole, []
        for figure, is_charge in discounts:
            size = abs(figure.value)
            share = figure.percent or (as_percent and size < _HUNDRED)
            cut = rest * size / _HUNDRED if share else size
            cut = _cents(cut) if share else cut
            cut = abs(cut) if whole >= 0 or not share else -abs(cut)
            adds = is_charge or (not figure.percent and figure.text.startswith("+"))
            used.append(Allowed(cut, size if share else None, adds, figure))
            rest = rest + cut if adds else rest - cut
        off = abs(rest - goal)
        if off <= exact:
            return tuple(used), True
        if off <= loose and not any(not each.percent for each in used):
            return tuple(used), False
    return None


def closes(quantity: Figure, price: Figure, amount: Figure) -> bool:
    """Tell whether two figures multiply to a third within a cent, as the document's marks read them."""
    return abs(quantity.value * price.value - amount.value) <= tolerance(amount)


def first_closing(candidates: Iterable[Figure], amount: Figure) -> tuple[Figure, Figure] | None:
    """Return the first two of the figures, in their order, that multiply to the amount."""
    known = list(candidates)
    for index, first in enumerate(known):
        for second in known[index + 1 :]:
            if closes(first, second, amount):
                return first, second
    return None
