"""A merchant who has sold for months, an ERP that buys as the test wants it, and runs of replenishment over them."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from blocks.database import incoming_goods, rulebooks
from blocks.database.effect_delivery import deliver_all
from blocks.database.engine import Database
from blocks.database.stock_ledger import book_movements
from blocks.documents.purchases import PurchaseRequest
from blocks.documents.stock import GoodsDue, MovementKind, StockMovement
from blocks.documents.stock_rules import KIND, NAME, load
from blocks.errors import TryAgainLater, Unsupported
from blocks.systems.answers import Answer, Done
from tasks.replenishment import deciding, ordering
from tasks.replenishment.history import Scope
from tasks.replenishment.planning import Plan, look_back, plan
from tests import desk

TILL, ERP = "pos-folder/store", "tryton-erp/main"
SCOPE = Scope("Europe/Berlin")
RULES = "replenishment: {general: {lead_days: 6, cover_days: 10}}"
_numbers = itertools.count(1)


class Buyer:
    """An ERP that buys; ``answers`` say what it answers first, and it finds again what it was asked before."""

    max_in_flight, calls_per_second = None, None

    def __init__(self) -> None:
        """Start with nothing asked and nothing on its way."""
        self.asked: dict[str, PurchaseRequest] = {}
        self.answers: list[Answer] = []
        self.due: Sequence[GoodsDue] | None = ()
        self.calls = self.loses_answers = 0

    def request_purchases(self, requests: Sequence[PurchaseRequest]) -> list[Answer]:
        """Take each request once."""
        self.calls += 1
        found: list[Answer] = []
        for request in requests:
            answer = self.answers.pop(0) if self.answers else None
            if answer is not None:
                found.append(answer)
                continue
            known = request.reference in self.asked
            self.asked.setdefault(request.reference, request)
            if self.loses_answers:
                self.loses_answers -= 1
                raise TryAgainLater("The answer was lost.", maybe_done=True)
            found.append(Done(request.reference, {"number": f"R{len(self.asked)}"}, adopted=known))
        return found

    def goods_due(self) -> Iterator[tuple[GoodsDue, ...]]:
        """Say what is on its way, unless it cannot."""
        if self.due is None:
            raise Unsupported("This ERP does not say what goods are on their way.")
        return iter([tuple(self.due)])


def move(
    database: Database,
    kind: MovementKind,
    quantity: float,
    *,
    sku: str = "LAMP",
    warehouse: str = "EAST",
    days_ago: float = 0.0,
    sale: str = "",
) -> None:
    """Book one movement of stock."""
    moves(database, [movement(kind, quantity, sku=sku, warehouse=warehouse, days_ago=days_ago, sale=sale)])


def movement(
    kind: MovementKind,
    quantity: float,
    *,
    sku: str = "LAMP",
    warehouse: str = "EAST",
    days_ago: float = 0.0,
    sale: str = "",
) -> StockMovement:
    """Return one movement of stock; one of an earlier day was at noon in the merchant's zone, clocks changed or not."""
    now = datetime.now(ZoneInfo(SCOPE.zone))
    then = now.replace(hour=12, minute=0) - timedelta(days=days_ago) if days_ago >= 1 else now - timedelta(days_ago)
    return StockMovement(
        event_id=f"m{next(_numbers)}",
        kind=kind,
        sku=sku,
        warehouse=warehouse,
        quantity=Decimal(str(quantity)),
        happened_at=then.astimezone(UTC),
        sale=sale,
    )


def moves(database: Database, movements: Sequence[StockMovement]) -> None:
    """Book movements of stock."""
    with database.audited(desk.ACTOR) as (connection, trail):
        book_movements(connection, trail, source=TILL, movements=movements)


def close_sale(database: Database, reference: str) -> None:
    """Let the ERP say that nothing is left to ship of a sale."""
    with database.audited(desk.ACTOR) as (connection, trail):
        book_movements(connection, trail, source=ERP, movements=(), closed_sales=[reference])


def sold_daily(
    database: Database, pieces: Sequence[int], *, sku: str = "LAMP", warehouse: str = "EAST", left: int = 100
) -> None:
    """Let so many pieces have been sold on each day up to yesterday, from a full shelf, and ``left`` be there now."""
    where: Any = {"sku": sku, "warehouse": warehouse}
    count = movement(MovementKind.COUNT, 100_000, days_ago=len(pieces) + 0.00001, **where)
    sales = [
        movement(MovementKind.SALE, -sold, days_ago=len(pieces) - day, **where)
        for day, sold in enumerate(pieces)
        if sold
    ]
    moves(database, [count, *sales, movement(MovementKind.COUNT, left, **where)])


def rule(database: Database, text: str = RULES) -> None:
    """Activate stock rules."""
    load(text)
    with database.audited(desk.ACTOR) as (connection, trail):
        rulebooks.activate(connection, trail, kind=KIND, name=NAME, content=text, by="ada", reason="As we buy.")


def coming(database: Database, pieces: int, *, due_on: date | None, sku: str = "LAMP", warehouse: str = "EAST") -> None:
    """Let the ERP say that this, and nothing else, is on its way; 0 pieces: nothing."""
    due = [GoodsDue(document="P-1", warehouse=warehouse, sku=sku, quantity=Decimal(pieces), due_on=due_on)]
    with database.connect() as connection:
        incoming_goods.replace(connection, ERP, [due] if pieces else [])


def run(database: Database, *, scope: Scope = SCOPE, dry_run: bool = False) -> Plan:
    """Look back, plan and book."""
    chosen = look_back(database, scope).chosen
    with database.audited(desk.ACTOR) as (connection, trail):
        deciding.give_up_abandoned(connection, trail)
    return plan(database, desk.ACTOR, scope, chosen, log=lambda _line: None, dry_run=dry_run)


def deliver(database: Database, *, lease: float = 60, patience: float = 0) -> None:
    """Ask the ERP to buy what is approved."""
    deliver_all(ordering.DELIVERY, database, desk.ACTOR, lease=lease, patience=patience, log=lambda _line: None)


def approve(database: Database, *numbers: int, reason: str = "For the season.", **how: Any) -> list[int]:
    """Approve proposals as a person."""
    with database.audited(desk.ACTOR) as (connection, trail):
        return deciding.approve(connection, trail, list(numbers), system=ERP, by="ada", reason=reason, **how)


def decline(database: Database, *numbers: int, reason: str = "Phased out.") -> list[int]:
    """Decline proposals as a person."""
    with database.audited(desk.ACTOR) as (connection, trail):
        return deciding.decline(connection, trail, list(numbers), by="ada", reason=reason)


def proposals(database: Database, *states: str) -> list[dict[str, Any]]:
    """Return the proposals, the oldest first."""
    with database.connect() as connection:
        found = deciding.listing(connection, states=states or deciding.STATES, limit=1000)
    return found[::-1]


def alerts(database: Database) -> list[tuple[str, bool]]:
    """Return every alert's subject and whether it is open, the oldest first."""
    rows = desk.ask(database, "SELECT subject, closed_at IS NULL AS open FROM stock_alert ORDER BY id")
    return [(row["subject"], row["open"]) for row in rows]
