"""Kill the run before and after each step over incoming invoices: the next run ends as if nothing had happened."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blocks.database import invoice_verdicts, received_files, received_invoices
from blocks.database.audit_verification import verify
from blocks.database.conversions import Goal
from blocks.database.engine import Database
from blocks.systems.folders.served_folder import ServedFolder
from blocks.systems.invoices import collecting
from deployments.stack.embedded_postgres import Cluster
from tasks.edi_conversion import chunks
from tasks.invoice_validation import booking, deciding, judging, onward
from tests import desk, stack
from tests.faults.steps import Steps, killed_at
from tests.received import Office, a_right_invoice, supplied
from tests.suppliers import Suppliers, a_picture, as_ubl

STEPS: tuple[tuple[Any, str], ...] = (
    (received_files, "begin"), (ServedFolder, "archive"), (chunks, "book"), (received_invoices, "take"),
    (received_invoices, "keep_in_step"), (judging, "book"), (invoice_verdicts, "keep"), (booking, "approve_by_rule"),
    (onward, "bill"), (deciding, "approve"), (deciding, "reject"), (onward, "answer"),
)  # fmt: skip
"""In the order in which a run takes them: archive, verdict, approval by rule, decisions of a person."""
SMALL = ((collecting, "MOST_FILES", 2), (received_invoices, "MOST_AT_ONCE", 2))
FACTS = (
    "SELECT external_id, state FROM inbox ORDER BY 1",
    "SELECT number, state, gross, settled_by, verdict_version, content_hash FROM received_invoice ORDER BY 1",
    "SELECT key, name FROM supplier ORDER BY 1",
    (
        "SELECT r.number, v.version, v.format, v.content, v.supply, v.fatal FROM invoice_verdict v"
        " JOIN received_invoice r ON r.id = v.invoice_id ORDER BY 1, 2"
    ),
    (
        "SELECT r.number, d.action, d.by, d.final, d.verdict_version FROM invoice_decision d"
        " JOIN received_invoice r ON r.id = d.invoice_id ORDER BY 1, d.id"
    ),
    "SELECT kind, state, system FROM effect ORDER BY 1, 2",
)


@dataclass
class House:
    """An office with a database of its own."""

    office: Office
    urls: stack.DatabaseUrls
    home: Path

    def run(self) -> None:
        """Collect, read, take, judge, decide what waits."""
        self.office.suppliers.collect()
        self.office.suppliers.convert(goal=Goal())
        self.office.take()
        wrong = [row["id"] for row in self.office.invoices() if row["number"] == "RE-3"]
        self.office.judge(supplied(dict.fromkeys(wrong, "Nobody ordered it.")))
        for row in self.office.invoices():
            if row["state"] == "waiting":
                action = deciding.approve if row["number"] == "RE-2" else deciding.reject
                self.office.decide(action, row["id"])

    def told(self) -> list[Any]:
        """Return all that must be equal however the runs went; the trail's proof must find nothing."""
        assert verify(Database(self.urls.audit), self.home / "anchors").findings == ()
        archive = sorted(path.read_bytes() for path in (self.office.suppliers.root / "archive").iterdir())
        return [*(desk.ask(self.office.database, query) for query in FACTS), archive]


@pytest.fixture
def opened(
    postgres_cluster: Cluster, database_template: str, tmp_path: Path
) -> Callable[[str], AbstractContextManager[House]]:
    files = {
        "a_xml": as_ubl(a_right_invoice("RE-1")),
        "b_xml": as_ubl(a_right_invoice("RE-2", net="2000.00")),
        "c_xml": as_ubl(a_right_invoice("RE-3")),
        "d_pdf": a_picture(),
    }

    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        with stack.copy_of(postgres_cluster, database_template) as urls:
            office = Office(Suppliers(tmp_path / name, Database(urls.app)))
            office.suppliers.send(**files)
            yield House(office, urls, tmp_path / name)

    return open_house


def test_killed_at_any_step_and_run_again_every_invoice_is_judged_and_decided_once(opened: Any) -> None:
    steps = Steps(STEPS, SMALL)
    with opened("undisturbed") as house:
        with steps.watched():
            house.run()
        expected = house.told()
    states = {row["number"]: (row["state"], row["settled_by"]) for row in expected[1]}
    assert states == {
        "RE-1": ("approved", "soms"), "RE-2": ("approved", "ada"), "RE-3": ("rejected", "ada"), "": ("rejected", "ada"),
    }  # fmt: skip
    assert [row["kind"] for row in expected[5]] == ["erp.bill", "erp.bill", "invoice.answer", "invoice.answer"]
    assert len(steps.taken) == len(STEPS)
    for step in steps.taken:
        for when in ("before", "after"):
            with opened(f"{step}-{when}") as house:
                assert killed_at(house.run, (step, 1, when), STEPS, SMALL), (step, when)
                with Steps(STEPS, SMALL).watched():
                    house.run()
                assert house.told() == expected, (step, when)
