"""Bytes of a page → a flat page: nodes in the order of the document, and its text in pieces.

One pass of the parser builds it, without a tree: what comes after only walks lists. Everything has its limit.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from blocks.standards.product_data.findings import Findings
from blocks.standards.product_data.pages.decoding import decoded
from blocks.standards.product_data.pages.menus import feed_without_menus
from blocks.standards.product_data.pages.zones import (
    CRUMBS,
    DEAD,
    HIDDEN,
    INHERITED,
    MENU,
    MOST_SMALL,
    SMALL,
    name_zone,
    style_zone,
    tag_zone,
)

MOST_BYTES = 16 * 2**20
"""Bytes of a page that are read; the largest shop pages have two million."""
_MOST_NODES = 100_000
_DEEPEST = 2_000
"""Levels of nesting that are told apart; what is nested deeper counts to the last of them."""
BREAKING = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
BREAK = "\n"


class Page:
    """A page, flat.

    Attributes:
        tags: Tag of each node, in document order.
        attributes: Attributes of each node; the keys in lower case.
        parents: Place of the node each stands in; -1 for the root.
        ends: Place behind the last node that stands in each.
        zones: What each node is for, by itself and by those it stands in (bits of `zones`).
        own: What each node is for by itself alone.
        first: Place of the first text piece in each node; ``last``, the place behind the last one.
        pieces: The text, cut where nodes begin and end; a lone line feed where a new line begins.
        owners: Node each piece stands in.
        scripts: (attributes, text) of each script.
        marked: Nodes with an attribute of structured data.
        by_tag: Tag → its nodes.
        left_out: Parts about other products, by what they are called, were not looked at.
        url: The address the page names as its own, '' where it does not.
        language: The language it declares, in lower case.
    """

    def __init__(self) -> None:
        """Begin with an empty page."""
        self.tags: list[str] = []
        self.attributes: list[dict[str, str]] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.zones: list[int] = []
        self.own: list[int] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self.pieces: list[str] = []
        self.owners: list[int] = []
        self.scripts: list[tuple[str, str]] = []
        self.marked: list[int] = []
        self.by_tag: defaultdict[str, list[int]] = defaultdict(list)
        self._steps: dict[int, str] = {}
        self.left_out = False
        self.url = ""
        self.language = ""

    def text(self, node: int, *, without: int = DEAD | HIDDEN, lines: bool = False) -> str:
        """Return the text in a node on one line (or with its lines), less what is not shown or of other zones."""
        return self.span(self.first[node], self.last[node], without=without, lines=lines)

    def span(self, first: int, last: int, *, without: int = DEAD | HIDDEN, lines: bool = False) -> str:
        """Return the text between two pieces."""
        pieces, owners, zones = self.pieces, self.owners, self.zones
        if not without:
            kept = "".join(pieces[first:last])
        else:
            kept = "".join([pieces[place] for place in range(first, last) if not zones[owners[place]] & without])
        if lines:
            return "\n".join(line for line in (" ".join(each.split()) for each in kept.split(BREAK)) if line)
        return " ".join(kept.split())

    def nodes(self, *tags: str) -> list[int]:
        """Return the nodes with one of some tags, in the order of the document."""
        if len(tags) == 1:
            return self.by_tag.get(tags[0], [])
        return sorted(node for tag in tags for node in self.by_tag.get(tag, ()))

    def children(self, node: int) -> list[int]:
        """Return the nodes that stand directly in one."""
        found, child, end = [], node + 1, self.ends[node]
        while child < end:
            found.append(child)
            child = self.ends[child]
        return found

    def ancestors(self, node: int, most: int = 10_000) -> Iterator[int]:
        """Yield the nodes one stands in, the nearest first."""
        parents = self.parents
        node = parents[node]
        while node >= 0 and most > 0:
            yield node
            node = parents[node]
            most -= 1

    def free(self, node: int, bits: int) -> None:
        """Take some bits off whatever a node stands in: what holds the product is about the product."""
        for place in self.ancestors(node):
            self.own[place] &= ~bits
        self.hand_down()

    def hand_down(self) -> None:
        """Give each node what it is for: by itself, and by those it stands in."""
        self.zones = zones = list[int]()
        for own, parent in zip(self.own, self.parents, strict=True):
            zones.append(own | (zones[parent] & INHERITED) if parent >= 0 else own)

    def mark(self, first: int, end: int, bits: int) -> None:
        """Put bits on the nodes of a range."""
        for node in range(first, end):
            self.zones[node] |= bits

    def selector(self, node: int) -> str:
        """Return a CSS selector of a node: from the nearest id down, by tags and places among their like."""
        steps: list[str] = []
        while node >= 0 and len(steps) < _LONGEST_SELECTOR:
            if (name := self.attributes[node].get("id", "")) and _IDENTIFIER.fullmatch(name):
                steps.append(f"{self.tags[node]}#{name}")
                break
            if node not in self._steps:
                self._name_steps(self.parents[node])
            steps.append(self._steps[node])
            node = self.parents[node]
        return " > ".join(reversed(steps))[-500:]

    def _name_steps(self, parent: int) -> None:
        """Note the step to each child of a node: its tag, and its place where there are several of them."""
        children = (
            self.children(parent) if parent >= 0 else [node for node, above in enumerate(self.parents) if above < 0]
        )
        tags = [self.tags[child] for child in children]
        total, seen = Counter(tags), Counter[str]()
        for child, tag in zip(children, tags, strict=True):
            seen[tag] += 1
            self._steps[child] = tag if total[tag] == 1 else f"{tag}:nth-of-type({seen[tag]})"


_IDENTIFIER = re.compile(r"[A-Za-z][\w-]{0,80}")
_LONGEST_SELECTOR = 12


class _EnoughError(Exception):
    """There is more of the page than is read."""


class _Target:
    """What the parser calls: closures over lists, because this is the inmost loop of reading a page."""

    def __init__(self, findings: Findings, *, whole: bool) -> None:  # noqa: C901, PLR0915 - closures share lists
        self.records = records = list[tuple[str, dict[str, str], int, int, int]]()
        self.ends, self.last, self.pieces, self.owners = ends, last, pieces, owners = [], [], [], []  # type: ignore[var-annotated]  # ints and texts, below
        self.stack = stack = list[int]()
        self.marked = marked = list[int]()
        self.left_out = False
        deeper, outermost = 0, ""

        def start(tag: str, attributes: dict[str, str]) -> None:  # noqa: C901 - the inmost loop: every call counts
            nonlocal deeper, outermost
            if deeper or tag in _SKIPPED:
                outermost = outermost if deeper else tag
                deeper += 1
                return
            node = len(records)
            if node >= _MOST_NODES:
                findings.lost(f"The page has more than {_MOST_NODES:,} elements; the rest was left out.")
                raise _EnoughError
            if len(stack) >= _DEEPEST:
                findings.lost(f"The page nests more than {_DEEPEST:,} levels deep; what is deeper was left out.")
                deeper += 1
                return
            zone = tag_zone(tag)
            if attributes and len(stack) > 1:  # what html and body are called is about scripts, not about products
                for name, value in () if _TELLING.isdisjoint(attributes) else attributes.items():
                    if name in _TELLING:
                        if name in _NAMING:
                            zone |= name_zone(value)
                        elif name in MARKING:
                            marked.append(node)
                        else:
                            zone |= HIDDEN if name == "hidden" else style_zone(value)
            if zone & MENU and not whole and not zone & CRUMBS and tag not in _BEARING:
                self.left_out = True
                outermost = tag
                deeper += 1
                return
            parent = stack[-1] if stack else -1
            if tag in BREAKING:
                pieces.append(BREAK)
                owners.append(node)
            records.append((tag, attributes, parent, zone, len(pieces)))
            ends.append(node + 1)
            last.append(0)
            stack.append(node)

        def end(tag: str) -> None:
            nonlocal deeper
            if deeper:
                deeper -= 1
            elif stack:
                node = stack.pop()
                ends[node] = len(records)
                last[node] = len(pieces)
                if tag in BREAKING:
                    pieces.append(BREAK)
                    owners.append(node)

        def data(text: str) -> None:
            if stack and not deeper:
                if text.isspace():
                    if pieces and pieces[-1].isspace():
                        return
                    text = " "
                pieces.append(text)
                owners.append(stack[-1])

        def inside() -> str:
            return outermost if deeper == 1 else ""

        self.start, self.end, self.data = start, end, data
        self.inside = inside
        """Returns the tag of what is left out when the parser stands right inside it, else ''."""

    def close(self) -> Page:
        """Return the page, with what was left open closed."""
        while self.stack:
            self.end(self.records[self.stack[-1]][0])
        page = Page()
        page.left_out = self.left_out
        if self.records:
            unzipped = zip(*self.records, strict=True)
            page.tags, page.attributes, page.parents, page.own, page.first = map(list, unzipped)
        page.ends, page.last, page.pieces, page.owners = self.ends, self.last, self.pieces, self.owners
        for node, own in enumerate(page.own):
            if own & SMALL and page.last[node] - page.first[node] > MOST_SMALL:
                page.own[node] = own & ~SMALL
        page.hand_down()
        page.marked = sorted(set(self.marked))
        for node, tag in enumerate(page.tags):
            page.by_tag[tag].append(node)
        return page


_NAMING = frozenset({"class", "id"})
MARKING = frozenset({"itemscope", "itemprop", "itemref", "typeof", "property"})
"""Attributes by which structured data stands in a page."""
_TELLING = frozenset({*_NAMING, "style", "hidden", *MARKING})
_SKIPPED = frozenset(
    {"footer", "noscript", "template", "iframe", "svg", "datalist", "object", "canvas", "style", "script"}
)
"""What holds nothing of a product; what stands in it is not looked at."""


_BEARING = frozenset({"html", "body", "main", "form", "article", "h1"})
"""What bears the product, whatever it is called."""


def parsed(data: bytes, findings: Findings, *, charset: str = "", whole: bool = False) -> Page:
    """Return a page of bytes; never raises for what stands in them.

    Args:
        data: The page as served.
        findings: What cannot be read, or is declared wrongly, is noted here.
        charset: The one the server named, '' for none.
        whole: Also look at parts that are called as if they were about other products.
    """
    from lxml import etree  # noqa: PLC0415 - heavy

    if len(data) > MOST_BYTES:
        findings.lost(f"The page has more than {MOST_BYTES >> 20} MB; the rest was left out.")
        data = data[:MOST_BYTES]
    text, scripts = without_programs(decoded(data, findings, charset=charset))
    target = _Target(findings, whole=whole)
    parser = etree.HTMLParser(target=target, huge_tree=True, encoding="utf-8")
    try:
        feed_without_menus(parser.feed, target.inside, text.encode("utf-8", "replace"))
        page: Page = parser.close()
    except (etree.XMLSyntaxError, etree.ParserError, AssertionError, _EnoughError):
        page = target.close()
    page.scripts = scripts
    _places(page)
    return page


def without_programs(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a page without comments, scripts, styles and drawings, and its scripts as (attributes, text).

    The parser would only carry them along, and they are most of a page. One that is not closed stays where it is.
    """
    kept: list[str] = []
    scripts: list[tuple[str, str]] = []
    unclosed: set[str] = set()
    place = 0
    while opened := _PROGRAM.search(text, place):
        kind = opened[1].lower()
        closed = None if kind in unclosed else _CLOSING[kind].search(text, opened.end())
        kept.append(text[place : opened.start()])
        if closed is None:
            unclosed.add(kind)
            kept.append(text[opened.start() : opened.end()])
            place = opened.end()
            continue
        if kind == "script":
            tag_end = text.find(">", opened.end(), closed.start()) + 1
            if tag_end:
                scripts.append((text[opened.end() : tag_end - 1], text[tag_end : closed.start()]))
        place = closed.end()
    kept.append(text[place:])
    return "".join(kept), scripts


_PROGRAM = re.compile(r"<(!--|script(?=[\s>/])|style(?=[\s>/])|svg(?=[\s>/]))", re.IGNORECASE)
_CLOSING = {
    "!--": re.compile("--!?>"),
    "script": re.compile(r"</script[^>]{0,100}>", re.IGNORECASE),
    "style": re.compile(r"</style[^>]{0,100}>", re.IGNORECASE),
    "svg": re.compile(r"</svg[^>]{0,100}>", re.IGNORECASE),
}


def _places(page: Page) -> None:
    """Note the address and the language the page declares."""
    for node in page.nodes("html")[:1]:
        page.language = page.attributes[node].get("lang", page.attributes[node].get("xml:lang", "")).strip().lower()
    for node in page.nodes("link"):
        found = page.attributes[node]
        if found.get("rel", "").lower() == "canonical" and found.get("href"):
            page.url = found["href"].strip()
            break
