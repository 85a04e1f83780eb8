"""The Prefect tasks of replenishment: hear what is on its way, look back, plan, order."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks.database import incoming_goods, stock_rules
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.errors import Unsupported
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.replenishment import deciding
from tasks.replenishment.ordering import DELIVERY
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from tasks.replenishment.demand import Pattern
    from tasks.replenishment.history import Scope
    from tasks.replenishment.looking_back import BackTest
    from tasks.replenishment.planning import Plan


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=deciding.PROCESS, run_id=str(flow_run.id or ""))


@task(name="hear what is on its way", task_run_name="hear what is on its way", **RETRYING)
def hear_goods_due() -> int:
    """Read anew what the ERP has on its way; an ERP that does not say leaves what is known as it is."""
    with Database.current().connect() as connection:
        erp = stock_rules.in_force(connection).replenishment.erp
        try:
            pages = load_system(erp).goods_due()
            return incoming_goods.replace(connection, erp, pages)
        except Unsupported as error:
            connection.rollback()
            get_run_logger().warning("%s Only what SOMS ordered itself counts as on its way.", error)
            return 0


@task(name="look back", task_run_name="look back", **RETRYING)
def look_back(scope: "Scope") -> "BackTest":
    """Try the methods of forecasting on the past, and choose one for each pattern of demand."""
    from tasks.replenishment import planning  # noqa: PLC0415 - numpy, which the desk of purchases does without

    return planning.look_back(Database.current(), scope)


@task(name="plan", task_run_name="plan", **RETRYING)
def plan(scope: "Scope", chosen: "Mapping[Pattern, str]", *, dry_run: bool) -> "Plan":
    """Say what is to be bought, propose it, open and close alerts."""
    from tasks.replenishment import planning  # noqa: PLC0415 - as above

    database = Database.current()
    if not dry_run:
        with database.audited(actor()) as (connection, trail):
            deciding.give_up_abandoned(connection, trail)
    return planning.plan(database, actor(), scope, chosen, log=get_run_logger().info, dry_run=dry_run)


@task(name="order", task_run_name="order", **RETRYING)
def order(patience: float) -> Delivered:
    """Ask the ERP to buy what people have approved."""
    database, lease = Database.current(), settings().effect_lease
    return deliver_all(DELIVERY, database, actor(), lease=lease, patience=patience, log=get_run_logger().info)
