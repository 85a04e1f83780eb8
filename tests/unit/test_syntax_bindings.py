"""The syntax bindings: every published id is known, right documents keep all of them, and each finds what breaks it."""

import re
from collections.abc import Iterable

import pytest
from lxml import etree

from blocks.standards.en16931.cii_writing import write as write_cii
from blocks.standards.en16931.reading import Syntax
from blocks.standards.en16931.rules import cii_binding, ubl_binding, unused_elements
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.rules.document_rules import DocumentRule
from blocks.standards.en16931.rules.rule import Severity
from blocks.standards.en16931.ubl_writing import write as write_ubl
from tests.broken_invoices import RIGHT
from tests.syntax_paths import put

WRITTEN = {Syntax.UBL: write_ubl(RIGHT)[0], Syntax.CII: write_cii(RIGHT)[0]}
SYNTAXES = pytest.mark.parametrize("syntax", list(Syntax), ids=str)


def numbered(family: str, last: int, width: int, *without: int) -> set[str]:
    return {f"{family}-{number:0{width}}" for number in range(1, last + 1) if number not in without}


PUBLISHED = {
    Syntax.UBL: numbered("UBL-CR", 682, 3, 120, 423, 536, 631)
    | numbered("UBL-SR", 56, 2, 38, 41)
    | numbered("UBL-DT", 28, 2, 2, 3, 4, 5),
    Syntax.CII: numbered("CII-SR", 494, 3, 4, 5, 29, 31, 47, 137, 211, 253, 343, 374, 383, 387, 403, 410)
    | {"CII-SR-04", "CII-SR-05"}
    | numbered("CII-DT", 104, 3, 85, 99, 100),
}
"""The ids of the bindings in the artefacts 1.3.16: 756 for UBL, 583 for CII."""
UNKNOWN = {"CII-SR-474"}
"""What it asks for stands in no document at hand; the artefacts warn of it only."""


def found(data: bytes) -> dict[str, Severity]:
    return {one.rule: one.severity for one in check_document(data, xrechnung=False)[3]}


def simple(syntax: Syntax) -> Iterable[DocumentRule]:
    """Yield the remarks that one element or attribute out of place calls for."""
    for rule in unused_elements.remarks(syntax):
        if not re.search(r"\[(?:count|not)\(| and |\[\. !=", rule.broken):
            yield rule


def test_every_published_id_of_the_bindings_is_known_and_no_other():
    assert (len(PUBLISHED[Syntax.UBL]), len(PUBLISHED[Syntax.CII])) == (756, 583)
    remarks = {syntax: {rule.id for rule in unused_elements.remarks(syntax)} for syntax in Syntax}
    assert ubl_binding.IDS | remarks[Syntax.UBL] == PUBLISHED[Syntax.UBL]
    assert cii_binding.IDS | remarks[Syntax.CII] == PUBLISHED[Syntax.CII] - UNKNOWN
    assert not ubl_binding.IDS & remarks[Syntax.UBL]
    assert not cii_binding.IDS & remarks[Syntax.CII]


@SYNTAXES
def test_a_right_document_calls_for_no_remark(syntax: Syntax):
    assert found(WRITTEN[syntax]) == {}


@SYNTAXES
def test_each_unused_element_calls_for_its_remark_which_is_no_error(syntax: Syntax):
    root = etree.fromstring(WRITTEN[syntax])
    wanted = {rule.id for rule in simple(syntax)}
    assert len(wanted) > {Syntax.UBL: 670, Syntax.CII: 420}[syntax]
    for rule in simple(syntax):
        put(root, rule.broken)
    said = found(etree.tostring(root))
    assert wanted <= set(said)
    assert {said[rule] for rule in wanted} == {Severity.WARNING}


@pytest.mark.parametrize("rule", sorted(unused_elements.TAKEN))
def test_a_remark_is_made_even_where_the_reader_takes_the_element_in(rule: str):
    syntax = Syntax.UBL if rule.startswith("UBL") else Syntax.CII
    paths = [one.broken for one in simple(syntax) if one.id == rule]
    for path in paths:
        root = etree.fromstring(WRITTEN[syntax])
        put(root, path)
        assert rule in found(etree.tostring(root))
