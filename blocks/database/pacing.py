"""Spaces the requests of all workers to a system evenly, as its limit of calls per second says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from blocks.database.system_limits import seconds_until_turn
from blocks.systems.pace import before_each_request

if TYPE_CHECKING:
    from blocks.database.engine import Database


@contextmanager
def paced(database: "Database", system: str, calls_per_second: float | None) -> Iterator[None]:
    """Let every HTTP request of this block begin only when it is the system's turn, all workers taken together.

    Args:
        database: Where the turns are kept.
        system: Whose, e.g. 'smartstore-shop/berlin'.
        calls_per_second: Its limit; None is no limit.
    """
    if not calls_per_second:
        yield
        return

    def wait() -> None:
        time.sleep(seconds_until_turn(database, system, calls_per_second))

    with before_each_request(wait):
        yield
