"""Takes whole files in from a folder, many at a time: written down, claimed, kept, archived.

What was written down before it was claimed is gone on with after a kill; what was kept is only archived then. One run
at a time reads a folder.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from blocks.database import received_files
from blocks.database.inbox import Stored
from blocks.database.received_files import ReceivedFile
from blocks.database.whole_files import keep_whole
from blocks.documents.conversions import KIND
from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.folders.collecting import MEGABYTE, claim_name, ready_files
from blocks.systems.folders.servers import FileMissing
from blocks.systems.invoices.contract import Log, WholeFile

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database
    from blocks.systems.folders.contract import OpenFolder, TakesFiles
    from blocks.systems.folders.servers import Listed

MOST_FILES, MOST_BYTES = 100, 32 * MEGABYTE
"""A batch is kept in one transaction; its bytes are in memory at once."""


def collect_folder(
    folder: "TakesFiles",
    database: "Database",
    actor: "Actor",
    *,
    source: str,
    log: Log,
    kind: str = KIND,
    wait: Callable[[float], None] = time.sleep,
) -> Stored:
    """Take in what was begun and what waits; a file that cannot be read holds up none beside it.

    Raises:
        TryAgainLater: The folder's server does not answer, or broke off; what was kept is not read again.
        Refused: Somebody has to look at the connection or the server.
    """
    stored = Stored()
    failures: list[SomsError] = []
    with database.connect(autocommit=True) as holder, ExitStack() as connected:
        if not received_files.hold_folder(holder, source=source):
            log(f"Another run reads {source} at this moment; this one leaves it alone.")
            return stored
        place = connected.enter_context(folder.opened())
        taking = _Taking(folder, database, actor, source, kind)
        for batch in taking.batches(place, log, wait):
            kept, failure = taking.take(place, batch)
            stored += kept
            if failure is not None:
                failures.append(failure)
                connected.close()  # a broken connection must not cost the files behind these
                place = connected.enter_context(folder.opened())
    if failures:
        raise failures[0]
    return stored


class _Taking:
    """One run over one folder."""

    def __init__(self, folder: "TakesFiles", database: "Database", actor: "Actor", source: str, kind: str) -> None:
        self._folder, self._database, self._actor = folder, database, actor
        self._source, self._kind = source, kind

    def batches(self, place: "OpenFolder", log: Log, wait: Callable[[float], None]) -> Iterator[Sequence[ReceivedFile]]:
        """Yield what was begun before, then what waits, each written down just before it is yielded."""
        with self._database.connect() as connection:
            begun = received_files.unfinished(connection, source=self._source)
        ready = ready_files(self._folder, place, log, wait)
        for first in range(0, len(begun), MOST_FILES):
            yield begun[first : first + MOST_FILES]
        again = {file.name for file in begun}  # begun, but perhaps not claimed yet
        for entries in _batches([entry for entry in ready if entry.name not in again]):
            with self._database.audited(self._actor) as (connection, trail):
                files = [
                    received_files.begin(
                        connection, trail, source=self._source, name=entry.name, claim=claim_name(entry.name),
                        profile=("", 0),
                    )
                    for entry in entries
                ]  # fmt: skip
            yield files

    def take(self, place: "OpenFolder", files: Sequence[ReceivedFile]) -> tuple[Stored, SomsError | None]:
        """Take in files; returns what broke the connection, if anything. What is wrong with one is written down."""
        bodies: list[tuple[ReceivedFile, WholeFile]] = []
        refusals: dict[int, str] = {}
        gone: list[ReceivedFile] = []
        taken, failure = 0, None
        for file in files:
            try:
                if not place.claim(file.name, file.archived_as):
                    gone.append(file)
                elif not file.records:
                    bodies.append((file, WholeFile(file.name, self._fetched(place, file))))
                taken += 1
            except FileMissing as error:
                refusals[file.id] = str(error)
                taken += 1
            except (TryAgainLater, Refused) as error:
                failure = error
                break
            except _TooLarge as error:
                refusals[file.id] = str(error)
                taken += 1
        with self._database.audited(self._actor) as (connection, trail):
            stored = keep_whole(connection, trail, source=self._source, kind=self._kind, files=bodies)
        return stored, self._put_away(place, files[:taken], gone, refusals) or failure

    def _fetched(self, place: "OpenFolder", file: ReceivedFile) -> bytes:
        size, most = place.size(file.archived_as) or 0, self._folder.largest_megabytes
        if size > most * MEGABYTE:
            raise _TooLarge(f"It has {size / MEGABYTE:.0f} MB; this folder takes {most} at most.")
        body = io.BytesIO()
        place.fetch(file.archived_as, body)
        return body.getvalue()

    def _put_away(
        self,
        place: "OpenFolder",
        files: Sequence[ReceivedFile],
        gone: Sequence[ReceivedFile],
        refusals: dict[int, str],
    ) -> SomsError | None:
        """Archive what was kept and finish it; what cannot be archived now stays begun."""
        failure: SomsError | None = None
        done = []
        missing = {file.id for file in gone}
        for file in files:
            try:
                if file.id not in missing:
                    place.archive(file.archived_as)
                done.append(file)
            except FileMissing as error:
                refusals.setdefault(file.id, str(error))
                done.append(file)
            except (TryAgainLater, Refused) as error:
                failure = failure or error
        with self._database.audited(self._actor) as (connection, trail):
            for file in done:
                if file.id in missing:
                    received_files.drop(connection, trail, file, why="It was gone before it could be claimed.")
                else:
                    received_files.finish(connection, trail, file, refusal=refusals.get(file.id))
        return failure


class _TooLarge(Exception):  # noqa: N818 - it is said in one sentence and never leaves this file
    """A file is larger than the folder takes."""


def _batches(entries: "Sequence[Listed]") -> "Iterator[Sequence[Listed]]":
    batch: list[Listed] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MOST_FILES or size + entry.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def peek_folder(folder: "TakesFiles", log: Log, *, wait: Callable[[float], None] = time.sleep) -> Iterator[WholeFile]:
    """Yield the files that wait, and leave the files where they are."""
    with folder.opened() as place:
        for entry in ready_files(folder, place, log, wait):
            if entry.size > folder.largest_megabytes * MEGABYTE:
                log(f"A file of {entry.size / MEGABYTE:.0f} MB would be refused unread.")
                continue
            body = io.BytesIO()
            try:
                place.fetch_waiting(entry.name, body)
            except FileMissing:  # somebody took it back
                continue
            yield WholeFile(entry.name, body.getvalue())
