"""Host keys: SOMS speaks only to the SFTP server whose key a person has entered."""

import base64
import binascii
import hashlib
import io
from collections.abc import Sequence
from typing import Any

from paramiko import MissingHostKeyPolicy, PKey, SSHClient, SSHException, Transport

from blocks.errors import Refused

_WORDS = 2


class KnownKeys(MissingHostKeyPolicy):
    """Accepts the host keys it was given and no others, whatever this machine's own list of hosts may say."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take keys as ``type base64``."""
        self._keys = {tuple(key.split()[:_WORDS]) for key in keys}

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:  # noqa: ARG002 - paramiko's own
        """Refuse a server that shows another key: it may be somebody else.

        Raises:
            Refused: The key is none of those known.
        """
        if (key.get_name(), key.get_base64()) not in self._keys:
            shown = fingerprint(key.get_base64())
            raise Refused(
                f"The server {hostname} shows a host key that is not known ({key.get_name()} {shown}): compare it with"
                " the server's operator, and enter it in the connection's field 'Host Key' only if it is theirs."
            )

    def other_algorithms(self) -> dict[str, list[str]]:
        """Return the kinds of keys that need not be offered, so that the server shows one that can be compared."""
        kinds = {kind for kind, *_ in self._keys}
        if "ssh-rsa" in kinds:
            kinds |= {"rsa-sha2-256", "rsa-sha2-512"}
        return {"keys": [kind for kind in _offered() if kind not in kinds]}


def _offered() -> Sequence[str]:
    offered: Any = Transport._preferred_keys  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public name
    return list(offered)


def fingerprint(key: str) -> str:
    """Return a key's fingerprint as ssh-keygen prints it, e.g. 'SHA256:uNiVz…'."""
    digest = hashlib.sha256(base64.b64decode(key)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def known_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a text, one per line, as ``type base64``; host names before them, as ssh-keyscan prints, go.

    Raises:
        ValueError: A line holds no key.
    """
    found = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        place = next((place for place, word in enumerate(words) if word.startswith(("ssh-", "ecdsa-"))), None)
        if place is None or len(words) <= place + 1:
            raise ValueError("a host key is written as 'ssh-ed25519 AAAA…', as ssh-keyscan prints it")
        try:
            base64.b64decode(words[place + 1], validate=True)
        except binascii.Error as error:
            raise ValueError("a host key is written as 'ssh-ed25519 AAAA…', as ssh-keyscan prints it") from error
        found.append(f"{words[place]} {words[place + 1]}")
    return tuple(found)


def private_key(text: str) -> PKey:
    """Return a private key from its OpenSSH or PEM text.

    Raises:
        Refused: It is none that can be used.
    """
    from paramiko import ECDSAKey, Ed25519Key, RSAKey  # noqa: PLC0415 - only where a key is used

    for kind in (Ed25519Key, ECDSAKey, RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (SSHException, ValueError, IndexError):
            continue
    raise Refused("The connection's private key cannot be read: enter an OpenSSH key without a pass phrase.")
