"""Keeps every system's limits across all workers: who may call now, and when the next call may begin."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database


def has_room(connection: "Connection", system: str, max_in_flight: int | None) -> bool:
    """Return whether one more worker may call the system; until the transaction ends nobody else is told so.

    A worker makes one call at a time, so each live lease is a call in flight. A dead worker's counts until it runs
    out: its last call may still be on its way.
    """
    if max_in_flight is None:
        return True
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (f"calls {system}",))
    row = connection.execute(
        "SELECT count(*) AS calls FROM lease WHERE system = %s AND until > clock_timestamp()", (system,)
    ).fetchone()
    return row is None or int(row["calls"]) < max_in_flight


def seconds_until_turn(database: "Database", system: str, calls_per_second: float) -> float:
    """Take the system's next turn to begin a call; returns how long to wait for it. Turns are evenly apart."""
    with database.connect(autocommit=True) as connection:
        row = connection.execute(
            "INSERT INTO system_turn AS t (system, next_at)"
            " VALUES (%(system)s, clock_timestamp() + %(apart)s * interval '1 second')"
            " ON CONFLICT (system) DO UPDATE"
            " SET next_at = greatest(t.next_at, clock_timestamp()) + %(apart)s * interval '1 second'"
            " RETURNING extract(epoch FROM next_at - clock_timestamp())::float8 - %(apart)s AS wait",
            {"system": system, "apart": 1 / calls_per_second},
        ).fetchone()
    return max(float(row["wait"]), 0.0) if row else 0.0
