"""Which code of data element 0085 (syntax error, coded) a finding becomes in CONTRL."""

from blocks.standards.edifact.findings import Finding

UNSPECIFIED = "18"
"""Unspecified error: a content fault, or one the code list has no code for."""

_CODES = {
    "syntax-version": "2", "syntax-identifier": "2",
    "unb-date": "12", "date-impossible": "12", "gln": "12", "gtin": "12", "sscc": "12", "unb-gln": "12",
    "currency": "12", "tax-rate": "12", "line-number": "12", "uns": "12", "document-code": "12", "qualifier": "12",
    "unb-incomplete": "13", "unh-incomplete": "13", "unb-missing": "13", "unz-missing": "13", "unt-missing": "13",
    "unh-missing": "13", "une-missing": "13", "ung-missing": "13", "bgm-missing": "13", "dtm-missing": "13",
    "lin-missing": "13", "uns-missing": "13", "moa-missing": "13", "cut-off": "13", "document-number": "13",
    "document-date": "13", "buyer-missing": "13", "supplier-missing": "13", "currency-missing": "13", "date-form": "13",
    "quantity-missing": "13", "line-amount-missing": "13", "total-missing": "13", "tax-missing": "13",
    "unb-qualifier": "12", "message-type": "14", "message-release": "14",
    "segment-order": "15", "unb-place": "15", "date-place": "15", "reference-place": "15", "terminator-released": "15",
    "segment-elements": "16",
    "decimal-mark": "19", "service-characters": "22", "character": "21", "character-set": "21",
    "segment-tag": "21", "segment-empty": "13",
    "interchange-repeated": "26", "message-repeated": "26",
    "unt-reference": "28", "une-reference": "28", "unz-reference": "28",
    "unt-count": "29", "une-count": "29", "unz-count": "29", "control-lines": "29",
    "group-mixed": "30", "no-message": "32", "no-lines": "32",
    "segment-outside": "33", "text-before": "33",
    "date-repeated": "35", "party-repeated": "35", "amount-repeated": "35", "quantity-repeated": "35",
    "control-repeated": "35", "currency-repeated": "35",
    "quantity-figure": "37", "amount-figure": "37", "price-figure": "37", "control-total-figure": "37",
    "percentage-figure": "37", "tax-rate-figure": "37", "price-basis-figure": "37", "number-of-packages-figure": "37",
    "reading-ended": "39", "code-too-long": "39",
}  # fmt: skip


def syntax_error(found: Finding) -> str:
    """Return the code of 0085: 12 invalid value, 13 missing, 28 references, 29 counts …; 18 where none says more."""
    return _CODES.get(found.code, UNSPECIFIED)
