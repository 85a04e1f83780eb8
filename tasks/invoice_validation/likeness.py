"""How much an invoice line and an order line speak of the same article. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from blocks.documents.supply import number_key
from tasks.invoice_validation.billing import BilledLine
from tasks.invoice_validation.supply_known import OrderLine

SAME_LINE, SAME_NUMBER, LIKE_NUMBER = 400, 300, 200
"""An article number that agrees outweighs a line number, and both outweigh words."""
LEAST_LIKE = 60
"""Percent of the words two descriptions must share to be taken for the same."""

_WORD = re.compile(r"[^\W_]+")


def likeness(billed: BilledLine, ordered: OrderLine) -> tuple[int, str]:
    """Return how much two lines agree (0: not at all) and by what: 'article', 'line' or 'description'.

    Article numbers that both sides name and that disagree speak against each other, whatever else agrees.
    """
    same = _same_article(billed, ordered)
    named = _names_line(billed.order_line, ordered)
    if same:
        return same + (SAME_LINE if named else 0), "article"
    if _contradicts(billed, ordered):
        return 0, ""
    words = _alike(billed.name, ordered.description)
    if named and (words or not ordered.description or not billed.name or not _numbered(billed)):
        return SAME_LINE + words, "line"
    return (words, "description") if words >= LEAST_LIKE else (0, "")


def _same_article(billed: BilledLine, ordered: OrderLine) -> int:
    if billed.gtin_key and billed.gtin_key == ordered.gtin_key:
        return SAME_NUMBER
    if billed.buyer_key and billed.buyer_key == ordered.sku_key:
        return SAME_NUMBER
    if billed.seller_key and billed.seller_key == ordered.supplier_sku_key:
        return SAME_NUMBER
    ours = {ordered.sku_key, ordered.supplier_sku_key, ordered.gtin_key} - {""}
    return LIKE_NUMBER if ours & set(billed.article_keys) else 0


def _contradicts(billed: BilledLine, ordered: OrderLine) -> bool:
    pairs = (
        (billed.gtin_key, ordered.gtin_key),
        (billed.buyer_key, ordered.sku_key),
        (billed.seller_key, ordered.supplier_sku_key),
    )
    return any(one and other and one != other for one, other in pairs)


def _numbered(billed: BilledLine) -> bool:
    return bool(billed.article_keys)


def _names_line(said: str, ordered: OrderLine) -> bool:
    if not said:
        return False
    last = re.split(r"[-/:#\s]+", said.strip())[-1]
    return bool({number_key(said), number_key(last)} & {number_key(ordered.position), number_key(ordered.line)} - {""})


def _alike(one: str, other: str) -> int:
    """Return the percentage of words two descriptions share; numbers in them must agree where both have some."""
    if not one or not other:
        return 0
    left, right = _words(one), _words(other)
    if not left or not right:
        return 0
    figures, others = _figures(left), _figures(right)
    if figures and others and not (figures <= others or others <= figures):
        return 0
    return 100 * len(left & right) // min(len(left), len(right)) if left & right else 0


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKC", text[:500]).casefold()
    return frozenset(word for word in _WORD.findall(plain) if len(word) > 1 or word.isdigit())


def _figures(words: Iterable[str]) -> set[str]:
    return {word for word in words if any(map(str.isdigit, word))}


MOST_FITS = 300
"""Order lines that one line is compared with."""
_MOST_WORDS = 100_000
"""Comparisons by words for one invoice: a thousand lines without numbers are no invoice to be matched by machine."""


class Articles:
    """Order lines, found by article number, by place in the order, and at last by words."""

    def __init__(self, orders: Sequence[OrderLine]) -> None:
        """Sort the order lines by what they are found by."""
        self._orders, self._left = orders, _MOST_WORDS
        self._by_key: dict[str, list[OrderLine]] = {}
        self._by_place: dict[str, list[OrderLine]] = {}
        for order in orders:
            for key in {order.sku_key, order.supplier_sku_key, order.gtin_key} - {""}:
                self._by_key.setdefault(key, []).append(order)
            for key in {number_key(order.position), number_key(order.line)} - {""}:
                self._by_place.setdefault(key, []).append(order)

    def fits(self, billed: BilledLine, *, most: int = MOST_FITS) -> Iterator[tuple[int, OrderLine, str]]:
        """Yield the order lines an invoice line may be about, with how much they agree and by what; so many at most."""
        same = (order for key in billed.article_keys for order in self._by_key.get(key, ()))
        found = {order.key: order for order in islice(same, most)}
        if billed.order_line:
            last = re.split(r"[-/:#\s]+", billed.order_line.strip())[-1]
            for key in (number_key(billed.order_line), number_key(last)):
                found |= {order.key: order for order in islice(self._by_place.get(key, ()), most)}
        agreed = [(*likeness(billed, order), order) for order in found.values()]
        if not any(fit for fit, _, _ in agreed) and self._left > 0:
            compared = self._orders[:MOST_FITS]
            self._left -= len(compared)
            agreed = [(*likeness(billed, order), order) for order in compared]
        yield from ((fit, order, how) for fit, how, order in agreed if fit)
