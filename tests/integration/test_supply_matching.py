"""Invoices held against orders, receipts, accounts and earlier invoices, in a real Postgres."""


import pytest

from blocks.database.engine import Database
from tests import stack
from tests.supply import OTHER_ACCOUNT, bill, billed, came, judged, know, ordered


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


def test_t_doc_6_five_deviations_are_five_different_findings(database: Database) -> None:
    know(
        database,
        [ordered("PO-1", "11", "LAMP", 10, "100"), ordered("PO-2", "21", "SHADE", 10, "20")],
        [came("R-1", "1", "11", 10), came("R-2", "2", "21", 8)],
    )
    lamps = billed("LAMP", 5, "100")
    clean = bill(lamps, order="PO-1", number="RE-1")
    dear = bill(billed("SHADE", 2, "20.40"), order="PO-2", number="A-77")
    much = bill(billed("SHADE", 8, "20"), order="PO-2", number="B-30")
    elsewhere = bill(billed("LAMP", 1, "100"), order="PO-1", number="C-12", iban=OTHER_ACCOUNT)
    again = bill(billed("LAMP", 1, "100"), order="PO-1", number="RE-1")
    renumbered = bill(lamps, order="PO-1", number="D-55")
    found = judged(database, clean, dear, much, elsewhere, again, renumbered)
    assert found == [
        [],
        ["price-above-order"],
        ["quantity-above-receipt"],
        ["bank-account-changed"],
        ["double-number"],
        ["double-content"],
    ]
