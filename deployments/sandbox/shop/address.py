"""What an address below the service names: a set, an entity, a way from it, an action or a function."""

import re
from dataclasses import dataclass, field

from deployments.sandbox.shop.tokens import split_outside, unquoted
from deployments.sandbox.shop.values import Refusal

_SEGMENT = re.compile(r"(?P<name>\$?\w+)(?:\((?P<inside>.*)\))?")


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a path: a name, and either a key or named arguments."""

    name: str
    key: int | None = None
    arguments: dict[str, str] = field(default_factory=dict)
    called: bool = False


def segments(path: str) -> list[Segment]:
    """Split a path below the service.

    Raises:
        Refusal: 404, it is no OData path.
    """
    return [_segment(part) for part in split_outside(path, "/")]


def _segment(text: str) -> Segment:
    found = _SEGMENT.fullmatch(text)
    if found is None:
        raise Refusal(404, f"No resource is found at '{text}'.")
    inside = found["inside"]
    if inside is None:
        return Segment(found["name"])
    if re.fullmatch(r"\d{1,9}", inside):
        return Segment(found["name"], key=int(inside))
    arguments = {}
    for part in split_outside(inside, ","):
        name, equals, value = part.partition("=")
        if not equals:
            raise Refusal(404, f"'{part}' is not a key.")
        arguments[name.strip()] = unquoted(value.strip()) if value.strip().startswith("'") else value.strip()
    return Segment(found["name"], arguments=arguments, called=True)
