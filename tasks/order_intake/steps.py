"""The Prefect tasks of order intake: collect, serve what was short, judge and book, deliver, rehearse."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import inbox
from blocks.database.audit import Actor, Trail
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.documents.verdicts import QualityFinding
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.systems.registry import is_kind, load_system
from tasks.order_intake import judging
from tasks.order_intake.delivery import deliver_all
from tasks.order_intake.judging import KIND, PROCESS, Judged, Route
from tasks.order_intake.reading_ahead import ReadAhead
from tasks.order_intake.serving import serve_waiting
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.systems.shops.contract import Page, Shop

OVERLAP = timedelta(minutes=2)
"""Orders can become visible later than their change time: each poll reads this much again (the inbox drops repeats)."""
FIRST_WINDOW = timedelta(days=1)
BATCH = 3000


@dataclass(frozen=True, slots=True)
class Window:
    """What to read: everything since the last poll, or a stated window, or single orders."""

    since: datetime | None = None
    until: datetime | None = None
    orders: tuple[str, ...] = ()

    @property
    def polling(self) -> bool:
        """Return whether this is the regular poll, which moves the cursor."""
        return self.since is None and self.until is None and not self.orders


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="collect orders", task_run_name="collect orders", **RETRYING)
def collect(route: Route, window: Window) -> inbox.Stored:
    """Read what changed at the source and keep its bytes in the inbox, page by page; the cursor moves along."""
    if is_kind(route.source, "folders"):
        return _collect_files(route, window)
    if is_kind(route.source, "desks") or is_kind(route.source, "partners"):
        return inbox.Stored()  # what is entered there is kept by order entry, what partners send by the EDI exchange
    shop, database = load_system(route.source), Database.current()
    stored = inbox.Stored()
    for page in pages(shop, database, route, window):
        with database.audited(actor()) as (connection, trail):
            stored += inbox.store(connection, trail, source=route.source, kind=KIND, deliveries=page.records)
            if window.polling:
                inbox.move_cursor(connection, source=route.source, kind=KIND, position=page.position)
    get_run_logger().info(
        "Collected from %s: %s new or changed orders, %s known before.", route.source, stored.new, stored.duplicates
    )
    return stored


def _collect_files(route: Route, window: Window) -> inbox.Stored:
    from blocks.systems.folders.collecting import Collector  # noqa: PLC0415 - which a shop's poll does without

    folder, log = load_system(route.source), get_run_logger().info
    _insist_on_all(window)
    stored = Collector(folder, Database.current(), actor(), source=route.source, kind=KIND).collect(log)
    log(f"Collected from {route.source}: {stored.new} new or changed orders, {stored.duplicates} known before.")
    return stored


def _insist_on_all(window: Window) -> None:
    if not window.polling:
        raise WrongUse("A folder is read file by file: leave Since, Until and Orders empty.")


@task(name="answer files", task_run_name="answer files", **RETRYING)
def answer_files(route: Route) -> int:
    """Write an answer as due for each file whose records have all been judged; returns how many there are."""
    from tasks.order_intake.files import put_results_due  # noqa: PLC0415 - as above

    return put_results_due(Database.current(), actor(), route)


def pages(shop: "Shop", database: Database, route: Route, window: Window) -> "Iterator[Page]":
    """Yield the source's pages for this window; the regular poll starts an overlap before the cursor."""
    if window.orders:
        return shop.orders_by_id(window.orders)
    if not window.polling:
        return shop.orders_changed(window.since, window.until)
    with database.connect() as connection:
        known = inbox.cursor(connection, source=route.source, kind=KIND)
    return shop.orders_changed(known - OVERLAP if known else shop.server_time() - FIRST_WINDOW)


@task(name="serve short orders", task_run_name="serve short orders", **RETRYING)
def serve_short(route: Route) -> int:
    """Give orders that are held short the stock that has come in since; returns how many were served."""
    served = serve_waiting(Database.current(), actor(), load_system(route.source), route, batch=BATCH)
    if served:
        get_run_logger().info("Stock has come in: %s orders that were held short are served now.", served)
    return served


@task(name="judge and book", task_run_name="judge and book", **RETRYING)
def judge_and_book(
    route: Route, orders: Sequence[str] = (), ahead: ReadAhead | None = None
) -> tuple[Judged, tuple[QualityFinding, ...]]:
    """Judge up to 3,000 records of the inbox and book the good ones in one transaction."""
    with Database.current().audited(actor()) as (connection, trail):
        batch, findings = judging.judge(
            connection, trail, load_system(route.source), route, limit=BATCH, ids=orders, ahead=ahead
        )
    get_run_logger().info(_told(batch))
    return batch, findings


def reading_ahead(route: Route) -> ReadAhead:
    """Return what reads the next batch's orders while one is booked."""
    source = load_system(route.source)
    return ReadAhead(Database.current(), source, name=route.source, kind=KIND, channel=route.channel)


def _told(batch: Judged) -> str:
    if not batch.total:
        return "Nothing is left to judge."
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in asdict(batch).items() if count]
    return f"Judged {batch.total} records: {', '.join(counts)}."


@task(name="tell ERP and shop", task_run_name="tell ERP and shop", **RETRYING)
def deliver(patience: float) -> Delivered:
    """Carry out what is due outside: sales in the ERP, takeover marks in the shop."""
    lease, log = settings().effect_lease, get_run_logger().info
    return deliver_all(Database.current(), actor(), lease=lease, patience=patience, log=log)


def _records(source: Any, database: Database, route: Route, window: Window) -> "Sequence[Sequence[inbox.Delivery]]":
    if is_kind(route.source, "desks") or is_kind(route.source, "partners"):
        return []
    if not is_kind(route.source, "folders"):
        return [page.records for page in pages(source, database, route, window)]
    from blocks.systems.folders.collecting import peek  # noqa: PLC0415 - as above

    _insist_on_all(window)
    return list(peek(source, get_run_logger().info))


@task(name="rehearse", task_run_name="rehearse", **RETRYING)
def rehearse(route: Route, window: Window) -> tuple[inbox.Stored, Judged, tuple[QualityFinding, ...]]:
    """Do all up to the booking in one transaction and roll it back: nothing is kept, nothing is called.

    The source is read to its end first, so that the transaction's locks hold up no real run while the shop answers.
    """
    shop, database = load_system(route.source), Database.current()
    read = _records(shop, database, route, window)
    stored, judged = inbox.Stored(), Judged()
    findings: tuple[QualityFinding, ...] = ()
    with database.connect() as connection:
        trail = Trail(actor())
        for deliveries in read:
            stored += inbox.store(connection, trail, source=route.source, kind=KIND, deliveries=deliveries)
        while True:
            batch, found = judging.judge(connection, trail, shop, route, limit=BATCH, ids=window.orders)
            if not batch.total:
                break
            judged, findings = judged + batch, found
        connection.rollback()
    return stored, judged, findings
