"""A profile made ready for reading: closures that take a record's cells to the fields of an order."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from blocks.documents.orders import OrderStatus, PaymentStatus
from blocks.standards.order_files.amounts import Amounts, complete_charge, complete_line, complete_totals
from blocks.standards.order_files.columns import numbered, separator_of
from blocks.standards.order_files.profile import Format, Profile, Source
from blocks.standards.order_files.slots import Slots
from blocks.standards.order_files.targets import (
    ALWAYS_ON_LINE,
    ALWAYS_ON_ORDER,
    LINE_TARGETS,
    ORDER_TARGETS,
    PRICES,
    TAX_PREFIX,
    Kind,
    kind_on_order,
)
from blocks.standards.order_files.texts import Cells
from blocks.standards.order_files.trees import list_at, steps_of
from blocks.standards.order_files.values import Case, Read, value_reader

FILL_IN = "Fill it in and send the order again, or correct the record here."
TOTALS = tuple(name.removeprefix("totals.") for name in ORDER_TARGETS if name.startswith("totals."))
_LINE_AMOUNTS = (*PRICES, "discount_net", "discount_gross")

Line = tuple[str, Mapping[str, Any], Cells]
"""The place of a line within its record, the names of its cells, and its cells by slot."""


@lru_cache(maxsize=64)
def reading_of(profile: Profile) -> "Reading":
    """Return the profile made ready; made once, used for every record."""
    return Reading(profile)


class Part:
    """Targets that are read together, e.g. an address."""

    __slots__ = ("columns", "readers", "required")

    def __init__(
        self, sources: Mapping[str, Source], kinds: Callable[[str], Kind], slots: Slots, profile: Profile
    ) -> None:
        """Prepare the readers.

        Args:
            sources: Source by target, e.g. 'billing_address.city'; the last name is the field.
            kinds: Kind of a target.
            slots: Where the cells of the columns stand.
            profile: The profile.
        """
        self.readers: list[tuple[str, Read]] = []
        self.required: list[tuple[str, Source]] = []
        self.columns: list[str] = []
        for target, source in sources.items():
            name = target.rpartition(".")[2]
            self.readers.append((name, value_reader(source, kinds(target), slots, profile)))
            if source.required or target in ALWAYS_ON_ORDER or (target in ALWAYS_ON_LINE and kinds is _line_kind):
                self.required.append((name, source))
            if source.columns:
                self.columns.append(name)

    def read(self, cells: Cells, case: Case) -> dict[str, Any]:
        """Return the values by field; what is required and empty is a defect."""
        values = {name: read(cells, case) for name, read in self.readers}
        for name, source in self.required:
            value = values[name]
            if value is None or value == "":
                case.miss(source)
        return values

    def is_filled(self, values: Mapping[str, Any]) -> bool:
        """Return whether any value came from the file; constants alone count where there are no columns."""
        return any(values[name] for name in self.columns or values)


class Reading:
    """How records of one profile are read."""

    def __init__(self, profile: Profile) -> None:
        """Prepare the readers of every target."""
        self._profile = profile
        self._tabular = profile.format in {Format.CSV, Format.XLSX}
        self._gross = profile.prices == "gross"
        self._separator = separator_of(profile)
        self.slots = Slots()
        for source in (*profile.order.values(), *profile.extra.values()):  # first: their cells lie side by side
            for name in source.columns:
                self.slots.add(name)
        self._order_width = len(self.slots.names)
        self.line_slots = self.slots if self._tabular else Slots()
        self._order_parts(profile)
        self._line_parts = [
            Part(
                {target: numbered(source, place) for target, source in profile.lines.items()},
                _line_kind,
                self.line_slots,
                profile,
            )
            for place in range(1, profile.lines_per_row + 1)
        ]
        self._line_places = [
            [self.line_slots.of(name) for source in profile.lines.values() for name in numbered(source, place).columns]
            for place in range(1, profile.lines_per_row + 1)
        ]
        self._own_lines = [
            [place for place in places if not self._tabular or place >= self._order_width]
            for places in self._line_places
        ]
        shared = {place for places in self._line_places for place in places} if self._tabular else set()
        self._once = [place for place in range(self._order_width) if place not in shared]
        self._line_steps = steps_of(profile.line_path, self._separator)
        self._tree_cells = self.slots.cells_of_tree(self._separator)
        self._node_cells = self.line_slots.cells_of_tree(self._separator)
        self._prices = next(profile.lines[target] for target in PRICES if target in profile.lines)

    def _order_parts(self, profile: Profile) -> None:
        def part(prefix: str) -> Part:
            if prefix:
                chosen = {name: source for name, source in profile.order.items() if name.startswith(prefix)}
            else:
                chosen = {name: source for name, source in profile.order.items() if "." not in name}
            return Part(chosen, _order_kind, self.slots, profile)

        self._top, self._customer = part(""), part("customer.")
        self._billing, self._shipping = part("billing_address."), part("shipping_address.")
        self._charges = [
            (kind, part(f"charges.{kind}."))
            for kind in ("shipping", "payment_fee")
            if f"charges.{kind}.tax_rate" in profile.order
        ]
        totals = {
            name: source
            for name, source in profile.order.items()
            if name.startswith("totals.") and not name.startswith(TAX_PREFIX)
        }
        self._totals = Part(totals, _order_kind, self.slots, profile)
        self._taxes = [
            (Decimal(name.removeprefix(TAX_PREFIX)), value_reader(source, Kind.AMOUNT, self.slots, profile))
            for name, source in profile.order.items()
            if name.startswith(TAX_PREFIX)
        ]
        self._extra = [
            (label, value_reader(source, Kind.TEXT, self.slots, profile)) for label, source in profile.extra.items()
        ]

    def order(self, record: Mapping[str, Any], channel: str, case: Case) -> dict[str, Any]:
        """Return an order's fields; with defects noted in the case, they are not complete."""
        cells, lines = self.cells(record, case)
        if not cells:
            return {}
        fields = self._top.read(cells, case)
        customer = self._customer.read(cells, case)
        billing, shipping = self._billing.read(cells, case), self._shipping.read(cells, case)
        charges = self._read_charges(cells, case)
        totals: Amounts = {**dict.fromkeys(TOTALS), **self._totals.read(cells, case)}
        taxes = {rate: amount for rate, read in self._taxes if (amount := read(cells, case)) is not None}
        extra = [f"{label}: {text}" for label, read in self._extra if (text := read(cells, case))]
        read_lines = self._read_lines(lines, case)
        if case.defects:
            return {}
        complete_totals(totals, read_lines, charges, gross=self._gross, stated=taxes)
        self._complete(fields, customer, billing, shipping)
        fields.update(channel=channel, lines=read_lines, charges=charges, totals=totals)
        fields["comment"] = "\n".join(part for part in (fields.get("comment"), *extra) if part)
        return fields

    def _complete(
        self, fields: dict[str, Any], customer: dict[str, Any], billing: dict[str, Any], shipping: dict[str, Any]
    ) -> None:
        """Fill in what a file need not say: the other address, the customer, dates and statuses."""
        bills, ships = self._billing.is_filled(billing), self._shipping.is_filled(shipping)
        billed = billing if bills else shipping if ships else None
        fields["billing_address"] = billed
        fields["shipping_address"] = (shipping if ships else billed or {}) if self._profile.ships else None
        person = billed or {}
        if not customer.get("external_id"):
            customer["external_id"], customer["guest"] = f"order-{fields['external_id']}", True
        if not customer.get("name"):
            customer["name"] = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        for name in ("company", "email"):
            customer[name] = customer.get(name) or person.get(name, "")
        fields["customer"] = customer
        fields["number"] = fields.get("number") or fields["external_id"]
        fields["changed_at"] = fields.get("changed_at") or fields["placed_at"]
        fields["status"] = fields.get("status") or OrderStatus.NEW
        fields["payment_status"] = fields.get("payment_status") or PaymentStatus.PENDING
        fields["payment_method"] = fields.get("payment_method") or ""
        fields["display_currency"] = fields["currency"]
        fields["price_display"] = self._profile.prices
        if not self._profile.ships:
            fields["shipping_method"] = ""

    def _read_charges(self, cells: Cells, case: Case) -> list[Amounts]:
        charges: list[Amounts] = []
        for kind, part in self._charges:
            charge: Amounts = {"net": None, "gross": None, **part.read(cells, case)}
            if not (charge["net"] or charge["gross"]):
                continue
            if charge["tax_rate"] is None:
                case.miss(self._profile.order[f"charges.{kind}.tax_rate"])
                continue
            charge["kind"] = kind
            complete_charge(charge)
            charges.append(charge)
        return charges

    def _read_lines(self, rows: list[Line], case: Case) -> list[Amounts]:
        lines: list[Amounts] = []
        before = self._profile.unit_prices == "before_discount"
        for prefix, names, cells in rows:
            case.prefix, case.names = prefix, names
            for part, own in zip(self._line_parts, self._own_lines, strict=True):
                if not any(cells[place] != "" for place in own):
                    continue  # a row, or a place in it, without a line
                line: Amounts = {**dict.fromkeys(_LINE_AMOUNTS), **part.read(cells, case)}
                if not line.get("external_id"):
                    line["external_id"] = str(len(lines) + 1)
                lines.append(line)
                if case.defects:
                    continue
                if all(line[name] is None for name in PRICES):
                    case.miss(self._prices)
                else:
                    complete_line(line, gross=self._gross, before_discount=before)
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


def _order_kind(target: str) -> Kind:
    return kind_on_order(target) or Kind.TEXT


def _line_kind(target: str) -> Kind:
    return LINE_TARGETS[target]
