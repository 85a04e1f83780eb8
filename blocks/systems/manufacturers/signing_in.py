"""How a connection proves who asks, to one host alone: header, query parameter, Basic, OAuth 2 client credentials."""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

from blocks.errors import Refused
from blocks.systems.http import open_client, send
from blocks.systems.manufacturers.addresses import Addresses

Secrets = Callable[[str], tuple[Mapping[str, str], Mapping[str, str]]]
"""Address → headers and query parameters that prove who asks."""
_EARLY = 60.0
"""Seconds before its end from which a token is not used any more."""
_SHORTEST, _LONGEST = 30.0, 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the settings of a connection say."""

    sign_in: str
    user: str = ""
    secret: str = field(default="", repr=False)
    name: str = ""
    token_url: str = ""
    scope: str = ""


def signer(given: Credentials, url: str, *, system: str, addresses: Addresses, timeout: float) -> Secrets:
    """Return what gives the proof for addresses at the host of ``url``, and nothing for any other."""
    own = _origin(url)
    proof = _proof(given, system, addresses, timeout)
    return lambda address: proof() if _origin(address) == own else ({}, {})


def _proof(
    given: Credentials, system: str, addresses: Addresses, timeout: float
) -> Callable[[], tuple[Mapping[str, str], Mapping[str, str]]]:
    if given.sign_in == "oauth2":
        tokens = _Tokens(given, system, addresses, timeout)
        return lambda: ({"Authorization": f"Bearer {tokens.current()}"}, {})
    basic = base64.b64encode(f"{given.user}:{given.secret}".encode()).decode()
    always: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
        "bearer": ({"Authorization": f"Bearer {given.secret}"}, {}),
        "header": ({given.name: given.secret}, {}),
        "query": ({}, {given.name: given.secret}),
        "basic": ({"Authorization": f"Basic {basic}"}, {}),
    }
    found = always.get(given.sign_in, ({}, {}))
    return lambda: found


class _Tokens:
    """Fetches a token when there is none that is still good; threads share it."""

    def __init__(self, given: Credentials, system: str, addresses: Addresses, timeout: float) -> None:
        self._given, self._system, self._addresses, self._timeout = given, system, addresses, timeout
        self._lock, self._token, self._until = threading.Lock(), "", 0.0

    def current(self) -> str:
        with self._lock:
            if time.monotonic() >= self._until:
                self._token, seconds = self._fetched()
                self._until = time.monotonic() + seconds
            return self._token

    def _fetched(self) -> tuple[str, float]:
        self._addresses.place(self._given.token_url)  # refuses addresses inside one's own network
        parts = urlsplit(self._given.token_url)
        form = {"grant_type": "client_credentials", **({"scope": self._given.scope} if self._given.scope else {})}
        body = "&".join(f"{name}={quote_plus(value)}" for name, value in form.items())
        auth = (quote_plus(self._given.user), quote_plus(self._given.secret))  # RFC 6749 2.3.1
        with open_client(f"{parts.scheme}://{parts.netloc}", timeout=self._timeout, auth=auth) as client:
            answer = send(
                client, "POST", parts.path or "/", system=self._system, content=body, limit=1 << 20,
                headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            )  # fmt: skip
        try:
            said = answer.json()
            token, seconds = str(said["access_token"]), float(said.get("expires_in", 300))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused(f"{self._system}: the answer for a token holds none; check the token address.") from error
        return token, min(max(seconds - _EARLY, _SHORTEST), _LONGEST)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
