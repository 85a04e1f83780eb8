"""The whole way of suppliers' invoices, by the flows that people run: folder, inbox, reading, desk, results, page."""

import json
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from pydantic import ValidationError
from typer.testing import CliRunner

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.errors import WrongUse
from blocks.settings import settings
from blocks.systems.invoices.invoice_folder import InvoiceFolder
from deployments.apply import register
from deployments.cli import app
from flows.conversion_desk import conversion_desk
from flows.edi_conversion import edi_conversion
from tasks.edi_conversion.desk_form import DeskRequest
from tasks.edi_conversion.form import ConversionRequest
from tests import desk, stack
from tests.suppliers import Suppliers, a_picture, an_invoice, as_ubl, digest


@pytest.fixture
def suppliers(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
) -> tuple[Suppliers, ConversionRequest]:
    """Return a folder of invoices whose connection is saved, and the request that takes its files in."""
    folder, name = Suppliers(configured, Database(database_url.app)), f"s{uuid4().hex[:8]}"
    register(InvoiceFolder)
    folder.folder.save(name)
    return folder, ConversionRequest(source=f"invoice-folder/{name}", patience=0, jobs=1)


def test_t_doc_3_proven_invoices_go_on_once_and_pictures_wait_for_a_person(
    suppliers: tuple[Suppliers, ConversionRequest], configured: Path, database_url: stack.DatabaseUrls
) -> None:
    place, request = suppliers
    right, picture = as_ubl(an_invoice()), a_picture()
    place.send(right_xml=right, picture_pdf=picture, again_xml=right)
    summary = edi_conversion(request)
    assert (summary.received, summary.duplicates, summary.files) == (2, 1, 2)
    assert (summary.proven, summary.unreadable, summary.delivered, summary.waiting) == (1, 1, 1, 1)
    assert place.outcomes()["picture.pdf"] == "unreadable"
    [refused] = [row for row in place.conversions() if row["outcome"] == "unreadable"]
    assert "no text layer" in json.loads(refused["reasons"])[0]
    assert refused["invoice"] is None
    assert refused["sha256"] == digest(picture)
    assert len(place.results()) == 1

    again = edi_conversion(request)
    assert (again.received, again.files, again.delivered, len(place.results())) == (0, 0, 0, 1)

    who = {"conversions": [refused["id"]], "person": "ada"}
    shown = conversion_desk(DeskRequest(action="show", **who))
    assert shown.done == (refused["id"],)
    conversion_desk(DeskRequest(action="reject", reason="a photo", **who))
    assert place.outcomes()["picture.pdf"] == "rejected"
    assert len(place.results()) == 1
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_only_places_of_invoices_can_be_named_in_the_form_and_a_mailbox_needs_a_recipient() -> None:
    for wrong in (
        {"source": "order-folder/branch"},
        {"target": "tryton-erp/main"},
        {"target": "smtp-mailbox/orders"},
        {"target": "invoice-folder/out", "recipient": "edi@example.com"},
    ):
        with pytest.raises(ValidationError):
            ConversionRequest(**wrong)
    by_mail = ConversionRequest(target="smtp-mailbox/orders", recipient="edi@example.com")
    assert (by_mail.goal.target, by_mail.goal.recipient) == ("smtp-mailbox/orders", "edi@example.com")
    assert ConversionRequest().goal.target == "invoice-folder/suppliers"


def test_a_rehearsal_keeps_nothing_and_leaves_every_file_where_it_is(
    suppliers: tuple[Suppliers, ConversionRequest],
) -> None:
    place, request = suppliers
    place.send(right_xml=as_ubl(an_invoice()))
    summary = edi_conversion(request.model_copy(update={"dry_run": True}))
    assert (summary.dry_run, summary.files, summary.received) == (True, 1, 0)
    assert (place.conversions(), place.results()) == ([], {})
    assert desk.ask(place.database, "SELECT id FROM inbox") == []
    assert [path.name for path in (place.root / "incoming").iterdir()] == ["right.xml"]


def test_the_desk_corrects_with_four_eyes_releases_delivers_and_forgets_what_was_typed(
    suppliers: tuple[Suppliers, ConversionRequest],
) -> None:
    place, request = suppliers
    wrong = an_invoice()
    totals = wrong.totals.model_copy(update={"gross": Decimal("129.00"), "payable": Decimal("129.00")})
    place.send(wrong_xml=as_ubl(wrong.model_copy(update={"totals": totals})))
    assert edi_conversion(request).waiting == 1
    [row] = place.conversions()
    named = {"conversions": [row["id"]], "reason": "as printed"}
    patch = ["totals.gross=119.00", "totals.payable=119.00"]
    state = conversion_desk(DeskRequest(action="correct", person="ada", patch=patch, **named), return_state=True)
    assert "somebody else" in state.result().sentence()
    with get_client(sync_client=True) as client:
        typed = client.read_flow_run(state.state_details.flow_run_id).parameters
    assert typed["request"]["patch"] == ["totals.gross", "totals.payable"]

    [correction] = desk.ask(place.database, "SELECT id FROM conversion_correction")
    with pytest.raises(WrongUse, match="somebody else"):
        conversion_desk(DeskRequest(action="approve", person="Ada ", correction=correction["id"], reason="mine"))
    conversion_desk(DeskRequest(action="approve", person="bob", correction=correction["id"], reason="seen"))
    assert conversion_desk(DeskRequest(action="release", person="ada", **named)).done == (row["id"],)
    assert len(place.results()) == 1
    again = conversion_desk(DeskRequest(action="release", person="ada", **named))
    assert "released by ada" in again.not_done[row["id"]]
    assert conversion_desk(DeskRequest(action="layouts", person="ada")).done == ()
    assert len(place.results()) == 1


def test_conversions_are_listed_shown_corrected_and_rejected_in_a_terminal(
    configured: Path, database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMS_USER", "ada")
    settings.cache_clear()
    place = Suppliers(configured, Database(database_url.app))
    place.take_in(picture_pdf=a_picture(), right_xml=as_ubl(an_invoice()))
    waiting = next(row["id"] for row in place.conversions() if row["outcome"] == "unreadable")

    def soms(*words: str) -> str:
        told = CliRunner().invoke(app, ["conversions", *words])
        assert told.exit_code == 0, told.output
        return told.output

    assert "no text layer" in soms("list")
    assert json.loads(soms("list", "--outcome", "proven", "--json"))[0]["number"] == "RE-1001"
    soms("correct", str(waiting), "--set", "seller.name=Leuchtenwerk", "--reason", "as printed")
    assert "Leuchtenwerk" in soms("show", str(waiting), "--pages", str(configured / "pages"))
    assert (configured / "pages" / f"conversion-{waiting}-page-1.jpg").stat().st_size > 0
    refused = CliRunner().invoke(app, ["conversions", "release", str(waiting), "--reason", "looks good"])
    assert "does not close" in refused.output
    assert "1 rejected" in soms("reject", str(waiting), "--reason", "a photo")
    assert "0 conversions" in soms("list")
