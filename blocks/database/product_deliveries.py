"""Deliveries of sources as the gate judged them: what was let in, what was stopped, and what people decided on it."""

from typing import TYPE_CHECKING, Any

from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def last_size(connection: "Connection", *, channel: str, source: str) -> int | None:
    """Return how many products the source gave when it was last let in, or None at its first time."""
    row = connection.execute(
        "SELECT products FROM product_delivery WHERE channel = %s AND source = %s AND state IN ('let_in', 'released')"
        " ORDER BY id DESC LIMIT 1",
        (channel, source),
    ).fetchone()
    return int(row["products"]) if row else None


_RELEASED = """
SELECT d.id FROM product_delivery d WHERE d.channel = %(channel)s AND d.source = %(source)s AND d.state = 'released'
AND NOT EXISTS (SELECT FROM product_delivery n WHERE n.channel = d.channel AND n.source = d.source AND n.id > d.id
  AND n.state IN ('let_in', 'stopped')) AND abs(d.products - %(products)s) <= greatest(1, d.products / 20)
"""


def is_released(connection: "Connection", *, channel: str, source: str, products: int) -> bool:
    """Return whether a person has let in what was stopped last, and this delivery is of the same size within 5 %."""
    wanted = {"channel": channel, "source": source, "products": products}
    return connection.execute(_RELEASED, wanted).fetchone() is not None


def note_delivery(
    connection: "Connection", trail: "Trail", *, channel: str, source: str, products: int, matched: int, why: str
) -> int:
    """Keep how a delivery was judged: let in, or stopped with the reason. Returns its number.

    What is stopped again for the same reason and size is not noted again; nor is one that is let in as before.
    """
    state = "stopped" if why else "let_in"
    last = connection.execute(
        "SELECT id, products, matched, state, why FROM product_delivery WHERE channel = %s AND source = %s"
        " ORDER BY id DESC LIMIT 1",
        (channel, source),
    ).fetchone()
    same = (products, matched, state, why)
    if last and (last["products"], last["matched"], last["state"], last["why"]) == same:
        return int(last["id"])
    row = connection.execute(
        "INSERT INTO product_delivery (channel, source, products, matched, state, why, run_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (channel, source, products, matched, state, why, trail.actor.run_id),
    ).fetchone()
    number = int(row["id"]) if row else 0
    facts = {"source": source, "products": products, "matched": matched, "why": why}
    trail.add(f"product_delivery.{state}", f"source/{source}", [("product_delivery", number)], facts)
    return number


def decide_delivery(
    connection: "Connection", trail: "Trail", number: int, *, channel: str, release: bool, by: str, reason: str
) -> dict[str, Any]:
    """Let in or discard a delivery that was stopped; the next run takes in what the source gives then.

    Raises:
        WrongUse: There is no such delivery, or it does not wait.
    """
    state = "released" if release else "discarded"
    row = connection.execute(
        "UPDATE product_delivery SET state = %s, decided_by = %s, decided_at = now(), reason = %s"
        " WHERE id = %s AND channel = %s AND state = 'stopped' RETURNING id, source",
        (state, by, reason, number, channel),
    ).fetchone()
    if row is None:
        raise WrongUse(f"Delivery {number} does not wait: see `soms products deliveries`.")
    facts = {"by": by, "reason": reason}
    trail.add(f"product_delivery.{state}", f"source/{row['source']}", [("product_delivery", number)], facts)
    return row


def deliveries(connection: "Connection", *, channel: str | None, limit: int) -> list[dict[str, Any]]:
    """Return deliveries, newest first."""
    return connection.execute(
        "SELECT id, channel, source, products, matched, state, why, at, decided_by FROM product_delivery"
        " WHERE %(channel)s::text IS NULL OR channel = %(channel)s ORDER BY id DESC LIMIT %(limit)s",
        {"channel": channel, "limit": limit},
    ).fetchall()
