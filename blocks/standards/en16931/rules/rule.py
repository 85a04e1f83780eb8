"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from blocks.documents.invoices import Invoice


class Severity(StrEnum):
    """How much a breach matters."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


class RuleSet(StrEnum):
    """Where a rule comes from."""

    EN16931 = "en16931"
    XRECHNUNG = "xrechnung"
    USTG = "ustg"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a rule is broken, as business terms, e.g. ``BG-25[2]/BT-131``, and the values its texts quote."""

    place: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken at one place; both texts name cause, place and remedy."""

    rule: str
    rule_set: RuleSet
    severity: Severity
    location: str
    english: str
    german: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One business rule.

    Attributes:
        id: Its id in the standard, e.g. ``BR-CO-10``.
        check: Yields each breach of an invoice.
        english: Cause and remedy; may quote ``{values}`` of the breach.
        german: The same in German.
        source: Where it is written.
    """

    id: str
    check: Callable[[Invoice], Iterable[Breach]]
    english: str
    german: str
    severity: Severity = Severity.FATAL
    rule_set: RuleSet = RuleSet.EN16931
    source: str = "EN 16931-1:2017, 6.4"

    def findings(self, invoice: Invoice) -> Iterator[Finding]:
        """Return a finding for each breach, one after the other."""
        return map(self.finding, self.check(invoice))

    def finding(self, breach: Breach) -> Finding:
        """Return the finding of a breach."""
        return Finding(
            rule=self.id,
            rule_set=self.rule_set,
            severity=self.severity,
            location=breach.place,
            english=f"{breach.place}: {self.english.format(**breach.values)}",
            german=f"{breach.place}: {self.german.format(**breach.values)}",
        )


def when(broken: bool, place: str, **values: object) -> tuple[Breach, ...]:
    """Return one breach at a place when the condition holds."""
    return (Breach(place, values),) if broken else ()
