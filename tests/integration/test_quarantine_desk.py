"""The analyst's desk on a real Postgres: corrections with four eyes, releases, rejections, rules learnt (T-ORD-8)."""

import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from blocks.database import corrections, quarantine
from blocks.database.audit import Actor
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents.orders import Order, PaymentStatus
from blocks.errors import Unreadable, WrongUse
from blocks.systems.shops.contract import Received
from tasks.order_intake.lesson_records import learn, propose
from tasks.quarantine_desk import desk as room
from tests import desk, stack
from tests.desk import PlainShop
from tests.orders import a_line, an_order

ANNA, BERT = "anna", "bert"
WHY = "The customer said so on the phone."


@pytest.fixture
def database(database_url: stack.DatabaseUrls) -> Database:
    found = Database(database_url.app)
    desk.know(found, "LAMP", "BOOK")
    desk.count(found, 50, "LAMP", "BOOK")
    return found


@pytest.fixture(autouse=True)
def the_trail_agrees(database_url: stack.DatabaseUrls, tmp_path: Any) -> Iterator[None]:
    """Whatever a test does at the desk, every row it changed is told to the trail."""
    yield
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()


def load(_source: str) -> Any:
    return PlainShop()


def person(name: str) -> Actor:
    return Actor(process="desk", name=name)


def put_aside(database: Database, order: Order | None = None, body: bytes | None = None) -> int:
    """Put one order with an unknown article aside, or these bytes, and return the record's number."""
    order = order or desk.an_order_of((a_line("GHOST", 2, "10.00"),))
    delivery = Received(order.external_id, body) if body else desk.received(order)
    desk.deliver(database, [delivery])
    desk.judge(database, shop=StrictShop())
    return int(desk.ask(database, "SELECT max(id) AS id FROM quarantine")[0]["id"])


class StrictShop(PlainShop):
    """A plain shop that says what is wrong with a record as connectors do."""

    def read_order(self, received: Received, channel: str) -> Order:
        try:
            return super().read_order(received, channel)
        except ValueError as error:
            raise Unreadable("The order cannot be read.") from error


def strict(_source: str) -> Any:
    return StrictShop()


def correct(database: Database, record: int, *lines: str, by: str = ANNA, raw: bool = False) -> room.Made:
    with database.audited(person(by)) as (connection, trail):
        return room.correct(connection, trail, strict, record_id=record, lines=lines, raw=raw, by=by, reason=WHY)


def decide(database: Database, correction: int, *, by: str, approve: bool = True) -> None:
    with database.audited(person(by)) as (connection, trail):
        corrections.decide(connection, trail, correction=correction, approve=approve, by=by, reason=WHY)


def release(database: Database, *records: int, by: str = ANNA) -> tuple[list[int], dict[int, str]]:
    with database.audited(person(by)) as (connection, trail):
        return room.release(connection, trail, record_ids=records, by=by, reason=WHY)


def reject(database: Database, *records: int, by: str = ANNA, answering: Any = None) -> room.Rejected:
    with database.audited(person(by)) as (connection, trail):
        return room.reject(connection, trail, strict, record_ids=records, by=by, reason=WHY, answering=answering)


def inbox(database: Database) -> list[dict[str, Any]]:
    rows = desk.ask(database, "SELECT id, body, content_hash, state FROM inbox ORDER BY id")
    return [{**row, "body": bytes(row["body"])} for row in rows]


def facts(database: Database, kind: str) -> list[tuple[str, dict[str, Any]]]:
    rows = desk.ask(database, "SELECT actor, facts FROM audit_event WHERE kind = %s ORDER BY seq", (kind,))
    return [(row["actor"], json.loads(row["facts"])) for row in rows]


def test_t_ord_8_a_record_corrected_by_an_analyst_is_the_only_one_judged_again(database: Database) -> None:
    """T-ORD-8: rerun processes only this record; original bytes unchanged; who, when and what are recorded."""
    record, other = put_aside(database), put_aside(database)
    before = inbox(database)
    made = correct(database, record, "lines[1].sku=LAMP")
    assert (made.state, made.changes[0].before) == ("approved", "GHOST")
    assert release(database, record) == ([record], {})
    judged = desk.judge(database)
    assert (judged.total, judged.accepted) == (1, 1)
    after = inbox(database)
    assert [row["state"] for row in after] == ["accepted", "put_aside"]
    assert [(row["body"], row["content_hash"]) for row in after] == [(r["body"], r["content_hash"]) for r in before]
    assert all(hashlib.sha256(row["body"]).hexdigest() == row["content_hash"] for row in after)
    assert desk.ask(database, "SELECT sku FROM order_line") == [{"sku": "LAMP"}]
    (kept,) = desk.ask(database, "SELECT by, at, reason, patch, state FROM correction")
    assert (kept["by"], kept["reason"], kept["state"]) == (ANNA, WHY, "approved")
    assert json.loads(kept["patch"]) == [{"before": "GHOST", "place": "lines[1].sku", "value": "LAMP"}]
    ((actor, told),) = facts(database, "correction.made")
    assert (actor, told["by"], told["places"], told["money"]) == (ANNA, ANNA, ["lines[1].sku"], False)
    assert facts(database, "order.corrected")[0][1] == {"corrections": [made.correction]}
    assert quarantine_state(database, other) == "open"


def quarantine_state(database: Database, record: int) -> str:
    return str(desk.ask(database, "SELECT state FROM quarantine WHERE id = %s", (record,))[0]["state"])


def test_t_ord_8_a_price_correction_needs_a_second_persons_approval(database: Database) -> None:
    """T-ORD-8: nothing is released before B approves; A cannot; then it is judged with the corrected price."""
    order = an_order(lines=(a_line("LAMP", 1, "10.00"),))
    wrong = order.model_copy(update={"lines": (order.lines[0].model_copy(update={"unit_gross": order.lines[0].net}),)})
    record = put_aside(database, desk.numbered(wrong))
    made = correct(database, record, "lines[1].unit_gross=10.00")
    assert made.waits
    done, not_done = release(database, record)
    assert done == []
    assert f"correction {made.correction}" in not_done[record]
    with pytest.raises(WrongUse, match="somebody else must approve"):
        decide(database, made.correction, by=ANNA)
    assert desk.judge(database).total == 0
    decide(database, made.correction, by=BERT)
    assert release(database, record)[0] == [record]
    assert desk.judge(database).accepted == 1
    ((actor, told),) = facts(database, "correction.approved")
    assert (actor, told["by"]) == (BERT, BERT)


def test_t_ord_8_the_table_itself_refuses_that_one_person_approves_their_own_price(database: Database) -> None:
    record = put_aside(database)
    made = correct(database, record, "lines[1].quantity=3")
    with pytest.raises(psycopg.errors.CheckViolation, match="correction_four_eyes"), database.connect() as connection:
        connection.execute(
            "UPDATE correction SET state = 'approved', approved_by = by WHERE id = %s", (made.correction,)
        )


def test_t_ord_8_a_price_that_got_in_past_the_desk_puts_the_record_aside_again(database: Database) -> None:
    """Even a correction that says of itself that it touches no money cannot move any when it is made."""
    record = put_aside(database)
    changes = correct(database, record, "lines[1].quantity=3").changes
    with database.audited(person(ANNA)) as (connection, trail):
        row = quarantine.lock_open(connection, record)
        corrections.decide(connection, trail, correction=1, approve=False, by=ANNA, reason=WHY)
        corrections.write_down(
            connection, trail, record=row, changes=changes, raw=False, money=False, by=ANNA, reason=WHY
        )
    release(database, record)
    assert desk.judge(database).put_aside == 1
    (fault,) = json.loads(desk.ask(database, "SELECT faults FROM quarantine ORDER BY id DESC LIMIT 1")[0]["faults"])
    assert "no second person has approved that" in fault["text"]


def test_a_declined_correction_is_never_made(database: Database) -> None:
    record = put_aside(database)
    made = correct(database, record, "lines[1].quantity=3")
    correct(database, record, "lines[1].sku=LAMP")
    decide(database, made.correction, by=ANNA, approve=False)
    assert release(database, record)[0] == [record]
    assert desk.judge(database).accepted == 1
    assert desk.ask(database, "SELECT quantity::int AS n FROM order_line") == [{"n": 2}]
    with pytest.raises(WrongUse, match="its corrections are decided"):
        decide(database, made.correction, by=BERT)


def test_two_analysts_at_once_on_one_record_are_both_heard_one_after_the_other(database: Database) -> None:
    record = put_aside(database)
    failed: list[Exception] = []

    def work(name: str, line: str) -> None:
        try:
            correct(database, record, line, by=name)
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)

    stack.together(
        threading.Thread(target=work, args=(ANNA, "lines[1].sku=LAMP")),
        threading.Thread(target=work, args=(BERT, "lines[1].sku=BOOK")),
    )
    assert failed == []
    with database.connect() as connection:
        first, second = corrections.of_record(connection, inbox(database)[0]["id"])
    assert first["changes"][0].before == "GHOST"
    assert second["changes"][0].before == first["changes"][0].value
    release(database, record)
    desk.judge(database)
    assert desk.ask(database, "SELECT sku FROM order_line") == [{"sku": second["changes"][0].value}]


def test_a_release_and_a_price_correction_at_once_never_release_the_uncorrected_price(database: Database) -> None:
    record = put_aside(database)
    outcomes: dict[str, Any] = {}

    def fix() -> None:
        try:
            outcomes["correct"] = correct(database, record, "lines[1].quantity=3").state
        except WrongUse as error:
            outcomes["correct"] = str(error)

    def let_go() -> None:
        outcomes["release"] = release(database, record, by=BERT)[0]

    stack.together(threading.Thread(target=fix), threading.Thread(target=let_go))
    either = (("proposed", []), (f"Record {record} was released by {BERT} already.", [record]))
    assert (outcomes["correct"], outcomes["release"]) in either


def test_two_who_approve_at_once_approve_once(database: Database) -> None:
    record = put_aside(database)
    made = correct(database, record, "lines[1].quantity=3")
    told: list[str] = []

    def approve(name: str) -> None:
        try:
            decide(database, made.correction, by=name)
        except WrongUse as error:
            told.append(str(error))

    stack.together(*(threading.Thread(target=approve, args=(name,)) for name in (BERT, "carla")))
    assert told == [f"Correction {made.correction} is approved already."]
    assert len(facts(database, "correction.approved")) == 1


def test_a_record_that_a_newer_version_has_overtaken_cannot_be_corrected(database: Database) -> None:
    order = desk.an_order_of((a_line("GHOST", 2, "10.00"),))
    record = put_aside(database, order)
    made = correct(database, record, "lines[1].quantity=3")
    newer = order.model_copy(update={"comment": "New.", "changed_at": order.changed_at.replace(hour=23)})
    put_aside(database, newer)
    for attempt in (
        lambda: correct(database, record, "lines[1].sku=LAMP"),
        lambda: decide(database, made.correction, by=BERT),
    ):
        with pytest.raises(WrongUse, match=r"newer version|superseded"):
            attempt()
    _, not_done = release(database, record)
    assert "a newer version of order" in not_done[record]


def test_the_next_version_of_a_corrected_order_inherits_what_the_shop_still_says_wrongly(database: Database) -> None:
    """Payment comes in later: the same mistake must not put the order aside a second time."""
    order = desk.an_order_of((a_line("GHOST", 2, "10.00"),), payment_status=PaymentStatus.PENDING)
    record = put_aside(database, order)
    correct(database, record, "lines[1].sku=LAMP")
    release(database, record)
    assert desk.judge(database).accepted == 1
    paid = order.model_copy(
        update={"payment_status": PaymentStatus.PAID, "changed_at": order.changed_at.replace(hour=23)}
    )
    judged = desk.take_in(database, paid)
    assert (judged.followed, judged.put_aside) == (1, 0)
    assert desk.ask(database, "SELECT payment_status FROM sales_order") == [{"payment_status": "paid"}]


def test_a_record_that_cannot_be_read_is_corrected_in_its_bytes_by_two_persons(database: Database) -> None:
    order = desk.an_order_of((a_line("LAMP", 2, "10.00"),))
    body = order.model_dump_json().replace('"currency":"EUR"', '"currency":"euro"').encode()
    record = put_aside(database, order, body)
    with pytest.raises(WrongUse, match="cannot be read"):
        correct(database, record, "currency=EUR")
    made = correct(database, record, "/currency=EUR", raw=True)
    assert (made.waits, made.still_unreadable) == (True, "")
    decide(database, made.correction, by=BERT)
    with pytest.raises(WrongUse, match="can be read"):
        correct(database, record, "/currency=CHF", raw=True)
    release(database, record)
    assert desk.judge(database, shop=StrictShop()).accepted == 1
    assert inbox(database)[0]["body"] == body


@pytest.mark.parametrize("lines", [["lines[1].sku=GHOST"], ["nonsense"], ["lines[7].sku=A"], [], ["channel=paris"]])
def test_a_correction_that_is_none_leaves_nothing_behind(database: Database, lines: list[str]) -> None:
    record = put_aside(database)
    with pytest.raises(WrongUse):
        correct(database, record, *lines)
    assert desk.ask(database, "SELECT FROM correction") == []
    assert quarantine_state(database, record) == "open"


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_decides_without_a_reason(database: Database, reason: str) -> None:
    record = put_aside(database)
    with database.connect() as connection, pytest.raises(WrongUse, match="Say why"):
        quarantine.release(connection, desk_trail(), [record], by=ANNA, reason=reason)
    with database.connect() as connection, pytest.raises(WrongUse, match="Say why"):
        quarantine.reject(connection, desk_trail(), [record], by=ANNA, reason=reason)
    with database.connect() as connection, pytest.raises(WrongUse, match="Say why"):
        room.correct(
            connection, desk_trail(), load, record_id=record, lines=["lines[1].sku=LAMP"], raw=False, by=ANNA,
            reason=reason,
        )  # fmt: skip
    price = correct(database, record, "lines[1].quantity=3").correction
    for approve in (True, False):
        with database.connect() as connection, pytest.raises(WrongUse, match="Say why"):
            corrections.decide(connection, desk_trail(), correction=price, approve=approve, by=BERT, reason=reason)


def test_t_ops_2_a_card_number_in_a_reason_is_masked_before_anything_is_kept(database: Database) -> None:
    record = put_aside(database)
    said = "Paid with 4111 1111 1111 1111."
    with database.audited(person(ANNA)) as (connection, trail):
        room.correct(connection, trail, load, record_id=record, lines=["comment=x"], raw=False, by=ANNA, reason=said)
        corrections.decide(connection, trail, correction=1, approve=False, by=ANNA, reason=said)
        quarantine.reject(connection, trail, [record], by=ANNA, reason=said)
    kept = desk.ask(
        database,
        "SELECT facts AS text FROM audit_event UNION ALL SELECT reason FROM correction"
        " UNION ALL SELECT closing_reason FROM quarantine",
    )
    texts = " ".join(row["text"] or "" for row in kept)
    assert "4111 1111" not in texts
    assert texts.count("Paid with **** **** **** 1111.") == 5, "three events, the correction, the record"


def desk_trail() -> Any:
    from blocks.database.audit import Trail  # noqa: PLC0415 - for refused attempts alone

    return Trail(person(ANNA))


class ByMail:
    """Answers go out from one mailbox to whoever left an address."""

    process, kind, mailbox = "order_intake", "mail.rejection", "smtp-mailbox/orders"

    @staticmethod
    def can_write_to(order: Order) -> bool:
        return bool(order.customer.email)


def test_a_rejected_record_is_closed_and_its_sender_answered_once(database: Database) -> None:
    record = put_aside(database)
    outcome = reject(database, record, answering=ByMail())
    assert (outcome.records, outcome.answers, outcome.not_done) == ([record], 1, {})
    assert (quarantine_state(database, record), inbox(database)[0]["state"]) == ("rejected", "rejected")
    again = reject(database, record, by=BERT, answering=ByMail())
    assert (again.records, again.answers) == ([], 0)
    assert again.not_done == {record: f"Record {record} was rejected by {ANNA} already."}
    (due,) = desk.ask(database, "SELECT business_key, subject, payload, system FROM effect")
    assert due["payload"] == f'{{"quarantine_id":{record}}}'
    assert due["system"] == ByMail.mailbox
    assert "joerg" not in str(due)
    assert desk.judge(database).total == 0


def test_a_rejected_record_that_is_delivered_again_stays_rejected_and_is_not_answered_again(database: Database) -> None:
    order = desk.an_order_of((a_line("GHOST", 2, "10.00"),))
    record = put_aside(database, order)
    reject(database, record, answering=ByMail())
    assert desk.deliver(database, [desk.received(order)]).duplicates == 1
    assert desk.judge(database).total == 0
    assert len(desk.ask(database, "SELECT FROM effect")) == 1


def test_nobody_is_answered_who_left_no_address_or_who_sent_a_file(database: Database) -> None:
    order = desk.an_order_of((a_line("GHOST", 1, "10.00"),))
    silent = order.model_copy(update={"customer": order.customer.model_copy(update={"email": ""})})
    first, second = put_aside(database, silent), put_aside(database)
    with database.audited(desk.ACTOR) as (connection, trail):
        connection.execute(
            "INSERT INTO received_file (id, source, name, archived_as, sha256, size)"
            " OVERRIDING SYSTEM VALUE VALUES (1, 's', 'orders.csv', 'a', '', 1)"
        )
        inbox_id = quarantine.show(connection, second)["inbox_id"]
        connection.execute(
            "INSERT INTO file_record (file_id, position, first_row, last_row, external_id, inbox_id, fresh)"
            " VALUES (1, 1, 4, 6, 'x', %s, true)",
            (inbox_id,),
        )
        trail.add("file.read", "received_file/1", [("received_file", 1), ("file_record", "1:0")])
    with database.connect() as connection:
        seen = room.look(connection, strict, second)
    assert [(row["file"], row["first_row"], row["last_row"]) for row in seen.file_rows] == [("orders.csv", 4, 6)]
    assert reject(database, first, second, answering=ByMail()).answers == 0


def test_the_desk_shows_raw_beside_parsed_with_what_corrections_would_make_of_it(database: Database) -> None:
    record = put_aside(database)
    correct(database, record, "lines[1].quantity=3")
    with database.connect() as connection:
        seen = room.look(connection, strict, record)
    assert seen.reading.order
    assert seen.reading.order.lines[0].quantity == 3
    assert b'"quantity":"2"' in bytes(seen.record["body"])
    assert [made["state"] for made in seen.corrections] == ["proposed"]


def teach(database: Database, record: int) -> int:
    with database.audited(person(ANNA)) as (connection, trail):
        return learn(connection, trail, load, record, by=ANNA, reason=WHY)[1]


def test_a_corrected_article_number_becomes_a_rule_for_the_next_order(database: Database) -> None:
    record = put_aside(database)
    correct(database, record, "lines[1].sku=LAMP")
    assert teach(database, record) == 1
    assert teach(database, record) == 1  # known already: no new version
    assert desk.take_in(database, desk.an_order_of((a_line("GHOST", 1, "10.00"),))).accepted == 1
    ((actor, told),) = facts(database, "rulebook.activated")
    assert (actor, told["kind"], told["version"], told["reason"]) == (ANNA, "order_rules", 1, WHY)


def test_a_corrected_payment_method_becomes_a_mapping_and_keeps_the_rules_there_were(database: Database) -> None:
    unknown = desk.an_order_of((a_line("LAMP", 1, "10.00"),), payment_method="Payments.New")
    record = put_aside(database, unknown)
    correct(database, record, "payment_method=Payments.Prepayment")
    text = "# our own\nholds:\n  total_over: {EUR: 9000}\n"
    with database.audited(person(ANNA)) as (connection, trail):
        from blocks.database import rulebooks  # noqa: PLC0415 - for this test alone

        rulebooks.activate(connection, trail, kind="order_rules", name="orders", content=text, by=ANNA, reason="first")
        proposal = propose(connection, load, record)
    assert [lesson.sentence("berlin") for lesson in proposal.lessons] == [
        "Channel berlin: payment method 'Payments.New' means 'prepayment'."
    ]
    assert teach(database, record) == 2
    (content,) = desk.ask(database, "SELECT content FROM rulebook WHERE version = 2")
    assert content["content"].startswith(text)
    other = desk.an_order_of((a_line("LAMP", 1, "10.00"),), payment_method="Payments.New")
    assert desk.take_in(database, other).accepted == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("shipping_address.city=Bonn", "teach nothing"),
        ("lines[1].sku=DESK", "'DESK' is no article"),
        ("payment_method=Payments.Cash", "is mapped to nothing itself"),
        ("lines[1].quantity=3", "teach nothing"),
    ],
)
def test_what_can_be_no_rule_is_refused_in_a_sentence(database: Database, line: str, said: str) -> None:
    record = put_aside(database)
    correct(database, record, line)
    with pytest.raises(WrongUse, match=said):
        teach(database, record)
    assert desk.ask(database, "SELECT FROM rulebook") == []


def test_an_article_that_exists_is_never_taken_for_another_by_rule(database: Database) -> None:
    order = desk.an_order_of((a_line("LAMP", 1, "10.00"),), payment_method="Payments.New")
    record = put_aside(database, order)
    correct(database, record, "lines[1].sku=BOOK")
    with pytest.raises(WrongUse, match="'LAMP' is an article itself"):
        teach(database, record)
