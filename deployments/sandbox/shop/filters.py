"""``$filter`` and ``$orderby``: read by recursive descent, turned into functions over rows."""

import heapq
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, Protocol

from deployments.sandbox.shop.model import Column, Entity, Kind, Link, Row
from deployments.sandbox.shop.tokens import Token, Word, split_outside, tokens, unquoted
from deployments.sandbox.shop.values import Refusal, read_time

MAX_NODES = 100
MAX_ORDER_TERMS = 5

Evaluate = Callable[[Row, Row], Any]
"""Takes the row looked at and the row of an ``any``/``all`` (the same row outside of one)."""


class Rows(Protocol):
    """Where related rows come from."""

    def entity(self, set_name: str) -> Entity:
        """Return the entity of a set."""

    def one(self, link: Link, row: Row) -> Row | None:
        """Follow a single link."""

    def many(self, link: Link, row: Row) -> Iterable[Row]:
        """Follow a collection link."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an expression: its kind (None is null) and how to work it out."""

    kind: Kind | None
    value: Evaluate
    constant: bool = False


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_TEXT_CHANGES: dict[str, Callable[[str], str]] = {"tolower": str.lower, "toupper": str.upper, "trim": str.strip}
_NUMBERS = {Kind.INTEGER, Kind.DECIMAL}
_QUOTED = {Kind.TEXT, Kind.ENUM}


def _alike(left: Kind | None, right: Kind | None) -> bool:
    """Tell whether two kinds can be compared."""
    if left is None or right is None or left == right:
        return True
    return {left, right} <= _NUMBERS or {left, right} <= _QUOTED


def _folded(term: Term) -> Evaluate:
    """Return the value without regard to case, as the shop's databases compare texts."""
    if term.kind not in _QUOTED and term.kind is not Kind.GUID:
        return term.value
    inner = term.value

    def fold(row: Row, other: Row) -> Any:
        value = inner(row, other)
        return value if value is None else value.casefold()

    return fold


def _compared(sign: str, left: Term, right: Term) -> Term:
    if not _alike(left.kind, right.kind):
        raise Refusal(400, f"A binary operator with incompatible types was detected: {left.kind} {sign} {right.kind}.")
    compare, first, second = _COMPARE[sign], _folded(left), _folded(right)
    ordering = sign not in ("eq", "ne")

    def test(row: Row, other: Row) -> bool:
        one, two = first(row, other), second(row, other)
        if ordering and (one is None or two is None):
            return False
        return compare(one, two)

    return Term(Kind.BOOLEAN, test)


def _truth(term: Term) -> Evaluate:
    if term.kind is not Kind.BOOLEAN:
        raise Refusal(400, "A true or false expression is expected.")
    return term.value


def _either_of(left: Evaluate, right: Evaluate) -> Term:
    return Term(Kind.BOOLEAN, lambda row, other: left(row, other) or right(row, other))


def _both_of(left: Evaluate, right: Evaluate) -> Term:
    return Term(Kind.BOOLEAN, lambda row, other: left(row, other) and right(row, other))


class _Reader:
    """Reads one expression over one entity."""

    def __init__(self, text: str, entity: Entity, rows: Rows) -> None:
        self._text, self._entity, self._rows = text, entity, rows
        self._tokens, self._at, self._nodes = tokens(text), 0, 0
        self._range: tuple[str, Entity] | None = None

    def read(self) -> Evaluate:
        """Read the whole text as a condition."""
        found = _truth(self._either())
        if self._next().word is not Word.END:
            raise self._error(self._tokens[self._at - 1])
        return found

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _taken(self, text: str) -> bool:
        token = self._peek()
        if token.word in (Word.NAME, Word.MARK) and token.text == text:
            self._at += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._taken(text):
            raise self._error(self._peek())

    def _error(self, token: Token) -> Refusal:
        return Refusal(400, f"Syntax error at position {token.at} in '{self._text}'.")

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise Refusal(400, f"The node count limit of '{MAX_NODES}' has been exceeded.")

    def _either(self) -> Term:
        found = self._both()
        while self._taken("or"):
            self._count()
            found = _either_of(_truth(found), _truth(self._both()))
        return found

    def _both(self) -> Term:
        found = self._negated()
        while self._taken("and"):
            self._count()
            found = _both_of(_truth(found), _truth(self._negated()))
        return found

    def _negated(self) -> Term:
        if self._taken("not"):
            self._count()
            inner = _truth(self._negated())
            return Term(Kind.BOOLEAN, lambda row, other: not inner(row, other))
        return self._comparison()

    def _comparison(self) -> Term:
        left = self._operand()
        token = self._peek()
        if token.word is Word.NAME and token.text in _COMPARE:
            self._count()
            self._at += 1
            return _compared(token.text, left, self._operand())
        if self._taken("in"):
            return self._among(left)
        return left

    def _among(self, left: Term) -> Term:
        self._need("(")
        choices = [self._literal()]
        while self._taken(","):
            choices.append(self._literal())
        self._need(")")
        if not all(_alike(left.kind, choice.kind) for choice in choices):
            raise Refusal(400, "A list with incompatible types was detected.")
        values = {_folded(choice)({}, {}) for choice in choices}
        value = _folded(left)
        return Term(Kind.BOOLEAN, lambda row, other: value(row, other) in values)

    def _literal(self) -> Term:
        found = self._operand()
        if not found.constant:
            raise Refusal(400, "Only literals are allowed in a list.")
        return found

    def _operand(self) -> Term:
        self._count()
        token = self._next()
        if token.word is Word.MARK and token.text == "(":
            found = self._either()
            self._need(")")
            return found
        if token.word is Word.NAME:
            return self._named(token)
        return self._constant(token)

    def _constant(self, token: Token) -> Term:
        value: Any
        try:
            match token.word:
                case Word.TEXT:
                    kind, value = Kind.TEXT, unquoted(token.text)
                case Word.NUMBER:
                    kind, value = Kind.DECIMAL, Decimal(token.text)
                case Word.TIME:
                    kind, value = Kind.TIME, read_time(token.text)
                case Word.GUID:
                    kind, value = Kind.GUID, token.text
                case _:
                    raise self._error(token)
        except ValueError as error:
            raise Refusal(400, f"{error}.") from None
        return Term(kind, lambda _row, _other: value, constant=True)

    def _named(self, token: Token) -> Term:
        name = token.text
        if name == "null":
            return Term(None, lambda _row, _other: None, constant=True)
        if name in ("true", "false"):
            return Term(Kind.BOOLEAN, lambda _row, _other: name == "true", constant=True)
        if self._taken("("):
            return self._function(name)
        if self._range is not None and name == self._range[0]:
            self._need("/")
            return self._path(self._next().text, self._range[1], lambda _row, other: other)
        return self._path(name, self._entity, lambda row, _other: row)

    def _function(self, name: str) -> Term:
        arguments = [self._either()]
        while self._taken(","):
            arguments.append(self._either())
        self._need(")")
        if any(argument.kind not in (*_QUOTED, None) for argument in arguments):
            raise Refusal(400, f"No function signature for '{name}' matches the arguments.")
        values = [_folded(argument) for argument in arguments]
        if name in _TEXT_TESTS and len(values) == 2:
            test, (text, part) = _TEXT_TESTS[name], values
            return Term(Kind.BOOLEAN, lambda row, other: test(text(row, other) or "", part(row, other) or ""))
        if name in _TEXT_CHANGES and len(values) == 1:
            change, value = _TEXT_CHANGES[name], arguments[0].value
            return Term(Kind.TEXT, lambda row, other: change(value(row, other) or ""))
        if name == "length" and len(values) == 1:
            return Term(Kind.INTEGER, lambda row, other: len(values[0](row, other) or ""))
        raise Refusal(400, f"An unknown function with name '{name}' was found.")

    def _path(self, name: str, entity: Entity, start: Evaluate) -> Term:
        found = entity.find(name)
        if found is None:
            raise Refusal(400, f"Could not find a property named '{name}' on type '{entity.set_name}'.")
        if isinstance(found, Column):
            key = found.name

            def value(row: Row, other: Row) -> Any:
                at = start(row, other)
                return None if at is None else at[key]

            return Term(found.kind, value)
        self._need("/")
        following = self._next().text
        target = self._rows.entity(found.target)
        if not found.many:
            return self._path(following, target, self._step(found, start))
        if following in ("any", "all"):
            return self._quantified(following == "all", found, target, start)
        raise Refusal(400, f"'{found.name}' is a collection; use any or all.")

    def _step(self, link: Link, start: Evaluate) -> Evaluate:
        def step(row: Row, other: Row) -> Any:
            at = start(row, other)
            return None if at is None else self._rows.one(link, at)

        return step

    def _quantified(self, every: bool, link: Link, target: Entity, start: Evaluate) -> Term:
        if self._range is not None:
            raise Refusal(400, "The Any/All nesting limit of '1' has been exceeded.")
        self._need("(")
        rows, outer = self._rows, start
        if not every and self._taken(")"):
            return Term(Kind.BOOLEAN, lambda row, other: any(True for _ in rows.many(link, outer(row, other) or {})))
        variable = self._next()
        self._need(":")
        self._range = (variable.text, target)
        inner = _truth(self._either())
        self._range = None
        self._need(")")
        quantify = all if every else any
        return Term(
            Kind.BOOLEAN,
            lambda row, other: quantify(inner(row, each) for each in rows.many(link, outer(row, other))),
        )


def condition(text: str, entity: Entity, rows: Rows) -> Callable[[Row], bool]:
    """Turn a ``$filter`` into a test over rows.

    Raises:
        Refusal: 400, it is not understood or too large.
    """
    evaluate = _Reader(text, entity, rows).read()
    return lambda row: bool(evaluate(row, row))


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One sort key."""

    column: Column
    descending: bool

    def key(self, row: Row) -> tuple[bool, Any]:
        """Return what to sort by; null comes first, as in SQL Server."""
        value = row[self.column.name]
        if isinstance(value, str) and self.column.kind in _QUOTED:
            value = value.casefold()
        return value is not None, value if value is not None else 0


def ordering(text: str, entity: Entity) -> list[OrderTerm]:
    """Read an ``$orderby``; ``Id`` is added as the last key so that pages are stable.

    Raises:
        Refusal: 400, an unknown property or more than five terms.
    """
    terms = [_order_term(part, entity) for part in split_outside(text, ",")]
    if len(terms) > MAX_ORDER_TERMS:
        raise Refusal(400, f"The limit of '{MAX_ORDER_TERMS}' for $orderby terms has been exceeded.")
    if not any(term.column.name == "Id" for term in terms):
        terms.append(OrderTerm(entity.columns["Id"], descending=False))
    return terms


def _order_term(part: str, entity: Entity) -> OrderTerm:
    name, _, direction = part.partition(" ")
    found = entity.find(name)
    if not isinstance(found, Column) or direction.strip() not in ("", "asc", "desc"):
        raise Refusal(400, f"Could not order '{entity.set_name}' by '{part}'.")
    return OrderTerm(found, descending=direction.strip() == "desc")


def in_order(rows: Sequence[Row], terms: Sequence[OrderTerm], first: int | None = None) -> list[Row]:
    """Return the rows sorted by the terms, all or the first few."""
    if first is not None and not any(term.descending or term.column.nullable for term in terms):
        # Deep paging in change order is what middleware does all day; it must not sort the whole shop for each page.
        return heapq.nsmallest(first, rows, key=itemgetter(*(term.column.name for term in terms)))
    found = list(rows)
    for term in reversed(terms):
        found.sort(key=term.key, reverse=term.descending)
    return found[:first]
