"""Order intake in seconds: one process looks at the shop every few seconds and takes in what came, for a while.

Starting a process and importing the stack costs seconds each time; a watcher pays for it once. It does nothing that a
regular run does not do, so a watcher that is killed or missed loses nothing.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from blocks.database import effects, inbox
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.documents.verdicts import QualityFinding
from blocks.errors import TryAgainLater
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.order_intake import judging, records
from tasks.order_intake.delivery import deliver_all
from tasks.order_intake.judging import KIND, PROCESS, Judged, Route
from tasks.order_intake.serving import serve_waiting
from tasks.order_intake.steps import BATCH, Window, actor, pages

if TYPE_CHECKING:
    from blocks.systems.shops.contract import Shop

SERVE_EVERY = 60.0
"""Seconds between two looks at whether stock has come in for orders that are held short."""
LONGEST_PAUSE = 30.0
PATIENCE = 1.0
"""Seconds a round waits for a system that puts calls off: the next round tries again anyway."""


@dataclass
class Watched:
    """What a watcher did: figures for its report."""

    looks: int = 0
    rounds: int = 0
    silences: int = 0
    stored: inbox.Stored = field(default_factory=inbox.Stored)
    judged: Judged = field(default_factory=Judged)
    served: int = 0
    delivered: Delivered = field(default_factory=Delivered)
    findings: tuple[QualityFinding, ...] = ()


def next_end(now: datetime, every: timedelta, margin: timedelta) -> datetime:
    """Return when a watcher that starts now must end: shortly before its schedule starts the next one.

    A watcher that starts within the margin before the next start, or twice the margin, watches on to the one after.
    """
    since_midnight = now - now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = now - since_midnight + (since_midnight // every + 1) * every - margin
    return end if end - now > margin else end + every


def watch(route: Route, *, until: datetime, every: float, log: Callable[[str], None]) -> Watched:
    """Look every few seconds, at least once, and take in what came until the time is over.

    A shop or ERP that does not answer is told once and tried again, ever more slowly; credentials that are refused
    end the watch.

    Raises:
        Refused: A system refuses to be asked at all.
    """
    database, shop, watched = Database.current(), load_system(route.source), Watched()
    serve_at, silent = 0.0, 0
    while not watched.looks or datetime.now(UTC) < until:
        begun = time.monotonic()
        try:
            watched.looks += 1
            came = look(database, shop, route)
            if begun >= serve_at:
                watched.served += _serve_short(database, shop, route)
                serve_at = begun + SERVE_EVERY
            if came.new or _work_waits(database, route):
                watched.rounds += 1
                watched.stored += came
                log(_told(came, _take_in(database, shop, route, watched, log)))
            silent = 0
        except TryAgainLater as error:
            silent += 1
            watched.silences += 1
            if silent == 1:
                log(f"{error} Looking again, ever more slowly, until it answers.")
            _deliver(database, watched, log)  # what is due at other systems does not wait for this one
        pause = min(every * 2 ** min(max(silent - 1, 0), 5), max(LONGEST_PAUSE, every))
        rest = pause - (time.monotonic() - begun)
        time.sleep(max(0.0, min(rest, (until - datetime.now(UTC)).total_seconds())))
    return watched


def look(database: Database, shop: "Shop", route: Route) -> inbox.Stored:
    """Ask the shop what changed and keep what is new; a look at nothing new writes nothing."""
    stored = inbox.Stored()
    for page in pages(shop, database, route, Window()):
        with database.connect() as connection:
            fresh = inbox.unknown(connection, source=route.source, kind=KIND, deliveries=page.records)
        if fresh:
            with database.audited(actor()) as (connection, trail):
                stored += inbox.store(connection, trail, source=route.source, kind=KIND, deliveries=fresh)
                inbox.move_cursor(connection, source=route.source, kind=KIND, position=page.position)
    return stored


def _work_waits(database: Database, route: Route) -> bool:
    """Return whether records wait to be judged, or calls can be made now."""
    with database.connect() as connection:
        ahead = effects.outlook(connection, process=PROCESS)
        due = any(wait is not None and wait <= 0 for wait in (ahead.due, ahead.claimed))
        return due or inbox.count_open(connection, source=route.source, kind=KIND) > 0


def _take_in(database: Database, shop: "Shop", route: Route, watched: Watched, log: Callable[[str], None]) -> Judged:
    judged = Judged()
    while True:
        with database.audited(actor()) as (connection, trail):
            batch, found = judging.judge(connection, trail, shop, route, limit=BATCH)
        if not batch.total:
            break
        judged, watched.findings = judged + batch, found or watched.findings
    watched.judged += judged
    _deliver(database, watched, log)
    return judged


def _deliver(database: Database, watched: Watched, log: Callable[[str], None]) -> None:
    lease = settings().effect_lease
    watched.delivered += deliver_all(database, actor(), lease=lease, patience=PATIENCE, log=log, outlive=False)


def _serve_short(database: Database, shop: "Shop", route: Route) -> int:
    with database.connect() as connection:
        waits = records.count_waiting(connection, source=route.source, channel=route.channel, process=PROCESS)
    if not waits["short of stock"] and not waits["sold beyond stock"]:
        return 0
    return serve_waiting(database, actor(), shop, route, batch=BATCH)


def _told(came: inbox.Stored, judged: Judged) -> str:
    counts: dict[str, Any] = {name: count for name, count in asdict(judged).items() if count}
    became = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()) or "nothing to judge"
    return f"{came.new} new or changed: {became}."
