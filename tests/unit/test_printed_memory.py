"""What was confirmed of a supplier's invoice makes the next one surer, and never says what is not printed on it."""

from dataclasses import replace

from blocks.documents.conversions import Outcome
from blocks.standards.printed_invoices.learning import learn
from blocks.standards.printed_invoices.memory import LayoutMemory
from blocks.standards.printed_invoices.reader import read_printed
from tests.paper import VAT_IDS, Case, german_letter, printed

FACTS = [("Rechnungsnummer", "4711"), ("Datum", "15.03.2024")]
LINE = ("1", "Hammer", "2", "50,00", "19 %", "100,00")
TOTALS = [("Nettobetrag", "100,00 €"), ("zzgl. 19 % MwSt.", "19,00 €"), ("Rechnungsbetrag", "119,00 €")]


def confirmed(case: Case, **changed: str) -> LayoutMemory:
    """Return what a person taught who confirmed an invoice, with other values of the seller, buyer or account."""
    layer = printed(case)
    first = read_printed(layer)
    assert first.invoice is not None
    lesson = learn(layer, first.invoice, first.provenance)
    values = {**lesson.values, **{path.replace("__", "."): value for path, value in changed.items()}}
    return LayoutMemory.of([(lesson.supplier, lesson.layout, {**lesson.model_dump(mode="json"), "values": values})])


def test_another_buyer_that_is_printed_is_not_replaced_by_the_one_confirmed_before() -> None:
    case = Case()
    memory = confirmed(case, buyer__name=case.buyer.split()[0])
    found = read_printed(printed(case), memory)
    assert found.invoice is not None
    assert found.invoice.buyer.name == case.buyer


def test_a_vat_id_confirmed_as_the_sellers_that_stands_with_the_buyer_goes_to_review() -> None:
    case = Case()
    own, other = VAT_IDS[case.language], "DE811569869"
    memory = confirmed(replace(case))
    there = german_letter([*FACTS, ("USt-IdNr. des Kunden", own)], LINE, TOTALS, foot=f"USt-IdNr. {other}")
    plain, found = read_printed(there), read_printed(there, memory)
    assert plain.invoice is not None
    assert found.invoice is not None
    assert found.invoice.seller.vat_id == plain.invoice.seller.vat_id == other
    assert found.outcome is Outcome.REVIEW
    assert any(f"{own} was confirmed as the seller's" in reason for reason in found.reasons)


def test_only_what_is_an_account_is_remembered_as_one() -> None:
    layer = printed(Case())
    first = read_printed(layer)
    assert first.invoice is not None
    assert first.invoice.payment is not None
    transfers = (first.invoice.payment.transfers[0].model_copy(update={"account": "LOCAL ACCOUNT"}),)
    said = first.invoice.model_copy(
        update={"payment": first.invoice.payment.model_copy(update={"transfers": transfers})}
    )
    assert "payment.iban" in learn(layer, first.invoice, first.provenance).values
    assert "payment.iban" not in learn(layer, said, first.provenance).values
