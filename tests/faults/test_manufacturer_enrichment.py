"""Enrichment killed at each step: run again, it ends as if nothing had happened; the shop is told each value once."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from blocks.database import effects, product_changes, product_deliveries, product_sources
from blocks.database.engine import Database
from blocks.documents.product_content import ContentChange, ShownContent
from blocks.documents.product_data import SourceKind
from blocks.systems.answers import Answer
from tasks.manufacturer_enrichment import delivering
from tests import desk, stack
from tests.enrichment import API, SITE, ContentShop, Thing, World, product
from tests.faults.steps import Step, Steps, killed_at

GTIN, OTHER = "4006381333931", "4006381333948"
STEPS: tuple[Step, ...] = (
    (product_sources, "merge"), (product_deliveries, "note_delivery"), (product_changes, "save_values"),
    (product_changes, "want"), (product_changes, "no_longer_due"), (effects, "claim"), (effects, "settle"),
    (delivering, "tell_to"), (product_changes, "note_shown"),
)  # fmt: skip


class FileShop(ContentShop):
    """A shop that outlives the process: what it shows and every write to it stand in files."""

    def __init__(self, root: Path) -> None:
        """Show nothing but a name so far."""
        super().__init__()
        self.file, self.log = root / "shop.json", root / "writes.txt"

    def _read(self) -> dict[str, dict[str, str]]:
        return json.loads(self.file.read_text()) if self.file.exists() else {"LAMP": {"name": "Unsere Lampe"}}

    def content(self, product_ids: Any, variant_ids: Any = ()) -> dict[str, ShownContent]:
        self.shows = self._read()
        return super().content(product_ids, variant_ids)

    def write_content(self, changes: Any) -> list[Answer]:
        return [self._through(change) for change in changes]

    def _through(self, change: ContentChange) -> Answer:
        self.shows, before = self._read(), len(self.writes)
        answer = self._write(change)
        if len(self.writes) > before:
            self.file.write_text(json.dumps(self.shows))
            with self.log.open("a") as log:
                log.write(f"{change.article} {change.field}\n")
        return answer


class House(World):
    """A world whose run takes in two sources, decides and tells the shop."""

    def run(self) -> None:
        """Run as a flow run does."""
        lamp = product({"Gewicht": "1,5 kg", "Leistung": "40 W"}, gtin=GTIN, name="Lampe")
        bulb = product({"Gewicht": "100 g"}, gtin=OTHER)
        self.take(API, Thing("a", [lamp, bulb], SourceKind.API, inbox_id=1))
        self.take(SITE, Thing("s", [product({"Gewicht": "1500 g"}, gtin=GTIN)], inbox_id=2))
        self.propose()
        self.deliver()

    def told(self) -> list[Any]:
        """Return all that may not differ."""
        asked = (
            "SELECT source, key, state, sku FROM source_product ORDER BY source, key",
            "SELECT sku, source, attribute, normalised, gone_at IS NULL AS says FROM product_claim ORDER BY 1, 2, 3, 4",
            "SELECT sku, attribute, value, shop_value, shop_by FROM product_value ORDER BY 1, 2",
            "SELECT sku, attribute, old, new, state FROM product_change ORDER BY 1, 2, 5",
            "SELECT source, products, state FROM product_delivery ORDER BY id",
            "SELECT kind, state FROM effect ORDER BY id", "SELECT * FROM product_due",
        )  # fmt: skip
        rows: list[Any] = [[tuple(row.values()) for row in desk.ask(self.database, query)] for query in asked]
        shop = self.shop
        assert isinstance(shop, FileShop)
        return [*rows, shop._read(), sorted(shop.log.read_text().split("\n"))]


Opened = Callable[[str], AbstractContextManager[House]]


@pytest.fixture
def opened(postgres_cluster: Any, database_template: str, tmp_path: Path) -> Opened:
    """Return what opens a fresh house."""

    @contextmanager
    def open_house(name: str) -> Iterator[House]:
        root = tmp_path / name
        root.mkdir()
        with stack.copy_of(postgres_cluster, database_template) as urls:
            house = House(Database(urls.app), FileShop(root))
            house.articles(("LAMP", GTIN), ("BULB", OTHER))
            yield house

    return open_house


def test_a_run_killed_at_any_step_and_run_again_ends_as_if_nothing_had_happened(opened: Opened) -> None:
    steps = Steps(STEPS)
    with opened("whole") as house:
        with steps.watched():
            house.run()
        expected = house.told()
        house.run()
        assert house.told() == expected
    assert len(steps.taken) == len(STEPS)
    for step in steps.taken:
        for when in ("before", "after"):
            with opened(f"{step}-{when}") as house:
                assert killed_at(house.run, (step, 1, when), STEPS), (step, when)
                house.run()
                assert house.told() == expected, (step, when)
