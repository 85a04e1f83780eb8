"""A merchant whose sandbox shop shows stock: articles taken from the shop, stock of our own, and the telling of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from blocks.database import listing_answers, listings
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivered, deliver_all
from blocks.database.engine import Database
from blocks.database.listings import PROCESS, Refreshed
from blocks.database.stock_ledger import book_movements
from blocks.documents.stock import MovementKind, ShownArticle, StockMovement
from blocks.systems.shops.smartstore import SmartstoreShop
from deployments.sandbox.catalogue import items
from deployments.sandbox.shop.access import PUBLIC_KEY, SECRET_KEY
from tasks.master_data.steps import update_articles
from tasks.shop_listing import refreshing, telling
from tests import desk
from tests.sandbox import RunningShop

CHANNEL, SYSTEM = "berlin", "smartstore-shop/berlin"
ACTOR = Actor(process=PROCESS, run_id="run-4")
LEASE = 1.0
_NUMBERS = count(1)


class Shelf:
    """A running shop, and a database that knows its articles."""

    def __init__(self, shop: RunningShop, database: Database) -> None:
        """Take the shop's articles in, all of which the ERP knows, too."""
        self.shop, self.database = shop, database
        codes = frozenset(item.sku for item in items())
        update_articles(database, self.connector().articles(CHANNEL), channel=CHANNEL, in_erp=codes)

    def connector(self, **settings: Any) -> SmartstoreShop:
        """Return the connection to the shop."""
        usual: dict[str, Any] = {"url": self.shop.url, "public_key": PUBLIC_KEY, "secret_key": SECRET_KEY}
        return SmartstoreShop(**{**usual, **settings})

    def stock(self, pieces: int, *skus: str, warehouse: str = "BER") -> None:
        """Count stock anew, past the ledger: only what is sellable matters here."""
        desk.count(self.database, pieces, *skus, warehouse=warehouse)

    def moves(self, kind: MovementKind, pieces: int, *skus: str, warehouse: str = "BER", **about: Any) -> None:
        """Book the same movement of some articles in the ledger."""
        self._book([self._movement(kind, sku, pieces, warehouse, about) for sku in skus])

    def move_each(self, moves: Sequence[tuple[str, int]]) -> None:
        """Book receipts and sales of single articles in the ledger, in one delivery."""
        kinds = {True: MovementKind.RECEIPT, False: MovementKind.SALE}
        self._book([self._movement(kinds[pieces > 0], sku, pieces, "BER", {}) for sku, pieces in moves])

    @staticmethod
    def _movement(kind: MovementKind, sku: str, pieces: int, warehouse: str, about: dict[str, Any]) -> StockMovement:
        return StockMovement(
            event_id=f"move-{next(_NUMBERS)}",
            kind=kind,
            sku=sku,
            warehouse=warehouse,
            quantity=Decimal(pieces),
            happened_at=datetime.now(UTC),
            **about,
        )

    def _book(self, movements: Sequence[StockMovement]) -> None:
        with self.database.audited(ACTOR) as (connection, trail):
            book_movements(connection, trail, source="tryton-erp/main", movements=movements)

    def look(self, *skus: str) -> int:
        """Read what the shop shows."""
        return refreshing.look(self.database, ACTOR, self.connector(), channel=CHANNEL, system=SYSTEM, skus=skus)

    def refresh(self, *skus: str) -> Refreshed:
        """Work out what shall be shown, of all or of these."""
        if skus:
            return refreshing.refresh_some(self.database, ACTOR, channel=CHANNEL, system=SYSTEM, skus=skus)
        return refreshing.refresh_all(self.database, ACTOR, channel=CHANNEL, system=SYSTEM)

    def show_though_hidden(self, *skus: str) -> Refreshed:
        """Let SOMS show what it did not hide, as a repair does."""
        with self.database.audited(ACTOR) as (connection, trail):
            return listings.refresh(connection, trail, channel=CHANNEL, system=SYSTEM, skus=skus, show=skus)

    def tell(self, *, patience: float = 5.0, lease: float = LEASE) -> Delivered:
        """Tell the shop what is due."""
        return deliver_all(
            telling.DELIVERY, self.database, ACTOR, lease=lease, patience=patience, log=lambda _line: None
        )

    def bring(self, *skus: str) -> Delivered:
        """Refresh and tell."""
        self.refresh(*skus)
        return self.tell()

    def by_hand(self, **articles: dict[str, Any]) -> None:
        """Change articles at the shop's own desk; underscores in SKUs stand for hyphens."""
        body = {sku.replace("_", "-"): values for sku, values in articles.items()}
        self.shop.admin.patch("/admin/products", json=body).raise_for_status()

    def shown(self, *skus: str) -> dict[str, ShownArticle]:
        """Return what the shop shows of articles now."""
        return {each.sku: each for page in self.connector().shown(skus) for each in page}

    def sees(self, sku: str) -> tuple[int, bool]:
        """Return what the shop shows of one article: quantity, visibility."""
        found = self.shown(sku)[sku]
        return int(found.quantity), found.visible

    def listing(self, sku: str) -> dict[str, Any]:
        """Return the listing of an article."""
        (row,) = desk.ask(self.database, "SELECT * FROM listing WHERE channel = %s AND sku = %s", (CHANNEL, sku))
        return row

    def respect(self, *skus: str, hide: bool = False) -> None:
        """Note that a person hides these."""
        with self.database.audited(ACTOR) as (connection, trail):
            listing_answers.respect(connection, trail, CHANNEL, skus, why="Photo is missing.", hide=hide)

    def release(self, *skus: str) -> None:
        """Hand these back to SOMS."""
        with self.database.audited(ACTOR) as (connection, trail):
            listing_answers.release(connection, trail, CHANNEL, skus, why="Photo is there.")

    def mails(self) -> list[str]:
        """Return the SKUs of which the shop has sent back-in-stock mails."""
        return [row["Sku"] for row in self.shop.admin.get("/admin/mails").json()]

    def states(self) -> list[str]:
        """Return the states of all calls, oldest first."""
        rows = desk.ask(self.database, "SELECT state FROM effect WHERE process = %s ORDER BY id", (PROCESS,))
        return [row["state"] for row in rows]


def open_shelf(
    shop: RunningShop, database: Database, load: Callable[[Callable[[str], SmartstoreShop]], None], **settings: Any
) -> Shelf:
    """Return a shelf whose calls go to this shop; ``load`` puts its connection where calls look for it."""
    shelf = Shelf(shop, database)
    connector = shelf.connector(**settings)
    load(lambda _name: connector)
    return shelf
