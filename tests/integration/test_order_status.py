"""Statuses between systems: every report kept, the declared winner, and each change told once."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from blocks.database import inbox, rulebooks
from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import OrderStatus
from blocks.documents.statuses import StatusNotice, StatusSeen, Vocabulary, standard_text
from blocks.errors import Refused, TryAgainLater, WrongUse
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_statuses import WORDS as TRYTON
from blocks.systems.shops.contract import Received
from blocks.systems.shops.smartstore_statuses import WORDS as SMARTSTORE
from deployments.cli import app
from tasks.order_status import deciding, rules, steps, telling
from tasks.order_status.deciding import Taken
from tasks.order_status.ruling import KIND, NAME, PROCESS, Route
from tests import desk, stack
from tests.orders import an_order

ROUTE = Route("smartstore-shop/berlin", "tryton-erp/main")
ACTOR = Actor(process=PROCESS, run_id="run-7")
AGO = timedelta(minutes=8)
NOW = datetime.now(UTC).replace(microsecond=0) - AGO

ENGRAVING = (
    standard_text()
    .replace(
        "  - {code: complete",
        "  - {code: awaiting_engraving, label: {de: Wartet auf Gravur, en: Awaiting engraving}, kind: open}\n"
        "  - {code: complete",
    )
    .replace("processing: [complete, cancelled]", "processing: [awaiting_engraving, complete, cancelled]")
    .replace("ways_back: {}", "  awaiting_engraving: [complete, cancelled]\nways_back: {}")
    .replace(
        "      complete: complete\n      cancelled: cancelled\n    told:",
        "      complete: complete\n      cancelled: cancelled\n    told:",
    )
    .replace("      new: not told\n", "      new: not told\n      awaiting_engraving: label\n")
)


class Outside(desk.PlainShop):
    """Shop and ERP as the process sees them."""

    status_words: ClassVar[Vocabulary | None] = Vocabulary(
        SMARTSTORE.reports | TRYTON.reports, SMARTSTORE.settable | TRYTON.settable, shows_labels=True
    )

    def __init__(self) -> None:
        """Start with an ERP that knows no sale."""
        self.sales: dict[str, StatusSeen] = {}
        self.told: list[StatusNotice] = []
        self.refusing: Exception | None = None

    def read_status(self, received: Received) -> StatusSeen:
        """Read our own order document."""
        order = desk.PlainShop.read_order(self, received, "berlin")
        words = {OrderStatus.NEW: "pending", OrderStatus.COMPLETE: "complete", OrderStatus.CANCELLED: "cancelled"}
        word = order.comment or words.get(order.status, "processing")
        return StatusSeen(key=order.external_id, word=word, at=order.changed_at)

    def sales_changed(self, since: datetime) -> Iterator[tuple[tuple[str, str, datetime], ...]]:
        """Yield what changed."""
        changed = [(key, f"S{key}", seen.at) for key, seen in self.sales.items() if seen.at >= since]
        yield tuple(sorted(changed, key=lambda each: each[2]))

    def sale_states(self, references: Sequence[str]) -> dict[str, StatusSeen]:
        """Return what stands."""
        return {key: self.sales[key] for key in references if key in self.sales}

    def set_status(self, notices: Sequence[StatusNotice]) -> list[Answer]:
        """Keep what is told."""
        if self.refusing:
            raise self.refusing
        self.told += notices
        return [Done(notice.reference) for notice in notices]


@pytest.fixture(autouse=True)
def _some_minutes_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reports be a few minutes old when a test runs, however long ago its module was read."""
    monkeypatch.setitem(globals(), "NOW", datetime.now(UTC).replace(microsecond=0) - AGO)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    found = Outside()
    for module in (steps, telling):
        monkeypatch.setattr(module, "load_system", lambda _name: found)
    monkeypatch.setattr(steps, "connector", lambda _slug: found)
    return found


@pytest.fixture
def database(database_url: stack.DatabaseUrls, configured: Path) -> Database:
    assert configured.exists()
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 1000, "LAMP", "BOOK")
    return database


@pytest.fixture
def sold(database: Database, outside: Outside) -> tuple[Database, int]:
    assert outside.status_words
    ((order, _),) = sell(database)
    return database, order


def sell(database: Database, count: int = 1, *, booked: bool = True) -> list[tuple[int, str]]:
    """Take orders in and book their sales; returns row ids and the shop's ids."""
    orders = [desk.numbered(an_order(), changed_at=NOW) for _ in range(count)]
    desk.take_in(database, *orders)
    keys = [order.external_id for order in orders]
    rows = desk.ask(
        database, "SELECT id, external_id FROM sales_order WHERE external_id = ANY(%s) ORDER BY id", (keys,)
    )
    if booked:
        with database.audited(ACTOR) as (connection, trail):
            for row in rows:
                book(connection, trail, row)
    return [(row["id"], row["external_id"]) for row in rows]


def book(connection: Any, trail: Any, row: dict[str, Any]) -> None:
    answer = json.dumps({"reference": f"SOMS-berlin-{row['external_id']}", "adopted": False, "facts": {}})
    effect = connection.execute(
        "UPDATE effect SET state = 'done', answer = %s WHERE kind = 'erp.sale' AND subject = %s RETURNING id",
        (answer, f"sales_order/{row['id']}"),
    ).fetchone()
    number = f"SSOMS-berlin-{row['external_id']}"
    connection.execute("UPDATE sales_order SET erp_number = %s WHERE id = %s", (number, row["id"]))
    touched = [("effect", effect["id"]), ("sales_order", row["id"])]
    trail.add("order.in_erp", f"sales_order/{row['id']}", touched)


def take(database: Database, *seen: rules.Seen) -> Taken:
    with database.audited(ACTOR) as (connection, trail):
        return deciding.take(connection, trail, steps.ruling_for(connection, ROUTE), seen)


def says(order_id: int, system: str, word: str, seconds: float = 0.0) -> rules.Seen:
    name = {"shop": ROUTE.source, "erp": ROUTE.erp}[system]
    return rules.Seen(order_id, name, word, NOW + timedelta(seconds=seconds))


def activate(database: Database, content: str) -> None:
    with database.audited(ACTOR) as (connection, trail):
        rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=content, by="ann", reason="engraving")


def lifecycle(database: Database, order_id: int) -> str | None:
    (row,) = desk.ask(database, "SELECT lifecycle FROM sales_order WHERE id = %s", (order_id,))
    found: str | None = row["lifecycle"]
    return found


def entries(database: Database, order_id: int) -> list[tuple[str, str, str, str]]:
    rows = desk.ask(database, "SELECT * FROM order_status_entry WHERE order_id = %s ORDER BY id", (order_id,))
    return [(row["system"].partition("-")[0], row["system_status"], row["status"], row["outcome"]) for row in rows]


def calls(database: Database) -> list[tuple[str, str, str]]:
    rows = desk.ask(database, "SELECT kind, payload, state FROM effect WHERE process = %s ORDER BY id", (PROCESS,))
    return [(row["kind"].partition(".")[2], json.loads(row["payload"])["word"], row["state"]) for row in rows]


def deliver(database: Database) -> Any:
    with database.audited(ACTOR) as (connection, trail):
        telling.records.abandon_outdated(connection, trail)
    return steps.deliver_all(telling.DELIVERY, database, ACTOR, lease=60, patience=0, log=lambda _line: None)


LEADS = "order_of_systems"


@pytest.mark.parametrize(
    ("rule", "shop_later", "erp_later"),
    [
        ("latest", "processing", "awaiting_engraving"),
        (LEADS, "awaiting_engraving", "awaiting_engraving"),
        ("never_backwards", "awaiting_engraving", "awaiting_engraving"),
    ],
)
def test_t_sta_2_two_systems_within_a_second_leave_both_entries_and_the_declared_winner(
    database: Database, outside: Outside, rule: str, shop_later: str, erp_later: str
) -> None:
    assert outside.status_words
    both_ways = ENGRAVING.replace("ways_back: {}", "ways_back: {awaiting_engraving: [processing]}")
    engraved = both_ways.replace("exception: processing", "exception: awaiting_engraving")
    activate(database, engraved.replace("rule: latest", f"rule: {rule}"))
    sold = iter(sell(database, 6))
    for times, winner in (((0.4, 0.0), shop_later), ((0.0, 0.4), erp_later)):
        for arrival in ("together", "shop first", "erp first"):
            order, _ = next(sold)
            told = [says(order, "shop", "processing", times[0]), says(order, "erp", "exception", times[1])]
            for batch in {"together": [told], "shop first": zip(told), "erp first": zip(told[::-1])}[arrival]:
                take(database, *batch)
            assert (lifecycle(database, order), times, arrival) == (winner, times, arrival)
            said = {entry[:2] for entry in entries(database, order)}
            assert said == {("smartstore", "processing"), ("tryton", "exception")}


@pytest.mark.parametrize("arrival", ["shop first", "erp first"])
def test_t_sta_2_an_end_is_an_end_whoever_is_heard_first(sold: tuple[Database, int], arrival: str) -> None:
    database, order = sold
    told = [says(order, "shop", "cancelled"), says(order, "erp", "shipped", 0.5)]
    for each in told if arrival == "shop first" else told[::-1]:
        take(database, each)
    assert lifecycle(database, order) == "cancelled"
    assert len(entries(database, order)) == 2


def test_t_sta_2_the_loser_is_told_of_the_winner_and_the_verdict_names_it(database: Database, outside: Outside) -> None:
    activate(database, standard_text().replace("rule: latest", "rule: order_of_systems"))
    ((order, key),) = sell(database)
    take(database, says(order, "shop", "processing", -60))
    take(database, says(order, "shop", "cancelled", 0.4), says(order, "erp", "shipped", 0.0))
    assert lifecycle(database, order) == "complete"
    (row,) = desk.ask(database, "SELECT reason FROM order_status_entry WHERE outcome = 'overruled'")
    assert row["reason"] == "tryton-erp/main leads and said 'shipped' 0.4 s apart."
    deliver(database)
    assert [(notice.key, notice.word) for notice in outside.told] == [(key, "complete")]


def test_a_change_is_told_to_the_other_system_once_and_not_to_the_one_that_said_it(
    database: Database, outside: Outside, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    ((order, key),) = sell(database)
    for _ in range(2):
        assert take(database, says(order, "shop", "pending"), says(order, "erp", "processing", 1)).unmapped == 0
    assert entries(database, order) == [
        ("smartstore", "pending", "new", "applied"),
        ("tryton", "processing", "processing", "applied"),
    ]
    assert deliver(database).done == 1
    assert deliver(database).done == 0
    assert [(notice.key, notice.word) for notice in outside.told] == [(key, "processing")]
    take(database, says(order, "erp", "shipped", 60))
    take(database, says(order, "shop", "processing", 61))  # the echo of what it was told before
    deliver(database)
    assert (lifecycle(database, order), outside.told[-1].word) == ("complete", "complete")
    take(database, says(order, "shop", "complete", 90))
    assert deliver(database).done == 0
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_a_shop_is_never_told_of_another_channels_order_which_may_have_the_id_of_one_of_its_own(
    database: Database, outside: Outside
) -> None:
    ((order, _),) = sell(database)
    with database.audited(ACTOR) as (connection, trail):
        connection.execute("UPDATE sales_order SET channel = 'branch' WHERE id = %s", (order,))
        trail.add("test.moved", f"sales_order/{order}", [("sales_order", order)])
    assert take(database, says(order, "erp", "processing")).moved == 1
    assert lifecycle(database, order) == "processing"
    assert calls(database) == []
    assert deliver(database).done == 0
    assert outside.told == []


def test_a_status_that_was_never_told_is_not_told_when_a_newer_one_is_due(database: Database, outside: Outside) -> None:
    ((order, _),) = sell(database)
    take(database, says(order, "erp", "processing"))
    outside.refusing = TryAgainLater("Down.")
    deliver(database)
    take(database, says(order, "erp", "shipped", 60))
    assert calls(database) == [("shop", "processing", "abandoned"), ("shop", "complete", "due")]
    outside.refusing = None
    deliver(database)
    assert [notice.word for notice in outside.told] == ["complete"]


def test_an_older_status_whose_teller_died_is_not_told_after_the_newer_one(
    database: Database, outside: Outside
) -> None:
    ((order, _),) = sell(database)
    take(database, says(order, "erp", "processing"))
    desk.change(
        database.url, "UPDATE effect SET state = 'claimed', token = 4711 WHERE process = %s", (PROCESS,)
    )  # its lease has run out
    take(database, says(order, "erp", "shipped", 60))
    deliver(database)
    deliver(database)
    assert [notice.word for notice in outside.told] == ["complete"]
    assert [state for _, _, state in calls(database)] == ["abandoned", "done"]


def test_a_newer_status_waits_while_the_older_one_is_being_told(database: Database, outside: Outside) -> None:
    ((order, _),) = sell(database)
    take(database, says(order, "erp", "processing"))
    desk.change(database.url, "INSERT INTO lease (token, holder, until) VALUES (4711, 'x', now() + interval '1 hour')")
    desk.change(database.url, "UPDATE effect SET state = 'claimed', token = 4711 WHERE process = %s", (PROCESS,))
    take(database, says(order, "erp", "shipped", 60))
    assert deliver(database).put_off == 1
    assert outside.told == []
    assert [state for _, _, state in calls(database)] == ["claimed", "due"]


def test_an_unmapped_word_moves_nothing_and_goes_on_by_itself_once_it_is_mapped(
    database: Database, outside: Outside
) -> None:
    ((order, _),) = sell(database)
    taken = take(database, says(order, "shop", "order status 77"))
    assert (taken.unmapped, lifecycle(database, order)) == (1, "new")
    assert take(database, says(order, "shop", "order status 77")).unmapped == 0
    mapped = standard_text().replace("      pending: new\n", "      pending: new\n      order status 77: processing\n")
    activate(database, mapped)
    assert steps.hear_again.fn(ROUTE).moved == 1
    assert steps.hear_again.fn(ROUTE) == Taken()
    assert lifecycle(database, order) == "processing"
    assert entries(database, order) == [
        ("smartstore", "order status 77", "", "unmapped"),
        ("smartstore", "order status 77", "processing", "applied"),
    ]
    assert outside.told == []


def test_a_report_that_arrives_late_takes_its_place_and_overwrites_nothing(
    database: Database, outside: Outside
) -> None:
    assert outside.status_words
    ((order, _),) = sell(database)
    take(database, says(order, "erp", "shipped", 60))
    take(database, says(order, "shop", "processing", 30))
    assert lifecycle(database, order) == "complete"
    assert entries(database, order)[-1] == ("smartstore", "processing", "processing", "overruled")


def test_a_clock_that_runs_ahead_does_not_win_for_as_long_as_it_does(database: Database, outside: Outside) -> None:
    assert outside.status_words
    ((order, _),) = sell(database)
    ahead = rules.Seen(order, ROUTE.source, "processing", datetime.now(UTC) + timedelta(days=1))
    for _ in range(3):
        take(database, ahead)
    (row,) = desk.ask(database, "SELECT reported_at <= now() AS past FROM order_status_entry")
    assert row["past"]


def test_the_inbox_and_the_erp_are_heard_from_where_the_last_run_ended(
    database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PAGE", 2)
    sold = sell(database, 5)
    assert steps.hear_shop.fn(ROUTE).applied == 5
    assert steps.hear_shop.fn(ROUTE) == Taken()
    for place, (_, key) in enumerate(sold):
        reference = f"SOMS-berlin-{key}"
        outside.sales[reference] = StatusSeen(key=reference, word="processing", at=NOW + timedelta(seconds=place))
    assert steps.hear_erp.fn(ROUTE).applied == 5
    assert steps.hear_erp.fn(ROUTE) == Taken()
    order, key = sold[3]
    outside.sales[f"SOMS-berlin-{key}"] = StatusSeen(key="x", word="shipped", at=NOW + timedelta(minutes=5))
    assert steps.hear_erp.fn(ROUTE).moved == 1
    assert lifecycle(database, order) == "complete"


def test_what_the_erp_says_of_one_shops_orders_is_left_to_that_shops_runs(database: Database, outside: Outside) -> None:
    """Whoever hears it moves the order and tells the order's shop; a run for another shop cannot tell it."""
    ((_, key),) = sell(database)
    reference = f"SOMS-berlin-{key}"
    outside.sales[reference] = StatusSeen(key=reference, word="shipped", at=NOW)
    other = Route("smartstore-shop/paris", ROUTE.erp)
    with database.connect() as connection:
        inbox.move_cursor(connection, source=steps.heard_for(other), kind=steps.CURSOR, position=NOW)
    assert steps.hear_erp.fn(other) == Taken()
    assert steps.hear_erp.fn(ROUTE).applied == 1


def test_two_runs_at_once_record_everything_once(database: Database, outside: Outside) -> None:
    assert outside.status_words
    sold = sell(database, 6)
    with ThreadPoolExecutor(4) as runs:
        taken = list(runs.map(lambda _: steps.hear_shop.fn(ROUTE), range(4)))
    assert sum(each.applied for each in taken) == len(sold)
    assert [len(entries(database, order)) for order, _ in sold] == [1] * len(sold)


def test_an_order_booked_long_after_it_came_in_is_heard_as_it_stands(database: Database, outside: Outside) -> None:
    assert outside.status_words
    sell(database)
    steps.hear_shop.fn(ROUTE)
    order = desk.numbered(an_order(), changed_at=NOW)
    desk.deliver(database, [desk.received(order)])
    desk.change(database.url, "UPDATE source_cursor SET position = now() + interval '20 minutes'")
    desk.judge(database)
    desk.change(
        database.url,
        "UPDATE sales_order SET booked_at = now() + interval '20 minutes' WHERE external_id = %s",
        (order.external_id,),
    )
    assert steps.hear_shop.fn(ROUTE).applied == 1


def test_an_order_in_parts_is_as_far_as_the_part_that_is_least_far(database: Database, outside: Outside) -> None:
    ((order, key),) = sell(database)
    with database.audited(ACTOR) as (connection, trail):
        row = connection.execute(
            "INSERT INTO effect (business_key, process, system, kind, subject, payload, state, answer) SELECT"
            " business_key || '/2', process, system, kind, subject, payload, state, replace(answer, %s, %s) FROM effect"
            " WHERE kind = 'erp.sale' RETURNING id",
            (f"berlin-{key}", f"berlin-{key}-2"),
        ).fetchone()
        trail.add("effect.due", f"sales_order/{order}", [("effect", row["id"] if row else 0)])
    first, second = f"SOMS-berlin-{key}", f"SOMS-berlin-{key}-2"
    outside.sales = {
        first: StatusSeen(key=first, word="shipped", at=NOW + timedelta(seconds=9)),
        second: StatusSeen(key=second, word="processing", at=NOW),
    }
    assert steps.hear_erp.fn(ROUTE, [key]).moved == 1
    assert lifecycle(database, order) == "processing"
    outside.sales[second] = StatusSeen(key=second, word="shipped", at=NOW + timedelta(minutes=1))
    steps.hear_erp.fn(ROUTE, [key])
    assert lifecycle(database, order) == "complete"


def test_a_person_sets_a_status_along_the_graph_with_who_and_why(database: Database, outside: Outside) -> None:
    activate(database, ENGRAVING)
    ((order, key),) = sell(database)
    take(database, says(order, "erp", "processing"))
    deliver(database)
    sentence = steps.set_status.fn(ROUTE, key, "awaiting_engraving", by="ann", reason="the customer wrote")
    assert sentence == f"Order {key} is 'awaiting_engraving' now."
    assert lifecycle(database, order) == "awaiting_engraving"
    assert steps.set_status.fn(ROUTE, key, "awaiting_engraving", by="ann", reason="again").endswith("already.")
    (row,) = desk.ask(database, "SELECT reason, outcome FROM order_status_entry WHERE system = 'person'")
    assert (row["reason"], row["outcome"]) == ("ann: the customer wrote", "applied")
    (event,) = desk.ask(database, "SELECT facts FROM audit_event WHERE kind = 'order.status_set'")
    assert json.loads(event["facts"]) == {"by": "ann", "status": "awaiting_engraving"}
    deliver(database)
    assert [(notice.word, notice.label.de) for notice in outside.told[-2:]] == [("label", "Wartet auf Gravur")] * 2
    told = CliRunner().invoke(app, ["statuses", "history", key], standalone_mode=False).output
    assert "person said 'awaiting_engraving' (awaiting_engraving): applied. ann: the customer wrote" in told
    assert told.endswith("It is 'awaiting_engraving' now.\n")
    with pytest.raises(WrongUse, match="a person may set: complete, cancelled"):
        steps.set_status.fn(ROUTE, key, "new", by="ann", reason="no")
    with pytest.raises(WrongUse, match="There is no status 'lost'"):
        steps.set_status.fn(ROUTE, key, "lost", by="ann", reason="no")
    with pytest.raises(WrongUse, match="No order 1 of berlin"):
        steps.set_status.fn(ROUTE, "1", "complete", by="ann", reason="no")


def test_an_order_that_is_not_in_the_erp_yet_is_told_there_when_it_is(database: Database, outside: Outside) -> None:
    ((order, key),) = sell(database, booked=False)
    take(database, says(order, "shop", "complete"))
    deliver(database)
    assert ("erp", "shipped", "due") in calls(database)
    with database.audited(ACTOR) as (connection, trail):
        book(connection, trail, {"id": order, "external_id": key})
    desk.change(database.url, "UPDATE effect SET due_at = now() WHERE process = %s AND state = 'due'", (PROCESS,))
    deliver(database)
    assert [(notice.key, notice.word) for notice in outside.told] == [(f"SOMS-berlin-{key}", "shipped")]


def test_a_refused_telling_waits_for_a_person_and_holds_up_nobody(database: Database, outside: Outside) -> None:
    sold = sell(database, 3)
    take(database, *(says(order, "erp", "processing") for order, _ in sold))
    outside.refusing = Refused("Not allowed.")
    assert deliver(database).refused == 3
    assert {state for _, _, state in calls(database)} == {"failed"}
    assert lifecycle(database, sold[0][0]) == "processing"
    outside.refusing = None
    take(database, says(sold[0][0], "erp", "shipped", 60))
    assert [state for _, _, state in calls(database)] == ["abandoned", "failed", "failed", "due"]


def test_a_graph_that_was_changed_moves_no_order_by_itself(database: Database, outside: Outside) -> None:
    assert outside.status_words
    ((order, _),) = sell(database)
    take(database, says(order, "shop", "cancelled"))
    activate(database, standard_text().replace("new: [processing, cancelled]", "new: [processing]"))
    take(database, says(order, "erp", "processing", 30))
    assert lifecycle(database, order) == "cancelled"
