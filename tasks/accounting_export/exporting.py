"""Makes batches for the accountants: postings made, sums compared, files written, everything kept."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import accounting, received_invoices
from blocks.documents.base import plain_decimal
from blocks.errors import Refused, WrongUse
from blocks.standards.datev import booking_batch
from blocks.standards.order_files.formulas import neutral
from tasks.accounting_export.posting import Approved, document_total, postings

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database
    from blocks.documents.accounting_plan import AccountingPlan
    from blocks.documents.invoices import Invoice

PROCESS = "accounting_export"
AT_ONCE = 500
"""Invoices posted in one transaction."""
_LISTED = (
    "id", "invoice_id", "entry", "posted_on", "number", "supplier", "supplier_vat_id", "account", "contra_account",
    "side", "amount", "currency", "exchange_rate", "tax_key", "vat_category", "vat_rate", "supplied_on", "due_on",
    "said", "plan_version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posted:
    """How many postings were made, and which invoices could not be posted, each with a sentence."""

    made: int
    held_back: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Exported:
    """A batch, or none where nothing was new; totals by currency of documents and postings, which agree."""

    number: int | None
    postings: int
    documents: int
    totals: Mapping[str, str]
    left: Mapping[str, int]
    """Postings of days before these that no batch holds, by month: their invoices were approved late."""


def post(database: "Database", actor: "Actor") -> Posted:
    """Make the postings of every approved invoice that has none; one that has no account is held back and named."""
    made, held_back, nothing = 0, dict[int, str](), set[int]()
    while True:
        with database.audited(actor) as (connection, trail):
            accounting.hold(connection)
            plan = accounting.plan_in_force(connection)
            rows = accounting.unposted(connection, AT_ONCE + len(held_back) + len(nothing))
            rows = [row for row in rows if row["id"] not in held_back and row["id"] not in nothing]
            invoices = received_invoices.in_force(connection, [row["id"] for row in rows])
            for row in rows:
                approved = Approved(
                    row["id"], invoices[row["id"]], row["supplier_id"] or 0, row["supplier"], row["erp_code"]
                )
                try:
                    several = postings(approved, plan)
                except Refused as error:
                    held_back[row["id"]] = str(error)
                    continue
                made += accounting.post(connection, trail, several)
                if not several:  # an invoice of 0.00 has no postings, today or ever
                    nothing.add(row["id"])
            made += accounting.reverse_corrected(connection, trail)
        if len(rows) < AT_ONCE:
            return Posted(made, held_back)


def export(database: "Database", actor: "Actor", first_day: date, last_day: date, *, by: str) -> Exported:
    """Export what is new of a span of days as one batch; its sums must be those of the documents.

    Raises:
        WrongUse: The days are not of one fiscal year, or the sums do not agree.
    """
    with database.audited(actor) as (connection, trail):
        accounting.hold(connection)
        plan = accounting.plan_in_force(connection)
        begins = fiscal_year(plan, first_day)
        if last_day < first_day or fiscal_year(plan, last_day) != begins:
            raise WrongUse(f"A batch is of one fiscal year: {first_day} to {last_day} is not.")
        rows = accounting.open_postings(connection, first_day, last_day)
        if not rows:
            return Exported(None, 0, 0, {}, accounting.left_over(connection, first_day))
        invoices = received_invoices.in_force(connection, sorted({row["invoice_id"] for row in rows}))
        documents = {
            document: (invoices[document.invoice].currency or plan.currency, _total(document, invoices))
            for document in dict.fromkeys(map(_document, rows))
        }
        totals = control(rows, documents)
        batch = accounting.Batch(
            first_day,
            last_day,
            [row["id"] for row in rows],
            datev_file(rows, plan, begins, first_day, last_day),
            listed_file(rows),
            {"documents": len(documents), "sums": accounting.money(totals)},
        )
        number = accounting.keep_batch(connection, trail, batch, by=by)
        left = accounting.left_over(connection, first_day)
    return Exported(number, len(rows), len(documents), accounting.money(totals), left)


@dataclass(frozen=True, slots=True)
class Posts:
    """What postings stand for: an invoice, or that it was taken back because another corrects it."""

    invoice: int
    reversed: bool = False


def _document(row: Mapping[str, Any]) -> Posts:
    return Posts(row["invoice_id"], reversed=row["reverses"] is not None)


def _total(document: Posts, invoices: "Mapping[int, Invoice]") -> Decimal:
    total = document_total(invoices[document.invoice])
    return -total if document.reversed else total


def control(rows: Sequence[Mapping[str, Any]], documents: Mapping[Posts, tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Return what postings come to by currency, having compared them with their documents, one by one.

    What takes an invoice back comes to the invoice's total the other way round.

    Raises:
        WrongUse: They do not agree; names the documents.
    """
    by_document: dict[Posts, Decimal] = {}
    totals: dict[str, Decimal] = {}
    for row in rows:
        signed = row["amount"] if row["side"] == "S" else -row["amount"]
        by_document[_document(row)] = by_document.get(_document(row), Decimal(0)) + signed
        totals[row["currency"]] = totals.get(row["currency"], Decimal(0)) + signed
    wrong = sorted({one.invoice for one, value in by_document.items() if documents[one][1] != value})
    sums: dict[str, Decimal] = {}
    for currency, value in documents.values():
        sums[currency] = sums.get(currency, Decimal(0)) + value
    if wrong or sums != totals:
        named = ", ".join(map(str, wrong[:10]))
        raise WrongUse(f"Postings and documents do not come to the same: look at {named}; nothing was exported.")
    return totals


def fiscal_year(plan: "AccountingPlan", day: date) -> date:
    """Return the first day of the fiscal year a day is in."""
    year = day.year if day.month >= plan.year_begins_in else day.year - 1
    return date(year, plan.year_begins_in, 1)


def datev_file(
    rows: Sequence[Mapping[str, Any]], plan: "AccountingPlan", begins: date, first_day: date, last_day: date
) -> bytes:
    """Return postings as a booking batch for DATEV."""
    head = booking_batch.Batch(
        consultant=plan.consultant,
        client=plan.client,
        year_begins=begins,
        account_length=plan.account_length,
        first_day=first_day,
        last_day=last_day,
        title=f"SOMS {first_day:%d.%m.}-{last_day:%d.%m.%Y}",
        made_at=datetime.now(UTC),
        chart=plan.chart.removeprefix("SKR"),
        currency=plan.currency,
    )
    return booking_batch.write(
        head,
        [
            booking_batch.Entry(
                row["amount"], row["side"], row["account"], row["contra_account"], row["tax_key"], row["currency"],
                row["exchange_rate"], row["posted_on"], row["number"], neutral(row["said"]),
                row["supplier_vat_id"], row["supplied_on"], row["due_on"],
            )
            for row in rows
        ],
    )  # fmt: skip


def listed_file(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return postings as CSV in UTF-8 for any other program; no text of it is taken for a formula."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_LISTED)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in _LISTED])
    return file.getvalue().encode()


def listed_json(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return postings as JSON keeps them: every value a text, absent ones empty."""
    return [{name: _plain(row[name]) for name in _LISTED} for row in rows]


def _cell(value: object) -> str:
    return neutral(value) if isinstance(value, str) else _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return ""
    return plain_decimal(value) if isinstance(value, Decimal) else str(value)
