"""Who may call the shop: authentication, permissions, and the headers and errors around every answer."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from deployments.sandbox.shop.options import MAX_TOP
from deployments.sandbox.shop.store import now
from deployments.sandbox.shop.values import Refusal

PUBLIC_KEY = "5a7d0b0c1f3e4c2f9a6b8d7e0f1a2b3c"
"""Public key of the sandbox's API user; an invented one, valid nowhere else."""
SECRET_KEY = "c0ffee00decaf00dba5eba11fee1600d"  # noqa: S105 - an invented key, valid in the sandbox alone
"""Secret key that goes with it."""
CUSTOMER_ID = 1
JSON = "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8"
_DESCRIPTIONS = (
    "ApiDisabled", "SslRequired", "InvalidAuthorizationHeader", "InvalidCredentials", "UserUnknown", "UserDisabled",
)  # fmt: skip
API_DISABLED, TLS_REQUIRED, BAD_HEADER, BAD_CREDENTIALS, USER_UNKNOWN, USER_DISABLED = range(6)


@dataclass
class Settings:
    """What an operator of the sandbox can set.

    Attributes:
        public_key: Key of the API user.
        secret_key: Its secret.
        version: Shop version, ``6.3`` or ``6.4``.
        require_tls: Answer 421 to plain HTTP.
        active: Whether the API is switched on.
        user_enabled: Whether the API user is.
        denied: Permissions that the API user's role lacks, such as ``order.update``.
        batch_stops_after: Break down after so many operations of a batch; None lets batches end.
    """

    public_key: str = PUBLIC_KEY
    secret_key: str = SECRET_KEY
    version: str = "6.4"
    require_tls: bool = False
    active: bool = True
    user_enabled: bool = True
    denied: set[str] = field(default_factory=set)
    batch_stops_after: int | None = None


class Stranger(Refusal):
    """A call that was not let in."""

    def __init__(self, result: int) -> None:
        """Keep the shop's number for the reason."""
        description = _DESCRIPTIONS[result]
        details = ((str(result), "Reason", description),)
        super().__init__(421 if result == TLS_REQUIRED else 401, f"Access denied: {description}.", details)
        self.result, self.description = result, description


def authenticate(settings: Settings, scheme: str, headers: Mapping[str, str]) -> None:
    """Let the API user in.

    Raises:
        Stranger: 401 or 421 with the shop's reason.
    """
    if not settings.active:
        raise Stranger(API_DISABLED)
    if settings.require_tls and scheme != "https":
        raise Stranger(TLS_REQUIRED)
    kind, _, text = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or not text:
        raise Stranger(BAD_HEADER)
    try:
        public, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Stranger(BAD_HEADER) from None
    if not colon:
        raise Stranger(BAD_HEADER)
    if public.lower() != settings.public_key.lower():
        raise Stranger(USER_UNKNOWN)
    if (public, secret) != (settings.public_key, settings.secret_key):
        raise Stranger(BAD_CREDENTIALS)
    if not settings.user_enabled:
        raise Stranger(USER_DISABLED)


_AREAS = {
    "Orders": "order", "OrderItems": "order", "OrderNotes": "order", "Shipments": "order", "ShipmentItems": "order",
    "Customers": "customer", "Addresses": "customer", "GenericAttributes": "customer", "Products": "catalog.product",
    "ProductVariantAttributeCombinations": "catalog.product", "ProductBundleItems": "catalog.product",
    "ProductMediaFiles": "catalog.product", "MediaFiles": "media",
}  # fmt: skip
_EDITS = {
    "OrderItems": "editorderitem", "OrderNotes": "update", "Shipments": "editshipment", "ShipmentItems": "editshipment",
    "Addresses": "editaddress", "ProductVariantAttributeCombinations": "editvariant",
    "ProductBundleItems": "editbundle", "ProductMediaFiles": "editpicture", "MediaFiles": "upload",
}  # fmt: skip
_VERBS = {"GET": "read", "POST": "create", "PATCH": "update", "PUT": "update", "DELETE": "delete", "ACTION": "update"}


def permit(settings: Settings, set_name: str, verb: str) -> None:
    """Check the permission of a call; ``verb`` is the HTTP method or ACTION.

    Raises:
        Refusal: 500, because the shop's permission filter throws inside the request.
    """
    area = _AREAS.get(set_name)
    if area is None:
        return
    edit = _EDITS.get(set_name) if verb != "GET" else None
    needed = f"{area}.{edit or _VERBS[verb]}"
    if needed in settings.denied:
        raise Refusal(
            500, f"The user is not authorised to access the requested resource: permission '{needed}' is missing."
        )


def shop_headers(settings: Settings, *, known: bool) -> dict[str, str]:
    """Return the headers of every answer of the API."""
    headers = {
        "Smartstore-Api-AppVersion": f"{settings.version}.0.0",
        "Smartstore-Api-Version": f"1 {settings.version}.0",
        "Smartstore-Api-MaxTop": str(MAX_TOP),
        "Smartstore-Api-Date": now(),
        "Cache-Control": "no-cache",
        "OData-Version": "4.0",
    }
    return {**headers, "Smartstore-Api-CustomerId": str(CUSTOMER_ID)} if known else headers


def refused(error: Refusal, accept: str) -> Response:
    """Write an error: OData JSON, or the shop's HTML page for callers that do not ask for JSON."""
    headers = {}
    if isinstance(error, Stranger):
        headers["Smartstore-Api-AuthResultId"] = str(error.result)
        headers["Smartstore-Api-AuthResultDesc"] = error.description
        headers["WWW-Authenticate"] = 'Basic realm="Smartstore.WebApi", charset="UTF-8"'
    if not accept.strip().startswith("application/json"):
        page = f"<!DOCTYPE html><html><head><title>{error.status}</title></head><body>An error occurred.</body></html>"
        return Response(page, error.status, headers, media_type="text/html")
    body = {"error": {"code": str(error.status), "message": error.message}}
    if error.details:
        body["error"]["details"] = [  # type: ignore[assignment]  # JSON of mixed kinds
            {"code": code, "target": target, "message": text} for code, target, text in error.details
        ]
    if error.status >= 422:
        body["error"]["innererror"] = {  # type: ignore[assignment]  # JSON of mixed kinds
            "message": error.message,
            "type": "System.InvalidOperationException",
            "stacktrace": "   at Smartstore.Web.Api.SmartODataController`1.SaveAsync()",
        }
    return Response(json.dumps(body, ensure_ascii=False), error.status, headers, JSON)


def not_found_by_key(path: str, trace: str, accept: str) -> Response:
    """Write the 404 of a GET by key, which is not OData."""
    if not accept.strip().startswith("application/json"):
        return refused(Refusal(404, "Not found."), accept)
    body = {"requestId": trace, "path": path, "statusCode": 404, "message": None, "exceptionType": None}
    return Response(json.dumps(body), 404, media_type="application/json")
