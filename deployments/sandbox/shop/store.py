"""The shop's rows: held in memory, written through to one SQLite file at the end of each request."""

import gc
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from deployments.sandbox.shop.hooks import main_picture, on_insert, on_update, sends_back_in_stock_mail
from deployments.sandbox.shop.model import Entity, Kind, Link, Row
from deployments.sandbox.shop.values import WRITERS, time_text

_ALSO_INDEXED = {
    "SyncMappings": ("EntityId", "SourceKey"),
    "GenericAttributes": ("EntityId",),
    "ShipmentItems": ("OrderItemId",),
    "Customers": ("Username",),
    "ProductMediaFiles": ("ProductId",),
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS row (
    collection TEXT, id INTEGER, body TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS number (collection TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
"""


def now() -> str:
    """Return the shop's clock, to 100 ns."""
    seconds, ticks = divmod(time.time_ns() // 100, 10_000_000)
    return time_text(datetime.fromtimestamp(seconds, UTC).replace(microsecond=ticks // 10), ticks % 10)


class Table:
    """The rows of one entity set, with an index for every column that something looks up."""

    def __init__(self, entity: Entity, links: Iterable[Link]) -> None:
        """Start empty; ``links`` are all links of the shop, because those that lead here need an index."""
        self.entity, self.next_id = entity, 1
        self.rows: dict[int, Row] = {}
        self._texts: dict[int, str] = {}
        keys = {link.key for link in links if link.many and link.target == entity.set_name}
        self._indexes: dict[str, dict[Any, dict[int, None]]] = {
            key: {} for key in sorted(keys.union(_ALSO_INDEXED.get(entity.set_name, ())))
        }
        self._decimals = [column.name for column in entity.columns.values() if column.kind is Kind.DECIMAL]

    def put(self, row_id: int, row: Row | None) -> None:
        """Set or, with None, drop one row."""
        old = self.rows.pop(row_id, None) if row is None else self.rows.get(row_id)
        self._texts.pop(row_id, None)
        for key, index in self._indexes.items():
            if old is not None and (row is None or row[key] != old[key]):
                index[old[key]].pop(row_id, None)
            if row is not None and (old is None or row[key] != old[key]):
                index.setdefault(row[key], {})[row_id] = None
        if row is not None:
            self.rows[row_id] = row
            self.next_id = max(self.next_id, row_id + 1)

    def where(self, key: str, value: Any) -> list[Row]:
        """Return the rows with this value in an indexed column."""
        return [self.rows[row_id] for row_id in self._indexes[key].get(value, ())]

    def text(self, row: Row) -> str:
        """Return all visible columns as the inside of a JSON object; written once per version of a row."""
        found = self._texts.get(row["Id"])
        if found is None:
            found = self._texts[row["Id"]] = columns_text(row, self.entity.visible)
        return found

    def pack(self, row: Row) -> str:
        """Return what differs from the defaults, as JSON."""
        defaults = self.entity.defaults
        return json.dumps(
            {
                name: str(value) if isinstance(value, Decimal) else value
                for name, value in row.items()
                if value != defaults[name]
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    def unpack(self, body: str) -> Row:
        """Return the row that was packed."""
        found: Row = json.loads(body)
        row = {**self.entity.defaults, **found}
        for name in self._decimals:
            if name in found and row[name] is not None:
                row[name] = Decimal(row[name])
        return row


def columns_text(row: Row, columns: Iterable[Any]) -> str:
    """Return columns of a row as the inside of a JSON object."""
    parts = []
    for column in columns:
        value = row[column.name]
        parts.append(f'"{column.name}":{"null" if value is None else WRITERS[column.kind](value)}')
    return ",".join(parts)


class Store:
    """All tables, and transactions over them. One thread, one transaction at a time."""

    def __init__(self, path: Path, entities: Mapping[str, Entity]) -> None:
        """Open or create the file and load what it holds."""
        links = [link for each in entities.values() for link in each.links.values()]
        self.tables = {name: Table(entity, links) for name, entity in entities.items()}
        self._undo: list[tuple[Table, int, Row | None]] = []
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(_SCHEMA)
        gc.disable()  # nothing of what is loaded is garbage, and looking for some takes most of the time
        for name, row_id, body in self._file.execute("SELECT collection, id, body FROM row"):
            table = self.tables[name]
            table.put(row_id, table.unpack(body))
        gc.enable()
        for name, next_id in self._file.execute("SELECT collection, next FROM number"):
            self.tables[name].next_id = next_id

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def entity(self, set_name: str) -> Entity:
        """Return the entity of a set."""
        return self.tables[set_name].entity

    def one(self, link: Link, row: Row) -> Row | None:
        """Follow a single link."""
        return self.tables[link.target].rows.get(row[link.key])

    def many(self, link: Link, row: Row) -> list[Row]:
        """Follow a collection link, in the order of ids."""
        return sorted(self.tables[link.target].where(link.key, row["Id"]), key=lambda each: int(each["Id"]))

    def get(self, set_name: str, row_id: int) -> Row:
        """Return one row that is known to exist."""
        return self.tables[set_name].rows[row_id]

    def insert(self, set_name: str, values: Row) -> Row:
        """Save a new row; columns that are not given get their defaults."""
        table = self.tables[set_name]
        row = {**table.entity.defaults, **values, "Id": table.next_id}
        self._put(table, table.next_id, on_insert(table.entity, row, now()))
        return row

    def update(self, set_name: str, row_id: int, changes: Row) -> Row:
        """Save changed columns; equal values change nothing, not even the time."""
        table = self.tables[set_name]
        old = table.rows[row_id]
        if all(old[name] == value for name, value in changes.items()):
            return old
        if set_name == "Products" and sends_back_in_stock_mail(old, {**old, **changes}):
            self.insert("BackInStockMails", {"ProductId": row_id, "Sku": old["Sku"], "SentOnUtc": now()})
        new = on_update(table.entity, old, {**old, **changes}, now())
        self._put(table, row_id, new)
        return new

    def remove(self, set_name: str, row_id: int) -> None:
        """Drop one row."""
        self._put(self.tables[set_name], row_id, None)

    def _put(self, table: Table, row_id: int, row: Row | None) -> None:
        old = table.rows.get(row_id)
        self._undo.append((table, row_id, old))
        table.put(row_id, row)
        if table.entity.set_name == "ProductMediaFiles":
            for product in {each["ProductId"] for each in (old, row) if each} & self.tables["Products"].rows.keys():
                self.update("Products", product, {"MainPictureId": main_picture(table.where("ProductId", product))})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything that happens inside, or nothing of it."""
        self._undo.clear()
        try:
            yield
            self._write()
        except BaseException:
            for table, row_id, row in reversed(self._undo):
                table.put(row_id, row)
            raise
        finally:
            self._undo.clear()

    def _write(self) -> None:
        touched = {(table.entity.set_name, row_id) for table, row_id, _ in self._undo}
        if not touched:
            return
        kept, dropped = [], []
        for name, row_id in touched:
            table = self.tables[name]
            row = table.rows.get(row_id)
            if row is None:
                dropped.append((name, row_id))
            else:
                kept.append((name, row_id, table.pack(row)))
        numbers = [(name, self.tables[name].next_id) for name in {name for name, _ in touched}]
        self._file.execute("BEGIN IMMEDIATE")
        try:
            self._file.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", kept)
            self._file.executemany("DELETE FROM row WHERE collection = ? AND id = ?", dropped)
            self._file.executemany("INSERT OR REPLACE INTO number VALUES (?, ?)", numbers)
            self._file.execute("COMMIT")
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
