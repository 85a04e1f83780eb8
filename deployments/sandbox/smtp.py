"""A mail server that keeps what it gets: ``python -m deployments.sandbox.smtp --port 8025 --store mail``.

Each message becomes one file in ``new/`` of the store, complete from the moment it is there. Nothing is ever sent on.
It fails as ``faults.json`` in the store says (see ``smtp_faults``), and encrypts and asks for a user when told to.
"""

import argparse
import asyncio
import itertools
import os
import signal
import ssl
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from deployments.sandbox.smtp_faults import SmtpFaults, strike

_LARGEST = 50_000_000


class Keeper:
    """Keeps messages as files, with sender and recipients of the envelope in two headers in front."""

    def __init__(self, store: Path) -> None:
        """Make the folders."""
        self._partial, self._new = store / "tmp", store / "new"
        self._partial.mkdir(parents=True, exist_ok=True)
        self._new.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)
        self.faults = SmtpFaults(store)

    async def handle_MAIL(  # noqa: N802 - this and the following are aiosmtpd's names
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        reply = await strike(self.faults.at("sender"), server.transport)
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        reply = await strike(self.faults.at("recipient"), server.transport)
        if reply is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message."""
        faults = self.faults.at("kept")
        if all(fault.keep for fault in faults):
            self._keep(envelope)
        return await strike(faults, server.transport) or "250 Kept"

    def _keep(self, envelope: Envelope) -> None:
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.eml"
        recipients = ", ".join(envelope.rcpt_tos)
        front = f"X-Envelope-From: {envelope.mail_from or ''}\r\nX-Envelope-To: {recipients}\r\n".encode()
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content or "").encode()
        with (self._partial / name).open("wb") as file:
            file.write(front + content)
            file.flush()
            os.fsync(file.fileno())
        (self._partial / name).rename(self._new / name)


class Server(SMTP):  # type: ignore[misc]  # aiosmtpd has no types
    """The protocol, with a place for faults at the DATA command."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Begin to take a message, unless a fault strikes."""
        reply = await strike(self.event_handler.faults.at("message"), self.transport)
        if reply is None:
            await super().smtp_DATA(arg)
        elif not self.transport.is_closing():
            await self.push(reply)


class OnlyUser:
    """Lets one user in."""

    def __init__(self, name: str, password: str) -> None:
        """Take the name and the password."""
        self._known = LoginPassword(name.encode(), password.encode())

    def __call__(self, _server: SMTP, _session: Session, _envelope: Envelope, _kind: str, given: object) -> AuthResult:
        """Say whether it is the user."""
        return AuthResult(success=given == self._known, handled=False)


async def keep(host: str, port: int, store: Path, *, tls: Path | None = None, user: str = "") -> None:
    """Take in mail until the process is told to stop."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    keeper, options = Keeper(store), _options(tls, user)
    server = await loop.create_server(lambda: Server(keeper, **options), host, port)
    async with server:
        await stopped.wait()


def _options(tls: Path | None, user: str) -> dict[str, object]:
    options: dict[str, object] = {"hostname": "sandbox", "enable_SMTPUTF8": True, "data_size_limit": _LARGEST}
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls)
        options |= {"tls_context": context, "require_starttls": True}
    if user:
        name, _, password = user.partition(":")
        options |= {"authenticator": OnlyUser(name, password), "auth_required": True, "auth_require_tls": bool(tls)}
    return options


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.smtp", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True, help="folder for the messages")
    parser.add_argument("--tls", type=Path, help="PEM file with key and certificate: STARTTLS is then asked for")
    parser.add_argument("--user", default="", help="user:password that is asked for")
    given = parser.parse_args()
    asyncio.run(keep(given.host, given.port, given.store, tls=given.tls, user=given.user))


if __name__ == "__main__":
    main()
