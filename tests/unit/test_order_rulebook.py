"""Merchants' own rules are data: checked when loaded, versioned, and every fault names the version it was found by."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.orders import Order
from blocks.documents.verdicts import Fault
from blocks.errors import WrongUse
from tasks.order_intake.rulebook import AllocationPolicy, OrderRules, load, with_own_articles
from tasks.order_intake.rules import KnownArticle, KnownMaster, faults
from tests.orders import ADDRESS, a_line, an_order, known

VERSION = 7


def judged(order: Order, text: str, *, customers: frozenset[str] | None = None, released: bool = False) -> list[Fault]:
    """Judge the order by these rules."""
    master = known()
    asked = KnownMaster(
        master.articles, master.payment_methods, master.shipping_methods, load(text, VERSION), customers
    )
    return list(faults(order, asked, released=released))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("required: {always: [shipping_address.phone]}", "ORD-REQUIRED"),
        ("required: {by_country: {DE: [customer.vat_id]}}", "ORD-REQUIRED"),
        ("required: {by_channel: {berlin: [purchase_order_number]}}", "ORD-REQUIRED"),
        ("holds: {total_over: {EUR: 100}}", "ORD-HOLD-TOTAL"),
        ("holds: {new_customer_over: {EUR: 50}}", "ORD-HOLD-NEW-CUSTOMER"),
        ("holds: {differing_addresses_over: {EUR: 0}}", "ORD-HOLD-ADDRESSES"),
        ("holds: {words: [DOMSTRASSE, weiß]}", "ORD-HOLD-WORDS"),
    ],
)
def test_a_rule_finds_what_it_names_and_says_which_version_judged(text: str, rule: str) -> None:
    order = an_order(shipping_address=ADDRESS.model_copy(update={"street": "Ring 2"}))
    found = judged(order, text, customers=frozenset())
    assert [(fault.rule, fault.version) for fault in found] == [(rule, VERSION)]


@pytest.mark.parametrize(
    "text",
    [
        "required: {by_country: {AT: [customer.vat_id]}, by_channel: {vienna: [comment]}}",
        "holds: {total_over: {EUR: 112.80, CHF: 1}}",
        "holds: {new_customer_over: {EUR: 1000}}",
        "holds: {differing_addresses_over: {EUR: 0}}",
        "holds: {words: [packstation]}",
        "",
    ],
)
def test_an_order_outside_the_rules_is_not_held(text: str) -> None:
    assert judged(an_order(), text, customers=frozenset()) == []


def test_a_known_customer_is_not_held_as_new() -> None:
    order = an_order()
    assert (
        judged(order, "holds: {new_customer_over: {EUR: 1}}", customers=frozenset({order.customer.external_id})) == []
    )


def test_a_released_order_is_not_held_again_but_its_faults_count() -> None:
    text = "holds: {total_over: {EUR: 1}}\nrequired: {always: [comment]}"
    assert [fault.rule for fault in judged(an_order(), text, released=True)] == ["ORD-REQUIRED"]
    assert judged(an_order(comment="Ring twice."), text, released=True) == []


def test_t_ord_12_an_unknown_method_is_put_aside_with_the_nearest_mapping_proposed() -> None:
    (found,) = judged(an_order(shipping_method="Parcell"), "")
    assert found.rule == "ORD-SHIPPING-METHOD"
    assert "Perhaps it is 'parcel'." in found.remedy


def test_t_ord_12_a_price_that_is_not_the_price_lists_is_put_aside() -> None:
    master = known()
    priced = {**master.articles, "LAMP": KnownArticle("LAMP", in_erp=True, stock_managed=True, price=Decimal("47.00"))}
    for percent, expected in ((1, ["ORD-PRICE"]), (2, [])):
        text = f"prices: {{channels: [berlin], percent: {percent}}}"
        asked = KnownMaster(priced, master.payment_methods, master.shipping_methods, load(text, VERSION))
        assert [fault.rule for fault in faults(an_order(), asked)] == expected


def test_article_numbers_of_a_channel_are_replaced_as_mapped() -> None:
    rules = load("mappings: {berlin: {articles: {L-1: LAMP}}}")
    order = an_order(lines=(a_line("L-1", 1, "47.55"),))
    assert [line.sku for line in with_own_articles(order, rules).lines] == ["LAMP"]
    assert with_own_articles(an_order(channel="vienna", lines=order.lines), rules).lines[0].sku == "L-1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("holds: {total_ober: {EUR: 1}}", "holds.total_ober"),
        ("holds: {total_over: {EUR: -1}}", "holds.total_over.EUR"),
        ("holds: {total_over: {Euro: 1}}", "holds.total_over"),
        ("required: {always: [shipping_address.colour]}", "shipping_address.colour"),
        ("allocation: {split: perhaps}", "allocation.split"),
        ("version: 3", "without 'version'"),
        ("- a list", "must be a YAML mapping"),
        ("a: [", "no YAML"),
        ("a: 2026-13-45", "no YAML"),
        ("a: !!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_their_place(text: str, said: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        load(text)
    assert said in str(refusal.value)


@given(st.text(max_size=60))
def test_any_text_is_rules_or_a_sentence(text: str) -> None:
    with suppress(WrongUse):
        assert isinstance(load(text), OrderRules)


def test_declared_warehouses_come_first_and_unknown_ones_are_left_out() -> None:
    policy = AllocationPolicy(warehouses=("WEST", "GONE"))
    assert policy.preferred(["EAST", "NORTH", "WEST"]) == ["WEST", "EAST", "NORTH"]
