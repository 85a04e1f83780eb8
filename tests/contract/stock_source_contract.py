"""What every source of stock must do, as tests to be run against a real one.

A subclass gives three fixtures:

- ``source``: a connector to a running system that holds some stock of ``SKU`` at the storage location of ``SHELF``;
- ``goods_come``: a function that takes in some pieces of an article, there and then;
- ``goods_go``: a function that takes some pieces of an article from that shelf, in whatever way the system knows;
- ``small_pages``: a function that lets pages hold a record or two from now on.

Tests of what a source cannot do by its nature ask that it says so.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from blocks.documents.stock import StockMovement
from blocks.systems.stock import StockSource

Move = Callable[[str, int], None]
SKU, OTHER = "HOME-002", "BOOK-02"


def beginning(source: StockSource) -> str:
    """Return a position at which everything up to now was heard."""
    (page,) = source.movements("")
    assert (page.movements, page.closed_sales) == ((), ())
    return page.position


def heard(source: StockSource, position: str) -> list[StockMovement]:
    """Return what happened after a position."""
    return [movement for page in source.movements(position) for movement in page.movements]


def levels(source: StockSource) -> Counter[tuple[str, str]]:
    """Return what lies where, by warehouse and article."""
    found: Counter[tuple[str, str]] = Counter()
    for page in source.stock():
        for level in page:
            found[level.warehouse, level.sku] += level.on_hand  # type: ignore[assignment] # counts may be decimals
    return found


def changes(movements: list[StockMovement]) -> dict[tuple[str, str], Decimal]:
    """Return what movements did, by warehouse and article."""
    found: dict[tuple[str, str], Decimal] = {}
    for movement in movements:
        key = movement.warehouse, movement.sku
        found[key] = found.get(key, Decimal(0)) + movement.quantity
    return {key: quantity for key, quantity in found.items() if quantity}


class StockSourceContract:
    """What every source of stock must do."""

    def test_nothing_happened_is_one_page_with_a_position(self, source: StockSource) -> None:
        position = beginning(source)
        (page,) = source.movements(position)
        assert (page.movements, page.closed_sales) == ((), ())
        assert page.position

    def test_what_is_told_of_movements_is_what_became_of_the_levels(
        self, source: StockSource, goods_come: Move, goods_go: Move
    ) -> None:
        position, before = beginning(source), levels(source)
        goods_come(SKU, 7)
        goods_go(SKU, 3)
        goods_come(OTHER, 2)
        after = levels(source)
        differ = {key: Decimal(after[key] - before[key]) for key in after | before if after[key] != before[key]}
        assert changes(heard(source, position)) == differ
        assert sorted(differ.values()) == [2, 4]

    def test_a_movement_is_told_once_and_has_the_same_id_when_it_is_told_again(
        self, source: StockSource, goods_come: Move
    ) -> None:
        position = beginning(source)
        goods_come(SKU, 1)
        (first,) = (source.movements(position),)
        pages = list(first)
        told = [movement for page in pages for movement in page.movements]
        assert len(told) == 1
        assert heard(source, pages[-1].position) == []
        assert heard(source, position) == told

    def test_whoever_stops_after_any_page_goes_on_where_they_were(
        self, source: StockSource, goods_come: Move, small_pages: Callable[[], None]
    ) -> None:
        position = beginning(source)
        small_pages()
        for pieces in (1, 2, 3):
            goods_come(SKU, pieces)
        pages = list(source.movements(position))
        assert len([page for page in pages if page.movements]) > 1
        whole = [movement.quantity for page in pages for movement in page.movements]
        assert whole == [1, 2, 3]
        for number, page in enumerate(pages, 1):
            before = [movement.quantity for early in pages[:number] for movement in early.movements]
            assert before + [movement.quantity for movement in heard(source, page.position)] == whole

    def test_what_is_due_is_told_by_day_and_once(self, source: StockSource) -> None:
        due = [(one.document, one.warehouse, one.sku) for page in source.goods_due() for one in page]
        assert len(due) == len(set(due))
