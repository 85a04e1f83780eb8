"""The Prefect tasks of shop listing: look at the shop, work out what it shall show, tell it."""

from collections.abc import Sequence
from datetime import datetime

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.listings import PROCESS, Refreshed
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.retrying import RETRYING
from tasks.shop_listing import records, refreshing
from tasks.shop_listing.telling import DELIVERY


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def channel_of(system: str) -> str:
    """Return the channel name of a connected shop: what stands behind the slash."""
    return system.partition("/")[2]


def begin() -> datetime:
    """Return the database's time, from which on a run's doings count."""
    with Database.current().connect() as connection:
        return records.clock(connection)


@task(name="look at the shop", task_run_name="look at the shop", **RETRYING)
def look(system: str, skus: Sequence[str] = (), *, again: bool = False) -> int:
    """Read what the shop shows: of these articles, or of all when nobody has looked yet or it is asked for ``again``.

    Returns how many articles were read.
    """
    database, channel = Database.current(), channel_of(system)
    with database.connect() as connection:
        seen = refreshing.was_seen(connection, channel)
    if seen and not again:
        return 0
    shop = load_system(system)
    return refreshing.look(database, actor(), shop, channel=channel, system=system, skus=skus if seen else ())


@task(name="work out what to show", task_run_name="work out what to show", **RETRYING)
def refresh(system: str, skus: Sequence[str] = ()) -> Refreshed:
    """Bring what the shop shall show up to date with stock, and make the telling of what differs due."""
    database, channel = Database.current(), channel_of(system)
    if skus:
        return refreshing.refresh_some(database, actor(), channel=channel, system=system, skus=skus)
    return refreshing.refresh_all(database, actor(), channel=channel, system=system)


@task(name="tell the shop", task_run_name="tell the shop", **RETRYING)
def tell(patience: float, *, outlive: bool = True) -> Delivered:
    """Tell shops what is due, as it stands when they are told."""
    database, lease = Database.current(), settings().effect_lease
    log = get_run_logger().info
    return deliver_all(DELIVERY, database, actor(), lease=lease, patience=patience, log=log, outlive=outlive)
