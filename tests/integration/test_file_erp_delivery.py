"""Accepted orders reach a file ERP: all are handed over in one run, and a later run books its acknowledgements."""

from pathlib import Path

import pytest

from blocks.database.engine import Database
from blocks.systems.answers import Done
from blocks.systems.erps.file_erp import FileErp
from deployments.sandbox.file_erp import Fault
from deployments.sandbox.file_erp import FileErp as Program
from tasks.order_intake import delivery, selling
from tests import desk, stack
from tests.orders import a_line, an_order

ORDERS = 60
LINES = (a_line("HOME-001", 2, "47.55"), a_line("BOOK-01", 1, "12.80", 7))


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    program = Program(tmp_path / "erp")
    systems = {desk.BERLIN.erp: FileErp(folder=str(program.folder)), desk.BERLIN.source: desk.PlainShop()}
    for calls in (delivery, selling):
        monkeypatch.setattr(calls, "load_system", systems.__getitem__)
    monkeypatch.setattr(
        desk.PlainShop,
        "mark_taken_over",
        lambda _self, takeovers: [Done(each.reference) for each in takeovers],
        raising=False,
    )
    return program


def sales(database: Database) -> dict[str, int]:
    rows = desk.ask(database, "SELECT state, count(*) FROM effect WHERE kind = 'erp.sale' GROUP BY state")
    return {row["state"]: row["count"] for row in rows}


def deliver(database: Database) -> None:
    delivery.deliver_all(database, desk.ACTOR, lease=60, patience=0, log=lambda _line: None)


def test_orders_are_handed_over_in_one_run_and_acknowledged_in_a_later_one(
    database_url: stack.DatabaseUrls, theirs: Program
) -> None:
    database = Database(database_url.app)
    desk.know(database, "HOME-001", "BOOK-01")
    desk.count(database, 1000, "HOME-001", "BOOK-01", warehouse="BER")
    desk.take_in(database, *(desk.numbered(an_order(lines=LINES)) for _ in range(ORDERS)))
    deliver(database)
    assert sales(database) == {"due": ORDERS}
    assert len(list((theirs.folder / "orders").iterdir())) == ORDERS
    theirs.faults = [Fault("refuse")]
    theirs.work()
    desk.change(database_url.owner, "UPDATE effect SET due_at = now() WHERE kind = 'erp.sale'")
    deliver(database)
    assert sales(database) == {"done": ORDERS - 1, "failed": 1}
    numbers = [row["erp_number"] for row in desk.ask(database, "SELECT erp_number FROM sales_order ORDER BY id")]
    assert len({number for number in numbers if number}) == ORDERS - 1
    (failed,) = desk.ask(database, "SELECT last_error FROM effect WHERE state = 'failed'")
    assert "The books are closed" in failed["last_error"]
