"""The shop as an ASGI application."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from deployments.sandbox.faults import Faults
from deployments.sandbox.shop.access import Settings, authenticate, refused, shop_headers
from deployments.sandbox.shop.admin import Admin
from deployments.sandbox.shop.assortment import rows
from deployments.sandbox.shop.batch import answer_batch
from deployments.sandbox.shop.entities import entities
from deployments.sandbox.shop.reading import View
from deployments.sandbox.shop.service import Call, answer
from deployments.sandbox.shop.store import Store
from deployments.sandbox.shop.values import Refusal

_SERVICE = "/odata/v1/"


def opened(path: Path, version: str = "6.4") -> Store:
    """Open the shop's file; a new one is filled with the range and the master data."""
    store = Store(path, entities(version))
    if not store.tables["Products"].rows:
        with store.transaction():
            for set_name, row in rows():
                store.insert(set_name, row)
    return store


def application(store: Store, settings: Settings, seed: int = 1) -> ASGIApp:
    """Return the whole shop: service, admin addresses and, around both, the faults."""

    async def service(request: Request) -> Response:
        return _served(store, settings, request, await request.body())

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def sorry(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, getattr(error, "status", 500))

    methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
    routes = [Route(_SERVICE + "{path:path}", service, methods=methods), Route("/health", health)]
    routes += Admin(store, settings, seed).routes()
    return Faults(Starlette(routes=routes, exception_handlers={Refusal: sorry}))


def _served(store: Store, settings: Settings, request: Request, body: bytes) -> Response:
    known = False
    try:
        authenticate(settings, request.url.scheme, request.headers)
        known = True
        path = request.path_params["path"]
        if path == "$batch" and request.method == "POST":
            response = _batch(store, settings, request, body)
        else:
            response = _answered(
                store, settings, request, (request.method, path, request.query_params, request.headers, body)
            )
    except Refusal as error:
        response = refused(error, request.headers.get("accept", ""))
    response.headers.update(shop_headers(settings, known=known))
    return response


_Asked = tuple[str, str, Mapping[str, str], Mapping[str, str], bytes]
"""Method, path below the service, query, headers, body."""


def _answered(store: Store, settings: Settings, request: Request, asked: _Asked) -> Response:
    """Answer one call in a transaction of its own."""
    method, path, query, headers, body = asked
    base = f"{request.url.scheme}://{request.url.netloc}{_SERVICE}"
    view = View(store, base, request.scope.get("sandbox.commit_delay", 0.0))
    call = Call(method, path, f"{_SERVICE}{path}", query, headers, body, view)
    with store.transaction():
        return answer(call, settings)


def _batch(store: Store, settings: Settings, request: Request, body: bytes) -> Response:
    def carry(*asked: Any) -> Response:
        try:
            return _answered(store, settings, request, cast("_Asked", asked))
        except Refusal as error:
            return refused(error, "application/json")

    return answer_batch(request.headers, body, carry, stop_after=settings.batch_stops_after)
