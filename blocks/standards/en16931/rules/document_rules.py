"""Rules over the document itself, for what its canonical invoice cannot show: each an XPath to what breaks it."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.xml import NAMESPACES, place_of

_PREFIXES = {prefix: uri for uri, prefix in NAMESPACES.items() if not uri.endswith((":1p0", ":12", ":15"))}
_NAME = re.compile(r"(?<![\w@-])(cac|cbc|ram|udt|qdt|rsm):([A-Za-z]+)")
_MOST_OF_ONE = 100
"""Findings of one rule in one document; a hostile one must not fill the report."""
_MOST_HELD = 50_000
"""Elements that are held; a document of more is walked over anew each time, for it would fill the memory."""


class Seen:
    """A parsed document and what stands in it, found in one walk over its elements.

    It holds the elements: lxml makes the object and the name of one anew for each walk unless somebody does, and
    reader and rules walk over the document many times.

    Attributes:
        root: Its root element.
        counts: How often each element name (in Clark's notation) occurs.
        attributes: The names of all attributes.
    """

    __slots__ = ("_held", "_kept", "attributes", "counts", "root")

    def __init__(self, root: Any, keep: Iterable[str] = ()) -> None:
        """Walk over the document, remembering the elements of the names to keep."""
        self.root = root
        self.attributes: set[str] = set()
        self.counts: dict[str, int] = {}
        held = list(islice(root.iter(), _MOST_HELD + 1))
        self._held = held if len(held) <= _MOST_HELD else None
        self._kept: dict[str, list[Any]] = {name: [] for name in keep}
        counts, kept, attributes = self.counts, self._kept, self.attributes
        for element in self.every():
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

    def every(self) -> Iterable[Any]:
        """Return all elements in the order of the document."""
        return self.root.iter() if self._held is None else self._held

    def empty(self) -> Iterator[Any]:
        """Yield the elements with neither text nor elements."""
        for element in self.every():
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

    def tried_on(self, names: Collection[str]) -> str:
        """Return the XPath to try on a document with elements of some names, without alternatives that it has not.

        '' where the document cannot break the rule.
        """
        if not all(clark(name) in names for name in self.needs):
            return ""
        return " | ".join(path for path, walked in _alternatives(self.broken) if all(name in names for name in walked))

    def at(self, place: str) -> Finding:
        """Return the finding of a place."""
        english, german = f"{place}: {self.english}", f"{place}: {self.german}"
        return Finding(self.id, RuleSet.EN16931, self.severity, place, english, german)


class DocumentRules:
    """Rules over a document, of which those alone are tried whose elements it has.

    Documents of one sender have elements of the same names: which rules to try is found once for them all.
    """

    def __init__(self, *rules: DocumentRule) -> None:
        """Take the rules in the order of their findings."""
        self._rules = rules
        self._names = frozenset(clark(name) for rule in rules for name in rule.needs).union(
            *(walked for rule in rules for _, walked in _alternatives(rule.broken))
        )
        self._tried = lru_cache(maxsize=256)(self._choose)

    def _choose(self, names: frozenset[str]) -> tuple[tuple[DocumentRule, str], ...]:
        return tuple((rule, path) for rule in self._rules if (path := rule.tried_on(names)))

    def _broken(self, seen: Seen) -> Iterator[tuple[DocumentRule, Any]]:
        """Yield the rules that a document breaks, each with the elements that break it."""
        for rule, path in self._tried(self._names.intersection(seen.counts)):
            if not rule.twice or seen.has(rule.twice, 2):
                found = elements(seen.root, path)
                if found:
                    yield rule, found

    def findings(self, seen: Seen) -> Iterator[Finding]:
        """Yield a finding for each element that breaks a rule."""
        for rule, found in self._broken(seen):
            for element in found[:_MOST_OF_ONE]:
                yield rule.at(place_of(element))

    def first(self, seen: Seen) -> Iterator[Finding]:
        """Yield for each rule that is broken the finding of the first element that breaks it."""
        for rule, found in self._broken(seen):
            yield rule.at(place_of(found[0]))


def first_child(element: Any, name: str) -> Any:
    """Return the first child of a name in Clark's notation, None where there is none."""
    return next(element.iterchildren(name), None)


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


@cache
def _alternatives(expression: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the alternatives of an XPath, each with the names outside its predicates, in Clark's notation."""
    return tuple(
        (path, tuple(clark(f"{prefix}:{local}") for prefix, local in _NAME.findall(outside)))
        for path, outside in _split(expression)
    )


def _split(expression: str) -> Iterator[tuple[str, str]]:
    """Yield the alternatives of an XPath, each whole and without its predicates."""
    whole, outside, depth, quote = "", "", 0, ""
    for sign in expression:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[(":
            depth += 1
        elif sign in "])":
            depth -= 1
        elif depth == 0 and sign == "|":
            yield whole.strip(), outside
            whole, outside = "", ""
            continue
        elif depth == 0:
            outside += sign
        whole += sign
    yield whole.strip(), outside
