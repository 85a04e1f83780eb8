"""Rulebooks: rules, mappings and statuses as data, versioned; a verdict names the version it was judged by."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.documents.card_numbers import mask_card_numbers

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of one rulebook as it was activated; version 0 is what SOMS brings along."""

    kind: str
    name: str
    version: int
    content: str


def in_force(connection: "Connection", *, kind: str, name: str) -> Edition | None:
    """Return the newest version of a rulebook, or None when nobody has activated one."""
    row = connection.execute(
        "SELECT kind, name, version, content FROM rulebook WHERE kind = %s AND name = %s ORDER BY version DESC LIMIT 1",
        (kind, name),
    ).fetchone()
    return Edition(**row) if row else None


def edition(connection: "Connection", *, kind: str, name: str, version: int) -> Edition | None:
    """Return one version of a rulebook, e.g. to explain a verdict of last year."""
    row = connection.execute(
        "SELECT kind, name, version, content FROM rulebook WHERE kind = %s AND name = %s AND version = %s",
        (kind, name, version),
    ).fetchone()
    return Edition(**row) if row else None


def hold(connection: "Connection", *, kind: str, name: str) -> None:
    """Wait until nobody else changes this rulebook; held until the transaction ends, so that what is read stands."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (f"rulebook {kind} {name}",))


def activate(
    connection: "Connection", trail: "Trail", *, kind: str, name: str, content: str, by: str, reason: str
) -> Edition:
    """Make a content the version in force; the same content as is in force already changes nothing.

    The caller has checked the content: what cannot be used must never be activated.
    """
    reason = mask_card_numbers(reason)
    hold(connection, kind=kind, name=name)
    newest = in_force(connection, kind=kind, name=name)
    if newest is not None and newest.content == content:
        return newest
    version = newest.version + 1 if newest else 1
    digest = hashlib.sha256(content.encode()).hexdigest()
    row = connection.execute(
        "INSERT INTO rulebook (kind, name, version, content, content_hash, reason, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (kind, name, version, content, digest, reason, by),
    ).fetchone()
    number = row["id"] if row else 0
    facts = {"kind": kind, "name": name, "version": version, "sha256": digest, "reason": reason}
    trail.add("rulebook.activated", f"rulebook/{kind}/{name}", [("rulebook", number)], facts)
    return Edition(kind, name, version, content)
