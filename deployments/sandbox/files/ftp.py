"""The FTP server: pyftpdlib, with downloads that can be cut and stores that can be full."""

import time
from pathlib import Path
from typing import Any

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

from deployments.sandbox.files import PASSWORD, USER
from deployments.sandbox.files.faults import FaultFile


def ftp_server(folder: Path, port: int, faults: FaultFile) -> ThreadedFTPServer:
    """Return a server of a folder; ``serve_forever`` runs it."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")

    class Data(DTPHandler):  # type: ignore[misc]  # the library has no types
        """A data connection that breaks off where the faults say so."""

        sent = 0

        def send(self, data: bytes) -> int:
            """Send a piece, or cut both connections in the middle of it."""
            now = faults.now()
            time.sleep(now.slow)
            if now.cut_after is not None and self.sent + len(data) > now.cut_after:
                super().send(data[: now.cut_after - self.sent])
                self.cmd_channel.close()
                return 0
            done: int = super().send(data)
            self.sent += done
            return done

    class Handler(FTPHandler):  # type: ignore[misc]  # as above
        """A control connection that refuses what the faults say."""

        use_sendfile = False
        dtp_handler = Data

        def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # noqa: N802 - the library's name
            """Store a file unless there is no room or no right."""
            refusal = {"full": "552 Storage allocation exceeded.", "forbidden": "550 Permission denied."}
            writes = faults.now().writes
            return self.respond(refusal[writes]) if writes else super().ftp_STOR(file, mode)

        def ftp_RNTO(self, path: str) -> Any:  # noqa: N802
            """Rename unless there is no right."""
            if faults.now().writes == "forbidden":
                return self.respond("550 Permission denied.")
            return super().ftp_RNTO(path)

    Handler.authorizer = authorizer
    return ThreadedFTPServer(("127.0.0.1", port), Handler)
