"""A profile made ready for reading: from a record's cells to an order.

Every value comes out of a reader that has checked it as strictly as the documents would, so the documents are filled
without being validated a second time: half of the time of reading would go into that.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blocks.documents.orders import (
    Charge,
    ChargeKind,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    PriceDisplay,
    TaxAmount,
    Totals,
)
from blocks.documents.parties import Address, Customer
from blocks.standards.order_files.amounts import LARGEST, Amounts, complete_charge, complete_totals
from blocks.standards.order_files.columns import numbered, separator_of
from blocks.standards.order_files.file_form import Format
from blocks.standards.order_files.filling import Filling
from blocks.standards.order_files.parts import TOO_LARGE, LinePart, Part
from blocks.standards.order_files.profile import Profile
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import ALWAYS_ON_ORDER, ORDER_TARGETS, TAX_PREFIX, Kind, kind_on_order
from blocks.standards.order_files.texts import Cells
from blocks.standards.order_files.trees import list_at, steps_of
from blocks.standards.order_files.values import Case, value_reader

TOTALS = tuple(name.removeprefix("totals.") for name in ORDER_TARGETS if name.startswith("totals."))
CORRECT = "Correct the amounts in the file and send the order again, or correct the record here."
_FIRST = Decimal(1)

_NOBODY = Address()
_ADDRESS, _CUSTOMER, _LINE, _CHARGE = Filling(Address), Filling(Customer), Filling(OrderLine), Filling(Charge)
_TAX, _TOTALS, _ORDER = Filling(TaxAmount), Filling(Totals), Filling(Order)

Line = tuple[str, Mapping[str, Any], Cells]
"""The place of a line within its record, the names of its cells, and its cells by slot."""


@lru_cache(maxsize=64)
def reading_of(profile: Profile) -> "Reading":
    """Return the profile made ready; made once, used for every record."""
    return Reading(profile)


class Reading:
    """How records of one profile are read."""

    def __init__(self, profile: Profile) -> None:
        """Prepare the readers of every target."""
        self._profile = profile
        self._tabular = profile.format in {Format.CSV, Format.XLSX}
        self._gross = profile.prices == "gross"
        self._display = PriceDisplay(profile.prices)
        self._separator = separator_of(profile)
        self.slots = Slots()
        for source in (*profile.order.values(), *profile.extra.values()):  # first: their cells lie side by side
            self.slots.of_source(source.column, source.join)
        self._order_width = len(self.slots.names)
        self.line_slots = self.slots if self._tabular else Slots()
        self._prepare_order(profile)
        self._prepare_lines(profile)
        self._tree_cells = self.slots.cells_of_tree(self._separator)
        self._node_cells = self.line_slots.cells_of_tree(self._separator)

    def _prepare_order(self, profile: Profile) -> None:
        def part(prefix: str) -> Part:
            chosen = {
                name: source
                for name, source in profile.order.items()
                if (name.startswith(prefix) if prefix else "." not in name) and not name.startswith(TAX_PREFIX)
            }
            return Part(chosen, _kind, self.slots, profile, ALWAYS_ON_ORDER)

        self._top, self._customer, self._totals = part(""), part("customer."), part("totals.")
        self._billing, self._shipping = part("billing_address."), part("shipping_address.")
        self._charges = [
            (kind, part(f"charges.{kind}.")) for kind in ChargeKind if f"charges.{kind}.tax_rate" in profile.order
        ]
        self._taxes = [
            (Decimal(name.removeprefix(TAX_PREFIX)), value_reader(source, Kind.AMOUNT, self.slots, profile))
            for name, source in profile.order.items()
            if name.startswith(TAX_PREFIX)
        ]
        self._extra = [
            (label, value_reader(source, Kind.TEXT, self.slots, profile)) for label, source in profile.extra.items()
        ]

    def _prepare_lines(self, profile: Profile) -> None:
        """Prepare each place of a line within a row, and which columns only lines have."""
        self._line_steps = steps_of(profile.line_path, self._separator)
        self._line_parts: list[tuple[LinePart, list[int]]] = []
        shared: set[int] = set()
        for place in range(1, profile.lines_per_row + 1):
            sources = {target: numbered(source, place) for target, source in profile.lines.items()}
            part = LinePart(sources, self.line_slots, profile)
            slots = [
                slot for source in sources.values() for slot in self.line_slots.of_source(source.column, source.join)
            ]
            own = [slot for slot in slots if not self._tabular or slot >= self._order_width]
            self._line_parts.append((part, own or slots))
            shared.update(slots if self._tabular else ())
        self._once = [slot for slot in range(self._order_width) if slot not in shared]

    def order(self, record: Mapping[str, Any], channel: str, case: Case) -> Order | None:
        """Return the order; None when the case holds the defects why it is none."""
        cells, rows = self.cells(record, case)
        if not cells:
            return None
        fields = self._top.read(cells, case)
        customer = self._customer.read(cells, case)
        billing, shipping = self._billing.read(cells, case), self._shipping.read(cells, case)
        charges = self._read_charges(cells, case)
        totals: Amounts = {**dict.fromkeys(TOTALS), **self._totals.read(cells, case)}
        taxes = {rate: amount for rate, read in self._taxes if (amount := read(cells, case)) is not None}
        extra = [f"{label}: {text}" for label, read in self._extra if (text := read(cells, case))]
        lines = self._read_lines(rows, case)
        if case.defects:
            return None
        complete_totals(totals, lines, charges, gross=self._gross, stated=taxes)
        if max(map(abs, (totals[name] for name in TOTALS))) >= LARGEST:
            case.note("totals", f"A total {TOO_LARGE}.", CORRECT)
            return None
        self._complete(fields, customer, billing, shipping)
        totals["taxes"] = tuple([_TAX.of(tax) for tax in totals["taxes"]])
        fields.update(
            channel=channel,
            exchange_rate=_FIRST,
            lines=tuple([_LINE.of(line) for line in lines]),
            charges=tuple([_CHARGE.of(charge) for charge in charges]),
            totals=_TOTALS.of(totals),
            comment="\n".join(part for part in (fields.get("comment"), *extra) if part),
        )
        return _ORDER.of(fields)

    def _complete(
        self, fields: dict[str, Any], customer: dict[str, Any], billing: dict[str, Any], shipping: dict[str, Any]
    ) -> None:
        """Fill in what a file need not say: the other address, the customer, dates and statuses."""
        ships = self._shipping.is_filled(shipping)
        person = billing if self._billing.is_filled(billing) else shipping if ships else {}
        billed = _ADDRESS.of(person) if person else None
        shipped = _ADDRESS.of(shipping) if ships else billed or _NOBODY
        fields["billing_address"] = billed
        fields["shipping_address"] = shipped if self._profile.ships else None
        if not customer.get("external_id"):
            customer["external_id"], customer["guest"] = f"order-{fields['external_id']}", True
        if not customer.get("name"):
            customer["name"] = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        for name in ("company", "email"):
            customer[name] = customer.get(name) or person.get(name, "")
        fields["customer"] = _CUSTOMER.of(customer)
        fields["number"] = fields.get("number") or fields["external_id"]
        fields["changed_at"] = fields.get("changed_at") or fields["placed_at"]
        fields["status"] = fields.get("status") or OrderStatus.NEW
        fields["payment_status"] = fields.get("payment_status") or PaymentStatus.PENDING
        fields["payment_method"] = fields.get("payment_method") or ""
        fields["display_currency"] = fields["currency"]
        fields["price_display"] = self._display
        if not self._profile.ships:
            fields["shipping_method"] = ""

    def _read_charges(self, cells: Cells, case: Case) -> list[Amounts]:
        charges: list[Amounts] = []
        for kind, part in self._charges:
            charge: Amounts = {"net": None, "gross": None, **part.read(cells, case)}
            if not (charge["net"] or charge["gross"]):
                continue
            rate = self._profile.order[f"charges.{kind}.tax_rate"]
            if charge["tax_rate"] is None:
                case.miss(rate)
                continue
            charge["kind"] = kind
            complete_charge(charge)
            if max(abs(charge["net"]), abs(charge["gross"])) >= LARGEST:
                case.object_to(rate, TOO_LARGE, CORRECT)
            charges.append(charge)
        return charges

    def _read_lines(self, rows: list[Line], case: Case) -> list[Amounts]:
        lines: list[Amounts] = []
        for prefix, names, cells in rows:
            case.prefix, case.names = prefix, names
            for part, own in self._line_parts:
                if all(cells[slot] == "" for slot in own):
                    continue  # a row, or a place in it, without a line
                line = part.read(cells, case)
                if not line.get("external_id"):
                    line["external_id"] = str(len(lines) + 1)
                lines.append(line)
        if not lines:
            case.note("lines", "The order has no lines.", "Ask the sender what was ordered.")
        return lines

    def cells(self, record: Mapping[str, Any], case: Case) -> tuple[Cells, list[Line]]:
        """Return the cells of the order, and for each line its place, its names and its cells."""
        return self._cells_of_rows(record, case) if self._tabular else self._cells_of_tree(record, case)

    def _cells_of_tree(self, record: Mapping[str, Any], case: Case) -> tuple[Cells, list[Line]]:
        tree = record.get("order")
        if not isinstance(tree, dict):
            case.note("record", "The record holds no order of this profile's form.", "Take the file in again.")
            return [], []
        nodes = list_at(tree, self._line_steps)
        shown = self._profile.line_path
        lines: list[Line] = [
            (f"{shown}[{number}]{self._separator}", {}, self._node_cells(node)) for number, node in enumerate(nodes, 1)
        ]
        return self._tree_cells(tree), lines

    def _cells_of_rows(self, record: Mapping[str, Any], case: Case) -> tuple[Cells, list[Line]]:
        rows = record.get("rows")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            if not case.defects:
                case.note("record", "The record holds no rows of this profile's form.", "Take the file in again.")
            return [], []
        lines: list[Line] = [
            (f"rows[{number}].", row, self.slots.cells_of_row(row)) for number, row in enumerate(rows, 1)
        ]
        cells = lines[0][2]
        width = self._order_width
        once = cells[:width]
        for prefix, row, others in lines[1:]:
            if others[:width] != once:
                case.prefix, case.names = prefix, row
                cells = self._merged(cells, others, case)
                once = cells[:width]
        case.prefix, case.names = "rows[1].", rows[0]
        return cells, lines

    def _merged(self, cells: Cells, others: Cells, case: Case) -> Cells:
        """Return the order's cells with the gaps filled from another row; what contradicts is a defect."""
        merged = list(cells)
        for place in self._once:
            other = others[place]
            if other in ("", merged[place]):
                continue
            if merged[place] == "":
                merged[place] = other
            else:
                case.object_at(
                    self.slots.names[place],
                    "differs from the rows above, but can only be one for the whole order",
                    "Make the rows agree, or give each order its own number.",
                )
        return merged


def _kind(target: str) -> Kind:
    return kind_on_order(target) or Kind.TEXT
