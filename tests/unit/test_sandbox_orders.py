"""Orders of the sandbox come out the same for the same seed, and their sums are right to the cent."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from deployments.sandbox.shop.assortment import sellables
from deployments.sandbox.shop.defects import DEFECTS, order
from deployments.sandbox.shop.orders import Draft, draft, falls_on
from deployments.sandbox.shop.people import PLACES, buyer
from deployments.sandbox.shop.pricing import Terms, price_line

CENT = Decimal("0.01")
MANY = [draft(11, index) for index in range(400)]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def stated_taxes(text: str) -> dict[Decimal, Decimal]:
    parts = [part.split(":") for part in text.split(";") if part.strip()]
    return {Decimal(rate): Decimal(amount) for rate, amount in parts}


def recomputed_taxes(found: Draft) -> dict[Decimal, Decimal]:
    """Work the tax of each rate out anew, from stored amounts alone."""
    row = found.order
    share = row["OrderSubTotalDiscountExclTax"] / row["OrderSubtotalExclTax"]
    taxes: dict[Decimal, Decimal] = {}
    for line in found.items:
        tax = (line["PriceInclTax"] - line["PriceExclTax"]) * (1 - share)
        taxes[line["TaxRate"]] = taxes.get(line["TaxRate"], Decimal(0)) + tax
    for charge in ("OrderShipping", "PaymentMethodAdditionalFee"):
        if row[f"{charge}ExclTax"]:
            rate = row[f"{charge}TaxRate"]
            tax = row[f"{charge}InclTax"] - row[f"{charge}ExclTax"]
            taxes[rate] = taxes.get(rate, Decimal(0)) + tax
    return {rate: cents(tax) for rate, tax in taxes.items()}


@given(some.integers(0, 10**9), some.integers(0, 10**6), some.booleans())
def test_every_order_adds_up_from_its_stored_amounts(seed: int, index: int, short: bool) -> None:
    found = draft(seed, index, short=short)
    row = found.order
    assert row["OrderSubtotalExclTax"] == sum(line["PriceExclTax"] for line in found.items)
    assert row["OrderSubtotalInclTax"] == sum(line["PriceInclTax"] for line in found.items)
    assert stated_taxes(row["TaxRates"]) == recomputed_taxes(found)
    assert row["OrderTax"] == sum(stated_taxes(row["TaxRates"]).values())
    net = row["CustomerTaxDisplayTypeId"] == 10
    side = "ExclTax" if net else "InclTax"
    total = row[f"OrderSubtotal{side}"] - row[f"OrderSubTotalDiscount{side}"]
    total += row[f"OrderShipping{side}"] + row[f"PaymentMethodAdditionalFee{side}"] + (row["OrderTax"] if net else 0)
    total = cents(total - row["OrderDiscount"] - row["CreditBalance"]) + row["OrderTotalRounding"]
    assert row["OrderTotal"] == total > 0


@given(some.integers(0, 10**9), some.integers(0, 10**6))
def test_the_same_seed_and_index_give_the_same_order(seed: int, index: int) -> None:
    assert order(seed, index, bad=0.3, short=0.2) == order(seed, index, bad=0.3, short=0.2)


def test_net_of_a_gross_price_is_kept_at_four_decimals() -> None:
    item = next(each.item for each in sellables().values() if each.item.tax_rate == 19)
    item = type(item)("CAP", "Cap", Decimal("47.55"))
    line = price_line(item, 2, Terms(), Decimal(0))
    assert (line.unit.gross, line.unit.net) == (Decimal("47.5500"), Decimal("39.9580"))
    assert (line.total.gross, line.total.net) == (Decimal("95.1000"), Decimal("79.9160"))


def test_a_world_holds_every_case_that_an_order_middleware_meets() -> None:
    rows = [found.order for found in MANY]
    assert {row["CustomerCurrencyCode"] for row in rows} == {"EUR", "CHF"}
    assert {row["CustomerTaxDisplayTypeId"] for row in rows} == {0, 10}
    assert len({row["PaymentMethodSystemName"] for row in rows}) == 5
    assert {row["ShippingMethod"] for row in rows} == {"Parcel", "Express", "Store pickup"}
    assert {row["PaymentStatusId"] for row in rows} == {10, 20, 30}
    assert any(len(stated_taxes(row["TaxRates"])) == 2 for row in rows)
    assert any(set(stated_taxes(row["TaxRates"])) == {Decimal(0)} for row in rows)
    for amount in (
        "OrderSubTotalDiscountExclTax",
        "OrderDiscount",
        "CreditBalance",
        "PaymentMethodAdditionalFeeInclTax",
    ):
        assert any(row[amount] for row in rows), amount
    assert any(row["OrderTotalRounding"] for row in rows)
    assert any(row["OrderShippingInclTax"] == 0 for row in rows)
    assert any(row["CustomerOrderComment"] and "🙏" in row["CustomerOrderComment"] for row in rows)
    assert any(row["PurchaseOrderNumber"] for row in rows)
    lines = [line for found in MANY for line in found.items]
    assert any(line["BundleData"] for line in lines)
    assert any(line["AttributeDescription"] for line in lines)
    assert any(line["DiscountAmountInclTax"] for line in lines)
    assert {len(found.items) for found in MANY} >= {1, 2, 3, 4, 5, 6}
    assert {found.registered for found in MANY} == {True, False}
    assert any(found.billing["Address1"] != found.shipping["Address1"] for found in MANY)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_bad_order_differs_from_the_good_one_by_its_defect(name: str) -> None:
    place = list(DEFECTS).index(name)
    index = next(index for index in range(10_000) if falls_on(5, index, 0.1) == place)
    good, bad = draft(5, index), order(5, index, bad=0.1)
    assert (bad.kind, bad.defect) == ("bad", name)
    assert (good.order, good.items, good.shipping, "") != (bad.order, bad.items, bad.shipping, bad.withheld)


@given(some.integers(0, 10**6), some.integers(1, 100), some.integers(1, 500))
def test_the_share_of_picked_orders_is_kept_to_within_one(seed: int, percent: int, count: int) -> None:
    picked = [turn for index in range(count) if (turn := falls_on(seed, index, percent / 100)) is not None]
    assert abs(len(picked) - count * percent / 100) <= 1
    assert picked == list(range(picked[0], picked[0] + len(picked))) if picked else True


def test_a_short_order_asks_for_more_than_there_is_and_others_never_touch_scarce_articles() -> None:
    for index in range(50):
        sold, quantity = draft(3, index, short=True).sold[0]
        assert quantity > sold.item.on_hand
    assert not any(sold.scarce for found in MANY for sold, _ in found.sold)


def test_postal_codes_belong_to_their_towns_and_vat_numbers_have_a_right_check_digit() -> None:
    for number in range(300):
        who = buyer(number)
        assert (who.postal_code, who.city) in PLACES[who.country]
        if who.vat_number:
            product = 10
            for digit in map(int, who.vat_number[2:10]):
                product = 2 * ((digit + product) % 10 or 10) % 11
            assert (product + int(who.vat_number[10])) % 10 == 1
