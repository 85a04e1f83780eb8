"""What a page is about: its heading, where other products begin, and which product of the markup is the one."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from blocks.standards.product_data.pages.markup_products import MarkupProduct, plain_text
from blocks.standards.product_data.pages.parsing import Page
from blocks.standards.product_data.pages.words import folded, heads_other_products
from blocks.standards.product_data.pages.zones import ASIDE, CRUMBS, DEAD, HIDDEN, TITLE

_TOKENS = re.compile(r"[^\W_]+")
_SHOP_CUT = re.compile(r"\s+[|–—·•»:]\s+|\s+-\s+|\s*\|\s*")
_LONGEST_HEADING = 80
_ALIKE = 0.5
_FEW_HEADINGS = 3
"""With more h1 than that, one that nothing else speaks of says nothing."""
_LONGEST_NAME = 500


@dataclass(slots=True)
class Subject:
    """What a page is about.

    Attributes:
        heading: Text of the heading; '' where there is none.
        node: Node of the heading; -1 where there is none.
        title: Text of the title, with the shop's name as it may be.
        main: The product of the markup that the page is about; None where there is none.
        others: The products of the markup beside it.
        same: Further products of the markup that are the same one in another syntax.
    """

    heading: str = ""
    node: int = -1
    title: str = ""
    main: MarkupProduct | None = None
    same: list[MarkupProduct] = field(default_factory=list)
    others: list[MarkupProduct] = field(default_factory=list)

    @property
    def products(self) -> list[MarkupProduct]:
        """Return the main product in every syntax that names it, the best first."""
        return [self.main, *self.same] if self.main else []

    def is_clear(self) -> bool:
        """Say whether there is a heading that the title repeats; where there is no title, the markup."""
        if self.main and self.main.syntax == "json-ld" and not self.main.aside:
            return True
        texts = [self.title] if self.title else [name for product in self.products for name in product.names]
        return self.node >= 0 and max((likeness(self.heading, text) for text in texts), default=0) >= _ALIKE


def subject_of(page: Page, products: list[MarkupProduct]) -> Subject:
    """Return what the page is about; other products' parts of the page are marked as such."""
    subject = Subject(title=_title(page))
    names = [plain_text(name) for product in products if not product.aside for name in product.names]
    subject.node, subject.heading = _heading(page, subject.title, names)
    if subject.node >= 0 and page.zones[subject.node] & (ASIDE | HIDDEN | CRUMBS):
        page.free(subject.node, ASIDE | HIDDEN | CRUMBS)
    _mark_other_products(page, subject.node)
    _choose(page, subject, products)
    return subject


def likeness(left: str, right: str) -> float:
    """Return how much two names have in common: the share of words, 1 where they are the same letters."""
    if folded(left) == folded(right):
        return 1.0
    first, second = _words(left), _words(right)
    if not first or not second:
        return 0.0
    common = len(first & second)
    return max(
        common / len(first | second),
        0.9 * common / min(len(first), len(second)) if min(len(first), len(second)) > 1 else 0,
    )


def _words(text: str) -> set[str]:
    return {folded(word) for word in _TOKENS.findall(text)}


def _title(page: Page) -> str:
    for node in page.nodes("title")[:1]:
        return page.text(node, without=DEAD)[:_LONGEST_NAME]
    return ""


def _heading(page: Page, title: str, names: list[str]) -> tuple[int, str]:
    """Return the heading that names the product: the h1 that title and markup speak of, else what is named a title."""
    best: tuple[float, int, str] = (0.0, -1, "")
    for number, node in enumerate(page.nodes("h1")[:20]):
        text = page.text(node) or page.text(node, without=DEAD)
        if not text or len(text) > _LONGEST_NAME:
            continue
        support = 2 * likeness(text, title) if title else 0.5
        support += 2 * max((likeness(text, name) for name in names), default=0.5)
        zone = page.zones[node]
        score = 1.5 + support - (0.7 if zone & ASIDE else 0) - (0.5 if zone & HIDDEN else 0) - 0.2 * number
        if score > best[0]:
            best = score, node, text
    if best[0] >= 2.2:
        return best[1], best[2]
    if titled := _titled(page, title, names):
        return titled
    return (best[1], best[2]) if len(page.nodes("h1")) <= _FEW_HEADINGS else (-1, "")


def _titled(page: Page, title: str, names: list[str]) -> tuple[int, str] | None:
    """Return a node that is named a title and whose text the page's title or the markup repeats."""
    wanted = {folded(name) for name in names if name}
    flat_title = folded(title)
    for node, tag in enumerate(page.tags):
        if tag in {"head", "title", "script", "meta", "a", "option"} or page.last[node] - page.first[node] > 12:
            continue
        named = page.zones[node] & TITLE or tag in {"h2", "h3"} or "itemprop" in page.attributes[node]
        if not named or page.zones[node] & (ASIDE | DEAD | HIDDEN | CRUMBS):
            continue
        text = page.text(node)
        key = folded(text)
        if 5 <= len(key) <= _LONGEST_NAME and (key in wanted or (len(key) > 8 and flat_title.startswith(key))):
            return node, text
    return None


def without_shop(title: str, heading: str = "") -> str:
    """Return a page's title without the shop's name and what it adds: the part that is most like the heading."""
    parts = [part.strip() for part in _SHOP_CUT.split(title) if part.strip()]
    if not parts:
        return title
    if heading:
        return max(parts, key=lambda part: likeness(part, heading))
    return parts[0] if len(parts[0]) >= max(len(part) for part in parts) // 2 else max(parts, key=len)


def _mark_other_products(page: Page, heading: int) -> None:
    """Mark what stands under headings such as 'You may also like' as being about other products."""
    for node, tag in enumerate(page.tags):
        if tag not in _HEADING_TAGS and not page.zones[node] & TITLE:
            continue
        if node == heading or page.zones[node] & (ASIDE | DEAD) or page.last[node] - page.first[node] > 12:
            continue
        text = page.text(node, without=DEAD)
        if not 3 <= len(text) <= _LONGEST_HEADING or not heads_other_products(text):
            continue
        box, end = node, page.ends[node]
        for around in page.ancestors(node, 4):
            if around <= heading < page.ends[around] or page.tags[around] in {"body", "html", "main"}:
                break
            if page.first[node] - page.first[around] > 12:
                break
            box, end = around, page.ends[around]
        if box == node:
            end = _next_heading(page, node)
        page.mark(node, end, ASIDE)


_HEADING_TAGS = frozenset({"h2", "h3", "h4", "h5", "h6", "legend", "caption"})


def _next_heading(page: Page, node: int) -> int:
    """Return where the part under a heading ends: at the next heading of its kind, or with its parent."""
    parent, tag = page.parents[node], page.tags[node]
    end = page.ends[parent] if parent >= 0 else page.ends[node]
    same = page.nodes(tag)
    after = bisect_right(same, node)
    return min(same[after], end) if after < len(same) else end


def _choose(page: Page, subject: Subject, products: list[MarkupProduct]) -> None:
    """Choose the product of the markup that heading, title and address agree on."""
    scored = [(_agreement(page, subject, product), -place) for place, product in enumerate(products)]
    if not scored:
        return
    best, place = max(scored)
    syntaxes = [product for product in products if product.syntax != "opengraph"]
    if best < 1.2 and not (len(syntaxes) == 1 and best > 0):
        subject.others = products
        return
    subject.main = products[-place]
    for number, product in enumerate(products):
        if product is subject.main:
            continue
        if (not product.aside and product.syntax != subject.main.syntax and scored[number][0] >= min(best - 2, 2)) or (
            _is_twin(subject.main, product) and not product.aside
        ):
            subject.same.append(product)
        else:
            subject.others.append(product)


def _is_twin(main: MarkupProduct, other: MarkupProduct) -> bool:
    """Say whether two products of the markup are one: the same name or number, in two blocks."""
    if main.names and other.names and folded(main.names[0]) == folded(other.names[0]):
        return not (set(main.skus) and set(other.skus) and not set(main.skus) & set(other.skus))
    return bool(set(main.skus) & set(other.skus) or set(main.gtins) & set(other.gtins))


def _agreement(page: Page, subject: Subject, product: MarkupProduct) -> float:
    score = 0.0
    if product.names:
        name = product.names[0]
        score += 3 * likeness(name, subject.heading) if subject.heading else 0
        score += 2 * likeness(name, subject.title) if subject.title else 0
    if page.url:
        address = _path(page.url)
        if any(_path(url) == address for url in (*product.urls, *(offer.url for offer in product.offers)) if url):
            score += 1.5
        if any(len(number) > 3 and number in page.url for number in (*product.skus, *product.ids, *product.gtins)):
            score += 0.7
    if subject.node >= 0 and product.node >= 0 and product.node <= subject.node < page.ends[product.node]:
        score += 1.5
    score += 0.4 if product.offers else 0
    score += 0.2 if product.syntax == "json-ld" else 0
    score -= 2.5 if product.aside else 0
    score -= 0.3 if product.syntax == "opengraph" else 0
    return score


def _path(url: str) -> str:
    return re.sub(r"^(?:https?:)?//[^/]*|[?#].*$", "", url.strip()).strip("/").lower()
