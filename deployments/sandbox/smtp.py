"""A mail server that keeps what it gets: ``python -m deployments.sandbox.smtp --port 8025 --store mail``.

Each message becomes one file in ``new/`` of the store, complete from the moment it is there. Nothing is ever sent on.
"""

import argparse
import asyncio
import itertools
import os
import signal
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

_LARGEST = 50_000_000


class Keeper:
    """Keeps messages as files, with sender and recipients of the envelope in two headers in front."""

    def __init__(self, store: Path) -> None:
        """Make the folders."""
        self._partial, self._new = store / "tmp", store / "new"
        self._partial.mkdir(parents=True, exist_ok=True)
        self._new.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one message."""
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.eml"
        recipients = ", ".join(envelope.rcpt_tos)
        front = f"X-Envelope-From: {envelope.mail_from or ''}\r\nX-Envelope-To: {recipients}\r\n".encode()
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        with (self._partial / name).open("wb") as file:
            file.write(front + content)
            file.flush()
            os.fsync(file.fileno())
        (self._partial / name).rename(self._new / name)
        return "250 Kept"


async def keep(host: str, port: int, store: Path) -> None:
    """Take in mail until the process is told to stop."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    keeper = Keeper(store)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="sandbox", enable_SMTPUTF8=True, data_size_limit=_LARGEST), host, port
    )
    async with server:
        await stopped.wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.smtp", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True, help="folder for the messages")
    given = parser.parse_args()
    asyncio.run(keep(given.host, given.port, given.store))


if __name__ == "__main__":
    main()
