"""A sale asks the ERP for what the customer agreed to: the same lines, the same tax, the same total."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.documents.orders import Charge, ChargeKind, Component, Order, PriceDisplay
from blocks.documents.parties import Customer
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, named_by, sale_reference
from tasks.order_intake.sales import Share, sale_request
from tests import orders
from tests.orders import ADDRESS, a_line, a_net_line, an_order

METHODS = {"Payments.Prepayment": "prepayment"}


def asked(order: Order, parts: dict[str, tuple[Component, ...]] | None = None) -> SaleRequest:
    return sale_request(order, warehouse="EAST", payment_methods=METHODS, parts=parts or {}, zone="Europe/Berlin")


def comes_to(request: SaleRequest) -> Decimal:
    """Return what the lines come to with tax, unrounded."""
    return sum(
        (line.quantity * line.unit_net * (1 + (line.tax_rate or Decimal(0)) / 100) for line in request.lines),
        Decimal(0),
    )


def of_kind(request: SaleRequest, kind: SaleLineKind) -> list[SaleLine]:
    return [line for line in request.lines if line.kind is kind]


@pytest.mark.parametrize(
    "build", [an_order, orders.a_business_order, orders.a_discounted_order, orders.an_order_paid_by_gift_card]
)
def test_the_lines_come_to_the_total_within_two_cents(build: Callable[[], Order]) -> None:
    request = asked(build())
    assert abs(comes_to(request) - request.total) <= Decimal("0.02")


@given(
    sold=st.lists(
        st.tuples(st.decimals("0.01", "999", places=2), st.integers(1, 20), st.sampled_from([0, 7, 19])), min_size=1
    ),
    off=st.integers(0, 50),
    net=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_no_cent_is_lost_beyond_the_four_places_of_a_unit_price(
    *, sold: list[tuple[Decimal, int, int]], off: int, net: bool
) -> None:
    lines = [(a_net_line if net else a_line)("LAMP", pieces, price, rate) for price, pieces, rate in sold]
    discount = {
        f"discount_{kind}": sum((getattr(line, kind) for line in lines), Decimal(0)) * off / 100
        for kind in ("net", "gross")
    }
    amounts = {name: amount.quantize(orders.STORED) for name, amount in discount.items()}
    display = PriceDisplay.NET if net else PriceDisplay.GROSS
    order = an_order(lines=lines, amounts=amounts, price_display=display)
    slack = Decimal("0.00012") * sum(pieces for _, pieces, _ in sold) + Decimal("0.001") * len(sold)
    # A net shop rounds each of up to four rates by itself.
    assert abs(comes_to(asked(order)) - order.totals.total) <= Decimal("0.025") + slack


def test_the_discount_is_spread_over_the_tax_rates_by_their_share_and_what_comes_after_tax_stands_outside_it() -> None:
    order = orders.a_discounted_order()
    found = of_kind(asked(order), SaleLineKind.DISCOUNT)
    assert [line.tax_rate for line in found] == [Decimal(7), Decimal(19), None]
    assert sum(line.unit_net for line in found[:2]) == -order.totals.discount_net
    assert found[2].unit_net == Decimal(-5)


def test_a_gift_card_is_a_means_of_payment_and_does_not_lessen_the_sale() -> None:
    assert asked(orders.an_order_paid_by_gift_card()).total == asked(an_order()).total == Decimal("112.80")


@pytest.mark.parametrize("named_by_the_order", [True, False])
def test_the_parts_of_a_bundle_follow_it_at_no_price(*, named_by_the_order: bool) -> None:
    parts = (Component(sku="PART", quantity=Decimal(2)),)
    line = a_line("SET", 3, "30.00", components=parts if named_by_the_order else ())
    goods = of_kind(asked(an_order(lines=(line,)), {} if named_by_the_order else {"SET": parts}), SaleLineKind.GOODS)
    assert [(each.sku, each.quantity, each.tax_rate) for each in goods] == [("SET", 3, 19), ("PART", 6, None)]
    assert goods[1].unit_net == 0


def test_shipping_and_payment_fee_are_lines_of_their_own() -> None:
    fee = Charge(kind=ChargeKind.PAYMENT_FEE, net=Decimal("0.8403"), gross=Decimal(1), tax_rate=Decimal(19))
    request = asked(an_order(charges=(orders.shipping(), fee)))
    assert [line.unit_net for line in of_kind(request, SaleLineKind.SHIPPING)] == [Decimal("4.1176")]
    assert [line.unit_net for line in of_kind(request, SaleLineKind.PAYMENT_FEE)] == [Decimal("0.8403")]


def test_the_reference_is_the_same_for_every_version_of_an_order_and_no_other() -> None:
    changed = an_order(comment="Ring twice", payment_status="refunded")
    assert asked(an_order()).reference == asked(changed).reference == "SOMS-berlin-4711"
    assert sale_reference("berlin", "4712") != sale_reference("berlin", "4711")


def test_the_party_is_known_by_the_channel_and_its_customer_number() -> None:
    assert asked(an_order()).party.code == "BERLIN-88"
    company = Customer(external_id="89", name="Eva Weiß", company="Weiß GmbH", vat_id="DE136695976")
    assert asked(an_order(customer=company)).party.name == "Weiß GmbH"
    assert asked(an_order(customer=Customer(external_id="90"))).party.name == "Jörg Weiß"


def test_what_is_not_shipped_goes_to_the_billing_address() -> None:
    assert asked(an_order(shipping_address=None, shipping_method="")).shipment_address == ADDRESS


def test_a_sale_is_dated_by_the_merchants_day() -> None:
    late = an_order(placed_at=datetime(2026, 7, 31, 22, 30, tzinfo=UTC))
    assert asked(late).sale_date == date(2026, 8, 1)


def in_parts(order: Order, *parts: dict[int, Decimal]) -> list[SaleRequest]:
    return [
        sale_request(order, warehouse="EAST", payment_methods=METHODS, parts={}, zone="Europe/Berlin",
                     share=Share(number, parts))
        for number in range(1, len(parts) + 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "build", [an_order, orders.a_business_order, orders.a_discounted_order, orders.an_order_paid_by_gift_card]
)
def test_the_sales_of_an_orders_parts_are_its_total_to_the_cent(build: Callable[[], Order]) -> None:
    order = build()
    counts = {position: line.quantity for position, line in enumerate(order.lines, 1)}
    requests = in_parts(order, {1: Decimal(1)}, {1: counts[1] - 1, 2: counts[2]})
    assert sum((request.total for request in requests), Decimal(0)) == order.totals.total + order.totals.credits
    for request in requests:
        assert abs(comes_to(request) - request.total) <= Decimal("0.01") * len(request.lines) + Decimal("0.02")
    assert [bool(of_kind(request, SaleLineKind.SHIPPING)) for request in requests] == [bool(order.charges), False]
    assert [request.comment.split("; ")[2] for request in requests] == ["part 1 of 2", "part 2 of 2"]


@given(
    sold=st.lists(st.tuples(st.decimals("0.01", "500", places=2), st.integers(1, 9), st.sampled_from([0, 7, 19])),
                  min_size=2, max_size=6),
    cut=st.data(),
    off=st.integers(0, 50),
    whole=st.integers(0, 30),
    net=st.booleans(),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_however_an_order_is_cut_up_no_cent_is_lost_and_rounding_explains_the_rest(
    *, sold: list[tuple[Decimal, int, int]], cut: st.DataObject, off: int, whole: int, net: bool
) -> None:
    lines = [(a_net_line if net else a_line)(f"A{at}", pieces, price, rate)
             for at, (price, pieces, rate) in enumerate(sold)]  # fmt: skip
    goods = {kind: sum((getattr(line, kind) for line in lines), Decimal(0)) for kind in ("net", "gross")}
    amounts = {f"discount_{kind}": (value * off / 100).quantize(orders.STORED) for kind, value in goods.items()}
    amounts["order_discount"] = (goods["gross"] * (100 - off) / 100 * whole / 100).quantize(Decimal("0.01"))
    order = an_order(lines=lines, amounts=amounts, price_display=PriceDisplay.NET if net else PriceDisplay.GROSS)
    parts: list[dict[int, Decimal]] = [{}, {}, {}]
    for position, line in enumerate(order.lines, 1):
        left = int(line.quantity)
        for part in parts[:-1]:
            count = cut.draw(st.integers(0, left))
            part.update({position: Decimal(count)} if count else {})
            left -= count
        parts[-1].update({position: Decimal(left)} if left else {})
    requests = in_parts(order, *filter(None, parts))
    assert sum((request.total for request in requests), Decimal(0)) == order.totals.total + order.totals.credits
    for request in requests:
        assert abs(comes_to(request) - request.total) <= Decimal("0.01") * len(request.lines) + Decimal("0.03")
        assert request.total >= 0


def test_a_discount_on_the_whole_order_is_borne_by_the_first_part_as_far_as_it_reaches() -> None:
    lines = (a_line("LAMP", 1, "10.00"), a_line("BOOK", 1, "90.00", 7))
    order = an_order(lines=lines, charges=(), amounts={"order_discount": Decimal("30.00")})
    first, second = in_parts(order, {1: Decimal(1)}, {2: Decimal(1)})
    assert (first.total, second.total) == (Decimal(0), Decimal("70.00"))


def test_no_part_is_ever_taken_for_another_order() -> None:
    ids = ("4711", "4711~2", "4711~2~1", "4711~", "4711~1")
    references = {sale_reference("berlin", name, part) for name in ids for part in (1, 2, 3)}
    assert len(references) == len(ids) * 3
    assert sale_reference("berlin", "4711") == "SOMS-berlin-4711"


@pytest.mark.parametrize("channel", ["berlin", "berlin-2"])
@pytest.mark.parametrize("external_id", ["4711", "4711~2", "4711~2~1", "4711~", "a-b~1"])
def test_a_reference_names_its_order_and_part(channel: str, external_id: str) -> None:
    for part in (1, 2, 3):
        assert (channel, external_id, part) in named_by(sale_reference(channel, external_id, part))
    assert {each[2] for each in named_by(sale_reference(channel, external_id, 2))} == {2}
    assert list(named_by(f"OTHER-{channel}-{external_id}")) == []
