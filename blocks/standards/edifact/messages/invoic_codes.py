"""The codes of an INVOIC: which reference, amount, date or party stands for which term of EN 16931.

Where EANCOM has a code of its own, that is written; for terms it does not know, the code that CEN's binding of
EN 16931 to INVOIC uses. The first code of a term is written, all of them are understood.
"""

from types import MappingProxyType

REFERENCES = MappingProxyType(
    {
        "purchase_order_reference": ("ON",),
        "sales_order_reference": ("VN",),
        "contract_reference": ("CT",),
        "project_reference": ("AEP",),
        "despatch_advice_reference": ("DQ", "AAK"),
        "receiving_advice_reference": ("ALO",),
        "tender_reference": ("GC",),
        "buyer_reference": ("CR",),
        "accounting_reference": ("AOU",),
    }
)
"""RFF in the header: 1153 of each term."""

PRECEDING = ("IV", "OI")
"""RFF: an invoice that this one follows (BT-25); its date is the DTM after it."""

REMITTANCE, MANDATE, CREDITOR = "PQ", "AVS", "AII"
"""RFF: BT-83, BT-89, BT-90."""

OBJECT = "ATS"
"""RFF: the invoiced object (BT-18)."""

LINE_OBJECT = "AVE"
LINE_ACCOUNTING = "AWQ"

TOTALS = MappingProxyType(
    {
        "line_net": ("79",),
        "allowances": ("260",),
        "charges": ("259",),
        "net": ("125", "389"),
        "vat": ("124", "176"),
        "vat_accounting": ("2",),
        "gross": ("77", "388", "86"),
        "prepaid": ("113",),
        "rounding": ("366",),
        "payable": ("9",),
    }
)
"""MOA in the summary: 5025 of each total, the surest first."""

LINE_NET = ("203", "66")
ALLOWANCE, CHARGE = ("204", "8", "23"), ("23", "8", "204")
BASIS = "25"
VAT_BASIS, VAT_AMOUNT = ("125",), ("124",)

ISSUED, TAX_POINT, DELIVERED, DUE, DISCOUNT_UNTIL = "137", "131", "35", "13", "12"
PERIOD, PERIOD_START, PERIOD_END = "263", "167", "168"
REFERENCE_DATES = ("171", "384")
TAX_POINT_CODES = ("3", "35", "432")

SELLER, BUYER, INVOICEE, PAYEE, REPRESENTATIVE, DELIVERY = ("SU", "SE"), "BY", "IV", "PE", "LC", "DP"

VAT_ID, TAX_NUMBER, REGISTRATION, MORE_IDENTIFIERS = ("VA",), ("FC", "AHP"), ("XA", "GN"), "API"
"""RFF of a party: 1153 of BT-31/48, BT-32, BT-30/47, and further BT-29/46."""

PAYEES_BANK, BUYERS_BANK = ("RB", "BF"), ("BI", "PB")

OWN_NUMBER = "91"
"""3055: the number is one party's own, without a scheme."""

TERMS, MEANS_TEXT, SPECIFICATION, EXEMPTION, LEGAL = "AAB", "PMT", "DOC", "AGM", "SUR"
"""FTX: BT-20, 82, 24 (with 23 as its code), 120 (with 121 as its code), 33. A note of the subject REG stays a note:
German invoices put their legal notices there."""

GENERAL = "GEN"
"""FTX: a note without a subject of its own."""

LINE_NOTE, ATTRIBUTE = "AAI", "ACF"

UNTAXED = frozenset({"AE", "E", "G", "K", "O"})
"""Categories of 5305 that ask for a reason (BT-120, 121)."""

GTIN_SCHEME = "0160"
GTINS = frozenset({"EN", "SRV", "UP"})
SELLERS_ITEM, BUYERS_ITEM = ("SA",), ("IN", "BP")
NET_PRICE, GROSS_PRICE = ("AAA", "CAL"), ("AAB",)
QUANTITY = ("47",)
