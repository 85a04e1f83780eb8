"""Which order a person means: by the number the customer was told, an id of shop or ERP, or channel and number."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.errors import WrongUse

if TYPE_CHECKING:
    from blocks.database.engine import Connection

MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Named:
    """One order: booked (``order_id``), or known only by records that came in."""

    channel: str
    external_id: str
    number: str
    order_id: int | None
    inbox_ids: tuple[int, ...]

    @property
    def title(self) -> str:
        """Return the order's name as people write it, e.g. 'BERLIN-4711'."""
        return f"{self.channel.upper()}-{self.number or self.external_id}"


def find(connection: "Connection", text: str) -> Named:
    """Return the one order that a text names.

    Args:
        connection: Where to ask.
        text: E.g. '4711', 'BERLIN-4711', 'SOMS-berlin-4711' or the ERP's number.

    Raises:
        WrongUse: No order is called so, or several are; names them.
    """
    wanted = text.strip()
    found = _booked(connection, wanted) or _received(connection, wanted)
    if not found:
        raise WrongUse(f"No order is called '{wanted[:80]}': give its number, the shop's id, or BERLIN-4711.")
    if len(found) > 1:
        named = ", ".join(each.title for each in found[:MOST_NAMED])
        raise WrongUse(f"Several orders are called '{wanted[:80]}': say which, e.g. {named}.")
    return found[0]


def _booked(connection: "Connection", wanted: str) -> list[Named]:
    rows = connection.execute(
        "SELECT o.id, o.channel, o.external_id, o.number, ARRAY("
        "  SELECT i.id FROM inbox i JOIN inbox first ON first.id = o.inbox_id"
        "  WHERE i.source = first.source AND i.kind = first.kind AND i.external_id = o.external_id"
        "  UNION SELECT o.inbox_id UNION SELECT v.inbox_id FROM order_version v WHERE v.order_id = o.id ORDER BY 1"
        " ) AS inbox_ids FROM sales_order o"
        " WHERE %(t)s IN (o.external_id, o.number, o.erp_number)"
        " OR lower(%(t)s) IN (lower(o.channel || '-' || o.external_id), lower(o.channel || '-' || o.number),"
        " lower('soms-' || o.channel || '-' || o.external_id)) ORDER BY o.id LIMIT %(most)s",
        {"t": wanted, "most": MOST_NAMED + 1},
    )
    return [
        Named(row["channel"], row["external_id"], row["number"], row["id"], tuple(row["inbox_ids"])) for row in rows
    ]


def _received(connection: "Connection", wanted: str) -> list[Named]:
    rows = connection.execute(
        "SELECT source, external_id, array_agg(id ORDER BY id) AS inbox_ids FROM inbox WHERE kind = 'order'"
        " AND (external_id = %(t)s OR lower(split_part(source, '/', 2) || '-' || external_id) = lower(%(t)s))"
        " GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %(most)s",
        {"t": wanted, "most": MOST_NAMED + 1},
    )
    return [
        Named(row["source"].rpartition("/")[2], row["external_id"], "", None, tuple(row["inbox_ids"])) for row in rows
    ]
