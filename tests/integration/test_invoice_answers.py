"""What suppliers are told of their invoices: by mail once, by APERAK where the invoice came by EDI."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blocks.database import interchanges, invoice_evidence
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.documents.invoice_verdicts import FindingClass, Gravity, InvoiceFinding
from blocks.documents.mails import Mail
from blocks.standards.edifact.messages.envelopes import Outgoing
from blocks.standards.edifact.messages.invoic_write import invoice_segments
from blocks.standards.edifact.messages.releases import D96A
from blocks.systems.answers import Answer, Done
from tasks.invoice_validation import answering, deciding, delivering, desk_page, reminding
from tasks.invoice_validation.answer_letters import Envelope, Sender, Subject, answer_mail, reasons
from tasks.invoice_validation.desk import look
from tests import desk, stack
from tests.partners import Acme, interchange
from tests.received import ACTOR, Office, supplied
from tests.suppliers import Suppliers
from tests.unit.test_edifact_invoic import FULL

DEAR = "Der Preis liegt 2 % über dem der Bestellung PO7."


class PlainMailbox:
    """A mailbox that keeps what it was given; ``dies`` is what happens after a mail is out and before its answer."""

    merchant, imprint = "Lampenhaus", "Lampenhaus GmbH, Berlin"
    max_in_flight = calls_per_second = None

    def __init__(self) -> None:
        """Begin empty and in good health."""
        self.sent: list[Mail] = []
        self.dies: BaseException | None = None

    def send(self, mails: Sequence[Mail], hand_over: Callable[[Mail], None]) -> list[Answer]:
        """Keep each mail."""
        for mail in mails:
            hand_over(mail)
            self.sent.append(mail)
            if self.dies:
                raise self.dies
        return [Done(mail.key) for mail in mails]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> PlainMailbox:
    mailbox = PlainMailbox()
    for module in (answering, delivering):
        monkeypatch.setattr(module, "load_system", lambda _name: mailbox)
    return mailbox


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    office = Office(Suppliers(tmp_path, Database(database_url.app)))
    office.take_in("RE-1", "RE-2")
    office.judge(supplied({1: DEAR, 2: DEAR}))
    with office.database.audited(ACTOR) as (connection, trail):
        connection.execute("UPDATE supplier SET answer_to = 'buchhaltung@leuchtenwerk.example'")
        trail.add("supplier.noted", "supplier/1", [("supplier", 1)])
    return office


def deliver(office: Office) -> Delivered:
    return deliver_all(delivering.DELIVERY, office.database, ACTOR, lease=1.0, patience=0, log=lambda _: None)


def test_a_rejected_invoice_and_a_question_are_each_told_once_with_the_reasons(
    office: Office, mailbox: PlainMailbox, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    office.decide(deciding.reject, 1, why="Bitte zum Preis der Bestellung.")
    office.decide(deciding.ask, 2, why="Welche Lieferung ist das?")
    assert [deliver(office).done, deliver(office).done] == [2, 0]
    rejected, asked = sorted(mailbox.sent, key=lambda mail: mail.subject)
    assert rejected.to == asked.to == "buchhaltung@leuchtenwerk.example"
    assert rejected.subject == "Ihre Rechnung RE-1: nicht angenommen"
    for text in ("Bitte zum Preis der Bestellung.", DEAR, "119,00 EUR", "§ 31 Abs. 5 UStDV"):
        assert text in " ".join(rejected.text.split())
    assert "Welche Lieferung ist das?" in asked.text
    assert DEAR not in asked.text
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_a_mail_that_may_be_out_already_is_left_to_a_person(office: Office, mailbox: PlainMailbox) -> None:
    office.decide(deciding.reject, 1)
    mailbox.dies = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        deliver(office)
    mailbox.dies = None
    desk.ask(office.database, "UPDATE lease SET until = now() - interval '1 second' RETURNING token")
    assert deliver(office).refused == 1
    assert len(mailbox.sent) == 1
    (effect,) = desk.ask(office.database, "SELECT last_error FROM effect WHERE kind = 'invoice.answer'")
    assert "may have been sent already" in effect["last_error"]


REMINDED = """
by_rule: {up_to: 0}
reminders:
  mailbox: smtp-mailbox/office
  people:
    - {person: anna.berg, mail: anna.berg@lampenhaus.example}
    - {person: bob, mail: bob@lampenhaus.example, language: en}
"""


def test_who_is_named_is_reminded_by_mail_once_before_each_limit_and_not_of_what_is_decided(
    office: Office, mailbox: PlainMailbox, database_url: stack.DatabaseUrls
) -> None:
    office.limit(REMINDED)
    change = "UPDATE received_invoice SET received_at = '2026-12-30T08:00:00Z'"
    desk.change(database_url.owner, change)

    def reminded(day: int) -> int:
        reminding.remind(office.database, ACTOR, datetime(2027, 1, day, 6, tzinfo=UTC))
        return deliver(office).done

    assert [reminded(6), reminded(6), reminded(7)] == [4, 0, 0], "two invoices, two persons, once"
    first = next(mail for mail in mailbox.sent if mail.to_name == "anna.berg")
    assert (first.to, first.subject) == (
        "anna.berg@lampenhaus.example", "Bitte bis 07.01.2027 entscheiden: Rechnung RE-1 von Leuchtenwerk GmbH",
    )  # fmt: skip
    assert "(Eingangsrechnung 1)" in first.text
    assert DEAR in " ".join(first.text.split()), "what speaks against it is said"
    assert any("To be decided by 7 January 2027: invoice RE-2" in mail.subject for mail in mailbox.sent)
    reminding.remind(office.database, ACTOR, datetime(2027, 1, 8, 6, tzinfo=UTC))
    office.decide(deciding.reject, 1)
    deliver(office)
    late = [mail for mail in mailbox.sent[4:] if "09.01.2027" in mail.subject or "9 January" in mail.subject]
    assert {mail.to_name for mail in late} == {"anna.berg", "bob"}
    assert all("RE-2" in mail.subject for mail in late), "nobody is reminded of what is decided meanwhile"
    keys = [key for kind, key in office.effects() if kind == "invoice.reminder"]
    assert len(keys) == len(set(keys)) == 8
    assert not any("@" in key for key in keys), "an address is personal data"


def test_a_reminder_that_may_be_out_already_is_left_to_a_person(
    office: Office, mailbox: PlainMailbox, database_url: stack.DatabaseUrls
) -> None:
    office.limit(REMINDED.replace("    - {person: bob, mail: bob@lampenhaus.example, language: en}\n", ""))
    moved = "UPDATE received_invoice SET received_at = %s WHERE id = %s"
    desk.change(database_url.owner, moved, ("2026-12-30T08:00:00Z", 1))
    desk.change(database_url.owner, moved, ("2027-01-05T08:00:00Z", 2))
    reminding.remind(office.database, ACTOR, datetime(2027, 1, 6, 6, tzinfo=UTC))
    mailbox.dies = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        deliver(office)
    mailbox.dies = None
    desk.ask(office.database, "UPDATE lease SET until = now() - interval '1 second' RETURNING token")
    assert (deliver(office).refused, len(mailbox.sent)) == (1, 1)


def test_nobody_is_written_to_at_the_address_of_an_invoice_whose_account_is_not_confirmed(
    office: Office, mailbox: PlainMailbox
) -> None:
    with office.database.audited(ACTOR) as (connection, trail):
        connection.execute("UPDATE supplier SET answer_to = ''")
        trail.add("supplier.noted", "supplier/1", [("supplier", 1)])
    office.decide(deciding.reject, 1)
    assert deliver(office).refused == 1
    assert mailbox.sent == []


def test_an_invoice_that_came_by_edi_is_answered_by_aperak(
    office: Office, mailbox: PlainMailbox, tmp_path: Path
) -> None:
    acme = Acme(tmp_path / "acme", office.database)
    acme.put("1.edi", interchange("7", Outgoing("INVOIC", tuple(invoice_segments(FULL, D96A)), D96A)))
    assert acme.exchange().invoices == 1
    office.suppliers.convert()
    office.take()
    office.judge(supplied({3: DEAR}))
    came = office.invoices()[-1]
    assert (came["source"], came["came_as"], came["came_from"]) == ("invoice-folder/suppliers", "edi", "acme")
    office.decide(deciding.reject, came["id"], why="Bitte zum Preis der Bestellung.")
    sent = desk.ask(office.database, "SELECT * FROM edi_interchange WHERE direction = 'out' AND messages = 'APERAK'")
    received = desk.ask(office.database, "SELECT id FROM edi_interchange WHERE direction = 'in'")
    assert [(each["partner"], each["answers"]) for each in sent] == [("acme", received[0]["id"])]
    with office.database.connect() as connection:
        octets = (interchanges.body_of(connection, sent[0]["id"]) or b"").decode("latin-1")
        seen = desk_page.page(look(connection, came["id"]), {})
        (trail,) = invoice_evidence.gather(connection, [came["id"]])
    assert "from EDI partner acme" in seen
    assert any(edge.said.get("edi") == "acme" for edge in trail.edges)
    assert f"RFF+ACW:{came['number']}'" in octets
    assert "Bitte zum Preis der Bestellung." in octets
    assert [kind for kind, _ in office.effects() if kind == "invoice.answer"] == []
    assert mailbox.sent == []


def test_what_was_noticed_of_the_account_is_never_told_and_texts_are_escaped() -> None:
    def finding(rule: str, text: str) -> InvoiceFinding:
        return InvoiceFinding(
            rule=rule, rule_set="supply", kind=FindingClass.SUPPLY, gravity=Gravity.FATAL, text=text, text_de=""
        )

    found = reasons("rejected", "", [finding("account-changed", "secret"), finding("price", "<b>1 & 2")], "en")
    assert found == ("<b>1 & 2",)
    envelope = Envelope("key", "a@example.com", "A", "en", datetime(2026, 11, 20, tzinfo=UTC))
    mail = answer_mail("rejected", Subject("R<1>", None, None, "EUR", ""), found, envelope, Sender("M", "I"))
    assert "&lt;b&gt;1 &amp; 2" in mail.html
    assert "<b>1 & 2" in mail.text
    assert "R<1>" in mail.subject
