"""What is to be bought: one alert and one proposal when stock will not last, decided by people, ordered once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blocks.database.audit_verification import verify
from blocks.database.effect_desk import abandon
from blocks.database.engine import Database
from blocks.documents import stock_rules
from blocks.documents.stock import MovementKind
from blocks.errors import Refused, TryAgainLater, WrongUse
from deployments.cli import app
from tasks.replenishment import history, needs, ordering, planning
from tests import desk, purchases, stack
from tests.orders import a_line
from tests.purchases import Buyer

DAYS = 120


@pytest.fixture
def database(configured: Path) -> Database:
    assert configured.is_dir()
    found = Database.current()
    desk.know(found, "LAMP", "BOOK")
    purchases.rule(found)
    return found


@pytest.fixture
def selling(database: Database) -> Database:
    """Return a merchant who sells two lamps a day and has plenty."""
    purchases.sold_daily(database, [2] * DAYS, left=100)
    return database


@pytest.fixture
def buyer(monkeypatch: pytest.MonkeyPatch) -> Buyer:
    found = Buyer()
    monkeypatch.setattr(ordering, "load_system", lambda _name: found)
    return found


def today(database: Database) -> Any:
    with database.connect() as connection:
        return history.span(connection, zone="Europe/Berlin", history_days=365).today


def test_t_inv_10_falling_below_the_reorder_point_is_one_alert_and_one_proposal_however_often_it_changes(
    selling: Database,
) -> None:
    """Two a day for 6 + 1 days: 14 must last. An order brings it to 14 + 10 days: 34."""
    assert purchases.run(selling).short == 0
    purchases.move(selling, MovementKind.COUNT, 14)
    purchases.run(selling)
    assert (purchases.alerts(selling), purchases.proposals(selling)) == ([], [])
    for left in (13, 12, 11, 12, 10):
        purchases.move(selling, MovementKind.COUNT, left)
        purchases.run(selling)
        assert purchases.alerts(selling) == [("EAST:LAMP", True)]
    (proposal,) = purchases.proposals(selling)
    assert (proposal["state"], proposal["quantity"]) == ("proposed", Decimal(21))
    figures = json.loads(proposal["why"])
    assert (figures["point"], figures["rate"], figures["position"]) == (14, 2.0, "13")
    opened = desk.ask(selling, "SELECT count(*) AS n FROM audit_event WHERE kind = 'alert.opened'")
    assert opened == [{"n": 1}]


def test_t_inv_10_goods_on_their_way_count_unless_they_come_too_late(selling: Database) -> None:
    purchases.move(selling, MovementKind.COUNT, 5)
    purchases.coming(selling, 20, due_on=today(selling) + timedelta(days=3))
    assert purchases.run(selling).short == 0
    assert purchases.alerts(selling) == []
    purchases.coming(selling, 20, due_on=today(selling) + timedelta(days=40))
    late = purchases.run(selling)
    assert late.short == 1
    assert late.shown[0].need.supply.later == 20
    purchases.coming(selling, 20, due_on=None)
    purchases.run(selling)
    assert purchases.alerts(selling) == [("EAST:LAMP", False)]
    assert [row["state"] for row in purchases.proposals(selling)] == ["outdated"]


def test_an_alert_ends_when_enough_is_there_again_and_not_with_the_first_piece_that_comes_back(
    selling: Database,
) -> None:
    purchases.move(selling, MovementKind.COUNT, 13)
    purchases.run(selling)
    purchases.move(selling, MovementKind.RETURN, 1)
    purchases.run(selling)
    assert purchases.alerts(selling) == [("EAST:LAMP", True)]
    assert [row["state"] for row in purchases.proposals(selling)] == ["proposed"]
    purchases.move(selling, MovementKind.RECEIPT, 15)
    purchases.run(selling)
    assert purchases.alerts(selling) == [("EAST:LAMP", False)]
    (proposal,) = purchases.proposals(selling)
    assert (proposal["state"], proposal["reason"]) == ("outdated", "No longer needed.")


def test_a_proposal_makes_way_for_another_when_much_more_is_needed(selling: Database) -> None:
    purchases.move(selling, MovementKind.COUNT, 13)
    purchases.run(selling)
    purchases.move(selling, MovementKind.COUNT, 2)
    purchases.run(selling)
    first, second = purchases.proposals(selling)
    assert (first["state"], second["state"], second["quantity"]) == ("outdated", "proposed", Decimal(32))
    with pytest.raises(WrongUse, match="Say why"):
        purchases.approve(selling, second["id"], reason=" ")
    assert purchases.approve(selling, first["id"]) == [], "nobody approves what no longer stands"


def test_packs_minimum_and_supplier_are_the_merchants(selling: Database) -> None:
    purchases.rule(
        selling,
        "replenishment:\n  general: {lead_days: 6, cover_days: 10, supplier: HANSE}\n"
        "  suppliers: {HANSE: {pack: 12, minimum: 40}}\n",
    )
    purchases.move(selling, MovementKind.COUNT, 13)
    purchases.run(selling)
    (proposal,) = purchases.proposals(selling)
    assert (proposal["quantity"], proposal["supplier"]) == (Decimal(48), "HANSE")


def test_what_is_approved_is_ordered_once_and_counts_as_on_its_way_until_it_comes_in(
    selling: Database, buyer: Buyer
) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    (proposal,) = purchases.proposals(selling)
    assert purchases.approve(selling, proposal["id"]) == [proposal["id"]]
    assert purchases.approve(selling, proposal["id"]) == []
    assert purchases.alerts(selling) == [("EAST:LAMP", False)]
    purchases.run(selling)
    purchases.deliver(selling)
    purchases.deliver(selling)
    (asked,) = buyer.asked.values()
    assert asked.reference.startswith("SOMS-purchase-20")
    assert asked.reference.endswith(f"-{proposal['id']}")
    assert (asked.quantity, asked.needed_on, asked.comment) == (
        Decimal(24),
        proposal["needed_on"],
        f"Purchase proposal {proposal['id']} of SOMS; 10 there and on the way, reorder point 14.",
    )
    for _ in range(2):
        purchases.run(selling)
    (ordered,) = purchases.proposals(selling)
    assert (ordered["state"], ordered["erp_number"], ordered["decided_by"]) == ("ordered", "R1", "ada")
    purchases.move(selling, MovementKind.RECEIPT, 24)
    purchases.move(selling, MovementKind.COUNT, 12)
    assert purchases.run(selling).short == 1, "what came in is not on its way any more"


def test_what_the_erp_shows_of_our_order_is_not_counted_twice(selling: Database, buyer: Buyer) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    purchases.approve(selling, 1)
    purchases.deliver(selling)
    assert len(buyer.asked) == 1
    purchases.coming(selling, 24, due_on=None)
    purchases.move(selling, MovementKind.COUNT, 0)
    found = purchases.run(selling, dry_run=True)
    assert found.short == 0, "24 are on their way, 14 must last"
    purchases.coming(selling, 4, due_on=None)
    purchases.move(selling, MovementKind.RECEIPT, 20)
    purchases.move(selling, MovementKind.COUNT, 0)
    assert purchases.run(selling).short == 1, "20 came in and were sold, 4 are on their way"


def test_an_order_that_never_arrives_and_that_the_erp_does_not_know_stops_counting(
    selling: Database, buyer: Buyer, database_url: stack.DatabaseUrls
) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    purchases.approve(selling, 1)
    purchases.deliver(selling)
    assert buyer.calls == 1
    assert purchases.run(selling).short == 0
    desk.change(database_url.owner, "UPDATE purchase_proposal SET decided_at = now() - interval '22 days'")
    assert purchases.run(selling).short == 1


def test_what_is_declined_is_not_proposed_again_for_some_days_and_its_alert_stays(
    selling: Database, database_url: stack.DatabaseUrls
) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    assert purchases.decline(selling, 1) == [1]
    purchases.run(selling)
    assert [row["state"] for row in purchases.proposals(selling)] == ["declined"]
    assert purchases.alerts(selling) == [("EAST:LAMP", True)]
    desk.change(database_url.owner, "UPDATE purchase_proposal SET decided_at = now() - interval '8 days'")
    purchases.run(selling)
    assert [row["state"] for row in purchases.proposals(selling)] == ["declined", "proposed"]
    assert purchases.alerts(selling) == [("EAST:LAMP", True)]


def test_two_runs_at_once_make_one_proposal_and_one_alert(selling: Database) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    with ThreadPoolExecutor(2) as pool:
        found = [each.result() for each in [pool.submit(purchases.run, selling) for _ in range(2)]]
    assert sum(each.booked.proposed for each in found) == 1
    assert purchases.alerts(selling) == [("EAST:LAMP", True)]


def test_two_people_who_approve_at_once_have_it_ordered_once(selling: Database, buyer: Buyer) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(purchases.approve, selling, 1) for _ in range(2)]]
    assert sorted(done) == [[], [1]]
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(purchases.deliver, selling) for _ in range(2)]:
            each.result()
    assert buyer.calls == 1


def test_approved_while_a_run_was_under_way_it_is_not_proposed_a_second_time(
    selling: Database, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has judged; before it books, a person approves and the ERP answers. Its judgement is out of date."""
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)

    def then_somebody_approves(*arguments: Any) -> Any:
        judged = needs.judge(*arguments)
        assert purchases.approve(selling, 1) == [1]
        purchases.deliver(selling)
        return judged

    monkeypatch.setattr(planning, "judge", then_somebody_approves)
    purchases.run(selling)
    assert len(buyer.asked) == 1
    assert [row["state"] for row in purchases.proposals(selling)] == ["ordered"]


def test_an_erp_that_answers_late_or_refuses_keeps_the_proposal_approved_and_a_person_sees_why(
    selling: Database, buyer: Buyer
) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    purchases.approve(selling, 1)
    buyer.answers = [TryAgainLater("Tryton does not answer.", maybe_done=True), Refused("LAMP has no supplier.")]
    purchases.deliver(selling)
    purchases.deliver(selling, patience=5)
    (row,) = purchases.proposals(selling)
    assert (row["state"], row["call_state"], row["call_error"]) == ("approved", "failed", "LAMP has no supplier.")
    with selling.audited(desk.ACTOR) as (connection, trail):
        abandon(connection, trail, [row["call"]], by="ada", reason="Bought at the fair.")
    purchases.run(selling)
    (row,) = purchases.proposals(selling)
    assert (row["state"], row["reason"]) == ("declined", "Its call to the ERP was abandoned.")


def test_a_lost_answer_is_looked_up_and_the_purchase_is_made_once(selling: Database, buyer: Buyer) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    purchases.approve(selling, 1)
    buyer.loses_answers = 1
    purchases.deliver(selling, patience=5)
    assert (len(buyer.asked), buyer.calls) == (1, 2)
    assert [row["state"] for row in purchases.proposals(selling)] == ["ordered"]


def demanded(database: Database, *articles: tuple[str, str]) -> list[list[float | None]]:
    """Return the demand of the last three days known of some articles; None where nothing is known."""
    with database.connect() as connection:
        of = history.span(connection, zone="Europe/Berlin", history_days=365)
        rules = stock_rules.load(purchases.RULES)
        there = history.positions(connection, list(articles), rules)
        found = history.demand(connection, list(articles), of, [0.0] * of.days, there)
    return [[None if value != value else value for value in row[-3:]] for row in found.pieces.tolist()]  # noqa: PLR0124


def test_days_on_which_it_was_sold_out_say_nothing_of_demand(database: Database) -> None:
    kind = MovementKind
    purchases.moves(
        database,
        [
            purchases.movement(kind.COUNT, 4, days_ago=6),
            purchases.movement(kind.SALE, -4, days_ago=4),
            purchases.movement(kind.RECEIPT, 9, days_ago=2),
            purchases.movement(kind.SALE, -1, days_ago=1),
        ],
    )
    assert demanded(database, ("EAST", "LAMP")) == [[None, 0.0, 1.0]]
    with database.audited(desk.ACTOR) as (connection, trail):
        connection.execute("UPDATE article SET backorder = true WHERE sku = 'LAMP'")
        trail.add("article.changed", "source/berlin", [("article", "berlin:LAMP")])
    assert demanded(database, ("EAST", "LAMP")) == [[0.0, 0.0, 1.0]], "it could be ordered all the same"


def test_a_void_takes_a_sale_back_a_return_does_not_and_what_was_sent_elsewhere_is_no_demand(
    database: Database,
) -> None:
    kind = MovementKind
    purchases.moves(
        database,
        [
            purchases.movement(kind.COUNT, 50, days_ago=6),
            purchases.movement(kind.SALE, -5, days_ago=2.01),
            purchases.movement(kind.VOID, 2, days_ago=2),
            purchases.movement(kind.RETURN, 1, days_ago=2),
            purchases.movement(kind.TRANSFER, -7, days_ago=1),
            purchases.movement(kind.RECEIPT, 6, days_ago=1),
            purchases.movement(kind.VOID, -6, days_ago=1),
            purchases.movement(kind.SHIPMENT, -3, days_ago=3),
        ],
    )
    assert demanded(database, ("EAST", "LAMP")) == [[3.0, 3.0, 0.0]]


def test_an_order_is_demanded_on_the_day_it_was_placed_once_and_not_at_all_when_cancelled(database: Database) -> None:
    """A kit's parts, partly shipped: what shipped and what is still reserved are one demand."""
    purchases.move(database, MovementKind.COUNT, 50, days_ago=6)
    purchases.move(database, MovementKind.COUNT, 50)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    orders = [
        desk.an_order_of((a_line("LAMP", pieces, "10.00"),), placed_at=yesterday, changed_at=yesterday)
        for pieces in (5, 2)
    ]
    desk.take_in(database, *orders)
    assert demanded(database, ("EAST", "LAMP")) == [[0.0, 0.0, 7.0]]
    purchases.move(database, MovementKind.SHIPMENT, -3, sale=f"SOMS-berlin-{orders[0].external_id}")
    assert demanded(database, ("EAST", "LAMP")) == [[0.0, 0.0, 7.0]]
    purchases.close_sale(database, f"SOMS-berlin-{orders[1].external_id}")
    assert demanded(database, ("EAST", "LAMP")) == [[0.0, 0.0, 5.0]]


def test_only_the_warehouses_and_articles_asked_for_are_looked_at_and_a_dry_run_books_nothing(
    selling: Database,
) -> None:
    purchases.sold_daily(selling, [3] * 60, sku="BOOK", warehouse="WEST", left=1)
    purchases.move(selling, MovementKind.COUNT, 10)
    assert purchases.run(selling, dry_run=True).short == 2
    assert (purchases.alerts(selling), purchases.proposals(selling)) == ([], [])
    only = purchases.run(selling, scope=history.Scope("Europe/Berlin", ("WEST",), ("BOOK", "LAMP")))
    assert (only.articles, only.short) == (1, 1)
    assert purchases.alerts(selling) == [("WEST:BOOK", True)]


def test_a_warehouse_that_is_not_bought_for_any_more_loses_its_proposals_and_alerts(selling: Database) -> None:
    purchases.sold_daily(selling, [3] * 60, sku="BOOK", warehouse="WEST", left=1)
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.run(selling)
    purchases.rule(selling, "replenishment: {warehouses: [EAST], general: {lead_days: 6, cover_days: 10}}")
    found = purchases.run(selling)
    assert (found.articles, found.booked.outdated, found.booked.closed) == (1, 1, 1)
    assert [(row["warehouse"], row["state"]) for row in purchases.proposals(selling)] == [
        ("EAST", "proposed"),
        ("WEST", "outdated"),
    ]
    assert sorted(purchases.alerts(selling)) == [("EAST:LAMP", True), ("WEST:BOOK", False)]


def test_a_young_history_says_nothing_of_demand(database: Database) -> None:
    purchases.sold_daily(database, [9] * 10, left=1)
    assert purchases.run(database).short == 0


def test_an_empty_house_is_looked_at_without_fuss(database: Database) -> None:
    assert (purchases.run(database).articles, purchases.proposals(database)) == (0, [])


def say(*words: str) -> Any:
    return CliRunner().invoke(app, ["purchases", *words], standalone_mode=False)


def test_on_the_command_line_people_see_why_and_decide_and_the_trail_proves_it(
    selling: Database, database_url: stack.DatabaseUrls, tmp_path: Path, buyer: Buyer
) -> None:
    purchases.move(selling, MovementKind.COUNT, 10)
    purchases.sold_daily(selling, [3] * 60, sku="BOOK", left=1)
    purchases.run(selling)
    told = say("list").output
    assert "LAMP" in told
    assert "2 proposals." in told
    numbers = {row["sku"]: str(row["id"]) for row in json.loads(say("list", "--json").output)}
    assert isinstance(say("approve", numbers["LAMP"], "--reason", " ").exception, WrongUse)
    for wrong in ("0", "x", "NaN", "-1", "1.00001"):
        assert isinstance(say("approve", numbers["LAMP"], "--reason", "Fair.", "--quantity", wrong).exception, WrongUse)
    done = say("approve", numbers["LAMP"], "--reason", "Fair.", "--quantity", "30")
    assert (done.return_value, "1 approved." in done.output) == (0, True)
    assert say("decline", numbers["LAMP"], numbers["BOOK"], "99", "--reason", "Phased out.").return_value == 1
    states = {row["sku"]: row["state"] for row in purchases.proposals(selling)}
    assert states == {"LAMP": "approved", "BOOK": "declined"}
    purchases.deliver(selling)
    assert [request.quantity for request in buyer.asked.values()] == [Decimal(30)]
    assert isinstance(say("list", "--state", "lost").exception, WrongUse)
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
