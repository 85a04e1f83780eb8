"""Turns at a host, shared by all workers: taken some at a time over one connection, given out one by one to threads."""

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_AHEAD_SECONDS = 0.25
"""Turns are taken for so long at once: a dead worker leaves no longer gap, a stalled one makes no longer burst."""


class Turns:
    """When each request to a host may begin; threads share it.

    The host's turns are kept where the limits of other systems are, so that all workers keep to one rate together.
    """

    def __init__(self, connection: "Connection", host: str, per_second: float) -> None:
        """Take no turn yet.

        Args:
            connection: In autocommit; used by this object alone.
            host: Whose turns, e.g. 'host www.example.com'.
            per_second: How many requests may begin in a second; turns are evenly apart.
        """
        self._connection, self._host, self._per_second = connection, host, per_second
        self._lock = threading.Lock()
        self._next, self._left = 0.0, 0

    def wait(self, stopped: threading.Event) -> None:
        """Wait for the next turn, or until nothing more is to be asked."""
        with self._lock:
            if not self._left:
                self._left = max(1, int(self._per_second * _AHEAD_SECONDS))
                self._next = time.monotonic() + self._taken(self._left)
            due = self._next
            self._next += 1 / self._per_second
            self._left -= 1
        stopped.wait(max(0.0, due - time.monotonic()))

    def slow_down(self, per_second: float) -> None:
        """Let requests begin no more often than so from the next turns on, as the host asks for it."""
        with self._lock:
            if per_second < self._per_second:
                self._per_second, self._left = per_second, 0

    def hold_back(self, seconds: float) -> None:
        """Let nobody begin a request to this host for so long."""
        with self._lock:
            self._left = 0
            self._connection.execute(
                "INSERT INTO system_turn AS t (system, next_at)"
                " VALUES (%(host)s, clock_timestamp() + %(seconds)s * interval '1 second')"
                " ON CONFLICT (system) DO UPDATE SET next_at = greatest(t.next_at, excluded.next_at)",
                {"host": self._host, "seconds": seconds},
            )

    def _taken(self, count: int) -> float:
        """Take turns; returns how many seconds the first is away."""
        row = self._connection.execute(
            "INSERT INTO system_turn AS t (system, next_at)"
            " VALUES (%(host)s, clock_timestamp() + %(span)s * interval '1 second')"
            " ON CONFLICT (system) DO UPDATE"
            " SET next_at = greatest(t.next_at, clock_timestamp()) + %(span)s * interval '1 second'"
            " RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(span)s AS wait",
            {"host": self._host, "span": count / self._per_second},
        ).fetchone()
        return max(float(row["wait"]), 0.0) if row else 0.0
