"""The SFTP server: paramiko's, over one folder, with downloads that can be cut and stores that can be full."""

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import paramiko
from paramiko import SFTPAttributes, SFTPHandle, SFTPServer, SFTPServerInterface
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

from deployments.sandbox.files import PASSWORD, USER
from deployments.sandbox.files.faults import FaultFile


class SftpServer:
    """Serves a folder until it is closed; one thread for each connection."""

    def __init__(self, folder: Path, port: int, host_key: Path, faults: FaultFile) -> None:
        """Listen; the host key is made when it is not there."""
        if not host_key.exists():
            paramiko.ECDSAKey.generate().write_private_key_file(str(host_key))
        key = paramiko.ECDSAKey(filename=str(host_key))
        shown = f"{key.get_name()} {key.get_base64()}\n"
        host_key.with_name(f"{host_key.name}.pub").write_text(shown, encoding="utf-8")
        self._key, self._folder, self._faults = key, folder, faults
        self._socket = socket.create_server(("127.0.0.1", port))

    def serve_forever(self) -> None:
        """Accept connections."""
        while True:
            connection, _ = self._socket.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.add_server_key(self._key)
        transport.set_subsystem_handler(
            "sftp", SFTPServer, _Folder, folder=self._folder, faults=self._faults, transport=transport
        )
        try:
            transport.start_server(server=_Gate())
        except (paramiko.SSHException, EOFError):  # whoever called only looked at the key
            transport.close()


class _Gate(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 - paramiko's
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "password"


class _Download(SFTPHandle):
    """An open file whose reading breaks off where the faults say so."""

    def __init__(self, flags: int, file: Any, faults: FaultFile, transport: paramiko.Transport) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = file
        self._faults, self._transport = faults, transport

    def read(self, offset: int, length: int) -> bytes | int:
        now = self._faults.now()
        time.sleep(now.slow)
        if now.cut_after is not None and offset + length > now.cut_after:
            self._transport.close()
            return SFTP_FAILURE
        return super().read(offset, length)

    def stat(self) -> SFTPAttributes | int:
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Folder(SFTPServerInterface):
    def __init__(self, server: Any, *, folder: Path, faults: FaultFile, transport: paramiko.Transport) -> None:
        super().__init__(server)
        self._folder, self._faults, self._transport = folder, faults, transport

    def _at(self, path: str) -> Path:
        return self._folder / self.canonicalize(path).lstrip("/")

    def _refusal(self) -> int | None:
        codes = {"full": SFTP_FAILURE, "forbidden": SFTP_PERMISSION_DENIED}
        return codes.get(self._faults.now().writes)

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        try:
            return [
                SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                for entry in os.scandir(self._at(path))
            ]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> SFTPAttributes | int:
        try:
            return SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def lstat(self, path: str) -> SFTPAttributes | int:
        try:
            return SFTPAttributes.from_stat(self._at(path).lstat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:  # noqa: ARG002
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if writes and (refusal := self._refusal()) is not None:
            return refusal
        try:
            number = os.open(self._at(path), flags, 0o644)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return _Download(flags, os.fdopen(number, "wb" if writes else "rb"), self._faults, self._transport)

    def remove(self, path: str) -> int:
        return self._done(lambda: self._at(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._faults.now().writes == "forbidden":
            return SFTP_PERMISSION_DENIED
        return self._done(lambda: self._at(oldpath).rename(self._at(newpath)))

    posix_rename = rename

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:  # noqa: ARG002
        return self._done(lambda: self._at(path).mkdir())

    def _done(self, act: Any) -> int:
        try:
            act()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK
