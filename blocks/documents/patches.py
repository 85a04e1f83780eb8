"""Patches: signed corrections of a record that was put aside. Pure: words in, changed orders or bytes out.

A line of a patch says ``place=value``. The place is a path as verdicts name it (``lines[1]`` is the first line), or,
for a record that cannot be read at all, an RFC 6901 pointer into its JSON (``/rows/0/cells/Menge``). The value is
JSON; what is no JSON, and every plain number, is taken as it is written, so that a postal code keeps its leading zero
and an amount its last digit.
"""

import json
import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from blocks.documents.base import Document, canonical_json
from blocks.documents.json_text import JsonNumber, read_json, write_json
from blocks.documents.orders import Order
from blocks.errors import Defect, Unreadable, WrongUse

IDENTITY = frozenset({"channel", "external_id", "changed_at"})
"""What tells which version of which order a record is: another one would be another record."""
ALSO_MONEY = frozenset({"currency", "display_currency", "price_display", "payment_status"})
"""What decides on money without being an amount: whether prices hold tax, whether the order is paid."""
LONGEST = 100_000
_STEP = re.compile(r"\.?([A-Za-z_][A-Za-z_0-9]*)|\[([1-9][0-9]{0,5})\]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_RULE = "How to write it: shipping_address.postal_code=10115, or lines[2].sku=LAMP for the second line."
Step = str | int


class Change(Document):
    """One place and what is to stand there; ``before`` is what stood there when the correction was made."""

    place: str
    value: Any
    before: Any = None


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


def changes_of(lines: Iterable[str], *, raw: bool) -> tuple[Change, ...]:
    """Return the changes that lines of ``place=value`` say.

    Raises:
        WrongUse: A line is none; says how it is written.
    """
    changes = [_change(line, raw=raw) for line in lines if line.strip()]
    if not changes:
        raise WrongUse(f"A correction needs at least one line. {_RULE}")
    return tuple(changes)


def _change(line: str, *, raw: bool) -> Change:
    place, sign, text = line.partition("=")
    if not sign or not place.strip():
        raise WrongUse(f"A line of the patch is no place=value. {_RULE}")
    place = place.strip()
    if raw:
        _pointer(place)
    else:
        _steps(place)
    value = _value(text.strip())
    if len(line) > LONGEST or not _storable(place) or not _storable(value):
        raise WrongUse("A line of the patch is too long, or holds characters that no text can hold.")
    return Change(place=place, value=value)


def _storable(value: Any) -> bool:
    """Return whether Postgres and files can hold it: no NUL, no half of a character."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _value(text: str) -> Any:
    if _NUMBER.fullmatch(text):
        return text
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def _steps(place: str) -> tuple[Step, ...]:
    """Return the names and 1-based numbers of a path."""
    found: list[Step] = []
    end = 0
    while end < len(place):
        step = _STEP.match(place, end)
        if step is None or (end == 0) == place.startswith((".", "["), end) or not _dotted(place, end, step):
            raise WrongUse(f"'{_short(place)}' is no place in an order. {_RULE}")
        found.append(step[1] or int(step[2]))
        end = step.end()
    return tuple(found)


def _dotted(place: str, end: int, step: re.Match[str]) -> bool:
    return end == 0 or bool(step[2]) or place[end] == "."


def _pointer(place: str) -> tuple[str, ...]:
    """Return the reference tokens of an RFC 6901 pointer."""
    if not place.startswith("/") or re.search(r"~(?![01])", place):
        raise WrongUse(f"'{_short(place)}' is no JSON pointer: write it as /rows/0/cells/Menge (RFC 6901).")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in place[1:].split("/"))


def _short(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"  # noqa: PLR2004 - a line on a terminal


def corrected(order: Order, changes: Sequence[Change]) -> tuple[Order, tuple[Change, ...]]:
    """Return the order with the changes made, and the changes with what stood there before.

    Raises:
        WrongUse: A place does not exist, or cannot hold the value; names the place and what is allowed.
    """
    content = order.model_dump(mode="json")
    told = []
    for change in changes:
        steps = _steps(change.place)
        if steps[0] in IDENTITY:
            raise WrongUse(f"'{steps[0]}' says which record this is and cannot be corrected.")
        before = _set(content, steps, deepcopy(change.value), place=change.place)
        told.append(change.model_copy(update={"before": before}))
    try:
        return Order.model_validate(content), tuple(told)
    except ValidationError as error:
        raise WrongUse(_told(error)) from None
    except RecursionError:
        raise WrongUse("A value of the patch is nested too deeply.") from None


def _set(content: Any, steps: Sequence[Step], value: Any, *, place: str) -> Any:
    """Write the value at its place; returns what stood there. A missing part is begun, a list grows at its end."""
    at = content
    for step, following in pairwise(steps):
        _check(at, step, place)
        key = step if isinstance(step, str) else step - 1
        if isinstance(at, list) and key == len(at):
            at.append({})
        if at[key] is None and isinstance(following, str):
            at[key] = {}
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
        if step not in at and at:
            raise WrongUse(f"{_short(place)}: there is no '{_short(step)}' here; allowed: {', '.join(sorted(at))}.")
        at.setdefault(step, None)
    elif isinstance(step, int) and isinstance(at, list):
        if step > len(at) + 1:
            raise WrongUse(f"{_short(place)}: there are {len(at)} entries here; allowed: [1] to [{len(at) + 1}].")
    else:
        kind = "a list: name the entry, e.g. [1]" if isinstance(at, list) else "no list" if at else "empty or a value"
        kind = "a group of fields: name one, e.g. .name" if isinstance(at, dict) else kind
        raise WrongUse(f"{_short(place)}: what stands before '{_short(str(step))}' is {kind}.")


def _told(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{_path(first['loc'])}: {first['msg'].removeprefix('Value error, ').rstrip('.')}."


def _path(location: Iterable[str | int]) -> str:
    text = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.removeprefix(".") or "order"


def corrected_bytes(body: bytes, changes: Sequence[Change]) -> tuple[bytes, tuple[Change, ...]]:
    """Return the record's JSON with the changes made, and the changes with what stood there before.

    Every other value keeps its spelling, numbers included.

    Raises:
        WrongUse: The record is no JSON, or a place does not exist in it.
    """
    try:
        content = read_json(body)
    except ValueError:
        raise WrongUse("These bytes are no JSON: they cannot be corrected by pointer. Reject the record.") from None
    told = []
    for change in changes:
        before = _set_raw(content, _pointer(change.place), deepcopy(change.value), place=change.place)
        told.append(change.model_copy(update={"before": before}))
    return write_json(content), tuple(told)


def _set_raw(content: Any, tokens: Sequence[str], value: Any, *, place: str) -> Any:
    at = content
    for token in tokens[:-1]:
        at = at[_key(at, token, place)]
    key = _key(at, tokens[-1], place, new=True)
    if isinstance(at, list) and key == len(at):
        at.append(value)
        return None
    before = at[key] if isinstance(at, list) else at.get(key)
    at[key] = _like(before, value)
    return str(before) if isinstance(before, JsonNumber) else json.loads(write_json(before))


def _like(before: Any, value: Any) -> Any:
    """A number that takes a number's place is one; anywhere else what was written as text stays text."""
    is_number = isinstance(value, str) and _NUMBER.fullmatch(value) and not re.match(r"-?0[0-9]", value)
    return JsonNumber(value) if is_number and isinstance(before, JsonNumber) else value


def _key(at: Any, token: str, place: str, *, new: bool = False) -> Any:
    if isinstance(at, dict):
        if token in at or new:
            return token
        known = ", ".join(_short(name) for name in sorted(at)[:20])
        raise WrongUse(f"{_short(place)}: there is no '{_short(token)}' here; there are: {known or 'no fields'}.")
    if isinstance(at, list):
        most = len(at) if new else len(at) - 1
        if new and token == "-":  # noqa: S105 - RFC 6901: the element after the last
            return len(at)
        if re.fullmatch(r"0|[1-9][0-9]{0,6}", token) and int(token) <= most:
            return int(token)
        allowed = f"0 to {most}" if most >= 0 else "nothing, for it is empty"
        raise WrongUse(f"{_short(place)}: there is no entry '{_short(token)}' in this list; allowed: {allowed}.")
    raise WrongUse(f"{_short(place)}: what stands before '{_short(token)}' is a value and has no parts.")


@cache
def money_names() -> frozenset[str]:
    """Return the names of all fields of an order that are amounts, quantities or rates, or decide on money."""
    return ALSO_MONEY | _decimal_fields(Order)


def _decimal_fields(model: type[BaseModel]) -> frozenset[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        for kind in _kinds(field.annotation):
            if kind is Decimal:
                found.add(name)
            elif isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= _decimal_fields(kind)
    return frozenset(found)


def _kinds(annotation: Any) -> list[Any]:
    parts = get_args(annotation)
    return [kind for part in parts for kind in _kinds(part)] if parts else [annotation]


def touches_money(before: Order, after: Order, changes: Iterable[Change]) -> bool:
    """Return whether the changes address money, or move any amount, price, quantity, rate or currency."""
    addressed = {name for change in changes for name in _names(change)}
    return bool(addressed & money_names()) or _money(before) != _money(after)


def _names(change: Change) -> Iterable[str]:
    yield from (step for step in _steps(change.place) if isinstance(step, str))
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
