"""How a CII document is put together as text: an element without content is not written."""

import re
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

_TEXT_MARKS = {"\r": "&#13;"}
_ATTRIBUTE_MARKS = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_ESCAPED = re.compile("[<>&\r]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def group(name: str, *children: str, always: bool = False) -> str:
    """Return an element around its children; '' where none of them says anything, unless it must stand."""
    content = "".join(children)
    return f"<ram:{name}>\n{content}</ram:{name}>\n" if content or always else ""


def leaf(name: str, value: str, **attributes: str) -> str:
    """Return an element with a text; '' where the text is empty."""
    if not value:
        return ""
    text = escape(value, _TEXT_MARKS) if _ESCAPED.search(value) else value
    return f"<ram:{name}{marks(attributes) if attributes else ''}>{text}</ram:{name}>\n"


def figure(name: str, value: Decimal | None, **attributes: str) -> str:
    """Return an element with a plain decimal, its places kept."""
    if value is None:
        return ""
    return f"<ram:{name}{marks(attributes) if attributes else ''}>{value:f}</ram:{name}>\n"


def day(name: str, value: date | None, inner: str = "udt:DateTimeString") -> str:
    """Return a date in format 102 (YYYYMMDD)."""
    if value is None:
        return ""
    text = f"{value.year:04}{value.month:02}{value.day:02}"
    return f'<ram:{name}><{inner} format="102">{text}</{inner}></ram:{name}>\n'


def indicator(name: str, value: bool) -> str:
    """Return an indicator."""
    return f"<ram:{name}><udt:Indicator>{'true' if value else 'false'}</udt:Indicator></ram:{name}>\n"


def marks(attributes: dict[str, str]) -> str:
    """Return attributes as they stand in a tag, empty ones left out."""
    return "".join(f' {name}="{escape(value, _ATTRIBUTE_MARKS)}"' for name, value in attributes.items() if value)


def encoded(document: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the document's bytes and a sentence about characters that XML 1.0 cannot hold."""
    clean, removed = _FORBIDDEN.subn("", document)
    said = f"{removed} characters that XML cannot hold (control characters) were left out of the texts."
    return clean.encode(), ((said,) if removed else ())
