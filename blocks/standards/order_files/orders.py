"""One record of an order file → an Order, or every reason why it is none. Pure."""

from typing import Any

from blocks.documents.orders import Order
from blocks.errors import Defect, Unreadable
from blocks.standards.order_files.cells import from_body
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.reading import reading_of
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
    record = _record(body, case)
    order = reading_of(profile).order(record, channel, case)
    if order is None or case.defects:
        raise _unreadable(case.defects)
    return order


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
