"""Stock within seconds: a run that asks a source every few seconds what moved, and tells whoever follows at once.

It does nothing that the regular run does not do, so a watcher that is killed or missed loses nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocks.database.stock_hearing import Heard, hear
from blocks.errors import TryAgainLater
from blocks.systems.registry import load_system

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database
    from blocks.systems.stock import StockSource

LONGEST_PAUSE = 30.0

Log = Callable[[str], None]
Follow = Callable[[Log], bool]
"""Does what follows from what moved; returns whether there was anything to do."""


@dataclass(slots=True)
class Listening:
    """Hears one source, round by round; one that does not answer is asked ever more seldom.

    Attributes:
        database: Where stock is kept.
        actor: Who acts.
        source: The source's connection, e.g. 'tryton-erp/main'.
        every: Seconds between two questions.
        heard: What was heard, all rounds together.
        looks: How often the source was asked.
        silences: How often it gave no answer.
    """

    database: "Database"
    actor: "Actor"
    source: str
    every: float
    heard: Heard = field(default_factory=Heard)
    looks: int = 0
    silences: int = 0
    _system: "StockSource | None" = None
    _silent: int = 0
    _ask_at: float = 0.0

    def once(self, log: Log) -> None:
        """Ask what moved, unless the source is given time to recover.

        Raises:
            Refused: The source refuses to be asked at all.
        """
        if time.monotonic() < self._ask_at:
            return
        self.looks += 1
        try:
            self._system = self._system or load_system(self.source)
            heard = hear(self.database, self.actor, source=self.source, system=self._system)
        except TryAgainLater as error:
            self._silent += 1
            self.silences += 1
            self._ask_at = time.monotonic() + min(self.every * 2 ** min(self._silent, 5), LONGEST_PAUSE)
            if self._silent == 1:
                log(f"{error} Asking again, ever more seldom, until it answers.")
            return
        self._silent = 0
        self.heard += heard
        if heard.booked.events:
            log(f"{heard.booked.events} movements, {len(heard.booked.skus)} articles changed.")


def watch(listening: Listening, follow: Follow, *, until: datetime, log: Log) -> None:
    """Listen every few seconds until the time is over, and do each time what follows from it.

    Raises:
        Refused: The source refuses to be asked at all.
    """
    while datetime.now(UTC) < until:
        begun = time.monotonic()
        listening.once(log)
        try:
            follow(log)
        except TryAgainLater as error:
            log(f"{error} Going on with the next round.")
        rest = listening.every - (time.monotonic() - begun)
        time.sleep(max(0.0, min(rest, (until - datetime.now(UTC)).total_seconds())))
