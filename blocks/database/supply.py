"""The mirror of what was ordered of suppliers and what came: kept up to date by COPY and one statement a page."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import inbox, rulebooks
from blocks.documents.supply import PurchaseLine, ReceiptLine, number_key
from blocks.documents.supply_tolerances import DEFAULTS, KIND, NAME, SupplyTolerances, load

if TYPE_CHECKING:
    from datetime import datetime

    from blocks.database.engine import Connection

OVERLAP = timedelta(minutes=10)
"""So far behind the newest change is read again: an ERP shows what a long transaction wrote behind its time."""
LARGEST = Decimal(10) ** 15
"""What is beyond fits no column; no quantity or price of goods is."""

_PURCHASE = (
    "line", "purchase", "purchase_key", "position", "supplier", "supplier_reference", "reference_key", "sku", "sku_key",
    "supplier_sku", "supplier_sku_key", "gtin", "gtin_key", "description", "kind", "quantity", "unit", "unit_price",
    "currency", "ordered_on", "cancelled", "changed_at",
)  # fmt: skip
_RECEIPT = (
    "line", "receipt", "receipt_key", "delivery_note", "note_key", "order_line", "sku", "quantity", "received_on",
    "changed_at",
)  # fmt: skip


def tolerances_in_force(connection: "Connection") -> SupplyTolerances:
    """Return how far invoices may differ from the supply; the defaults when nobody has activated a rulebook."""
    edition = rulebooks.in_force(connection, kind=KIND, name=NAME)
    return load(edition.content, edition.version) if edition else DEFAULTS


def read_since(connection: "Connection", *, system: str, kind: str) -> "datetime | None":
    """Return from when on a mirror is to be read again; None: from the beginning."""
    position = inbox.cursor(connection, source=system, kind=kind)
    return position - OVERLAP if position else None


def is_mirrored(connection: "Connection") -> bool:
    """Return whether any ERP has told its orders: otherwise nothing can be held against them."""
    row = connection.execute("SELECT 1 FROM source_cursor WHERE kind = %s LIMIT 1", (PURCHASES,)).fetchone()
    return row is not None


PURCHASES, RECEIPTS = "purchase_lines", "receipt_lines"


def keep_purchases(connection: "Connection", *, system: str, lines: Sequence[PurchaseLine]) -> int:
    """Write order lines as they stand now over what was known of them; returns how many were new or changed."""
    rows = (_purchase(line) for line in lines if _fits(line.quantity, line.unit_price))
    return _upsert(connection, "purchase_line", _PURCHASE, system, rows)


def keep_receipts(connection: "Connection", *, system: str, lines: Sequence[ReceiptLine]) -> int:
    """Write receipts as they stand now over what was known of them; returns how many were new or changed."""
    rows = (_receipt(line) for line in lines if _fits(line.quantity))
    return _upsert(connection, "receipt_line", _RECEIPT, system, rows)


def note_read(connection: "Connection", *, system: str, kind: str, newest: "datetime") -> None:
    """Remember the newest change that was read, by the ERP's clock."""
    inbox.move_cursor(connection, source=system, kind=kind, position=newest)


def _fits(*figures: Decimal) -> bool:
    return all(abs(figure) < LARGEST for figure in figures)


def _purchase(line: PurchaseLine) -> tuple[Any, ...]:
    return (
        _kept(line.line), _kept(line.order), number_key(line.order), _kept(line.position), _kept(line.supplier),
        _kept(line.supplier_reference), number_key(line.supplier_reference), _kept(line.sku), number_key(line.sku),
        _kept(line.supplier_sku), number_key(line.supplier_sku), _kept(line.gtin), number_key(line.gtin),
        _kept(line.description)[:2000], line.kind, line.quantity, line.unit, line.unit_price, line.currency,
        line.ordered_on, line.cancelled, line.changed_at,
    )  # fmt: skip


def _receipt(line: ReceiptLine) -> tuple[Any, ...]:
    return (
        _kept(line.line), _kept(line.receipt), number_key(line.receipt), _kept(line.delivery_note),
        number_key(line.delivery_note), _kept(line.order_line), _kept(line.sku), line.quantity, line.received_on,
        line.changed_at,
    )  # fmt: skip


def _kept(text: str) -> str:
    return text.replace("\x00", "")


def _upsert(
    connection: "Connection", table: str, columns: Sequence[str], system: str, rows: Iterable[tuple[Any, ...]]
) -> int:
    """Copy rows in and write them over those with the same id; of two of one id the later changed counts."""
    arriving, names = f"arriving_{table}", ", ".join(columns)
    connection.execute(f"DROP TABLE IF EXISTS pg_temp.{arriving}")
    connection.execute(
        f"CREATE TEMP TABLE {arriving} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608 - ours
    )
    with connection.cursor().copy(f"COPY {arriving} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "line")
    old, new = (", ".join(f"{side}.{name}" for name in columns) for side in ("kept", "excluded"))
    written = connection.execute(
        f"INSERT INTO {table} AS kept (system, {names})"  # noqa: S608 - names of our own
        f" SELECT DISTINCT ON (line) %s, {names} FROM {arriving} ORDER BY line, changed_at DESC NULLS LAST"
        f" ON CONFLICT (system, line) DO UPDATE SET {changed}, read_at = now()"
        f" WHERE ({old}) IS DISTINCT FROM ({new})"
        " AND coalesce(excluded.changed_at, now()) >= coalesce(kept.changed_at, '-infinity')",
        (system,),
    )
    return written.rowcount


_BY_NUMBER = """
SELECT said.term, said.key, p.system, p.purchase, p.purchase_key, p.supplier
FROM unnest(%(terms)s::text[], %(keys)s::text[]) AS said(term, key)
JOIN purchase_line p ON p.purchase_key = said.key WHERE said.term NOT IN ('BT-15', 'BT-16')
UNION
SELECT said.term, said.key, p.system, p.purchase, p.purchase_key, p.supplier
FROM unnest(%(terms)s::text[], %(keys)s::text[]) AS said(term, key)
JOIN purchase_line p ON p.reference_key = said.key AND p.reference_key <> ''
WHERE said.term IN ('BT-13', 'BT-14')
UNION
SELECT said.term, said.key, p.system, p.purchase, p.purchase_key, p.supplier
FROM unnest(%(terms)s::text[], %(keys)s::text[]) AS said(term, key)
JOIN receipt_line r ON r.note_key = said.key AND r.note_key <> ''
JOIN purchase_line p ON p.system = r.system AND p.line = r.order_line WHERE said.term = 'BT-16'
UNION
SELECT said.term, said.key, p.system, p.purchase, p.purchase_key, p.supplier
FROM unnest(%(terms)s::text[], %(keys)s::text[]) AS said(term, key)
JOIN receipt_line r ON r.receipt_key = said.key
JOIN purchase_line p ON p.system = r.system AND p.line = r.order_line WHERE said.term = 'BT-15'
"""
_OF_PURCHASES = """
SELECT p.* FROM unnest(%s::text[], %s::text[], %s::text[]) AS said(system, purchase, key)
JOIN purchase_line p ON p.purchase_key = said.key AND p.system = said.system AND p.purchase = said.purchase
"""
_MOST_OF_AN_ARTICLE = 100
_BY_ARTICLE = """
SELECT DISTINCT ON (found.system, found.line) said.supplier AS asked_by, found.*
FROM unnest(%(suppliers)s::text[], %(keys)s::text[]) AS said(supplier, key)
CROSS JOIN LATERAL (
  (SELECT * FROM purchase_line p WHERE p.supplier = said.supplier AND p.sku_key = said.key AND p.sku_key <> ''
   AND NOT p.cancelled ORDER BY p.ordered_on DESC NULLS LAST LIMIT %(most)s)
  UNION ALL
  (SELECT * FROM purchase_line p WHERE p.supplier = said.supplier AND p.supplier_sku_key = said.key
   AND p.supplier_sku_key <> '' AND NOT p.cancelled ORDER BY p.ordered_on DESC NULLS LAST LIMIT %(most)s)
  UNION ALL
  (SELECT * FROM purchase_line p WHERE p.supplier = said.supplier AND p.gtin_key = said.key AND p.gtin_key <> ''
   AND NOT p.cancelled ORDER BY p.ordered_on DESC NULLS LAST LIMIT %(most)s)
) found
"""
_NEWEST = """
SELECT found.* FROM unnest(%(suppliers)s::text[]) AS said(supplier) CROSS JOIN LATERAL (
  SELECT * FROM purchase_line p WHERE p.supplier = said.supplier AND NOT p.cancelled
  ORDER BY p.ordered_on DESC NULLS LAST LIMIT %(most)s
) found
"""
_RECEIPTS_OF = """
SELECT r.system, r.order_line, r.line, r.receipt, r.receipt_key, r.note_key, r.quantity, r.received_on
FROM unnest(%s::text[], %s::text[]) AS said(system, line)
JOIN receipt_line r ON r.system = said.system AND r.order_line = said.line
ORDER BY r.received_on, r.system, length(r.line), r.line
"""


def orders_by_number(connection: "Connection", keys: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return which orders carry a number at a business term: ``term, key, system, purchase, purchase_key, supplier``.

    What a supplier calls a despatch advice (BT-16), or we a receipt (BT-15), leads to the orders that came with it.
    """
    asked = sorted(set(keys))
    values = {"terms": [term for term, _ in asked], "keys": [key for _, key in asked]}
    return connection.execute(_BY_NUMBER, values).fetchall() if asked else []


def lines_of_purchases(connection: "Connection", purchases: Iterable[tuple[str, str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the lines of orders, asked for by system, number and number as compared."""
    asked = sorted(set(purchases))
    if asked:
        yield from connection.execute(_OF_PURCHASES, [list(column) for column in zip(*asked, strict=True)])


def lines_with_articles(connection: "Connection", keys: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the newest order lines in force with articles, asked for by supplier and article number as compared."""
    asked = sorted(set(keys))
    if asked:
        values = {"suppliers": [one for one, _ in asked], "keys": [key for _, key in asked]}
        yield from connection.execute(_BY_ARTICLE, {**values, "most": _MOST_OF_AN_ARTICLE})


def newest_lines(connection: "Connection", suppliers: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the newest order lines in force of suppliers, for invoices that name articles only in words."""
    asked = sorted(set(suppliers))
    if asked:
        yield from connection.execute(_NEWEST, {"suppliers": asked, "most": _MOST_OF_AN_ARTICLE})


def receipts_of(connection: "Connection", lines: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield what came of order lines, asked for by system and id, the oldest first."""
    if lines:
        systems, numbers = [system for system, _ in lines], [line for _, line in lines]
        yield from connection.execute(_RECEIPTS_OF, (systems, numbers))
