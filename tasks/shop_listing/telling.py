"""What shop listing calls outside: a shop is told what it shall show of articles, as that stands at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from blocks.database import listing_answers
from blocks.database.effect_delivery import Delivery
from blocks.database.listings import KIND, PROCESS
from blocks.documents.hiding import HiddenBy
from blocks.documents.stock import ListingChange
from blocks.errors import Refused
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import load_system
from blocks.systems.stock import StockTarget

if TYPE_CHECKING:
    from blocks.database.effects import Claimed
    from blocks.database.engine import Database

PER_CALL = {KIND: 100}
"""Articles per claim; a shop that limits calls per second is given fewer at once."""


def tell(database: "Database", claimed: "Sequence[Claimed]") -> list[Answer]:
    """Tell the shop of each article once, what it shall show now; one answer per call, in order."""
    system = claimed[0].system
    with database.connect() as connection:
        wanted = listing_answers.to_tell(connection, claimed)
    shop = load_system(system)
    if not isinstance(shop, StockTarget):
        return [Refused(f"'{system}' cannot show stock: its kind of connection has no listings.")] * len(claimed)
    changes: dict[str, ListingChange] = {}
    for row in wanted.values():
        if row["product_id"] is not None:
            changes.setdefault(row["sku"], _change(row))
    answers = dict(zip(changes, shop.show(list(changes.values())), strict=True))
    return [_answer(wanted.get(effect.id), answers, effect) for effect in claimed]


def _change(row: Mapping[str, Any]) -> ListingChange:
    """Return what the shop is told. What nobody is known to hide is never shown where somebody has hidden it."""
    by_person = row["hidden_by"] == HiddenBy.PERSON and row["wanted_visible"] is None
    unclaimed = row["hidden_by"] == HiddenBy.NOBODY and row["wanted_visible"]
    return ListingChange(
        sku=row["sku"],
        product_id=row["product_id"],
        variant_id=row["variant_id"],
        quantity=row["wanted_quantity"],
        visible=row["wanted_visible"],
        expected_visible=False if by_person else True if unclaimed else None,
        expected_quantity=row["told_quantity"],
    )


def _answer(row: Mapping[str, Any] | None, answers: Mapping[str, Answer], effect: "Claimed") -> Answer:
    if row is None or row["sku"] not in answers:
        return Refused(
            f"Article '{effect.payload['sku']}' is not known any more: see whether master data still finds it in the"
            " shop, then retry or abandon this."
        )
    answer = answers[row["sku"]]
    if not isinstance(answer, Done):
        return answer
    told = {
        "told_quantity": None if row["wanted_quantity"] is None else int(row["wanted_quantity"]),
        "told_visible": row["wanted_visible"],
        "left_visible": row["told_visible"],
        "left_quantity": None if row["told_quantity"] is None else int(row["told_quantity"]),
        "hidden_by": row["hidden_by"],
        "certain": row["certain"],
    }
    return replace(answer, facts={**answer.facts, **told})


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=PROCESS,
    calls={KIND: tell},
    names={KIND: "Articles shown as they shall be"},
    per_call=PER_CALL,
    book=listing_answers.book,
    limits=_limits,
    in_bulk=frozenset({KIND}),
)
