"""What Postgres knows of one order: the events that name it, and its rows that say more than their events."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import tuple_row

from blocks.database.audited_tables import AUDITED, digest_query, row_texts
from blocks.database.order_lookup import Named, find
from blocks.documents.base import plain_decimal
from tasks.order_story.story import Entry, Gap, Story, in_order, signed_by, told

if TYPE_CHECKING:
    from blocks.database.engine import Connection

BUNDLES = ("sales_order", "order_line", "order_version", "order_part", "order_status_entry", "reservation", "backorder")
"""Tables whose rows are audited under the order's own id."""


def story(connection: "Connection", text: str) -> Story:
    """Return everything that is known of the order that a text names.

    Raises:
        WrongUse: No order, or more than one, is called so.
    """
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    named = find(connection, text)
    subjects = _subjects(connection, named)
    events = _events(connection, named, subjects)
    rows = [*_came_in(connection, named), *_calls(connection, subjects), *_corrections(connection, named)]
    if named.order_id is not None:
        rows += [*_versions(connection, named.order_id), *_stock(connection, named.order_id)]
        rows += [*_statuses(connection, named.order_id)]
    entries = in_order([*map(told, events), *signed_by(rows, events)])
    return Story(named.title, entries, _gaps(connection, subjects, events), _now(connection, named))


def _subjects(connection: "Connection", named: Named) -> list[str]:
    """Return how events name the rows of this order, e.g. 'sales_order/17', 'effect/31'."""
    order = [f"{table}/{named.order_id}" for table in BUNDLES] if named.order_id is not None else []
    found = order + [f"inbox/{inbox_id}" for inbox_id in named.inbox_ids]
    for table in ("quarantine", "correction"):
        query = sql.SQL("SELECT id FROM {} WHERE inbox_id = ANY(%s) ORDER BY id").format(sql.Identifier(table))
        found += [f"{table}/{row['id']}" for row in connection.execute(query, (list(named.inbox_ids),))]
    rows = connection.execute("SELECT id FROM effect WHERE subject = ANY(%s) ORDER BY id", (found,))
    return found + [f"effect/{row['id']}" for row in rows]


def _events(connection: "Connection", named: Named, subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Return the events about the order, and those about many rows that name one of its calls or records.

    The latter are looked for by their own subject in the time between the row's first and last moment, so that an
    index serves and not the whole chain is read.
    """
    rows = connection.execute(
        "SELECT seq, at, actor, process, run_id, kind, subject, digests, facts FROM audit_event"
        " WHERE subject = ANY(%(subjects)s)"
        " UNION SELECT v.seq, v.at, v.actor, v.process, v.run_id, v.kind, v.subject, v.digests, v.facts"
        " FROM effect e JOIN audit_event v ON v.subject = 'effects/' || e.kind AND v.at >= e.created_at"
        "  AND v.at <= coalesce(e.settled_at, now()) + interval '1 minute'"
        "  AND strpos(v.digests, '\"effect/' || e.id || '\"') > 0"
        " WHERE 'effect/' || e.id = ANY(%(subjects)s) AND e.id = ANY(%(effects)s)"
        " UNION SELECT v.seq, v.at, v.actor, v.process, v.run_id, v.kind, v.subject, v.digests, v.facts"
        " FROM inbox i JOIN audit_event v ON v.subject = 'source/' || i.source AND v.at >= i.received_at"
        "  AND strpos(v.digests, '\"inbox/' || i.id || '\"') > 0"
        " WHERE i.id = ANY(%(inbox)s) AND i.deliveries > 1 ORDER BY seq",
        {
            "subjects": list(subjects),
            "effects": [int(each.partition("/")[2]) for each in subjects if each.startswith("effect/")],
            "inbox": list(named.inbox_ids),
        },
    ).fetchall()
    mine = set(subjects)
    found = [{**row, "digests": json.loads(row["digests"])} for row in rows]
    return [_cut(row, mine) if row["subject"].startswith(("effects/", "source/")) else row for row in found]


def _cut(event: dict[str, Any], mine: set[str]) -> dict[str, Any]:
    """Return an event about many rows with what it says of this order alone."""
    digests = {subject: digest for subject, digest in event["digests"].items() if subject in mine}
    facts = {"named": sorted(digests), "of": len(event["digests"])}
    return {**event, "digests": digests, "facts": json.dumps(facts)}


Row = tuple[Entry, str]


def _came_in(connection: "Connection", named: Named) -> Iterable[Row]:
    for row in connection.execute(
        "SELECT i.id, i.source, i.received_at, i.deliveries, i.last_delivered_at, i.run_id, i.state, f.name AS file,"
        " r.first_row, r.last_row FROM inbox i LEFT JOIN file_record r ON r.inbox_id = i.id AND r.fresh"
        " LEFT JOIN received_file f ON f.id = r.file_id WHERE i.id = ANY(%s) ORDER BY i.id",
        (list(named.inbox_ids),),
    ).fetchall():
        place = f", file '{row['file']}' rows {row['first_row']} to {row['last_row']}" if row["file"] else ""
        text = f"version {row['id']} from {row['source']}{place}; now {row['state'].replace('_', ' ')}"
        if row["deliveries"] > 1:
            text += f"; delivered {row['deliveries']} times"
        yield Entry(row["received_at"], f"inbox {row['id']}", text, run=row["run_id"]), f"inbox/{row['id']}"


def _calls(connection: "Connection", subjects: Sequence[str]) -> Iterable[Row]:
    for row in connection.execute(
        "SELECT id, business_key, kind, system, state, attempts, answer, last_error, created_at, settled_at"
        " FROM effect WHERE subject = ANY(%s) ORDER BY id",
        (list(subjects),),
    ).fetchall():
        what = "mail" if row["kind"].startswith("mail.") else "call"
        subject = f"effect/{row['id']}"
        text = f"{what} {row['business_key']} to {row['system']} is due"
        yield Entry(row["created_at"], f"effect {row['id']}", text), subject
        if row["settled_at"]:
            answer = json.loads(row["answer"])["reference"] if row["answer"] else row["last_error"]
            text = f"{what} {row['business_key']} is {row['state']} after {row['attempts']} tries: {answer}"
            yield Entry(row["settled_at"], f"effect {row['id']}", text), subject


def _corrections(connection: "Connection", named: Named) -> Iterable[Row]:
    """Yield what was put aside and corrected: rules and places, never the values."""
    for row in connection.execute(
        "SELECT id, opened_at, faults, state, closed_at, closed_by, closing_reason FROM quarantine"
        " WHERE inbox_id = ANY(%s) ORDER BY id",
        (list(named.inbox_ids),),
    ).fetchall():
        subject, reasons = f"quarantine/{row['id']}", json.loads(row["faults"])
        text = "put aside: " + "; ".join(f"{fault['rule']} at {fault['place']}" for fault in reasons)
        yield Entry(row["opened_at"], f"quarantine {row['id']}", text), subject
        if row["closed_at"]:
            closed = Entry(
                row["closed_at"], f"quarantine {row['id']}", row["state"], row["closed_by"] or "",
                note=row["closing_reason"] or "",
            )  # fmt: skip
            yield closed, subject
    for row in connection.execute(
        "SELECT id, patch, money, reason, by, at, state, approved_by FROM correction WHERE inbox_id = ANY(%s)"
        " ORDER BY id",
        (list(named.inbox_ids),),
    ).fetchall():
        places = ", ".join(change["place"] for change in json.loads(row["patch"]))
        money = ", touches money" if row["money"] else ""
        by = f" by {row['approved_by']}" if row["approved_by"] else ""
        text = f"correction of {places}{money}; {row['state']}{by}"
        entry = Entry(row["at"], f"correction {row['id']}", text, row["by"], note=row["reason"])
        yield entry, f"correction/{row['id']}"


def _versions(connection: "Connection", order_id: int) -> Iterable[Row]:
    for row in connection.execute(
        "SELECT version, decision, changes, delta, by, at, inbox_id FROM order_version WHERE order_id = %s"
        " ORDER BY version",
        (order_id,),
    ).fetchall():
        places = ", ".join(str(change["place"]) for change in json.loads(row["changes"]))
        text = f"version {row['version']} {row['decision']}, total moved by {plain_decimal(row['delta'])}"
        text += f", changed: {places}" if places else ""
        yield Entry(row["at"], f"version {row['version']}", text, row["by"]), f"order_version/{order_id}"


def _stock(connection: "Connection", order_id: int) -> Iterable[Row]:
    for row in connection.execute(
        "SELECT id, sku, warehouse, quantity, reason, booked_at FROM reservation WHERE order_id = %s ORDER BY id",
        (order_id,),
    ).fetchall():
        verb = "reserved" if row["quantity"] > 0 else "given back"
        text = f"{plain_decimal(abs(row['quantity']))} of {row['sku']} {verb} in {row['warehouse']} ({row['reason']})"
        yield Entry(row["booked_at"], f"reservation {row['id']}", text), f"reservation/{order_id}"
    for row in connection.execute(
        "SELECT id, sku, warehouse, quantity, kind, promised_on, booked_at, served_at FROM backorder"
        " WHERE order_id = %s ORDER BY id",
        (order_id,),
    ).fetchall():
        promise = f", promised for {row['promised_on']}" if row["promised_on"] else ""
        text = f"{row['kind']} of {plain_decimal(row['quantity'])} {row['sku']} at {row['warehouse']}{promise}"
        yield Entry(row["booked_at"], f"backorder {row['id']}", text), f"backorder/{order_id}"
        if row["served_at"]:
            yield Entry(row["served_at"], f"backorder {row['id']}", f"{text}: served"), f"backorder/{order_id}"


def _statuses(connection: "Connection", order_id: int) -> Iterable[Row]:
    for row in connection.execute(
        "SELECT id, system, system_status, status, outcome, reason, reported_at, recorded_at, run_id"
        " FROM order_status_entry WHERE order_id = %s ORDER BY id",
        (order_id,),
    ).fetchall():
        why = f" ({row['reason']})" if row["reason"] else ""
        text = f"{row['system']} says '{row['system_status']}', which is '{row['status']}': {row['outcome']}{why}"
        entry = Entry(row["recorded_at"], f"status {row['id']}", text, run=row["run_id"])
        yield entry, f"order_status_entry/{order_id}"


def _now(connection: "Connection", named: Named) -> Mapping[str, Any]:
    """Return how the order stands: ids, states and amounts only."""
    row = connection.execute(
        "SELECT channel, external_id, number, version, status, lifecycle, hold_reason, channel_status, payment_status,"
        " currency, total, placed_at, warehouse, erp_number, taken_over_at FROM sales_order WHERE id = %s",
        (named.order_id,),
    ).fetchone()
    return row or {"channel": named.channel, "external_id": named.external_id, "status": "not booked"}


def _gaps(connection: "Connection", subjects: Sequence[str], events: Sequence[Mapping[str, Any]]) -> tuple[Gap, ...]:
    """Return where the newest event that names a row of the order and the row itself do not agree."""
    newest: dict[str, tuple[int, str]] = {}
    for event in events:
        newest |= {subject: (event["seq"], digest) for subject, digest in event["digests"].items()}
    held = _held(connection, subjects)
    gaps = []
    for subject in subjects:
        if newest.get(subject, (0, ""))[1] != held.get(subject, ""):
            seq, digest = _newest(connection, subject, newest.get(subject, (0, "")))
            if digest != held.get(subject, ""):
                gaps.append(Gap(subject, _gap(seq, there=subject in held)))
    return tuple(gaps)


def _gap(seq: int, *, there: bool) -> str:
    if not seq:
        return "No event tells of this row: it was written past the audit trail."
    if not there:
        return f"Event {seq} tells of this row, which is not there any more."
    return f"The row was changed past the audit trail after event {seq}, the last that tells of it."


def _held(connection: "Connection", subjects: Sequence[str]) -> dict[str, str]:
    """Return the digest of each subject as its rows stand now."""
    keys: dict[str, list[str]] = {}
    for subject in subjects:
        table, _, key = subject.partition("/")
        keys.setdefault(table, []).append(key)
    found: dict[str, str] = {}
    with connection.cursor(row_factory=tuple_row) as cursor:
        for table, text in row_texts(connection, keys).items():
            rows = cursor.execute(digest_query(table, text, AUDITED[table].lookup), (keys[table],)).fetchall()
            found |= {f"{table}/{key}": digest for key, digest in rows}
    return found


def _newest(connection: "Connection", subject: str, known: tuple[int, str]) -> tuple[int, str]:
    """Return the newest event that names a row, whatever it is about; reads the rest of the chain."""
    row = connection.execute(
        "SELECT seq, digests FROM audit_event WHERE seq > %s AND strpos(digests, %s) > 0 ORDER BY seq DESC LIMIT 1",
        (known[0], f'"{subject}"'),
    ).fetchone()
    return (row["seq"], json.loads(row["digests"])[subject]) if row else known
