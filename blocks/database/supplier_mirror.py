"""Suppliers as an ERP knows them: noted as known, with the accounts it pays to.

The accounts an ERP has when a supplier is first heard of there are believed: people entered them under its controls.
One that comes later is a change of account like any other: it is proposed, and two persons confirm it here.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from blocks.database.supplier_accounts import ERP
from blocks.documents.invoice_figures import account, kept, supplier_key

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.supply import SupplierParty

_ARRIVING = "key text, name text, code text, mail text"
_SUPPLIERS = """
INSERT INTO supplier AS held (key, name, erp_code, answer_to, state, run_id)
SELECT DISTINCT ON (key) key, name, code, mail, 'known', %s FROM arriving_supplier ORDER BY key, code
ON CONFLICT ON CONSTRAINT supplier_once DO UPDATE SET erp_code = excluded.erp_code,
  answer_to = CASE WHEN held.answer_to = '' THEN excluded.answer_to ELSE held.answer_to END,
  state = CASE WHEN held.state = 'new' THEN 'known' ELSE held.state END
WHERE held.erp_code <> excluded.erp_code OR held.state = 'new' OR (held.answer_to = '' AND excluded.answer_to <> '')
RETURNING id
"""
_ACCOUNTS = """
INSERT INTO supplier_account (supplier_id, iban, state, by, decided_by, decided_at, reason, run_id)
SELECT s.id, a.iban, CASE WHEN f.first THEN 'confirmed' ELSE 'proposed' END, %(by)s,
  CASE WHEN f.first THEN %(system)s END, CASE WHEN f.first THEN now() END, %(reason)s, %(run)s
FROM (SELECT DISTINCT key, iban FROM unnest(%(keys)s::text[], %(ibans)s::text[]) AS said(key, iban)) a
JOIN supplier s ON s.key = a.key
CROSS JOIN LATERAL (SELECT NOT EXISTS (
  SELECT FROM supplier_account x WHERE x.supplier_id = s.id AND x.state <> 'proposed') AS first) f
ON CONFLICT ON CONSTRAINT supplier_account_once DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by,
  decided_at = excluded.decided_at, reason = excluded.reason
WHERE supplier_account.state = 'proposed' AND excluded.state = 'confirmed'
  AND supplier_account.by IS DISTINCT FROM excluded.decided_by
RETURNING id, supplier_id
"""


def keep(connection: "Connection", trail: "Trail", parties: Sequence["SupplierParty"], *, system: str) -> int:
    """Note suppliers and their accounts; returns how many suppliers were new or had changed. Two at once note once."""
    named = [(key, party) for party in parties for key in _keys(party)]
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('supplier mirror', 7))")
    connection.execute("DROP TABLE IF EXISTS pg_temp.arriving_supplier")
    connection.execute(f"CREATE TEMP TABLE arriving_supplier ({_ARRIVING}) ON COMMIT DROP")
    with connection.cursor().copy("COPY arriving_supplier (key, name, code, mail) FROM STDIN") as copy:
        for key, party in named:
            copy.write_row((key, kept(party.name)[:200], kept(party.code), kept(party.mail)))
    rows = connection.execute(_SUPPLIERS, (trail.actor.run_id,)).fetchall()
    for row in rows:
        trail.add("supplier.learnt", f"supplier/{row['id']}", [("supplier", row["id"])], {"system": system})
    _keep_accounts(connection, trail, named, system=system)
    return len(rows)


def _keys(party: "SupplierParty") -> Iterator[str]:
    """Yield what a supplier's invoices may be known by: each VAT id, else each tax number, else its code."""
    yield from dict.fromkeys(
        filter(
            None,
            [supplier_key(vat_id=one) for one in party.vat_ids]
            or [supplier_key(tax_number=one) for one in party.tax_numbers]
            or [supplier_key(erp_code=party.code)],
        )
    )


def _keep_accounts(
    connection: "Connection", trail: "Trail", named: Sequence[tuple[str, "SupplierParty"]], *, system: str
) -> None:
    several = [(key, account(iban)) for key, party in named for iban in party.ibans if account(iban)]
    if not several:
        return
    values = {"keys": [key for key, _ in several], "ibans": [iban for _, iban in several]}
    about = {"by": ERP, "system": system, "reason": "The ERP pays to it.", "run": trail.actor.run_id}
    for row in connection.execute(_ACCOUNTS, {**values, **about}).fetchall():
        trail.add("supplier.account_learnt", f"supplier/{row['supplier_id']}", [("supplier_account", row["id"])])
