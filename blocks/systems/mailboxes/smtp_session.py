"""One conversation with a mail server over SMTP (RFC 5321): opened, spoken, and its answers put in our words."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeVar

from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.mailboxes import tls

Security = Literal["starttls", "tls", "none"]
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_Reply = TypeVar("_Reply")
_DOT = re.compile(rb"(?m)^\.")
_TEMPORARY, _PERMANENT, _CLOSING = 400, 500, 421
_GO_ON, _TAKEN = 354, 250
MAYBE_SENT = (
    "This mail may have been sent already: the mail server was given it and its answer never came. Look in the mail"
    " log for Message-ID {id}; then abandon this call if it is there, or retry it if it is not."
)


@dataclass(frozen=True, slots=True)
class Access:
    """How a mail server is reached."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    timeout: float
    answer_timeout: float
    trusted: str = ""


@contextmanager
def opened(access: Access) -> Iterator["Session"]:
    """Connect, encrypt as told, sign in, and say good-bye at the end.

    Raises:
        TryAgainLater: The server cannot be reached or answers 4xx.
        Refused: Its certificate is not trusted, it cannot encrypt, or it does not accept the credentials.
    """
    client = _said("connecting", lambda: _connected(access))
    try:
        if access.security == "starttls":
            _said("encryption", lambda: client.starttls(context=tls.context(access.trusted)))
            _said("greeting", client.ehlo)
        if access.user:
            _said("sign-in", lambda: client.login(access.user, access.password))
        yield Session(client, access)
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _connected(access: Access) -> smtplib.SMTP:
    if access.security == "tls":
        context = tls.context(access.trusted)
        client: smtplib.SMTP = smtplib.SMTP_SSL(access.host, access.port, timeout=access.timeout, context=context)
    else:
        client = smtplib.SMTP(access.host, access.port, timeout=access.timeout)
    client.ehlo_or_helo_if_needed()
    return client


def _said(step: str, speak: Callable[[], _Reply]) -> _Reply:
    """Say one thing and put what goes wrong into our words; nothing of a mail is out yet at these steps."""
    try:
        return speak()
    except SomsError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"The mail server's certificate is not trusted ({error.verify_message}).") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"The mail server does not offer what the mailbox asks for, at {step}.") from error
    except smtplib.SMTPResponseException as error:
        raise problem(step, error.smtp_code, _bytes(error.smtp_error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgainLater(f"The mail server does not answer, at {step} ({type(error).__name__}).") from error


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="replace")


def problem(step: str, code: int, text: bytes) -> Refused | TryAgainLater:
    """Return what a negative reply means; its text is left out, because servers quote addresses in it."""
    enhanced = _ENHANCED.match(text)
    said = f"{code} {enhanced[1].decode()}" if enhanced else str(code)
    if _TEMPORARY <= code < _PERMANENT:
        return TryAgainLater(f"The mail server put it off with {said}, at {step}.")
    return Refused(f"The mail server refused with {said}, at {step}{_meaning(step)}.")


def _meaning(step: str) -> str:
    return {
        "sign-in": ": check user and password in the mailbox's block",
        "sender": ": check whether the mailbox's sender may be used with this server",
        "recipient": ": the customer's address does not exist or takes no mail",
    }.get(step, "")


class Session:
    """An open conversation in which mails are handed over one after the other."""

    def __init__(self, client: smtplib.SMTP, access: Access) -> None:
        """Take over an open, signed-in connection."""
        self._client, self._access = client, access

    def takes_unicode(self) -> bool:
        """Return whether addresses with other letters than ASCII can be written to (RFC 6531)."""
        return bool(self._client.has_extn("smtputf8"))

    def hand_over(
        self, sender: str, recipient: str, message: bytes, *, name: str, about_to: Callable[[], None]
    ) -> None:
        """Hand over one message; returns when the server has taken it.

        ``about_to`` is called when all of the message but its end has been sent: until then the server drops what it
        got, after that nobody can know without an answer.

        Raises:
            TryAgainLater: It was certainly not taken, and may be later.
            Refused: It was certainly not taken and never will be; or nobody can know, which the text then says.
        """
        options = ["SMTPUTF8"] if not recipient.isascii() else []
        self._expect("sender", _said("sender", lambda: self._client.mail(sender, options)))
        try:
            self._expect("recipient", _said("recipient", lambda: self._client.rcpt(recipient)))
            self._expect("message", _said("message", lambda: self._client.docmd("DATA")), positive=_GO_ON)
        except (Refused, TryAgainLater):
            with suppress(OSError, smtplib.SMTPException):
                self._client.rset()
            raise
        _said("message", lambda: self._client.send(_DOT.sub(b"..", message)))
        try:
            about_to()
        except BaseException:
            self._client.close()  # the server drops a message without an end; whatever is said now would be in it
            raise
        self._end(name)

    def _end(self, name: str) -> None:
        unknown = Refused(MAYBE_SENT.format(id=name))
        try:
            if self._client.sock:
                self._client.sock.settimeout(self._access.answer_timeout)
            self._client.send(b".\r\n")
            code, text = self._client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._client.close()
            raise unknown from error
        if self._client.sock:
            self._client.sock.settimeout(self._access.timeout)
        if code == _TAKEN:
            return
        if code >= _TEMPORARY:
            raise problem("message", code, text)
        raise unknown

    def _expect(self, step: str, reply: tuple[int, bytes], *, positive: int = _TAKEN) -> None:
        code, text = reply
        if code == positive or (positive == _TAKEN and code == 251):  # noqa: PLR2004 - will forward (RFC 5321 3.4)
            return
        if code == _CLOSING:
            self._client.close()
        raise problem(step, code, text)
