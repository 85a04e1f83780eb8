"""The history of one article's stock as people read it. Pure: rows in, text and page out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from blocks.documents.base import plain_decimal
from blocks.markdown import plain, table
from tasks.stock_history.picture import drawing

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to the stock of an article in one warehouse.

    Attributes:
        at: When it happened.
        warehouse: Where.
        what: The kind of event, or 'reserved', 'given back', 'told'.
        quantity: What was said: pieces moved, or what was counted.
        delta: What that did to what is on hand.
        on_hand: What was on hand after it, as is known today.
        reserved: What was reserved after it.
        source: Who said so.
        text: What it stands on: a document, an order, why it was ignored.
        heard_at: When SOMS heard of it.
        ignored: Whether it came too late to change anything.
    """

    at: datetime
    warehouse: str
    what: str
    quantity: Decimal
    delta: Decimal
    on_hand: Decimal
    reserved: Decimal
    source: str
    text: str
    heard_at: datetime
    ignored: bool = False

    def sentence(self) -> str:
        """Return what happened in a few words, e.g. 'sale -1: 4 on hand, 1 reserved'."""
        moved = plain_decimal(self.quantity)
        moved = moved if self.what == "count" or self.quantity <= 0 else f"+{moved}"
        after = f"{plain_decimal(self.on_hand)} on hand, {plain_decimal(self.reserved)} reserved"
        told = f" ({self.text})" if self.text else ""
        return f"{self.what} {moved}: {after}{told}"


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to one article, oldest first, and how many earlier happenings are left out."""

    sku: str
    happenings: tuple[Happening, ...]
    earlier: int = 0

    @property
    def warehouses(self) -> tuple[str, ...]:
        """Return the warehouses it speaks of."""
        return tuple(sorted({each.warehouse for each in self.happenings}))

    def sentence(self) -> str:
        """Return where it stands now in one sentence."""
        if not self.happenings:
            return f"Nothing has happened to the stock of {self.sku}."
        now = [next(each for each in reversed(self.happenings) if each.warehouse == house) for house in self.warehouses]
        standing = "; ".join(
            f"{each.warehouse}: {plain_decimal(each.on_hand)} on hand, {plain_decimal(each.reserved)} reserved"
            for each in now
        )
        more = f", the newest of {len(self.happenings) + self.earlier}" if self.earlier else ""
        return f"{self.sku}: {len(self.happenings)} events{more}. {standing}."


def page(history: History, zone: tzinfo) -> str:
    """Return the history in Markdown: a picture of each warehouse, then every event, newest first."""
    parts = [f"# Stock history of {plain(history.sku)}", plain(history.sentence())]
    for house in history.warehouses:
        parts += [f"## {plain(house)}", drawing([each for each in history.happenings if each.warehouse == house], zone)]
    if history.happenings:
        rows = [_row(each, zone) for each in reversed(history.happenings)]
        head = ("happened (UTC)", plain(str(zone)), "warehouse", "what", "pieces", "on hand", "reserved", "by", "on")
        parts += ["## All events", table(head, rows)]
    return "\n\n".join(parts)


def _row(each: Happening, zone: tzinfo) -> Sequence[str]:
    moved = plain_decimal(each.quantity)
    moved = moved if each.what == "count" or each.quantity <= 0 else f"+{moved}"
    return (
        f"{each.at:%Y-%m-%d %H:%M:%S}", f"{each.at.astimezone(zone):%d.%m. %H:%M}", plain(each.warehouse), each.what,
        f"~~{moved}~~" if each.ignored else moved, plain_decimal(each.on_hand), plain_decimal(each.reserved),
        plain(each.source), plain(each.text),
    )  # fmt: skip
