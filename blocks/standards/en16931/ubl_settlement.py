"""How a UBL document is to be paid, what it totals to, and its VAT (BG-16 to BG-19, BG-22, BG-23, BG-DEX-09)."""

from datetime import date
from typing import Any

from blocks.documents.invoices import (
    CreditTransfer,
    DirectDebit,
    Payment,
    PaymentCard,
    ThirdPartyPayment,
    Totals,
    VatBreakdown,
)
from blocks.standards.en16931.ubl_lines import vat_category
from blocks.standards.en16931.ubl_tree import Group, quoted, text_within


def how_to_pay(document: Group, creditor: str) -> tuple[Payment | None, date | None]:
    """Return how to pay (BG-16) and the due date that a credit note keeps here.

    UBL repeats the payment means for each account; code, text and remittance must then be the same (UBL-SR-47).
    """
    found: dict[str, Any] = {}
    transfers: list[CreditTransfer] = []
    for group in document.groups("cac:PaymentMeans"):
        for name, value in _payment_means(group):
            if value and found.setdefault(name, value) != value:
                group.doubts.add(
                    group.element,
                    f"The payment means disagree about the {name.replace('_', ' ')}; only the first was taken.",
                    "Give the same in each, or one way to pay.",
                )
        transfers.extend(_transfer(group))
    due_date = found.pop("due_date", None)
    if creditor:
        found["debit"] = found.get("debit", DirectDebit()).model_copy(update={"creditor": creditor})
    payment = Payment(transfers=tuple(transfers), **found) if found or transfers else None
    return payment, due_date


def _payment_means(group: Group) -> list[tuple[str, Any]]:
    code = group.only("cbc:PaymentMeansCode")
    card = group.group("cac:CardAccount")
    mandate = group.group("cac:PaymentMandate")
    if card is not None:
        card.pass_over("cbc:NetworkID")
    return [
        ("means_code", "" if code is None else group.text_of(code)),
        ("means_text", "" if code is None else code.get("name", "").strip()),
        ("remittance", group.text("cbc:PaymentID")),
        ("due_date", group.day("cbc:PaymentDueDate")),
        (
            "card",
            card and PaymentCard(number=card.text("cbc:PrimaryAccountNumberID"), holder=card.text("cbc:HolderName")),
        ),
        (
            "debit",
            mandate
            and DirectDebit(
                mandate=mandate.text("cbc:ID"), account=text_within(mandate, "cac:PayerFinancialAccount", "cbc:ID")
            ),
        ),
    ]


def _transfer(group: Group) -> list[CreditTransfer]:
    account = group.group("cac:PayeeFinancialAccount")
    if account is None:
        return []
    return [
        CreditTransfer(
            account=account.text("cbc:ID"),
            name=account.text("cbc:Name"),
            bank=text_within(account, "cac:FinancialInstitutionBranch", "cbc:ID"),
        )
    ]


def document_totals(
    document: Group, currency: str, accounting_currency: str
) -> tuple[Totals, tuple[VatBreakdown, ...]]:
    """Return the totals and the VAT breakdown; of several VAT totals the currency says which is which."""
    vat = accounting = None
    breakdown: list[VatBreakdown] = []
    for group in document.groups("cac:TaxTotal"):
        element = group.only("cbc:TaxAmount")
        given = currency if element is None else element.get("currencyID", "")
        amount = None if element is None else group.figure_of(element)
        if given == currency and vat is None:
            vat = amount
        elif given == accounting_currency and accounting is None:
            accounting = amount
        else:
            group.doubts.add(
                group.element,
                f"A VAT total in {quoted(given)} stands here; it was not taken over.",
                "Give VAT once in the currency of the invoice, and once in the accounting currency where it differs.",
            )
        if given == currency or not breakdown:
            breakdown.extend(map(_vat_group, group.groups("cac:TaxSubtotal")))
    sums = document.group("cac:LegalMonetaryTotal")
    if sums is None:
        return Totals(vat=vat, vat_accounting=accounting), tuple(breakdown)
    return Totals(
        line_net=sums.amount("cbc:LineExtensionAmount"),
        allowances=sums.amount("cbc:AllowanceTotalAmount"),
        charges=sums.amount("cbc:ChargeTotalAmount"),
        net=sums.amount("cbc:TaxExclusiveAmount"),
        vat=vat,
        vat_accounting=accounting,
        gross=sums.amount("cbc:TaxInclusiveAmount"),
        prepaid=sums.amount("cbc:PrepaidAmount"),
        rounding=sums.amount("cbc:PayableRoundingAmount"),
        payable=sums.amount("cbc:PayableAmount"),
    ), tuple(breakdown)


def _vat_group(group: Group) -> VatBreakdown:
    inner = group.group("cac:TaxCategory")
    category, rate = vat_category(inner)
    return VatBreakdown(
        category=category,
        rate=rate,
        basis=group.amount("cbc:TaxableAmount"),
        amount=group.amount("cbc:TaxAmount"),
        exemption_reason=inner.text("cbc:TaxExemptionReason") if inner else "",
        exemption_code=inner.text("cbc:TaxExemptionReasonCode") if inner else "",
    )


def third_party_payments(document: Group, specification: str) -> tuple[ThirdPartyPayment, ...]:
    """Return what is collected for others (BG-DEX-09).

    Elsewhere UBL's PrepaidPayment is what was paid before; only the extension, or the text it demands, says otherwise.
    """
    if "extension" not in specification and document.element.find("{*}PrepaidPayment/{*}InstructionID") is None:
        return ()
    return tuple(
        ThirdPartyPayment(
            kind=group.text("cbc:ID"),
            amount=group.amount("cbc:PaidAmount"),
            description=group.text("cbc:InstructionID"),
        )
        for group in document.groups("cac:PrepaidPayment")
    )
