"""What replenishment calls outside: the ERP is asked to buy what was approved, each proposal once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.database.effect_delivery import Delivery
from blocks.systems.answers import Answer
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from tasks.replenishment import deciding

if TYPE_CHECKING:
    from blocks.database import effects
    from blocks.database.engine import Database


def _ask_to_buy(database: "Database", claimed: "Sequence[effects.Claimed]") -> list[Answer]:
    with database.connect() as connection:
        asked = deciding.requests(connection, [effect.payload["proposal"] for effect in claimed])
    requests = [asked[effect.payload["proposal"]] for effect in claimed]
    answers: list[Answer] = load_system(claimed[0].system).request_purchases(requests)
    return answers


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=deciding.PROCESS,
    calls={deciding.CALL: _ask_to_buy},
    names={deciding.CALL: "Purchase requests made in the ERP"},
    per_call={deciding.CALL: 20},
    book=deciding.book_answers,
    limits=_limits,
)
