"""A real Tryton that books suppliers' invoices: each once, to the cent, and nothing billed twice beside its drafts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import count
from secrets import token_hex
from threading import Barrier
from typing import Any

import pytest

from blocks.documents.bills import BillLine, BillRequest, BillTax
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_rpc import TrytonRpc
from deployments.sandbox.erp import server_url
from tasks.invoice_validation.bill_requests import reversal_of
from tests.contract.erp_contract import kinds
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work
from tests.sandbox import free_port, running_proxy

CENT = Decimal("0.01")
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningErp]:
    with running_erp(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture
def tryton(server: RunningErp) -> Iterator[TrytonRpc]:
    with server.connector()._conversation() as conversation:
        yield conversation


def line(net: str, quantity: str = "1", order_line: str = "", **vat: Any) -> BillLine:
    usual = {"vat_category": "S", "vat_rate": Decimal(19)} | vat
    return BillLine(description="Lamp", quantity=Decimal(quantity), net=Decimal(net), order_line=order_line, **usual)


def bill(*lines: BillLine, **changes: Any) -> BillRequest:
    lines = lines or (line("100.00"),)
    taxed: dict[tuple[str, Decimal], Decimal] = {}
    for each in lines:
        case = (each.vat_category, each.vat_rate)
        taxed[case] = taxed.get(case, Decimal(0)) + each.net
    taxes = tuple(
        BillTax(vat_category=category, vat_rate=rate, amount=(net * rate / 100).quantize(CENT))
        for (category, rate), net in taxed.items()
    )
    total = sum(taxed.values(), Decimal(0)) + sum((tax.amount for tax in taxes), Decimal(0))
    number = next(_numbers)
    usual = {
        "reference": f"SOMS-bill-{token_hex(3)}-{number}", "supplier": "HANSE", "number": f"R-{number}",
        "issued_on": date(2026, 11, 10), "due_on": date(2026, 12, 10), "currency": "EUR", "lines": lines,
        "taxes": taxes, "total": total,
    }  # fmt: skip
    return BillRequest(**{**usual, **changes})


def held(tryton: TrytonRpc, *asked: BillRequest) -> list[tuple[str, Decimal]]:
    """Return state and total of what Tryton holds under these references."""
    wanted = [["description", "in", [one.reference for one in asked]]]
    rows = tryton.search_read("account.invoice", wanted, ["state", "total_amount"])
    return [(row["state"], row["total_amount"]) for row in rows]


def order_lines(tryton: TrytonRpc, reference: str) -> list[str]:
    (found,) = tryton.search_read("purchase.purchase", [["reference", "=", reference]], ["lines"])
    return [str(number) for number in found["lines"]]


def facts(answer: Answer) -> dict[str, Any]:
    assert isinstance(answer, Done), answer
    return answer.facts


def test_bills_of_every_kind_are_posted_once_with_the_suppliers_number_and_the_day_they_are_due(
    server: RunningErp, tryton: TrytonRpc
) -> None:
    erp = server.connector()
    pot, board = order_lines(tryton, "HG-2611-0417")
    asked = [
        bill(line("1648.00", "40", pot), line("1218.75", "25", board), line("12.34")),
        bill(line("-50.00", "-2"), supplier="ELBTAL"),
        bill(line("100.00"), line("30.00", vat_rate=Decimal(7)), line("5.00", vat_category="E", vat_rate=Decimal(0))),
        bill(line("33.33", "7"), taxes=(BillTax(vat_category="S", vat_rate=Decimal(19), amount=Decimal("6.34")),),
             total=Decimal("39.68")),
    ]  # fmt: skip
    first, second = erp.book_bills(asked), erp.book_bills(asked)
    assert kinds(first + second) == [Done] * 8
    assert [answer.adopted for answer in first + second if isinstance(answer, Done)] == [False] * 4 + [True] * 4
    assert [facts(answer) for answer in first] == [facts(answer) for answer in second]
    assert facts(first[3])["rounding"] == "0.01", "What rounding leaves is declared."
    assert held(tryton, *asked) == [("posted", one.total) for one in asked]
    fields = ["reference", "payment_term_date", "party.code", "lines"]
    (whole,) = tryton.search_read("account.invoice", [["description", "=", asked[0].reference]], fields)
    assert (whole["reference"], whole["payment_term_date"], whole["party."]["code"]) == (
        asked[0].number, date(2026, 12, 10), "HANSE",
    )  # fmt: skip
    origins = tryton.model("account.invoice.line", "read", whole["lines"], ["origin"])
    assert [row["origin"] for row in origins] == [f"purchase.line,{pot}", f"purchase.line,{board}", None]
    seen = erp.bill_states([*(one.reference for one in asked), "SOMS-bill-unknown"])
    assert {name: (one.state, one.total, one.paid_on) for name, one in seen.items()} == {
        one.reference: ("posted", one.total, None) for one in asked
    }


def test_a_bill_that_people_pay_in_tryton_is_heard_as_paid_and_one_that_is_corrected_is_taken_back_once(
    server: RunningErp, tryton: TrytonRpc
) -> None:
    """Paid by Tryton's own wizard; taken back by a bill over the same amounts, negative, that is adopted."""
    erp, paid, wrong = server.connector(), bill(), bill(line("50.00", "2"))
    booked = [facts(answer) for answer in erp.book_bills([paid, wrong])]
    day = date(2026, 11, 12)
    with at_work(server.bookkeeper()) as hands:
        hands.pay(int(booked[0]["id"]), day)
    seen = erp.bill_states([paid.reference, wrong.reference])
    assert [(one.state, one.paid_on) for one in (seen[paid.reference], seen[wrong.reference])] == [
        ("paid", day), ("posted", None),
    ]  # fmt: skip
    back = reversal_of(wrong, date(2026, 11, 20))
    first, again = erp.book_bills([back]), erp.book_bills([back])
    assert facts(first[0]) == facts(again[0])
    assert [answer.adopted for answer in (*first, *again) if isinstance(answer, Done)] == [False, True]
    assert sorted(held(tryton, wrong, back)) == [("posted", -wrong.total), ("posted", wrong.total)]


def test_what_cannot_be_booked_is_named_and_blocks_nobody_and_leaves_nothing(
    server: RunningErp, tryton: TrytonRpc
) -> None:
    bad = {
        "supplier NOBODY": bill(supplier="NOBODY"),
        "more than rounding explains": bill(total=Decimal("119.50")),
        "order line 999999": bill(line("10.00", "1", "999999")),
        "category AE at 19": bill(line("10.00", vat_category="AE"), taxes=(), total=Decimal("10.00")),
        "currency XAF": bill(currency="XAF"),
        "another supplier": bill(line("10.00", "1", order_lines(tryton, "EM-88-2026")[0])),
    }
    asked = [bill(), *bad.values(), bill()]
    answers = server.connector().book_bills(asked)
    assert kinds(answers) == [Done, *[Refused] * len(bad), Done]
    for named, answer in zip(bad, answers[1:-1], strict=True):
        assert named in str(answer)
    assert held(tryton, *bad.values()) == []
    twice = bill(number=asked[0].number)
    (similar,) = server.connector().book_bills([twice])
    assert "is similar to invoice" in str(similar), "Tryton's own doubt about a number used before is a person's."


def test_what_a_real_invoice_bills_leaves_the_drafts_that_tryton_made_of_orders_and_receipts(
    server: RunningErp, tryton: TrytonRpc
) -> None:
    """Of 30 pieces that Tryton drafted a bill for at the order, 18 are billed first and 12 later."""
    (number,) = order_lines(tryton, "HG-2611-0431")

    def drafted() -> list[float]:
        wanted = [["origin", "=", f"purchase.line,{number}"], ["invoice.state", "=", "draft"]]
        return [row["quantity"] for row in tryton.search_read("account.invoice.line", wanted, ["quantity"])]

    assert drafted() == [30.0]
    erp, first, rest = server.connector(), bill(line("1375.20", "18", number)), bill(line("916.80", "12", number))
    assert kinds(erp.book_bills([first])) == [Done]
    assert drafted() == [12.0]
    assert kinds(erp.book_bills([rest])) == [Done]
    assert kinds(erp.book_bills([rest, first])) == [Done, Done]
    assert drafted() == []
    (order,) = tryton.search_read("purchase.purchase", [["lines", "=", int(number)]], ["invoices"])
    assert len(order["invoices"]) == 2


@pytest.mark.parametrize(("kind", "call"), [("cut_before", "create"), ("cut_after", "create"), ("cut_after", "post")])
def test_a_lost_call_or_answer_is_looked_up_and_booked_once(
    server: RunningErp, tryton: TrytonRpc, kind: str, call: str
) -> None:
    asked, port = [bill(), bill()], free_port()
    with running_proxy(server_url(server.port), port=port) as proxy:
        proxy.faults({"kind": kind, "body": f"model.account.invoice.{call}", "times": 1})
        lost = server.connector(port=port).book_bills(asked)
        assert [fault["fired"] for fault in proxy.no_faults()] == [1]
    assert kinds(lost) == [TryAgainLater] * 2
    assert all(answer.maybe_done for answer in lost if isinstance(answer, TryAgainLater))
    assert kinds(server.connector().book_bills(asked)) == [Done] * 2
    assert held(tryton, *asked) == [("posted", one.total) for one in asked]


def test_two_who_book_at_once_make_one(server: RunningErp, tryton: TrytonRpc) -> None:
    asked, together = [bill() for _ in range(2)], Barrier(2)

    def book(_: int) -> list[Answer]:
        together.wait()
        return server.connector().book_bills(asked)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(book, range(2)))
    assert kinds(server.connector().book_bills(asked)) == [Done] * 2
    assert held(tryton, *asked) == [("posted", one.total) for one in asked]


def test_a_bill_that_a_person_cancelled_is_not_booked_again_and_drafts_are_left_where_they_are_wanted(
    server: RunningErp, tryton: TrytonRpc
) -> None:
    one, erp = bill(), server.connector(bills_until="draft")
    (answer,) = erp.book_bills([one])
    assert facts(answer)["state"] == "draft"
    tryton.model("account.invoice", "cancel", [int(facts(answer)["id"])])
    (again,) = server.connector().book_bills([one])
    assert "was cancelled in Tryton" in str(again)
    assert held(tryton, one) == [("cancelled", one.total)]
    down = server.connector(port=free_port()).book_bills([bill(), bill()])
    assert kinds(down) == [TryAgainLater] * 2
    assert not any(later.maybe_done for later in down if isinstance(later, TryAgainLater))
