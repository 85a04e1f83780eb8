"""Killed at every call that changes something in the ERP, an approved invoice is booked there exactly once."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from blocks.database import invoice_evidence
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.documents.evidence import Link
from blocks.systems.erps.tryton_rpc import TrytonRpc
from tasks.invoice_validation import delivering
from tests import desk, stack
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work
from tests.received import ACTOR, Office
from tests.sandbox import Controlled, running_proxy
from tests.suppliers import Suppliers

LEASE = 2.0
PAID_ON = date(2026, 11, 29)
_GATE = os.pipe()


@dataclass
class Outside:
    """A Tryton behind a proxy, and somebody who looks into it."""

    erp: RunningErp
    proxy: Controlled
    tryton: TrytonRpc

    def booked(self, number: str) -> list[tuple[str, str]]:
        """Return state and total of each invoice with a supplier's number."""
        wanted = [["type", "=", "in"], ["reference", "=", number]]
        found = self.tryton.search_read("account.invoice", wanted, ["state", "total_amount"])
        return [(row["state"], f"{row['total_amount']:f}") for row in found]


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with ExitStack() as open_now:
        erp = open_now.enter_context(running_erp(tmp_path))
        proxy = open_now.enter_context(running_proxy(f"http://127.0.0.1:{erp.port}"))
        yield Outside(erp, proxy, open_now.enter_context(erp.connector()._conversation()))


def deliver(database: Database, patience: float = 0.0) -> None:
    deliver_all(delivering.DELIVERY, database, ACTOR, lease=LEASE, patience=patience, log=lambda _: None)


def killed(database: Database, outside: Outside, fault: dict[str, Any]) -> bool:
    """Deliver in a process of its own that the proxy kills; returns False when it came to its end first."""
    child = os.fork()
    if child == 0:
        os.read(_GATE[0], 1)
        try:
            deliver(database)
        finally:
            os._exit(0)
    outside.proxy.faults({**fault, "pid": child})
    os.write(_GATE[1], b"!")
    _, status = os.waitpid(child, 0)
    outside.proxy.no_faults()
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def paid_in_tryton_is_heard(office: Office, outside: Outside) -> None:
    """Pay one invoice as people do in Tryton: the next time it is asked, the trail reaches to its payment."""
    (bill,) = desk.ask(office.database, "SELECT invoice_id, erp_id FROM erp_bill ORDER BY id LIMIT 1")
    with at_work(outside.erp.bookkeeper()) as hands:
        hands.pay(int(bill["erp_id"]), PAID_ON)
    assert [delivering.hear_payments(office.database, ACTOR) for _ in range(2)] == [1, 0]
    assert sorted(office.states().values()) == ["paid", "posted", "posted"]
    with office.database.audited(ACTOR) as (connection, trail):
        invoice_evidence.keep_new(connection, trail)
        (found,) = invoice_evidence.gather(connection, [bill["invoice_id"]])
    (payment,) = [edge for edge in found.edges if edge.kind is Link.PAID]
    assert (payment.said, payment.holds) == ({"paid on": PAID_ON.isoformat()}, True)
    assert not any(text.startswith("Payment") for text in found.missing)


STRUCK = (("kill_before", "create"), ("kill_after", "create"), ("kill_after", "post"))
"""Every call that changes something in Tryton; being killed before one is being killed after the one before it."""


def test_t_fin_7_killed_at_every_call_and_run_again_an_invoice_is_booked_once_and_its_number_comes_back(
    database_url: stack.DatabaseUrls, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url.app)
    connector = outside.erp.connector(port=int(outside.proxy.url.rpartition(":")[2]))
    monkeypatch.setattr(delivering, "load_system", lambda _name: connector)
    office = Office(Suppliers(tmp_path, database))
    for place, (kind, call) in enumerate(STRUCK):
        number = f"RE-{place}"
        office.take_in(number)
        with database.audited(ACTOR) as (connection, trail):
            connection.execute("UPDATE supplier SET erp_code = 'HANSE'")
            trail.add("supplier.learnt", "supplier/1", [("supplier", 1)])
        office.judge()
        assert killed(database, outside, {"kind": kind, "body": f"model.account.invoice.{call}"}), f"{kind} {call}"
        deliver(database, patience=10.0)
        assert outside.booked(number) == [("posted", "119.00")], f"{kind} {call}"
    bills = desk.ask(database, "SELECT number, state, total FROM erp_bill ORDER BY id")
    assert [(row["state"], f"{row['total']:.2f}") for row in bills] == [("posted", "119.00")] * len(STRUCK)
    assert all(row["number"] for row in bills)
    assert set(office.states().values()) == {"posted"}
    deliver(database)
    assert len(desk.ask(database, "SELECT FROM erp_bill")) == len(STRUCK)
    paid_in_tryton_is_heard(office, outside)
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()
