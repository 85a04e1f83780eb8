"""The completeness certificate of a folder: files claimed against records kept, and what became of each record."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from blocks.database import received_files
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.shops.contract import Received
from tasks.order_completeness import records, survey
from tasks.order_completeness.rules import Certificate, Window, certificate
from tests import desk, stack
from tests.orders import a_line, an_order

BRANCH = desk.Route("order-folder/branch", "tryton-erp/main")
FOLDER = SimpleNamespace(time_zone="Europe/Berlin")


class Row(Received):
    """A record with the rows it came from."""

    first_row = last_row = 1


def arrive(database: Database, name: str, *orders: desk.Order, finish: bool = True, refusal: str | None = None) -> int:
    """Claim a file and keep its records."""
    with database.audited(desk.ACTOR) as (connection, trail):
        file = received_files.begin(
            connection, trail, source=BRANCH.source, name=name, claim=f"1-{name}", profile=("plain", 1)
        )
        if orders:
            chunk = [Row(order.external_id, desk.received(order).body) for order in orders]
            received_files.keep_records(
                connection, trail, file, source=BRANCH.source, kind=records.KIND, begun=0, chunk=chunk
            )
        if finish:
            received_files.finish(connection, trail, file, refusal=refusal)
    return file.id


def certify(database: Database, *, hours_ago: float = 0, route: desk.Route = BRANCH) -> Certificate:
    until = datetime.now(UTC) - timedelta(hours=hours_ago) + timedelta(minutes=1)
    window = Window(until - timedelta(hours=1), until)
    found = survey.survey(route.source, FOLDER, database, window, fetch=True)
    with database.audited(desk.ACTOR) as (connection, trail):
        books = survey.books(connection, route.source, route.channel, found)
        issued = certificate(route.source, window, found.claim, books, found.fetched, fetching=True)
        records.write(connection, trail, issued)
    return issued


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    database = Database(database_url.app)
    desk.know(database, "LAMP", "BOOK", channel="branch")
    desk.count(database, 1000, "LAMP", "BOOK")
    return database


def test_every_record_of_every_file_stands_in_the_equation(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    first, second = desk.numbered(an_order()), desk.numbered(an_order())
    bad = desk.an_order_of([a_line("NO-SUCH", 1, "1.00")])
    arrive(database, "a.csv", first, second, bad)
    arrive(database, "b.csv", first, desk.numbered(an_order()))
    open_ = certify(database)
    assert (open_.closes, open_.alarming, open_.books.counts.unjudged) == (False, False, 4)
    desk.judge(database, route=BRANCH)
    found = certify(database)
    counts = found.books.counts
    assert found.closes, found.sentence()
    assert (found.claim.count, counts.received, counts.accepted, counts.put_aside, counts.duplicates) == (5, 5, 3, 1, 1)
    assert counts.accounted == 5
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_a_file_that_was_refused_or_read_in_part_keeps_the_certificate_open(database: Database) -> None:
    none = arrive(database, "none.csv", refusal="It has no header.")
    part = arrive(database, "part.csv", desk.numbered(an_order()), refusal="Row 3 cannot be read on.")
    desk.judge(database, route=BRANCH)
    found = certify(database)
    assert found.alarming
    assert f"The file {none} was not taken as it is: It has no header." in found.sentence()
    assert f"The file {part} was not taken as it is: Row 3 cannot be read on." in found.sentence()


def test_a_file_that_is_still_read_heals_and_one_that_was_left_alarms(
    database: Database, database_url: stack.DatabaseUrls
) -> None:
    file = arrive(database, "slow.csv", finish=False)
    found = certify(database)
    assert (found.closes, found.alarming) == (False, False)
    desk.change(database_url.owner, "UPDATE received_file SET received_at = now() - interval '2 hours'")
    found = certify(database, hours_ago=1.5)
    assert found.alarming
    assert f"The file {file} is not read to its end: see whether order intake runs." in found.sentence()


def test_a_record_that_vanished_from_the_books_is_found(database: Database, database_url: stack.DatabaseUrls) -> None:
    file = arrive(database, "a.csv", desk.numbered(an_order()), desk.numbered(an_order()))
    desk.judge(database, route=BRANCH)
    desk.change(database_url.owner, "UPDATE received_file SET records = 3")
    found = certify(database)
    assert found.alarming
    assert f"Of file {file}, 2 of 3 records are kept." in found.sentence()


def test_a_desk_that_keeps_no_count_of_its_own_is_certified_by_what_came_in(database: Database) -> None:
    phone = desk.Route("order-desk/phone", BRANCH.erp, channel="branch")
    assert certify(database, route=phone).closes
    orders = [desk.numbered(an_order()) for _ in range(3)]
    desk.deliver(database, [desk.received(order) for order in [*orders, orders[0]]], source=phone.source)
    desk.judge(database, route=phone)
    found = certify(database, route=phone)
    assert found.closes, found.sentence()
    assert found.claim.count is None
    assert (found.books.counts.received, found.books.counts.accepted, found.books.counts.duplicates) == (4, 3, 1)
