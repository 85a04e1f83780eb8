"""Invoices over small amounts (§33 UStDV): what they may leave out, and when the privilege does not hold."""

from decimal import Decimal

from blocks.standards.en16931.rules.law.rule import Case

SMALL = Decimal(250)
"""Euros with VAT up to which an invoice needs less."""

_NEVER_SMALL = frozenset({"K", "AE"})
"""Intra-Community supplies (§6a UStG) and those whose VAT the buyer owes (§13b UStG): §33 sentence 3 UStDV."""


def is_small(case: Case) -> bool:
    """Return whether §33 UStDV lets an invoice leave out number, recipient, tax number and time of supply.

    It does not hold for intra-Community supplies, for reverse charge, and for distance sales to consumers in another
    member state (§3c UStG).
    """
    invoice = case.invoice
    gross = invoice.totals.gross
    if gross is None or invoice.currency != "EUR" or abs(gross) > SMALL:
        return False
    return not (case.categories & _NEVER_SMALL or _distance_sale(case))


def _distance_sale(case: Case) -> bool:
    if not case.to_consumer:
        return False
    delivery = case.invoice.delivery
    place = (delivery and delivery.address and delivery.address.country) or ""
    return bool(place and case.seller_country) and place not in {case.seller_country, _in_addresses(case)}


def _in_addresses(case: Case) -> str:
    return "GR" if case.seller_country == "EL" else case.seller_country
