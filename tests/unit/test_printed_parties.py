"""Who sells and who buys: the company, not its contact, slogan, street or what kerning tore apart."""

from dataclasses import replace

import pytest

from blocks.documents.conversions import Outcome
from blocks.standards.pdf.layout import Row, TextLayer
from blocks.standards.printed_invoices.reader import Printed, read_printed
from tests.paper import Case, Sheet, printed

TOTALS = (("Total HT", "100,00"), ("TVA 20 %", "20,00"), ("Total TTC", "120,00"))


def bill(seller: list[str], buyer: list[str], *, foot: str = "", logo: str = "", pay: str = "") -> TextLayer:
    """Print a French invoice: the seller's block at the left, the buyer's under its heading at the right."""
    sheet = Sheet()
    if logo:
        sheet.text(60, 800, logo, 14)
    for index, text in enumerate(seller):
        sheet.text(60, 740 - 12 * index, text)
    for index, text in enumerate(buyer):
        sheet.text(330, 740 - 12 * index, text)
    sheet.text(60, 630, "FACTURE N° :")
    sheet.text(160, 630, "F-2024-117")
    sheet.text(60, 617, "Date :")
    sheet.text(160, 617, "31/01/2024")
    for x, head, text in zip(
        (60, 330, 420, 540), ("Désignation", "Quantité", "P.U. HT", "Montant HT"), ("Conseil", "2", "50,00", "100,00"),
        strict=True,
    ):  # fmt: skip
        for y, words in ((560, head), (546, text)):
            (sheet.right if x > 200 else sheet.text)(x, y, words)
    for index, (label, value) in enumerate(TOTALS):
        sheet.text(330, 500 - 13 * index, label)
        sheet.right(540, 500 - 13 * index, f"{value} EUR")
    if pay:
        sheet.text(60, 300, pay)
    if foot:
        sheet.text(60, 60, foot, 7)
    return TextLayer((sheet.page(),))


SELLER = ["Le plein air pour tous", "Atelier Vautrin", "3, rue des Lilas", "75018 Paris", "N° TVA : FR83404833048"]
BUYER = ["Adresse du Client", "Service achats, dép. B2", "Menuiserie Roussel", "9, rue Haute", "06000 Nice"]


def names(found: Printed) -> tuple[str, str]:
    assert found.invoice is not None
    return found.invoice.seller.name, found.invoice.buyer.name


def test_t_doc_4_a_name_that_stands_again_in_the_letterhead_is_taken_and_no_guess() -> None:
    found = read_printed(bill(SELLER, [*BUYER[:1], *BUYER[2:]], logo="Atelier Vautrin"))
    assert names(found) == ("Atelier Vautrin", "Menuiserie Roussel")
    assert not [reason for reason in found.reasons if "name" in reason]


@pytest.mark.parametrize(
    ("above", "name"),
    [
        ("Contact : Mme Petit", "Menuiserie Roussel"),
        ("Département achats", "Menuiserie Roussel"),
        ("z. Hd. Frau Muster", "Menuiserie Roussel"),
        ("Mme Anne Petit", "Mme Anne Petit"),  # a person: the line below may be the hamlet she lives in
    ],
)
def test_a_contact_or_a_department_above_the_company_is_not_its_name(above: str, name: str) -> None:
    found = read_printed(bill(SELLER, [BUYER[0], above, *BUYER[2:]], logo="Atelier Vautrin"))
    assert names(found)[1] == name


def test_a_person_above_a_company_with_its_legal_form_is_not_its_name() -> None:
    buyer = [BUYER[0], "Mme Anne Petit", "Menuiserie Roussel SARL", *BUYER[3:]]
    assert names(read_printed(bill(SELLER, buyer, logo="Atelier Vautrin")))[1] == "Menuiserie Roussel SARL"


def test_the_holder_of_the_account_in_the_footer_is_the_seller_unless_the_amount_is_debited() -> None:
    buyer = ["Menuiserie Roussel", "9, rue Haute", "06000 Nice"]
    paid = bill([], buyer, foot="VAUTRIN", pay="Titulaire du compte : VAUTRIN")
    assert names(read_printed(paid)) == ("VAUTRIN", "Menuiserie Roussel")
    debited = read_printed(bill([], buyer, foot="VAUTRIN", pay="Prélèvement, titulaire du compte : VAUTRIN"))
    assert names(debited)[0] != "VAUTRIN"
    assert debited.outcome is Outcome.REVIEW


def test_names_that_kerning_tore_apart_are_whole_again() -> None:
    sheet = Sheet()
    sheet.text(60, 740, "Werkzeugdienst Nord GmbH")
    words = list(sheet.page().rows[0].words)
    first = words[0]._replace(text="Werkzeugdien", right=words[0].right - 20)
    second = words[0]._replace(text="st", left=first.right + 0.9)
    layer = bill([], BUYER, foot="USt-IdNr. DE136695976")
    page = layer.pages[0]
    row = page.rows[0].__class__(1, (first, second, *words[1:]))
    torn = TextLayer((page.__class__(1, page.width, page.height, (row, *page.rows)),))
    assert names(read_printed(torn))[0] == "Werkzeugdienst Nord GmbH"


def test_a_name_is_doubted_where_the_footer_with_the_vat_id_names_another_company() -> None:
    own = [*SELLER[1:4]]
    right = read_printed(bill(own, BUYER, logo="Atelier Vautrin", foot="Atelier Vautrin - N° TVA : FR83404833048"))
    assert right.outcome is Outcome.PROVEN
    other = read_printed(bill(own, BUYER, logo="Atelier Vautrin", foot="Groupe Morel SARL - N° TVA : FR83404833048"))
    assert other.outcome is Outcome.REVIEW
    bank = read_printed(bill(own, BUYER, logo="Atelier Vautrin", foot="Banque Morel SA - N° TVA : FR83404833048"))
    assert bank.outcome is Outcome.PROVEN


def test_a_vat_id_at_the_foot_below_a_payee_is_the_sellers() -> None:
    layer = bill(SELLER[1:4], BUYER, logo="Atelier Vautrin", foot="N° TVA : FR83404833048", pay="Bénéficiaire")
    found = read_printed(layer)
    assert found.invoice is not None
    assert found.invoice.seller.vat_id == "FR83404833048"


def test_a_label_in_the_sellers_block_is_no_name() -> None:
    seller = ["Vendeur :", "Numéro", "Atelier Vautrin", "3, rue des Lilas", "75018 Paris", "N° TVA : FR83404833048"]
    found = read_printed(bill(seller, BUYER, logo="Numéro"))
    assert names(found)[0] != "Numéro"


def test_the_place_below_a_name_is_no_name() -> None:
    place = ["Atelier Vautrin", "Le Moulin", "75018 Paris", "N° TVA : FR83404833048"]
    buyer = [BUYER[0], *BUYER[2:]]
    assert names(read_printed(bill(place, buyer, foot="Le Moulin - 75018 Paris")))[0] == "Atelier Vautrin"


def test_what_stands_below_a_line_that_begins_with_contact_is_only_a_guess() -> None:
    read = read_printed(bill(SELLER, ["Adresse du Client", "Contact Immobilier", "Les Pins", "06000 Nice"]))
    assert read.outcome is Outcome.REVIEW
    assert any("only a guess for the name of the buyer" in reason for reason in read.reasons)
    letter = printed(Case(language="fr", buyer="Contact Immobilier")).pages[0]
    places = {"Gartenweg": "Les", "12": "Pins"}
    rows = tuple(
        Row(row.page, tuple(word._replace(text=places.get(word.text, word.text)) for word in row.words))
        if "Gartenweg" in row.text
        else row
        for row in letter.rows
    )
    assert read_printed(TextLayer((replace(letter, rows=rows),))).outcome is Outcome.REVIEW
