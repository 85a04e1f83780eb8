"""A folder for invoices on this machine, an FTP or an SFTP server: they come from it, or are put into it."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from blocks.database.inbox import Stored
from blocks.systems.answers import Answer
from blocks.systems.folders.handing_over import Note, hand_over
from blocks.systems.folders.places import FolderPlaces
from blocks.systems.invoices.contract import InvoiceSource, Log, Output, WholeFile

if TYPE_CHECKING:
    from blocks.database.audit import Actor
    from blocks.database.engine import Database


class InvoiceFolder(FolderPlaces, InvoiceSource):
    """A folder into which suppliers' invoices are put as files (PDF, XML); SOMS claims, keeps and archives each.

    Converted invoices are put into the folder `results` of the connection that a run names as its target, which may be
    the same.

    Example:
        >>> folder = InvoiceFolder.load("suppliers")
    """

    _block_type_name = "Invoice Folder"
    _block_type_slug = "invoice-folder"
    _description = "A folder, FTP or SFTP server that invoices come from as files, or are put into once converted."

    largest_megabytes: int = Field(default=25, ge=1, le=256, description="A larger file is refused unread.")

    def collect(self, database: "Database", actor: "Actor", *, source: str, log: Log) -> Stored:
        """Keep every file that waits, each once, then archive it."""
        from blocks.systems.invoices.collecting import collect_folder  # noqa: PLC0415 - a target does without

        return collect_folder(self, database, actor, source=source, log=log)

    def peek(self, log: Log) -> Iterator[WholeFile]:
        """Yield the files that wait, and leave them where they are."""
        from blocks.systems.invoices.collecting import peek_folder  # noqa: PLC0415 - as above

        return peek_folder(self, log)

    def put(self, outputs: Sequence[Output], *, begun: Collection[str], note: Note) -> list[Answer]:
        """Write result files, each whole and once; one of the same name that lies there already is adopted."""
        with self.opened() as place:
            return hand_over(place, outputs, begun=begun, note=note)
