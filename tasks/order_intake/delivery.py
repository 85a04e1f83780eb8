"""What order intake calls outside: the sale in the ERP, the takeover mark in the shop."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocks.database import effect_delivery, effects, received_files
from blocks.database.effect_delivery import Delivered, Delivery
from blocks.database.received_files import FILE_RESULT
from blocks.documents.sales import sale_reference
from blocks.systems.answers import Answer, Done
from blocks.systems.limits import Limits, limits_of
from blocks.systems.registry import CONNECTORS, connector, load_system
from blocks.systems.shops.contract import Takeover
from tasks.order_intake import mailing, records, selling
from tasks.order_intake.judging import PROCESS, SALE, TAKEOVER

if TYPE_CHECKING:
    from blocks.database.audit import Actor, Trail
    from blocks.database.engine import Connection, Database

PER_CALL = {SALE: 25, TAKEOVER: 25}
"""Effects per claim."""


def deliver_all(
    database: "Database",
    actor: "Actor",
    *,
    lease: float,
    patience: float,
    log: Callable[[str], None],
    outlive: bool = True,
) -> Delivered:
    """Carry out all due effects of order intake, and what the quarantine desk answers customers; see there."""
    delivered = Delivered()
    for calls, waits in ((DELIVERY, patience), (REJECTIONS, 0.0)):
        delivered += effect_delivery.deliver_all(
            calls, database, actor, lease=lease, patience=waits, log=log, outlive=outlive
        )
    return delivered


def _contested(connection: "Connection", claimed: Sequence[effects.Claimed]) -> Mapping[int, Answer]:
    """Hold back sales not to be made now, or no longer, and mails that may have been sent already."""
    if claimed[0].kind in mailing.KINDS:
        return mailing.maybe_sent(connection, claimed)
    if claimed[0].kind != SALE:
        return {}
    return selling.held_back(connection, claimed)


def _orders(connection: "Connection", claimed: Sequence[effects.Claimed]) -> dict[int, dict[str, object]]:
    return records.orders_by_id(connection, [effect.payload["order_id"] for effect in claimed])


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
        received_files.book_settled(connection, trail, settled)
        return
    if done[0].effect.kind == SALE:
        _put_takeovers_due(connection, trail, selling.book_numbers(connection, trail, done))
    else:
        order_ids = [int(entry.effect.payload["order_id"]) for entry in done]
        records.book_takeover(connection, order_ids)
        for order_id in order_ids:
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
    effects.put(connection, trail, due)


def _tells_takeover(source: str) -> bool:
    slug = source.partition("/")[0]
    return slug in CONNECTORS and bool(getattr(connector(slug), "tells_takeover", False))


def _limits(system: str) -> Limits:
    return limits_of(load_system, system)


DELIVERY = Delivery(
    process=PROCESS,
    calls={
        SALE: selling.book_sales,
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
    limits=_limits,
)

REJECTIONS = Delivery(
    process="quarantine_desk",
    calls={mailing.REJECTION: mailing.send_rejections},
    names={mailing.REJECTION: "Rejections sent"},
    per_call={},
    hold_back=_contested,
    limits=_limits,
)
