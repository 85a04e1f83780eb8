"""What stock feeds call outside: the receiver is given the picture as it stands at this moment."""

import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import IsolationLevel

from blocks.database import effects, stock_rules
from blocks.database.effect_delivery import Delivery
from blocks.documents.stock_rules import StockRules
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.feeds.contract import FeedFile, FeedTarget
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.stock_feed import records
from tasks.stock_feed.records import KIND, PROCESS
from tasks.stock_feed.writing import CONTENT_TYPES, Written, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocks.database.audit import Trail
    from blocks.database.engine import Connection, Database


def deliver(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Give the receiver each feed's picture; one answer per call, in order."""
    (effect,) = claimed
    target = load_system(effect.system)
    if not isinstance(target, FeedTarget):
        return [Refused(f"'{effect.system}' takes no stock feeds: name a feed-folder or a feed-endpoint.")]
    name = str(effect.payload["feed"])
    with _alone_with(database, name), tempfile.TemporaryDirectory(prefix="soms-feed-") as folder:
        path = Path(folder) / "feed"
        with database.connect() as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            rules = stock_rules.in_force(connection)
            feed = rules.feeds.get(name)
            if feed is None or feed.target != effect.system:
                return [Refused(f"Stock feed '{name}' no longer goes to {effect.system}. Abandon this call.")]
            written = write(connection, rules, feed, path)
            before = records.rows_before(connection, name)
        _insist_on_whole(rules, name, written, before, released="released_by" in effect.payload)
        moment = str(effect.payload["due_at"])
        reference = f"SOMS-feed-{name}-{effect.business_key.rpartition(':')[2]}"
        target.replace(FeedFile(feed.file_name, path, CONTENT_TYPES[feed.format], written.sha256, reference))
    facts = {"feed": name, "due_at": moment, "rows": written.rows, "sha256": written.sha256}
    return [Done(reference, facts | ({"left_out": written.left_out} if written.left_out else {}))]


@contextmanager
def _alone_with(database: "Database", name: str) -> "Iterator[None]":
    """Let one worker at a time make and hand over a feed's picture, so that an older one never replaces a newer.

    Raises:
        TryAgainLater: Another worker is at it.
    """
    with database.connect(autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 2)) AS mine", (records.subject(name),)
        ).fetchone()
        if not row or not row["mine"]:
            raise TryAgainLater(f"Stock feed '{name}' is being delivered by another run; SOMS looks again by itself.")
        yield


def _insist_on_whole(rules: StockRules, name: str, written: Written, before: int, *, released: bool) -> None:
    """Refuse a picture that lost too many articles since the last one, unless a person has released it."""
    least = before * rules.guard.fewest_rows
    if before >= rules.guard.from_rows and written.rows < least and not released:
        raise Refused(
            f"Stock feed '{name}' has only {written.rows} articles, after {before} in the delivery before: it was not"
            " delivered. If that is right, run stock-feed for it with a reason of release."
        )


def book(connection: "Connection", trail: "Trail", settled: Sequence[effects.Settled]) -> None:
    """Write what was delivered."""
    done: list[dict[str, Any]] = [entry.answer.facts for entry in settled if isinstance(entry.answer, Done)]
    if done:
        records.book(connection, trail, done, stock_rules.in_force(connection))


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=PROCESS, calls={KIND: deliver}, names={KIND: "Stock feeds delivered"}, per_call={KIND: 1}, book=book,
    limits=_limits,
)  # fmt: skip
