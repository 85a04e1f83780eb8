"""The Prefect tasks of inventory reconciliation: compare the ERP, compare the shop, report."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from blocks.database import stock_rules
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.database.stock_hearing import hear
from blocks.documents.stock import StockLevel
from blocks.errors import Refused, Unsupported, WrongUse
from blocks.systems.registry import load_system
from tasks.inventory_reconciliation import records
from tasks.inventory_reconciliation.levels import compare_levels
from tasks.inventory_reconciliation.outcome import Outcome
from tasks.inventory_reconciliation.scope import Scope
from tasks.inventory_reconciliation.scoping import Wanted, scope_of
from tasks.inventory_reconciliation.shelves import Release, compare_listings
from tasks.inventory_reconciliation.summary import Answered, ReconciliationSummary, page
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from blocks.systems.erps.contract import Erp

PROCESS = "inventory_reconciliation"
RUNS_SHOWN = 30


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


def channel_of(shop: str) -> str:
    """Return the channel name of a connected shop: what stands behind the slash."""
    return shop.partition("/")[2]


@task(name="find out which articles", task_run_name="find out which articles", cache_policy=NO_CACHE)
def narrow(shop: str, wanted: Wanted) -> Scope:
    """Return which articles a person means.

    Raises:
        WrongUse: None of them is known.
    """
    with Database.current().connect() as connection:
        rules = stock_rules.in_force(connection)
        scope = scope_of(connection, rules, channel_of(shop), wanted)
    if scope.skus is not None and not scope.skus:
        raise WrongUse(f"No article is meant by {scope.sentence()}: see `soms stock rules show` and master data.")
    return scope


@task(name="compare the ERP", task_run_name="compare the ERP", **RETRYING)
def reconcile_levels(erp: str, scope: Scope, *, rehearsal: bool) -> Outcome | None:
    """Compare the ERP's levels with our books; None for an ERP that does not tell them.

    What moved is heard before the levels are read and after, so that no movement looks like a difference.
    """
    database, system = Database.current(), load_system(erp)
    try:
        pages = _heard_around(system.stock(), _hearing(database, erp, system)) if not rehearsal else system.stock()
        return compare_levels(database, actor(), pages, scope, system=erp, rehearsal=rehearsal)
    except Unsupported:
        return None


def _hearing(database: Database, name: str, system: "Erp") -> Callable[[], None]:
    """Return what hears an ERP's movements; one that does not tell them is not asked."""

    def listen() -> None:
        try:
            hear(database, actor(), source=name, system=system)
        except Unsupported:
            return

    return listen


def _heard_around(
    pages: Iterator[tuple[StockLevel, ...]], listen: Callable[[], None]
) -> Iterator[tuple[StockLevel, ...]]:
    listen()
    yield from pages
    listen()


@task(name="compare the shop", task_run_name="compare the shop", **RETRYING)
def reconcile_listings(shop: str, scope: Scope, *, looked: int, release: Release | None, rehearsal: bool) -> Outcome:
    """Compare what the shop was just seen to show with what it shall show, and make due what differs.

    Raises:
        Refused: The shop named no article at all when it was ``looked`` at.
    """
    if not looked and scope.whole:
        raise Refused(
            f"{shop} shows no articles at all, so nothing was compared. Check the shop's catalogue and the rights of"
            " its API user."
        )
    return compare_listings(
        Database.current(), actor(), scope, channel=channel_of(shop), system=shop, release=release, rehearsal=rehearsal
    )


@task(name="report", task_run_name="report", cache_policy=NO_CACHE)
def report(
    scope: Scope, levels: Outcome | None, listings: Outcome | None, delivered: Delivered, *, rehearsal: bool
) -> ReconciliationSummary:
    """Leave the run's page at *Artifacts*."""
    answered = Answered(delivered.done, delivered.refused, delivered.put_off)
    summary = ReconciliationSummary(scope.sentence(), levels, listings, answered, rehearsal)
    with Database.current().connect() as connection:
        runs = {each.name: records.recent(connection, each.name, limit=RUNS_SHOWN) for each in summary.outcomes}
    key = f"inventory-reconciliation-{_slug(listings.name if listings else levels.name if levels else 'none')}"
    create_markdown_artifact(page(summary, runs), key=key, description=summary.sentence())
    return summary


def _slug(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
