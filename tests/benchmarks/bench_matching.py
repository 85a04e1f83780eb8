"""How fast 10,000 invoices are held against 50,000 orders and what came of them, beside one plain join in the same run.

Each order has two lines and a receipt for each; each invoice bills one order by its number and articles, whole. One in
fifty is dearer than ordered, one in a hundred bills more than came, one in two hundred comes a second time, and one in
twenty names no order, so that it is found by its articles. Held is everything the flow does with them in one go:
suppliers, accounts, doubles, candidates, decisions, and the match kept with its audit events. The yardstick is one SQL
join of the billed lines, laid out as a table, with order lines and receipts that counts what deviates: it reads no
invoice, forgives no difference and writes nothing. Peak memory is that of this process, at a tenth and at all.

Run: ``make bench``, or ``python tests/benchmarks/bench_matching.py [INVOICES]``.
"""

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HOUSE))

from blocks.database.audit import Actor  # noqa: E402 - run as a script, the checkout must be found first
from blocks.database.engine import Database  # noqa: E402
from tasks.invoice_validation.holding import hold_against_supply  # noqa: E402
from tests import stack  # noqa: E402

ACTOR = Actor("bench", run_id="bench")
RESULT = HOUSE / "benchmarks" / "results" / "matching.json"
AT_ONCE = 1_000
"""Invoices held in one transaction, as the flow does it."""

FILL = (
    """
INSERT INTO supplier (key, name, erp_code, state) SELECT 'DE' || n, 'Supplier ' || n, 'S' || n, 'known'
FROM generate_series(0, 199) n
""",
    """
INSERT INTO supplier_account (supplier_id, iban, state, by, decided_by)
SELECT id, 'DE02' || id, 'confirmed', 'ada', 'bob' FROM supplier
""",
    """
INSERT INTO purchase_line (system, line, purchase, purchase_key, position, supplier, sku, sku_key, description,
  quantity, unit, unit_price, ordered_on, changed_at)
SELECT 'erp/main', (2 * n + p)::text, 'PO-' || n, 'PO' || n, p::text, 'S' || n %% 200, 'A' || (n * 7 + p) %% 3000,
  'A' || (n * 7 + p) %% 3000, 'Article', 10 + n %% 50, 'C62', 5 + (n + p) %% 90, date '2026-01-01' + n %% 300, now()
FROM generate_series(1, %(orders)s) n, generate_series(1, 2) p
""",
    """
INSERT INTO receipt_line (system, line, receipt, receipt_key, order_line, quantity, received_on, changed_at)
SELECT 'erp/main', line, 'R-' || line, 'R' || line, line, quantity, ordered_on + 7, now() FROM purchase_line
""",
    "INSERT INTO source_cursor (source, kind, position) VALUES ('erp/main', 'purchase_lines', now())",
    """
CREATE TABLE billed AS
SELECT n AS invoice, p.line, p.sku, p.position, p.purchase, p.supplier, p.unit_price AS ordered,
  CASE WHEN n %% 100 = 7 THEN p.quantity + 5 ELSE p.quantity END AS quantity,
  CASE WHEN n %% 50 = 3 THEN round(p.unit_price * 1.05, 2) ELSE p.unit_price END AS price
FROM generate_series(1, %(invoices)s) n
JOIN purchase_line p ON p.purchase = 'PO-' || (CASE WHEN n %% 200 = 150 THEN n - 1 ELSE n END) * %(step)s
""",
    """
INSERT INTO conversion (inbox_id, source, file_name, sha256, size, outcome, read_as, invoice, number)
SELECT invoice, 'bench', invoice || '.xml', '', 1, 'proven', 'proven', json_build_object(
  'number', 'RE-' || (invoice * 37) %% 1000003, 'issue_date', '2026-11-01', 'type_code', '380', 'currency', 'EUR',
  'purchase_order_reference', CASE WHEN invoice %% 20 = 5 THEN '' ELSE min(purchase) END,
  'totals', json_build_object('net', sum(round(quantity * price, 2))::text),
  'payment', json_build_object('means_code', '58', 'transfers', json_build_array(json_build_object('account',
    'DE02' || (SELECT id FROM supplier WHERE erp_code = min(billed.supplier))))),
  'lines', json_agg(json_build_object('id', position, 'quantity', quantity::text, 'unit', 'C62',
    'net', round(quantity * price, 2)::text, 'price', json_build_object('net', price::text),
    'item', json_build_object('name', 'Article', 'buyer_id', sku)) ORDER BY position))::text,
  'RE-' || (invoice * 37) %% 1000003
FROM billed GROUP BY invoice ORDER BY invoice
""",
    """
INSERT INTO received_invoice (conversion_id, source, supplier_id, number, type_code, issued_on, currency, gross,
  content_hash, received_at, decide_by)
SELECT c.id, 'bench', s.id, c.number, '380', '2026-11-01', 'EUR', b.net, md5(b.supplier || b.purchase || b.net),
  now(), '2026-11-30'
FROM conversion c JOIN (SELECT invoice, min(purchase) AS purchase, min(supplier) AS supplier,
  sum(round(quantity * price, 2)) AS net FROM billed GROUP BY 1) b ON b.invoice = c.inbox_id
JOIN supplier s ON s.erp_code = b.supplier ORDER BY c.id
""",
)
YARDSTICK = """
SELECT count(*) FILTER (WHERE b.price > p.unit_price * 1.01) AS dearer,
  count(*) FILTER (WHERE b.quantity > coalesce(r.quantity, 0)) AS beyond
FROM billed b JOIN purchase_line p ON p.purchase = b.purchase AND p.sku = b.sku AND p.supplier = b.supplier
LEFT JOIN (SELECT order_line, sum(quantity) AS quantity FROM receipt_line GROUP BY 1) r ON r.order_line = p.line
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds a piece of work takes, and what it returned."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def peak() -> float:
    """Return the most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def hold(database: Database, invoices: int) -> Counter[str]:
    """Hold all invoices against the supply; returns how often each rule found something."""
    rules: Counter[str] = Counter()
    for start in range(1, invoices + 1, AT_ONCE):
        with database.audited(ACTOR) as (connection, trail):
            found = hold_against_supply(connection, trail, range(start, min(start + AT_ONCE, invoices + 1)))
        rules.update(one.rule for findings in found.values() for one in findings)
        rules["clean"] += sum(not findings for findings in found.values())
    return rules


def measure(running: Any, template: str, invoices: int) -> dict[str, Any]:
    """Measure with so many invoices and five times as many orders; returns figures."""
    with stack.copy_of(running, template) as urls:
        owner, database = Database(urls.owner), Database(urls.app)
        with owner.connect(autocommit=True) as connection:
            for statement in FILL:
                connection.execute(statement, {"orders": invoices * 5, "invoices": invoices, "step": 5})
            connection.execute("ANALYZE")
            join = min(timed(lambda: connection.execute(YARDSTICK).fetchone())[0] for _ in range(2))
        cpu = time.process_time()
        seconds, rules = timed(lambda: hold(database, invoices))
        cpu = time.process_time() - cpu
        again, _ = timed(lambda: hold(database, invoices))
        with database.connect() as connection:
            row = connection.execute("SELECT count(*) AS rows, max(version) AS versions FROM invoice_match").fetchone()
    assert row is not None
    assert row["versions"] == 1, "Held again, nothing is written anew."
    return {
        "invoices": invoices,
        "orders": invoices * 5,
        "one plain join, seconds": round(join, 3),
        "held, seconds": round(seconds, 1),
        "of these our own CPU, seconds": round(cpu, 1),
        "held again, seconds": round(again, 1),
        "invoices a second": round(invoices / seconds),
        "times the join": round(seconds / join),
        "rows kept": row["rows"],
        "found": dict(rules.most_common()),
        "peak memory, MB": round(peak()),
    }


def main() -> None:
    """Measure at a tenth and at all, print and write the figures."""
    invoices = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with stack.open_folder() as folder, stack.cluster(folder) as running:
        template = stack.migrated_template(running)
        figures = [measure(running, template, size) for size in (invoices // 10, invoices)]
    print(json.dumps(figures, indent=1))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
