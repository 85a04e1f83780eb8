"""The files of a mail that may be invoices: attachments, by their content and what they are declared as. Pure."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from blocks.errors import Unreadable
from blocks.systems.invoices.contract import WholeFile

MOST_FILES, MOST_PARTS = 50, 500
_NEVER = ("image", "audio", "video", "multipart", "message")
_ENDINGS = (".pdf", ".xml", ".edi", ".edifact", ".txt")


def files_of(message: bytes) -> list[WholeFile]:
    """Return the files of a mail that may be invoices, those of mails inside it included.

    Raises:
        Unreadable: The mail cannot be taken apart, or holds more files than any sender means.
    """
    try:
        parsed = message_from_bytes(message, EmailMessage, policy=policy.default.clone(utf8=True))
        found = [file for part in _parts(parsed) if (file := _file(part)) is not None]
    except (LookupError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Unreadable(f"A mail cannot be taken apart ({type(error).__name__}).") from error
    if len(found) > MOST_FILES:
        raise Unreadable(f"A mail holds {len(found)} files; at most {MOST_FILES} are taken of one.")
    return found


def _parts(message: "Message[str, str]") -> "list[Message[str, str]]":
    parts = []
    for part in message.walk():
        parts.append(part)
        if len(parts) > MOST_PARTS:
            raise Unreadable(f"A mail has more than {MOST_PARTS} parts.")
    return parts


def _file(part: "Message[str, str]") -> WholeFile | None:
    """Return a part as a file; None where it is text to be read, a picture, or nothing."""
    kind, name = part.get_content_maintype(), (part.get_filename() or "").replace("\x00", "").strip()
    if part.is_multipart() or kind in _NEVER:
        return None
    if kind == "text" and part.get_content_subtype() in {"plain", "html"} and not name.lower().endswith(_ENDINGS):
        return None
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or not body:
        return None
    file = WholeFile(name[-200:] or "attachment", body)
    known = file.content_type != "application/octet-stream" or body[:3] in {b"UNA", b"UNB"}
    return file if known or name.lower().endswith(_ENDINGS) else None
