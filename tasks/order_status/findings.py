"""What the report of a run reads in Postgres."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasks.order_status.ruling import PROCESS

if TYPE_CHECKING:
    from blocks.database.engine import Connection

_ENTRIES = (
    "SELECT o.external_id AS order, e.system, e.system_status AS word, e.status, e.outcome, e.reason,"
    " e.reported_at AS at, o.lifecycle FROM order_status_entry e JOIN sales_order o ON o.id = e.order_id"
)


def by_status(connection: "Connection", channel: str) -> list[dict[str, Any]]:
    """Return how many of a channel's orders of the last 90 days are in each status."""
    return connection.execute(
        "SELECT lifecycle AS status, count(*) AS orders FROM sales_order"
        " WHERE channel = %s AND booked_at > now() - interval '90 days' GROUP BY 1 ORDER BY 2 DESC",
        (channel,),
    ).fetchall()


def heard_by(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return what one run heard anew, newest first."""
    return connection.execute(
        f"{_ENTRIES} WHERE e.run_id = %s AND e.recorded_at > now() - interval '1 day' AND %s <> ''"
        " ORDER BY e.id DESC LIMIT %s",
        (run_id, run_id, limit),
    ).fetchall()


def contested(connection: "Connection", *, run_id: str, limit: int) -> list[dict[str, Any]]:
    """Return what one run overruled, newest first."""
    return connection.execute(
        f"{_ENTRIES} WHERE e.run_id = %s AND e.recorded_at > now() - interval '1 day' AND %s <> ''"
        " AND e.outcome = 'overruled' AND e.status <> '' ORDER BY e.id DESC LIMIT %s",
        (run_id, run_id, limit),
    ).fetchall()


def unmapped_words(connection: "Connection", *, limit: int) -> list[dict[str, Any]]:
    """Return words that nobody has mapped and that are still the last their system said of an order."""
    return connection.execute(
        "SELECT e.system, e.system_status AS word, count(*) AS orders, min(o.external_id) AS example"
        " FROM order_status_entry e JOIN sales_order o ON o.id = e.order_id WHERE e.outcome = 'unmapped'"
        " AND NOT EXISTS (SELECT FROM order_status_entry later WHERE later.order_id = e.order_id"
        " AND later.system = e.system AND later.id > e.id) GROUP BY 1, 2 ORDER BY 3 DESC LIMIT %s",
        (limit,),
    ).fetchall()


def lags(connection: "Connection", *, systems: Sequence[str]) -> list[dict[str, Any]]:
    """Return how far systems lagged behind each other in the last 24 hours, in seconds."""
    return connection.execute(
        "WITH recent AS (SELECT e.order_id, e.system, e.recorded_at, e.reported_at, o.booked_at"
        " FROM order_status_entry e JOIN sales_order o ON o.id = e.order_id"
        " WHERE recorded_at > now() - interval '1 day')"
        " SELECT system, direction, count(*) AS count,"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY lag)::float8 AS median, max(lag)::float8 AS longest FROM ("
        "SELECT system, 'heard' AS direction, extract(epoch FROM recorded_at - reported_at) AS lag FROM recent"
        " WHERE reported_at >= booked_at AND system = ANY(%s) UNION ALL"
        " SELECT f.system, 'told', extract(epoch FROM f.settled_at - f.created_at) FROM effect f"
        " JOIN (SELECT DISTINCT order_id FROM recent) r ON f.subject = 'sales_order/' || r.order_id"
        " WHERE f.process = %s AND f.state = 'done' AND f.system = ANY(%s)) each GROUP BY 1, 2 ORDER BY 1, 2",
        (list(systems), PROCESS, list(systems)),
    ).fetchall()


def history_of(connection: "Connection", external_id: str, channel: str | None) -> list[dict[str, Any]]:
    """Return everything that was said of an order's status, in the order in which it was recorded."""
    return connection.execute(
        f"{_ENTRIES.replace('SELECT', 'SELECT o.channel,', 1)} WHERE o.external_id = %s"
        " AND (%s::text IS NULL OR o.channel = %s) ORDER BY o.channel, e.id",
        (external_id, channel, channel),
    ).fetchall()
