"""Statuses of sales in a real Tryton: read as they are, told by its own buttons, once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.statuses import LABEL, Label, StatusNotice
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.erps.tryton_rpc import TrytonRpc
from blocks.systems.erps.tryton_statuses import WORDS
from deployments.sandbox.erp import server_url
from tests.contract.erp_contract import LINES, kinds, request_for
from tests.erp import RunningErp, running_erp
from tests.sandbox import free_port, running_proxy

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


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


def sold(erp: TrytonErp) -> str:
    """Sell a book, of which there are many in stock."""
    request = request_for(lines=LINES[1:2], total=Decimal("10.69"))
    assert kinds(erp.book_sales([request])) == [Done]
    return str(request.reference)


def notice(key: str, word: str, **changes: Any) -> StatusNotice:
    usual = {
        "status": "awaiting_engraving",
        "label": Label(de="Wartet auf Gravur", en="Awaiting engraving"),
        "reference": f"{key}-status-1",
        "at": datetime.now(UTC),
    }
    return StatusNotice(key=key, word=word, **{**usual, **changes})


def word(erp: TrytonErp, key: str) -> str:
    return erp.sale_states([key])[key].word


def test_a_sale_is_shipped_by_its_own_shipments_once_and_says_so(erp: TrytonErp, tryton: TrytonRpc) -> None:
    key = sold(erp)
    assert word(erp, key) == "processing"
    first, second = erp.set_status([notice(key, "shipped")]) + erp.set_status([notice(key, "shipped")])
    assert isinstance(first, Done), first
    assert isinstance(second, Done)
    assert (first.adopted, second.adopted) == (False, True)
    assert word(erp, key) == "shipped"
    ((sale,),) = tryton.read_all("sale.sale", [["reference", "=", key]], ["shipments"])
    states = tryton.model("stock.shipment.out", "read", sale["shipments"], ["state"])
    assert [row["state"] for row in states] == ["done"]


def test_a_sale_whose_goods_are_not_there_is_refused_and_the_next_one_is_told(erp: TrytonErp) -> None:
    short = request_for()  # its lamp is in another warehouse
    assert kinds(erp.book_sales([short])) == [Done]
    good = sold(erp)
    refused, done = erp.set_status([notice(short.reference, "shipped"), notice(good, "shipped")])
    assert isinstance(refused, Refused)
    assert "not all in stock" in str(refused)
    assert isinstance(done, Done)
    assert word(erp, short.reference) == "processing"


def test_a_status_without_a_word_is_a_note_at_the_sale_once(erp: TrytonErp, tryton: TrytonRpc) -> None:
    key = sold(erp)
    answers = [erp.set_status([notice(key, LABEL)])[0] for _ in range(2)]
    assert [answer.adopted for answer in answers if isinstance(answer, Done)] == [False, True]
    ((sale,),) = tryton.read_all("sale.sale", [["reference", "=", key]], ["reference"])
    notes = tryton.search_read("ir.note", [["resource", "=", f"sale.sale,{sale['id']}"]], ["message"])
    assert [note["message"] for note in notes] == [f"Status: Wartet auf Gravur [{key}-status-1]"]


def test_a_sale_that_is_processed_is_not_cancelled_but_refused_with_what_to_do(erp: TrytonErp) -> None:
    key = sold(erp)
    (answer,) = erp.set_status([notice(key, "cancelled")])
    assert isinstance(answer, Refused)
    assert "cancel its shipments there" in str(answer)


def test_a_draft_is_cancelled_once(erp: TrytonErp, tryton: TrytonRpc) -> None:
    ((other,),) = tryton.read_all("sale.sale", [["reference", "=", sold(erp)]], ["party", "company", "currency"])
    values = {name: other[name] for name in ("party", "company", "currency")}
    tryton.model("sale.sale", "create", [{**values, "reference": "SOMS-draft-1"}])
    assert word(erp, "SOMS-draft-1") == "draft"
    answers = [erp.set_status([notice("SOMS-draft-1", "cancelled")])[0] for _ in range(2)]
    assert [answer.adopted for answer in answers if isinstance(answer, Done)] == [False, True]
    assert word(erp, "SOMS-draft-1") == "cancelled"


def test_what_changed_since_is_found_oldest_first_and_each_once(
    erp: TrytonErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blocks.systems.erps.tryton_statuses.PAGE", 2)
    wanted = [sold(erp) for _ in range(3)]
    found = [row for page in erp.sales_changed(LONG_AGO) for row in page]
    assert [row[0] for row in found if row[0] in wanted] == wanted
    assert len({row[0] for row in found}) == len(found)
    assert [row[2] for row in found] == sorted(row[2] for row in found)
    assert all(row[1] for row in found if row[0] in wanted)
    begun = datetime.now(UTC) - timedelta(seconds=5)
    assert all(row[2] > begun - timedelta(minutes=5) for row in found if row[0] in wanted), "Tryton's times are UTC."
    erp.set_status([notice(wanted[0], "shipped")])
    later = [row[0] for page in erp.sales_changed(found[-1][2]) for row in page]
    assert wanted[0] in later
    assert list(erp.sales_changed(datetime.now(UTC) + timedelta(days=1))) == []


def test_an_unknown_reference_is_missing_and_refused(erp: TrytonErp) -> None:
    assert erp.sale_states(["SOMS-nowhere-1"]) == {}
    assert erp.sale_states([]) == {}
    (answer,) = erp.set_status([notice("SOMS-nowhere-1", "shipped")])
    assert isinstance(answer, Refused)


@pytest.mark.parametrize("call", ["assign_try", "shipment.out.do", "ir.note.create"])
def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(server: RunningErp, call: str) -> None:
    erp = server.connector()
    key, port = sold(erp), free_port()
    target = notice(key, LABEL if "note" in call else "shipped")
    with running_proxy(server_url(server.port), port=port) as proxy:
        proxy.faults({"kind": "cut_after", "body": call, "times": 1})
        (answer,) = server.connector(port=port).set_status([target])
        assert [fault["fired"] for fault in proxy.no_faults()] == [1]
    assert isinstance(answer, TryAgainLater)
    assert answer.maybe_done
    (answer,) = erp.set_status([target])
    assert isinstance(answer, Done)
    assert answer.adopted is (call != "assign_try")


def test_every_word_tryton_says_is_declared(erp: TrytonErp, tryton: TrytonRpc) -> None:
    found = [r for page in tryton.read_all("sale.sale", [["reference", "!=", None]], ["reference"]) for r in page]
    assert {seen.word for seen in erp.sale_states([row["reference"] for row in found]).values()} <= WORDS.reports


def test_a_tryton_that_is_down_leaves_every_notice_for_later(server: RunningErp) -> None:
    answers = server.connector(port=free_port()).set_status([notice(f"SOMS-{n}", "shipped") for n in range(3)])
    assert kinds(answers) == [TryAgainLater] * 3
