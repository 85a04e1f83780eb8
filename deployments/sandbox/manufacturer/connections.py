"""The settings of connections to the sandbox manufacturer: its API as data, its site, its folder of catalogues."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deployments.sandbox.manufacturer.app import API_KEY
from deployments.sandbox.manufacturer.products import BRAND

LICENCE = "Texte und Bilder dürfen Händler von Nordlicht für den Verkauf der Artikel verwenden."
ITEM: dict[str, Any] = {
    "gtin": "identifiers[type=gtin].value",
    "mpn": "identifiers[type=mpn].value",
    "name": "names.de",
    "price": "price.amount",
    "currency": "price.currency",
    "category": "category",
    "attributes": [{"at": "technicalData", "form": "list"}],
    "texts": [{"at": "texts.long", "kind": "long"}],
    "media": [
        {"at": "media[type=image].url", "purpose": "normal"},
        {"at": "media[type=sheet].url", "purpose": "data_sheet"},
    ],
}
"""Where a product's values stand in an answer of the API."""


def api(url: str, **other: Any) -> dict[str, Any]:
    """Return the settings of a connection to the API."""
    return {
        **_visited(url),
        "url": f"{url}/api/v1",
        "sign_in": "header",
        "secret": API_KEY,
        "list_path": "/products",
        "items_at": "items",
        "paging": {"by": "page", "size": 100, "size_parameter": "size", "total_at": "total"},
        "id_at": "id",
        "item_path": "/products/{id}",
        "item": ITEM,
        **other,
    }


def site(url: str, **other: Any) -> dict[str, Any]:
    """Return the settings of a connection to the web site."""
    return {**_visited(url), "sitemap": f"{url}/sitemap.xml", "page_pattern": "/produkte/", **other}


def folder(place: Path, **other: Any) -> dict[str, Any]:
    """Return the settings of a connection to the folder that catalogues are delivered to."""
    settings = {"url": place.as_uri(), "quiet_seconds": 2, "manufacturer": BRAND, "licence": LICENCE}
    return {**settings, **other}


def _visited(url: str) -> dict[str, Any]:
    return {
        "manufacturer": BRAND,
        "licence": LICENCE,
        "merchant": "Lampenhaus Berlin, +https://lampenhaus.example",
        "local_servers": [urlsplit(url).netloc],
        "calls_per_second": 50,
    }
