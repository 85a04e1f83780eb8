"""A new version of a booked order is applied, waits for a person, or closes what waits; nothing is lost on the way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, quarantine
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import Order, OrderStatus, PaymentStatus
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer
from tasks.order_intake import delivery, selling
from tasks.order_intake.judging import Judged
from tasks.order_intake.serving import serve_waiting
from tests import desk, outside, stack
from tests.orders import PLACED, a_line, an_order
from tests.outside import Erp, deliver, ledger

OPEN = "SELECT id, faults FROM quarantine WHERE state = 'open'"


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> Erp:
    found = Erp()
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", lambda _name: found)
    return found


@pytest.fixture
def database(database_url: stack.DatabaseUrls, tmp_path: Path) -> Iterator[Database]:
    """Return a merchant with ten LAMPs and ten BOOKs; at the end the trail and the ledger must prove all of it."""
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 10, "LAMP", "BOOK")
    yield database
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
    assert all(row["reserved"] == row["ledger"] for row in ledger(database))


def later(order: Order, minutes: int = 1, **changes: Any) -> Order:
    """Return the order as it stands some minutes after it was placed."""
    return order.model_copy(update={"changed_at": PLACED + timedelta(minutes=minutes), **changes})


def more_lamps(order: Order, lamps: int = 3, minutes: int = 1) -> Order:
    """Return the order with another number of lamps, its sums right again."""
    lines = (a_line("LAMP", lamps, "47.55"), a_line("BOOK", 1, "12.80", 7))
    other = an_order(lines=lines, external_id=order.external_id, number=order.number)
    return later(other, minutes)


def the_order(database: Database) -> dict[str, Any]:
    (row,) = desk.ask(
        database, "SELECT status, version, total, warehouse, erp_number, hold_reason, document FROM sales_order"
    )
    return row


def reserved(database: Database) -> dict[str, int]:
    return {sku: pieces for (_, sku), pieces in outside.reserved(database).items()}


def calls(database: Database) -> list[tuple[str, str]]:
    rows = desk.ask(database, "SELECT kind, state FROM effect ORDER BY id")
    return [(row["kind"], row["state"]) for row in rows]


def history(database: Database) -> list[tuple[int, str, Decimal]]:
    rows = desk.ask(database, "SELECT version, decision, delta FROM order_version ORDER BY order_id, version")
    return [(row["version"], row["decision"], row["delta"]) for row in rows]


def release(database: Database, name: str = "anna") -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        records = [row["id"] for row in connection.execute(OPEN)]
        assert quarantine.release(connection, trail, records, by=name, reason="Changed in the ERP by hand.")


@pytest.fixture
def order(database: Database) -> Order:
    """Return an order of two lamps and a book that is booked."""
    order = desk.numbered(an_order())
    assert desk.take_in(database, order).accepted == 1
    return order


def test_a_change_before_anything_is_done_outside_is_applied_and_the_sale_is_made_of_it(
    database: Database, order: Order, erp: Erp
) -> None:
    changed = more_lamps(order)
    assert desk.take_in(database, changed) == Judged(changed=1)
    assert (the_order(database)["version"], the_order(database)["total"]) == (2, changed.totals.total)
    assert reserved(database) == {"LAMP": 3, "BOOK": 1}
    lines = desk.ask(database, "SELECT sku, quantity FROM order_line ORDER BY position")
    assert [tuple(row.values()) for row in lines] == [("LAMP", 3), ("BOOK", 1)]
    assert history(database) == [(1, "accepted", 0), (2, "changed", Decimal("47.55"))]
    deliver(database)
    assert [(request.total, int(request.lines[0].quantity)) for request in erp.asked] == [(changed.totals.total, 3)]


def test_a_new_order_takes_what_a_changed_one_gives_back_in_the_same_batch(
    database: Database, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    rest = desk.an_order_of([a_line("LAMP", 8, "47.55")])
    assert desk.take_in(database, rest).accepted == 1
    new = desk.an_order_of([a_line("LAMP", 1, "47.55")])
    assert desk.take_in(database, more_lamps(order, 1), new) == Judged(accepted=1, changed=1)
    assert reserved(database) == {"LAMP": 10, "BOOK": 1}
    assert caplog.messages == []  # nothing broke and was judged again by halves


def test_every_version_is_kept_with_what_it_changed(database: Database, order: Order) -> None:
    desk.take_in(database, later(order, payment_status=PaymentStatus.REFUNDED))
    desk.take_in(database, more_lamps(order, minutes=2))
    rows = desk.ask(database, "SELECT changes, document FROM order_version ORDER BY version")
    changes = [{each["place"]: (each["before"], each["after"]) for each in json.loads(row["changes"])} for row in rows]
    assert changes[0] == {}
    assert changes[1]["payment_status"] == ("paid", "refunded")
    assert changes[2]["lines[LAMP].quantity"] == ("2", "3")
    assert changes[2]["totals.total"] == ("112.8", "160.35")
    assert Order.model_validate_json(rows[0]["document"]) == order


def test_t_ord_2_a_change_after_the_sale_waits_for_a_person_who_sees_field_by_field_what_changed(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    assert desk.take_in(database, more_lamps(order)).put_aside == 1
    (record,) = desk.ask(database, OPEN)
    (fault,) = json.loads(record["faults"])
    assert fault["rule"] == "ORD-CHANGED"
    assert f"sale S-SOMS-berlin-{order.external_id}" in fault["text"]
    assert "Amount to pay +47.55 EUR" in fault["text"]
    assert "lines[LAMP].quantity: 2 → 3" in fault["text"]
    assert the_order(database)["version"] == 1
    assert reserved(database) == {"LAMP": 2, "BOOK": 1}
    assert len(erp.asked) == 1


def test_a_conflict_tells_no_personal_data(database: Database, order: Order, erp: Erp) -> None:
    deliver(database)
    assert order.billing_address
    moved = order.billing_address.model_copy(update={"street": "Geheimweg 7"})
    desk.take_in(database, later(order, billing_address=moved, comment="Ring at Schmidt"))
    assert erp.asked
    faults = desk.ask(database, OPEN)[0]["faults"]
    assert "billing_address.street has changed" in faults
    facts = json.dumps([row["facts"] for row in desk.ask(database, "SELECT facts FROM audit_event")])
    assert not any(word in faults + facts for word in ("Geheimweg", "Domstra", "Schmidt"))


def test_t_ord_10_edits_to_and_fro_before_the_sale_end_where_they_began(database: Database, order: Order) -> None:
    before = (the_order(database), reserved(database), calls(database))
    desk.take_in(database, more_lamps(order, 5))
    desk.take_in(database, later(order, 2))
    after = (the_order(database), reserved(database), calls(database))
    for name in ("total", "status", "warehouse", "erp_number"):
        assert after[0][name] == before[0][name]
    stood, stands = (Order.model_validate_json(each[0]["document"]) for each in (before, after))
    assert (stands.lines, stands.totals) == (stood.lines, stood.totals)
    assert after[1:] == before[1:]
    assert [row[2] for row in history(database)] == [0, Decimal("142.65"), Decimal("-142.65")]
    ledger = desk.ask(database, "SELECT quantity FROM reservation WHERE sku = 'LAMP' ORDER BY id")
    assert [row["quantity"] for row in ledger] == [2, 3, -3]


def test_t_ord_10_edits_to_and_fro_after_the_sale_close_the_conflict_and_refund_nothing(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    before = (reserved(database), calls(database), the_order(database)["total"])
    assert desk.take_in(database, more_lamps(order)).put_aside == 1
    assert desk.take_in(database, later(order, 2)).followed == 1
    deliver(database)
    assert desk.ask(database, OPEN) == []
    assert (reserved(database), calls(database), the_order(database)["total"]) == before
    assert len(erp.asked) == 1


def test_a_version_that_a_person_releases_is_taken_over_and_no_second_sale_is_made(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    desk.take_in(database, more_lamps(order))
    before = calls(database)
    release(database)
    assert desk.judge(database).changed == 1
    deliver(database)
    assert (reserved(database), calls(database)) == ({"LAMP": 3, "BOOK": 1}, before)
    assert (the_order(database)["status"], the_order(database)["version"]) == ("accepted", 2)
    assert desk.ask(database, "SELECT by FROM order_version WHERE version = 2") == [{"by": "anna"}]
    assert len(erp.asked) == 1


def test_a_released_version_that_stock_does_not_allow_waits_again_and_changes_nothing(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    desk.take_in(database, more_lamps(order, 50))
    release(database)
    assert desk.judge(database).put_aside == 1
    assert json.loads(desk.ask(database, OPEN)[0]["faults"])[0]["rule"] == "ORD-CHANGED-STOCK"
    assert (reserved(database), the_order(database)["version"]) == ({"LAMP": 2, "BOOK": 1}, 1)
    assert len(erp.asked) == 1


def test_an_order_cancelled_before_its_sale_gives_everything_back_and_calls_nobody(
    database: Database, order: Order, erp: Erp
) -> None:
    assert desk.take_in(database, later(order, status=OrderStatus.CANCELLED)) == Judged(cancelled=1)
    deliver(database)
    assert the_order(database)["status"] == "cancelled"
    assert (reserved(database), erp.asked) == ({}, [])
    assert calls(database) == [("erp.sale", "abandoned")]
    assert history(database)[-1] == (2, "cancelled", -order.totals.total)
    sums = desk.ask(database, "SELECT sum(quantity) AS left FROM reservation GROUP BY order_id, sku")
    assert [row["left"] for row in sums] == [0, 0]


def test_an_order_that_is_taken_up_again_after_its_cancellation_is_sold_once(
    database: Database, order: Order, erp: Erp
) -> None:
    desk.take_in(database, later(order, status=OrderStatus.CANCELLED))
    assert desk.take_in(database, later(order, 2)).changed == 1
    deliver(database)
    assert the_order(database)["status"] == "accepted"
    assert reserved(database) == {"LAMP": 2, "BOOK": 1}
    assert len(erp.asked) == 1


def test_a_cancellation_after_the_sale_waits_for_a_person_and_is_done_when_released(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    cancelled = later(order, status=OrderStatus.CANCELLED)
    assert desk.take_in(database, cancelled).put_aside == 1
    fault = json.loads(desk.ask(database, OPEN)[0]["faults"])[0]
    assert (fault["rule"], "Cancel sale S-" in fault["remedy"]) == ("ORD-CANCELLED", True)
    assert reserved(database) == {"LAMP": 2, "BOOK": 1}
    release(database)
    assert desk.judge(database).cancelled == 1
    assert (the_order(database)["status"], reserved(database), len(erp.asked)) == ("cancelled", {}, 1)


def test_a_change_waits_while_its_sale_is_being_made_and_is_a_conflict_when_it_was(
    database: Database, order: Order, erp: Erp
) -> None:
    claim = {"process": "order_intake", "kind": "erp.sale", "limit": 5, "lease": 60.0}
    (claimed,) = effects.claim(database, desk.ACTOR, **claim)  # type: ignore[arg-type]  # one dict of its keywords
    assert desk.take_in(database, more_lamps(order)) == Judged()
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.settle(connection, trail, [claimed], [TryAgainLater("No answer.", maybe_done=True)])
    assert desk.judge(database).put_aside == 1
    assert "which has not confirmed it" in desk.ask(database, OPEN)[0]["faults"]
    assert erp.asked == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (TryAgainLater("The line was cut.", maybe_done=True), "put_aside"),
        (TryAgainLater("Connection refused."), "changed"),
        (Refused("The party is locked."), "put_aside"),
    ],
)
def test_a_sale_that_was_tried_counts_as_made_where_nobody_knows(
    database: Database, order: Order, erp: Erp, answer: Answer, outcome: str
) -> None:
    erp.answer = answer
    deliver(database)
    judged = desk.take_in(database, more_lamps(order))
    assert judged == Judged(**{outcome: 1})


def test_a_changed_order_that_stock_cannot_serve_is_held_short_and_sold_when_it_can(
    database: Database, order: Order, erp: Erp
) -> None:
    desk.take_in(database, more_lamps(order, 12))
    assert (the_order(database)["status"], reserved(database)) == ("short", {})
    assert calls(database) == [("erp.sale", "abandoned")]
    desk.count(database, 20, "LAMP")
    assert serve_waiting(database, desk.ACTOR, desk.PlainShop(), desk.BERLIN, batch=10) == 1
    deliver(database)
    assert [request.lines[0].quantity for request in erp.asked] == [12]
    assert reserved(database) == {"LAMP": 12, "BOOK": 1}


def test_a_changed_order_that_is_wrong_waits_and_its_sale_with_it(database: Database, order: Order, erp: Erp) -> None:
    assert desk.take_in(database, later(order, shipping_method="Balloon")).put_aside == 1
    deliver(database)
    assert (erp.asked, the_order(database)["version"]) == ([], 1)


def test_an_older_version_that_comes_late_changes_nothing_and_closes_no_conflict(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    assert erp.asked
    desk.take_in(database, more_lamps(order, minutes=5))
    assert desk.take_in(database, later(order, 2, payment_status=PaymentStatus.PENDING)).superseded == 1
    assert desk.take_in(database, order).total <= 1
    assert len(desk.ask(database, OPEN)) == 1


def timeless(order: Order) -> Order:
    """Return a version from a source that does not say when it was changed."""
    return order.model_copy(update={"changed_at": PLACED})


def test_t_ord_10_a_source_without_times_that_goes_back_to_the_very_same_bytes_is_followed(
    database: Database, order: Order
) -> None:
    """The first version comes again, byte for byte: its second delivery is the news."""
    assert desk.take_in(database, timeless(more_lamps(order))).changed == 1
    assert desk.take_in(database, order).changed == 1
    assert reserved(database) == {"LAMP": 2, "BOOK": 1}
    assert desk.take_in(database, order).total == 0
    assert desk.take_in(database, timeless(more_lamps(order))).changed == 1
    assert reserved(database) == {"LAMP": 3, "BOOK": 1}


def test_t_ord_10_going_back_to_the_very_same_bytes_closes_the_conflict_after_the_sale(
    database: Database, order: Order, erp: Erp
) -> None:
    deliver(database)
    assert desk.take_in(database, timeless(more_lamps(order))).put_aside == 1
    assert desk.take_in(database, order).followed == 1
    assert desk.ask(database, OPEN) == []
    assert (the_order(database)["version"], len(erp.asked)) == (1, 1)


def test_polling_the_same_bytes_again_and_again_flips_nothing(database: Database, order: Order, erp: Erp) -> None:
    """An overlap brings known bytes at every poll; a page that lags behind brings older ones after newer ones."""
    changed = more_lamps(order)
    desk.take_in(database, changed)
    for version in (changed, order, changed, order, changed):
        desk.take_in(database, version)
    assert the_order(database)["version"] == 2
    assert reserved(database) == {"LAMP": 3, "BOOK": 1}
    deliver(database)
    assert [request.lines[0].quantity for request in erp.asked] == [3]


def test_two_versions_in_one_delivery_end_at_the_one_that_stands_last(database: Database) -> None:
    order = desk.numbered(an_order())
    other = timeless(more_lamps(order))
    desk.deliver(database, [desk.received(other), desk.received(order)])
    assert desk.judge(database).accepted == 1
    assert reserved(database) == {"LAMP": 2, "BOOK": 1}
    desk.deliver(database, [desk.received(order), desk.received(other), desk.received(order)])
    assert desk.judge(database).changed == 0
    desk.deliver(database, [desk.received(order), desk.received(other)])
    assert desk.judge(database).changed == 1
    assert reserved(database) == {"LAMP": 3, "BOOK": 1}


def test_an_order_booked_before_versions_were_kept_changes_like_any_other(
    database: Database, database_url: stack.DatabaseUrls, order: Order
) -> None:
    """Their rows are missing from the history, and the order has no parts."""
    for table in ("order_version", "order_part"):
        desk.change(database_url.owner, f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert desk.change(database_url.owner, f"DELETE FROM {table}") == 1  # noqa: S608 - one of two names
    assert desk.take_in(database, more_lamps(order)).changed == 1
    assert history(database) == [(2, "changed", Decimal("47.55"))]
    assert reserved(database) == {"LAMP": 3, "BOOK": 1}
