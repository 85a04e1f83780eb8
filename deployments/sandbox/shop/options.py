"""The query options of a request, read and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote, unquote

from deployments.sandbox.shop.filters import OrderTerm, Rows, condition, ordering
from deployments.sandbox.shop.model import Column, Entity, Kind, Link, Row
from deployments.sandbox.shop.tokens import split_outside
from deployments.sandbox.shop.values import Refusal, read_time

MAX_TOP = 120
MAX_DEPTH = 8
KNOWN = ("$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count", "$skiptoken", "$format")


@dataclass
class Options:
    """What of a collection is wanted, and in which form."""

    entity: Entity
    terms: list[OrderTerm]
    test: Callable[[Row], bool] | None = None
    select: tuple[Column, ...] | None = None
    expand: dict[str, tuple[Link, "Options"]] = field(default_factory=dict)
    top: int | None = None
    skip: int = 0
    count: bool = False
    after: tuple[str | None, ...] | None = None


def read_options(query: Mapping[str, str], entity: Entity, rows: Rows, depth: int = 0) -> Options:
    """Read the query options of one collection or entity.

    Args:
        query: Option name (``$top``, in any case) to text.
        entity: What the options are about.
        rows: Where related rows come from.
        depth: How many ``$expand`` are around.

    Raises:
        Refusal: 400, an option is unknown, not understood or beyond a limit.
    """
    given = {name.lower(): text for name, text in query.items() if name.startswith("$")}
    for name in given:
        if name not in KNOWN:
            raise Refusal(400, f"The query parameter '{name}' is not supported.")
    options = Options(entity, ordering(given.get("$orderby", ""), entity))
    if text := given.get("$filter"):
        options.test = condition(text, entity, rows)
    options.top = _number(given, "$top", None)
    if options.top is not None and options.top > MAX_TOP:
        raise Refusal(400, f"The limit of '{MAX_TOP}' for Top query has been exceeded. The value was '{options.top}'.")
    options.skip = _number(given, "$skip", 0) or 0
    options.count = _flag(given.get("$count", "false"))
    if text := given.get("$skiptoken"):
        options.after = read_skiptoken(text, options.terms)
    _read_expand(options, given.get("$expand", ""), rows, depth)
    if text := given.get("$select"):
        _read_select(options, text)
    return options


def _number(given: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = given.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise Refusal(400, f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Refusal(400, f"Invalid value '{text}' for $count query option found.")
    return text.lower() == "true"


def _read_select(options: Options, text: str) -> None:
    columns = []
    for name in split_outside(text, ","):
        found = options.entity.find(name)
        if name == "*":
            return
        if found is None:
            raise Refusal(400, f"Could not find a property named '{name}' on type '{options.entity.set_name}'.")
        if isinstance(found, Column):
            columns.append(found)
    wanted = {column.name for column in columns}
    options.select = tuple(column for column in options.entity.visible if column.name in wanted)


def _read_expand(options: Options, text: str, rows: Rows, depth: int) -> None:
    for part in split_outside(text, ","):
        if depth >= MAX_DEPTH:
            raise Refusal(400, f"The request includes a $expand path which is too deep: at most {MAX_DEPTH}.")
        name, bracket, inner = part.partition("(")
        link = options.entity.find(name.strip())
        if not isinstance(link, Link) or (bracket and not inner.endswith(")")):
            raise Refusal(400, f"Could not expand '{name.strip()}' on type '{options.entity.set_name}'.")
        query: dict[str, str] = {}
        for option in split_outside(inner.removesuffix(")"), ";"):
            key, _, value = option.partition("=")
            query[key.strip()] = value.strip()
        options.expand[link.name] = (link, read_options(query, rows.entity(link.target), rows, depth + 1))


def write_skiptoken(row: Row, terms: list[OrderTerm]) -> str:
    """Return the token of the page behind this row; to clients it is opaque."""
    parts = []
    for term in terms:
        value = row[term.column.name]
        text = (
            "null"
            if value is None
            else quote(f"{value:f}" if term.column.kind is Kind.DECIMAL else str(value), safe=":")
        )
        parts.append(f"{term.column.name}-{text}")
    return ",".join(parts)


def read_skiptoken(text: str, terms: list[OrderTerm]) -> tuple[str | None, ...]:
    """Return the texts of the row that the last page ended with.

    Raises:
        Refusal: 400, the token does not belong to this order.
    """
    found: list[str | None] = []
    parts = text.split(",")
    if len(parts) != len(terms):
        raise Refusal(400, "Unable to parse the skiptoken value.")
    for part, term in zip(parts, terms, strict=True):
        name, _, value = part.partition("-")
        if name != term.column.name:
            raise Refusal(400, "Unable to parse the skiptoken value.")
        found.append(None if value == "null" else unquote(value))
    return tuple(found)


def behind(row: Row, terms: list[OrderTerm], after: tuple[str | None, ...]) -> bool:
    """Tell whether a row stands behind the one that a skiptoken names."""
    for term, text in zip(terms, after, strict=True):
        mark = term.key({term.column.name: _from_token(text, term.column)})
        here = term.key(row)
        if here != mark:
            return here < mark if term.descending else here > mark
    return False


def _from_token(text: str | None, column: Column) -> object:
    if text is None:
        return None
    try:
        match column.kind:
            case Kind.INTEGER:
                return int(text)
            case Kind.DECIMAL:
                return Decimal(text)
            case Kind.BOOLEAN:
                return text == "True"
            case Kind.TIME:
                return read_time(text)
            case _:
                return text
    except ValueError as error:
        raise Refusal(400, f"Unable to parse the skiptoken value: {error}.") from None
