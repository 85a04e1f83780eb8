"""The Prefect task of audit verification."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from blocks.database.audit_verification import Verification, anchor, verify
from blocks.database.engine import Database
from blocks.settings import settings
from tasks.retrying import retry_when_later


@task(
    name="prove the audit trail",
    task_run_name="prove the audit trail",
    retries=2,
    retry_delay_seconds=10,
    retry_condition_fn=retry_when_later,
    cache_policy=NO_CACHE,
)
def prove() -> Verification:
    """Verify the whole trail on one picture of the database; a trail in order is anchored."""
    database, anchors = Database.current(), settings().audit_anchor
    result = verify(database, anchors)
    if not result.findings:
        anchor(database, anchors)
    return result
