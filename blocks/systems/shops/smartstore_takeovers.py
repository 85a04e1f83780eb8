"""Takeover marks in Smartstore: one sync mapping and one note per order, however often and wherever it was cut off.

The mapping comes first, because it is the only thing a Smartstore shop keeps unique: per (order, context) and per
(reference, context). The note bears the reference and is searched for before it is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Takeover
from blocks.systems.shops.smartstore_changes import written
from blocks.systems.shops.smartstore_web_api import MAX_IDS, WebApi, any_of, is_id, literal

ENTITY, CONTEXT = "Order", "SOMS"
NOTE_BEGINS = "SOMS has taken this order over"
_LONGEST_REFERENCE = 150

_MAPPING_FIELDS = "Id,EntityId,SourceKey,CustomString"
_OURS = f"EntityName eq '{ENTITY}' and ContextName eq '{CONTEXT}'"


def mark(api: WebApi, takeovers: Sequence[Takeover]) -> list[Answer]:
    """Mark each order once; one answer per takeover, in order.

    After the shop stopped answering, the rest is not tried: all of it is to be called again later.
    """
    answers: list[Answer] = []
    for start in range(0, len(takeovers), MAX_IDS):
        answers += _mark_some(api, takeovers[start : start + MAX_IDS])
        if isinstance(answers[-1], TryAgainLater):
            return answers + [answers[-1]] * (len(takeovers) - len(answers))
    return answers


def _mark_some(api: WebApi, takeovers: Sequence[Takeover]) -> list[Answer]:
    numbers = sorted({int(each.order_id) for each in takeovers if is_id(each.order_id)})
    try:
        known = _find(api, numbers) if numbers else _Known()
    except TryAgainLater as error:
        return [_later(error)] * len(takeovers)
    except Refused as error:
        return [error] * len(takeovers)
    answers: list[Answer] = []
    for takeover in takeovers:
        try:
            answers.append(_mark_one(api, takeover, known))
        except Refused as error:
            answers.append(error)
        except TryAgainLater as error:
            return answers + [_later(error)] * (len(takeovers) - len(answers))
    return answers


def _later(error: TryAgainLater) -> TryAgainLater:
    return TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)


@dataclass(slots=True)
class _Known:
    """What the shop already holds: mappings by order, and notes by order and reference."""

    mappings: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: dict[tuple[int, str], int] = field(default_factory=dict)


def _find(api: WebApi, orders: list[int]) -> _Known:
    known = _Known()
    _find_mappings(api, f"{any_of('EntityId', orders)} and {_OURS}", known)
    _find_notes(api, orders, known)
    return known


def _find_mappings(api: WebApi, condition: str, known: _Known) -> None:
    for page in api.pages("SyncMappings", condition=condition, select=_MAPPING_FIELDS):
        known.mappings.update({row["EntityId"]: row for row in page.objects() if isinstance(row.get("EntityId"), int)})


def _find_notes(api: WebApi, orders: list[int], known: _Known) -> None:
    condition = f"{any_of('OrderId', orders)} and contains(Note,{literal(NOTE_BEGINS)})"
    for page in api.pages("OrderNotes", condition=condition, select="Id,OrderId,Note"):
        for row in page.objects():
            marker = str(row.get("Note", "")).rpartition("[")[2].rstrip().removesuffix("]")
            order, note = row.get("OrderId"), row.get("Id")
            if isinstance(order, int) and isinstance(note, int):
                known.notes[order, marker] = note


def _mark_one(api: WebApi, takeover: Takeover, known: _Known) -> Done:
    if not is_id(takeover.order_id) or not 0 < len(takeover.reference) <= _LONGEST_REFERENCE:
        raise Refused(
            f"Order '{takeover.order_id}' cannot be marked: it needs a Smartstore order id, which is a number, "
            f"and a reference of 1 to {_LONGEST_REFERENCE} characters."
        )
    order = int(takeover.order_id)
    mapping, claimed = _claim(api, takeover, order, known)
    key = (order, takeover.reference)
    written = key not in known.notes
    if written:
        known.notes[key] = _write_note(api, takeover, order)
    facts = {"mapping_id": mapping.get("Id"), "note_id": known.notes[key] or None}
    return Done(takeover.reference, facts, adopted=not (claimed or written))


def _claim(api: WebApi, takeover: Takeover, order: int, known: _Known) -> tuple[dict[str, Any], bool]:
    """Return the order's mapping and whether it was made now."""
    claimed = False
    if order not in known.mappings:
        row = api.create("SyncMappings", _mapping(takeover, order))
        if row is None:  # most likely somebody else was quicker: see what stands there
            claims = f"(EntityId eq {order} or SourceKey eq {literal(takeover.reference)}) and {_OURS}"
            _find_mappings(api, claims, known)
            _find_notes(api, [order], known)
        else:
            known.mappings[order], claimed = {"SourceKey": takeover.reference, **row}, True
    found = known.mappings.get(order)
    if found is None:
        raise Refused(
            f"{api.system} refused the mark of order {order}: its reference '{takeover.reference}' is used for another "
            "order or the shop rejected it; look at the shop's sync mappings."
        )
    if found.get("SourceKey") != takeover.reference:
        raise Refused(
            f"Order {order} at {api.system} is already taken over under another reference "
            f"than '{takeover.reference}'; find out which system did it before it is shipped twice."
        )
    return found, claimed


def _mapping(takeover: Takeover, order: int) -> dict[str, Any]:
    return {
        "EntityId": order,
        "EntityName": ENTITY,
        "ContextName": CONTEXT,
        "SourceKey": takeover.reference,
        "CustomString": takeover.erp_number,
        "SyncedOnUtc": written(takeover.taken_at),
    }


def _write_note(api: WebApi, takeover: Takeover, order: int) -> int:
    body = {
        "OrderId": order,
        "Note": f"{NOTE_BEGINS}; ERP number {takeover.erp_number}. [{takeover.reference}]",
        "DisplayToCustomer": False,
        "CreatedOnUtc": written(takeover.taken_at),  # the shop does not fill it in for notes
    }
    row = api.create("OrderNotes", body)
    if row is None:
        raise Refused(f"{api.system} refused the takeover note at order {order}: look whether the order still exists.")
    number = row.get("Id")
    return number if isinstance(number, int) else 0
