"""How much a system may be asked at once and per second, as fields that any connector can have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from blocks.errors import SomsError

MaxInFlight = Annotated[
    int | None,
    Field(
        ge=1,
        le=64,
        description="Calls that SOMS may have open at this system at once, all its workers together; a run uses so many"
        " workers. Empty: one for each run.",
    ),
]
CallsPerSecond = Annotated[
    float | None,
    Field(
        gt=0,
        le=1000,
        description="Calls that SOMS may begin at this system in any second, all its workers together; they are then"
        " made one by one. Empty: no limit.",
    ),
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one system allows; None is no limit."""

    max_in_flight: int | None = None
    calls_per_second: float | None = None


UNLIMITED = Limits()


def limits_of(load: Callable[[str], Any], name: str) -> Limits:
    """Return what the connected system allows; why one cannot be loaded is for its calls to say."""
    try:
        system = load(name)
    except SomsError:
        return UNLIMITED
    return Limits(getattr(system, "max_in_flight", None), getattr(system, "calls_per_second", None))
