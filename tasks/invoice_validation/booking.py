"""Books verdicts: holds invoices against the supply, keeps what was judged, approves by rule what may be.

All of it in one transaction, so that a run that is killed has done all of a chunk or nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import invoice_decisions, invoice_verdicts, received_invoices
from blocks.database.invoice_decisions import Decision
from blocks.database.invoice_verdicts import Known, New
from blocks.documents.invoice_verdicts import InvoiceFinding, InvoiceVerdict
from tasks.invoice_validation import onward

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.invoice_limits import InvoiceLimits

READ = frozenset({"proven", "released"})
RULE = "soms"
"""Who approves what is approved by rule: a name that no person can have."""
HOLD_BACK = "hold-back"
"""What is decided of an invoice that came in a batch that is not trusted as a whole."""


@dataclass(frozen=True, slots=True)
class Held:
    """What holding invoices against the supply says; an invoice that is missing in ``findings`` was not checked."""

    findings: Mapping[int, tuple[InvoiceFinding, ...]]
    version: str = ""
    digests: Mapping[int, str] | None = None


Hold = Callable[["Connection", "Trail", Sequence[int]], Held]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of invoices: counts."""

    taken: int = 0
    judged: int = 0
    again: int = 0
    """Judged before, with another verdict now."""
    approved: int = 0
    rejected: int = 0
    waiting: int = 0
    left: int = 0
    """Changed by somebody while they were judged: the next run takes them."""

    def __add__(self, other: "Tally") -> "Tally":
        """Return the sums."""
        return Tally(
            self.taken + other.taken, self.judged + other.judged, self.again + other.again,
            self.approved + other.approved, self.rejected + other.rejected, self.waiting + other.waiting,
            self.left + other.left,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JudgedNow:
    """The verdict on an invoice and the facts it is based on."""

    verdict: InvoiceVerdict
    facts: str


def book(
    connection: "Connection",
    trail: "Trail",
    ids: Sequence[int],
    judged: Mapping[int, JudgedNow],
    *,
    limits: "InvoiceLimits",
    hold: Hold,
    rule_may_approve: bool = True,
    stopped: str = "",
) -> Tally:
    """Keep the verdicts on undecided invoices and approve by rule what may be; ``judged`` holds those judged just now.

    The others stand as they were judged before and are only held against the supply anew: receipts come late.
    ``stopped`` says why those judged just now are not trusted as a whole: they are held back for good, and only a
    person approves them.
    """
    received_invoices.hold_booking(connection)
    rows = received_invoices.facts(connection, ids, lock=True)
    dropped = [row for row in rows.values() if row["outcome"] == "rejected"]
    _drop(connection, trail, dropped)
    before = invoice_verdicts.newest(connection, list(rows))
    standing = _standing([row for row in rows.values() if row["outcome"] != "rejected"], judged, before)
    held = hold(connection, trail, sorted(standing))
    new = [_new(number, one, held) for number, one in sorted(standing.items())]
    stand = invoice_verdicts.keep(connection, trail, new)
    if stopped:
        _hold_back(connection, trail, [stand[number] for number in judged if number in stand], limits, reason=stopped)
    fit = [rows[number] for number, one in stand.items() if rule_may_approve and _by_rule(rows[number], one, limits)]
    held_back = invoice_decisions.noted(connection, [row["id"] for row in fit], HOLD_BACK)
    approved = [row for row in fit if row["id"] not in held_back]
    approve_by_rule(connection, trail, approved, stand, limits)
    changed = [number for number, one in stand.items() if number in before and one.version > before[number].version]
    return Tally(
        judged=sum(number not in before for number in stand), again=len(changed), approved=len(approved),
        rejected=len(dropped), waiting=len(stand) - len(approved), left=len(rows) - len(dropped) - len(standing),
    )  # fmt: skip


def _standing(
    rows: Sequence[Mapping[str, Any]], judged: Mapping[int, JudgedNow], before: Mapping[int, Known]
) -> dict[int, JudgedNow]:
    """Return the verdicts that are of the facts as they are at this moment."""
    found = {}
    for row in rows:
        number, facts = row["id"], row["facts"]
        if number in judged and judged[number].facts == facts:
            found[number] = judged[number]
        elif number in before and before[number].facts_hash == facts:
            found[number] = JudgedNow(before[number].without_supply(), facts)
    return found


def _new(number: int, one: JudgedNow, held: Held) -> New:
    found = held.findings.get(number)
    verdict = one.verdict.with_supply(found or (), version=held.version, checked=found is not None)
    return New(number, verdict, one.facts, (held.digests or {}).get(number, ""))


def _by_rule(row: Mapping[str, Any], one: Known, limits: "InvoiceLimits") -> bool:
    may = row["outcome"] in READ and row["supplier_state"] != "blocked" and row["supplier_id"] is not None
    return may and limits.approved_by_rule(one.verdict, payable(row), row["currency"])


def payable(row: Mapping[str, Any]) -> Decimal | None:
    """Return the amount that limits are held against: the larger of what is billed and what is to be paid."""
    amounts = [row[name] for name in ("payable", "gross") if row[name] is not None]
    return max(amounts, key=abs, default=None)


def approve_by_rule(
    connection: "Connection",
    trail: "Trail",
    rows: Sequence[Mapping[str, Any]],
    stand: Mapping[int, Known],
    limits: "InvoiceLimits",
) -> None:
    """Approve invoices in the name of the limits in force; their bills are due at once."""
    reason = f"Nothing was found against it; approved by the invoice limits, {limits.edition}."
    decisions = [
        Decision(
            row["id"], "approve", RULE, reason, stand[row["id"]].version, stand[row["id"]].view_hash, limits.edition
        )
        for row in rows
    ]
    invoice_decisions.write(connection, trail, decisions)
    if rows:
        settled = {row["id"]: "approved" for row in rows}
        received_invoices.settle(connection, trail, settled, by=RULE, reason=reason, facts={"limits": limits.edition})
    onward.bill(connection, trail, rows)


def _hold_back(
    connection: "Connection", trail: "Trail", judged: Sequence[Known], limits: "InvoiceLimits", *, reason: str
) -> None:
    """Keep invoices from being approved by rule, now and later."""
    known = invoice_decisions.noted(connection, [one.invoice for one in judged], HOLD_BACK, reason)
    decisions = [
        Decision(one.invoice, HOLD_BACK, RULE, reason, one.version, one.view_hash, limits.edition, final=False)
        for one in judged
        if one.invoice not in known
    ]
    invoice_decisions.write(connection, trail, decisions)


def _drop(connection: "Connection", trail: "Trail", rows: Sequence[Mapping[str, Any]]) -> None:
    """Close invoices whose files were rejected at the conversion desk; nobody is answered."""
    for row in rows:
        reason = f"Rejected at the conversion desk: {row['settled_reason'] or 'no reason was kept'}"
        received_invoices.settle(
            connection, trail, {row["id"]: "rejected"}, by=row["settled_by"] or "soms", reason=reason, facts={}
        )
