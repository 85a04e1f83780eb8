"""What people do with invoices that wait: correct with four eyes, release once, reject; and what files cannot do."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from blocks.database import conversion_remarks, supplier_layouts
from blocks.database.audit import Actor
from blocks.database.conversions import Goal
from blocks.database.engine import Database
from blocks.documents.invoices import SupportingDocument, Totals
from blocks.errors import WrongUse
from blocks.systems.mailboxes.smtp import SmtpMailbox
from blocks.worker_pool import Limits
from tasks.edi_conversion import desk as conversion_desk
from tasks.edi_conversion import desk_page, review
from tasks.edi_conversion.converting import convert
from tests import desk, stack
from tests.pdfs import PaperPage, pdf
from tests.sandbox import running_smtp
from tests.suppliers import SOURCE, Suppliers, a_page, a_picture, an_invoice, as_ubl, digest, printed

ADA, BOB = Actor(process="desk", name="ada"), Actor(process="desk", name="bob")


@pytest.fixture
def suppliers(tmp_path: Path, database_url: stack.DatabaseUrls) -> Suppliers:
    """Return a folder of invoices and a fresh database."""
    return Suppliers(tmp_path, Database(database_url.app))


def wrong_total() -> bytes:
    """Return an invoice whose gross total is ten euros too much."""
    invoice = an_invoice()
    totals = invoice.totals.model_copy(update={"gross": Decimal("129.00"), "payable": Decimal("129.00")})
    return as_ubl(invoice.model_copy(update={"totals": totals}))


def act(suppliers: Suppliers, who: Actor, step: Any, **said: Any) -> Any:
    """Do one thing at the desk, in a transaction of its own."""
    with suppliers.database.audited(who) as (connection, trail):
        return step(connection, trail, by=who.name, reason="as printed", **said)


def test_a_correction_of_money_needs_a_second_person_and_the_file_stays_as_it_came(suppliers: Suppliers) -> None:
    body = wrong_total()
    assert suppliers.take_in(a_xml=body).review == 1
    [row] = suppliers.conversions()
    number = row["id"]
    with pytest.raises(WrongUse, match="does not close"):
        act(suppliers, ADA, review.release, number=number)
    lines = ["totals.gross=119.00", "totals.payable=119.00"]
    made = act(suppliers, ADA, review.correct, number=number, lines=lines)
    assert (made.waits, made.objections) == (True, ())
    with pytest.raises(WrongUse, match="second person"):
        act(suppliers, ADA, review.release, number=number)
    with pytest.raises(WrongUse, match="somebody else"):
        act(suppliers, ADA, review.decide, correction=made.correction, approve=True)
    act(suppliers, BOB, review.decide, correction=made.correction, approve=True)
    act(suppliers, ADA, review.release, number=number)
    assert suppliers.deliver().done == 1
    [result] = suppliers.results().values()
    assert b">119.00</cbc:TaxInclusiveAmount>" in result
    [row] = suppliers.conversions()
    assert (row["outcome"], row["settled_by"], row["gross"]) == ("released", "ada", Decimal(119))
    assert json.loads(row["invoice"])["totals"]["gross"] == "129.00"
    [kept] = desk.ask(suppliers.database, "SELECT body, state FROM inbox")
    assert (bytes(kept["body"]), kept["state"]) == (body, "accepted")


def test_a_name_needs_no_second_person_and_an_account_does(suppliers: Suppliers) -> None:
    suppliers.take_in(a_xml=wrong_total())
    [row] = suppliers.conversions()
    assert not act(suppliers, ADA, review.correct, number=row["id"], lines=["seller.name=Leuchten AG"]).waits
    account = ["payment.iban=DE02120300000000202051"]
    assert act(suppliers, ADA, review.correct, number=row["id"], lines=account).waits
    with pytest.raises(WrongUse, match="nothing would be corrected"):
        act(suppliers, ADA, review.correct, number=row["id"], lines=["seller.name=Leuchten AG"])
    with pytest.raises(WrongUse, match="there is no 'nonsense' here"):
        act(suppliers, ADA, review.correct, number=row["id"], lines=["nonsense=1"])


def test_what_is_settled_stays_settled_and_goes_on_once_whoever_asks_when(suppliers: Suppliers) -> None:
    suppliers.take_in(a_xml=wrong_total())
    [row] = suppliers.conversions()
    act(suppliers, ADA, review.reject, number=row["id"])
    for step in (review.release, review.reject):
        with pytest.raises(WrongUse, match="rejected by ada"):
            act(suppliers, BOB, step, number=row["id"])
    assert suppliers.deliver().done == 0
    assert suppliers.results() == {}
    [kept] = desk.ask(suppliers.database, "SELECT state FROM inbox")
    assert kept["state"] == "rejected"


def test_the_same_file_again_is_a_logged_duplicate_and_the_same_invoice_again_waits(suppliers: Suppliers) -> None:
    body = as_ubl(an_invoice())
    suppliers.take_in(a_xml=body)
    again = suppliers.take_in(b_xml=body, c_xml=as_ubl(an_invoice(net="200.00")))
    assert (again.files, again.review) == (1, 1)
    assert suppliers.outcomes() == {"a.xml": "proven", "c.xml": "review"}
    [duplicate] = desk.ask(suppliers.database, "SELECT facts FROM audit_event WHERE kind = 'inbox.duplicate'")
    assert digest(body) in str(duplicate["facts"])
    assert suppliers.deliver().done == 1
    with pytest.raises(WrongUse, match="gone on already as conversion"):
        act(suppliers, ADA, review.release, number=suppliers.conversions()[1]["id"])
    assert len(suppliers.results()) == 1


def test_two_runs_at_once_read_twice_at_most_and_book_and_deliver_once(suppliers: Suppliers) -> None:
    suppliers.send(**{f"a{number}_xml": as_ubl(an_invoice(f"RE-{number}")) for number in range(6)})

    def run(_: int) -> None:
        suppliers.collect()
        suppliers.convert()
        suppliers.deliver()

    with ThreadPoolExecutor(2) as both:
        list(both.map(run, range(2)))
    suppliers.collect()
    suppliers.convert()
    suppliers.deliver()
    assert sorted(suppliers.outcomes().values()) == ["proven"] * 6
    assert len(suppliers.results()) == 6
    effects = desk.ask(suppliers.database, "SELECT state, count(*)::int AS effects FROM effect GROUP BY 1")
    assert effects == [{"state": "done", "effects": 6}]


def test_a_file_that_eats_memory_or_is_broken_takes_nothing_along(suppliers: Suppliers) -> None:
    inflating = pdf([PaperPage().draw(" " * 100_000_000)], packed=True)
    suppliers.send(
        inflating_pdf=inflating,
        broken_pdf=b"%PDF-1.7\n" + b"\x00\xff" * 400, nothing_pdf=b"", picture_pdf=a_picture(),
        nested_xml=b"<a>" * 100_000, bomb_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        right_xml=as_ubl(an_invoice()),
    )  # fmt: skip
    suppliers.collect()
    converted = suppliers.convert(limits=Limits(seconds=60, cpu_seconds=10, megabytes=64))
    assert (converted.files, converted.proven, converted.unreadable) == (7, 1, 6)
    assert suppliers.outcomes()["right.xml"] == "proven"
    for row in suppliers.conversions():
        assert (row["outcome"] == "proven") == (json.loads(row["reasons"]) == [])


def test_the_desk_shows_the_page_and_boxes_what_was_found(suppliers: Suppliers) -> None:
    suppliers.take_in(a_pdf=a_page("Rechnung", "Rechnungsnummer: RE-7", "Rechnungsdatum: 02.11.2026"))
    [row] = suppliers.conversions()
    with suppliers.database.connect() as connection:
        look = review.look(connection, row["id"])
    [picture], unseen = conversion_desk.pictures(suppliers.database, look)
    assert (picture.page, unseen) == (1, "")
    assert picture.image.startswith(b"\xff\xd8")
    suppliers.take_in(b_pdf=b"%PDF-1.7 broken")
    with suppliers.database.connect() as connection:
        look = review.look(connection, suppliers.conversions()[1]["id"])
    assert conversion_desk.pictures(suppliers.database, look)[0] == []


def test_what_a_person_confirmed_makes_the_next_invoice_surer_and_never_overrides_arithmetic(
    suppliers: Suppliers,
) -> None:
    suppliers.take_in(a_pdf=printed("RE-1"))
    [first] = suppliers.conversions()
    assert (first["outcome"], len(json.loads(first["reasons"]))) == ("review", 1)
    assert "day or the month first" in first["reasons"]
    act(suppliers, ADA, review.release, number=first["id"])
    assert "remembered" in conversion_desk.remember(suppliers.database, ADA, first["id"], by="ada")
    suppliers.send(b_pdf=printed("RE-2", "05/06/2026"), c_pdf=printed("RE-3", "05/06/2026", gross="129.00"))
    suppliers.collect()
    suppliers.convert()
    assert suppliers.outcomes() == {"a.pdf": "released", "b.pdf": "proven", "c.pdf": "review"}
    assert suppliers.conversions()[1]["issued_on"].isoformat() == "2026-06-05"

    with suppliers.database.connect() as connection:
        [layout] = supplier_layouts.listing(connection)
    act(suppliers, BOB, supplier_layouts.withdraw, number=layout["id"])
    suppliers.take_in(d_pdf=printed("RE-4", "07/08/2026"))
    assert suppliers.outcomes()["d.pdf"] == "review"
    assert [row["version"] for row in desk.ask(suppliers.database, "SELECT version FROM supplier_layout")] == [1, 2]


def test_t_doc_9_a_hybrid_whose_xml_says_another_total_than_its_page_waits_and_both_are_kept(
    suppliers: Suppliers,
) -> None:
    from blocks.standards.en16931.hybrid_writing import embed  # noqa: PLC0415 - factur-x takes half a second

    page = PaperPage()
    for place, line in enumerate(("Rechnung RE-1001", "Datum 02.11.2026", "Gesamtbetrag 190,00 EUR")):
        page.text(50, 780 - 16 * place, line)
    body = embed(pdf([page]), an_invoice())
    assert suppliers.take_in(a_pdf=body).review == 1
    [row] = suppliers.conversions()
    assert any("119" in reason for reason in json.loads(row["reasons"]))
    [kept] = desk.ask(suppliers.database, "SELECT body FROM inbox")
    assert bytes(kept["body"]) == body
    assert suppliers.deliver().done == 0


def test_an_invoice_with_an_endless_number_holds_up_none_beside_it(suppliers: Suppliers) -> None:
    party = an_invoice().seller.model_copy(update={"name": "N" * 9000, "vat_id": "", "tax_number": "T" * 9000})
    endless = as_ubl(an_invoice("".join(map(str, range(3000))), seller=party))
    assert suppliers.take_in(a_xml=endless, b_xml=as_ubl(an_invoice())).files == 2
    assert suppliers.outcomes()["b.xml"] == "proven"


def test_nothing_is_proven_without_totals(suppliers: Suppliers) -> None:
    suppliers.take_in(a_xml=as_ubl(an_invoice(totals=Totals())))
    assert suppliers.outcomes() == {"a.xml": "review"}


@pytest.mark.parametrize("form", ["json", "cii", "edifact", "zugferd"])
def test_t_doc_1_what_is_proven_goes_on_in_every_form_and_reads_back_the_same(suppliers: Suppliers, form: str) -> None:
    suppliers.send(a_pdf=printed("RE-1", "02 November 2026"))
    suppliers.collect()
    suppliers.convert(goal=Goal(SOURCE, form))
    assert suppliers.deliver().done == 1
    [(name, content)] = suppliers.results().items()
    if form == "json":
        assert json.loads(content)["invoice"]["totals"]["gross"] == "119.00"
        return
    back = convert(name, content)
    assert back.invoice is not None
    assert (back.invoice.number, str(back.invoice.totals.gross)) == ("RE-1", "119.00")


def test_what_the_form_an_invoice_went_out_in_cannot_hold_is_told_at_the_desk_and_in_the_run(
    suppliers: Suppliers,
) -> None:
    plan = SupportingDocument(reference="A1", description="Plan")
    suppliers.send(a_xml=as_ubl(an_invoice(supporting_documents=(plan,))), b_xml=as_ubl(an_invoice("RE-1002")))
    suppliers.collect()
    suppliers.convert(goal=Goal(SOURCE, "edifact"))
    assert suppliers.deliver().done == 2
    with suppliers.database.connect() as connection:
        [told] = conversion_remarks.of_run(connection, run_id="run-1", limit=10)
        look = review.look(connection, told["id"])
    assert told["file_name"] == "a.xml"
    assert [remark for remark in look.remarks if "supporting_documents" in remark]
    assert "To know, though it stops nothing" in desk_page.page(look, (), "")


def test_an_invoice_goes_out_by_mail_once_and_one_whose_fate_is_unknown_waits_for_a_person(
    suppliers: Suppliers, tmp_path: Path
) -> None:
    suppliers.send(a_xml=as_ubl(an_invoice("RE-1")), b_xml=as_ubl(an_invoice("RE-2")))
    suppliers.collect()
    suppliers.convert(goal=Goal("smtp-mailbox/edi", "ubl", "edi@example.com"))
    unsure = "UPDATE effect SET handed_over_at = now() WHERE id = (SELECT max(id) FROM effect)"
    with suppliers.database.connect() as connection:
        connection.execute(unsure)  # as a worker leaves it that ends just when the mail is out
    with running_smtp(tmp_path / "mail") as mail:
        mailbox = SmtpMailbox(
            host="127.0.0.1", port=mail.port, security="none", sender="soms@example.com", merchant="Lampenhaus",
            imprint="Lampenhaus GmbH",
        )  # fmt: skip
        delivered = suppliers.deliver(mailbox)
        assert (delivered.done, delivered.refused) == (1, 1)
        assert suppliers.deliver(mailbox).done == 0
        [message] = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mail.messages()]
    [attachment] = message.iter_attachments()
    assert attachment.get_filename().startswith("a-")
    assert b">RE-1</cbc:ID>" in attachment.get_payload(decode=True)
