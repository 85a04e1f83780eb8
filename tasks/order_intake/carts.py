"""The Prefect task that answers a cart, and its page: what each line can have, and why it cannot have more."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from blocks.database.engine import Database
from blocks.database.stock_position import Position, positions
from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table
from tasks.order_intake import records
from tasks.order_intake.availability import CartAnswer, CartLine, cart_availability
from tasks.retrying import RETRYING

KEY = "stock-availability"


@task(name="answer the cart", task_run_name="answer the cart", **RETRYING)
def answer(channel: str, cart: Sequence[CartLine]) -> list[dict[str, Any]]:
    """Answer a cart on one picture of the database, leave the page, and return the answers as data."""
    with Database.current().connect() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = cart_availability(connection, channel, cart)
        known = records.known_master(
            connection, channel, {line.sku for line in cart}, rules=records.rules_in_force(connection)
        )
        parts = {part.sku for article in known.articles.values() for part in article.components}
        shelves = list(positions(connection, sorted({line.sku for line in cart} | parts)))
    short = sum(each.free < each.wanted for each in found)
    sentence = f"{len(found) - short} of {len(found)} lines can be had in full." if short else "All of it is there."
    create_markdown_artifact(page(channel, sentence, found, shelves), key=KEY, description=sentence)
    get_run_logger().info(sentence)
    return [{name: _data(value) for name, value in asdict(each).items()} for each in found]


def page(channel: str, sentence: str, found: Sequence[CartAnswer], shelves: Sequence[Position]) -> str:
    """Return what people read of an answered cart."""
    lines = [
        [plain(each.sku), plain_decimal(each.wanted), f"**{plain_decimal(each.free)}**", _day(each.next_on),
         _day(each.more_on), each.more or "no"]
        for each in found
    ]  # fmt: skip
    stock = [
        [plain(at.sku), plain(at.warehouse), *map(plain_decimal, (at.on_hand, at.reserved, at.owed, at.safety)),
         f"**{plain_decimal(at.available)}**", plain_decimal(at.incoming), _day(at.next_on)]
        for at in sorted(shelves, key=lambda at: (at.sku, at.warehouse))
    ]  # fmt: skip
    head = ["Article", "Asked for", "Free now", "Next goods", "All of it by", "Sold beyond stock"]
    columns = ["Article", "Warehouse", "On hand", "Reserved", "Owed", "Kept back", "To promise", "On the way", "From"]
    return (
        f"# Availability in {plain(channel)}\n\n{sentence} Nothing was reserved by asking.\n\n{table(head, lines)}\n\n"
        f"## Where it stands\n\n{table(columns, stock)}\n"
    )


def _day(day: object) -> str:
    return str(day) if day else "-"


def _data(value: object) -> object:
    return value if value is None or isinstance(value, str) else str(value)
