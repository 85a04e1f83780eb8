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
        left_quantity: What quantity we had left; None: we never told one.
        wanted_visible: What it was told; None: nothing.
        was_visible: What it showed when it was looked at, before anything was changed.
        is_visible: What it shows now.
        own_rule: What the shop itself does at low stock.
        was_quantity: What quantity it showed before.
        certain: Whether nobody can have made this very call before (no worker died over it).
    """

    hidden_by: HiddenBy
    left_visible: bool | None
    left_quantity: int | None
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

    A person hides an article and leaves its stock alone. What was hidden with a stock that the shop had lost meanwhile
    sold out there, whose own rule may have hidden it, or was written wrongly: it comes back with the goods, as does
    what is hidden and sold out when SOMS sees it first.
    """
    if told.is_visible:
        return Conclusion(HiddenBy.NOBODY)
    if told.wanted_visible and told.hidden_by is HiddenBy.SOMS:
        return Conclusion(HiddenBy.PERSON, KEPT_HIDDEN)
    if told.left_visible is not True or _lost_its_stock(told):
        return Conclusion(told.hidden_by)
    if told.wanted_visible:
        return Conclusion(HiddenBy.PERSON, HIDDEN_MEANWHILE)
    if told.wanted_visible is False and not told.was_visible and told.certain:
        return Conclusion(HiddenBy.PERSON, HIDDEN_BEFORE)
    return Conclusion(told.hidden_by)


def _lost_its_stock(told: Told) -> bool:
    had_some = told.own_rule == "unpublish" or (told.left_quantity or 0) > 0
    return told.was_quantity <= 0 and had_some
