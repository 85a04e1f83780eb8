"""The one way SOMS speaks HTTP: strict time-outs, a size limit, and errors named by what to do next."""

import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import metadata
from typing import Any

import httpx

from blocks.errors import Refused, SomsError, TryAgainLater, Unreadable
from blocks.systems.pace import take_turn

BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of a decoded answer beyond which reading stops."""

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a longer Retry-After is cut to this, so that a wrong header cannot silence a connection for weeks."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_WHOLE_ANSWER_FACTOR = 10  # an answer dripping in byte by byte keeps every single read within its time-out

_DENIED = {
    401: "check the credentials of this connection",
    403: "give the API user the permission for this, or ask the other side to",
    421: "use an https:// address for this connection",
}


def open_client(
    base_url: str,
    *,
    timeout: float = 30.0,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> httpx.Client:
    """Open a client for one system; close it after use (``with``).

    It follows no redirects (credentials must not travel to another host) and takes no proxy and no ``.netrc``
    from the environment.

    Args:
        base_url: Address every path is joined to.
        timeout: Seconds for each of connecting (at most 10), writing, reading a piece, waiting for a free connection.
        headers: Sent with each request, beside SOMS's own User-Agent.
        auth: User and password for HTTP Basic.
    """
    try:
        return httpx.Client(
            base_url=base_url,
            auth=httpx.BasicAuth(*auth) if auth else None,
            headers={"User-Agent": user_agent(), **(headers or {})},
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            http2=False,
            verify=trusted(),
            trust_env=False,
            follow_redirects=False,
        )
    except httpx.InvalidURL as error:
        raise Refused("The address of this connection is not a valid URL: correct it in its settings.") from error


@cache
def trusted() -> ssl.SSLContext:
    """Load the trusted certificates once, for it costs more than an idle poll; SSL_CERT_FILE may name others."""
    return httpx.create_ssl_context(trust_env=True)


@cache
def user_agent() -> str:
    """Return the name SOMS gives itself, e.g. ``SOMS/0.1.0``."""
    try:
        return f"SOMS/{metadata.version('soms')}"
    except metadata.PackageNotFoundError:
        return "SOMS"


def send(
    client: httpx.Client,
    method: str,
    path: str,
    *,
    system: str,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    content: bytes | str | Iterable[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    passing: Collection[int] = (),
    limit: int = BODY_LIMIT,
) -> httpx.Response:
    """Send one request and return its answer, read in full.

    Args:
        client: From :func:`open_client`.
        method: HTTP method.
        path: Below the client's base address; never put personal data or secrets into it.
        system: What the other side is called in error sentences, e.g. ``Smartstore 'berlin'``.
        params: Query parameters; their values never appear in an error.
        json: Body to be sent as JSON.
        content: Body to be sent as it is; an open file is read piece by piece.
        headers: For this request alone.
        passing: Statuses from 300 up that the caller judges itself.
        limit: Largest decoded body in bytes.

    Raises:
        TryAgainLater: No or no whole answer, 408, 429 or 5xx; ``maybe_done`` for a write that may have arrived.
        Refused: Redirect, 4xx, an unusable address or certificate.
        Unreadable: The body is larger than ``limit``.
    """
    call = f"{system}: {method} {path.partition('?')[0]}"
    try:
        request = client.build_request(method, path, params=params, json=json, content=content, headers=headers)
        response = _read_within(client, request, limit, call)
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise no_answer(error, call, write=method.upper() not in _SAFE_METHODS) from error
    if response.is_success or response.status_code in passing:
        return response
    raise status_error(response, call)


def _read_within(client: httpx.Client, request: httpx.Request, limit: int, call: str) -> httpx.Response:
    take_turn()
    deadline = time.monotonic() + _WHOLE_ANSWER_FACTOR * (client.timeout.read or 60.0)
    response = client.send(request, stream=True)
    try:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > limit:
                raise Unreadable(f"{call} sent more than {limit} bytes; SOMS stopped reading.")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the whole answer took too long", request=request)
    finally:
        response.close()
    # The body is decoded by now: headers that describe its form on the wire would make httpx decode it again.
    wire = {"content-encoding", "content-length", "transfer-encoding"}
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in wire]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def no_answer(error: Exception, call: str, *, write: bool) -> SomsError:
    """Return the error that a request without a (whole) answer means; ``write`` says that it may have had an effect."""
    if _certificate_failed(error):
        return Refused(f"{call} failed: the server's TLS certificate is not trusted; have it renewed or corrected.")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        return Refused(f"{call} could not be sent: correct the address in the settings of this connection.")
    arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    what = "no whole answer in time" if isinstance(error, httpx.TimeoutException) else "the connection broke"
    if not arrived:
        what = "could not connect"
    return TryAgainLater(f"{call} got no answer ({what}); it will be tried again.", maybe_done=write and arrived)


def _certificate_failed(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def status_error(response: httpx.Response, call: str, *, said: str = "") -> SomsError:
    """Return the error that an unsuccessful status means.

    Args:
        response: The answer.
        call: System, method and path, as they shall stand in the sentence.
        said: A short, harmless text of the other side to quote; never a stack trace or personal data.
    """
    status = response.status_code
    quoted = f" ('{said}')" if said else ""
    write = response.request.method.upper() not in _SAFE_METHODS
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return TryAgainLater(f"{call} answered 429, too many requests{quoted}.", retry_after=retry_after(response))
    if status == httpx.codes.REQUEST_TIMEOUT or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        text = f"{call} answered {status}{quoted}; it will be tried again."
        return TryAgainLater(text, retry_after=retry_after(response), maybe_done=write)
    if status in _DENIED:
        return Refused(f"{call} answered {status}{quoted}: {_DENIED[status]}.")
    if status < httpx.codes.BAD_REQUEST:
        return Refused(f"{call} answered {status}, a redirect: use the final address in the settings.")
    return Refused(f"{call} answered {status}{quoted}: the request was not accepted.")


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds the other side asked to wait (RFC 9110 10.2.3: seconds or a date); None if it did not say."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    due, now = _http_date(text), _http_date(response.headers.get("Date", "")) or datetime.now(UTC)
    return min(max((due - now).total_seconds(), 0.0), LONGEST_WAIT) if due else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
