"""Where an order speaks of money: what a correction may touch only with a second person's approval. Pure."""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from blocks.documents.base import canonical_json
from blocks.documents.orders import Order
from blocks.documents.patch_lines import Change, steps_of

ALSO_MONEY = frozenset({"currency", "display_currency", "price_display", "payment_status"})
"""What decides on money without being an amount: whether prices hold tax, whether the order is paid."""


@cache
def money_names() -> frozenset[str]:
    """Return the names of all fields of an order that are amounts, quantities or rates, or decide on money."""
    return ALSO_MONEY | decimal_fields(Order)


def decimal_fields(model: type[BaseModel], seen: frozenset[type[BaseModel]] = frozenset()) -> frozenset[str]:
    """Return the names of all decimal fields of a model and of the models in it."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        for kind in _kinds(field.annotation):
            if kind is Decimal:
                found.add(name)
            elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in {*seen, model}:
                found |= decimal_fields(kind, seen | {model})
    return frozenset(found)


def _kinds(annotation: Any) -> list[Any]:
    parts = get_args(annotation)
    return [kind for part in parts for kind in _kinds(part)] if parts else [annotation]


def touches_money(before: Order, after: Order, changes: Iterable[Change]) -> bool:
    """Return whether the changes address money, or move any amount, price, quantity, rate or currency."""
    addressed = {name for change in changes for name in names_in(change)}
    return bool(addressed & money_names()) or _money(before) != _money(after)


def names_in(change: Change) -> Iterable[str]:
    """Yield every name that a change addresses, in its place and in its value."""
    yield from (step for step in steps_of(change.place) if isinstance(step, str))
    yield from _keys(change.value)


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _keys(each)


def _money(order: Order) -> list[tuple[str, str]]:
    """Return every place of money in the order with its amount, however it is spelt."""
    return list(_amounts(json.loads(canonical_json(order.model_dump())), ""))


def _amounts(value: Any, place: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name in money_names():
                yield f"{place}.{name}", str(part)
            else:
                yield from _amounts(part, f"{place}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _amounts(part, f"{place}[{number}]")
