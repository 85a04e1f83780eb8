"""The Prefect task that makes a rule of what a record's corrections teach."""

from functools import cache

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from blocks.database.audit import Actor
from blocks.database.engine import Database
from blocks.systems.registry import load_system
from tasks.order_intake.lesson_records import learn


@task(name="learn from corrections", task_run_name="learn from corrections", cache_policy=NO_CACHE)
def teach(actor: Actor, record: int, reason: str) -> tuple[str, ...]:
    """Make what a record's approved corrections teach the rules in force; returns it in sentences."""
    with Database.current().audited(actor) as (connection, trail):
        proposal, version = learn(connection, trail, cache(load_system), record, by=actor.name, reason=reason)
    known = "The rules in force say so already." if proposal.changes_nothing else f"Order rules version {version}."
    said = (*(lesson.sentence(proposal.channel) for lesson in proposal.lessons), known)
    get_run_logger().info(" ".join(said))
    return said
