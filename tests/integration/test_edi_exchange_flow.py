"""The whole way of an interchange, by the flow that people run: folder, verdict, CONTRL, page."""

from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.partners.edi_folder import EdiFolder
from deployments.apply import register
from flows.edi_exchange import ExchangeRequest, edi_exchange
from tests import desk, stack
from tests.partners import RULES, SOURCE, STRANGER, Acme, interchange, orders


def test_t_doc_14_the_flow_takes_in_answers_and_names_gaps_and_strangers(
    configured: Path,
    database_url: stack.DatabaseUrls,
    prefect_server: str,  # noqa: ARG001 - it must be there
) -> None:
    """T-DOC-14, as an operator runs it."""
    name = f"p{uuid4().hex[:8]}"
    acme = Acme(configured / "acme", Database(database_url.app), known=False)
    acme.agree(RULES.replace(SOURCE, f"edi-folder/{name}"))
    register(EdiFolder)
    acme.folder.save(name)
    acme.put("1.edi", interchange("1", orders("PO-1")) + interchange("4", orders("PO-2")))
    acme.put("2.edi", interchange("1", orders("PO-3"), sender=STRANGER))
    acme.put("3.edi", b"no interchange")
    request = ExchangeRequest(source=f"edi-folder/{name}", patience=0)
    summary = edi_exchange(request)
    assert (summary.new, summary.accepted, summary.unknown_partner, summary.gaps) == (3, 2, 1, 1)
    assert (summary.orders, summary.sent, summary.unreadable_files) == (2, 2, 1)
    assert len(acme.results()) == 2
    rows = desk.ask(acme.database, "SELECT sender, findings FROM edi_interchange WHERE findings <> '[]' ORDER BY id")
    assert any("2 to 3 is missing before 4" in row["findings"] for row in rows)
    assert any(STRANGER in row["findings"] and row["sender"] == STRANGER for row in rows)
    again = edi_exchange(request)
    assert (again.new, again.accepted, again.sent) == (0, 0, 0)
    assert verify(Database(database_url.audit), configured / "anchors" / "audit.jsonl").findings == ()


def test_only_a_partners_connection_can_be_named_in_the_form() -> None:
    with pytest.raises(ValidationError):
        ExchangeRequest(source="order-folder/branch")
