"""The Prefect task of stock history."""

from datetime import tzinfo

from prefect import task
from prefect.artifacts import create_markdown_artifact

from blocks.database.engine import Database
from tasks.retrying import RETRYING
from tasks.stock_history.history import History, page
from tasks.stock_history.records import history


@task(name="tell the history", task_run_name="tell the history of {sku}", **RETRYING)
def tell(sku: str, warehouse: str | None, zone: tzinfo, limit: int) -> History:
    """Read the history of an article and leave it as a page."""
    with Database.current().connect() as connection:
        found = history(connection, sku, warehouse=warehouse, limit=limit)
    create_markdown_artifact(page(found, zone), key="stock-history", description=found.sentence())
    return found
