"""What was confirmed of a supplier's invoice makes the next one surer, and never says what is not printed on it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from blocks.documents.conversions import Outcome
from blocks.standards.pdf.layout import TextLayer
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


def taught(layer: TextLayer, **corrections: object) -> LayoutMemory:
    """Return what a person taught who corrected some values of an invoice and confirmed it."""
    first = read_printed(layer)
    assert first.invoice is not None
    totals = {name: value for name, value in corrections.items() if name in {"prepaid", "payable"}}
    others = {name: value for name, value in corrections.items() if name not in totals}
    told = first.invoice.model_copy(update={**others, "totals": first.invoice.totals.model_copy(update=totals)})
    lesson = learn(layer, told, first.provenance)
    return LayoutMemory.of([(lesson.supplier, lesson.layout, lesson.model_dump(mode="json"))])


def test_another_account_than_the_confirmed_one_is_read_as_printed_and_told() -> None:
    case = Case()
    found = read_printed(printed(case), confirmed(case, payment__iban="DE89370400440532013000"))
    assert found.outcome is Outcome.PROVEN
    assert [text for text in found.remarks if "not the one confirmed before, DE89370400440532013000" in text]


UNKNOWN_NUMBER = [("Vorgangskennung", "4711"), ("Datum", "15.03.2024")]
NEXT_NUMBER = [("Vorgangskennung", "4712"), ("Datum", "16.04.2024")]


def test_a_label_that_no_list_knows_announces_what_a_person_said_it_does() -> None:
    before = german_letter(UNKNOWN_NUMBER, LINE, TOTALS)
    after = german_letter(NEXT_NUMBER, LINE, TOTALS)
    plain, found = read_printed(after), read_printed(after, taught(before, number="4711"))
    assert plain.outcome is Outcome.REVIEW
    assert found.invoice is not None
    assert (found.outcome, found.reasons, found.invoice.number) == (Outcome.PROVEN, (), "4712")


@pytest.mark.parametrize(("due", "outcome"), [("100,00 €", Outcome.PROVEN), ("101,00 €", Outcome.REVIEW)])
def test_a_taught_label_of_an_amount_counts_only_where_the_arithmetic_closes(due: str, outcome: Outcome) -> None:
    paid = ("Schon entrichtet", "19,00 €")
    before = german_letter(FACTS, LINE, [*TOTALS, paid, ("Zahlbetrag", "100,00 €")])
    known = taught(before, prepaid=Decimal("19.00"), payable=Decimal("100.00"))
    after = german_letter(FACTS, LINE, [*TOTALS, paid, ("Zahlbetrag", due)])
    assert read_printed(before).outcome is Outcome.REVIEW
    assert read_printed(after, known).outcome is outcome


def test_a_layout_is_known_again_where_it_prints_one_label_more() -> None:
    before = german_letter(UNKNOWN_NUMBER, LINE, TOTALS)
    after = german_letter([*NEXT_NUMBER, ("Bestellnummer", "B-77")], LINE, TOTALS)
    found = read_printed(after, taught(before, number="4711"))
    assert found.invoice is not None
    assert (found.invoice.number, found.outcome) == ("4712", Outcome.PROVEN)


def test_a_layout_without_lines_is_proven_once_a_person_confirmed_that_it_prints_none() -> None:
    rest = [("Nettobetrag", "100,00 €"), ("zzgl. 19 % MwSt.", "19,00 €"), ("Rechnungsbetrag", "119,00 €")]
    bare = german_letter(FACTS, ("",) * 6, rest)
    again = german_letter([("Rechnungsnummer", "4712"), FACTS[1]], ("",) * 6, rest)
    plain, found = read_printed(again), read_printed(again, taught(bare))
    assert plain.reasons == ("No line of the invoice was recognised.",)
    assert (found.outcome, found.reasons) == (Outcome.PROVEN, ())


def test_a_layout_without_lines_has_none_proven_away() -> None:
    bare = german_letter(FACTS, ("",) * 6, TOTALS)
    odd = german_letter(FACTS, ("1", "Hammer", "2", "50,00", "19 %", "90,00"), TOTALS)
    assert read_printed(odd, taught(bare)).outcome is Outcome.REVIEW


def test_a_name_confirmed_over_several_lines_is_read_so_again_and_only_where_it_stands_so() -> None:
    case = Case()
    layer = printed(case)
    first = read_printed(layer)
    assert first.invoice is not None
    over_lines = case.buyer, "Gartenweg 12"
    buyer = first.invoice.buyer.model_copy(update={"name": " ".join(over_lines)})
    lesson = learn(layer, first.invoice.model_copy(update={"buyer": buyer}), first.provenance)
    assert lesson.values["buyer.name"] == "\n".join(over_lines)
    memory = LayoutMemory.of([(lesson.supplier, lesson.layout, lesson.model_dump(mode="json"))])
    same, moved = (
        read_printed(printed(replace(case, buyer=name)), memory) for name in (case.buyer, "Blumenhaus Süd AG Gartenweg")
    )
    assert same.invoice is not None
    assert moved.invoice is not None
    assert same.invoice.buyer.name == " ".join(over_lines)
    assert moved.invoice.buyer.name == "Blumenhaus Süd AG Gartenweg"
