"""Hold invoices against the supply: who sent them, whether they came before, what was ordered and what came of it.

Set-based: what many invoices need is read in a few statements, decided by pure functions one invoice after the other
(what one bills the next one sees), and kept in one COPY. Run again, it writes nothing that stands there already.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_doubles, invoice_matches, received_invoices, supplier_accounts, supply
from blocks.database.invoice_matches import MatchRow
from blocks.documents.invoice_figures import account
from blocks.documents.invoice_verdicts import Gravity, InvoiceFinding
from blocks.documents.invoices import Invoice
from blocks.documents.supply_tolerances import SupplyTolerances
from tasks.invoice_validation import accounts, correcting, correction_links, number_gaps, prepayments
from tasks.invoice_validation.billing import CREDITS, Billed, billed_of
from tasks.invoice_validation.claiming import Row, note_claims, rows_of
from tasks.invoice_validation.correcting import Correction
from tasks.invoice_validation.correction_links import Named
from tasks.invoice_validation.doubles import Known, double_of
from tasks.invoice_validation.matching import Matched, match
from tasks.invoice_validation.number_gaps import Numbers
from tasks.invoice_validation.prepayments import Prepayment
from tasks.invoice_validation.supply_known import Asking
from tasks.invoice_validation.supply_reading import Batch, read_batch

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

CHUNK = 500
"""Invoices read at once: enough for few statements, little enough for flat memory."""
RULES = "2"
"""Version of the rules below; goes up when the same facts would be judged otherwise."""
NEW = 1 << 62
"""Since when an invoice is held against the supply that never was before: after all that were."""

Findings = dict[int, tuple[InvoiceFinding, ...]]


def supply_version(connection: "Connection") -> str:
    """Return which rules and which tolerances invoices are held against the supply by, for the verdict."""
    tolerances = supply.tolerances_in_force(connection)
    return f"{RULES}, supply_tolerances {tolerances.version}"


def match_digest(connection: "Connection", ids: Sequence[int]) -> dict[int, str]:
    """Return by invoice a sha256 over what it was held against last, for what a person who decides has seen."""
    current = invoice_matches.current(connection, ids)
    return {number: sha256(repr(rows).encode()).hexdigest() for number, (_, _, rows) in current.items()}


def hold_against_supply(connection: "Connection", trail: "Trail", invoice_ids: Iterable[int]) -> Findings:
    """Hold invoices against suppliers, accounts, earlier invoices, orders and receipts, and keep what they match.

    Args:
        connection: Within a transaction. Until it ends, nobody else holds invoices against the supply.
        trail: Is told of every match that is new or another than before.
        invoice_ids: Of ``received_invoice``; their suppliers have been found.

    Returns:
        By invoice what was found, empty where all agrees. One that is missing could not be held against anything:
        nothing was read of it, or no ERP has told its orders yet and nothing speaks against it beside them.
    """
    invoice_matches.hold(connection)
    tolerances = supply.tolerances_in_force(connection)
    mirrored = supply.is_mirrored(connection)
    wanted = sorted(set(invoice_ids))
    found: Findings = {}
    for start in range(0, len(wanted), CHUNK):
        found |= _Chunk(connection, trail, tolerances, mirrored=mirrored).hold(wanted[start : start + CHUNK])
    return found


_NO_CORRECTION = Correction()


@dataclass(slots=True)
class _Head:
    """What is known of one invoice beside its content."""

    row: Mapping[str, Any]
    invoice: Invoice
    billed: Billed
    asking: Asking
    correction: Correction = _NO_CORRECTION
    given_back: tuple[InvoiceFinding, ...] = ()

    @property
    def is_known(self) -> bool:
        return self.row["supplier_state"] == "known" or bool(self.row["erp_code"])

    @property
    def code(self) -> str:
        """Return what tolerances know the supplier by: its code in the ERP, else its key here."""
        return str(self.row["erp_code"] or self.row["key"])


@dataclass(slots=True)
class _Chunk:
    """Holds some hundred invoices against the supply at once."""

    connection: "Connection"
    trail: "Trail"
    tolerances: SupplyTolerances
    mirrored: bool

    def hold(self, ids: Sequence[int]) -> Findings:
        """Return what was found of each, and keep what they match."""
        heads = self._heads(ids)
        self._link(heads)
        found = {head.row["id"]: self._about_sender(head, facts) for head, facts in self._sender_facts(heads)}
        if not self.mirrored:
            return {number: several for number, several in found.items() if _stops(several)}
        to_match = [head for head in heads if not _stops(found[head.row["id"]], *_NOT_HELD) and head.is_known]
        batch = read_batch(self.connection, [(head.row["id"], head.code, head.billed) for head in to_match])
        rows: dict[int, list[Row]] = {head.row["id"]: _unheld(head, self.tolerances.version) for head in heads}
        for head in to_match:
            findings, rows[head.row["id"]] = self._match(head, batch)
            found[head.row["id"]] += findings
        invoice_matches.keep(
            self.connection,
            self.trail,
            {number: [MatchRow(**row) for row in rows[number]] for number in rows},  # type: ignore[arg-type] # rows name the columns
        )
        return found

    def _heads(self, ids: Sequence[int]) -> list[_Head]:
        """Return the invoices something was read of, with since when each is held against the supply."""
        invoices = received_invoices.in_force(self.connection, ids)
        current = invoice_matches.current(self.connection, ids)
        found = []
        for row in invoice_doubles.heads(self.connection, ids):
            number = row["id"]
            invoice = invoices.get(number)
            if invoice is None or (not invoice.lines and invoice.totals.gross is None):
                continue
            since = current[number][1] if number in current else NEW + number
            found.append(_Head(row, invoice, billed_of(invoice), Asking(number, row["number"], since)))
        return found

    def _link(self, heads: Sequence[_Head]) -> None:
        """Link corrections to what they replace: neither is a double of the other, nor bills the supply twice."""
        several = [Named(head.row, head.billed) for head in heads]
        corrections = correction_links.corrections(self.connection, self.trail, several)
        credited = correction_links.credit_findings(self.connection, several)
        for head in heads:
            head.correction = corrections[head.row["id"]]
            head.given_back = credited.get(head.row["id"], ())
            if head.correction.corrected is not None:
                head.asking = replace(head.asking, replaces=head.correction.corrected["id"])

    def _sender_facts(self, heads: Sequence[_Head]) -> Iterator[tuple[_Head, "_Sender"]]:
        """Read what is known of the senders, note the accounts nobody knows, and yield each invoice with it."""
        suppliers = sorted({head.row["supplier_id"] for head in heads if head.row["supplier_id"] is not None})
        seen = {
            (head.row["supplier_id"], account(iban))
            for head in heads
            if head.row["supplier_id"] is not None
            for iban in head.billed.accounts
        }
        states = invoice_doubles.accounts(self.connection, suppliers)
        unheard = [(supplier, iban) for supplier, iban in seen if iban not in states.get(supplier, {})]
        if unheard:
            supplier_accounts.propose(self.connection, self.trail, unheard)
        ids = [head.row["id"] for head in heads]
        like = invoice_doubles.like(self.connection, ids, near_days=self.tolerances.near_days, credits_=CREDITS)
        numbers = {key: Numbers(of) for key, of in invoice_doubles.numbers(self.connection, suppliers).items()}
        for head in heads:
            supplier = head.row["supplier_id"]
            yield (
                head,
                _Sender(like.get(head.row["id"], []), states.get(supplier, {}), numbers.get(supplier, _NO_NUMBERS)),
            )

    def _about_sender(self, head: _Head, facts: "_Sender") -> tuple[InvoiceFinding, ...]:
        """Return what is found beside orders: the supplier, its accounts, doubles and gaps."""
        row, invoice = head.row, head.invoice
        named = row["name"] or invoice.seller.name
        payee = invoice.payee.name if invoice.payee else ""
        named_accounts = [account(iban) for iban in head.billed.accounts]
        double = double_of(
            _known(row),
            [_known(one) for one in facts.like if one["id"] != head.asking.replaces],
            names_order=bool(head.billed.references),
            near_days=self.tolerances.near_days,
        )
        gap = number_gaps.gap_before(row["number"], facts.numbers, sequence_of=self.tolerances.sequence_of)
        found = (
            accounts.judge_supplier(known=head.is_known, state=row["supplier_state"], name=named),
            accounts.judge_accounts(named_accounts, facts.accounts, known=head.is_known),
            accounts.judge_payee(payee, invoice.seller.name),
            double,
            gap,
        )
        corrected = correcting.judge(row["id"], head.billed, row["gross"], head.correction)
        return (*(one for one in found if one is not None), *corrected, *head.given_back)

    def _match(self, head: _Head, batch: Batch) -> tuple[tuple[InvoiceFinding, ...], list[Row]]:
        """Hold one invoice against orders and receipts, and let the next ones see what it bills."""
        number, billed = head.row["id"], head.billed
        found = batch.found[number]
        batch.supply.release(number)
        matched = match(
            billed,
            head.asking,
            supplier=head.code,
            found=found,
            others=batch.others(head.code, billed),
            supply=batch.supply,
            tolerances=self.tolerances,
        )
        rows = rows_of(matched, billed, head.asking, version=self.tolerances.version)
        note_claims(batch.supply, rows, head.asking)
        return (*matched.findings, *self._prepaid(head, matched, batch)), rows

    def _prepaid(self, head: _Head, matched: Matched, batch: Batch) -> Iterator[InvoiceFinding]:
        """Yield what is wrong with prepayments on the orders an invoice is about."""
        known = {one.invoice: one for purchase in matched.purchases for one in batch.prepayments.get(purchase, ())}
        orders = batch.supply.of(matched.purchases)
        judge = prepayments.judge_request if head.billed.is_prepayment else prepayments.judge_deduction
        yield from judge(head.billed, head.asking, list(known.values()), orders)
        if head.billed.is_prepayment and head.billed.net > 0:
            gross = head.row["gross"] or head.billed.net
            one = Prepayment(head.row["id"], head.row["number"], head.billed.net, gross)
            for purchase in matched.purchases:
                before = batch.prepayments.setdefault(purchase, [])
                before[:] = [each for each in before if each.invoice != one.invoice] + [one]


_NO_NUMBERS = Numbers(())
_NOT_HELD = frozenset({"double-number", "double-content"})
"""What stops an invoice from being held against orders: it must not bill what the one it doubles bills."""


@dataclass(frozen=True, slots=True)
class _Sender:
    """What is known of who sent an invoice: like invoices, states of accounts, numbers."""

    like: Sequence[Mapping[str, Any]]
    accounts: Mapping[str, str]
    numbers: Numbers


def _stops(findings: Iterable[InvoiceFinding], *rules: str) -> bool:
    """Tell whether something is fatal, or one of some rules is."""
    return any(one.gravity is Gravity.FATAL and (not rules or one.rule in rules) for one in findings)


def _unheld(head: _Head, version: int) -> list[Row]:
    lines: list[Row] = [{"line": line.place, "tolerances_version": version} for line in head.billed.lines]
    return lines or [{"line": "", "tolerances_version": version}]


def _known(row: Mapping[str, Any]) -> Known:
    return Known(
        id=row["id"],
        supplier=row["supplier_id"],
        number=row["number"],
        type_code=row["type_code"],
        issued_on=row["issued_on"],
        currency=row["currency"],
        gross=row["gross"],
        content=row["content_hash"],
        state=row["state"],
    )
