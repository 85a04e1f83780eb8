"""One pass over a message: follows its structure, judges each value, and keeps what `checks_*` compare.

The pass is what reading an interchange spends its time on: places are found by one look-up, values are judged where
they stand.
"""

from collections.abc import Callable

from blocks.standards.edifact import amount_segments, header_segments, line_segments
from blocks.standards.edifact.contents import Contents
from blocks.standards.edifact.findings import Findings, shown
from blocks.standards.edifact.grammars import MOST_ELEMENTS
from blocks.standards.edifact.structure import Node, expected, grammar
from blocks.standards.edifact.syntax import Segment

_RULES: dict[str, Callable[[Contents, Segment, Node], None]] = {
    "BGM": header_segments.bgm, "DTM": header_segments.dtm, "RFF": header_segments.rff, "NAD": header_segments.nad,
    "LOC": header_segments.loc, "CUX": header_segments.cux, "UNS": header_segments.uns, "LIN": line_segments.lin,
    "PIA": line_segments.pia, "QTY": line_segments.qty, "PRI": line_segments.pri, "PAC": line_segments.pac,
    "GIN": line_segments.gin, "CPS": line_segments.group, "PGI": line_segments.group, "MOA": amount_segments.moa,
    "TAX": amount_segments.tax, "ALC": amount_segments.alc, "PCD": amount_segments.pcd, "RTE": amount_segments.rte,
    "CNT": amount_segments.cnt,
}  # fmt: skip
_GLANCED = {"BGM", "DTM", "NAD", "LIN"}


def read(contents: Contents) -> None:
    """Read a message of a type whose structure is known into its contents."""
    node = grammar(contents.message.type)
    if node is None:
        return
    find = _RULES.get
    for segment in contents.message.segments[1:]:
        tag = segment[0]
        step = node.steps.get(tag)
        if step is None:
            _misplaced(contents, segment, node)
        else:
            node = step[0]
            if step[1]:
                _missing(contents, segment, step[1])
            if len(segment[1]) > node.most:
                _too_long(contents, segment)
        rule = find(tag)
        if rule is not None:
            rule(contents, segment, node)
    contents.end_allowance()
    contents.end_figures()


def glance(contents: Contents) -> None:
    """Take what a report shows of a message that is not judged."""
    anywhere = Node("", (), required=False, repeats=False)
    kept, contents.findings = contents.findings, Findings()
    for segment in contents.message.segments:
        if segment.tag in _GLANCED:
            _RULES[segment.tag](contents, segment, anywhere)
    contents.findings = kept


def _misplaced(contents: Contents, segment: Segment, node: Node) -> None:
    text = f"{shown(segment.tag)} may not follow {node.tag} in {contents.message.type}: expected is {expected(node)}."
    contents.note("segment-order", segment.number, text, kind="structural")


def _missing(contents: Contents, segment: Segment, tags: tuple[str, ...]) -> None:
    for tag in tags:
        text = f"{tag} is missing before {segment.tag}: {contents.message.type} must have it there."
        contents.note(f"{tag.lower()}-missing", segment.number, text, kind="structural")


def _too_long(contents: Contents, segment: Segment) -> None:
    used = len(segment.elements)
    while used and segment.elements[used - 1] == ("",):
        used -= 1
    if used > MOST_ELEMENTS[segment.tag]:
        text = f"{segment.tag} has {used} data elements, more than any directory gives it: the terminator before the"
        contents.note("segment-elements", segment.number, text + " next segment was lost.", kind="structural")
