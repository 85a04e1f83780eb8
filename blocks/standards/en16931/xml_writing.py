"""XML written from the leaves up: each piece is text, an absent value gives no element, an empty group none either."""

import re
from base64 import b64encode
from datetime import date
from decimal import Decimal

from blocks.documents.invoices import Identifier

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LAST_TAG = re.compile(r"<([A-Za-z:]+)[^<]*$")
_TO_ESCAPE = re.compile("[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_IN_ATTRIBUTE = str.maketrans(_ESCAPES)


def group(name: str, *parts: str) -> str:
    """Return an element around the parts in their order, '' where all are empty."""
    inner = "".join(parts)
    return f"<{name}>\n{inner}</{name}>\n" if inner else ""


def text(name: str, value: str, /, **attributes: str) -> str:
    """Return an element with a text, '' where it is empty; an attribute without a value is left out."""
    return _element(name, _escaped(value), attributes) if value else ""


def figure(name: str, value: Decimal | None, /, **attributes: str) -> str:
    """Return an element with a plain decimal, all its places kept."""
    return "" if value is None else _element(name, f"{value:f}", attributes)


def day(name: str, value: date | None) -> str:
    """Return an element with a calendar day (xs:date)."""
    return "" if value is None else f"<{name}>{value.isoformat()}</{name}>\n"


def identifier(name: str, value: Identifier | None) -> str:
    """Return an element with an identifier and its scheme."""
    if value is None:
        return ""
    return text(name, value.value, schemeID=value.scheme, schemeVersionID=value.scheme_version)


def content(name: str, value: bytes, /, **attributes: str) -> str:
    """Return an element with a file in base64."""
    return _element(name, b64encode(value).decode(), attributes)


def document(name: str, namespaces: dict[str, str], body: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the whole document in UTF-8, and a sentence for each value that lost characters XML cannot hold."""
    kept, lost = _without_forbidden(body)
    declared = "".join(f' xmlns{":" if prefix else ""}{prefix}="{uri}"' for prefix, uri in namespaces.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{declared}>\n{kept}</{name}>\n'.encode(), lost


def _without_forbidden(body: str) -> tuple[str, tuple[str, ...]]:
    found = _FORBIDDEN.search(body)
    if found is None:
        return body, ()
    names: dict[str, None] = {}
    while found is not None:
        tag = _LAST_TAG.search(body, max(0, found.start() - 2000), found.start())
        names[tag[1] if tag else "a value"] = None
        found = _FORBIDDEN.search(body, body.find("<", found.start()))
    lost = tuple(f"Control characters in {name} cannot be written in XML; they were left out." for name in names)
    return _FORBIDDEN.sub("", body), lost


def _element(name: str, inner: str, attributes: dict[str, str]) -> str:
    given = "".join([f' {key}="{value.translate(_IN_ATTRIBUTE)}"' for key, value in attributes.items() if value])
    return f"<{name}{given}>{inner}</{name}>\n"


def _escaped(value: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], value)
