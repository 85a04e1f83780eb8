"""What a cart can have now: asked before an order exists, and nothing is reserved by asking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line of a cart: pieces of an article or a bundle."""

    sku: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class CartAnswer:
    """What a cart's line can have.

    Attributes:
        sku: The article.
        wanted: Pieces asked for.
        free: Whole pieces that would be reserved if the cart were ordered now, the lines before it served first.
        more: How the rest may be sold although it is not there: backorder, preorder, or empty: not at all.
        more_on: When the rest is expected, where master data says so.
    """

    sku: str
    wanted: Decimal
    free: Decimal
    more: str = ""
    more_on: date | None = None


def cart_availability(connection: "Connection", channel: str, cart: Sequence[CartLine]) -> list[CartAnswer]:
    """Return what each line of a cart can have at this moment, by the rules by which orders are served.

    Lines are served in their order; parts that several bundles share are counted together. Nothing is locked and
    nothing is reserved: a customer who orders before this one gets the pieces.

    Raises:
        WrongUse: A line asks for nothing, an article is unknown in the channel, or the cart is too long.
    """
    if len(cart) > MOST_LINES:
        raise WrongUse(f"A cart has at most {MOST_LINES} lines; this one has {len(cart)}.")
    for line in cart:
        if not line.quantity.is_finite() or line.quantity <= 0 or line.quantity % 1:
            raise WrongUse(f"Ask for whole pieces of {line.sku}, one or more, not {line.quantity}.")
    rules = records.rules_in_force(connection)
    known = records.known_master(connection, channel, {line.sku for line in cart}, rules=rules)
    unknown = sorted({line.sku for line in cart} - known.articles.keys())
    if unknown:
        raise WrongUse(f"Article {unknown[0]} is not known in channel '{channel}'.")
    parts = {sku for line in cart for sku in _per_piece(line.sku, known)}
    there = _promisable(connection, parts)
    houses = rules.allocation.preferred(records.warehouses(connection))
    return answers(cart, known, Shelf(there, houses, rules.allocation))


def answers(cart: Sequence[CartLine], known: KnownMaster, shelf: Shelf) -> list[CartAnswer]:
    """Return what each line can have from this shelf. Pure."""
    served: list[CartLine] = []
    found = []
    for line in cart:
        free = _most(served, line, known, shelf)
        if free:
            served.append(CartLine(line.sku, free))
        article = known.articles[line.sku]
        beyond = promise(known.rules.allocation, article, article) if free < line.quantity else None
        more, on = (beyond.kind, beyond.on) if beyond else ("", article.available_on if free < line.quantity else None)
        found.append(CartAnswer(line.sku, line.quantity, free, more, on))
    return found


def _most(served: Sequence[CartLine], line: CartLine, known: KnownMaster, shelf: Shelf) -> Decimal:
    """Return the most pieces of a line that fit beside the lines before it, by halving."""
    least, most = 0, int(line.quantity)
    while least < most:
        middle = (least + most + 1) // 2
        fits = shelf.could_serve(_demand([*served, CartLine(line.sku, Decimal(middle))], known))
        least, most = (middle, most) if fits else (least, middle - 1)
    return Decimal(least)


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


def _promisable(connection: "Connection", skus: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Return what can be promised by (warehouse, SKU), without locking: on hand, less reserved, less what is owed."""
    rows = connection.execute(
        "SELECT s.warehouse, s.sku, s.on_hand - s.reserved - coalesce((SELECT sum(b.quantity) FROM backorder b"
        " WHERE b.sku = s.sku AND b.warehouse = s.warehouse AND b.served_at IS NULL), 0) AS free"
        " FROM stock s WHERE s.sku = ANY(%s)",
        (sorted(skus),),
    )
    return {(row["warehouse"], row["sku"]): row["free"] for row in rows}
