"""Fill a fresh Tryton database with the sandbox merchant. Runs inside Tryton's environment and knows nothing of SOMS.

Usage: ``python fixtures.py TRYTOND.CONF DATABASE CATALOGUE.JSON`` on a database whose modules are activated.
"""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from buying import freight, purchases, suppliers  # type: ignore[import-not-found] # a neighbour, found when run
from records import create, xml_id  # type: ignore[import-not-found] # as above
from trytond import config  # type: ignore[import-not-found] # lives in the ERP's own environment
from trytond.pool import Pool  # type: ignore[import-not-found] # as above
from trytond.transaction import Transaction, TransactionError  # type: ignore[import-not-found] # as above

COUNTRIES = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CH": "Switzerland", "CY": "Cyprus", "CZ": "Czechia",
    "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "United Kingdom", "GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IT": "Italy",
    "LI": "Liechtenstein", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "NL": "Netherlands",
    "NO": "Norway", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia",
    "SK": "Slovakia", "US": "United States",
}  # fmt: skip
EXPORT_NOTICE = "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)."
GROUPS = (
    ("sale", "group_sale"),
    ("stock", "group_stock"),
    ("account", "group_account"),
    ("purchase", "group_purchase"),
    ("purchase_request", "group_purchase_request"),
    ("purchase_requisition", "group_purchase_requisition"),
    ("purchase_requisition", "group_purchase_requisition_approval"),
)
BATCH = 20
"""SQLite's parser gives up on the uniqueness check of many products at once."""

HUNDRED, PRICE_STEP = Decimal(100), Decimal("0.0001")


def company() -> int:
    """Create the currencies, the countries and the company, and let the administrator work for it."""
    today = dt.date.today().replace(month=1, day=1)  # noqa: DTZ011 - Tryton's dates are the server's own
    euro, franc = create(
        "currency.currency",
        {"name": "Euro", "code": "EUR", "symbol": "€", "rates": [("create", [{"rate": Decimal(1), "date": today}])]},
        {
            "name": "Swiss franc",
            "code": "CHF",
            "symbol": "CHF",
            "rates": [("create", [{"rate": Decimal("0.95"), "date": today}])],
        },
    )
    del franc
    create("country.country", *({"code": code, "name": name} for code, name in COUNTRIES.items()))
    (germany,) = Pool().get("country.country").search([("code", "=", "DE")])
    address = {"street_name": "Speicherstraße", "building_number": "1", "postal_code": "10115", "city": "Berlin"}
    (party,) = create(
        "party.party",
        {
            "name": "SOMS Sandbox GmbH",
            "code": "SOMS",
            "addresses": [("create", [{**address, "country": germany.id}])],
        },
    )
    made: list[int] = create("company.company", {"party": party, "currency": euro, "timezone": "Europe/Berlin"})
    return made[0]


def chart(company_id: int) -> dict[str, int]:
    """Create the German universal chart of accounts; return the accounts the rest needs, by their use."""
    pool = Pool()
    wizard = pool.get("account.create_chart", type="wizard")
    wizard_id, _, _ = wizard.create()
    session = wizard(wizard_id)
    session.account.account_template = xml_id("account", "account_template_root_de")
    session.account.company = company_id
    session.transition_create_account()
    accounts = {}
    for use in ("receivable", "payable", "revenue", "expense"):
        of_parties = use in {"receivable", "payable"}
        domain = [(f"type.{use}", "=", True), ("closed", "!=", True), ("party_required", "=", of_parties)]
        accounts[use] = pool.get("account.account").search(domain, limit=1)[0].id
    (tax,) = pool.get("account.account").search([("code", "=", "2.2.3")], limit=1)
    accounts["tax"] = tax.id
    session.properties.company = company_id
    session.properties.account_receivable = accounts["receivable"]
    session.properties.account_payable = accounts["payable"]
    session.properties.category_account_expense = accounts["expense"]
    session.properties.category_account_revenue = accounts["revenue"]
    session.transition_create_properties()
    wizard.delete(wizard_id)
    return accounts


def fiscal_years(company_id: int) -> None:
    """Open the previous, the current and the next year with their monthly periods and number ranges."""
    pool = Pool()
    kinds = {kind.name: kind.id for kind in pool.get("ir.sequence.type").search([])}
    current = dt.date.today().year  # noqa: DTZ011 - as above
    for year in (current - 1, current, current + 1):
        moves, invoices = create(
            "ir.sequence.strict",
            {"name": f"Moves {year}", "sequence_type": kinds["Account Move"], "company": company_id},
            {
                "name": f"Invoices {year}",
                "sequence_type": kinds["Invoice"],
                "company": company_id,
                "prefix": f"{year}-",
            },
        )
        kinds_of_invoice = ("out_invoice", "out_credit_note", "in_invoice", "in_credit_note")
        numbers = {f"{kind}_sequence": invoices for kind in kinds_of_invoice}
        span = {"start_date": dt.date(year, 1, 1), "end_date": dt.date(year, 12, 31)}
        values = {"name": str(year), "company": company_id, "move_sequence": moves, **span}
        values["invoice_sequences"] = [("create", [{"company": company_id, **numbers}])]
        (made,) = create("account.fiscalyear", values)
        year_type = pool.get("account.fiscalyear")
        year_type.create_period([year_type(made)])


def taxes(accounts: dict[str, int], company_id: int) -> dict[tuple[str, int], int]:
    """Create 19 %, 7 % and 0 % for sales and purchases; keyed by kind and per cent."""
    made = {}
    for kind, label in (("sale", "USt."), ("purchase", "VSt.")):
        (group,) = create("account.tax.group", {"name": label, "code": label, "kind": kind})
        for percent in (19, 7, 0):
            values: dict[str, Any] = {
                "name": f"{label} {percent} %",
                "description": f"{label} {percent} %",
                "type": "percentage",
                "rate": Decimal(percent) / HUNDRED,
                "group": group,
                "company": company_id,
                "invoice_account": accounts["tax"],
                "credit_note_account": accounts["tax"],
            }
            if kind == "sale" and not percent:
                values["legal_notice"] = EXPORT_NOTICE
            (made[kind, percent],) = create("account.tax", values)
    return made


def categories(accounts: dict[str, int], tax_ids: dict[tuple[str, int], int]) -> dict[int | None, int]:
    """Create one accounting category per tax rate and one outside tax; keyed by per cent."""
    base = {"accounting": True, "account_expense": accounts["expense"], "account_revenue": accounts["revenue"]}
    made: dict[int | None, int] = {}
    for percent in (19, 7):
        (made[percent],) = create(
            "product.category",
            {
                **base,
                "name": f"{percent} %",
                "customer_taxes": [("add", [tax_ids["sale", percent]])],
                "supplier_taxes": [("add", [tax_ids["purchase", percent]])],
            },
        )
    (made[None],) = create("product.category", {**base, "name": "outside tax"})
    return made


def warehouses(wanted: dict[str, list[str]], company_id: int) -> dict[str, int]:
    """Create the warehouses with their storage locations; return the storage locations by code.

    The first location is where a warehouse ships from, the others lie beneath it: demand is planned on the first.
    """
    pool = Pool()
    location = pool.get("stock.location")
    lost = xml_id("stock", "location_lost_found")
    storage: dict[str, int] = {}
    for code, codes in wanted.items():
        names = {"input": f"{code}-IN", "output": f"{code}-OUT", "storage": codes[0]}
        zones = create("stock.location", *({"name": name, "code": name, "type": "storage"} for name in names.values()))
        links = {f"{use}_location": zone for use, zone in zip(names, zones, strict=True)}
        (house,) = create(
            "stock.location",
            {"name": code, "code": code, "type": "warehouse", "lost_found_location": lost, **links},
        )
        location.write(location.browse(zones), {"parent": house})
        storage[codes[0]] = zones[2]
        for place in codes[1:]:
            (storage[place],) = create(
                "stock.location", {"name": place, "code": place, "type": "storage", "parent": zones[2]}
            )
    location.write([location(xml_id("stock", "location_warehouse"))], {"active": False})
    del company_id
    return storage


def _template(code: str, items: list[dict[str, Any]], category: int, unit: int) -> dict[str, Any]:
    first = items[0]
    rate = 1 + Decimal(first["tax_rate"]) / HUNDRED
    variants = []
    for item in items:
        net = (Decimal(item["price"]) / rate).quantize(PRICE_STEP)
        variant: dict[str, Any] = {"suffix_code": item["sku"].removeprefix(code), "list_price": net}
        variant["cost_price"] = (net * Decimal("0.6")).quantize(PRICE_STEP)
        if item["gtin"]:
            variant["identifiers"] = [("create", [{"type": "ean", "code": item["gtin"]}])]
        variants.append(variant)
    return {
        "name": first["name"],
        "code": code,
        "type": "goods" if first["managed"] else "service",
        "default_uom": unit,
        "salable": True,
        "sale_uom": unit,
        "purchasable": first["managed"],
        "purchase_uom": unit if first["managed"] else None,
        "account_category": category,
        "list_price": variants[0]["list_price"],
        "products": [("create", variants)],
    }


def articles(items: list[dict[str, Any]], services: dict[str, str], by_rate: dict[int | None, int]) -> dict[str, int]:
    """Create every article with its code, variants under one template; return the product ids by code."""
    unit = xml_id("product", "uom_unit")
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        groups.setdefault(item["parent"] or item["sku"], []).append(item)
    values = [_template(code, some, by_rate[int(Decimal(some[0]["tax_rate"]))], unit) for code, some in groups.items()]
    for code, name in services.items():
        service = {"sku": code, "name": name, "price": "0", "tax_rate": "19", "gtin": "", "managed": False}
        values.append(_template(code, [service], by_rate[None if code == "ROUNDING" else 19], unit))
    for start in range(0, len(values), BATCH):
        create("product.template", *values[start : start + BATCH])
    return {product.code: product.id for product in Pool().get("product.product").search([])}


def stock(items: list[dict[str, Any]], products: dict[str, int], places: dict[str, int], company_id: int) -> None:
    """Book the opening stock: one done inventory per storage location."""
    inventory = Pool().get("stock.inventory")
    made = []
    for code, place in places.items():
        lines = [
            {"product": products[item["sku"]], "quantity": float(item["stock"][code])}
            for item in items
            if item["stock"].get(code)
        ]
        (number,) = create("stock.inventory", {"location": place, "company": company_id, "lines": [("create", lines)]})
        made.append(number)
    inventory.confirm(inventory.browse(made))


def payment_term() -> None:
    """Create 'payable at once' and make it what customers get unless told otherwise."""
    (term,) = create(
        "account.invoice.payment_term",
        {"name": "Payable at once", "lines": [("create", [{"type": "remainder"}])]},
    )
    configuration = Pool().get("account.configuration")(1)
    configuration.default_customer_payment_term = term
    configuration.save()


def user(login: str, password: str, company_id: int) -> None:
    """Create the user SOMS logs in as, with just the groups that selling, buying and looking at stock need.

    What is to be bought is asked for by an employee: the user is one.
    """
    (english,) = Pool().get("ir.lang").search([("code", "=", "en")])
    (party,) = create("party.party", {"code": "SOMS-USER", "name": "SOMS"})
    (employee,) = create("company.employee", {"party": party, "company": company_id})
    create(
        "res.user",
        {
            "name": "SOMS",
            "login": login,
            "password": password,
            "language": english.id,
            "companies": [("add", [company_id])],
            "company": company_id,
            "employees": [("add", [employee])],
            "employee": employee,
            "groups": [("add", [xml_id(module, name) for module, name in GROUPS])],
        },
    )


def fill(data: dict[str, Any]) -> None:
    """Create the whole merchant in the running transaction."""
    users = Pool().get("res.user")
    company_id = company()
    admin = users(Transaction().user)
    users.write([admin], {"companies": [("add", [company_id])], "company": company_id})
    with Transaction().set_context(users.get_preferences(context_only=True), company=company_id):
        accounts = chart(company_id)
        fiscal_years(company_id)
        by_rate = categories(accounts, taxes(accounts, company_id))
        payment_term()
        places = warehouses(data["warehouses"], company_id)
        products = articles(data["items"], data["services"], by_rate)
        # Before the opening stock is counted, so that what was bought is in it.
        purchases(data["purchases"], suppliers(data["suppliers"]), products | freight(by_rate[19]))
        stock(data["items"], products, places, company_id)
        user(data["user"], data["password"], company_id)


def main(configuration: str, database: str, catalogue: str) -> None:
    """Fill the database in one transaction: a killed run leaves nothing behind."""
    config.update_etc(configuration)
    pool = Pool(database)
    with Transaction().start(database, 0, readonly=True):
        pool.init()
    data = json.loads(Path(catalogue).read_text(encoding="utf-8"))
    locks: dict[str, Any] = {}
    while True:
        with Transaction().start(database, 0, **locks) as transaction:
            try:
                (admin,) = pool.get("res.user").search([("login", "=", "admin")])
                with transaction.set_user(admin.id):
                    fill(data)
            except TransactionError as wanted:  # Tryton asks to start again with a table locked from the beginning
                transaction.rollback()
                wanted.fix(locks)
                continue
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
