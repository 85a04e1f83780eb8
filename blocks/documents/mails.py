"""Mails: what is written to a customer, and the id it is known by wherever it goes. Pure."""

import hashlib
import re

from pydantic import Field

from blocks.documents.base import Document, Moment

LONGEST_ADDRESS = 254
"""Characters, RFC 5321 section 4.5.3.1.3 without the angle brackets."""
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]{1,64}")
_LABEL = re.compile(r"(?!-)[a-zA-Z0-9-]{1,63}(?<!-)")


class Attachment(Document):
    """A file that goes along with a mail; ``content_type`` is its media type, e.g. 'application/xml'."""

    name: str
    content: bytes
    content_type: str = Field(pattern="^[a-z]+/[a-z0-9.+-]+$")


class Mail(Document):
    """One mail to one person; ``key`` is the business key of the call that sends it."""

    key: str
    to: str = Field(description="Address, as `mail_address` returned it.")
    to_name: str = ""
    language: str = Field(pattern="^[a-z]{2}$")
    written_at: Moment
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def mail_address(text: str) -> str | None:
    """Return the address as mail servers take it, its domain in ASCII; None when nobody can be reached under it.

    One plain ``local@domain`` with a dot in the domain: no list, no comment, no quoted part, so that an address from
    outside can never add a recipient or a header.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004 - name and top level
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address.encode()) <= LONGEST_ADDRESS else None


def mail_id(key: str) -> str:
    """Return the left part of a mail's Message-ID: the same key always gives the same one (RFC 5322 3.6.4)."""
    return "soms." + hashlib.sha256(key.encode()).hexdigest()[:32]
