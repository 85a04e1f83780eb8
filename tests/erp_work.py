"""What people do in a real Tryton: buy, receive, pick, ship, take back, transfer, count. For tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from blocks.systems.erps.tryton import TrytonErp
from blocks.systems.erps.tryton_rpc import TrytonRpc


@contextmanager
def at_work(erp: TrytonErp) -> Iterator["Hands"]:
    """Let somebody work in a Tryton until the block ends."""
    with erp._conversation() as tryton:
        yield Hands(tryton)


@dataclass(slots=True)
class Hands:
    """Somebody at work; every method is carried through to its end, and returns Tryton's id of what it made."""

    tryton: TrytonRpc

    def receive(self, sku: str, quantity: float, warehouse: str = "BER", *, shelve: bool = True) -> int:
        """Order goods and take them in; without ``shelve`` they stay at the door."""
        return self.take_in(self.buy(sku, quantity, warehouse), shelve=shelve)

    def take_in(self, purchase: int, *, shelve: bool = True) -> int:
        """Take in what a purchase brings; without ``shelve`` it stays at the door."""
        (found,) = self.tryton.model("purchase.purchase", "read", [purchase], ["moves", "warehouse.code", "party"])
        house = self._warehouse(found["warehouse."]["code"])
        values = {
            "supplier": found["party"],
            "warehouse": house["id"],
            "warehouse_input": house["input_location"],
            "warehouse_storage": house["storage_location"],
            "incoming_moves": [["add", found["moves"]]],
        }
        (number,) = self.tryton.model("stock.shipment.in", "create", [values])
        self.press("stock.shipment.in", number, *(["receive", "do"] if shelve else ["receive"]))
        return int(number)

    def buy(
        self, sku: str, quantity: float, warehouse: str = "BER", *, on: date | None = None, confirm: bool = True
    ) -> int:
        """Order goods from a supplier, or leave the purchase a draft."""
        unit = self._goods(sku, quantity)
        line = {
            "type": "line",
            **{name: unit[name] for name in ("product", "unit", "quantity")},
            "unit_price": Decimal(1),
        }
        if on is not None:
            line |= {"delivery_date_edit": True, "delivery_date_store": on}
        supplier = self._party("HANSE")
        (address,) = self.tryton.search_read("party.address", [["party", "=", supplier]], ["party"])
        values = {"party": supplier, "invoice_address": address["id"], "warehouse": self._warehouse(warehouse)["id"]}
        values |= {"currency": self._euro(), "lines": [["create", [line]]]}
        (number,) = self.tryton.model("purchase.purchase", "create", [values])
        if confirm:
            self.press("purchase.purchase", number, "quote", "confirm")
        return int(number)

    def pay(self, invoice: int, on: date) -> None:
        """Pay a supplier's invoice whole, by the wizard that Tryton has for it."""
        names = ["party", "company", "currency", "account", "amount_to_pay"]
        (bill,) = self.tryton.model("account.invoice", "read", [invoice], names)
        said = {name: bill[name] for name in ("company", "currency")} | {"payee": bill["party"], "description": None}
        said |= {"payees": [bill["party"]], "amount": bill["amount_to_pay"], "invoice_account": bill["account"]}
        said |= {"payment_method": self._payment_method(), "date": on}
        self._wizard("account.invoice.pay", "choice", "account.invoice", invoice, {"start": said})

    def _payment_method(self) -> int:
        """Return how the house pays: from an account that needs no party."""
        known = self.tryton.search_read("account.invoice.payment.method", [["name", "=", "Bank"]], ["name"])
        if known:
            return int(known[0]["id"])
        wanted = [["type.statement", "=", "balance"], ["party_required", "=", False], ["closed", "!=", True]]
        (account, *_) = self.tryton.search_read("account.account", wanted, ["name"])
        (journal, *_) = self.tryton.search_read("account.journal", [["type", "=", "cash"]], ["name"])
        values = {"name": "Bank", "journal": journal["id"]}
        values |= {"debit_account": account["id"], "credit_account": account["id"]}
        (number,) = self.tryton.model("account.invoice.payment.method", "create", [values])
        return int(number)

    def pick(self, reference: str, quantity: float | None = None) -> int:
        """Pick the open shipment of a sale, or some pieces of each line; Tryton keeps the rest for another one."""
        number = self._shipment(reference, {"waiting", "assigned"})
        if quantity is not None:
            (found,) = self.tryton.model("stock.shipment.out", "read", [number], ["inventory_moves"])
            self.tryton.model("stock.move", "write", found["inventory_moves"], {"quantity": float(quantity)})
        self.tryton.model("stock.shipment.out", "assign_try", [number])
        self.press("stock.shipment.out", number, "pick")
        return number

    def ship(self, reference: str, quantity: float | None = None) -> int:
        """Pick, pack and ship what a sale has open, or some pieces of each line."""
        number = self.pick(reference, quantity)
        self.press("stock.shipment.out", number, "pack", "do")
        return number

    def put_back(self, reference: str) -> int:
        """Cancel the picked shipment of a sale: its goods go back on the shelf."""
        number = self._shipment(reference, {"picked", "packed"})
        self.press("stock.shipment.out", number, "cancel")
        return number

    def give_up(self, reference: str) -> None:
        """Cancel the open shipment of a sale and let its customer go without."""
        self.press("stock.shipment.out", self._shipment(reference, {"waiting", "assigned"}), "cancel")
        (sale,) = self.tryton.search_read("sale.sale", [["reference", "=", reference]], ["moves"])
        cancelled = [["id", "in", sale["moves"]], ["state", "=", "cancelled"]]
        moves = [move["id"] for move in self.tryton.search_read("stock.move", cancelled, ["state"])]
        asked = {"ask": {"recreate_moves": [], "ignore_moves": moves, "domain_moves": moves}}
        self._wizard("sale.handle.shipment.exception", "handle", "sale.sale", sale["id"], asked)

    def take_back(self, reference: str) -> int:
        """Take a whole shipped sale back and put it on the shelf."""
        (sale,) = self.tryton.search_read("sale.sale", [["reference", "=", reference]], ["reference"])
        self._wizard("sale.return_sale", "return_", "sale.sale", sale["id"])
        (back,) = self.tryton.search_read("sale.sale", [["origin", "=", f"sale.sale,{sale['id']}"]], ["number"])
        self.press("sale.sale", back["id"], "quote", "confirm")
        (found,) = self.tryton.model("sale.sale", "read", [back["id"]], ["shipment_returns"])
        (number,) = found["shipment_returns"]
        self.press("stock.shipment.out.return", number, "receive", "do")
        return int(number)

    def transfer(
        self, sku: str, quantity: float, source: str = "BER-A", target: str = "HAM-A", *, arrive: bool = True
    ) -> int:
        """Send goods from one storage location to another, through transit where it is another warehouse's."""
        places = {"from_location": self._location(source), "to_location": self._location(target)}
        values = {**places, "moves": [["create", [{**self._goods(sku, quantity), **places}]]]}
        (number,) = self.tryton.model("stock.shipment.internal", "create", [values])
        self.press("stock.shipment.internal", number, "wait", "assign_try")
        (found,) = self.tryton.model("stock.shipment.internal", "read", [number], ["transit_location"])
        self.press("stock.shipment.internal", number, *(["pack", "ship"] if found["transit_location"] else []))
        if arrive:
            self.press("stock.shipment.internal", number, "do")
        return int(number)

    def count(self, sku: str, quantity: float, location: str = "BER-A") -> int:
        """Count an article at one storage location and book the difference."""
        line = {"product": self._goods(sku, quantity)["product"], "quantity": float(quantity)}
        values = {"location": self._location(location), "lines": [["create", [line]]]}
        (number,) = self.tryton.model("stock.inventory", "create", [values])
        self.press("stock.inventory", number, "confirm")
        return int(number)

    def press(self, model: str, number: int, *buttons: str) -> None:
        """Press buttons one after another."""
        for button in buttons:
            self.tryton.model(model, button, [number])

    def make_purchase(self, request: int) -> int:
        """Make a draft purchase of a purchase request, with the price the supplier has named."""
        self._wizard("purchase.request.create_purchase", "start", "purchase.request", request)
        (found,) = self.tryton.model("purchase.request", "read", [request], ["purchase", "purchase_line"])
        self.tryton.model("purchase.line", "write", [found["purchase_line"]], {"unit_price": Decimal(1)})
        return int(found["purchase"])

    def _wizard(self, name: str, state: str, model: str, number: int, said: dict[str, Any] | None = None) -> None:
        """Go through a wizard on one record."""
        self.tryton.search_read("res.user", [], ["login"])  # so that there is a session
        usual = self.tryton._context
        (wizard, *_) = self.tryton._call(f"wizard.{name}.create", [usual])
        context = {**usual, "active_model": model, "active_id": number, "active_ids": [number]}
        self.tryton._call(f"wizard.{name}.execute", [wizard, said or {}, state, context])
        self.tryton._call(f"wizard.{name}.delete", [wizard, usual])

    def _shipment(self, reference: str, states: set[str]) -> int:
        (sale,) = self.tryton.search_read("sale.sale", [["reference", "=", reference]], ["shipments"])
        read = self.tryton.model("stock.shipment.out", "read", sale["shipments"], ["state"])
        (number,) = [row["id"] for row in read if row["state"] in states]
        return int(number)

    def _goods(self, sku: str, quantity: float) -> dict[str, Any]:
        (found,) = self.tryton.search_read("product.product", [["code", "=", sku]], ["default_uom"])
        return {"product": found["id"], "unit": found["default_uom"], "quantity": float(quantity)}

    def _euro(self) -> int:
        (found,) = self.tryton.search_read("currency.currency", [["code", "=", "EUR"]], ["code"])
        return int(found["id"])

    def _warehouse(self, code: str) -> dict[str, Any]:
        fields = ["input_location", "storage_location"]
        (found,) = self.tryton.search_read("stock.location", [["code", "=", code], ["type", "=", "warehouse"]], fields)
        return found

    def _location(self, code: str) -> int:
        (found,) = self.tryton.search_read("stock.location", [["code", "=", code]], ["code"])
        return int(found["id"])

    def _party(self, code: str) -> int:
        (found,) = self.tryton.search_read("party.party", [["code", "=", code]], ["code"])
        return int(found["id"])
