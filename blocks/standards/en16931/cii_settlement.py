"""Payment, VAT, allowances, charges and totals as CII writes them, read."""

from datetime import date
from decimal import Decimal

from blocks.documents.invoices import (
    AllowanceCharge,
    CreditTransfer,
    DirectDebit,
    Payment,
    PaymentCard,
    Period,
    Totals,
    VatBreakdown,
)
from blocks.standards.en16931.cii_tree import Node
from blocks.standards.en16931.code_lists import UBL_TO_CII_TAX_POINT
from blocks.standards.en16931.typed import made

_TAX_POINTS = {written: code for code, written in UBL_TO_CII_TAX_POINT.items()}
"""BT-8: CII writes UNTDID 2475, the semantic model UNTDID 2005."""

_LOOK = "Look at the original."


def payment(settlement: Node) -> Payment | None:
    """Read how to pay (BG-16) from all payment means: one for each account."""
    means = settlement.all("SpecifiedTradeSettlementPaymentMeans")
    codes = [each.one("TypeCode") for each in means]
    texts = [each.one("Information") for each in means]
    transfers = (_transfer(each) for each in means)
    found = Payment(
        means_code=_agreed([code for code in codes if code], "payment means"),
        means_text=_agreed([text for text in texts if text], "payment means text"),
        remittance=settlement.value("PaymentReference"),
        transfers=tuple(each for each in transfers if each is not None),
        card=next((card for each in means if (card := _card(each))), None),
        debit=_debit(settlement, means),
    )
    return None if found == _NO_PAYMENT else found


_NO_PAYMENT = Payment()


def _agreed(nodes: list[Node], what: str) -> str:
    """Return the first of several values, noting one that differs."""
    if not nodes:
        return ""
    for other in nodes[1:]:
        if other.text != nodes[0].text:
            other.defect(f"is another {what} than the first; the model holds one", _LOOK)
    return nodes[0].text


def _transfer(means: Node) -> CreditTransfer | None:
    account = means.one("PayeePartyCreditorFinancialAccount")
    bank = means.one("PayeeSpecifiedCreditorFinancialInstitution")
    found = CreditTransfer(
        account=(account.value("IBANID") or account.value("ProprietaryID")) if account else "",
        name=account.value("AccountName") if account else "",
        bank=bank.value("BICID") if bank else "",
    )
    return None if found == CreditTransfer() else found


def _card(means: Node) -> PaymentCard | None:
    card = means.one("ApplicableTradeSettlementFinancialCard")
    if card is None:
        return None
    found = PaymentCard(number=card.value("ID"), holder=card.value("CardholderName"))
    return None if found == PaymentCard() else found


def _debit(settlement: Node, means: list[Node]) -> DirectDebit | None:
    accounts = (each.one("PayerPartyDebtorFinancialAccount") for each in means)
    account = next((each for each in accounts if each), None)
    mandates = (each.value("DirectDebitMandateID") for each in settlement.all("SpecifiedTradePaymentTerms"))
    found = DirectDebit(
        mandate=next((mandate for mandate in mandates if mandate), ""),
        creditor=settlement.value("CreditorReferenceID"),
        account=(account.value("IBANID") or account.value("ProprietaryID")) if account else "",
    )
    return None if found == DirectDebit() else found


def terms(settlement: Node) -> tuple[str, date | None]:
    """Read payment terms (BT-20; several stand one below the other) and due date (BT-9)."""
    every = settlement.all("SpecifiedTradePaymentTerms")
    text = "\n".join(part for each in every if (part := each.values("Description")))
    return text, _agreed_day([node for each in every if (node := each.one("DueDateDateTime"))], "due date")


def _agreed_day(nodes: list[Node], what: str) -> date | None:
    """Return the first of several days, noting one that differs."""
    days = [node.day() for node in nodes]
    for node, day in zip(nodes[1:], days[1:], strict=True):
        if day != days[0]:
            node.defect(f"is another {what} than the first; the model holds one", _LOOK)
    return days[0] if days else None


def vat_breakdown(settlement: Node) -> tuple[VatBreakdown, ...]:
    """Read what is due of each category and rate (BG-23)."""
    return tuple(_group(tax) for tax in settlement.all("ApplicableTradeTax"))


def _group(tax: Node) -> VatBreakdown:
    is_vat(tax)
    return VatBreakdown(
        category=tax.value("CategoryCode"),
        rate=tax.figure("RateApplicablePercent"),
        basis=tax.figure("BasisAmount"),
        amount=tax.figure("CalculatedAmount"),
        exemption_reason=tax.value("ExemptionReason"),
        exemption_code=tax.value("ExemptionReasonCode"),
    )


def is_vat(tax: Node) -> None:
    """Note a tax other than VAT: the model would take it for VAT."""
    kind = tax.one("TypeCode")
    if kind is not None and kind.text not in {"VAT", ""}:
        kind.defect("names another tax than VAT", "Look at the original: EN 16931 knows VAT alone.")


def tax_point(settlement: Node) -> tuple[date | None, str]:
    """Read tax point date (BT-7) and code (BT-8), which CII repeats in each group of the VAT breakdown."""
    taxes = settlement.all("ApplicableTradeTax")
    day = _agreed_day([node for tax in taxes if (node := tax.one("TaxPointDate"))], "tax point date")
    code = _agreed([node for tax in taxes if (node := tax.one("DueDateTypeCode"))], "tax point code")
    return day, _TAX_POINTS.get(code, code)


def period(node: Node | None) -> Period | None:
    """Read a billing period (BG-14, BG-26)."""
    if node is None:
        return None
    found = Period(start=node.day("StartDateTime"), end=node.day("EndDateTime"))
    return None if found == Period() else found


def allowances_charges(node: Node) -> tuple[AllowanceCharge, ...]:
    """Read allowances and charges of the document or of a line, logistics charges among them."""
    found = [_allowance_charge(each) for each in node.all("SpecifiedTradeAllowanceCharge")]
    return (*found, *(_logistics(each) for each in node.all("SpecifiedLogisticsServiceCharge")))


def _allowance_charge(node: Node) -> AllowanceCharge:
    is_charge = node.yes("ChargeIndicator")
    if is_charge is None:
        node.defect(
            "does not say whether it is an allowance or a charge; read as an allowance", "Look at the original."
        )
    tax = node.one("CategoryTradeTax")
    if tax is not None:
        is_vat(tax)
    return made(
        AllowanceCharge,
        is_charge=bool(is_charge),
        amount=node.figure("ActualAmount"),
        basis=node.figure("BasisAmount"),
        percentage=node.figure("CalculationPercent"),
        vat_category=tax.value("CategoryCode") if tax else "",
        vat_rate=tax.figure("RateApplicablePercent") if tax else None,
        reason=node.value("Reason"),
        reason_code=node.value("ReasonCode"),
    )


def _logistics(node: Node) -> AllowanceCharge:
    tax = node.one("AppliedTradeTax")
    if tax is not None:
        is_vat(tax)
    return AllowanceCharge(
        is_charge=True,
        amount=node.figure("AppliedAmount"),
        vat_category=tax.value("CategoryCode") if tax else "",
        vat_rate=tax.figure("RateApplicablePercent") if tax else None,
        reason=node.value("Description"),
    )


def totals(node: Node | None, currency: str, accounting_currency: str) -> Totals:
    """Read the totals (BG-22); the VAT total in the accounting currency is told by its ``currencyID`` (BT-111)."""
    if node is None:
        return Totals()
    vat, vat_accounting = _vat_totals(node, currency, accounting_currency)
    return Totals(
        line_net=node.figure("LineTotalAmount"),
        allowances=node.figure("AllowanceTotalAmount"),
        charges=node.figure("ChargeTotalAmount"),
        net=node.figure("TaxBasisTotalAmount"),
        vat=vat,
        vat_accounting=vat_accounting,
        gross=node.figure("GrandTotalAmount"),
        prepaid=node.figure("TotalPrepaidAmount"),
        rounding=node.figure("RoundingAmount"),
        payable=node.figure("DuePayableAmount"),
    )


def _vat_totals(node: Node, currency: str, accounting_currency: str) -> tuple[Decimal | None, Decimal | None]:
    own: Node | None = None
    accounting: Node | None = None
    for amount in node.all("TaxTotalAmount"):
        named = amount.attributes.get("currencyID", currency)
        if own is None and named == currency:
            own = amount
        elif accounting is None and named != currency and named == (accounting_currency or named):
            accounting = amount
        else:
            amount.defect("is a further total of VAT, which is not taken over", _LOOK)
    return _number(own), _number(accounting)


def _number(node: Node | None) -> Decimal | None:
    return None if node is None else node.figure()


def say_foreign_amounts(root: Node, currency: str) -> None:
    """Note amounts that name another currency than the invoice's: only the second VAT total may."""
    for node in root.record.currencies:
        named = node.attributes["currencyID"]
        if currency and named not in {currency, ""} and node.name != "TaxTotalAmount":
            node.defect(f"is in {named}, but the invoice is in {currency}", "Let a person look at the original.")
