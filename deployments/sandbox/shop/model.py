"""How a shop entity is made up: its columns with their kinds, and the ways to related entities.

Entities are declared in one line per group of columns, in the short form of the API reference:
``Name kind``, where the kind is ``i`` integer, ``d`` decimal, ``s`` text, ``b`` boolean, ``t`` UTC time, ``g`` Guid,
and a trailing ``?`` makes it nullable. ``d(8)`` gives a decimal's scale, ``s(400)`` a text's length.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

NULL_TIME = "0001-01-01T00:00:00.0000000Z"
"""What an unsent time becomes: the CLR default."""
NULL_GUID = "00000000-0000-0000-0000-000000000000"

Row = dict[str, Any]
"""One entity: column name to int, bool, str, Decimal or None; times are 28-character UTC strings."""


class Kind(StrEnum):
    """The kind of a column; the values are the short forms in declarations."""

    INTEGER = "i"
    DECIMAL = "d"
    TEXT = "s"
    BOOLEAN = "b"
    TIME = "t"
    GUID = "g"
    ENUM = "e"


@dataclass(frozen=True, slots=True)
class Column:
    """One property of an entity.

    Attributes:
        name: PascalCase name as in the JSON.
        kind: What it holds.
        nullable: Whether null is a value.
        size: Scale of a decimal, greatest length of a text; 0 is unlimited.
        members: Member names of an enum.
        hidden: Kept by the shop, absent from the API.
    """

    name: str
    kind: Kind
    nullable: bool = False
    size: int = 0
    members: tuple[str, ...] = ()
    hidden: bool = False

    @property
    def default(self) -> Any:
        """Return the CLR default of the type."""
        if self.nullable or self.kind is Kind.TEXT:
            return None
        return {
            Kind.INTEGER: 0,
            Kind.DECIMAL: Decimal(0).scaleb(-self.size),
            Kind.BOOLEAN: False,
            Kind.TIME: NULL_TIME,
            Kind.GUID: NULL_GUID,
            Kind.ENUM: self.members[0] if self.members else None,
        }[self.kind]


@dataclass(frozen=True, slots=True)
class Link:
    """A way to related entities.

    Attributes:
        name: Name of the navigation property.
        target: Entity set at the other end.
        many: Whether it leads to a collection.
        key: The column with the other's id here, or, when ``many``, the column with this id there.
    """

    name: str
    target: str
    many: bool
    key: str


@dataclass(frozen=True)
class Entity:
    """One kind of entity.

    Attributes:
        set_name: Name of its entity set.
        columns: Its columns by name.
        links: Its navigation properties by name.
        audited: Whether the shop keeps CreatedOnUtc and UpdatedOnUtc itself.
        soft_delete: Whether DELETE only marks the row.
        routed: Whether the set can be addressed by itself.
        writable: Whether POST, PATCH, PUT and DELETE are allowed.
        required: Texts that a new row must bring.
    """

    set_name: str
    columns: Mapping[str, Column]
    links: Mapping[str, Link]
    audited: bool = False
    soft_delete: bool = False
    routed: bool = True
    writable: bool = True
    required: tuple[str, ...] = ()
    by_lower: Mapping[str, Column | Link] = field(init=False)
    visible: tuple[Column, ...] = field(init=False)
    defaults: Row = field(init=False)

    def __post_init__(self) -> None:
        """Derive the look-up tables once."""
        known: dict[str, Column | Link] = {name.lower(): link for name, link in self.links.items()}
        known |= {name.lower(): column for name, column in self.columns.items() if not column.hidden}
        object.__setattr__(self, "by_lower", known)
        object.__setattr__(self, "visible", tuple(column for column in self.columns.values() if not column.hidden))
        object.__setattr__(self, "defaults", {name: column.default for name, column in self.columns.items()})

    def find(self, name: str) -> Column | Link | None:
        """Return the property of that name, whatever its case, if the API shows it."""
        return self.by_lower.get(name.lower())


_DECLARED = re.compile(r"(?P<name>\w+) (?P<kind>[idsbtg])(?:\((?P<size>\d+)\))?(?P<null>\?)?$")
_LINK = re.compile(r"(?P<name>\w+)(?P<arrow>[>*])(?P<target>\w+):(?P<key>\w+)")
_ENUM = re.compile(r"(?P<name>\w+) \[(?P<members>[\w|]+)\](?P<null>\?)?$")


def column(declaration: str, *, hidden: bool = False) -> Column:
    """Read one declaration such as ``CurrencyRate d(8)`` or ``Visibility [Full|Hidden]``."""
    declaration = declaration.strip()
    if found := _ENUM.match(declaration):
        members = tuple(found["members"].split("|"))
        return Column(found["name"], Kind.ENUM, bool(found["null"]), members=members, hidden=hidden)
    found = _DECLARED.match(declaration)
    if found is None:
        raise ValueError(f"not a column declaration: {declaration!r}")
    kind = Kind(found["kind"])
    size = int(found["size"] or (4 if kind is Kind.DECIMAL else 0))
    return Column(found["name"], kind, bool(found["null"]) or kind is Kind.TEXT, size, hidden=hidden)


def entity(set_name: str, columns: str, *, links: str = "", hidden: str = "", **traits: Any) -> Entity:
    """Declare one entity.

    Args:
        set_name: Name of the entity set.
        columns: Columns in API order, separated by commas; ``Id`` is added in front.
        links: ``Name>Target:Key`` for a single one, ``Name*Target:Key`` for a collection, separated by commas.
        hidden: Columns that the API does not show.
        traits: Further fields of `Entity`.
    """
    found = [Column("Id", Kind.INTEGER), *(column(part) for part in columns.split(",") if part.strip())]
    found += [column(part, hidden=True) for part in hidden.split(",") if part.strip()]
    ways: dict[str, Link] = {}
    for part in links.replace("\n", " ").split(","):
        if part.strip():
            link = _LINK.fullmatch(part.strip())
            if link is None:
                raise ValueError(f"not a link declaration: {part!r}")
            ways[link["name"]] = Link(link["name"], link["target"], link["arrow"] == "*", link["key"])
    return Entity(set_name, {each.name: each for each in found}, ways, **traits)
