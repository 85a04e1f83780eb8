"""What a shop shows: it follows stock both ways, respects people, and is told in the end what stock says."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from blocks.database import effect_desk, rulebooks
from blocks.database.audit_verification import verify
from blocks.database.engine import Database
from blocks.documents import stock_rules
from blocks.documents.orders import OrderStatus
from blocks.documents.stock import ListingChange, MovementKind
from blocks.systems.answers import Answer
from blocks.systems.shops.smartstore import SmartstoreShop
from blocks.systems.shops.smartstore_shelf import HidingBy
from tasks.order_intake.judging import Judged
from tasks.shop_listing import telling
from tests import desk, stack
from tests.listings import ACTOR, Shelf, open_shelf
from tests.orders import a_line
from tests.sandbox import RunningShop, running_shop

BY_RULE, PLAIN = "HOME-003", "HOME-001"
"""Of these the shop's own rule hides the first; the second has none."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def shop(running: RunningShop) -> Iterator[RunningShop]:
    with running.client() as client:
        before = client.get("Products", params={"$top": "120"}).json()["value"]
        variants = client.get("ProductVariantAttributeCombinations", params={"$top": "120"}).json()["value"]
    yield running
    names = ("StockQuantity", "Published", "LowStockActivityId", "Visibility", "BackorderModeId")
    back = {row["Sku"]: {name: row[name] for name in names} for row in before}
    back |= {row["Sku"]: {name: row[name] for name in ("StockQuantity", "IsActive")} for row in variants}
    running.no_faults()
    running.admin.patch("/admin/settings", json={"batch_stops_after": None, "denied": []}).raise_for_status()
    for _ in range(2):  # the shop's own rule follows a change of quantity, and has its say
        running.admin.patch("/admin/products", json=back).raise_for_status()


Open = Callable[..., Shelf]


@pytest.fixture
def opened(shop: RunningShop, database_url: stack.DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    def load(loader: object) -> None:
        monkeypatch.setattr(telling, "load_system", loader)

    def connected(**settings: object) -> Shelf:
        shelf = open_shelf(shop, Database(database_url.app), load, **settings)
        shelf.look()
        return shelf

    yield connected
    assert verify(Database(database_url.audit), Path("none")).findings == ()


@pytest.fixture
def shelf(opened: Open) -> Shelf:
    return opened()


KINDS = ("HOME-001", "HOME-003", "HOME-005", "WEAR-01-RED-S")
"""A product, one with the shop's rule to hide it, one with its rule to disable buying, a variant."""


BACK = (MovementKind.RECEIPT, MovementKind.RETURN, MovementKind.TRANSFER, MovementKind.VOID, MovementKind.COUNT)


@pytest.mark.parametrize(
    ("kind", "hiding_by"),
    [*((kind, HidingBy.MIDDLEWARE) for kind in BACK), (MovementKind.RECEIPT, HidingBy.SHOP)],
)
def test_t_inv_6_what_sold_out_is_hidden_and_comes_back_by_itself(
    opened: Open, kind: MovementKind, hiding_by: HidingBy
) -> None:
    shelf = opened(hiding_by=hiding_by)
    shelf.moves(MovementKind.COUNT, 3, *KINDS, "HOME-002")
    shelf.bring()
    assert {shelf.sees(sku) for sku in KINDS} == {(3, True)}
    assert shelf.sees("SET-01") == (1, True), "A set of one and two."
    shelf.moves(MovementKind.SALE, -3, *KINDS, "HOME-002", document="slip 1")
    assert shelf.bring().refused == 0
    assert {shelf.sees(sku) for sku in (*KINDS, "SET-01")} == {(0, False)}
    assert {shelf.listing(sku)["hidden_by"] for sku in (*KINDS, "SET-01")} == {"soms"}
    assert shelf.listing("HOME-001")["hidden_why"] == "Sold out."
    shelf.moves(kind, 5, *KINDS, "HOME-002", document="slip 1")
    shelf.bring()
    assert {shelf.sees(sku) for sku in KINDS} == {(5, True)}
    assert shelf.sees("SET-01") == (2, True)
    assert {shelf.listing(sku)["hidden_by"] for sku in (*KINDS, "SET-01")} == {""}
    assert sorted(shelf.mails()[-4:]) == ["HOME-001", "HOME-002", "HOME-003", "HOME-005"], "Subscribers are told once."
    assert shelf.refresh().changed == 0


def test_t_inv_6_what_a_cancelled_order_gives_back_is_shown_again(shelf: Shelf) -> None:
    shelf.moves(MovementKind.COUNT, 2, "BOOK-01")
    shelf.bring()
    order = desk.an_order_of((a_line("BOOK-01", 2, "12.80", 7),))
    assert desk.take_in(shelf.database, order).accepted == 1
    shelf.bring()
    assert shelf.sees("BOOK-01") == (0, False)
    later = order.model_copy(
        update={"status": OrderStatus.CANCELLED, "changed_at": order.changed_at + timedelta(minutes=1)}
    )
    assert desk.take_in(shelf.database, later) == Judged(cancelled=1)
    shelf.bring()
    assert shelf.sees("BOOK-01") == (2, True)


@pytest.mark.parametrize("hiding_by", list(HidingBy))
def test_what_may_be_sold_beyond_stock_shows_at_zero_and_the_shops_rule_does_not_hide_it(
    opened: Open, shop: RunningShop, hiding_by: HidingBy
) -> None:
    sold_beyond = {"LowStockActivityId": 2, "BackorderModeId": 1}
    shop.admin.patch("/admin/products", json={"HOME-008": sold_beyond}).raise_for_status()
    shelf = opened(hiding_by=hiding_by)
    for pieces in (0, 3, 0):
        shelf.stock(pieces, "HOME-008", "HOME-006")
        shelf.bring()
        assert shelf.sees("HOME-008") == (pieces, True)
        assert shelf.sees("HOME-006") == (pieces, True)


@pytest.mark.parametrize("sku", ["HOME-003", "HOME-001", "WEAR-02-RED-S"])
def test_what_a_person_hid_stays_hidden_whatever_stock_does(shelf: Shelf, sku: str) -> None:
    shelf.stock(4, sku)
    shelf.bring()
    field = "IsActive" if sku.startswith("WEAR") else "Published"
    shelf.by_hand(**{sku: {field: False}})
    for pieces in (3, 0, 6):
        shelf.stock(pieces, sku)
        shelf.bring()
        assert shelf.sees(sku) == (pieces, False)
    assert shelf.listing(sku)["hidden_by"] == "person"
    assert shelf.listing(sku)["hidden_why"] == "It was found hidden although SOMS had left it visible."
    assert shelf.refresh().due == 0
    shelf.by_hand(**{sku: {field: True}})
    shelf.look()
    assert shelf.listing(sku)["hidden_by"] == "", "A person shows it again."
    shelf.stock(0, sku)
    shelf.bring()
    shelf.stock(2, sku)
    shelf.bring()
    assert shelf.sees(sku) == (2, True)


def test_a_product_that_a_person_unpublished_is_not_published_for_its_variants(shelf: Shelf) -> None:
    shelf.stock(4, "WEAR-03-RED-S", "WEAR-03-RED-M")
    shelf.bring()
    shelf.by_hand(WEAR_03={"Published": False})
    shelf.stock(0, "WEAR-03-RED-S")
    shelf.bring()
    shelf.stock(5, "WEAR-03-RED-S", "WEAR-03-RED-M")
    shelf.bring()
    assert shelf.sees("WEAR-03-RED-M") == (5, False)
    assert shelf.sees("WEAR-03-RED-S") == (5, False)


def test_what_a_person_had_hidden_when_it_sold_out_stays_hidden(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-011", "HOME-013")
    shelf.bring()
    shelf.by_hand(HOME_011={"Published": False})
    shelf.by_hand(HOME_013={"Published": False})
    shelf.look("HOME-013")
    for pieces in (0, 6):
        shelf.stock(pieces, "HOME-011", "HOME-013")
        shelf.bring()
    assert shelf.sees("HOME-011") == (6, False)
    assert shelf.sees("HOME-013") == (6, False)
    assert shelf.listing("HOME-011")["hidden_why"].startswith("It was hidden already when it sold out")


def test_what_the_shops_own_rule_hid_comes_back_with_the_goods(shelf: Shelf) -> None:
    shelf.stock(2, "HOME-018")
    shelf.bring()
    shelf.by_hand(HOME_018={"LowStockActivityId": 2})
    shelf.by_hand(HOME_018={"StockQuantity": 0})  # its last pieces are sold in the shop, which hides it at once
    assert shelf.sees("HOME-018") == (0, False)
    shelf.stock(0, "HOME-018")
    shelf.bring()
    assert shelf.listing("HOME-018")["hidden_by"] == "soms"
    shelf.stock(3, "HOME-018")
    shelf.bring()
    assert shelf.sees("HOME-018") == (3, True)


def test_what_sold_out_and_came_back_before_anybody_looked_is_shown_though_the_shops_rule_hid_it(shelf: Shelf) -> None:
    shelf.stock(2, "HOME-023")
    shelf.bring()
    shelf.by_hand(HOME_023={"LowStockActivityId": 2})
    shelf.by_hand(HOME_023={"StockQuantity": 0})
    shelf.stock(7, "HOME-023")
    shelf.bring()
    assert shelf.sees("HOME-023") == (7, True)


def test_what_a_wrong_import_emptied_and_hid_is_nobodys_hiding(shelf: Shelf) -> None:
    skus = ("HOME-027", "WEAR-02-BLU-S", "HOME-025")
    shelf.stock(4, *skus)
    shelf.bring()
    shelf.by_hand(
        HOME_027={"Published": False, "StockQuantity": 0},
        WEAR_02_BLU_S={"IsActive": False, "StockQuantity": 0},
        HOME_025={"Published": False, "StockQuantity": 0},
    )
    shelf.stock(3, *skus[:2])  # something sells before anybody looks
    shelf.bring()
    assert {shelf.sees(sku) for sku in skus[:2]} == {(3, True)}
    shelf.look()
    shelf.show_though_hidden("HOME-025", "HOME-027")
    assert shelf.listing("HOME-027")["hidden_by"] == "", "It shows already: there is no hiding to take over."
    shelf.tell()
    assert shelf.sees("HOME-025") == (4, True)
    assert shelf.listing("HOME-025")["hidden_by"] == ""


def test_a_decision_to_show_variants_publishes_their_product_too(shelf: Shelf) -> None:
    shelf.stock(4, "WEAR-04-RED-M", "WEAR-04-RED-L")
    shelf.bring()
    shelf.by_hand(WEAR_04={"Published": False})
    shelf.look()
    shelf.show_though_hidden("WEAR-04-RED-M")
    shelf.tell()
    assert shelf.sees("WEAR-04-RED-M") == (4, True)


def test_what_was_hidden_in_stock_before_soms_came_is_left_to_the_reconciliation(shelf: Shelf) -> None:
    shelf.by_hand(HOME_021={"Published": False}, HOME_022={"Published": False, "StockQuantity": 0})
    shelf.look()
    shelf.stock(4, "HOME-021")
    shelf.stock(0, "HOME-022")
    shelf.bring()
    assert shelf.sees("HOME-021") == (4, False), "Stock is shown; who hid it nobody knows."
    assert shelf.listing("HOME-021")["hidden_by"] == ""
    assert shelf.refresh().due == 0
    shelf.show_though_hidden("HOME-021")
    shelf.tell()
    assert shelf.sees("HOME-021") == (4, True)
    shelf.stock(9, "HOME-022")
    shelf.bring()
    assert shelf.sees("HOME-022") == (9, True), "Hidden and sold out at the first look: that was why."


def test_a_person_hides_and_hands_back_in_soms_itself(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-024")
    shelf.bring()
    shelf.respect("HOME-024", hide=True)
    shelf.bring()
    assert shelf.sees("HOME-024") == (4, False)
    shelf.stock(5, "HOME-024")
    shelf.bring()
    assert shelf.sees("HOME-024") == (5, False)
    shelf.release("HOME-024")
    shelf.bring()
    assert shelf.sees("HOME-024") == (5, True)
    assert shelf.listing("HOME-024")["hidden_by"] == ""


def test_a_merchant_who_lets_the_shop_hide_is_told_quantities_only(shelf: Shelf) -> None:
    rules = "channels: {berlin: {hide: false}}"
    with shelf.database.audited(ACTOR) as (connection, trail):
        rulebooks.activate(
            connection, trail, kind=stock_rules.KIND, name=stock_rules.NAME, content=rules, by="ann", reason="Own rule."
        )
    shelf.stock(0, "HOME-028", "HOME-026")
    shelf.bring()
    assert shelf.sees("HOME-026") == (0, True)
    assert shelf.sees("HOME-028") == (0, False), "The shop's own rule does."


def test_only_what_differs_is_told(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-031", "HOME-033", "WEAR-04-RED-S")
    assert shelf.refresh().due == 3
    shelf.tell()
    shelf.shop.forget_requests()
    assert shelf.bring().done == 0
    assert shelf.shop.requests() == []
    shelf.by_hand(HOME_031={"StockQuantity": 3})  # sold in the shop: it counts that itself
    shelf.stock(3, "HOME-031")
    assert shelf.bring().adopted == 1
    assert [request["method"] for request in shelf.shop.requests()] == ["GET"], "It shows that already."


def test_a_newer_value_is_told_instead_of_the_older_one_that_is_still_due(shelf: Shelf) -> None:
    for pieces in (5, 4, 3):
        shelf.stock(pieces, "HOME-034")
        shelf.refresh("HOME-034")
    assert shelf.states() == ["due"]
    shelf.tell()
    assert shelf.sees("HOME-034") == (3, True)
    assert shelf.states() == ["done"]


def test_what_changes_while_it_is_told_is_told_next(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.stock(5, "HOME-035")
    shelf.refresh("HOME-035")
    show = SmartstoreShop.show

    def slowly(shop: SmartstoreShop, changes: Sequence[ListingChange]) -> list[Answer]:
        answers = show(shop, changes)
        if changes[0].quantity == 5:
            shelf.stock(0, "HOME-035")
            assert shelf.refresh("HOME-035").due == 0, "One call at a time."
        return answers

    monkeypatch.setattr(SmartstoreShop, "show", slowly)
    shelf.tell()
    assert shelf.sees("HOME-035") == (0, False)
    assert shelf.states() == ["done", "done"]
    assert shelf.listing("HOME-035")["hidden_by"] == "soms"


def test_a_refused_article_waits_for_a_person_and_blocks_no_other(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-036", "HOME-037")
    shelf.shop.admin.patch("/admin/settings", json={"denied": ["catalog.product.update"]}).raise_for_status()
    assert shelf.bring("HOME-036", "HOME-037").refused == 2
    assert shelf.refresh("HOME-036", "HOME-037").due == 0, "Nothing else is wanted: it is not tried again and again."
    shelf.shop.admin.patch("/admin/settings", json={"denied": []}).raise_for_status()
    shelf.stock(3, "HOME-036")
    shelf.bring("HOME-036")
    assert shelf.sees("HOME-036") == (3, True)
    assert shelf.states() == ["abandoned", "failed", "done"]
    assert shelf.listing("HOME-036")["told_quantity"] == 3


def test_what_a_person_abandoned_is_told_again_only_when_it_changes(shelf: Shelf) -> None:
    shelf.stock(4, "HOME-038")
    shelf.refresh("HOME-038")
    (row,) = desk.ask(shelf.database, "SELECT id FROM effect WHERE state = 'due'")
    with shelf.database.audited(ACTOR) as (connection, trail):
        effect_desk.abandon(connection, trail, [row["id"]], by="ann", reason="By hand.")
    assert shelf.refresh().due == 0
    shelf.stock(3, "HOME-038")
    assert shelf.refresh().due == 1


def test_an_article_the_shop_has_no_more_is_told_once_and_then_left(shelf: Shelf) -> None:
    number = shelf.shown("HOME-040")["HOME-040"].product_id
    shelf.stock(4, "HOME-040", "HOME-039")
    with shelf.shop.client() as client:
        client.delete(f"Products({number})").raise_for_status()
        assert shelf.bring().done == 2
        assert shelf.refresh().due == 0
        assert shelf.sees("HOME-039") == (4, True)


def test_one_number_for_all_variants_is_refused_with_its_remedy(shelf: Shelf) -> None:
    shelf.by_hand(WEAR_05={"ManageInventoryMethodId": 1})
    shelf.stock(4, "WEAR-05-RED-S")
    shelf.bring()
    (row,) = desk.ask(shelf.database, "SELECT last_error FROM effect WHERE state = 'failed'")
    shelf.by_hand(WEAR_05={"ManageInventoryMethodId": 2})
    assert "counts the variants of product" in row["last_error"]
    assert "set it to manage stock by attribute combinations" in row["last_error"]


@pytest.mark.parametrize("at_once", [1, 2, 20])
def test_the_last_variant_takes_its_product_along_both_ways(opened: Open, shop: RunningShop, at_once: int) -> None:
    shop.admin.patch("/admin/products", json={"WEAR-06-BLU-L": {"AllowOutOfStockOrders": False}}).raise_for_status()
    shelf = opened(changes_per_request=at_once)
    skus = [f"WEAR-06-{colour}-{size}" for colour in ("RED", "BLU") for size in ("S", "M", "L")]

    def published() -> bool:
        with shelf.shop.client() as client:
            (row,) = client.get("Products", params={"$filter": "Sku eq 'WEAR-06'"}).json()["value"]
        return bool(row["Published"])

    shelf.stock(3, *skus)
    shelf.bring()
    shelf.stock(0, *skus[1:])
    shelf.bring()
    assert published()
    shelf.stock(0, *skus)
    shelf.bring()
    assert not published()
    shelf.stock(2, skus[4])
    shelf.bring()
    assert published()
    assert {sku: shelf.sees(sku)[1] for sku in skus} == {sku: sku == skus[4] for sku in skus}
