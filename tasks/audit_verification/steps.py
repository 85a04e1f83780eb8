"""The Prefect tasks of audit verification."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from blocks.database.audit_verification import Verification, anchor, verify
from blocks.database.engine import Database
from blocks.database.stock_laws import StockProof, prove_stock
from blocks.settings import settings
from tasks.retrying import retry_when_later

_PROVING: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": 10,
    "retry_condition_fn": retry_when_later,
    "cache_policy": NO_CACHE,
}


@task(name="prove the audit trail", task_run_name="prove the audit trail", **_PROVING)
def prove() -> Verification:
    """Verify the whole trail on one picture of the database; a trail in order is anchored."""
    database, anchors = Database.current(), settings().audit_anchor
    result = verify(database, anchors)
    if not result.findings:
        anchor(database, anchors)
    return result


@task(name="prove the laws of stock", task_run_name="prove the laws of stock", **_PROVING)
def prove_laws() -> StockProof:
    """Check that the stock ledger adds up to what is on hand, and reservations to what is reserved."""
    with Database.current().connect() as connection:
        return prove_stock(connection, trail=False)
