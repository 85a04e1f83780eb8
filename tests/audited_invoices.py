"""Rows of received invoices and what belongs to them: one that says everything, one that says as little as it may."""

_SUPPLIERS = """
INSERT INTO supplier (key, name, erp_code, small_business, turnover_above_limit, domestic, answer_to, state, noted_by,
  noted_at, run_id)
VALUES ('DE123456789', 'Leuchtenwerk', '17', false, true, true, 'a@example.com', 'known', 'ada', now(), 'run-1'),
  ('name:acme', 'Acme', '', NULL, NULL, NULL, '', 'new', NULL, NULL, '')
RETURNING id AS key
"""
_ACCOUNTS = """
INSERT INTO supplier_account (supplier_id, iban, state, by, decided_by, decided_at, reason, run_id)
SELECT min(id), new.iban, new.state, 'ada', who, at, 'By phone.', 'run-1' FROM supplier,
  (VALUES ('DE89370400440532013000', 'confirmed', 'bob', now()), ('DE02120300000000202051', 'proposed', NULL, NULL))
  AS new(iban, state, who, at) GROUP BY 2, 3, 5, 6 RETURNING id AS key
"""
_INVOICES = """
INSERT INTO received_invoice (conversion_id, source, supplier_id, number, type_code, issued_on, due_on, currency, net,
  vat, gross, payable, iban, content_hash, facts_hash, erp, answers, state, verdict_version, received_at, decide_by,
  asked_at, settled_at, settled_by, settled_reason, run_id)
SELECT min(c.id), 'invoice-folder/suppliers', min(s.id), '4711', '380', '2026-01-02'::date, '2026-02-02'::date, 'EUR',
  100, 19, 119, 119, 'DE89370400440532013000', 'aa', 'bb', 'tryton-erp/main', 'smtp-mailbox/orders', 'approved', 1,
  now(), '2026-01-10'::date, now(), now(), 'ada', 'It is right.', 'run-1' FROM conversion c, supplier s
UNION ALL SELECT max(id), 'invoice-folder/suppliers', NULL, '', '', NULL, NULL, '', NULL, NULL, NULL, NULL, '', '', '',
  '', '', 'waiting', 0, now(), '2026-01-10'::date, NULL, NULL, NULL, NULL, '' FROM conversion
RETURNING id AS key
"""
_VERDICTS = """
INSERT INTO invoice_verdict (invoice_id, version, verdict, format, business_rules, content, supply, input_tax,
  is_e_invoice, fatal, facts_hash, view_hash, run_id)
SELECT min(id), version, '{}', 'passed', 'passed', 'passed', 'passed', 'unaffected', e_invoice, 0, 'aa', 'bb', 'run-1'
FROM received_invoice, (VALUES (1, true), (2, NULL)) AS new(version, e_invoice) GROUP BY 2, 9 RETURNING id AS key
"""
_DECISIONS = """
INSERT INTO invoice_decision (invoice_id, action, by, reason, verdict_version, view_hash, final, first_by, limits,
  run_id)
SELECT min(id), 'approve', who, 'Seen.', 1, 'bb', first IS NOT NULL, first, 'version 1', 'run-1' FROM received_invoice,
  (VALUES ('ada', NULL), ('bob', 'ada')) AS new(who, first) GROUP BY 3, 7, 8 RETURNING id AS key
"""
MADE = (
    ("supplier", _SUPPLIERS),
    ("supplier_account", _ACCOUNTS),
    ("received_invoice", _INVOICES),
    ("invoice_verdict", _VERDICTS),
    ("invoice_decision", _DECISIONS),
)
