"""Approved invoices on their way: booked in the ERP, posted, exported once, and followed link by link."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from blocks.database import accounting, invoice_evidence, invoice_matches
from blocks.database.audit_verification import verify
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.database.invoice_matches import MatchRow
from blocks.documents.bills import BillRequest, BillSeen
from blocks.documents.evidence import Evidence, Link
from blocks.errors import WrongUse
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.contract import ErpCapabilities
from deployments import cli
from tasks.accounting_export import exporting
from tasks.accounting_export.summary import ExportSummary, page
from tasks.invoice_trail.page import page as trail_page
from tasks.invoice_trail.picture import svg
from tasks.invoice_validation import deciding, delivering
from tests import desk, stack
from tests.received import ACTOR, Office, a_right_invoice, supplied
from tests.suppliers import Suppliers, as_ubl

NOVEMBER = date(2026, 11, 1), date(2026, 11, 30)


class PlainErp:
    """An ERP that books what it is asked to, keeps what it was asked, and says what was paid."""

    capabilities = ErpCapabilities(sales=True, stock_by_location=True, articles=True, bills=True)
    max_in_flight = calls_per_second = None

    def __init__(self) -> None:
        """Begin with nothing booked."""
        self.booked: dict[str, BillRequest] = {}
        self.paid: dict[str, date] = {}

    def book_bills(self, requests: Sequence[BillRequest]) -> list[Answer]:
        answers: list[Answer] = []
        for one in requests:
            adopted = one.reference in self.booked
            self.booked.setdefault(one.reference, one)
            number = str(list(self.booked).index(one.reference) + 1)
            facts = {"id": number, "number": f"2026-{number}", "state": "posted", "total": f"{one.total}"}
            answers.append(Done(one.reference, {**facts, "rounding": "0"}, adopted=adopted))
        return answers

    def bill_states(self, references: Sequence[str]) -> dict[str, BillSeen]:
        return {name: self._seen(name) for name in references}

    def _seen(self, name: str) -> BillSeen:
        number, paid_on = f"2026-{list(self.booked).index(name) + 1}", self.paid.get(name)
        state = "paid" if paid_on else "posted"
        return BillSeen(number=number, state=state, total=self.booked[name].total, paid_on=paid_on)


@pytest.fixture
def erp(monkeypatch: pytest.MonkeyPatch) -> PlainErp:
    erp = PlainErp()
    monkeypatch.setattr(delivering, "load_system", lambda _name: erp)
    return erp


@pytest.fixture
def office(database_url: stack.DatabaseUrls, tmp_path: Path) -> Office:
    return Office(Suppliers(tmp_path, Database(database_url.app)))


def take_in(office: Office, *numbers: str, matched: bool = True, **changes: Any) -> None:
    """Let invoices come and be approved by rule, held against one order and its receipt."""
    office.take_in(*numbers, **changes)
    with office.database.audited(ACTOR) as (connection, trail):
        connection.execute("UPDATE supplier SET erp_code = 'HANSE'")
        trail.add("supplier.learnt", "supplier/1", [("supplier", 1)])
        row = MatchRow(
            line="1", system="tryton-erp/main", order_line="11", purchase="PO7", receipt_line="21", receipt="GR3",
            quantity=Decimal(1), unit="C62",
        )  # fmt: skip
        ids = [each["id"] for each in office.invoices() if each["number"] in numbers]
        invoice_matches.keep(connection, trail, {number: [row if matched else MatchRow(line="1")] for number in ids})
    office.judge()


def deliver(office: Office) -> None:
    deliver_all(delivering.DELIVERY, office.database, ACTOR, lease=2, patience=0, log=lambda _: None)


def evidence(office: Office, number: int = 1) -> Evidence:
    with office.database.connect() as connection:
        (found,) = invoice_evidence.gather(connection, [number])
    return found


def kinds(found: Evidence) -> list[str]:
    return [edge.kind.value for edge in found.forwards()]


def test_an_invoice_is_followed_from_the_order_to_the_payment_and_back_each_link_with_its_proof(
    office: Office, erp: PlainErp, database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    take_in(office, "RE-1")
    early = evidence(office)
    assert [text.partition(":")[0] for text in early.missing] == ["ERP", "Posting", "Payment"]
    deliver(office)
    (asked,) = erp.booked.values()
    assert (asked.supplier, asked.number, asked.total) == ("HANSE", "RE-1", Decimal("119.00"))
    assert [(line.order_line, line.net) for line in asked.lines] == [("11", Decimal("100.00"))]
    assert office.states() == {"RE-1": "posted"}
    posted = exporting.post(office.database, ACTOR)
    assert (posted.made, posted.held_back) == (1, {})
    exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    erp.paid[asked.reference] = date(2026, 11, 29)
    assert [delivering.hear_payments(office.database, ACTOR) for _ in range(2)] == [1, 0]
    assert office.states() == {"RE-1": "paid"}
    with office.database.audited(ACTOR) as (connection, trail):
        assert invoice_evidence.keep_new(connection, trail) == 10
    with office.database.audited(ACTOR) as (connection, trail):
        assert invoice_evidence.keep_new(connection, trail) == 0, "A link is kept once."
    found = evidence(office)
    assert kinds(found) == [link.value for link in Link if link not in {Link.CORRECTED, Link.REVERSED}]
    assert [edge.kind for edge in found.backwards()] == [edge.kind for edge in reversed(found.forwards())]
    assert (found.missing, found.unproven) == ((), ())
    assert found.sentence().endswith("10 links, all proven, none missing.")
    assert all(proof.event_hash for edge in found.edges for proof in edge.proofs)
    for way, text in (
        ("invoice", "RE-1"),
        ("order", "PO7"),
        ("receipt", "GR3"),
        ("posting", "1"),
        ("bill", "2026-1"),
        ("batch", "1"),
    ):
        with office.database.connect() as connection:
            assert invoice_evidence.find(connection, way, text) == [1], way
    with office.database.connect() as connection, pytest.raises(WrongUse, match="No invoice is known by the order"):
        invoice_evidence.find(connection, "order", "PO8")
    shown = trail_page([found], backwards=True)
    assert "data:image/svg+xml" in shown
    assert "NOT" not in shown
    for word in ("Order PO7", "Receipt GR3", "ERP invoice 2026-1", "Posting 1", "Payment"):
        assert word in svg(found)
        assert word in shown
    assert verify(Database(database_url.audit), tmp_path / "none").findings == ()

    said = CliRunner()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "current", classmethod(lambda _cls: office.database))
        shown_here = said.invoke(
            cli.app, ["invoices", "trail", "PO7", "--by", "order", "--picture", f"{tmp_path}/a.svg"]
        )
        assert (shown_here.exit_code, "none missing" in shown_here.output) == (0, True), shown_here.output
        assert (tmp_path / "a.svg").read_text().startswith("<svg")
        written = said.invoke(
            cli.app, ["accounting", "export", "--batch", "1", "--out", str(tmp_path / "books"), "--json"]
        )
        assert [Path(name).name for name in json.loads(written.output)["files"]] == [
            "EXTF_Buchungsstapel_000001.csv", "postings-000001.csv", "postings-000001.json",
        ]  # fmt: skip
        terms = json.loads(said.invoke(cli.app, ["archive", "list", "--json"]).output)
        assert {(row["record"], row["kept_as"]) for row in terms} == {
            ("inbox/1", "voucher"), ("conversion/1", "voucher"), ("accounting_export/1", "book"),
        }  # fmt: skip

    desk.ask(Database(database_url.owner), "UPDATE erp_bill SET number = '2026-9' RETURNING id")
    wrong = evidence(office)
    assert wrong.unproven == ("erp_bill/1",)
    assert "NOT as the audit trail says" in trail_page([wrong], backwards=False)


def test_what_is_not_linked_is_named_and_drawn_as_an_empty_place(office: Office, erp: PlainErp) -> None:
    office.limit("by_rule: {up_to: 0}")
    take_in(office, "RE-1", matched=False)
    found = evidence(office)
    assert [text.partition(":")[0] for text in found.missing] == ["Order", "Approval"]
    assert "line 1" in found.missing[0]
    picture = svg(found)
    assert all(f"{word} is missing" in picture for word in ("Order", "Approval"))
    office.decide(deciding.reject, 1, why="Not ordered.")
    rejected = evidence(office)
    assert Link.DECIDED in {edge.kind for edge in rejected.edges}
    assert [text.partition(":")[0] for text in rejected.missing] == ["Order"]
    assert erp.booked == {}


def test_a_second_export_of_the_same_days_holds_only_what_is_new_and_nothing_is_written_over(
    office: Office, database_url: stack.DatabaseUrls
) -> None:
    take_in(office, "RE-1", "RE-2")
    exporting.post(office.database, ACTOR)
    first = exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    assert (first.number, first.postings, first.documents, first.totals) == (1, 2, 2, {"EUR": "238"})
    nothing = exporting.export(office.database, ACTOR, *NOVEMBER, by="ada")
    assert (nothing.number, nothing.postings) == (None, 0)
    take_in(office, "RE-3", net="200.00")
    office.suppliers.take_in(re_4_xml=as_ubl(a_right_invoice("RE-4").model_copy(update={"type_code": "381"})))
    office.take()
    office.judge(supplied())
    exporting.post(office.database, ACTOR)
    exporting.post(office.database, ACTOR)
    second = exporting.export(office.database, ACTOR, *NOVEMBER, by="bob")
    with office.database.connect() as connection:
        datev, listed = accounting.batch_files(connection, 2)
        batches = accounting.batches(connection)
        with pytest.raises(WrongUse, match="no batch 3"):
            accounting.batch_files(connection, 3)
    rows = list(csv.DictReader(io.StringIO(listed.decode())))
    signed = sum(Decimal(row["amount"]) * (1 if row["side"] == "S" else -1) for row in rows)
    assert (second.number, {row["number"] for row in rows}) == (2, {row["number"] for row in rows} - {"RE-1", "RE-2"})
    assert {"EUR": Decimal(second.totals["EUR"])} == {"EUR": signed}
    assert datev.startswith(b'"EXTF";700;21;')
    assert json.loads(batches[0]["totals"])["sums"] == dict(second.totals)
    summary = ExportSummary(
        batch=2, first_day="2026-11-01", last_day="2026-11-30", documents=2, postings=2, totals=dict(second.totals)
    )
    assert "agree" in page(summary, batches)
    with pytest.raises(WrongUse, match="one fiscal year"):
        exporting.export(office.database, ACTOR, date(2026, 12, 1), date(2027, 1, 31), by="ada")
    for change in (
        "UPDATE accounting_posting SET export_id = 1 WHERE export_id = 2",
        "UPDATE accounting_export SET datev = ''",
    ):
        with pytest.raises(psycopg.Error, match="append-only"):
            desk.ask(Database(database_url.owner), change)


def test_an_invoice_the_plan_says_nothing_of_is_held_back_alone_and_named(office: Office) -> None:
    take_in(office, "RE-1")
    office.take_in("RE-2")
    desk.ask(office.database, "UPDATE received_invoice SET state = 'approved' RETURNING id")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blocks.documents.accounting_plan._KEYS", {})
        posted = exporting.post(office.database, ACTOR)
    assert posted.made == 0
    assert all("VAT category S at 19 %" in why for why in posted.held_back.values())
    assert exporting.post(office.database, ACTOR).made == 2
