"""Incoming invoices taken, judged and reported: set by set, twice, by two runs at once, over the turn of the year."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from blocks.database import conversions, invoice_reports, received_invoices
from blocks.database.audit_verification import verify
from blocks.database.conversions import Goal, Read
from blocks.database.engine import Database
from blocks.documents.conversions import Conversion, Outcome
from blocks.documents.invoice_verdicts import InputTax, InvoiceVerdict, Judged
from blocks.quality import judge as judge_batch
from tasks.edi_conversion.chunk_reading import supplier
from tasks.invoice_validation import judging, rehearsal, reminding
from tasks.invoice_validation.expectations import INVOICES
from tests import desk, stack
from tests.received import ACTOR, ONWARD, Office, a_right_invoice, here, supplied
from tests.suppliers import SOURCE, Suppliers, a_picture, as_ubl

FINE = InvoiceVerdict(
    format=Judged.PASSED, business_rules=Judged.PASSED, content=Judged.PASSED, input_tax=InputTax.UNAFFECTED,
    is_e_invoice=True, rule_sets={"ustg": "1"},
)  # fmt: skip


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    return Office(Suppliers(tmp_path, Database(database_url.app)))


def fine(items: Any) -> Iterator[tuple[int, InvoiceVerdict]]:
    return ((item.invoice, FINE) for item in items)


def let_come(office: Office, count: int) -> None:
    """Keep so many invoices as if they had been read: what is measured begins there."""
    read = a_right_invoice("RE-0")
    with office.database.audited(ACTOR) as (connection, trail):
        reads = []
        for number in range(count):
            invoice = read.model_copy(update={"number": f"RE-{number:04}"})
            row = connection.execute(
                "INSERT INTO inbox (source, kind, external_id, content_hash, content_type, body, run_id)"
                " VALUES (%s, 'invoice', %s, %s, 'application/xml', '', '') RETURNING id",
                (SOURCE, f"{number}", f"{number}"),
            ).fetchone()
            assert row is not None
            found = Conversion(file=f"{number}.xml", outcome=Outcome.PROVEN, invoice=invoice)
            waiting = conversions.Waiting(row["id"], found.file, f"{number}", 0)
            reads.append(Read(waiting, found, supplier(found)))
        trail.add("inbox.kept", "source/x", [("inbox", read.file.inbox_id) for read in reads])
        conversions.book(connection, trail, source=SOURCE, goal=Goal(), reads=reads)


def test_a_thousand_invoices_take_as_many_statements_as_ten(
    office: Office, monkeypatch: pytest.MonkeyPatch, database_url: stack.DatabaseUrls
) -> None:
    asked: list[str] = []
    plain = psycopg.Cursor.execute

    def counted(self: Any, query: Any, *values: Any, **named: Any) -> Any:
        if "SELECT body" not in str(query):
            asked.append(str(query))
        return plain(self, query, *values, **named)

    def statements(count: int) -> int:
        let_come(office, count)
        with monkeypatch.context() as patch:
            patch.setattr(received_invoices, "MOST_AT_ONCE", 1000)
            patch.setattr(psycopg.Cursor, "execute", counted)
            asked.clear()
            assert office.take() == count
            with office.database.connect() as connection:
                [chunk] = judging.chunks_of(connection, SOURCE)
            tally, _ = judging.judge(office.database, ACTOR, chunk, hold=supplied(), judge_files=fine)
            assert (tally.judged, tally.approved) == (count, count)
            return len(asked)

    few = statements(10)
    desk.change(
        database_url.owner, "UPDATE inbox SET external_id = 'x' || external_id, content_hash = 'x' || content_hash"
    )
    assert statements(1000) <= few, "the second time the supplier is known already"
    rows = desk.ask(office.database, "SELECT count(*) AS effects FROM effect WHERE kind = 'erp.bill'")
    assert rows == [{"effects": 1010}]


def test_two_runs_at_once_take_judge_and_approve_every_invoice_once(
    office: Office, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    office.suppliers.take_in(
        **{f"re-{number}_xml": as_ubl(a_right_invoice(f"RE-{number}")) for number in range(5)}, x_pdf=a_picture()
    )
    together, failures = threading.Barrier(2), []

    def run() -> None:
        try:
            together.wait()
            office.take()
            office.judge()
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert failures == []
    assert sorted(office.states().values()) == ["approved"] * 5 + ["waiting"]
    assert len(desk.ask(office.database, "SELECT FROM invoice_verdict")) == 6
    assert len(desk.ask(office.database, "SELECT FROM invoice_decision")) == 5
    assert len(office.effects()) == 5
    assert verify(Database(database_url.audit), tmp_path / "anchors").findings == ()


def test_a_source_without_invoices_leaves_nothing_and_a_rehearsal_keeps_nothing(office: Office) -> None:
    assert (office.take(), office.judge().judged) == (0, 0)
    office.suppliers.take_in(a_xml=as_ubl(a_right_invoice("RE-1")), b_pdf=a_picture())
    told, _ = rehearsal.rehearse(office.database, ACTOR, SOURCE, ONWARD, hold=supplied(), judge_files=here)
    assert (told.taken, told.judged, told.approved, told.waiting) == (2, 2, 1, 1)
    for table in ("received_invoice", "invoice_verdict", "invoice_decision", "supplier"):
        assert desk.ask(office.database, f"SELECT FROM {table}") == []
    assert office.effects() == []
    assert office.take() == 2


def test_a_broken_source_is_judged_whole_and_nothing_of_it_is_approved_by_rule(office: Office) -> None:
    let_come(office, 25)
    office.take()
    none = FINE.model_copy(update={"content": Judged.NOT_CHECKED, "input_tax": InputTax.NOT_JUDGED})

    def mostly_none(items: Any) -> Iterator[tuple[int, InvoiceVerdict]]:
        return ((item.invoice, FINE if place < 5 else none) for place, item in enumerate(items))

    with office.database.connect() as connection:
        [chunk] = judging.chunks_of(connection, SOURCE)
    tally, _ = judging.judge(
        office.database, ACTOR, chunk, hold=supplied(), judge_files=mostly_none,
        gate=lambda rows: judge_batch(INVOICES, rows),
    )  # fmt: skip
    assert (tally.judged, tally.approved, tally.waiting) == (25, 0, 25)
    failed = desk.ask(office.database, "SELECT expectation FROM quality_result WHERE NOT passed AND severity = 'fatal'")
    assert [row["expectation"] for row in failed] == ["INV-DQ-01"]
    later, _ = judging.judge(office.database, ACTOR, chunk, hold=supplied(), judge_files=fine)
    assert (later.approved, later.waiting) == (0, 25), "the next run must not let through what this one stopped"
    held = desk.ask(office.database, "SELECT action, count(*) AS times FROM invoice_decision GROUP BY 1")
    assert held == [{"action": "hold-back", "times": 25}]


def came_at(owner: str, moments: dict[str, str]) -> None:
    for number, moment in moments.items():
        desk.change(owner, "UPDATE received_invoice SET received_at = %s WHERE number = %s", (moment, number))


def test_days_are_the_merchants_over_the_turn_of_the_year_and_the_changes_of_the_clock(
    office: Office, database_url: stack.DatabaseUrls
) -> None:
    office.limit("by_rule: {up_to: 0}")
    office.take_in("RE-1", "RE-2", "RE-3", "RE-4")
    office.judge()
    # 23:30 UTC on the 24th is the 25th in Berlin; 22:30 UTC in summer is the next day as well.
    came_at(database_url.owner, {
        "RE-1": "2026-12-24T22:59:59Z", "RE-2": "2026-12-24T23:30:00Z", "RE-3": "2026-10-24T22:30:00Z",
        "RE-4": "2026-03-28T23:30:00Z",
    })  # fmt: skip

    def days(now: datetime) -> dict[str, int]:
        with office.database.connect() as connection:
            rows = invoice_reports.ages(connection, zone="Europe/Berlin", now=now)
        return {row["number"]: row["days"] for row in rows}

    new_year = days(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # half past midnight of the new year in Berlin
    assert (new_year["RE-1"], new_year["RE-2"]) == (8, 7)
    assert days(datetime(2026, 12, 31, 22, 30, tzinfo=UTC))["RE-2"] == 6
    assert days(datetime(2026, 11, 1, 22, 59, tzinfo=UTC))["RE-3"] == 7, "the night has 25 hours"
    assert days(datetime(2026, 4, 4, 22, 0, tzinfo=UTC))["RE-4"] == 7, "the night has 23 hours"


def test_an_invoice_is_to_be_decided_eight_days_of_the_merchant_after_it_came(
    office: Office, database_url: stack.DatabaseUrls
) -> None:
    office.suppliers.take_in(a_xml=as_ubl(a_right_invoice("RE-1")))
    desk.change(database_url.owner, "UPDATE inbox SET received_at = '2026-12-24T23:30:00Z'")
    assert judging.take(office.database, ACTOR, SOURCE, ONWARD, since=date(2026, 12, 26)) == 0
    assert judging.take(office.database, ACTOR, SOURCE, ONWARD, since=date(2026, 12, 25)) == 1, "it came at 0:30 there"
    assert [row["decide_by"] for row in office.invoices()] == [date(2027, 1, 2)]


def test_people_are_reminded_of_an_invoice_once_before_each_limit_however_often_the_run_is_repeated(
    office: Office, database_url: stack.DatabaseUrls
) -> None:
    office.limit("by_rule: {up_to: 0}")
    office.take_in("RE-1", "RE-2")
    office.judge()
    came_at(database_url.owner, {"RE-1": "2026-12-25T08:00:00Z", "RE-2": "2026-12-31T08:00:00Z"})

    def reminded(day: int) -> tuple[int, list[int]]:
        new, told = reminding.remind(office.database, ACTOR, datetime(2027, 1, day, 6, tzinfo=UTC))
        return new, [one.days for one in told.reminders]

    assert reminded(1) == (1, [7])
    assert reminded(1) == (0, [7])
    assert reminded(2) == (0, [8])
    assert reminded(3) == (1, [9])
    assert reminded(9) == (1, [15, 9])
    rows = desk.ask(office.database, "SELECT action, by, final FROM invoice_decision")
    assert {(row["action"], row["by"], row["final"]) for row in rows} == {("remind", "soms", False)}
