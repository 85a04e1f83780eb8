"""The Prefect task of the order story."""

from zoneinfo import ZoneInfo

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from blocks.database.engine import Database
from tasks.order_story.records import story
from tasks.order_story.reporting import page
from tasks.order_story.story import Story
from tasks.retrying import RETRYING


@task(name="tell the story", task_run_name="tell the story", **RETRYING)
def tell(order: str, zone: ZoneInfo) -> Story:
    """Read everything that is known of one order on one picture of the database, and leave it as an artifact."""
    with Database.current().connect() as connection:
        found = story(connection, order)
    create_markdown_artifact(page(found, zone), key="order-story", description=found.sentence())
    get_run_logger().info(found.sentence())
    return found
