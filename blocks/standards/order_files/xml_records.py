"""Orders in XML, one element each: no entities, no network, bounded depth and size, the memory of one order."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from blocks.errors import Unreadable
from blocks.standards.order_files.encodings import encoding_of
from blocks.standards.order_files.file_form import FileForm
from blocks.standards.order_files.rows import BrokenRow
from blocks.standards.order_files.trees import TreeRecord

DEEPEST = 40
ELEMENTS_PER_ROW = 50
_ANYWHERE = ("", "*")


def xml_records(stream: BinaryIO, profile: FileForm) -> Iterator[TreeRecord | BrokenRow]:
    """Yield each element at the profile's path as a tree; names without namespace, attributes with ``@``.

    Raises:
        Unreadable: Empty, no XML, or with a document type.
    """
    from lxml import etree  # noqa: PLC0415 - only where XML is read

    encoding_of(stream)  # refuses what is empty or no text at all
    stream.seek(0)
    events = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        yield from _records(events, profile)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        yield BrokenRow(
            line,
            "",
            f"The XML breaks off or is malformed in line {line}; nothing after it was read.",
            "Have the file written and sent again, whole.",
        )


def _records(events: Any, profile: FileForm) -> Iterator[TreeRecord | BrokenRow]:
    path = [part for part in profile.record.split("/") if part]
    open_names: list[str] = []
    inside = 0
    elements = 0
    too_large = False
    most = profile.limits.rows_per_order * ELEMENTS_PER_ROW
    for event, element in events:
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            if not open_names and element.getroottree().docinfo.internalDTD is not None:
                raise Unreadable("The XML has a document type (DOCTYPE), which order files never need; leave it out.")
            open_names.append(_local(element.tag))
            if not inside and _is_at(open_names, path):
                inside, elements, too_large = len(open_names), 0, False
            elements += 1
            if elements > most or len(open_names) > DEEPEST:
                too_large = True
            continue
        if len(open_names) == inside:
            yield _record(element, too_large=too_large)
            inside = 0
        open_names.pop()
        if not inside or too_large:
            element.clear()
            _forget_before(element)


def _is_at(open_names: list[str], path: list[str]) -> bool:
    if path[0] == "*":
        return open_names[-len(path) + 1 :] == path[1:]
    return open_names == path


def _forget_before(element: Any) -> None:
    """Drop the siblings that have been read, or the tree would grow with the file."""
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _record(element: Any, *, too_large: bool) -> TreeRecord | BrokenRow:
    line = element.sourceline or 0
    if too_large:
        reason = "The order has more elements, or is nested more deeply, than any order may be."
        return BrokenRow(line, "", reason, "Split the order, or raise limits.rows_per_order in the profile.")
    last = max((inner.sourceline or line for inner in element.iter()), default=line)
    return TreeRecord(line, last, _tree(element))


def _tree(element: Any) -> Any:
    """Return an element as a text, or as a mapping of its attributes and children; repeated children as a list."""
    children = [child for child in element if isinstance(child.tag, str)]
    text = "".join([element.text or "", *((child.tail or "") for child in element)]).strip()
    if not children and not element.attrib:
        return text
    tree: dict[str, Any] = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    for child in children:
        name, inner = _local(child.tag), _tree(child)
        if inner == "":
            continue
        if name not in tree:
            tree[name] = inner
        elif isinstance(tree[name], list):
            tree[name].append(inner)
        else:
            tree[name] = [tree[name], inner]
    if text:
        tree["#text"] = text
    return tree


def _local(name: str) -> str:
    return name.rpartition("}")[2]
