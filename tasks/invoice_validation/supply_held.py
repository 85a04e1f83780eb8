"""Holds invoices against the supply as booking wants it: findings, the edition of the rules, what was matched."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.invoice_validation.booking import Held
from tasks.invoice_validation.holding import hold_against_supply, match_digest, supply_version

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection


def hold(connection: "Connection", trail: "Trail", ids: Sequence[int]) -> Held:
    """Return what order, receipt, earlier invoices and accounts say of invoices, in the caller's transaction."""
    if not ids:
        return Held({})
    findings = hold_against_supply(connection, trail, ids)
    return Held(findings, supply_version(connection), match_digest(connection, ids))
