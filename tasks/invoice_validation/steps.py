"""The Prefect tasks of invoice validation: learn the supply, take, plan, judge a chunk, deliver, rehearse.

Chunks are submitted, so that any task runner can carry them.
"""

from dataclasses import dataclass
from datetime import date

from prefect import get_run_logger, task
from prefect.runtime import flow_run

from blocks import quality
from blocks.database import invoice_evidence
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.received_invoices import Destination
from blocks.settings import settings
from blocks.systems.registry import load_system
from tasks.invoice_validation import judging, rehearsal
from tasks.invoice_validation.booking import Tally
from tasks.invoice_validation.delivering import DELIVERY, hear_payments
from tasks.invoice_validation.expectations import INVOICES
from tasks.invoice_validation.judging import Chunk
from tasks.invoice_validation.learning_supply import learn_supply
from tasks.invoice_validation.onward import PROCESS
from tasks.invoice_validation.supply_held import hold
from tasks.retrying import RETRYING


@dataclass(frozen=True, slots=True)
class Manner:
    """How invoices are judged: by how many processes, whether those judged before are judged anew."""

    jobs: int = 0
    again: bool = False


def actor() -> Actor:
    """Return who acts: this flow run."""
    return Actor(process=PROCESS, run_id=str(flow_run.id or ""))


@task(name="learn the supply", task_run_name="learn what {erp} ordered and received", **RETRYING)
def learn(erp: str) -> None:
    """Read what has changed of suppliers, orders and receipts in the ERP since the last time."""
    learnt = learn_supply(Database.current(), actor(), load_system(erp), erp)
    get_run_logger().info(f"Learnt of {erp}: {learnt}")


@task(name="take", task_run_name="take what was read of {source}", **RETRYING)
def take(source: str, destination: Destination, since: date | None = None) -> int:
    """Take every conversion of the source that is no invoice yet; returns how many."""
    taken = judging.take(Database.current(), actor(), source, destination, since=since)
    get_run_logger().info(f"Took {taken} invoices of {source}.")
    return taken


@task(name="plan", task_run_name="plan the chunks of {source}", **RETRYING)
def plan(source: str) -> list[Chunk]:
    """Return the invoices that nobody has decided, in chunks."""
    with Database.current().connect() as connection:
        return judging.chunks_of(connection, source)


@task(name="judge a chunk", task_run_name="judge a chunk", **RETRYING)
def judge_chunk(chunk: Chunk, manner: Manner) -> tuple[Tally, float]:
    """Judge what is new or has changed, hold all against the supply, book in one transaction."""
    tally, seconds = judging.judge(
        Database.current(), actor(), chunk, hold=hold, jobs=manner.jobs, again=manner.again,
        gate=lambda rows: quality.judge(INVOICES, rows),
    )  # fmt: skip
    get_run_logger().info(
        f"Judged {tally.judged} new invoices and {tally.again} otherwise than before in {seconds:.1f} seconds:"
        f" {tally.approved} approved by rule, {tally.waiting} wait."
    )
    return tally, seconds


@task(name="deliver", task_run_name="deliver", **RETRYING)
def deliver(patience: float) -> Delivered:
    """Carry out what is due: bills in the ERP, answers to suppliers, each once."""
    log, lease = get_run_logger().info, settings().effect_lease
    delivered = deliver_all(DELIVERY, Database.current(), actor(), lease=lease, patience=patience, log=log)
    with Database.current().audited(actor()) as (connection, trail):
        invoice_evidence.keep_new(connection, trail)
    return delivered


@task(name="hear payments", task_run_name="hear payments", **RETRYING)
def hear() -> int:
    """Ask the ERPs which bills are paid, and note it; returns how many are paid now."""
    paid = hear_payments(Database.current(), actor())
    get_run_logger().info(f"{paid} invoices are paid now.")
    return paid


@task(name="rehearse", task_run_name="rehearse", **RETRYING)
def rehearse(source: str, destination: Destination, manner: Manner) -> tuple[Tally, float]:
    """Judge what was read and what waits, and keep nothing."""
    return rehearsal.rehearse(Database.current(), actor(), source, destination, hold=hold, jobs=manner.jobs)
