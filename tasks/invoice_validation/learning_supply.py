"""Learn the supply from an ERP: suppliers with their accounts, what was ordered, what came and went back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocks.database import supplier_mirror, supply
from blocks.documents.supply import PurchaseLine, ReceiptLine, SupplierParty

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database
    from blocks.systems.erps.contract import Erp

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Learnt:
    """How many suppliers, order lines and receipt lines were new or had changed."""

    suppliers: int = 0
    purchase_lines: int = 0
    receipt_lines: int = 0


def learn_supply(database: "Database", actor: "Actor", erp: "Erp", system: str) -> Learnt:
    """Read what has changed in an ERP since it was last read, page by page; safe to run again, and twice at once.

    Each page is kept as it comes; how far the ERP has been read is noted at its end only, so a reading that was cut
    off begins where the last whole one ended.

    Args:
        database: Where the mirror is kept.
        actor: Who reads.
        erp: The ERP; one that tells nothing of its purchases leaves the mirror as it is.
        system: Type and name of its connection, e.g. 'tryton-erp/main'.

    Raises:
        TryAgainLater: The ERP can't answer now.
        Refused: It lets nobody see purchases with these credentials.
        Unreadable: Its answer is not what it should be.
    """
    if not erp.capabilities.supply:
        return Learnt()
    suppliers = 0
    for page in erp.suppliers():
        with database.audited(actor) as (connection, trail):
            suppliers += keep_suppliers(connection, trail, page, system=system)
    lines = _learn(database, supply.PURCHASES, erp.purchase_lines_changed, supply.keep_purchases, system)
    receipts = _learn(database, supply.RECEIPTS, erp.receipt_lines_changed, supply.keep_receipts, system)
    return Learnt(suppliers, lines, receipts)


def keep_suppliers(connection: "Connection", trail: "Trail", parties: Sequence[SupplierParty], *, system: str) -> int:
    """Note the suppliers an ERP knows, and the accounts it pays to; returns how many were new or had changed."""
    return supplier_mirror.keep(connection, trail, parties, system=system)


Lines = Sequence[PurchaseLine] | Sequence[ReceiptLine]


def _learn(
    database: "Database",
    kind: str,
    changed: Callable[[datetime], Iterator[Lines]],
    keep: Callable[..., int],
    system: str,
) -> int:
    with database.connect() as connection:
        since = supply.read_since(connection, system=system, kind=kind) or BEGINNING
    newest, written = since, 0
    for page in changed(since):
        with database.connect() as connection:
            written += keep(connection, system=system, lines=page)
        newest = max([newest, *(line.changed_at for line in page if line.changed_at)])
    with database.connect() as connection:
        supply.note_read(connection, system=system, kind=kind, newest=newest)
    return written
