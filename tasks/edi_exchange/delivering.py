"""What the EDI exchange calls outside: an interchange is put into the partner's folder, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prefect.runtime import flow_run

from blocks.database import effects, interchanges
from blocks.database.audit import Actor
from blocks.database.effect_delivery import Delivery
from blocks.database.interchanges import PROCESS, SEND
from blocks.errors import Refused
from blocks.systems.answers import Answer, Done
from blocks.systems.partners.edi_folder import EdiFolder
from blocks.systems.registry import load_system

if TYPE_CHECKING:
    from blocks.database.engine import Connection, Database


@dataclass(frozen=True, slots=True)
class _Interchange:
    """An interchange as it is handed over."""

    reference: str
    name: str
    content: bytes


def deliver(database: "Database", claimed: Sequence[effects.Claimed]) -> list[Answer]:
    """Hand interchanges over, each once, also where the partner takes them away at once."""
    folder = load_system(claimed[0].system)
    if not isinstance(folder, EdiFolder):
        return [Refused(f"'{effect.system}' takes no interchanges: name an edi-folder.") for effect in claimed]
    with database.connect() as connection:
        known = effects.handed_over(connection, claimed)
        made = {str(effect.id): _made(connection, effect) for effect in claimed}
    calls = {str(effect.id): effect for effect in claimed}

    def note(references: Sequence[str]) -> None:
        actor = Actor(process=PROCESS, run_id=str(flow_run.id or ""))
        effects.hand_over_together(database, actor, [calls[reference] for reference in references])

    files = [each for each in made.values() if isinstance(each, _Interchange)]
    told = iter(folder.put(files, begun={str(each) for each in known}, note=note) if files else ())
    return [each if isinstance(each, Refused) else _told(each, next(told)) for each in made.values()]


def _made(connection: "Connection", effect: effects.Claimed) -> _Interchange | Refused:
    body = interchanges.body_of(connection, int(effect.payload["interchange"]))
    if body is None:
        return Refused(f"Interchange {effect.payload['interchange']} has no octets to be sent.")
    return _Interchange(str(effect.id), str(effect.payload["file"]), body)


def _told(file: _Interchange, answer: Answer) -> Answer:
    return Done(file.name, {"file": file.name}, adopted=answer.adopted) if isinstance(answer, Done) else answer


DELIVERY = Delivery(
    process=PROCESS, calls={SEND: deliver}, names={SEND: "Interchanges handed over"}, per_call={SEND: 20}
)
