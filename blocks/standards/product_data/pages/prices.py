"""The price a reader of the page sees: not the crossed-out one, not a neighbour's, not the one for 100 g."""

import re
from dataclasses import dataclass
from decimal import Decimal

from blocks.standards.product_data.pages.lines import Line
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.words import speaks_of
from blocks.standards.product_data.pages.zones import (
    ASIDE,
    BESIDE,
    CRUMBS,
    DEAD,
    FORMER,
    HIDDEN,
    NOW,
    OPTIONS,
    PRICE,
    STRUCK,
    UNIT,
)
from blocks.standards.product_data.price_texts import Price, currency_of, has_sign, prices_in

_LONGEST = 400
_BEFORE = 40
_UNITS_TOO = frozenset({"ft", "km", "kn", "din", "nt", "br", "r", "nu", "p", "р", "km.", "bd", "kd"})
"""Signs that are units and words too; they count only in a part that is named after prices."""
_MOST = 400
_PIECES_OF_ONE_PRICE = 6
_BESIDE_EACH_OTHER = 10
"""Lines between a price and the crossed-out one beside it."""
_DIGIT = re.compile(r"\d")
_AFTER = 24
_WINDOW = 100
"""Lines above the heading that are looked at; six times as many below it."""


@dataclass(slots=True)
class SeenPrice:
    """A price on the page.

    Attributes:
        amount: The figure.
        currency: ISO 4217; None where none stands beside it.
        node: Node it stands in.
        place: Number of its line.
        net: It is said to be without tax.
        struck: It was asked formerly, or is somebody's list price.
        score: How much speaks for its being the price of the product.
    """

    amount: Decimal
    currency: str | None
    node: int
    place: int
    struck: bool
    score: float
    net: bool = False


def seen_prices(page: Page, lines: list[Line], heading: int, *, country: str) -> list[SeenPrice]:
    """Return the prices of the product that a reader sees, the likeliest first; crossed-out ones at the end."""
    at = page.first[heading] if heading >= 0 else 0
    found: list[SeenPrice] = []
    at_heading = at if heading >= 0 else -1
    begun = next((place for place, line in enumerate(lines) if line.last > at), 0)
    for place in range(max(0, begun - _WINDOW), min(len(lines), begun + 6 * _WINDOW)):
        line = lines[place]
        if (
            line.first <= at_heading < line.last
            or len(line.text) > _LONGEST
            or line.zone & (ASIDE | DEAD | CRUMBS)
            or not _DIGIT.search(line.text)
        ):
            continue
        zone = _price_zone(page, line)
        if not zone & PRICE and not has_sign(line.text):
            continue
        found += _prices_of(page, lines, place, zone, place - begun, country)
    found = found[:_MOST]
    _unstrike(found)
    merged = _merged(found)
    return sorted(merged, key=lambda price: (price.struck, -price.score, price.place))


def _unstrike(prices: list[SeenPrice]) -> None:
    """Take back 'crossed out' where no other price stands near: a former price always stands beside the one to pay."""
    for price in prices:
        if price.struck and not any(
            not other.struck and not other.net and abs(other.place - price.place) <= _BESIDE_EACH_OTHER
            for other in prices
        ):
            price.struck = False


def _price_zone(page: Page, line: Line) -> int:
    """Return what a line is for, by the nodes of all its pieces that hold a figure."""
    zone = line.zone
    for place in range(line.first, min(line.last, line.first + 30)):
        zone |= page.zones[page.owners[place]] & (PRICE | NOW)
    return zone


def _prices_of(  # noqa: PLR0917 - one line and where it stands
    page: Page, lines: list[Line], place: int, zone: int, distance: int, country: str
) -> list[SeenPrice]:
    line = lines[place]
    prices = [price for price in prices_in(line.text, country=country) if price.amount > 0]
    signed = [price for price in prices if price.sign and (zone & PRICE or price.sign.casefold() not in _UNITS_TOO)]
    if not signed and zone & PRICE and len(prices) == 1 and len(line.text) <= 20:
        sign = _sign_beside(lines, place, country)
        signed = [prices[0]._replace(currency=sign)] if sign or not zone & OPTIONS else []
    found = []
    for number, price in enumerate(signed):
        node = _node_at(page, line, price)
        own = page.zones[node] if node >= 0 else line.zone
        before = line.text[(signed[number - 1].end if number else 0) : price.start][-_BEFORE:]
        if not before.strip() and not number and place and lines[place - 1].zone & own & PRICE:
            before = lines[place - 1].text[-_BEFORE:] if not any(map(str.isdigit, lines[place - 1].text)) else ""
        following = signed[number + 1].start if number + 1 < len(signed) else len(line.text)
        after = line.text[price.end : following][:_AFTER]
        if (
            own & (ASIDE | HIDDEN | DEAD | UNIT)
            or speaks_of("unit", after)
            or speaks_of("saving", before)
            or speaks_of("beside", before)
        ):
            continue
        if (
            speaks_of("beside", after)
            or own & BESIDE
            or before.endswith(("+", "-", "−"))
            or before.rstrip().endswith(("+", "×", " x"))
        ):
            continue
        if after.lstrip().startswith(("=", "%")) or ("(" in before[-3:] and "=" in before):
            continue
        struck = bool(own & STRUCK) or speaks_of("formerly", before)
        score = _score(_near(page, node) | own & ~(NOW | FORMER) | (zone & PRICE), line, price, distance)
        if number and before.strip() in {"-", "–", "—", "bis", "to", "à", "a"}:
            score -= 2  # the upper end of a range
        net = speaks_of("net", before) or speaks_of("net", after)
        found.append(SeenPrice(price.amount, price.currency, node, place, struck, score, net))
    return found


def _near(page: Page, node: int) -> int:
    """Return what the nearest box of a price is called: to be paid now, or perhaps formerly."""
    for each in (node, *page.ancestors(node, 2)):
        if each < 0 or page.last[each] - page.first[each] > _PIECES_OF_ONE_PRICE:
            break
        if zone := page.own[each] & (NOW | FORMER):
            return zone
    return 0


def _score(zone: int, line: Line, price: Price, distance: int) -> float:
    score = 3.0 if zone & PRICE else 0.0
    score += 1.5 if zone & NOW and zone & PRICE else 0.0
    score -= 1.0 if zone & FORMER else 0.0
    score += 1.0 if len(line.text) <= 24 else 0.0 if len(line.text) <= 80 else -2.0
    score -= 2.5 if zone & OPTIONS else 0.0
    score += 0.5 if price.sign else 0.0
    return score + (2.5 - 2.5 * min(distance, 100) / 100 if distance >= 0 else 1.2 - 2.5 * min(-distance, 100) / 100)


def _sign_beside(lines: list[Line], place: int, country: str) -> str | None:
    """Return the currency that stands on a line of its own before or behind a figure."""
    for neighbour in (place + 1, place - 1):
        if (
            0 <= neighbour < len(lines)
            and len(lines[neighbour].text) <= 5
            and (found := currency_of(lines[neighbour].text, country=country))
        ):
            return found
    return None


def _node_at(page: Page, line: Line, price: Price) -> int:
    """Return the node the figure stands in: the one of the piece that holds its first digits."""
    want = "".join(line.text[price.start : price.end].split())
    digits = "".join(letter for letter in want if letter.isdigit())[:2]
    seen = 0
    for place in range(line.first, line.last):
        piece, owner = page.pieces[place], page.owners[place]
        if page.zones[owner] & (DEAD | HIDDEN):
            continue
        length = len("".join(piece.split()))
        before = len("".join(line.text[: price.start].split()))
        if seen + length > before and digits[:1] in piece:
            return owner
        seen += length
    return line.node


def _merged(prices: list[SeenPrice]) -> list[SeenPrice]:
    """Return one price per figure: the best place of each, a little stronger for each repetition."""
    kept: dict[tuple[Decimal, bool], SeenPrice] = {}
    for price in prices:
        key = price.amount, price.struck
        if key not in kept:
            kept[key] = price
            continue
        first = kept[key]
        bonus = 0.3 if abs(first.place - price.place) < 60 else 0.0
        if price.score > first.score:
            price.currency = price.currency or first.currency
            kept[key] = price
        kept[key].currency = kept[key].currency or price.currency
        kept[key].score += bonus
    return list(kept.values())
