"""The invoice desk beyond one decision: what a person looks at is brought up to date first, in its own transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blocks.database import (
    invoice_corrections,
    invoice_decisions,
    invoice_limits,
    invoice_matches,
    invoice_verdicts,
    received_invoices,
    supplier_accounts,
    suppliers,
)
from blocks.errors import SomsError, WrongUse
from tasks.invoice_validation import deciding, judging
from tasks.invoice_validation.deciding import Wish
from tasks.invoice_validation.judging import Chunk

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.database.invoice_matches import MatchRow
    from blocks.database.invoice_verdicts import Known
    from blocks.documents.invoices import Invoice
    from tasks.invoice_validation.booking import Hold

DECISIONS = {
    "approve": deciding.approve,
    "reject": deciding.reject,
    "ask": deciding.ask,
    "correct": deciding.correct,
    "replaces": deciding.replaces,
}


@dataclass(frozen=True, slots=True)
class Look:
    """An invoice as it stands: its row, what it says, the newest verdict, all versions, decisions, its account.

    ``matches`` is what its lines are held against, ``corrected_by`` the correction of it that is approved, if any.
    """

    row: Mapping[str, Any]
    invoice: "Invoice"
    verdict: "Known | None"
    versions: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    account: Mapping[str, Any] | None
    wants_two: bool
    matches: Sequence["MatchRow"] = ()
    corrected_by: int | None = None

    @property
    def seen(self) -> str:
        """Return what names this view of the facts; '' where nothing is judged yet."""
        return self.verdict.view_hash[:12] if self.verdict else ""

    @property
    def open(self) -> bool:
        """Return whether somebody must decide."""
        return self.row["state"] in received_invoices.OPEN


def look(connection: "Connection", number: int) -> Look:
    """Return all about one invoice.

    Raises:
        WrongUse: There is none with this number.
    """
    from tasks.invoice_validation.booking import payable  # noqa: PLC0415 - read where it is shown

    row = received_invoices.show(connection, number)
    known = invoice_verdicts.newest(connection, [number]).get(number)
    limits = invoice_limits.in_force(connection)
    fatal = invoice_verdicts.fatal(known.verdict) > 0 if known else True
    matches = invoice_matches.current(connection, [number])
    standing = invoice_corrections.standing(connection, [number])[number]
    return Look(
        row=row,
        invoice=received_invoices.in_force(connection, [number])[number],
        verdict=known,
        versions=invoice_verdicts.history(connection, number),
        decisions=invoice_decisions.of(connection, number),
        account=_account(connection, row),
        wants_two=limits.wants_two(payable(row), row["currency"], fatal=fatal),
        matches=matches[number][2] if number in matches else (),
        corrected_by=standing if standing != number else None,
    )


def _account(connection: "Connection", row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the account that keeps an invoice from being paid, else the first it names."""
    if not row["supplier_id"]:
        return None
    named = deciding.accounts_named(connection, row["id"])
    new = supplier_accounts.unconfirmed(connection, row["supplier_id"], named)
    return new or (supplier_accounts.of(connection, row["supplier_id"], named[0]) if named else None)


def refresh(database: "Database", actor: "Actor", numbers: Sequence[int], *, hold: "Hold") -> None:
    """Judge undecided invoices anew where something has changed, so that people look at what is known now."""
    with database.connect() as connection:
        known = received_invoices.facts(connection, numbers)
    if known:
        judging.judge(database, actor, Chunk(tuple(sorted(known))), hold=hold, jobs=1, rule_may_approve=False)


def decide(database: "Database", actor: "Actor", action: str, wish: Wish, *, hold: "Hold") -> str:
    """Decide on one invoice as it stands now; returns in a sentence what came of it.

    Raises:
        WrongUse: It is decided, has changed since the person looked, or they may not.
    """
    try:
        refresh(database, actor, [wish.invoice], hold=hold)
    except SomsError as error:
        raise WrongUse(
            f"Invoice {wish.invoice} could not be looked at anew, so nothing was decided. {error}"
        ) from error
    with database.audited(actor) as (connection, trail):
        return DECISIONS[action](connection, trail, wish)


def decide_account(database: "Database", actor: "Actor", *, account: int, confirm: bool, by: str, reason: str) -> str:
    """Vouch for, confirm or decline a supplier's account; returns in a sentence what came of it.

    Raises:
        WrongUse: There is none, it is decided, or one person wants to be both.
    """
    with database.audited(actor) as (connection, trail):
        row = supplier_accounts.decide(connection, trail, account=account, confirm=confirm, by=by, reason=reason)
    if row["state"] == "proposed":
        return f"{by} vouches for account {account}; a second person must confirm it."
    return f"Account {account} is {row['state']}. Invoices that wait for it are judged anew by the next run."


def note_supplier(
    database: "Database", actor: "Actor", *, supplier: int, facts: Mapping[str, Any], by: str, reason: str
) -> str:
    """Note what is known of a supplier; returns in a sentence what came of it.

    Raises:
        WrongUse: There is none, or nothing new is said.
    """
    with database.audited(actor) as (connection, trail):
        suppliers.note(connection, trail, supplier=supplier, facts=facts, by=by, reason=reason)
    return f"It is noted of supplier {supplier}. Invoices that wait are judged anew by the next run."
