"""A CII document as its readers see it: local names, typed values, and a memory of what was read.

What nobody asked for is found at the end and reported, so that nothing an invoice says is dropped without a word.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blocks.errors import Defect
from blocks.standards.en16931.ubl_tree import Surplus

_UNCEFACT = "urn:un:unece:uncefact:data:standard:"
_FIGURE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE_102 = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DATE_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T[0-9:.]*Z?)?")
_MOST_DIGITS = 24
_MOST_NAMED = 20
_MOST_DEFECTS = 200
_AS_102 = "Write it as YYYYMMDD with format 102, e.g. 20261121."


class Record:
    """What is noted of a document while it is read: defects, and the elements that name a currency."""

    __slots__ = ("currencies", "defects")

    def __init__(self) -> None:
        """Start with nothing noted."""
        self.defects: list[Defect] = []
        self.currencies: list[Node] = []


_NO_ATTRIBUTES: dict[str, str] = {}
_NO_CHILDREN: "dict[str, list[Node]]" = {}
"""Shared by all elements without: most have neither, and an invoice of thousands of lines has many elements."""


class Node:
    """One element: local name, text, attributes and children by name; ``read`` once somebody took its value."""

    __slots__ = ("attributes", "children", "name", "parent", "read", "record", "text")

    def __init__(self, name: str, parent: "Node | None", record: Record) -> None:
        """Start an element without content."""
        self.name = name
        self.parent = parent
        self.record = record
        self.text = ""
        self.attributes = _NO_ATTRIBUTES
        self.children = _NO_CHILDREN
        self.read = False

    def all(self, name: str) -> list["Node"]:
        """Return the children of that name in document order."""
        found = self.children.get(name)
        if found is None:
            return []
        for node in found:
            node.read = True
        return found

    def one(self, *path: str) -> "Node | None":
        """Return the first element down that path; None where a step is missing."""
        node = self
        for name in path:
            found = node.children.get(name)
            if found is None:
                return None
            node = found[0]
            node.read = True
        return node

    def value(self, *path: str) -> str:
        """Return the text of the first element down that path, '' where there is none."""
        if path[0] not in self.children:  # most of what the model knows is absent
            return ""
        if len(path) == 1:
            node = self.children[path[0]][0]
            node.read = True
            return node.text
        found = self.one(*path)
        return "" if found is None else found.text

    def values(self, name: str) -> str:
        """Return the texts of all children of that name, one below the other."""
        return "\n".join(node.text for node in self.all(name) if node.text)

    def figure(self, *path: str) -> Decimal | None:
        """Return a number; a text that is none is a defect and gives None."""
        node = self.one(*path)
        if node is None or not node.text:
            return None
        if _FIGURE.fullmatch(node.text):
            number = Decimal(node.text)
            if len(node.text) <= _MOST_DIGITS or len(number.as_tuple().digits) <= _MOST_DIGITS:
                return number
        node.defect("is not a plain decimal number", "Write digits with a dot before the decimals, e.g. 1234.50.")
        return None

    def day(self, *path: str) -> date | None:
        """Return a calendar day from the wrapped date down that path (format 102, YYYYMMDD)."""
        node = self.one(*path)
        if node is None:
            return None
        for wrapped in ("DateTimeString", "DateString", "DateTime"):
            inner = node.one(wrapped)
            if inner is not None:
                return inner.own_day()
        return node.own_day()

    def own_day(self) -> date | None:
        """Return its text as a day; what is no day of the calendar is a defect and gives None."""
        if not self.text:
            return None
        plain = _DATE_102.fullmatch(self.text)
        match = plain or _DATE_ISO.fullmatch(self.text)
        try:
            day = match and date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            day = None
        form = self.attributes.get("format", "102" if plain else "")
        if day is None or form not in {"102", ""}:
            self.defect("is not a day of the calendar", _AS_102)
            return None
        if form and not plain:
            self.defect("is a day, but not in format 102", _AS_102)
        return day

    def yes(self, *path: str) -> bool | None:
        """Return an indicator; None where it is absent or neither true nor false."""
        node = self.one(*path)
        inner = node and (node.one("Indicator") or node)
        if not inner or not inner.text:
            return None
        if inner.text in {"true", "1", "false", "0"}:
            return inner.text in {"true", "1"}
        inner.defect("is neither true nor false", "Write true or false.")
        return None

    def place(self) -> str:
        """Return its path from the root, with a 1-based number where siblings share its name."""
        steps: list[str] = []
        node: Node | None = self
        while node is not None:
            beside = node.parent.children[node.name] if node.parent else [node]
            steps.append(node.name if len(beside) == 1 else f"{node.name}[{beside.index(node) + 1}]")
            node = node.parent
        return "/" + "/".join(reversed(steps))

    def defect(self, text: str, remedy: str) -> None:
        """Note what is wrong with it: a predicate whose subject is its value."""
        record = self.record
        if len(record.defects) < _MOST_DEFECTS:
            record.defects.append(Defect(self.place(), f"The value {text}.", remedy))
        elif len(record.defects) == _MOST_DEFECTS:
            record.defects.append(Defect("/", "More values than these are wrong.", "Have the invoice sent again."))


def tree(root: Any, renamed: dict[str, str] | None = None) -> Node:
    """Return the readers' view of a parsed document.

    Args:
        root: The root element as `xml.parse` gives it: without comments and processing instructions.
        renamed: Local names of an older version of the syntax → those of CII D16B.

    An element outside UN/CEFACT's (or the root's own) namespaces keeps its namespace in its name, so that no reader
    mistakes it for one of CII and it is reported as not read.
    """
    own = root.tag[: root.tag.find("}") + 1] if root.tag.startswith("{") else ""
    record = Record()
    names: dict[str, str] = {}

    def grow(element: Any, node: Node) -> None:
        children: dict[str, list[Node]] = {}
        node.children = children
        for child in element[:]:  # a slice is gathered far faster than an iterator walks
            name = names.get(child.tag) or named(child.tag)
            grown = Node(name, node, record)
            attributes = child.items()
            if attributes:
                grown.attributes = dict(attributes)
                if "currencyID" in grown.attributes:
                    record.currencies.append(grown)
            if len(child):
                grow(child, grown)
            elif child.text:
                grown.text = child.text.strip()
            if name in children:
                children[name].append(grown)
            else:
                children[name] = [grown]

    def named(tag: str) -> str:
        name = _local(tag, own)
        names[tag] = renamed.get(name, name) if renamed else name
        return names[tag]

    top = Node(named(root.tag), None, record)
    grow(root, top)
    return top


@lru_cache(maxsize=4096)
def _local(tag: str, own: str) -> str:
    space, _, local = tag.rpartition("}")
    ours = not space or space + "}" == own or space[1:].startswith(_UNCEFACT)
    return local if ours else tag


def not_taken(root: Node) -> tuple[Defect, ...]:
    """Return what the document says beyond what was read: one defect for each element, the rest counted."""
    unread: list[Node] = []
    _gather(root, unread)
    named = tuple(
        Surplus(node.place(), "The invoice model has no place for it; it was left out.", _LOOK)
        for node in unread[:_MOST_NAMED]
    )
    if len(unread) <= _MOST_NAMED:
        return named
    more = len(unread) - _MOST_NAMED
    return (*named, Surplus("/", f"{more} more elements have no place in the invoice model.", _LOOK))


_LOOK = "Look at the original if it matters for this invoice."


def _gather(node: Node, unread: list[Node]) -> None:
    """Gather the uppermost elements that nobody read and that say something."""
    for nodes in node.children.values():
        for child in nodes:
            if not child.read:
                if _says_something(child):
                    unread.append(child)
            elif child.children:
                _gather(child, unread)


def _says_something(node: Node) -> bool:
    return bool(node.text) or any(_says_something(child) for nodes in node.children.values() for child in nodes)
