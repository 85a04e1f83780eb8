"""Puts an invoice together from what was found: each value with its place, each doubt in a sentence."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from blocks.documents.conversions import Place
from blocks.documents.invoices import (
    AllowanceCharge,
    CreditTransfer,
    Invoice,
    InvoiceLine,
    Party,
    Payment,
    Totals,
    VatBreakdown,
)
from blocks.standards.printed_invoices import identifiers, parties, references, totals, vat
from blocks.standards.printed_invoices.closing import Account, settle
from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.kinds import Kind
from blocks.standards.printed_invoices.labels import fold
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.memory import Lesson
from blocks.standards.printed_invoices.parties import Heading
from blocks.standards.printed_invoices.sheet import Cell, Sheet, SheetRow, folded
from blocks.standards.printed_invoices.totals import Amount

_CLOSE = 0.05
"""Candidates whose scores differ by less are equally good."""
_ZERO = Decimal(0)


@dataclass(slots=True)
class Draft:
    """An invoice in the making."""

    invoice: Invoice = field(default_factory=Invoice)
    places: dict[str, Place] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    explained: set[Decimal] = field(default_factory=set)
    number_score: float = 0.0
    zone: int = 0
    allowance_rows: list[Decimal] = field(default_factory=list)
    charge_rows: list[Decimal] = field(default_factory=list)
    lefts: dict[tuple[int, tuple[float, float, float, float]], float] = field(default_factory=dict)


def assemble(sheet: Sheet, kind: Kind | None, tables: tuple[LineTable, ...], lesson: Lesson | None = None) -> Draft:
    """Put together what is best for each field; a lesson makes scores surer, it never adds a value of money."""
    draft = Draft()
    values: dict[str, object] = {"type_code": kind.code if kind and kind.is_invoice else "380"}
    found_numbers = _weighed(references.numbers(sheet), "number", sheet, lesson)
    number = _choose(draft, "number", "the number of the invoice", found_numbers)
    draft.number_score = found_numbers[0].score if found_numbers else 0.0
    values["number"] = number.value if number else ""
    _dates(draft, sheet, values, lesson)
    order = _single(_weighed(references.orders(sheet), "purchase_order_reference", sheet, lesson))
    if order:
        _put(draft, "purchase_order_reference", order)
        values["purchase_order_reference"] = order.value
    currency = references.currencies(sheet)
    if currency:
        _put(draft, "currency", currency[0])
        values["currency"] = currency[0].value
        if len(currency) > 1 and currency[0].score - currency[1].score < 0.2:  # noqa: PLR2004
            draft.doubts.append(f"The document names amounts in {currency[0].value} and in {currency[1].value}.")
    _parties(draft, sheet, values, lesson)
    _payment(draft, sheet, values, lesson)
    amounts = totals.labelled_amounts(sheet)
    account = settle(sheet, amounts, tables)
    _money(draft, sheet, values, account, tables)
    draft.invoice = Invoice.model_validate(values)
    return draft


def _put(draft: Draft, path: str, found: Found[str] | Amount) -> None:
    draft.places[path] = found.place
    if found.label:
        draft.labels[path] = found.label


def _choose(draft: Draft, path: str, what: str, found: list[Found[str]]) -> Found[str] | None:
    if not found:
        return None
    best = found[0]
    _put(draft, path, best)
    rivals = [one for one in found[1:] if best.score - one.score < _CLOSE and one.value != best.value]
    if rivals:
        draft.doubts.append(
            f"For {what} both '{best.value}' (page {best.place.page}) and '{rivals[0].value}'"
            f" (page {rivals[0].place.page}) stand in the document."
        )
    if best.score < 0.6:  # noqa: PLR2004 - found by a weak label alone
        draft.doubts.append(
            f"'{best.value}' on page {best.place.page} is only a guess for {what}; no clear label says so."
        )
    return best


def _single(found: list[Found[str]]) -> Found[str] | None:
    """Return the best unless another one is as good: lines that refer to several orders refer to none as a whole."""
    if len(found) > 1 and found[0].score - found[1].score < _CLOSE:
        return None
    return found[0] if found else None


def _weighed(found: list[Found[str]], path: str, sheet: Sheet, lesson: Lesson | None) -> list[Found[str]]:
    """Add to the score of what stands under the label that a person confirmed for this supplier and layout."""
    hint = next((hint for hint in lesson.hints if hint.field == path), None) if lesson else None
    if hint is None:
        return found
    weighed = []
    for one in found:
        width, height = sheet.page_size(one.place.page)
        near = abs(one.place.box[0] / width - hint.x) < 0.05 and abs(one.place.box[1] / height - hint.y) < 0.08  # noqa: PLR2004
        bonus = 0.2 * (hint.label == one.label and hint.side == one.side) + 0.15 * near
        weighed.append(Found(one.value, one.place, one.score + bonus, one.label, one.side))
    return sorted(weighed, key=lambda one: -one.score)


def _dates(draft: Draft, sheet: Sheet, values: dict[str, object], lesson: Lesson | None) -> None:
    told = references.day_first(sheet)
    if told is None and lesson is not None:
        told = lesson.day_first
    issued = references.issue_dates(sheet)
    day: date | None = None
    if issued:
        best = issued[0]
        day = best.value.read(day_first=told is not False)
        values["issue_date"] = day
        draft.places["issue_date"] = best.place
        draft.labels["issue_date"] = best.label
        if best.value.ambiguous and told is None:
            draft.doubts.append(f"The day of issue '{best.value.text}' can be read with the day or the month first.")
        if best.score < 0.55:  # noqa: PLR2004 - no label says that it is the day of issue
            draft.doubts.append(f"'{best.value.text}' on page {best.place.page} is only a guess for the day of issue.")
        for other in issued[1:]:
            if best.score - other.score < _CLOSE:
                draft.doubts.append(
                    f"For the day of issue both '{best.value.text}' and '{other.value.text}' stand in it."
                )
                break
    for due in references.due_dates(sheet):
        value = due.value.read(day_first=told is not False)
        if day is None or references.in_order(day, value):
            values["due_date"] = value
            draft.places["due_date"] = due.place
            draft.labels["due_date"] = due.label
            break


def _parties(draft: Draft, sheet: Sheet, values: dict[str, object], lesson: Lesson | None) -> None:
    found = parties.headings(sheet)
    sellers, buyers = parties.names(sheet, found)
    seller: dict[str, object] = {}
    buyer: dict[str, object] = {}
    if lesson and lesson.values.get("seller.name"):
        known = _printed_name(sheet, lesson.values["seller.name"])
        if known:
            sellers = [known]
            buyers = [one for one in buyers if fold(one.value) != fold(known.value)]
    if sellers:
        seller["name"] = sellers[0].value
        _put(draft, "seller.name", sellers[0])
        _guessed(draft, "the name of the seller", sellers[0], lesson, "seller.name")
    if buyers:
        buyer["name"] = buyers[0].value
        _put(draft, "buyer.name", buyers[0])
        _guessed(draft, "the name of the buyer", buyers[0], None, "")
    _vat_ids(draft, sheet, found, seller, buyer, lesson)
    for tax in identifiers.tax_numbers(sheet):
        if _party_of(sheet, found, tax) in {"", "seller"}:
            seller["tax_number"] = tax.value
            _put(draft, "seller.tax_number", tax)
            break
    values["seller"] = Party.model_validate(seller)
    values["buyer"] = Party.model_validate(buyer)


def _guessed(draft: Draft, what: str, found: Found[str], lesson: Lesson | None, path: str) -> None:
    confirmed = lesson.values.get(path) if lesson else None
    if found.score < 0.6 and confirmed != found.value:  # noqa: PLR2004 - neither heading, window nor legal form
        draft.doubts.append(f"'{found.value}' on page {found.place.page} is only a guess for {what}.")


def _party_of(sheet: Sheet, found: list[Heading], one: Found[str]) -> str:
    row = _row_of(sheet, one)
    if row is None:
        return ""
    cell = _cell_of(sheet, one)
    return parties.party_at(sheet, found, cell.box[0] if cell else one.place.box[0], row)


def _row_of(sheet: Sheet, one: Found[str]) -> SheetRow | None:
    place = one.place
    return next(
        (r for r in sheet.rows if r.page == place.page and r.bottom <= place.box[1] + 1 and r.top >= place.box[3] - 1),
        None,
    )


def _cell_of(sheet: Sheet, one: Found[str]) -> Cell | None:
    row = _row_of(sheet, one)
    return next((c for c in row.cells if c.box[0] <= one.place.box[0] + 1 <= c.box[2] + 1), None) if row else None


def _vat_ids(
    draft: Draft,
    sheet: Sheet,
    found: list[Heading],
    seller: dict[str, object],
    buyer: dict[str, object],
    lesson: Lesson | None,
) -> None:
    """Give each VAT id to its party: by its label, by the block it stands in, else the seller's is the one in the footer."""
    ids = identifiers.vat_ids(sheet)
    for one in ids:
        cell = _cell_of(sheet, one)
        draft.lefts[one.place.page, one.place.box] = cell.box[0] if cell else one.place.box[0]
    loose = []
    own = fold(lesson.values.get("seller.vat_id", "")) if lesson else ""
    confirmed = next((one for one in ids if own and fold(one.value) == own), None)
    if confirmed:
        seller["vat_id"] = confirmed.value
        _put(draft, "seller.vat_id", confirmed)
    for one in ids:
        side = {"seller_vat_id": "seller", "buyer_vat_id": "buyer"}.get(one.label) or _party_of(sheet, found, one)
        side = side or _under_name(draft, one)
        party = {"seller": seller, "buyer": buyer}.get(side)
        if party is not None:
            if "vat_id" not in party:
                party["vat_id"] = one.value
                _put(draft, f"{side}.vat_id", one)
        elif side != "other_party":
            loose.append(one)
    mine = {identifiers.bare(str(party.get("vat_id", ""))) for party in (seller, buyer)}
    rest = [one for one in loose if identifiers.bare(one.value) not in mine]
    if not rest:
        return
    if "vat_id" not in seller:
        one = _own(sheet, draft, rest)
        if _beside_name(sheet, str(seller.get("name", "")), one):
            rest = [one]
        seller["vat_id"] = one.value
        _put(draft, "seller.vat_id", one)
        if len({identifiers.bare(other.value) for other in rest}) > 1:
            others = ", ".join(sorted({other.value for other in rest} - {one.value}))
            draft.doubts.append(f"Whether {one.value} or {others} is the seller's VAT id is not clear.")
        rest = [other for other in rest if identifiers.bare(other.value) != identifiers.bare(one.value)]
    labelled = [one for one in rest if one.side == "label"]
    if labelled and "vat_id" not in buyer and len({one.value for one in labelled}) == 1:
        buyer["vat_id"] = labelled[0].value
        _put(draft, "buyer.vat_id", labelled[0])
    elif rest and len({identifiers.bare(one.value) for one in rest}) > 1:
        draft.doubts.append(f"Whose VAT ids {', '.join(one.value for one in rest)} are is not clear.")


def _under_name(draft: Draft, one: Found[str]) -> str:
    """Return whose name stands flush over a VAT id, within an address' height."""
    for side in ("seller", "buyer"):
        name = draft.places.get(f"{side}.name")
        if name and name.page == one.place.page and abs(_left(draft, one) - name.box[0]) < 8:  # noqa: PLR2004
            if 0 < name.box[1] - one.place.box[1] < 110:  # noqa: PLR2004 - eight lines
                return side
    return ""


def _left(draft: Draft, one: Found[str]) -> float:
    return draft.lefts.get((one.place.page, one.place.box), one.place.box[0])


def _beside_name(sheet: Sheet, name: str, one: Found[str]) -> bool:
    """Return whether the name stands again in the row of a VAT id or within three rows of it, as it does in footers."""
    key = fold(name)
    return bool(key) and any(
        key in folded(row)
        for row in sheet.rows
        if row.page == one.place.page and abs(row.bottom - one.place.box[1]) < 40  # noqa: PLR2004 - three rows
    )


def _own(sheet: Sheet, draft: Draft, rest: list[Found[str]]) -> Found[str]:
    """Return the VAT id that stands nearest to the seller's name, or at the edge of the page; labelled ones first."""
    name = draft.places.get("seller.name")

    def distance(one: Found[str]) -> tuple[int, float]:
        height = sheet.page_size(one.place.page)[1] or 1.0
        share = one.place.box[1] / height
        edge = min(share, 1 - share)
        near = abs(one.place.box[1] - name.box[1]) / height if name and name.page == one.place.page else 1.0
        return (one.side != "label", min(edge, near))

    return min(rest, key=distance)


def _printed_name(sheet: Sheet, name: str) -> Found[str] | None:
    """Return the confirmed name with the first place where it stands in the document."""
    key = fold(name)
    for row in sheet.rows:
        for cell in row.cells:
            if key and key in fold(cell.text):
                return Found(name, cell.place, 1.0, "", "")
    return None


def _payment(draft: Draft, sheet: Sheet, values: dict[str, object], lesson: Lesson | None) -> None:
    accounts = identifiers.ibans(sheet)
    known = lesson.values.get("payment.iban", "") if lesson else ""
    if known and accounts:
        accounts.sort(key=lambda one: fold(one.value) != fold(known))
        if fold(accounts[0].value) != fold(known):
            draft.doubts.append(f"The account number {accounts[0].value} is not the one confirmed before, {known}.")
    if not accounts:
        return
    values["payment"] = Payment(transfers=tuple(CreditTransfer(account=one.value) for one in accounts[:5]))
    _put(draft, "payment.iban", accounts[0])
    labelled = [one for one in accounts if one.score >= 0.6]  # noqa: PLR2004
    if len(labelled) > 1 and any(not identifiers.valid_iban(one.value) for one in labelled):
        draft.doubts.append(
            f"Several account numbers stand in the document: {', '.join(one.value for one in labelled)}."
        )


def _money(
    draft: Draft, sheet: Sheet, values: dict[str, object], account: Account | None, tables: tuple[LineTable, ...]
) -> None:
    if account is None:
        table = tables[0] if tables else None
        if table:
            _lines(draft, values, table)
        return
    way = account.totals
    amounts: dict[str, Decimal | None] = {role: way.value(role) for role in ("net", "vat", "gross")}
    for role, one in way.amounts.items():
        _put(draft, f"totals.{role}", one)
    if account.payable:
        amounts["payable"] = account.payable.value
        _put(draft, "totals.payable", account.payable)
    else:
        amounts["payable"] = (amounts["gross"] or _ZERO) - (abs(account.prepaid.value) if account.prepaid else _ZERO)
        if "gross" in way.amounts:
            draft.places["totals.payable"] = way.amounts["gross"].place
    if account.prepaid:
        amounts["prepaid"] = abs(account.prepaid.value)
        _put(draft, "totals.prepaid", account.prepaid)
    if account.rounding:
        amounts["rounding"] = account.rounding.value
        _put(draft, "totals.rounding", account.rounding)
    _allowances(draft, values, amounts, account)
    if account.table:
        _lines(draft, values, account.table)
        draft.doubts += [*account.table.doubts, *(doubt for line in account.table.lines for doubt in line.doubts)]
        amounts["line_net"] = account.table.net if not _holds_vat(account) else amounts["net"]
        if account.line_net:
            _put(draft, "totals.line_net", account.line_net)
        elif account.table.net == amounts["net"] and "net" in way.amounts:
            draft.places["totals.line_net"] = way.amounts["net"].place
    elif account.line_net:
        amounts["line_net"] = account.line_net.value
        _put(draft, "totals.line_net", account.line_net)
    values["totals"] = Totals.model_validate(amounts)
    _groups(draft, sheet, values, account)
    draft.zone = _zone(account)


def _zone(account: Account) -> int:
    """Return the row with which the totals begin: above it, but under the first line, figures belong to the lines."""
    rows = [one.row for one in (*account.totals.amounts.values(), account.line_net, account.payable) if one]
    rows += [group.row for group in account.groups if group.row >= 0]
    return min(rows, default=0)


def _holds_vat(account: Account) -> bool:
    return (
        account.table is not None
        and account.table.net == account.totals.value("gross")
        and bool(account.totals.value("vat"))
    )


def _allowances(draft: Draft, values: dict[str, object], amounts: dict[str, Decimal | None], account: Account) -> None:
    changes = [AllowanceCharge(is_charge=False, amount=one.value) for one in account.allowances]
    changes += [AllowanceCharge(is_charge=True, amount=one.value) for one in account.charges]
    changes += account.table_charges
    if changes:
        amounts["allowances"] = sum((c.amount or _ZERO for c in changes if not c.is_charge), _ZERO)
        amounts["charges"] = sum((c.amount or _ZERO for c in changes if c.is_charge), _ZERO)
        values["allowances_charges"] = tuple(changes)


def _groups(draft: Draft, sheet: Sheet, values: dict[str, object], account: Account) -> None:
    category, reason = vat.zero_category(sheet) if any(group.rate == 0 for group in account.groups) else ("", "")
    made = []
    for index, group in enumerate(account.groups):
        untaxed = group.rate == 0
        made.append(
            VatBreakdown(
                category=(category or "Z") if untaxed else "S",
                rate=group.rate,
                basis=group.basis,
                amount=group.amount,
                exemption_reason=reason if untaxed and category not in {"", "Z"} else "",
            )
        )
        for name, place in (("rate", group.rate_place), ("basis", group.basis_place), ("amount", group.amount_place)):
            if place:
                draft.places[f"vat_breakdown[{index}].{name}"] = place
    values["vat_breakdown"] = tuple(made)


def _lines(draft: Draft, values: dict[str, object], table: LineTable) -> None:
    lines: list[InvoiceLine] = []
    for index, printed in enumerate(table.lines):
        lines.append(printed.line)
        for name, place in printed.places.items():
            draft.places[f"lines[{index}].{name}"] = place
    values["lines"] = tuple(lines)
