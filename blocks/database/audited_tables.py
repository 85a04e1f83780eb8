"""Which tables are audited, and how Postgres digests their rows.

A digest is the sha256 over the canonical text of *all* columns of the rows with one key. The canonical text of a row is
what ``row_text(to_jsonb(row))`` says: a JSON object without its nulls, columns in the order of the length of their
names and then of their bytes. ``row_text`` itself takes three times as long as spelling that text out column by column,
so the columns are read from the catalogue at each use, and a table with a type that is not known here falls back to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from blocks.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Audited:
    """How the rows of a table are bundled into subjects: one digest per key, rows ordered by ``order``.

    ``lookup`` finds the rows of some keys; written so that an index serves, because every transaction does it.
    ``order`` is empty where the key is the row's own.
    """

    key: str
    order: str
    lookup: str


_BY_ID = Audited("id::text", "", "id = ANY(%s::bigint[])")
_BY_ORDER = "order_id = ANY(%s::bigint[])"

_FILE_BLOCKS = Audited(
    "file_id || ':' || position / 1000",
    "position",
    "(file_id, position / 1000) IN"
    " (SELECT split_part(k, ':', 1)::bigint, split_part(k, ':', 2)::int FROM unnest(%s::text[]) AS k)",
)
"""A thousand records of a file together: a digest over all of them would be taken anew with every chunk added."""

AUDITED: Mapping[str, Audited] = {
    "accounting_export": _BY_ID,
    "accounting_posting": _BY_ID,
    "article": Audited("channel || ':' || sku", "", "channel || ':' || sku = ANY(%s)"),
    "backorder": Audited("order_id::text", "id", _BY_ORDER),
    "completeness_certificate": _BY_ID,
    "conversion": _BY_ID,
    "conversion_correction": _BY_ID,
    "correction": _BY_ID,
    "customer": _BY_ID,
    "edi_interchange": _BY_ID,
    "edi_order_answer": Audited("inbox_id::text", "", "inbox_id = ANY(%s::bigint[])"),
    "effect": _BY_ID,
    "erp_bill": _BY_ID,
    "feed_delivery": _BY_ID,
    "file_record": _FILE_BLOCKS,
    "inbox": _BY_ID,
    "invoice_decision": _BY_ID,
    "invoice_evidence": _BY_ID,
    "invoice_match": Audited("invoice_id::text", "id", "invoice_id = ANY(%s::bigint[])"),
    "invoice_verdict": _BY_ID,
    "legal_hold": _BY_ID,
    "listing": Audited("channel || ':' || sku", "", "channel || ':' || sku = ANY(%s)"),
    "order_line": Audited("order_id::text", "position", _BY_ORDER),
    "order_part": Audited("order_id::text", "part", _BY_ORDER),
    "order_status_entry": Audited("order_id::text", "id", _BY_ORDER),
    "order_version": Audited("order_id::text", "version", _BY_ORDER),
    "product_change": _BY_ID,
    "product_claim": Audited("channel || ':' || sku", "id", "channel || ':' || sku = ANY(%s)"),
    "product_delivery": _BY_ID,
    "product_value": Audited("channel || ':' || sku", "attribute, language", "channel || ':' || sku = ANY(%s)"),
    "purchase_proposal": _BY_ID,
    "quality_result": Audited("batch", "id", "batch = ANY(%s)"),
    "quarantine": _BY_ID,
    "received_file": _BY_ID,
    "received_invoice": _BY_ID,
    "reconciliation": _BY_ID,
    "reservation": Audited("order_id::text", "id", _BY_ORDER),
    "retention": _BY_ID,
    "rulebook": _BY_ID,
    "sales_order": _BY_ID,
    "source_product": _BY_ID,
    "stock": Audited("warehouse || ':' || sku", "", "warehouse || ':' || sku = ANY(%s)"),
    "stock_alert": _BY_ID,
    "stock_difference": Audited("reconciliation_id::text", "id", "reconciliation_id = ANY(%s::bigint[])"),
    "stock_event": _BY_ID,
    "stock_import": _BY_ID,
    "supplier": _BY_ID,
    "supplier_account": _BY_ID,
    "supplier_layout": _BY_ID,
}
"""Every audited table. What is read anew from the outside is not: ``stock_location``, ``seen_listing``, ``fetched``,
``incoming_goods``, ``product_due``, ``purchase_line``, ``receipt_line``, ``stock_import_row``, ``source_cursor`` and
``movement_cursor``; nor is ``edi_counter``, which the numbers of the interchanges sent say already."""

_SPELT = frozenset(
    {"bigint", "boolean", "bytea", "date", "integer", "numeric", "smallint", "text", "timestamp with time zone", "uuid"}
)
"""Types whose JSON text is the same whether a row or its column is turned into JSON."""

_COLUMNS = """
SELECT c.relname, array_agg(a.attname::text ORDER BY octet_length(a.attname), a.attname::text COLLATE "C"),
  bool_and(a.atttypid = ANY(%s::regtype[]))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = ANY(%s::regclass[]) GROUP BY 1
"""


def row_texts(connection: "Connection", tables: Iterable[str]) -> dict[str, sql.Composable]:
    """Return for each table the expression that gives the canonical text of a row ``t``."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(_COLUMNS, (sorted(_SPELT), sorted(tables))).fetchall()
    return {
        table: _spelt_out(columns) if known else sql.SQL("row_text(to_jsonb(t))") for table, columns, known in found
    }


def _spelt_out(columns: Sequence[str]) -> sql.Composable:
    parts = sql.SQL(", ").join(
        sql.SQL("{} || to_json({})::text").format(sql.Literal(f'"{name}": '), sql.Identifier("t", name))
        for name in columns
    )
    return sql.SQL("'{{' || concat_ws(', ', {}) || '}}'").format(parts)


def digest_query(table: str, text: sql.Composable, where: str = "") -> sql.Composed:
    """Return ``SELECT key, digest FROM table``; ``where`` says of which rows."""
    digest = sql.SQL("encode(sha256(convert_to({}, 'UTF8')), 'hex') AS digest")
    return _query(table, digest.format(_rows(table, text)), where)


def rows_query(table: str, text: sql.Composable) -> sql.Composed:
    """Return ``SELECT key, rows FROM table``: the text that digests are taken from."""
    return _query(table, sql.SQL("{} AS rows").format(_rows(table, text)))


def _rows(table: str, text: sql.Composable) -> sql.Composable:
    order = AUDITED[table].order
    return sql.SQL("string_agg({}, E'\\n' ORDER BY {})").format(text, _sql(order)) if order else text


def _query(table: str, what: sql.Composable, where: str = "") -> sql.Composed:
    return sql.SQL("SELECT {key} AS key, {what} FROM {table} t{where}{group}").format(
        key=_sql(AUDITED[table].key),
        what=what,
        table=sql.Identifier(table),
        where=_sql(f" WHERE {where}" if where else ""),
        group=_sql(" GROUP BY 1" if AUDITED[table].order else ""),
    )


def _sql(text: str) -> sql.SQL:
    return sql.SQL(text)
