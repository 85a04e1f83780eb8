"""A store: its till's folder on disk, its connection, and a database that knows its articles."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from blocks.database import inbox, rulebooks
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered
from blocks.database.engine import Database
from blocks.systems.folders.collecting import Collector
from blocks.systems.tills.pos_folder import PosFolder
from deployments.sandbox.till import Till
from tasks.stock_movements import pos_judging, pos_records, pos_steps
from tasks.stock_movements.pos_judging import Judged
from tests import desk

SOURCE = "pos-folder/store"
ACTOR = Actor(process="till_intake", run_id="run-1")
PROFILES = {"semicolon": "till-semicolon", "signed": "till-signed", "xml": "till-xml", "count": "stock-count"}


class Clock:
    """A clock that goes on by a second at each look, in the past by an hour, so that what is counted now is newer."""

    def __init__(self, begin: datetime | None = None) -> None:
        """Begin an hour ago, at a whole second as tills print them."""
        self.at = (begin or datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)

    def __call__(self) -> datetime:
        """Return the next second."""
        self.at += timedelta(seconds=1)
        return self.at


class Store:
    """A store 'Köln', which is warehouse KOELN, with a till that speaks one dialect."""

    def __init__(self, home: Path, database: Database, *, dialect: str = "semicolon", **settings: Any) -> None:
        """Make the folders and the connection; LAMP, BOOK and DESK are known, with ten of each an hour and more ago."""
        self.root, self.database, self.clock = home / "till", database, Clock()
        for part in ("incoming", "work", "archive", "results"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        self.till = Till(self.root, dialect=dialect if dialect != "count" else "semicolon", now=self.clock)
        self.folder = self.connection(profile=PROFILES.get(dialect, dialect), **settings)

    def connection(self, **settings: Any) -> PosFolder:
        """Return the connection as a person would enter it."""
        fields = {"url": f"file://{self.root}", "quiet_seconds": 0, "warehouses": {"Köln": "KOELN"}}
        folder = PosFolder(**{**fields, **settings})
        folder.reads_profiles_from(self.database)
        return folder

    def stock(self, pieces: int = 10, *skus: str) -> "Store":
        """Know articles and count so many of each in the store, before the till's clock begins."""
        skus = skus or ("LAMP", "BOOK", "DESK")
        desk.know(self.database, *skus)
        desk.count(self.database, pieces, *skus, warehouse="KOELN", at=self.clock.at - timedelta(days=1))
        return self

    def activate(self, name: str, content: str) -> None:
        """Put a mapping profile in force."""
        with self.database.audited(ACTOR) as (connection, trail):
            rulebooks.activate(
                connection, trail, kind="mapping_profile", name=name, content=content, by="ada", reason="First."
            )

    def put(self, name: str, content: bytes) -> None:
        """Put a file into the incoming folder."""
        (self.root / "incoming" / name).write_bytes(content)

    def collect(self, folder: PosFolder | None = None) -> inbox.Stored:
        """Take in what waits."""
        place = folder or self.folder
        collector = Collector(place, self.database, ACTOR, source=SOURCE, kind=pos_records.kind_of)
        return collector.collect(lambda _: None)

    def judge(self, folder: PosFolder | None = None, limit: int = 1000) -> Judged:
        """Judge all that is open."""
        place = folder or self.folder
        judged, _ = pos_steps.judge_pictures(self.database, ACTOR, place, SOURCE)
        while True:
            with self.database.audited(ACTOR) as (connection, trail):
                batch = pos_judging.judge(connection, trail, place, SOURCE, limit=limit)
            if not batch.rows:
                return judged
            judged += batch

    def answer(self, *, lease: float = 5) -> Delivered:
        """Write the answers that can be given."""
        return pos_steps.deliver_answers(
            self.database, ACTOR, self.folder, SOURCE, lease=lease, patience=0, log=lambda _: None
        )

    def take_in(self, folder: PosFolder | None = None) -> Judged:
        """Collect, judge and answer, as a run does."""
        self.collect(folder)
        judged = self.judge(folder)
        self.answer()
        return judged

    def on_hand(self) -> dict[str, int]:
        """Return what is on hand in the store."""
        rows = desk.ask(self.database, "SELECT sku, on_hand FROM stock WHERE warehouse = 'KOELN' ORDER BY sku")
        assert all(row["on_hand"] == int(row["on_hand"]) for row in rows)
        return {row["sku"]: int(row["on_hand"]) for row in rows}

    def names(self, part: str) -> list[str]:
        """Return the names of the files in a folder."""
        return sorted(path.name for path in (self.root / part).iterdir())

    def answers(self) -> list[list[dict[str, str]]]:
        """Return every result file's rows, by name."""
        found = []
        for name in self.names("results"):
            text = (self.root / "results" / name).read_text(encoding="utf-8-sig")
            found.append(list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";")))
        return found

    def answers_of(self, name: str) -> Sequence[Mapping[str, str]]:
        """Return the rows of the answer to the file of this name."""
        (answer,) = (rows for rows in self.answers() if rows and rows[0]["file"] == name)
        return answer

    def law_holds(self) -> bool:
        """Return whether each article's events add up to what is on hand."""
        rows = desk.ask(
            self.database,
            "SELECT s.on_hand, coalesce(sum(e.delta), 0) AS events FROM stock s LEFT JOIN stock_event e"
            " ON e.warehouse = s.warehouse AND e.sku = s.sku GROUP BY s.warehouse, s.sku, s.on_hand",
        )
        return all(Decimal(row["on_hand"]) == Decimal(row["events"]) for row in rows)
