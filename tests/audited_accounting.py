"""Rows for the audited tables that approved invoices fill."""

_BILLS = """
INSERT INTO erp_bill (invoice_id, system, reference, erp_id, number, state, total, rounding, paid_on, heard_at, run_id)
VALUES (901, 'tryton-erp/main', 'SOMS-bill-1', '7', '2026-7', 'paid', 119, 0.01, '2026-12-01', now(), 'run-1'),
  (902, 'tryton-erp/main', 'SOMS-bill-2', '8', '', 'draft', 11.9, 0, NULL, NULL, '')
RETURNING id AS key
"""
_POSTINGS = """
INSERT INTO accounting_posting (invoice_id, entry, account, contra_account, side, amount, currency, exchange_rate,
  tax_key, vat_category, vat_rate, number, supplier, supplier_vat_id, posted_on, supplied_on, due_on, said,
  plan_version, export_id, run_id)
VALUES (901, 1, '3200', '70001', 'S', 119, 'USD', 1.1, '9', 'S', 19, 'R-1', 'Hanse', 'DE123456789', '2026-11-20',
  '2026-11-19', '2026-12-20', 'Hanse', 1, 1, 'run-1'),
  (902, 1, '3200', '70001', 'H', 11.9, 'EUR', NULL, '', '', NULL, 'R-2', 'Hanse', '', '2026-11-20', NULL, NULL, '', 0,
  NULL, '')
RETURNING id AS key
"""
_EXPORTS = """
INSERT INTO accounting_export (first_day, last_day, postings, totals, datev, listed, content_hash, by, run_id)
VALUES ('2026-11-01', '2026-11-30', 1, '{}', 'EXTF', 'a;b', 'aa', 'ada', 'run-1'),
  ('2026-11-01', '2026-11-30', 0, '{"EUR": "0"}', 'EXTF;', '', 'bb', 'bob', '')
RETURNING id AS key
"""
_EVIDENCE = """
INSERT INTO invoice_evidence (invoice_id, kind, source, target, proof, run_id)
VALUES (901, 'approved', 'invoice_verdict/1', 'invoice_decision/1', '{}', 'run-1'),
  (901, 'posted', 'invoice_decision/1', 'accounting_posting/1', '{"a": 1}', '') RETURNING id AS key
"""
_RETENTION = """
INSERT INTO retention (record, kept_as, dated, ends_on, law, supplier_id, run_id)
VALUES ('inbox/1', 'voucher', '2018-05-10', '2026-12-31', 'AO', 1, 'run-1'),
  ('effect/1', 'letter', '2020-05-10', '2026-12-31', 'HGB', NULL, '') RETURNING id AS key
"""
_HOLDS = """
INSERT INTO legal_hold (scope, value, reason, placed_by, lifted_by, lifted_at, lifted_reason)
VALUES ('year', '2018', 'Tax audit.', 'ada', 'bob', now(), 'It ended.'),
  ('everything', '', 'A lawsuit.', 'ada', NULL, NULL, NULL)
RETURNING id AS key
"""
MADE = (
    ("erp_bill", _BILLS),
    ("accounting_posting", _POSTINGS),
    ("accounting_export", _EXPORTS),
    ("invoice_evidence", _EVIDENCE),
    ("retention", _RETENTION),
    ("legal_hold", _HOLDS),
)
