"""The whole way of a file, by the flow that people run: folder, checks, ERP, answer, rehearsal."""

from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from blocks.database import quarantine, rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.folders.order_folder import OrderFolder
from deployments.apply import register
from flows.order_intake import IntakeRequest, order_intake
from tests import desk, stack
from tests.branch import Branch, as_csv, profile, row


@pytest.fixture
def request_for(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
) -> tuple[Branch, IntakeRequest]:
    """Return a branch whose connections are saved, and the request that takes its files in."""
    database, name = Database(database_url.app), f"b{uuid4().hex[:8]}"
    branch = Branch(configured, database, assortment="berlin")
    for block_type in (OrderFolder, FileErp):
        register(block_type)
    branch.folder.save(name)
    for part in ("orders", "sent", "acknowledgements"):
        (configured / "erp" / part).mkdir(parents=True)
    FileErp(folder=str(configured / "erp")).save(name)
    return branch, IntakeRequest(source=f"order-folder/{name}", erp=f"file-erp/{name}", patience=0)


def test_a_file_goes_through_the_checks_to_the_erp_and_its_sender_is_answered(
    request_for: tuple[Branch, IntakeRequest], configured: Path, database_url: stack.DatabaseUrls
) -> None:
    branch, request = request_for
    branch.put("a.csv", as_csv([row(1), row(2, SKU="DESK")]))
    rehearsed = order_intake(request.model_copy(update={"dry_run": True}))
    assert (rehearsed.accepted, rehearsed.put_aside, branch.names("incoming")) == (1, 1, ["a.csv"])
    summary = order_intake(request)
    assert (summary.received, summary.accepted, summary.put_aside) == (2, 1, 1)
    assert len(list((configured / "erp" / "orders").iterdir())) == 1
    assert [line["fate"] for line in branch.answers_of("a.csv")] == ["accepted", "put aside"]
    assert desk.ask(branch.database, "SELECT count(*)::int AS n FROM effect WHERE kind = 'shop.takeover'") == [{"n": 0}]
    again = order_intake(request)
    assert (again.received, again.accepted, len(branch.answers())) == (0, 0, 1)
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_a_file_begun_under_one_version_of_its_profile_is_read_again_by_that_version(
    request_for: tuple[Branch, IntakeRequest],
) -> None:
    branch, request = request_for
    branch.put("a.csv", as_csv([row(1, SKU="DESK")]))
    order_intake(request)
    branch.activate("branch", profile(encoding="utf-8").replace("column: Zip", "column: City"))
    desk.know(branch.database, "DESK")
    desk.count(branch.database, 5, "DESK")
    with branch.database.audited(desk.ACTOR) as (connection, trail):
        (aside,) = desk.ask(branch.database, "SELECT id FROM quarantine")
        quarantine.release(connection, trail, [aside["id"]], by="ada", reason="Known now.")
        assert rulebooks.in_force(connection, kind="mapping_profile", name="branch").version == 2
    assert order_intake(request).accepted == 1


def test_a_window_makes_no_sense_for_a_folder_and_a_wrong_kind_is_refused_by_the_form(
    request_for: tuple[Branch, IntakeRequest],
) -> None:
    _, request = request_for
    with pytest.raises(Exception, match="leave Since, Until and Orders empty"):
        order_intake(request.model_copy(update={"orders": ["1"]}))
    with pytest.raises(ValidationError):
        IntakeRequest(source="tryton-erp/main")
