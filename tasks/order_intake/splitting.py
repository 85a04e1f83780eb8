"""How an order is split over as few warehouses as can be. Pure.

Every choice of warehouses is tried, smallest first and in the merchant's order of preference; with more warehouses than
``EXACT_UP_TO`` that have anything of the order, those that can be done without are dropped instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations

EXACT_UP_TO = 10
MOST_STEPS = 5000
"""Ways of laying bundles into warehouses that are tried per choice of warehouses; orders need a handful."""
NONE, ONE = Decimal(0), Decimal(1)

Left = Mapping[tuple[str, str], Decimal]
Shares = dict[str, dict[int, Decimal]]


@dataclass(frozen=True, slots=True)
class Need:
    """One line of an order: its pieces, and what one piece takes from stock (a bundle: its parts; a service: none)."""

    position: int
    quantity: Decimal
    per_piece: Mapping[str, Decimal]

    @property
    def plain(self) -> bool:
        """Return whether a piece is just one article."""
        return not self.per_piece or list(self.per_piece.values()) == [ONE]


def spread_over_fewest(needs: Sequence[Need], left: Left, warehouses: Sequence[str]) -> Shares:
    """Return pieces by warehouse and line over as few warehouses as can be; empty when all together lack something.

    A piece of a bundle is never torn apart: its parts come from one warehouse.
    """
    wanted: dict[str, Decimal] = {}
    for need in needs:
        for sku, each in need.per_piece.items():
            wanted[sku] = wanted.get(sku, NONE) + each * need.quantity
    useful = [house for house in warehouses if any(left.get((house, sku), NONE) > 0 for sku in wanted)]
    if not _enough(wanted, left, useful):
        return {}
    if len(useful) > EXACT_UP_TO:
        return _dropping(needs, wanted, left, useful)
    for size in range(1, len(useful) + 1):
        for houses in combinations(useful, size):
            if _enough(wanted, left, houses) and (shares := _spread(needs, left, houses)):
                return shares
    return {}


def _enough(wanted: Mapping[str, Decimal], left: Left, houses: Sequence[str]) -> bool:
    return all(
        sum((max(left.get((house, sku), NONE), NONE) for house in houses), NONE) >= count
        for sku, count in wanted.items()
    )


def _dropping(needs: Sequence[Need], wanted: Mapping[str, Decimal], left: Left, useful: Sequence[str]) -> Shares:
    kept = list(useful)
    shares = _spread(needs, left, kept)
    for house in reversed(useful):
        fewer = [each for each in kept if each != house]
        if shares and _enough(wanted, left, fewer) and (found := _spread(needs, left, fewer)):
            kept, shares = fewer, found
    return shares


def _spread(needs: Sequence[Need], left: Left, houses: Sequence[str]) -> Shares:
    """Lay the lines into these warehouses, bundles first; empty when they do not fit."""
    room = {(house, sku): max(left.get((house, sku), NONE), NONE)
            for house in houses for need in needs for sku in need.per_piece}  # fmt: skip
    bundles = [need for need in needs if not need.plain]
    others = [need for need in needs if need.plain]
    budget = iter(range(MOST_STEPS))
    for laid in _lay(bundles, room, houses, budget):
        if shares := _fill(others, room, houses, laid):
            return shares
    return {}


def _lay(
    bundles: Sequence[Need], room: dict[tuple[str, str], Decimal], houses: Sequence[str], budget: Iterator[int]
) -> Iterator[dict[tuple[str, int], Decimal]]:
    """Yield every way to lay whole bundles into the warehouses, most preferred first; ``room`` is what they leave."""
    if not bundles:
        yield {}
        return
    first, rest = bundles[0], bundles[1:]
    for shares in _shares(first, first.quantity, room, houses, budget):
        _take(room, first, shares, 1)
        for laid in _lay(rest, room, houses, budget):
            yield laid | {(house, first.position): count for house, count in shares.items()}
        _take(room, first, shares, -1)


def _shares(
    bundle: Need,
    count: Decimal,
    room: Mapping[tuple[str, str], Decimal],
    houses: Sequence[str],
    budget: Iterator[int],
) -> Iterator[dict[str, Decimal]]:
    if not count:
        yield {}
        return
    if not houses:
        return
    fit = min(room[houses[0], sku] / each for sku, each in bundle.per_piece.items())
    most = count if fit >= count else fit.to_integral_value(ROUND_FLOOR)
    least = count if len(houses) == 1 else NONE
    while most >= least and next(budget, None) is not None:
        for others in _shares(bundle, count - most, room, houses[1:], budget):
            yield ({houses[0]: most} if most else {}) | others
        most -= 1


def _take(room: dict[tuple[str, str], Decimal], bundle: Need, shares: Mapping[str, Decimal], times: int) -> None:
    for house, count in shares.items():
        for sku, each in bundle.per_piece.items():
            room[house, sku] -= each * count * times


def _fill(
    others: Sequence[Need],
    room: Mapping[tuple[str, str], Decimal],
    houses: Sequence[str],
    laid: Mapping[tuple[str, int], Decimal],
) -> Shares:
    """Lay single articles beside the bundles; what needs no stock goes with the first part."""
    rest = dict(room)
    shares: Shares = {house: {} for house in houses}
    for (house, position), count in laid.items():
        shares[house][position] = count
    for need in others:
        open_count, sku = need.quantity, next(iter(need.per_piece), None)
        for house in houses if sku is not None else houses[:1]:
            count = open_count if sku is None else min(open_count, rest[house, sku])
            if count:
                shares[house][need.position] = count
                open_count -= count
                if sku is not None:
                    rest[house, sku] -= count
        if open_count:
            return {}
    return {house: lines for house, lines in shares.items() if lines}
