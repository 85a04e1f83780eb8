"""The gate judges a batch as a whole, the rules judge each order, and no record ever stops those beside it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database import quarantine
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import OrderStatus
from blocks.documents.parties import Customer
from blocks.errors import Refused, Unreadable
from blocks.systems.shops.contract import Received
from tests import desk, stack
from tests.orders import a_line, an_order, with_totals

BATCH = 25


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 10_000, "LAMP", "BOOK")
    return database


def good(count: int) -> list[desk.Order]:
    return [desk.numbered(an_order()) for _ in range(count)]


def unknown(count: int) -> list[desk.Order]:
    return [desk.an_order_of([a_line("RENAMED", 1, "5.00")]) for _ in range(count)]


def aside(database: Database) -> dict[str, list[str]]:
    """Return the rules by which records wait, by the shop's order number."""
    with database.connect() as connection:
        rows = quarantine.waiting(connection)
    return {row["external_id"]: [fault["rule"] for fault in row["faults"]] for row in rows}


def release_all(database: Database) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        ids = [row["id"] for row in quarantine.waiting(connection)]
        assert set(quarantine.release(connection, trail, ids, by="Ada", reason="Renamed back.")) == set(ids)


def test_a_good_batch_passes_and_leaves_its_findings(database: Database) -> None:
    assert desk.take_in(database, *good(BATCH)).accepted == BATCH
    found = desk.ask(database, "SELECT * FROM quality_result ORDER BY expectation")
    assert len({row["expectation"] for row in found}) == len(found) == 8
    assert {row["passed"] for row in found if row["expectation"] != "ORD-DQ-06"} == {True}
    assert {(row["checked"], row["run_id"]) for row in found} == {(BATCH, "run-1")}


def test_a_batch_of_mostly_unknown_articles_is_stopped_as_a_whole_and_passes_once_released(database: Database) -> None:
    bad = unknown(15)
    assert desk.take_in(database, *bad, *good(10)).put_aside == BATCH
    assert {tuple(rules) for rules in aside(database).values()} == {("ORD-DQ-03",)}
    stopped = desk.ask(database, "SELECT * FROM quality_result WHERE expectation = 'ORD-DQ-03'")[0]
    assert (stopped["passed"], stopped["severity"], stopped["unexpected"]) == (False, "fatal", 15)
    assert set(json.loads(stopped["examples"])) == {order.external_id for order in bad}

    desk.know(database, "RENAMED")
    desk.count(database, 100, "RENAMED")
    release_all(database)
    assert desk.judge(database).accepted == BATCH
    assert desk.ask(database, "SELECT count(*) AS findings FROM quality_result")[0]["findings"] == 8


def test_what_is_released_too_early_meets_the_rules_and_not_the_gate(database: Database) -> None:
    bad = unknown(15)
    desk.take_in(database, *bad, *good(10))
    release_all(database)
    judged = desk.judge(database)
    assert (judged.accepted, judged.put_aside) == (10, 15)
    assert aside(database) == {order.external_id: ["ORD-ARTICLE"] for order in bad}


def test_a_few_bad_orders_are_put_aside_and_the_others_booked(database: Database) -> None:
    wrong = desk.numbered(an_order())
    wrong = with_totals(wrong, total=wrong.totals.total + 1)
    judged = desk.take_in(database, *good(3), wrong)
    assert (judged.accepted, judged.put_aside) == (3, 1)
    assert aside(database) == {wrong.external_id: ["ORD-TOTAL"]}


class Moody(desk.PlainShop):
    """A shop with a connector that breaks over some records."""

    def read_order(self, received: Received, channel: str) -> desk.Order:
        """Break in one way or another."""
        if received.body == b"recursion":
            raise RecursionError(received.body)
        if received.body == b"unreadable":
            raise Unreadable("The order is not JSON.")
        return super().read_order(received, channel)


POISON: dict[str, Any] = {
    "a NUL in the number": {"number": "47\x0011"},
    "a NUL in a name": {"customer": Customer(external_id="1", name="J\x00rg")},
    "a customer id longer than any index": {"customer": Customer(external_id="".join(map(str, range(9000))))},
}


@pytest.mark.parametrize("changes", POISON.values(), ids=POISON.keys())
def test_what_postgres_cannot_keep_is_put_aside_and_the_orders_beside_it_are_booked(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path, changes: dict[str, Any]
) -> None:
    poisoned = desk.numbered(an_order()).model_copy(update=changes)
    judged = desk.take_in(database, *good(2), poisoned, *good(2))
    assert (judged.accepted, judged.put_aside) == (4, 1)
    assert aside(database) == {poisoned.external_id: ["ORD-BROKEN"]}
    told = desk.ask(database, "SELECT count(*) AS n FROM audit_event WHERE kind = 'quality.judged'")[0]["n"]
    assert told == desk.ask(database, "SELECT count(DISTINCT batch) AS n FROM quality_result")[0]["n"]
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


@pytest.mark.parametrize("body", [b"", b"\x00", b"{}", b"[]", b"recursion", b"unreadable", b"\xff\xfe", b"1" * 10_000])
def test_a_record_that_breaks_its_connector_is_put_aside_and_the_orders_beside_it_are_booked(
    database: Database, body: bytes
) -> None:
    desk.deliver(database, [*map(desk.received, good(3)), Received("13", body), *map(desk.received, good(2))])
    judged = desk.judge(database, shop=Moody())
    assert (judged.accepted, judged.put_aside) == (5, 1)
    assert list(aside(database)) == ["13"]


def test_a_number_too_large_for_the_database_is_put_aside(database: Database) -> None:
    body = desk.received(desk.numbered(an_order())).body.replace(b'"112.80"', b'"112800000000.80"')
    desk.deliver(database, [Received("13", body), *map(desk.received, good(2))])
    assert desk.judge(database).accepted == 2
    assert list(aside(database)) == ["13"]


def test_no_reason_quotes_the_customer(database: Database) -> None:
    words = ("Weiß", "Domstraße", "joerg@example.com")
    desk.deliver(database, [Received("13", desk.received(an_order()).body.replace(b'"EUR"', b'"euro"'))])
    desk.take_in(database, *unknown(2), desk.numbered(an_order()), desk.numbered(an_order(billing_address=None)))
    kept = desk.ask(
        database,
        "SELECT string_agg(faults, '') || (SELECT string_agg(facts, '') FROM audit_event)"
        " || (SELECT string_agg(payload, '') FROM effect) AS text FROM quarantine",
    )[0]["text"]
    assert "ORD-BROKEN" in kept
    assert [word for word in words if word in kept] == []


def test_what_breaks_every_record_stops_the_run_and_judges_none(database: Database) -> None:
    desk.deliver(database, [desk.received(an_order())], source="smartstore-shop/vienna")
    with pytest.raises(Refused, match="No articles"):
        desk.judge(database, route=desk.Route("smartstore-shop/vienna", "tryton-erp/main"))
    assert desk.ask(database, "SELECT state FROM inbox")[0]["state"] == "received"


def test_an_order_cancelled_while_it_waited_is_not_booked_by_releasing_its_old_version(database: Database) -> None:
    waiting = unknown(1)[0]
    desk.take_in(database, waiting)
    desk.take_in(database, waiting.model_copy(update={"status": OrderStatus.CANCELLED, "comment": "No, thanks."}))
    assert aside(database) == {}
    states = desk.ask(database, "SELECT state FROM inbox ORDER BY id")
    assert [row["state"] for row in states] == ["superseded", "ignored"]


def test_a_newer_version_takes_the_place_of_the_one_that_waits(database: Database) -> None:
    wrong = unknown(1)[0]
    desk.take_in(database, wrong)
    mended = an_order().model_copy(update={"external_id": wrong.external_id, "number": wrong.number})
    assert desk.take_in(database, mended).accepted == 1
    assert aside(database) == {}


def test_a_free_order_is_booked(database: Database) -> None:
    free = desk.an_order_of([a_line("LAMP", 1, "0.00")], charges=(), payment_method="")
    free = with_totals(free, tax=Decimal(0), taxes=(), total=Decimal(0))
    assert desk.take_in(database, free).accepted == 1
