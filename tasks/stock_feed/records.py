"""What stock feeds read and write in Postgres: what is due, what was delivered, and the alarm when one was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocks.database import effect_withdrawal, effects, rulebooks, stock_alerts
from blocks.documents.stock_rules import KIND as RULES
from blocks.documents.stock_rules import NAME, Feed, StockRules, load
from tasks.stock_feed.intervals import due_at, missed

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

PROCESS, KIND, ALERT = "stock_feed", "stock.feed", "feed_missed"


@dataclass(frozen=True, slots=True)
class Release:
    """A person's word that a picture the guard stopped is right: who, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What was found of one feed: what is due now, when there is anything, and how many intervals were missed."""

    feed: str
    due: datetime | None
    missed: int


def subject(feed: str) -> str:
    """Return what a feed's calls are for."""
    return f"stock_feed/{feed}"


def plan(
    connection: "Connection",
    trail: "Trail",
    rules: StockRules,
    name: str,
    now: datetime,
    *,
    at_once: bool = False,
    release: Release | None = None,
) -> Planned:
    """Open the alarm of a feed whose interval was missed, and make due what its present interval lacks.

    Of several intervals that went by only the present one is served: the newest picture is the only one of use, and
    calls for older ones that nobody has made are withdrawn.
    """
    feed = rules.feeds[name]
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (subject(name),))
    last = _last(connection, name)
    gone_by = gone_by_now(connection, rules, name, now)
    if gone_by:
        stock_alerts.open_alerts(connection, trail, ALERT, {name: _alarm(connection, name, feed, last, gone_by)})
    moment = now if at_once or release else due_at(now, feed.every)
    if last is not None and last["due_at"] >= moment:
        return Planned(name, None, gone_by)
    payload: dict[str, Any] = {"feed": name, "due_at": moment.isoformat()}
    if release is not None:
        payload |= {"released_by": release.by, "reason": release.reason}
    key = f"{KIND}:{name}:{stamp(moment)}"
    due = effects.Due(key, PROCESS, feed.target, KIND, subject(name), payload)
    return Planned(name, moment if _put(connection, trail, name, due) else None, gone_by)


def gone_by_now(connection: "Connection", rules: StockRules, name: str, now: datetime) -> int:
    """Return how many intervals of a feed went by without a delivery; looks only, opens no alarm."""
    feed = rules.feeds[name]
    return missed(_since(connection, rules, name, _last(connection, name)), now, feed.every, feed.grace)


def _put(connection: "Connection", trail: "Trail", name: str, due: effects.Due) -> bool:
    """Make a delivery due in the place of those before it; False when it is known already."""
    connection.execute(
        "SELECT FROM effect WHERE subject = %s AND process = %s AND state IN ('due', 'failed') ORDER BY id FOR UPDATE",
        (subject(name), PROCESS),
    )
    known = connection.execute("SELECT FROM effect WHERE business_key = %s", (due.business_key,)).fetchone()
    if known is not None:
        return False
    effect_withdrawal.withdraw(
        connection, trail, process=PROCESS, subjects=[subject(name)], kind=KIND, reason="A newer picture is due by now."
    )
    effects.put(connection, trail, [due])
    return True


def stamp(moment: datetime) -> str:
    """Return a moment as it stands in references, e.g. '20270110T150000Z'."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _last(connection: "Connection", name: str) -> dict[str, Any] | None:
    return connection.execute(
        "SELECT due_at, delivered_at, rows FROM feed_delivery WHERE feed = %s ORDER BY due_at DESC LIMIT 1", (name,)
    ).fetchone()


def _since(connection: "Connection", rules: StockRules, name: str, last: Mapping[str, Any] | None) -> datetime:
    """Return from when on the feed's intervals count: its last delivery, or when it was declared as it is now."""
    row = connection.execute(
        "SELECT activated_at FROM rulebook WHERE kind = %s AND name = %s AND version = %s",
        (RULES, NAME, rules.version),
    ).fetchone()
    declared: datetime = row["activated_at"] if row else datetime.now(UTC)
    if last is None:
        return declared
    before = rulebooks.edition(connection, kind=RULES, name=NAME, version=rules.version - 1)
    earlier = load(before.content, before.version).feeds.get(name) if before else rules.feeds[name]
    same = earlier is not None and earlier.every_minutes == rules.feeds[name].every_minutes
    served: datetime = last["due_at"]
    return served if same else max(served, declared)


def _alarm(connection: "Connection", name: str, feed: Feed, last: Mapping[str, Any] | None, gone_by: int) -> str:
    ever = f"last delivered at {last['delivered_at']:%Y-%m-%d %H:%M} UTC" if last else "never delivered yet"
    why = connection.execute(
        "SELECT last_error FROM effect WHERE subject = %s AND process = %s AND last_error IS NOT NULL"
        " AND state IN ('due', 'claimed', 'failed') ORDER BY id DESC LIMIT 1",
        (subject(name), PROCESS),
    ).fetchone()
    reason = f" The last attempt failed: {why['last_error']}" if why else " No run of stock-feed made it in time."
    times = "one interval" if gone_by == 1 else f"{gone_by} intervals"
    return f"Stock feed '{name}' to {feed.target} missed {times} of {feed.every_minutes} minutes; {ever}.{reason}"


def close_undeclared(connection: "Connection", trail: "Trail", rules: StockRules) -> None:
    """Close the alarms of feeds that are no longer wanted, and withdraw their calls."""
    rows = connection.execute(
        "SELECT subject FROM stock_alert WHERE kind = %s AND closed_at IS NULL AND NOT subject = ANY(%s)",
        (ALERT, list(rules.feeds)),
    ).fetchall()
    stock_alerts.close_alerts(connection, trail, ALERT, [row["subject"] for row in rows])
    gone = connection.execute(
        "SELECT DISTINCT subject FROM effect WHERE process = %s AND state IN ('due', 'failed')"
        " AND NOT subject = ANY(%s)",
        (PROCESS, [subject(name) for name in rules.feeds]),
    ).fetchall()
    effect_withdrawal.withdraw(
        connection, trail, process=PROCESS, subjects=[row["subject"] for row in gone], kind=KIND,
        reason="The feed is no longer declared.",
    )  # fmt: skip


def rows_before(connection: "Connection", name: str) -> int:
    """Return how many articles the last delivered picture had; 0 when there was none."""
    last = _last(connection, name)
    return int(last["rows"]) if last else 0


def book(connection: "Connection", trail: "Trail", done: Sequence[Mapping[str, Any]], rules: StockRules) -> None:
    """Write deliveries, each interval once, and close the alarm of a feed that has caught up.

    Args:
        connection: The connection of the transaction that settles the calls.
        trail: The same transaction's trail.
        done: ``feed``, ``due_at``, ``rows``, ``sha256`` of each.
        rules: The stock rules in force.
    """
    now = datetime.now(UTC)
    for entry in done:
        row = connection.execute(
            "INSERT INTO feed_delivery (feed, due_at, rows, content_hash, run_id) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT ON CONSTRAINT feed_delivery_once DO NOTHING RETURNING id",
            (entry["feed"], entry["due_at"], entry["rows"], entry["sha256"], trail.actor.run_id),
        ).fetchone()
        if row is not None:
            touched = [("feed_delivery", row["id"])]
            facts = {name: entry[name] for name in ("feed", "due_at", "rows", "sha256")}
            trail.add("feed.delivered", subject(entry["feed"]), touched, facts)
        feed = rules.feeds.get(entry["feed"])
        served = datetime.fromisoformat(entry["due_at"])
        if feed is None or not missed(served, now, feed.every, timedelta(0)):
            stock_alerts.close_alerts(connection, trail, ALERT, [entry["feed"]])
