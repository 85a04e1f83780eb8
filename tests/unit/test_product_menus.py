"""Menus of a shop's page are not even given to the parser, and the page stays what it is."""

import pytest

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages import parsing
from blocks.standards.product_data.pages.menus import feed_without_menus
from tests.shop_pages import PAGES

PRODUCT = "<div class=product><h1>Hammer</h1><p>Preis: 12,00 €</p></div>"
LINKS = "<li><a href=/a>Zangen</a></li>" * 50
LAYOUTS = {
    "a menu": f"<nav class=top><ul>{LINKS}</ul></nav>{PRODUCT}",
    "menus in menus": f"<div class=menu><div id=menu><div>{LINKS}</div></div></div>{PRODUCT}",
    "capital letters": f"<DIV CLASS=Menu><DIV>{LINKS}</DIV></DIV>{PRODUCT}",
    "a menu without its end": f"<div><ul class=menu>{LINKS}</div>{PRODUCT}",
    "an end that is another's": f"<ul><li><div><ul class=menu>{LINKS}</div>{PRODUCT}</li></ul><p>Ende</p>",
    "a table that closes a menu": f"<table><tr><td><div class=menu>{LINKS}</td></tr></table>{PRODUCT}<p>x</div>",
    "a menu in an attribute": f"<p data-x='<div class=menu>'>{PRODUCT}</p></div>",
    "a menu in a field": f"<textarea><nav></textarea>{PRODUCT}</nav>",
    "a tag that begins like a menu": f"<nav><nav-item>{LINKS}</nav-item></nav>{PRODUCT}",
    "bread crumbs": f"<nav class=breadcrumb><a>Werkzeug</a></nav>{PRODUCT}",
    "a footer cut off": f"{PRODUCT}<footer><div class=menu>{LINKS}",
    "ends too many": f"<div class=menu></div></div></nav></ul>{PRODUCT}",
    "a menu that holds the product": f"<div class=menu><form>{PRODUCT}</form></div><p>Ende</p>",
}


def flat(html: str, *, whole: bool) -> list[object]:
    """Return what a page is made of."""
    page = parsing.parsed(html.encode(), Findings(), whole=whole)
    return [page.tags, page.attributes, page.parents, page.zones, page.owners, page.pieces, page.left_out]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", [*LAYOUTS, *PAGES])
def test_a_page_is_the_same_as_if_its_menus_had_been_parsed(name, whole, monkeypatch):
    html = LAYOUTS[name] if name in LAYOUTS else PAGES[name].html
    found = flat(html, whole=whole)
    monkeypatch.setattr(parsing, "feed_without_menus", lambda feed, _, data: feed(data))
    assert found == flat(html, whole=whole)


def test_what_stands_in_a_menu_is_not_fed():
    parts: list[bytes] = []
    opened = iter(("", "nav"))
    feed_without_menus(parts.append, lambda: next(opened), b"<div class=menu-page><nav><ul><li>x</ul></nav><p>y</div>")
    assert b"".join(parts) == b"<div class=menu-page><nav></nav><p>y</div>"
