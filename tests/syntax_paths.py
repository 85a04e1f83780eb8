"""Elements put into a document where an XPath of the syntax bindings looks for them."""

import re
from typing import Any

from lxml import etree

from blocks.standards.en16931.rules.document_rules import clark

_ATTRIBUTE = re.compile(r"\[@(\w+)\]$")
_STEP = re.compile(r"/(?![^\[]*\])")


def put(root: Any, path: str) -> None:
    """Put an element, or an attribute, where the first alternative of an XPath from the root finds it."""
    first = path.split(" | ", maxsplit=1)[0].removeprefix("descendant::").removeprefix("descendant-or-self::")
    attribute = _ATTRIBUTE.search(first)
    steps = [re.sub(r"\[.*?\]", "", step) for step in _STEP.split(_ATTRIBUTE.sub("", first)) if "::" not in step]
    node = root
    for place, step in enumerate(steps if steps != ["*"] else []):
        last = place == len(steps) - 1
        found = None if last and not attribute else node.find(clark(step))
        if found is None:
            found = etree.SubElement(node, clark(step))
            found.text = "x" if last else None
        node = found
    if attribute:
        node.set(attribute[1], "x")
