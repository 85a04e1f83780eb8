"""One record of an order file → an Order, or every reason why it is none. Pure."""

from typing import Any

from pydantic import ValidationError

from blocks.documents.orders import Order
from blocks.errors import Defect, Unreadable
from blocks.standards.order_files.cells import from_body
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.reading import FILL_IN, reading_of
from blocks.standards.order_files.values import Case


def read_order(body: bytes, profile: Profile, channel: str) -> Order:
    """Translate one record of an order file.

    Args:
        body: What :func:`splitting.split` made of the file's rows.
        profile: The mapping profile.
        channel: Name of the connected source the order belongs to.

    Raises:
        Unreadable: With every defect found, each with its place within the record, e.g. ``rows[2].Menge``.
    """
    case = Case()
    try:
        fields = reading_of(profile).order(_record(body, case), channel, case)
        if not case.defects:
            return Order.model_validate(fields)
    except ValidationError as error:  # a limit of the document that no reader covers
        for found in error.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in found["loc"])
            case.defects.append(Defect(place, f"{place} is not usable: {found['msg']}.", FILL_IN))
    raise _unreadable(case.defects)


def _unreadable(defects: list[Defect]) -> Unreadable:
    places = ", ".join(list(dict.fromkeys(defect.place for defect in defects))[:5])
    return Unreadable(f"The order cannot be read: {len(defects)} defect(s), at {places}.", reasons=tuple(defects))


def _record(body: bytes, case: Case) -> dict[str, Any]:
    try:
        record = from_body(body)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise _unreadable([Defect("record", "The record is not a JSON object.", "Take the file in again.")])
    broken = record.get("broken")
    if isinstance(broken, dict):
        case.note(*(str(broken.get(key) or "row") for key in ("place", "reason", "remedy")))
    return record
