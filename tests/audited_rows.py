"""Rows for audited tables that a merchant's first day leaves empty, each told to the trail as its writer would."""

from collections.abc import Iterator

from blocks.database import rulebooks
from blocks.database.audit import Trail
from blocks.database.engine import Connection, Database
from tests import audited_accounting, audited_invoices, desk

_FILES = """
INSERT INTO received_file (source, name, archived_as, sha256, size, profile, profile_version, records, state, refusal,
  received_at, settled_at)
VALUES ('folder/berlin', 'a.csv', '2026/a', 'aa', 10, 'shop', 1, 2, 'answered', NULL, now(), now()),
  ('folder/berlin', 'b.csv', '2026/b', 'bb', 11, '', 0, 0, 'refused', 'No header was found.', now(), NULL)
RETURNING id AS key
"""
_FILE_RECORDS = """
INSERT INTO file_record (file_id, position, first_row, last_row, external_id, inbox_id, fresh)
SELECT f.id, place, place + 1, place + 1, i.external_id, i.id, true
FROM (SELECT min(id) AS id FROM received_file) f,
  (SELECT id, external_id, row_number() OVER (ORDER BY id) AS place FROM inbox ORDER BY id LIMIT 2) i
RETURNING file_id || ':' || position / 1000 AS key
"""
_CERTIFICATES = """
INSERT INTO completeness_certificate (source, window_from, window_to, source_count, received, accepted, put_aside,
  rejected, duplicates, superseded, ignored, unjudged, missing, fetched, closes)
VALUES ('smartstore-shop/berlin', '2026-01-01', '2026-01-02', 22, 22, 20, 2, 0, 0, 0, 0, 0, '[]', 0, true),
  ('folder/berlin', '2026-01-01', '2026-01-02', NULL, 1, 0, 0, 0, 0, 0, 0, 1, '["7"]', 1, false)
RETURNING id AS key
"""
_CORRECTIONS = """
INSERT INTO correction (quarantine_id, inbox_id, patch, raw, money, reason, by, state, approved_by, approved_at)
SELECT q.id, q.inbox_id, '[]', false, true, 'Price agreed by phone.', 'ada', state, who, at
FROM (SELECT id, inbox_id FROM quarantine LIMIT 1) q,
  (VALUES ('approved', 'bob', now()), ('proposed', NULL, NULL)) AS new(state, who, at)
RETURNING id AS key
"""
_BACKORDERS = """
INSERT INTO backorder (order_id, sku, warehouse, quantity, kind, promised_on, served_at)
SELECT id, 'LAMP', 'EAST', 1, kind, day, at
FROM (SELECT id FROM sales_order ORDER BY id LIMIT 1) o,
  (VALUES ('preorder', date '2026-12-01', NULL::timestamptz), ('backorder', NULL, now())) AS new(kind, day, at)
RETURNING order_id AS key
"""
_PARTS = """
INSERT INTO order_part (order_id, part, warehouse, erp_number)
SELECT id, part, warehouse, number
FROM (SELECT id FROM sales_order ORDER BY id DESC LIMIT 1) o,
  (VALUES (901, 'EAST', 'S1'), (902, 'WEST', NULL)) AS new(part, warehouse, number)
RETURNING order_id AS key
"""
_STATUSES = """
INSERT INTO order_status_entry (order_id, system, system_status, status, outcome, reason, reported_at)
SELECT id, 'tryton-erp/main', word, word, outcome, '', now()
FROM (SELECT id FROM sales_order ORDER BY id LIMIT 1) o,
  (VALUES ('processing', 'applied'), ('draft', 'overruled')) AS new(word, outcome)
RETURNING order_id AS key
"""
_VERSIONS = """
INSERT INTO order_version (order_id, version, inbox_id, decision, document, content_hash, changes, delta, by)
SELECT id, new.version, inbox_id, 'followed', document, content_hash, '[]', 0, 'soms'
FROM (SELECT * FROM sales_order ORDER BY id LIMIT 1) o, (VALUES (901), (902)) AS new(version)
RETURNING order_id AS key
"""
_STOCK_EVENTS = """
INSERT INTO stock_event (source, event_id, kind, warehouse, sku, quantity, delta, ignored, order_id, happened_at)
SELECT 'tryton-erp/main', word, word, 'EAST', 'LAMP', 5, delta, why, o.id, now()
FROM (SELECT min(id) AS id FROM sales_order) o,
  (VALUES ('receipt', 5, NULL), ('count', 0, 'An older count.')) AS new(word, delta, why)
UNION ALL SELECT 'tryton-erp/main', 'sale', 'sale', 'EAST', 'LAMP', -1, -1, NULL, NULL, now()
RETURNING id AS key
"""
_LISTINGS = """
INSERT INTO listing (channel, sku, wanted_quantity, wanted_visible, wanted_at, told_quantity, told_visible, told_at,
  hidden_by, hidden_why, hidden_at)
VALUES ('berlin', 'LAMP', 5, true, now(), 4, true, now(), '', '', NULL),
  ('berlin', 'BULB', NULL, NULL, NULL, NULL, NULL, NULL, 'soms', 'Sold out.', now())
RETURNING channel || ':' || sku AS key
"""
_IMPORTS = """
INSERT INTO stock_import (source, rows, as_of, state, decided_by, decided_at, reason)
VALUES ('tryton-erp/main', 5, now(), 'stopped', NULL, NULL, NULL),
  ('pos-folder/branch', 5, now(), 'released', 'ada', now(), 'Counted twice.')
RETURNING id AS key
"""
_RECONCILIATIONS = """
INSERT INTO reconciliation (channel, compared, differing, repaired, waiting, state, decided_by, reason)
VALUES ('berlin', 9, 1, 1, 0, 'done', NULL, NULL), ('berlin', 9, 9, 0, 0, 'released', 'ada', 'It was a move.')
RETURNING id AS key
"""
_DIFFERENCES = """
INSERT INTO stock_difference (reconciliation_id, sku, system, field, expected, found, cause, outcome)
SELECT id, sku, 'shop', 'quantity', '5', '4', 'lost_event', 'repaired'
FROM (SELECT min(id) AS id FROM reconciliation) r, (VALUES ('LAMP'), ('BULB')) AS new(sku)
RETURNING reconciliation_id AS key
"""
_ALERTS = """
INSERT INTO stock_alert (kind, subject, text, closed_at)
VALUES ('reorder', 'EAST:LAMP', 'Two are left.', NULL), ('feed_missed', 'shop', 'The feed is late.', now())
RETURNING id AS key
"""
_PROPOSALS = """
INSERT INTO purchase_proposal (warehouse, sku, quantity, needed_on, state, decided_by, decided_at, reason, erp_number)
VALUES ('EAST', 'LAMP', 10, '2026-12-01', 'ordered', 'ada', now(), 'Winter.', 'P1'),
  ('EAST', 'BULB', 10, NULL, 'proposed', NULL, NULL, NULL, NULL)
RETURNING id AS key
"""
_FEEDS = """
INSERT INTO feed_delivery (feed, due_at, rows, content_hash)
VALUES ('shop', '2026-01-01', 5, 'aa'), ('shop', '2026-01-02', 5, 'bb') RETURNING id AS key
"""
_CONVERSIONS = """
INSERT INTO conversion (inbox_id, source, file_name, sha256, size, outcome, read_as, reasons, invoice, provenance,
  supplier, number, issued_on, gross, currency, target, target_format, recipient, run_id, settled_at, settled_by,
  settled_reason)
SELECT min(id), 'invoice-folder/suppliers', 'a.pdf', 'aa', 9, 'released', 'review', '["Why."]', '{}', '{}',
  'DE123456789', '4711', '2026-01-02'::date, 119.00, 'EUR', 'invoice-folder/suppliers', 'ubl', '', 'run-1', now(),
  'ada', 'It is right.' FROM inbox
UNION ALL SELECT max(id), 'invoice-folder/suppliers', 'b.pdf', 'bb', 9, 'unreadable', 'unreadable', '[]', NULL, '{}',
  '', '', NULL, NULL, '', '', '', '', '', NULL, NULL, NULL FROM inbox
RETURNING id AS key
"""
_CONVERSION_CORRECTIONS = """
INSERT INTO conversion_correction (conversion_id, patch, money, reason, by, state, approved_by, approved_at)
SELECT id, '[]', true, 'As printed.', 'ada', state, who, at FROM (SELECT min(id) AS id FROM conversion) c,
  (VALUES ('approved', 'bob', now()), ('proposed', NULL, NULL)) AS new(state, who, at)
RETURNING id AS key
"""
_LAYOUTS = """
INSERT INTO supplier_layout (supplier, layout, version, hints, withdrawn, conversion_id, by, reason)
VALUES ('DE123456789', 'f00d', 1, '{}', false, 1, 'ada', 'confirmed'),
  ('DE123456789', 'f00d', 2, '{}', true, NULL, 'bob', 'A new layout.')
RETURNING id AS key
"""
_INTERCHANGES = """
INSERT INTO edi_interchange (direction, partner, source, sender, receiver, reference, number, test, messages,
  content_hash, inbox_id, answers, body, verdict, findings, partners_version, acknowledged, acknowledged_at, run_id)
VALUES ('in', 'acme', 'edi-folder/acme', '4012345000009', '4098765000004', '7', 7, false, 'ORDERS', 'aa', 1, NULL,
  NULL, 'accepted', '[]', 1, 'not_wanted', NULL, 'run-1'),
  ('out', 'acme', 'edi-folder/acme', '4098765000004', '4012345000009', 'A1', NULL, true, 'CONTRL', 'bb', NULL, 1,
  'UNB', 'sent', '["Late."]', 0, 'accepted', now(), '')
RETURNING id AS key
"""
_DELIVERIES_OF_PRODUCTS = """
INSERT INTO product_delivery (channel, source, products, matched, state, why, run_id, decided_by, decided_at, reason)
VALUES ('berlin', 'manufacturer-site/acme', 10, 9, 'stopped', 'Half of it is missing.', 'run-1', NULL, NULL, NULL),
  ('berlin', 'manufacturer-site/acme', 9, 9, 'released', '', 'run-1', 'ada', now(), 'They dropped it.')
RETURNING id AS key
"""
_SOURCE_PRODUCTS = """
INSERT INTO source_product (channel, source, key, state, sku, how, candidates, identity, sha256, read_by, run_id,
  decided_by, decided_at, reason)
VALUES ('berlin', 'manufacturer-site/acme', 'gtin:04006381333931', 'matched', 'LAMP', 'person', '["LAMP"]', '{}', 'aa',
  '1', 'run-1', 'ada', now(), 'Seen.'),
  ('berlin', 'manufacturer-site/acme', 'mpn:acme:7', 'unknown', '', '', '[]', '{}', 'bb', '1', '', NULL, NULL, NULL)
RETURNING id AS key
"""
_PRODUCT_CLAIMS = """
INSERT INTO product_claim (channel, sku, source, attribute, language, claim_hash, value, normalised, unit, source_kind,
  place, doubt, licence, confidence, sha256, fetched_at, gone_at, run_id)
VALUES ('berlin', 'LAMP', 'manufacturer-site/acme', 'weight', '', 'h1', '1,5 kg', '1500', 'g', 'page', '{}', '', '',
  0.9, 'aa', now(), NULL, 'run-1'),
  ('berlin', 'LAMP', 'manufacturer-site/acme', 'weight', '', 'h2', '2 kg', '2000', 'g', 'page', '{}', '', '',
  0.9, 'aa', now(), now(), 'run-1')
RETURNING channel || ':' || sku AS key
"""
_PRODUCT_VALUES = """
INSERT INTO product_value (channel, sku, attribute, language, value, unit, claim_id, losers, conflict, why,
  rules_version, pinned_by, shop_value, shop_by, shop_seen_at, run_id)
VALUES ('berlin', 'LAMP', 'weight', '', '1500', 'g', 1, '[]', true, 'Why.', 1, 'ada', '1400', 'person', now(), 'run-1'),
  ('berlin', 'LAMP', 'name', 'de', 'Lampe', '', NULL, '[]', false, '', 0, NULL, '', '', NULL, '')
RETURNING channel || ':' || sku AS key
"""
_PRODUCT_CHANGES = """
INSERT INTO product_change (channel, sku, attribute, language, old, new, unit, claim_id, why, rules_version, state,
  undoes, run_id, decided_by, decided_at, reason, settled_at)
VALUES ('berlin', 'LAMP', 'weight', '', '1400', '1500', 'g', 1, 'Why.', 1, 'applied', NULL, 'run-1', 'ada', now(),
  'Seen.', now()), ('berlin', 'LAMP', 'weight', '', '1500', '1400', 'g', NULL, '', 0, 'proposed', 1, '', NULL, NULL,
  NULL, NULL)
RETURNING id AS key
"""
_MATCHES = """
INSERT INTO invoice_match (invoice_id, version, line, system, order_line, purchase, receipt_line, receipt, quantity,
  unit, unit_price, order_price, deviation, tolerance, how, tolerances_version, run_id)
VALUES (1, 1, '1', 'tryton-erp/main', '17', 'PO-1', '18', 'R-1', 10, 'C62', 5.05, 5, 0.5, 'price-above', 'sku', 1, 'r'),
  (1, 1, '2', '', '', '', '', '', NULL, '', NULL, NULL, NULL, '', '', 0, '')
RETURNING invoice_id AS key
"""
_ORDER_ANSWERS = """
INSERT INTO edi_order_answer (inbox_id, interchange_id, fate, run_id) VALUES (1, 1, 'accepted', 'r'),
  (2, 1, 'rejected', '') RETURNING inbox_id AS key
"""
_MADE = (
    ("received_file", _FILES),
    ("file_record", _FILE_RECORDS),
    ("completeness_certificate", _CERTIFICATES),
    ("correction", _CORRECTIONS),
    ("backorder", _BACKORDERS),
    ("order_part", _PARTS),
    ("order_status_entry", _STATUSES),
    ("order_version", _VERSIONS),
    ("stock_event", _STOCK_EVENTS),
    ("listing", _LISTINGS),
    ("stock_import", _IMPORTS),
    ("reconciliation", _RECONCILIATIONS),
    ("stock_difference", _DIFFERENCES),
    ("stock_alert", _ALERTS),
    ("purchase_proposal", _PROPOSALS),
    ("feed_delivery", _FEEDS),
    ("conversion", _CONVERSIONS),
    ("conversion_correction", _CONVERSION_CORRECTIONS),
    ("supplier_layout", _LAYOUTS),
    ("edi_interchange", _INTERCHANGES),
    ("edi_order_answer", _ORDER_ANSWERS),
    ("invoice_match", _MATCHES),
    *audited_accounting.MADE,
    ("product_delivery", _DELIVERIES_OF_PRODUCTS),
    ("source_product", _SOURCE_PRODUCTS),
    ("product_claim", _PRODUCT_CLAIMS),
    ("product_value", _PRODUCT_VALUES),
    ("product_change", _PRODUCT_CHANGES),
    *audited_invoices.MADE,
)


def fill(database: Database) -> None:
    """Add rows to every such table; whatever column may be null is null in one row and not in another."""
    with database.audited(desk.ACTOR) as (connection, trail):
        for table, key in _rows(connection):
            trail.add(f"{table}.made", f"{table}/{key}", [(table, key)])
        _activate_rulebooks(connection, trail)


def _rows(connection: Connection) -> Iterator[tuple[str, object]]:
    for table, statement in _MADE:
        for row in connection.execute(statement).fetchall():
            yield table, row["key"]


def _activate_rulebooks(connection: Connection, trail: Trail) -> None:
    for content in ("a: 1", "a: 2"):
        rulebooks.activate(
            connection, trail, kind="order_rules", name="berlin", content=content, by="ada", reason="First rules."
        )
