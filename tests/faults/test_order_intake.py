"""Order intake against a real shop, ERP, Prefect and Postgres: what comes twice, what fails, what is run again."""

from itertools import pairwise
from typing import Any

from blocks.database.audit import Actor
from blocks.database.engine import Database
from tests.faults.world import Case, World

WRITES = ("sale.sale.create", "sale.sale.quote", "sale.sale.confirm", "party.party.create")


def rows(case: Case, query: str) -> list[dict[str, Any]]:
    with case.database.connect() as connection:
        return connection.execute(query).fetchall()


def shop_writes(case: Case) -> list[str]:
    return [request["path"] for request in case.shop.requests() if request["method"] != "GET"]


def test_an_order_that_comes_five_times_is_booked_once_and_leaves_four_logged_duplicates(world: World) -> None:
    """T-ORD-1, shop part: by two polls, by a window, by its number, and after a restart of the intake.

    A row that stands twice in one page is the shop's slip in paging, not a second delivery: the connector drops it.
    """
    with world.case(good=1) as case:
        case.shop.faults({"kind": "duplicate_rows", "path": "Orders", "nth": 1})
        case.run()
        case.run(since="2020-01-01T00:00:00Z")
        case.run(orders=[str(case.orders[0])])
        case.run()
        case.run()
        (kept,) = rows(case, "SELECT deliveries, state FROM inbox")
        assert (kept["deliveries"], kept["state"]) == (5, "accepted")
        assert len(rows(case, "SELECT 1 FROM audit_event WHERE kind = 'inbox.duplicate'")) == 4
        state = case.end_state()
        assert len(state["orders"]) == len(state["sales"]) == len(state["notes"]) == 1
        assert case.findings() == []


def test_an_erp_that_fails_three_times_gets_the_sale_once_after_growing_waits(world: World) -> None:
    """T-ORD-7, first half."""
    with world.case(good=1) as case:
        world.proxy.faults({"kind": "status", "status": 500, "body": "model.sale.sale.create", "times": 3})
        case.run()
        events = rows(
            case, "SELECT at, kind FROM audit_event WHERE kind IN ('effect.put_off', 'effect.claimed') ORDER BY seq"
        )
        kinds = [event["kind"] for event in events]
        assert kinds.count("effect.put_off") == 3
        waits = [
            (later["at"] - put_off["at"]).total_seconds()
            for put_off, later in pairwise(events)
            if put_off["kind"] == "effect.put_off"
        ]
        assert waits[0] < waits[1] < waits[2]
        assert [sale[1] for sale in case.end_state()["sales"]] == [True]
        assert case.findings() == []


def test_a_sale_whose_answer_was_lost_is_found_at_the_erp_and_adopted(world: World) -> None:
    """T-ORD-7, second half."""
    with world.case(good=1) as case:
        world.proxy.faults({"kind": "cut_after", "body": "model.sale.sale.create", "times": 1})
        case.run()
        (effect,) = rows(case, "SELECT state, attempts, answer FROM effect WHERE kind = 'erp.sale'")
        assert (effect["state"], effect["attempts"]) == ("done", 2)
        assert '"adopted":true' in effect["answer"]
        assert len(case.end_state()["sales"]) == 1


def test_running_a_finished_run_again_previews_and_makes_no_call_that_changes_anything(world: World) -> None:
    """T-ORD-9."""
    with world.case(good=2, bad=1) as case:
        case.run()
        before = case.end_state()
        assert rows(case, "SELECT 1 FROM effect WHERE state IN ('due', 'claimed')") == []
        case.shop.forget_requests()
        world.proxy.forget_requests()
        case.run(since="2020-01-01T00:00:00Z")
        assert shop_writes(case) == []
        assert world.proxy.requests() == []
        assert case.end_state() == before


def test_a_rehearsal_keeps_nothing_and_calls_nothing(world: World) -> None:
    with world.case(good=2, bad=1) as case:
        with case.database.connect() as connection:
            head = connection.execute("SELECT seq FROM audit_head").fetchone()
        case.run(dry_run=True)
        state = case.end_state()
        assert (state["orders"], state["aside"], state["inbox"], state["sales"]) == ([], [], [], [])
        assert shop_writes(case) == world.proxy.requests() == []
        with case.database.connect() as connection:
            assert connection.execute("SELECT seq FROM audit_head").fetchone() == head


def test_two_runs_at_once_book_each_order_once(world: World) -> None:
    with world.case(good=12, bad=2) as case:
        second = type(world.zygote)(world.api_url)
        try:
            world.zygote, first = second, world.zygote
            case.start()
            world.zygote = first
            case.start()
            assert (first.wait(), second.wait()) == (0, 0)
        finally:
            second.stop()
        state = case.end_state()
        assert len(state["orders"]) == len({sale[0] for sale in state["sales"]}) == len(state["sales"]) == 12
        assert len(state["marks"]) == len(state["notes"]) == 12
        assert len(state["aside"]) == 2
        assert case.findings() == []


def test_an_erp_that_is_down_keeps_no_order_from_being_booked_and_gets_its_sales_later(world: World) -> None:
    with world.case(good=3) as case:
        world.proxy.faults({"kind": "cut_before", "path": "/"})
        case.run(patience=1.0)
        assert [row["state"] for row in rows(case, "SELECT state FROM effect")] == ["due"] * 3
        assert [row[1] for row in case.end_state()["orders"]] == ["accepted"] * 3
        world.proxy.no_faults()
        make_due_now(case.database)
        case.run()
        state = case.end_state()
        assert len(state["sales"]) == len(state["marks"]) == 3
        assert case.findings() == []


def test_a_short_order_is_held_without_reservation_and_served_when_stock_comes_in(world: World) -> None:
    with world.case(good=0) as case:
        case.orders = case.shop.orders(1, short=1.0, start=3000)["ids"]
        case.run()
        (order,) = rows(case, "SELECT status, hold_reason, warehouse FROM sales_order")
        assert (order["status"], order["warehouse"]) == ("short", None)
        assert "Not enough stock" in order["hold_reason"]
        assert case.end_state()["reservations"] == case.end_state()["sales"] == []
        receive_goods(case.database)
        case.run()
        state = case.end_state()
        assert [row[1] for row in state["orders"]] == ["accepted"]
        assert state["reservations"]
        assert len(state["sales"]) == 1
        assert case.findings() == []


def receive_goods(database: Database) -> None:
    with database.audited(Actor("test")) as (connection, trail):
        changed = connection.execute("UPDATE stock SET on_hand = on_hand + 1000 RETURNING warehouse, sku").fetchall()
        trail.add("stock.counted", "stock", [("stock", f"{row['warehouse']}:{row['sku']}") for row in changed])


def test_no_personal_data_stands_in_the_audit_trail_or_beside_the_reasons(world: World) -> None:
    with world.case(good=4, bad=6) as case:
        case.run()
        people = rows(case, "SELECT name, email FROM customer WHERE name <> ''")
        assert people
        told = rows(
            case,
            "SELECT string_agg(facts || subject || digests, ' ') AS text FROM audit_event"
            " UNION ALL SELECT string_agg(faults, ' ') FROM quarantine"
            " UNION ALL SELECT string_agg(coalesce(answer, '') || coalesce(last_error, '') || payload, ' ')"
            " FROM effect",
        )
        text = " ".join(row["text"] or "" for row in told)
        assert [
            person for person in people if person["name"] in text or (person["email"] and person["email"] in text)
        ] == []


def test_a_shop_that_is_down_fails_the_run_after_what_is_due_at_the_erp_was_done(world: World) -> None:
    with world.case(good=1) as case:
        world.proxy.faults({"kind": "cut_before", "path": "/"})
        case.run(patience=0.0)
        world.proxy.no_faults()
        make_due_now(case.database)
        case.shop.faults({"kind": "status", "status": 401, "path": "Orders"})
        case.start()
        assert world.zygote.wait() == 1
        assert len(case.end_state()["sales"]) == 1


def make_due_now(database: Database) -> None:
    with database.audited(Actor("test")) as (connection, trail):
        due = connection.execute("UPDATE effect SET due_at = now() RETURNING id").fetchall()
        trail.add("test.clock_moved", "effects", [("effect", row["id"]) for row in due])
