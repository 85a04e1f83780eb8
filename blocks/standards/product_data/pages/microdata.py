"""Products in microdata and RDFa Lite (HTML Living Standard, 5 Microdata), with what `itemref` hangs in."""

from typing import Any

from blocks.standards.product_data.pages.markup_products import (
    LONGEST,
    OTHERS,
    PRODUCT_TYPES,
    MarkupProduct,
    Named,
    Offer,
    Property,
    put,
)
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.zones import ASIDE, DEAD


def microdata_products(page: Page) -> list[MarkupProduct]:
    """Return the products of the page's microdata and RDFa Lite, with what `itemref` hangs in."""
    items: dict[int, tuple[str, MarkupProduct | Offer | dict[str, str]]] = {}
    products: list[MarkupProduct] = []
    referred = _referred(page)
    for node in page.marked:
        attributes = page.attributes[node]
        scoped = "itemscope" in attributes or "typeof" in attributes
        kind = (attributes.get("itemtype") or attributes.get("typeof") or "").strip()
        names = (attributes.get("itemprop") or attributes.get("property") or "").lower()
        if page.tags[node] == "meta" and names.startswith(("og:", "fb:", "product:", "twitter:")):
            continue
        outer = referred.get(node, -1) if node in referred else _owner(page, node, items, referred)
        if scoped:
            _begin(page, node, kind, outer, names, items, products)
        elif outer >= 0:
            value = _value(page, node)
            for name in names.split():
                put(items[outer][1], name.rpartition(":")[2].rpartition("/")[2], value)
    return products


def _referred(page: Page) -> dict[int, int]:
    """Return node → the item whose `itemref` names the node's id."""
    wanted: dict[str, int] = {}
    for node in page.marked:
        for name in page.attributes[node].get("itemref", "").split()[:50]:
            wanted[name] = node
    if not wanted:
        return {}
    return {
        node: wanted[attributes["id"]]
        for node, attributes in enumerate(page.attributes)
        if attributes.get("id") in wanted
    }


def _owner(page: Page, node: int, items: dict[int, Any], referred: dict[int, int]) -> int:
    parents = page.parents
    node = parents[node]
    while node >= 0:
        if node in items:
            return node
        if node in referred and referred[node] in items:
            return referred[node]
        node = parents[node]
    return -1


def _begin(  # noqa: PLR0917 - all of an item's beginning, for the one place that finds it
    page: Page, node: int, kind: str, outer: int, names: str, items: dict[int, Any], products: list[MarkupProduct]
) -> None:
    """Begin an item: a product, an offer or brand of one, or something else."""
    short = kind.partition(" ")[0].rstrip("/").rpartition("/")[2].rpartition(":")[2].lower()
    inside = items.get(outer, ("", None))[1]
    made: Any
    if short in PRODUCT_TYPES:
        aside = bool(page.zones[node] & (ASIDE | DEAD)) or any(name in OTHERS for name in names.split())
        made = MarkupProduct("microdata", page.selector(node), aside, node, short)
        products.append(made)
    elif short in {"offer", "aggregateoffer"} or "offers" in names.split():
        made = Offer(is_range=short == "aggregateoffer")
        if isinstance(inside, MarkupProduct):
            inside.offers.append(made)
        elif isinstance(inside, Offer):
            made = inside
    elif short == "propertyvalue" and isinstance(inside, MarkupProduct):
        made = {"": "property"}
        items[node] = (short, Property(inside))
        return
    elif isinstance(inside, MarkupProduct) and names:
        made = Named(inside, names)
    elif isinstance(inside, Offer) and short in {"unitpricespecification", "pricespecification"}:
        made = inside if not inside.price else {}
    else:
        made = {}
    items[node] = (short, made)


def _value(page: Page, node: int) -> str:
    """Return the value of a property's element (HTML Living Standard, microdata 5.2.4; `content` wins anywhere)."""
    attributes, tag = page.attributes[node], page.tags[node]
    if "content" in attributes:
        return " ".join(attributes["content"].split())[:LONGEST]
    if tag in {"a", "link", "area"} and attributes.get("href"):
        name = (attributes.get("itemprop") or "").lower()
        text = "" if tag == "link" or name in {"url", "image", "availability"} else page.text(node, without=DEAD)
        return text[:LONGEST] or attributes["href"].strip()
    if tag in {"img", "source", "embed", "video", "audio"}:
        name = (attributes.get("itemprop") or "").lower()
        return (
            attributes.get("alt", "") if name in {"brand", "manufacturer", "name"} else attributes.get("src", "")
        ).strip()
    if tag in {"data", "meter"} and "value" in attributes:
        return attributes["value"].strip()
    return page.text(node, without=DEAD)[:LONGEST]
