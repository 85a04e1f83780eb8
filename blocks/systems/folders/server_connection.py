"""Where a folder is and how it is reached: on this machine, on an FTP server, on an SFTP server."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from pydantic import Field, SecretStr, field_validator, model_validator

from blocks.systems.folders import servers


class ServerConnection(Block):
    """The address of a folder, who SOMS is there, and by which key it knows the server."""

    _block_type_name = "Folder Server"

    url: str = Field(
        description="Address of the folder: file:///srv/orders, sftp://host/orders or ftp://host/orders. FTP sends"
        " password and contents in the clear: use it only inside a network you trust.",
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

    @model_validator(mode="after")
    def _knows_its_server(self) -> "ServerConnection":
        if urlsplit(self.url).scheme == "sftp":
            from blocks.systems.folders.host_keys import known_keys  # noqa: PLC0415 - paramiko takes a second to import

            if not known_keys(self.host_key):
                raise ValueError(
                    "host_key is needed for SFTP: ask the server's operator, or compare what ssh-keyscan prints"
                )
        return self

    @contextmanager
    def server(self) -> Iterator[servers.FileServer]:
        """Connect to the server."""
        keys: tuple[str, ...] = ()
        if self.host_key:
            from blocks.systems.folders.host_keys import known_keys  # noqa: PLC0415 - as above

            keys = known_keys(self.host_key)
        password, private_key = self.password.get_secret_value(), self.private_key.get_secret_value()
        login = servers.Login(self.user, password, private_key, host_keys=keys)
        with servers.opened(self.url, login, self.timeout) as server:
            yield server

    @property
    def root(self) -> str:
        """Return the folder's path on its server."""
        return servers.root_of(self.url)
