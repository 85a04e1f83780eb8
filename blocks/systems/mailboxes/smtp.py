"""A mailbox reached over SMTP: its settings, and how a mail becomes a message."""

from collections.abc import Sequence
from contextlib import ExitStack
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import partial
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator, model_validator

from blocks.documents.mails import Mail, mail_address, mail_id
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import CallsPerSecond, MaxInFlight
from blocks.systems.mailboxes import smtp_session
from blocks.systems.mailboxes.contract import HandOver, Mailbox, MailboxCapabilities
from blocks.systems.mailboxes.smtp_session import Access, Security, Session

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class SmtpMailbox(Mailbox):
    """A mailbox that SOMS sends from over SMTP.

    The mail server's certificate is always checked. Use an account of its own for SOMS: its mail log then answers
    whether a mail whose fate is unknown was sent.

    Example:
        >>> mailbox = SmtpMailbox.load("orders")
    """

    _block_type_name = "SMTP Mailbox"
    _block_type_slug = "smtp-mailbox"
    _description = "A mailbox: SOMS writes to customers from it where the channel they ordered in does not."

    capabilities: ClassVar[MailboxCapabilities] = MailboxCapabilities(html=True, look_up=False)

    host: str = Field(min_length=1, description="Name of the mail server, e.g. smtp.example.com.")
    port: int = Field(default=587, ge=1, le=65535, description="587 goes with STARTTLS, 465 with TLS.")
    security: Security = Field(
        default="starttls",
        description="How the connection is encrypted: 'starttls', 'tls' from the first byte, or 'none', which is"
        " only for a mail server on this machine.",
    )
    user: str = Field(default="", description="User name; empty when the server asks for none.")
    password: SecretStr = Field(default=SecretStr(""), description="The user's password; stored encrypted.")
    sender: str = Field(description="Address the mails come from, e.g. orders@example.com.")
    sender_name: str = Field(default="", description="Name beside the sender's address; empty takes the merchant's.")
    reply_to: str = Field(default="", description="Address that answers go to; empty lets them go to the sender.")
    merchant: str = Field(min_length=1, description="The merchant's name as customers know it, e.g. Lampenhaus.")
    imprint: str = Field(
        min_length=1,
        description="What a business letter must say of the merchant, at the foot of each mail, line by line: full name"
        " and legal form, address, register, directors, VAT id.",
    )
    website: str = Field(
        default="", pattern="^(https?://\\S+)?$", description="Address of the shop, linked at the foot; empty for none."
    )
    terms: dict[str, str] = Field(
        default_factory=dict,
        description="What must stand below each confirmation, by language, e.g. the right of withdrawal:"
        ' {"de": "Widerrufsrecht: …", "en": "Right of withdrawal: …"}.',
    )
    trusted_certificates: str = Field(
        default="", description="Certificates (PEM) of an authority of your own, if the mail server's is not public."
    )
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds to wait for each answer of the server.")
    answer_timeout: float = Field(
        default=300.0,
        gt=0,
        le=900,
        description="Seconds to wait for the one answer that says whether a mail was taken; servers that look through"
        " a mail first may need minutes.",
    )
    max_in_flight: MaxInFlight = None
    calls_per_second: CallsPerSecond = None

    @field_validator("sender", "reply_to")
    @classmethod
    def _is_address(cls, text: str) -> str:
        if text and mail_address(text) is None:
            raise ValueError("this is no mail address such as orders@example.com")
        return text

    @model_validator(mode="after")
    def _says_no_password_openly(self) -> "SmtpMailbox":
        if not self.sender:
            raise ValueError("a mailbox needs a sender")
        if self.security == "none" and self.host not in THIS_MACHINE:
            raise ValueError("without encryption a mail server can only be used on this machine")
        return self

    def send(self, mails: Sequence[Mail], hand_over: HandOver) -> list[Answer]:
        """Send each mail in one conversation; exactly one answer per mail, in order."""
        answers: list[Answer] = []
        with ExitStack() as conversation:
            try:
                session = conversation.enter_context(smtp_session.opened(self._access()))
            except (Refused, TryAgainLater) as error:
                return [error] * len(mails)
            for mail in mails:
                try:
                    answers.append(self._send(session, mail, hand_over))
                except (Refused, TryAgainLater) as error:
                    answers.append(error)
        return answers

    def _access(self) -> Access:
        return Access(
            self.host, self.port, self.security, self.user, self.password.get_secret_value(), self.timeout,
            self.answer_timeout, self.trusted_certificates,
        )  # fmt: skip

    def _send(self, session: Session, mail: Mail, hand_over: HandOver) -> Done:
        recipient = mail_address(mail.to)
        if recipient is None or (not recipient.isascii() and not session.takes_unicode()):
            raise Refused("The mail server cannot write to this customer's address: ask the customer for another.")
        name = self.message_id(mail)
        try:
            content = self.message(mail).as_bytes(policy=SMTP if recipient.isascii() else SMTPUTF8)
        except (MessageError, ValueError) as error:
            raise Refused("The mail has a subject or a name that no mail can have: correct the order.") from error
        session.hand_over(self.sender, recipient, content, name=name, about_to=partial(hand_over, mail))
        return Done(name)

    def message_id(self, mail: Mail) -> str:
        """Return the Message-ID of a mail; the same for the same key, so that a mail log can be asked for it."""
        return f"<{mail_id(mail.key)}@{self.sender.rpartition('@')[2]}>"

    def message(self, mail: Mail) -> EmailMessage:
        """Return the mail as a message with a plain and an HTML part (RFC 2046 5.1.4)."""
        message = EmailMessage()
        message["Message-ID"] = self.message_id(mail)
        message["Date"] = format_datetime(mail.written_at)
        message["From"] = Address(_one_line(self.sender_name or self.merchant), addr_spec=self.sender)
        message["To"] = Address(_one_line(mail.to_name), addr_spec=mail.to)
        if self.reply_to:
            message["Reply-To"] = Address(addr_spec=self.reply_to)
        message["Subject"] = _one_line(mail.subject)
        message["Content-Language"] = mail.language
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to it
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        for each in mail.attachments:
            kind, _, subtype = each.content_type.partition("/")
            message.add_attachment(each.content, maintype=kind, subtype=subtype, filename=_one_line(each.name))
        return message


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
