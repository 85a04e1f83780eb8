"""Rules over the document itself, for what its canonical invoice cannot show: each an XPath to what breaks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from blocks.standards.en16931.rules.rule import Finding, RuleSet, Severity
from blocks.standards.en16931.xml import NAMESPACES, place_of

_PREFIXES = {prefix: uri for uri, prefix in NAMESPACES.items() if not uri.endswith((":1p0", ":12", ":15"))}


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A rule, the elements that break it, seen from the root, and what is to be done in both languages."""

    id: str
    broken: str
    english: str
    german: str

    def findings(self, root: Any) -> Iterator[Finding]:
        """Yield a finding for each element that breaks the rule."""
        for element in elements(root, self.broken):
            yield self.at(place_of(element))

    def at(self, place: str) -> Finding:
        """Return the finding of a place."""
        english, german = f"{place}: {self.english}", f"{place}: {self.german}"
        return Finding(self.id, RuleSet.EN16931, Severity.FATAL, place, english, german)


def elements(root: Any, expression: str) -> Any:
    """Return what an XPath finds from the root element."""
    return _path(expression)(root)


@cache
def _path(expression: str) -> Any:
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    return etree.XPath(expression, namespaces=_PREFIXES)
