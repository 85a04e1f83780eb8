"""When what is to be bought, and how much: positions and forecasts in, needs out. Pure.

An article is to be bought when what is there and on its way no longer lasts, at its service level, until goods that are
ordered at the next look would come in (the reorder point). Then so much is ordered that what is there and on its way
reaches that point and the days that one order shall last for; in whole packs, and no less than the supplier sells.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from blocks.documents.base import canonical_json, plain_decimal
from blocks.documents.stock_rules import Reordering

KEEPS = Decimal("0.25")
"""A proposal stands while what would be proposed now differs from it by no more than this share, or one pack."""


class Standing(StrEnum):
    """How an article stands."""

    ENOUGH = "enough"
    BETWEEN = "between"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of an article's demand, and how far it is known.

    Attributes:
        rate: Pieces per day.
        method: How it was forecast.
        pattern: What demand looks like.
        days_known: Days of history that say something.
        point: The reorder point, pieces.
        low: With 90 % confidence the point lies between here …
        high: … and here, as far as the length of the history goes.
    """

    rate: float
    method: str
    pattern: str
    days_known: int
    point: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What is there of an article in a warehouse and on its way to it, in pieces.

    Attributes:
        available: On hand less what is reserved, owed and kept back.
        incoming: On its way by the ERP's word, due before goods ordered now would come in, or without a day.
        later: On its way, but due only after that; it is shown and not counted.
        asked: Ordered by us and neither shown by the ERP as on its way nor come in since.
    """

    available: Decimal
    incoming: Decimal = Decimal(0)
    later: Decimal = Decimal(0)
    asked: Decimal = Decimal(0)

    @property
    def position(self) -> Decimal:
        """Return what there is to go on with. What we asked for may be what the ERP shows: the larger counts."""
        return self.available + max(self.incoming, self.asked)


@dataclass(frozen=True, slots=True)
class Need:
    """What one article in one warehouse needs."""

    warehouse: str
    sku: str
    standing: Standing
    quantity: Decimal
    needed_on: date
    forecast: Forecast
    supply: Supply
    terms: Reordering

    @property
    def subject(self) -> str:
        """Return what an alert is about, e.g. 'EAST:LAMP'."""
        return f"{self.warehouse}:{self.sku}"

    def why(self) -> str:
        """Return the figures it was computed from, as JSON."""
        figures = {
            **asdict(self.forecast),
            **asdict(self.supply),
            "position": self.supply.position,
            "up_to": up_to(self.forecast, self.terms),
            **self.terms.model_dump(include={"lead_days", "review_days", "cover_days", "service_level"}),
            **self.terms.model_dump(include={"pack", "minimum"}),
        }
        return canonical_json(figures)

    def sentence(self) -> str:
        """Return why in a sentence."""
        one = self.supply.position == 1
        there = f"{plain_decimal(self.supply.position)} {'piece' if one else 'pieces'} of {self.sku}"
        return (
            f"{there} {'is' if one else 'are'} there and on the way to {self.warehouse}; {self.forecast.point} (between"
            f" {self.forecast.low} and {self.forecast.high}) would last {horizon(self.terms)} days in"
            f" {self.terms.service_level:.1%} of cases."
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """How an article stands, the proposals that were counted for it, and what was demanded in each week before."""

    need: Need
    counted: frozenset[int]
    weeks: tuple[float, ...]


def horizon(terms: Reordering) -> int:
    """Return for how many days stock must last: until the next look, and from there until goods come in."""
    return terms.lead_days + terms.review_days


def up_to(forecast: Forecast, terms: Reordering) -> int:
    """Return how many pieces there shall be, here and on their way, after an order."""
    return forecast.point + math.ceil(forecast.rate * terms.cover_days)


def need(*, warehouse: str, sku: str, today: date, forecast: Forecast, supply: Supply, terms: Reordering) -> Need:
    """Return how an article stands and how much is to be bought."""
    standing = _standing(forecast, supply, terms)
    quantity = in_packs(up_to(forecast, terms) - supply.position, terms) if standing is Standing.SHORT else Decimal(0)
    lasts = supply.position / Decimal(str(forecast.rate)) if forecast.rate > 0 else Decimal(0)
    days = min(max(int(lasts), 0), horizon(terms))
    return Need(warehouse, sku, standing, quantity, today + timedelta(days=days), forecast, supply, terms)


def _standing(forecast: Forecast, supply: Supply, terms: Reordering) -> Standing:
    """Return whether an article runs short; what did is only over when half an order's worth is there again.

    Otherwise each piece that is given back would end what the next sale begins anew.
    """
    if terms.never or (forecast.point <= 0 and supply.position >= 0):
        return Standing.ENOUGH
    if supply.position < forecast.point:
        return Standing.SHORT
    halfway = Decimal(forecast.point + up_to(forecast, terms)) / 2
    return Standing.ENOUGH if supply.position >= halfway else Standing.BETWEEN


def in_packs(pieces: Decimal, terms: Reordering) -> Decimal:
    """Return the least quantity that can be ordered and is no less: whole packs, and at least the minimum."""
    wanted = max(pieces, terms.minimum, Decimal(0))
    return (wanted / terms.pack).to_integral_value(ROUND_CEILING) * terms.pack


def still_stands(quantity: Decimal, supplier: str, newer: Need) -> bool:
    """Return whether a proposal need not be made anew: it is near what would be proposed now."""
    room = max(newer.terms.pack, newer.quantity * KEEPS)
    return supplier == newer.terms.supplier and abs(quantity - newer.quantity) <= room


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces that were ordered, or came in, at some time."""

    at: datetime
    pieces: Decimal


def still_out(ordered: Sequence[Lot], received: Sequence[Lot], *, since: datetime) -> Decimal:
    """Return how much of what was ordered has not come in, oldest order first.

    Args:
        ordered: What was ordered.
        received: What came in, whatever it was ordered by.
        since: Orders before this no longer count: what has not come in by now will not.
    """
    orders = sorted(ordered, key=lambda lot: lot.at)
    out = [lot.pieces for lot in orders]
    for receipt in sorted(received, key=lambda lot: lot.at):
        pieces = receipt.pieces
        for place, order in enumerate(orders):
            if order.at > receipt.at:
                break
            taken = min(out[place], pieces)
            out[place] -= taken
            pieces -= taken
    return sum((pieces for order, pieces in zip(orders, out, strict=True) if order.at >= since), Decimal(0))
