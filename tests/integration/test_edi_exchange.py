"""The EDI exchange on a real Postgres: booked once, acknowledged or explained, and nothing missing unnoticed."""

from decimal import Decimal
from pathlib import Path

import pytest

from blocks.database import interchanges
from blocks.database.audit import Trail
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.edi_partners import load
from blocks.errors import WrongUse
from blocks.standards.edifact.envelope import read_interchanges
from blocks.standards.edifact.messages.contrl import ACKNOWLEDGED, REJECTED, contrl, read_contrl
from blocks.standards.edifact.messages.envelopes import Outgoing
from blocks.standards.edifact.messages.invoic import invoice_of
from blocks.standards.edifact.messages.invoic_write import invoice_segments
from blocks.standards.edifact.messages.ordrsp import OrderFate, read_answer
from blocks.standards.edifact.messages.releases import D96A
from blocks.standards.edifact.syntax import segment
from tasks.order_intake.judging import Route
from tests import desk, stack
from tests.partners import ACME, ACTOR, OURS, RULES, SOURCE, STRANGER, Acme, interchange, orders
from tests.unit.test_edifact_invoic import FULL

ROUTE = Route(SOURCE, "tryton-erp/main")


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    return Database(database_url.app)


@pytest.fixture
def acme(tmp_path: Path, database: Database) -> Acme:
    return Acme(tmp_path / "acme", database)


def _verdicts(database: Database) -> list[tuple[str, str, str]]:
    rows = desk.ask(database, "SELECT direction, reference, verdict FROM edi_interchange ORDER BY id")
    return [(row["direction"], row["reference"], row["verdict"]) for row in rows]


def test_t_doc_14_a_gap_in_control_numbers_and_an_unknown_partner_are_findings_with_the_sender_in_one_run(
    acme: Acme, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    """T-DOC-14."""
    acme.put("1.edi", interchange("7", orders("PO-1")))
    acme.put("2.edi", interchange("10", orders("PO-2")))
    acme.put("3.edi", interchange("1", orders("PO-3"), sender=STRANGER))
    booked = acme.exchange()
    assert (booked.accepted, booked.unknown_partner, booked.gaps, booked.orders) == (2, 1, 1, 2)
    (gap,) = acme.said("control-number-gap")
    assert ACME in gap
    assert "8 to 9 is missing before 10" in gap
    (unknown,) = acme.said("unknown-partner")
    assert STRANGER in unknown
    with acme.database.connect() as connection:
        (missing,) = interchanges.gaps(connection)
    assert (missing["partner"], missing["sender"], missing["first"], missing["last"]) == ("acme", ACME, 8, 9)
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_the_missing_one_coming_late_closes_the_gap(acme: Acme) -> None:
    for reference in ("1", "3", "2"):
        acme.put(f"{reference}.edi", interchange(reference, orders(f"PO-{reference}")))
        acme.exchange()
    assert len(acme.said("control-number-gap")) == 1
    assert len(acme.said("control-number-late")) == 1
    with acme.database.connect() as connection:
        assert interchanges.gaps(connection) == []


def test_an_unknown_partners_interchange_is_taken_in_once_it_is_known(tmp_path: Path, database: Database) -> None:
    acme = Acme(tmp_path / "acme", database, known=False)
    acme.put("1.edi", interchange("1", orders("PO-1")))
    assert acme.exchange().unknown_partner == 1
    assert acme.results() == {}
    acme.agree()
    with database.audited(ACTOR) as (connection, trail):
        assert interchanges.reopen(connection, trail, source=SOURCE, senders=[ACME]) == 1
    assert acme.exchange().orders == 1
    assert _verdicts(database) == [("in", "1", "accepted"), ("out", "1", "sent")]


def test_same_reference_and_content_is_a_logged_duplicate_and_other_content_a_finding(acme: Acme) -> None:
    first = interchange("1", orders("PO-1"))
    acme.put("1.edi", first)
    acme.exchange()
    acme.put("again.edi", first)
    assert acme.collect().duplicates == 1
    assert acme.book().total == 0
    acme.put("other.edi", interchange("1", orders("PO-2")))
    booked = acme.exchange()
    assert (booked.conflict, booked.orders) == (1, 0)
    (said,) = acme.said("reference-repeated")
    assert "for another content" in said
    assert _verdicts(acme.database)[0] == ("in", "1", "accepted")


def test_every_interchange_is_answered_by_a_contrl_under_the_next_control_number(acme: Acme) -> None:
    acme.put("1.edi", interchange("1", orders("PO-1")))
    broken = interchange("2", orders("PO-2")).replace(b"UNT+12+1", b"UNT+11+1")
    acme.put("2.edi", broken)
    booked = acme.exchange()
    assert (booked.accepted, booked.rejected, booked.answered) == (1, 1, 2)
    sent = acme.results()
    assert list(sent) == ["acme-00000001-contrl.edi", "acme-00000002-contrl.edi"]
    answers = []
    for octets in sent.values():
        (received,) = read_interchanges(octets)
        assert list(received.findings) == []
        assert (received.sender, received.receiver) == (OURS, ACME)
        answers.append(read_contrl(received.messages[0]))
    assert [(answer.reference, answer.accepted) for answer in answers if answer] == [("1", True), ("2", False)]
    assert b"UCS+12+" in sent["acme-00000002-contrl.edi"] or b"UCM+1+" in sent["acme-00000002-contrl.edi"]


def test_orders_go_through_order_intake_with_articles_by_gtin(acme: Acme) -> None:
    desk.know(acme.database, "LAMP")
    desk.count(acme.database, 10, "LAMP")
    with acme.database.audited(desk.ACTOR) as (connection, trail):
        connection.execute("UPDATE article SET gtin = '4012345000016' WHERE sku = 'LAMP'")
        trail.add("article.changed", "source/berlin", [("article", "berlin:LAMP")])
    acme.put("1.edi", interchange("1", orders("PO-1"), orders("PO-2", article="4012345000023")))
    assert acme.exchange().orders == 2
    judged = desk.judge(acme.database, shop=acme.folder, route=ROUTE)
    assert (judged.accepted, judged.put_aside) == (1, 1)
    (booked,) = desk.ask(acme.database, "SELECT external_id, total FROM sales_order")
    assert (booked["external_id"], booked["total"]) == ("PO-1", Decimal("23.80"))


def test_orders_are_answered_once_they_are_booked_or_rejected_and_only_once(acme: Acme) -> None:
    acme.agree(RULES + "    answers_orders: true\n    releases: {ORDRSP: 01B}\n")
    desk.know(acme.database, "LAMP", "DESK")
    desk.count(acme.database, 10, "LAMP")
    sent = (orders("PO-1", article="LAMP"), orders("PO-2", article="NOBODY'S"), orders("PO-3", article="LAMP"))
    acme.put("1.edi", interchange("1", *sent))
    assert acme.exchange().orders == 3
    assert acme.answer() == 0, "Nobody has judged them yet."
    judged = desk.judge(acme.database, shop=acme.folder, route=ROUTE)
    assert (judged.accepted, judged.put_aside) == (2, 1)
    assert acme.answer() == 2
    acme.send()
    reject(acme.database, "PO-2")
    assert (acme.answer(), acme.answer()) == (1, 0)
    acme.send()
    first, second = (acme.results()[f"acme-0000000{number}-ordrsp.edi"] for number in (2, 3))
    (answered,), (refused,) = read_interchanges(first), read_interchanges(second)
    assert list(answered.findings) == list(refused.findings) == []
    told = [read_answer(message.segments)[0] for message in (*answered.messages, *refused.messages)]
    assert [(answer.head.order_number, answer.fate) for answer in told] == [
        ("PO-1", OrderFate.ACCEPTED), ("PO-3", OrderFate.ACCEPTED), ("PO-2", OrderFate.REJECTED),
    ]  # fmt: skip
    assert (told[0].lines[0].ordered, told[0].lines[0].confirmed, told[0].head.buyer) == (2, 2, ACME)
    assert "no such article" in told[2].lines[0].reason


def reject(database: Database, number: str) -> None:
    """Let a person reject a record that was put aside."""
    with database.audited(desk.ACTOR) as (connection, trail):
        row = connection.execute(
            "UPDATE quarantine SET state = 'rejected', closed_at = now(), closed_by = 'ada', closing_reason ="
            " 'We have no such article.' WHERE external_id = %s RETURNING id, inbox_id", (number,),
        ).fetchone()  # fmt: skip
        assert row
        connection.execute("UPDATE inbox SET state = 'rejected' WHERE id = %s", (row["inbox_id"],))
        trail.add("quarantine.rejected", "x", [("quarantine", row["id"]), ("inbox", row["inbox_id"])])


def test_invoices_are_handed_to_conversion_message_by_message(acme: Acme) -> None:
    invoic = Outgoing("INVOIC", tuple(invoice_segments(FULL, D96A)), D96A)
    acme.put("1.edi", interchange("1", invoic, invoic))
    assert acme.exchange().invoices == 2
    rows = desk.ask(acme.database, "SELECT source, body FROM inbox WHERE kind = 'invoice' ORDER BY id")
    assert {row["source"] for row in rows} == {"invoice-folder/suppliers"}
    for row in rows:
        ((message,),) = [each.messages for each in read_interchanges(bytes(row["body"]))]
        assert invoice_of(message.segments) == (FULL, ())


def test_our_own_numbers_have_no_gap_after_a_rollback_and_acknowledgements_find_them(
    acme: Acme,
) -> None:
    partner = load(RULES).partners["acme"]
    for goes_wrong in (False, True, False):
        with acme.database.connect() as connection:
            trail = Trail(ACTOR)
            interchanges.send(connection, trail, "acme", partner, [orders("PO-9")])
            if goes_wrong:
                connection.rollback()
    acme.send()
    assert list(acme.results()) == ["acme-00000001-orders.edi", "acme-00000002-orders.edi"]
    (first, second) = (read_interchanges(octets)[0] for octets in acme.results().values())
    assert first.acknowledgement_requested
    reply = [contrl(first, [], accepted=True), contrl(second, [], accepted=False)]
    acme.put("c.edi", interchange("1", *reply, acknowledge=False))
    assert acme.exchange().acknowledged == 2
    rows = desk.ask(acme.database, "SELECT acknowledged FROM edi_interchange WHERE direction = 'out' ORDER BY id")
    assert [row["acknowledged"] for row in rows] == ["accepted", "rejected"]
    assert any("has rejected our interchange 2" in said for said in acme.said("partner-rejected"))
    assert (ACKNOWLEDGED, REJECTED) == ("7", "4")


def test_a_test_interchange_in_production_is_refused_with_its_reason(acme: Acme) -> None:
    acme.put("1.edi", interchange("1", orders("PO-1"), test=True))
    assert acme.exchange().rejected == 1
    assert acme.said("test")
    assert desk.ask(acme.database, "SELECT FROM inbox WHERE kind = 'order'") == []


@pytest.mark.parametrize("octets", [b"", b"no edifact at all", b"UNB", b"UNA:+.? 'UNB+UNOC:3", bytes(range(256)) * 40])
def test_whatever_lies_in_the_folder_is_explained_and_holds_up_nothing(acme: Acme, octets: bytes) -> None:
    acme.put("a-broken.edi", octets)
    acme.put(
        "b-right.edi", interchange("1", orders("PO-1"), Outgoing("DESADV", (segment("BGM", "351", "1", "9"),), D96A))
    )
    acme.exchange()
    refused = desk.ask(acme.database, "SELECT refusal FROM received_file WHERE name = 'a-broken.edi'")
    judged = desk.ask(acme.database, "SELECT verdict FROM edi_interchange WHERE direction = 'in' AND reference <> '1'")
    assert refused[0]["refusal"] or [row["verdict"] for row in judged] == ["unknown_partner"]
    assert len(list((acme.root / "archive").iterdir())) == 2
    assert ("in", "1") in {(way, name) for way, name, _ in _verdicts(acme.database)}


def test_what_was_lost_is_sent_again_under_its_own_number(acme: Acme) -> None:
    acme.put("1.edi", interchange("1", orders("PO-1")))
    acme.exchange()
    (before,) = acme.results().values()
    (row,) = desk.ask(acme.database, "SELECT id FROM edi_interchange WHERE direction = 'out'")
    with acme.database.audited(ACTOR) as (connection, trail):
        assert interchanges.send_again(connection, trail, row["id"])
        assert not interchanges.send_again(connection, trail, 0)
    acme.send()
    assert set(acme.results().values()) == {before}
    assert len(acme.results()) == 2


def test_partners_that_cannot_be_told_apart_are_refused() -> None:
    other = RULES + RULES.replace("partners:\n", "").replace("acme:", "other:", 1)
    with pytest.raises(WrongUse, match="are both named"):
        load(other)
    with pytest.raises(WrongUse, match="no such setting"):
        load(RULES.replace("invoices_to:", "invoices:"))
