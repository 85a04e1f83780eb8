"""Records that are trees (XML, JSON): values and lists found by a path of names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class TreeRecord:
    """One order as a tree of mappings, lists and values; rows count from 1, as an editor shows them."""

    first_row: int
    last_row: int
    tree: Any


def steps_of(path: str, separator: str) -> tuple[str, ...]:
    """Return the names of a path; ``.`` alone is the record itself."""
    return tuple(part.strip() for part in path.split(separator) if part.strip()) if path != "." else ()


def value_at(tree: Any, steps: Sequence[str]) -> Any:
    """Return the value at a path, "" where there is none; several elements are no value on the way."""
    for name in steps:
        if isinstance(tree, list):
            tree = tree[0] if len(tree) == 1 else {}
        if not isinstance(tree, dict):
            return ""
        tree = tree.get(name, "")
    if isinstance(tree, dict) and "#text" in tree:  # an XML element with attributes
        return tree["#text"]
    return "" if tree is None else tree


def list_at(tree: Any, steps: Sequence[str]) -> list[Any]:
    """Return the elements at a path; a single one is a list of one."""
    for name in steps:
        if isinstance(tree, list):
            tree = tree[0] if len(tree) == 1 else {}
        if not isinstance(tree, dict):
            return []
        tree = tree.get(name)
    if tree is None or tree == "":
        return []
    return tree if isinstance(tree, list) else [tree]


def leaf_paths(tree: Any, separator: str, prefix: str = "") -> list[tuple[str, Any]]:
    """Return every leaf with its path, in the order of the tree."""
    if isinstance(tree, dict) and not {"$bytes", "$number"} & tree.keys():
        return [
            leaf
            for name, inner in tree.items()
            for leaf in leaf_paths(inner, separator, f"{prefix}{separator}{name}" if prefix else str(name))
        ]
    if isinstance(tree, list):
        return [leaf for inner in tree for leaf in leaf_paths(inner, separator, prefix)]
    return [(prefix or ".", tree)]
