"""Turns at a host, shared by all workers: taken some at a time over one connection, given out one by one to threads."""

import threading
import time
from collections import deque
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
        self._due: deque[float] = deque()
        self._asking, self._changes = False, 0

    def wait(self, stopped: threading.Event) -> None:
        """Wait for the next turn, or until nothing more is to be asked."""
        with self._lock:
            if not self._due:
                self._due.extend(self._taken(self._per_second))
            due = self._due.popleft()
            runs_out = not self._asking and len(self._due) <= self._per_second * _AHEAD_SECONDS / 2
            self._asking, changes, per_second = self._asking or runs_out, self._changes, self._per_second
        if runs_out:  # asked before they are used up, none is lost to a slow answer
            self._take_ahead(changes, per_second)
        stopped.wait(max(0.0, due - time.monotonic()))

    def _take_ahead(self, changes: int, per_second: float) -> None:
        more: list[float] = []
        try:
            more = self._taken(per_second)
        finally:
            with self._lock:
                self._asking = False
                if changes == self._changes:
                    self._due.extend(more)

    def slow_down(self, per_second: float) -> None:
        """Let requests begin no more often than so from the next turns on, as the host asks for it."""
        with self._lock:
            if per_second < self._per_second:
                self._per_second = per_second
                self._forget()

    def hold_back(self, seconds: float) -> None:
        """Let nobody begin a request to this host for so long."""
        with self._lock:
            self._forget()
            self._connection.execute(
                "INSERT INTO system_turn AS t (system, next_at)"
                " VALUES (%(host)s, clock_timestamp() + %(seconds)s * interval '1 second')"
                " ON CONFLICT (system) DO UPDATE SET next_at = greatest(t.next_at, excluded.next_at)",
                {"host": self._host, "seconds": seconds},
            )

    def _forget(self) -> None:
        self._due.clear()
        self._changes += 1

    def _taken(self, per_second: float) -> list[float]:
        """Take turns; returns when each is due, by this machine's monotonic clock."""
        count = max(1, int(per_second * _AHEAD_SECONDS))
        row = self._connection.execute(
            "INSERT INTO system_turn AS t (system, next_at)"
            " VALUES (%(host)s, clock_timestamp() + %(span)s * interval '1 second')"
            " ON CONFLICT (system) DO UPDATE"
            " SET next_at = greatest(t.next_at, clock_timestamp()) + %(span)s * interval '1 second'"
            " RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(span)s AS wait",
            {"host": self._host, "span": count / per_second},
        ).fetchone()
        first = time.monotonic() + (max(float(row["wait"]), 0.0) if row else 0.0)
        return [first + place / per_second for place in range(count)]
