"""Kill the worker before and after each step over a till's files: the next run ends as if nothing had happened."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, received_files
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.folders import collecting
from blocks.systems.folders.served_folder import ServedFolder
from deployments.stack.embedded_postgres import Cluster
from tasks.stock_movements import pos_judging, pos_pictures, pos_steps
from tests import desk, stack
from tests.faults.steps import Steps, killed_at
from tests.stores import Clock, Store

STEPS: tuple[tuple[Any, str], ...] = (
    (received_files, "begin"), (ServedFolder, "claim"), (received_files, "keep_records"), (ServedFolder, "archive"),
    (received_files, "finish"), (pos_steps, "judge_picture"), (pos_pictures, "book_levels"),
    (pos_judging, "book_movements"), (pos_judging, "settle"), (effects, "put"), (ServedFolder, "answer"),
    (received_files, "book_settled"),
)  # fmt: skip
"""In the order in which a run takes them. Killed after a step that only writes rows is killed before they commit."""
SMALL = ((collecting, "CHUNK", 2),)
OUTSIDE = ("claim", "archive", "answer")
FACTS = (
    "SELECT external_id, kind, state, deliveries FROM inbox ORDER BY 1, content_hash",
    "SELECT event_id, kind, quantity, delta, ignored FROM stock_event WHERE source = 'pos-folder/store' ORDER BY 1",
    "SELECT warehouse, sku, on_hand FROM stock ORDER BY 1, 2",
    "SELECT file_id, position, first_row, external_id, fresh FROM file_record ORDER BY 1, 2",
    "SELECT name, state, records, refusal, sha256 FROM received_file ORDER BY 1",
    "SELECT kind, state FROM effect ORDER BY 1, 2",
    "SELECT external_id, faults, state FROM quarantine ORDER BY 1",
)
BEGIN = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)
"""The same for all houses, and not so long ago that the guard would find the count too old."""


@dataclass
class House:
    """A store with a journal and a whole count in a database of its own."""

    store: Store
    urls: stack.DatabaseUrls
    home: Path

    def run(self) -> None:
        """Collect, judge row by row in small batches, and answer; then the same for the counts."""
        for profile in ("till-semicolon", "stock-count"):
            folder = self.store.connection(
                profile=profile, pattern="till*" if profile == "till-semicolon" else "count*"
            )
            self.store.collect(folder)
            self.store.judge(folder, limit=2)
        self.store.answer(lease=1)

    def told(self) -> list[Any]:
        """Return all that must be equal however the runs went; the trail's proof must find nothing."""
        assert verify(Database(self.urls.audit), self.home / "anchors").findings == ()
        assert self.store.law_holds()
        facts: list[Any] = [desk.ask(self.store.database, query) for query in FACTS]
        archive = sorted(path.read_bytes() for path in (self.store.root / "archive").iterdir())
        left = [self.store.names(part) for part in ("incoming", "work")]
        return [*facts, sorted(self.store.answers(), key=str), archive, left]


@pytest.fixture
def opened(
    postgres_cluster: Cluster, database_template: str, tmp_path: Path
) -> Callable[[str], "contextmanager[House]"]:  # type: ignore[valid-type]
    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        with stack.copy_of(postgres_cluster, database_template) as urls:
            store = Store(tmp_path / name, Database(urls.app))
            store.clock = store.till.now = Clock(BEGIN)
            store.stock()
            slip = store.till.sell(LAMP=3, BOOK=1)
            store.till.void(slip, LAMP=1)
            store.till.sell(LAMQ=1)
            store.till.deliver(DESK=2)
            store.till.export("till.csv")
            store.till.export_whole_count({"LAMP": 8, "BOOK": 9, "DESK": 12})
            yield House(store, urls, tmp_path / name)

    return open_house


@pytest.mark.timeout(280)
def test_killed_before_and_after_each_step_over_a_tills_files_the_next_run_ends_the_same(opened: Any) -> None:
    with opened("undisturbed") as house:
        counted = Steps(STEPS, SMALL)
        with counted.watched():
            house.run()
        expected = house.told()
        house.run()
        assert house.told() == expected, "Once more must change nothing."
    assert all(counted.taken[name] for _, name in STEPS)
    moments = [(step, 1, "before") for _, step in STEPS] + [("book_movements", 2, "after")]
    missed, different = [], []
    for moment in [*moments, *((step, 1, "after") for step in OUTSIDE)]:
        with opened("-".join(map(str, moment))) as house:
            missed += [] if killed_at(house.run, moment, STEPS, SMALL) else [moment]
            house.run()
            different += [] if house.told() == expected else [moment]
    assert (missed, different) == ([], [])


def test_two_at_once_over_one_till_book_each_row_once(opened: Any) -> None:
    with opened("two") as house:
        for folder in ("till-semicolon", "stock-count"):
            house.store.collect(
                house.store.connection(profile=folder, pattern="till*" if "till" in folder else "count*")
            )
        with ThreadPoolExecutor(2) as pool:
            judged = list(pool.map(lambda _: house.store.judge(limit=2), range(2)))
        house.store.answer()
        assert sum(each.booked for each in judged) == 7
        events = desk.ask(
            house.store.database, "SELECT event_id FROM stock_event WHERE kind IN ('sale', 'void', 'receipt')"
        )
        assert len({row["event_id"] for row in events}) == len(events) == 4
        assert house.store.law_holds()
