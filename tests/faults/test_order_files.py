"""Kill the worker before and after each step over a file: the next run ends as if nothing had happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, received_files
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.folders import collecting
from blocks.systems.folders.served_folder import ServedFolder
from deployments.stack.embedded_postgres import Cluster
from tasks.order_intake import judging
from tests import desk, stack
from tests.branch import Branch, as_csv, row
from tests.faults.steps import Steps, killed_at

STEPS: tuple[tuple[Any, str], ...] = (
    (received_files, "begin"), (ServedFolder, "claim"), (ServedFolder, "fetch"), (received_files, "note_content"),
    (received_files, "keep_records"), (ServedFolder, "archive"), (received_files, "finish"), (judging, "judge"),
    (effects, "put"), (ServedFolder, "answer"), (received_files, "book_settled"),
)  # fmt: skip
"""In the order in which a run takes them. Killed after a step that only writes rows is killed before they commit."""
SMALL = ((collecting, "CHUNK", 2),)
OUTSIDE = ("claim", "archive", "answer")
FACTS = (
    "SELECT external_id, state, deliveries FROM inbox ORDER BY 1",
    "SELECT external_id, status, version FROM sales_order ORDER BY 1",
    "SELECT file_id, position, first_row, external_id, fresh FROM file_record ORDER BY 1, 2",
    "SELECT name, state, records, refusal, sha256 FROM received_file ORDER BY 1",
    "SELECT kind, state FROM effect ORDER BY 1, 2",
    "SELECT warehouse, sku, reserved FROM stock ORDER BY 1, 2",
    "SELECT external_id, faults, state FROM quarantine ORDER BY 1",
)
GOOD = as_csv([*(row(number) for number in range(4)), row(4, SKU="DESK")])
OTHER = b"no orders at all"


@dataclass
class House:
    """A branch with two files in a database of its own."""

    branch: Branch
    urls: stack.DatabaseUrls
    home: Path

    def run(self) -> None:
        """Collect, judge and answer."""
        self.branch.collect()
        self.branch.judge()
        self.branch.answer(lease=1)

    def told(self) -> list[Any]:
        """Return all that must be equal however the runs went; the trail's proof must find nothing."""
        assert verify(Database(self.urls.audit), self.home / "anchors").findings == ()
        facts: list[Any] = [desk.ask(self.branch.database, query) for query in FACTS]
        archive = sorted(path.read_bytes() for path in (self.branch.root / "archive").iterdir())
        left = [self.branch.names(part) for part in ("incoming", "work")]
        return [*facts, sorted(self.branch.answers(), key=str), archive, left]


@pytest.fixture
def opened(
    postgres_cluster: Cluster, database_template: str, tmp_path: Path
) -> Callable[[str], "contextmanager[House]"]:  # type: ignore[valid-type]
    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        with stack.copy_of(postgres_cluster, database_template) as urls:
            branch = Branch(tmp_path / name, Database(urls.app))
            branch.put("a.csv", GOOD)
            branch.put("b.csv", OTHER)
            yield House(branch, urls, tmp_path / name)

    return open_house


@pytest.mark.timeout(280)
def test_t_ord_6_killed_before_and_after_each_step_over_a_file_the_next_run_ends_the_same(opened: Any) -> None:
    """T-ORD-6 for files."""
    with opened("undisturbed") as house:
        counted = Steps(STEPS, SMALL)
        with counted.watched():
            house.run()
        expected = house.told()
        house.run()
        assert house.told() == expected, "Once more must change nothing."
    moments = [(step, 1, "before") for _, step in STEPS] + [("keep_records", 2, "before")]
    missed, different = [], []
    for moment in [*moments, *((step, 1, "after") for step in OUTSIDE)]:
        with opened("-".join(map(str, moment))) as house:
            missed += [] if killed_at(house.run, moment, STEPS, SMALL) else [moment]
            house.run()
            different += [] if house.told() == expected else [moment]
    assert (missed, different) == ([], [])
