"""How Tryton is asked to buy: a requisition for each request, once, approved so that Tryton makes its purchase request.

Tryton lets nobody write purchase requests by hand; they come from requisitions, which its module for them keeps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blocks.documents.purchases import PurchaseRequest
from blocks.errors import Refused, Unsupported
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_items import all_or_each
from blocks.systems.erps.tryton_once import answers_of, refuse_repeated, unanswered
from blocks.systems.erps.tryton_rpc import TrytonRpc

MODEL = "purchase.requisition"
_TAKEN_ON = {"processing", "done"}


@dataclass(slots=True)
class Wish:
    """One request on its way into Tryton, and the requisition it has become."""

    request: PurchaseRequest
    record: Mapping[str, Any] | None = None
    adopted: bool = False
    answer: Answer | None = None

    @property
    def number(self) -> int:
        """Return Tryton's id of the requisition."""
        return int(self.record["id"]) if self.record else 0

    @property
    def state(self) -> str:
        """Return Tryton's state of the requisition; empty before there is one."""
        return str(self.record["state"]) if self.record else ""

    @property
    def name(self) -> str:
        """Return what people find the requisition by."""
        return f"requisition {self.record['number'] or self.number}" if self.record else "no requisition"

    def refuse(self, why: str) -> None:
        """Decide that a person must look."""
        self.answer = Refused(f"Purchase {self.request.reference} was not asked for: {why.rstrip('. ')}.")

    def done(self) -> None:
        """Decide that Tryton has taken it on."""
        if self.record:
            facts = {"id": str(self.number), "number": str(self.record["number"] or ""), "state": self.state}
            self.answer = Done(self.request.reference, facts, adopted=self.adopted)


def request_purchases(tryton: TrytonRpc, requests: Sequence[PurchaseRequest]) -> list[Answer]:
    """Ask for each purchase once; one answer per request, in order. Raises nothing."""
    asking = Asking(tryton, [Wish(request) for request in requests])
    not_yet = "Tryton has not taken the requisition on yet"
    return answers_of(asking.wishes, asking.ask, began=lambda: asking.began, not_yet=not_yet)


@dataclass(slots=True)
class Asking:
    """One batch of requests being made."""

    tryton: TrytonRpc
    wishes: list[Wish]
    began: bool = field(default=False, init=False)

    def ask(self) -> None:
        """Look up, create, have approved, read back.

        Raises:
            Refused: Tryton lacks the module, or its user is no employee.
            TryAgainLater: Tryton cannot answer now.
        """
        refuse_repeated(self.wishes)
        if not self._open():
            return
        self._look_for_the_module()
        self._look_up()
        missing = [wish for wish in self._open() if wish.record is None]
        self.began = True
        if missing:
            self._create(missing)
        for button, state in (("wait", "draft"), ("approve", "waiting"), ("process", "approved")):
            self._press(button, state)
        self._read_back()

    def _open(self) -> list[Wish]:
        return unanswered(self.wishes)

    def _look_for_the_module(self) -> None:
        if not self.tryton.search_read("ir.model", [["name", "=", MODEL]], ["name"]):
            raise Unsupported(
                "Tryton cannot be asked to buy: activate its module purchase_requisition and give the user of this"
                " connection its groups 'Purchase Requisition' and 'Purchase Requisition Approval'."
            )

    def _look_up(self) -> None:
        found = self._found(self._open())
        for wish in self._open():
            records = found.get(wish.request.reference, [])
            going = [record for record in records if record["state"] not in {"cancelled", "rejected"}]
            if len(going) > 1:
                names = " and ".join(str(record["number"] or record["id"]) for record in going)
                wish.refuse(f"Tryton holds more than one requisition for it ({names}); cancel all but one there")
            elif records:
                wish.record, wish.adopted = (going or records)[0], True
                self._judge(wish)

    @staticmethod
    def _judge(wish: Wish) -> None:
        if wish.state in {"cancelled", "rejected"}:
            wish.refuse(f"its {wish.name} was {wish.state} in Tryton; delete it there if it is to be asked for again")
        elif wish.state in _TAKEN_ON:
            wish.done()

    def _found(self, wishes: Iterable[Wish]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = [["description", "in", [wish.request.reference for wish in wishes]]]
        for page in self.tryton.read_all(MODEL, wanted, ["description", "number", "state"]):
            for record in page:
                found.setdefault(record["description"], []).append(record)
        return found

    def _create(self, wishes: list[Wish]) -> None:
        known = Known.read(self.tryton, [wish.request for wish in wishes])
        for wish in wishes:
            try:
                values(wish.request, known)
            except Refused as error:
                wish.refuse(str(error))
        wanted = [wish for wish in wishes if wish.answer is None]
        all_or_each(wanted, lambda some: self._make(some, known))
        created = [wish for wish in wanted if wish.answer is None]
        found = self._found(created)
        for wish in created:
            self._settle(wish, found.get(wish.request.reference, []))

    def _make(self, wishes: list[Wish], known: "Known") -> None:
        numbers = self.tryton.model(MODEL, "create", [values(wish.request, known) for wish in wishes])
        for wish, number in zip(wishes, numbers, strict=True):
            wish.record = {"id": number, "number": "", "state": "draft"}

    def _settle(self, wish: Wish, records: list[dict[str, Any]]) -> None:
        """Keep the older of two that two askers made at the same moment; both of them come to the same end."""
        if not records:
            wish.record = None
            return
        first = min(records, key=lambda record: int(record["id"]))
        if first["id"] != wish.number:
            self.tryton.model(MODEL, "cancel", [wish.number])
            self.tryton.model(MODEL, "delete", [wish.number])
            wish.adopted = True
        wish.record = first

    def _press(self, button: str, state: str) -> None:
        wishes = [wish for wish in self._open() if wish.state == state]
        all_or_each(wishes, lambda some: self.tryton.model(MODEL, button, [wish.number for wish in some]))
        self._refresh([wish for wish in wishes if wish.answer is None])

    def _refresh(self, wishes: list[Wish]) -> None:
        numbers = [wish.number for wish in wishes]
        if not numbers:
            return
        now = {r["id"]: r for r in self.tryton.model(MODEL, "read", numbers, ["description", "number", "state"])}
        for wish in wishes:
            wish.record = now.get(wish.number, wish.record)

    def _read_back(self) -> None:
        for wish in self._open():
            if wish.state in _TAKEN_ON:
                wish.done()


@dataclass(frozen=True, slots=True)
class Known:
    """What Tryton knows under the codes that requests use; ids by code."""

    employee: int
    products: Mapping[str, Mapping[str, Any]]
    warehouses: Mapping[str, int]
    suppliers: Mapping[str, int]

    @classmethod
    def read(cls, tryton: TrytonRpc, requests: Sequence[PurchaseRequest]) -> "Known":
        """Read what is needed, one call per kind.

        Raises:
            Refused: The user is no employee.
        """
        context_only = True
        employee = tryton.model("res.user", "get_preferences", context_only).get("employee")
        if employee is None:
            raise Refused(
                "Tryton cannot be asked to buy: its requisitions belong to employees, and the user of this connection"
                " is none. Give it an employee in Tryton's settings of users."
            )

        def by_code(model: str, codes: set[str], fields: Sequence[str], *more: Any) -> dict[str, dict[str, Any]]:
            pages = tryton.read_all(model, [["code", "in", sorted(codes)], *more], ["code", *fields]) if codes else ()
            return {record["code"]: record for page in pages for record in page}

        houses = by_code("stock.location", {r.warehouse for r in requests}, [], ["type", "=", "warehouse"])
        parties = by_code("party.party", {r.supplier for r in requests} - {""}, [])
        return cls(
            employee=int(employee),
            products=by_code("product.product", {r.sku for r in requests}, ["purchasable", "default_uom"]),
            warehouses={code: int(record["id"]) for code, record in houses.items()},
            suppliers={code: int(record["id"]) for code, record in parties.items()},
        )


def values(request: PurchaseRequest, known: Known) -> dict[str, Any]:
    """Return the values of a draft requisition.

    Raises:
        Refused: Tryton does not know the article, the warehouse or the supplier, or does not buy the article.
    """
    product = known.products.get(request.sku)
    if product is None:
        raise Refused(f"Tryton does not know the article {request.sku}: create it there and ask again")
    if not product["purchasable"]:
        raise Refused(f"Article {request.sku} is not to be bought in Tryton: mark it as purchasable and ask again")
    if request.warehouse not in known.warehouses:
        raise Refused(f"Tryton does not know the warehouse {request.warehouse}: create it there and ask again")
    if request.supplier and request.supplier not in known.suppliers:
        raise Refused(f"Tryton does not know the supplier {request.supplier}: create the party there and ask again")
    line = {
        "product": product["id"],
        "unit": product["default_uom"],
        "quantity": float(request.quantity),
        "supplier": known.suppliers.get(request.supplier),
        "description": request.comment or None,
    }
    return {
        "description": request.reference,
        "employee": known.employee,
        "warehouse": known.warehouses[request.warehouse],
        # Tryton wants a day; without one it is needed as soon as it can be had.
        "supply_date": request.needed_on or datetime.now(UTC).date(),
        "lines": [["create", [line]]],
    }
