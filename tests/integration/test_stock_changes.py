"""Hundreds of changes in ERP and store while a shop with limits is told: none is lost, and what waits is worked off."""

from pathlib import Path

from blocks.database.engine import Database
from tests import stack
from tests.sandbox import running_shop
from tests.stock_changes import busy


def test_faster_than_a_hundred_changes_a_second_none_is_lost_and_the_backlog_drains(
    database_url: stack.DatabaseUrls, tmp_path: Path
) -> None:
    limits = {"calls_per_second": 20, "max_in_flight": 2}
    with running_shop(tmp_path) as shop, busy(shop, Database(database_url.app), tmp_path, **limits) as merchant:
        merchant.play(4, 100, patience=60, pace=0)
        assert merchant.wrong() == []
    assert merchant.made == 400
