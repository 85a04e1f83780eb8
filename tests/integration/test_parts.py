"""Orders that ship in parts, and pieces that are sold before they are there."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import Order, OrderStatus
from blocks.errors import Refused
from tasks.order_intake import delivery, parts, rulebook, selling
from tasks.order_intake.serving import serve_waiting
from tests import desk, stack
from tests.orders import PLACED, a_line, an_order
from tests.outside import Erp, deliver, ledger, reserved

LINES = (a_line("LAMP", 2, "47.55"), a_line("BOOK", 1, "12.80", 7))


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> Erp:
    found = Erp()
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", lambda _name: found)
    return found


@pytest.fixture
def database(database_url: stack.DatabaseUrls, tmp_path: Path) -> Iterator[Database]:
    """Return a merchant who knows LAMP and BOOK; at the end the trail and the ledger must prove all of it."""
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    yield database
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
    assert all(row["reserved"] == row["ledger"] for row in ledger(database))


def allow(database: Database, policy: str) -> None:
    """Put an allocation policy in force."""
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(
            connection,
            trail,
            kind=rulebook.KIND,
            name=rulebook.NAME,
            content=f"allocation: {policy}\n",
            by="anna",
            reason="Agreed.",
        )


def take_in(database: Database, **changes: Any) -> Order:
    order = desk.numbered(an_order(lines=LINES), **changes)
    desk.take_in(database, order)
    return order


def status(database: Database) -> list[tuple[str, str | None, str | None]]:
    rows = desk.ask(database, "SELECT status, hold_reason, erp_number FROM sales_order ORDER BY id")
    return [(row["status"], row["hold_reason"], row["erp_number"]) for row in rows]


def waiting(database: Database) -> list[tuple[str, int, str, date | None, bool]]:
    rows = desk.ask(
        database, "SELECT sku, quantity, kind, promised_on, served_at IS NOT NULL AS served FROM backorder ORDER BY id"
    )
    return [(r["sku"], int(r["quantity"]), r["kind"], r["promised_on"], r["served"]) for r in rows]


def serve(database: Database) -> int:
    return serve_waiting(database, desk.ACTOR, desk.PlainShop(), desk.BERLIN, batch=100)


def lying_apart(database: Database) -> None:
    desk.count(database, 2, "LAMP", warehouse="EAST")
    desk.count(database, 1, "BOOK", warehouse="WEST")


def test_t_rte_1_where_splitting_is_not_allowed_the_order_is_held_with_its_reason_and_nothing_reserved(
    database: Database,
) -> None:
    lying_apart(database)
    take_in(database)
    assert status(database) == [("short", "No single warehouse has every article of this order.", None)]
    assert reserved(database) == {}


def test_t_rte_1_where_splitting_is_allowed_it_ships_in_two_parts_with_a_sale_each(
    database: Database, erp: Erp
) -> None:
    allow(database, "{split: allow}")
    lying_apart(database)
    order = take_in(database)
    assert reserved(database) == {("EAST", "LAMP"): 2, ("WEST", "BOOK"): 1}
    deliver(database)
    first, second = erp.asked
    assert (first.reference, second.reference) == (
        f"SOMS-berlin-{order.external_id}",
        f"SOMS-berlin-{order.external_id}~2",
    )
    assert (first.warehouse, second.warehouse) == ("EAST", "WEST")
    assert first.total + second.total == order.totals.total
    number = f"S-{first.reference}, S-{second.reference}"
    assert status(database) == [("accepted", None, number)]
    assert [row["kind"] for row in desk.ask(database, "SELECT kind FROM effect WHERE state = 'done' ORDER BY id")] == [
        "erp.sale", "erp.sale", "shop.takeover",
    ]  # fmt: skip


def test_an_order_is_in_the_erp_and_taken_over_only_when_all_its_parts_are(database: Database, erp: Erp) -> None:
    allow(database, "{split: allow}")
    lying_apart(database)
    order = take_in(database)
    erp.refuses = ("~2", Refused("No such warehouse."))
    deliver(database)
    assert status(database)[0][2] is None
    assert desk.ask(database, "SELECT 1 FROM effect WHERE kind = 'shop.takeover'") == []
    changed = order.model_copy(update={"changed_at": PLACED + timedelta(minutes=1), "comment": "Quick, please"})
    assert desk.take_in(database, changed).put_aside == 1


def test_two_workers_that_book_the_last_two_parts_at_once_see_that_the_order_is_complete(database: Database) -> None:
    allow(database, "{split: allow}")
    lying_apart(database)
    take_in(database)
    (row,) = desk.ask(database, "SELECT id FROM sales_order")
    complete: list[int] = []
    ready = threading.Barrier(2)

    def book(part: int) -> None:
        with database.audited(desk.ACTOR) as (connection, trail):
            ready.wait()
            done, rows = parts.book_erp_numbers(connection, [(row["id"], part, f"S{part}")])
            complete.extend(done)
            trail.add("order.part_in_erp", "test", rows)

    stack.together(*(threading.Thread(target=book, args=(part,)) for part in (1, 2)))
    assert complete == [row["id"]]
    assert status(database)[0][2] == "S1, S2"


def test_an_order_that_changes_from_two_parts_to_one_is_sold_once(database: Database, erp: Erp) -> None:
    allow(database, "{split: allow}")
    lying_apart(database)
    order = take_in(database)
    fewer = an_order(lines=LINES[:1], external_id=order.external_id, number=order.number,
                     changed_at=PLACED + timedelta(minutes=1))  # fmt: skip
    assert desk.take_in(database, fewer).changed == 1
    deliver(database)
    assert [request.reference for request in erp.asked] == [f"SOMS-berlin-{order.external_id}"]
    assert reserved(database) == {("EAST", "LAMP"): 2}
    back = an_order(lines=LINES, external_id=order.external_id, number=order.number,
                    changed_at=PLACED + timedelta(minutes=2))  # fmt: skip
    assert desk.take_in(database, back).put_aside == 1


def test_an_order_that_changes_to_and_fro_between_one_part_and_two_ends_with_both_sales_due_once(
    database: Database, erp: Erp
) -> None:
    allow(database, "{split: allow}")
    lying_apart(database)
    order = take_in(database)
    for minutes, lines in ((1, LINES[:1]), (2, LINES)):
        desk.take_in(
            database,
            an_order(lines=lines, external_id=order.external_id, number=order.number,
                     changed_at=PLACED + timedelta(minutes=minutes)),
        )  # fmt: skip
    deliver(database)
    assert [request.warehouse for request in erp.asked] == ["EAST", "WEST"]
    assert sum((request.total for request in erp.asked), Decimal(0)) == order.totals.total


def test_without_a_policy_nothing_is_sold_beyond_stock(database: Database, database_url: stack.DatabaseUrls) -> None:
    desk.change(database_url.owner, "UPDATE article SET backorder = true")
    desk.count(database, 1, "LAMP", "BOOK")
    with database.audited(desk.ACTOR) as (_, trail):
        trail.add("article.changed", "test", [("article", f"berlin:{sku}") for sku in ("LAMP", "BOOK")])
    take_in(database)
    assert (status(database)[0][0], waiting(database)) == ("short", [])


def flag(database: Database, sku: str, **marks: Any) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        for column, value in marks.items():
            connection.execute(f"UPDATE article SET {column} = %s WHERE sku = %s", (value, sku))  # noqa: S608 - a column of ours
        trail.add("article.changed", "test", [("article", f"berlin:{sku}")])


def test_what_may_be_back_ordered_is_accepted_and_what_is_missing_comes_first_when_stock_comes_in(
    database: Database, erp: Erp
) -> None:
    allow(database, "{backorder: flagged}")
    flag(database, "LAMP", backorder=True)
    desk.count(database, 1, "LAMP", "BOOK")
    first = take_in(database)
    assert status(database)[0][0] == "accepted"
    assert (reserved(database), waiting(database)) == (
        {("EAST", "LAMP"): 1, ("EAST", "BOOK"): 1}, [("LAMP", 1, "backorder", None, False)],
    )  # fmt: skip
    deliver(database)
    assert [request.total for request in erp.asked] == [first.totals.total]
    assert all(row["on_hand"] >= row["reserved"] for row in ledger(database))

    flag(database, "LAMP", backorder=False)
    desk.count(database, 2, "LAMP", "BOOK")
    take_in(database)
    assert status(database)[1][:2] == ("short", "Not enough stock in any one warehouse (LAMP: 2 wanted, 0 there).")
    assert serve(database) == 0
    assert waiting(database) == [("LAMP", 1, "backorder", None, True)]
    assert reserved(database) == {("EAST", "LAMP"): 2, ("EAST", "BOOK"): 1}
    desk.count(database, 4, "LAMP", "BOOK")
    assert serve(database) == 1


def test_back_orders_are_served_oldest_first_and_as_far_as_stock_reaches(database: Database) -> None:
    allow(database, "{backorder: all}")
    desk.count(database, 0, "LAMP", "BOOK")
    take_in(database)
    take_in(database)
    desk.count(database, 3, "LAMP")
    serve(database)
    assert waiting(database) == [
        ("LAMP", 2, "backorder", None, True), ("BOOK", 1, "backorder", None, False),
        ("LAMP", 1, "backorder", None, False), ("BOOK", 1, "backorder", None, False),
    ]  # fmt: skip
    desk.count(database, 9, "LAMP", "BOOK")
    serve(database)
    assert {row[-1] for row in waiting(database)} == {True}
    assert reserved(database) == {("EAST", "LAMP"): 4, ("EAST", "BOOK"): 2}


def test_a_pre_order_keeps_the_day_it_is_promised_for(database: Database) -> None:
    allow(database, "{preorder: flagged}")
    flag(database, "LAMP", preorder=True, available_on=date(2027, 3, 1))
    desk.count(database, 0, "LAMP")
    desk.count(database, 5, "BOOK")
    take_in(database)
    assert waiting(database) == [("LAMP", 2, "preorder", date(2027, 3, 1), False)]


def test_a_cancelled_back_order_waits_for_nothing_any_more(database: Database) -> None:
    allow(database, "{backorder: all}")
    desk.count(database, 1, "LAMP", "BOOK")
    order = take_in(database)
    cancelled = {"status": OrderStatus.CANCELLED, "changed_at": PLACED + timedelta(minutes=1)}
    desk.take_in(database, order.model_copy(update=cancelled))
    assert (waiting(database), reserved(database)) == ([], {})
    desk.count(database, 9, "LAMP", "BOOK")
    serve(database)
    assert reserved(database) == {}


def test_t_inv_2_a_bundle_and_its_part_are_never_both_accepted_when_only_one_is_there(
    database: Database,
) -> None:
    """Kit = 1 LAMP + 2 BOOK beside a single BOOK, and two BOOK in stock."""
    desk.know(database, "KIT")
    flag(database, "KIT", components='[["LAMP","1"],["BOOK","2"]]')
    desk.count(database, 9, "LAMP")
    desk.count(database, 2, "BOOK")
    order = desk.an_order_of([a_line("KIT", 1, "60.00"), a_line("BOOK", 1, "12.80", 7)])
    assert desk.take_in(database, order).short == 1
    assert reserved(database) == {}


def test_a_sale_of_an_order_that_is_no_longer_wanted_is_refused_whoever_made_it_due_again(
    database: Database, database_url: stack.DatabaseUrls, erp: Erp
) -> None:
    desk.count(database, 9, "LAMP", "BOOK")
    order = take_in(database)
    cancelled = {"status": OrderStatus.CANCELLED, "changed_at": PLACED + timedelta(minutes=1)}
    desk.take_in(database, order.model_copy(update=cancelled))
    desk.change(database_url.owner, "UPDATE effect SET state = 'due'")
    deliver(database)
    assert erp.asked == []
    assert desk.ask(database, "SELECT state FROM effect WHERE kind = 'erp.sale'") == [{"state": "failed"}]
