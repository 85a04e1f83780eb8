"""The merchant's own order statuses as a document: what there is, what may follow what, and how each system says it.

A graph is data, read from YAML by ``read_graph`` and judged by ``status_checks.check`` before it is activated. Systems
are named by type ('smartstore-shop') or singly ('smartstore-shop/berlin'); the single name goes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from blocks.documents import yaml_text
from blocks.documents.base import Document, Moment
from blocks.errors import Defect, Unreadable

NOT_TOLD = "not told"
"""Target of a status that a system is not told, on purpose."""
LABEL = "label"
"""Target of a status for which the system has no word of its own: its label is shown there as a text."""
IGNORED = "ignored"
"""Target of a system's word that says nothing of the order's status, on purpose."""
PERSON = "person"
"""What a person is called among the systems that report statuses."""

MOST_STATUSES = 200

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class StatusKind(StrEnum):
    """Whether an order in this status is still worked on, done, or called off."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Label(Document):
    """What people read."""

    de: Word
    en: Word


class Status(Document):
    """One status an order can be in."""

    code: Code
    label: Label
    colour: str = Field(default="#64748b", pattern=r"^#[0-9a-fA-F]{6}$")
    kind: StatusKind


class WinnerRule(StrEnum):
    """Which report counts when systems disagree."""

    LATEST = "latest"
    ORDER_OF_SYSTEMS = "order_of_systems"
    NEVER_BACKWARDS = "never_backwards"


class Winner(Document):
    """The declared rule. ``systems`` stand in the order in which they lead; a person leads them all, unless named."""

    rule: WinnerRule = WinnerRule.LATEST
    systems: tuple[Word, ...] = ()
    within_seconds: float = Field(default=1.0, ge=0, le=3600, description="Reports so close together are one contest.")


class SystemWords(Document):
    """How one system says statuses: its words → ours, and ours → what it is told."""

    reports: dict[Word, Word] = Field(default_factory=dict)
    told: dict[Word, Word] = Field(default_factory=dict)


class StatusGraph(Document):
    """All statuses of a merchant, the ways between them, and what connected systems call them."""

    first: Code
    statuses: tuple[Status, ...] = Field(min_length=1, max_length=MOST_STATUSES)
    ways: dict[Word, tuple[Word, ...]] = Field(default_factory=dict)
    ways_back: dict[Word, tuple[Word, ...]] = Field(
        default_factory=dict, description="Ways that lead round in a circle, on purpose."
    )
    winner: Winner = Winner()
    systems: dict[Word, SystemWords] = Field(default_factory=dict)

    def status(self, code: str) -> Status | None:
        """Return the status with this code."""
        return next((each for each in self.statuses if each.code == code), None)

    def position(self, code: str) -> int:
        """Return how far on a status stands in the order of declaration; -1 when there is none with this code."""
        return next((place for place, each in enumerate(self.statuses) if each.code == code), -1)

    def next_of(self, code: str) -> tuple[str, ...]:
        """Return the statuses that may follow this one directly."""
        return (*self.ways.get(code, ()), *self.ways_back.get(code, ()))

    def words_of(self, system: str) -> SystemWords | None:
        """Return how a system says statuses, by its own name or else by its type."""
        found = self.systems.get(system)
        return found if found is not None else self.systems.get(system.partition("/")[0])

    def meaning(self, system: str, word: str) -> str | None:
        """Return our status for a system's word, ``IGNORED`` for one that says nothing, None for an unmapped one."""
        if system == PERSON:
            return word if self.status(word) else None
        words = self.words_of(system)
        return words.reports.get(word) if words else None

    def told(self, system: str, code: str) -> str:
        """Return what a system is told of a status: a word of its own, ``LABEL`` or ``NOT_TOLD``."""
        words = self.words_of(system)
        return words.told.get(code, NOT_TOLD) if words else NOT_TOLD


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one connected system, as data of its connector.

    Attributes:
        reports: Every word it may say of an order.
        settable: The words it can be told.
        shows_labels: Whether it can show any other status as a text.
    """

    reports: frozenset[str]
    settable: frozenset[str]
    shows_labels: bool


class StatusSeen(Document):
    """What a system says of one order, and since when. ``key`` is the system's id or our reference of it."""

    key: str
    word: str
    at: Moment


class StatusNotice(Document):
    """What a system is told of one order: one of its own words, or ``LABEL`` for a status it can only show as text."""

    key: str = Field(description="The system's id of the order, or our reference of it.")
    word: str
    status: str = Field(description="Our code of the status.")
    label: Label
    reference: str = Field(description="Unique for this change, e.g. 'SOMS-berlin-4711-status-17'.")
    at: Moment


def standard_text() -> str:
    """Return the graph that SOMS brings along, version 0: New, Processing, Complete, Canceled."""
    return Path(__file__).with_name("standard_statuses.yaml").read_text(encoding="utf-8")


def read_graph(text: str) -> StatusGraph:
    """Read a graph from YAML.

    Raises:
        Unreadable: It is no YAML, or does not have a graph's form; every defect is named with its place.
    """
    content = yaml_text.parse(text, what="The statuses")
    if not isinstance(content, dict):
        raise Unreadable("The statuses must be a mapping with first, statuses, ways, winner and systems.")
    try:
        return StatusGraph.model_validate(content)
    except ValidationError as error:
        defects = tuple(_defect(found) for found in error.errors(include_url=False, include_input=False))
        first = f"{defects[0].place}: {defects[0].text}"
        more = f" (and {len(defects) - 1} more)" if len(defects) > 1 else ""
        raise Unreadable(f"The statuses do not have their form. {first}{more}", reasons=defects) from None


def _defect(found: Mapping[str, Any]) -> Defect:
    place = ".".join(map(str, found["loc"])) or "statuses"
    return Defect(place, f"{found['msg']}.", "Compare with `soms statuses show --yaml`, which has every field.")
