"""Faults on demand for any ASGI application: slow, refused, cut, garbled, or deadly for a given process.

``POST /admin/faults`` adds faults, ``GET`` lists them with how often each has matched and fired, ``DELETE`` clears
them. ``GET /admin/requests`` lists the requests since the last ``DELETE /admin/requests``. Faults never touch these
addresses, nor ``/health``.
"""

import asyncio
import ipaddress
import os
import signal
from collections import deque
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.sandbox.fault_plan import BODY_KINDS, Fault, read_fault
from deployments.sandbox.garbling import garbled, skewed
from deployments.sandbox.serving import cut

_REMEMBERED = 100_000


class _Answer:
    """What the application answered, held back until the faults have had their turn."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 500, list[tuple[bytes, bytes]](), bytearray()

    async def take(self, message: Message) -> None:
        """Receive one message of the application."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def give(self, send: Send) -> None:
        """Send the answer on with a length that fits its body."""
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        if self.body or self.status not in (204, 304):
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body)})


class Faults:
    """Wraps an application; knows nothing of what it does."""

    def __init__(self, app: ASGIApp) -> None:
        """Start without faults."""
        self._app = app
        self._faults: list[Fault] = []
        self._log: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith("/admin/"):
            await self._administered(scope, receive, send)
        elif scope["path"] == "/health":
            await self._app(scope, receive, send)
        else:
            await self._faulty(scope, receive, send)

    async def _administered(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _on_this_machine(scope):
            await Response("Only from this machine.", 403)(scope, receive, send)
        elif scope["path"] == "/admin/faults":
            await (await self._set_faults(Request(scope, receive)))(scope, receive, send)
        elif scope["path"] == "/admin/requests":
            await self._requests(scope["method"])(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _set_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults = []
        elif request.method == "POST":
            try:
                given = await request.json()
                self._faults += [read_fault(each) for each in (given if isinstance(given, list) else [given])]
            except (ValueError, TypeError, KeyError) as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse([fault.shown() for fault in self._faults])

    def _requests(self, method: str) -> Response:
        if method == "DELETE":
            self._log.clear()
            self._count = 0
        return JSONResponse(list(self._log))

    async def _faulty(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        self._count += 1
        query = scope["query_string"].decode("latin-1")
        self._log.append({"n": self._count, "method": scope["method"], "path": scope["path"], "query": query})
        firing = [fault for fault in self._faults if fault.fires(scope["method"], _address(scope), body)]
        again = _replayed(body, receive)
        if not firing:
            await self._app(scope, again, send)
            return
        if await self._before(firing, scope, again, send):
            return
        answer = _Answer()
        await self._app(_prepared(scope, firing), again, answer.take)
        await self._after(firing, answer, scope, again, send)

    @staticmethod
    async def _before(firing: list[Fault], scope: Scope, receive: Receive, send: Send) -> bool:
        """Do what happens before the work; tell whether that was all."""
        for fault in firing:
            if fault.kind == "latency":
                await asyncio.sleep(fault.seconds)
        for fault in firing:
            if fault.kind in ("cut_before", "kill_before"):
                _kill(fault)
                await cut(scope, receive)
                return True
            if fault.kind in ("status", "rate_limit"):
                await _status(fault)(scope, receive, send)
                return True
        return False

    @staticmethod
    async def _after(firing: list[Fault], answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Do what happens once the work is done."""
        for fault in firing:
            if fault.kind in ("cut_after", "kill_after"):
                _kill(fault)
                await cut(scope, receive)
                return
            if fault.kind in BODY_KINDS:
                answer.body = bytearray(garbled(fault, bytes(answer.body)))
            if fault.kind == "clock_skew":
                answer.headers = skewed(answer.headers, fault.seconds)
        await answer.give(send)


def _on_this_machine(scope: Scope) -> bool:
    client = scope.get("client")
    return client is not None and ipaddress.ip_address(client[0]).is_loopback


def _address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def _kill(fault: Fault) -> None:
    if fault.pid:
        try:
            os.kill(fault.pid, signal.SIGKILL)
        except ProcessLookupError:
            fault.missed += 1  # it had ended already; the list of faults tells


def _status(fault: Fault) -> Response:
    if fault.kind == "rate_limit":
        return JSONResponse({"error": {"code": "429", "message": "Too many requests."}}, 429, {"Retry-After": "1"})
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.html:
        return Response(f"<html><body><h1>{fault.status}</h1></body></html>", fault.status, headers, "text/html")
    return JSONResponse({"error": {"code": str(fault.status), "message": "Set by the sandbox."}}, fault.status, headers)


def _prepared(scope: Scope, firing: list[Fault]) -> Scope:
    """Tell the application what it has to know: no compression when the body is changed, and the commit delay."""
    changed: dict[str, Any] = dict(scope)
    if any(fault.kind in BODY_KINDS for fault in firing):
        changed["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    delays = [fault.seconds for fault in firing if fault.kind == "commit_delay"]
    if delays:
        changed["sandbox.commit_delay"] = max(delays)
    return changed


async def _whole(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message: Mapping[str, Any] = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read once more, then what really comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
