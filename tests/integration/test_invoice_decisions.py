"""What people and rules decide on incoming invoices: limits, four eyes, views that have changed, two at once."""

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database import supplier_accounts, suppliers
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.errors import WrongUse
from tasks.edi_conversion import review
from tasks.invoice_validation import deciding
from tests import desk, stack
from tests.received import ACTOR, Office, supplied
from tests.suppliers import Suppliers, printed

WAITS = "by_rule: {up_to: 0}"


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    return Office(Suppliers(tmp_path, Database(database_url.app)))


def ids(office: Office) -> dict[str, int]:
    return {row["number"]: row["id"] for row in office.invoices()}


def decisions(office: Office) -> list[tuple[str, str, bool, str | None]]:
    rows = desk.ask(office.database, "SELECT * FROM invoice_decision ORDER BY id")
    return [(row["action"], row["by"], row["final"], row["first_by"]) for row in rows]


def test_what_nothing_speaks_against_is_approved_by_rule_once_and_all_else_waits_with_its_reason(
    office: Office, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    office.take_in("RE-1", "RE-2")
    office.take_in("RE-3", net="5000.00")
    numbers = ids(office)
    told = office.judge(supplied({numbers["RE-2"]: "The price is above the order's."}))
    assert (told.judged, told.approved, told.waiting) == (3, 1, 2)
    assert office.states() == {"RE-1": "approved", "RE-2": "waiting", "RE-3": "waiting"}
    assert office.effects() == [("erp.bill", f"erp.bill:{numbers['RE-1']}")]
    assert decisions(office) == [("approve", "soms", True, None)]
    again = office.judge(supplied({numbers["RE-2"]: "The price is above the order's."}))
    assert (again.judged, again.again, again.approved) == (0, 0, 0)
    assert len(desk.ask(office.database, "SELECT FROM invoice_verdict")) == 3
    assert office.take() == 0
    later = office.judge()  # the order was corrected meanwhile: what waited for it goes on by itself
    assert (later.again, later.approved) == (1, 1)
    assert office.states()["RE-2"] == "approved"
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_above_the_limit_two_persons_must_approve_the_same_view_and_one_cannot_be_both(office: Office) -> None:
    office.limit("four_eyes_above: 100\nby_rule: {up_to: 0}\napprovers: [{person: ada}, {person: bob, up_to: 200}]")
    office.take_in("RE-1")
    office.judge()
    [number] = ids(office).values()
    with pytest.raises(WrongUse, match="eve may not approve"):
        office.decide(deciding.approve, number, by="eve")
    assert "second person" in office.decide(deciding.approve, number, by="ada")
    assert office.states() == {"RE-1": "waiting"}
    with pytest.raises(WrongUse, match="somebody else must"):
        office.decide(deciding.approve, number, by="ada")
    office.judge(supplied({number: "Something new speaks against it."}))
    assert "second person" in office.decide(deciding.approve, number, by="bob"), (
        "the first approval was of another view"
    )
    assert office.effects() == []
    office.decide(deciding.approve, number, by="ada")
    assert decisions(office)[-1] == ("approve", "ada", True, "bob")
    assert office.states() == {"RE-1": "approved"}
    assert office.effects() == [("erp.bill", f"erp.bill:{number}")]


def test_who_may_approve_only_so_much_and_what_has_fatal_findings_takes_two(office: Office) -> None:
    office.limit("approvers: [{person: ada, up_to: 100}, {person: '*'}]\nby_rule: {up_to: 0}")
    office.take_in("RE-1")
    office.judge(supplied(dict.fromkeys(ids(office).values(), "Nobody ordered it.")))
    [number] = ids(office).values()
    with pytest.raises(WrongUse, match=r"ada may approve up to 100 EUR"):
        office.decide(deciding.approve, number, by="ada")
    assert "second person" in office.decide(deciding.approve, number, by="eve")


def test_a_decision_on_a_view_that_has_changed_is_refused_with_a_sentence(office: Office) -> None:
    office.limit(WAITS)
    office.take_in("RE-1")
    office.judge()
    [number] = ids(office).values()
    seen = office.view(number)
    office.judge(supplied({number: "The price is above the order's."}))
    for action in (deciding.approve, deciding.reject, deciding.ask):
        with pytest.raises(WrongUse, match="has changed since you looked"):
            office.decide(action, number, seen=seen)
    with pytest.raises(WrongUse, match="Say which view"):
        office.decide(deciding.approve, number, seen="")
    supplier = office.invoices()[0]["supplier_id"]
    with office.database.audited(ACTOR) as (connection, trail):
        suppliers.note(connection, trail, supplier=supplier, facts={"small_business": True}, by="ada", reason="Told.")
    with pytest.raises(WrongUse, match="something was noted of its supplier"):
        office.decide(deciding.approve, number)
    assert decisions(office) == []


def test_a_rejected_invoice_answers_its_sender_with_the_reason_and_is_over_for_good(office: Office) -> None:
    office.limit(WAITS)
    office.take_in("RE-1")
    office.judge()
    [number] = ids(office).values()
    assert "waits for its sender" in office.decide(deciding.ask, number, why="Which order is this of?")
    with pytest.raises(WrongUse, match="Say why"):
        office.decide(deciding.reject, number, why=" ")
    office.decide(deciding.reject, number, by="bob", why="Never ordered.")
    rows = desk.ask(office.database, "SELECT id FROM invoice_decision ORDER BY id")
    assert office.effects() == [("invoice.answer", f"invoice.answer:{number}:{row['id']}") for row in rows]
    for action in (deciding.approve, deciding.reject, deciding.ask, deciding.correct):
        with pytest.raises(WrongUse, match=r"rejected already by bob: Never ordered\."):
            office.decide(action, number)
    assert office.judge().judged == 0


def test_two_analysts_decide_at_once_one_wins_and_the_other_hears_why(office: Office) -> None:
    office.limit(WAITS)
    office.take_in("RE-1")
    office.judge()
    [number] = ids(office).values()
    seen, together, told = office.view(number), threading.Barrier(2), {}

    def sit_down(by: str, action: Callable[..., str]) -> None:
        together.wait()
        try:
            told[by] = office.decide(action, number, by=by, seen=seen, why=f"{by} says so.")
        except WrongUse as error:
            told[by] = f"refused: {error}"

    analysts = [
        threading.Thread(target=sit_down, args=who) for who in (("ada", deciding.approve), ("bob", deciding.reject))
    ]
    for analyst in analysts:
        analyst.start()
    for analyst in analysts:
        analyst.join()
    [winner] = [by for by, said in told.items() if not said.startswith("refused")]
    [loser] = told.keys() - {winner}
    assert f"already by {winner}: {winner} says so." in told[loser]
    assert [(row[1], row[2]) for row in decisions(office)] == [(winner, True)]
    assert len(office.effects()) == 1


def test_a_new_account_stops_approval_until_two_persons_have_confirmed_it(office: Office) -> None:
    office.limit(WAITS)
    office.take_in("RE-1")
    office.judge()
    [row] = office.invoices()

    def account(confirm: bool, by: str) -> None:
        [known] = desk.ask(office.database, "SELECT id FROM supplier_account")
        with office.database.audited(ACTOR) as (connection, trail):
            supplier_accounts.decide(connection, trail, account=known["id"], confirm=confirm, by=by, reason="By phone.")

    with office.database.audited(ACTOR) as (connection, trail):
        supplier_accounts.propose(connection, trail, [(row["supplier_id"], row["iban"])] * 2)
    with pytest.raises(WrongUse, match="two persons must confirm it"):
        office.decide(deciding.approve, row["id"])
    account(confirm=True, by="ada")
    with pytest.raises(WrongUse, match="somebody else must confirm"):
        account(confirm=True, by="ada")
    with pytest.raises(WrongUse, match="two persons must confirm it"):
        office.decide(deciding.approve, row["id"])
    account(confirm=False, by="bob")
    with pytest.raises(WrongUse, match="declined"):
        office.decide(deciding.approve, row["id"])
    account(confirm=True, by="ada")
    account(confirm=True, by="bob")
    office.decide(deciding.approve, row["id"])
    assert office.states() == {"RE-1": "approved"}


def test_t_ord_8_a_misread_invoice_is_corrected_by_two_and_judged_anew_while_its_bytes_stay(office: Office) -> None:
    page = printed(day="13/04/2026")
    office.suppliers.take_in(re_pdf=page)
    office.take()
    office.judge()
    [row] = office.invoices()
    [conversion] = office.suppliers.conversions()
    assert conversion["outcome"] == "proven"
    assert "waits at the conversion desk" in office.decide(deciding.correct, row["id"], why="The price was misread.")
    told = office.judge()
    assert told.again == 1
    with pytest.raises(WrongUse, match="nobody has confirmed it"):
        office.decide(deciding.approve, row["id"])

    changes = ["lines[1].net=110.00", "lines[1].price.net=55.00", "totals.line_net=110.00", "totals.net=110.00",
               "totals.vat=20.90", "totals.gross=130.90", "totals.payable=130.90", "vat_breakdown[1].basis=110.00",
               "vat_breakdown[1].amount=20.90"]  # fmt: skip
    with office.database.audited(ACTOR) as (connection, trail):
        number, reason = conversion["id"], "As printed."
        made = review.correct(connection, trail, number=number, lines=changes, by="ada", reason=reason)
    assert made.waits, "the price is money"
    with office.database.audited(ACTOR) as (connection, trail):
        with pytest.raises(WrongUse, match="somebody else"):
            review.decide(connection, trail, correction=made.correction, approve=True, by="ada", reason=reason)
        review.decide(connection, trail, correction=made.correction, approve=True, by="bob", reason=reason)
        review.release(connection, trail, number=number, by="bob", reason=reason)
    assert office.judge().again == 1
    [now] = office.invoices()
    assert (row["gross"], now["gross"], now["verdict_version"]) == (119, Decimal("130.90"), 3)
    [kept] = desk.ask(office.database, "SELECT body FROM inbox")
    assert bytes(kept["body"]) == page


def test_what_came_as_data_is_not_corrected_and_a_file_refused_at_the_conversion_desk_closes_its_invoice(
    office: Office,
) -> None:
    office.limit(WAITS)
    office.take_in("RE-1")
    office.suppliers.take_in(unclear_pdf=printed())
    office.take()
    office.judge()
    first, second = office.invoices()
    with pytest.raises(WrongUse, match="only its sender can correct it"):
        office.decide(deciding.correct, first["id"])
    unclear = office.suppliers.conversions()[1]
    assert unclear["outcome"] == "review"
    verdict = desk.ask(office.database, "SELECT * FROM invoice_verdict WHERE invoice_id = %s", (second["id"],))[0]
    assert (verdict["content"], verdict["input_tax"]) == ("not-checked", "not-judged")
    with office.database.audited(ACTOR) as (connection, trail):
        review.reject(connection, trail, number=unclear["id"], by="bob", reason="A reminder, no invoice.")
    assert office.judge().rejected == 1
    closed = office.invoices()[1]
    assert (closed["state"], closed["settled_by"]) == ("rejected", "bob")
    assert office.effects() == [], "nobody is answered for what is no invoice"
