"""What the parts of the reader hand to each other: a value with its place and the case for it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from blocks.documents.conversions import Place

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A value with its place and how well it fits, from 0 to 1.

    ``label`` is the folded label it was found by, ``side`` where it stood seen from there ('right', 'below', 'in', '').
    """

    value: Value
    place: Place
    score: float
    label: str = ""
    side: str = ""
