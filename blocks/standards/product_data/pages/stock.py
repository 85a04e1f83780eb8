"""Whether the product can be had, as a reader of the page sees it: words near the price, and the button to buy."""

from dataclasses import dataclass

from blocks.standards.product_data.pages.lines import Line
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.words import field_of, folded, is_buy_button, state_of
from blocks.standards.product_data.pages.zones import ASIDE, CRUMBS, DEAD, HIDDEN, OPTIONS, STOCK

_STATES = {
    "instock": "InStock", "outofstock": "OutOfStock", "soldout": "SoldOut", "preorder": "PreOrder",
    "presale": "PreSale",
    "backorder": "BackOrder", "discontinued": "Discontinued", "limitedavailability": "LimitedAvailability",
    "onlineonly": "OnlineOnly", "instoreonly": "InStoreOnly", "madetoorder": "MadeToOrder", "reserved": "Reserved",
    "availablefororder": "InStock", "oos": "OutOfStock", "pending": "BackOrder", "available": "InStock",
    "true": "InStock",
    "notavailable": "OutOfStock", "unavailable": "OutOfStock",
}  # fmt: skip
_GONE = frozenset({"OutOfStock", "SoldOut", "Discontinued"})
_LONGEST = 110
_BUY_NAMES = (
    "addtocart",
    "addtobasket",
    "addtobag",
    "buybutton",
    "buynow",
    "buybox",
    "warenkorb",
    "inbasket",
    "tocart",
    "tobasket",
    "btncart",
    "cartbutton",
    "cartbtn",
)


_LINK_NAMES = ("btn", "button", "cart", "buy", "basket", "korb", "add")


@dataclass(slots=True)
class SeenStock:
    """What the page says of availability.

    Attributes:
        state: Name of schema.org/ItemAvailability.
        node: Where it stands.
        text: The words that say so.
        score: How much speaks for it.
    """

    state: str
    node: int
    text: str
    score: float


def state_named(text: str) -> str | None:
    """Return the name of schema.org/ItemAvailability for what markup gives, None where it is none."""
    name = text.strip().rstrip("/").rpartition("/")[2]
    key = folded(name if " " in name else name.rpartition(":")[2])
    if known := _STATES.get(key):
        return known
    found = state_of(text)
    return found[0] if found and len(text) <= _LONGEST else None


def is_gone(state: str) -> bool:
    """Say whether a state means that the product cannot be had."""
    return state in _GONE


def seen_stock(page: Page, lines: list[Line], heading: int) -> list[SeenStock]:
    """Return what the page says of availability, the strongest first."""
    at = page.first[heading] if heading >= 0 else 0
    begun = next((place for place, line in enumerate(lines) if line.last > at), 0)
    found = []
    for place, line in enumerate(lines):
        if len(line.text) > _LONGEST or line.zone & (ASIDE | DEAD | CRUMBS | HIDDEN) or len(line.text) < 3:
            continue
        if told := state_of(line.text):
            score = _score(page, line, told[1], place - begun)
            if score > 0:
                found.append(SeenStock(told[0], line.node, line.text, score))
    if button := _button(page, heading):
        found.append(button)
    return sorted(found, key=lambda each: -each.score)


def _score(page: Page, line: Line, phrase: str, distance: int) -> float:
    share = len(phrase) / max(len(line.text), 1)
    score = 2.0 * share + (2.5 if line.zone & STOCK else 0.0)
    label = line.text.partition(":")[0]
    score += 1.0 if field_of(label) == "availability" else 0.0
    near = 2.0 - 2.0 * min(abs(distance), 120) / 120 if distance >= -15 else 0.0
    if line.zone & OPTIONS and not line.zone & STOCK:
        score -= 2.0
    if page.tags[line.node] in {"label", "option", "a", "p", "li"} and not line.zone & STOCK:
        score -= 0.5
    return score + near - 1.5


def _button(page: Page, heading: int) -> SeenStock | None:
    """Return what the button to buy says: there is one, or there is one that cannot be pressed."""
    best: SeenStock | None = None
    for node in page.nodes("button", "input", "a"):
        zone, tag = page.zones[node], page.tags[node]
        if zone & (ASIDE | DEAD | HIDDEN) or node < heading - 400:
            continue
        attributes = page.attributes[node]
        if tag == "input" and attributes.get("type", "").lower() not in {"submit", "button", "image"}:
            continue
        names = f"{attributes.get('id', '')} {attributes.get('class', '')} {attributes.get('name', '')}".lower()
        if tag == "a" and not any(name in names for name in _LINK_NAMES) and attributes.get("role") != "button":
            continue
        if page.last[node] - page.first[node] > 14:
            continue
        text = attributes.get("value", "") if tag == "input" else page.text(node)
        if not (is_buy_button(text) or (tag != "a" and any(name in folded(names) for name in _BUY_NAMES))):
            continue
        dead = "disabled" in attributes or "disabled" in attributes.get("class", "").lower().split()
        made = SeenStock("OutOfStock", node, text, 0.8) if dead else SeenStock("InStock", node, text or "button", 2.2)
        if best is None or made.score > best.score:
            best = made
    return best
