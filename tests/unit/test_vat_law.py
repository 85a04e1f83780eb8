"""The rules of VAT law: each with an invoice that keeps it and one that breaks it, for every state and scheme."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.invoice_verdicts import Gravity, InputTax, LegalContext, Supplier
from blocks.documents.invoices import (
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    Item,
    Note,
    Party,
    Payment,
    PostalAddress,
    PrecedingInvoice,
    TaxRepresentative,
    Totals,
    VatBreakdown,
)
from blocks.standards.en16931.rules.law import book, e_invoice_duty
from blocks.standards.en16931.rules.law.e_invoice_duty import Duty, Form
from blocks.standards.en16931.rules.law.numbers import (
    bic_fault,
    iban_fault,
    leitweg_id_fault,
    vat_id_fault,
)
from blocks.standards.en16931.rules.law.rule import Case
from blocks.standards.en16931.rules.law.skonto import Skonto, skonto_of
from blocks.standards.en16931.rules.law.tax_numbers import german_tax_number_fault

COLOGNE = PostalAddress(line_1="Hauptstr. 1", city="Köln", postcode="50667", country="DE")
OURS = "DE136695976"
THEIRS = "DE123456788"
TODAY = date(2026, 11, 22)
BIG = Decimal(1000)


def an_invoice(category: str = "S", rate: int | None = 19, **changes: Any) -> Invoice:
    """Return an invoice of 1,000 euros without VAT that keeps every rule of law."""
    vat = BIG * (rate or 0) / 100
    reason = "" if category == "S" else "Steuerschuldnerschaft des Leistungsempfängers" if category == "AE" else "frei"
    group = VatBreakdown(category=category, rate=rate, basis=BIG, amount=vat, exemption_reason=reason)
    return Invoice(
        **{
            "number": "R-1",
            "issue_date": date(2026, 11, 20),
            "type_code": "380",
            "currency": "EUR",
            "seller": Party(name="Müller GmbH", vat_id=THEIRS, address=COLOGNE),
            "buyer": Party(name="Käufer AG", vat_id=OURS, address=COLOGNE),
            "delivery": Delivery(delivered_on=date(2026, 11, 19)),
            "totals": Totals(net=BIG, vat=vat, gross=BIG + vat, payable=BIG + vat),
            "vat_breakdown": (group,),
            "lines": ({"id": "1", "quantity": 1, "net": BIG, "vat_category": category, "item": Item(name="Pumpe")},),
            **changes,
        }
    )


def context(**changes: Any) -> LegalContext:
    return LegalContext(**{"received_on": TODAY, "buyer_vat_ids": (OURS,), **changes})


def broken(invoice: Invoice, known: LegalContext | None = None, page: str | None = None) -> set[str]:
    return {finding.rule for _, finding in book.broken(Case(invoice, known or context(), page))}


def abroad(category: str = "K", **changes: Any) -> Invoice:
    seller = Party(name="Fleur SARL", vat_id="FR40303265045", address=COLOGNE.model_copy(update={"country": "FR"}))
    return an_invoice(category, 0, **{"seller": seller, **changes})


def noted(text: str, **changes: Any) -> Invoice:
    return an_invoice(notes=(Note(text=text),), **changes)


def paid_to(account: str, bank: str = "", code: str = "58") -> Payment:
    return Payment(means_code=code, transfers=(CreditTransfer(account=account, bank=bank),))


SMALL = Supplier(small_business=True)
GROUP = an_invoice().vat_breakdown[0]
WRONG: dict[str, tuple[Invoice, LegalContext | None]] = {
    "USTG-14-4-1": (an_invoice(buyer=Party(name="Käufer AG")), None),
    "USTG-14-4-1-BUYER": (an_invoice(), context(buyer_vat_ids=("ATU12345675",))),
    "USTG-14-4-2": (an_invoice(seller=Party(name="x", address=COLOGNE)), None),
    "USTG-14-4-3": (an_invoice(issue_date=None), None),
    "USTG-14-4-3-FUTURE": (an_invoice(issue_date=date(2026, 12, 24)), None),
    "USTG-14-4-4": (an_invoice(number=""), None),
    "USTG-14-4-5": (an_invoice(lines=()), None),
    "USTG-14-4-6": (an_invoice(delivery=None), None),
    "USTG-14-4-7": (an_invoice(vat_breakdown=()), None),
    "USTG-14-4-8": (an_invoice(vat_breakdown=(GROUP.model_copy(update={"rate": None}),)), None),
    "USTG-14-4-9": (
        an_invoice(lines=({"id": "1", "quantity": 1, "item": Item(name="Dachdeckerarbeiten")},)),
        context(to_consumer=True),
    ),
    "USTG-14-4-10": (an_invoice(type_code="389"), None),
    "USTG-14-4-10-WORD": (noted("Gutschrift zu Rechnung 4711", type_code="381"), None),
    "USTG-14-2": (an_invoice(delivery=Delivery(delivered_on=date(2026, 1, 5))), None),
    "USTG-14-2-SIDE": (an_invoice(type_code="389"), None),
    "USTDV-31-5": (an_invoice(type_code="384"), None),
    "USTDV-31-5-CREDIT": (an_invoice(type_code="381"), None),
    "USTG-17-CREDIT-NEGATIVE": (
        an_invoice(type_code="381", totals=Totals(net=-BIG, vat=Decimal(-190), gross=Decimal(-1190))),
        None,
    ),
    "USTG-14-5": (
        an_invoice(totals=Totals(net=BIG, vat=Decimal(190), gross=Decimal(1190), prepaid=Decimal(500))),
        None,
    ),
    "USTG-17-NEGATIVE": (an_invoice(totals=Totals(net=-BIG, vat=Decimal(-190), gross=Decimal(-1190))), None),
    "USTG-14-4-8-AMOUNT": (an_invoice(vat_breakdown=(GROUP.model_copy(update={"amount": Decimal(250)}),)), None),
    "USTG-14-4-7-SUM": (an_invoice(totals=Totals(net=BIG, vat=Decimal(190), gross=Decimal(1300))), None),
    "USTG-12": (an_invoice("S", 20), None),
    "USTG-14C-13B": (an_invoice("AE", 19), None),
    "USTG-14A-5": (
        an_invoice("AE", 0, vat_breakdown=(VatBreakdown(category="AE", basis=BIG, exemption_reason="-"),)),
        None,
    ),
    "USTG-14A-1": (abroad("AE", buyer=Party(name="Käufer AG", address=COLOGNE)), None),
    "USTG-13B-CASE": (an_invoice("AE", 0), None),
    "USTG-13B-2-10": (
        an_invoice(lines=({"id": "1", "quantity": 9, "net": Decimal(6000), "item": Item(name="Smartphone X")},)),
        None,
    ),
    "USTG-14A-3": (abroad(buyer=Party(name="Käufer AG", address=COLOGNE)), None),
    "USTG-6A-SAME-STATE": (an_invoice("K", 0), None),
    "USTG-6A-OUTSIDE": (abroad(buyer=Party(name="x", vat_id="CHE123", address=COLOGNE)), None),
    "USTG-14C-EXEMPT": (abroad(vat_breakdown=(VatBreakdown(category="K", basis=BIG, amount=Decimal(9)),)), None),
    "USTG-18-FOREIGN": (an_invoice("S", 20, seller=abroad().seller), None),
    "USTG-14C": (noted("Kleinunternehmer nach § 19 UStG"), None),
    "USTDV-34A-5": (an_invoice("E", 0), context(supplier=SMALL)),
    "USTG-14-4-2-FORM": (an_invoice(seller=Party(name="x", vat_id="DE123456789", address=COLOGNE)), None),
    "USTG-27A-FORM": (an_invoice(tax_representative=TaxRepresentative(name="v", vat_id="DE12")), None),
    "USTG-14-4-2-TAX-NUMBER": (an_invoice(seller=Party(name="x", tax_number="12", address=COLOGNE)), None),
    "USTG-14-4-2-CHECK-DIGIT": (
        an_invoice(seller=Party(name="x", tax_number="181/815/08150", address=COLOGNE)),
        None,
    ),
    "LEITWEG-ID": (an_invoice(buyer_reference="04011000-12345-35"), None),
    "IBAN": (an_invoice(payment=paid_to("DE03120300000000202051")), None),
    "IBAN-DEBITED": (an_invoice(payment=Payment(debit=DirectDebit(account="DE03120300000000202051"))), None),
    "BIC": (an_invoice(payment=paid_to("DE02120300000000202051", "QQ")), None),
    "ACCOUNTS": (
        an_invoice(
            payment=Payment(
                means_code="58",
                transfers=(CreditTransfer(account="DE02120300000000202051"), CreditTransfer(account="AT1")),
            )
        ),
        None,
    ),
    "SKONTO-NOTATION": (an_invoice(payment_terms="#SKONTO#TAGE=14#PROZENT=2,00#"), None),
    "SKONTO-ODD": (an_invoice(payment_terms="#SKONTO#TAGE=14#PROZENT=90.00#\n"), None),
    "USTG-14-4-7-SKONTO": (an_invoice(payment_terms="Abzüglich Skonto"), None),
}


@pytest.mark.parametrize("rule", sorted(WRONG))
def test_each_rule_of_law_is_kept_by_a_right_invoice_and_broken_by_a_wrong_one(rule: str):
    invoice, known = WRONG[rule]
    assert broken(an_invoice()) == set()
    assert rule in broken(invoice, known)


def test_every_rule_of_law_is_tried_and_says_cause_and_remedy_in_both_languages():
    assert {rule.id for rule in book.RULES} - set(WRONG) == {"USTG-14-4-1-PAGE"}
    for invoice, known in WRONG.values():
        for rule, finding in book.broken(Case(invoice, known or context())):
            assert finding.text.endswith(")"), rule.id
            assert finding.text_de.endswith(")"), rule.id
            assert "{" not in finding.text + finding.text_de
            assert finding.text != finding.text_de


def effects(invoice: Invoice, known: LegalContext | None = None) -> dict[str, tuple[Gravity, InputTax]]:
    case = Case(invoice, known or context())
    return {rule.id: (finding.gravity, rule.input_tax) for rule, finding in book.broken(case)}


def test_t_doc_7_reverse_charge_with_vat_is_an_error_and_its_vat_not_deductible():
    assert effects(an_invoice("AE", 19))["USTG-14C-13B"] == (Gravity.FATAL, InputTax.NOT_DEDUCTIBLE)
    worded = noted("Reverse charge: Steuerschuldnerschaft des Leistungsempfängers")
    assert effects(worded)["USTG-14C-13B"] == (Gravity.FATAL, InputTax.NOT_DEDUCTIBLE)


@pytest.mark.parametrize(
    "words",
    ["Steuerschuldnerschaft des Leistungsempfängers", "Reverse charge", "Autoliquidation", "Inversione contabile",
     "Inversión del sujeto pasivo", "Btw verlegd", "Omvänd betalningsskyldighet", "Odwrotne obciążenie",
     "Fordított adózás", "Prijenos porezne obveze"],
)  # fmt: skip
def test_t_doc_7_the_words_of_reverse_charge_may_be_of_any_official_language(words: str):
    group = VatBreakdown(category="AE", rate=Decimal(0), basis=BIG, amount=Decimal(0))
    bare = an_invoice(
        "AE", 0, vat_breakdown=(group,), lines=({"id": "1", "quantity": 1, "item": Item(name="Schrott")},)
    )
    assert effects(bare)["USTG-14A-5"] == (Gravity.FATAL, InputTax.UNAFFECTED)
    assert broken(bare.model_copy(update={"notes": (Note(text=words),)})) == set()


def test_t_doc_7_a_small_business_with_vat_is_warned_of_14c_whether_it_says_so_or_we_know():
    expected = (Gravity.WARNING, InputTax.NOT_DEDUCTIBLE)
    assert effects(noted("Kein Ausweis von Umsatzsteuer, da Kleinunternehmer"))["USTG-14C"] == expected
    assert effects(an_invoice(), context(supplier=SMALL))["USTG-14C"] == expected
    assert broken(an_invoice("E", 0, notes=(Note(text="§ 19 UStG"),)), context(supplier=SMALL)) == set()


@pytest.mark.parametrize("number", ["04011000-12345-03", "991-33333TEST-33"])
def test_t_doc_8_a_right_leitweg_id_is_accepted(number: str):
    assert leitweg_id_fault(number) == ""
    assert "LEITWEG-ID" not in broken(an_invoice(buyer_reference=number))


@pytest.mark.parametrize("number", ["04011000-12345-35", "991-12345-67", "04011000-26158-01"])
def test_t_doc_8_a_leitweg_id_with_wrong_check_digits_is_refused(number: str):
    assert leitweg_id_fault(number) == "check digits"
    assert effects(an_invoice(buyer_reference=number))["LEITWEG-ID"] == (Gravity.WARNING, InputTax.UNAFFECTED)


def test_any_other_reference_of_the_buyer_is_as_good_in_b2b():
    assert broken(an_invoice(buyer_reference="Bestellung 4711-12")) == set()


VAT_IDS = (
    "ATU12345675 BE0428759497 BG175074752 CY10259033P CZ25123891 DE136695976 DK13585628 EE100931558 EL094259216"
    " ESB58378431 FI20774740 FR40303265045 HR33392005961 HU12892312 IE6433435F IT00743110157 LT119511515 LU15027442"
    " LV40003521600 MT11679112 NL004495445B01 PL8567346215 PT501964843 RO18547290 SE123456789701 SI50223054"
    " SK2022749619 XI980780684"
)


@pytest.mark.parametrize("number", VAT_IDS.split())
def test_vat_identifiers_of_every_state_are_told_right_from_wrong(number: str):
    assert vat_id_fault(number) == ""
    assert vat_id_fault(f"{number[:2]} {number[2:]}") == ""
    assert vat_id_fault(number[:3])
    digit = next(place for place in range(len(number) - 1, 1, -1) if number[place].isdigit())
    turned = number[:digit] + str((int(number[digit]) + 1) % 10) + number[digit + 1 :]
    assert vat_id_fault(turned) or number[:2] in {"NL", "LT"}


def test_numbers_of_germany_and_of_banks_are_told_right_from_wrong():
    assert vat_id_fault("DE136695976-00001") == ""
    assert vat_id_fault("CHE-123.456.789 MWST") == ""
    assert german_tax_number_fault("181/815/08155") == ""
    assert german_tax_number_fault("St.-Nr. 12") == "form"
    assert iban_fault("DE02 1203 0000 0000 2020 51") == ""
    assert iban_fault("DE03120300000000202051") == "check digits"
    assert iban_fault("DE0312030000000020205") == "form"
    assert (bic_fault("BYLADEM1001"), bic_fault("BYLA")) == ("", "form")


def test_a_gln_stands_for_name_and_address_and_a_delivery_note_for_the_time_of_supply():
    party = Party(identifiers=(Identifier(value="4012345000009", scheme="0088"),), vat_id=THEIRS)
    buyer = Party(identifiers=(Identifier(value="4012345000016", scheme="0088"),), vat_id=OURS)
    invoice = an_invoice(seller=party, buyer=buyer, delivery=None, despatch_advice_reference="L-1")
    assert broken(invoice) == set()


def test_small_amounts_need_less_but_not_across_borders_nor_under_reverse_charge():
    bare: dict[str, Any] = {"number": "", "delivery": None, "buyer": Party(), "totals": Totals(gross=Decimal(250))}
    lines = ({"id": "1", "quantity": 1, "item": Item(name="Schrott")},)
    group = VatBreakdown(category="S", rate=Decimal(19))
    assert broken(an_invoice(**bare, vat_breakdown=(group,))) == set()
    over = {**bare, "totals": Totals(gross=Decimal("250.01"))}
    assert {"USTG-14-4-1", "USTG-14-4-4", "USTG-14-4-6"} <= broken(an_invoice(**over, vat_breakdown=(group,)))
    assert {"USTG-14-4-1", "USTG-14-4-4"} <= broken(an_invoice("AE", 0, **bare, lines=lines))
    assert {"USTG-14-4-1", "USTG-14-4-4"} <= broken(abroad(**bare))
    away = Delivery(address=PostalAddress(country="AT"))
    assert "USTG-14-4-4" in broken(an_invoice(**{**bare, "delivery": away}), context(to_consumer=True))


def test_skonto_is_read_and_words_that_say_all_are_enough():
    assert skonto_of("#SKONTO#TAGE=7#PROZENT=2.00#\n#SKONTO#TAGE=14#PROZENT=1.00#BASISBETRAG=50.00#\n") == (
        Skonto(7, Decimal("2.00")),
        Skonto(14, Decimal("1.00"), Decimal("50.00")),
    )
    for terms in ("2 % Skonto bei Zahlung binnen 10 Tagen", "zahlbar ohne Skonto", "10 Tage 3 % Skonto, 30 Tage netto"):
        assert broken(an_invoice(payment_terms=terms)) == set(), terms


def test_a_correction_that_names_its_invoice_is_right():
    assert broken(an_invoice(type_code="384", preceding_invoices=(PrecedingInvoice(number="R-0"),))) == set()
    assert broken(noted("Storno der Rechnung R-0", type_code="381")) == set()


CURRENCIES = "EUR CZK DKK HUF PLN RON SEK BGN"
SCRAP = ({"id": "1", "quantity": 1, "item": Item(name="Schrott")},)
SCHEMES: dict[str, Callable[[], Invoice]] = {
    "standard": an_invoice,
    "reduced": lambda: an_invoice("S", 7),
    "exempt": lambda: an_invoice("E", 0),
    "zero rate": lambda: an_invoice("Z", 0),
    "not subject": lambda: an_invoice("O", None),
    "export": lambda: an_invoice("G", 0),
    "intra-Community": abroad,
    "reverse charge from abroad": lambda: abroad(
        "AE", vat_breakdown=(VatBreakdown(category="AE", basis=BIG, exemption_code="VATEX-EU-AE"),)
    ),
    "reverse charge at home": lambda: an_invoice(
        "AE", 0, lines=({"id": "1", "quantity": 1, "item": {"name": "Schrott"}},)
    ),
}


@pytest.mark.parametrize("currency", CURRENCIES.split())
@pytest.mark.parametrize("scheme", SCHEMES)
def test_right_invoices_of_every_currency_and_vat_scheme_keep_the_law(currency: str, scheme: str):
    invoice = SCHEMES[scheme]()
    assert broken(invoice.model_copy(update={"currency": currency})) == set()


@pytest.mark.parametrize(
    ("issued", "above", "form", "duty"),
    [
        (date(2024, 12, 31), True, Form.PAGE, Duty.NOT_YET),
        (date(2026, 12, 31), True, Form.PAGE, Duty.NOT_YET),
        (date(2027, 1, 1), True, Form.PAGE, Duty.DUE),
        (date(2027, 1, 1), None, Form.PAGE, Duty.UNKNOWN),
        (date(2027, 1, 1), False, Form.PAGE, Duty.NOT_YET),
        (date(2027, 12, 31), True, Form.EDI, Duty.NOT_YET),
        (date(2028, 1, 1), False, Form.PAGE, Duty.DUE),
        (date(2028, 1, 1), False, Form.EDI, Duty.DUE),
    ],
)
def test_the_duty_to_issue_e_invoices_goes_by_day_and_turnover(
    issued: date, above: bool | None, form: Form, duty: Duty
):
    known = context(supplier=Supplier(turnover_above_limit=above), received_on=issued)
    case = Case(an_invoice(issue_date=issued, delivery=None), known)
    assert e_invoice_duty.duty_of(case, form)[0] is duty
    finding = e_invoice_duty.finding_of(case, form)
    assert (finding.gravity is Gravity.FATAL) is (duty is Duty.DUE)


@pytest.mark.parametrize(
    ("invoice", "known"),
    [
        (an_invoice(), {"to_consumer": True}),
        (an_invoice(totals=Totals(gross=Decimal(250))), {}),
        (an_invoice("E", 0), {}),
        (an_invoice(), {"supplier": SMALL}),
        (noted("Kleinunternehmer"), {}),
        (abroad(), {}),
        (an_invoice(), {"supplier": Supplier(domestic=False)}),
    ],
)
def test_who_need_not_issue_e_invoices_never_has_to(invoice: Invoice, known: dict[str, Any]):
    late = invoice.model_copy(update={"issue_date": date(2028, 6, 1)})
    assert e_invoice_duty.duty_of(Case(late, context(**known)))[0] is Duty.EXEMPT


def test_on_a_page_addresses_and_time_of_supply_are_looked_for_in_its_text():
    bare = an_invoice(seller=Party(name="x", vat_id=THEIRS), buyer=Party(name="y"), delivery=None)
    page = "Müller GmbH\n50667 Köln\nKäufer AG\n10115 Berlin\nLieferdatum: 19.11.2026"
    assert broken(bare, page=page) == set()
    assert broken(bare, page="50667 Köln") == {"USTG-14-4-1-PAGE", "USTG-14-4-6"}
