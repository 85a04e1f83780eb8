"""The whole way of incoming invoices, by the flows that people run: folder, verdict, desk, pages, reminders."""

from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from pydantic import ValidationError
from typer.testing import CliRunner

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.invoices.invoice_folder import InvoiceFolder
from deployments.apply import register
from deployments.cli import app
from flows.invoice_desk import invoice_desk
from flows.invoice_reminders import invoice_reminders
from flows.invoice_validation import invoice_validation
from tasks.invoice_validation.desk_form import DeskRequest
from tasks.invoice_validation.form import ValidationRequest
from tests import desk, stack
from tests.received import a_right_invoice
from tests.suppliers import Suppliers, a_picture, an_invoice, as_ubl


@pytest.fixture
def suppliers(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
) -> tuple[Suppliers, ValidationRequest]:
    """Return a folder of invoices whose connection is saved, and the request that takes its files in."""
    folder, name = Suppliers(configured, Database(database_url.app)), f"v{uuid4().hex[:8]}"
    register(InvoiceFolder)
    folder.folder.save(name)
    return folder, ValidationRequest(source=f"invoice-folder/{name}", erp="", patience=0, jobs=1)


def artifact(key: str) -> str:
    """Return the newest artifact of a key."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return str(max(found, key=lambda each: str(each.created)).data)


def test_invoices_come_are_judged_wait_and_are_decided_and_every_page_says_why(
    suppliers: tuple[Suppliers, ValidationRequest], configured: Path, database_url: stack.DatabaseUrls
) -> None:
    place, request = suppliers
    place.send(right_xml=as_ubl(a_right_invoice("RE-1")), wrong_xml=as_ubl(an_invoice("RE-2")), photo_pdf=a_picture())
    rehearsed = invoice_validation(request.model_copy(update={"dry_run": True}))
    assert (rehearsed.files, rehearsed.received) == (3, 0)
    assert desk.ask(place.database, "SELECT FROM inbox") == []
    summary = invoice_validation(request)
    assert (summary.received, summary.taken, summary.judged, summary.waiting) == (3, 3, 3, 3)
    again = invoice_validation(request)
    assert (again.taken, again.judged, again.again, again.waiting) == (0, 0, 0, 3)

    key = "invoice-validation-" + request.source.replace("/", "-")
    told = artifact(key)
    for words in ("## What waits for a person", "Leuchtenwerk", "RE-2", "How long invoices have waited"):
        assert words in told
    rows = desk.ask(place.database, "SELECT id, number FROM received_invoice ORDER BY number")
    picture, right, wrong = (row["id"] for row in rows)

    shown = invoice_desk(DeskRequest(action="show", invoices=[wrong], person="ada"))
    assert shown.done == (wrong,)
    page = artifact("invoice-desk")
    assert "§14(4) no. 1 UStG" in page
    assert "content (§14(4) UStG) | failed" in page
    seen = page.partition("You look at view `")[2][:12]
    invoice_desk(DeskRequest(action="reject", invoices=[wrong], seen=seen, person="ada", reason="No address."))
    late = invoice_desk(DeskRequest(action="approve", invoices=[wrong], seen=seen, person="bob", reason="Fine."))
    assert "rejected already by ada: No address." in late.not_done[wrong]
    invoice_desk(DeskRequest(action="list", person="ada"))
    assert f"| {right} |" in artifact("invoice-desk")

    assert invoice_reminders() == 0
    assert "Nothing is near a limit." in artifact("invoice-ageing")
    assert "DE136695976" in artifact("invoice-readiness") or "Leuchtenwerk" in artifact("invoice-readiness")

    by_terminal = CliRunner().invoke(app, ["invoices", "show", str(picture), "--json"])
    assert by_terminal.exit_code == 0, by_terminal.output
    assert '"format": "failed"' in by_terminal.output or '"not-checked"' in by_terminal.output
    for command in (["list"], ["suppliers"], ["accounts"], ["readiness"], ["ageing"], ["limits", "show"]):
        ran = CliRunner().invoke(app, ["invoices", *command])
        assert ran.exit_code == 0, ran.output
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_only_places_of_the_right_kind_can_be_named_in_the_forms_and_a_desk_wants_a_person() -> None:
    for wrong in ({"source": "order-folder/x"}, {"erp": "smartstore-shop/x"}, {"answers": "tryton-erp/main"}):
        with pytest.raises(ValidationError):
            ValidationRequest(**wrong)
    for lacking in ({}, {"person": ""}, {"person": "ada", "seen": "not hex!"}, {"person": "ada", "action": "pay"}):
        with pytest.raises(ValidationError):
            DeskRequest(**lacking)
    assert ValidationRequest().destination.erp == "tryton-erp/main"
