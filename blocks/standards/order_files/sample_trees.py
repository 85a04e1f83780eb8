"""Where orders and their lines stand in a sample of XML or JSON."""

import json
from collections import Counter
from itertools import islice
from typing import Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.json_records import json_records
from blocks.standards.order_files.profile import Profile, load_profile
from blocks.standards.order_files.trees import TreeRecord, leaf_paths, list_at
from blocks.standards.order_files.xml_records import xml_records

LOOKED_AT = 100
_SKELETON = """
name: sample
format: {form}
record: {record}
line_path: .
prices: gross
order: {{external_id: "1", placed_at: "1", currency: {{constant: EUR}}}}
lines: {{sku: "1", quantity: "1", tax_rate: "1", unit_gross: "1"}}
"""
Shape = tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]


def _skeleton(form: str, record: str) -> Profile:
    return load_profile(_SKELETON.format(form=form, record=json.dumps(record)))


def xml_shape(stream: BinaryIO) -> Shape:
    """Return record and line_path, and the values by path of the orders and of their lines.

    Raises:
        Unreadable: It is no XML, or nothing in it is repeated or holds lines.
    """
    stream.seek(0)
    record = _record_path(stream)
    found = xml_records(stream, _skeleton("xml", record))
    trees = [one.tree for one in islice(found, LOOKED_AT) if isinstance(one, TreeRecord) and isinstance(one.tree, dict)]
    return _columns(trees, record, "/")


def _record_path(stream: BinaryIO) -> str:
    """Return the path of the children of the root that are there most often; the root itself when it has none."""
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    names: list[str] = []
    children: Counter[str] = Counter()
    events = etree.iterparse(stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for event, element in events:
            if not isinstance(element.tag, str):
                continue
            if event == "start":
                names.append(element.tag.rpartition("}")[2])
                if len(names) == 2:  # noqa: PLR2004 - a child of the root
                    children["/".join(names)] += bool(len(element) or True)
            else:
                if len(names) <= 2:  # noqa: PLR2004
                    element.clear()
                names.pop()
    except etree.XMLSyntaxError as error:
        if not children:
            raise Unreadable("The file is no XML.") from error
    if not children:
        raise Unreadable("The XML has no elements in its root; take a sample with orders in it.")
    return children.most_common(1)[0][0]


def json_shape(stream: BinaryIO) -> Shape:
    """Return record and line_path, and the values by path of the orders and of their lines.

    Raises:
        Unreadable: There are no objects with a list of lines in it.
    """
    record = _listed_under(stream)
    stream.seek(0)
    _, found = json_records(stream, _skeleton("json", record))
    trees = [one.tree for one in islice(found, LOOKED_AT) if isinstance(one, TreeRecord)]
    return _columns(trees, record, ".")


def _listed_under(stream: BinaryIO) -> str:
    """Return the key under which a single object lists the orders; empty for lines and for a list."""
    stream.seek(0)
    _, found = json_records(stream, _skeleton("json", ""))
    first = next(found, None)
    if not isinstance(first, TreeRecord) or next(found, None) is not None:
        return ""
    for key, value in first.tree.items():
        lists = [inner for inner in value if isinstance(inner, dict)] if isinstance(value, list) else []
        if lists and any(_lines_in(inner) for inner in lists):
            return str(key)
    return ""


def _lines_in(tree: Any, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the paths of lists of objects in a tree, the widest first."""
    if not isinstance(tree, dict):
        return []
    found: list[tuple[int, tuple[str, ...]]] = []
    for key, value in tree.items():
        path = (*prefix, str(key))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found.append((-len(value[0]), path))
        elif isinstance(value, dict) and len(prefix) < 4:  # noqa: PLR2004 - lines do not hide deeper
            found += [(-len(inner), inner) for inner in _lines_in(value, path)]
    return [path for _, path in sorted(found)]


def _columns(trees: list[Any], record: str, separator: str) -> Shape:
    paths = Counter(path for tree in trees for path in _lines_in(tree)[:1])
    if not paths:
        raise Unreadable("No order of the sample has several lines: take a sample in which one has.")
    steps = paths.most_common(1)[0][0]
    line_path = separator.join(steps)
    orders: dict[str, list[str]] = {}
    lines: dict[str, list[str]] = {}
    for tree in trees:
        for path, value in leaf_paths(tree, separator):
            if not f"{path}{separator}".startswith(f"{line_path}{separator}"):
                orders.setdefault(path.removesuffix(f"{separator}#text"), []).append(str(value))
        for node in list_at(tree, steps):
            for path, value in leaf_paths(node, separator):
                lines.setdefault(path.removesuffix(f"{separator}#text"), []).append(str(value))
    keys = {"record": record, "line_path": line_path} if record else {"line_path": line_path}
    return keys, orders, lines
