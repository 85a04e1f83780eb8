"""Columns matched to targets by their names: each target takes the first column called after it."""

from dataclasses import dataclass, field
from typing import Any

from blocks.standards.order_files.synonyms import line_target, order_target
from blocks.standards.order_files.targets import (
    ALWAYS_ON_LINE,
    ALWAYS_ON_ORDER,
    LINE_TARGETS,
    PRICES,
    Kind,
    kind_on_order,
)

MISSING = "??? "
"""What stands before a column's name that is still to be found."""

Values = dict[str, list[str]]


@dataclass(slots=True)
class Matching:
    """Which columns are what, as far as their names say."""

    order: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, Any] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    amount_columns: list[str] = field(default_factory=list)
    date_columns: list[str] = field(default_factory=list)
    prices: str = "gross"


def match(columns: Values, line_columns: Values | None) -> Matching:
    """Return the matching of a table's columns, or of an order's and its lines' paths."""
    found = Matching()
    for name in columns:
        target, on_line = _target(name, table=line_columns is None)
        _take(found, name, target, on_line=on_line)
    for name in line_columns or {}:
        target = line_target(_last(name))
        _take(found, name, target, on_line=True)
    _split_names(found, columns)
    _fill_gaps(found)
    return found


def _last(name: str) -> str:
    return name.replace("@", "").rpartition("/")[2].rpartition(".")[2]


def _target(name: str, *, table: bool) -> tuple[str | None, bool]:
    if table:
        if line := line_target(name):
            return line, True
        return order_target(name), False
    whole = name.replace("@", "")
    return order_target(whole) or order_target(_last(name)), False


def _take(found: Matching, name: str, target: str | None, *, on_line: bool) -> None:
    chosen = found.lines if on_line else found.order
    if target is None or target in chosen:
        found.unmatched.append(name)
        return
    chosen[target] = name
    found.matched[name] = f"lines.{target}" if on_line else f"order.{target}"
    kind = LINE_TARGETS.get(target) if on_line else kind_on_order(target)
    if kind is Kind.AMOUNT:
        found.amount_columns.append(name)
    if kind is Kind.MOMENT:
        found.date_columns.append(name)


def _split_names(found: Matching, columns: Values) -> None:
    """A column with whole names and none with first names: the last word is taken for the last name."""
    for side in ("billing_address", "shipping_address"):
        name = found.order.get(f"{side}.last_name")
        if name and f"{side}.first_name" not in found.order and any(" " in text for text in columns.get(name, ())):
            found.order[f"{side}.first_name"] = {"column": name, "split": " ", "part": "before_last"}
            found.order[f"{side}.last_name"] = {"column": name, "split": " ", "part": "last"}
            found.notes.append(f"'{name}' holds whole names: the last word is taken for the last name.")


def _fill_gaps(found: Matching) -> None:
    for charge in ("charges.shipping", "charges.payment_fee"):
        if f"{charge}.net" in found.order or f"{charge}.gross" in found.order:
            found.order.setdefault(f"{charge}.tax_rate", {"constant": "19"})
            found.notes.append(f"The tax rate of {charge} is assumed to be 19 %: correct it where it is not.")
    for target in ALWAYS_ON_ORDER:
        _placeholder(found, found.order, target)
    for target in ALWAYS_ON_LINE:
        _placeholder(found, found.lines, target)
    if not any(target in found.lines for target in PRICES):
        _placeholder(found, found.lines, "unit_gross")
    net = "unit_net" in found.lines or "net" in found.lines
    gross = "unit_gross" in found.lines or "gross" in found.lines
    found.prices = "net" if net and not gross else "gross"
    found.notes.append(f"Prices are taken for {found.prices} prices: correct it where they are not.")


def _placeholder(found: Matching, chosen: dict[str, Any], target: str) -> None:
    if target not in chosen:
        chosen[target] = f"{MISSING}{target}"
        found.missing.append(target)
