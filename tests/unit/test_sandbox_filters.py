"""The sandbox's OData filters mean what they say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from deployments.sandbox.shop.entities import entities
from deployments.sandbox.shop.filters import condition, in_order, ordering
from deployments.sandbox.shop.model import Entity, Link, Row
from deployments.sandbox.shop.options import behind, read_options, read_skiptoken, write_skiptoken
from deployments.sandbox.shop.values import Refusal, read_time

ENTITIES = entities()
ORDERS, PRODUCTS = ENTITIES["Orders"], ENTITIES["Products"]


class Few:
    """Two related items for every order, and no single links."""

    def entity(self, set_name: str) -> Entity:
        return ENTITIES[set_name]

    def one(self, _link: Link, _row: Row) -> Row | None:
        return None

    def many(self, link: Link, row: Row) -> list[Row]:
        return [{**ENTITIES[link.target].defaults, "Id": number, "Quantity": row["Id"] * number} for number in (1, 2)]


def order(**values: object) -> Row:
    return {**ORDERS.defaults, **values}


def holds(text: str, row: Row, entity: Entity = ORDERS) -> bool:
    return condition(text, entity, Few())(row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Id eq 7", True),
        ("Id ne 7", False),
        ("id in (1, 7)", True),
        ("Id in (1,2)", False),
        ("OrderTotal ge 10.5 and OrderTotal lt 10.51", True),
        ("not (Id eq 7)", False),
        ("Id eq 1 or Id eq 7 and OrderStatusId eq 10", True),
        ("(Id eq 1 or Id eq 7) and OrderStatusId eq 20", False),
        ("OrderNumber eq null", True),
        ("null ne OrderNumber", False),
        ("OrderNumber gt 'a'", False),
        ("contains(ShippingMethod,'ARC')", True),
        ("startswith(ShippingMethod,'Par') and endswith(ShippingMethod,'cel')", True),
        ("ShippingMethod eq 'parcel'", True),
        ("tolower(ShippingMethod) eq 'parcel'", True),
        ("CustomerOrderComment eq 'it''s, (really) fine'", True),
        ("Deleted eq false", True),
        ("UpdatedOnUtc ge 2026-08-21T10:11:12.1234567Z", True),
        ("UpdatedOnUtc gt 2026-08-21T10:11:12.1234567Z", False),
        ("UpdatedOnUtc lt 2026-08-21T12:11:12.2+02:00", True),
        ("UpdatedOnUtc gt 2026-08-21", True),
        ("OrderItems/any(i: i/Quantity eq 14)", True),
        ("OrderItems/all(i: i/Quantity gt 7)", False),
        ("OrderItems/any(i: i/Quantity gt Id)", True),
        ("OrderItems/any()", True),
        ("Customer/Email eq null", True),
        ("OrderGuid eq 0F6A3C52-7A6D-4F4E-9B57-2F3A0F7F1C11", True),
    ],
)
def test_a_filter_says_whether_an_order_matches(text: str, expected: bool) -> None:
    row = order(
        Id=7,
        OrderTotal=Decimal("10.5000"),
        OrderStatusId=10,
        ShippingMethod="Parcel",
        CustomerOrderComment="It's, (really) fine",
        UpdatedOnUtc="2026-08-21T10:11:12.1234567Z",
        OrderGuid="0f6a3c52-7a6d-4f4e-9b57-2f3a0f7f1c11",
    )
    assert holds(text, row) is expected


def test_enums_are_compared_by_name() -> None:
    hidden = {**PRODUCTS.defaults, "Visibility": "Hidden"}
    assert holds("Visibility eq 'Hidden'", hidden, PRODUCTS)
    assert not holds("Visibility in ('Full','SearchResults')", hidden, PRODUCTS)


@pytest.mark.parametrize(
    "text",
    [
        "Nonsense eq 1",
        "Truth eq 'good:'",  # kept by the shop, unknown to its API
        "Id eq",
        "Id eq 'seven'",
        "UpdatedOnUtc ge 'yesterday'",
        "UpdatedOnUtc ge 2026-08-21T10:11:12 02:00",  # a plus sign that was not encoded
        "UpdatedOnUtc ge 2026-13-21T10:11:12Z",
        "matches(ShippingMethod,'x')",
        "contains(Id,'x')",
        "Id eq 1)",
        "(Id eq 1",
        "Id",
        "Id in (OrderStatusId)",
        "OrderItems/Quantity eq 1",
        "OrderItems/any(i: i/Order/OrderItems/any(j: j/Quantity eq 1))",
        "ShippingMethod eq 'open",
        "Id eq 1 § 2",
        " or ".join(f"Id eq {number}" for number in range(40)),
    ],
)
def test_what_is_not_understood_is_refused_with_400(text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        condition(text, ORDERS, Few())
    assert refusal.value.status == 400


@given(some.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    status = 200
    try:
        condition(text, ORDERS, Few())(order(Id=1))
    except Refusal as refusal:
        status = refusal.status
    assert status in (200, 400)


@given(some.text(max_size=30))
def test_a_quoted_text_equals_itself_whatever_is_in_it(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert holds(f"CustomerOrderComment eq {quoted}", order(CustomerOrderComment=text))


EXPRESSIONS = some.recursive(
    some.tuples(some.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), some.integers(0, 5)),
    lambda inner: some.tuples(some.sampled_from(["and", "or"]), inner, inner) | some.tuples(some.just("not"), inner),
    max_leaves=8,
)


def written(tree: tuple) -> str:
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    if tree[0] in ("and", "or"):
        return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"
    return f"Id {tree[0]} {tree[1]}"


def meant(tree: tuple, number: int) -> bool:
    match tree:
        case ("not", inner):
            return not meant(inner, number)
        case ("and", left, right):
            return meant(left, number) and meant(right, number)
        case ("or", left, right):
            return meant(left, number) or meant(right, number)
    signs = {"eq": "__eq__", "ne": "__ne__", "gt": "__gt__", "ge": "__ge__", "lt": "__lt__", "le": "__le__"}
    return getattr(number, signs[tree[0]])(tree[1])


@given(EXPRESSIONS, some.integers(0, 5))
def test_a_written_expression_means_what_its_tree_means(tree: tuple, number: int) -> None:
    assert holds(written(tree), order(Id=number)) is meant(tree, number)


@given(some.lists(some.tuples(some.integers(0, 3), some.integers(0, 3)), max_size=20), some.booleans(), some.booleans())
def test_skiptokens_walk_through_every_row_once(pairs: list[tuple[int, int]], down: bool, also_down: bool) -> None:
    rows = [
        order(Id=place, OrderTotal=Decimal(total), OrderNumber=None if number == 0 else f"N,-'{number}")
        for place, (total, number) in enumerate(pairs)
    ]
    terms = ordering(f"OrderTotal{' desc' * down},OrderNumber{' desc' * also_down}", ORDERS)
    expected, walked, after = in_order(rows, terms), [], None
    while True:
        left = [row for row in in_order(rows, terms) if after is None or behind(row, terms, after)]
        if not left:
            break
        walked += left[:3]
        after = read_skiptoken(write_skiptoken(left[:3][-1], terms), terms)
    assert walked == expected


@pytest.mark.parametrize(
    "query",
    [
        {"$top": "121"},
        {"$top": "-1"},
        {"$skip": "x"},
        {"$count": "maybe"},
        {"$apply": "x"},
        {"$orderby": "Id,Id,Id,Id,Id,Id"},
        {"$orderby": "OrderItems"},
        {"$orderby": "Id sideways"},
        {"$select": "Nonsense"},
        {"$expand": "Nonsense"},
        {"$expand": "OrderItems($filter=Nonsense eq 1)"},
        {"$expand": "OrderItems("},
        {"$skiptoken": "Nonsense-1"},
    ],
)
def test_a_wrong_query_option_is_refused_with_400(query: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refusal:
        read_options(query, ORDERS, Few())
    assert refusal.value.status == 400


def test_nested_expansions_carry_their_own_options() -> None:
    text = "OrderItems($select=Id,Sku;$filter=Quantity gt 1;$top=2),BillingAddress($expand=Country($select=Name))"
    options = read_options({"$expand": text}, ORDERS, Few())
    items, address = options.expand["OrderItems"][1], options.expand["BillingAddress"][1]
    assert [column.name for column in items.select or ()] == ["Id", "Sku"]
    assert items.top == 2
    assert items.test is not None
    assert [column.name for column in address.expand["Country"][1].select or ()] == ["Name"]


@given(some.datetimes(), some.integers(-12 * 60, 12 * 60).filter(bool))
def test_a_time_with_an_offset_is_the_same_moment_in_utc(moment, minutes: int) -> None:
    moment = moment.replace(year=2000 + moment.year % 100)
    sign, (hours, rest) = "-+"[minutes > 0], divmod(abs(minutes), 60)
    local = f"{moment:%Y-%m-%dT%H:%M:%S.%f}{sign}{hours:02d}:{rest:02d}"
    assert read_time(read_time(local)) == read_time(local)
    if minutes % (24 * 60):
        assert read_time(local) != read_time(f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z")
