"""VAT by rate: rows in which rate and basis make the tax, chosen so that they add up to the totals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice, product

from blocks.documents.conversions import Place
from blocks.standards.printed_invoices.numbers import PrintedFigure
from blocks.standards.printed_invoices.sheet import Sheet, SheetRow
from blocks.standards.printed_invoices.totals import is_amount

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_HIGHEST = Decimal(30)
_MOST_WAYS = 4000
_MOST_FIGURES = 24
"""A row with more is no part of a breakdown, but would cost time by its square."""


@dataclass(frozen=True, slots=True)
class VatGroup:
    """Basis and tax of one rate; a place is None where the value is not printed but follows from others."""

    rate: Decimal
    basis: Decimal
    amount: Decimal
    row: int = -1
    rate_place: Place | None = None
    basis_place: Place | None = None
    amount_place: Place | None = None


def tax_on(basis: Decimal, rate: Decimal) -> Decimal:
    """Return the tax on a basis, rounded half up to cents (EN 16931 BR-CO-17)."""
    return (basis * rate / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)


def fits(basis: Decimal, rate: Decimal, amount: Decimal, *, tolerance: Decimal = _CENT) -> bool:
    """Return whether a tax is that of a basis, or off by no more than a rounding of its own."""
    return abs(tax_on(basis, rate) - amount) <= tolerance


def rates_in(sheet: Sheet, row: SheetRow) -> list[tuple[Decimal, PrintedFigure, bool]]:
    """Return what can be rates in a row with the figure, and whether a per cent sign says so."""
    found = []
    for figure in row.figures:
        value = sheet.style.read(figure)
        if value is None or not 0 <= value <= _HIGHEST or figure.currency:
            continue
        following = row.words[figure.last + 1].text if figure.last + 1 < len(row.words) else ""
        signed = figure.percent or following.startswith("%")
        if signed or (value == value.to_integral_value() and figure.places in {0, 1, 2}) or figure.places == 1:
            found.append((value, figure, signed))
    return found


def groups(sheet: Sheet) -> list[VatGroup]:
    """Return every row that can be the VAT of one rate: basis, rate and tax that fit each other."""
    found: dict[tuple[Decimal, Decimal, Decimal], VatGroup] = {}
    for row in sheet.rows:
        if len(row.figures) < 2:  # noqa: PLR2004 - basis and tax
            continue
        amounts = [(value, f) for f in row.figures if is_amount(row, f) and (value := sheet.style.read(f)) is not None]
        if not 2 <= len(amounts) <= _MOST_FIGURES:  # noqa: PLR2004 - basis and tax
            continue
        for group in _in_row(sheet, row, amounts):
            found[group.rate, group.basis, group.amount] = group
    return list(found.values())


def _in_row(sheet: Sheet, row: SheetRow, amounts: list[tuple[Decimal, PrintedFigure]]) -> Iterator[VatGroup]:
    rates = rates_in(sheet, row)
    if any(signed for _, _, signed in rates):
        rates = [rate for rate in rates if rate[2]]
    for rate, printed, signed in rates:
        for (basis, one), (amount, other) in product(amounts, amounts):
            if one is other or printed in (one, other) or (not signed and one.places != 2):  # noqa: PLR2004 - cents
                continue
            if (basis < 0) != (amount < 0) and amount != 0:
                continue
            exact = rate == 0 or basis == 0 or abs(basis) > abs(amount)
            if exact and fits(basis, rate, amount) and (rate != 0 or amount == 0) and basis != 0:
                yield VatGroup(rate, basis, amount, row.index, printed.place, one.place, other.place)


def breakdown(found: Sequence[VatGroup], net: Decimal, tax: Decimal) -> tuple[VatGroup, ...]:
    """Return the groups, one for each rate at most, that add up to net and tax; () if none do."""
    by_rate: dict[tuple[Decimal, int], list[VatGroup | None]] = {}
    for group in sorted(found, key=lambda group: -group.row):
        own = group.row if group.rate == 0 else -1  # exempt, reverse charge and their like stand apart, each at 0 %
        by_rate.setdefault((group.rate, own), [None]).append(group)
    best: tuple[VatGroup, ...] = ()
    for way in islice(product(*by_rate.values()), _MOST_WAYS):
        chosen = tuple(group for group in way if group is not None)
        if (
            chosen
            and sum((group.basis for group in chosen), Decimal(0)) == net
            and sum((group.amount for group in chosen), Decimal(0)) == tax
            and (not best or _lower(chosen, best))
        ):
            best = chosen
    return tuple(sorted(best, key=lambda group: group.row))


def _lower(one: tuple[VatGroup, ...], other: tuple[VatGroup, ...]) -> bool:
    return min(group.row for group in one) > min(group.row for group in other)


def with_untaxed(found: Sequence[VatGroup], net: Decimal, tax: Decimal, untaxed: Decimal) -> tuple[VatGroup, ...]:
    """Return printed groups that make the whole tax, and one at 0 % for the lines without VAT that make up the rest."""
    for group in found:
        if untaxed and group.rate and group.amount == tax and group.basis + untaxed == net:
            return group, VatGroup(Decimal(0), untaxed, Decimal(0))
    return ()


def implied(sheet: Sheet, net: Decimal, tax: Decimal, by_rate: dict[Decimal, Decimal]) -> tuple[VatGroup, ...]:
    """Return groups that are not printed whole: one printed rate that makes net into tax, or the lines' sums by rate.

    Args:
        sheet: The document.
        net: Total without VAT.
        tax: Total VAT.
        by_rate: Rate → sum of the lines' net amounts, where every line has a rate.
    """
    if by_rate and sum(by_rate.values(), Decimal(0)) == net:
        made = tuple(
            VatGroup(rate, basis, tax_on(basis, rate)) for rate, basis in sorted(by_rate.items(), reverse=True)
        )
        if sum((group.amount for group in made), Decimal(0)) == tax:
            return made
    printed = {
        value: figure
        for row in sheet.rows
        for value, figure, signed in rates_in(sheet, row)
        if signed and fits(net, value, tax) and (value != 0 or tax == 0)
    }
    if len(printed) == 1:
        rate, figure = next(iter(printed.items()))
        return (VatGroup(rate, net, tax, rate_place=figure.place),)
    return ()


_REASONS = {
    "AE": "reverse charge|steuerschuldnerschaft des leistungsempf|autoliquidation|inversione contabile|"
    "inversión del sujeto pasivo|btw verlegd|13b ustg|§ 13b|§13b",
    "K": "innergemeinschaftliche lieferung|innergemeinschaftlichen|intra-community|intracommunautaire exon|"
    "livraison intracommunautaire|cessione intracomunitaria|entrega intracomunitaria|intracommunautaire levering",
    "G": "ausfuhrlieferung|export outside|steuerfreie ausfuhr|exportation|esportazione|exportación",
    "E": "§ 19|§19|kleinunternehmer|293 b du cgi|293b|exempt|steuerbefreit|exonér|esente|exenta|vrijgesteld|steuerfrei|"
    "umsatzsteuerfrei|regime forfettario",
}
"""VAT category (UNTDID 5305) → words of the sentence that says why there is no VAT, parted by '|'."""


_SPLIT = ("scissionedeipagamenti", "splitpayment", "17ter")


def is_split(sheet: Sheet) -> bool:
    """Tell whether the buyer pays the VAT to the state (Italy, article 17-ter DPR 633/1972: VAT category B)."""
    return any(word in sheet.folded_text for word in _SPLIT)


def zero_category(sheet: Sheet) -> tuple[str, str]:
    """Return the VAT category (UNTDID 5305) of untaxed amounts and the sentence that says why; ('', '') if none."""
    texts = [(row.text, row.text.casefold()) for row in sheet.rows]
    whole = "\n".join([plain for _, plain in texts])
    for category, words in _REASONS.items():
        for word in words.split("|"):
            if word in whole:
                return category, next((text for text, plain in texts if word in plain), "")
    return "", ""
