"""Who hid an article in a shop, concluded from what was told and what was found. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class HiddenBy(StrEnum):
    """Nobody (it shows), SOMS because it cannot be sold, or a person, whose decision stands."""

    NOBODY = ""
    SOMS = "soms"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop was told of an article's visibility, and what was found there.

    Attributes:
        hidden_by: Who hid it by our books when the call was made.
        left_visible: How we had left it before; None: we had never told the shop of it.
        wanted_visible: What it was told; None: nothing.
        was_visible: What it showed when it was looked at, before anything was changed.
        is_visible: What it shows now.
        own_rule: What the shop itself does at low stock.
        was_quantity: What quantity it showed before.
        certain: Whether nobody can have made this very call before (no worker died over it).
    """

    hidden_by: HiddenBy
    left_visible: bool | None
    wanted_visible: bool | None
    was_visible: bool
    is_visible: bool
    own_rule: str
    was_quantity: int
    certain: bool


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Who hides the article now, and why, in a sentence; no sentence: as before."""

    hidden_by: HiddenBy
    why: str = ""


HIDDEN_MEANWHILE = "It was found hidden although SOMS had left it visible."
HIDDEN_BEFORE = "It was hidden already when it sold out, though SOMS had left it visible."
KEPT_HIDDEN = "The shop keeps it hidden although SOMS published it, e.g. by its visibility setting."


def concluded(told: Told) -> Conclusion:
    """Return who hides an article after the shop was told of it.

    The shop's own rule hides what is sold out, so that what it hid counts as hidden by SOMS: it comes back with the
    goods. What is hidden and sold out when SOMS sees it first is taken for sold out, too.
    """
    if told.is_visible:
        return Conclusion(HiddenBy.NOBODY)
    if told.wanted_visible and told.hidden_by is HiddenBy.SOMS:
        return Conclusion(HiddenBy.PERSON, KEPT_HIDDEN)
    if told.left_visible is not True:
        return Conclusion(told.hidden_by)
    if told.wanted_visible:
        return Conclusion(HiddenBy.PERSON, HIDDEN_MEANWHILE)
    by_rule = told.own_rule == "unpublish" and told.was_quantity <= 0
    if told.wanted_visible is False and not told.was_visible and told.certain and not by_rule:
        return Conclusion(HiddenBy.PERSON, HIDDEN_BEFORE)
    return Conclusion(told.hidden_by)
