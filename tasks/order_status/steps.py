"""The Prefect tasks of order statuses: hear the shop, hear the ERP, hear again what is mapped by now, tell."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import inbox
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.errors import Unreadable, WrongUse
from blocks.settings import settings
from blocks.systems.registry import connector, is_kind, load_system
from blocks.systems.shops.contract import Received
from tasks.order_status import deciding, records, rules
from tasks.order_status.deciding import Taken
from tasks.order_status.ruling import PROCESS, Route, Ruling, in_force
from tasks.order_status.telling import DELIVERY
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.database.engine import Connection
    from blocks.documents.statuses import StatusSeen

CURSOR = "order_status"
OVERLAP = timedelta(minutes=10)
"""Read again each time: what was written before and committed after, and sales whose numbers were booked late."""
PAGE = 500


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def ruling_for(connection: "Connection", route: Route) -> Ruling:
    """Return the ruling in force for a route, by what its systems can say and be told."""
    words = {
        name: getattr(connector(name.partition("/")[0]), "status_words", None) for name in (route.source, route.erp)
    }
    return in_force(connection, route, words)


@task(name="hear the shop", task_run_name="hear the shop", **RETRYING)
def hear_shop(route: Route, orders: Sequence[str] = ()) -> Taken:
    """Take in what the shop says of booked orders.

    Its orders are polled by order intake, which keeps their bytes; what they say of statuses is read from there.
    Single orders are asked for at the shop itself.
    """
    shop, database = load_system(route.source), Database.current()
    if getattr(shop, "status_words", None) is None:
        return Taken()
    taken = Taken()
    if orders:
        for page in shop.orders_by_id(list(orders)):
            with database.audited(actor()) as (connection, trail):
                numbers = records.orders_by_external_id(
                    connection, route.channel, [record.external_id for record in page.records]
                )
                rows = [
                    {"order_id": numbers[record.external_id], "record": record}
                    for record in page.records
                    if record.external_id in numbers
                ]
                seen = _read(shop, route, rows)
                taken += deciding.take(connection, trail, ruling_for(connection, route), seen)
        return taken
    for moved in _heard_from_inbox(database, shop, route):
        taken += moved
    return taken


def _heard_from_inbox(database: Database, shop: Any, route: Route) -> Iterator[Taken]:
    """Yield what became of each page of raw orders; the cursor moves in the transaction that takes a page in."""
    with database.connect() as connection:
        since = _begin(connection, route.source, route.channel)
    if since is None:
        return
    after = 0
    while True:  # orders booked late: they came in, were put aside, and nothing was heard of them since
        with database.audited(actor()) as (connection, trail):
            rows = records.newest_of_booked(
                connection, source=route.source, channel=route.channel, since=since, after=after, limit=PAGE
            )
            late = [_raw(row) for row in rows if row["body"] is not None]
            yield deciding.take(connection, trail, ruling_for(connection, route), _read(shop, route, late))
        if len(rows) < PAGE:
            break
        after = rows[-1]["order_id"]
    position, number = since, 0
    while True:
        with database.audited(actor()) as (connection, trail):
            rows = records.received_since(
                connection, source=route.source, channel=route.channel, since=position, after=number, limit=PAGE
            )
            yield deciding.take(
                connection, trail, ruling_for(connection, route), _read(shop, route, [_raw(row) for row in rows])
            )
            if rows:
                position, number = rows[-1]["received_at"], rows[-1]["id"]
                inbox.move_cursor(connection, source=route.source, kind=CURSOR, position=position)
        if len(rows) < PAGE:
            return


def _begin(connection: "Connection", source: str, channel: str) -> datetime | None:
    """Return where to go on reading: an overlap before the cursor, or with the first order; None without orders."""
    known = inbox.cursor(connection, source=source, kind=CURSOR)
    first = known or records.first_booked(connection, channel)
    return first - OVERLAP if first else None


def _raw(row: dict[str, Any]) -> dict[str, Any]:
    record = Received(row["external_id"], bytes(row["body"]), row["content_type"])
    return {"order_id": row["order_id"], "record": record}


def _read(shop: Any, route: Route, rows: Sequence[dict[str, Any]]) -> list[rules.Seen]:
    """Read statuses from raw orders; one that cannot be read was put aside by order intake, with its reasons."""
    seen = []
    for row in rows:
        try:
            found: StatusSeen = shop.read_status(row["record"])
        except Unreadable:
            continue
        seen.append(rules.Seen(row["order_id"], route.source, found.word, found.at))
    return seen


@task(name="hear the ERP", task_run_name="hear the ERP", **RETRYING)
def hear_erp(route: Route, orders: Sequence[str] = ()) -> Taken:
    """Take in what the ERP says of the sales of booked orders that have changed since the last run.

    Orders of another shop are left to that shop's runs, which tell it; each shop's runs have a cursor of their own.
    """
    erp, database = load_system(route.erp), Database.current()
    if getattr(erp, "status_words", None) is None:
        return Taken()
    if orders:
        with database.connect() as connection:
            numbers = records.orders_by_external_id(connection, route.channel, list(orders))
        return _ask_erp(database, erp, route, sorted(numbers.values()), None)
    with database.connect() as connection:
        since = _begin(connection, heard_for(route), route.channel)
    taken = Taken()
    if since is None:
        return taken
    for page in filter(None, erp.sales_changed(since)):
        references = {reference for reference, _, _ in page}
        with database.connect() as connection:
            candidates = records.orders_with_numbers(connection, [number for _, number, _ in page if number])
            sources = records.sources_of(connection, candidates)
            candidates = [number for number in candidates if not _is_of_another_shop(sources[number], route)]
            sales = records.sales_of(connection, candidates)
        meant = [number for number in candidates if any(sale["reference"] in references for sale in sales[number])]
        taken += _ask_erp(database, erp, route, meant, page[-1][2])
    return taken


def _ask_erp(database: Database, erp: Any, route: Route, order_ids: Sequence[int], position: datetime | None) -> Taken:
    """Ask what the ERP says of all sales of these orders, take it in, and move the cursor to ``position``."""
    with database.connect() as connection:
        sales = records.sales_of(connection, order_ids)
        references = {
            number: [sale["reference"] for sale in own if sale["system"] == route.erp and sale["reference"]]
            for number, own in sales.items()
        }
    states = erp.sale_states([reference for own in references.values() for reference in own])
    with database.audited(actor()) as (connection, trail):
        ruling = ruling_for(connection, route)
        seen = []
        for number, own in references.items():
            parts = [states[reference] for reference in own if reference in states]
            said = rules.whole(parts, route.erp, ruling.judge)
            if said is not None:
                seen.append(rules.Seen(number, route.erp, said.word, said.at))
        taken = deciding.take(connection, trail, ruling, seen)
        if position is not None:
            inbox.move_cursor(connection, source=heard_for(route), kind=CURSOR, position=position)
    return taken


def heard_for(route: Route) -> str:
    """Return the name of the cursor over what an ERP says for one shop."""
    return f"{route.erp} for {route.source}"


def _is_of_another_shop(source: str, route: Route) -> bool:
    return source != route.source and is_kind(source, "shops")


@task(name="hear again what is mapped by now", task_run_name="hear again what is mapped by now", **RETRYING)
def hear_again(route: Route) -> Taken:
    """Take in words that nobody had mapped when they were heard and that mean a status by now."""
    taken, after = Taken(), 0
    while True:
        with Database.current().audited(actor()) as (connection, trail):
            ruling = ruling_for(connection, route)
            systems = [route.source, route.erp]
            rows = records.unmapped(connection, systems=systems, after=after, limit=PAGE)
            seen = [
                rules.Seen(row["order_id"], row["system"], row["word"], row["at"])
                for row in rows
                if ruling.graph.meaning(row["system"], row["word"]) is not None
            ]
            taken += deciding.take(connection, trail, ruling, seen)
        if len(rows) < PAGE:
            return taken
        after = rows[-1]["id"]


@task(name="tell shop and ERP", task_run_name="tell shop and ERP", **RETRYING)
def tell(patience: float) -> Delivered:
    """Tell the other systems what is due; what is outdated by now is not told any more."""
    database, lease = Database.current(), settings().effect_lease
    with database.audited(actor()) as (connection, trail):
        outdated = records.abandon_outdated(connection, trail)
    if outdated:
        get_run_logger().info("%s statuses were not told: a newer one is due.", outdated)
    return deliver_all(DELIVERY, database, actor(), lease=lease, patience=patience, log=get_run_logger().info)


@task(name="set a status by hand", task_run_name="set {status} by hand", **RETRYING)
def set_status(route: Route, order: str, status: str, *, by: str, reason: str) -> str:
    """Set one order's status as a person; returns what was done in a sentence.

    Raises:
        WrongUse: There is no such order or status, or no way leads there.
    """
    with Database.current().audited(actor()) as (connection, trail):
        known = records.orders_by_external_id(connection, route.channel, [order])
        if order not in known:
            raise WrongUse(f"No order {order} of {route.channel} is booked: `soms quarantine list` shows what waits.")
        ruling = ruling_for(connection, route)
        moved = deciding.set_by_person(connection, trail, ruling, known[order], status, by=by, reason=reason)
    return f"Order {order} is '{status}' now." if moved else f"Order {order} was '{status}' already."
