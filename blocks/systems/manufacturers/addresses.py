"""Which addresses may be asked: http(s), hosts that the settings name, and no machine inside one's own network.

A host's name is resolved once, the addresses are judged, and the connection goes to the address that was judged: what
the name points to a moment later plays no part.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from blocks.errors import Refused, TryAgainLater

_KEPT_SECONDS = 60.0
_PORTS = {"http": 80, "https": 443}
_LONGEST = 2000
_TRANSLATING = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""RFC 6052, RFC 8215: IPv6 addresses that a gateway turns into the IPv4 address at their end."""

_INSIDE = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("fec0::/10"))
"""RFC 6890, RFC 3879: not public either, though ``is_global`` says so of most; a cloud keeps its metadata in one."""

Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one request goes: the host as the address names it, and the numeric address that was judged."""

    scheme: str
    host: str
    port: int
    address: str

    @property
    def netloc(self) -> str:
        """Return host and port as a Host header says them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if _PORTS[self.scheme] == self.port else f"{name}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Addresses:
    """The addresses that one connection may ask."""

    def __init__(self, hosts: Collection[str], local: Collection[str] = (), *, look_up: Resolve = resolve) -> None:
        """Take what the settings allow.

        Args:
            hosts: Names of hosts; one that begins with a dot stands for all below it.
            local: Exact 'host:port' of servers inside one's own network that may be asked nevertheless.
            look_up: Gives the numeric addresses of a name.
        """
        self._hosts = frozenset(host.lower() for host in hosts)
        self._local = frozenset(place.lower() for place in local)
        self._look_up, self._lock = look_up, threading.Lock()
        self._known: dict[tuple[str, int], tuple[float, str]] = {}

    def objection(self, url: str) -> str:
        """Say why an address must not be asked, without looking its host up; empty when it may."""
        try:
            _scheme, host, port = _parts(url)
        except ValueError as error:
            return str(error)
        if f"{host}:{port}" in self._local or host in self._hosts:
            return ""
        if any(name.startswith(".") and host.endswith(name) for name in self._hosts):
            return ""
        return f"the host '{host[:80]}' is not among those this connection may ask"

    def place(self, url: str) -> Place:
        """Return where a request for this address goes.

        Raises:
            Refused: It must not be asked: scheme, host, or an address inside one's own network.
            TryAgainLater: The host's name cannot be resolved now.
        """
        if objection := self.objection(url):
            raise Refused(f"An address is left alone because {objection}.")
        scheme, host, port = _parts(url)
        with self._lock:
            until, address = self._known.get((host, port), (0.0, ""))
        if until < time.monotonic():
            address = self._judged(host, port)
            with self._lock:
                self._known[host, port] = (time.monotonic() + _KEPT_SECONDS, address)
        return Place(scheme, host, port, address)

    def _judged(self, host: str, port: int) -> str:
        try:
            found = list(self._look_up(host, port))
        except (OSError, UnicodeError) as error:
            raise TryAgainLater(f"The host '{host}' cannot be found; it will be tried again.") from error
        if not found:
            raise TryAgainLater(f"The host '{host}' has no address; it will be tried again.")
        if f"{host}:{port}" not in self._local and any(is_inside(address) for address in found):
            raise Refused(
                f"The host '{host}' points into a private network. If it is a server of your own, name it as"
                f" '{host}:{port}' among the local servers of this connection."
            )
        return found[0]


def is_inside(address: str) -> bool:
    """Return whether a numeric address is anything but a public one: private, loopback, link-local, multicast."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _TRANSLATING):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_inside(str(inner))
    if any(found in network for network in _INSIDE):
        return True
    return not found.is_global or found.is_multicast or found.is_reserved


def _parts(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port. Raises ValueError with the reason why there are none."""
    if len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise ValueError("it is no usable web address")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError as error:
        raise ValueError("it is no usable web address") from error
    if parts.scheme not in _PORTS:
        raise ValueError("it begins neither with https:// nor with http://")
    if not host or "@" in parts.netloc or port == 0:
        raise ValueError("it names no host, or holds a user name")
    return parts.scheme, host, port or _PORTS[parts.scheme]
