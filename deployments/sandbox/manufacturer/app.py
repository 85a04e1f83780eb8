"""The manufacturer as an ASGI application: site, API, files, and admin addresses for what it does wrong.

``POST /admin/quirks`` adds quirks (see ``quirks.NAMES``), ``DELETE`` clears them; ``POST /admin/revise`` changes
products; ``GET /admin/truth/{mpn}`` says what is true of one. HTTP faults as in ``deployments.sandbox.faults``.
"""

import base64
import gzip
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from deployments.sandbox.faults import Faults
from deployments.sandbox.manufacturer import files
from deployments.sandbox.manufacturer.pages import page
from deployments.sandbox.manufacturer.products import Range, Truth
from deployments.sandbox.manufacturer.quirks import PROMPT, Quirks
from deployments.sandbox.manufacturer.sheets import picture, sheet

API_KEY = "sandbox-key-of-nordlicht"
CLIENT, CLIENT_SECRET, TOKEN = "sandbox-client", "sandbox-client-secret", "sandbox-token"
SITEMAP_PART = 5000
_GIGABYTE = 1 << 30
_PIECE = b"<p>mehr davon</p>" * 4096


class Manufacturer:
    """One manufacturer: its products and what it does wrong."""

    def __init__(self, products: Range, *, crawl_delay: float = 0.0) -> None:
        """Behave."""
        self.products, self.crawl_delay, self.quirks = products, crawl_delay, Quirks()
        self.cookies_seen = 0

    def application(self) -> ASGIApp:
        """Return the whole, with the faults around it."""
        product = "{mpn:str}"
        routes = [
            Route("/health", lambda _: JSONResponse({"status": "ok"})),
            Route("/robots.txt", self.robots),
            Route("/sitemap.xml", self.sitemap_index),
            Route("/sitemap-{part:int}.xml", self.sitemap),
            Route(f"/produkte/{product}.html", self.shown("site", "text/html; charset=utf-8", self._page)),
            Route(f"/datenblatt/{product}.pdf", self.shown("sheet", "application/pdf", lambda _, found: sheet(found))),
            Route(f"/bilder/{product}.png", self.shown("site", "image/png", lambda _, found: picture(found))),
            Route("/api/v1/products", self.api_list),
            Route("/api/v1/gtin/{gtin:str}", self.api_by_gtin),
            Route(f"/api/v1/products/{product}", self.shown("api", "application/json", self._entry)),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/files/katalog.xml", self.catalogue),
            Route("/files/preisliste.csv", self.price_list),
            Route("/intern/{rest:path}", lambda _: Response("<html>intern</html>", media_type="text/html")),
            Route("/admin/quirks", self.admin_quirks, methods=["GET", "POST", "DELETE"]),
            Route("/admin/revise", self.admin_revise, methods=["POST"]),
            Route("/admin/truth/{mpn:str}", self.admin_truth),
            Route("/admin/cookies", lambda _: JSONResponse({"seen": self.cookies_seen})),
        ]
        return Faults(Starlette(routes=routes))

    def shown(
        self, channel: str, kind: str, written: Callable[[str, Truth], bytes]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers for one product: conditionally, and wrongly where a quirk says so."""

        async def answer(request: Request) -> Response:
            if channel == "api" and not _allowed(request):
                return JSONResponse({"error": "unauthorised"}, 401)
            mpn = request.path_params["mpn"]
            product = self.products.find(mpn)
            if product is None or self._missing(product, channel) or self.quirks.says("gone", channel, mpn):
                return Response("Nicht gefunden", 404)
            self.cookies_seen += "cookie" in request.headers
            wrong = self._wrong(request, channel, mpn)
            if wrong is not None:
                return wrong
            revision = self.quirks.revised.get(mpn, 0)
            tag = f'"{channel}-{mpn}-{revision}-{self.quirks.version}"'
            shown = self.quirks.shown(product, channel)
            return self._conditional(
                request, tag, kind, lambda: written(_base(request), shown), channel=channel, mpn=mpn
            )

        return answer

    def _missing(self, product: Truth, channel: str) -> bool:
        return product.number % 2 == 1 and self.quirks.says("half_missing", channel)

    def _conditional(
        self, request: Request, tag: str, kind: str, body: Callable[[], bytes], *, channel: str = "site", mpn: str = ""
    ) -> Response:
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if self.quirks.says("sets_cookies", channel, mpn):
            headers["Set-Cookie"] = "session=abc; Path=/"
        if self.quirks.says("no_validators", channel, mpn):
            headers.pop("ETag")
        elif request.headers.get("if-none-match") == tag or self.quirks.says("only_304", channel, mpn):
            return Response(status_code=304, headers=headers)
        return Response(body(), 200, headers, kind)

    def _wrong(self, request: Request, channel: str, mpn: str) -> Response | None:
        """Return what a quirk answers instead of the product."""
        turn = int(request.query_params.get("turn", "0")) + 1
        kind = "application/pdf" if channel == "sheet" else "text/html"
        answers: dict[str, Callable[[], Response]] = {
            "endless_redirect": lambda: RedirectResponse(f"{request.url.path}?turn={turn}", 302),
            "private_redirect": lambda: RedirectResponse("http://169.254.169.254/latest/meta-data/", 302),
            "foreign_redirect": lambda: RedirectResponse("https://elsewhere.example/", 302),
            "huge_page": lambda: StreamingResponse(_pieces(), media_type=kind),
            "gzip_bomb": lambda: Response(_bomb(), 200, {"Content-Encoding": "gzip"}, kind),
            "wrong_type": lambda: Response(b"\0" * 100, 200, media_type="video/mp4"),
        }
        return next((answer() for name, answer in answers.items() if self.quirks.says(name, channel, mpn)), None)

    def _page(self, base: str, product: Truth) -> bytes:
        return page(product, base, self.quirks)

    def _entry(self, base: str, product: Truth) -> bytes:
        return json.dumps(self._said(base, product), ensure_ascii=False).encode()

    def _said(self, base: str, product: Truth) -> dict[str, object]:
        text = f"{product.text} {PROMPT}" if self.quirks.says("prompt_text", "api", product.mpn) else product.text
        return {
            "id": product.mpn,
            "identifiers": [{"type": "gtin", "value": product.gtin}, {"type": "mpn", "value": product.mpn}],
            "names": {"de": product.name, "en": product.english_name},
            "category": product.category,
            "price": {"amount": float(product.price), "currency": "EUR"},
            "texts": {"long": {"de": text, "en": product.english_text}},
            "technicalData": [
                {"name": each.name, "value": each.value, "unit": each.unit} for each in product.all_features()
            ],
            "media": [
                {"type": "image", "url": f"{base}/bilder/{product.mpn}.png"},
                {"type": "sheet", "url": f"{base}/datenblatt/{product.mpn}.pdf"},
            ],
        }

    def api_list(self, request: Request) -> Response:
        """List products by page, offset or cursor, with a Link header and the number of all."""
        if not _allowed(request):
            return JSONResponse({"error": "unauthorised"}, 401)
        query = request.query_params
        size = min(max(int(query.get("size", "100")), 1), 1000)
        if "cursor" in query or "offset" in query:
            first = int(query.get("cursor") or query.get("offset") or "0")
        else:
            first = (max(int(query.get("page", "1")), 1) - 1) * size
        endless = self.quirks.says("endless_list", "api")
        start = first % len(self.products) if endless else first
        shown = [
            self.quirks.shown(self.products[number], "api")
            for number in range(start, min(start + size, len(self.products)))
        ]
        shown = [product for product in shown if not self._missing(product, "api")]
        full = query.get("full") == "1"
        entries = [self._said(_base(request), each) if full else _short(each) for each in shown]
        more = endless or first + size < len(self.products)
        following = str(request.url.include_query_params(cursor=first + size)) if more else ""
        said: dict[str, object] = {"items": entries, "next": str(first + size) if more else None}
        if not endless:
            said["total"] = len(self.products)
        tag = f'"list-{first}-{size}-{full}-{self.quirks.version}-{sum(self.quirks.revised.values()) if full else 0}"'
        answer = self._conditional(
            request, tag, "application/json", lambda: json.dumps(said, ensure_ascii=False).encode(), channel="api"
        )
        if following:
            answer.headers["Link"] = f'<{following}>; rel="next"'
        return answer

    async def api_by_gtin(self, request: Request) -> Response:
        """Answer for one product by its GTIN."""
        product = self.products.by_gtin(request.path_params["gtin"])
        if product is None:
            return JSONResponse({"error": "unknown"}, 404)
        request.path_params["mpn"] = product.mpn
        return await self.shown("api", "application/json", self._entry)(request)

    async def token(self, request: Request) -> Response:
        """Give a token for client credentials (RFC 6749 4.4)."""
        wanted = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        body = (await request.body()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}" or "client_credentials" not in body:
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    def robots(self, request: Request) -> Response:
        """Say what robots may ask."""
        delay = f"Crawl-delay: {self.crawl_delay:g}\n" if self.crawl_delay else ""
        text = f"User-agent: *\n{delay}Disallow: /intern/\nSitemap: {_base(request)}/sitemap.xml\n"
        return self._conditional(request, f'"robots-{self.crawl_delay}"', "text/plain", text.encode)

    def sitemap_index(self, request: Request) -> Response:
        """List the parts of the sitemap."""
        base, parts = _base(request), -(-len(self.products) // SITEMAP_PART)
        entries = "".join(f"<sitemap><loc>{base}/sitemap-{part}.xml</loc></sitemap>" for part in range(1, parts + 1))
        text = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'
        return self._conditional(request, f'"map-{self.quirks.version}"', "application/xml", text.encode)

    def sitemap(self, request: Request) -> Response:
        """List the pages of one part, and one that robots must not visit."""
        base, part = _base(request), request.path_params["part"]

        def written() -> bytes:
            first = (part - 1) * SITEMAP_PART
            numbers = range(first, min(first + SITEMAP_PART, len(self.products)))
            shown = [self.products[number] for number in numbers]
            entries = "".join(
                f"<url><loc>{base}/produkte/{each.mpn}.html</loc></url>"
                for each in shown
                if not self._missing(each, "site")
            )
            extra = f"<url><loc>{base}/intern/geheim.html</loc></url>" if part == 1 else ""
            text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}{extra}</urlset>'
            return text.encode()

        return self._conditional(request, f'"map-{part}-{self.quirks.version}"', "application/xml", written)

    def _in_files(self) -> Iterator[Truth]:
        return (self.quirks.shown(each, "file") for each in self.products if not self._missing(each, "file"))

    def catalogue(self, _: Request) -> Response:
        """Send the BMEcat catalogue."""
        return StreamingResponse(files.bmecat(self._in_files()), media_type="application/xml")

    def price_list(self, _: Request) -> Response:
        """Send the price list."""
        return StreamingResponse(files.price_list(self._in_files()), media_type="text/csv")

    async def admin_quirks(self, request: Request) -> Response:
        """Add, clear or list quirks."""
        if request.method == "DELETE":
            self.quirks.clear()
        elif request.method == "POST":
            try:
                self.quirks.read(await request.json())
            except ValueError as error:
                return JSONResponse({"error": str(error)}, 400)
        return JSONResponse([asdict(each) for each in self.quirks.in_force])

    async def admin_revise(self, request: Request) -> Response:
        """Change products: a list of part numbers; each gets a feature more."""
        for mpn in await request.json():
            self.quirks.revised[mpn] = self.quirks.revised.get(mpn, 0) + 1
        return JSONResponse(self.quirks.revised)

    def admin_truth(self, request: Request) -> Response:
        """Say what is true of a product."""
        product = self.products.find(request.path_params["mpn"])
        if product is None:
            return JSONResponse({"error": "unknown"}, 404)
        features = [asdict(each) for each in product.all_features()]
        return JSONResponse({**json.loads(json.dumps(asdict(product), default=str)), "features": features})


def _short(product: Truth) -> dict[str, object]:
    return {"id": product.mpn, "gtin": product.gtin, "name": product.name}


def _allowed(request: Request) -> bool:
    given = request.headers
    return given.get("x-api-key") == API_KEY or given.get("authorization") == f"Bearer {TOKEN}"


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _pieces() -> Iterator[bytes]:
    sent = 0
    while sent < _GIGABYTE:
        yield _PIECE
        sent += len(_PIECE)


@cache
def _bomb() -> bytes:
    """Return 32 MB of one letter, packed."""
    return gzip.compress(b"a" * (_GIGABYTE // 32), 1)
