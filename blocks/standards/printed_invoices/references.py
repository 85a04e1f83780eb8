"""The number of an invoice, its dates, the order it refers to, and its currency: labelled values compete by score."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from blocks.documents.conversions import Place
from blocks.standards.printed_invoices.dates import PrintedDate, days_first
from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.labels import Label, fold
from blocks.standards.printed_invoices.numbers import CURRENCIES, CURRENCY_CODES
from blocks.standards.printed_invoices.sheet import Sheet, SheetRow, gap_between
from blocks.standards.printed_invoices.values import cells_below, is_label, words_right

_STOPS = frozenset(
    [
        "vom",
        "du",
        "of",
        "date",
        "dated",
        "from",
        "del",
        "van",
        "le",
        "den",
        "de",
        "dal",
        "am",
        "on",
        "en",
        "datum",
        "fecha",
        "data",
        "page",
        "seite",
        "pagina",
        "il",
        "und",
        "and",
        "et",
        "y",
        "e",
        "zum",
        "zur",
        "per",
        "fur",
        "vom:",
        "de:",
        "kunde",
    ]
)
_TRAILING = ".,;:)|"
_IDENTIFIER = re.compile(r"^[^\W_][\w./\-_+#&]*$")
_PREFIX = re.compile(r"^[A-Z][A-Z.\-/]{0,7}$")
_TYPE_CODE = re.compile(r"\([23578]\d\d\)$")
_PAGE = re.compile(r"^\d+/\d+$")


def numbers(sheet: Sheet) -> list[Found[str]]:
    """Return what may be the number of the invoice, best first."""
    preceding = {(label.row, label.last) for label in sheet.labels.get("preceding", [])}
    found = []
    for label in sheet.labels.get("number", []):
        if (label.row, label.last) in preceding or _within(sheet, label, "preceding") or _in_prose(sheet, label):
            continue
        found += _references(sheet, label, base=0.62 if label.weak else 0.9)
    found += _after_codes(sheet)
    return _ranked(found)


def _in_prose(sheet: Sheet, label: Label) -> bool:
    """Return whether a weak label stands in the midst of a sentence: it heads neither its cell nor follows a title."""
    if not label.weak:
        return False
    row = sheet.rows[label.row]
    return not any(cell.first == label.first for cell in row.cells) and not any(
        other.last == label.first - 1 for other in row.labels
    )


def _after_codes(sheet: Sheet) -> list[Found[str]]:
    """Find 'Teilrechnung (326) Nr. 4711': a number after the type code (UNTDID 1001) that some programs print."""
    found = []
    for row in sheet.rows:
        if "(" not in row.text:
            continue
        for index, word in enumerate(row.words[:-2]):
            if _TYPE_CODE.search(word.text) and fold(row.words[index + 1].text) in {"nr", "no", "n", "num", "numero"}:
                hit = _reference(row, index + 2, len(row.words) - 1, any_text=False)
                if hit:
                    found.append(Found(hit[0], hit[1], 0.92, "code", "right"))
    return found


def orders(sheet: Sheet) -> list[Found[str]]:
    """Return what may be the number of the buyer's order, best first."""
    found = []
    for label in sheet.labels.get("order", []):
        found += _references(sheet, label, base=0.5 if label.weak else 0.9, any_text=True)
    return _ranked(found)


def _within(sheet: Sheet, label: Label, kind: str) -> bool:
    return any(
        other.kind == kind and other.first <= label.first <= other.last + 1 for other in sheet.rows[label.row].labels
    )


def _references(sheet: Sheet, label: Label, *, base: float, any_text: bool = False) -> list[Found[str]]:
    row = sheet.rows[label.row]
    span = words_right(sheet, label)
    if span:
        if label.weak and span[0] > label.last + 1 and "#" not in row.words[label.last + 1].text and not any_text:
            base += 0.1
        hit = _reference(row, *span, any_text=any_text and not label.weak)
        if hit:
            value, place, first = hit
            far = gap_between(row.words, label.last, first)
            if label.weak and far > 6:  # noqa: PLR2004 - a weak label reaches only its neighbour
                return []
            return [Found(value, place, base - min(far, 20) * 0.004, label.key, "right")]
        if not label.weak and gap_between(row.words, label.last, span[0]) < 2:  # noqa: PLR2004 - the next word is its value
            return []
    if label.weak and not any_text:
        return []
    for cell in cells_below(sheet, label):
        if is_label(sheet, cell):
            break
        below = sheet.rows[cell.row]
        hit = _reference(below, cell.first, cell.last, any_text=False)
        if hit:
            return [Found(hit[0], hit[1], base - 0.06 - abs(cell.box[0] - label.box[0]) * 0.001, label.key, "below")]
        break
    return []


def _reference(row: SheetRow, first: int, last: int, *, any_text: bool) -> tuple[str, Place, int] | None:
    """Return the identifier that begins at a word: a word, a prefix with its number, digits parted by spaces."""
    while first <= last and fold(row.words[first].text) in {"", "nr", "no", "n", "number", "nummer", "#", "id"}:
        first += 1
    if first > last or any(printed.first <= first <= printed.last for printed in row.dates):
        return None
    end = _end_of_reference(row, first, last)
    text = " ".join(word.text for word in row.words[first : end + 1]).strip("(:#").rstrip(_TRAILING)
    joined = text.replace(" ", "")
    if row.words[first].text.startswith("("):
        return None
    if not joined or not _IDENTIFIER.match(joined) or _PAGE.match(joined):
        return None
    if not any(letter.isdigit() for letter in joined) and not (any_text and "-" in joined):
        return None
    if len(joined) > 40 or joined.casefold().startswith(("http", "www")):  # noqa: PLR2004 - no identifier is longer
        return None
    return text, row.place(first, end), first


def _end_of_reference(row: SheetRow, first: int, last: int) -> int:
    end = first
    while end < last:
        here, following = row.words[end], row.words[end + 1]
        gap = (following.left - here.right) / max(here.size, 5.0)
        if gap > 0.9 or here.text[-1] in ",;|)" or fold(following.text) in _STOPS:  # noqa: PLR2004 - a space, no column
            break
        if any(printed.first == end + 1 for printed in row.dates) or any(
            label.first == end + 1 for label in row.labels
        ):
            break
        begun = any(letter.isdigit() for word in row.words[first : end + 1] for letter in word.text)
        digits = any(letter.isdigit() for letter in following.text) and _IDENTIFIER.match(
            following.text.rstrip(_TRAILING)
        )
        mark = following.text in {"-", "/", "–"}  # noqa: RUF001
        prefix = _PREFIX.match(here.text) or here.text in {"-", "/", "–"}  # noqa: RUF001
        if not (mark or (digits and (prefix or begun))) or (mark and end + 1 == last):
            break
        end += 1
    return end


def _ranked(found: list[Found[str]]) -> list[Found[str]]:
    """Merge equal values (each further place makes surer) and put the best first."""
    merged: dict[str, Found[str]] = {}
    count: Counter[str] = Counter()
    for one in found:
        count[one.value] += 1
        best = merged.get(one.value)
        if best is None or one.score > best.score:
            merged[one.value] = one
    first_page = {value: 0.03 if one.place.page == 1 else 0.0 for value, one in merged.items()}
    return sorted(
        (
            Found(
                one.value,
                one.place,
                one.score + first_page[value] + 0.02 * min(count[value] - 1, 3),
                one.label,
                one.side,
            )
            for value, one in merged.items()
        ),
        key=lambda one: (-one.score, one.place.page, -one.place.box[3]),
    )


def day_first(sheet: Sheet) -> bool | None:
    """Return whether the document writes the day before the month; None if neither dates nor language tell."""
    told = days_first(printed for row in sheet.rows for printed in row.dates)
    if told is not None:
        return told
    return True if sheet.language in {"de", "fr", "it", "es", "nl"} else None


def issue_dates(sheet: Sheet) -> list[Found[PrintedDate]]:
    """Return what may be the day of issue, best first."""
    found = []
    for label in sheet.labels.get("issue_date", []):
        found += _dated(sheet, label, base=0.55 if label.weak else 0.95)
    for label in sheet.labels.get("number", []):
        found += _date_after_number(sheet, label)
    for row in sheet.rows:
        if row.dates and "(" in row.text and any(_TYPE_CODE.search(word.text) for word in row.words[:-2]):
            found += [Found(printed, printed.place, 0.9, "code", "right") for printed in row.dates[:1]]
    if all(one.score < 0.6 for one in found):  # noqa: PLR2004 - nothing sure
        found += _alone(sheet)
    due = [one.place for one in due_dates(sheet)]
    ranked = _ranked_dates(sheet, found)
    return [one for one in ranked if one.score > 0.9 or one.place not in due] or ranked  # noqa: PLR2004 - a label of its own


def due_dates(sheet: Sheet) -> list[Found[PrintedDate]]:
    """Return what may be the day on which payment is due, best first; days for Skonto are none."""
    found = []
    for label in sheet.labels.get("due_date", []):
        if not any(other.kind == "skonto" for other in sheet.rows[label.row].labels) or label.first == 0:
            found += _dated(sheet, label, base=0.9)
    for row in sheet.rows:
        text = row.text.casefold() if row.dates else ""
        if row.dates and " bis " in f" {text} " and "netto" in text and "zahlbar" in text:
            one = row.dates[0] if text.find("netto") < text.find(row.dates[0].text.casefold()) else row.dates[-1]
            found.append(Found(one, one.place, 0.7, "nettobis", "right"))
    return _ranked_dates(sheet, found)


def _dated(sheet: Sheet, label: Label, *, base: float) -> list[Found[PrintedDate]]:
    row = sheet.rows[label.row]
    later = [printed for printed in row.dates if printed.first > label.last]
    stop = min(
        (o.first for o in row.labels if o.first > label.last and not o.weak and o.kind != "section"), default=10**6
    )
    if later and later[0].first < stop:
        score = _score_right(sheet, label, later[0], base)
        if score is not None:
            return [Found(later[0], later[0].place, score, label.key, "right")]
    if label.weak and len(label.key) < 4:  # noqa: PLR2004 - 'le', 'du' and their like reach right only
        return []
    for cell in cells_below(sheet, label):
        below = sheet.rows[cell.row]
        hit = next((printed for printed in below.dates if cell.first <= printed.first <= cell.last), None)
        if hit:
            return [Found(hit, hit.place, base - 0.06 - abs(cell.box[0] - label.box[0]) * 0.001, label.key, "below")]
        if is_label(sheet, cell):
            break
    return []


def _words_of_cell(row: SheetRow, index: int) -> int:
    return next((cell.last - cell.first + 1 for cell in row.cells if cell.first <= index <= cell.last), 0)


def _score_right(sheet: Sheet, label: Label, printed: PrintedDate, base: float) -> float | None:
    """Return how well a date right of a label fits it: less with words between, in sentences, by a time of day."""
    row = sheet.rows[label.row]
    between = printed.first - label.last - 1
    near = label.weak and _near_number(sheet, row)
    far = gap_between(row.words, label.last, printed.first)
    if between > 4 or (label.weak and (between > 1 or far > (40 if near else 14))):  # noqa: PLR2004 - no label, a sentence
        return None
    base -= 0.02 * between
    if any(len(fold(word.text)) > 3 for word in row.words[label.last + 1 : printed.first]):  # noqa: PLR2004 - a word
        base -= 0.35
    if near:
        base += 0.2
    elif label.weak and _words_of_cell(row, label.first) > 7:  # noqa: PLR2004 - in the midst of a sentence
        base -= 0.3
    return base - (0.25 if _has_clock(row) else 0.0)


def _near_number(sheet: Sheet, row: SheetRow) -> bool:
    """Return whether the label of an invoice number stands in the same row or one of the next two rows to it."""
    return any(
        any(cell.first == label.first for cell in sheet.rows[label.row].cells)
        and sheet.rows[label.row].page == row.page
        and abs(label.row - row.index) <= 3  # noqa: PLR2004
        for label in sheet.labels.get("number", [])
    )


def _has_clock(row: SheetRow) -> bool:
    return any(re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", word.text) for word in row.words)


def _date_after_number(sheet: Sheet, label: Label) -> list[Found[PrintedDate]]:
    """Find 'Rechnung Nr. 4711 vom 01.02.2024': a date soon after the number, in the same row."""
    row = sheet.rows[label.row]
    if _within(sheet, label, "preceding") or _in_prose(sheet, label) or not _references(sheet, label, base=0.9):
        return []
    for printed in row.dates:
        if 0 < printed.first - label.last <= 5 and gap_between(row.words, label.last, printed.first) < 8:  # noqa: PLR2004
            return [Found(printed, printed.place, 0.74 if label.weak else 0.86, label.key, "right")]
    return []


def _alone(sheet: Sheet) -> list[Found[PrintedDate]]:
    """Without any label: a date that stands alone in its cell in the upper half of the first page."""
    found = []
    for row in sheet.rows:
        if row.page != 1 or sheet.height_share(row) < 0.5:  # noqa: PLR2004 - upper half
            continue
        score = 0.57 + 0.12 * _near_number(sheet, row)
        alone = {(cell.first, cell.last) for cell in row.cells}
        found += [Found(one, one.place, score) for one in row.dates if (one.first, one.last) in alone]
    return found


def _ranked_dates(sheet: Sheet, found: list[Found[PrintedDate]]) -> list[Found[PrintedDate]]:
    merged: dict[date, Found[PrintedDate]] = {}
    for one in found:
        height = sheet.page_size(one.place.page)[1]
        low = 0.12 if height and one.place.box[1] / height < 0.1 else 0.0  # noqa: PLR2004 - a footer tells when it was printed
        score = one.score - low + (0.03 if one.place.page == 1 else 0.0)
        key = one.value.read(day_first=True)
        if key not in merged or merged[key].score < score:
            merged[key] = Found(one.value, one.place, score, one.label, one.side)
    return sorted(merged.values(), key=lambda one: (-one.score, one.place.page, -one.place.box[3]))


def currencies(sheet: Sheet) -> list[Found[str]]:
    """Return the currencies the document names, best first: by label, then by how often figures carry them."""
    best: dict[str, Found[str]] = {}
    for one in (*_labelled_currencies(sheet), *_counted_currencies(sheet)):
        if one.value not in best or best[one.value].score < one.score:
            best[one.value] = one
    return sorted(best.values(), key=lambda one: -one.score)


def _labelled_currencies(sheet: Sheet) -> Iterator[Found[str]]:
    for label in sheet.labels.get("currency", []):
        span = words_right(sheet, label)
        row = sheet.rows[label.row]
        for index in range(span[0], min(span[1], span[0] + 3) + 1) if span else ():
            code = currency_of(row.words[index].text)
            if code:
                yield Found(code, row.place(index, index), 0.95, label.key, "right")
                break


def _counted_currencies(sheet: Sheet) -> Iterator[Found[str]]:
    counts: Counter[str] = Counter()
    places: dict[str, Place] = {}
    for row in sheet.rows:
        for index, code in enumerate(map(_currency_shown, row.texts)):
            if code:
                counts[code] += 1
                places.setdefault(code, row.place(index, index))
        for figure in row.figures:
            if figure.currency:
                counts[figure.currency] += 2
                places.setdefault(figure.currency, figure.place)
    for code, count in counts.items():
        yield Found(code, places[code], 0.9 * count / counts.total())


@lru_cache(maxsize=16384)
def _currency_shown(text: str) -> str:
    return currency_of(text) if len(text) <= _LONGEST_CURRENCY and not text.isdigit() else ""


_LONGEST_CURRENCY = 7


@lru_cache(maxsize=8192)
def currency_of(text: str) -> str:
    """Return the ISO 4217 code a word stands for, or ''."""
    bare = text.strip("()[]:.,;")
    return bare if bare in CURRENCY_CODES else CURRENCIES.get(bare.upper(), "")


def in_order(issued: date, due: date) -> bool:
    """Return whether payment is due on or after the day of issue, within two years."""
    return timedelta(0) <= due - issued <= timedelta(days=732)
