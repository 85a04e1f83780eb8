"""One conversation with a mail server over IMAP (RFC 3501, 6851): what waits in a folder, and putting it away."""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.mailboxes import tls

Security = Literal["tls", "starttls", "none"]
_SIZE = re.compile(rb"UID (\d+)[^)]*RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+)[^)]*UID (\d+)")
_PLAIN_FOLDER = re.compile(r"[^\"\\\x00-\x1f\x7f]{1,200}")
_AT_ONCE = 200
"""Messages whose sizes are asked for in one command: a line must not grow without end."""


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """How a mail server is reached."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    timeout: float
    trusted: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message of a folder: its UID, which never changes while the folder's UIDVALIDITY stays, and its size."""

    uid: int
    size: int


@contextmanager
def opened(access: Access) -> Iterator["Session"]:
    """Connect, encrypt as told, sign in, and say good-bye at the end.

    Raises:
        TryAgainLater: The server cannot be reached or broke off.
        Refused: Its certificate is not trusted, or it does not accept the credentials.
    """
    client = _said("connecting", lambda: _connected(access))
    try:
        if access.security == "starttls":
            _said("encryption", lambda: client.starttls(tls.context(access.trusted)))
        _said("sign-in", lambda: client.login(access.user, access.password))
        yield Session(client)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            client.logout()


def _connected(access: Access) -> imaplib.IMAP4:
    if access.security == "tls":
        return imaplib.IMAP4_SSL(
            access.host, access.port, ssl_context=tls.context(access.trusted), timeout=access.timeout
        )
    return imaplib.IMAP4(access.host, access.port, timeout=access.timeout)


def _said(step: str, speak: Callable[[], Any]) -> Any:
    """Say one thing and put what goes wrong into our words; a server's text is left out, it quotes addresses."""
    try:
        return speak()
    except SomsError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"The mail server's certificate is not trusted ({error.verify_message}).") from error
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        raise TryAgainLater(f"The mail server does not answer, at {step} ({type(error).__name__}).") from error
    except imaplib.IMAP4.error as error:
        remedy = ": check user and password in the mailbox's block" if step == "sign-in" else ""
        raise Refused(f"The mail server refused at {step}{remedy}.") from error


class Session:
    """An open conversation about one folder at a time."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        """Take over an open, signed-in connection."""
        self._client = client
        capabilities = _said("capabilities", client.capability)
        self._able = {word.upper() for word in b" ".join(capabilities[1]).split()}

    def select(self, folder: str) -> int:
        """Open a folder to read and to put away from; returns its UIDVALIDITY.

        Raises:
            Refused: There is none, or nothing may be put away from it.
        """
        state, _ = _said("opening the folder", lambda: self._client.select(quoted(folder)))
        if state != "OK":
            raise Refused(f"The mailbox has no folder '{folder}': correct the mailbox's block.")
        _, found = self._client.response("UIDVALIDITY")
        return int(found[0]) if found and found[0] else 0

    def ensure(self, folder: str) -> None:
        """Make a folder unless it is there; whether it can be used shows when something is put there."""
        _said("making a folder", lambda: self._client.create(quoted(folder)))

    def waiting(self) -> list[Waiting]:
        """Return the messages of the open folder with their sizes, oldest first."""
        found = self._ask("search", lambda: self._client.uid("SEARCH", "UNDELETED"))
        uids = [int(word) for word in b" ".join(part for part in found if part).split()]
        sizes: dict[int, int] = {}
        for first in range(0, len(uids), _AT_ONCE):
            some = ",".join(map(str, uids[first : first + _AT_ONCE]))
            for line in self._ask("sizes", partial(self._client.uid, "FETCH", some, "(UID RFC822.SIZE)")):
                if match := _SIZE.search(line if isinstance(line, bytes) else b""):
                    uid, size = (match[1], match[2]) if match[1] else (match[4], match[3])
                    sizes[int(uid)] = int(size)
        return [Waiting(uid, sizes[uid]) for uid in sorted(uids) if uid in sizes]

    def fetch(self, uid: int) -> bytes:
        """Return a message's bytes; it is not marked as read.

        Raises:
            TryAgainLater: It is gone, or did not come whole.
        """
        for part in self._ask("fetching", lambda: self._client.uid("FETCH", str(uid), "(BODY.PEEK[])")):
            if isinstance(part, tuple):
                return bytes(part[1])
        raise TryAgainLater("A message was gone when it was to be read; SOMS looks again by itself.")

    def put_away(self, uid: int, folder: str) -> None:
        """Move a message into another folder, in one step where the server can (RFC 6851)."""
        target = quoted(folder)
        if b"MOVE" in self._able:
            self._ask("moving", lambda: self._client.uid("MOVE", str(uid), target))
            return
        self._ask("copying", lambda: self._client.uid("COPY", str(uid), target))
        self._ask("deleting", lambda: self._client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        if b"UIDPLUS" in self._able:
            self._ask("expunging", lambda: self._client.uid("EXPUNGE", str(uid)))

    def _ask(self, step: str, speak: Callable[[], tuple[str, Sequence[Any]]]) -> Sequence[Any]:
        state, found = _said(step, speak)
        if state != "OK":
            raise Refused(f"The mail server refused at {step}: check the folders in the mailbox's block.")
        return found or ()


def quoted(folder: str) -> str:
    """Return a folder's name as a quoted string in modified UTF-7 (RFC 3501 5.1.3).

    Raises:
        Refused: No folder can be called so.
    """
    if not _PLAIN_FOLDER.fullmatch(folder):
        raise Refused("A folder in the mailbox's block has a name that no folder can have.")
    parts = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder)
    return '"' + "".join(part.replace("&", "&-") if part.isascii() else _shifted(part) for part in parts) + '"'


def _shifted(text: str) -> str:
    from base64 import b64encode  # noqa: PLC0415 - seldom needed

    return "&" + b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",") + "-"
