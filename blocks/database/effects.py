"""Effects: every call that changes an outside system, written with the facts that cause it, made exactly once.

An effect is due → claimed → done | failed | abandoned. A worker claims a batch with a fencing token and holds a lease
that a thread keeps alive while the worker lives; when the worker dies the lease runs out and the claim falls free.
The lease is longer than any single call may take, so a dead worker's last call has ended at the target before
another looks the effect up there and adopts what it finds.
"""

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform
from typing import TYPE_CHECKING, Any

import psycopg

from blocks.database.system_limits import has_room
from blocks.documents.base import canonical_json
from blocks.errors import Outstanding, Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Auditing, Connection, Database

MOST_ATTEMPTS = 50
"""After so many tries an effect waits for a person; with waits of up to 5 minutes that is about four hours."""

LONGEST_WAIT = 300.0
LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Due:
    """One call to be made once; ``business_key`` says which, e.g. 'erp.sale:berlin:4711'."""

    business_key: str
    process: str
    system: str
    kind: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that this worker, and nobody else, may carry out now."""

    id: int
    business_key: str
    kind: str
    system: str
    subject: str
    payload: dict[str, Any]
    attempts: int
    token: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A claimed effect with the answer that was booked for it."""

    effect: Claimed
    answer: Answer


def put(connection: "Connection", trail: "Trail", effects: Sequence[Due]) -> dict[str, int]:
    """Write due effects, each business key once, and tell the trail; returns the ids of the new ones by key."""
    if not effects:
        return {}
    rows = connection.execute(
        "INSERT INTO effect (business_key, process, system, kind, subject, payload)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (business_key) DO NOTHING RETURNING id, business_key",
        (
            [effect.business_key for effect in effects],
            [effect.process for effect in effects],
            [effect.system for effect in effects],
            [effect.kind for effect in effects],
            [effect.subject for effect in effects],
            [canonical_json(effect.payload) for effect in effects],
        ),
    )
    written = {row["business_key"]: row["id"] for row in rows}
    for effect in effects:
        if effect.business_key in written:
            touched = [("effect", written[effect.business_key])]
            trail.add("effect.due", effect.subject, touched, {"effect": effect.business_key})
    return written


_FREE = (
    "(e.state = 'due' AND e.due_at <= clock_timestamp() OR e.state = 'claimed' AND NOT EXISTS"
    " (SELECT FROM lease l WHERE l.token = e.token AND l.until > clock_timestamp()))"
)


def claim(
    database: "Auditing",
    actor: "Actor",
    *,
    process: str,
    kind: str,
    limit: int,
    lease: float,
    avoid: Collection[str] = (),
    limits: Mapping[str, Limits] | None = None,
) -> list[Claimed]:
    """Claim up to ``limit`` effects of one kind for one system, oldest first; commits, so that others see the claim.

    Claims of dead workers are taken over. All effects returned go to the same system, which is none of ``avoid``, and
    one of ``limits`` where these are given: then nothing is claimed for a system that has as many calls as it allows.

    Whether they are free is asked twice: the lock query sees leases as they stood when it began, so a claim that was
    committed since would look abandoned; the update begins when the rows are locked and sees every lease.
    """
    with database.audited(actor) as (connection, trail):
        busy, only = set(avoid), None if limits is None else list(limits)
        while True:
            rows = connection.execute(
                "SELECT e.id, e.system FROM effect e WHERE e.process = %s AND e.kind = %s"  # noqa: S608 - a constant
                " AND e.system <> ALL(%s) AND (%s::text[] IS NULL OR e.system = ANY(%s))"
                f" AND e.state IN ('due', 'claimed') AND {_FREE} ORDER BY e.id LIMIT %s FOR UPDATE SKIP LOCKED",
                (process, kind, list(busy), only, only, limit),
            ).fetchall()
            if not rows:
                return []
            system = rows[0]["system"]
            if limits is None or has_room(connection, system, limits[system].max_in_flight):
                break
            busy.add(system)
        ids = [row["id"] for row in rows if row["system"] == system]
        token = connection.execute(
            "INSERT INTO lease (token, holder, system, until) VALUES (nextval('effect_token'), %s, %s,"
            " clock_timestamp() + %s) RETURNING token",
            (actor.run_id or actor.name, system, timedelta(seconds=lease)),
        ).fetchone()
        claimed = connection.execute(
            "UPDATE effect e SET state = 'claimed', token = %s, attempts = attempts + 1,"  # noqa: S608 - a constant
            " maybe_done_at = CASE WHEN state = 'claimed' THEN clock_timestamp() ELSE maybe_done_at END"
            f" WHERE id = ANY(%s) AND {_FREE}"
            " RETURNING id, business_key, kind, system, subject, payload, attempts, token",
            (token["token"] if token else None, ids),
        ).fetchall()
        if not claimed:
            connection.execute("DELETE FROM lease WHERE token = %s", (token["token"] if token else None,))
            return []
        trail.add(
            "effect.claimed", f"effects/{kind}", [("effect", row["id"]) for row in claimed], {"effects": len(claimed)}
        )
    found = [Claimed(**{**row, "payload": json.loads(row["payload"])}) for row in claimed]
    return sorted(found, key=lambda effect: effect.id)


def waiting_systems(connection: "Connection", *, process: str, kind: str) -> list[str]:
    """Return the systems for which effects of a kind can be claimed now."""
    rows = connection.execute(
        "SELECT DISTINCT e.system FROM effect e WHERE e.process = %s AND e.kind = %s"  # noqa: S608 - a constant
        f" AND e.state IN ('due', 'claimed') AND {_FREE} ORDER BY 1",
        (process, kind),
    )
    return [row["system"] for row in rows]


@contextmanager
def kept(database: "Database", claimed: Sequence[Claimed], lease: float) -> Iterator[None]:
    """Keep the lease of these claims alive for as long as the block runs and this process lives; then give it up."""
    token = claimed[0].token
    done = threading.Event()

    def renew() -> None:
        while not done.wait(lease / 3):
            try:
                with database.connect(autocommit=True) as connection:
                    connection.execute(
                        "UPDATE lease SET until = clock_timestamp() + %s WHERE token = %s",
                        (timedelta(seconds=lease), token),
                    )
            except (TryAgainLater, psycopg.Error):  # the next round tries again; a lost lease costs only a look-up
                continue

    keeper = threading.Thread(target=renew, name=f"lease-{token}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def hand_over(database: "Database", actor: "Actor", effect: Claimed, *, maybe_made: str) -> None:
    """Write down, and commit, that a call which cannot be looked up is about to be made; to be called just before it.

    Whoever claims the effect again without an answer then knows that the call may have been made (`handed_over`).

    Raises:
        Refused: With the text ``maybe_made``: it had been handed over before, and no answer came.
        TryAgainLater: The claim is another worker's by now; the call must not be made.
    """
    with database.audited(actor) as (connection, trail):
        row = connection.execute(
            "UPDATE effect SET handed_over_at = clock_timestamp() WHERE id = %s AND token = %s AND state = 'claimed'"
            " AND handed_over_at IS NULL RETURNING id",
            (effect.id, effect.token),
        ).fetchone()
        if row is not None:
            trail.add("effect.handed_over", effect.subject, [("effect", effect.id)], {"effect": effect.business_key})
            return
        if effect.id in handed_over(connection, [effect]):
            raise Refused(maybe_made)
    raise TryAgainLater("Another worker has taken this call over.")


def hand_over_together(database: "Database", actor: "Actor", claimed: Sequence[Claimed]) -> None:
    """Write down, and commit, that calls are about to be made which leave no trace at a target that takes them up.

    Whoever claims one of them again without an answer then knows that it may have been made (`handed_over`).

    Raises:
        TryAgainLater: One of the claims is another worker's by now; none of the calls must be made.
    """
    with database.audited(actor) as (connection, trail):
        rows = connection.execute(
            "UPDATE effect SET handed_over_at = clock_timestamp() WHERE id = ANY(%s) AND token = %s"
            " AND state = 'claimed' AND handed_over_at IS NULL RETURNING id",
            ([effect.id for effect in claimed], claimed[0].token),
        ).fetchall()
        if len(rows) != len(claimed):
            raise TryAgainLater("Another worker has taken over one of these calls.")
        for effect in claimed:
            trail.add("effect.handed_over", effect.subject, [("effect", effect.id)], {"effect": effect.business_key})


def handed_over(connection: "Connection", claimed: Sequence[Claimed]) -> set[int]:
    """Return which of these claims of ours had been handed over before, without an answer."""
    rows = connection.execute(
        "SELECT id FROM effect WHERE id = ANY(%s) AND token = %s AND handed_over_at IS NOT NULL",
        ([effect.id for effect in claimed], claimed[0].token),
    )
    return {row["id"] for row in rows}


def settle(
    connection: "Connection", trail: "Trail", claimed: Sequence[Claimed], answers: Sequence[Answer]
) -> list[Settled]:
    """Book one answer per claimed effect; returns those this worker still held, others belong to a new holder."""
    columns: list[tuple[Any, ...]] = [_outcome(effect, answer) for effect, answer in zip(claimed, answers, strict=True)]
    rows = connection.execute(
        "UPDATE effect SET state = new.state, answer = new.answer, last_error = new.error,"
        " due_at = CASE WHEN new.state = 'due' THEN clock_timestamp() + new.wait * interval '1 second' ELSE due_at END,"
        " settled_at = CASE WHEN new.state = 'due' THEN NULL ELSE clock_timestamp() END, token = NULL,"
        " handed_over_at = CASE WHEN new.state = 'due' AND NOT new.uncertain THEN NULL ELSE handed_over_at END,"
        " maybe_done_at = CASE WHEN new.uncertain THEN clock_timestamp() ELSE maybe_done_at END"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::float8[], %s::boolean[])"
        " AS new(id, state, answer, error, wait, uncertain)"
        " WHERE effect.id = new.id AND effect.token = %s AND effect.state = 'claimed' RETURNING effect.id",
        (*(list(column) for column in zip(*columns, strict=True)), claimed[0].token),
    ).fetchall()
    connection.execute("DELETE FROM lease WHERE token = %s", (claimed[0].token,))
    held = {row["id"] for row in rows}
    settled = [Settled(effect, answer) for effect, answer in zip(claimed, answers, strict=True) if effect.id in held]
    for entry in settled:
        trail.add(_event_kind(entry), entry.effect.subject, [("effect", entry.effect.id)], _facts(entry))
    return settled


def _outcome(effect: Claimed, answer: Answer) -> tuple[int, str, str | None, str | None, float, bool]:
    if isinstance(answer, Done):
        text = canonical_json({"reference": answer.reference, "adopted": answer.adopted, "facts": answer.facts})
        return effect.id, "done", text, None, 0.0, False
    if isinstance(answer, Refused) or effect.attempts >= MOST_ATTEMPTS:
        return effect.id, "failed", None, _sentence(answer), 0.0, True  # refused, perhaps after half of it was done
    maybe_done = answer.maybe_done or isinstance(answer, Outstanding)
    wait = wait_before_retry(effect.attempts, answer.retry_after)
    return effect.id, "due", None, _sentence(answer), wait, maybe_done


def _sentence(error: Exception) -> str:
    return str(error).replace("\x00", "")[:LONGEST_ERROR]  # Postgres keeps no NUL, and people no novels


def wait_before_retry(attempts: int, asked: float | None) -> float:
    """Return the seconds to wait after this many tries: 1, 2, 4 … 300 with jitter, never less than was asked for."""
    growing = min(2.0 ** (attempts - 1), LONGEST_WAIT)
    return max(growing * uniform(1.0, 1.25), asked or 0.0)  # noqa: S311 - jitter, not a secret


def _event_kind(entry: Settled) -> str:
    if isinstance(entry.answer, Done):
        return "effect.adopted" if entry.answer.adopted else "effect.done"
    if isinstance(entry.answer, Refused):
        return "effect.refused"
    return "effect.given_up" if entry.effect.attempts >= MOST_ATTEMPTS else "effect.put_off"


def _facts(entry: Settled) -> dict[str, Any]:
    facts: dict[str, Any] = {"effect": entry.effect.business_key, "attempt": entry.effect.attempts}
    if isinstance(entry.answer, Done):
        facts["answer"] = entry.answer.reference
    return facts


@dataclass(frozen=True, slots=True)
class Outlook:
    """Seconds until the next open effect of a process can be tried: one that is due, one whose worker may be dead."""

    due: float | None
    claimed: float | None


def outlook(connection: "Connection", *, process: str) -> Outlook:
    """Return when the process's open effects can be tried; None where there are none."""
    row = connection.execute(
        "SELECT min(extract(epoch FROM e.due_at - clock_timestamp())) FILTER (WHERE e.state = 'due')::float8 AS due,"
        " min(extract(epoch FROM coalesce(l.until, clock_timestamp()) - clock_timestamp()))"
        " FILTER (WHERE e.state = 'claimed')::float8 AS claimed"
        " FROM effect e LEFT JOIN lease l ON l.token = e.token"
        " WHERE e.process = %s AND e.state IN ('due', 'claimed')",
        (process,),
    ).fetchone()
    return Outlook(row["due"], row["claimed"]) if row else Outlook(None, None)


def listing(
    connection: "Connection", *, states: Sequence[str], process: str | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Return effects in these states, newest first, without their payloads."""
    return connection.execute(
        "SELECT id, business_key, process, system, kind, subject, state, due_at, attempts, answer, last_error,"
        " created_at, settled_at FROM effect WHERE state = ANY(%s) AND (%s::text IS NULL OR process = %s)"
        " ORDER BY id DESC LIMIT %s",
        (list(states), process, process, limit),
    ).fetchall()


def failed_ids(connection: "Connection") -> list[int]:
    """Return the ids of all refused effects."""
    return [row["id"] for row in connection.execute("SELECT id FROM effect WHERE state = 'failed' ORDER BY id")]


def retry(connection: "Connection", trail: "Trail", ids: Sequence[int], *, by: str) -> list[int]:
    """Make failed effects due again; whatever had been done at the target is looked up first and adopted."""
    rows = connection.execute(
        "UPDATE effect SET state = 'due', due_at = clock_timestamp(), settled_at = NULL, attempts = 0,"
        " handed_over_at = NULL"
        " WHERE id = ANY(%s) AND state = 'failed' RETURNING id, subject",
        (list(ids),),
    ).fetchall()
    for row in rows:
        trail.add("effect.retried", row["subject"], [("effect", row["id"])], {"by": by})
    return [row["id"] for row in rows]
