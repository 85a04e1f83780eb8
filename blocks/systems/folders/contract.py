"""What every folder that files come from can do: show what waits, let it be claimed, keep it, take the answer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Protocol

from prefect.blocks.core import Block

from blocks.documents.orders import Order
from blocks.systems.folders.servers import Listed
from blocks.systems.shops.contract import Received

if TYPE_CHECKING:
    from blocks.standards.order_files.profile import Profile


@dataclass(frozen=True, slots=True)
class Waiting:
    """What lies in the incoming folder: ``ready`` may be taken, ``unsettled`` may still be written to.

    ``refused`` are names that no path can be made of, with the reason.
    """

    ready: tuple[Listed, ...] = ()
    unsettled: tuple[Listed, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


class FileRecord(Protocol):
    """One order's part of a file: the bytes it is read from, and the rows it came from, counted from 1."""

    @property
    def external_id(self) -> str: ...  # noqa: D102 - said by the class
    @property
    def first_row(self) -> int: ...  # noqa: D102
    @property
    def last_row(self) -> int: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def content_type(self) -> str: ...  # noqa: D102


class OpenFolder(ABC):
    """A folder while it is connected. ``claim`` is a name that SOMS gave a file; only claims make paths."""

    @abstractmethod
    def waiting(self) -> Waiting:
        """Return what lies in the incoming folder, by name."""

    @abstractmethod
    def claim(self, name: str, claim: str) -> bool:
        """Move a file into the work folder under its claim, in one step; True too when that had been done before.

        False when the file is nowhere (any more): another took it, or its sender did.
        """

    @abstractmethod
    def fetch(self, claim: str, into: BinaryIO) -> None:
        """Write a claimed file's bytes into ``into``, wherever it lies by now.

        Raises:
            TryAgainLater: It was cut off, or changed while it was read.
        """

    @abstractmethod
    def fetch_waiting(self, name: str, into: BinaryIO) -> None:
        """Write the bytes of a file that nobody has claimed; for a rehearsal."""

    @abstractmethod
    def size(self, claim: str) -> int | None:
        """Return a claimed file's size, wherever it lies by now; None when it is nowhere."""

    @abstractmethod
    def archive(self, claim: str) -> None:
        """Move a claimed file into the archive, unchanged; nothing happens when it lies there."""

    @abstractmethod
    def lay_out(self, name: str, content: Path) -> bool:
        """Write a result file where nobody looks for it; False when one of this name was there already."""

    @abstractmethod
    def give_name(self, name: str) -> bool:
        """Give a file that was laid out its name; False when none lies there: it has its name, or was taken."""

    def answer(self, name: str, content: Path) -> bool:
        """Write a result file, whole or not at all; False when one of this name was there already."""
        return self.lay_out(name, content) and self.give_name(name)


class TakesFiles(Protocol):
    """A connected folder: which of its files may be taken, and how it is reached."""

    quiet_seconds: float
    largest_megabytes: int

    def opened(self) -> AbstractContextManager[OpenFolder]:
        """Connect; the folders are there when the block begins."""


class FileSource(TakesFiles, Protocol):
    """What files of records are taken in from: a connected folder, and how its files are cut into records."""

    def profile_in_force(self) -> Any:
        """Return the profile by which new files are read; it has a ``name`` and a ``version``."""

    def profile_of(self, name: str, version: int) -> Any:
        """Return the profile by which a file was begun."""

    def split(self, stream: BinaryIO, profile: Any) -> Iterator[FileRecord]:
        """Cut a file into its records. Raises Unreadable where it cannot be read on."""


class Folder(Block):
    """A folder of order files. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; no sleeping."""

    _block_type_name = "Folder"
    tells_takeover: ClassVar[bool] = False

    if TYPE_CHECKING:
        # Every folder has these settings; each declares them among its own fields, where its form is to show them.
        payment_methods: dict[str, str]
        shipping_methods: dict[str, str]
        time_zone: str
        channel: str
        assortment: str
        sends_confirmation_mail: bool
        profile: str
        quiet_seconds: float
        largest_megabytes: int

    @abstractmethod
    def opened(self) -> AbstractContextManager[OpenFolder]:
        """Connect; the folders are there when the block begins."""

    @abstractmethod
    def profile_in_force(self) -> "Profile":
        """Return the profile by which new files are read."""

    @abstractmethod
    def profile_of(self, name: str, version: int) -> "Profile":
        """Return the profile by which a file was begun."""

    @abstractmethod
    def split(self, stream: BinaryIO, profile: "Profile") -> "Iterator[FileRecord]":
        """Cut a file into its records. Raises Unreadable where it cannot be read on."""

    @abstractmethod
    def read_order(self, received: Received, channel: str) -> Order:
        """Translate one raw record by the version of the profile that cut it from its file."""
