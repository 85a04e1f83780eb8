"""Confirmations and rejections go out once, by a real mail server, whatever dies on the way."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, quarantine
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.systems.mailboxes.smtp import SmtpMailbox
from tasks.order_intake import delivery, mailing, selling
from tests import desk, stack
from tests.orders import ADDRESS, an_order
from tests.sandbox import RunningSmtp, running_smtp

LEASE = 1.0
PERSONAL = ("Weiß", "Jörg", "joerg@example.com", "Domstra")


class Desk(desk.PlainShop):
    """A source that sends no mails of its own."""

    sends_confirmation_mail = False


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSmtp]:
    with running_smtp(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def server(keeper: RunningSmtp) -> RunningSmtp:
    keeper.faults()
    for message in keeper.messages():
        message.unlink()
    return keeper


@pytest.fixture
def systems(server: RunningSmtp, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the connected systems by name; what is taken out is not connected any more."""
    mailbox = SmtpMailbox(
        host="127.0.0.1", port=server.port, security="none", sender="orders@example.com", merchant="Lampenhaus",
        imprint="Lampenhaus GmbH", timeout=60, answer_timeout=60,
    )  # fmt: skip
    found: dict[str, Any] = {"smtp-mailbox/orders": mailbox, desk.BERLIN.source: Desk()}

    def load(name: str) -> Any:
        if name not in found:
            raise WrongUse(f"No connection '{name}' is saved.")
        return found[name]

    for module in (mailing, delivery, selling):
        monkeypatch.setattr(module, "load_system", load)
    return found


@pytest.fixture
def database(database_url: stack.DatabaseUrls, systems: dict[str, Any]) -> Database:
    found = Database(database_url.app)
    desk.know(found, "LAMP", "BOOK")
    desk.count(found, 1000, "LAMP", "BOOK")
    desk.deliver(found, [desk.received(desk.numbered(an_order(), number)) for number in (4711, 4712)])
    desk.judge(found, shop=systems[desk.BERLIN.source])
    return found


def deliver(database: Database) -> Delivered:
    return delivery.deliver_all(database, desk.ACTOR, lease=LEASE, patience=0, log=lambda _line: None)


def mails(database: Database) -> list[dict[str, Any]]:
    return desk.ask(
        database, "SELECT id, state, last_error, handed_over_at FROM effect WHERE kind LIKE 'mail.%%' ORDER BY id"
    )


def states(database: Database) -> list[str]:
    return [row["state"] for row in mails(database)]


def test_t_ord_14_each_accepted_order_is_confirmed_once_however_often_it_is_run(
    database: Database, database_url: stack.DatabaseUrls, server: RunningSmtp, tmp_path: Path
) -> None:
    for _ in range(3):
        desk.judge(database, shop=Desk())
        deliver(database)
    kept = server.mails()
    assert [mail["Subject"] for mail in kept] == [f"Ihre Bestellung {number} bei Lampenhaus" for number in (4711, 4712)]
    assert len({mail["Message-ID"] for mail in kept}) == 2
    body = kept[0].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for wanted in (
        "Article LAMP",
        "Article BOOK",
        "112,80 €",
        "darin 19 % Umsatzsteuer",
        "Voraussichtlich bei Ihnen bis",
    ):
        assert wanted in text
    assert states(database) == ["done", "done"]
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_t_shp_4_a_source_that_writes_itself_gets_no_mail_from_us(database: Database, server: RunningSmtp) -> None:
    desk.take_in(database, desk.numbered(an_order(), 4713))
    deliver(database)
    assert len(server.messages()) == 2


def test_an_order_whose_customer_cannot_be_written_to_has_no_mail_due(database: Database) -> None:
    customer = an_order().customer.model_copy(update={"email": "none"})
    desk.deliver(database, [desk.received(desk.numbered(an_order(), 4713, customer=customer))])
    assert desk.judge(database, shop=Desk()).accepted == 1
    assert len(mails(database)) == 2


def test_a_merchant_without_a_mailbox_has_no_mail_due_and_is_told_so(
    database: Database, systems: dict[str, Any]
) -> None:
    with database.connect() as connection:
        assert mailing.without_mails(connection, Desk()) == ""
        del systems["smtp-mailbox/orders"]
        assert "no mailbox 'smtp-mailbox/orders' is connected" in mailing.without_mails(connection, Desk())
        assert mailing.without_mails(connection, desk.PlainShop()) == ""
    desk.deliver(database, [desk.received(desk.numbered(an_order(), 4713))])
    desk.judge(database, shop=Desk())
    assert len(mails(database)) == 2


def test_a_short_order_is_confirmed_when_it_is_accepted_and_not_before(database: Database, server: RunningSmtp) -> None:
    desk.count(database, 0, "LAMP")
    desk.deliver(database, [desk.received(desk.numbered(an_order(), 4713))])
    assert desk.judge(database, shop=Desk()).short == 1
    assert len(mails(database)) == 2
    desk.count(database, 1000, "LAMP")
    serve(database)
    deliver(database)
    assert len(server.messages()) == 3


def serve(database: Database) -> None:
    from tasks.order_intake.serving import serve_waiting  # noqa: PLC0415 - beside the one test that needs it

    serve_waiting(database, desk.ACTOR, Desk(), desk.BERLIN, batch=10)


def test_no_personal_data_stands_beside_a_mail_that_was_put_off_refused_or_lost(
    database: Database, server: RunningSmtp
) -> None:
    for fault in (
        {"kind": "status", "at": "recipient", "code": 450, "times": 1},
        {"kind": "status", "at": "recipient", "code": 550, "times": 1},
    ):
        server.faults(fault)
        deliver(database)
    told = json.dumps(
        [*desk.ask(database, "SELECT payload, answer, last_error, business_key FROM effect"),
         *desk.ask(database, "SELECT facts, subject FROM audit_event")]
    )  # fmt: skip
    assert [word for word in PERSONAL if word in told] == []


def test_a_server_that_puts_mails_off_gets_them_again_and_keeps_each_once(
    database: Database, server: RunningSmtp
) -> None:
    server.faults({"kind": "status", "at": "kept", "code": 452, "keep": False, "times": 2})
    assert deliver(database).put_off >= 2
    assert [row["handed_over_at"] for row in mails(database)] == [None, None]
    make_due_now(database)
    deliver(database)
    assert (states(database), len(server.messages())) == (["done", "done"], 2)


def make_due_now(database: Database) -> None:
    with database.audited(desk.ACTOR) as (connection, trail):
        due = connection.execute("UPDATE effect SET due_at = now() WHERE state = 'due' RETURNING id").fetchall()
        trail.add("test.clock_moved", "effects", [("effect", row["id"]) for row in due])


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "lost"])
def test_a_mail_whose_answer_was_lost_waits_for_a_person_and_is_sent_again_only_by_them(
    database: Database, server: RunningSmtp, *, keep: bool
) -> None:
    server.faults({"kind": "cut", "at": "kept", "keep": keep, "times": 1})
    deliver(database)
    first = mails(database)[0]
    assert first["state"] == "failed"
    assert "may have been sent already" in first["last_error"]
    make_due_now(database)
    deliver(database)
    assert (states(database), len(server.messages())) == (["failed", "done"], 2 if keep else 1)
    with database.audited(desk.ACTOR) as (connection, trail):
        effects.retry(connection, trail, [first["id"]], by="mara")
    deliver(database)
    assert states(database) == ["done", "done"]
    assert len({mail["Message-ID"] for mail in server.mails()}) == 2


def in_a_child(database: Database) -> tuple[int, int]:
    """Start delivery in a process of its own that waits to be told to begin; returns its id and what to write to."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(write)
            os.read(read, 1)
            deliver(database)
        finally:
            os._exit(0)
    os.close(read)
    return child, write


@pytest.mark.parametrize(
    ("at", "keep", "outcome", "copies"),
    [
        ("sender", True, ["done", "done"], 2),
        ("recipient", True, ["done", "done"], 2),
        ("message", True, ["done", "done"], 2),
        ("kept", False, ["failed", "done"], 1),
        ("kept", True, ["failed", "done"], 2),
    ],
)
def test_a_worker_killed_at_any_step_leaves_no_mail_sent_twice_and_none_forgotten(
    database: Database, server: RunningSmtp, at: str, *, keep: bool, outcome: list[str], copies: int
) -> None:
    child, go = in_a_child(database)
    server.faults({"kind": "kill", "at": at, "pid": child, "times": 1, "keep": keep})
    os.write(go, b"!")
    os.close(go)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    deliver(database)  # waits until the dead worker's lease has ended
    make_due_now(database)
    deliver(database)
    assert states(database) == outcome
    assert len(server.messages()) == copies
    assert len({mail["Message-ID"] for mail in server.mails()}) == copies
    if "failed" in outcome:
        assert "may have been sent already" in mails(database)[0]["last_error"]


def test_a_worker_that_lost_its_claim_sends_nothing(database: Database, server: RunningSmtp) -> None:
    claimed = effects.claim(
        database, desk.ACTOR, process="order_intake", kind=mailing.CONFIRMATION, limit=1, lease=0.01
    )
    desk.change(database.url, "DELETE FROM lease")
    again = effects.claim(database, desk.ACTOR, process="order_intake", kind=mailing.CONFIRMATION, limit=1, lease=60)
    assert claimed[0].id == again[0].id
    (late,) = mailing.send_confirmations(database, claimed)
    assert "Another worker" in str(late)
    assert server.messages() == []


def test_a_rejected_order_is_answered_once_in_the_customers_words(
    database: Database, database_url: stack.DatabaseUrls, server: RunningSmtp, tmp_path: Path
) -> None:
    nowhere = ADDRESS.model_copy(update={"city": ""})
    desk.deliver(database, [desk.received(desk.numbered(an_order(), 4713, billing_address=nowhere))])
    assert desk.judge(database, shop=Desk()).put_aside == 1
    with database.audited(desk.ACTOR) as (connection, trail):
        (record,) = quarantine.waiting(connection)
        quarantine.reject(connection, trail, [record["id"]], by="mara", reason="no answer")
        due = [
            effects.Due(
                f"{mailing.REJECTION}:{record['id']}", "quarantine_desk", "smtp-mailbox/orders", mailing.REJECTION,
                f"quarantine/{record['id']}", {"quarantine_id": record["id"]},
            )
        ]  # fmt: skip
        effects.put(connection, trail, due)
    for _ in range(2):
        deliver(database)
    rejections = [mail for mail in server.mails() if "4713" in mail["Subject"]]
    assert len(rejections) == 1
    body = rejections[0].get_body(("plain",))
    assert body is not None
    assert "Anschrift ist unvollständig" in body.get_content()
    assert "ORD-" not in body.get_content()
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def test_the_date_header_is_when_the_order_was_accepted(database: Database, server: RunningSmtp) -> None:
    deliver(database)
    assert abs((datetime.now(UTC) - server.mails()[0]["Date"].datetime).total_seconds()) < 300
