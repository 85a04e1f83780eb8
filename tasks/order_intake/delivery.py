"""What order intake calls outside: the sale in the ERP, the takeover mark in the shop."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocks.database import effect_delivery, effects
from blocks.database.effect_delivery import Delivered, Delivery
from blocks.documents.orders import Order
from blocks.errors import TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.registry import CONNECTORS, connector, load_system
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import file_records, mailing, records
from tasks.order_intake.file_records import FILE_RESULT
from tasks.order_intake.judging import PROCESS, SALE, TAKEOVER, Route, known_for, tell_due
from tasks.order_intake.sales import sale_reference, sale_request

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database

PER_CALL = {SALE: 25, TAKEOVER: 25}
"""Effects per claim."""
CONTESTED = "The order has changed in the shop and that version is undecided: `soms quarantine list` shows it."


def deliver_all(
    database: "Database", actor: "Actor", *, lease: float, patience: float, log: Callable[[str], None]
) -> Delivered:
    """Carry out all due effects of order intake, and what the quarantine desk answers customers; see there."""
    delivered = effect_delivery.deliver_all(DELIVERY, database, actor, lease=lease, patience=patience, log=log)
    return delivered + effect_delivery.deliver_all(REJECTIONS, database, actor, lease=lease, patience=0, log=log)


def _contested(connection: "Connection", claimed: Sequence[effects.Claimed]) -> Mapping[int, Answer]:
    """Hold back sales not to be made now: a newer version of their order is not judged yet or waits for a person.

    And mails that may have been sent already.
    """
    if claimed[0].kind in mailing.KINDS:
        return mailing.maybe_sent(connection, claimed)
    if claimed[0].kind != SALE:
        return {}
    orders = _orders(connection, claimed)
    keys: dict[str, dict[str, int]] = {}
    for effect in claimed:
        external_id = str(orders[effect.payload["order_id"]]["external_id"])
        keys.setdefault(effect.payload["source"], {})[external_id] = effect.id
    return {
        effects_of[external_id]: TryAgainLater(CONTESTED)
        for source, effects_of in keys.items()
        for external_id in records.contested(connection, source, list(effects_of))
    }


def _orders(connection: "Connection", claimed: Sequence[effects.Claimed]) -> dict[int, dict[str, object]]:
    return records.orders_by_id(connection, [effect.payload["order_id"] for effect in claimed])


def _book_sales(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    erp = load_system(claimed[0].system)
    shops = {source: load_system(source) for source in {effect.payload["source"] for effect in claimed}}
    requests = []
    with database.connect() as connection:
        orders = _orders(connection, claimed)
        documents = {key: Order.model_validate_json(str(row["document"])) for key, row in orders.items()}
        for effect in claimed:
            order_id = effect.payload["order_id"]
            source = effect.payload["source"]
            route = Route.of(source, effect.system, shops[source])
            known = known_for(connection, shops[source], route, [documents[order_id]])
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


def _mark_taken_over(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    with database.connect() as connection:
        orders = _orders(connection, claimed)
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


def _answer_files(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    from tasks.order_intake.files import answer_files  # noqa: PLC0415 - readers of files, only where one is answered

    return answer_files(database, load_system(claimed[0].system), claimed)


def _book_answers(connection: "Connection", trail: "Trail", settled: Sequence[effects.Settled]) -> None:
    done = [entry for entry in settled if isinstance(entry.answer, Done)]
    if not done:
        return
    if done[0].effect.kind in mailing.KINDS:
        return
    if done[0].effect.kind == FILE_RESULT:
        file_records.book_settled(connection, trail, settled)
        return
    answers = {int(entry.effect.payload["order_id"]): entry.answer for entry in done if isinstance(entry.answer, Done)}
    if done[0].effect.kind == SALE:
        numbers = {order_id: str(answer.facts.get("number", answer.reference)) for order_id, answer in answers.items()}
        records.book_erp_number(connection, numbers)
        for order_id, answer in answers.items():
            facts = {"number": numbers[order_id], "rounding": answer.facts.get("rounding", "0")}
            trail.add("order.in_erp", f"sales_order/{order_id}", [("sales_order", order_id)], facts)
        _put_takeovers_due(connection, trail, done)
    else:
        records.book_takeover(connection, list(answers))
        for order_id in answers:
            trail.add("order.taken_over", f"sales_order/{order_id}", [("sales_order", order_id)])


def _put_takeovers_due(connection: "Connection", trail: "Trail", done: Sequence[effects.Settled]) -> None:
    done = [entry for entry in done if _tells_takeover(entry.effect.payload["source"])]
    orders = _orders(connection, [entry.effect for entry in done])
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


def _tells_takeover(source: str) -> bool:
    slug = source.partition("/")[0]
    return slug in CONNECTORS and bool(getattr(connector(slug), "tells_takeover", False))


DELIVERY = Delivery(
    process=PROCESS,
    calls={
        SALE: _book_sales,
        TAKEOVER: _mark_taken_over,
        FILE_RESULT: _answer_files,
        mailing.CONFIRMATION: mailing.send_confirmations,
    },
    names={
        SALE: "Sales booked in the ERP",
        TAKEOVER: "Orders marked as taken over in the shop",
        FILE_RESULT: "Files answered",
        mailing.CONFIRMATION: "Confirmations sent",
    },
    per_call=PER_CALL,
    book=_book_answers,
    hold_back=_contested,
)

REJECTIONS = Delivery(
    process="quarantine_desk",
    calls={mailing.REJECTION: mailing.send_rejections},
    names={mailing.REJECTION: "Rejections sent"},
    per_call={},
    hold_back=_contested,
)
