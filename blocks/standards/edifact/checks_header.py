"""Whether a message's head is complete and its dates run forwards: document, parties, currency."""

from collections import Counter

from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.directories import (
    DOCUMENT_CODES,
    FUNCTION_CODES,
    foreign_document,
)
from blocks.standards.edifact.findings import Severity, shown

_EARLIEST, _LATEST = 1970, 2100
_BUYERS = ("BY", "IV", "OB", "UC")
_SUPPLIERS = ("SU", "SE", "SR", "II")
_PARTIES = {
    "ORDERS": (_BUYERS, _SUPPLIERS),
    "ORDRSP": (_BUYERS, _SUPPLIERS),
    "INVOIC": (_BUYERS, _SUPPLIERS),
    "DESADV": (_BUYERS, (*_SUPPLIERS, "CZ", "SF", "SH")),
    "INVRPT": ((*_BUYERS, "GM", "WH", "MR"), (*_SUPPLIERS, "MS", "GM", "MR")),
    "SLSRPT": ((*_BUYERS, "SE", "MS", "MR"), (*_SUPPLIERS, "MR", "MS")),
    "PRICAT": ((*_BUYERS, "MR"), (*_SUPPLIERS, "MS")),
}
"""Who must be named in EANCOM messages: one of the first, one of the second. The first of each is the usual one."""
_ONCE = {"BY", "SU", "IV", "SE"}
_NOT_BEFORE_DOCUMENT = {
    "ORDERS": ("2", "61", "63", "69", "74", "76", "200"),
    "INVOIC": ("13", "140"),
    "DESADV": ("17", "132"),
}
"""Dates (2005) that cannot lie before the document's own: delivery asked for, payment due, arrival expected."""
_PAIRS = (("64", "63"), ("64", "61"), ("11", "17"), ("11", "132"), ("11", "35"), ("194", "206"), ("167", "168"),
          ("90", "91"), ("263", "264"), ("157", "36"), ("469", "470"))  # fmt: skip
"""First and second date of spans: the second cannot be earlier."""
_ONCE_EACH = {"137", "2", "35", "11", "13", "17", "63", "64", "69", "167", "168"}
_ORDER_LIKE = {"ORDERS", "ORDRSP", "DESADV", "INVOIC", "INVRPT", "SLSRPT", "PRICAT"}


def check(contents: Contents) -> None:
    """Note what is missing or contradicts itself in the head."""
    if contents.message.type not in _ORDER_LIKE:
        return
    guide = contents.guide
    _document(contents, guide)
    _dates(contents, guide)
    _parties(contents, guide)
    _currency(contents, guide)


def _document(contents: Contents, guide: Severity) -> None:
    bgm, kind = contents.document, contents.message.type
    if bgm is None:
        return
    if not contents.number:
        contents.note("document-number", bgm.number, "BGM names no document number: add it.", severity=guide)
    if other := foreign_document(kind, contents.code):
        text = (
            f"BGM says {shown(contents.code)}, which is a document of {other}, but UNH announces {kind}: one is wrong."
        )
        contents.note("document-code", bgm.number, text, severity=guide)
    elif contents.code not in DOCUMENT_CODES[kind]:
        text = f"BGM says {shown(contents.code)!r}, which is no usual document of {kind}: check the code."
        severity: Severity | None = "warning" if contents.code.isalnum() else guide
        contents.note("document-code", bgm.number, text, severity=severity)
    if contents.function and contents.function not in FUNCTION_CODES:
        text = f"BGM says function {shown(contents.function)!r}, which is not known: 9 is an original."
        contents.note("document-function", bgm.number, text, severity="warning")


def _dates(contents: Contents, guide: Severity) -> None:
    counted = Counter(qualifier for qualifier, _ in contents.date_qualifiers)
    if "137" not in counted and contents.date_qualifiers:
        place = contents.date_qualifiers[0][1]
        contents.note("document-date", place, "DTM 137 is missing: the document has no date.", severity=guide)
    for qualifier, place in contents.date_qualifiers:
        if counted[qualifier] > 1 and qualifier in _ONCE_EACH:
            contents.note(
                "date-repeated", place, f"DTM {qualifier} is given more than once: send it once.", severity=guide
            )
            counted[qualifier] = 0
    for qualifier, (first, _, place) in contents.dates.items():
        if not _EARLIEST <= first.year <= _LATEST:
            contents.note("date-range", place, f"DTM {shown(qualifier)} lies in the year {first.year}: correct it.")
    _order(contents)


def _order(contents: Contents) -> None:
    """Note dates that run backwards."""
    known = contents.dates
    if document := known.get("137"):
        for qualifier in _NOT_BEFORE_DOCUMENT.get(contents.message.type, ()):
            if qualifier in known and known[qualifier][1] < document[0]:
                text = f"DTM {qualifier} is {known[qualifier][1]}, before the document's own date {document[0]}:"
                contents.note("date-order", known[qualifier][2], text + " correct one of them.")
        for day, place in contents.reference_dates:
            if day > document[1]:
                text = f"A document referred to is dated {day}, after this one, {document[0]}: correct one of them."
                contents.note("date-order", place, text)
    for before, after in _PAIRS:
        if before in known and after in known and known[after][1] < known[before][0]:
            text = f"DTM {after} is {known[after][1]}, before DTM {before}, {known[before][0]}: correct one of them."
            contents.note("date-order", known[after][2], text)


def _parties(contents: Contents, guide: Severity) -> None:
    roles = {role for role, _, _ in contents.party_places}
    for names in _PARTIES[contents.message.type]:
        if not roles & set(names):
            what = "buyer" if names[0] == "BY" else "supplier"
            text = f"No {what} is named: {contents.message.type} needs NAD+{names[0]}."
            contents.note(f"{what}-missing", None, text, severity=guide)
    counted = Counter(role for role, _, _ in contents.party_places)
    for role, place, named in contents.party_places:
        if counted[role] > 1 and role in _ONCE:
            contents.note("party-repeated", place, f"NAD+{role} is given more than once: name one.", severity=guide)
            counted[role] = 0
        if not named:
            contents.note("party-empty", place, f"NAD+{shown(role)} names nobody: add GLN or name.", severity=guide)
    buyer, supplier = contents.parties.get("BY"), contents.parties.get("SU")
    if buyer and buyer == supplier:
        text = f"Buyer and supplier are the same, {shown(buyer)}: check both."
        contents.note("party-same", contents.party_places[0][1], text, severity="warning")


def _currency(contents: Contents, guide: Severity) -> None:
    if contents.currency or not contents.uncurrencied:
        return
    severity: Severity = guide if contents.message.type == "INVOIC" else "information"
    text = "No currency is named: add CUX, or the currency to each MOA."
    contents.note("currency-missing", contents.uncurrencied, text, severity=severity)
