"""Serving an ASGI application so that it can really cut a connection."""

import asyncio

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

CUT = "sandbox.cut"
"""Key in the scope of a function that drops the client's TCP connection at once."""


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which hands each request the means to drop its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        """Keep the transport where the application reaches it."""
        super().connection_made(transport)
        inner = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope[CUT] = transport.abort
            await inner(scope, receive, send)

        self.app = with_cut


async def cut(scope: Scope, receive: Receive) -> None:
    """Drop the client's connection and wait until it is gone, so that no answer can follow."""
    scope[CUT]()
    message: Message = {"type": "http.request"}
    while message["type"] != "http.disconnect":
        message = await receive()


def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; a slow request does not hold the end up for longer than a second."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        lifespan="auto",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run()
