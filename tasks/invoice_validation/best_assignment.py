"""The best assignment of what is asked for to what there is room for: as much as possible, at the least cost. Pure.

Successive shortest paths with residual edges (Busacker and Gowen 1960; Ahuja, Magnanti and Orlin, Network Flows, 9.7):
each step places what is left where it costs least, and moves what was placed before where that costs less in all.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

MOST_PAIRS = 1_000
"""Pairs that hang together and are weighed against each other exactly; of more, each pair is taken by its own cost."""

Pair = tuple[int, int]
"""Places of what is asked for and of what has room."""
Placed = dict[Pair, Decimal]
_NOTHING = Decimal(0)


def assign(asked: Sequence[Decimal], room: Sequence[Decimal], costs: Mapping[Pair, int]) -> Placed:
    """Return how much of each thing asked for is placed where.

    Of all ways that place as much as can be placed it is one whose costs come to the least, where pairs that hang
    together are no more than ``MOST_PAIRS``.

    Args:
        asked: How much each thing asks for, positive.
        room: How much there is room for at each place, positive.
        costs: What one unit costs at each place it may stand, not negative; a pair that is missing may not be.
    """
    placed: Placed = {}
    for pairs in _that_hang_together(costs):
        lines, places = {line for line, _ in pairs}, {place for _, place in pairs}
        alone = len(lines) == 1 or len(places) == 1
        if alone or len(pairs) > MOST_PAIRS:  # with one of either, the cheapest first is the best there is
            placed |= _cheapest_first(asked, room, costs, pairs)
        else:
            placed |= _Flow(asked, room, {pair: costs[pair] for pair in pairs}).fill()
    return placed


def _that_hang_together(costs: Mapping[Pair, int]) -> Iterator[list[Pair]]:
    """Yield pairs in groups that share neither a line nor a place with each other."""
    of_line: dict[int, list[Pair]] = {}
    of_place: dict[int, list[Pair]] = {}
    for pair in costs:
        of_line.setdefault(pair[0], []).append(pair)
        of_place.setdefault(pair[1], []).append(pair)
    while of_line:
        _, waiting = of_line.popitem()
        group = dict.fromkeys(waiting)
        while waiting:
            _, place = waiting.pop()
            for other, _ in of_place.pop(place, ()):
                more = of_line.pop(other, [])
                group |= dict.fromkeys(more)
                waiting += more
        yield list(group)


def _cheapest_first(
    asked: Sequence[Decimal], room: Sequence[Decimal], costs: Mapping[Pair, int], pairs: Sequence[Pair]
) -> Placed:
    left = {line: asked[line] for line, _ in pairs}
    free = {place: room[place] for _, place in pairs}
    placed: Placed = {}
    for line, place in sorted(pairs, key=lambda pair: (costs[pair], pair)):
        quantity = min(left[line], free[place])
        if quantity > 0:
            placed[line, place] = quantity
            left[line] -= quantity
            free[place] -= quantity
    return placed


@dataclass(slots=True)
class _Flow:
    """What is placed so far of pairs that hang together."""

    asked: Sequence[Decimal]
    room: Sequence[Decimal]
    costs: Mapping[Pair, int]
    placed: Placed = field(default_factory=dict)
    left: dict[int, Decimal] = field(init=False)
    free: dict[int, Decimal] = field(init=False)
    places_of: dict[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing placed."""
        self.left = {line: self.asked[line] for line, _ in self.costs}
        self.free = {place: self.room[place] for _, place in self.costs}
        self.places_of = {}
        for line, place in sorted(self.costs):
            self.places_of.setdefault(line, []).append(place)

    def fill(self) -> Placed:
        """Place as much as can be placed, each time by the way that costs least."""
        while way := self._cheapest_way():
            there, back = way[::2], way[1::2]  # placed anew, and taken back from where it stood
            line, place = there[0][0], there[-1][1]
            quantity = min(self.left[line], self.free[place], *(self.placed[pair] for pair in back))
            self.left[line] -= quantity
            self.free[place] -= quantity
            for pair in there:
                self.placed[pair] = self.placed.get(pair, _NOTHING) + quantity
            for pair in back:
                self.placed[pair] -= quantity
        return {pair: quantity for pair, quantity in self.placed.items() if quantity > 0}

    def _cheapest_way(self) -> list[Pair]:
        """Return the pairs by which one more unit costs least, every second one of them taken back; none: no room."""
        cost = dict.fromkeys((line for line, left in sorted(self.left.items()) if left > 0), 0)
        reached: dict[int, tuple[int, int]] = {}  # place → what it costs to get there, and from which line
        came_from: dict[int, int] = {}  # line → the place at which it gives way
        waiting = deque(cost)
        standing: dict[int, list[int]] = {}
        for (line, place), quantity in self.placed.items():
            if quantity > 0:
                standing.setdefault(place, []).append(line)
        while waiting:
            line = waiting.popleft()
            for place in self.places_of[line]:
                here = cost[line] + self.costs[line, place]
                if place in reached and reached[place][0] <= here:
                    continue
                reached[place] = here, line
                for other in standing.get(place, ()):
                    there = here - self.costs[other, place]
                    if other not in cost or there < cost[other]:
                        cost[other], came_from[other] = there, place
                        waiting.append(other)
        ends = [(here, place) for place, (here, _) in reached.items() if self.free[place] > 0]
        return self._way_to(min(ends)[1], reached, came_from) if ends else []

    @staticmethod
    def _way_to(place: int, reached: Mapping[int, tuple[int, int]], came_from: Mapping[int, int]) -> list[Pair]:
        way = [(reached[place][1], place)]
        while (line := way[-1][0]) in came_from:
            place = came_from[line]
            way += [(line, place), (reached[place][1], place)]
        return way[::-1]
