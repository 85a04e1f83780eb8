"""A real Tryton that tells of its suppliers, of what was ordered of them, of what came and what went back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.database.engine import Database
from blocks.documents.supply import PurchaseLine, ReceiptLine
from blocks.errors import Refused, Unsupported
from blocks.systems.erps.file_erp import FileErp
from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.erps.tryton_rpc import RefusedByTryton, TrytonRpc
from deployments.sandbox.erp import ADMIN, ADMIN_PASSWORD, DATABASE, PURCHASES, SUPPLIERS
from tasks.invoice_validation.learning_supply import Learnt, learn_supply
from tests import desk, stack, supply
from tests.erp import RunningErp, running_erp
from tests.erp_work import at_work

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningErp]:
    with running_erp(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@pytest.fixture
def erp(server: RunningErp) -> TrytonErp:
    return server.connector()


def lines_of(erp: TrytonErp, since: datetime = BEGINNING) -> dict[str, PurchaseLine]:
    return {line.line: line for page in erp.purchase_lines_changed(since) for line in page}


def receipts_of(erp: TrytonErp, since: datetime = BEGINNING) -> dict[str, ReceiptLine]:
    return {line.line: line for page in erp.receipt_lines_changed(since) for line in page}


def test_suppliers_come_with_the_numbers_and_accounts_their_invoices_show(erp: TrytonErp) -> None:
    found = {party.code: party for page in erp.suppliers() for party in page}
    assert set(SUPPLIERS) <= set(found)
    for code, about in SUPPLIERS.items():
        assert found[code].name == about["name"]
        assert found[code].vat_ids == ((about["vat_id"],) if about["vat_id"] else ())
        assert found[code].ibans == (about["iban"],)
        assert found[code].mail == about["mail"]


def test_orders_and_receipts_are_told_as_they_stand(erp: TrytonErp) -> None:
    lines, receipts = lines_of(erp), receipts_of(erp)
    told = {(line.supplier_reference, line.sku): line for line in lines.values() if line.quantity > 0}
    for purchase in PURCHASES:
        wanted = {line["sku"]: line for line in purchase["lines"]}
        for place, (sku, about) in enumerate(wanted.items(), 1):
            line = told[purchase["reference"], sku]
            assert (line.supplier, line.currency, line.unit) == (purchase["supplier"], "EUR", "C62")
            assert (line.quantity, line.unit_price) == (Decimal(about["quantity"]), Decimal(about["price"]))
            assert (line.kind, line.position) == ("charge" if sku == "FREIGHT" else "goods", str(place))
            assert not line.cancelled
            came = [one.quantity for one in receipts.values() if one.order_line == line.line and one.quantity > 0]
            assert came == [Decimal(some[sku]) for some in purchase["receipts"] if sku in some]
    gone = {one.sku: one.quantity for one in receipts.values() if one.quantity < 0}
    assert gone == {sku: Decimal(-some) for one in PURCHASES for sku, some in one["returned"].items()}


def test_what_is_written_later_is_told_again_and_nothing_else(erp: TrytonErp) -> None:
    """An order comes into force by its own state, without its lines being written; goods come in later still."""
    with at_work(erp) as hands:
        bought, offered = hands.buy("HOME-011", 30), hands.buy("HOME-012", 7, confirm=False)
        hands.press("purchase.purchase", offered, "quote")
        known = lines_of(erp)
        mine = {line.sku: line for line in known.values() if line.sku in {"HOME-011", "HOME-012"}}
        assert {sku: line.cancelled for sku, line in mine.items()} == {"HOME-011": False, "HOME-012": True}
        mark = max(line.changed_at for line in known.values() if line.changed_at) + timedelta(microseconds=1)
        hands.press("purchase.purchase", offered, "confirm")
        hands.take_in(bought)
    changed = lines_of(erp, mark)
    assert not changed[mine["HOME-012"].line].cancelled
    assert {line.order for line in changed.values()} <= {line.order for line in mine.values()}
    (receipt,) = receipts_of(erp, mark).values()
    assert (receipt.order_line, receipt.quantity) == (mine["HOME-011"].line, 30)


def test_a_dozen_of_trytons_is_twelve_pieces_at_a_twelfth_of_the_price(erp: TrytonErp) -> None:
    with at_work(erp) as hands:
        tryton = hands.tryton
        (piece,) = tryton.search_read("product.uom", [["symbol", "=", "u"]], ["category"])
        values = {
            "name": "Dozen",
            "symbol": "dz",
            "category": piece["category"],
            "factor": 12.0,
            "rate": round(1 / 12, 12),
        }
        (dozen,) = as_admin(erp).model("product.uom", "create", [{**values, "digits": 2, "rounding": 0.01}])
        purchase = hands.buy("HOME-013", 4, confirm=False)
        (line,) = tryton.search_read("purchase.line", [["purchase", "=", purchase]], ["unit"])
        tryton.model("purchase.line", "write", [line["id"]], {"unit": dozen, "unit_price": Decimal("24.00")})
        hands.press("purchase.purchase", purchase, "quote", "confirm")
        hands.take_in(purchase)
    ordered = lines_of(erp)[str(line["id"])]
    assert (ordered.quantity, ordered.unit, ordered.unit_price) == (48, "C62", 2)
    assert [one.quantity for one in receipts_of(erp).values() if one.order_line == ordered.line] == [48]


def as_admin(erp: TrytonErp) -> TrytonRpc:
    return TrytonRpc(erp.url, DATABASE, ADMIN, ADMIN_PASSWORD, 30)


def test_an_invoice_for_what_tryton_took_in_is_clean_and_one_for_more_is_not(
    erp: TrytonErp, database_url: stack.DatabaseUrls
) -> None:
    """From the ERP's orders and receipts to the verdict, through Postgres; learnt twice, it is learnt once."""
    database = Database(database_url.app)
    learnt = learn_supply(database, desk.ACTOR, erp, supply.ERP)
    assert learnt.suppliers >= len(SUPPLIERS)
    assert learnt.receipt_lines >= sum(len(one["receipts"]) for one in PURCHASES)
    assert learn_supply(database, desk.ACTOR, erp, supply.ERP) == Learnt()
    freight = next(one for one in PURCHASES if any(line["sku"] == "FREIGHT" for line in one["lines"]))
    seller = next(party for page in erp.suppliers() for party in page if party.code == freight["supplier"])
    goods, carried = (supply.billed(line["sku"], line["quantity"], line["price"]) for line in freight["lines"])
    right = supply.bill(goods, carried, seller=seller, sales_order_reference=freight["reference"])
    assert supply.judged(database, right, right.model_copy(update={"number": "X-2", "lines": (goods,)})) == [
        [],
        ["already-invoiced"],
    ]


def test_a_user_without_the_groups_is_told_which(erp: TrytonErp, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise RefusedByTryton("You are not allowed to access 'Purchase'.")

    monkeypatch.setattr(TrytonRpc, "search_read", refused)
    for told in (erp.suppliers(), erp.purchase_lines_changed(BEGINNING), erp.receipt_lines_changed(BEGINNING)):
        with pytest.raises(Refused, match="the groups Purchase and Stock"):
            next(told)


def test_an_erp_that_cannot_says_so() -> None:
    erp = FileErp(folder="/nowhere")
    assert not erp.capabilities.supply
    for ask in (erp.suppliers, lambda: erp.purchase_lines_changed(BEGINNING)):
        with pytest.raises(Unsupported, match="does not say"):
            ask()
