"""Reads from Postgres what a batch of invoices may be about, in a few statements for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_matches
from blocks.database import supply as mirror
from tasks.invoice_validation.billing import Billed, BilledLine, keys_of
from tasks.invoice_validation.likeness import Articles
from tasks.invoice_validation.prepayments import Prepayment
from tasks.invoice_validation.references import Found, Hit, Purchase, orders_named
from tasks.invoice_validation.supply_known import Claim, OrderLine, Receipt, Supply

if TYPE_CHECKING:
    from blocks.database.engine import Connection

Asked = tuple[int, str, Billed]
"""An invoice: its id, its supplier's code, what it bills."""


@dataclass(slots=True)
class Batch:
    """What a batch of invoices may be about: orders they name, by invoice; the supply; prepayments by order."""

    found: dict[int, Found] = field(default_factory=dict)
    supply: Supply = field(default_factory=Supply)
    prepayments: dict[Purchase, list[Prepayment]] = field(default_factory=dict)

    def others(self, supplier: str, billed: Billed) -> list[OrderLine]:
        """Return the supplier's lines that were searched for this invoice's articles, whatever order they are in."""
        keys = {key for line in billed.lines for key in line.article_keys}
        return self.supply.with_articles(supplier, ["", *sorted(keys)])


def read_batch(connection: "Connection", asked: Sequence[Asked]) -> Batch:
    """Return what invoices may be about: the orders they name, and where those lack a line, other orders with it."""
    batch = Batch()
    hits, purchases = _hits(connection, asked)
    for number, supplier, billed in asked:
        batch.found[number] = orders_named(billed, supplier, hits)
    named = {purchase for found in batch.found.values() for purchase in found.purchases}
    keys = [(system, order, key) for (system, order), key in purchases.items() if (system, order) in named]
    fresh = [batch.supply.add(_line(row)) for row in mirror.lines_of_purchases(connection, keys)]
    fresh += _search(connection, asked, batch)
    _fill(connection, batch.supply, fresh)
    touched = sorted({(line.system, line.order) for line in batch.supply.lines.values()})
    for row in invoice_matches.prepayments_of(connection, touched):
        net, gross = row["net"] or Decimal(0), row["gross"] or row["net"] or Decimal(0)
        one = Prepayment(row["invoice_id"], row["number"], net, gross)
        batch.prepayments.setdefault((row["system"], row["purchase"]), []).append(one)
    return batch


def _hits(
    connection: "Connection", asked: Sequence[Asked]
) -> tuple[dict[tuple[str, str], list[Hit]], dict[Purchase, str]]:
    """Return which orders carry the numbers that invoices name, and how each order's number is compared."""
    hits: dict[tuple[str, str], list[Hit]] = {}
    purchases: dict[Purchase, str] = {}
    keys = {key for _, _, billed in asked for key in keys_of(billed.references)}
    for row in mirror.orders_by_number(connection, keys):
        purchase = (row["system"], row["purchase"])
        purchases[purchase] = row["purchase_key"]
        hits.setdefault((row["term"], row["key"]), []).append(Hit(purchase, row["supplier"]))
    return hits, purchases


def _search(connection: "Connection", asked: Sequence[Asked], batch: Batch) -> list[OrderLine]:
    """Look for lines that are in none of the orders an invoice names, by article number or at last by words."""
    sought = [
        (supplier, line.article_keys)
        for number, supplier, billed in asked
        for line in _not_in(batch.supply.of(batch.found[number].purchases), billed)
    ]
    by_article = {(supplier, key) for supplier, keys in sought for key in keys}
    fresh = []
    for row in mirror.lines_with_articles(connection, by_article):
        found = batch.supply.add(_line(row))
        fresh.append(found)
        for key in {found.sku_key, found.supplier_sku_key, found.gtin_key} - {""}:
            batch.supply.by_article.setdefault((found.supplier, key), []).append(found)
    found_by = {(supplier, key) for supplier, key in by_article if batch.supply.by_article.get((supplier, key))}
    by_words = {supplier for supplier, keys in sought if not found_by & {(supplier, key) for key in keys}}
    for row in mirror.newest_lines(connection, by_words):
        found = batch.supply.add(_line(row))
        fresh.append(found)
        batch.supply.by_article.setdefault((found.supplier, ""), []).append(found)
    return fresh


def _not_in(orders: Sequence[OrderLine], billed: Billed) -> list[BilledLine]:
    """Return the lines that none of the orders has an article for."""
    articles = Articles(orders)
    return [line for line in billed.lines if not line.may_be_charge and line.net and not any(articles.fits(line))]


def _fill(connection: "Connection", supply: Supply, lines: Iterable[OrderLine]) -> None:
    """Read what came and what was billed of order lines."""
    keys = sorted({line.key for line in lines})
    for row in mirror.receipts_of(connection, keys):
        supply.lines[row["system"], row["order_line"]].receipts.append(
            Receipt(
                row["line"], row["receipt"], row["receipt_key"], row["note_key"], row["quantity"], row["received_on"]
            )
        )
    for row in invoice_matches.claims_on(connection, keys):
        claim = Claim(
            row["invoice_id"], row["number"], row["receipt_line"], row["quantity"], row["since"], row["settled"]
        )
        supply.claim((row["system"], row["order_line"]), claim)


def _line(row: Mapping[str, Any]) -> OrderLine:
    return OrderLine(
        system=row["system"],
        line=row["line"],
        order=row["purchase"],
        order_key=row["purchase_key"],
        reference_key=row["reference_key"],
        position=row["position"],
        supplier=row["supplier"],
        sku=row["sku"],
        sku_key=row["sku_key"],
        supplier_sku_key=row["supplier_sku_key"],
        gtin_key=row["gtin_key"],
        description=row["description"],
        kind=row["kind"],
        quantity=row["quantity"],
        unit=row["unit"],
        price=row["unit_price"],
        currency=row["currency"],
        ordered_on=row["ordered_on"],
        cancelled=row["cancelled"],
    )
