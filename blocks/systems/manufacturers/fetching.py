"""One conditional GET of an address from outside: judged at every redirect, cut off at its limits, never a cookie."""

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.http import no_answer, status_error, trusted
from blocks.systems.manufacturers.addresses import Addresses, Place

MOST_REDIRECTS = 5
_WHOLE_ANSWER_FACTOR = 4  # an answer dripping in byte by byte keeps every single read within its time-out
_PIECE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_LONGEST_VALIDATOR = 500


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one address.

    Attributes:
        url: Without credentials.
        etag: Of the content that is kept; the answer may be 304.
        last_modified: The same, for servers that know no ETag.
        accepts: Beginnings of media types that can be meant; empty for any.
        first: Only so many bytes are wanted: what follows is not read, however long it is; 0 for all.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    accepts: tuple[str, ...] = ()
    first: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address answered: 200 with its bytes, 304, 404 or 410.

    ``url`` is the address that gave it after redirects; ``wire`` the bytes of bodies as they came.
    """

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: int = 0

    @property
    def content_type(self) -> str:
        """Return the media type with its parameters, as sent."""
        return self.headers.get("content-type", "")[:200]

    def validator(self, name: str) -> str:
        """Return the header that makes the next request conditional; empty where there is none of use."""
        found = self.headers.get(name, "")
        return found if len(found) <= _LONGEST_VALIDATOR and found.isprintable() else ""


class Fetcher:
    """Asks the addresses of one connection; threads may share it. Close it after use.

    Attributes:
        wire: Bytes of bodies as they came, those of refused answers included.
        asked: Requests that were answered.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        system: str,
        headers: Mapping[str, str],
        secrets: Callable[[str], tuple[Mapping[str, str], Mapping[str, str]]] = lambda _url: ({}, {}),
        before: Callable[[str], None] = lambda _url: None,
        timeout: float = 30.0,
        limit: int = 16 * _PIECE,
        connections: int = 8,
    ) -> None:
        """Connect to nothing yet.

        Args:
            addresses: Which may be asked.
            system: What the other side is called in error sentences.
            headers: Sent with each request.
            secrets: Gives headers and query parameters that prove who asks; called with each address anew, so that it
                gives none to another host.
            before: Called with each address just before it is asked, also after redirects: waits for its turn, or
                raises why it must not be asked.
            timeout: Seconds for each step; four times as much for a whole answer.
            limit: Largest decoded body in bytes.
            connections: At most so many to one host.
        """
        self._addresses, self._system, self._headers = addresses, system, dict(headers)
        self._secrets, self._before, self._timeout, self._limit = secrets, before, timeout, limit
        self._bounds = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._ways: dict[Place, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()
        self.wire = self.asked = 0

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for way in self._ways.values():
                way.close()
            self._ways.clear()

    def get(self, question: Question) -> Answer:
        """Ask one address.

        Raises:
            TryAgainLater: No or no whole answer, 408, 429 or 5xx.
            Refused: It must not be asked, leads in circles or elsewhere, or 4xx.
            Unreadable: Too large, packed in an unknown way, or of another media type.
        """
        url, wire = question.url, 0
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(url, question)
            wire += answer.wire
            if answer.status not in _REDIRECTS:
                return Answer(answer.status, url, answer.body, answer.headers, wire)
            url = self._further(url, answer.headers.get("location", ""))
        raise Refused(f"{self._named(question.url)} leads on through more than {MOST_REDIRECTS} redirects.")

    def _further(self, url: str, location: str) -> str:
        try:
            target = urljoin(url, location)
        except ValueError:
            target = ""
        if not location or not target:
            raise Refused(f"{self._named(url)} redirects to nowhere.")
        if url.startswith("https:") and not target.startswith("https:"):
            raise Refused(f"{self._named(url)} redirects to an address without encryption, which SOMS does not follow.")
        if objection := self._addresses.objection(target):
            raise Refused(f"{self._named(url)} redirects to an address that is left alone: {objection}.")
        return target

    def _once(self, url: str, question: Question) -> Answer:
        place = self._addresses.place(url)
        self._before(url)
        request = self._request(url, place, question)
        call = self._named(url)
        try:
            with closing(self._way(place).handle_request(request)) as response:
                response.request = request
                with self._lock:
                    self.asked += 1
                return self._taken(response, question, call)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise no_answer(error, call, write=False) from error

    def _request(self, url: str, place: Place, question: Question) -> httpx.Request:
        headers, parameters = self._secrets(url)
        address = httpx.URL(url)
        if parameters:
            address = address.copy_merge_params(parameters)
        sent = {**self._headers, "Host": place.netloc, "Accept-Encoding": "gzip", **headers}
        if question.etag:
            sent["If-None-Match"] = question.etag
        if question.last_modified:
            sent["If-Modified-Since"] = question.last_modified
        step = self._timeout
        timeout = {"connect": min(step, 10.0), "read": step, "write": step, "pool": step}
        return httpx.Request(
            "GET",
            address.copy_with(host=place.address, fragment=None),
            headers=sent,
            extensions={"timeout": timeout, "sni_hostname": place.host},
        )

    def _way(self, place: Place) -> httpx.HTTPTransport:
        """Return the connections to one host at one address: none is shared with another host at that address."""
        with self._lock:
            if place not in self._ways:
                verify = trusted() if place.scheme == "https" else False
                self._ways[place] = httpx.HTTPTransport(verify=verify, trust_env=False, limits=self._bounds)
            return self._ways[place]

    def _taken(self, response: httpx.Response, question: Question, call: str) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status_code
        if status == httpx.codes.OK:
            self._insist(headers, question, call)
            body, wire = self._body(response, headers.get("content-encoding", ""), call, question.first)
            return Answer(status, question.url, body, headers, wire)
        if status == httpx.codes.NOT_MODIFIED and not (question.etag or question.last_modified):
            raise Unreadable(f"{call} answered 304, not modified, although nothing was known of it before.")
        if status in _REDIRECTS or status in _GONE or status == httpx.codes.NOT_MODIFIED:
            return Answer(status, question.url, headers=headers)
        if response.is_success:
            raise Unreadable(f"{call} answered {status}, which holds no content that SOMS could keep.")
        raise status_error(response, call)

    def _insist(self, headers: Mapping[str, str], question: Question, call: str) -> None:
        kind, accepts = headers.get("content-type", "").lower(), question.accepts
        if accepts and kind and not kind.startswith(tuple(accepts)):
            raise Unreadable(f"{call} sent '{kind[:60]}' where {' or '.join(accepts)} was expected.")
        size = headers.get("content-length", "")
        if not question.first and size.isascii() and size.isdigit() and int(size) > self._limit:
            raise self._too_large(call)

    def _body(self, response: httpx.Response, encoding: str, call: str, first: int) -> tuple[bytes, int]:
        if encoding.lower() not in ("", "identity", "gzip", "x-gzip"):
            raise Unreadable(f"{call} sent a body packed as '{encoding[:40]}', which was not asked for.")
        deadline = time.monotonic() + _WHOLE_ANSWER_FACTOR * self._timeout
        body, wire = bytearray(), 0
        unpacked = _unzipped if "gzip" in encoding.lower() else _as_is
        try:
            for piece, taken in unpacked(response.iter_raw(), self._limit):
                body += piece
                wire += taken
                if first and len(body) >= first:
                    del body[first:]
                    break
                if len(body) > self._limit:
                    raise self._too_large(call)
                if time.monotonic() > deadline:
                    raise TryAgainLater(f"{call} took too long for a whole answer; it will be tried again.")
        except zlib.error as error:
            raise Unreadable(f"{call} sent a body whose packing is broken.") from error
        finally:
            with self._lock:
                self.wire += wire
        return bytes(body), wire

    def _too_large(self, call: str) -> Unreadable:
        return Unreadable(f"{call} sent more than {self._limit // _PIECE} MB; SOMS stopped reading.")

    def _named(self, url: str) -> str:
        return f"{self._system}: GET {urlsplit(url).path[:200]}"


def _as_is(pieces: Iterator[bytes], _limit: int) -> Iterator[tuple[bytes, int]]:
    for piece in pieces:
        yield piece, len(piece)


def _unzipped(pieces: Iterator[bytes], limit: int) -> Iterator[tuple[bytes, int]]:
    """Unpack piece by piece, no more than a megabyte at once: a bomb is noticed before it has gone off."""
    opened = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece in pieces:
        taken, rest = len(piece), piece
        while rest and not opened.eof:
            yield opened.decompress(rest, min(limit + 1, _PIECE)), taken
            taken, rest = 0, opened.unconsumed_tail
    if not opened.eof:
        raise zlib.error("the packing ends too early")
