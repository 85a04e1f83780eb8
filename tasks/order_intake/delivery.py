"""Carries out the due effects of order intake: the sale in the ERP, the takeover mark in the shop."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocks.database import effects
from blocks.documents.orders import Order
from blocks.errors import Refused, SomsError, TryAgainLater, where_it_broke
from blocks.systems.answers import Answer, Done
from blocks.systems.registry import load_system
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import records
from tasks.order_intake.judging import PROCESS, SALE, TAKEOVER, Route, known_for, tell_due
from tasks.order_intake.sales import sale_reference, sale_request

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database

_log = logging.getLogger(__name__)

PER_CALL = {SALE: 25, TAKEOVER: 25}
"""Effects per claim, in the order in which the kinds follow from each other."""
_DONE = {SALE: "Sales booked in the ERP", TAKEOVER: "Orders marked as taken over in the shop"}
CONTESTED = "The order has changed in the shop and that version is undecided: `soms quarantine list` shows it."
SHORTEST_WAIT = 0.2
DEAD_AFTER_LEASES = 1.5
"""A lease that is still renewed after so many of its lengths belongs to a worker that lives: no need to wait for it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the effects that this run carried out."""

    done: int = 0
    adopted: int = 0
    refused: int = 0
    put_off: int = 0

    def plus(self, settled: Sequence[effects.Settled]) -> "Delivered":
        """Return the sums with these counted; ``adopted`` is part of ``done``."""
        answers = [entry.answer for entry in settled]
        done = [answer for answer in answers if isinstance(answer, Done)]
        refused = sum(isinstance(answer, Refused) for answer in answers)
        return Delivered(
            self.done + len(done),
            self.adopted + sum(answer.adopted for answer in done),
            self.refused + refused,
            self.put_off + len(answers) - len(done) - refused,
        )


def deliver_all(
    database: "Database", actor: "Actor", *, lease: float, patience: float, log: Callable[[str], None]
) -> Delivered:
    """Carry out all due effects; waits ``patience`` seconds at most for retries, and until dead workers' leases end.

    A system that put off a whole batch is left alone until the next round, and rounds come ever more slowly while none
    answers: a run must end, and let new orders in, however many calls wait for a system that is down.
    """
    delivered, waited, rounds = Delivered(), 0.0, 0
    while True:
        silent: set[str] = set()
        for kind, limit in PER_CALL.items():
            while claimed := effects.claim(
                database, actor, process=PROCESS, kind=kind, limit=limit, lease=lease, avoid=silent
            ):
                settled = carry_out(database, actor, claimed, lease=lease)
                delivered = delivered.plus(settled)
                log(_progress(kind, settled))
                if settled and all(isinstance(entry.answer, TryAgainLater) for entry in settled):
                    silent.add(claimed[0].system)
        rounds = rounds + 1 if silent else 0
        with database.connect() as connection:
            ahead = effects.outlook(connection, process=PROCESS)
        least = SHORTEST_WAIT * 2 ** (rounds - 1) if rounds else 0.0
        waits = []
        if ahead.due is not None and waited + max(ahead.due, least) <= patience:
            waits.append(max(ahead.due, least))
        longest = max(patience, lease * DEAD_AFTER_LEASES)
        if ahead.claimed is not None and waited + max(ahead.claimed, least) <= longest:
            waits.append(max(ahead.claimed, least))
        if not waits:
            return delivered
        pause = max(min(waits), SHORTEST_WAIT)
        time.sleep(pause)
        waited += pause


def _progress(kind: str, settled: Sequence[effects.Settled]) -> str:
    reasons = sorted({str(entry.answer) for entry in settled if isinstance(entry.answer, SomsError)})
    done = sum(isinstance(entry.answer, Done) for entry in settled)
    return f"{_DONE[kind]}: {done} of {len(settled)}" + (f"; not done: {reasons[0]}" if reasons else "")


def carry_out(
    database: "Database", actor: "Actor", claimed: Sequence[effects.Claimed], *, lease: float
) -> list[effects.Settled]:
    """Call the outside system for one claimed batch and book its answers with the facts that follow from them."""
    with effects.kept(database, claimed, lease):
        with database.connect() as connection:
            orders = records.orders_by_id(connection, [effect.payload["order_id"] for effect in claimed])
            contested = _contested(connection, claimed, orders)
        free = [effect for effect in claimed if effect.id not in contested]
        given = iter(_answers(database, free, orders) if free else ())
        answers: list[Answer] = [
            TryAgainLater(CONTESTED) if effect.id in contested else next(given) for effect in claimed
        ]
    with database.audited(actor) as (connection, trail):
        settled = effects.settle(connection, trail, claimed, answers)
        _book_answers(connection, trail, settled, orders)
    return settled


def _contested(
    connection: "Connection", claimed: Sequence[effects.Claimed], orders: Mapping[int, Mapping[str, object]]
) -> set[int]:
    """Return the sales not to be made now: a newer version of their order is not judged yet or waits for a person."""
    if claimed[0].kind != SALE:
        return set()
    keys: dict[str, dict[str, int]] = {}
    for effect in claimed:
        external_id = str(orders[effect.payload["order_id"]]["external_id"])
        keys.setdefault(effect.payload["source"], {})[external_id] = effect.id
    return {
        effects_of[external_id]
        for source, effects_of in keys.items()
        for external_id in records.contested(connection, source, list(effects_of))
    }


def _answers(
    database: "Database", claimed: Sequence[effects.Claimed], orders: Mapping[int, Mapping[str, object]]
) -> list[Answer]:
    """Return one answer per effect, whatever happens: an effect nobody answers would block those beside it for ever.

    When the call itself breaks, each effect is called by itself (what was done is looked up and adopted), so that only
    the one that breaks it waits for a person.
    """
    try:
        answers = _CALLS[claimed[0].kind](database, claimed, orders)
        if len(answers) == len(claimed):
            return answers
        broken = f"{claimed[0].system} gave {len(answers)} answers to {len(claimed)} requests."
    except TryAgainLater as error:
        return [error] * len(claimed)
    except SomsError as error:
        return [Refused(str(error))] * len(claimed)
    except Exception as error:  # noqa: BLE001 - no fault in one record may block the others
        broken = f"SOMS failed with {type(error).__name__} while it prepared or made this call; its log says why."
        _log.error("%s calls broke: %s", len(claimed), where_it_broke(error))
    if len(claimed) == 1:
        return [Refused(broken)]
    return [answer for effect in claimed for answer in _answers(database, [effect], orders)]


def _book_sales(
    database: "Database", claimed: Sequence[effects.Claimed], orders: Mapping[int, Mapping[str, object]]
) -> list[Answer]:
    erp = load_system(claimed[0].system)
    documents = {key: Order.model_validate_json(str(row["document"])) for key, row in orders.items()}
    shops = {source: load_system(source) for source in {effect.payload["source"] for effect in claimed}}
    requests = []
    with database.connect() as connection:
        for effect in claimed:
            order_id = effect.payload["order_id"]
            route = Route(effect.payload["source"], effect.system)
            known = known_for(connection, shops[route.source], route, [documents[order_id]])
            requests.append(
                sale_request(
                    documents[order_id],
                    warehouse=str(orders[order_id]["warehouse"]),
                    payment_methods=known.payment_methods,
                    parts={sku: article.components for sku, article in known.articles.items()},
                    zone=shops[route.source].time_zone,
                )
            )
    answers: list[Answer] = erp.book_sales(requests)
    return answers


def _mark_taken_over(
    _database: "Database", claimed: Sequence[effects.Claimed], orders: Mapping[int, Mapping[str, object]]
) -> list[Answer]:
    takeovers = [
        Takeover(
            order_id=str(order["external_id"]),
            reference=sale_reference(str(order["channel"]), str(order["external_id"])),
            erp_number=str(order["erp_number"]),
            taken_at=datetime.now(UTC),
        )
        for order in (orders[effect.payload["order_id"]] for effect in claimed)
    ]
    answers: list[Answer] = load_system(claimed[0].system).mark_taken_over(takeovers)
    return answers


_CALLS = {SALE: _book_sales, TAKEOVER: _mark_taken_over}


def _book_answers(
    connection: "Connection",
    trail: "Trail",
    settled: Sequence[effects.Settled],
    orders: Mapping[int, Mapping[str, object]],
) -> None:
    done = [entry for entry in settled if isinstance(entry.answer, Done)]
    if not done:
        return
    answers = {int(entry.effect.payload["order_id"]): entry.answer for entry in done if isinstance(entry.answer, Done)}
    if done[0].effect.kind == SALE:
        numbers = {order_id: str(answer.facts.get("number", answer.reference)) for order_id, answer in answers.items()}
        records.book_erp_number(connection, numbers)
        for order_id, answer in answers.items():
            facts = {"number": numbers[order_id], "rounding": answer.facts.get("rounding", "0")}
            trail.add("order.in_erp", f"sales_order/{order_id}", [("sales_order", order_id)], facts)
        _put_takeovers_due(connection, trail, done, orders)
    else:
        records.book_takeover(connection, list(answers))
        for order_id in answers:
            trail.add("order.taken_over", f"sales_order/{order_id}", [("sales_order", order_id)])


def _put_takeovers_due(
    connection: "Connection",
    trail: "Trail",
    done: Sequence[effects.Settled],
    orders: Mapping[int, Mapping[str, object]],
) -> None:
    due = []
    for entry in done:
        order = orders[entry.effect.payload["order_id"]]
        due.append(
            effects.Due(
                business_key=f"{TAKEOVER}:{order['channel']}:{order['external_id']}",
                process=PROCESS,
                system=entry.effect.payload["source"],
                kind=TAKEOVER,
                subject=entry.effect.subject,
                payload={"order_id": order["id"]},
            )
        )
    tell_due(trail, effects.put(connection, due), due)
