"""What a supplier's invoice is in Tryton's words: parties, articles, accounts and taxes under the names SOMS knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blocks.documents.bills import BillLine, BillRequest
from blocks.errors import Refused
from blocks.systems.erps.tryton_rpc import TrytonRpc, rows

TaxNames = Mapping[str, str]
"""Tryton's name of a tax by VAT category and rate, e.g. 'AE:19' → 'VSt. § 13b 19 %'."""

ROUNDING = "SOMS: rounding"
"""The note by which the line that declares rounding is known again."""

_ACCOUNTS = ("template.account_category.account_expense",)
_PRICE_STEP, _CENT, _HUNDRED = Decimal("0.0001"), Decimal("0.01"), Decimal(100)
_NO_TAX = frozenset({"", "E", "O", "Z", "G"})
"""Categories (UNTDID 5305) of which nothing is due, neither from the supplier nor from the recipient."""


@dataclass(frozen=True, slots=True)
class KnownForBills:
    """What Tryton knows under the codes, numbers and rates that bills use."""

    parties: Mapping[str, Mapping[str, Any]]
    addresses: Mapping[int, int]
    order_lines: Mapping[str, Mapping[str, Any]]
    expense_accounts: Mapping[int, int | None]
    currencies: Mapping[str, int]
    taxes: Sequence[Mapping[str, Any]]
    journal: int | None
    usual_account: int | None

    @classmethod
    def read(cls, tryton: TrytonRpc, requests: Sequence[BillRequest], account: str = "") -> "KnownForBills":
        """Read what is needed, one call per kind; ``account`` is the code of the one for lines without an article."""
        codes = sorted({request.supplier for request in requests})
        fields = ["code", "account_payable"]
        parties = {row["code"]: row for row in tryton.search_read("party.party", [["code", "in", codes]], fields)}
        owners = [["party", "in", [row["id"] for row in parties.values()]]]
        addresses: dict[int, int] = {}
        for row in tryton.search_read("party.address", owners, ["party"]):
            addresses.setdefault(row["party"], row["id"])
        numbers = {int(line.order_line) for r in requests for line in r.lines if line.order_line.isdecimal()}
        fields = ["product", "unit", "purchase.party"]
        lines = {str(row["id"]): row for row in rows(tryton, "purchase.line", numbers, fields)}
        products = {row["product"] for row in lines.values() if row["product"]}
        articles = rows(tryton, "product.product", products, _ACCOUNTS)
        payable, usual = _usual_accounts(tryton, account)
        taxes = tryton.search_read(
            "account.tax", [["parent", "=", None]], ["name", "description", "rate", "type", "group.kind"]
        )
        journals = tryton.search_read("account.journal", [["type", "=", "expense"]], ["type"])
        return cls(
            parties={code: {**row, "account": row["account_payable"] or payable} for code, row in parties.items()},
            addresses=addresses,
            order_lines=lines,
            expense_accounts={row["id"]: _expense_account(row) for row in articles},
            currencies={row["code"]: row["id"] for row in tryton.search_read("currency.currency", [], ["code"])},
            taxes=taxes,
            journal=journals[0]["id"] if journals else None,
            usual_account=usual,
        )

    def tax(self, category: str, rate: Decimal, names: TaxNames) -> int | None:
        """Return Tryton's tax for a VAT category and rate; None where no tax is due.

        Raises:
            Refused: Tryton has none, or several, and the connection names none of them.
        """
        key = f"{category}:{rate.normalize():f}"
        if key not in names and (category in _NO_TAX or not rate):
            return None
        if key in names:
            found = [tax for tax in self.taxes if names[key] in {tax["name"], tax["description"]}]
        elif category == "S":
            found = [tax for tax in self.taxes if _deducts(tax) and tax["rate"] == rate / _HUNDRED]
        else:
            found = []
        if len(found) != 1:
            raise Refused(
                f"Tryton has {len(found) or 'no'} tax that fits VAT category {category} at {rate.normalize():f} %: name"
                f" the right one under '{key}' in the setting 'taxes' of this connection"
            )
        return int(found[0]["id"])


def _deducts(tax: Mapping[str, Any]) -> bool:
    group = tax.get("group.") or {}
    return tax["type"] == "percentage" and group.get("kind") in {"purchase", "both"}


def _expense_account(article: Mapping[str, Any]) -> int | None:
    template = article["template."] or {}
    category = template.get("account_category.") or {}
    return category.get("account_expense") or None


def _usual_accounts(tryton: TrytonRpc, code: str) -> tuple[int | None, int | None]:
    """Return what is owed on, and what lines without an article are booked on, unless something else is said."""
    single, names = 1, ("default_account_payable", "default_category_account_expense")
    (settings,) = tryton.model("account.configuration", "read", [single], list(names))
    payable, expense = (settings[name] for name in names)
    if code:
        found = tryton.search_read("account.account", [["code", "=", code]], ["code"])
        if len(found) != 1:
            raise Refused(f"Tryton has {len(found) or 'no'} account with the code {code}: correct the setting")
        expense = found[0]["id"]
    return payable, expense


def values(request: BillRequest, known: KnownForBills, names: TaxNames) -> dict[str, Any]:
    """Return the values of a draft supplier invoice.

    Raises:
        Refused: Tryton does not know the supplier, its order line, the currency, a tax or an account.
    """
    party = known.parties.get(request.supplier)
    if party is None:
        raise Refused(f"Tryton does not know the supplier {request.supplier}: create the party there and try again")
    if party["id"] not in known.addresses:
        raise Refused(f"supplier {request.supplier} has no address in Tryton: add one and try again")
    if not party["account"]:
        raise Refused(f"supplier {request.supplier} has no account payable in Tryton: set one and try again")
    if request.currency not in known.currencies:
        raise Refused(f"Tryton does not know the currency {request.currency}: create it there and try again")
    return {
        "type": "in",
        "description": request.reference,
        "reference": request.number,
        "party": party["id"],
        "invoice_address": known.addresses[party["id"]],
        "account": party["account"],
        "journal": known.journal,
        "currency": known.currencies[request.currency],
        "invoice_date": request.issued_on,
        # Without terms of its own Tryton has everything fall due on this day.
        "payment_term_date": request.due_on,
        "payment_term": None,
        "lines": [["create", [_line(line, request, party, known, names) for line in request.lines]]],
    }


def _line(
    line: BillLine, request: BillRequest, party: Mapping[str, Any], known: KnownForBills, names: TaxNames
) -> dict[str, Any]:
    tax = known.tax(line.vat_category, line.vat_rate, names)
    made = {
        "type": "line",
        "invoice_type": "in",
        "party": party["id"],
        "currency": known.currencies[request.currency],
        "description": line.description,
        "taxes": [["add", [tax]]] if tax else [],
    }
    quantity, price = _quantity_and_price(line)
    if not line.order_line:
        return {**made, "quantity": quantity, "unit_price": price, "account": _usual(known)}
    ordered = known.order_lines.get(line.order_line)
    if ordered is None:
        raise Refused(f"Tryton has no order line {line.order_line} any more: match the invoice anew")
    if (ordered["purchase."] or {}).get("party") not in {party["id"], None}:
        raise Refused(f"order line {line.order_line} belongs to another supplier in Tryton: match the invoice anew")
    product = ordered["product"]
    return {
        **made,
        "product": product,
        "unit": ordered["unit"],
        "quantity": quantity,
        "unit_price": price,
        "account": known.expense_accounts.get(product) or _usual(known),
        "origin": f"purchase.line,{line.order_line}",
    }


def _usual(known: KnownForBills) -> int:
    if known.usual_account is None:
        raise Refused(
            "Tryton has no account for lines without an article: set the default expense account of categories in its"
            " accounting configuration, or name one in the setting 'expense_account' of this connection"
        )
    return known.usual_account


def _quantity_and_price(line: BillLine) -> tuple[float, Decimal]:
    """Return pieces and price; Tryton keeps four places of a price, so what they can't express is one piece."""
    if line.quantity:
        price = (line.net / line.quantity).quantize(_PRICE_STEP)
        if line.order_line or abs(line.quantity * price - line.net) < _CENT / 2:
            return float(line.quantity), price
    return (1.0, line.net) if line.net >= 0 else (-1.0, -line.net)


def state_taxes(tryton: TrytonRpc, invoice: int, request: BillRequest, known: KnownForBills, names: TaxNames) -> None:
    """Write the VAT as the invoice states it where Tryton computed another by rounding otherwise."""
    stated: dict[int, Decimal] = {}
    for tax in request.taxes:
        number = known.tax(tax.vat_category, tax.vat_rate, names)
        if number:
            stated[number] = stated.get(number, Decimal(0)) + tax.amount
    fields = ["tax", "amount"]
    for row in tryton.search_read("account.invoice.tax", [["invoice", "=", invoice]], fields):
        wanted = stated.get(row["tax"])
        if wanted is not None and wanted != row["amount"] and abs(wanted - row["amount"]) <= _most(request):
            tryton.model("account.invoice.tax", "write", [row["id"]], {"amount": wanted})


def _most(request: BillRequest) -> Decimal:
    return _CENT * (len(request.lines) + 2)


def rounding_line(invoice: int, missing: Decimal, known: KnownForBills) -> dict[str, Any]:
    """Return the values of the line that declares what rounding leaves."""
    quantity, price = (1.0, missing) if missing >= 0 else (-1.0, -missing)
    return {
        "invoice": invoice,
        "type": "line",
        "description": "Rundungsdifferenz",
        "note": ROUNDING,
        "quantity": quantity,
        "unit_price": price,
        "account": _usual(known),
    }


def declared(tryton: TrytonRpc, invoices: Sequence[int]) -> dict[int, Decimal]:
    """Return the rounding that has been declared on these invoices."""
    wanted = [["invoice", "in", list(invoices)], ["note", "=", ROUNDING]]
    found: dict[int, Decimal] = {}
    for row in tryton.search_read("account.invoice.line", wanted, ["invoice", "amount"]) if invoices else ():
        found[row["invoice"]] = found.get(row["invoice"], Decimal(0)) + row["amount"]
    return found
