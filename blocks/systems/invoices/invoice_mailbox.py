"""A mailbox that invoices come to as attachments, read over IMAP: each message kept, then put into another folder."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr, model_validator

from blocks.database import received_files
from blocks.database.inbox import Stored
from blocks.database.whole_files import keep_whole, known_files
from blocks.documents.conversions import KIND
from blocks.errors import Unreadable
from blocks.systems.invoices.contract import InvoiceSource, Log, WholeFile
from blocks.systems.invoices.mail_files import files_of
from blocks.systems.mailboxes import imap_session
from blocks.systems.mailboxes.imap_session import Access, Security, Session, Waiting

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database

MEGABYTE = 1024 * 1024
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class InvoiceMailbox(InvoiceSource):
    """A mailbox to which suppliers send invoices; SOMS keeps the attachments and moves each message on.

    Give it a mailbox of its own: every message in the folder is taken for one with invoices. What holds none, is too
    large or cannot be taken apart goes into the folder 'aside' for a person.

    Example:
        >>> mailbox = InvoiceMailbox.load("invoices")
    """

    _block_type_name = "Invoice Mailbox"
    _block_type_slug = "invoice-mailbox"
    _description = "A mailbox that suppliers send invoices to: SOMS keeps the attachments and moves each message on."

    host: str = Field(min_length=1, description="Name of the mail server, e.g. imap.example.com.")
    port: int = Field(default=993, ge=1, le=65535, description="993 goes with TLS, 143 with STARTTLS.")
    security: Security = Field(
        default="tls",
        description="How the connection is encrypted: 'tls' from the first byte, 'starttls', or 'none', which is only"
        " for a mail server on this machine.",
    )
    user: str = Field(min_length=1, description="User name at the mail server.")
    password: SecretStr = Field(description="The user's password; stored encrypted.")
    folder: str = Field(default="INBOX", min_length=1, max_length=200, description="Where invoices come in.")
    done: str = Field(default="SOMS done", min_length=1, max_length=200, description="Where read messages are kept.")
    aside: str = Field(
        default="SOMS aside", min_length=1, max_length=200, description="Where messages without an invoice go."
    )
    largest_megabytes: int = Field(default=40, ge=1, le=256, description="A larger message is put aside unread.")
    trusted_certificates: str = Field(
        default="", description="Certificates (PEM) of an authority of your own, if the mail server's is not public."
    )
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds to wait for each answer of the server.")

    @model_validator(mode="after")
    def _hangs_together(self) -> "InvoiceMailbox":
        if self.security == "none" and self.host not in THIS_MACHINE:
            raise ValueError("without encryption a mail server can only be used on this machine")
        if len({self.folder, self.done, self.aside}) < len(("folder", "done", "aside")):
            raise ValueError("folder, done and aside are three different folders")
        return self

    def _access(self) -> Access:
        return Access(
            self.host, self.port, self.security, self.user, self.password.get_secret_value(), self.timeout,
            self.trusted_certificates,
        )  # fmt: skip

    def collect(self, database: "Database", actor: "Actor", *, source: str, log: Log) -> Stored:
        """Keep the attachments of every message that waits, each message in one transaction; then move it on."""
        stored = Stored()
        with database.connect(autocommit=True) as holder:
            if not received_files.hold_folder(holder, source=source):
                log(f"Another run reads {source} at this moment; this one leaves it alone.")
                return stored
            with imap_session.opened(self._access()) as session:
                session.ensure(self.done)
                session.ensure(self.aside)
                validity = session.select(self.folder)
                for message in session.waiting():
                    files = self._files(session, message, log)
                    if files:
                        stored += _kept(database, actor, source, f"imap-{validity}-{message.uid}", files)
                    session.put_away(message.uid, self.done if files else self.aside)
        return stored

    def peek(self, log: Log) -> Iterator[WholeFile]:
        """Yield the files of the messages that wait, and leave the messages where they are."""
        with imap_session.opened(self._access()) as session:
            session.select(self.folder)
            for message in session.waiting():
                yield from self._files(session, message, log)

    def _files(self, session: Session, message: Waiting, log: Callable[[str], None]) -> list[WholeFile]:
        """Return the files of a message; none, and the reason told, where a person must look at it."""
        if message.size > self.largest_megabytes * MEGABYTE:
            log(f"A message of {message.size / MEGABYTE:.0f} MB is put aside: at most {self.largest_megabytes}.")
            return []
        try:
            files = files_of(session.fetch(message.uid))
        except Unreadable as error:
            log(f"{error} It is put aside.")
            return []
        if not files:
            log("A message without an invoice is put aside.")
        return files


def _kept(database: "Database", actor: "Actor", source: str, claim: str, files: list[WholeFile]) -> Stored:
    """Keep a message's files; one that was kept before it could be moved on is not counted again."""
    claims = [f"{claim}-{place}-{file.external_id[:16]}" for place, file in enumerate(files, 1)]
    with database.audited(actor) as (connection, trail):
        if known_files(connection, source=source, archived_as=claims):
            return Stored()
        begun = [
            received_files.begin(connection, trail, source=source, name=file.name, claim=name, profile=("", 0))
            for file, name in zip(files, claims, strict=True)
        ]
        stored = keep_whole(connection, trail, source=source, kind=KIND, files=list(zip(begun, files, strict=True)))
        for file in begun:
            received_files.finish(connection, trail, file)
    return stored
