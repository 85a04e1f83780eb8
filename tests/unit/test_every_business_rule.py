"""Every rule of EN 16931: a document that keeps it, and one, wrong in one thing, that breaks it."""

import re
from decimal import Decimal

import pytest

from blocks.documents.invoices import (
    VatBreakdown,
)
from blocks.standards.en16931.rules.checking import check_document, rules, tried
from blocks.standards.en16931.rules.vat_categories import CATEGORIES, Category
from blocks.standards.en16931.ubl_writing import write
from tests.broken_invoices import ALWAYS_KEPT, BROKEN, IN_DOCUMENTS, RIGHT, broken, having, named, of, of_family, one


def test_all_rules_of_the_standard_exist():
    assert len(named() - {"BR-CO-25"}) == 223
    assert {rule.id for rule in rules()} | IN_DOCUMENTS | ALWAYS_KEPT == named()


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_each_rule_is_kept_by_a_right_invoice_and_broken_by_one_wrong_thing(rule: str):
    assert rule not in broken(RIGHT)
    assert rule in broken(BROKEN[rule](RIGHT))


@pytest.mark.parametrize("rule", sorted(rule for rule in BROKEN if not rule.startswith("BR-CL")))
def test_no_rule_is_left_untried_on_an_invoice_that_breaks_it(rule: str):
    assert rule in {each.id for each in tried(BROKEN[rule](RIGHT))}


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.family)
def test_each_rule_of_a_vat_category_is_kept_and_broken(category: Category):
    right = of(category)
    assert broken(right) == set()
    for rule, change in of_family(category).items():
        assert rule in broken(change(right)), rule


def test_what_stands_beside_the_ten_rules_of_a_category():
    supply, free = of(CATEGORIES[4]), of(CATEGORIES[6])
    assert "BR-IC-11" in broken(having(delivery__delivered_on=None, period=None)(supply))
    assert "BR-IC-12" in broken(one("delivery__address", None)(supply))
    other = VatBreakdown(category="S", rate=Decimal(19), basis=Decimal(1), amount=Decimal(0))
    assert "BR-O-11" in broken(one("vat_breakdown", (*free.vat_breakdown, other))(free))
    assert "BR-O-12" in broken(one("lines__n0__vat_category", "S")(free))
    assert "BR-O-13" in broken(one("allowances_charges__n0__vat_category", "S")(free))
    assert "BR-O-14" in broken(one("allowances_charges__n1__vat_category", "S")(free))


def test_every_rule_of_the_standard_is_tried_here():
    tried = set(BROKEN) | {rule for category in CATEGORIES for rule in of_family(category)}
    tried |= {"BR-IC-11", "BR-IC-12", "BR-O-11", "BR-O-12", "BR-O-13", "BR-O-14"}
    assert named() - tried == IN_DOCUMENTS | ALWAYS_KEPT


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("BR-CL-03", 'TaxAmount currencyID="EUR"', 'TaxAmount currencyID="QQQ"'),
        ("BR-CL-03", 'PayableAmount currencyID="EUR"', "PayableAmount"),
        ("BR-CO-19", "<cbc:StartDate>2026-11-01</cbc:StartDate><cbc:EndDate>2026-11-30</cbc:EndDate>", ""),
        ("BR-CO-20", "<cbc:StartDate>2026-11-02</cbc:StartDate><cbc:EndDate>2026-11-03</cbc:EndDate>", ""),
        ("BR-CL-18", ">S</cbc:ID>", "> </cbc:ID>"),
        ("BR-47", ">VAT</cbc:ID>", ">GST</cbc:ID>"),
        ("UBL-SR-52", "<cac:DocumentReference>", "<cac:DocumentReference/><cac:DocumentReference>"),
        ("UBL-DT-01", ">95.00</cbc:TaxExclusiveAmount>", ">95.000</cbc:TaxExclusiveAmount>"),
        ("UBL-CR-673", ">130</cbc:DocumentTypeCode>", ">130</cbc:DocumentTypeCode><cbc:DocumentDescription/>"),
    ],
)
def test_what_only_a_document_can_break_is_found_in_it(rule: str, old: str, new: str):
    compact = re.sub(r">\s+<", "><", write(RIGHT)[0].decode())
    assert old in compact
    assert rule not in found(compact)
    assert rule in found(compact.replace(old, new))


def found(document: str) -> set[str]:
    return {finding.rule for finding in check_document(document.encode(), xrechnung=False)[3]}
