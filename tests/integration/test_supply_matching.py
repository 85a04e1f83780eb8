"""Invoices held against orders, receipts, accounts and earlier invoices, in a real Postgres."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from blocks.database import rulebooks, supply
from blocks.database.engine import Database
from blocks.documents.invoices import Invoice, Totals
from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty
from blocks.documents.supply_tolerances import KIND, NAME
from blocks.errors import TryAgainLater
from blocks.systems.erps.contract import ErpCapabilities
from tasks.invoice_validation.holding import match_digest, supply_version
from tasks.invoice_validation.learning_supply import Learnt, learn_supply
from tests import desk, stack
from tests.supply import (
    ELBTAL,
    ERP,
    HANSE,
    OTHER_ACCOUNT,
    bill,
    billed,
    came,
    hold,
    judged,
    know,
    ordered,
    receive,
)


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


LAMPS, SHADES = ordered("PO-1", "11", "LAMP", 10, "100"), ordered("PO-2", "21", "SHADE", 10, "20")
CAME = [came("R-1", "1", "11", 10), came("R-2", "2", "21", 8)]


def matches(database: Database) -> list[dict[str, Any]]:
    """Return what is kept of matches, the oldest first."""
    return desk.ask(
        database,
        "SELECT invoice_id, version, line, purchase, receipt, quantity FROM invoice_match ORDER BY id",
    )


def test_t_doc_6_five_deviations_are_five_different_findings(database: Database) -> None:
    know(database, [LAMPS, SHADES], CAME)
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


def test_held_twice_and_by_two_at_once_the_match_is_kept_once(database: Database) -> None:
    know(database, [LAMPS, SHADES], CAME)
    ids = receive(database, *(bill(billed("LAMP", 2, Decimal(100) - at), order="PO-1") for at in range(6)))
    found: list[dict[int, Any]] = []
    stack.together(*(threading.Thread(target=lambda: found.append(hold(database, *ids))) for _ in range(2)))
    found.append(hold(database, *reversed(ids)))
    assert [(row["version"], row["quantity"]) for row in matches(database)] == [(1, 2)] * 6
    assert found[0] == found[1] == found[2]
    rules = [[one.rule for one in found[0][number] if one.rule != "price-below-order"] for number in ids]
    assert rules == [[]] * 5 + [["already-invoiced"]]
    assert len(desk.ask(database, "SELECT 1 FROM audit_event WHERE kind = 'invoice.matched'")) == 6


def test_what_was_held_first_is_served_first_until_it_is_rejected(database: Database) -> None:
    know(database, [LAMPS], CAME[:1])
    first, second = receive(
        database,
        bill(billed("LAMP", 8, "100"), order="PO-1"),
        bill(billed("LAMP", 8, "100.50"), order="PO-1"),
    )

    def rules() -> list[list[str]]:
        found = hold(database, second, first)
        return [[one.rule for one in found[number]] for number in (first, second)]

    assert rules() == [[], ["already-invoiced"]]
    assert rules() == [[], ["already-invoiced"]]
    _settle(database, second, "approved")
    assert rules()[0] == ["already-invoiced"], "What is approved counts, whenever it came."
    _settle(database, second, "received")
    _settle(database, first, "rejected")
    assert [one.rule for one in hold(database, second)[second]] == []
    assert {row["receipt"] for row in matches(database) if row["invoice_id"] == second and row["version"] > 1} == {
        "R-1"
    }


def _settle(database: Database, number: int, state: str) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        connection.execute("UPDATE received_invoice SET state = %s WHERE id = %s", (state, number))
        trail.add("invoice.settled", f"received_invoice/{number}", [("received_invoice", number)])


def test_goods_that_come_later_clear_the_invoice_by_a_new_version(database: Database) -> None:
    know(database, [LAMPS], [])
    (number,) = receive(database, bill(billed("LAMP", 4, "100"), order="PO-1"))
    assert [one.rule for one in hold(database, number)[number]] == ["not-received-yet"]
    with database.connect() as connection:
        before = match_digest(connection, [number])
    know(database, [], [came("R-9", "9", "11", 4)])
    assert hold(database, number)[number] == ()
    kept = [(row["version"], row["receipt"], row["quantity"]) for row in matches(database)]
    assert kept == [(1, "", 4), (2, "R-9", 4)]
    with database.connect() as connection:
        assert match_digest(connection, [number]) != before


def test_a_first_account_of_a_new_supplier_is_an_unknown_supplier_and_both_wait_for_people(
    database: Database,
) -> None:
    know(database, [LAMPS], CAME[:1])
    stranger = SupplierParty(code="?", name="Neu GmbH", vat_ids=("DE812345674",), ibans=(OTHER_ACCOUNT,))
    assert judged(database, bill(billed("LAMP", 1, "100"), seller=stranger)) == [["unknown-supplier"]]
    assert desk.ask(database, "SELECT state FROM supplier_account WHERE iban = %s", (OTHER_ACCOUNT,)) == [
        {"state": "proposed"}
    ]
    desk_says = "UPDATE supplier SET state = 'known' WHERE name = 'Neu GmbH'"
    desk.change(database.url, desk_says)
    rent = bill(billed("", 1, "90", buyer_id="", name="Beratung"), seller=stranger)
    assert judged(database, rent) == [["bank-account-unconfirmed", "without-order"]]
    desk.change(database.url, "UPDATE supplier SET state = 'blocked' WHERE name = 'Neu GmbH'")
    assert "supplier-blocked" in judged(database, rent.model_copy(update={"number": "N-9"}))[0]


def test_doubles_are_told_from_credit_notes_other_suppliers_and_numbers_that_follow(database: Database) -> None:
    know(database, [LAMPS, SHADES, ordered("EP-1", "31", "VASE", 10, "100", supplier="ELBTAL")],
         [*CAME, came("R-3", "3", "31", 10)])  # fmt: skip
    one = billed("LAMP", 1, "100")
    first = bill(one, order="PO-1", number="RE-1008")
    credit = bill(one, order="PO-1", number="RE-1008", type_code="381")
    follows = bill(one, order="PO-1", number="RE-1009", notes=(), delivery=None, period=None)
    misread = bill(billed("LAMP", "0.5", "100"), billed("SHADE", "2.5", "20"), order="PO-1; PO-2", number="RE-1OO8")
    theirs = bill(billed("VASE", 1, "100"), order="EP-1", number="RE-1008", seller=ELBTAL)
    assert judged(database, first, credit) == [[], []]
    assert judged(database, follows) == [["double-content"]]
    assert judged(database, misread) == [["near-duplicate"]]
    assert judged(database, theirs) == [["near-duplicate"]]
    spelt = bill(billed("LAMP", 2, "100"), order="PO-1", number="re 1008")
    assert judged(database, spelt) == [["double-number"]]


def test_numbers_that_came_without_a_gap_show_one_and_others_show_nothing(database: Database) -> None:
    know(database, [ordered("PO-1", "11", "LAMP", 100, "100")], [came("R-1", "1", "11", 100)])
    row = [bill(billed("LAMP", n, "100"), order="PO-1", number=f"2026-{n:04d}") for n in (1, 2, 3, 4, 5, 6, 9)]
    assert judged(database, *row) == [[]] * 6 + [["number-gap"]]
    scattered = [bill(billed("LAMP", n, "100"), order="PO-1", number=f"K{n * 17}") for n in (7, 8, 10, 11)]
    assert judged(database, *scattered) == [[]] * 4


def test_prepayments_need_no_receipt_and_are_taken_off_the_final_invoice(database: Database) -> None:
    know(database, [LAMPS], CAME[:1])
    in_advance = billed("", 1, "400", buyer_id="", name="Anzahlung 40 %")
    prepaid = bill(in_advance, order="PO-1", number="AZ-1", type_code="386")
    beyond = bill(billed("", 1, "700", buyer_id="", name="Anzahlung"), order="PO-1", number="AZ-2", type_code="386")
    assert judged(database, prepaid) == [[]]
    assert judged(database, beyond) == [["prepayment-above-order"]]
    desk.change(database.url, "UPDATE received_invoice SET state = 'rejected' WHERE number = 'AZ-2'")
    final = bill(billed("LAMP", 10, "100"), order="PO-1", number="SR-1")
    assert judged(database, final) == [["prepayment-not-deducted"]]
    desk.change(database.url, "UPDATE received_invoice SET state = 'rejected' WHERE number = 'SR-1'")
    totals = final.totals.model_copy(update={"prepaid": Decimal(476), "payable": Decimal(714)})
    right = final.model_copy(update={"number": "SR-2", "totals": totals})
    assert judged(database, right) == [[]]
    desk.change(database.url, "UPDATE received_invoice SET state = 'rejected' WHERE number = 'SR-2'")
    totals = totals.model_copy(update={"prepaid": Decimal(1000)})
    assert judged(database, right.model_copy(update={"number": "SR-3", "totals": totals})) == [["prepayment-unknown"]]


def test_without_an_erps_orders_only_what_is_wrong_beside_them_is_checked(database: Database) -> None:
    empty = Invoice(number="leer", totals=Totals())
    stranger = bill(billed("LAMP", 1, "100"))
    ids = receive(database, stranger, empty)
    assert {number: [one.rule for one in found] for number, found in hold(database, *ids).items()} == {
        ids[0]: ["unknown-supplier"]
    }
    desk.change(database.url, "UPDATE supplier SET state = 'known'")
    desk.change(database.url, "UPDATE supplier_account SET state = 'confirmed', decided_by = 'ada'")
    assert hold(database, *ids) == {}
    assert matches(database) == []


def test_tolerances_in_force_are_named_in_the_version_and_kept_with_the_match(database: Database) -> None:
    know(database, [LAMPS], CAME[:1])
    dear = bill(billed("LAMP", 2, "102"), order="PO-1")
    (number,) = receive(database, dear)
    assert [one.rule for one in hold(database, number)[number]] == ["price-above-order"]
    with database.audited(desk.ACTOR) as (connection, trail):
        text = "suppliers: {HANSE: {goods: {price_above: {percent: 3}}}}"
        rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=text, by="ada", reason="As agreed.")
        assert supply_version(connection).endswith("supply_tolerances 1")
    assert hold(database, number)[number] == ()
    newest = desk.ask(database, "SELECT version, tolerance, deviation, tolerances_version FROM invoice_match")[-1]
    assert newest == {"version": 2, "tolerance": "price-above-order", "deviation": 4, "tolerances_version": 1}


class Telling:
    """An ERP that tells of its supply, in pages of one."""

    capabilities = ErpCapabilities(sales=False, stock_by_location=False, articles=False, supply=True)

    def __init__(self, lines: list[PurchaseLine], receipts: list[ReceiptLine]) -> None:
        """Tell of these."""
        self.lines, self.receipts = lines, receipts
        self.since: list[datetime] = []
        self.breaks_off = False

    def suppliers(self) -> Iterator[tuple[SupplierParty, ...]]:
        """Tell of one supplier a page."""
        yield from ((one,) for one in (HANSE, ELBTAL))

    def purchase_lines_changed(self, since: datetime) -> Iterator[tuple[PurchaseLine, ...]]:
        """Tell of one line a page, and break off in the middle where the test wants it."""
        self.since.append(since)
        for line in self.lines:
            yield (line,)
            if self.breaks_off:
                raise TryAgainLater("The ERP went away.")

    def receipt_lines_changed(self, since: datetime) -> Iterator[tuple[ReceiptLine, ...]]:
        """Tell of what came."""
        assert since
        yield tuple(self.receipts)


def test_the_supply_is_learnt_again_from_a_little_before_the_newest_change(database: Database) -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    erp = Telling(
        [LAMPS.model_copy(update={"changed_at": noon}), SHADES.model_copy(update={"changed_at": noon})],
        [came("R-1", "1", "11", 10, changed_at=noon)],
    )
    erp.breaks_off = True
    with pytest.raises(TryAgainLater):
        learn_supply(database, desk.ACTOR, erp, ERP)  # type: ignore[arg-type] # tells of supply alone
    erp.breaks_off = False
    learn: Any = lambda: learn_supply(database, desk.ACTOR, erp, ERP)  # type: ignore[arg-type] # noqa: E731 - as above
    assert learn() == Learnt(0, 1, 1), "What was kept before it broke off is not new."
    assert learn() == Learnt()
    assert [each.year for each in erp.since[:2]] == [1970, 1970]
    assert erp.since[2] == noon - supply.OVERLAP
    late = noon.replace(hour=11)
    erp.lines = [LAMPS.model_copy(update={"changed_at": late, "quantity": Decimal(1)})]
    assert learn() == Learnt(), "What was written earlier than what is known does not undo it."
    erp.lines = [LAMPS.model_copy(update={"changed_at": noon.replace(hour=13), "cancelled": True})]
    assert learn() == Learnt(0, 1, 0)
    (row,) = desk.ask(database, "SELECT cancelled, quantity FROM purchase_line WHERE line = '11'")
    assert row == {"cancelled": True, "quantity": 10}


def test_a_new_account_in_the_erp_is_a_change_that_people_confirm(database: Database) -> None:
    know(database)
    know(database, suppliers=[HANSE.model_copy(update={"ibans": (*HANSE.ibans, OTHER_ACCOUNT)})])
    rows = desk.ask(database, "SELECT iban, state FROM supplier_account ORDER BY id")
    assert {row["iban"]: row["state"] for row in rows} == {
        HANSE.ibans[0]: "confirmed", ELBTAL.ibans[0]: "confirmed", OTHER_ACCOUNT: "proposed",
    }  # fmt: skip
