"""What the EDI exchange calls outside: an interchange is put into the partner's folder, once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from blocks.database import effects, interchanges
from blocks.database.effect_delivery import Delivery
from blocks.database.interchanges import PROCESS, SEND
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.partners.edi_folder import EdiFolder
from blocks.systems.registry import load_system

if TYPE_CHECKING:
    from blocks.database.engine import Database


def deliver(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Hand interchanges over; a file of the same name that lies there already is the one an earlier call wrote."""
    folder = load_system(claimed[0].system)
    if not isinstance(folder, EdiFolder):
        return [Refused(f"'{effect.system}' takes no interchanges: name an edi-folder.") for effect in claimed]
    return [_deliver(database, folder, effect) for effect in claimed]


def _deliver(database: "Database", folder: EdiFolder, effect: effects.Claimed) -> Answer:
    name = str(effect.payload["file"])
    with database.connect() as connection:
        body = interchanges.body_of(connection, int(effect.payload["interchange"]))
    if body is None:
        return Refused(f"Interchange {effect.payload['interchange']} has no octets to be sent.")
    try:
        written = folder.hand_over(name, body)
    except (TryAgainLater, Refused) as error:
        return error
    return Done(name, {"file": name}, adopted=not written)


DELIVERY = Delivery(
    process=PROCESS, calls={SEND: deliver}, names={SEND: "Interchanges handed over"}, per_call={SEND: 20}
)
