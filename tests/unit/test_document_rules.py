"""Rules over the document: which are tried on it, and that its size changes nothing."""

from typing import Any

import pytest

from blocks.standards.en16931.rules import document_rules
from blocks.standards.en16931.rules.checking import check_document
from blocks.standards.en16931.rules.document_rules import DocumentRule, DocumentRules, Seen, clark
from blocks.standards.en16931.ubl_writing import write
from blocks.standards.en16931.xml import parse
from tests.unit.test_xrechnung_rules import a_right_xrechnung

EITHER = "cac:Item[cbc:Name = 'a | b'] | descendant::cac:Price/cbc:Amount"


def a_rule(broken: str = EITHER, **more: Any) -> DocumentRule:
    return DocumentRule("X-1", broken, "It is wrong.", "Das ist falsch.", **more)


@pytest.mark.parametrize(
    ("names", "tried"),
    [
        (("cac:Item",), "cac:Item[cbc:Name = 'a | b']"),
        (("cac:Price", "cbc:Amount"), "descendant::cac:Price/cbc:Amount"),
        (("cac:Item", "cac:Price", "cbc:Amount"), EITHER),
        (("cac:Price",), ""),
        ((), ""),
    ],
)
def test_t_doc_5_of_a_rule_those_alternatives_are_tried_whose_elements_the_document_has(
    names: tuple[str, ...], tried: str
):
    assert a_rule().tried_on({clark(name) for name in names}) == tried


def test_t_doc_5_a_rule_is_tried_only_on_documents_with_the_elements_it_needs():
    rule = a_rule("self::*[count(cac:Item) > 1]", needs=("cac:Item",))
    assert rule.tried_on({clark("cac:Item")})
    assert not rule.tried_on({clark("cac:Price")})


def test_t_doc_5_each_document_is_tried_by_its_own_elements_whatever_was_tried_before():
    rules = DocumentRules(a_rule("cac:Note"), a_rule("cac:Item", twice="cac:Item"))
    start = '<x xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">'

    def places(content: str) -> list[str]:
        seen = Seen(parse(f"{start}{content}</x>".encode()))
        assert [one.location for one in rules.first(seen)] == [one.location for one in rules.findings(seen)][:1]
        return [one.location for one in rules.findings(seen)]

    assert places("<cac:Price/>") == []
    assert places("<cac:Note/>") == ["/x/cac:Note"]
    assert places("<cac:Item/>") == []
    assert places("<cac:Item/><cac:Item/>") == ["/x/cac:Item[1]", "/x/cac:Item[2]"]
    assert places("<cac:Note/>") == ["/x/cac:Note"]


def test_t_doc_5_a_document_too_large_to_be_held_is_judged_alike(monkeypatch: pytest.MonkeyPatch):
    wrong = a_right_xrechnung().model_copy(update={"number": "", "currency": "XYZ"})
    data = write(wrong)[0].replace(b"<cac:LegalMonetaryTotal>", b"<cac:Delivery/><cac:LegalMonetaryTotal>")
    held = check_document(data)
    monkeypatch.setattr(document_rules, "_MOST_HELD", 5)
    assert check_document(data) == held
    assert {"BR-02", "BR-CL-04", "PEPPOL-EN16931-R008"} <= {finding.rule for finding in held[3]}
