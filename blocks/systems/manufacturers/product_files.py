"""Reads what was fetched by what its bytes are: page, catalogue, price list or data sheet."""

from collections.abc import Iterator

from blocks.database.fetched import Thing
from blocks.documents.product_data import ProductData, Readability
from blocks.errors import Unreadable


def products_in(thing: Thing) -> Iterator[ProductData]:
    """Yield the products of one content.

    Raises:
        Unreadable: Nothing can be read of it.
    """
    from blocks.standards.product_data.reading import read_product_file  # noqa: PLC0415 - heavy, and for readers only

    found = read_product_file(thing.url, thing.body)
    if found.verdict is Readability.UNREADABLE:
        raise Unreadable(" ".join(found.findings) or "Nothing can be read of it.")
    yield from found.products
