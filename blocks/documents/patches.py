"""Patches: signed corrections of a record that was put aside. Pure: lines in, changed orders out."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from blocks.documents.byte_patches import corrected_bytes
from blocks.documents.money_places import touches_money
from blocks.documents.orders import Order
from blocks.documents.patch_lines import Change, Step, shown, steps_of
from blocks.errors import Defect, Unreadable, WrongUse

IDENTITY = frozenset({"channel", "external_id", "changed_at"})
"""What tells which version of which order a record is: another one would be another record."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One correction as it is applied.

    Attributes:
        number: The correction's number, by which sentences name it.
        changes: What stands where afterwards, in order.
        raw: It changes the bytes as they came, not the order read from them.
        money: A second person has approved it, so it may change amounts.
        inherited: It was made to an earlier version of the same order, and holds only where that stands unchanged.
    """

    number: int
    changes: tuple[Change, ...]
    raw: bool = False
    money: bool = False
    inherited: bool = False


class _Begun(dict[str, Any]):
    """A group of fields that was missing and is begun by a correction; the document says which fields it may have."""


def corrected(order: Order, changes: Sequence[Change]) -> tuple[Order, tuple[Change, ...]]:
    """Return the order with the changes made, and the changes with what stood there before.

    Raises:
        WrongUse: A place does not exist, or cannot hold the value; names the place and what is allowed.
    """
    content = order.model_dump(mode="json")
    for change in changes:
        if (named := steps_of(change.place)[0]) in IDENTITY:
            raise WrongUse(f"'{named}' says which record this is and cannot be corrected.")
    told = put_in(content, changes)
    try:
        return Order.model_validate(content), told
    except ValidationError as error:
        raise WrongUse(told_of(error)) from None


def put_in(content: dict[str, Any], changes: Sequence[Change]) -> tuple[Change, ...]:
    """Write the changes into a document's JSON content; returns them with what stood there before.

    Raises:
        WrongUse: A place does not exist.
    """
    told = []
    for change in changes:
        before = _set(content, steps_of(change.place), deepcopy(change.value), place=change.place)
        told.append(change.model_copy(update={"before": before}))
    return tuple(told)


def _set(content: Any, steps: Sequence[Step], value: Any, *, place: str) -> Any:
    """Write the value at its place; returns what stood there. A missing part is begun, a list grows at its end."""
    at = content
    for step, following in pairwise(steps):
        _check(at, step, place)
        key = step if isinstance(step, str) else step - 1
        if isinstance(at, list) and key == len(at):
            at.append(_Begun())
        if at[key] is None and isinstance(following, str):
            at[key] = _Begun()
        at = at[key]
    last = steps[-1]
    _check(at, last, place)
    if isinstance(at, list) and isinstance(last, int):
        before = at[last - 1] if last <= len(at) else None
        at[last - 1 : last] = [value]
        return before
    before, at[last] = at.get(last), value
    return before


def _check(at: Any, step: Step, place: str) -> None:
    if isinstance(step, str) and isinstance(at, dict):
        if step not in at and not isinstance(at, _Begun):
            raise WrongUse(f"{shown(place)}: there is no '{shown(step)}' here; allowed: {', '.join(sorted(at))}.")
        at.setdefault(step, None)
    elif isinstance(step, int) and isinstance(at, list):
        if step > len(at) + 1:
            raise WrongUse(f"{shown(place)}: there are {len(at)} entries here; allowed: [1] to [{len(at) + 1}].")
    else:
        kind = "a list: name the entry, e.g. [1]" if isinstance(at, list) else "no list" if at else "empty or a value"
        kind = "a group of fields: name one, e.g. .name" if isinstance(at, dict) else kind
        raise WrongUse(f"{shown(place)}: what stands before '{shown(str(step))}' is {kind}.")


def told_of(error: ValidationError) -> str:
    """Return in a sentence which place of a document cannot hold its value, and why."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "extra_forbidden":
        return f"{_path(first['loc'])}: there is no such field."
    return f"{_path(first['loc'])}: {first['msg'].removeprefix('Value error, ').rstrip('.')}."


def _path(location: Iterable[str | int]) -> str:
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.removeprefix(".") or "order"


def patched_bytes(body: bytes, patches: Iterable[Patch]) -> bytes:
    """Return the record's bytes as its approved raw corrections leave them.

    Raises:
        Unreadable: A correction does not fit the bytes.
    """
    for patch in patches:
        if patch.raw:
            try:
                body, _ = corrected_bytes(body, patch.changes)
            except WrongUse as error:
                raise _unfit(patch, str(error)) from error
    return body


def patched_order(order: Order, patches: Iterable[Patch]) -> tuple[Order, tuple[int, ...]]:
    """Return the order as its approved corrections leave it, and the numbers of those that were made.

    Raises:
        Unreadable: A correction does not fit the order any more, or would change money without a second person.
    """
    made = []
    for patch in patches:
        if patch.inherited and not _stands_unchanged(order, patch):
            continue
        made.append(patch.number)
        if not patch.raw:
            order = _patched(order, patch)
    return order, tuple(made)


def _patched(order: Order, patch: Patch) -> Order:
    try:
        after, _ = corrected(order, patch.changes)
    except WrongUse as error:
        raise _unfit(patch, str(error)) from error
    if not patch.money and touches_money(order, after, patch.changes):
        raise _unfit(patch, "It would change money now, and no second person has approved that.")
    return after


def _stands_unchanged(order: Order, patch: Patch) -> bool:
    """Return whether a newer version still holds, at every place, what the correction found there."""
    try:
        _, now = corrected(order, patch.changes)
    except WrongUse:
        return False
    return all(one.before == other.before for one, other in zip(now, patch.changes, strict=True))


def _unfit(patch: Patch, why: str) -> Unreadable:
    defect = Defect(
        place=patch.changes[0].place if patch.changes else "order",
        text=f"Correction {patch.number} cannot be made: {why}",
        remedy=f"Decline correction {patch.number} and make another.",
    )
    return Unreadable(defect.text, reasons=(defect,))
