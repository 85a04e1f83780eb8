"""Identifiers with check digits: VAT ids, IBAN, tax numbers, GLN, Leitweg-ID; found by label or by their own shape."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import compress

from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.labels import Label
from blocks.standards.printed_invoices.sheet import Sheet, SheetRow
from blocks.standards.printed_invoices.values import cells_below, words_right

VAT_FORMATS = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}",
    "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}", "GB": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "XI": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}", "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}", "PT": r"\d{9}",
    "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}", "CHE": r"\d{9}(?:MWST|TVA|IVA)?",
    "NO": r"\d{9}(?:MVA)?",
}  # fmt: skip
"""Prefix → what follows it (Council Directive 2006/112/EC, article 215, and the states' own rules)."""

_VAT_WHOLE = re.compile(r"\A(?:" + "|".join(rf"{prefix}{body}" for prefix, body in VAT_FORMATS.items()) + r")\Z")
_VAT_STARTS = frozenset(prefix[:length] for prefix in VAT_FORMATS for length in (1, 2))
"""How a word begins that may begin a VAT id."""
_PRINTED_VAT = re.compile(r"\A[A-Z]{2}[A-Z0-9+*-]{6,16}\Z")
_NATIONAL_VAT = re.compile(r"\A(?:[A-Z0-9]\d{7}[A-Z0-9]|\d{11})\Z")
_SHORTEST_NATIONAL = 9
_IBAN_START = re.compile(r"\A[A-Z]{2}\d{2}[A-Z0-9]*\Z")
_IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TR": 26, "UA": 29,
}  # fmt: skip
_TAX_NUMBER = re.compile(r"\A[0-9][0-9 /.\-]{6,18}[0-9]\Z")
_CLEAN = re.compile(r"[^A-Za-z0-9+*]")
_MOST_PIECES = 9
_MOST_FOUND = 40
_Reader = Callable[[SheetRow, int, int], tuple[str, int] | None]
"""Reads a value from a word on, up to another: the value and the index of its last word."""
_LEITWEG = re.compile(r"\A(\d{2,12})(?:-([A-Z0-9]{1,30}))?-(\d{2})\Z", re.IGNORECASE)


def vat_ids(sheet: Sheet) -> list[Found[str]]:
    """Return the VAT ids of the document with their labels, by place; ``side`` is 'shape' without a label."""
    found: dict[tuple[int, int], Found[str]] = {}
    for kind in ("seller_vat_id", "buyer_vat_id", "vat_id"):
        for label in sheet.labels.get(kind, []):
            hit = _labelled(sheet, label, _vat_at)
            if hit:
                key, value, span = hit
                place = sheet.rows[key[0]].place(*span)
                if key not in found or kind != "vat_id":
                    found[key] = Found(value, place, 0.9, kind, "label")
    for row in sheet.rows:
        for index in compress(range(len(row.texts)), map(_begins_as_vat_id, row.texts)):
            if (row.index, index) not in found:
                shaped = _vat_at(row, index, len(row.words) - 1, strict=True)
                if shaped:
                    found[row.index, index] = Found(shaped[0], row.place(index, shaped[1]), 0.5, "", "shape")
    return [found[key] for key in sorted(found)][:_MOST_FOUND]


@lru_cache(maxsize=16384)
def _begins_as_vat_id(text: str) -> bool:
    head = text.lstrip("(")[:2]
    return head.isupper() and head.isalpha() and (head in _VAT_STARTS or not head.isascii())


def _vat_at(row: SheetRow, first: int, last: int, *, strict: bool = False) -> tuple[str, int] | None:
    """Return the VAT id that begins at a word and its last word: the longest join of words that has a VAT id's form."""
    head = row.words[first].text.lstrip("(")
    if not head[:2].isalpha() or not head[:2].isupper():
        return _national_vat(row, first) if not strict else None
    best, joined = None, ""
    for end in range(first, min(first + _MOST_PIECES, last + 1)):
        joined += _CLEAN.sub("", row.words[end].text).upper()
        if _VAT_WHOLE.match(joined):
            best = joined, end
        if len(joined) > 16 or row.words[end].text[-1] in ",;|":  # noqa: PLR2004 - no VAT id is longer
            break
    if best and strict:
        return best if valid_vat_id(best[0]) else None
    if best or strict:
        return best
    text = row.words[first].text.strip("().,;:|")
    plain = _PRINTED_VAT.match(_CLEAN.sub("", text).upper())
    return (text, first) if plain and sum(letter.isdigit() for letter in text) >= 5 else None  # noqa: PLR2004


def _national_vat(row: SheetRow, first: int) -> tuple[str, int] | None:
    """Return an Italian, Spanish or British VAT id that is printed without its prefix, with right check digits."""
    text, end = "", first
    for end in range(first, min(first + 4, len(row.words))):
        text += bare(row.words[end].text)
        if len(text) >= _SHORTEST_NATIONAL or not text.isdigit():
            break
    if not _NATIONAL_VAT.match(text):
        return None
    prefix = next(
        (prefix for prefix in ("IT", "ES", "GB") if _VAT_WHOLE.match(prefix + text) and valid_vat_id(prefix + text)), ""
    )
    return (prefix + text, end) if prefix else None


def ibans(sheet: Sheet) -> list[Found[str]]:
    """Return account numbers: labelled ones, and whatever passes the check digits of an IBAN; best first."""
    found: dict[str, Found[str]] = {}
    for label in sheet.labels.get("iban", []):
        hit = _labelled(sheet, label, _iban_at)
        if hit:
            key, value, span = hit
            score = 0.95 if valid_iban(value) else 0.6
            found.setdefault(value, Found(value, sheet.rows[key[0]].place(*span), score, label.key, "label"))
    for row in sheet.rows:
        for index, text in enumerate(row.texts):
            if text[2:4].isdigit() and len(text) >= 4 and text[:2].isupper():  # noqa: PLR2004
                hit2 = _iban_at(row, index, len(row.words) - 1)
                if hit2 and valid_iban(hit2[0]) and hit2[0] not in found:
                    found[hit2[0]] = Found(hit2[0], row.place(index, hit2[1]), 0.85, "", "shape")
    return sorted(found.values(), key=lambda one: -one.score)[:_MOST_FOUND]


def _iban_at(row: SheetRow, first: int, last: int) -> tuple[str, int] | None:
    text = row.words[first].text.strip("():;,.")
    if not _IBAN_START.match(text.upper()):
        return None
    wanted = _IBAN_LENGTHS.get(text[:2].upper(), 0)
    joined, end = "", first
    best: tuple[str, int] | None = None
    for end in range(first, min(first + _MOST_PIECES, last + 1)):
        piece = _CLEAN.sub("", row.words[end].text).upper()
        if end > first and (not piece or not any(letter.isdigit() for letter in piece)):
            break
        if end > first and row.words[end].left - row.words[end - 1].right > 1.5 * max(row.words[end].size, 5.0):
            break
        joined += piece
        best = joined, end
        if wanted and len(joined) >= wanted:
            break
    if best and wanted and len(best[0]) > wanted:
        return None
    return best if best and len(best[0]) >= 10 else None  # noqa: PLR2004 - the shortest accounts that are printed so


def is_complete(sheet: Sheet, one: Found[str]) -> bool:
    """Return whether a labelled identifier surely ends where its reading ended.

    Nothing with a digit follows it in its row, and no group of digits stands under it, as it would where it is wrapped.
    """
    if one.side != "label":
        return False
    left, bottom, right, top = one.place.box
    for row in sheet.rows:
        if row.page != one.place.page or row.bottom > top or row.top < bottom - 2.2 * (top - bottom):
            continue
        same = row.bottom <= bottom + 1 and row.top >= top - 1
        for word in row.words:
            follows = same and 0 <= word.left - right < 3 * (top - bottom)
            under = not same and row.top <= bottom + 2 and word.left < right and word.right > left
            if (follows or under) and word.text[0].isdigit() and word.text.strip(".,;").isalnum():
                return False
    return True


def tax_numbers(sheet: Sheet) -> list[Found[str]]:
    """Return tax numbers, by place."""
    found = []
    for label in sheet.labels.get("tax_number", []):
        hit = _labelled(sheet, label, _tax_number_at)
        if hit:
            key, value, span = hit
            found.append(Found(value, sheet.rows[key[0]].place(*span), 0.9, label.key, "label"))
    return found[:_MOST_FOUND]


def _tax_number_at(row: SheetRow, first: int, last: int) -> tuple[str, int] | None:
    for end in range(min(last, first + 4), first - 1, -1):
        close = all(
            b.left - a.right < 1.2 * max(a.size, 5.0)
            for a, b in zip(row.words[first:end], row.words[first + 1 : end + 1], strict=True)
        )
        text = " ".join(word.text for word in row.words[first : end + 1]).strip("().,;:|")
        if close and _TAX_NUMBER.match(text):
            return text, end
    return None


def _labelled(sheet: Sheet, label: Label, read: _Reader) -> tuple[tuple[int, int], str, tuple[int, int]] | None:
    """Return the value right of a label (within its next words) or below it: key, value, span of words."""
    row = sheet.rows[label.row]
    span = words_right(sheet, label)
    if span:
        for start in range(span[0], min(span[0] + 3, span[1] + 1)):
            hit = read(row, start, span[1])
            if hit:
                return (label.row, start), hit[0], (start, hit[1])
    for cell in cells_below(sheet, label):
        hit = read(sheet.rows[cell.row], cell.first, cell.last)
        if hit:
            return (cell.row, cell.first), hit[0], (cell.first, hit[1])
    return None


def bare(value: str) -> str:
    """Return letters and digits alone, upper case."""
    return _CLEAN.sub("", value).upper()


def well_formed_vat_id(value: str) -> bool:
    """Return whether a VAT id has the form its state gives it; says nothing of check digits."""
    return bool(_VAT_WHOLE.match(_CLEAN.sub("", value).upper()))


def valid_vat_id(value: str) -> bool:
    """Return whether form and check digits of an EU or British VAT id are right."""
    from stdnum.eu import vat  # noqa: PLC0415 - costs time where nothing is read
    from stdnum.gb import vat as british  # noqa: PLC0415

    return bool(vat.is_valid(value) or (value[:2] == "GB" and british.is_valid(value)))


def valid_iban(value: str) -> bool:
    """Return whether an IBAN has the length of its country and passes MOD 97-10 (ISO 13616)."""
    text = _CLEAN.sub("", value).upper()
    if not _IBAN_START.match(text) or len(text) != _IBAN_LENGTHS.get(text[:2], len(text)) or len(text) < 15:  # noqa: PLR2004
        return False
    return _mod_97(text[4:] + text[:4]) == 1


def valid_leitweg_id(value: str) -> bool:
    """Return whether a Leitweg-ID passes its check digits: MOD 97-10 of ISO/IEC 7064 over all its parts."""
    found = _LEITWEG.match(value.strip())
    return bool(found) and _mod_97(value.strip().replace("-", "").upper()) == 1


def _mod_97(text: str) -> int:
    return int("".join(str(int(letter, 36)) for letter in text)) % 97
