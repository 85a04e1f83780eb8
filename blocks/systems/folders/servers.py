"""Where files lie: a folder of this machine, an FTP server, an SFTP server; each failure says what to do next.

The servers are reached through fsspec. What fsspec leaves open is closed here: a rename is one step or fails, nothing
is followed that is no regular file, and an SFTP server is only spoken to when it shows the host key that is known.
"""

import errno
import ftplib
import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from blocks.errors import Refused, TryAgainLater

PORTS = {"ftp": 21, "sftp": 22}
_PIECE = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class FileMissing(Refused):
    """There is no such file or folder (any more)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A regular file of a folder: ``stamp`` is the server's word for when it was changed, to be compared only.

    ``age`` is in seconds and known only where the server's clock is ours.
    """

    name: str
    size: int
    stamp: str
    age: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Who SOMS is at a server, and by which host keys it knows an SFTP server (``type base64``)."""

    user: str = ""
    password: str = ""
    private_key: str = ""
    host_keys: Sequence[str] = ()


class FileServer(ABC):
    """The files of one server. Paths are absolute and made by SOMS; nothing is ever overwritten unasked."""

    def __init__(self, place: str) -> None:
        """Remember what people call the server."""
        self.place = place

    @abstractmethod
    def listing(self, folder: str) -> list[Listed]:
        """Return the regular files of a folder; links, folders and devices are left out."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Return a file's size; None when there is none."""

    @abstractmethod
    def move(self, old: str, new: str) -> None:
        """Give a file another path in one step. Raises FileMissing when it is not there."""

    @abstractmethod
    def fetch(self, path: str, into: BinaryIO) -> None:
        """Write a file's bytes into ``into``. Raises FileMissing, or TryAgainLater when it was cut off."""

    @abstractmethod
    def put(self, source: Path, path: str) -> None:
        """Write a file, over what may lie there; for names of SOMS's own that nobody else reads."""

    @abstractmethod
    def ensure_folder(self, path: str) -> None:
        """Make a folder unless it is there."""


@contextmanager
def opened(url: str, login: Login, timeout: float) -> Iterator[FileServer]:
    """Open the server of an address (``file:///…``, ``ftp://…``, ``sftp://…``).

    Raises:
        TryAgainLater: It does not answer.
        Refused: It does not let SOMS in, or is not the server it should be.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        yield LocalFiles(unquote(parts.path))
        return
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    place = f"{parts.scheme}://{host}:{port}"
    open_server = _open_sftp if parts.scheme == "sftp" else _open_ftp
    with _told(place, "reached"):
        system = open_server(host, port, login, timeout)
    server: FileServer = SftpFiles(place, system) if parts.scheme == "sftp" else FtpFiles(place, system)
    try:
        yield server
    finally:
        (system.client if parts.scheme == "sftp" else system.ftp).close()


def root_of(url: str) -> str:
    """Return the folder of an address, e.g. '/orders'; no slash at its end."""
    return unquote(urlsplit(url).path).rstrip("/")


def _open_ftp(host: str, port: int, login: Login, timeout: float) -> Any:
    from fsspec.implementations.ftp import FTPFileSystem  # noqa: PLC0415 - only where an FTP server is connected

    return FTPFileSystem(
        host, port, username=login.user, password=login.password, timeout=timeout, use_listings_cache=False
    )


def _open_sftp(host: str, port: int, login: Login, timeout: float) -> Any:
    from fsspec.implementations.sftp import SFTPFileSystem  # noqa: PLC0415 - paramiko takes a second to import

    from blocks.systems.folders.host_keys import KnownKeys, private_key  # noqa: PLC0415 - as above

    known = KnownKeys(login.host_keys)
    return SFTPFileSystem(
        host, port=port, username=login.user, password=login.password or None,
        pkey=private_key(login.private_key) if login.private_key else None, host_key_policy=known,
        disabled_algorithms=known.other_algorithms(), allow_agent=False, look_for_keys=False, timeout=timeout,
        banner_timeout=timeout, auth_timeout=timeout, channel_timeout=timeout, skip_instance_cache=True,
    )  # fmt: skip


@contextmanager
def _told(place: str, doing: str) -> Iterator[None]:
    """Turn what a server or file system says into what the caller does next, with place and remedy."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing(f"{place} could not be {doing}: there is no such file or folder.") from error
    except ftplib.Error as error:
        raise _ftp_refusal(error, place, doing) from error
    except (OSError, EOFError) as error:
        raise _failure(error, place, doing) from error
    except Exception as error:
        if not _is_ssh(error):
            raise
        raise _ssh_failure(error, place, doing) from error


def _failure(error: OSError | EOFError, place: str, doing: str) -> Exception:
    number = getattr(error, "errno", None)
    if number in _FULL:
        return TryAgainLater(f"{place} is full: make room there; SOMS goes on by itself.")
    if number in _FORBIDDEN:
        return Refused(f"{place} may not be {doing}: give SOMS the right to read and write there, then run again.")
    why = os.strerror(number) if number else str(error) or "the connection was cut"
    return TryAgainLater(f"{place} could not be {doing} ({why}); SOMS tries again by itself.")


def _ftp_refusal(error: ftplib.Error, place: str, doing: str) -> Exception:
    """Tell what an FTP reply means (RFC 959): 4yz passes, 552 is a full store, 550 names no file or forbids it."""
    reply = str(error)
    code, words = reply[:3], reply[:200].lower()
    if isinstance(error, ftplib.error_temp) or code == "552":
        full = "full: make room there" if code in {"452", "552"} else "not ready"
        return TryAgainLater(f"{place} is {full} ({reply[:200]}); SOMS goes on by itself.")
    if code == "530":
        return Refused(f"{place} does not accept the user and password: correct them in the folder's connection.")
    if code == "550" and not any(word in words for word in ("denied", "permi", "privilege", "read-only")):
        return FileMissing(f"{place} could not be {doing} ({reply[:200]}).")
    return Refused(
        f"{place} may not be {doing} ({reply[:200]}): give SOMS the right to read and write there, then run again."
    )


def _is_ssh(error: Exception) -> bool:
    return type(error).__module__.startswith("paramiko.")


def _ssh_failure(error: Exception, place: str, doing: str) -> Exception:
    names = {kind.__name__ for kind in type(error).__mro__}
    if "AuthenticationException" in names:
        return Refused(f"{place} does not accept the user, password or key: correct them in the folder's connection.")
    if "IncompatiblePeer" in names:
        return Refused(f"{place} shows no host key of a kind that is known: enter its host key in the connection.")
    return TryAgainLater(f"{place} could not be {doing} ({type(error).__name__}); SOMS tries again by itself.")


class LocalFiles(FileServer):
    """Files of this machine, or of a share that is mounted here."""

    def listing(self, folder: str) -> list[Listed]:
        """Return the regular files of a folder with their ages."""
        now = time.time()
        found = []
        with _told(f"The folder {folder}", "read"), os.scandir(folder) as entries:
            for entry in entries:
                try:
                    about = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # gone while we looked
                    continue
                if stat.S_ISREG(about.st_mode):
                    stamp = f"{about.st_mtime_ns}"
                    found.append(Listed(entry.name, about.st_size, stamp, now - about.st_mtime))
        return found

    def size(self, path: str) -> int | None:
        """Return a regular file's size; None when there is none."""
        with _told(path, "read"):
            try:
                about = Path(path).lstat()
            except FileNotFoundError:
                return None
        return about.st_size if stat.S_ISREG(about.st_mode) else None

    def move(self, old: str, new: str) -> None:
        """Rename within one file system: across two there is no single step, and that is refused."""
        with _told(old, "moved"):
            try:
                Path(old).rename(new)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                raise Refused(
                    f"{old} and {new} lie on different disks, so that no file can be moved between them in one step:"
                    " put the folders on one disk."
                ) from error

    def fetch(self, path: str, into: BinaryIO) -> None:
        """Copy a file's bytes; a link in its place is not followed."""
        with _told(path, "read"), os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source:
            while piece := source.read(_PIECE):
                into.write(piece)

    def put(self, source: Path, path: str) -> None:
        """Write a file and see it onto the disk; nothing of it is left when that fails."""
        with _told(str(Path(path).parent), "written"):
            try:
                with source.open("rb") as ready, Path(path).open("wb") as target:
                    while piece := ready.read(_PIECE):
                        target.write(piece)
                    target.flush()
                    os.fsync(target.fileno())
            except OSError as error:
                if error.errno in _FULL:
                    Path(path).unlink(missing_ok=True)
                raise

    def ensure_folder(self, path: str) -> None:
        """Make a folder and those above it."""
        with _told(path, "made"):
            Path(path).mkdir(parents=True, exist_ok=True)


class FtpFiles(FileServer):
    """Files of an FTP server."""

    def __init__(self, place: str, system: Any) -> None:
        """Take a connected file system."""
        super().__init__(place)
        self._system = system

    def listing(self, folder: str) -> list[Listed]:
        """Return the regular files of a folder."""
        with _told(f"{self.place}{folder}", "read"):
            found = self._system.ls(folder, detail=True)
        return [
            Listed(entry["name"].rpartition("/")[2], int(entry["size"]), str(entry.get("modify", "")))
            for entry in found
            if entry["type"] == "file"
        ]

    def size(self, path: str) -> int | None:
        """Ask for a file's size in bytes."""
        with _told(f"{self.place}{path}", "read"):
            try:
                self._system.ftp.voidcmd("TYPE I")
                return int(self._system.ftp.size(path) or 0)
            except ftplib.error_perm as error:
                if str(error).startswith("550"):
                    return None
                raise

    def move(self, old: str, new: str) -> None:
        """Rename on the server."""
        with _told(f"{self.place}{old}", "moved"):
            self._system.mv(old, new)

    def fetch(self, path: str, into: BinaryIO) -> None:
        """Read a file; one that ends early is noticed by its size."""
        expected, begun = self.size(path), into.tell()
        with _told(f"{self.place}{path}", "read"):
            self._system.ftp.retrbinary(f"RETR {path}", into.write, blocksize=_PIECE)
        _insist(f"{self.place}{path}", expected, into.tell() - begun)

    def put(self, source: Path, path: str) -> None:
        """Write a file."""
        with _told(f"{self.place}{path}", "written"), source.open("rb") as ready:
            self._system.ftp.storbinary(f"STOR {path}", ready, blocksize=_PIECE)
        _insist(f"{self.place}{path}", source.stat().st_size, self.size(path) or 0)

    def ensure_folder(self, path: str) -> None:
        """Make a folder unless it is there."""
        with _told(f"{self.place}{path}", "made"):
            if not self._system.exists(path):
                self._system.makedirs(path, exist_ok=True)


class SftpFiles(FileServer):
    """Files of an SFTP server."""

    def __init__(self, place: str, system: Any) -> None:
        """Take a connected file system."""
        super().__init__(place)
        self._system = system

    def listing(self, folder: str) -> list[Listed]:
        """Return the regular files of a folder."""
        with _told(f"{self.place}{folder}", "read"):
            found = self._system.ls(folder, detail=True)
        return [
            Listed(entry["name"].rpartition("/")[2], int(entry["size"]), str(entry["mtime"]))
            for entry in found
            if entry["type"] == "file"
        ]

    def size(self, path: str) -> int | None:
        """Ask for a file's size in bytes."""
        with _told(f"{self.place}{path}", "read"):
            try:
                return int(self._system.ftp.lstat(path).st_size or 0)
            except FileNotFoundError:
                return None

    def move(self, old: str, new: str) -> None:
        """Rename on the server, as POSIX does it."""
        with _told(f"{self.place}{old}", "moved"):
            self._system.mv(old, new)

    def fetch(self, path: str, into: BinaryIO) -> None:
        """Read a file with a bounded number of requests on their way; one that ends early is noticed."""
        with _told(f"{self.place}{path}", "read"):
            self._system.ftp.getfo(path, into, max_concurrent_prefetch_requests=64)

    def put(self, source: Path, path: str) -> None:
        """Write a file; the server's word for its size is compared."""
        with _told(f"{self.place}{path}", "written"):
            self._system.ftp.put(str(source), path, confirm=True)

    def ensure_folder(self, path: str) -> None:
        """Make a folder unless it is there."""
        with _told(f"{self.place}{path}", "made"):
            self._system.makedirs(path, exist_ok=True)


def _insist(path: str, expected: int | None, found: int) -> None:
    if expected is not None and expected != found:
        raise TryAgainLater(f"{path} was cut off after {found} of {expected} bytes; SOMS reads it again by itself.")
