"""What every mailbox that SOMS writes from can do."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from prefect.blocks.core import Block

from blocks.documents.mails import Mail
from blocks.systems.answers import Answer

HandOver = Callable[[Mail], None]
"""Called when everything is sent but the one step after which the mail can no longer be taken back.

It writes down that the step is about to be taken; what it raises keeps the mail from being sent.
"""


@dataclass(frozen=True, slots=True)
class MailboxCapabilities:
    """What a mailbox can do, as data; a missing one is a named error at the caller."""

    html: bool
    look_up: bool
    """Whether a mail that was sent can be found again by its Message-ID."""


class Mailbox(Block):
    """A mailbox. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; they never sleep."""

    _block_type_name = "Mailbox"
    capabilities: ClassVar[MailboxCapabilities]

    if TYPE_CHECKING:
        # Every mailbox has these settings; each declares them among its own fields, where its form is to show them.
        merchant: str
        """The merchant's name as customers know it."""
        imprint: str
        """What a business letter must say of the merchant, line by line."""
        website: str
        """Where customers read on; empty for nowhere."""
        terms: dict[str, str]
        """What must stand below a confirmation, by language."""

    @abstractmethod
    def send(self, mails: Sequence[Mail], hand_over: HandOver) -> list[Answer]:
        """Send each mail; exactly one answer per mail, in order.

        ``hand_over`` is called once per mail, immediately before the step after which the mail is out. An answer of
        TryAgainLater means that the mail was certainly not sent; when that cannot be known, the answer is Refused and
        says so, for a person to look. No answer names an address.
        """
