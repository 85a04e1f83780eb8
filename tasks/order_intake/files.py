"""Orders from files: how their senders are answered once every record has been judged."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blocks.systems.folders import answering
from blocks.systems.folders.answering import Sender, Wording
from tasks.order_intake import file_records
from tasks.order_intake.file_results import fate
from tasks.order_intake.judging import PROCESS, Route

if TYPE_CHECKING:
    from blocks.database import effects
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.systems.answers import Answer
    from blocks.systems.folders.contract import FileSource


def put_results_due(database: "Database", actor: "Actor", route: Route) -> int:
    """Write the answers that can be given now as due effects; returns how many files are to be answered."""
    return answering.put_results_due(database, actor, Sender(PROCESS, route.source, {"channel": route.channel}))


def answer_files(database: "Database", folder: "FileSource", claimed: "Sequence[effects.Claimed]") -> "list[Answer]":
    """Write result files; one that lies there already is adopted."""
    return answering.answer_files(database, folder, claimed, Wording("order", _fates, fate))


def _fates(connection: "Connection", effect: "effects.Claimed", begin: int, limit: int) -> Sequence[Mapping[str, Any]]:
    channel = effect.payload["channel"]
    return file_records.fates(connection, effect.payload["file_id"], channel=channel, begin=begin, limit=limit)
