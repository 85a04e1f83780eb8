"""Shop listing within seconds: what moved a moment ago is worked out anew and told at once; for runs that watch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from blocks.database import effects, listings
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.listings import PROCESS, Refreshed
from tasks.shop_listing import records, refreshing
from tasks.shop_listing.refreshing import OVERLAP
from tasks.shop_listing.telling import DELIVERY

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database

PATIENCE = 1.0
"""Seconds a round waits for a shop that puts calls off: the next round tries again anyway."""


@dataclass(slots=True)
class Following:
    """Follows stock for one shop, round by round.

    Attributes:
        database: Where stock is kept.
        actor: Who acts.
        system: The shop, e.g. 'smartstore-shop/berlin'.
        lease: Seconds after which a dead worker's calls fall free.
        refreshed: What was worked out, all rounds together.
        delivered: What was told, all rounds together.
    """

    database: "Database"
    actor: "Actor"
    system: str
    lease: float
    refreshed: Refreshed = field(default_factory=Refreshed)
    delivered: Delivered = field(default_factory=Delivered)
    _since: datetime | None = None

    def once(self, log: Callable[[str], None]) -> bool:
        """Work out and tell what moved since the last round, and what is due besides; returns whether anything was.

        A round begins an overlap before the last one: what was written before may have been committed after. The first
        round works out everything that differs.
        """
        channel = self.system.partition("/")[2]
        with self.database.connect() as connection:
            begun = records.clock(connection)
            moved = refreshing.moved_since(connection, channel, self._since - OVERLAP) if self._since else []
        if self._since is None:
            found = refreshing.refresh_all(self.database, self.actor, channel=channel, system=self.system)
        else:
            found = self._refresh(channel, moved)
        self._since = begun
        self.refreshed += found
        return self._tell(log) or bool(found.changed)

    def _refresh(self, channel: str, moved: list[str]) -> Refreshed:
        """Refresh those of the moved that differ: within the overlap most were dealt with in an earlier round."""
        found = Refreshed()
        if moved:
            with self.database.connect() as reading:
                for skus in listings.differing(reading, channel, moved):
                    found += refreshing.refresh_some(
                        self.database, self.actor, channel=channel, system=self.system, skus=skus
                    )
        return found

    def _tell(self, log: Callable[[str], None]) -> bool:
        with self.database.connect() as connection:
            ahead = effects.outlook(connection, process=PROCESS)
        if not any(wait is not None and wait <= 0 for wait in (ahead.due, ahead.claimed)):
            return False
        self.delivered += deliver_all(
            DELIVERY, self.database, self.actor, lease=self.lease, patience=PATIENCE, log=log, outlive=False
        )
        return True
