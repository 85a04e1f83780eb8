"""What the order-status process calls outside: the shop and the ERP are told of an order's status."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from blocks.database.effect_delivery import Delivery
from blocks.documents.statuses import StatusNotice
from blocks.errors import TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.order_status import records
from tasks.order_status.ruling import ERP, PROCESS, SHOP

if TYPE_CHECKING:
    from blocks.database import effects
    from blocks.database.engine import Connection, Database

PER_CALL = {SHOP: 50, ERP: 10}
"""Orders per claim; an ERP may need several calls for one."""
OUTDATED = "A newer status of this order is to be told instead."
EARLIER_UNDER_WAY = "An earlier status of this order is being told at this moment."
NOT_SOLD_YET = "The order is not in the ERP yet: its status is told when its sale is booked there."


def _hold_back(connection: "Connection", claimed: "Sequence[effects.Claimed]") -> Mapping[int, Answer]:
    """Hold back what would be told out of turn, and what the ERP cannot place yet."""
    turns = records.out_of_turn(connection, [effect.id for effect in claimed])
    held: dict[int, Answer] = {
        number: TryAgainLater(OUTDATED if outdated else EARLIER_UNDER_WAY) for number, outdated in turns.items()
    }
    if claimed[0].kind == ERP:
        sales = records.sales_of(connection, [effect.payload["order_id"] for effect in claimed])
        for effect in claimed:
            own = [sale for sale in sales[effect.payload["order_id"]] if sale["system"] == effect.system]
            if effect.id not in held and any(sale["reference"] is None for sale in own):
                held[effect.id] = TryAgainLater(NOT_SOLD_YET)
    return held


def _tell_shop(database: "Database", claimed: "Sequence[effects.Claimed]") -> list[Answer]:
    with database.connect() as connection:
        orders = records.keys_of(connection, [effect.payload["order_id"] for effect in claimed])
    notices = [_notice(effect, orders, str(orders[effect.payload["order_id"]]["external_id"])) for effect in claimed]
    answers: list[Answer] = load_system(claimed[0].system).set_status(notices)
    return answers


def _tell_erp(database: "Database", claimed: "Sequence[effects.Claimed]") -> list[Answer]:
    """Tell the ERP of every sale an order has there; the order is told when all of them are."""
    with database.connect() as connection:
        numbers = [effect.payload["order_id"] for effect in claimed]
        orders, sales = records.keys_of(connection, numbers), records.sales_of(connection, numbers)
    notices, counts = [], []
    for effect in claimed:
        own = [sale["reference"] for sale in sales[effect.payload["order_id"]] if sale["system"] == effect.system]
        notices += [_notice(effect, orders, reference) for reference in own if reference]
        counts.append(sum(reference is not None for reference in own))
    answers = iter(load_system(claimed[0].system).set_status(notices))
    return [_together([next(answers) for _ in range(count)]) for count in counts]


def _together(answers: Sequence[Answer]) -> Answer:
    """Return one answer for all sales of an order: the first that is not done, or done."""
    for answer in answers:
        if not isinstance(answer, Done):
            return answer
    done = [answer for answer in answers if isinstance(answer, Done)]
    if not done:
        return Done("", {"sales": 0}, adopted=True)  # its sales were called off: there is nobody to tell
    facts = {**done[-1].facts, "sales": len(done)}
    return Done(done[-1].reference, facts, adopted=all(answer.adopted for answer in done))


def _notice(effect: "effects.Claimed", orders: Mapping[int, Mapping[str, Any]], key: str) -> StatusNotice:
    payload, order = effect.payload, orders[effect.payload["order_id"]]
    return StatusNotice(
        key=key,
        word=payload["word"],
        status=payload["status"],
        label=payload["label"],
        reference=f"SOMS-{order['channel']}-{order['external_id']}-status-{payload['entry_id']}",
        at=datetime.fromisoformat(payload["decided_at"]),
    )


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=PROCESS,
    calls={SHOP: _tell_shop, ERP: _tell_erp},
    names={SHOP: "Statuses told to the shop", ERP: "Statuses told to the ERP"},
    per_call=PER_CALL,
    hold_back=_hold_back,
    limits=_limits,
)
