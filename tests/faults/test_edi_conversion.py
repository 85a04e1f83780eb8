"""Kill the run before and after each step over suppliers' invoices: the next run ends as if nothing had happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from blocks.database import conversions, effects, received_files
from blocks.database.audit_verification import verify
from blocks.database.conversions import Goal
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.systems.folders.served_folder import ServedFolder
from blocks.systems.invoices import collecting
from deployments.stack.embedded_postgres import Cluster
from tasks.edi_conversion import booking, chunks, delivering
from tasks.edi_conversion.chunk_reading import read_one
from tests import desk, stack
from tests.faults.steps import Steps, killed_at
from tests.suppliers import ACTOR, SOURCE, Suppliers, a_picture, an_invoice, as_ubl

STEPS: tuple[tuple[Any, str], ...] = (
    (received_files, "begin"), (ServedFolder, "claim"), (collecting, "keep_whole"), (ServedFolder, "archive"),
    (received_files, "finish"), (chunks, "book"), (conversions, "book"), (booking, "put_due"), (effects, "claim"),
    (delivering, "write"), (ServedFolder, "lay_out"), (effects, "hand_over_together"), (ServedFolder, "give_name"),
    (effects, "settle"),
)  # fmt: skip
"""In the order in which a run takes them. Killed after a step that only writes rows is killed before they commit."""
SMALL = ((collecting, "MOST_FILES", 2), (chunks, "SIZE", 2))
FACTS = (
    "SELECT external_id, kind, state, deliveries FROM inbox ORDER BY 1",
    (
        "SELECT file_name, outcome, number, gross, supplier, regexp_replace(reasons, '[0-9]+', '', 'g') AS reasons"
        " FROM conversion ORDER BY file_name"
    ),
    "SELECT name, state, records, refusal, sha256 FROM received_file ORDER BY 1",
    "SELECT kind, state FROM effect ORDER BY 1, 2",
)


@dataclass
class House:
    """Suppliers with a folder and a database of their own."""

    suppliers: Suppliers
    urls: stack.DatabaseUrls
    home: Path
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def run(self) -> None:
        """Collect, convert chunk by chunk, deliver."""
        database = self.suppliers.database
        self.suppliers.folder.collect(database, ACTOR, source=SOURCE, log=lambda _: None)
        with database.connect() as connection:
            found = chunks.chunks_of(connection, SOURCE)
        for chunk in found:
            chunks.convert(database, ACTOR, chunk, Goal(SOURCE, "ubl"), reader=in_this_process)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivering, "load_system", lambda _: self.suppliers.folder)
            deliver_all(delivering.DELIVERIES, database, ACTOR, lease=1, patience=0, log=lambda _: None)

    def told(self) -> list[Any]:
        """Return all that must be equal however the runs went; the trail's proof must find nothing."""
        self.receive()
        assert verify(Database(self.urls.audit), self.home / "anchors").findings == ()
        root = self.suppliers.root
        archive = sorted(path.read_bytes() for path in (root / "archive").iterdir())
        left = [sorted(path.name for path in (root / part).iterdir()) for part in ("incoming", "work")]
        return [*(desk.ask(self.suppliers.database, query) for query in FACTS), sorted(self.received), archive, left]

    def receive(self) -> None:
        """Take away what lies there for the receiver, as one who looks into the folder all the time."""
        for name, content in self.suppliers.results().items():
            if not name.startswith("."):
                self.received.append((name, content))
                (self.suppliers.root / "results" / name).unlink()


def in_this_process(files: Any, memory: Any) -> Iterator[Any]:
    """Read without worker processes: a kill is to hit the run itself."""
    return (read_one(memory, file) for file in files)


@pytest.fixture
def opened(
    postgres_cluster: Cluster, database_template: str, tmp_path: Path
) -> Callable[[str], "contextmanager[House]"]:  # type: ignore[valid-type]
    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        with stack.copy_of(postgres_cluster, database_template) as urls:
            home = tmp_path / name
            suppliers = Suppliers(home, Database(urls.app))
            suppliers.send(
                a_xml=as_ubl(an_invoice("RE-1")), b_xml=as_ubl(an_invoice("RE-2")), c_pdf=a_picture(),
                d_xml=as_ubl(an_invoice("RE-1", net="90.00")), e_xml=as_ubl(an_invoice("RE-2")),
            )  # fmt: skip
            yield House(suppliers, urls, home)

    return open_house


def test_killed_at_any_step_and_run_again_every_invoice_is_kept_read_and_delivered_once(opened: Any) -> None:
    steps = Steps(STEPS, SMALL)
    with opened("undisturbed") as house:
        with steps.watched():
            house.run()
        expected = house.told()
    outcomes = [(row["file_name"], row["outcome"]) for row in expected[1]]
    assert outcomes == [("a.xml", "proven"), ("b.xml", "proven"), ("c.pdf", "unreadable"), ("d.xml", "review")]
    assert len(expected[4]) == 2
    assert len(steps.taken) == len(STEPS)
    for step in steps.taken:
        for when in ("before", "after"):
            with opened(f"{step}-{when}") as house:
                assert killed_at(house.run, (step, 1, when), STEPS, SMALL), (step, when)
                house.receive()
                with Steps(STEPS, SMALL).watched():
                    house.run()
                assert house.told() == expected, (step, when)
