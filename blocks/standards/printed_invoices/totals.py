"""The totals of an invoice: labelled amounts compete, and only those that close among each other are kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from blocks.documents.conversions import Place
from blocks.standards.printed_invoices.labels import Label
from blocks.standards.printed_invoices.numbers import PrintedFigure
from blocks.standards.printed_invoices.sheet import Sheet, SheetRow

ROLES = ("line_net", "allowances", "charges", "net", "vat", "gross", "prepaid", "rounding", "payable")
_MOST = 9
_MOST_CHANGES = 30
_CENT = Decimal("0.01")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with the role its label gives it; ``order`` counts through the document."""

    role: str
    value: Decimal
    place: Place
    score: float
    row: int
    label: str = ""


@dataclass(slots=True)
class Closed:
    """Totals that close: role → amount; ``derived`` roles are not printed but follow from the others."""

    amounts: dict[str, Amount] = field(default_factory=dict)
    derived: dict[str, Decimal] = field(default_factory=dict)
    score: float = 0.0

    def value(self, role: str) -> Decimal | None:
        """Return the amount of a role, printed or derived."""
        found = self.amounts.get(role)
        return found.value if found else self.derived.get(role)


def labelled_amounts(sheet: Sheet) -> dict[str, list[Amount]]:
    """Return every amount that a label of a total announces, by role; those lower in the document weigh more."""
    found: dict[str, list[Amount]] = {}
    for role in (*ROLES, "total"):
        for label in sheet.labels.get(role, []):
            for figure, side in _figures_of(sheet, label):
                value = sheet.style.read(figure)
                if value is not None:
                    score = _score(sheet, label, figure, side)
                    found.setdefault(role, []).append(Amount(role, value, figure.place, score, label.row, label.key))
    return {role: _best(amounts) for role, amounts in found.items()}


def _score(sheet: Sheet, label: Label, figure: PrintedFigure, side: str) -> float:
    late = 0.12 * label.row / max(len(sheet.rows) - 1, 1)
    cents = 0.1 if figure.places == 2 else 0.0  # noqa: PLR2004 - two places
    return {"right": 1.0, "beside": 0.9, "below": 0.85}[side] + late + cents - (0.25 if label.weak else 0.0)


def changes(sheet: Sheet, role: str, lines: tuple[int, int]) -> list[Amount]:
    """Return the amounts of allowances or charges of the document, one for each row outside the lines.

    Args:
        sheet: The document.
        role: 'allowances' or 'charges'.
        lines: Rows of the first and of the last line.
    """
    found: dict[int, Amount] = {}
    for label in sheet.labels.get(role, []):
        row = sheet.rows[label.row]
        figures = [f for f in row.figures if f.first > label.last and f.places == 2 and is_amount(row, f)]  # noqa: PLR2004
        if not lines[0] <= label.row <= lines[1] and figures and label.row not in found:
            value = sheet.style.read(figures[-1])
            if value:
                found[label.row] = Amount(role, value, figures[-1].place, 1.0, label.row, label.key)
    return list(found.values())[:_MOST_CHANGES]


def _best(amounts: list[Amount]) -> list[Amount]:
    merged: dict[Decimal, Amount] = {}
    for one in amounts:
        if one.value not in merged or merged[one.value].score < one.score:
            merged[one.value] = one
    return sorted(merged.values(), key=lambda one: -one.score)[:_MOST]


def _figures_of(sheet: Sheet, label: Label) -> Iterator[tuple[PrintedFigure, str]]:
    row = sheet.rows[label.row]
    stop = _next_label(row, label)
    right = [f for f in row.figures if label.last < f.first < stop and is_amount(row, f)]
    if right:
        yield right[-1], "right"
        for figure in right[:-1]:
            if figure.places == 2:  # noqa: PLR2004 - cents
                yield figure, "right"
        return
    beside = _half_a_line_off(sheet, label)
    if beside:
        yield beside, "beside"
        return
    for figure in _below(sheet, label):
        yield figure, "below"


def _next_label(row: SheetRow, label: Label) -> int:
    later = [
        o.first
        for o in row.labels
        if o.first > label.last
        and not o.weak
        and o.kind in {*ROLES, "total", "due_date", "iban", "other"}
        and o.key != "eur"
    ]
    stop = min(later, default=len(row.words))
    between = [f for f in row.figures if label.last < f.first < stop and is_amount(row, f)]
    return stop if between or stop == len(row.words) else _behind_cluster(row, stop)


def _behind_cluster(row: SheetRow, stop: int) -> int:
    """Return where to look on if labels stand side by side without a figure between ('Bruttosumme / Zahlbetrag')."""
    following = next((o for o in row.labels if o.first == stop), None)
    gap = row.words[stop].left - row.words[stop - 1].right
    if following is None or gap > 2.0 * max(row.words[stop].size, 5.0):
        return stop
    return _next_label(row, following)


def is_amount(row: SheetRow, figure: PrintedFigure) -> bool:
    """Return whether a figure can be an amount: no per cent, no date, no part of a word."""
    if figure.percent or len(figure.body) > 18:  # noqa: PLR2004 - no amount is longer
        return False
    if row.dates and any(printed.first <= figure.first <= printed.last for printed in row.dates):
        return False
    return figure.last + 1 >= len(row.words) or not row.words[figure.last + 1].text.startswith("%")


def _half_a_line_off(sheet: Sheet, label: Label) -> PrintedFigure | None:
    """Return the only figure of a neighbouring row that overlaps the label's height and stands right of it."""
    _, bottom, right, top = label.box
    row = sheet.rows[label.row]
    height = max(top - bottom, 6.0)
    for other in sheet.rows[max(label.row - 1, 0) : label.row + 2]:
        if other is row or other.page != row.page or any(o.kind in ROLES for o in other.labels):
            continue
        near = abs((other.top + other.bottom) / 2 - (top + bottom) / 2) < 0.75 * height
        hits = [f for f in other.figures if near and f.box[0] > right and f.places == 2 and is_amount(other, f)]  # noqa: PLR2004
        if len(hits) == 1:
            return hits[0]
    return None


def _below(sheet: Sheet, label: Label) -> Iterator[PrintedFigure]:
    """Yield the figures under a label: the nearest, and under a head of several labels the whole column."""
    row = sheet.rows[label.row]
    left, bottom, right, top = label.box
    head = sum(other.kind in {*ROLES, "total"} for other in row.labels) > 1
    height = max(top - bottom, 6.0)
    for below in sheet.rows[label.row + 1 : label.row + (10 if head else 4)]:
        if below.page != row.page or bottom - below.top > (4.5 if head else 2.5) * height:
            return
        hits = [f for f in below.figures if is_amount(below, f) and f.box[0] < right + 12 and f.box[2] > left - 12]
        hits = [f for f in hits if f.places == 2 or head]  # noqa: PLR2004 - cents
        if hits:
            yield min(hits, key=lambda f: abs(f.box[2] - right))
            if not head:
                return
            bottom = below.bottom
        elif any(other.kind in ROLES and other.box[0] < right and other.box[2] > left for other in below.labels):
            return


def combinations(amounts: dict[str, list[Amount]], *, vat_sums: Iterable[tuple[Decimal, Decimal]] = ()) -> list[Closed]:
    """Return the ways in which net, VAT and gross close, best first.

    Args:
        amounts: What ``labelled_amounts`` found.
        vat_sums: (basis, tax) sums of breakdowns that were found; agreement with one makes a way surer.
    """
    total = amounts.get("total", [])
    nets = [*amounts.get("net", []), *_weaker(amounts.get("line_net", []), "net", 0.5), *_weaker(total, "net", 0.6)]
    grosses = [
        *amounts.get("gross", []),
        *_weaker(total, "gross", 0.2),
        *_weaker(amounts.get("payable", []), "gross", 0.35),
    ]
    sums = set(vat_sums)
    found = [way for net, gross in product(nets, grosses) for way in _closing(net, gross, amounts.get("vat", []), sums)]
    return sorted(found, key=lambda way: -way.score)


def _weaker(amounts: list[Amount], role: str, loss: float) -> list[Amount]:
    return [Amount(role, one.value, one.place, one.score - loss, one.row, one.label) for one in amounts]


def _closing(net: Amount, gross: Amount, vats: list[Amount], sums: set[tuple[Decimal, Decimal]]) -> Iterator[Closed]:
    tax = gross.value - net.value
    confirmed = 0.8 if (net.value, tax) in sums else 0.0
    order = 0.1 if net.row <= gross.row else 0.0
    base = net.score + gross.score + confirmed + order + (0.15 if net.place != gross.place else -0.3)
    printed = next((vat for vat in vats if vat.value == tax), None)
    if printed:
        yield Closed({"net": net, "gross": gross, "vat": printed}, {}, base + printed.score)
    elif confirmed or tax == _ZERO:
        yield Closed({"net": net, "gross": gross}, {"vat": tax}, base + (0.3 if confirmed else -0.8))


def is_close(left: Decimal, right: Decimal, tolerance: Decimal = _CENT) -> bool:
    """Return whether two amounts differ by no more than a rounding."""
    return abs(left - right) <= tolerance
