"""Which product a data sheet is about: its title, its part number and its maker, as the first page prints them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from blocks.standards.pdf.layout import Page, TextLayer, Word
from blocks.standards.product_data.datasheets.cells import Cell, box_of, cells_of
from blocks.standards.product_data.datasheets.vocabulary import any_of
from blocks.standards.product_data.gtins import gtin_of

_BOILERPLATE = re.compile(
    rf"^(?:product |technical |produkt|technisches )?(?:{any_of('identity', 'paper')})$", re.IGNORECASE
)
_TAIL = re.compile(
    r"[\s|,\u2013-]*\b(?:data ?-?sheet|datenblatt|technical data|technische daten|product brief)\b[\s|,\u2013-]*",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    rf"\b(?:{any_of('identity', 'number')})(?:\s*[:#]\s*|\s+)([A-Z0-9][\w./+-]{{2,29}})", re.IGNORECASE
)
_NUMBER = re.compile(r"(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z0-9][\w./+-]{2,29}")
_ORDER_NUMBER = re.compile(r"[A-Za-z]{2,5}-\d{4,}[\w-]*|[A-Z]{2,}\d{4,}\w*|\d{5,}[\w.-]*")
_MAKER = re.compile(
    r"\b(?:manufacturer|maker|company name|made by|hersteller|fabricant|produttore|fabricante)\s*(?:[:|]\s*|\s{2,})"
    r"([A-Z][\w&.\- ]{1,40})",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\([cC]\)|[Cc]opyright|COPYRIGHT)\s*(?:©\s*)?(?:\d{4}(?:\s?[-\u2013]\s?\d{4})?,?\s*)?(?:by\s+)?"
    r"([A-Z][\w&.\- ]{1,40})"
)
_LEGAL = re.compile(rf"[\s,]+(?:{any_of('identity', 'legal_form')})\b.*$", re.IGNORECASE)
_SITE = re.compile(
    r"\b(?:www\.|https?://(?:www\.)?)(?:[a-z0-9-]{1,40}\.){0,4}?([a-z0-9-]{3,30})\."
    r"(?:com|de|cc|net|org|eu|io|at|ch|fr|it|nl|co\.uk)\b",
    re.IGNORECASE,
)
_GTIN = re.compile(r"\b(?:GTIN|EAN|UPC)(?:[- ]?1?[2348])?\b\D{0,8}(\d[\d -]{6,16}\d)")
_MARKED = re.compile(r"\b([A-Z][\w&-]{1,30})\s?[®™]")
_CAMEL = re.compile(r"^[A-Z][a-z]+[A-Z][a-z]\w*$")
_LONGEST = 90
_MOST_TEXT = 20_000
"""Characters that are looked through for numbers and makers."""
_TOP = 0.45
_OVERLAP, _BELOW = 2.0, 2.5
"""A number right below a title: overlapping it by so many points at most, or below it by so many of its sizes."""
_NO_MAKER = frozenset(
    {"github", "arduinocc", "google", "youtube", "wikipedia", "facebook", "linkedin", "twitter", "example"}
)


class Identity(NamedTuple):
    """What a sheet is about; None where it does not say."""

    name: str | None
    mpn: str | None
    brand: str | None
    gtin: str | None


def identity_of(layer: TextLayer) -> Identity:
    """Return name, part number, maker and GTIN; the GTIN only where it is announced and its check digit holds."""
    page = layer.pages[0]
    cells = [cell for row in page.rows if row.words for cell in cells_of(row.words, page.number)]
    title = _title(page, cells) or _plain_title(layer.title)
    head = " \n".join(row.text for row in page.rows)[:_MOST_TEXT]
    number, name = _number(title, head, cells)
    gtin = next((gtin for found in _GTIN.finditer(head) if (gtin := gtin_of(found[1]))), None)
    return Identity(name[:_LONGEST] or None, number or None, _brand(layer, title) or None, gtin)


def _title(page: Page, cells: Sequence[Cell]) -> str:
    """Return the largest print in the upper part of the first page that is no word for the document itself."""
    candidates = [cell for cell in cells if cell.box[3] > page.height * _TOP]
    for cell in sorted(_by_size(candidates), key=lambda one: (-round(one.size), -one.box[3])):
        text = _TAIL.sub(" ", cell.text).strip(" |\u2013-")
        if sum(map(str.isalpha, text)) > 2 and not _BOILERPLATE.match(text.strip(" :")) and len(text) <= _LONGEST:  # noqa: PLR2004
            return " ".join(text.split())
    return ""


def _by_size(cells: Sequence[Cell]) -> Iterator[Cell]:
    """Yield cells with only their largest words: small print may stand beside a title."""
    for cell in cells:
        words: list[Word] = [word for word in cell.words if word.size > 0.8 * cell.size]
        text = " ".join(word.text for word in words)
        yield Cell(text, cell.page, box_of(words), cell.size, tuple(words))


def _plain_title(text: str) -> str:
    """Return the title the document's own data states, where it is no file name."""
    plain = " ".join(text.split())
    return "" if re.search(r"\.\w{2,4}$|^(?:untitled|microsoft word|slide)", plain, re.IGNORECASE) else plain[:_LONGEST]


def _number(title: str, head: str, cells: Sequence[Cell]) -> tuple[str, str]:
    """Return the part number and the title without it."""
    labelled = next((found[1] for found in _LABELLED.finditer(head) if sum(map(str.isdigit, found[1])) > 1), "")
    bracketed = re.search(r"\s*\(?\b(" + _ORDER_NUMBER.pattern + r")\)?\s*$", title)
    own = bracketed[1] if bracketed else ""
    bare = title[: bracketed.start()].strip(" (,\u2013-") if bracketed else title
    if labelled:
        return labelled, bare if own.casefold() == labelled.casefold() and bare else title
    alone = _below_title(title, cells)
    if alone:
        return alone, title
    if own and bare:
        return own.upper() if own[0].isalpha() else own, bare
    words = [word.strip("(),") for word in title.split()]
    within = [at for at, word in enumerate(words) if _NUMBER.fullmatch(word)]
    if not within:
        return "", title
    at = max(within, key=lambda place: sum(map(str.isdigit, words[place])))
    series = at > 0 and words[at][0].isdigit() and re.fullmatch(r"[A-Z]{1,4}", words[at - 1])
    return (f"{words[at - 1]} {words[at]}" if series else words[at]), title


def _below_title(title: str, cells: Sequence[Cell]) -> str:
    """Return a number that stands by itself right below the title."""
    at = next((cell for cell in cells if title and title[:20] in " ".join(cell.text.split())), None)
    if at is None:
        return ""
    for cell in cells:
        drop = at.box[1] - cell.box[3]
        if -_OVERLAP < drop < _BELOW * at.size and cell is not at and _ORDER_NUMBER.fullmatch(cell.text.strip()):
            return cell.text.strip()
    return ""


def _brand(layer: TextLayer, title: str) -> str:
    text = "\n".join(row.text for page in (*layer.pages[:2], *layer.pages[-2:]) for row in page.rows)[:_MOST_TEXT]
    labelled = _MAKER.search(text) or _COPYRIGHT.search(text)
    marked = _MARKED.search(title)
    if marked:
        return marked[1]
    first = title.split(" ", maxsplit=1)[0] if title else ""
    if _CAMEL.match(first):
        return first
    if labelled and (plain := _LEGAL.sub("", labelled[1]).strip(" .,-")) and plain.count(" ") < 3:  # noqa: PLR2004 - words
        return plain
    return _of_site(text)


def _of_site(text: str) -> str:
    """Return the maker a site is named after, as the text writes it."""
    for found in _SITE.finditer(text):
        site = found[1].replace("-", "").casefold()
        if site in _NO_MAKER:
            continue
        for word in re.findall(r"\b[A-Z][\w&-]{2,29}\b", text):
            if word.replace("-", "").casefold() == site:
                return str(word)
    return ""
