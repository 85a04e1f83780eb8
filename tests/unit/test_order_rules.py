"""Every rule finds exactly what it names, a right order passes all of them, and a cent is never overlooked."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.orders import Component, Order, PriceDisplay, TaxAmount
from blocks.documents.parties import Address
from tasks.order_intake.rules import faults
from tests import orders
from tests.orders import ADDRESS, a_line, a_net_line, an_article, an_order, known, shipping, with_totals

CENT = Decimal("0.01")
CLEAN = ("Jörg", "Weiß", "Domstraße", "Köln", "joerg@example.com")


def rules_of(order: Order, master: object = None) -> list[str]:
    return [fault.rule for fault in faults(order, master or known())]


@pytest.mark.parametrize(
    ("build", "total"),
    [
        (an_order, "112.80"),
        (orders.a_business_order, "266.66"),
        (orders.a_discounted_order, "97.01"),
        (orders.an_order_paid_by_gift_card, "92.80"),
        (orders.a_swiss_order, "73.15"),
    ],
)
def test_a_right_order_has_no_faults(build: Callable[[], Order], total: str) -> None:
    order = build()
    assert order.totals.total == Decimal(total)
    assert rules_of(order) == []


def a_part_of_a_line(**changes: object) -> Order:
    """Return an order whose first line was changed and whose sums were not."""
    order = an_order()
    return order.model_copy(update={"lines": (order.lines[0].model_copy(update=changes), *order.lines[1:])})


def an_address(**changes: object) -> Order:
    return an_order(billing_address=ADDRESS.model_copy(update=changes))


def shifted(taxes: tuple[TaxAmount, ...]) -> tuple[TaxAmount, ...]:
    """Return taxes of two rates of which one gave the other ten cents."""
    first, second = (tax.amount + gift for tax, gift in zip(taxes, (10 * CENT, -10 * CENT), strict=True))
    return (TaxAmount(rate=taxes[0].rate, amount=first), TaxAmount(rate=taxes[1].rate, amount=second))


BROKEN: list[tuple[str, Callable[[], Order]]] = [
    ("ORD-LINES", lambda: an_order(lines=(), charges=(), payment_method="")),
    ("ORD-LINE-SUM", lambda: a_part_of_a_line(unit_gross=Decimal("47.60"))),
    ("ORD-LINE-TAX", lambda: an_order(lines=(a_line("LAMP", 2, "47.55", tax_rate=Decimal("19.5")),))),
    ("ORD-LINE-NEGATIVE", lambda: an_order(lines=(*orders.LINES, a_line("LAMP", 1, "-1.00")))),
    ("ORD-GOODS", lambda: with_totals(orders.a_business_order(), goods_gross=Decimal("107.95"))),
    ("ORD-GOODS", lambda: with_totals(an_order(), goods_net=Decimal("91.00"))),
    ("ORD-TAX-RATE", lambda: with_totals(an_order(), taxes=shifted(an_order().totals.taxes))),
    ("ORD-TAX-SUM", lambda: with_totals(an_order(), tax=Decimal("16.79"))),
    ("ORD-TOTAL", lambda: with_totals(an_order(), total=Decimal("112.79"))),
    ("ORD-TOTAL-NEGATIVE", lambda: an_order(amounts={"credits": Decimal("112.81")})),
    ("ORD-NEGATIVE", lambda: an_order(amounts={"order_discount": Decimal(-1)})),
    ("ORD-NEGATIVE", lambda: an_order(amounts={"credits": Decimal(-1)})),
    ("ORD-NEGATIVE", lambda: an_order(charges=(shipping("-4.90"),))),
    ("ORD-ROUNDING", lambda: an_order(amounts={"rounding": Decimal(-50)})),
    ("ORD-ARTICLE", lambda: an_order(lines=(a_line("GHOST", 1, "5.00"),))),
    ("ORD-ARTICLE-MISSING", lambda: an_order(lines=(a_line("", 1, "5.00"),))),
    ("ORD-PAYMENT-METHOD", lambda: an_order(payment_method="Payments.Barter")),
    ("ORD-PAYMENT-METHOD", lambda: an_order(payment_method="")),
    ("ORD-SHIPPING-METHOD", lambda: an_order(shipping_method="Pigeon")),
    ("ORD-SHIPPING-METHOD", lambda: an_order(shipping_method="")),
    ("ORD-ADDRESS", lambda: an_order(billing_address=None)),
    ("ORD-ADDRESS", lambda: an_address(street="")),
    ("ORD-ADDRESS", lambda: an_address(city="")),
    ("ORD-ADDRESS", lambda: an_address(postal_code="")),
    ("ORD-ADDRESS", lambda: an_address(postal_code="5066")),
    ("ORD-ADDRESS", lambda: an_address(country=None)),
    ("ORD-ADDRESS", lambda: an_address(first_name="", last_name="")),
]


@pytest.mark.parametrize(("rule", "build"), BROKEN)
def test_each_rule_finds_what_it_names_and_no_other_objects(rule: str, build: Callable[[], Order]) -> None:
    assert set(rules_of(build())) == {rule}


@pytest.mark.parametrize(("_rule", "build"), BROKEN)
def test_no_fault_quotes_the_customer(_rule: str, build: Callable[[], Order]) -> None:
    for fault in faults(build(), known()):
        assert not [word for word in CLEAN if word in f"{fault.place} {fault.text} {fault.remedy}"]


def test_an_empty_shipping_address_is_incomplete_but_none_at_all_means_nothing_is_shipped() -> None:
    assert set(rules_of(an_order(shipping_address=Address()))) == {"ORD-ADDRESS"}
    assert rules_of(an_order(shipping_address=None, shipping_method="")) == []


def test_nothing_to_pay_needs_no_payment_method() -> None:
    assert rules_of(an_order(amounts={"credits": Decimal("112.80")}, payment_method="")) == []


def test_an_article_without_its_twin_in_the_erp_is_held_back() -> None:
    assert rules_of(an_order(), known(an_article("LAMP", in_erp=False))) == ["ORD-ARTICLE-ERP"]


@pytest.mark.parametrize("named_by_the_order", [True, False])
def test_every_part_of_a_bundle_must_be_known_and_in_the_erp(*, named_by_the_order: bool) -> None:
    parts = (Component(sku="PART", quantity=Decimal(2)),)
    line = a_line("SET", 1, "30.00", components=parts if named_by_the_order else ())
    bundle = an_article("SET", components=parts)
    assert rules_of(an_order(lines=(line,)), known(bundle)) == ["ORD-ARTICLE"]
    assert rules_of(an_order(lines=(line,)), known(bundle, an_article("PART", in_erp=False))) == ["ORD-ARTICLE-ERP"]
    assert rules_of(an_order(lines=(line,)), known(bundle, an_article("PART"))) == []


prices = st.decimals(min_value="0.01", max_value="9999.99", places=2)
sold = st.lists(st.tuples(prices, st.integers(1, 500), st.sampled_from([0, 7, 19, 20])), min_size=1, max_size=60)
parts_of_a_total = st.fixed_dictionaries({"order_discount": prices, "credits": prices})


@given(sold=sold, net=st.booleans(), off=st.integers(0, 90), fee=prices)
@settings(max_examples=150, deadline=None)
def test_an_order_that_adds_up_is_never_objected_to(
    *, sold: list[tuple[Decimal, int, int]], net: bool, off: int, fee: Decimal
) -> None:
    build = a_net_line if net else a_line
    lines = [build("LAMP", pieces, price, rate) for price, pieces, rate in sold]
    discount = {
        f"discount_{kind}": (sum((getattr(line, kind) for line in lines), Decimal(0)) * off / 100).quantize(
            orders.STORED
        )
        for kind in ("net", "gross")
    }
    display = PriceDisplay.NET if net else PriceDisplay.GROSS
    order = an_order(lines=lines, charges=(shipping(fee),), amounts=discount, price_display=display)
    assert [fault.text for fault in faults(order, known())] == []


@given(sold=sold, cents=st.sampled_from([-1, 1, 2, -100]), display=st.sampled_from(PriceDisplay), data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_total_that_is_a_cent_off_is_always_found(
    sold: list[tuple[Decimal, int, int]], cents: int, display: PriceDisplay, data: st.DataObject
) -> None:
    build = a_net_line if display is PriceDisplay.NET else a_line
    lines = [build("LAMP", pieces, price, rate) for price, pieces, rate in sold]
    due = data.draw(parts_of_a_total)
    right = an_order(lines=lines, charges=(), price_display=display, amounts=due)
    wrong = with_totals(right, total=right.totals.total + cents * CENT)
    assert "ORD-TOTAL" in rules_of(wrong)


def test_many_lines_do_not_add_up_to_a_tolerance_of_a_cent() -> None:
    order = an_order(lines=[a_line("LAMP", 1, "10.00")] * 200)
    assert rules_of(order) == []
    assert rules_of(with_totals(order, total=order.totals.total + CENT)) == ["ORD-TOTAL"]


def test_the_largest_amounts_are_judged_and_not_stumbled_over() -> None:
    most = Decimal("9999999999.99999999")
    line = a_line("LAMP", most.quantize(orders.STORED, rounding="ROUND_DOWN"), "1.00", gross=most, net=most)
    assert "ORD-LINE-SUM" in rules_of(an_order(lines=(line,), totals=an_order().totals))
