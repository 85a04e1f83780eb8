"""Takes files in: claim, read, keep record by record, archive.

A file is written down before it is claimed, and claimed by one rename, so that whatever is killed can be gone on with:
the next run takes up a begun file where its last chunk was kept. One run at a time reads a folder.
"""

import hashlib
import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from io import SEEK_END
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

import psycopg

from blocks.database import inbox, received_files
from blocks.database.received_files import ReceivedFile
from blocks.errors import Refused, SomsError, TryAgainLater, Unreadable, where_it_broke
from blocks.systems.folders.served_folder import settled
from blocks.systems.folders.servers import FileMissing

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Connection, Database
    from blocks.systems.folders.contract import FileRecord, FileSource, OpenFolder, TakesFiles
    from blocks.systems.folders.servers import Listed

CHUNK = 2000
MEGABYTE = 1024 * 1024
_log = logging.getLogger(__name__)


class Collector:
    """One run over one folder."""

    def __init__(
        self,
        folder: "FileSource",
        database: "Database",
        actor: "Actor",
        *,
        source: str,
        kind: str | Callable[[Any], str],
    ) -> None:
        """Take nothing yet.

        Args:
            folder: The connected folder.
            database: Where files and records are kept.
            actor: Who acts.
            source: Type and name of the folder's connection.
            kind: What its records are in the inbox, or what says so by the profile of a file.
        """
        self._folder, self._database, self._actor = folder, database, actor
        self._source, self._kind_of = source, kind if callable(kind) else lambda _profile: kind

    def collect(self, log: Callable[[str], None], *, wait: Callable[[float], None] = time.sleep) -> inbox.Stored:
        """Take in what was begun and what waits; a file that cannot be read holds up none beside it.

        Raises:
            TryAgainLater: The folder's server does not answer, or broke off; what was kept is not read again.
            Refused: Somebody has to look at the connection or the server.
        """
        stored = inbox.Stored()
        failures: list[SomsError] = []
        with self._database.connect(autocommit=True) as holder, ExitStack() as connected:
            if not received_files.hold_folder(holder, source=self._source):
                log(f"Another run reads {self._source} at this moment; this one leaves it alone.")
                return stored
            place = connected.enter_context(self._folder.opened())
            for file in self._files(place, log, wait):
                try:
                    stored += self._take(place, file)
                except (TryAgainLater, Refused) as error:
                    failures.append(error)
                    connected.close()  # a broken connection must not cost the files behind this one
                    place = connected.enter_context(self._folder.opened())
        if failures:
            raise failures[0]
        return stored

    def _files(
        self, place: "OpenFolder", log: Callable[[str], None], wait: Callable[[float], None]
    ) -> "Iterator[ReceivedFile]":
        """Yield what was begun before, then what waits, each written down just before it is yielded."""
        with self._database.connect() as connection:
            begun = received_files.unfinished(connection, source=self._source)
        ready = ready_files(self._folder, place, log, wait)
        yield from begun
        if not ready:
            return
        profile = self._folder.profile_in_force()
        again = {file.name for file in begun}  # begun, but perhaps not claimed yet
        for entry in ready:
            if entry.name in again:
                continue
            with self._database.audited(self._actor) as (connection, trail):
                file = received_files.begin(
                    connection, trail, source=self._source, name=entry.name, claim=claim_name(entry.name),
                    profile=(profile.name, profile.version),
                )  # fmt: skip
            yield file

    def _take(self, place: "OpenFolder", file: ReceivedFile) -> inbox.Stored:
        """Take in one file; what is wrong with it alone is written down for its sender.

        Raises:
            TryAgainLater: It could not be read now; it is gone on with later.
            Refused: Somebody has to look.
        """
        stored = inbox.Stored()
        try:
            if not place.claim(file.name, file.archived_as):
                self._settle(
                    lambda c, t: received_files.drop(c, t, file, why="It was gone before it could be claimed.")
                )
                return stored
            with tempfile.TemporaryFile() as copy:
                place.fetch(file.archived_as, copy)
                size, why = self._note(file, copy)
                if why is None:
                    stored, why = self._keep(file, copy)
            if why is None and place.size(file.archived_as) != size:
                why = f"It was still written to after it had been claimed: only its first {size} bytes were read."
            place.archive(file.archived_as)
        except FileMissing as error:
            why = str(error)
        self._settle(lambda c, t: received_files.finish(c, t, file, refusal=why))
        return stored

    def _note(self, file: ReceivedFile, copy: BinaryIO) -> tuple[int, str | None]:
        """Write down a file's size and hash; returns its size, and why it must not be read, if so."""
        size, digest = copy.seek(0, SEEK_END), hashlib.sha256()
        copy.seek(0)
        while piece := copy.read(MEGABYTE):
            digest.update(piece)
        sha256 = digest.hexdigest()
        if file.sha256 and file.sha256 != sha256:
            return size, "Its bytes changed after a part of it had been read."
        if not file.sha256:
            self._settle(lambda c, t: received_files.note_content(c, t, file, sha256=sha256, size=size))
        if size > self._folder.largest_megabytes * MEGABYTE:
            most = self._folder.largest_megabytes
            return size, f"It has {size / MEGABYTE:.0f} MB; this folder takes {most} at most."
        return size, None

    def _keep(self, file: ReceivedFile, copy: BinaryIO) -> tuple[inbox.Stored, str | None]:
        """Keep a file's records chunk by chunk from where it was left; returns why it could not be read on."""
        stored, begun = inbox.Stored(), file.records
        copy.seek(0)
        profile = self._folder.profile_of(file.profile, file.profile_version)
        kind = self._kind_of(profile)
        for records, refusal in self._chunks(file, copy, profile):
            if records:
                with self._database.audited(self._actor) as (connection, trail):
                    stored += received_files.keep_records(
                        connection, trail, file, source=self._source, kind=kind, begun=begun, chunk=records
                    )
                begun += len(records)
            if refusal:
                return stored, refusal
        return stored, None if begun else f"It holds no {kind}s."

    def _chunks(
        self, file: ReceivedFile, copy: BinaryIO, profile: Any
    ) -> "Iterator[tuple[Sequence[FileRecord], str | None]]":
        """Yield a file's records after the first ``file.records``; the last chunk says where reading broke off."""
        chunk: list[FileRecord] = []
        try:
            for record in islice(self._folder.split(copy, profile), file.records, None):
                chunk.append(record)
                if len(chunk) == CHUNK:
                    yield chunk, None
                    chunk = []
        except Unreadable as error:
            yield chunk, str(error)
            return
        except (SomsError, psycopg.Error):
            raise
        except Exception as error:  # noqa: BLE001 - no file may stop its folder for ever
            _log.error("Reading file %s broke: %s", file.id, where_it_broke(error))
            yield chunk, f"SOMS failed with {type(error).__name__} while it read this file; its log says why."
            return
        if chunk:
            yield chunk, None

    def _settle(self, write: Callable[["Connection", Any], None]) -> None:
        with self._database.audited(self._actor) as (connection, trail):
            write(connection, trail)


def ready_files(
    folder: "TakesFiles", place: "OpenFolder", log: Callable[[str], None], wait: Callable[[float], None]
) -> "Sequence[Listed]":
    """Return the files that may be taken: nobody writes to them any more. Where only that can tell, looks twice."""
    found = place.waiting()
    for name, reason in found.refused:
        log(f"A file was left alone because {reason}: {name[:60]!a}. Give it another name.")
    if not found.unsettled:
        return found.ready
    if any(entry.age is None for entry in found.unsettled):
        wait(folder.quiet_seconds)
        found, before = place.waiting(), found
        return settled(before, found)
    log(f"Files that changed a moment ago are left for the next run: {len(found.unsettled)}.")
    return found.ready


def claim_name(name: str) -> str:
    """Return a name for a file in work folder and archive: a moment, a die, and what is harmless of its own name."""
    stem, _, ending = name.rpartition(".")
    label = re.sub(r"[^A-Za-z0-9]+", "-", stem or ending).strip("-")[:60]
    kind = re.sub(r"[^a-z0-9]", "", ending.lower())[:8] if stem else ""
    made = "-".join(filter(None, (f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", uuid4().hex[:12], label)))
    return f"{made}.{kind}" if kind else made


def peek(folder: "FileSource", log: Callable[[str], None]) -> "Iterator[Sequence[FileRecord]]":
    """Yield the records of the files that wait, chunk by chunk, and leave the files where they are."""
    with folder.opened() as place:
        ready = ready_files(folder, place, log, time.sleep)
        for entry in ready:
            profile = folder.profile_in_force()
            with tempfile.TemporaryFile() as copy:
                place.fetch_waiting(entry.name, copy)
                copy.seek(0)
                try:
                    records = folder.split(copy, profile)
                    while chunk := list(islice(records, CHUNK)):
                        yield chunk
                except Unreadable as error:
                    log(f"A file cannot be read: {error}")
