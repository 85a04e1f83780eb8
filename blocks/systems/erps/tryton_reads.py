"""What booking reads from Tryton first: the sales already there, and the master data it needs."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from blocks.documents.sales import Sale, SaleRequest
from blocks.errors import Refused
from blocks.systems.erps.tryton_rpc import TrytonRpc
from blocks.systems.erps.tryton_sales import (
    PRODUCT_FIELDS,
    SALE_FIELDS,
    MasterData,
    Services,
    taxes_by_rate,
    to_product,
    to_sale,
)


def find_sales(tryton: TrytonRpc, services: Services, references: Sequence[str]) -> dict[str, list[Sale]]:
    """Return every sale with one of these references, with the rounding declared in it."""
    if not references:
        return {}
    wanted = list(references)
    records = [r for page in tryton.read_all("sale.sale", [["reference", "in", wanted]], SALE_FIELDS) for r in page]
    if not records:
        return {}
    domain = [["sale", "in", [record["id"] for record in records]], ["product.code", "=", services.rounding]]
    rounding: dict[int, Decimal] = {}
    for page in tryton.read_all("sale.line", domain, ["sale", "amount"]):
        for line in page:
            rounding[line["sale"]] = rounding.get(line["sale"], Decimal(0)) + line["amount"]
    found: dict[str, list[Sale]] = {}
    for record in records:
        found.setdefault(record["reference"], []).append(to_sale(record, rounding.get(record["id"], Decimal(0))))
    return found


def read_master_data(
    tryton: TrytonRpc, services: Services, payment_term: str, requests: Sequence[SaleRequest]
) -> MasterData:
    """Return what Tryton knows under the codes these requests use: one call per kind."""
    codes = {services.code_of(line) for request in requests for line in request.lines} | {services.rounding}
    addresses = [a for request in requests for a in (request.invoice_address, request.shipment_address)]

    def by_code(model: str, wanted: Iterable[str | None], *more: Any) -> dict[str, int]:
        domain = [["code", "in", sorted({code for code in wanted if code})], *more]
        return {record["code"]: record["id"] for record in tryton.search_read(model, domain, ["code"])}

    products: dict[str, Any] = {}
    for page in tryton.read_all("product.product", [["code", "in", sorted(codes)]], PRODUCT_FIELDS):
        products |= {record["code"]: to_product(record) for record in page}
    taxes = tryton.search_read(
        "account.tax", [["type", "=", "percentage"], ["group.kind", "in", ["sale", "both"]]], ["rate"]
    )
    term = None
    if payment_term:
        terms = tryton.search_read("account.invoice.payment_term", [["name", "=", payment_term]], ["name"])
        if not terms:
            raise Refused(f"Tryton does not know the payment term '{payment_term}': correct it in the settings.")
        term = terms[0]["id"]
    return MasterData(
        services=services,
        products=products,
        taxes=taxes_by_rate(taxes),
        warehouses=by_code("stock.location", [r.warehouse for r in requests], ["type", "=", "warehouse"]),
        currencies=by_code("currency.currency", [r.currency for r in requests]),
        countries=by_code("country.country", [address.country for address in addresses]),
        payment_term=term,
    )
