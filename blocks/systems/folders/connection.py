"""A folder on this machine, an FTP server or an SFTP server: where it is and how it is reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect.blocks.core import Block
from pydantic import Field, SecretStr, field_validator, model_validator

from blocks.systems.folders import servers
from blocks.systems.folders.contract import OpenFolder
from blocks.systems.folders.served_folder import ServedFolder

_PLAIN_PATH = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"


class FolderConnection(Block):
    """The settings that every connected folder has, and its connection.

    Incoming, work, archive and results lie below the address and on one disk of one server. Where a server cannot
    rename between folders, files are refused rather than taken without a claim.
    """

    _block_type_name = "Connected Folder"

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
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")
    pattern: str = Field(
        default="*", min_length=1, description="Which files are taken, e.g. *.csv; others are left alone."
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
    def _hangs_together(self) -> "FolderConnection":
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
