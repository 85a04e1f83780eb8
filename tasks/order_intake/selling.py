"""The sales that order intake makes in the ERP: asked for from what is booked now, one for each part of an order."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.database import effects
from blocks.documents.orders import Order
from blocks.documents.sales import SaleRequest
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.registry import load_system
from tasks.order_intake import parts, records
from tasks.order_intake.judging import Route, known_for
from tasks.order_intake.packs import order_in_singles
from tasks.order_intake.rules import KnownMaster
from tasks.order_intake.sales import Share, sale_request

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection, Database

CONTESTED = "The order has changed in the shop and that version is undecided: `soms quarantine list` shows it."
NOT_WANTED = "The order is {status}: no sale is made for it. Abandon this call."
NO_PART = "The order no longer ships in so many parts. Abandon this call."


def held_back(connection: "Connection", claimed: Sequence[effects.Claimed]) -> dict[int, Answer]:
    """Return the sales not to be made now, or at all.

    Not now: a newer version of their order is not judged yet or waits for a person. Not at all: the order is no longer
    accepted, or no longer ships in so many parts.
    """
    orders = records.orders_by_id(connection, _ids(claimed))
    shipped = parts.shippings(connection, orders)
    answers: dict[int, Answer] = {}
    keys: dict[str, dict[str, list[int]]] = {}
    for effect in claimed:
        order = orders[effect.payload["order_id"]]
        if order["status"] != "accepted":
            answers[effect.id] = Refused(NOT_WANTED.format(status=order["status"]))
        elif part_of(effect) > len(shipped[order["id"]]):
            answers[effect.id] = Refused(NO_PART)
        keys.setdefault(effect.payload["source"], {}).setdefault(order["external_id"], []).append(effect.id)
    for source, effects_of in keys.items():
        for external_id in records.contested(connection, source, list(effects_of)):
            answers |= {effect_id: TryAgainLater(CONTESTED) for effect_id in effects_of[external_id]}
    return answers


def _ids(claimed: Sequence[effects.Claimed]) -> list[int]:
    return sorted({effect.payload["order_id"] for effect in claimed})


def part_of(effect: effects.Claimed) -> int:
    """Return which part of its order an effect is for."""
    return int(effect.payload.get("part", 1))


def book_sales(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Ask the ERP for the sales of these effects; master data and mappings are read once for each source."""
    with database.connect() as connection:
        requests = _requests(connection, claimed)
    answers: list[Answer] = load_system(claimed[0].system).book_sales(requests)
    return answers


def _requests(connection: "Connection", claimed: Sequence[effects.Claimed]) -> list[SaleRequest]:
    orders = records.orders_by_id(connection, _ids(claimed))
    documents = {key: Order.model_validate_json(str(row["document"])) for key, row in orders.items()}
    shipped = parts.shippings(connection, orders)
    sources: dict[str, list[Order]] = {}
    for effect in claimed:
        sources.setdefault(effect.payload["source"], []).append(documents[effect.payload["order_id"]])
    known: dict[str, tuple[KnownMaster, str]] = {}
    for source, named in sources.items():
        shop = load_system(source)
        route = Route.of(source, claimed[0].system, shop)
        known[source] = known_for(connection, shop, route, named), shop.time_zone
    return [_request(effect, documents, shipped, *known[effect.payload["source"]]) for effect in claimed]


def _request(
    effect: effects.Claimed,
    documents: Mapping[int, Order],
    shipped: Mapping[int, Sequence[parts.Shipping]],
    known: KnownMaster,
    zone: str,
) -> SaleRequest:
    order_id, number = effect.payload["order_id"], part_of(effect)
    shippings = shipped[order_id]
    share = Share(number, tuple(each.lines for each in shippings)) if len(shippings) > 1 else None
    return sale_request(
        order_in_singles(documents[order_id], known.packs),
        warehouse=shippings[number - 1].warehouse,
        payment_methods=known.payment_methods,
        parts={sku: article.components for sku, article in known.articles.items()},
        zone=zone,
        share=share,
    )


def book_numbers(connection: "Connection", trail: "Trail", done: Sequence[effects.Settled]) -> list[effects.Settled]:
    """Write the ERP's answers at the orders; returns one settled effect for each order that is in the ERP now."""
    sold: list[tuple[int, int, str]] = []
    facts: dict[int, list[dict[str, Any]]] = {}
    for entry in done:
        if isinstance(entry.answer, Done):
            number = str(entry.answer.facts.get("number", entry.answer.reference))
            order_id, part = int(entry.effect.payload["order_id"]), part_of(entry.effect)
            sold.append((order_id, part, number))
            told = {"number": number, "rounding": entry.answer.facts.get("rounding", "0")}
            facts.setdefault(order_id, []).append({"part": part, **told} if part > 1 else told)
    complete, rows = parts.book_erp_numbers(connection, sold)
    for order_id, all_told in facts.items():
        own = dict.fromkeys((table, key) for table, key in rows if key == order_id)
        for part_told in all_told[:-1]:
            trail.add("order.part_in_erp", f"sales_order/{order_id}", own, part_told)
        kind = "order.in_erp" if order_id in complete else "order.part_in_erp"
        trail.add(kind, f"sales_order/{order_id}", own, all_told[-1])
    last = {int(entry.effect.payload["order_id"]): entry for entry in done}
    return [last[order_id] for order_id in complete]
