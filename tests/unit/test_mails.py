"""What a mail says and to whom: addresses, figures and dates by language, every line and sum, nothing that runs."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.mails import Mail, mail_address, mail_id
from blocks.documents.orders import Order
from tasks.order_intake.confirmation import Confirmation, Terms, confirmation
from tasks.order_intake.letters import Envelope, Merchant, confirmation_mail, reasons, rejection_mail
from tasks.order_intake.wording import language_of, wording
from tests import orders

MERCHANT = Merchant("Lampenhaus", "Lampenhaus GmbH\nHRB 4711", "https://lampenhaus.example", "Widerrufsrecht: 14 Tage.")
ENVELOPE = Envelope(
    "mail.confirmation:berlin:4711", "joerg@example.com", "Jörg Weiß", datetime(2026, 8, 21, tzinfo=UTC)
)
TERMS = Terms({"Payments.Prepayment": "prepayment"}, {"Parcel": "parcel"}, "Europe/Berlin", date(2026, 8, 27))


def said(order: Order, language: str = "de", terms: Terms = TERMS) -> Confirmation:
    return confirmation(order, terms, wording(language))


def written(order: Order, language: str = "de", terms: Terms = TERMS) -> Mail:
    return confirmation_mail(said(order, language, terms), ENVELOPE, MERCHANT, wording(language))


class Reader(HTMLParser):
    """Reads what a person sees of a page, and notes every tag."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        super().__init__()
        self.seen: list[str] = []
        self.tags: list[str] = []

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def read(mail: Mail) -> Reader:
    reader = Reader()
    reader.feed(mail.html)
    return reader


@pytest.mark.parametrize(
    "address", ["jo@example.com", "jo.o'neil+x@Example.Co.UK", "jörg@example.com", "a@müller.example"]
)
def test_addresses_people_have_are_taken(address: str) -> None:
    found = mail_address(f" {address} ")
    assert found is not None
    assert found.rpartition("@")[2].isascii()


@pytest.mark.parametrize(
    "address",
    ["", "jo", "jo@", "@example.com", "jo@localhost", "jo@example.com,b@example.com", "jo@example.com\r\nBcc: x@y.de",
     "Jo <jo@example.com>", "jo @example.com", "a@b@example.com", "jo@-x.de", "jo@x..de", ".jo@x.de",
     "jo@" + "x" * 64 + ".de",     "x" * 65 + "@example.com"],
)  # fmt: skip
def test_what_is_no_single_plain_address_is_none(address: str) -> None:
    assert mail_address(address) is None


@given(st.text(max_size=80))
def test_no_text_becomes_an_address_that_could_break_out_of_a_header(text: str) -> None:
    found = mail_address(text)
    assert found is None or (re.search(r"[\s<>,;:]", found) is None and found.count("@") == 1)


def test_the_same_key_has_the_same_id() -> None:
    assert mail_id("a") == mail_id("a") != mail_id("b")


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1234567.5", "1.234.567,50 €", "€1,234,567.50"),
        ("-0.005", "\N{MINUS SIGN}0,01 €", "\N{MINUS SIGN}€0.01"),
        ("0", "0,00 €", "€0.00"),
    ],
)
def test_amounts_are_written_as_people_write_them(value: str, german: str, english: str) -> None:
    assert wording("de").amount(Decimal(value), "EUR") == german
    assert wording("en").amount(Decimal(value), "EUR") == english


def test_numbers_rates_and_currencies_without_a_sign_are_written_too() -> None:
    assert wording("de").number(Decimal("1234.50")) == "1.234,5"
    assert wording("en").number(Decimal(2)) == "2"
    assert wording("de").per_cent(Decimal("8.1")) == "8,1 %"
    assert (wording("de").amount(Decimal(5), "CHF"), wording("en").amount(Decimal(5), "CHF")) == (
        "5,00 CHF",
        "CHF 5.00",
    )
    assert wording("en").date(date(2026, 11, 26)) == "Thursday, 26 November 2026"


@pytest.mark.parametrize(
    ("country", "language"), [("DE", "de"), ("AT", "de"), ("CH", "de"), ("FR", "en"), ("GB", "en")]
)
def test_the_country_of_the_invoice_says_the_language(country: str, language: str) -> None:
    assert (
        language_of(orders.an_order(billing_address=orders.ADDRESS.model_copy(update={"country": country}))) == language
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "order",
    [orders.an_order(), orders.a_business_order(), orders.a_discounted_order(), orders.an_order_paid_by_gift_card(),
     orders.a_swiss_order().model_copy(update={"display_currency": "CHF"})],
    ids=["gross", "net", "discounted", "gift card", "Swiss"],
)  # fmt: skip
def test_t_ord_14_both_forms_hold_all_lines_totals_taxes_addresses_methods_and_the_date(
    order: Order, language: str
) -> None:
    mail, speaks = written(order, language), wording(language)
    gross = order.price_display == "gross"
    wanted = [order.number, "Jörg Weiß", "Domstraße 1"]
    for line in order.lines:
        price, amount = (line.unit_gross, line.gross) if gross else (line.unit_net, line.net)
        wanted += [line.name, line.sku, speaks.amount(price, order.currency), speaks.amount(amount, order.currency)]
    for charge in order.charges:
        wanted.append(speaks.amount(charge.gross if gross else charge.net, order.currency))
    for tax in order.totals.taxes:
        wanted += [speaks.per_cent(tax.rate), speaks.amount(tax.amount, order.currency)]
    for amount in (order.totals.total, -order.totals.credits, -order.totals.order_discount, order.totals.rounding):
        wanted += [speaks.amount(amount, order.currency)] if amount else []
    wanted += ["Vorkasse" if language == "de" else "Bank transfer", speaks.date(date(2026, 8, 27)), "HRB 4711"]
    for form in (mail.text, " ".join(read(mail).seen)):
        assert [text for text in wanted if text not in form] == []


def test_amounts_stand_in_the_currency_the_customer_saw_with_what_will_be_charged() -> None:
    order = orders.an_order().model_copy(update={"display_currency": "USD", "exchange_rate": Decimal("1.0832")})
    mail = written(order, "en")
    assert wording("en").amount(order.totals.total * Decimal("1.0832"), "USD") in mail.text
    assert "1 EUR = 1.0832 USD" in mail.text
    assert wording("en").amount(order.totals.total, "EUR") in mail.text


def test_nothing_a_customer_wrote_runs_or_changes_the_page() -> None:
    evil = orders.ADDRESS.model_copy(update={"company": "<script>alert(1)</script>", "city": "{{ 7 * 7 }}"})
    order = orders.an_order(
        billing_address=evil, lines=[orders.a_line("A", 1, "5", name='"><img src=x onerror=alert(1)>')]
    )
    page = read(written(order))
    assert not {"script", "img"} & set(page.tags)
    assert "<script>alert(1)</script>" in page.seen
    assert "49" not in " ".join(page.seen).split()


def test_a_mail_loads_nothing_from_elsewhere() -> None:
    mail = written(orders.an_order())
    assert re.findall(r'(?:src|background|url\()\s*=?\s*["\']?https?:', mail.html) == []


def test_what_is_fetched_has_another_date_and_what_nobody_promised_has_none() -> None:
    fetched = replace(TERMS, shipping_methods={"Parcel": "pickup"})
    assert said(orders.an_order(), terms=fetched).delivery_label == "Abholbereit ab"
    unknown = replace(TERMS, delivery=None)
    assert wording("de").words["confirmation"]["delivery_unknown"] in " ".join(
        read(written(orders.an_order(), terms=unknown)).seen
    )
    nothing_ships = orders.an_order(shipping_address=None, shipping_method="")
    assert said(nothing_ships).delivery_label == ""
    assert "Es wird nichts versandt." in written(nothing_ships).text


def test_a_line_that_is_too_long_is_wrapped_and_loses_nothing() -> None:
    name = "Wandleuchte " * 20
    text = written(orders.an_order(lines=[orders.a_line("A", 1, "5", name=name)])).text
    assert text.count("Wandleuchte") == 20
    assert max(map(len, text.splitlines())) <= 72


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_rejection_tells_reasons_in_the_customers_words_and_no_suspicion(language: str) -> None:
    rules = ("ORD-ADDRESS", "ORD-ARTICLE-ERP", "ORD-ARTICLE", "ORD-LINES", "ORD-HOLD-WORDS", "ORD-DQ-03")
    mail = rejection_mail("4711", rules, ENVELOPE, MERCHANT, wording(language))
    told = wording(language).words["rejection"]["reasons"]
    assert reasons(rules, wording(language)) == (told["ORD-ADDRESS"], told["ORD-ARTICLE"], told["ORD-LINE"])
    assert "ORD-" not in mail.text + mail.html
    flat = " ".join(mail.text.split())
    assert [sentence for sentence in reasons(rules, wording(language)) if sentence not in flat] == []
    assert reasons(("ORD-HOLD-WORDS",), wording(language)) == (told["other"],)


def test_both_languages_have_words_for_the_same_things() -> None:
    def places(words: object, place: str = "") -> set[str]:
        if not isinstance(words, dict):
            return {place}
        return {found for key, value in words.items() for found in places(value, f"{place}/{key}")}

    german, english = (places(dict(wording(language).words)) for language in ("de", "en"))
    assert {place for place in german ^ english if not place.startswith("/currencies")} == set()
