"""The whole way of a till's file, by the flow that people run: folder, ledger, answer, page."""

from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.tills.pos_folder import PosFolder
from deployments.apply import register
from flows.till_intake import TillRequest, till_intake
from tests import desk, stack
from tests.stores import Store


@pytest.fixture
def request_for(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
) -> tuple[Store, TillRequest]:
    """Return a store whose till's connection is saved, and the request that takes its files in."""
    store, name = Store(configured, Database(database_url.app)).stock(), f"t{uuid4().hex[:8]}"
    register(PosFolder)
    store.folder.save(name)
    return store, TillRequest(source=f"pos-folder/{name}", patience=0)


def test_a_tills_file_goes_into_the_ledger_and_its_sender_is_answered(
    request_for: tuple[Store, TillRequest], configured: Path, database_url: stack.DatabaseUrls
) -> None:
    store, request = request_for
    store.till.sell(LAMP=2, LAMQ=1)
    store.till.export("a.csv")
    summary = till_intake(request)
    assert (summary.received, summary.booked, summary.put_aside, summary.answered) == (2, 1, 1, 1)
    assert summary.waiting == 1
    assert [row["fate"] for row in store.answers_of("a.csv")] == ["booked", "put aside"]
    events = desk.ask(
        store.database, "SELECT kind, quantity::int FROM stock_event WHERE source = %s", (request.source,)
    )
    assert events == [{"kind": "sale", "quantity": -2}]
    again = till_intake(request)
    assert (again.received, again.booked, len(store.answers())) == (0, 0, 1)
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_only_a_till_can_be_named_in_the_form() -> None:
    with pytest.raises(ValidationError):
        TillRequest(source="order-folder/branch")
