"""Writes a channel's sellable stock as a file: one picture of the database, article by article, memory flat.

The receiver is a machine: what an article is called stands as it is. CSV: ``sku, gtin, quantity, status`` with a head;
XML: ``<stock channel as_of><article sku gtin quantity status/>…</stock>``. ``status`` is in_stock, sold_out,
beyond_stock or not_managed; ``quantity`` is empty where stock is not managed. Articles that nobody has ever counted are
left out: nothing is known of them.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from psycopg.rows import tuple_row
from psycopg.sql import SQL

from blocks.database.stock_position import BATCH, Query, sellable_query, warehouses
from blocks.documents.stock_rules import Feed, FeedFormat, StockRules

if TYPE_CHECKING:
    from blocks.database.engine import Connection

Row = tuple[str, str, str, str]
COLUMNS = ("sku", "gtin", "quantity", "status")
CONTENT_TYPES = {FeedFormat.CSV: "text/csv; charset=utf-8", FeedFormat.XML: "application/xml"}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FEED = SQL(
    "SELECT q.sku, a.gtin, coalesce(trim_scale(q.quantity)::text, ''), replace(q.why, ' ', '_') FROM ({sellable}) q"
    " JOIN article a ON a.channel = %(channel)s AND a.sku = q.sku"
    " WHERE q.why <> 'never counted' AND (%(sold_out_too)s OR q.why <> 'sold out') ORDER BY q.sku COLLATE \"C\""
)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: articles listed, articles whose number XML cannot say, and the digest of the bytes."""

    rows: int
    left_out: int
    sha256: str


def write(connection: "Connection", rules: StockRules, feed: Feed, path: Path) -> Written:
    """Write a feed; the connection is within a transaction that sees one picture of the database."""
    query = sellable_query(feed.channel, rules, houses=warehouses(connection))
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = _rows(connection, query, feed)
        if feed.format is FeedFormat.XML:
            listed, left_out = _write_xml(file, rows, feed.channel, _as_of(connection))
        else:
            listed, left_out = _write_csv(file, rows, feed.delimiter), 0
    with path.open("rb") as file_bytes:
        return Written(listed, left_out, hashlib.file_digest(file_bytes, "sha256").hexdigest())


def _rows(connection: "Connection", query: Query, feed: Feed) -> Iterator[Row]:
    parameters = {**query.parameters, "channel": feed.channel, "sold_out_too": feed.sold_out_too}
    with connection.cursor(name="stock_feed", row_factory=tuple_row) as cursor:
        cursor.itersize = BATCH
        yield from cursor.execute(_FEED.format(sellable=query.text), parameters)


def _as_of(connection: "Connection") -> datetime:
    row = connection.execute("SELECT now() AS at").fetchone()
    return row["at"] if row else datetime.now(UTC)


def _write_csv(file: IO[str], rows: Iterable[Row], delimiter: str) -> int:
    writer, count = csv.writer(file, delimiter=delimiter, lineterminator="\r\n"), 0
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def _write_xml(file: IO[str], rows: Iterable[Row], channel: str, as_of: datetime) -> tuple[int, int]:
    listed = left_out = 0
    moment = as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<stock channel={quoteattr(channel)} as_of="{moment}">\n')
    for row in rows:
        if any(_NOT_IN_XML.search(value) for value in row):
            left_out += 1
            continue
        cells = " ".join(f"{name}={quoteattr(value)}" for name, value in zip(COLUMNS, row, strict=True))
        file.write(f"<article {cells}/>\n")
        listed += 1
    file.write("</stock>\n")
    return listed, left_out
