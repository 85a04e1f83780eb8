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
_NAME = re.compile(r"(?<![\w@-])(cac|cbc|ext|ram|udt|qdt|rsm):([A-Za-z0-9]+)")
_ANYWHERE = re.compile(r"descendant::([a-z]+:[A-Za-z0-9]+)((?:[\[/].*)?)", re.DOTALL)
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
    """

    __slots__ = ("_alone", "_held", "_named", "counts", "root")

    def __init__(self, root: Any) -> None:
        """Walk over the document."""
        self.root = root
        held = list(islice(root.iter(), _MOST_HELD + 1))
        self._held = held if len(held) <= _MOST_HELD else None
        self._named: dict[str, list[Any]] = {}
        self._alone: dict[str, bool] = {}
        self.counts: dict[str, int] = {}
        if self._held is None:
            for element in root.iter():
                self.counts[element.tag] = self.counts.get(element.tag, 0) + 1
            return
        named = self._named
        for element in held:
            name = element.tag
            if name in named:
                named[name].append(element)
            else:
                named[name] = [element]
        self.counts = {name: len(found) for name, found in named.items()}

    def of(self, name: str) -> Iterable[Any]:
        """Return the elements of a name in Clark's notation, in the order of the document."""
        return self._named.get(name, ()) if self._held is not None else self.root.iter(name)

    def attributes(self) -> set[tuple[str, str]]:
        """Return which attributes the elements of which name have."""
        found: set[tuple[str, str]] = set()
        for element in self.root.iter() if self._held is None else self._held:
            for name in element.keys():  # noqa: SIM118 - an element is no dictionary
                found.add((element.tag, name))
        return found

    def empty(self) -> Iterator[Any]:
        """Yield the elements with neither text nor elements."""
        for element in self.root.iter() if self._held is None else self._held:
            text = element.text
            if (not text or text.isspace()) and not len(element):
                yield element

    def each(self, *names: str) -> Iterator[Any]:
        """Yield the elements of some names in Clark's notation, in the order of the document."""
        return self.root.iter(*names) if names else iter(())

    def ending(self, *ends: str) -> tuple[str, ...]:
        """Return the names in the document that end in one of some words, in Clark's notation."""
        return tuple(name for name in self.counts if name.endswith(ends))

    def alone(self, name: str) -> bool:
        """Return whether no two elements of a name stand in the same element, as far as one look tells."""
        if name not in self._alone:
            found = self._named.get(name, ())
            self._alone[name] = self._held is not None and len({one.getparent() for one in found}) == len(found)
        return self._alone[name]

    def has(self, name: str, times: int = 1) -> bool:
        """Return whether a name, e.g. ``cac:Item``, occurs at least so often."""
        return self.counts.get(clark(name), 0) >= times


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A rule, the elements that break it, seen from the root, and what is to be done in both languages.

    Attributes:
        twice: A name that must occur at least twice for the rule to be broken; the XPath is not tried otherwise.
        needs: Further names that must occur.
        alone: Names in Clark's notation: where no element has two of any of them, the rule is kept.
    """

    id: str
    broken: str
    english: str
    german: str
    severity: Severity = Severity.FATAL
    twice: str = ""
    needs: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

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
        self.ids = frozenset(rule.id for rule in rules)
        self._names = frozenset(clark(name) for rule in rules for name in rule.needs).union(
            *(walked for rule in rules for _, walked in _alternatives(rule.broken))
        )
        self._tried = lru_cache(maxsize=256)(self._choose)

    def _choose(self, names: frozenset[str]) -> tuple[tuple[DocumentRule, str], ...]:
        return tuple((rule, path) for rule in self._rules if (path := rule.tried_on(names)))

    def _broken(self, seen: Seen) -> Iterator[tuple[DocumentRule, Any]]:
        """Yield the rules that a document breaks, each with the elements that break it."""
        for rule, path in self._tried(self._names.intersection(seen.counts)):
            if rule.twice and not seen.has(rule.twice, 2):
                continue
            if rule.alone and all(map(seen.alone, rule.alone)):
                continue
            found = _found(seen, path)
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


_FEW = 30
"""Up to so many elements of a name, looking at each is faster than walking over the document for them."""


def _found(seen: Seen, path: str) -> Any:
    """Return what an XPath finds in a document; one that looks for a name anywhere begins at what is held of it."""
    name, inner = _begun(path)
    if not name or seen.counts.get(name, 0) > _FEW:
        return elements(seen.root, path)
    return [found for element in seen.of(name) for found in elements(element, inner)]


@cache
def _begun(path: str) -> tuple[str, str]:
    """Return the name that an XPath looks for anywhere, and the rest of it from there on; '' where it does not."""
    begun = _ANYWHERE.fullmatch(path)
    if begun is None or len(_alternatives(path)) > 1:
        return "", ""
    return clark(begun[1]), f"self::*{begun[2]}"


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
