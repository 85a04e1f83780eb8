"""A real Tryton that is asked to buy: each purchase request once, whatever happens on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count
from secrets import token_hex
from threading import Barrier
from typing import Any

import pytest

from blocks.documents.purchases import PurchaseRequest
from blocks.documents.stock import GoodsDue
from blocks.errors import Refused, TryAgainLater, Unsupported
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.erps.tryton_purchases import MODEL, Known, values
from blocks.systems.erps.tryton_rpc import TrytonRpc
from deployments.sandbox.erp import ADMIN, ADMIN_PASSWORD, server_url
from tests.contract.erp_contract import kinds
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work
from tests.sandbox import free_port, running_proxy

SOON = date(2027, 3, 1)
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningErp]:
    with running_erp(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture
def erp(server: RunningErp) -> TrytonErp:
    return server.connector()


@pytest.fixture
def tryton(erp: TrytonErp) -> Iterator[TrytonRpc]:
    with erp._conversation() as conversation:
        yield conversation


def wanted(**changes: Any) -> PurchaseRequest:
    usual = {
        "reference": f"SOMS-purchase-{token_hex(3)}-{next(_numbers)}",
        "sku": "HOME-005",
        "warehouse": "HAM",
        "quantity": 12,
        "supplier": "HANSE",
        "needed_on": SOON,
        "comment": "Demand of 9 days is 11 pieces.",
    }
    return PurchaseRequest(**{**usual, **changes})


def requests_in(tryton: TrytonRpc, *asked: PurchaseRequest) -> dict[str, list[dict[str, Any]]]:
    """Return Tryton's purchase requests of each of ours."""
    fields = ["state", "quantity", "product.code", "party.code", "warehouse.code", "supply_date", "description"]
    found = {}
    for one in asked:
        lines = [["requisition.description", "=", one.reference]]
        numbers = [
            f"purchase.requisition.line,{row['id']}" for row in tryton.search_read(f"{MODEL}.line", lines, ["id"])
        ]
        found[one.reference] = tryton.search_read("purchase.request", [["origin", "in", numbers]], fields)
    return found


def numbers_of(tryton: TrytonRpc, request: PurchaseRequest) -> list[str]:
    return [row["number"] for row in tryton.search_read(MODEL, [["description", "=", request.reference]], ["number"])]


def facts(answer: Answer) -> dict[str, Any]:
    assert isinstance(answer, Done), answer
    return answer.facts


def test_each_becomes_one_purchase_request_however_often_it_is_asked_for(erp: TrytonErp, tryton: TrytonRpc) -> None:
    asked = [wanted(), wanted(sku="BOOK-03", warehouse="BER", supplier="", quantity=7, needed_on=None)]
    first, second = erp.request_purchases(asked), erp.request_purchases(asked)
    assert kinds(first + second) == [Done] * 4
    assert [answer.adopted for answer in first + second if isinstance(answer, Done)] == [False, False, True, True]
    assert [facts(answer)["number"] for answer in first] == [facts(answer)["number"] for answer in second]
    assert all(facts(answer)["state"] == "processing" for answer in second)
    ((lamp,), (book,)) = requests_in(tryton, *asked).values()
    assert (lamp["product."]["code"], lamp["quantity"], lamp["supply_date"], lamp["state"]) == (
        "HOME-005",
        12,
        SOON,
        "draft",
    )
    assert (lamp["party."]["code"], lamp["warehouse."]["code"]) == ("HANSE", "HAM")
    assert lamp["description"] == "Demand of 9 days is 11 pieces."
    assert (book["product."]["code"], book["quantity"], book["party."]) == ("BOOK-03", 7, None)


def test_what_tryton_does_not_know_is_named_and_blocks_nobody(erp: TrytonErp, tryton: TrytonRpc) -> None:
    bad = {
        "article NO-SUCH": wanted(sku="NO-SUCH"),
        "warehouse MUC": wanted(warehouse="MUC"),
        "supplier NOBODY": wanted(supplier="NOBODY"),
        "not to be bought": wanted(sku="GIFT-WRAP"),
    }
    asked = [wanted(), *bad.values(), wanted()]
    answers = erp.request_purchases(asked)
    assert kinds(answers) == [Done, *[Refused] * 4, Done]
    for named, answer in zip(bad, answers[1:-1], strict=True):
        assert named in str(answer)
        assert str(answer).endswith(".")
    assert [len(numbers_of(tryton, one)) for one in asked] == [1, 0, 0, 0, 0, 1]


def test_what_tryton_itself_refuses_blocks_nobody_and_leaves_nothing(erp: TrytonErp, tryton: TrytonRpc) -> None:
    asked = [wanted(), wanted(quantity="0.5"), wanted()]
    assert kinds(erp.request_purchases(asked)) == [Done, Refused, Done]
    assert [len(numbers_of(tryton, one)) for one in asked] == [1, 0, 1]


def test_the_same_reference_twice_in_one_batch_is_asked_for_once(erp: TrytonErp, tryton: TrytonRpc) -> None:
    one = wanted()
    assert kinds(erp.request_purchases([one, one])) == [Done, Refused]
    assert len(numbers_of(tryton, one)) == 1


@pytest.mark.parametrize(
    ("kind", "call"),
    [("cut_before", "create"), ("cut_after", "create"), ("cut_after", "wait"), ("cut_after", "approve")],
)
def test_a_lost_call_or_answer_is_looked_up_and_asked_for_once(
    server: RunningErp, tryton: TrytonRpc, kind: str, call: str
) -> None:
    asked, port = [wanted(), wanted()], free_port()
    with running_proxy(server_url(server.port), port=port) as proxy:
        proxy.faults({"kind": kind, "body": f"model.{MODEL}.{call}", "times": 1})
        lost = server.connector(port=port).request_purchases(asked)
        assert [fault["fired"] for fault in proxy.no_faults()] == [1]
    assert kinds(lost) == [TryAgainLater] * 2
    assert all(answer.maybe_done for answer in lost if isinstance(answer, TryAgainLater))
    assert kinds(server.connector().request_purchases(asked)) == [Done] * 2
    assert [len(found) for found in requests_in(tryton, *asked).values()] == [1, 1]


def test_two_who_ask_at_once_make_one(server: RunningErp, tryton: TrytonRpc) -> None:
    asked, together = [wanted() for _ in range(3)], Barrier(2)

    def ask(_: int) -> list[Answer]:
        together.wait()
        return server.connector().request_purchases(asked)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, range(2)))
    assert kinds(server.connector().request_purchases(asked)) == [Done] * 3
    assert [len(found) for found in requests_in(tryton, *asked).values()] == [1, 1, 1]


def test_of_two_drafts_made_at_the_same_moment_the_older_stays(
    erp: TrytonErp, tryton: TrytonRpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = wanted()
    known = Known.read(tryton, [one])
    make = TrytonRpc.model

    def raced(self: TrytonRpc, name: str, method: str, *params: Any, **more: Any) -> Any:
        if (name, method) == (MODEL, "create"):
            make(self, name, method, [values(one, known)], **more)
        return make(self, name, method, *params, **more)

    monkeypatch.setattr(TrytonRpc, "model", raced)
    (answer,) = erp.request_purchases([one])
    assert isinstance(answer, Done)
    assert numbers_of(tryton, one) == [answer.facts["number"]]
    assert [len(found) for found in requests_in(tryton, one).values()] == [1]


@pytest.mark.parametrize(("buttons", "word"), [(["cancel"], "cancelled"), (["wait", "reject"], "rejected")])
def test_what_a_person_took_back_in_tryton_is_not_asked_for_again(
    erp: TrytonErp, tryton: TrytonRpc, buttons: list[str], word: str
) -> None:
    one = wanted()
    (number,) = tryton.model(MODEL, "create", [values(one, Known.read(tryton, [one]))])
    for button in buttons:
        tryton.model(MODEL, button, [number])
    (answer,) = erp.request_purchases([one])
    assert isinstance(answer, Refused)
    assert f"was {word} in Tryton" in str(answer)
    assert len(numbers_of(tryton, one)) == 1


def test_what_is_asked_for_is_due_once_until_it_is_on_the_shelf(server: RunningErp) -> None:
    erp, one = server.connector(), wanted(sku="HOME-011", quantity=30)

    def due() -> list[tuple[str, int, date | None]]:
        found: list[GoodsDue] = [line for page in erp.goods_due() for line in page if line.sku == "HOME-011"]
        return [(line.warehouse, int(line.quantity), line.due_on) for line in found]

    with at_work(erp) as hands:
        (number,) = hands.tryton.model(MODEL, "create", [values(one, Known.read(hands.tryton, [one]))])
        seen = [due()]
        (answer,) = erp.request_purchases([one])
        assert facts(answer)["id"] == str(number)
        seen.append(due())
        ((request,),) = requests_in(hands.tryton, one).values()
        purchase = hands.make_purchase(request["id"])
        seen.append(due())
        hands.press("purchase.purchase", purchase, "quote", "confirm")
        ordered = due()
        received = hands.take_in(purchase, shelve=False)
        at_the_door = due()
        hands.press("stock.shipment.in", received, "do")
        assert due() == []
    assert seen == [[("HAM", 30, None)]] * 3, "Nobody may be promised what is only asked for."
    assert [line[:2] for line in ordered + at_the_door] == [("HAM", 30)] * 2


def test_a_tryton_without_the_module_says_what_to_do(erp: TrytonErp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocks.systems.erps.tryton_purchases.MODEL", "purchase.no_such_module")
    answers = erp.request_purchases([wanted(), wanted()])
    assert kinds(answers) == [Unsupported] * 2
    assert "activate its module purchase_requisition" in str(answers[0])


def test_a_user_who_is_no_employee_is_refused_with_what_to_do(server: RunningErp) -> None:
    admin = server.connector().model_copy(
        update={"user": ADMIN, "password": type(server.connector().password)(ADMIN_PASSWORD)}
    )
    (answer,) = admin.request_purchases([wanted()])
    assert isinstance(answer, Refused)
    assert "Give it an employee" in str(answer)


def test_a_tryton_that_is_down_leaves_every_request_for_later(server: RunningErp) -> None:
    answers = server.connector(port=free_port()).request_purchases([wanted(), wanted()])
    assert kinds(answers) == [TryAgainLater] * 2
    assert not any(answer.maybe_done for answer in answers if isinstance(answer, TryAgainLater))
    assert server.connector(port=free_port()).request_purchases([]) == []
