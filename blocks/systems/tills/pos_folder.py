"""A folder of a till's files on this machine, an FTP or an SFTP server: its settings and what its rows mean."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from pydantic import Field, PrivateAttr

from blocks.documents.till_rows import TillRow
from blocks.systems.folders.connection import FolderConnection
from blocks.systems.folders.contract import FileRecord
from blocks.systems.tills.contract import Till

if TYPE_CHECKING:
    from blocks.database.engine import Database
    from blocks.standards.stock_files.profile import StockProfile
    from blocks.systems.folders.profiles import Profiles


class PosFolder(FolderConnection, Till):
    """A folder into which tills put files of sales, returns, voids, deliveries and counts.

    SOMS claims each file, books its rows, keeps it unchanged and answers it. A till's files come through one
    connection: the same slip through two would be booked twice.

    Example:
        >>> till = PosFolder.load("store")
    """

    _block_type_name = "POS Folder"
    _block_type_slug = "pos-folder"
    _description = (
        "A folder, FTP or SFTP server that tills put their files into: SOMS books, archives and answers them."
    )

    warehouses: dict[str, str] = Field(
        default_factory=dict,
        description="The files' name of each store and the warehouse it is, e.g. {Köln: KOELN}. A row of a store that"
        " is missing here is put aside, never guessed.",
    )

    _profiles: "Profiles[StockProfile] | None" = PrivateAttr(default=None)

    def reads_profiles_from(self, database: "Database") -> None:
        """Take profiles from this database instead of the configured one."""
        from blocks.standards.stock_files.profile import load_stock_profile  # noqa: PLC0415 - yaml, only where files are
        from blocks.systems.folders.profiles import Profiles  # noqa: PLC0415 - read

        self._profiles = Profiles(database, load_stock_profile, "blocks.standards.stock_files")

    def _kept_profiles(self) -> "Profiles[StockProfile]":
        if self._profiles is None:
            from blocks.database.engine import Database  # noqa: PLC0415 - as above

            self.reads_profiles_from(Database.current())
        assert self._profiles is not None  # noqa: S101 - for the type checker
        return self._profiles

    def profile_in_force(self) -> "StockProfile":
        """Return the profile by which new files are read."""
        return self._kept_profiles().in_force(self.profile)

    def profile_of(self, name: str, version: int) -> "StockProfile":
        """Return the profile by which a file was begun."""
        return self._kept_profiles().version(name, version)

    def split(self, stream: BinaryIO, profile: "StockProfile") -> Iterator[FileRecord]:
        """Cut a file into its rows. Raises Unreadable where it cannot be read on."""
        from blocks.standards.stock_files.splitting import split  # noqa: PLC0415 - only where files are read

        return split(stream, profile)

    def read_row(self, body: bytes) -> TillRow:
        """Translate one raw row by the version of the profile that cut it from its file."""
        from blocks.standards.stock_files.reading import read_row, record_of  # noqa: PLC0415 - as above

        record = record_of(body)
        return read_row(record, self.profile_of(record["profile"], record["version"]))
