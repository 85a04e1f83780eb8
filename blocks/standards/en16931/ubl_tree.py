"""A UBL document as its reader sees it: each child asked for once by its short name, values typed, doubts collected.

What nobody asked for is found at the end and reported, so that nothing an invoice says is dropped without a word.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import Identifier
from blocks.errors import Defect
from blocks.standards.en16931.xml import SHORT, place_of, short_name

MOST_DEFECTS = 200
LONGEST_TEXT = 100_000
MOST_DIGITS = 24
_FIGURE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Surplus(Defect):
    """Something the document says that EN 16931 has no place for: it was not taken over, and breaks nothing."""

    __slots__ = ()


class Doubts:
    """What is wrong with a document: defects in the order they are met, then what was left over."""

    def __init__(self) -> None:
        """Begin without doubts."""
        self.currency = ""
        self._defects: list[Defect] = []
        self._opened: list[Group] = []
        self._left: dict[tuple[str, str], tuple[str, int]] = {}

    def add(self, element: Any, text: str, remedy: str) -> None:
        """Note a defect of an element; beyond the first few hundred nobody reads on."""
        if len(self._defects) < MOST_DEFECTS:
            self._defects.append(Defect(place_of(element), text, remedy))

    def open(self, group: "Group") -> None:
        """Remember a group until it has been read."""
        self._opened.append(group)

    def settle(self) -> None:
        """Look at what the groups opened so far have left; called after each line, so that memory stays small."""
        for group in self._opened:
            if group.unread:
                self._note(group)
        self._opened.clear()

    def _note(self, group: "Group") -> None:
        for name, elements in group.left().items():
            key = (short_name(group.element.tag), name)
            if key in self._left:
                place, count = self._left[key]
                self._left[key] = (place, count + len(elements))
            elif len(self._left) < MOST_DEFECTS:
                self._left[key] = (place_of(elements[0]), len(elements))

    def all(self) -> tuple[Defect, ...]:
        """Return every defect, then one for each kind of element that was not taken over."""
        self.settle()
        return (*self._defects, *(_surplus(name, *found) for (_, name), found in self._left.items()))


def _surplus(name: str, place: str, count: int) -> Surplus:
    times = "" if count == 1 else f", {count} times"
    return Surplus(
        place,
        f"{name} stands here{times}, for which EN 16931 has no business term; it was not taken over.",
        "Look whether it matters; what must be kept belongs into a note or an attachment.",
    )


class Group:
    """One element and its children by short name; a child that was asked for is not left over.

    Attributes:
        element: The element itself.
        doubts: Of the document.
        unread: What nobody asked for yet: under each name an element, or a list where there are several.
    """

    __slots__ = ("doubts", "element", "unread")

    def __init__(self, element: Any, doubts: Doubts) -> None:
        """Sort the children by name: most are alone of theirs, and only those that are not need a list."""
        children: dict[str, Any] = {}
        for child in element[:]:  # a slice is gathered faster than an iterator walks
            name = SHORT[child.tag]
            if name not in children:
                children[name] = child
            elif type(found := children[name]) is list:
                found.append(child)
            else:
                children[name] = [found, child]
        self.unread = children
        self.element = element
        self.doubts = doubts
        doubts.open(self)

    def left(self) -> dict[str, list[Any]]:
        """Return the children that nobody asked for."""
        return {name: _listed(found) for name, found in self.unread.items()}

    def pass_over(self, *names: str) -> None:
        """Leave out children that say nothing of the invoice itself."""
        for name in names:
            self.unread.pop(name, None)

    def elements(self, name: str) -> list[Any]:
        """Return the bare children of that name, in document order."""
        return _listed(self.unread.pop(name, None))

    def groups(self, name: str) -> "list[Group]":
        """Return the children of that name, to be read further."""
        found = self.unread.pop(name, None)
        return [] if found is None else [Group(element, self.doubts) for element in _listed(found)]

    def group(self, name: str) -> "Group | None":
        """Return the only child of that name; where it is repeated, the first, and a defect."""
        found = self.unread.pop(name, None)
        return None if found is None else Group(self._first(name, found), self.doubts)

    def only(self, name: str) -> Any:
        """Return the only child of that name as it is; where it is repeated, the first, and a defect."""
        found = self.unread.pop(name, None)
        return self._first(name, found) if type(found) is list else found

    def _first(self, name: str, found: Any) -> Any:
        """Return the first of what stands under a name; that there are several is a defect."""
        if type(found) is not list:
            return found
        self.doubts.add(
            found[1],
            f"{name} stands here {len(found)} times; EN 16931 allows it once, and only the first was taken.",
            "Give it once.",
        )
        return found[0]

    def text(self, name: str) -> str:
        """Return the text of the only child of that name, '' where there is none."""
        found = self.unread.pop(name, None)
        return "" if found is None else self.text_of(self._first(name, found))

    def text_of(self, element: Any) -> str:
        """Return the text of an element; elements within it, or more than any text may have, are a defect."""
        if len(element):
            self.doubts.add(element, "Elements stand here where only a text belongs.", "Give the text alone.")
        text = (element.text or "").strip()
        if len(text) > LONGEST_TEXT:
            self.doubts.add(
                element,
                f"The text has {len(text):,} characters, more than the {LONGEST_TEXT:,} that are read.",
                "It was left out: shorten it, or send it as an attachment.",
            )
            return ""
        return text

    def figure(self, name: str) -> Decimal | None:
        """Return a plain decimal; anything else is a defect and gives None."""
        found = self.unread.pop(name, None)
        return None if found is None else self.figure_of(self._first(name, found))

    def figure_of(self, element: Any) -> Decimal | None:
        """Return the plain decimal (xs:decimal) of an element, None with a defect where it is none."""
        text = self.text_of(element)
        if _FIGURE.fullmatch(text):
            figure = Decimal(text)
            if len(text) <= MOST_DIGITS:  # and so neither too long nor of too many decimals
                return figure
            _, digits, exponent = figure.as_tuple()
            if max(len(digits), -int(exponent)) <= MOST_DIGITS:
                return figure
        self._wrong(
            element, text, "is no plain decimal number", "Write digits with a dot before the decimals: 1234.50."
        )
        return None

    def amount(self, name: str) -> Decimal | None:
        """Return an amount; one that names another currency than the invoice's is a defect as well."""
        found = self.unread.pop(name, None)
        if found is None:
            return None
        element = self._first(name, found)
        currency = element.get("currencyID", "")
        if currency != self.doubts.currency:
            self.doubts.add(
                element,
                f"The amount is in {quoted(currency)}, the invoice in {quoted(self.doubts.currency)}.",
                "Give every amount in the currency of the invoice; only VAT may stand in a second one besides.",
            )
        return self.figure_of(element)

    def day(self, name: str) -> date | None:
        """Return a calendar day (xs:date); anything else is a defect and gives None."""
        element = self.only(name)
        if element is None:
            return None
        text = self.text_of(element)
        found = _DAY.fullmatch(text)
        if found is not None:
            try:
                return date.fromisoformat(found[1])
            except ValueError:
                pass
        self._wrong(element, text, "is no calendar day", "Write it as YYYY-MM-DD, e.g. 2026-11-21.")
        return None

    def flag(self, name: str) -> bool | None:
        """Return a yes or no (xs:boolean); anything else is a defect and gives None."""
        element = self.only(name)
        if element is None:
            return None
        text = self.text_of(element)
        flag = _FLAGS.get(text)
        if flag is None:
            self._wrong(element, text, "is neither true nor false", "Write true or false.")
        return flag

    def identifier(self, name: str) -> Identifier | None:
        """Return the identifier of the only child of that name with its scheme, None where it is absent or empty."""
        found = self.unread.pop(name, None)
        return None if found is None else self.identifier_of(self._first(name, found))

    def identifier_of(self, element: Any) -> Identifier | None:
        """Return an element's identifier, None where it is empty."""
        value = self.text_of(element)
        if not value:
            return None
        return Identifier(
            value=value, scheme=element.get("schemeID", ""), scheme_version=element.get("schemeVersionID", "")
        )

    def content(self, element: Any) -> bytes | None:
        """Return an attachment's bytes, None where there are none; what is no base64 is a defect as well."""
        try:
            return b64decode("".join((element.text or "").split()), validate=True) or None
        except (NotBase64, ValueError):
            self.doubts.add(
                element, "The attachment is no valid base64; it was left out.", "Have the sender encode the file again."
            )
            return None

    def _wrong(self, element: Any, text: str, what: str, remedy: str) -> None:
        self.doubts.add(element, f"{quoted(text)} {what}; the value was left out.", remedy)


def text_within(group: Group, name: str, inner: str) -> str:
    """Return the text of a child of the only child of that name, '' where either is absent."""
    element = group.only(name)
    if element is None:
        return ""
    if len(element) == 1 and SHORT[element[0].tag] == inner:  # nothing else that could be left over
        return group.text_of(element[0])
    return Group(element, group.doubts).text(inner)


def _listed(found: Any) -> list[Any]:
    """Return what stands under a name as a list."""
    if found is None:
        return []
    return found if type(found) is list else [found]


def quoted(text: str) -> str:
    """Return a text as a finding shows it: in quotes, cut where it is long, 'nothing' where it is empty."""
    return f"'{text[:40]}{'…' if len(text) > 40 else ''}'" if text else "nothing"  # noqa: PLR2004 - a glance
