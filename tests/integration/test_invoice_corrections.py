"""A supplier's correction takes the place of what it corrects: that is withdrawn, or taken back where it is booked."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.documents.bills import BillRequest
from blocks.documents.evidence import Link
from blocks.documents.invoices import PrecedingInvoice
from blocks.documents.supply import SupplierParty
from blocks.errors import Refused, WrongUse
from blocks.systems.answers import Answer
from tasks.accounting_export import exporting
from tasks.invoice_validation import deciding, delivering, desk_page, supply_held
from tasks.invoice_validation.desk import look
from tests import desk, stack
from tests.integration.test_invoice_trail import NOVEMBER, PlainErp, evidence
from tests.received import ACTOR, Office, a_right_invoice
from tests.suppliers import Suppliers, as_ubl
from tests.supply import came, know, ordered

LEUCHT = SupplierParty(
    code="LEUCHT", name="Leuchtenwerk GmbH", vat_ids=("DE136695976",), ibans=("DE89370400440532013000",)
)


class Desk(Office):
    """An office whose supplier delivered one lamp of each of three orders."""

    def __init__(self, suppliers: Suppliers) -> None:
        """Let the ERP have told of three orders and what came of them."""
        super().__init__(suppliers)
        lines = [ordered(f"PO{n}", f"1{n}", "", 1, "100", description="Lamp", supplier="LEUCHT") for n in (7, 8, 9)]
        know(self.database, lines, [came(f"GR{n}", f"2{n}", f"1{n}", 1) for n in (7, 8, 9)], suppliers=[LEUCHT])

    def send(self, number: str, *, order: str = "PO7", net: str = "100.00", **changes: Any) -> int:
        """Let an invoice come and be judged by the whole comparison with the supply; returns its number here."""
        invoice = a_right_invoice(number, net=net).model_copy(update={"purchase_order_reference": order, **changes})
        self.suppliers.take_in(**{f"f{len(self.invoices())}_xml": as_ubl(invoice)})
        self.take()
        self.judge(supply_held.hold)
        return int(self.invoices()[-1]["id"])

    def corrects(self, number: str, corrected: str, **changes: Any) -> int:
        """Let a corrected invoice come."""
        named = (PrecedingInvoice(number=corrected),) if corrected else ()
        return self.send(number, type_code="384", preceding_invoices=named, **changes)

    def rules(self, invoice: int) -> list[str]:
        """Return the rules that found something, as a person sees them now."""
        self.judge(supply_held.hold)
        with self.database.connect() as connection:
            seen = look(connection, invoice).verdict
        return [one.rule for one in seen.verdict.findings] if seen else []

    def say(self, invoice: int, replaced: int) -> str:
        """Say what an invoice replaces."""
        wish = deciding.Wish(invoice, "ada", "Says so in its letter.", self.view(invoice), replaced)
        with self.database.audited(ACTOR) as (connection, trail):
            return deciding.replaces(connection, trail, wish)

    def deliver(self) -> Delivered:
        """Carry out what is due."""
        return deliver_all(delivering.DELIVERY, self.database, ACTOR, lease=2, patience=0, log=lambda _: None)


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Desk:
    return Desk(Suppliers(tmp_path, Database(database_url.app)))


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> PlainErp:
    erp = PlainErp()
    monkeypatch.setattr(delivering, "load_system", lambda _name: erp)
    return erp


def sums(office: Desk) -> dict[int, Decimal]:
    """Return what the postings of each invoice come to."""
    rows = desk.ask(
        office.database,
        "SELECT invoice_id, sum(CASE side WHEN 'S' THEN amount ELSE -amount END) AS sum FROM accounting_posting"
        " GROUP BY 1 ORDER BY 1",
    )
    return {row["invoice_id"]: row["sum"] for row in rows}


def test_a_correction_of_what_waits_withdraws_it_by_one_decision(
    office: Desk, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    first = office.send("RE-1", net="120.00")
    assert office.rules(first) == ["price-above-order"]
    second = office.corrects("RE-1K", "RE-1")
    assert office.rules(second) == ["corrects-another"], "not 'already-invoiced': it takes that one's place"
    assert "corrected-by-another" in office.rules(first)
    assert office.states() == {"RE-1": "waiting", "RE-1K": "waiting"}, "no rule approves a correction"
    with pytest.raises(WrongUse, match=rf"Invoice {second} \(RE-1K\) corrects invoice {first} and waits"):
        office.decide(deciding.approve, first, by="bob")
    said = office.decide(deciding.approve, second)
    assert said.endswith(f"Invoice {first}, which it replaces, is withdrawn.")
    assert office.states() == {"RE-1": "rejected", "RE-1K": "approved"}
    made = desk.ask(office.database, "SELECT invoice_id, action, by, reason FROM invoice_decision ORDER BY id")
    assert [(row["invoice_id"], row["action"], row["by"]) for row in made] == [
        (second, "approve", "ada"), (first, "withdraw", "ada"),
    ]  # fmt: skip
    assert made[1]["reason"] == f"Replaced by invoice {second} (RE-1K)."
    assert office.effects() == [("erp.bill", f"erp.bill:{second}")], "nobody is told that it was rejected"
    with office.database.connect() as connection:
        page = desk_page.page(look(connection, second), {})
    assert f"It corrects invoice {first}." in page
    assert "from folder invoice-folder/suppliers" in page
    assert "its description agrees, price as ordered" in page
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_a_correction_of_what_is_booked_takes_it_back_once_in_the_books_and_in_the_erp(
    office: Desk, erp: PlainErp, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    first = office.send("RE-2")
    assert office.deliver().done == 1
    exporting.post(office.database, ACTOR)
    exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    assert office.states() == {"RE-2": "posted"}
    second = office.corrects("RE-2K", "RE-2", net="90.00", issue_date=date(2026, 11, 20))
    assert office.rules(second) == ["corrects-another"]
    said = office.decide(deciding.approve, second)
    assert said.endswith(f"What was booked of invoice {first}, which it replaces, is taken back.")
    assert [office.deliver().done, office.deliver().done] == [2, 0]
    assert [one.total for one in erp.booked.values()] == [Decimal("119.00"), Decimal("107.10"), Decimal("-119.00")]
    back = list(erp.booked.values())[-1]
    assert (back.number, back.issued_on, back.lines[0].order_line) == ("RE-2 (Storno)", date(2026, 11, 20), "17")
    assert [exporting.post(office.database, ACTOR).made for _ in range(2)] == [2, 0], "the new one, and one reversal"
    batch = exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    assert (batch.documents, batch.totals) == (2, {"EUR": "-11.9"})
    assert sums(office) == {first: Decimal(0), second: Decimal("107.10")}
    found = evidence(office, first)
    assert found.missing == ()
    assert found.unproven == ()
    ends = [(edge.source, edge.target) for edge in found.edges if edge.kind is Link.REVERSED]
    assert [source.partition("/")[0] for source, _ in ends] == ["erp_bill", "accounting_posting"]
    assert any(edge.kind is Link.CORRECTED and edge.target.endswith(f"/{second}") for edge in found.edges)
    third = office.corrects("RE-2L", "RE-2", net="95.00")
    office.rules(third)
    assert office.invoices()[-1]["corrects_id"] == second, "the one that stands in its place is meant"
    other = office.send("RE-22", net="99.00")
    assert "already-invoiced" in office.rules(other), "what stands now bills the order"
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


class DeafErp(PlainErp):
    """An ERP that refuses every bill until it hears."""

    hears = False

    def book_bills(self, requests: Any) -> list[Answer]:
        """Refuse, or book."""
        return super().book_bills(requests) if self.hears else [Refused("The period is closed.") for _ in requests]


def test_what_no_erp_was_asked_to_book_is_not_booked_any_more_and_what_it_refused_is_looked_up(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    never, refused = office.send("RE-3"), office.send("RE-4", order="PO8")
    erp = DeafErp()
    monkeypatch.setattr(delivering, "load_system", lambda _name: erp)
    office.decide(deciding.approve, office.corrects("RE-3K", "RE-3", net="90.00"))
    states = "SELECT business_key, state FROM effect WHERE process = 'invoice_validation' ORDER BY id"
    assert next(row["state"] for row in desk.ask(office.database, states)) == "abandoned"
    office.deliver()
    office.decide(deciding.approve, office.corrects("RE-4K", "RE-4", order="PO8", net="80.00"))
    erp.hears = True
    monkeypatch.setattr(erp, "bill_states", lambda _references: {})
    office.deliver()
    made = {row["business_key"]: row["state"] for row in desk.ask(office.database, states)}
    assert made[f"erp.bill:{never}"] == made[f"erp.bill:{refused}"] == "abandoned"
    assert made[f"erp.bill_reversal:{refused}"] == "done"
    assert [one.number for one in erp.booked.values()] == ["RE-4K"]
    exporting.post(office.database, ACTOR)
    assert set(sums(office)) == {row["id"] for row in office.invoices() if row["number"].endswith("K")}


def test_a_person_says_what_replaces_what_where_the_supplier_does_not(office: Desk) -> None:
    office.limit("by_rule: {up_to: 0}")
    first = office.send("RE-5")
    nameless, strange = office.corrects("RE-5K", "", net="90.00"), office.corrects("RE-6K", "RE-99", order="PO8")
    assert "correction-names-none" in office.rules(nameless)
    assert "corrected-unknown" in office.rules(strange)
    for replaced, why in ((nameless, "cannot replace itself"), (4711, "no invoice 4711")):
        with pytest.raises(WrongUse, match=why):
            office.say(nameless, replaced)
    assert "replaces invoice" in office.say(nameless, first)
    assert office.rules(nameless) == ["USTDV-31-5", "corrects-another"]
    with pytest.raises(WrongUse, match="say first that it does not"):
        office.say(first, nameless)
    again = office.send("RE-5", net="95.00")
    assert "double-number" in office.rules(again)
    office.say(again, first)
    assert "double-number" not in office.rules(again)
    office.say(again, 0)
    office.say(nameless, 0)
    assert "already-invoiced" in office.rules(nameless), "beside the first it bills the order twice"
    office.say(nameless, first)
    office.decide(deciding.approve, nameless)
    office.decide(deciding.approve, nameless, by="bob")
    assert [row["state"] for row in office.invoices()] == ["rejected", "approved", "waiting", "waiting"]


def test_two_corrections_of_one_invoice_cannot_both_stand(office: Desk) -> None:
    first = office.send("RE-7", net="120.00")
    one, other = office.corrects("RE-7A", "RE-7"), office.corrects("RE-7B", "RE-7", net="99.00")
    office.rules(one)
    seen = office.view(other)
    office.decide(deciding.approve, one)
    with pytest.raises(WrongUse, match=f"Invoice {first} was corrected by another invoice meanwhile"):
        office.decide(deciding.approve, other, seen=seen)
    office.rules(other)
    assert office.invoices()[2]["corrects_id"] == one


def test_no_more_is_given_back_of_an_invoice_than_it_came_to(office: Desk) -> None:
    office.limit("by_rule: {up_to: 0}")
    office.send("RE-8")
    named = {"type_code": "381", "preceding_invoices": (PrecedingInvoice(number="RE-8"),)}
    small, rest = office.send("GS-1", net="60.00", **named), office.send("GS-2", net="60.00", **named)
    assert "credit-above-invoice" not in office.rules(small)
    assert "credit-above-invoice" in office.rules(rest), "both together are more than the invoice"
    large = office.send("GS-3", net="100.01", **named)
    assert "credit-above-invoice" in office.rules(large)


def test_a_reversal_is_asked_for_in_the_same_words_the_other_way_round() -> None:
    from tasks.invoice_validation.bill_requests import reversal_of  # noqa: PLC0415 - only here

    booked = BillRequest.model_validate({
        "reference": "SOMS-bill-1", "supplier": "HANSE", "number": "R", "issued_on": "2026-12-31", "currency": "EUR",
        "lines": [{"description": "x", "quantity": "2", "net": "10", "vat_category": "S", "vat_rate": "19"}],
        "taxes": [{"vat_category": "S", "vat_rate": "19", "amount": "1.90"}], "total": "11.90",
    })  # fmt: skip
    back = reversal_of(booked, date(2026, 12, 1))
    assert (back.total, back.lines[0].net, back.lines[0].quantity, back.taxes[0].amount) == (
        Decimal("-11.90"), Decimal(-10), Decimal(-2), Decimal("-1.90"),
    )  # fmt: skip
    assert (back.reference, back.issued_on) == ("SOMS-bill-1-reversal", date(2026, 12, 31)), "never before the bill"
