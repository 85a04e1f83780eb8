"""Puts an invoice together from what was found: the best candidate of each field, each doubt in a sentence."""

from datetime import date

from blocks.documents.invoices import Invoice
from blocks.standards.printed_invoices import references
from blocks.standards.printed_invoices.closing import settle
from blocks.standards.printed_invoices.draft import Draft
from blocks.standards.printed_invoices.drafting_money import draft_money
from blocks.standards.printed_invoices.drafting_parties import draft_parties, draft_payment
from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.kinds import Kind
from blocks.standards.printed_invoices.lines_found import LineTable
from blocks.standards.printed_invoices.memory import Lesson
from blocks.standards.printed_invoices.sheet import Sheet
from blocks.standards.printed_invoices.taught import weighed
from blocks.standards.printed_invoices.totals import labelled_amounts

_CLOSE = 0.05
"""Candidates whose scores differ by less are equally good."""


def assemble(sheet: Sheet, kind: Kind | None, tables: tuple[LineTable, ...], lesson: Lesson | None = None) -> Draft:
    """Put together what is best for each field; a lesson makes scores surer, it never adds a value of money."""
    draft = Draft()
    values: dict[str, object] = {"type_code": kind.code if kind and kind.is_invoice else "380"}
    found_numbers = weighed(references.numbers(sheet), "number", sheet, lesson)
    number = _choose(draft, "number", "the number of the invoice", found_numbers)
    draft.number_score = found_numbers[0].score if found_numbers else 0.0
    values["number"] = number.value if number else ""
    _dates(draft, sheet, values, lesson)
    order = _single(weighed(references.orders(sheet), "purchase_order_reference", sheet, lesson))
    if order:
        draft.put("purchase_order_reference", order)
        values["purchase_order_reference"] = order.value
    currency = references.currencies(sheet)
    if currency:
        draft.put("currency", currency[0])
        values["currency"] = currency[0].value
        if len(currency) > 1 and currency[0].score - currency[1].score < 0.2:  # noqa: PLR2004
            draft.doubts.append(f"The document names amounts in {currency[0].value} and in {currency[1].value}.")
    draft_parties(draft, sheet, values, lesson)
    draft_payment(draft, sheet, values, lesson)
    amounts = labelled_amounts(sheet)
    account = settle(sheet, amounts, tables)
    draft_money(draft, sheet, values, account, tables)
    draft.invoice = Invoice.model_validate(values)
    return draft


def _choose(draft: Draft, path: str, what: str, found: list[Found[str]]) -> Found[str] | None:
    if not found:
        return None
    best = found[0]
    draft.put(path, best)
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


def _dates(draft: Draft, sheet: Sheet, values: dict[str, object], lesson: Lesson | None) -> None:
    told = references.day_first(sheet)
    if told is None and lesson is not None:
        told = lesson.day_first
    issued = weighed(references.issue_dates(sheet), "issue_date", sheet, lesson)
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
    for due in weighed(references.due_dates(sheet), "due_date", sheet, lesson):
        value = due.value.read(day_first=told is not False)
        if day is None or references.in_order(day, value):
            values["due_date"] = value
            draft.places["due_date"] = due.place
            draft.labels["due_date"] = due.label
            break
