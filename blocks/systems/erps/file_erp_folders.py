"""The folders a file ERP is spoken to through: whole files only, never one over another, failures with a remedy."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from blocks.errors import Refused, TryAgainLater

LARGEST = 64 * 1024 * 1024
"""No file of an exchange is larger: a sale or an answer has kilobytes, an export of 500,000 articles some 30 MB."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class TooLarge(Refused):
    """A file has more bytes than what it should be could have."""


@contextmanager
def _told(path: Path, doing: str) -> Iterator[None]:
    """Turn what the file system says into what the caller does next, with the folder and the remedy named."""
    try:
        yield
    except OSError as error:
        place = f"The folder {path} of the file ERP"
        if error.errno in _FULL:
            raise TryAgainLater(f"{place} is full: make room there; SOMS goes on by itself.") from error
        if error.errno in _FORBIDDEN:
            raise Refused(
                f"{place} may not be {doing}: give SOMS the right to read and write it, then retry."
            ) from error
        raise TryAgainLater(
            f"{place} could not be {doing} ({os.strerror(error.errno or errno.EIO)}): see that it is there and mounted;"
            " SOMS goes on by itself."
        ) from error


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the exchange. Names have no path in them; every failure is TryAgainLater or Refused."""

    path: Path

    def check(self) -> None:
        """Raise TryAgainLater when the folder is not there: an empty look at a folder that is gone proves nothing."""
        with _told(self.path, "opened"):
            if not self.path.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _at(self, name: str) -> Path:
        if "/" in name or "\\" in name or "\x00" in name or name in {"", ".", ".."}:
            raise Refused(f"'{name[:100]}' is no name of a file.")
        return self.path / name

    def holds(self, name: str) -> bool:
        """Return whether there is a file of this name."""
        return self.age(name) is not None

    def age(self, name: str) -> float | None:
        """Return the seconds since a file was written; None when there is none."""
        with _told(self.path, "read"):
            try:
                return max(time.time() - self._at(name).stat().st_mtime, 0.0)
            except FileNotFoundError:
                return None

    def read(self, name: str, most: int = LARGEST) -> bytes | None:
        """Return a file's bytes; None when there is none.

        Raises:
            TooLarge: It has more than ``most`` bytes.
            TryAgainLater: The folder cannot be read now.
        """
        with _told(self.path, "read"):
            try:
                with self._at(name).open("rb") as file:
                    body = file.read(most + 1)
            except FileNotFoundError:
                return None
        if len(body) > most:
            raise TooLarge(f"{name} in {self.path} has more than {most} bytes: it is not what it should be.")
        return body

    def write(self, name: str, body: bytes) -> None:
        """Write a new file and see it onto the disk; nothing of it is left when that fails."""
        path = self._at(name)
        with _told(self.path, "written"):
            try:
                with path.open("xb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                if error.errno != errno.EEXIST:
                    path.unlink(missing_ok=True)
                raise

    def place(self, temporary: str, name: str) -> bool:
        """Give a written file its name in one step; False when the name is taken, and then the file is taken back."""
        old, new = self._at(temporary), self._at(name)
        with _told(self.path, "written"):
            try:
                os.link(old, new)
            except FileExistsError:
                old.unlink(missing_ok=True)
                return False
            except OSError as error:  # file systems without hard links: network shares, memory cards
                if error.errno not in _NO_LINKS:
                    raise
                return not new.exists() and self.rename(temporary, name)
            old.unlink(missing_ok=True)
            self._see_to_disk()
        return True

    def rename(self, old: str, new: str) -> bool:
        """Rename a file in one step; False when it is not there (any more).

        Raises:
            Refused: The new name is taken: nothing is ever overwritten.
            TryAgainLater: The folder cannot be written now.
        """
        if self.holds(new):
            raise Refused(f"{self.path} holds a file {new} that SOMS did not put there: move it away, then retry.")
        with _told(self.path, "written"):
            try:
                self._at(old).rename(self._at(new))
            except FileNotFoundError:
                return False
            self._see_to_disk()
        return True

    def remove(self, name: str) -> None:
        """Remove a file of our own, if it is there."""
        with _told(self.path, "written"):
            self._at(name).unlink(missing_ok=True)

    def remove_older(self, beginning: str, ending: str, seconds: float) -> None:
        """Remove files of our own that a killed worker has left behind."""
        limit = time.time() - seconds
        with _told(self.path, "read"), os.scandir(self.path) as entries:
            found = [entry for entry in entries if entry.name.startswith(beginning) and entry.name.endswith(ending)]
            left = [entry.name for entry in found if entry.stat().st_mtime < limit]
        for name in left:
            self.remove(name)

    def _see_to_disk(self) -> None:
        """Make names that were given last through a loss of power."""
        number = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
