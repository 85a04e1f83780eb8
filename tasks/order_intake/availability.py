"""What a cart can have now, and when the rest: asked before an order exists, and nothing is reserved by asking."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from blocks.database import stock_rules
from blocks.database.incoming_goods import Receipt, receipts
from blocks.database.stock_position import positions
from blocks.documents.base import plain_decimal
from blocks.documents.orders import Component
from blocks.errors import WrongUse
from tasks.order_intake import records
from tasks.order_intake.allocation import Demand, Shelf, promise
from tasks.order_intake.rules import KnownMaster
from tasks.order_intake.splitting import Need

if TYPE_CHECKING:
    from blocks.database.engine import Connection

ONE = Decimal(1)
MOST_LINES = 1000
MOST_PIECES = 1_000_000


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart: pieces of an article, a pack or a bundle."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class CartAnswer:
    """What a cart's line can have.

    Attributes:
        sku: The article.
        wanted: Pieces asked for.
        free: Whole pieces that would be reserved if the cart were ordered now, the lines before it served first, less
            the safety stock.
        more: How the rest may be sold although it is not there: backorder, preorder, or empty: not at all.
        next_on: When the next goods come in of something the rest lacks; None when nothing of it has a day.
        more_on: When the whole rest is expected: by receipts that are due, or else the day that master data names.
    """

    sku: str
    wanted: Decimal
    free: Decimal
    more: str = ""
    next_on: date | None = None
    more_on: date | None = None

    def sentence(self) -> str:
        """Return the answer as people read it, without the article's name."""
        there = f"{plain_decimal(self.free)} of {plain_decimal(self.wanted)}; "
        if self.free >= self.wanted:
            return there + "all there"
        more = {"backorder": "the rest is sold beyond stock", "preorder": "the rest can be pre-ordered"}
        words = [more.get(self.more, "no more now" if self.more_on or self.next_on else "no more")]
        if self.next_on and self.next_on != self.more_on:
            words.append(f"next goods {self.next_on}")
        if self.more_on:
            words.append(f"the rest is expected {self.more_on}")
        return there + ", ".join(words)


def cart_availability(
    connection: "Connection", channel: str, cart: Sequence[CartLine], *, today: date | None = None
) -> list[CartAnswer]:
    """Return what each line of a cart can have at this moment, by the rules by which orders are served.

    Lines are served in their order; parts that several bundles share are counted together. Nothing is locked and
    nothing is reserved: a customer who orders before this one gets the pieces. A receipt that is overdue promises
    nothing.

    Args:
        connection: Only read from.
        channel: Whose articles, and whose warehouses.
        cart: The lines.
        today: The day of asking; None for today, UTC.

    Raises:
        WrongUse: A line asks for nothing, an article is unknown in the channel, or the cart is too long.
    """
    if len(cart) > MOST_LINES:
        raise WrongUse(f"A cart has at most {MOST_LINES} lines; this one has {len(cart)}.")
    for line in cart:
        if line.quantity.is_finite() and line.quantity > MOST_PIECES:
            raise WrongUse(f"Ask for at most {MOST_PIECES} pieces of {line.sku}.")
        if not line.quantity.is_finite() or line.quantity <= 0 or line.quantity % 1:
            raise WrongUse(f"Ask for whole pieces of {line.sku}, one or more, not {line.quantity}.")
    rules = records.rules_in_force(connection)
    known = records.known_master(connection, channel, {line.sku for line in cart}, rules=rules)
    unknown = sorted({line.sku for line in cart} - known.articles.keys())
    if unknown:
        raise WrongUse(f"Article {unknown[0]} is not known in channel '{channel}'.")
    parts = sorted({sku for line in cart for sku in _per_piece(line.sku, known)})
    settings = stock_rules.in_force(connection)
    there = {(at.warehouse, at.sku): at.available for at in positions(connection, parts, rules=settings)}
    houses = rules.allocation.preferred(records.warehouses(connection, channel))
    due = receipts(connection, parts, today or datetime.now(UTC).date())
    return answers(cart, known, Shelf(there, houses, rules.allocation), due)


def answers(
    cart: Sequence[CartLine], known: KnownMaster, shelf: Shelf, due: Sequence[Receipt] = ()
) -> list[CartAnswer]:
    """Return what each line can have from this shelf, and when the rest by what is due. Pure.

    A line's rest is reckoned beside the lines before it as they were asked for, not only as far as they are served.
    """
    served: list[CartLine] = []
    found = []
    for place, line in enumerate(cart, 1):
        free = _most(served, line, known, shelf)
        if free:
            served.append(CartLine(line.sku, free))
        if free == line.quantity:
            found.append(CartAnswer(line.sku, line.quantity, free))
            continue
        article = known.articles[line.sku]
        beyond = promise(known.rules.allocation, article, article)
        next_on, more_on = _expected(cart[:place], known, shelf, due)
        told = more_on or (beyond.on if beyond else None) or article.available_on
        found.append(CartAnswer(line.sku, line.quantity, free, beyond.kind if beyond else "", next_on, told))
    return found


def _most(served: Sequence[CartLine], line: CartLine, known: KnownMaster, shelf: Shelf) -> Decimal:
    """Return the most pieces of a line that fit beside the lines before it, by halving."""
    least, most = 0, int(line.quantity)
    while least < most:
        middle = (least + most + 1) // 2
        fits = shelf.could_serve(_demand([*served, CartLine(line.sku, Decimal(middle))], known))
        least, most = (middle, most) if fits else (least, middle - 1)
    return Decimal(least)


def _expected(
    cart: Sequence[CartLine], known: KnownMaster, shelf: Shelf, due: Sequence[Receipt]
) -> tuple[date | None, date | None]:
    """Return when the next goods come in that the cart's last line lacks, and when all lines could be served."""
    wanted = _demand(cart, known)
    own = _per_piece(cart[-1].sku, known)
    lacking = {sku for sku in own if _there(shelf, sku) < wanted.pieces[sku]}
    coming = [each for each in due if each.warehouse in shelf.warehouses and each.sku in wanted.pieces]
    days = sorted({each.on for each in coming})
    enough = bisect_left(days, True, key=lambda day: _by(day, shelf, coming).could_serve(wanted))  # noqa: FBT003 - the key's value
    next_on = next((each.on for each in coming if each.sku in (lacking or own)), None)
    return next_on, days[enough] if enough < len(days) else None


def _by(day: date, shelf: Shelf, coming: Sequence[Receipt]) -> Shelf:
    """Return the shelf as it is when everything that is due by a day has come in."""
    then = shelf.copy()
    for each in coming:
        if each.on <= day:
            then.put({(each.warehouse, each.sku): each.quantity})
    return then


def _there(shelf: Shelf, sku: str) -> Decimal:
    return sum((max(shelf.left.get((house, sku), Decimal(0)), Decimal(0)) for house in shelf.warehouses), Decimal(0))


def _demand(cart: Iterable[CartLine], known: KnownMaster) -> Demand:
    pieces: dict[str, Decimal] = {}
    needs = []
    for position, line in enumerate(cart, 1):
        per_piece = _per_piece(line.sku, known)
        needs.append(Need(position, line.quantity, per_piece))
        for sku, each in per_piece.items():
            pieces[sku] = pieces.get(sku, Decimal(0)) + each * line.quantity
    return Demand("cart", pieces, tuple(needs))


def _per_piece(sku: str, known: KnownMaster) -> Mapping[str, Decimal]:
    article = known.articles.get(sku)
    parts = (article.components if article else ()) or (Component(sku=sku, quantity=ONE),)
    found: dict[str, Decimal] = {}
    for part in parts:
        kept = known.articles.get(part.sku)
        if kept is None or kept.stock_managed:
            found[part.sku] = found.get(part.sku, Decimal(0)) + part.quantity
    return found
