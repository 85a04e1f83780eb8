"""What every till can do: hand over files of what happened to stock, and say how a row of them reads."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from prefect.blocks.core import Block

from blocks.documents.till_rows import TillRow
from blocks.systems.folders.contract import FileRecord, OpenFolder

if TYPE_CHECKING:
    from blocks.standards.stock_files.profile import StockProfile


class Till(Block):
    """A till. Connectors raise TryAgainLater, Refused or Unreadable and nothing else; no sleeping."""

    _block_type_name = "Till"

    if TYPE_CHECKING:
        # Every till has these settings; each declares them among its own fields, where its form is to show them.
        warehouses: dict[str, str]
        quiet_seconds: float
        largest_megabytes: int

    @abstractmethod
    def opened(self) -> AbstractContextManager[OpenFolder]:
        """Connect; the folders are there when the block begins."""

    @abstractmethod
    def profile_in_force(self) -> "StockProfile":
        """Return the profile by which new files are read."""

    @abstractmethod
    def profile_of(self, name: str, version: int) -> "StockProfile":
        """Return the profile by which a file was begun."""

    @abstractmethod
    def split(self, stream: BinaryIO, profile: "StockProfile") -> Iterator[FileRecord]:
        """Cut a file into its rows. Raises Unreadable where it cannot be read on."""

    @abstractmethod
    def read_row(self, body: bytes) -> TillRow:
        """Translate one raw row by the version of the profile that cut it from its file. Raises Unreadable."""
