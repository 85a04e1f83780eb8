"""German tax numbers: the check digit by the procedure of each state, and what is said where the state is not known."""

import pytest

from blocks.documents.invoice_verdicts import Gravity, InputTax
from blocks.documents.invoices import Party
from blocks.standards.en16931.rules.law import book
from blocks.standards.en16931.rules.law.rule import Case
from blocks.standards.en16931.rules.law.tax_numbers import german_tax_number_fault
from tests.unit.test_vat_law import COLOGNE, an_invoice, context

EXAMPLES = {
    "Baden-Württemberg": ("93815/08152", "2893081508152"),
    "Bayern": ("181/815/08155", "9181081508155"),
    "Berlin": ("21/815/08150", "1121081508150"),
    "Brandenburg": ("048/815/08155", "3048081508155"),
    "Bremen": ("75 815 08152", "2475081508152"),
    "Hamburg": ("02/815/08156", "2202081508156"),
    "Hessen": ("013 815 08153", "2613081508153"),
    "Mecklenburg-Vorpommern": ("079/815/08151", "4079081508151"),
    "Niedersachsen": ("24/815/08151", "2324081508151"),
    "Nordrhein-Westfalen": ("133/8150/8159", "5133081508159"),
    "Rheinland-Pfalz": ("22/815/08154", "2722081508154"),
    "Saarland": ("010/815/08182", "1010081508182"),
    "Sachsen": ("201/123/12340", "3201012312340"),
    "Sachsen-Anhalt": ("101/815/08154", "3101081508154"),
    "Schleswig-Holstein": ("29/815/08158", "2129081508158"),
    "Thüringen": ("151/815/08156", "4151081508156"),
}
"""The numbers by which the tax administration and its users explain the states' forms: as printed, and uniform."""


@pytest.mark.parametrize("state", sorted(EXAMPLES))
def test_each_state_s_number_is_right_in_both_forms_and_wrong_with_any_other_last_digit(state: str):
    printed, uniform = EXAMPLES[state]
    assert german_tax_number_fault(printed) == german_tax_number_fault(uniform) == ""
    others = {german_tax_number_fault(f"{uniform[:-1]}{digit}") for digit in range(10) if str(digit) != uniform[-1]}
    assert others - {""} == {"check digits"}
    allowed = 2 if state == "Berlin" else 1
    right = [digit for digit in range(10) if not german_tax_number_fault(f"{uniform[:-1]}{digit}")]
    assert len(right) <= allowed


def test_berlin_reckons_in_two_ways():
    assert german_tax_number_fault("1113000191236") == ""
    assert german_tax_number_fault("1112009391233") == ""


@pytest.mark.parametrize("number", ["12", "4711", "St.-Nr. 12", "9999999999999", "1234567890123", "٢٨٩٣٠٨١٥٠٨١٥٢"])
def test_what_no_state_writes_has_no_form(number: str):
    assert german_tax_number_fault(number) == "form"


def said(number: str) -> list[tuple[str, Gravity, InputTax]]:
    invoice = an_invoice(seller=Party(name="x", tax_number=number, address=COLOGNE))
    found = ((finding, rule) for rule, finding in book.broken(Case(invoice, context())))
    return [
        (one.rule, one.gravity, rule.input_tax)
        for one, rule in found
        if "TAX-NUMBER" in one.rule or "CHECK" in one.rule
    ]


def test_a_last_digit_that_the_named_state_does_not_reckon_is_a_warning():
    assert said("2893081508152") == []
    assert said("2893081508153") == [("USTG-14-4-2-TAX-NUMBER", Gravity.WARNING, InputTax.AT_RISK)]


def test_a_last_digit_that_fits_no_state_is_a_remark_that_leaves_the_input_tax_alone():
    wrong = next(f"181/815/0815{digit}" for digit in range(10) if german_tax_number_fault(f"181/815/0815{digit}"))
    assert german_tax_number_fault(wrong) == "no check digit"
    assert said(wrong) == [("USTG-14-4-2-CHECK-DIGIT", Gravity.INFORMATION, InputTax.UNAFFECTED)]


def test_a_number_whose_state_is_not_known_still_stands_for_a_wrong_vat_id():
    seller = Party(name="x", vat_id="DE111111111", tax_number="93815/08152", address=COLOGNE)
    rules = {rule.id for rule, _ in book.broken(Case(an_invoice(seller=seller), context()))}
    assert "USTG-14-4-2-FORM" not in rules
    named = seller.model_copy(update={"tax_number": "2893081508153"})
    rules = {rule.id for rule, _ in book.broken(Case(an_invoice(seller=named), context()))}
    assert "USTG-14-4-2-FORM" in rules
