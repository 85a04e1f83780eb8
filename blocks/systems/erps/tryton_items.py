"""One request on its way into Tryton, and how a call for many falls back to one for each."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeVar

from blocks.documents.sales import Sale, SaleRequest
from blocks.errors import Refused
from blocks.systems.answers import Answer, Done
from blocks.systems.erps.tryton_rpc import RefusedByTryton
from blocks.systems.erps.tryton_sales import without_personal_data


class Refusable(Protocol):
    """What one call for many can refuse one by one."""

    def refuse(self, why: str) -> None:
        """Decide that a person must look, and say why."""


Thing = TypeVar("Thing", bound=Refusable)


@dataclass(slots=True)
class Item:
    """One request on its way, and the sale it has become so far."""

    request: SaleRequest
    sale: Sale | None = None
    adopted: bool = False
    answer: Answer | None = None
    party: int = 0
    invoice_address: int = 0
    shipment_address: int = 0

    @property
    def number(self) -> int:
        """Return Tryton's id of the sale."""
        return int(self.sale.external_id) if self.sale else 0

    def missing(self) -> Decimal:
        """Return what the sale's total lacks of the agreed one; negative when it is too high."""
        return self.request.total - (self.sale.total if self.sale else Decimal(0))

    def round_off(self) -> None:
        """Note that what was missing has been declared."""
        if self.sale:
            update = {"rounding": self.missing(), "total": self.request.total}
            self.sale = self.sale.model_copy(update=update)

    def refuse(self, why: str) -> None:
        """Decide that a person must look, and say why without personal data."""
        text = without_personal_data(why, self.request).rstrip(". ")
        self.answer = Refused(f"Sale {self.request.reference} was not booked: {text}.")

    def done(self) -> None:
        """Decide that Tryton holds the sale as it stands now."""
        sale = self.sale
        if sale is None:
            return
        facts = {"id": sale.external_id, "number": sale.number, "state": sale.state}
        facts |= {"total": f"{sale.total:f}", "rounding": f"{sale.rounding:f}"}
        self.answer = Done(self.request.reference, facts, adopted=self.adopted)


def all_or_each(items: list[Thing], call: Callable[[list[Thing]], object]) -> None:
    """Make one call for all; when Tryton's rules refuse it, one for each, so that only the guilty is refused."""
    if not items:
        return
    try:
        call(items)
    except RefusedByTryton as error:
        if len(items) == 1:
            items[0].refuse(str(error))
            return
        for item in items:
            each(item, call)


def each(item: Thing, call: Callable[[list[Thing]], object]) -> None:
    """Make the call for one item, and refuse it when Tryton's rules do."""
    try:
        call([item])
    except RefusedByTryton as error:
        item.refuse(str(error))
