"""Statuses told to a Smartstore shop: looked up first, read back after, and never a fact invented on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from blocks.documents.statuses import LABEL, Label, StatusNotice
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.answers import Answer, Done
from blocks.systems.shops.contract import Received
from blocks.systems.shops.smartstore_statuses import WORDS
from tests.contract.shop_contract import records
from tests.contract.test_smartstore import SandboxWorld
from tests.sandbox import RunningShop, running_shop

ENGRAVING = Label(de="Wartet auf Gravur", en="Awaiting engraving")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def world(sandbox: RunningShop) -> Iterator[SandboxWorld]:
    yield SandboxWorld(sandbox)
    sandbox.no_faults()
    sandbox.admin.patch("/admin/settings", json={"denied": []}).raise_for_status()


def notice(key: str, word: str, status: str = "", **changes: Any) -> StatusNotice:
    usual = {"label": ENGRAVING, "reference": f"SOMS-berlin-{key}-status-1", "at": datetime.now(UTC)}
    return StatusNotice(key=key, word=word, status=status or word, **{**usual, **changes})


def tell(world: SandboxWorld, *notices: StatusNotice, **settings: Any) -> list[Answer]:
    return world.connector(**settings).set_status(notices)


def word(world: SandboxWorld, key: str) -> str:
    shop = world.connector()
    (record,) = records(shop.orders_by_id([key]))
    return shop.read_status(record).word


def order(world: SandboxWorld, key: str) -> dict[str, Any]:
    return world.rows("Orders", f"Id eq {key}")[0]


def act(world: SandboxWorld, key: str, action: str, **arguments: Any) -> None:
    with world.shop.client() as client:
        client.post(f"Orders({key})/{action}", json=arguments).raise_for_status()


def fresh(world: SandboxWorld, *, paid: bool = False) -> str:
    (key,) = world.place(1)
    with world.shop.client() as client:
        body = {"OrderStatusId": 20 if paid else 10, "PaymentStatusId": 30 if paid else 10, "ShippingStatusId": 20}
        client.patch(f"Orders({key})", json=body).raise_for_status()
    return key


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.parametrize("target", ["processing", "shipped", "delivered", "complete", "cancelled"])
def test_every_word_of_the_shop_can_be_told_and_is_told_once(world: SandboxWorld, target: str, paid: bool) -> None:
    key = fresh(world, paid=paid)
    first, second = tell(world, notice(key, target)), tell(world, notice(key, target))
    shown = "complete" if (target, paid) == ("delivered", True) else target  # the shop completes what is paid
    assert [type(answer) for answer in first + second] == [Done, Done]
    assert [answer.adopted for answer in first + second if isinstance(answer, Done)] == [False, True]
    assert word(world, key) == shown
    assert order(world, key)["PaymentStatusId"] == (30 if paid else 10), "Nothing but a payment pays an order."
    assert len(world.rows("Shipments", f"OrderId eq {key}")) == (target not in {"processing", "cancelled"})


def test_the_words_of_the_shop_are_those_it_declares(world: SandboxWorld) -> None:
    key = fresh(world)
    seen = {word(world, key)}
    for target in ("processing", "shipped", "delivered", "complete"):
        tell(world, notice(key, target))
        seen.add(word(world, key))
    other = fresh(world)
    tell(world, notice(other, "cancelled"))
    seen.add(word(world, other))
    assert seen == WORDS.reports - {"partially_shipped"}
    assert seen - {"pending"} == WORDS.settable


def test_a_status_without_a_word_is_shown_to_the_customer_and_kept_as_an_attribute(world: SandboxWorld) -> None:
    key = fresh(world)
    told = notice(key, LABEL, "awaiting_engraving")
    for adopted in (False, True):
        (answer,) = tell(world, told)
        assert isinstance(answer, Done)
        assert answer.adopted is adopted
    notes = world.rows("OrderNotes", f"OrderId eq {key} and contains(Note,'Gravur')")
    assert [(note["Note"], note["DisplayToCustomer"]) for note in notes] == [("Status: Wartet auf Gravur", True)]
    attributes = world.rows("GenericAttributes", f"EntityId eq {key} and Key eq 'Oms.Status'")
    assert [(row["KeyGroup"], row["Value"]) for row in attributes] == [("Order", "awaiting_engraving")]
    assert order(world, key)["OrderStatusId"] == 10, "No foreign number is ever written into the shop's own status."


def test_the_same_status_again_later_is_a_note_of_its_own_in_the_shops_language(world: SandboxWorld) -> None:
    key = fresh(world)
    for _ in range(2):
        tell(world, notice(key, LABEL, "awaiting_engraving"), note_language="en")
    notes = world.rows("OrderNotes", f"OrderId eq {key} and Note eq 'Status: Awaiting engraving'")
    assert len(notes) == 2
    tell(world, notice(key, "processing"))
    (row,) = world.rows("GenericAttributes", f"EntityId eq {key} and Key eq 'Oms.Status'")
    assert row["Value"] == "processing"


@pytest.mark.parametrize(
    ("before", "target", "reason"),
    [
        ("complete", "processing", "nothing leads back"),
        ("cancelled", "complete", "is cancelled"),
        ("cancelled", "processing", "is cancelled"),
        ("shipped", "cancelled", "put the goods back on sale"),
        ("complete", "cancelled", "put the goods back on sale"),
    ],
)
def test_what_the_shop_would_ignore_or_do_wrongly_is_refused_in_a_sentence(
    world: SandboxWorld, before: str, target: str, reason: str
) -> None:
    key, good = fresh(world), fresh(world)
    tell(world, notice(key, before))
    stock = world.rows("Products", "Id gt 0")
    refused, done = tell(world, notice(key, target), notice(good, "processing"))
    assert isinstance(refused, Refused)
    assert reason in str(refused)
    assert isinstance(done, Done)
    assert word(world, key) == before
    assert world.rows("Products", "Id gt 0") == stock


def test_an_order_that_is_gone_is_refused_and_the_others_are_told(world: SandboxWorld) -> None:
    key = fresh(world)
    answers = tell(world, notice("99999999", "processing"), notice("x", "processing"), notice(key, "processing"))
    assert [type(answer) for answer in answers] == [Refused, Refused, Done]


@pytest.mark.parametrize("target", ["shipped", "complete", LABEL])
def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(world: SandboxWorld, target: str) -> None:
    key = fresh(world)
    told = notice(key, target, "awaiting_engraving")
    cut = 0
    while True:
        world.faults({"kind": "cut_after", "method": "POST", "times": 1})
        (answer,) = tell(world, told)
        if not world.shop.no_faults()[0]["fired"]:
            break
        assert isinstance(answer, TryAgainLater)
        assert answer.maybe_done
        cut += 1
    assert cut >= 1
    assert isinstance(tell(world, told)[0], Done)
    assert len(world.rows("Shipments", f"OrderId eq {key}")) == (target != LABEL)
    assert len(world.rows("OrderNotes", f"OrderId eq {key} and contains(Note,'Gravur')")) == (target == LABEL)
    assert len(world.rows("GenericAttributes", f"EntityId eq {key}")) == 1


def test_sixty_orders_are_told_in_order_and_a_shop_that_is_down_is_left_alone(world: SandboxWorld) -> None:
    keys = world.place(30)
    notices = [notice(key, LABEL, "awaiting_engraving") for key in keys]
    answers = tell(world, *notices)
    assert [answer.reference for answer in answers if isinstance(answer, Done)] == [each.reference for each in notices]
    world.faults({"kind": "status", "status": 503})
    world.shop.forget_requests()
    assert {type(answer) for answer in tell(world, *notices)} == {TryAgainLater}
    assert len(world.shop.requests()) == 1


def test_a_missing_right_is_refused_with_what_to_do(world: SandboxWorld) -> None:
    key = fresh(world)
    world.shop.admin.patch("/admin/settings", json={"denied": ["order.editshipment"]}).raise_for_status()
    (answer,) = tell(world, notice(key, "shipped"))
    assert isinstance(answer, Refused)
    assert "give the API user's role the permission" in str(answer)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"Id":1,"OrderStatusId":"x","UpdatedOnUtc":null}'])
def test_bytes_without_a_status_are_unreadable(world: SandboxWorld, body: bytes) -> None:
    with pytest.raises(Unreadable):
        world.connector().read_status(Received("1", body))


def test_a_status_the_shop_never_had_comes_as_a_word_that_nobody_maps(world: SandboxWorld) -> None:
    body = b'{"Id":1,"OrderStatusId":77,"UpdatedOnUtc":"2026-11-22T08:00:00.1234567Z"}'
    found = world.connector().read_status(Received("1", body))
    assert found.word == "order status 77"
    assert found.word not in WORDS.reports
