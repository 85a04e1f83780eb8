"""The demonstration's till: what it rings up is booked and answered, and the summary says so, also when told twice."""

from pathlib import Path

from blocks.database.engine import Database
from deployments import demo_tills
from tests import desk, stack
from tests.stores import Store


def test_a_till_of_the_demonstration_sells_takes_back_and_counts(
    database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    database = Database(database_url.app)
    store = Store(tmp_path, database, warehouses={"Berlin": "BER"})
    assert demo_tills.ring_up(database, store.root).lines() == [], "Without stock nothing is sold."
    desk.know(database, "LAMP", "BOOK")
    desk.count(database, 30, "LAMP", "BOOK", warehouse="BER", at=store.clock.at)
    rung = demo_tills.ring_up(database, store.root)
    assert len(rung.wrong()) == 1
    for _ in range(2):
        demo_tills.take_in(database, store.folder, rung)
        assert rung.wrong() == []
        assert rung.lines() == [
            "A store's till sold 3 pieces, took 1 back and counted BOOK; its file is answered row by row.",
            "  booked in the store: -3 by a sale, +1 by a return, -1 by a count",
        ]
    assert [row["fate"] for row in store.answers_of(rung.file)] == ["booked"] * 3
