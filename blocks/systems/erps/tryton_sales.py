"""How a sale is written in Tryton's words and read back. Pure: documents in, values out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from blocks.documents.money import CENT
from blocks.documents.parties import Address
from blocks.documents.sales import Sale, SaleLine, SaleLineKind, SaleRequest
from blocks.errors import Refused
from blocks.systems.erps.discretion import blotted

CONFIRMED = frozenset({"confirmed", "processing", "done"})
"""States in which Tryton has taken the sale on; ``confirmed`` turns into ``processing`` by itself."""

SALE_FIELDS = ("reference", "number", "state", "total_amount")
ADDRESS_FIELDS = ("party", "party_name", "attn", "street", "postal_code", "city", "country")
PRODUCT_FIELDS = ("code", "salable", "sale_uom", "template.account_category.customer_taxes_used")

Thing = TypeVar("Thing")

_PRICE_STEP = Decimal("0.0001")
_HUNDRED = Decimal(100)
_PARTY_RECORD = re.compile(r'record ".*?" of "(Party[^"]*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Services:
    """Codes of the service articles that everything but goods is booked on."""

    shipping: str
    payment_fee: str
    discount: str
    rounding: str

    def code_of(self, line: SaleLine) -> str:
        """Return the code of the article a line is booked on."""
        if line.kind is SaleLineKind.GOODS:
            return line.sku
        return {
            SaleLineKind.SHIPPING: self.shipping,
            SaleLineKind.PAYMENT_FEE: self.payment_fee,
            SaleLineKind.DISCOUNT: self.discount,
        }[line.kind]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as far as a sale line needs it."""

    number: int
    unit: int
    salable: bool
    taxes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MasterData:
    """What Tryton knows under the codes a batch of requests uses; ids by code, taxes by rate in per cent."""

    services: Services
    products: Mapping[str, Product]
    taxes: Mapping[Decimal, tuple[int, ...]]
    warehouses: Mapping[str, int]
    currencies: Mapping[str, int]
    countries: Mapping[str, int]
    payment_term: int | None = None


def to_product(record: Mapping[str, Any]) -> Product:
    """Translate one product record read with ``PRODUCT_FIELDS``."""
    category = (record.get("template.") or {}).get("account_category.") or {}
    taxes = tuple(category.get("customer_taxes_used") or ())
    return Product(record["id"], record["sale_uom"], bool(record["salable"]), taxes)


def address_values(address: Address, countries: Mapping[str, int]) -> dict[str, Any]:
    """Return the values of an address; the name on it stands there, so that the party's own name doesn't matter.

    Raises:
        Refused: Tryton doesn't know the country.
    """
    person = f"{address.first_name} {address.last_name}".strip()
    if address.country is not None and address.country not in countries:
        raise Refused(f"Tryton does not know the country {address.country}: create it there and book again.")
    return {
        "party_name": address.company or person or None,
        "attn": person if address.company and person else None,
        "street": "\n".join(part for part in (address.street, address.street_extra) if part) or None,
        "postal_code": address.postal_code or None,
        "city": address.city or None,
        "country": countries[address.country] if address.country else None,
    }


def same_address(record: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Tell whether an address record says the same as the values; nothing and empty are the same."""
    return all((record.get(name) or None) == (value or None) for name, value in values.items())


def party_values(request: SaleRequest, addresses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values of a new party with its addresses and ways to reach it."""
    party = request.party
    values: dict[str, Any] = {"name": party.name or party.code, "code": party.code}
    values["addresses"] = [["create", [dict(address) for address in addresses]]]
    reach = [
        {"type": kind, "value": value} for kind, value in (("email", party.email), ("phone", party.phone)) if value
    ]
    if reach:
        values["contact_mechanisms"] = [["create", reach]]
    if party.vat_id:
        # Kept without a type, for nobody has verified it yet; Tryton would refuse the whole party for a wrong digit.
        values["identifiers"] = [["create", [{"code": party.vat_id}]]]
    return values


def sale_values(
    request: SaleRequest, master: MasterData, party: int, invoice_address: int, shipment_address: int
) -> dict[str, Any]:
    """Return the values of a draft sale.

    Raises:
        Refused: An article, tax rate, warehouse or currency isn't known, or not to be sold.
    """
    values: dict[str, Any] = {
        "party": party,
        "invoice_address": invoice_address,
        "shipment_address": shipment_address,
        "currency": _known(master.currencies, request.currency, "currency"),
        "warehouse": _known(master.warehouses, request.warehouse, "warehouse"),
        "reference": request.reference,
        "sale_date": request.sale_date,
        "comment": request.comment or None,
        "invoice_method": "manual",  # when it is due depends on the payment method: invoicing asks for it
        "shipment_method": "order",
        "lines": [["create", [line_values(line, master) for line in request.lines]]],
    }
    if master.payment_term is not None:
        values["payment_term"] = master.payment_term
    return values


def line_values(line: SaleLine, master: MasterData) -> dict[str, Any]:
    """Return the values of one sale line. Raises Refused as ``sale_values`` does."""
    code = master.services.code_of(line)
    product = _known(master.products, code, "article")
    if not product.salable:
        raise Refused(f"Article {code} is not for sale in Tryton: mark it as saleable there and book again.")
    return {
        "type": "line",
        "product": product.number,
        "unit": product.unit,
        "quantity": float(line.quantity),
        "unit_price": line.unit_net.quantize(_PRICE_STEP),
        "description": line.text or None,
        "taxes": [["add", _taxes(line, code, product, master)]],
    }


def rounding_values(sale: int, amount: Decimal, master: MasterData) -> dict[str, Any]:
    """Return the values of the line that declares a rounding difference, outside tax."""
    product = _known(master.products, master.services.rounding, "article")
    line = {"type": "line", "product": product.number, "unit": product.unit, "quantity": 1.0, "taxes": []}
    return {"sale": sale, "unit_price": amount, **line}


def check(request: SaleRequest, master: MasterData) -> None:
    """Raise Refused when the request can't be written for lack of master data, before anything is created."""
    sale_values(request, master, 0, 0, 0)
    _known(master.products, master.services.rounding, "article")
    for address in (request.invoice_address, request.shipment_address):
        address_values(address, master.countries)


def _taxes(line: SaleLine, code: str, product: Product, master: MasterData) -> list[int]:
    if line.tax_rate is None:
        return []
    of_rate = master.taxes.get(line.tax_rate.normalize(), ())
    chosen = [tax for tax in of_rate if tax in product.taxes] or list(of_rate)
    if len(chosen) == 1:
        return chosen
    many = f"{len(chosen)} sales taxes" if chosen else "no sales tax"
    raise Refused(
        f"Tryton has {many} of {line.tax_rate:f} % for article {code}: give its accounting category exactly one."
    )


def taxes_by_rate(records: Iterable[Mapping[str, Any]]) -> dict[Decimal, tuple[int, ...]]:
    """Return the ids of percentage taxes by their rate in per cent."""
    found: dict[Decimal, tuple[int, ...]] = {}
    for record in records:
        rate = (record["rate"] * _HUNDRED).normalize()
        found[rate] = (*found.get(rate, ()), record["id"])
    return found


def _known(things: Mapping[str, Thing], code: str, kind: str) -> Thing:
    if code not in things:
        raise Refused(f"Tryton does not know the {kind} {code}: create it there and book again.")
    return things[code]


def tolerance(request: SaleRequest) -> Decimal:
    """Return the largest rounding difference that may be declared: a cent per line, and two."""
    return CENT * (len(request.lines) + 2)


def to_sale(record: Mapping[str, Any], rounding: Decimal) -> Sale:
    """Translate one sale record read with ``SALE_FIELDS``."""
    return Sale(
        reference=record["reference"],
        external_id=str(record["id"]),
        number=record["number"] or "",
        state=record["state"],
        total=record["total_amount"],
        rounding=rounding,
    )


def without_personal_data(text: str, request: SaleRequest) -> str:
    """Return Tryton's words with everything personal in the request blotted out, and the names of party records."""
    return blotted(_PARTY_RECORD.sub(r'record "***" of "\1"', text), request)
