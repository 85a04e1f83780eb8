"""A folder of order files on this machine, an FTP server or an SFTP server: its settings and what its records mean."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from pydantic import Field, PrivateAttr

from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.systems.folders.connection import FolderConnection
from blocks.systems.folders.contract import FileRecord, Folder
from blocks.systems.shops.contract import Received

if TYPE_CHECKING:
    from blocks.database.engine import Database
    from blocks.standards.order_files.profile import Profile
    from blocks.systems.folders.profiles import Profiles

_AT_BEGIN = re.compile(rb'\{"profile":"([a-z0-9-]+)",')
_AT_END = re.compile(rb',"version":(\d{1,9})\}\Z')
"""Where nearly all records name their profile; keys are sorted, so that no cell of a file can stand in for it."""


class OrderFolder(FolderConnection, Folder):
    """A folder into which a partner or a till puts files of orders; SOMS claims, reads, archives and answers each.

    Example:
        >>> folder = OrderFolder.load("partner")
    """

    _block_type_name = "Order Folder"
    _block_type_slug = "order-folder"
    _description = "A folder, FTP or SFTP server that order files come from: SOMS reads, archives and answers them."

    channel: str = Field(
        default="",
        pattern=r"^[a-z0-9-]*$",
        description="The channel the orders belong to, e.g. berlin for a shop's own orders that come as files; the same"
        " order from both is one. Empty: a channel of its own, named as this connection is.",
    )
    assortment: str = Field(
        default="",
        pattern=r"^[a-z0-9-]*$",
        description="The channel whose articles are ordered; empty: its own channel's.",
    )
    payment_methods: dict[str, str] = Field(
        default_factory=dict,
        description="The files' name of each payment method and what SOMS calls it. An order with a method missing"
        " here is put aside, never guessed.",
    )
    shipping_methods: dict[str, str] = Field(
        default_factory=dict,
        description="The files' name of each shipping method and what SOMS calls it. An order with a method missing"
        " here is put aside, never guessed.",
    )
    sends_confirmation_mail: bool = Field(
        default=False, description="Whether the sender confirms orders to the customers; if not, SOMS writes to them."
    )
    _profiles: "Profiles[Profile] | None" = PrivateAttr(default=None)

    def reads_profiles_from(self, database: "Database") -> None:
        """Take profiles from this database instead of the configured one."""
        from blocks.standards.order_files.profile import load_profile  # noqa: PLC0415 - yaml, only where files are read
        from blocks.systems.folders.profiles import Profiles  # noqa: PLC0415

        self._profiles = Profiles(database, load_profile, "blocks.standards.order_files")

    def _kept_profiles(self) -> "Profiles[Profile]":
        if self._profiles is None:
            from blocks.database.engine import Database  # noqa: PLC0415 - as below

            self.reads_profiles_from(Database.current())
        assert self._profiles is not None  # noqa: S101 - for the type checker
        return self._profiles

    def profile_in_force(self) -> "Profile":
        """Return the profile by which new files are read."""
        return self._kept_profiles().in_force(self.profile)

    def profile_of(self, name: str, version: int) -> "Profile":
        """Return the profile by which a file was begun."""
        return self._kept_profiles().version(name, version)

    def split(self, stream: BinaryIO, profile: "Profile") -> "Iterator[FileRecord]":
        """Cut a file into its records. Raises Unreadable where it cannot be read on."""
        from blocks.standards.order_files.splitting import split  # noqa: PLC0415 - only where files are read

        return split(stream, profile)

    def read_order(self, received: Received, channel: str) -> Order:
        """Translate one raw record by the version of the profile that cut it from its file."""
        from blocks.standards.order_files.orders import read_order  # noqa: PLC0415 - as above

        return read_order(received.body, self._profile_named_by(received), channel)

    def _profile_named_by(self, received: Received) -> "Profile":
        name, version = _AT_BEGIN.match(received.body), _AT_END.search(received.body, len(received.body) - 32)
        if name and version:
            return self.profile_of(name[1].decode(), int(version[1]))
        from blocks.standards.order_files.cells import from_body  # noqa: PLC0415 - as above

        try:
            content = from_body(received.body)
            return self.profile_of(str(content["profile"]), int(content["version"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable("The record does not say by which profile it was cut from its file.") from error
