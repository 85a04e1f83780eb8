"""An order folder while it is connected: what waits, claims by one rename, an archive, answers written whole."""

import fnmatch
from pathlib import Path
from typing import BinaryIO

from blocks.errors import Refused, TryAgainLater
from blocks.systems.folders.contract import OpenFolder, Waiting
from blocks.systems.folders.servers import FileMissing, FileServer, Listed

UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
"""How programs name a file that they still write."""
DONE = ".done"
LONGEST_NAME = 200


class ServedFolder(OpenFolder):
    """The folders below one address of one server."""

    def __init__(
        self,
        server: FileServer,
        root: str,
        *,
        incoming: str,
        work: str,
        archive: str,
        results: str,
        pattern: str = "*",
        done_marker: bool = False,
        quiet: float = 0.0,
    ) -> None:
        """Take a connected server; folders are made when something is first put into them, except the incoming one."""
        self._server = server
        self._incoming, self._work = f"{root}/{incoming}", f"{root}/{work}"
        self._archive, self._results = f"{root}/{archive}", f"{root}/{results}"
        self._pattern, self._done_marker, self._quiet = pattern, done_marker, quiet
        self._made: set[str] = set()
        self._finished: frozenset[str] = frozenset()

    def waiting(self) -> Waiting:
        """Return what lies in the incoming folder, by name."""
        found = self._server.listing(self._incoming)
        self._finished = frozenset(entry.name.removesuffix(DONE) for entry in found if entry.name.endswith(DONE))
        wanted = sorted((entry for entry in found if self._is_wanted(entry.name)), key=lambda entry: entry.name)
        refused = tuple((entry.name, reason) for entry in wanted if (reason := _objection(entry.name)))
        if self._done_marker:
            wanted = [entry for entry in wanted if entry.name in self._finished]
        usable = [entry for entry in wanted if not _objection(entry.name)]
        ready = [entry for entry in usable if self._is_quiet(entry)]
        return Waiting(tuple(ready), tuple(entry for entry in usable if entry not in ready), refused)

    def _is_wanted(self, name: str) -> bool:
        hidden = name.startswith(".")
        return (
            not hidden and not name.lower().endswith((*UNFINISHED, DONE)) and fnmatch.fnmatchcase(name, self._pattern)
        )

    def _is_quiet(self, entry: Listed) -> bool:
        if entry.name in self._finished or not self._quiet:
            return True
        return entry.age is not None and entry.age >= self._quiet

    def claim(self, name: str, claim: str) -> bool:
        """Move a file into the work folder under its claim, in one step; True too when that had been done before."""
        if self._where(claim) is not None:
            return True
        self._ensure(self._work)
        try:
            self._server.move(f"{self._incoming}/{name}", f"{self._work}/{claim}")
        except FileMissing as error:
            if self._where(claim) is not None:
                return True
            if self._server.size(f"{self._incoming}/{name}") is None:
                return False
            raise TryAgainLater(f"{self._incoming} holds a file that cannot be moved to {self._work} now.") from error
        if name in self._finished:
            self._put_marker_away(name, claim)
        return True

    def _put_marker_away(self, name: str, claim: str) -> None:
        self._ensure(self._archive)
        try:
            self._server.move(f"{self._incoming}/{name}{DONE}", f"{self._archive}/{claim}{DONE}")
        except FileMissing:
            return

    def fetch(self, claim: str, into: BinaryIO) -> None:
        """Write a claimed file's bytes into ``into``, wherever it lies by now."""
        path = self._where(claim)
        if path is None:
            raise FileMissing(f"{self._work}/{claim} is gone although SOMS had claimed it: put the file in once more.")
        begun = into.tell()
        self._server.fetch(path, into)
        read, size = into.tell() - begun, self._server.size(path)
        if size != read:
            raise TryAgainLater(f"{path} changed while it was read ({read} bytes of {size}); SOMS reads it again.")

    def fetch_waiting(self, name: str, into: BinaryIO) -> None:
        """Write the bytes of a file that nobody has claimed; for a rehearsal."""
        self._server.fetch(f"{self._incoming}/{name}", into)

    def archive(self, claim: str) -> None:
        """Move a claimed file into the archive, unchanged; nothing happens when it lies there."""
        if self._server.size(f"{self._archive}/{claim}") is None:
            self._ensure(self._archive)
            self._server.move(f"{self._work}/{claim}", f"{self._archive}/{claim}")

    def size(self, claim: str) -> int | None:
        """Return a claimed file's size, wherever it lies by now."""
        path = self._where(claim)
        return None if path is None else self._server.size(path)

    def lay_out(self, name: str, content: Path) -> bool:
        """Write a result file under a name nobody reads; False when one of its own name was there already."""
        self._ensure(self._results)
        if self._server.size(f"{self._results}/{name}") is not None:
            return False
        self._server.put(content, f"{self._results}/.{name}.part")
        return True

    def give_name(self, name: str) -> bool:
        """Give a file that was laid out its name; False when none lies there."""
        unfinished = f"{self._results}/.{name}.part"
        try:
            self._server.move(unfinished, f"{self._results}/{name}")
        except FileMissing:
            if self._server.size(unfinished) is not None:
                raise
            return False
        return True

    def _where(self, claim: str) -> str | None:
        paths = (f"{self._work}/{claim}", f"{self._archive}/{claim}")
        return next((path for path in paths if self._server.size(path) is not None), None)

    def _ensure(self, folder: str) -> None:
        if folder not in self._made:
            try:
                self._server.ensure_folder(folder)
            except FileMissing as error:  # of a folder that cannot be made, not of an order file
                raise Refused(str(error)) from error
            self._made.add(folder)


def settled(before: Waiting, after: Waiting) -> tuple[Listed, ...]:
    """Return the files that may be taken after two looks: those that were ready, and those that did not change."""
    unchanged = {(entry.name, entry.size, entry.stamp) for entry in before.unsettled}
    same = [entry for entry in after.unsettled if (entry.name, entry.size, entry.stamp) in unchanged]
    return tuple(sorted((*after.ready, *same), key=lambda entry: entry.name))


def _objection(name: str) -> str:
    """Say why a name cannot be used; empty when it can."""
    if not name.isprintable() or "/" in name or "\\" in name:
        return "its name has characters that no file name should have"
    return f"its name is longer than {LONGEST_NAME} characters" if len(name) > LONGEST_NAME else ""
