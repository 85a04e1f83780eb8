"""Rules over the document itself, for what its canonical invoice cannot show: each an XPath to what breaks it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.xml import NAMESPACES, place_of

_PREFIXES = {prefix: uri for uri, prefix in NAMESPACES.items() if not uri.endswith((":1p0", ":12", ":15"))}
_NAME = re.compile(r"(?<![\w@-])(cac|cbc|ram|udt|qdt|rsm):([A-Za-z]+)")
_MOST_OF_ONE = 100
"""Findings of one rule in one document; a hostile one must not fill the report."""


class Seen:
    """A parsed document and what stands in it, found in one walk over its elements.

    Attributes:
        root: Its root element.
        counts: How often each element name (in Clark's notation) occurs.
        attributes: The names of all attributes.
    """

    __slots__ = ("_kept", "attributes", "counts", "root")

    def __init__(self, root: Any, keep: Iterable[str] = ()) -> None:
        """Walk over the document, remembering the elements of the names to keep."""
        self.root = root
        self.attributes: set[str] = set()
        self.counts: dict[str, int] = {}
        self._kept: dict[str, list[Any]] = {name: [] for name in keep}
        counts, kept, attributes = self.counts, self._kept, self.attributes
        for element in root.iter():
            name = element.tag
            counts[name] = counts.get(name, 0) + 1
            if name in kept:
                kept[name].append(element)
            names = element.keys()
            if names:
                attributes.update(names)

    def of(self, name: str) -> list[Any]:
        """Return the elements of a name that was to be kept."""
        return self._kept[name]

    def empty(self) -> Iterator[Any]:
        """Yield the elements with neither text nor elements."""
        for element in self.root.iter():
            text = element.text
            if (not text or text.isspace()) and not len(element):
                yield element

    def each(self, *names: str) -> Iterator[Any]:
        """Yield the elements of some names in Clark's notation, in the order of the document."""
        return self.root.iter(*names) if names else iter(())

    def ending(self, *ends: str) -> tuple[str, ...]:
        """Return the names in the document that end in one of some words, in Clark's notation."""
        return tuple(name for name in self.counts if name.endswith(ends))

    def has(self, name: str, times: int = 1) -> bool:
        """Return whether a name, e.g. ``cac:Item``, occurs at least so often."""
        return self.counts.get(clark(name), 0) >= times


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A rule, the elements that break it, seen from the root, and what is to be done in both languages.

    Attributes:
        twice: A name that must occur at least twice for the rule to be broken; the XPath is not tried otherwise.
        needs: Further names that must occur.
    """

    id: str
    broken: str
    english: str
    german: str
    severity: Severity = Severity.FATAL
    twice: str = ""
    needs: tuple[str, ...] = ()

    def findings(self, seen: Seen) -> Iterator[Finding]:
        """Yield a finding for each element that breaks the rule."""
        if self.twice and not seen.has(self.twice, 2):
            return
        if self.needs and not all(map(seen.has, self.needs)):
            return
        if not _possible(self.broken, seen.counts):
            return
        for element in elements(seen.root, self.broken)[:_MOST_OF_ONE]:
            yield self.at(place_of(element))

    def first(self, seen: Seen) -> Iterator[Finding]:
        """Yield the finding of the first element that breaks the rule."""
        for finding in self.findings(seen):
            yield finding
            return

    def at(self, place: str) -> Finding:
        """Return the finding of a place."""
        english, german = f"{place}: {self.english}", f"{place}: {self.german}"
        return Finding(self.id, RuleSet.EN16931, self.severity, place, english, german)


def elements(root: Any, expression: str) -> Any:
    """Return what an XPath finds from the root element."""
    return _path(expression)(root)


@cache
def _path(expression: str) -> Any:
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    return etree.XPath(expression, namespaces=_PREFIXES)


@cache
def clark(name: str) -> str:
    """Return a prefixed name in Clark's notation, as parsed elements bear it."""
    prefix, _, local = name.partition(":")
    return f"{{{_PREFIXES[prefix]}}}{local}"


def _possible(expression: str, counts: dict[str, int]) -> bool:
    """Return whether a document has all the names that an XPath walks over, so that it is worth trying."""
    return any(all(name in counts for name in names) for names in _walked(expression))


@cache
def _walked(expression: str) -> tuple[tuple[str, ...], ...]:
    """Return, for each alternative of an XPath, the names outside its predicates; () where any document will do."""
    return tuple(
        tuple(clark(f"{prefix}:{local}") for prefix, local in _NAME.findall(alternative))
        for alternative in _without_predicates(expression).split("|")
    )


def _without_predicates(expression: str) -> str:
    kept, depth, quote = [], 0, ""
    for sign in expression:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[(":
            depth += 1
        elif sign in "])":
            depth -= 1
        elif depth == 0:
            kept.append(sign)
    return "".join(kept)
