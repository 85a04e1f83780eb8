"""Reads the orders of the next batch while Postgres books the one before: each takes about as long.

Reading touches no network and depends on nothing but a record's bytes and the rules in force, so it can be done early.
Whatever was not read ahead, or under other rules, is read when its turn comes.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from blocks.database import inbox
from blocks.documents.orders import Order
from blocks.errors import SomsError
from blocks.systems.shops.contract import Received
from tasks.order_intake import records, versions
from tasks.order_intake.rulebook import OrderRules, with_own_articles

if TYPE_CHECKING:
    from blocks.database.engine import Database
    from blocks.systems.sources import OrderSource


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order that has been read, its canonical text with its sha256, and the version of the rules it was read by."""

    order: Order
    text: tuple[str, str]
    rules: int


class ReadAhead:
    """Reads a source's next open records in a thread of its own; use it as a context manager."""

    def __init__(self, database: "Database", source: "OrderSource", *, name: str, kind: str, channel: str) -> None:
        """Note what to read: records of the source called ``name``."""
        self._database, self._source = database, source
        self._name, self._kind, self._channel = name, kind, channel
        self._reader = ThreadPoolExecutor(1, "read-ahead")
        self._reading: Future[dict[int, Prepared]] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of what nobody asked for."""
        self._reader.shutdown(wait=False, cancel_futures=True)

    def begin(self, after: int, limit: int) -> None:
        """Begin to read up to ``limit`` open records after this one."""
        self._reading = self._reader.submit(self._read, after, limit)

    def take(self) -> Mapping[int, Prepared]:
        """Return what was read since ``begin``, by inbox id; what could not be read is missing."""
        reading, self._reading = self._reading, None
        return reading.result() if reading else {}

    def _read(self, after: int, limit: int) -> dict[int, Prepared]:
        try:
            with self._database.connect() as connection:
                rules = records.rules_in_force(connection)
                waiting = inbox.next_records(connection, source=self._name, kind=self._kind, after=after, limit=limit)
        except SomsError:  # whoever needs the records finds out by themselves
            return {}
        found = {record["id"]: self._prepared(record, rules) for record in waiting}
        return {inbox_id: prepared for inbox_id, prepared in found.items() if prepared}

    def _prepared(self, record: Mapping[str, Any], rules: OrderRules) -> Prepared | None:
        received = Received(record["external_id"], bytes(record["body"]), record["content_type"])
        try:
            order = with_own_articles(self._source.read_order(received, self._channel), rules)
            return Prepared(order, versions.text_and_hash(order), rules.version)
        except Exception:  # noqa: BLE001 - it is read again when its turn comes, and its failure told then
            return None
