"""How a supplier's invoice gets into Tryton exactly once: look up, create, agree on the total, make room, post."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.documents.bills import BillRequest, BillSeen
from blocks.errors import Refused
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_bill_values import (
    KnownForBills,
    TaxNames,
    declared,
    rounding_line,
    state_taxes,
    values,
)
from blocks.systems.erps.tryton_drafts import make_room
from blocks.systems.erps.tryton_items import all_or_each
from blocks.systems.erps.tryton_once import answers_of, refuse_repeated, unanswered
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc, WantsConfirming, rows

MODEL = "account.invoice"
FIELDS = (
    "description", "number", "state", "total_amount", "reconciled", "reconciliation_lines", "reference",
    "currency.code",
)  # fmt: skip
_FAR_ENOUGH = {
    "draft": {"validated", "posted", "paid"},
    "validated": {"validated", "posted", "paid"},
    "posted": {"posted", "paid"},
}
"""States in which nothing is left to be done, by how far invoices are taken; a draft may be half made."""
_MAY_BE_CONFIRMED = ("invoice_taxes", "account.invoice eu_vat valid")
"""Tryton's questions that SOMS answers: the taxes are the invoice's, not the article's, and were judged with its VAT
ids, which Tryton itself has not asked the EU about."""


@dataclass(slots=True)
class Bill:
    """One request on its way into Tryton, and the invoice it has become."""

    request: BillRequest
    record: Mapping[str, Any] | None = None
    adopted: bool = False
    rounding: Decimal = Decimal(0)
    answer: Answer | None = None

    @property
    def id(self) -> int:
        """Return Tryton's id of the invoice; 0 before there is one."""
        return int(self.record["id"]) if self.record else 0

    @property
    def state(self) -> str:
        """Return Tryton's state of the invoice; empty before there is one."""
        return str(self.record["state"]) if self.record else ""

    @property
    def name(self) -> str:
        """Return what people find the invoice by."""
        return f"invoice {self.record['number'] or f'with id {self.id}'}" if self.record else "no invoice"

    def refuse(self, why: str) -> None:
        """Decide that a person must look."""
        self.answer = Refused(f"Invoice {self.request.number} was not booked: {why.rstrip('. ')}.")

    def done(self) -> None:
        """Decide that Tryton holds it as it is wanted."""
        if self.record:
            facts = {"id": str(self.id), "number": str(self.record["number"] or ""), "state": self.state}
            facts |= {"total": f"{self.record['total_amount']:f}", "rounding": f"{self.rounding:f}"}
            self.answer = Done(self.request.reference, facts, adopted=self.adopted)


def book_bills(
    tryton: TrytonRpc, requests: Sequence[BillRequest], *, until: str, taxes: TaxNames, account: str = ""
) -> list[Answer]:
    """Book each bill once; one answer per request, in order. Raises nothing.

    Args:
        tryton: The conversation.
        requests: What is to be booked.
        until: How far Tryton takes them: 'draft', 'validated' or 'posted'.
        taxes: Tryton's tax by VAT category and rate, where its name is given.
        account: Code of the account for lines without an article; empty leaves it to Tryton's own default.
    """
    booking = Booking(tryton, [Bill(request) for request in requests], until, taxes, account)
    not_yet = "Tryton has not booked the invoice yet"
    return answers_of(booking.bills, booking.book, began=lambda: booking.began, not_yet=not_yet)


def states(tryton: TrytonRpc, references: Sequence[str]) -> dict[str, BillSeen]:
    """Return what Tryton says of the bills with these references, of the one that was not cancelled; others miss."""
    records: dict[str, dict[str, Any]] = {}
    for record in _found(tryton, references):
        if record["state"] != "cancelled" or record["description"] not in records:
            records[record["description"]] = record
    days = _days_paid(tryton, [record for record in records.values() if record["state"] == "paid"])
    return {
        name: BillSeen(
            number=record["number"] or "", state=record["state"], total=record["total_amount"],
            paid_on=days.get(record["id"]),
        )
        for name, record in records.items()
    }  # fmt: skip


def _days_paid(tryton: TrytonRpc, paid: Sequence[Mapping[str, Any]]) -> dict[int, date]:
    """Return on which day each of these bills was settled whole: the day of the last payment set off against it.

    What Tryton itself calls ``reconciled`` is the day it fell due, where it was paid before that.
    """
    lines = {number for record in paid for number in record["reconciliation_lines"]}
    day_of = {row["id"]: row["date"] for row in rows(tryton, "account.move.line", lines, ["date"])}
    found = {}
    for record in paid:
        days = [day_of[number] for number in record["reconciliation_lines"] if number in day_of]
        found[record["id"]] = max(days, default=record["reconciled"])
    return found


def _found(tryton: TrytonRpc, references: Sequence[str]) -> Iterable[dict[str, Any]]:
    wanted = [["type", "=", "in"], ["description", "in", list(references)]]
    for page in tryton.read_all(MODEL, wanted, FIELDS) if references else ():
        yield from page


@dataclass(slots=True)
class Booking:
    """One batch of bills being booked."""

    tryton: TrytonRpc
    bills: list[Bill]
    until: str
    taxes: TaxNames
    account: str
    began: bool = field(default=False, init=False)

    def book(self) -> None:
        """Look up, create, agree on totals, make room among Tryton's own drafts, post, read back.

        Raises:
            Refused: Tryton lacks what every bill needs, or its user may not write invoices.
            TryAgainLater: Tryton cannot answer now.
        """
        refuse_repeated(self.bills)
        self._look_up()
        if not self._open():
            return
        known = KnownForBills.read(self.tryton, [bill.request for bill in self._open()], self.account)
        missing = [bill for bill in self._open() if bill.record is None]
        self.began = True
        self._create(missing, known)
        self._agree(known)
        make_room(self.tryton, {bill.id for bill in self._open()})
        if self.until == "validated":
            self._press("validate_invoice", {"draft"})
        elif self.until == "posted":
            self._press("post", {"draft", "validated"})
        self._read_back()

    def _open(self) -> list[Bill]:
        return unanswered(self.bills)

    def _look_up(self) -> None:
        found = self._by_reference(self._open())
        rounded = declared(self.tryton, [record["id"] for records in found.values() for record in records])
        for bill in self._open():
            records = found.get(bill.request.reference, [])
            standing = [record for record in records if record["state"] != "cancelled"]
            if len(standing) > 1:
                names = " and ".join(str(record["number"] or record["id"]) for record in standing)
                bill.refuse(f"Tryton holds more than one invoice for it ({names}); cancel all but one there")
            elif records:
                bill.record, bill.adopted = (standing or records)[0], True
                bill.rounding = rounded.get(bill.id, Decimal(0))
                self._judge(bill)

    def _judge(self, bill: Bill) -> None:
        if bill.state == "cancelled":
            bill.refuse(f"its {bill.name} was cancelled in Tryton; delete it there if it is to be booked again")
        elif bill.state != "draft" and bill.record and bill.record["total_amount"] != bill.request.total:
            told, here = f"{bill.request.total:f}", f"{bill.record['total_amount']:f}"
            bill.refuse(f"its {bill.name} comes to {here} in Tryton instead of {told}")
        elif self._far_enough(bill):
            bill.done()

    def _far_enough(self, bill: Bill) -> bool:
        return bill.state in _FAR_ENOUGH[self.until]

    def _by_reference(self, bills: Iterable[Bill]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for record in _found(self.tryton, [bill.request.reference for bill in bills]):
            found.setdefault(record["description"], []).append(record)
        return found

    def _create(self, bills: list[Bill], known: KnownForBills) -> None:
        for bill in bills:
            try:
                values(bill.request, known, self.taxes)
            except Refused as error:
                bill.refuse(str(error))
        wanted = [bill for bill in bills if bill.answer is None]
        all_or_each(wanted, lambda some: self._make(some, known))
        created = [bill for bill in wanted if bill.answer is None]
        found = self._by_reference(created)
        for bill in created:
            self._settle(bill, found.get(bill.request.reference, []))

    def _make(self, bills: list[Bill], known: KnownForBills) -> None:
        ids = self.tryton.model(MODEL, "create", [values(bill.request, known, self.taxes) for bill in bills])
        for bill, number in zip(bills, ids, strict=True):
            bill.record = {"id": number, "number": "", "state": "draft"}

    def _settle(self, bill: Bill, records: list[dict[str, Any]]) -> None:
        """Keep the older of two that two workers made at the same moment; both of them come to the same end."""
        standing = [record for record in records if record["state"] != "cancelled"]
        first = min(standing, key=lambda record: int(record["id"]), default=None)
        if first is not None and first["id"] != bill.id:
            self._withdraw(bill)
            bill.adopted = True
        bill.record = first

    def _agree(self, known: KnownForBills) -> None:
        """Bring every draft to the agreed total: the VAT as the invoice states it, then rounding on a line of its own.

        What rounding does not explain is refused; a draft of this very call is taken back, so that nothing is left.
        """
        for bill in [bill for bill in self._open() if bill.state == "draft"]:
            try:
                state_taxes(self.tryton, bill.id, bill.request, known, self.taxes)
                self._round_off(bill, known)
            except RefusedByTryton as error:
                bill.refuse(str(error))

    def _round_off(self, bill: Bill, known: KnownForBills) -> None:
        (now,) = self.tryton.model(MODEL, "read", [bill.id], list(FIELDS))
        missing = bill.request.total - now["total_amount"]
        if abs(missing) > Decimal("0.01") * (len(bill.request.lines) + 2):
            if not bill.adopted:
                self._withdraw(bill)
            left = f"; delete its draft with id {bill.id} in Tryton before it is booked again" if bill.adopted else ""
            bill.refuse(
                f"Tryton computes {now['total_amount']:f} where the invoice says {bill.request.total:f}, more than"
                f" rounding explains{left}"
            )
        elif missing:
            self.tryton.model("account.invoice.line", "create", [rounding_line(bill.id, missing, known)])
            bill.rounding += missing

    def _withdraw(self, bill: Bill) -> None:
        self.tryton.model(MODEL, "cancel", [bill.id])
        self.tryton.model(MODEL, "delete", [bill.id])

    def _press(self, button: str, before: set[str]) -> None:
        bills = [bill for bill in self._open() if bill.state in before]
        all_or_each(bills, lambda some: self._pressed(button, [bill.id for bill in some]))
        pressed = {bill.id: bill for bill in bills if bill.answer is None}
        if pressed:
            for record in self.tryton.model(MODEL, "read", list(pressed), list(FIELDS)):
                pressed[record["id"]].record = record

    def _pressed(self, button: str, ids: list[int]) -> None:
        for _ in range(len(ids) * len(_MAY_BE_CONFIRMED) * 2):  # a VAT id each of ours and theirs may be asked about
            try:
                self.tryton.model(MODEL, button, ids)
            except WantsConfirming as question:
                if question.name.partition(".")[2] not in _MAY_BE_CONFIRMED:
                    raise
                always = False
                self.tryton.model("res.user.warning", "skip", question.name, always)
            else:
                return
        raise RefusedByTryton("Tryton asks the same questions again and again; look at the invoice there")

    def _read_back(self) -> None:
        for bill in self._open():
            if self._far_enough(bill) or (self.until == "draft" and bill.state == "draft"):
                (bill.record,) = self.tryton.model(MODEL, "read", [bill.id], list(FIELDS))
                bill.done()
