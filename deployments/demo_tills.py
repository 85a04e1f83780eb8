"""A store's till sells, takes back and counts: its file is taken in, booked row by row, and answered.

All of it happens in this process: no flow run is started, so that the day is hardly longer for it.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from blocks.database.audit import Actor
from blocks.database.engine import Database
from deployments.sandbox.till import Till

if TYPE_CHECKING:
    from blocks.systems.tills.contract import Till as TillFolder

SOURCE, STORE, WAREHOUSE = "pos-folder/store", "Berlin", "BER"
ACTOR = Actor(process="till_intake", name="soms")
SOLD, BACK, MISSING = 3, 1, 1
LONG_AGO = 60.0
PLENTY = 20
"""Pieces of an article in the store that the day's orders will not sell out."""
_ARTICLES = """
SELECT sku, on_hand FROM stock WHERE warehouse = %s AND on_hand - reserved >= %s AND on_hand = trunc(on_hand)
  AND sku IN (SELECT sku FROM article) ORDER BY sku DESC LIMIT 2
"""


@dataclass
class Rung:
    """What a till rang up, the documents of its rows, and what became of them."""

    documents: tuple[str, ...] = ()
    counted: str = ""
    file: str = ""
    booked: dict[str, int] = field(default_factory=dict)
    answered: bool = False
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return what happened, for the summary."""
        if not self.documents:
            return []
        kinds = ", ".join(f"{pieces:+d} by a {kind}" for kind, pieces in self.booked.items()) or "nothing"
        told = "its file is answered row by row" if self.answered else "its file waits to be answered"
        return [
            f"A store's till sold {SOLD} pieces, took {BACK} back and counted {self.counted}; {told}.",
            f"  booked in the store: {kinds}",
        ]

    def wrong(self) -> list[str]:
        """Return what should have happened and did not."""
        right = {"sale": -SOLD, "return": BACK}
        good = not self.documents or ("count" in self.booked and right.items() <= self.booked.items())
        return [] if good else [f"Of the till's sale, return and count only {sorted(self.booked)} are booked."]


def ring_up(database: Database, folder: Path) -> Rung:
    """Ring up a sale, a return and a count of a piece fewer than the books have, and export them.

    A picture of the ERP's stock that is taken later covers what was rung up before it, and its rows then move nothing.
    """
    with database.connect() as connection:
        rows = connection.execute(_ARTICLES, (WAREHOUSE, PLENTY)).fetchall()
    if len(rows) < 2:  # noqa: PLR2004 - one is sold, one is counted
        return Rung()
    (sold, counted), levels = (row["sku"] for row in rows), {row["sku"]: int(row["on_hand"]) for row in rows}
    till = Till(folder, store=STORE, number=int(time.time()))  # the slips of another day have other numbers
    slips = (
        till.sell(**{sold: SOLD}),
        till.take_back(**{sold: BACK}),
        till.count(**{counted: levels[counted] - MISSING}),
    )
    path = till.export(f"till-{till.number}.csv")
    before = time.time() - LONG_AGO
    os.utime(path, (before, before))  # as if it had lain there for a while: what may still be written is left alone
    return Rung(slips, counted, path.name)


def take_in(database: Database, place: "TillFolder", rung: Rung) -> None:
    """Take the till's files in as a run of till intake does, and note what is booked of what was rung up."""
    from blocks.systems.folders.collecting import Collector  # noqa: PLC0415 - Prefect comes with them
    from tasks.stock_movements import pos_records  # noqa: PLC0415
    from tasks.stock_movements.pos_judging import judge  # noqa: PLC0415
    from tasks.stock_movements.pos_steps import BATCH, deliver_answers  # noqa: PLC0415

    begun = time.monotonic()
    Collector(place, database, ACTOR, source=SOURCE, kind=pos_records.kind_of).collect(_unheard)
    with database.audited(ACTOR) as (connection, trail):
        judge(connection, trail, place, SOURCE, limit=BATCH)
    deliver_answers(database, ACTOR, place, SOURCE, lease=60.0, patience=5.0, log=_unheard)
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT kind, sum(delta) AS pieces FROM stock_event WHERE source = %s AND document = ANY(%s)"
            " GROUP BY kind ORDER BY min(id)",
            (SOURCE, list(rung.documents)),
        ).fetchall()
        answered = connection.execute(
            "SELECT FROM received_file WHERE source = %s AND name = %s AND state = 'answered'", (SOURCE, rung.file)
        ).fetchone()
    rung.booked = {row["kind"]: int(row["pieces"]) for row in rows}
    rung.answered, rung.seconds = answered is not None, time.monotonic() - begun


def play(rung: Rung) -> None:
    """Take in what was rung up, through the connection that the stack has."""
    from blocks.systems.registry import load_system  # noqa: PLC0415 - Prefect comes with it
    from deployments.cli_run import connect_to_prefect  # noqa: PLC0415 - as above

    connect_to_prefect()
    take_in(Database.current(), load_system(SOURCE), rung)


def _unheard(_line: str) -> None:
    """Say nothing: the summary tells it."""
