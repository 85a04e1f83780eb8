"""The Tryton connector against a real Tryton."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest
from blocks.errors import Refused, TryAgainLater
from blocks.systems.answers import Done
from blocks.systems.erps.tryton import BATCH, TrytonErp
from blocks.systems.erps.tryton_reads import read_master_data
from blocks.systems.erps.tryton_rpc import TrytonRpc
from blocks.systems.erps.tryton_sales import address_values, party_values, sale_values
from deployments.sandbox.erp import server_url
from tests.contract.erp_contract import HOME, LINES, TOTAL, ErpContract, kinds, request_for
from tests.erp import RunningErp, running_erp
from tests.sandbox import free_port, running_proxy

CREATING_CALLS = {"party": "model.party.party.create", "sale": "model.sale.sale.create", "confirm": ".sale.confirm"}


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


def draft(erp: TrytonErp, tryton: TrytonRpc, request: SaleRequest) -> int:
    """Leave behind what a crash between creating and confirming leaves: a draft."""
    master = read_master_data(tryton, erp._services(), "", [request])
    address = address_values(HOME, master.countries)
    (party,) = tryton.model("party.party", "create", [party_values(request, [address])])
    ((found,),) = tryton.read_all("party.address", [["party", "=", party]], ["party"])
    (sale,) = tryton.model("sale.sale", "create", [sale_values(request, master, party, found["id"], found["id"])])
    return int(sale)


class TestTryton(ErpContract):
    connector = TrytonErp

    @pytest.fixture
    def count_parties(self, tryton: TrytonRpc) -> Callable[[list[str]], dict[str, int]]:
        def counted(codes: list[str]) -> dict[str, int]:
            found = [record["code"] for record in tryton.search_read("party.party", [["code", "in", codes]], ["code"])]
            return {code: found.count(code) for code in codes}

        return counted

    @pytest.fixture(params=list(CREATING_CALLS))
    def erp_losing_answers(self, server: RunningErp, request: pytest.FixtureRequest) -> Any:
        @contextmanager
        def losing() -> Iterator[TrytonErp]:
            port = free_port()
            with running_proxy(server_url(server.port), port=port) as proxy:
                proxy.faults({"kind": "cut_after", "body": CREATING_CALLS[request.param], "times": 1})
                yield server.connector(port=port)
                assert [fault["fired"] for fault in proxy.no_faults()] == [1]

        return losing()

    @pytest.mark.parametrize("states", [[], ["quote"]])
    def test_a_sale_left_unconfirmed_by_a_crash_is_carried_on(
        self, erp: TrytonErp, tryton: TrytonRpc, states: list[str]
    ) -> None:
        request = request_for()
        number = draft(erp, tryton, request)
        for button in states:
            tryton.model("sale.sale", button, [number])
        (answer,) = erp.book_sales([request])
        assert isinstance(answer, Done)
        assert (answer.adopted, answer.facts["id"], answer.facts["total"]) == (True, str(number), f"{TOTAL}")
        assert answer.facts["state"] in {"confirmed", "processing"}

    def test_a_draft_left_without_its_rounding_line_gets_one(self, erp: TrytonErp, tryton: TrytonRpc) -> None:
        request = request_for(total=TOTAL + Decimal("0.02"))
        draft(erp, tryton, request)
        (answer,) = erp.book_sales([request])
        assert isinstance(answer, Done)
        assert (answer.facts["total"], answer.facts["rounding"]) == ("37.33", "0.02")

    def test_a_sale_cancelled_in_tryton_is_never_booked_again(self, erp: TrytonErp, tryton: TrytonRpc) -> None:
        request = request_for()
        tryton.model("sale.sale", "cancel", [draft(erp, tryton, request)])
        (answer,) = erp.book_sales([request])
        assert isinstance(answer, Refused)
        assert "was cancelled in Tryton" in str(answer)
        assert [sale.state for sale in erp.find_sales([request.reference])[request.reference]] == ["cancelled"]

    def test_two_sales_with_one_reference_are_refused_by_name(self, erp: TrytonErp, tryton: TrytonRpc) -> None:
        request = request_for()
        first = draft(erp, tryton, request)
        party = request.party.model_copy(update={"code": f"{request.party.code}-2"})
        second = draft(erp, tryton, request.model_copy(update={"party": party}))
        (answer,) = erp.book_sales([request])
        assert isinstance(answer, Refused)
        assert f"id {first} and id {second}" in str(answer)
        assert {sale.state for sale in erp.find_sales([request.reference])[request.reference]} == {"draft"}

    def test_a_sale_with_another_total_is_not_adopted_in_silence(self, erp: TrytonErp) -> None:
        request = request_for()
        assert kinds(erp.book_sales([request])) == [Done]
        (answer,) = erp.book_sales([request.model_copy(update={"total": TOTAL + 1})])
        assert isinstance(answer, Refused)
        assert "37.31 in Tryton instead of 38.31" in str(answer)

    def test_what_tryton_itself_refuses_blocks_nobody_else(self, erp: TrytonErp) -> None:
        half = (LINES[0].model_copy(update={"quantity": Decimal("0.5")}),)
        wanted = [request_for(), request_for(), request_for(lines=half), request_for(), request_for()]
        answers = erp.book_sales(wanted)
        assert kinds(answers) == [Done, Done, Refused, Done, Done]
        assert wanted[2].reference in str(answers[2])
        found = erp.find_sales([request.reference for request in wanted])
        assert {reference: len(sales) for reference, sales in found.items()} == {
            request.reference: 1 for request in wanted if request is not wanted[2]
        }

    def test_a_known_customer_gets_a_new_address_once(self, erp: TrytonErp, tryton: TrytonRpc) -> None:
        first = request_for()
        moved = HOME.model_copy(update={"street": "Neue Straße 5", "street_extra": "Hinterhaus"})
        again = [request_for(party=first.party, shipment_address=moved) for _ in range(2)]
        assert kinds(erp.book_sales([first])) == [Done]
        assert kinds(erp.book_sales(again[:1]) + erp.book_sales(again[1:])) == [Done, Done]
        domain = [["party.code", "=", first.party.code]]
        streets = [record["street"] for record in tryton.search_read("party.address", domain, ["street"])]
        assert sorted(streets) == ["Kastanienallee 77", "Neue Straße 5\nHinterhaus"]

    def test_lines_outside_tax_and_each_rate_are_taxed_as_asked(self, erp: TrytonErp) -> None:
        rates = {19: "11.90", 7: "10.70", 0: "10.00", None: "10.00"}
        for rate, total in rates.items():
            line = SaleLine(kind=SaleLineKind.GOODS, sku="HOME-001", quantity=1, unit_net=Decimal(10), tax_rate=rate)
            (answer,) = erp.book_sales([request_for(lines=(line,), total=Decimal(total))])
            assert isinstance(answer, Done)
            assert (answer.facts["total"], answer.facts["rounding"]) == (total, "0")

    def test_a_booked_sale_has_its_shipment_and_waits_to_be_invoiced(self, erp: TrytonErp, tryton: TrytonRpc) -> None:
        (answer,) = erp.book_sales([request_for()])
        assert isinstance(answer, Done)
        (sale,) = tryton.model("sale.sale", "read", [int(answer.facts["id"])], ["shipments", "invoices"])
        assert (len(sale["shipments"]), len(sale["invoices"])) == (1, 0)

    def test_an_expired_session_is_renewed_once(self, tryton: TrytonRpc) -> None:
        before = tryton.search_read("currency.currency", [["code", "=", "EUR"]], ["code"])
        tryton._session = "c29tczoxOm5vLXN1Y2gtc2Vzc2lvbg=="
        assert tryton.search_read("currency.currency", [["code", "=", "EUR"]], ["code"]) == before

    def test_a_wrong_password_is_refused_with_what_to_do(self, server: RunningErp) -> None:
        wrong = server.connector().model_copy(update={"password": type(server.connector().password)("wrong")})
        with pytest.raises(Refused, match="check them in the settings"):
            wrong.article_codes()
        assert kinds(wrong.book_sales([request_for()])) == [Refused]

    def test_a_tryton_that_is_down_leaves_every_request_for_later(self, server: RunningErp) -> None:
        wanted = [request_for() for _ in range(BATCH + 2)]
        answers = server.connector(port=free_port()).book_sales(wanted)
        assert kinds(answers) == [TryAgainLater] * len(wanted)
        assert not any(answer.maybe_done for answer in answers if isinstance(answer, TryAgainLater))
