"""What every ERP connector must do, as tests to be run against a real ERP filled with the sandbox catalogue.

A subclass names the class it tests, ``connector``, and gives three fixtures:

- ``erp``: a connector to a running ERP;
- ``erp_losing_answers``: a context manager that yields a connector whose next creating call is carried out while its
  answer is lost; with a parameter for each call that creates something;
- ``count_parties``: a function that counts in the ERP the parties with given codes.

An ERP that answers later (``capabilities.answers_at_once`` is False) also gives ``let_work``: it lets the ERP do its
work. Tests of what an ERP cannot do by its capabilities ask that it says so.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from decimal import Decimal
from itertools import count
from secrets import token_hex
from threading import Barrier
from typing import Any, ClassVar

import pytest

from blocks.documents.parties import Address
from blocks.documents.purchases import PurchaseRequest
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, SalesParty
from blocks.errors import Outstanding, Refused, TryAgainLater, Unsupported
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.contract import Erp
from deployments.sandbox import catalogue
from tests.contract.completeness import gaps

MakeRequest = Callable[..., SaleRequest]
LosingAnswers = AbstractContextManager[Erp]
Book = Callable[[Erp, Sequence[SaleRequest]], list[Answer]]

MOST_ROUNDS = 5
"""So often may an ERP be let work before it must have answered."""

HOME = Address(
    first_name="Wilhelmine",
    last_name="Quandt-Öztürk",
    street="Kastanienallee 77",
    postal_code="10435",
    city="Berlin",
    country="DE",
    email="wilhelmine@example.org",
    phone="+49 30 5550100",
)
OFFICE = Address(
    company="Nordlicht Optik GmbH", street="Deichstr. 9", postal_code="20459", city="Hamburg", country="DE"
)

LINES = (
    SaleLine(kind=SaleLineKind.GOODS, sku="HOME-001", quantity=2, unit_net=Decimal("10.1234"), tax_rate=19),
    SaleLine(kind=SaleLineKind.GOODS, sku="BOOK-01", quantity=1, unit_net=Decimal("9.99"), tax_rate=7),
    SaleLine(kind=SaleLineKind.SHIPPING, quantity=1, unit_net=Decimal("4.1176"), tax_rate=19),
    SaleLine(kind=SaleLineKind.DISCOUNT, quantity=1, unit_net=Decimal("-2.00"), tax_rate=19),
)
"""20.25 + 4.12 - 2.00 = 22.37 at 19 % (4.25), 9.99 at 7 % (0.70): 37.31 gross."""
TOTAL = Decimal("37.31")

_numbers = count(1)


def request_for(**changes: Any) -> SaleRequest:
    """Return a request nobody has made before, with the changes asked for."""
    reference = f"SOMS-test-{token_hex(3)}-{next(_numbers)}"
    values: dict[str, Any] = {
        "reference": reference,
        "party": SalesParty(code=f"C-{reference}", name="Wilhelmine Quandt-Öztürk", email="wilhelmine@example.org"),
        "invoice_address": HOME,
        "shipment_address": HOME,
        "sale_date": date(2026, 11, 20),
        "currency": "EUR",
        "warehouse": "BER",
        "lines": LINES,
        "total": TOTAL,
    }
    return SaleRequest(**{**values, **changes})


def with_article(sku: str) -> tuple[SaleLine, ...]:
    """Return lines that ask for one piece of an article."""
    return (SaleLine(kind=SaleLineKind.GOODS, sku=sku, quantity=1, unit_net=Decimal(1), tax_rate=19),)


def kinds(answers: list[Answer]) -> list[type]:
    return [type(answer) for answer in answers]


class ErpContract:
    """What every ERP connector must do."""

    connector: ClassVar[type[Erp]]

    @pytest.fixture
    def make_request(self) -> MakeRequest:
        return request_for

    @pytest.fixture
    def let_work(self) -> Callable[[], None]:
        """Let the ERP do what it does by itself; one that answers at once needs nothing."""
        return lambda: None

    @pytest.fixture
    def book(self, let_work: Callable[[], None]) -> Book:
        """Book as effects do: ask again for what is outstanding."""

        def booked(erp: Erp, requests: Sequence[SaleRequest]) -> list[Answer]:
            answers = erp.book_sales(requests)
            for _ in range(MOST_ROUNDS):
                late = [place for place, answer in enumerate(answers) if isinstance(answer, Outstanding)]
                if not late or erp.capabilities.answers_at_once:
                    break
                let_work()
                for place, answer in zip(late, erp.book_sales([requests[place] for place in late]), strict=True):
                    answers[place] = answer
            return answers

        return booked

    def test_the_connector_is_whole(self) -> None:
        found = gaps(self.connector, Erp)
        assert not found, "\n".join(found)

    def test_a_sale_asked_for_twice_is_booked_once(self, erp: Erp, make_request: MakeRequest, book: Book) -> None:
        wanted = [make_request(), make_request(party=SalesParty(code="C-twice", name="Twice"))]
        first, second = book(erp, wanted), book(erp, wanted)
        assert kinds(first) == kinds(second) == [Done, Done]
        if erp.capabilities.answers_at_once:
            assert [answer.adopted for answer in first] == [False, False]
        assert [answer.adopted for answer in second] == [True, True]
        assert [a.facts["number"] for a in first] == [a.facts["number"] for a in second]
        found = erp.find_sales([request.reference for request in wanted])
        assert {reference: len(sales) for reference, sales in found.items()} == {w.reference: 1 for w in wanted}

    def test_the_same_reference_twice_in_one_batch_is_booked_once(
        self, erp: Erp, make_request: MakeRequest, book: Book
    ) -> None:
        wanted = make_request()
        assert kinds(book(erp, [wanted, wanted])) == [Done, Refused]
        assert len(erp.find_sales([wanted.reference])[wanted.reference]) == 1

    @pytest.mark.parametrize("cents", [-6, -1, 0, 1, 6])
    def test_a_rounding_difference_is_declared_and_the_total_agrees(
        self, erp: Erp, make_request: MakeRequest, book: Book, cents: int
    ) -> None:
        difference = Decimal(cents) / 100
        wanted = make_request(total=TOTAL + difference)
        (answer,) = book(erp, [wanted])
        assert isinstance(answer, Done)
        assert (Decimal(answer.facts["total"]), Decimal(answer.facts["rounding"])) == (TOTAL + difference, difference)
        (sale,) = erp.find_sales([wanted.reference])[wanted.reference]
        assert (sale.total, sale.rounding) == (TOTAL + difference, difference)

    @pytest.mark.parametrize("cents", [-7, 7])
    def test_more_than_rounding_is_refused_and_leaves_nothing_behind(
        self, erp: Erp, make_request: MakeRequest, book: Book, cents: int
    ) -> None:
        wanted = make_request(total=TOTAL + Decimal(cents) / 100)
        (answer,) = book(erp, [wanted])
        assert isinstance(answer, Refused)
        assert "37.31" in str(answer)
        assert erp.find_sales([wanted.reference]) == {}
        assert kinds(book(erp, [wanted.model_copy(update={"total": TOTAL})])) == [Done]

    def test_an_unknown_article_is_refused_in_a_sentence_and_blocks_nobody(
        self, erp: Erp, make_request: MakeRequest, book: Book
    ) -> None:
        bad = make_request(lines=with_article("NO-SUCH-ARTICLE"), total=Decimal("1.19"))
        wanted = [make_request(), make_request(), bad, make_request(), make_request()]
        answers = book(erp, wanted)
        assert kinds(answers) == [Done, Done, Refused, Done, Done]
        assert "article NO-SUCH-ARTICLE" in str(answers[2])
        assert str(answers[2]).endswith(".")
        assert set(erp.find_sales([request.reference for request in wanted])) == {
            request.reference for request in wanted if request is not bad
        }

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"warehouse": "MUC"}, "warehouse MUC"),
            ({"currency": "XTS"}, "currency XTS"),
            ({"shipment_address": HOME.model_copy(update={"country": "ZZ"})}, "country ZZ"),
            (
                {"lines": (LINES[0].model_copy(update={"tax_rate": Decimal(13)}),), "total": Decimal("22.88")},
                "13 %",
            ),
        ],
    )
    def test_what_the_erp_does_not_know_is_named_and_never_replaced(
        self, erp: Erp, make_request: MakeRequest, book: Book, changes: dict[str, Any], named: str
    ) -> None:
        wanted = make_request(**changes)
        (answer,) = book(erp, [wanted])
        assert isinstance(answer, Refused)
        assert named in str(answer)
        assert erp.find_sales([wanted.reference]) == {}

    def test_a_refusal_carries_no_personal_data(self, erp: Erp, make_request: MakeRequest, book: Book) -> None:
        broken = HOME.model_copy(update={"city": "Berlin\nWedding"})  # ERPs like to quote the address they can't take
        (answer,) = book(erp, [make_request(shipment_address=broken)])
        assert isinstance(answer, Refused)
        personal = ("Wilhelmine", "Quandt", "Kastanienallee", "10435", "Wedding", "wilhelmine@example.org")
        assert [word for word in personal if word in str(answer)] == []

    def test_two_bookers_at_once_create_each_party_once(
        self, erp: Erp, make_request: MakeRequest, book: Book, count_parties: Callable[[list[str]], dict[str, int]]
    ) -> None:
        codes = [f"C-{token_hex(4)}" for _ in range(6)]
        together = Barrier(2)

        def book_together(_: int) -> list[Answer]:
            wanted = [make_request(party=SalesParty(code=code, name=f"Party {code}")) for code in codes]
            together.wait()
            return book(erp, wanted)

        with ThreadPoolExecutor(2) as pool:
            answers = [answer for some in pool.map(book_together, range(2)) for answer in some]
        assert kinds(answers) == [Done] * 12
        assert count_parties(codes) == dict.fromkeys(codes, 1)

    def test_a_lost_answer_is_looked_up_and_adopted(
        self, erp: Erp, make_request: MakeRequest, book: Book, erp_losing_answers: LosingAnswers
    ) -> None:
        wanted = [make_request(), make_request()]
        with erp_losing_answers as unlucky:
            lost = unlucky.book_sales(wanted)
        assert kinds(lost) == [TryAgainLater, TryAgainLater]
        assert [answer.maybe_done for answer in lost] == [True, True]
        assert kinds(book(erp, wanted)) == [Done, Done]
        found = erp.find_sales([request.reference for request in wanted])
        assert {reference: len(sales) for reference, sales in found.items()} == {w.reference: 1 for w in wanted}
        assert {sale.total for sales in found.values() for sale in sales} == {TOTAL}

    def test_stock_per_warehouse_and_location_equals_the_catalogue(self, erp: Erp) -> None:
        if not erp.capabilities.stock_by_location:
            with pytest.raises(Unsupported):
                list(erp.stock())
            return
        levels = [level for page in erp.stock() for level in page]
        stocked = [item for item in catalogue.items() if item.managed]
        expected = {
            (item.sku, house, place): Decimal(item.stock.get(place, 0))
            for item in stocked
            for house, places in catalogue.WAREHOUSES.items()
            for place in places
        }
        assert {(level.sku, level.warehouse, level.location): level.on_hand for level in levels} == expected
        assert len(levels) == len(expected)

    def test_a_confirmed_sale_lowers_the_forecast_and_not_the_stock(
        self, erp: Erp, make_request: MakeRequest, book: Book
    ) -> None:
        if not erp.capabilities.stock_by_location:
            pytest.skip("This ERP tells no stock.")
        sku = "HOME-009"
        before = totals(erp, sku)
        assert kinds(book(erp, [make_request(lines=with_article(sku), total=Decimal("1.19"))])) == [Done]
        on_hand, forecast = totals(erp, sku)
        assert (on_hand, forecast) == (before[0], before[1] - 1)

    def test_what_it_cannot_tell_of_stock_or_be_asked_for_it_says(self, erp: Erp) -> None:
        able = erp.capabilities
        asked = PurchaseRequest(reference="SOMS-purchase-1", sku="NO-SUCH", warehouse="BER", quantity=1)
        (answer,) = erp.request_purchases([asked])
        assert isinstance(answer, Unsupported) is not able.purchases
        for can, tell in ((able.movements, lambda: erp.movements("")), (able.goods_due, erp.goods_due)):
            with nullcontext() if can else pytest.raises(Unsupported, match="does not say"):
                list(tell())

    def test_article_codes_are_those_of_the_catalogue(self, erp: Erp) -> None:
        if not erp.capabilities.articles:
            with pytest.raises(Unsupported):
                erp.article_codes()
            return
        assert erp.article_codes() == {item.sku for item in catalogue.items()}


def totals(erp: Erp, sku: str) -> tuple[Decimal, Decimal]:
    """Return the pieces of an article on hand and forecast in the warehouse requests are made for."""
    found = [level for page in erp.stock() for level in page if (level.sku, level.warehouse) == (sku, "BER")]
    return sum((level.on_hand for level in found), Decimal(0)), sum((level.forecast for level in found), Decimal(0))
