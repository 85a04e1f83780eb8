"""Who sells and who buys: by headed blocks, the sender's line over the address window, legal forms and footers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.labels import Label, fold
from blocks.standards.printed_invoices.parties_lines import (
    LEGAL,
    STREET,
    account_holders,
    company_line,
    company_of,
    holds_postcode,
    is_contact,
    is_street,
)
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow

_SEPARATORS = re.compile(r"\s*[·•|∙⋅■]\s*|\s+[-–—*]\s+|\s*,\s+|\s{2,}")  # noqa: RUF001
_NOT_NAME = re.compile(r"@|www\.|https?:|\bGLN\b|\bID\b|\bSIRE[NT]\b|^\W*$|^[\d\W]+$")
_MOST_HEADINGS = 80
_MOST_NAMES = 40
_HEADINGS = ("seller", "buyer", "other_party", "section")
_LEGAL_STARTS = frozenset(
    {
        "gm",
        "mb",
        "ag",
        "kg",
        "oh",
        "gb",
        "ug",
        "e.",
        "ek",
        "ev",
        "eg",
        "se",
        "lt",
        "li",
        "ll",
        "in",
        "pl",
        "co",
        "sa",
        "s.",
        "eu",
    }
    | {"sn", "sr", "sp", "sl", "bv", "b.", "nv", "n.", "vo", "v.", "oy", "ab", "ap", "a/", "ge", "pv"}
)
_NEVER_NAMES = frozenset(
    {"original", "kopie", "copy", "duplicata", "seite", "page", "adresse", "address", "herr", "herrn", "frau", "firma"}
    | {"nummer", "numero", "number", "code", "name", "nom", "nome", "naam", "datum", "date", "data", "fecha", "logo"}
    | {"rechnung", "gutschrift", "invoice", "facture", "avoir", "fattura", "factura", "factuur", "contact", "kontakt"}
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over what belongs to a party, or over something else."""

    kind: str
    label: Label
    page: int


def headings(sheet: Sheet) -> list[Heading]:
    """Return labels that head a block: first in their cell, with nothing but marks or a name after them."""
    found = []
    for kind in _HEADINGS:
        for label in sheet.labels.get(kind, []):
            row = sheet.rows[label.row]
            starts = any(cell.first == label.first for cell in row.cells)
            if starts and _heads(row, label):
                found.append(Heading(kind, label, row.page))
    return sorted(found, key=lambda heading: (heading.label.row, heading.label.first))[:_MOST_HEADINGS]


def _heads(row: SheetRow, label: Label) -> bool:
    cell = next(cell for cell in row.cells if cell.first <= label.first <= cell.last)
    rest = [word.text for word in row.words[label.last + 1 : cell.last + 1] if fold(word.text)]
    if not rest:
        return True
    colon = row.words[label.last].text.endswith(":") or row.words[min(label.last + 1, len(row.words) - 1)].text == ":"
    return colon and len(rest) <= 9 and not any(letter.isdigit() for letter in rest[0])  # noqa: PLR2004 - a name, no sentence


def party_at(found: list[Heading], cell_left: float, row: SheetRow) -> str:
    """Return under whose heading something stands: 'seller', 'buyer', 'other_party', or ''.

    Of the headings above, those count whose column reaches the place: the rightmost column, in it the nearest.
    """
    above = [
        heading
        for heading in found
        if heading.page == row.page
        and heading.label.row <= row.index
        and heading.label.box[0] <= cell_left + 6
        and heading.label.box[3] - row.bottom < 260  # noqa: PLR2004 - a block of a party is not higher
    ]
    if not above:
        return ""
    right = max(heading.label.box[0] for heading in above)
    nearest = max((h for h in above if right - h.label.box[0] < 25), key=lambda h: h.label.row)  # noqa: PLR2004
    return nearest.kind if nearest.kind != "section" else ""


def names(sheet: Sheet, found: list[Heading]) -> tuple[list[Found[str]], list[Found[str]]]:
    """Return what may be the names of seller and of buyer, each best first."""
    sellers = [*_headed(sheet, found, "seller")]
    buyers = [*_headed(sheet, found, "buyer")]
    window = _window(sheet)
    if window:
        sender, receiver = window
        sellers.append(sender)
        if receiver and all(other.value != receiver.value for other in buyers):
            buyers.append(receiver)
    known = {fold(one.value) for one in buyers}
    sellers += _by_footer(sheet, found)
    sellers += [one for one in account_holders(sheet) if fold(one.value) not in known]
    sellers += [one for one in _by_legal_form(sheet, found) if fold(one.value) not in known]
    taken = {fold(one.value) for one in sellers[:1] if one.label != "address"}
    best = max(sellers, key=lambda one: one.score, default=None)
    if best:
        taken.add(fold(best.value))
    if not any(fold(one.value) not in taken for one in buyers):  # what a heading says is surer than any address
        buyers += [one for one in _by_address(sheet, found) if fold(one.value) not in taken]
    sellers = _spelt_out(_merged(sellers)[:_MOST_NAMES])
    return _merged(sellers), _merged([one for one in buyers if fold(one.value) not in taken])


def _spelt_out(sellers: list[Found[str]]) -> list[Found[str]]:
    """Replace a short name ('Example') by the full one ('Example Trading GmbH') that begins with it."""
    spelt = []
    for one in sellers:
        full = [
            other for other in sellers if fold(other.value).startswith(fold(one.value)) and LEGAL.search(other.value)
        ]
        longer = min(full, key=lambda other: len(other.value), default=one)
        better = longer if not LEGAL.search(one.value) else one
        spelt.append(Found(better.value, better.place, one.score, one.label, one.side))
    return spelt


def _merged(found: list[Found[str]]) -> list[Found[str]]:
    best: dict[str, Found[str]] = {}
    for one in found:
        key = fold(one.value)
        if key and (key not in best or best[key].score < one.score):
            best[key] = one
    return sorted(best.values(), key=lambda one: -one.score)


def _headed(sheet: Sheet, found: list[Heading], kind: str) -> Iterator[Found[str]]:
    for heading in found:
        if heading.kind != kind:
            continue
        row = sheet.rows[heading.label.row]
        cell = next(cell for cell in row.cells if cell.first <= heading.label.first <= cell.last)
        beside = _name_of(sheet, cell.row, heading.label.last + 1, cell.last)
        if beside is None and heading.label.last == cell.last:
            beside = _beside(sheet, heading)
        if beside:
            yield Found(beside[0], sheet.rows[cell.row].place(*beside[1]), 0.86, heading.label.key, "right")
            continue
        below = _name_below(sheet, found, heading)
        if below:
            yield below


def _beside(sheet: Sheet, heading: Heading) -> tuple[str, tuple[int, int]] | None:
    row = sheet.rows[heading.label.row]
    colon = row.words[heading.label.last].text.endswith(":")
    following = next((cell for cell in row.cells if cell.first > heading.label.last), None)
    if not colon or following is None or any(label.first == following.first for label in row.labels):
        return None
    return _name_of(sheet, row.index, following.first, following.last)


def _name_below(sheet: Sheet, found: list[Heading], heading: Heading) -> Found[str] | None:
    """Find the name under a heading: behind 'Name:', else the first line that is neither label nor identifier."""
    left = heading.label.box[0]
    lines: list[Found[str]] = []
    over = contact = False
    for row in sheet.rows[heading.label.row + 1 : heading.label.row + 14]:
        if row.page != heading.page:
            break
        cells = [cell for cell in row.cells if left - 12 <= cell.box[0] <= left + 150]
        cells = [cell for cell in cells if party_at(found, cell.box[0], row) == heading.kind]
        if not cells:
            if any(h.label.row == row.index and abs(h.label.box[0] - left) < 25 for h in found):  # noqa: PLR2004
                break
            continue
        hit = _behind_name(sheet, row, cells[0])
        if hit:
            return Found(hit[0], row.place(*hit[1]), 0.95, heading.label.key, "name")
        if _is_labelled(row, cells[0]):
            contact = contact or (not lines and is_contact(cells[0].text) and ":" not in cells[0].text)
        elif not over:
            hit = _name_of(sheet, row.index, cells[0].first, cells[0].last)
            if hit and not (STREET.search(hit[0]) or holds_postcode(hit[0])):
                lines.append(Found(hit[0], row.place(*hit[1]), 0.84, heading.label.key, "below"))
            else:
                over = bool(lines)
    return company_of(lines, below_contact=contact)


def _behind_name(sheet: Sheet, row: SheetRow, cell: Cell) -> tuple[str, tuple[int, int]] | None:
    """Return what follows 'Name:' at the beginning of a cell."""
    named = next((one for one in row.labels if one.kind == "party_name" and cell.first <= one.first <= cell.last), None)
    if named is None or named.first != cell.first:
        return None
    start = min(named.last + 1, len(row.words) - 1)
    if row.words[start].text == ":":
        start = min(start + 1, len(row.words) - 1)
    return _name_of(sheet, row.index, start, _end_of_cell(row, start)) if start > named.last else None


def _end_of_cell(row: SheetRow, index: int) -> int:
    return next((cell.last for cell in row.cells if cell.first <= index <= cell.last), len(row.words) - 1)


def _is_labelled(row: SheetRow, cell: Cell) -> bool:
    return ":" in cell.text or any(
        label.first == cell.first
        and (label.last == cell.last or label.kind in {"other", "vat_id", "tax_number", "order", "number", "iban"})
        and not label.weak
        for label in row.labels
    )


def _name_of(sheet: Sheet, row: int, first: int, last: int) -> tuple[str, tuple[int, int]] | None:
    words = sheet.rows[row].words
    while first <= last and (not fold(words[first].text) or words[first].text == ":"):
        first += 1
    if first > last:
        return None
    text = " ".join(word.text for word in words[first : last + 1]).strip(" ,;:")
    return (text, (first, last)) if _may_be_name(text) else None


def _may_be_name(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    return (
        letters >= 2  # noqa: PLR2004 - initials at least
        and letters * 2 > sum(not letter.isspace() for letter in text)
        and len(text) <= 120  # noqa: PLR2004 - a name, no paragraph
        and not _NOT_NAME.search(text)
        and fold(text) not in _NEVER_NAMES
    )


def _window(sheet: Sheet) -> tuple[Found[str], Found[str] | None] | None:
    """Find the sender's line ('Name · Street · Postcode City' in small print) and the receiver right below it."""
    for row in sheet.rows:
        if row.page != 1 or sheet.height_share(row) < 0.55:  # noqa: PLR2004 - windows are in the upper part
            continue
        for cell in row.cells:
            if cell.last - cell.first < 3 or not any(letter.isdigit() for letter in cell.text):  # noqa: PLR2004
                continue
            parts = [part for part in _SEPARATORS.split(cell.text) if part]
            if len(parts) < 3 or not holds_postcode(cell.text) or not _may_be_name(parts[0]):  # noqa: PLR2004
                continue
            if STREET.search(parts[0]) and not LEGAL.search(parts[0]):
                continue
            words = len(parts[0].split())
            place = row.place(cell.first, min(cell.first + words - 1, cell.last))
            return Found(parts[0], place, 0.8, "window", "in"), _receiver(sheet, cell)
    return None


def _receiver(sheet: Sheet, sender: Cell) -> Found[str] | None:
    contact = False
    for row in sheet.rows[sender.row + 1 : sender.row + 8]:
        for cell in row.cells:
            near = abs(cell.box[0] - sender.box[0]) < 25 and sender.box[1] - cell.box[3] < 90  # noqa: PLR2004
            if row.page != sender.page or not near or not _may_be_name(cell.text):
                continue
            if _is_labelled(row, cell):
                contact = contact or (is_contact(cell.text) and ":" not in cell.text)
                continue
            return company_of([Found(cell.text, cell.place, 0.8, "window", "below")], below_contact=contact)
    return None


def _by_legal_form(sheet: Sheet, found: list[Heading]) -> Iterator[Found[str]]:
    """Yield names with a legal form outside the buyer's blocks: letterheads and footers, seen often is seen surer."""
    seen: dict[str, Found[str]] = {}
    for row in sheet.rows:
        share = sheet.height_share(row)
        if 0.2 < share < 0.6 and row.page == 1:  # noqa: PLR2004 - the middle belongs to the lines
            continue
        for cell in row.cells:
            if (
                not _may_hold_legal_form(cell.text)
                or not LEGAL.search(cell.text)
                or party_at(found, cell.box[0], row) in {"buyer", "other_party"}
            ):
                continue
            name = _trimmed(cell.text)
            if not name or not _may_be_name(name):
                continue
            edge = 0.1 if share < 0.2 or share > 0.9 else 0.0  # noqa: PLR2004 - letterhead or footer
            key = fold(name)
            score = (seen[key].score + 0.06) if key in seen else 0.5 + edge
            if key not in seen or score > seen[key].score:
                place = seen[key].place if key in seen else cell.place
                seen[key] = Found(name, place, min(score, 0.78), "legal form", "")
    yield from seen.values()


def _may_hold_legal_form(text: str) -> bool:
    """Return quickly whether a word of a text can be a legal form: it begins with the same two letters as one."""
    return not _LEGAL_STARTS.isdisjoint([word[:2] for word in text.casefold().split()])


def _trimmed(text: str) -> str:
    """Return a name up to its legal form, without label and address around it."""
    for part in _SEPARATORS.split(text):
        name = part.rpartition(":")[2].strip(" ,;")
        form = next((found for found in LEGAL.finditer(name) if found.start() > 0), None)
        if form and len(name) - form.end() < 25:  # noqa: PLR2004 - '& Co. KG' follows, no sentence
            return name
    return ""


def _by_address(sheet: Sheet, found: list[Heading]) -> Iterator[Found[str]]:
    """Yield first lines of address blocks in the upper part of the first page that nobody else's heading claims."""
    for block in sheet.blocks:
        row = sheet.rows[block[0].row]
        if row.page != 1 or sheet.height_share(row) < 0.45 or len(block) < 2:  # noqa: PLR2004
            continue
        if not any(holds_postcode(cell.text) for cell in block[1:8]):
            continue
        if party_at(found, block[0].box[0], row) in {"seller", "other_party"}:
            continue
        for cell in block[:3]:
            if _may_be_name(cell.text) and ":" not in cell.text and not holds_postcode(cell.text):
                left = 0.06 if block[0].box[0] < sheet.page_size(1)[0] * 0.3 else 0.0
                company = 0.06 if LEGAL.search(cell.text) else 0.0
                score = 0.5 if is_contact(cell.text) else 0.55 + left + company
                yield Found(cell.text, cell.place, score, "address", "")
                break


def _by_footer(sheet: Sheet, found: list[Heading]) -> Iterator[Found[str]]:
    """Yield first lines of blocks that hold the sender's own marks (VAT id, register, IBAN), or that stand twice."""
    blocks = [block for block in sheet.blocks if len(block) > 1]
    pair = _address_pair(sheet, found, blocks)
    for block in blocks:
        row = sheet.rows[block[0].row]
        if party_at(found, block[0].box[0], row) in {"buyer", "other_party"}:
            continue
        if not any(holds_postcode(cell.text) for cell in block[1:9]):
            continue
        own = any(
            label.kind in {"vat_id", "tax_number", "iban"} or label.key in {"siren", "siret", "hrb", "kvk", "rea"}
            for cell in block
            for label in sheet.rows[cell.row].labels
            if cell.first <= label.first <= cell.last
        )
        cell = company_line(sheet, _above_street(sheet, block))
        if cell is not None:
            often = min(sheet.folded_text.count(fold(cell.text)) - 1, 2)
            score = 0.4 + 0.14 * own + 0.1 * often + (0.12 if block is pair else 0.0)
            yield Found(cell.text, cell.place, min(score, 0.8), "address", "")


def _above_street(sheet: Sheet, block: list[Cell]) -> list[Cell]:
    """Return the lines of an address, of its first three, that may be names: those above street and place."""
    lines: list[Cell] = []
    for cell in block[:3]:
        if holds_postcode(cell.text) or is_street(cell):
            if lines:
                break
        elif _may_be_name(cell.text) and not _is_labelled(sheet.rows[cell.row], cell):
            lines.append(cell)
    return lines


def _address_pair(sheet: Sheet, found: list[Heading], blocks: list[list[Cell]]) -> list[Cell] | None:
    """Return the sender's of two address blocks without headings: of a pair side by side the right, else the upper.

    Where the buyer has a heading, the one block without any is the sender's.
    """
    free = [
        block
        for block in blocks
        if block[0].page == 1
        and sheet.height_share(sheet.rows[block[0].row]) > 0.45  # noqa: PLR2004 - upper part
        and any(holds_postcode(cell.text) for cell in block[1:9])
        and not party_at(found, block[0].box[0], sheet.rows[block[0].row])
    ]
    kinds = {heading.kind for heading in found}
    if len(free) == 1 and "buyer" in kinds and "seller" not in kinds:
        return free[0]
    if len(free) != 2:  # noqa: PLR2004 - a sender and a receiver
        return None
    one, other = free
    if abs(one[0].box[3] - other[0].box[3]) < 30:  # noqa: PLR2004 - side by side
        return max(free, key=lambda block: block[0].box[0])
    return max(free, key=lambda block: block[0].box[3])
