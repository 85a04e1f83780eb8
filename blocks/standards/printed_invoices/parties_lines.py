"""Which line of an address, a footer or a payment slip is the company: not its contact, department, slogan or place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.lexicon_titles import LEGAL_FORMS
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow

LEGAL = re.compile(rf"(?:^|[\s,]){LEGAL_FORMS}\.?(?=$|[\s,&)])", re.IGNORECASE)
_POSTCODE = re.compile(
    r"(?:^|\s|[-–,·|•])(?:[A-Z]{1,2}[- ])?(?:\d{4,6}|\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\s+[^\W\d_]{2,}"  # noqa: RUF001 - dashes
    r"|\b[A-Z]{2} \d{5}(?:-\d{4})?$"
)
STREET = re.compile(
    r"(?:stra(?:ß|ss)e|str\.|\bweg\b|weg\s|allee|platz|gasse|\brue\b|avenue|\bstreet\b|\broad\b|\bvia\b|\bcalle\b|straat|laan|"
    r"boulevard|\bhof\b|ring\s)\s*\d*|\d+\s*[a-z]?$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:contact|contacto|contatto|kontakt|ansprechpartner(?:in)?|attn|att|z\.? ?hd|zu h(?:ä|ae)nden|c/o|dept?|"
    r"department|d(?:é|e)partement|dipartimento|departamento|afdeling|abteilung|abt|t\.a\.v)\b|"
    r"(?:à|a) l['’]attention|all['’]attenzione|a la atenci(?:ó|o)n",  # noqa: RUF001 - apostrophes as printers set them
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:herrn?|frau|mrs?|ms|mme|mlle|m\.|dr|sig|sr|sra|dhr|mevr)\b", re.IGNORECASE)
_SITE = re.compile(
    r"^(?:r(?:é|e)sidence|b(?:â|a)t(?:iment|\.)?\b|immeuble|zone|z\.?[ia]\.?\b|lieu[- ]dit|cour\b|geb(?:ä|ae)ude|"
    r"haus\b|(?:é|e)tage|floor|suite|building|unit\b|edificio|pol(?:í|i)gono|localit(?:à|a)|frazione|p\.?o\.? ?box|"
    r"postfach|bo(?:î|i)te postale|b\.?p\.? |am\b|an der|im\b|auf dem)",
    re.IGNORECASE,
)
_HOLDER = re.compile(
    r"(?:\btitulaire(?: du compte)?|\bkontoinhaber(?:in)?|\baccount (?:holder|name|owner)|\bbeneficiary(?: name)?|"
    r"\bnom du compte|\bintestatari[oa](?: (?:del )?conto)?|\bintestato a|\btitular(?: de la cuenta)?|"
    r"\brekeninghouder|\bten name van|\bt\.n\.v\.?|\bzahlungsempf(?:ä|ae)nger(?:in)?)\s*:\s*(?=\S)",
    re.IGNORECASE,
)
_DEBIT = re.compile(r"lastschrift|abgebucht|prelevement|directdebit|sepamand|mandatsref|addebito|domiciliacion|incasso")
"""Folded words of a debit: the holder of the account is the buyer then."""
_SHORTEST = 5
_GUESS = 0.55
"""Score of a name that a person has to look at."""
_EDGE_BELOW, _EDGE_ABOVE = 0.15, 0.88


@lru_cache(maxsize=8192)
def holds_postcode(text: str) -> bool:
    """Return whether a postcode and its place stand in a line."""
    return _POSTCODE.search(text) is not None


def is_contact(text: str) -> bool:
    """Tell whether a line names a contact or a department within a company, e.g. ``z. Hd. Frau Muster``."""
    return _CONTACT.search(text) is not None and LEGAL.search(text) is None


def is_person(text: str) -> bool:
    """Tell whether a line begins with a form of address, e.g. ``Herrn Max Muster``."""
    return _TITLE.match(text) is not None and LEGAL.search(text) is None


def company_line(sheet: Sheet, lines: Sequence[Cell]) -> Cell | None:
    """Return the line of an address's names that is the company; ``lines`` are those above street and place.

    The first one is, unless it is a contact or, without a legal form of its own, stands above one that has a legal form
    or that stands in the document again while the first does not (a slogan, a trade name).
    """
    able = [cell for cell in lines if not is_contact(cell.text)] or list(lines)
    if not able or LEGAL.search(able[0].text):
        return able[0] if able else None
    legal = next((cell for cell in able if LEGAL.search(cell.text)), None)
    if legal is not None:
        return legal
    if stands_again(sheet, able[0].text):
        return able[0]
    rest = (cell for cell in able if not is_person(cell.text) and not _SITE.match(cell.text))
    return next((cell for cell in rest if stands_again(sheet, cell.text)), able[0])


def company_of(lines: Sequence[Found[str]], *, below_contact: bool = False) -> Found[str] | None:
    """Return the first line above the street; below a contact or a person it is the company's, where there is one.

    What stands below a line that begins with 'Contact' is a guess without a legal form: the line may be the company.
    """
    if not lines:
        return None
    twice = len(lines) > 1 and fold(lines[0].value) == fold(lines[1].value)  # a company's name and its trade name
    if below_contact and not twice and not LEGAL.search(lines[0].value):
        return replace(lines[0], score=_GUESS)
    rest = [one for one in lines[1:3] if not holds_postcode(one.value)]
    if is_contact(lines[0].value):
        able = [one for one in rest if not (is_contact(one.value) or is_person(one.value) or _SITE.match(one.value))]
        surely = re.match(r"(?:contact|kontakt)\b", lines[0].value, re.IGNORECASE) is None
        if able and (surely or len(able) > 1 or LEGAL.search(able[0].value)):
            return able[0]
        return replace(able[0] if able else lines[0], score=_GUESS)  # 'Contact Example' may be the company
    if is_person(lines[0].value):
        return next((one for one in rest if LEGAL.search(one.value)), lines[0])
    return lines[0]


def is_street(cell: Cell) -> bool:
    """Tell whether a line is a street with its number."""
    return bool(STREET.search(cell.text)) and any(letter.isdigit() for letter in cell.text)


def stands_again(sheet: Sheet, text: str) -> bool:
    """Tell whether a name stands in the document again: last in a cell without figures, so not in an address."""
    key = fold(text)
    if len(key) < _SHORTEST or sheet.folded_text.count(key) < 2:  # noqa: PLR2004 - here and elsewhere
        return False
    ends = [cell for row in sheet.rows for cell in row.cells if fold(cell.text).endswith(key)]
    return sum(not any(letter.isdigit() for letter in cell.text) for cell in ends) > 1


def account_holders(sheet: Sheet) -> Iterator[Found[str]]:
    """Yield who holds the account to pay to, where the same name stands in the letterhead or the footer as well.

    The holder alone may be a factor; where the amount is debited, it is the buyer.
    """
    for row in sheet.rows:
        if ":" not in row.text or not (found := _HOLDER.search(row.text)):
            continue
        if _DEBIT.search(sheet.folded_text):
            return
        cell = next((cell for cell in row.cells if row.text[found.end() :].startswith(cell.text)), None)
        cell = cell or next((cell for cell in row.cells if _HOLDER.search(cell.text)), None)
        if cell is None:
            continue
        name = _HOLDER.sub("\x00", cell.text).rpartition("\x00")[2].strip(" ,;")
        again = _at_edge(sheet, name, row) if fold(name) else None
        if again is not None:
            yield Found(name, again.place, 0.74, "account holder", "again")


def _at_edge(sheet: Sheet, name: str, holder: SheetRow) -> Cell | None:
    """Return the cell in a letterhead or a footer that is nothing but this name."""
    key = fold(name)
    return next(
        (
            cell
            for row in sheet.rows
            if row is not holder and not _EDGE_BELOW < sheet.height_share(row) < _EDGE_ABOVE
            for cell in row.cells
            if fold(cell.text) == key
        ),
        None,
    )
