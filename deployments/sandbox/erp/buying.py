"""Suppliers with their accounts, what was ordered of them and what came. Runs inside Tryton's environment."""

import datetime as dt
from decimal import Decimal
from typing import Any

from records import create, xml_id  # type: ignore[import-not-found] # a neighbour, found when the fixtures are run
from trytond.pool import Pool  # type: ignore[import-not-found] # lives in the ERP's own environment


def suppliers(wanted: dict[str, dict[str, str]]) -> dict[str, int]:
    """Create the parties that goods are bought from, each with its address, tax numbers and account; ids by code."""
    countries = {country.code: country.id for country in Pool().get("country.country").search([])}
    return {code: _supplier(code, about, countries) for code, about in wanted.items()}


def _supplier(code: str, about: dict[str, str], countries: dict[str, int]) -> int:
    address = {name: about[name] for name in ("street_name", "building_number", "postal_code", "city")}
    values: dict[str, Any] = {
        "code": code,
        "name": about["name"],
        "addresses": [("create", [{**address, "country": countries[about["country"]]}])],
        "contact_mechanisms": [("create", [{"type": "email", "value": about["mail"]}])],
    }
    if about["vat_id"]:
        values["identifiers"] = [("create", [{"type": "eu_vat", "code": about["vat_id"]}])]
    party: int = create("party.party", values)[0]
    (bank_party,) = create("party.party", {"code": f"BANK-{code}", "name": about["bank"]})
    (bank,) = create("bank", {"party": bank_party})
    number = {"type": "iban", "number": about["iban"]}
    create("bank.account", {"bank": bank, "owners": [("add", [party])], "numbers": [("create", [number])]})
    return party


def freight(category: int) -> dict[str, int]:
    """Create the service that carriage of what is bought is ordered as; its id by code."""
    unit = xml_id("product", "uom_unit")
    values = {
        "name": "Freight", "code": "FREIGHT", "type": "service", "default_uom": unit, "purchasable": True,
        "purchase_uom": unit, "account_category": category, "products": [("create", [{}])],
    }  # fmt: skip
    (template,) = create("product.template", values)
    return {"FREIGHT": Pool().get("product.template")(template).products[0].id}


def purchases(wanted: list[dict[str, Any]], parties: dict[str, int], products: dict[str, int]) -> None:
    """Order what is wanted, take in what came, and send back what went back; quantities by article."""
    for order in wanted:
        ordered_on = _today() - dt.timedelta(days=order["days_ago"])
        bought = _confirmed(order, order["lines"], parties, products, ordered_on)
        for days, came in enumerate(order["receipts"], start=2):
            _take_in(bought, came, ordered_on + dt.timedelta(days=days))
        if order["returned"]:
            back = [
                {**line, "quantity": -order["returned"][line["sku"]]}
                for line in order["lines"]
                if line["sku"] in order["returned"]
            ]
            _send_back(_confirmed(order, back, parties, products, ordered_on + dt.timedelta(days=5)))


def _today() -> dt.date:
    return dt.date.today()  # noqa: DTZ011 - Tryton's dates are the server's own


def _confirmed(
    order: dict[str, Any],
    lines: list[dict[str, Any]],
    parties: dict[str, int],
    products: dict[str, int],
    ordered_on: dt.date,
) -> Any:
    party = Pool().get("party.party")(parties[order["supplier"]])
    articles = Pool().get("product.product").browse([products[line["sku"]] for line in lines])
    (warehouse,) = Pool().get("stock.location").search([("code", "=", order["warehouse"]), ("type", "=", "warehouse")])
    values = {
        "party": party.id,
        "invoice_address": party.addresses[0].id,
        "warehouse": warehouse.id,
        "currency": _euro(),
        "reference": order["reference"],
        "purchase_date": ordered_on,
        "invoice_method": order["invoice_method"],
        "lines": [
            (
                "create",
                [
                    {
                        "type": "line",
                        "product": article.id,
                        "unit": article.default_uom.id,
                        "quantity": float(line["quantity"]),
                        "unit_price": Decimal(line["price"]),
                        "taxes": [("add", [tax.id for tax in article.supplier_taxes_used])],
                    }
                    for line, article in zip(lines, articles, strict=True)
                ],
            )
        ],
    }
    kind = Pool().get("purchase.purchase")
    (number,) = create("purchase.purchase", values)
    for button in (kind.quote, kind.confirm, kind.process):
        button([kind(number)])
    return kind(number)


def _euro() -> int:
    found: int = Pool().get("currency.currency").search([("code", "=", "EUR")])[0].id
    return found


def _take_in(bought: Any, came: dict[str, int], on: dt.date) -> None:
    """Take in some pieces of each article; Tryton keeps a move for the rest."""
    moves, shipment = Pool().get("stock.move"), Pool().get("stock.shipment.in")
    open_moves = [move for line in bought.lines for move in line.moves if move.state == "draft" and not move.shipment]
    taken = [move for move in open_moves if came.get(move.product.code)]
    house = bought.warehouse
    (number,) = create(
        "stock.shipment.in",
        {
            "supplier": bought.party.id,
            "warehouse": house.id,
            "warehouse_input": house.input_location.id,
            "warehouse_storage": house.storage_location.id,
            "effective_date": on,
            "incoming_moves": [("add", [move.id for move in taken])],
        },
    )
    for move in taken:
        moves.write([move], {"quantity": float(came[move.product.code])})
    shipment.receive([shipment(number)])
    shipment.do([shipment(number)])
    kind = Pool().get("purchase.purchase")
    kind.process([kind(bought.id)])


def _send_back(returned: Any) -> None:
    shipment = Pool().get("stock.shipment.in.return")
    going = list(returned.shipment_returns)
    shipment.assign_force(going)
    shipment.do(going)
    kind = Pool().get("purchase.purchase")
    kind.process([kind(returned.id)])
