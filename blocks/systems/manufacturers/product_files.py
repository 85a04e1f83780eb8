"""Reads what was fetched by what its bytes are: page, catalogue, price list or data sheet."""

import io
import logging
import re
from collections.abc import Iterator

from blocks.database.product_contents import Thing
from blocks.documents.product_data import ProductData, Readability
from blocks.errors import SomsError, Unreadable, where_it_broke

_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_log = logging.getLogger(__name__)


def products_in(thing: Thing) -> Iterator[ProductData]:
    """Yield the products of one content.

    Raises:
        Unreadable: Nothing can be read of it.
    """
    from blocks.standards.product_data.reading import reading_of  # noqa: PLC0415 - heavy, and for readers only

    named = _CHARSET.search(thing.content_type)
    url = "" if thing.role == "file" else thing.url
    reading = reading_of(thing.url, io.BytesIO(thing.body), url=url, charset=named[1] if named else "")
    try:
        yield from reading.products
    except SomsError:
        raise
    except Exception as error:
        _log.error("Reading inbox record %s broke: %s", thing.inbox_id, where_it_broke(error))
        raise Unreadable(f"Reading it failed with {type(error).__name__}; the log says where.") from error
    if reading.verdict is Readability.UNREADABLE:
        raise Unreadable(" ".join(reading.findings.all()) or "Nothing can be read of it.")
