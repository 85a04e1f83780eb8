"""A folder of order files on this machine, an FTP server or an SFTP server: its settings and what its records mean."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, SecretStr, field_validator, model_validator

from blocks.documents.orders import Order
from blocks.errors import Unreadable
from blocks.systems.folders import servers
from blocks.systems.folders.contract import FileRecord, Folder, OpenFolder
from blocks.systems.folders.served_folder import ServedFolder
from blocks.systems.shops.contract import Received

if TYPE_CHECKING:
    from blocks.database.engine import Database
    from blocks.standards.order_files.profile import Profile
    from blocks.systems.folders.profiles import Profiles

_AT_BEGIN = re.compile(rb'\{"profile":"([a-z0-9-]+)",')
_AT_END = re.compile(rb',"version":(\d{1,9})\}\Z')
"""Where nearly all records name their profile; keys are sorted, so that no cell of a file can stand in for it."""
_PLAIN_PATH = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"


class OrderFolder(Folder):
    """A folder into which a partner or a till puts files of orders; SOMS claims, reads, archives and answers each.

    Incoming, work, archive and results lie below the address and on one disk of one server. Where a server cannot
    rename between folders, files are refused rather than taken without a claim.

    Example:
        >>> folder = OrderFolder.load("partner")
    """

    _block_type_name = "Order Folder"
    _block_type_slug = "order-folder"
    _description = "A folder, FTP or SFTP server that order files come from: SOMS reads, archives and answers them."

    url: str = Field(
        description="Address of the folder: file:///srv/orders, sftp://host/orders or ftp://host/orders. FTP sends"
        " password and orders in the clear: use it only inside a network you trust.",
    )
    user: str = Field(default="", description="User at the FTP or SFTP server.")
    password: SecretStr = Field(default=SecretStr(""), description="Password at the server; stored encrypted.")
    private_key: SecretStr = Field(
        default=SecretStr(""), description="For SFTP with a key: the OpenSSH private key's text, without pass phrase."
    )
    host_key: str = Field(
        default="",
        description="For SFTP: the server's host key, as ssh-keyscan prints it ('ssh-ed25519 AAAA…'), one per line. A"
        " server that shows another is refused.",
    )
    profile: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Name of the mapping profile that says how the files are written.",
    )
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
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")
    sends_confirmation_mail: bool = Field(
        default=False, description="Whether the sender confirms orders to the customers; if not, SOMS writes to them."
    )
    pattern: str = Field(
        default="*", min_length=1, description="Which files are orders, e.g. *.csv; others are left alone."
    )
    done_marker: bool = Field(
        default=False,
        description="Take a file only when an empty file of the same name with .done at its end lies beside it.",
    )
    quiet_seconds: float = Field(
        default=10.0,
        ge=0,
        le=300,
        description="A file that changed within so many seconds is still being written: left.",
    )
    incoming: str = Field(default="incoming", pattern=_PLAIN_PATH, description="Where files are put.")
    work: str = Field(default="work", pattern=_PLAIN_PATH, description="Where SOMS keeps files while it reads them.")
    archive: str = Field(default="archive", pattern=_PLAIN_PATH, description="Where read files are kept, unchanged.")
    results: str = Field(default="results", pattern=_PLAIN_PATH, description="Where SOMS puts its answers.")
    largest_megabytes: int = Field(default=512, ge=1, le=4096, description="A larger file is refused unread.")
    timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds to wait for each answer of the server.")

    _profiles: "Profiles | None" = PrivateAttr(default=None)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"file", *servers.PORTS}:
            raise ValueError("begins with file://, sftp:// or ftp://")
        if parts.username or parts.password or "@" in parts.netloc:
            raise ValueError("holds no user and no password: they have fields of their own")
        if (parts.scheme == "file") != (not parts.netloc) or not parts.path.startswith("/"):
            raise ValueError("is written file:///folder, sftp://host/folder or ftp://host/folder")
        if ".." in servers.root_of(url).split("/") or not servers.root_of(url):
            raise ValueError("names a folder below the root, without '..'")
        return url

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone such as Europe/Berlin") from error
        return zone

    @model_validator(mode="after")
    def _hangs_together(self) -> "OrderFolder":
        if len({self.incoming, self.work, self.archive, self.results}) < len(
            ("incoming", "work", "archive", "results")
        ):
            raise ValueError("incoming, work, archive and results are four different folders")
        if urlsplit(self.url).scheme == "sftp":
            from blocks.systems.folders.host_keys import known_keys  # noqa: PLC0415 - paramiko takes a second to import

            if not known_keys(self.host_key):
                raise ValueError(
                    "host_key is needed for SFTP: ask the server's operator, or compare what ssh-keyscan prints"
                )
        return self

    def reads_profiles_from(self, database: "Database") -> None:
        """Take profiles from this database instead of the configured one."""
        from blocks.systems.folders.profiles import Profiles  # noqa: PLC0415 - yaml, only where files are read

        self._profiles = Profiles(database)

    def _kept_profiles(self) -> "Profiles":
        if self._profiles is None:
            from blocks.database.engine import Database  # noqa: PLC0415 - as below

            self.reads_profiles_from(Database.current())
        assert self._profiles is not None  # noqa: S101 - for the type checker
        return self._profiles

    def _login(self) -> servers.Login:
        keys: tuple[str, ...] = ()
        if self.host_key:
            from blocks.systems.folders.host_keys import known_keys  # noqa: PLC0415 - as above

            keys = known_keys(self.host_key)
        return servers.Login(
            self.user, self.password.get_secret_value(), self.private_key.get_secret_value(), host_keys=keys
        )

    @contextmanager
    def opened(self) -> Iterator[OpenFolder]:
        """Connect to the server of the folder."""
        with servers.opened(self.url, self._login(), self.timeout) as server:
            yield ServedFolder(
                server, servers.root_of(self.url), incoming=self.incoming, work=self.work, archive=self.archive,
                results=self.results, pattern=self.pattern, done_marker=self.done_marker, quiet=self.quiet_seconds,
            )  # fmt: skip

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
