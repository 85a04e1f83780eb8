"""A mailbox of invoices over IMAP: every attachment kept once, every message put where a person finds it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.invoices.invoice_mailbox import InvoiceMailbox
from blocks.systems.invoices.mail_files import MOST_FILES, files_of
from blocks.systems.mailboxes.imap_session import quoted
from deployments.sandbox.imap import PASSWORD, USER, Mailbox, Server
from tests import desk, stack

ACTOR = Actor(process="edi_conversion", run_id="run-1")
SOURCE = "invoice-mailbox/invoices"


def a_mail(*files: tuple[str, bytes], text: str = "Please find the invoice attached.") -> bytes:
    """Return a mail with these files."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Rechnung für Müller"
    message.set_content(text)
    for name, body in files:
        message.add_attachment(body, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@contextmanager
def served(store: Path, *, moves: bool = True) -> Iterator[tuple[Mailbox, InvoiceMailbox]]:
    mailbox = Mailbox(store, moves=moves)
    with Server(0, mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield mailbox, connected(server.port)
        finally:
            server.shutdown()


def connected(port: int, **more: Any) -> InvoiceMailbox:
    """Return a connection to the sandbox's mailbox."""
    said = {"host": "127.0.0.1", "port": port, "security": "none", "user": USER, "password": PASSWORD, "timeout": 5}
    return InvoiceMailbox(**{**said, **more})


def collect(block: InvoiceMailbox, database: Database) -> tuple[int, int]:
    """Collect once; returns new and known files."""
    stored = block.collect(database, ACTOR, source=SOURCE, log=lambda _: None)
    return stored.new, stored.duplicates


@pytest.mark.parametrize("moves", [True, False])
def test_attachments_are_kept_once_and_messages_moved_on(
    tmp_path: Path, database_url: stack.DatabaseUrls, *, moves: bool
) -> None:
    database = Database(database_url.app)
    with served(tmp_path, moves=moves) as (mailbox, block):
        mailbox.deliver(a_mail(("a.pdf", b"%PDF-1.7 a"), ("b.xml", b"<Invoice/>"), ("logo.bin", b"\x00\x01")))
        mailbox.deliver(a_mail(("again.pdf", b"%PDF-1.7 a")))
        mailbox.deliver(a_mail(text="When do you pay?"))
        assert {file.name for file in block.peek(lambda _: None)} == {"a.pdf", "b.xml", "again.pdf"}
        assert len(mailbox.messages("INBOX")) == 3
        assert collect(block, database) == (2, 1)
        counts = {name: len(mailbox.messages(name)) for name in mailbox.folders()}
        assert counts == {"INBOX": 0, "SOMS done": 2, "SOMS aside": 1}
        assert collect(block, database) == (0, 0)
    kept = desk.ask(database, "SELECT body FROM inbox WHERE source = %s AND kind = 'invoice' ORDER BY id", (SOURCE,))
    assert [bytes(row["body"]) for row in kept] == [b"%PDF-1.7 a", b"<Invoice/>"]
    names = desk.ask(database, "SELECT name, state FROM received_file ORDER BY id")
    assert names == [{"name": name, "state": "read"} for name in ("a.pdf", "b.xml", "again.pdf")]


@pytest.mark.parametrize("command", ["UID FETCH", "UID MOVE"])
def test_a_connection_cut_anywhere_loses_and_doubles_nothing(
    tmp_path: Path, database_url: stack.DatabaseUrls, command: str
) -> None:
    database = Database(database_url.app)
    with served(tmp_path) as (mailbox, block):
        mailbox.deliver(a_mail(("a.pdf", b"%PDF-1.7 a")))
        mailbox.deliver(a_mail(("b.pdf", b"%PDF-1.7 b")))
        mailbox.cut_at.add(command)
        with pytest.raises(TryAgainLater):
            collect(block, database)
        collect(block, database)
        assert len(mailbox.messages("SOMS done")) == 2
    kept = desk.ask(database, "SELECT deliveries FROM inbox")
    assert kept == [{"deliveries": 1}, {"deliveries": 1}]


def test_a_message_that_is_too_large_is_put_aside_unread(tmp_path: Path, database_url: stack.DatabaseUrls) -> None:
    with served(tmp_path) as (mailbox, block):
        mailbox.deliver(a_mail(("a.pdf", b"%PDF-1.7 " + b"x" * 1_100_000)))
        small = block.model_copy(update={"largest_megabytes": 1})
        assert collect(small, Database(database_url.app)) == (0, 0)
        assert len(mailbox.messages("SOMS aside")) == 1
        assert mailbox.commands.count("UID FETCH") == 1


def test_wrong_credentials_and_missing_folders_are_refused_and_a_silent_server_is_asked_again(tmp_path: Path) -> None:
    with served(tmp_path) as (_, block):
        wrong = connected(block.port, password="other")
        with pytest.raises(Refused, match="user and password"):
            list(wrong.peek(lambda _: None))
        with pytest.raises(Refused, match="no folder 'Rechnungen'"):
            list(connected(block.port, folder="Rechnungen").peek(lambda _: None))
    with pytest.raises(TryAgainLater):
        list(block.peek(lambda _: None))


def test_a_password_is_never_sent_in_the_clear_over_a_network() -> None:
    with pytest.raises(ValidationError, match="only be used on this machine"):
        connected(143, host="imap.example.com")


def test_folder_names_are_written_as_imap_wants_them() -> None:
    assert quoted("Rechnungen für A&B") == '"Rechnungen f&APw-r A&-B"'
    with pytest.raises(Refused):
        quoted('x"\r\nA1 DELETE INBOX')


def test_more_files_than_any_sender_means_are_a_persons_to_look_at() -> None:
    with pytest.raises(Unreadable):
        files_of(a_mail(*[(f"{number}.pdf", b"%PDF-1.7") for number in range(MOST_FILES + 1)]))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_are_files_or_unreadable(noise: bytes, place: int) -> None:
    mail = a_mail(("a.pdf", b"%PDF-1.7 a"))
    for message in (noise, mail[:place] + noise + mail[place:]):
        try:
            files_of(message)
        except Unreadable:
            continue
