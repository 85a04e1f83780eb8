"""A folder into which SOMS puts stock feeds: on this machine, an FTP server or an SFTP server."""

from blocks.systems.feeds.contract import FeedFile, FeedTarget
from blocks.systems.folders.server_connection import ServerConnection


class FeedFolder(ServerConnection, FeedTarget):
    """A folder for stock feeds; each delivery takes the place of the file before in one step.

    A reader never meets half a file: SOMS writes under a name that begins with a dot and gives the file its own name
    when it is whole. An FTP server must let a rename replace a file; one that does not is refused with its answer.

    Example:
        >>> target = FeedFolder.load("marketplace")
    """

    _block_type_name = "Feed Folder"
    _block_type_slug = "feed-folder"
    _description = "A folder, FTP or SFTP server that SOMS puts stock feeds into, each in the place of the one before."

    def replace(self, file: FeedFile) -> None:
        """Write the file beside its place, then move it there."""
        final, unfinished = f"{self.root}/{file.name}", f"{self.root}/.{file.name}.part"
        with self.server() as server:
            server.put(file.path, unfinished)
            server.move(unfinished, final)
