"""Kill the EDI exchange before and after each step: the next run ends as if nothing had happened."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, inbox, interchanges, received_files
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.systems.folders.served_folder import ServedFolder
from blocks.systems.invoices.contract import Output
from deployments.stack.embedded_postgres import Cluster
from tasks.edi_exchange import booking, delivering
from tests import desk, stack
from tests.partners import STRANGER, Acme, interchange, orders

STEPS: tuple[tuple[Any, str], ...] = (
    (received_files, "begin"), (ServedFolder, "claim"), (received_files, "keep_records"), (ServedFolder, "archive"),
    (received_files, "finish"), (booking, "book"), (inbox, "settle"), (interchanges, "send"), (delivering, "_made"),
    (ServedFolder, "lay_out"), (effects, "hand_over_together"), (ServedFolder, "give_name"),
)  # fmt: skip
"""In the order in which a run takes them. Killed after a step that only writes rows is killed before they commit."""
OUTSIDE = ("claim", "archive", "lay_out", "hand_over_together", "give_name")
FACTS = (
    "SELECT kind, external_id, state, deliveries FROM inbox ORDER BY 1, 2",
    (
        "SELECT e.direction, e.partner, e.sender, e.reference, e.verdict, e.acknowledged, o.reference AS answered"
        " FROM edi_interchange e LEFT JOIN edi_interchange o ON o.id = e.answers ORDER BY 1, 3, 4"
    ),
    "SELECT partner, last FROM edi_counter",
    "SELECT name, state, records, refusal FROM received_file ORDER BY 1",
    "SELECT business_key, kind, state FROM effect ORDER BY 1",
)

House = tuple[Acme, stack.DatabaseUrls, Path]


@pytest.fixture
def opened(
    postgres_cluster: Cluster, database_template: str, tmp_path: Path
) -> Callable[[str], "contextmanager[House]"]:  # type: ignore[valid-type]
    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        with stack.copy_of(postgres_cluster, database_template) as urls:
            acme = Acme(tmp_path / name, Database(urls.app))
            acme.put("1.edi", interchange("1", orders("PO-1")) + interchange("3", orders("PO-2")))
            acme.put("2.edi", interchange("1", orders("PO-3"), sender=STRANGER))
            yield acme, urls, tmp_path / name

    return open_house


def _told(house: House) -> list[Any]:
    """Return all that must be equal however the runs went; the trail's proof must find nothing."""
    acme, urls, home = house
    assert verify(Database(urls.audit), home / "anchors").findings == ()
    archive = sorted(path.read_bytes() for path in (acme.root / "archive").iterdir())
    left = [list((acme.root / part).iterdir()) for part in ("incoming", "work")]
    _received(house)
    taken = sorted(path.name.split("-", 2)[2] for path in home.glob("taken-*"))
    return [*(desk.ask(acme.database, query) for query in FACTS), archive, left, taken]


def _received(house: House) -> None:
    """Take away what lies there for the partner, as one who looks into the folder all the time."""
    acme, _, home = house
    for name in acme.results():
        if not name.startswith("."):
            number = len(list(home.glob("taken-*")))
            (acme.root / "results" / name).rename(home / f"taken-{number}-{name}")


def _killed_at(house: House, step: str, when: str) -> bool:
    """Run in a child that is killed at one moment; returns whether the moment came."""
    child = os.fork()
    if child == 0:
        try:
            with pytest.MonkeyPatch.context() as patch:
                for owner, name in STEPS:
                    if name == step:
                        patch.setattr(owner, name, _struck(getattr(owner, name), when))
                house[0].exchange()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _struck(step: Callable[..., Any], when: str) -> Callable[..., Any]:
    def taken(*values: Any, **named: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        step(*values, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return taken


@pytest.mark.timeout(280)
def test_killed_before_and_after_each_step_an_interchange_is_booked_and_sent_once(opened: Any) -> None:
    with opened("undisturbed") as house:
        house[0].exchange()
        expected = _told(house)
        house[0].exchange()
        assert _told(house) == expected, "Once more must change nothing."
    assert expected[2] == [{"partner": "acme", "last": 2}]
    missed, different = [], []
    for step, when in [*((name, "before") for _, name in STEPS), *((name, "after") for name in OUTSIDE)]:
        with opened(f"{step}-{when}") as house:
            missed += [] if _killed_at(house, step, when) else [(step, when)]
            _received(house)
            house[0].exchange()
            different += [] if _told(house) == expected else [(step, when)]
    assert (missed, different) == ([], [])


def test_an_answer_that_was_lost_is_looked_up_at_the_partner_by_its_file_name(opened: Any) -> None:
    with opened("lost") as house:
        acme = house[0]
        acme.collect()
        acme.book()
        with acme.database.connect() as connection:
            rows = connection.execute("SELECT id, system, subject, payload FROM effect ORDER BY id").fetchall()
        assert len(rows) == 2
        sent = Output("1", "acme-00000001-contrl.edi", _octets(acme, rows[0]), "application/edifact")
        acme.folder.put([sent], begun=(), note=lambda _: None)
        assert len(acme.results()) == 1
        delivered = acme.send()
        assert (delivered.done, delivered.adopted) == (2, 1)
        assert len(acme.results()) == 2


def _octets(acme: Acme, row: dict[str, Any]) -> bytes:
    with acme.database.connect() as connection:
        return interchanges.body_of(connection, int(row["subject"].partition("/")[2])) or b""
