"""How far Tryton was heard, and how its words become ours."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.stock import MovementKind
from blocks.errors import Unreadable
from blocks.systems.erps.tryton_goods_due import _lines, in_pieces
from blocks.systems.erps.tryton_marks import LONGEST_TRANSACTION, Mark, marks_of
from blocks.systems.erps.tryton_places import to_stock_level
from blocks.systems.erps.tryton_stock import Beginning, kind_of

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

heard = st.lists(st.tuples(st.integers(0, 1200), st.integers(-50, 50).filter(bool)), max_size=80)


def after(told: list[tuple[int, int]]) -> Mark:
    mark = Mark()
    for seconds, key in told:
        mark.hear(NOW + timedelta(seconds=seconds), key)
    return mark


@given(heard)
def test_a_mark_that_is_kept_and_read_again_is_the_same(told: list[tuple[int, int]]) -> None:
    mark = after(told)
    kept = json.dumps({"moves": mark.plain()})
    found, _ = marks_of(kept, ["moves"])
    assert found["moves"] == mark
    assert json.dumps({"moves": found["moves"].plain()}) == kept


@given(heard)
def test_a_mark_knows_what_may_still_have_company_and_forgets_the_rest(told: list[tuple[int, int]]) -> None:
    mark = after(told)
    for seconds, key in told:
        at = NOW + timedelta(seconds=seconds)
        if at >= mark.at - LONGEST_TRANSACTION:
            assert mark.has(at, key)
            assert at >= mark.since
    assert mark.at - mark.since < LONGEST_TRANSACTION + timedelta(minutes=1)
    assert all(minute * 60 >= mark.since.timestamp() for minute in mark.seen)


def test_a_hundred_moves_in_a_row_take_no_room() -> None:
    assert len(json.dumps(after([(0, key) for key in range(1, 10_000)]).plain())) < 100


@pytest.mark.parametrize(
    ("shipment", "way", "beyond", "kind"),
    [
        (None, "in", "supplier", MovementKind.RECEIPT),
        ("stock.shipment.in.return,1", "out", "supplier", MovementKind.RECEIPT),
        ("stock.shipment.in,1", "in", "storage", MovementKind.RECEIPT),
        ("stock.shipment.out,1", "out", "storage", MovementKind.SHIPMENT),
        (None, "out", "customer", MovementKind.SHIPMENT),
        (None, "in", "customer", MovementKind.RETURN),
        ("stock.shipment.out.return,1", "in", "storage", MovementKind.RETURN),
        ("stock.shipment.internal,1", "out", "storage", MovementKind.TRANSFER),
        (None, "out", "storage", MovementKind.TRANSFER),
        (None, "out", "lost_found", MovementKind.ADJUSTMENT),
        (None, "in", "production", MovementKind.ADJUSTMENT),
    ],
)
def test_every_move_has_a_kind(shipment: str | None, way: str, beyond: str, kind: MovementKind) -> None:
    assert kind_of({"shipment": shipment}, way, beyond) is kind


@pytest.mark.parametrize(
    ("number", "day", "before"),
    [(7, date(2026, 11, 1), True), (8, date(2026, 11, 1), False), (7, date(2026, 11, 21), False), (7, None, False)],
)
def test_only_old_moves_done_on_an_earlier_day_are_from_before(number: int, day: date | None, before: bool) -> None:
    assert Beginning(date(2026, 11, 21), 7).is_before({"id": number, "effective_date": day}) is before


@pytest.mark.parametrize(("unit", "own", "pieces"), [(12.0, 1.0, "24"), (1.0, 12.0, "0.1667"), (1.0, 1.0, "2")])
def test_what_is_bought_by_the_dozen_is_due_in_pieces(unit: float, own: float, pieces: str) -> None:
    line: dict[str, Any] = {"quantity": 2.0, "unit.": {"factor": unit}, "product.": {"default_uom.": {"factor": own}}}
    assert in_pieces(line) == Decimal(pieces)


def test_what_one_document_brings_on_several_days_has_names_of_its_own_the_undated_last() -> None:
    days = {None: Decimal(1), date(2027, 1, 9): Decimal(2), date(2027, 1, 2): Decimal(3), date(2027, 1, 5): Decimal(0)}
    found = [(line.document, int(line.quantity), line.due_on) for line in _lines(("purchase 7", "BER", "LAMP"), days)]
    assert found == [
        ("purchase 7", 3, date(2027, 1, 2)),
        ("purchase 7 on 2027-01-09", 2, date(2027, 1, 9)),
        ("purchase 7 on a later day", 1, None),
    ]


@pytest.mark.parametrize("quantity", [10**18, float("nan"), float("-inf"), "many"])
def test_a_level_that_nobody_can_have_is_named_instead_of_read(quantity: object) -> None:
    record = {"code": "LAMP", "quantity": quantity, "forecast_quantity": 0}
    with pytest.raises(Unreadable, match="The stock of 'LAMP' at EAST STO is no number of pieces"):
        to_stock_level(record, "EAST", "STO")


def test_a_level_has_the_places_of_the_ledger_so_that_a_third_of_a_pack_differs_only_once() -> None:
    level = to_stock_level({"code": "LAMP", "quantity": 1 / 3, "forecast_quantity": 0}, "EAST", "STO")
    assert level.on_hand == Decimal("0.33333333")
