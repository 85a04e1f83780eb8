"""Names and values that stand in pairs: tables, definition lists, two columns of any elements, lines with a colon."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from blocks.standards.product_data.pages.lines import Line
from blocks.standards.product_data.pages.parsing import BREAKING, Page
from blocks.standards.product_data.pages.words import field_of
from blocks.standards.product_data.pages.zones import ASIDE, CRUMBS, DEAD, OPTIONS

_LONGEST_LABEL = 80
_LONGEST_VALUE = 1_500
_MOST = 3_000
_COLON = re.compile(r"\s*[:：]\s*$")
_LINE = re.compile(
    r"^(?P<label>[^:：]{1,60}?)\s*[:：]\s+(?P<value>\S.{0,400})$|^(?P<label2>[^:：\d]{2,40}?)\s*[:：](?P<value2>\S.{0,400})$"
)
_CUT = re.compile(r"\s*[|•·]\s*|\s{3,}|;\s+|\s+[/–—]\s+(?=[^\W\d]{2})|,\s+(?=[A-Z][\w.\- ]{1,25}:\s)")
_UNLABELLED = re.compile(r"^(?P<label>[^\W\d][^\d:]{1,40}?)[\s#:.]*[:#\s]\s*(?P<value>(?=\S*\d)[\w./\-]{2,40})\)?$")
_WORDED = re.compile(r"[^\W\d_]")


@dataclass(slots=True)
class Pair:
    """A name and its value.

    Attributes:
        label: The name as printed, without a colon.
        value: The value as printed.
        node: The node the value stands in.
        way: How it stands: 'table', 'list', 'columns', 'line'.
        group: The node that holds the pair's like; -1 for a line on its own.
        field: The field the label names (gtin, mpn, sku, brand, availability, price), '' for none.
        form: Tags and classes of a row of two columns: rows of one table have the same.
    """

    label: str
    value: str
    node: int
    way: str
    group: int
    field: str = ""
    form: str = ""


def pairs_of(page: Page, lines: list[Line]) -> list[Pair]:
    """Return all pairs of the page in the order of the document, hidden parts (tabs, folded boxes) included."""
    found: list[Pair] = []
    taken: set[int] = set()
    _tables(page, found, taken)
    _definition_lists(page, found, taken)
    _columns(page, found, taken)
    _lines(page, lines, found)
    found.sort(key=lambda pair: pair.node)
    return _innermost(page, found)[:_MOST]


def _innermost(page: Page, pairs: list[Pair]) -> list[Pair]:
    """Return the pairs without columns that hold other pairs: a heading and the table under it."""
    nodes = [pair.node for pair in pairs if pair.way != "line"]
    kept = []
    for pair in pairs:
        if pair.way == "columns":
            after = bisect_right(nodes, pair.node)
            if after < len(nodes) and nodes[after] < page.ends[pair.node]:
                continue
        kept.append(pair)
    return kept


def _pair(page: Page, label: int, value: int, way: str, group: int) -> Pair | None:
    """Return the pair two nodes make; None where they make none."""
    if page.zones[value] & (ASIDE | DEAD | CRUMBS):
        return None
    if page.last[label] - page.first[label] > 60 or page.last[value] - page.first[value] > 400:
        return None
    name = page.text(label, without=DEAD)
    if not name or len(name) > _LONGEST_LABEL or not _WORDED.search(name):
        return None
    text = page.text(value, without=DEAD)
    if not text or len(text) > _LONGEST_VALUE:
        return None
    name = _COLON.sub("", name)
    return Pair(name, text, value, way, group, field_of(name) or "") if name else None


def _tables(page: Page, found: list[Pair], taken: set[int]) -> None:
    for row in page.nodes("tr"):
        if len(found) >= _MOST:
            return
        cells = [cell for cell in page.children(row) if page.tags[cell] in {"td", "th"}]
        filled = [cell for cell in cells if page.last[cell] - page.first[cell] > 0 and page.text(cell, without=DEAD)]
        if len(filled) not in {2, 4} or (len(cells) > len(filled) + 1):
            continue
        if len(filled) == 2 and page.tags[filled[1]] == "th" and page.tags[filled[0]] == "th":
            continue
        kinds = [page.tags[cell] for cell in filled]
        if len(filled) == 4 and kinds != ["th", "td", "th", "td"] and not _labels(page, filled[::2]):
            continue
        if any(_holds_table(page, cell) for cell in filled):
            continue
        table = next((node for node in page.ancestors(row) if page.tags[node] == "table"), row)
        for label, value in zip(filled[::2], filled[1::2], strict=True):
            if pair := _pair(page, label, value, "table", table):
                found.append(pair)
        taken.update(page.ancestors(row, 1))
        taken.add(row)


def _labels(page: Page, cells: list[int]) -> bool:
    texts = [page.text(cell, without=DEAD) for cell in cells]
    return all(text.endswith(":") or field_of(text) for text in texts)


def _holds_table(page: Page, node: int) -> bool:
    return any(page.tags[inner] in {"tr", "table"} for inner in range(node + 1, page.ends[node]))


def _definition_lists(page: Page, found: list[Pair], taken: set[int]) -> None:
    for term in page.nodes("dt"):
        parent = page.parents[term]
        if parent < 0 or len(found) >= 2 * _MOST:
            continue
        definition, values = page.ends[term], []
        end = page.ends[parent]
        while definition < end and page.tags[definition] == "dd":
            values.append(definition)
            definition = page.ends[definition]
        if not values:
            continue
        group = parent if page.tags[parent] == "dl" else page.parents[parent]
        taken.add(parent)
        pair = _pair(page, term, values[0], "list", group)
        if pair:
            rest = [page.text(value, without=DEAD) for value in values[1:20]]
            pair.value = ", ".join([pair.value, *(text for text in rest if text)])[:_LONGEST_VALUE]
            found.append(pair)


def _columns(page: Page, found: list[Pair], taken: set[int]) -> None:
    """Find nodes with two filled children, and nodes whose children are names and values by turns."""
    counts = Counter(page.parents)
    tags = page.tags
    for node, count in counts.items():
        if len(found) >= 3 * _MOST:
            return
        if (
            node < 0
            or count < 2
            or node in taken
            or tags[node] in _NO_COLUMNS
            or page.zones[node] & (ASIDE | DEAD | OPTIONS)
        ):
            continue
        if count <= 4:
            _two(page, node, found)
        elif count % 2 == 0 and count <= 400:
            _by_turns(page, node, found)


_NO_COLUMNS = frozenset({
    "html", "head", "body", "table", "tbody", "thead", "tr", "dl", "ul", "ol", "select", "form", "nav", "p", "h1", "h2",
    "h3", "h4", "main", "section", "picture", "video", "a", "button", "map", "label",
})  # fmt: skip
_ORNAMENTS = frozenset({"br", "hr", "img", "input", "i", "wbr", "meta", "link", "button", "svg"})


def _two(page: Page, node: int, found: list[Pair]) -> None:
    first, last, tags = page.first, page.last, page.tags
    if last[node] - first[node] > _MOST_PIECES_IN_ROW:
        return
    children = [child for child in page.children(node) if tags[child] not in _ORNAMENTS and _is_filled(page, child)]
    if len(children) != 2 or _direct_text(page, node):
        return
    pair = _pair(page, children[0], children[1], "columns", page.parents[node])
    if pair is None or len(pair.value) > _LONGEST_IN_COLUMNS:
        return
    if not pair.field and _is_no_value(page, node, children):
        return
    pair.form = " ".join(f"{tags[each]}.{page.attributes[each].get('class', '')}" for each in (node, *children))
    found.append(pair)


def _is_filled(page: Page, node: int) -> bool:
    """Say whether there is text in a node."""
    return any(not piece.isspace() for piece in page.pieces[page.first[node] : page.last[node]])


def _direct_text(page: Page, node: int) -> bool:
    """Say whether a node has words of its own, besides those of its children."""
    pieces, owners = page.pieces, page.owners
    for place in range(page.first[node], page.last[node]):
        if owners[place] == node and not pieces[place].isspace() and _SAYS.search(pieces[place]):
            return True
    return False


_SAYS = re.compile(r"\w")


def _is_no_value(page: Page, node: int, children: list[int]) -> bool:
    """Say whether two columns are a form, a menu or a text with its heading instead of a name and a value."""
    inside = page.tags[node : page.ends[node]]
    if not _FIELDS.isdisjoint(inside):
        return True
    value = page.tags[children[1] : page.ends[children[1]]]
    links = value.count("a")
    return (
        sum(1 for tag in value if tag in BREAKING) > _MOST_BLOCKS
        or links > _MOST_LINKS
        or (links > 0 and "a" in page.tags[children[0] : children[1]])
    )


_FIELDS = frozenset({"input", "select", "textarea", "label", "form"})
_MOST_PIECES_IN_ROW = 200
"""Far more pieces of text than a name and a value have."""
_MOST_BLOCKS, _MOST_LINKS, _LONGEST_IN_COLUMNS = 6, 3, 300


def _by_turns(page: Page, node: int, found: list[Pair]) -> None:
    children = [child for child in page.children(node) if page.tags[child] not in {"br", "hr"}]
    if len(children) < 4 or len(children) % 2:
        return
    odd = {(page.tags[child], page.attributes[child].get("class", "")) for child in children[::2]}
    even = {(page.tags[child], page.attributes[child].get("class", "")) for child in children[1::2]}
    if len(odd) > 2 or len(even) > 2 or odd & even or _direct_text(page, node):
        return
    for label, value in zip(children[::2], children[1::2], strict=True):
        if pair := _pair(page, label, value, "columns", node):
            found.append(pair)


def _lines(page: Page, lines: list[Line], found: list[Pair]) -> None:
    for line in lines:
        if len(found) >= 4 * _MOST:
            return
        text = line.text
        if len(text) > 600 or line.zone & (ASIDE | CRUMBS | OPTIONS):
            continue
        if ":" in text or "：" in text:
            for part in _parts(text):
                _colon_line(page, line, part, found)
        elif len(text) <= 80 and (match := _UNLABELLED.match(text)):
            label = match["label"].strip(" .#:-")
            if (field := field_of(label)) in {"gtin", "mpn", "sku"}:
                found.append(Pair(label, match["value"], line.node, "line", -1, field or ""))


def _parts(text: str) -> list[str]:
    """Return the pairs of a line that holds several: cut at signs, and before a known name with a colon."""
    parts = _CUT.split(text)
    if text.count(":") < 2:
        return parts
    found = []
    for part in parts:
        begun = 0
        for colon in re.finditer(":", part):
            words = list(re.finditer(r"[^\s:]+", part[begun : colon.start()]))
            for word in words[-3:]:
                if word.start() and field_of(part[begun + word.start() : colon.start()]):
                    found.append(part[begun : begun + word.start()])
                    begun += word.start()
                    break
        found.append(part[begun:])
    return [part for part in found if part.strip()]


def _colon_line(page: Page, line: Line, text: str, found: list[Pair]) -> None:
    match = _LINE.match(text.strip(" ()[]"))
    if not match:
        return
    label = (match["label"] or match["label2"] or "").strip(" •-–*")
    value = match["value"] or match["value2"] or ""
    if not label or not _WORDED.search(label) or label.lower().startswith(("http", "javascript")):
        return
    item = next((node for node in (line.node, *page.ancestors(line.node, 4)) if page.tags[node] == "li"), -1)
    group = page.parents[item] if item >= 0 else _block(page, line.node)
    found.append(Pair(label, value.strip(), line.node, "line", group, field_of(label) or ""))


def _block(page: Page, node: int) -> int:
    while node >= 0 and page.tags[node] not in BREAKING:
        node = page.parents[node]
    return page.parents[node] if node >= 0 and page.tags[node] in {"p", "div", "span"} else node
