"""The folders below one address: where files are put, worked on, kept and answered, and which of them are taken."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import Field, model_validator

from blocks.systems.folders.contract import OpenFolder
from blocks.systems.folders.served_folder import ServedFolder
from blocks.systems.folders.server_connection import ServerConnection

_PLAIN_PATH = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"


class FolderPlaces(ServerConnection):
    """Incoming, work, archive and results lie below the address and on one disk of one server.

    Where a server cannot rename between folders, files are refused rather than taken without a claim.
    """

    _block_type_name = "Folder Places"

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

    @model_validator(mode="after")
    def _hangs_together(self) -> "FolderPlaces":
        if len({self.incoming, self.work, self.archive, self.results}) < len(
            ("incoming", "work", "archive", "results")
        ):
            raise ValueError("incoming, work, archive and results are four different folders")
        return self

    @contextmanager
    def opened(self) -> Iterator[OpenFolder]:
        """Connect to the server of the folder."""
        with self.server() as server:
            yield ServedFolder(
                server, self.root, incoming=self.incoming, work=self.work, archive=self.archive,
                results=self.results, pattern=self.pattern, done_marker=self.done_marker, quiet=self.quiet_seconds,
            )  # fmt: skip
