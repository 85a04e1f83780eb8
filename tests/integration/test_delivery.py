"""Due effects reach their system once, are booked with what follows from them, and none stops those beside it."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.documents.orders import Order
from blocks.documents.sales import SaleRequest
from blocks.errors import Refused, TryAgainLater, Unreadable, WrongUse
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import delivery, selling
from tasks.order_intake.judging import SALE
from tests import desk, stack
from tests.orders import an_order, with_totals

Reaction = Callable[[Sequence[SaleRequest]], list[Answer]]


def booked(requests: Sequence[SaleRequest]) -> list[Answer]:
    return [Done(request.reference, {"number": f"S{request.reference[-4:]}", "rounding": "0"}) for request in requests]


class Outside(desk.PlainShop):
    """The ERP and the shop as delivery sees them: it hands over requests and gets answers or an error."""

    def __init__(self) -> None:
        """Start with an ERP that books everything."""
        self.react: Reaction = booked
        self.calls: list[int] = []

    def book_sales(self, requests: Sequence[SaleRequest]) -> list[Answer]:
        """Answer as the test wants it."""
        self.calls.append(len(requests))
        return self.react(requests)

    def mark_taken_over(self, takeovers: Sequence[Takeover]) -> list[Answer]:
        """Mark each order."""
        return [Done(takeover.reference) for takeover in takeovers]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    found = Outside()
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", lambda _name: found)
    return found


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 1000, "LAMP", "BOOK")
    desk.take_in(database, *(desk.numbered(an_order()) for _ in range(5)))
    return database


def deliver(database: Database) -> Delivered:
    return delivery.deliver_all(database, desk.ACTOR, lease=60, patience=0, log=lambda _line: None)


def sales(database: Database) -> list[str]:
    return [row["state"] for row in desk.ask(database, "SELECT state FROM effect WHERE kind = 'erp.sale' ORDER BY id")]


def test_every_sale_is_booked_and_every_order_marked_once(
    database: Database, database_url: stack.DatabaseUrls, outside: Outside, tmp_path: Path
) -> None:
    assert deliver(database).done == 10
    assert deliver(database).done == 0
    assert outside.calls == [5]
    rows = desk.ask(database, "SELECT external_id, erp_number, taken_over_at FROM sales_order")
    assert [row["erp_number"] for row in rows] == [f"S{row['external_id']}" for row in rows]
    assert None not in [row["taken_over_at"] for row in rows]
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TryAgainLater("Busy."), "due"),
        (Refused("The password is wrong."), "failed"),
        (Unreadable("The answer is not JSON."), "failed"),
        (WrongUse("No connection is saved under this name."), "failed"),
    ],
)
def test_what_meets_the_whole_call_is_every_effects_answer(
    database: Database, outside: Outside, error: Exception, state: str
) -> None:
    def react(_requests: Sequence[SaleRequest]) -> list[Answer]:
        raise error

    outside.react = react
    deliver(database)
    assert sales(database) == [state] * 5
    assert outside.calls == [5]


def test_a_system_that_is_down_is_not_asked_for_every_single_call(
    database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    def react(_requests: Sequence[SaleRequest]) -> list[Answer]:
        raise TryAgainLater("Down.")

    outside.react = react
    monkeypatch.setitem(delivery.PER_CALL, SALE, 2)
    assert deliver(database).put_off == 2
    assert outside.calls == [2]
    outside.react = booked
    assert deliver(database).done >= 6


def test_a_request_that_breaks_the_connector_waits_for_a_person_and_the_others_are_booked(
    database: Database, outside: Outside
) -> None:
    culprit = desk.ask(database, "SELECT external_id FROM sales_order ORDER BY id")[2]["external_id"]

    def react(requests: Sequence[SaleRequest]) -> list[Answer]:
        if any(request.reference.endswith(culprit) for request in requests):
            raise KeyError("Jörg Weiß")
        return booked(requests)

    outside.react = react
    found = deliver(database)
    assert (found.done, found.refused) == (8, 1)
    assert sales(database) == ["done", "done", "failed", "done", "done"]
    error = desk.ask(database, "SELECT last_error FROM effect WHERE state = 'failed'")[0]["last_error"]
    assert "KeyError" in error
    assert "Weiß" not in error


def test_an_order_that_makes_no_sale_waits_for_a_person_and_the_others_are_booked(
    database: Database, outside: Outside
) -> None:
    order = with_totals(an_order(), total=Decimal(7_000_000_000), credits=Decimal(7_000_000_000))
    desk.change(
        database.url,
        "UPDATE sales_order SET document = %s WHERE id = (SELECT min(id) FROM sales_order)",
        (order.canonical_text(),),
    )
    deliver(database)
    assert sales(database) == ["failed", "done", "done", "done", "done"]
    assert outside.calls == [1, 1, 1, 1]


def test_a_connector_that_miscounts_is_asked_for_each_sale_by_itself(database: Database, outside: Outside) -> None:
    outside.react = lambda requests: booked(requests[:1])
    assert deliver(database).done == 10
    assert outside.calls == [5, 1, 1, 1, 1, 1]


def test_no_effect_holds_personal_data(database: Database, outside: Outside) -> None:
    outside.react = lambda requests: [Refused("No."), *booked(requests)[1:]]
    deliver(database)
    kept = json.dumps(desk.ask(database, "SELECT payload, answer, last_error, business_key FROM effect"))
    facts = json.dumps(desk.ask(database, "SELECT facts, subject FROM audit_event"))
    assert [word for word in ("Wei", "Domstra", "joerg@example.com") if word in kept + facts] == []


def test_a_sale_whose_order_has_changed_in_the_shop_is_not_made_until_that_is_decided(
    database: Database, outside: Outside
) -> None:
    (row,) = desk.ask(database, "SELECT document FROM sales_order ORDER BY id LIMIT 1")
    order = Order.model_validate_json(row["document"])
    later = order.model_copy(
        update={"shipping_method": "Balloon", "changed_at": order.changed_at + timedelta(minutes=1)}
    )
    assert desk.take_in(database, later).put_aside == 1
    assert deliver(database).put_off == 1
    assert sales(database) == ["due", *["done"] * 4]
    assert outside.calls == [4]


def test_a_sale_waits_for_a_version_that_nobody_has_judged_yet(database: Database, outside: Outside) -> None:
    (row,) = desk.ask(database, "SELECT document FROM sales_order ORDER BY id LIMIT 1")
    order = Order.model_validate_json(row["document"])
    desk.deliver(database, [desk.received(order, comment="Please cancel")])
    deliver(database)
    assert (sales(database)[0], outside.calls) == ("due", [4])
