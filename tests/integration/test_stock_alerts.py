"""Alerts that are open once, and goods on their way as each source saw them last."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database import incoming_goods, stock_alerts
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.stock import GoodsDue
from tests import desk, stack

SOON = date(2027, 1, 4)


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


def begin(database: Database, *subjects: str, text: str = "It will not last.") -> list[str]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return stock_alerts.open_alerts(connection, trail, "reorder", dict.fromkeys(subjects, text))


def end(database: Database, *subjects: str) -> list[str]:
    with database.audited(desk.ACTOR) as (connection, trail):
        return stock_alerts.close_alerts(connection, trail, "reorder", subjects)


def test_what_goes_on_is_one_alert_and_what_begins_again_another(
    database: Database, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    assert begin(database, "EAST:LAMP", "EAST:BOOK") == ["EAST:BOOK", "EAST:LAMP"]
    assert begin(database, "EAST:LAMP", text="Worse.") == []
    assert end(database, "EAST:LAMP", "EAST:GHOST") == ["EAST:LAMP"]
    assert end(database, "EAST:LAMP") == []
    assert begin(database, "EAST:LAMP", text="Again.") == ["EAST:LAMP"]
    with database.connect() as connection:
        found = [(row["subject"], row["text"]) for row in stock_alerts.open_now(connection, kind="reorder")]
    assert found == [("EAST:LAMP", "Again."), ("EAST:BOOK", "It will not last.")]
    assert begin(database) == end(database) == []
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_two_who_see_the_same_at_once_open_one_alert(database: Database) -> None:
    subjects = [f"EAST:{number}" for number in range(50)]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(begin, database, *order) for order in (subjects, subjects[::-1])]
        opened = [subject for each in both for subject in each.result()]
    assert sorted(opened) == sorted(subjects)


def goods(document: str, pieces: int, due_on: date | None = SOON) -> GoodsDue:
    return GoodsDue(document=document, warehouse="EAST", sku="LAMP", quantity=Decimal(pieces), due_on=due_on)


def kept(database: Database) -> list[tuple[str, str, int]]:
    rows = desk.ask(database, "SELECT source, document, quantity FROM incoming_goods ORDER BY 1, 2")
    return [(row["source"], row["document"], int(row["quantity"])) for row in rows]


def test_of_goods_on_their_way_each_source_s_newest_picture_counts_and_lots_are_summed_up(database: Database) -> None:
    with database.connect() as connection:
        assert incoming_goods.replace(connection, "tryton-erp/main", [[goods("P1", 5), goods("P2", 1)], []]) == 2
        assert incoming_goods.replace(connection, "file-erp/old", [[goods("P1", 7)]]) == 1
    with database.connect() as connection:
        found = incoming_goods.replace(connection, "tryton-erp/main", [[goods("P2", 1)], [goods("P2", 2, None)]])
    assert (found, kept(database)) == (1, [("file-erp/old", "P1", 7), ("tryton-erp/main", "P2", 3)])
    assert desk.ask(database, "SELECT due_on FROM incoming_goods WHERE document = 'P2'") == [{"due_on": SOON}]


def test_a_picture_that_breaks_off_changes_nothing(database: Database) -> None:
    with database.connect() as connection:
        incoming_goods.replace(connection, "tryton-erp/main", [[goods("P1", 5)]])

    def broken() -> Iterator[list[GoodsDue]]:
        yield [goods("P2", 9)]
        raise ConnectionError

    with pytest.raises(ConnectionError), database.connect() as connection:
        incoming_goods.replace(connection, "tryton-erp/main", broken())
    assert kept(database) == [("tryton-erp/main", "P1", 5)]


def test_two_who_read_a_source_at_once_leave_one_picture(database: Database) -> None:
    def read(pieces: int) -> None:
        with database.connect() as connection:
            incoming_goods.replace(connection, "tryton-erp/main", [[goods("P1", pieces), goods(f"P{pieces}", 1)]])

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(read, pieces) for pieces in (5, 6)]:
            each.result()
    assert len(kept(database)) == 2
