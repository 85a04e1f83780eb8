"""A reverse proxy with faults: ``python -m deployments.sandbox.proxy --port 8802 --target http://127.0.0.1:8000``.

Bodies, headers and encodings pass untouched; only what belongs to one hop is left out.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deployments.sandbox.faults import Faults
from deployments.sandbox.serving import serve

_ONE_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade",
}  # fmt: skip
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(target: str) -> ASGIApp:
    """Return the proxy in front of ``target``, an address without path."""
    client = httpx.AsyncClient(timeout=None, trust_env=False)  # noqa: S113 - how long to wait is the caller's to say

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "target": target})

    async def passed_on(request: Request) -> Response:
        return await _forward(client, target, request)

    routes = [Route("/health", health), Route("/{path:path}", passed_on, methods=_METHODS)]
    return Faults(Starlette(routes=routes, lifespan=lifespan))


async def _forward(client: httpx.AsyncClient, target: str, request: Request) -> Response:
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    address = httpx.URL(target).copy_with(raw_path=path + (b"?" + query if query else b""))
    # A request of its own making, because the client would add headers that the caller did not send.
    headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1").lower() not in _ONE_HOP]
    passed = httpx.Request(request.method, address, headers=headers, content=await request.body())
    try:
        answer = await client.send(passed, stream=True)
        body = b"".join([part async for part in answer.aiter_raw()])
    except httpx.TransportError as error:
        return Response(f"The target does not answer: {type(error).__name__}", 502, media_type="text/plain")
    response = Response(body, answer.status_code)
    response.raw_headers = [pair for pair in answer.headers.raw if pair[0].decode("latin-1").lower() not in _ONE_HOP]
    return response


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m deployments.sandbox.proxy", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", required=True, help="address to pass requests on to, such as http://127.0.0.1:8000")
    given = parser.parse_args()
    serve(application(given.target), given.host, given.port)


if __name__ == "__main__":
    main()
