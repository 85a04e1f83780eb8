"""Controls over incoming invoices that somebody tries to get around: accounts, holds, doubles, the books."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from blocks.database import invoice_doubles, invoice_evidence, retention, supplier_accounts
from blocks.database.engine import Database
from blocks.documents.invoices import CreditTransfer, Payment
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse
from tasks.accounting_export import exporting
from tasks.invoice_validation import deciding
from tasks.invoice_validation import desk as invoice_desk
from tasks.invoice_validation.billing import CREDITS
from tests import desk, stack
from tests.received import ACTOR, Office
from tests.suppliers import Suppliers, printed
from tests.supply import HANSE, OTHER_ACCOUNT, bill, billed, hold, judged, know, ordered, receive

USUAL = "DE89370400440532013000"
OTHER = "DE02120300000000202051"
NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    return Office(Suppliers(tmp_path, Database(database_url.app)))


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


def confirm(database: Database, account: int, by: str) -> str:
    with database.audited(ACTOR) as (connection, trail):
        row = supplier_accounts.decide(connection, trail, account=account, confirm=True, by=by, reason="By phone.")
    return str(row["state"])


def test_who_changes_an_account_in_the_erp_cannot_confirm_it_here_alone(database: Database) -> None:
    know(database)
    know(database, suppliers=[HANSE.model_copy(update={"ibans": (*HANSE.ibans, OTHER_ACCOUNT)})])
    (new,) = desk.ask(database, "SELECT id FROM supplier_account WHERE iban = %s", (OTHER_ACCOUNT,))
    assert confirm(database, new["id"], "ada") == "proposed", "The ERP is no person: a second one must confirm."
    with pytest.raises(WrongUse, match="somebody else"):
        confirm(database, new["id"], "ada")
    assert confirm(database, new["id"], "bob") == "confirmed"


def test_no_account_an_invoice_names_escapes_behind_the_first_one(office: Office) -> None:
    transfers = (CreditTransfer(account=USUAL), CreditTransfer(account=" de02 1203 0000 0000 2020 51"))
    office.limit("by_rule: {up_to: 0}")
    office.take_in("RE-1", payment=Payment(means_code="58", transfers=transfers))
    (row,) = office.invoices()
    accounts = {(row["supplier_id"], USUAL), (row["supplier_id"], OTHER)}
    with office.database.audited(ACTOR) as (connection, trail):
        supplier_accounts.propose(connection, trail, accounts)
    ids = {one["iban"]: one["id"] for one in desk.ask(office.database, "SELECT id, iban FROM supplier_account")}
    for by in ("ada", "bob"):
        confirm(office.database, ids[USUAL], by)
    office.judge()
    with pytest.raises(WrongUse, match=f"confirm-account {ids[OTHER]}"):
        office.decide(deciding.approve, row["id"])
    with office.database.connect() as connection:
        account = invoice_desk.look(connection, row["id"]).account
    assert account is not None
    assert account["id"] == ids[OTHER], "The person is shown the one that waits."
    for by in ("ada", "bob"):
        confirm(office.database, ids[OTHER], by)
    assert "approved" in office.decide(deciding.approve, row["id"])


def test_t_aud_5_a_hold_that_would_protect_nothing_is_refused(database: Database) -> None:
    names = (("year", "２０１８"), ("year", "18"), ("year", "02018"), ("supplier", "99"), ("record", "Inbox/17"))  # noqa: RUF001 - digits that compare unequal
    for scope, value in (*names, ("supplier", "9" * 30), ("record", "inbox/1\0")):
        with pytest.raises(WrongUse), database.audited(ACTOR) as (connection, trail):
            retention.place_hold(connection, trail, scope=scope, value=value, by="ada", reason="Tax audit.")


def test_t_aud_5_a_hold_covers_the_year_of_issue_and_every_supplier_of_the_file(office: Office) -> None:
    office.take_in("RE-1", issue_date=date(2025, 12, 30))
    (row,) = office.invoices()
    with office.database.audited(ACTOR) as (connection, trail):
        (terms,) = {one["dated"].year for one in retention.terms(connection)}
        assert terms != 2025, "It came a year later than it is of."
        for scope, value in (("year", "2025"), ("supplier", f" {row['supplier_id']} "), ("record", "inbox/1")):
            retention.place_hold(connection, trail, scope=scope, value=value, by="ada", reason="Tax audit.")
        connection.execute("UPDATE received_invoice SET supplier_id = NULL")  # as a correction does
        held = {one["record"]: len(one["holds"]) for one in retention.terms(connection)}
        trail.add("invoice.facts_changed", "received_invoice/1", [("received_invoice", 1)])
    assert held == {"inbox/1": 3, "conversion/1": 2}
    with office.database.connect() as connection:
        due = retention.due(connection, date(2100, 1, 1))
    assert (due.deleted, len(due.refused)) == ((), 2)


def test_t_aud_5_what_is_deleted_is_not_deleted_again(office: Office, database_url: stack.DatabaseUrls) -> None:
    office.take_in("RE-1")
    with office.database.connect() as connection:
        records = [one["record"] for one in retention.terms(connection)]
    told = []
    for _ in range(2):
        with Database(database_url.owner).audited(ACTOR) as (connection, trail):
            told.append(retention.delete(connection, trail, records, today=date(2100, 1, 1), by="ada", reason="Over."))
    assert [len(one.deleted) for one in told] == [2, 0]
    assert "deleted already" in told[1].refused[0].why


def test_a_bill_of_nothing_is_no_posting_and_stops_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    office.take_in("RE-0", net="0.00")
    office.take_in("RE-1")
    office.judge()
    assert exporting.post(office.database, ACTOR) == exporting.Posted(1, {})
    assert exporting.post(office.database, ACTOR) == exporting.Posted(0, {})


def test_what_was_approved_after_its_month_was_exported_is_named_until_it_is(office: Office) -> None:
    office.take_in("RE-1", issue_date=date(2026, 9, 28))
    office.take_in("RE-2")
    office.judge()
    exporting.post(office.database, ACTOR)
    first = exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    assert (first.documents, first.left) == (1, {"2026-09": 1})
    assert exporting.export(office.database, ACTOR, *NOVEMBER, by="ada").left == {"2026-09": 1}
    exporting.export(office.database, ACTOR, date(2026, 9, 1), date(2026, 9, 30), by="ada")
    assert exporting.export(office.database, ACTOR, *NOVEMBER, by="ada").left == {}


def test_t_doc_6_what_recurs_is_held_against_its_neighbour_not_against_the_first_there_was(database: Database) -> None:
    know(database)

    def rent(number: str, day: date) -> list[str]:
        (told,) = judged(database, bill(billed("RENT", 1, "100"), number=number, issue_date=day))
        return told

    rent("M-1", date(2026, 1, 2))
    rent("A-7", date(2026, 6, 2))
    (number,) = receive(database, bill(billed("RENT", 1, "100"), number="X-3", issue_date=date(2026, 6, 4)))
    (double,) = [one for one in hold(database, number)[number] if one.rule == "double-content"]
    assert (double.gravity.value, "A-7" in double.text) == ("fatal", True)


def test_t_doc_6_of_many_that_are_alike_a_few_are_looked_at(database: Database) -> None:
    know(database, [ordered("PO-1", "11", "LAMP", 10, "100")])
    day = date(2026, 11, 2)
    flood = [bill(billed("LAMP", 1, "100"), number=f"RE-{at:04d}", issue_date=day) for at in range(60)]
    credit = bill(billed("LAMP", 1, "100"), number="RE-0007", issue_date=day, type_code="381")
    misread = bill(billed("LAMP", 1, "100"), number="RE-O0O7", issue_date=day + timedelta(days=1))
    ids = receive(database, credit, *flood, misread)
    with database.connect() as connection:
        like = invoice_doubles.like(connection, ids, near_days=30, credits_=CREDITS)
    numbers = {row["id"]: row["number"] for row in desk.ask(database, "SELECT id, number FROM received_invoice")}
    assert max(map(len, like.values())) < 30
    assert ids[0] not in like
    assert "RE-0007" in {one["number"] for one in like[ids[-1]]}
    assert all(one["id"] < number for number in like for one in like[number])
    assert numbers[min(one["id"] for one in like[ids[-2]])] == "RE-0000", "The oldest with its content is among them."
    assert ids[0] not in {one["id"] for several in like.values() for one in several}, "A credit note doubles no bill."


def test_a_day_at_the_end_of_time_stops_no_other_invoice(office: Office) -> None:
    end = date.max
    office.take_in("RE-1", issue_date=end, due_date=end)
    office.take_in("RE-2")
    office.judge()
    assert office.states() == {"RE-1": "waiting", "RE-2": "approved"}


def test_a_trail_of_something_unknown_is_refused_in_a_short_sentence(database: Database) -> None:
    for text in ("", " ", "x\0y", "x" * 5000):
        with database.connect() as connection, pytest.raises(WrongUse, match="No invoice is known") as refused:
            invoice_evidence.find(connection, "invoice", text)
        assert len(str(refused.value)) < 200


CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize("action", [deciding.approve, deciding.reject, deciding.ask, deciding.correct])
def test_no_card_number_gets_into_the_trail_by_what_somebody_says_why(
    office: Office, action: Callable[..., str]
) -> None:
    office.limit("by_rule: {up_to: 0}")
    office.suppliers.take_in(paper_pdf=printed())
    office.take()
    office.judge()
    with office.database.audited(ACTOR) as (connection, trail):
        retention.place_hold(connection, trail, scope="everything", by="ada", reason=f"Paid by {CARD}.")
        retention.lift_hold(connection, trail, 1, by="ada", reason=f"Paid by {CARD}.")
    if action is deciding.approve:
        desk.ask(office.database, "UPDATE conversion SET outcome = 'released' RETURNING id")
    office.judge()
    office.decide(action, 1, why=f"Paid\0 by {CARD}\udc80.")
    for table in ("received_invoice", "invoice_decision", "conversion", "legal_hold", "audit_event"):
        kept = str(desk.ask(office.database, f"SELECT * FROM {table}"))  # noqa: S608 - ours
        assert "1111 1111 1111" not in kept, table
        assert "Paid" in kept or table in {"received_invoice", "conversion"}


def test_what_is_noted_of_a_supplier_is_an_address_that_adds_no_recipient(office: Office) -> None:
    office.take_in("RE-1")
    for address in ("nobody", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "a\0@b.example"):
        with pytest.raises(WrongUse, match="one mail address"):
            note(office, address)
    note(office, "billing@leuchtenwerk.example")
    note(office, "")


def note(office: Office, address: str) -> None:
    invoice_desk.note_supplier(
        office.database, ACTOR, supplier=1, facts={"answer_to": address}, by="ada", reason="By phone."
    )


def test_a_reason_is_no_novel_and_no_nothing() -> None:
    for nothing in ("", " ", "\0", "\0 \n"):
        with pytest.raises(WrongUse, match="Say why"):
            kept_reason(nothing)
    with pytest.raises(WrongUse, match="at most 2000 characters"):
        kept_reason("x" * 2001)
