"""What people and rules decide on incoming invoices: limits, four eyes, views that have changed, two at once."""

import threading
from pathlib import Path

import pytest

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.errors import WrongUse
from tasks.invoice_validation import deciding
from tests import desk, stack
from tests.received import Office, supplied
from tests.suppliers import Suppliers, printed


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    return Office(Suppliers(tmp_path, Database(database_url.app)))


def test_what_nothing_speaks_against_is_approved_by_rule_and_billed_once(office: Office) -> None:
    office.take_in("RE-1")
    print(office.judge())
    print(desk.ask(office.database, "SELECT verdict FROM invoice_verdict"))
    assert office.states() == {"RE-1": "approved"}
