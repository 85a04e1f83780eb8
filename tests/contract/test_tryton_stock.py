"""Stock of a real Tryton: what moved it, what is on its way, which sales are closed."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from blocks.documents.sales import SaleLine, SaleLineKind
from blocks.documents.stock import GoodsDue, StockMovement
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.erps.tryton import TrytonErp
from deployments.sandbox.erp import ADMIN, ADMIN_PASSWORD, DATABASE
from tests.contract.erp_contract import request_for
from tests.contract.stock_source_contract import Move, StockSourceContract, beginning, changes, heard, levels
from tests.erp import RunningErp, running_erp
from tests.erp_work import Hands, at_work
from tests.sandbox import free_port

SKU = "BOOK-01"
SOON = date(2027, 3, 1)


@dataclass(frozen=True)
class Running:
    """A Tryton and its database file."""

    erp: RunningErp
    file: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("tryton")
    with running_erp(folder) as running:
        yield Running(running, folder / f"{DATABASE}.sqlite")


@pytest.fixture
def source(server: Running) -> TrytonErp:
    return server.erp.connector()


@pytest.fixture
def hands(source: TrytonErp) -> Iterator[Hands]:
    with at_work(source) as found:
        yield found


class TestTrytonStock(StockSourceContract):
    @pytest.fixture
    def goods_come(self, hands: Hands) -> Move:
        return lambda sku, pieces: hands.receive(sku, pieces) and None

    @pytest.fixture
    def goods_go(self, source: TrytonErp, hands: Hands) -> Move:
        return lambda sku, pieces: hands.ship(sold(source, pieces, sku)) and None

    @pytest.fixture
    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        return lambda: monkeypatch.setattr("blocks.systems.erps.tryton_marks.PAGE", 2)


def sold(erp: TrytonErp, pieces: int = 1, sku: str = SKU) -> str:
    """Sell some pieces and return the sale's reference."""
    line = SaleLine(kind=SaleLineKind.GOODS, sku=sku, quantity=pieces, unit_net=Decimal(1), tax_rate=None)
    request = request_for(lines=(line,), total=Decimal(pieces))
    (answer,) = erp.book_sales([request])
    assert isinstance(answer, Done), answer
    return str(request.reference)


def told(movements: list[StockMovement]) -> list[tuple[str, str, str, int]]:
    return [(m.kind.value, m.warehouse, m.sku, int(m.quantity)) for m in movements]


def closed(erp: TrytonErp, position: str) -> list[str]:
    return [reference for page in erp.movements(position) for reference in page.closed_sales]


def due_of(erp: TrytonErp, sku: str) -> list[GoodsDue]:
    return [one for page in erp.goods_due() for one in page if one.sku == sku]


def test_goods_at_the_door_are_due_and_become_a_receipt_on_the_shelf(source: TrytonErp, hands: Hands) -> None:
    position = beginning(source)
    number = hands.receive("HOME-003", 5, shelve=False)
    assert heard(source, position) == []
    (due,) = due_of(source, "HOME-003")
    assert (due.warehouse, due.quantity) == ("BER", 5)
    assert due.document.startswith("purchase ")
    hands.press("stock.shipment.in", number, "do")
    (movement,) = heard(source, position)
    assert told([movement]) == [("receipt", "BER", "HOME-003", 5)]
    assert (movement.location, movement.sale) == ("BER-A", "")
    assert movement.document.startswith("receipt ")
    assert abs(movement.happened_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert due_of(source, "HOME-003") == []


def test_a_sale_shipped_in_two_parts_is_closed_after_the_second(source: TrytonErp, hands: Hands) -> None:
    reference, position = sold(source, 3), beginning(source)
    hands.ship(reference, 1)
    first = heard(source, position)
    assert told(first) == [("shipment", "BER", SKU, -1)]
    assert first[0].sale == reference
    assert first[0].document.startswith("shipment ")
    assert closed(source, position) == []
    hands.ship(reference)
    pages = list(source.movements(position))
    assert told([m for page in pages for m in page.movements]) == [
        ("shipment", "BER", SKU, -1),
        ("shipment", "BER", SKU, -2),
    ]
    assert [page.closed_sales for page in pages if page.closed_sales] == [(reference,)]
    assert pages[-1].closed_sales, "What was shipped is told before the sale is closed."
    assert closed(source, pages[-1].position) == []


def test_a_sale_is_closed_when_the_rest_or_all_of_it_is_given_up(source: TrytonErp, hands: Hands) -> None:
    part, whole = sold(source, 6), sold(source, 2)
    position = beginning(source)
    hands.ship(part, 2)
    assert closed(source, position) == []
    for reference in (part, whole):
        hands.give_up(reference)
    assert sorted(closed(source, position)) == sorted([part, whole])
    assert told(heard(source, position)) == [("shipment", "BER", SKU, -2)]


def test_what_is_picked_has_left_the_shelf_and_comes_back_when_its_shipment_is_cancelled(
    source: TrytonErp, hands: Hands
) -> None:
    reference, position, before = sold(source, 2), beginning(source), levels(source)
    hands.pick(reference)
    (picked,) = heard(source, position)
    assert (told([picked]), picked.sale) == ([("shipment", "BER", SKU, -2)], reference)
    later = list(source.movements(position))[-1].position
    hands.put_back(reference)
    both = heard(source, later)
    assert told(both) == [("shipment", "BER", SKU, -2), ("void", "BER", SKU, 2)]
    assert both[0].event_id == picked.event_id, "It was told before, and is known by its id."
    assert both[1].sale == reference
    assert levels(source) == before


def test_what_was_picked_before_anybody_listened_only_comes_back(server: Running, hands: Hands) -> None:
    erp = server.erp.connector()
    reference = sold(erp, 2)
    hands.pick(reference)
    written_back(server, "effective_date = date('now', '-9 days')", reference)
    position = beginning(erp)
    hands.put_back(reference)
    assert told(heard(erp, position)) == [("void", "BER", SKU, 2)]


def written_back(server: Running, change: str, reference: str) -> None:
    """Change the done moves of a sale's shipments in Tryton's own database."""
    with sqlite3.connect(server.file) as database:
        done = database.execute(
            f"UPDATE stock_move SET {change} WHERE state = 'done' AND shipment IN (SELECT m.shipment FROM stock_move m"  # noqa: S608
            " JOIN sale_line l ON m.origin = 'sale.line,' || l.id JOIN sale_sale s ON l.sale = s.id"
            " WHERE s.reference = ?)",
            [reference],
        )
        assert done.rowcount
    database.close()


def test_what_is_taken_back_names_the_sale_that_sold_it(source: TrytonErp, hands: Hands) -> None:
    reference = sold(source, 2)
    hands.ship(reference)
    position = beginning(source)
    hands.take_back(reference)
    (movement,) = heard(source, position)
    assert (told([movement]), movement.sale) == ([("return", "BER", SKU, 2)], reference)
    assert movement.document.startswith("return ")
    assert closed(source, position) == [], "The return is a sale of Tryton's own, not one of ours."


def test_a_transfer_leaves_one_warehouse_is_due_in_the_other_and_arrives(source: TrytonErp, hands: Hands) -> None:
    position = beginning(source)
    number = hands.transfer("HOME-004", 4, arrive=False)
    assert told(heard(source, position)) == [("transfer", "BER", "HOME-004", -4)]
    (due,) = due_of(source, "HOME-004")
    assert (due.warehouse, due.quantity) == ("HAM", 4)
    hands.press("stock.shipment.internal", number, "do")
    moved = heard(source, position)
    assert told(moved) == [("transfer", "BER", "HOME-004", -4), ("transfer", "HAM", "HOME-004", 4)]
    assert {movement.document for movement in moved} == {due.document}
    assert due_of(source, "HOME-004") == []


def test_from_shelf_to_shelf_of_one_warehouse_nothing_is_told(source: TrytonErp, hands: Hands) -> None:
    position = beginning(source)
    hands.transfer("HOME-004", 4, "BER-A", "BER-B")
    assert heard(source, position) == []


@pytest.mark.parametrize("difference", [-3, 5])
def test_a_count_is_the_adjustment_it_makes(source: TrytonErp, hands: Hands, difference: int) -> None:
    shelf = {(v.location, v.sku): int(v.on_hand) for page in source.stock() for v in page}["BER-B", "HOME-007"]
    position = beginning(source)
    hands.count("HOME-007", shelf + difference, "BER-B")
    (movement,) = heard(source, position)
    assert told([movement]) == [("adjustment", "BER", "HOME-007", difference)]
    assert movement.location == "BER-B"
    assert movement.document.startswith("count ")


def test_what_a_slow_transaction_wrote_behind_the_newest_is_told_and_once(
    server: Running, source: TrytonErp, hands: Hands
) -> None:
    slow, quick, position = sold(source, 1), sold(source, 2), beginning(source)
    hands.pick(quick)
    pages = list(source.movements(position))
    assert told([m for page in pages for m in page.movements]) == [("shipment", "BER", SKU, -2)]
    hands.pick(slow)
    written_back(server, "write_date = datetime(write_date, '-90 seconds')", slow)
    late = list(source.movements(pages[-1].position))
    assert told([m for page in late for m in page.movements]) == [("shipment", "BER", SKU, -1)]
    assert heard(source, late[-1].position) == []


def test_old_moves_written_once_more_are_not_told_as_new(server: Running, source: TrytonErp, hands: Hands) -> None:
    old, fresh = sold(source, 1), sold(source, 2)
    hands.ship(old)
    written_back(server, "effective_date = date('now', '-9 days'), write_date = datetime('now', '-9 days')", old)
    position = beginning(source)
    hands.ship(fresh)
    written_back(server, "write_date = datetime('now', '+1 second')", old)
    assert told(heard(source, position)) == [("shipment", "BER", SKU, -2)]


def test_random_work_adds_up_to_the_levels(source: TrytonErp, hands: Hands) -> None:
    position, before = beginning(source), levels(source)
    first, second = sold(source, 2), sold(source, 3)
    hands.receive(SKU, 11)
    hands.ship(first)
    hands.pick(second)
    hands.transfer(SKU, 6, "HAM-A", "BER-B")
    hands.put_back(second)
    hands.take_back(first)
    hands.count(SKU, 1000, "HAM-A")
    after = levels(source)
    differ = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert changes(heard(source, position)) == differ
    assert differ["BER", SKU] == 11 - 2 + 6 + 2


def test_each_piece_is_due_once_from_the_draft_to_the_shelf(source: TrytonErp, hands: Hands) -> None:
    sku = "HOME-008"
    purchase = hands.buy(sku, 24, "HAM", on=SOON, confirm=False)
    seen = [due_of(source, sku)]
    for button in ("quote", "confirm"):
        hands.press("purchase.purchase", purchase, button)
        seen.append(due_of(source, sku))
    assert [[(one.warehouse, one.quantity, one.due_on) for one in some] for some in seen] == [
        [("HAM", 24, None)],
        [("HAM", 24, None)],
        [("HAM", 24, SOON)],
    ]
    assert (
        seen[2][0].document
        == f"purchase {hands.tryton.model('purchase.purchase', 'read', [purchase], ['number'])[0]['number']}"
    )


def test_one_purchase_on_two_days_is_told_for_each(source: TrytonErp, hands: Hands) -> None:
    sku, later = "HOME-010", SOON + timedelta(days=9)
    purchase = hands.buy(sku, 10, on=SOON)
    (move,) = hands.tryton.search_read(
        "stock.move",
        [["product.code", "=", sku], ["state", "=", "draft"], ["origin", "like", "purchase.line,%"]],
        ["quantity"],
    )
    (rest,) = hands.tryton.model("stock.move", "copy", [move["id"]], {"quantity": 4.0, "planned_date": later})
    hands.tryton.model("stock.move", "write", [move["id"]], {"quantity": 6.0})
    del purchase, rest
    found = due_of(source, sku)
    assert [(one.quantity, one.due_on) for one in found] == [(6, SOON), (4, later)]
    assert len({one.document for one in found}) == 2


def test_a_user_who_may_not_see_purchases_is_told_which_groups_it_needs(server: Running) -> None:
    erp = server.erp.connector()
    admin = erp.model_copy(update={"user": ADMIN, "password": SecretStr(ADMIN_PASSWORD)})
    with at_work(admin) as hands:
        ((group,),) = [hands.tryton.search_read("res.group", [["name", "=", "Stock"]], ["name"])]
        values = {
            "name": "Clerk",
            "login": "clerk",
            "password": "clerk-of-the-stock",
            "groups": [["add", [group["id"]]]],
        }
        hands.tryton.model("res.user", "create", [values])
    clerk = erp.model_copy(update={"user": "clerk", "password": SecretStr("clerk-of-the-stock")})
    with pytest.raises(Refused, match="groups Stock and Purchase"):
        list(clerk.goods_due())


def test_a_position_that_is_not_ours_is_refused_with_what_to_do(source: TrytonErp) -> None:
    for position in ("17", "{}", '{"moves": 1}', "soon"):
        with pytest.raises(Refused, match="begin anew"):
            list(source.movements(position))


def test_a_tryton_that_is_down_is_asked_again_later(server: Running) -> None:
    gone = server.erp.connector(port=free_port())
    for call in (lambda: list(gone.movements("")), lambda: list(gone.goods_due())):
        with pytest.raises(TryAgainLater):
            call()
