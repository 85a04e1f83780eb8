"""Who answers the senders of rejected orders: the mailbox of the merchant's rules, where it is connected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.documents.orders import Order
from blocks.errors import WrongUse
from blocks.systems.registry import load_system
from tasks.order_intake import records
from tasks.order_intake.judging import PROCESS
from tasks.order_intake.mailing import REJECTION, address_of

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Answering:
    """How a rejection is answered: whose effect of which kind it is, from which mailbox, and to whom it can be."""

    process: str
    kind: str
    mailbox: str
    can_write_to: Callable[[Order], bool]


def by_mail(connection: "Connection") -> Answering | None:
    """Return how senders are answered by mail; None when the rules name no mailbox, or none that is connected."""
    mailbox = records.rules_in_force(connection).mailbox
    if not mailbox:
        return None
    try:
        load_system(mailbox)
    except WrongUse:
        return None
    return Answering(PROCESS, REJECTION, mailbox, lambda order: address_of(order) is not None)
