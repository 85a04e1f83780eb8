"""What becomes of a difference once its cause is known. Pure."""

from enum import StrEnum

from blocks.documents.stock_rules import HiddenInStock
from tasks.inventory_reconciliation.causes import Cause, Explained, Gap
from tasks.inventory_reconciliation.replaying import VISIBILITY, VISIBLE


class Fate(StrEnum):
    """What becomes of a difference: put right, left to right itself, or respected as what a person wants."""

    REPAIR = "repaired"
    WAIT = "waiting"
    RESPECT = "none"
    STOP = "stopped"


def fate(gap: Gap, explained: Explained, policy: HiddenInStock, *, first_look: bool) -> Fate:
    """Return what becomes of a difference.

    An article that is hidden in stock though SOMS did not hide it and no event explains it was hidden by a person,
    unless the merchant's policy says otherwise: a shop's first reading finds its old mistakes. One that shows a wrong
    quantity besides was not just hidden: something wrote wrongly.
    """
    if explained.passing:
        return Fate.WAIT
    nobody_knows = explained.cause in {Cause.MANUAL, Cause.UNKNOWN} and gap.hidden_by != "soms"
    if gap.view.name == VISIBILITY and gap.expected == VISIBLE and nobody_knows and gap.alone:
        show = policy is HiddenInStock.SHOW or (policy is HiddenInStock.FIRST_TIME and first_look)
        return Fate.REPAIR if show else Fate.RESPECT
    return Fate.REPAIR
