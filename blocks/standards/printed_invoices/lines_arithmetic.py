"""Quantity times price, by base, less discounts, is the amount: which printed figures make up a line."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice, product
from typing import NamedTuple

from blocks.standards.printed_invoices.lines_figures import Figure

_ONE = Decimal(1)
_HUNDRED = Decimal(100)
_CENT = Decimal("0.01")
_HALF_CENT = Decimal("0.0051")
_TEN = Decimal(10)
_POWERS = (Decimal(100), Decimal(1000), _TEN)
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


class _Trial(NamedTuple):
    """Figures that may multiply out to a goal."""

    pieces: Decimal
    each: Decimal
    base: Decimal
    goal: Decimal
    quantity: Figure
    price: Figure
    base_at: Figure | None
    discounts: tuple[tuple[Figure, bool], ...]
    switched: bool


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
    for reading in chain(_printed(offer, amount), _assumed(offer, amount)):
        if reading.exact:
            return reading
        near = near or reading
    return near


def _values(figure: Figure) -> Iterator[tuple[Decimal, bool]]:
    yield figure.value, False
    if figure.other is not None:
        yield figure.other, True


def _trials(offer: Offer, amount: Figure) -> Iterator[_Trial]:
    """Yield what may multiply, as far as it is worth trying."""
    bases: list[tuple[Figure | None, Decimal]] = [(None, _ONE)]
    bases += [(figure, figure.value) for figure in offer.bases if figure.value > 0]
    sets = tuple(_discounts(offer))
    pairs = [(quantity, price) for quantity in offer.quantities for price in offer.prices if quantity is not price]
    for discounts in sets:
        for quantity, price in pairs:
            for (pieces, one), (each, two), (goal, three) in product(
                _values(quantity), _values(price), tuple(_values(amount))
            ):
                for base_at, base in bases:
                    yield _Trial(pieces, each, base, goal, quantity, price, base_at, discounts, one or two or three)


def _printed(offer: Offer, amount: Figure) -> Iterator[Reading]:
    for trial in islice(_trials(offer, amount), _MOST_TRIED):
        found = _close(trial, tolerance(amount))
        if found is not None:
            yield _reading(trial, *found)


def _reading(trial: _Trial, allowances: tuple[Allowed, ...], exact: bool, how: str = "") -> Reading:
    return Reading(
        quantity=trial.pieces,
        price=trial.each,
        base=trial.base,
        net=trial.goal,
        quantity_at=trial.quantity,
        price_at=trial.price,
        base_at=trial.base_at,
        allowances=allowances,
        exact=exact,
        how=how,
        switched=trial.switched,
    )


def _assumed(offer: Offer, amount: Figure) -> Iterator[Reading]:
    """Yield readings that assume something which is not printed: a price per 100, VAT on top of the price."""
    for quantity, price in product(offer.quantities, offer.prices):
        whole = quantity.value * price.value
        if not whole or quantity is price:
            continue
        plain = _Trial(quantity.value, price.value, _ONE, amount.value, quantity, price, None, (), switched=False)
        for base in _POWERS:
            near = abs(whole / base - amount.value) <= _HALF_CENT and abs(amount.value) >= _ONE
            if near and quantity.value >= (base if base == _TEN else base / 10):
                yield _reading(plain._replace(base=base), (), exact=True, how="base")
        added = [whole * rate.value / _HUNDRED for rate in offer.rates if rate.value > 0]
        added += [tax.value for tax in offer.taxes if tax.value]
        if any(abs(whole + tax - amount.value) <= tolerance(amount) for tax in added):
            yield _reading(plain._replace(goal=_cents(whole)), (), exact=True, how="tax")


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


def _close(trial: _Trial, exact: Decimal) -> tuple[tuple[Allowed, ...], bool] | None:
    """Return the discounts as amounts and whether the line closes exactly; None where it does not close."""
    whole = trial.pieces * trial.each / trial.base
    loose = exact
    if trial.price.places:
        loose += abs(trial.pieces / trial.base) * Decimal(5).scaleb(-trial.price.places - 1)
        loose = min(loose, max(exact, abs(trial.goal) / 50))
    shares: tuple[bool, ...] = (True,)
    if not all(figure.percent for figure, _ in trial.discounts):
        shown = any(figure.places or figure.money for figure, _ in trial.discounts)
        shares = (False, True) if shown else (True, False)
    for as_percent in shares:
        rest, used = _reduced(whole, trial.discounts, as_percent=as_percent)
        off = abs(rest - trial.goal)
        if off <= exact:
            return used, True
        if off <= loose and all(each.percent for each in used):
            return used, False
    return None


def _reduced(
    whole: Decimal, discounts: Sequence[tuple[Figure, bool]], *, as_percent: bool
) -> tuple[Decimal, tuple[Allowed, ...]]:
    """Return what remains of an amount after each discount in turn, and the discounts as amounts."""
    rest, used = whole, []
    for figure, is_charge in discounts:
        size = abs(figure.value)
        share = figure.percent or (as_percent and size < _HUNDRED)
        cut = _cents(rest * size / _HUNDRED) if share else size
        adds = is_charge or (not figure.percent and figure.text.startswith("+"))
        used.append(Allowed(cut, size if share else None, adds, figure))
        rest = rest + cut if adds else rest - cut
    return rest, tuple(used)


def closes(quantity: Figure, price: Figure, amount: Figure) -> bool:
    """Tell whether two figures multiply to a third within a cent, as the document's marks read them."""
    return abs(quantity.value * price.value - amount.value) <= tolerance(amount)
