"""Follows a message through its grammar: one look-up per segment."""

import re
from functools import lru_cache
from typing import NamedTuple

from blocks.standards.edifact.grammars import MESSAGES, MOST_ELEMENTS, PARTS

_TOKEN = re.compile(r"\(|\)!?|@\w+|[A-Z0-9]{3}[*!]*")
_MAX_DEPTH = 8
_UNBOUNDED = 10_000
_WITHIN = {"MOA", "QTY", "PCD", "PRI", "RTE"}

HEADER, LINE, SUMMARY = 0, 1, 2


class Step(NamedTuple):
    """Where a segment leads, and what should have stood before it."""

    node: "Node"
    missing: tuple[str, ...]


class Node:
    """One place in a grammar.

    Attributes:
        tag: The segment that stands there.
        group: Triggers of the groups it stands in, outermost first.
        scope: The group that tells what an amount there means: LIN, TAX, ALC, PAT …; empty outside of groups.
        area: `HEADER`, `LINE` or `SUMMARY`.
        most: Data elements the segment has at most.
        steps: Which tags may follow.
    """

    __slots__ = ("area", "group", "most", "repeats", "required", "scope", "steps", "tag")

    def __init__(self, tag: str, group: tuple[str, ...], *, required: bool, repeats: bool) -> None:
        """Stand in a grammar; steps and area are found once all places are known."""
        self.tag, self.group, self.required, self.repeats = tag, group, required, repeats
        self.most = MOST_ELEMENTS.get(tag, _UNBOUNDED)
        self.scope = next((trigger for trigger in reversed(group) if trigger not in _WITHIN), "")
        self.area = LINE if "LIN" in group else HEADER
        self.steps: dict[str, Step] = {}


class _Group:
    """Places and groups in their order; the first place is the trigger."""

    def __init__(self, parent: "_Group | None" = None) -> None:
        self.parent = parent
        self.items: list[Node | _Group] = []
        self.required = False

    @property
    def trigger(self) -> Node:
        first = self.items[0]
        if isinstance(first, _Group):
            raise TypeError("A group begins with its trigger, not with another group.")
        return first


@lru_cache
def grammar(message_type: str) -> Node | None:
    """Return the place of UNH in a type's grammar; None for a type that has none here."""
    text = MESSAGES.get(message_type)
    return None if text is None else _compiled(f"UNH! {text} UNT!")


@lru_cache(maxsize=1024)
def expected(node: Node) -> str:
    """Return the tags that may follow, for a sentence."""
    return ", ".join(sorted(tag for tag, step in node.steps.items() if not step.missing))


def _tokens(text: str, depth: int = 0) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if token.startswith("@") and depth < _MAX_DEPTH:
            found += _tokens(PARTS[token[1:]], depth + 1)
        else:
            found.append(token)
    return found


def _compiled(text: str) -> Node:
    root = _parsed(text)
    _connect(root)
    summary = False
    for item in root.items:
        first = item.trigger if isinstance(item, _Group) else item
        summary = summary or first.tag in {"UNS", "CNT"}
        if summary:
            _mark_summary(item)
    return root.trigger


def _parsed(text: str) -> _Group:
    group = root = _Group()
    triggers: list[str] = []
    opened = False
    for part in _tokens(text):
        if part == "(":
            inner = _Group(group)
            group.items.append(inner)
            group, opened = inner, True
        elif part.startswith(")"):
            group.required = part == ")!"
            triggers.pop()
            group = group.parent or root
        else:
            if opened:
                triggers.append(part[:3])
                opened = False
            group.items.append(Node(part[:3], tuple(triggers), required="!" in part, repeats="*" in part))
    return root


def _mark_summary(item: Node | _Group) -> None:
    if isinstance(item, _Group):
        for inner in item.items:
            _mark_summary(inner)
    else:
        item.area = SUMMARY


def _connect(group: _Group) -> None:
    for place, item in enumerate(group.items):
        if isinstance(item, _Group):
            _connect(item)
        else:
            _followers(item, group, place)


def _followers(node: Node, group: _Group, place: int) -> None:
    """Find what may follow: itself, what comes later in its group, its group anew, what comes behind the group."""
    if node.repeats:
        node.steps[node.tag] = Step(node, ())
    missing: list[str] = []
    here: _Group | None = group
    while here is not None:
        for item in here.items[place + 1 :]:
            first = item.trigger if isinstance(item, _Group) else item
            _offer(node, first, missing)
            if item.required:
                missing.append(first.tag)
        if here.parent is None:
            return
        _offer(node, here.trigger, missing)
        place = here.parent.items.index(here)
        here = here.parent


def _offer(node: Node, follower: Node, missing: list[str]) -> None:
    known = node.steps.get(follower.tag)
    if known is None or (known.missing and not missing):
        node.steps[follower.tag] = Step(follower, tuple(missing))
