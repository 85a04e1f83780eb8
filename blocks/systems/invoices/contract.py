"""What everything that invoices come from as files can do, and what they can be handed over to."""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prefect.blocks.core import Block

from blocks.database.inbox import Stored
from blocks.systems.answers import Answer
from blocks.systems.folders.handing_over import Note

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file that is one record, known by the digest of its bytes: the same file again is the same delivery."""

    name: str
    body: bytes

    @property
    def external_id(self) -> str:
        """Return the digest of its bytes as hex."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str:
        """Return its media type, by its first bytes; what a name says is anybody's to choose."""
        head = self.body[:1024].lstrip(b"\xef\xbb\xbf\x00 \t\r\n")
        if b"%PDF-" in self.body[:1024]:
            return "application/pdf"
        return "application/xml" if head.startswith(b"<") else "application/octet-stream"


class InvoiceSource(Block):
    """A place invoices come from as files. Raises TryAgainLater or Refused and nothing else; never sleeps."""

    _block_type_name = "Invoice Source"

    @abstractmethod
    def collect(self, database: "Database", actor: "Actor", *, source: str, log: Log) -> Stored:
        """Keep every file that waits in the inbox, each once, then put it away where it came from.

        Safe to be killed anywhere and called again: nothing is put away before it is kept.

        Args:
            database: Where files are kept.
            actor: Who acts.
            source: Type and name of this connection.
            log: Says what a person should know; no names, no contents.
        """

    @abstractmethod
    def peek(self, log: Log) -> Iterator[WholeFile]:
        """Yield the files that wait, and leave them where they are."""


@dataclass(frozen=True, slots=True)
class Output:
    """An invoice in the form a receiver wants.

    Attributes:
        reference: What SOMS knows it by, e.g. 'conversion/17'.
        name: Its file name, always the same for the same invoice.
        content: Its bytes.
        content_type: Their media type.
    """

    reference: str
    name: str
    content: bytes
    content_type: str


class TakesInvoices(Protocol):
    """A receiver that knows what it was given by name, so that nothing is given twice."""

    def put(self, outputs: Sequence[Output], *, begun: Collection[str], note: Note) -> list[Answer]:
        """Put each whole file there, or nothing of it; one that lies there already is adopted. In order.

        Args:
            outputs: What is given.
            begun: References of outputs that were noted before, without an answer: they may have been taken already.
            note: Notes, and commits, that these are about to be given.
        """
