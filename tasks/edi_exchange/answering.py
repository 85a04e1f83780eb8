"""Answers orders of partners who want it by ORDRSP, once each was booked, cancelled or rejected."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from blocks.database import inbox, interchanges, order_answers
from blocks.documents.edi_partners import Partner
from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.standards.edifact.envelope import NoInterchangeError, read_interchanges
from blocks.standards.edifact.messages.envelopes import Outgoing
from blocks.standards.edifact.messages.ordrsp import OrderAnswer, OrderFate, answer_segments, answer_to
from blocks.standards.edifact.messages.releases import RELEASES
from blocks.standards.edifact.messages.trade_parts import TradeHead
from blocks.standards.edifact.syntax import CharsetError
from blocks.systems.partners.edi_folder import EdiFolder
from blocks.systems.shops.contract import Received

if TYPE_CHECKING:
    from blocks.database.audit import Trail
    from blocks.database.engine import Connection

KIND = "order_answer"
_FATES = {OrderFate.ACCEPTED: "accepted", OrderFate.CHANGED: "changed", OrderFate.REJECTED: "rejected"}
_GLN = "14"


@dataclass(frozen=True, slots=True)
class _Answer:
    inbox_id: int
    message: Outgoing
    fate: str


def answer_orders(
    connection: "Connection", trail: "Trail", *, source: str, folder: EdiFolder, today: date
) -> tuple[int, tuple[str, ...]]:
    """Answer what was decided since, one interchange for each partner.

    A second run at the same time waits for the first.

    Returns:
        How many orders were answered, and why others could not be: whole sentences.
    """
    inbox.hold_source(connection, source=source, kind=KIND)
    partners = interchanges.partners_in_force(connection)
    wanted: dict[str, list[_Answer]] = defaultdict(list)
    for row in order_answers.unanswered(connection, source=source):
        ordered = _ordered(bytes(row["body"]))
        name = partners.sending(*ordered[:3]) if ordered else ""
        partner = partners.partners.get(name)
        if ordered and partner is not None and partner.answers_orders:
            wanted[name].append(_answer(row, partner, ordered[3], folder, today))
    answered, failed = 0, list[str]()
    for name, answers in wanted.items():
        try:
            with connection.transaction():  # a control number that is not used is given back
                _send(connection, trail, name, partners.partners[name], answers)
        except CharsetError as error:
            failed.append(f"The answers to {len(answers)} orders of {name} cannot be written: {error}")
        else:
            answered += len(answers)
    return answered, tuple(failed)


def _send(connection: "Connection", trail: "Trail", name: str, partner: Partner, answers: list[_Answer]) -> None:
    interchange = interchanges.send(connection, trail, name, partner, [each.message for each in answers])
    fates = [(each.inbox_id, each.fate) for each in answers]
    order_answers.book(connection, trail, interchange=interchange, fates=fates)


def _ordered(body: bytes) -> tuple[str, str, str, str] | None:
    """Return sender, its qualifier, receiver and the order's number of a record that the exchange kept."""
    try:
        octets = base64.b64decode(json.loads(body)["interchange"])
        whole = next(iter(read_interchanges(octets)))
        return whole.sender, whole.sender_qualifier, whole.receiver, whole.messages[0].segments[1].part(1)
    except (ValueError, KeyError, TypeError, IndexError, StopIteration, NoInterchangeError):
        return None


def _answer(row: Mapping[str, Any], partner: Partner, number: str, folder: EdiFolder, today: date) -> _Answer:
    buyer = next((each.id for each in partner.identities if each.qualifier == _GLN), "")
    supplier = partner.own.id if partner.own.qualifier == _GLN else ""
    head = TradeHead(
        number=f"OR-{row['inbox_id']}", issued_on=today, order_number=number, buyer=buyer, supplier=supplier
    )
    order = _order(row, folder)
    if order is None:
        said = OrderAnswer(head=head, fate=OrderFate.REJECTED)
    else:
        booked = row["status"] == "accepted" and row["state"] == "accepted"
        confirmed = {line.external_id: line.quantity for line in order.lines} if booked else {}
        said = answer_to(order, head, confirmed, _reasons(order, row, booked=booked))
    release = RELEASES[partner.releases.get("ORDRSP", "96A")]
    return _Answer(
        row["inbox_id"], Outgoing("ORDRSP", tuple(answer_segments(said, release)), release), _FATES[said.fate]
    )


def _order(row: Mapping[str, Any], folder: EdiFolder) -> Order | None:
    """Return the order as it was booked, or as it came where it was rejected; None where it cannot be read."""
    if row["document"]:
        return Order.model_validate_json(row["document"])
    try:
        return folder.read_order(Received("", bytes(row["body"]), "application/json"), folder.channel)
    except Unreadable:
        return None


def _reasons(order: Order, row: Mapping[str, Any], *, booked: bool) -> dict[str, str]:
    """Return why a line is not simply confirmed: rejected with its reason, or to be delivered later."""
    if not booked:
        reason = row["reason"] or "The order was cancelled."
        return {line.external_id: reason for line in order.lines}
    missing = {sku: Decimal(pieces) for sku, pieces in (row["missing"] or {}).items()}
    return {
        line.external_id: f"{min(missing[line.sku], line.quantity):f} of these follow as soon as they are in stock."
        for line in order.lines
        if missing.get(line.sku)
    }
