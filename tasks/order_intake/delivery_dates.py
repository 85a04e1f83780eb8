"""By when an order is with the customer: the merchant's delivery times as data, and the rule. Pure.

The rule: an order accepted before the cut-off of a working day begins on that day, otherwise on the next working day.
Its goods leave ``handling`` working days later, or so many after the day on which missing pieces were promised. They
arrive ``transit`` working days after that, by the calendar of the country they go to. Of several warehouses the
latest counts. Pieces that nobody has promised have no date.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from blocks.documents.base import Document
from blocks.documents.parties import CountryCode
from blocks.documents.working_days import working_days_after

Days = Annotated[int, Field(ge=0, le=90)]


class DeliveryTimes(Document):
    """How long the merchant takes, in working days."""

    cut_off: time = Field(default=time(12), description="In the merchant's zone; later orders begin the day after.")
    handling: Days = Field(default=1, description="From the order to the parcel's leaving.")
    handling_by_warehouse: dict[str, Days] = Field(default_factory=dict)
    transit: Days = Field(default=3, description="From the parcel's leaving to the customer.")
    transit_by_country: dict[CountryCode, Days] = Field(default_factory=dict)
    transit_by_method: dict[str, Days] = Field(
        default_factory=dict, description="By the merchant's own name of the shipping method; goes before the country."
    )
    calendar: Literal["DE", "AT", "CH"] = Field(default="DE", description="Whose holidays the warehouses keep.")
    closed: tuple[date, ...] = Field(default=(), description="Further days on which nothing leaves.")


def delivery_date(
    times: DeliveryTimes,
    accepted_at: datetime,
    *,
    zone: str,
    warehouses: Sequence[str],
    country: str,
    method: str,
    promised: Iterable[date | None] = (),
) -> date | None:
    """Return the day by which the order is with the customer; None when it cannot be said.

    Args:
        times: The merchant's delivery times.
        accepted_at: When the order was accepted.
        zone: The merchant's zone, e.g. 'Europe/Berlin'.
        warehouses: Where the order ships from.
        country: Where it goes to.
        method: The merchant's own name of the shipping method.
        promised: For each article sold beyond stock, when it comes in; None when nobody knows.
    """
    missing = list(promised)
    if None in missing:
        return None
    local = accepted_at.astimezone(ZoneInfo(zone))
    begun = working_days_after(local.date(), 0, times.calendar, times.closed)
    if begun == local.date() and local.time() >= times.cut_off:
        begun = working_days_after(begun, 1, times.calendar, times.closed)
    start = max([begun, *(day for day in missing if day is not None)])
    handling = max((times.handling_by_warehouse.get(house, times.handling) for house in warehouses), default=0)
    left = working_days_after(start, handling, times.calendar, times.closed)
    transit = times.transit_by_method.get(method, times.transit_by_country.get(country, times.transit))
    return working_days_after(left, transit, country) if transit else left
