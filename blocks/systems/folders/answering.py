"""Answers files: once every record of a file has been judged, its sender is told what became of each row."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blocks.database import effects, received_files
from blocks.database.received_files import FILE_RESULT
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.folders import result_files
from blocks.systems.folders.result_files import Fate

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.systems.folders.contract import FileSource, OpenFolder

CHUNK = 2000

Fates = Callable[["Connection", effects.Claimed, int, int], Sequence[Mapping[str, Any]]]
"""Reads what became of a file's records: connection, effect, first position, how many."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a process answers files.

    Attributes:
        record: What a record is called in the header, e.g. 'order'.
        fates: Reads what became of a file's records.
        fate: Says what became of one of them.
    """

    record: str
    fates: Fates
    fate: Fate


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose files are answered by which process; ``more`` goes along in the effect's payload."""

    process: str
    source: str
    more: Mapping[str, Any] = field(default_factory=dict)


def put_results_due(database: "Database", actor: "Actor", sender: Sender) -> int:
    """Write the answers that can be given now as due effects; returns how many files are to be answered."""
    with database.audited(actor) as (connection, trail):
        due = [
            effects.Due(
                business_key=f"{FILE_RESULT}:{sender.source}:{file.id}:{file.answers + 1}",
                process=sender.process,
                system=sender.source,
                kind=FILE_RESULT,
                subject=f"received_file/{file.id}",
                payload={"file_id": file.id, "number": file.answers + 1, "closed": file.closed, **sender.more},
            )
            for file in received_files.answerable(connection, source=sender.source, kind=FILE_RESULT)
        ]
        effects.put(connection, trail, due)
    return len(due)


def answer_files(
    database: "Database", folder: "FileSource", claimed: Sequence[effects.Claimed], wording: Wording
) -> list[Answer]:
    """Write result files; one that lies there already is adopted."""
    with folder.opened() as place:
        return [_answer(database, place, effect, wording) for effect in claimed]


def _answer(database: "Database", place: "OpenFolder", effect: effects.Claimed, wording: Wording) -> Answer:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "result.csv"
        name = _write_result(database, effect, path, wording)
        try:
            written = place.answer(name, path)
        except (TryAgainLater, Refused) as error:
            return error
    number = effect.payload["number"]
    return Done(f"{effect.subject}/{number}", adopted=not written)  # its name may be a person's


def _write_result(database: "Database", effect: effects.Claimed, path: Path, wording: Wording) -> str:
    with database.connect() as connection, path.open("w", encoding="utf-8-sig", newline="") as stream:
        file = received_files.received_file(connection, effect.payload["file_id"])
        fates = _fates(connection, file, effect, wording)
        result_files.write(stream, file, fates, wording.fate, record=wording.record)
    return result_files.result_name(file["archived_as"], effect.payload["number"])


def _fates(
    connection: "Connection", file: dict[str, Any], effect: effects.Claimed, wording: Wording
) -> Iterator[Mapping[str, Any]]:
    for begin in range(0, file["records"], CHUNK):
        yield from wording.fates(connection, effect, begin, CHUNK)
