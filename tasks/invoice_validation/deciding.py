"""What a person decides on an incoming invoice: approve, reject, ask its sender, have it corrected.

Each decision is one transaction: the invoice is locked, what the person saw is compared with what is known now, and
whoever comes second hears what the first one decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import (
    conversions,
    invoice_decisions,
    invoice_limits,
    invoice_verdicts,
    received_invoices,
    supplier_accounts,
)
from blocks.database.invoice_corrections import SAID
from blocks.database.invoice_decisions import Decision
from blocks.database.invoice_verdicts import SHORTEST_VIEW, Known
from blocks.documents.invoice_figures import account
from blocks.documents.reasons import kept_reason
from blocks.errors import WrongUse
from tasks.invoice_validation import onward, superseding
from tasks.invoice_validation.billing import accounts_of
from tasks.invoice_validation.booking import payable

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection
    from blocks.documents.invoice_limits import InvoiceLimits

READ = frozenset({"proven", "released"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of one invoice; ``seen`` names the view of the facts they looked at.

    ``replaced`` is the invoice that it takes the place of, where that is what is said; 0 for none.
    """

    invoice: int
    by: str
    reason: str
    seen: str
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Ground:
    """An invoice that may be decided: its row, its verdict, the limits in force, and why it is, as it may be kept."""

    row: Mapping[str, Any]
    verdict: Known
    limits: "InvoiceLimits"
    reason: str


def approve(connection: "Connection", trail: "Trail", wish: Wish) -> str:
    """Approve an invoice, or give the first of two approvals; returns in a sentence what came of it.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or they may not; says which.
    """
    ground = _ground(connection, wish)
    row, limits = ground.row, ground.limits
    amount = payable(row)
    _insist_on_payable(connection, row)
    superseding.insist_on_place(connection, row)
    if refusal := limits.refusal(wish.by, amount, row["currency"]):
        raise WrongUse(refusal)
    first = None
    if limits.wants_two(amount, row["currency"], fatal=invoice_verdicts.fatal(ground.verdict.verdict) > 0):
        first = invoice_decisions.first_approval(connection, wish.invoice, view=ground.verdict.view_hash)
        if first is None:
            _write(connection, trail, ground, wish, "approve", final=False)
            return f"Invoice {wish.invoice} is approved by {wish.by}; a second person must approve it as well."
        if first["by"] == wish.by:
            raise WrongUse(f"{wish.by} has approved invoice {wish.invoice} already: somebody else must, too.")
    _write(connection, trail, ground, wish, "approve", first_by=first["by"] if first else None)
    also = superseding.make_room_for(connection, trail, row, by=wish.by, limits=limits.edition)
    facts = {"limits": limits.edition, "view": ground.verdict.view_hash}
    received_invoices.settle(
        connection, trail, {wish.invoice: "approved"}, by=wish.by, reason=ground.reason, facts=facts
    )
    superseding.close_conversion(connection, trail, row, "released", by=wish.by, reason=ground.reason)
    onward.bill(connection, trail, [row])
    return f"Invoice {wish.invoice} is approved" + (f", first by {first['by']}." if first else ".") + also


def reject(connection: "Connection", trail: "Trail", wish: Wish) -> str:
    """Reject an invoice for good; its sender is told the reasons, where a connection for answers is named.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or no reason is given.
    """
    ground = _ground(connection, wish)
    decision = _write(connection, trail, ground, wish, "reject")
    facts = {"view": ground.verdict.view_hash}
    received_invoices.settle(
        connection, trail, {wish.invoice: "rejected"}, by=wish.by, reason=ground.reason, facts=facts
    )
    superseding.close_conversion(connection, trail, ground.row, "rejected", by=wish.by, reason=ground.reason)
    told = onward.answer(connection, trail, ground.row, decision=decision, what="rejected")
    return f"Invoice {wish.invoice} is rejected; {_told(told)}"


def ask(connection: "Connection", trail: "Trail", wish: Wish) -> str:
    """Ask the sender of an invoice what the reason says; it goes on waiting.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or nothing is asked.
    """
    ground = _ground(connection, wish)
    decision = _write(connection, trail, ground, wish, "ask", final=False)
    received_invoices.mark_asked(connection, trail, wish.invoice, by=wish.by)
    told = onward.answer(connection, trail, ground.row, decision=decision, what="asked")
    return f"Invoice {wish.invoice} waits for its sender; {_told(told)}"


def correct(connection: "Connection", trail: "Trail", wish: Wish) -> str:
    """Send what was misread back to the conversion desk; once it is released there, the invoice is judged anew.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or it came as data: then only its sender can
            correct it (§31(5) UStDV).
    """
    ground = _ground(connection, wish)
    row = ground.row
    if row["came_as_data"]:
        raise WrongUse(
            f"Invoice {wish.invoice} came as data: nothing was misread, and only its sender can correct it (§31(5)"
            " UStDV). Reject it and say why, or ask."
        )
    _write(connection, trail, ground, wish, "correct", final=False)
    if row["outcome"] in READ:
        conversions.send_back(connection, trail, row["conversion_id"], by=wish.by, reason=ground.reason)
    return (
        f"Conversion {row['conversion_id']} waits at the conversion desk: correct and release it there; what touches"
        " money needs a second person. The invoice is judged anew then."
    )


def replaces(connection: "Connection", trail: "Trail", wish: Wish) -> str:
    """Say which invoice this one takes the place of, or (0) that it does not; it is decided as a correction then.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or that one cannot be replaced; says why.
    """
    ground = _ground(connection, wish)
    said = superseding.link(connection, trail, ground.row, replaced=wish.replaced, by=wish.by)
    _write(connection, trail, ground, wish, SAID, final=False)
    return said


def _ground(connection: "Connection", wish: Wish) -> Ground:
    """Lock the invoice and insist that it is undecided and just as the person saw it."""
    reason = kept_reason(wish.reason)
    received_invoices.hold_booking(connection)
    row = received_invoices.show(connection, wish.invoice, lock=True)
    if row["state"] not in received_invoices.OPEN:
        by = f" by {row['settled_by']}" if row["settled_by"] else ""
        why = f": {row['settled_reason']}" if row["settled_reason"] else ""
        raise WrongUse(f"Invoice {wish.invoice} is {row['state']} already{by}{why}")
    known = invoice_verdicts.newest(connection, [wish.invoice]).get(wish.invoice)
    if known is None:
        raise WrongUse(f"Invoice {wish.invoice} is not judged yet: the next run of the invoice validation does so.")
    if known.facts_hash != row["facts"]:
        raise WrongUse(
            f"Invoice {wish.invoice} was corrected, or something was noted of its supplier, since it was judged: look"
            " at it again, then decide."
        )
    if len(wish.seen) < SHORTEST_VIEW or not known.view_hash.startswith(wish.seen.lower()):
        raise WrongUse(_changed(wish, known))
    return Ground(row, known, invoice_limits.in_force(connection), reason)


def _changed(wish: Wish, known: Known) -> str:
    look = f"`soms invoices show {wish.invoice}`"
    if len(wish.seen) < SHORTEST_VIEW:
        return f"Say which view of invoice {wish.invoice} you decide on: {look} names it, and so do the report's links."
    return (
        f"Invoice {wish.invoice} has changed since you looked: its facts, findings or match with the supply are others"
        f" now (version {known.version} of its verdict). Look again ({look}), then decide."
    )


def _insist_on_payable(connection: "Connection", row: Mapping[str, Any]) -> None:
    """Refuse to approve what nobody can pay: nothing read, not confirmed, or to an account nobody has confirmed."""
    number = row["id"]
    if not row["was_read"]:
        raise WrongUse(f"Nothing could be read of invoice {number}: reject it, or ask for another file.")
    if not row["came_as_data"] and row["outcome"] not in READ:
        raise WrongUse(
            f"Invoice {number} was read off a page, and nobody has confirmed it: conversion {row['conversion_id']}"
            f" waits at the conversion desk (`soms conversions show {row['conversion_id']}`)."
        )
    if row["supplier_id"] is None or row["supplier_state"] == "blocked":
        what = "is blocked" if row["supplier_id"] else "cannot be told"
        raise WrongUse(f"The supplier of invoice {number} {what}: reject it, or have that changed first.")
    new = supplier_accounts.unconfirmed(connection, row["supplier_id"], accounts_named(connection, number))
    if new is not None:
        raise WrongUse(
            f"Invoice {number} wants to be paid to an account that is {new['state']}: two persons must confirm it"
            f" first, asking the supplier by a way known before (`soms invoices confirm-account {new['id']}`)."
        )


def accounts_named(connection: "Connection", number: int) -> list[str]:
    """Return every account an invoice wants to be paid to, as they are kept: money may go to any of them."""
    return [account(iban) for iban in accounts_of(received_invoices.in_force(connection, [number])[number])]


def _write(
    connection: "Connection",
    trail: "Trail",
    ground: Ground,
    wish: Wish,
    action: str,
    *,
    final: bool = True,
    first_by: str | None = None,
) -> int:
    decision = Decision(
        wish.invoice, action, wish.by, ground.reason, ground.verdict.version, ground.verdict.view_hash,
        ground.limits.edition, final, first_by,
    )  # fmt: skip
    return invoice_decisions.write(connection, trail, [decision])[wish.invoice]


def _told(told: bool) -> str:
    return "its sender is told." if told else "no connection for answers is named for it, so tell its sender yourself."
