"""Catalogue files as the manufacturer sends them: BMEcat 2005 and a price list as CSV, written piece by piece. Pure."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from deployments.sandbox.manufacturer.products import BRAND, Truth, german

_HEAD = (
    "Artikelnummer", "EAN", "Bezeichnung", "Warengruppe", "EK-Preis", "Währung", "Gewicht (kg)", "Breite (mm)",
    "Höhe (mm)", "Tiefe (mm)",
)  # fmt: skip


def bmecat(products: Iterable[Truth]) -> Iterator[bytes]:
    """Yield a BMEcat 2005 catalogue (T_NEW_CATALOG)."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BMECAT version="2005" xmlns="http://www.bmecat.org/bmecat/2005">'
        "<HEADER><CATALOG><LANGUAGE>deu</LANGUAGE><CATALOG_ID>NL-2026</CATALOG_ID>"
        "<CATALOG_VERSION>001.000</CATALOG_VERSION><CATALOG_NAME>Nordlicht Sortiment</CATALOG_NAME>"
        f"<CURRENCY>EUR</CURRENCY></CATALOG><SUPPLIER><SUPPLIER_NAME>{BRAND} GmbH</SUPPLIER_NAME></SUPPLIER></HEADER>"
        "<T_NEW_CATALOG>\n"
    ).encode()
    for product in products:
        yield _product(product).encode()
    yield b"</T_NEW_CATALOG></BMECAT>\n"


def _product(product: Truth) -> str:
    features = "".join(
        f"<FEATURE><FNAME>{escape(each.name)}</FNAME><FVALUE>{escape(each.value)}</FVALUE>"
        f"{f'<FUNIT>{escape(each.unit)}</FUNIT>' if each.unit else ''}</FEATURE>"
        for each in product.all_features()
    )
    return (
        f'<PRODUCT mode="new"><SUPPLIER_PID>{product.mpn}</SUPPLIER_PID><PRODUCT_DETAILS>'
        f"<DESCRIPTION_SHORT>{escape(product.name)}</DESCRIPTION_SHORT>"
        f"<DESCRIPTION_LONG>{escape(product.text)}</DESCRIPTION_LONG>"
        f'<INTERNATIONAL_PID type="gtin">{product.gtin}</INTERNATIONAL_PID>'
        f"<MANUFACTURER_PID>{product.mpn}</MANUFACTURER_PID><MANUFACTURER_NAME>{BRAND}</MANUFACTURER_NAME>"
        f"</PRODUCT_DETAILS><PRODUCT_FEATURES>{features}</PRODUCT_FEATURES>"
        "<PRODUCT_ORDER_DETAILS><ORDER_UNIT>C62</ORDER_UNIT></PRODUCT_ORDER_DETAILS><PRODUCT_PRICE_DETAILS>"
        f'<PRODUCT_PRICE price_type="net_list"><PRICE_AMOUNT>{product.price}</PRICE_AMOUNT></PRODUCT_PRICE>'
        "</PRODUCT_PRICE_DETAILS></PRODUCT>\n"
    )


def price_list(products: Iterable[Truth]) -> Iterator[bytes]:
    """Yield a price list with semicolons and decimal commas, in Windows-1252 as offices save it."""
    yield (";".join(_HEAD) + "\r\n").encode("cp1252")
    for product in products:
        width, height, depth = product.size
        row = (
            product.mpn, product.gtin, product.name, product.category, german(product.price), "EUR",
            german(product.weight), str(width), str(height), str(depth),
        )  # fmt: skip
        yield (";".join(row) + "\r\n").encode("cp1252", "replace")


def deliver(products: Iterable[Truth], folder: Path) -> None:
    """Put both files into a folder's ``incoming``, as a careful sender does, and note that it was done."""
    incoming = folder / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    shown = list(products)
    for name, pieces in (("katalog.xml", bmecat(shown)), ("preisliste.csv", price_list(shown))):
        unfinished = incoming / f".{name}.part"
        with unfinished.open("wb") as file:
            file.writelines(pieces)
        unfinished.rename(incoming / name)
    (folder / "delivered").touch()
