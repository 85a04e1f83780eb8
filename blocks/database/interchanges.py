"""EDI interchanges in Postgres: what came, what was sent, control numbers without gaps, and what is missing."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blocks.database import effects, rulebooks
from blocks.documents.edi_partners import DEFAULTS, KIND, NAME, EdiPartners, Partner, load
from blocks.standards.edifact.messages.envelopes import Envelope, Outgoing, write_interchange

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.standards.edifact.findings import Finding

PROCESS, SEND = "edi_exchange", "edi.send"
MOST_FINDINGS = 200
_LISTED_GAPS = 100


@dataclass(frozen=True, slots=True)
class Received:
    """An interchange that came, with what became of it."""

    partner: str
    source: str
    sender: str
    receiver: str
    reference: str
    number: int | None
    test: bool
    messages: str
    inbox_id: int
    content_hash: str
    verdict: str
    findings: Sequence["Finding"]
    partners_version: int


def partners_in_force(connection: "Connection") -> EdiPartners:
    """Return the partners; none where nobody has activated any."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS


def known(connection: "Connection", inbox_id: int) -> dict[str, Any] | None:
    """Return id and verdict of the interchange an inbox record was booked as; None for one nobody has judged."""
    return connection.execute(
        "SELECT id, verdict FROM edi_interchange WHERE inbox_id = %s AND direction = 'in'", (inbox_id,)
    ).fetchone()


_CAME_BY = """
SELECT asked.id AS asked, e.id, e.partner, e.reference FROM inbox asked
JOIN edi_interchange e ON e.inbox_id = asked.id AND e.direction = 'in' AND e.partner <> ''
WHERE asked.id = ANY(%(ids)s)
UNION ALL
SELECT asked.id, e.id, e.partner, e.reference FROM inbox asked
JOIN edi_interchange e ON e.sender || ':' || e.reference = regexp_replace(asked.external_id, ':[^:]*$', '')
  AND e.direction = 'in' AND e.partner <> '' AND e.verdict = 'accepted'
WHERE asked.id = ANY(%(ids)s) AND asked.content_type = 'application/edifact'
ORDER BY asked, id
"""
"""An interchange itself, and a message that was taken out of one: it is kept as 'sender:reference:message'."""


def came_by_all(connection: "Connection", inbox_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return by inbox record ``id, partner, reference`` of the interchange it came as or in; others are missing."""
    if not inbox_ids:
        return {}
    return {row.pop("asked"): row for row in connection.execute(_CAME_BY, {"ids": list(inbox_ids)})}


def came_by(connection: "Connection", inbox_id: int) -> dict[str, Any] | None:
    """Return ``id, partner, reference`` of the interchange an inbox record came as or in; None for no partner's."""
    return came_by_all(connection, [inbox_id]).get(inbox_id)


def same_reference(connection: "Connection", partner: str, sender: str, reference: str, inbox_id: int) -> bool:
    """Tell whether the partner has used this control reference for another content before."""
    row = connection.execute(
        "SELECT FROM edi_interchange WHERE direction = 'in' AND partner = %s AND sender = %s AND reference = %s"
        " AND inbox_id <> %s LIMIT 1",
        (partner, sender, reference, inbox_id),
    ).fetchone()
    return row is not None


def highest_number(connection: "Connection", partner: str) -> int | None:
    """Return the highest control number received of a partner; None before the first."""
    row = connection.execute(
        "SELECT max(number) AS last FROM edi_interchange WHERE partner = %s AND direction = 'in'", (partner,)
    ).fetchone()
    return row["last"] if row else None


def gaps(connection: "Connection", partner: str = "") -> list[dict[str, Any]]:
    """Return the control numbers that partners have left out: ``partner, sender, first, last``."""
    return connection.execute(
        "SELECT partner, sender, before + 1 AS first, number - 1 AS last FROM (SELECT partner, sender, number,"
        " lag(number) OVER (PARTITION BY partner ORDER BY number) AS before FROM edi_interchange"
        " WHERE direction = 'in' AND number IS NOT NULL AND partner <> '' AND (%s = '' OR partner = %s)) each"
        " WHERE number > before + 1 ORDER BY partner, first LIMIT %s",
        (partner, partner, _LISTED_GAPS),
    ).fetchall()


def book_received(connection: "Connection", trail: "Trail", received: Received, *, again: int | None) -> int:
    """Write an interchange that came and what became of it; ``again`` is its id where it was judged before."""
    findings = _as_json(received.findings)
    if again is None:
        row = connection.execute(
            "INSERT INTO edi_interchange (direction, partner, source, sender, receiver, reference, number, test,"
            " messages, content_hash, inbox_id, verdict, findings, partners_version, run_id)"
            " VALUES ('in', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (
                received.partner, received.source, received.sender, received.receiver, received.reference,
                received.number, received.test, received.messages, received.content_hash, received.inbox_id,
                received.verdict, findings, received.partners_version, trail.actor.run_id,
            ),
        ).fetchone()  # fmt: skip
        again = int(row["id"]) if row else 0
    else:
        connection.execute(
            "UPDATE edi_interchange SET partner = %s, verdict = %s, findings = %s, partners_version = %s WHERE id = %s",
            (received.partner, received.verdict, findings, received.partners_version, again),
        )
    facts = {
        "partner": received.partner, "reference": received.reference, "verdict": received.verdict,
        "findings": [finding.code for finding in received.findings][:MOST_FINDINGS],
    }  # fmt: skip
    touched = [("edi_interchange", again), ("inbox", received.inbox_id)]
    trail.add("edi.received", f"edi_interchange/{again}", touched, facts)
    return again


def _as_json(findings: Sequence["Finding"]) -> str:
    return json.dumps([finding.as_json() for finding in findings[:MOST_FINDINGS]], ensure_ascii=False)


def send(
    connection: "Connection",
    trail: "Trail",
    name: str,
    partner: Partner,
    messages: Sequence[Outgoing],
    *,
    answers: int | None = None,
    at: datetime | None = None,
) -> int:
    """Book an interchange to a partner under its next control number, and make its transmission due.

    The number is taken in the caller's transaction: what is rolled back leaves no gap.

    Args:
        connection: An audited transaction's connection.
        trail: The same transaction's trail.
        name: The partner's name in the rulebook.
        partner: What is agreed with it.
        messages: What is sent; numbered within the interchange.
        answers: The interchange that this one acknowledges.
        at: When it is prepared; now, where not said.

    Raises:
        CharsetError: The partner's character set cannot express a text.
    """
    row = connection.execute(
        "INSERT INTO edi_counter AS c (partner, last) VALUES (%s, 1)"
        " ON CONFLICT (partner) DO UPDATE SET last = c.last + 1 RETURNING last",
        (name,),
    ).fetchone()
    number = int(row["last"]) if row else 0
    types = ", ".join(sorted({message.type for message in messages}))
    waits = partner.wants_acknowledgement and types != "CONTRL"
    to = partner.identities[0]
    envelope = Envelope(
        sender=(partner.own.id, partner.own.qualifier),
        receiver=(to.id, to.qualifier),
        reference=str(number),
        prepared_at=at or datetime.now(UTC),
        charset=partner.charset,
        exact=True,
        una=partner.una,
        test=partner.test,
        acknowledge=waits,
        application="" if ", " in types else types,
    )
    octets = write_interchange(envelope, messages)
    made = connection.execute(
        "INSERT INTO edi_interchange (direction, partner, source, sender, receiver, reference, number, test, messages,"
        " content_hash, answers, body, verdict, acknowledged, run_id)"
        " VALUES ('out', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'sent', %s, %s) RETURNING id",
        (
            name, partner.connection, partner.own.id, to.id, str(number), number, partner.test, types,
            hashlib.sha256(octets).hexdigest(), answers, octets, "waiting" if waits else "not_wanted",
            trail.actor.run_id,
        ),
    ).fetchone()  # fmt: skip
    interchange = int(made["id"]) if made else 0
    facts = {"partner": name, "reference": str(number), "messages": types}
    trail.add("edi.booked", f"edi_interchange/{interchange}", [("edi_interchange", interchange)], facts)
    _put(connection, trail, interchange, name, number, types, partner.connection, 0)
    return interchange


def send_again(connection: "Connection", trail: "Trail", interchange: int) -> bool:
    """Make a booked interchange due once more, under the same number; False where there is none of this id."""
    row = connection.execute(
        "SELECT partner, number, messages, source, (SELECT count(*) FROM effect e WHERE e.subject ="
        " 'edi_interchange/' || i.id) AS times FROM edi_interchange i WHERE id = %s AND direction = 'out'",
        (interchange,),
    ).fetchone()
    if row is None:
        return False
    _put(connection, trail, interchange, row["partner"], row["number"], row["messages"], row["source"], row["times"])
    return True


def _put(  # noqa: PLR0917 - the parts of one key
    connection: "Connection", trail: "Trail", interchange: int, partner: str, number: int, types: str, system: str,
    times: int,
) -> None:  # fmt: skip
    again = f"-again-{times}" if times else ""
    kind = types.partition(",")[0].lower()
    due = effects.Due(
        business_key=f"{SEND}:{partner}:{number}{again}",
        process=PROCESS,
        system=system,
        kind=SEND,
        subject=f"edi_interchange/{interchange}",
        payload={"interchange": interchange, "file": f"{partner}-{number:08d}-{kind}{again}.edi"},
    )
    effects.put(connection, trail, [due])


def body_of(connection: "Connection", interchange: int) -> bytes | None:
    """Return the octets of an interchange that was booked to be sent."""
    row = connection.execute("SELECT body FROM edi_interchange WHERE id = %s", (interchange,)).fetchone()
    return bytes(row["body"]) if row and row["body"] is not None else None


def acknowledge(
    connection: "Connection", trail: "Trail", partner: str, reference: str, *, accepted: bool
) -> int | None:
    """Write that a partner has acknowledged an interchange of ours; None where nothing of this number was sent."""
    row = connection.execute(
        "UPDATE edi_interchange SET acknowledged = %s, acknowledged_at = now() WHERE direction = 'out'"
        " AND partner = %s AND reference = %s RETURNING id",
        ("accepted" if accepted else "rejected", partner, reference),
    ).fetchone()
    if row is None:
        return None
    facts = {"partner": partner, "reference": reference, "accepted": accepted}
    trail.add("edi.acknowledged", f"edi_interchange/{row['id']}", [("edi_interchange", row["id"])], facts)
    return int(row["id"])


def reopen(connection: "Connection", trail: "Trail", *, source: str, senders: Collection[str]) -> int:
    """Let interchanges of senders who were unknown be judged again, now that they are known; returns how many."""
    rows = connection.execute(
        "UPDATE inbox SET state = 'received' WHERE state = 'put_aside' AND id IN (SELECT inbox_id FROM edi_interchange"
        " WHERE verdict = 'unknown_partner' AND source = %s AND sender = ANY(%s)) RETURNING id",
        (source, sorted(senders)),
    ).fetchall()
    if rows:
        touched = [("inbox", row["id"]) for row in rows]
        trail.add("edi.sender_known", f"source/{source}", touched, {"interchanges": len(rows)})
    return len(rows)


def listed(connection: "Connection", *, run_id: str = "", source: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """Return interchanges, newest first, for people to read; the run's or the source's own where these are named."""
    return connection.execute(
        "SELECT id, direction, partner, sender, receiver, reference, test, messages, verdict, findings, acknowledged,"
        " exchanged_at FROM edi_interchange WHERE (%s = '' OR run_id = %s) AND (%s = '' OR source = %s)"
        " ORDER BY id DESC LIMIT %s",
        (run_id, run_id, source, source, limit),
    ).fetchall()


def waiting(connection: "Connection", *, source: str) -> list[dict[str, Any]]:
    """Return what was sent and nobody has acknowledged yet, oldest first."""
    return connection.execute(
        "SELECT id, partner, reference, messages, exchanged_at FROM edi_interchange WHERE acknowledged = 'waiting'"
        " AND source = %s ORDER BY id LIMIT 200",
        (source,),
    ).fetchall()


def one(connection: "Connection", interchange: int) -> dict[str, Any] | None:
    """Return everything that is known of one interchange but its octets; None where there is none."""
    return connection.execute(
        "SELECT id, direction, partner, source, sender, receiver, reference, test, messages, content_hash, inbox_id,"
        " answers, exchanged_at, verdict, acknowledged, acknowledged_at, run_id, findings FROM edi_interchange"
        " WHERE id = %s",
        (interchange,),
    ).fetchone()
