"""The codes of EN 16931 that decide how something is written; lists that only rules need stand with the rules."""

CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
"""Codes of UNTDID 1001 that UBL writes as a CreditNote (EN 16931 code lists, BT-3); all others are an Invoice."""

VAT = "VAT"
"""The tax scheme of value added tax (UNTDID 5153)."""

TAX_NUMBER = "FC"
"""The scheme of a seller's national tax number (BT-32), UNTDID 1153."""

SEPA = "SEPA"
"""The scheme of a bank assigned creditor identifier (BT-90) among a party's identifiers in UBL."""

INVOICED_OBJECT = "130"
"""The document type (UNTDID 1001) of a reference that identifies the invoiced object (BT-18, BT-128)."""

PROJECT = "50"
"""The document type of a reference to the project (BT-11) in a credit note, which has no element of its own."""

RELATED_DOCUMENT = "916"
"""The document type of a supporting document."""

UBL_TO_CII_TAX_POINT = {"3": "5", "35": "29", "432": "72"}
"""BT-8: UBL takes UNTDID 2005, CII takes UNTDID 2475 for the same three moments (invoice, delivery, payment)."""

NO_ORDER = "NA"
"""What UBL writes as the purchase order where only the sales order is known: its schema demands the former."""
