"""What a message says: one pass over its segments that follows the structure, judges each value and keeps the sums.

The pass is what reading an interchange spends its time on: places are found by one look-up, values are judged where
they stand, and everything that needs more than one segment is left to `checks_*`.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from blocks.standards.edifact.dates import moment
from blocks.standards.edifact.findings import Finding, Findings, Kind, Severity, shown
from blocks.standards.edifact.grammars import MOST_ELEMENTS
from blocks.standards.edifact.interchange import Message
from blocks.standards.edifact.line_items import Line, TaxGroup
from blocks.standards.edifact.structure import HEADER, LINE, SUMMARY, Node, expected, grammar
from blocks.standards.edifact.syntax import Segment
from blocks.standards.edifact.values import CURRENCIES, GTIN_TYPES, figure, gln_fault, gtin_fault, sscc_fault

_ALLOWANCE_AMOUNTS = {"8", "23", "204", "131"}
_NET_PRICES = {"AAA", "AAE", "NTP"}
_OTHER_ALLOWANCES = "BEFGHIJKLMNOPQRSTUVWXZ"
_ZERO = Decimal(0)
GS1 = "9"
"""The code list agency (3055) of GLNs."""


class Contents:
    """What one message says, and what is wrong with its order and its single values."""

    def __init__(self, message: Message, findings: Findings, grave: Severity, wrong_mark: str, guide: Severity) -> None:
        """Read a message.

        Args:
            message: With UNH; UNT may be missing.
            findings: Where faults are noted.
            grave: Severity of what is wrong: fatal where the message's guide is known, a warning elsewhere.
            wrong_mark: The decimal mark that must not be used; empty when UNA announced none.
            guide: Severity of what EANCOM asks for beyond the directories, check digits above all.
        """
        self.message, self.findings, self.grave, self.guide = message, findings, grave, guide
        self._wrong_mark = wrong_mark or "\0"
        self._marks: set[str] = set()
        self.code = self.number = self.function = ""
        self.document: Segment | None = None
        self.dates: dict[str, tuple[date, date, int]] = {}
        self.date_qualifiers: list[tuple[str, int]] = []
        self.parties: dict[str, str] = {}
        self.party_places: list[tuple[str, int, bool]] = []
        self.lines: list[Line] = []
        self.currency = ""
        self.uncurrencied = 0
        self.allowances: dict[int, tuple[Decimal, Decimal]] = {}
        self.allowance_known = True
        self.sums: dict[str, tuple[Decimal, int]] = {}
        self.taxes: list[TaxGroup] = []
        self.controls: dict[str, tuple[Decimal, int]] = {}
        self.packages = _ZERO
        self.taxed = False
        self._scope = 0
        self._sign: int | None = None
        self._line: Line | None = None
        self._tax: TaxGroup | None = None
        self._walk()

    def note(
        self, code: str, place: int | None, text: str, *, severity: Severity | None = None, kind: Kind = "semantic"
    ) -> None:
        """Add a finding about this message."""
        self.findings.add(Finding(code, kind, severity or self.grave, place, text, self.message.reference))

    def _walk(self) -> None:
        handlers: dict[str, Callable[[Segment, Node], None]] = {
            "BGM": self._bgm, "DTM": self._dtm, "NAD": self._nad, "LIN": self._lin, "QTY": self._qty, "PRI": self._pri,
            "MOA": self._moa, "TAX": self._tax_segment, "ALC": self._alc, "CUX": self._cux, "CNT": self._cnt,
            "PIA": self._pia, "LOC": self._loc, "PAC": self._pac, "GIN": self._gin, "PCD": self._pcd, "UNS": self._uns,
            "CPS": self._group, "PGI": self._group,
        }  # fmt: skip
        find = handlers.get
        node = grammar(self.message.type)
        if node is None:
            self._glance(handlers)
            return
        for segment in self.message.segments[1:]:
            tag = segment[0]
            step = node.steps.get(tag)
            if step is None:
                self._misplaced(segment, node)
            else:
                node = step[0]
                if step[1]:
                    self._missing(segment, step[1])
                if len(segment[1]) > node.most:
                    self._too_long(segment)
            handler = find(tag)
            if handler is not None:
                handler(segment, node)
        self._end_allowance()

    def _glance(self, handlers: dict[str, Callable[[Segment, Node], None]]) -> None:
        """Take what the report shows of a message whose structure is not known here."""
        anywhere = Node("", (), required=False, repeats=False)
        kept, self.findings = self.findings, Findings()
        for segment in self.message.segments:
            if segment.tag in {"BGM", "DTM", "NAD", "LIN"}:
                handlers[segment.tag](segment, anywhere)
        self.findings = kept

    def _misplaced(self, segment: Segment, node: Node) -> None:
        text = f"{segment.tag} may not follow {node.tag} in {self.message.type}: expected is {expected(node)}."
        self.note("segment-order", segment.number, text, kind="structural")

    def _missing(self, segment: Segment, tags: tuple[str, ...]) -> None:
        for tag in tags:
            text = f"{tag} is missing before {segment.tag}: {self.message.type} must have it there."
            self.note(f"{tag.lower()}-missing", segment.number, text, kind="structural")

    def _too_long(self, segment: Segment) -> None:
        used = len(segment.elements)
        while used and segment.elements[used - 1] in {("",), ()}:
            used -= 1
        if used > MOST_ELEMENTS[segment.tag]:
            text = f"{segment.tag} has {used} data elements, more than any directory gives it: a terminator before"
            self.note("segment-elements", segment.number, text + " the next segment was lost.", kind="structural")

    def _figure(self, segment: Segment, text: str, what: str) -> Decimal | None:
        """Return a figure; note where it is none or uses the wrong decimal mark."""
        value = figure(text)
        if value is None:
            said = f"is {shown(text)!r}" if text else "is empty"
            self.note(
                f"{what}-figure", segment[2], f"The {what} in {segment[0]} {said}, which is no figure: correct it."
            )
        elif self._wrong_mark in text:
            said = f"The {what} {shown(text)} in {segment[0]} uses a decimal mark that UNA does not name."
            self.note(
                "decimal-mark", segment[2], said + " It may mean another figure: write it with the announced mark."
            )
        elif "," in text:
            self._mark(segment, ",")
        elif "." in text:
            self._mark(segment, ".")
        return value

    def _mark(self, segment: Segment, mark: str) -> None:
        if mark in self._marks:
            return
        self._marks.add(mark)
        if len(self._marks) > 1:
            text = "The message writes both full stop and comma as decimal mark: use one of them."
            self.note("decimal-mark", segment.number, text)

    def _bgm(self, segment: Segment, _node: Node) -> None:
        if self.document is None:
            self.document = segment
            self.code, self.number = segment.part(0), segment.part(1).strip()
            self.function = segment.part(2)

    def _dtm(self, segment: Segment, node: Node) -> None:
        qualifier, value, form = segment.part(0), segment.part(0, 1), segment.part(0, 2)
        if not form:
            severity: Severity | None = "warning" if len(value) in {6, 8, 12} else None
            text = f"DTM {shown(qualifier)} does not say in which form {shown(value)} is written: add it, e.g. 102."
            self.note("date-form", segment.number, text, severity=severity)
            form = {8: "102", 12: "203", 6: "101"}.get(len(value), "")
        found = moment(value, form)
        if found is None:
            if form:
                text = f"DTM {shown(qualifier)} names the form {shown(form)!r}, which is not known: use 102 or 203."
                self.note("date-form", segment.number, text, severity="warning")
        elif not found.possible:
            text = f"DTM {shown(qualifier)} says {shown(value)!r}, which does not exist as date of form {form}:"
            self.note("date-impossible", segment.number, text + " correct it.")
        place = node.group
        if not place:
            self.date_qualifiers.append((qualifier, segment.number))
        if (
            found is not None
            and found.first is not None
            and found.last is not None
            and (not place or place[0] == "PAT")
        ):
            self.dates.setdefault(qualifier, (found.first, found.last, segment.number))

    def _nad(self, segment: Segment, node: Node) -> None:
        role, identifier, agency = segment.part(0), segment.part(1), segment.part(1, 2)
        if agency == GS1 and (fault := gln_fault(identifier)):
            self._gs1("gln", segment, f"GLN {shown(identifier) or '(empty)'} of {shown(role)} {fault}")
        if node.area != LINE and self._line is None:
            self.parties.setdefault(role, identifier)
            named = bool(identifier or segment.part(2) or segment.part(3))
            self.party_places.append((role, segment.number, named))

    def _lin(self, segment: Segment, _node: Node) -> None:
        self._end_allowance()
        number = segment.part(0)
        line = Line(number, segment.number, self._scope, sub=bool(segment.part(3)))
        self._line, self._tax = line, None
        self.lines.append(line)
        item, kind = segment.part(2), segment.part(2, 1)
        if kind in GTIN_TYPES and (fault := gtin_fault(item)):
            self._gs1("gtin", segment, f"GTIN {shown(item) or '(empty)'} of line {shown(number)} {fault}")

    def _pia(self, segment: Segment, _node: Node) -> None:
        for components in segment.elements[1:]:
            if len(components) > 1 and components[1] in GTIN_TYPES and (fault := gtin_fault(components[0])):
                self._gs1("gtin", segment, f"GTIN {shown(components[0])} in PIA {fault}")

    def _loc(self, segment: Segment, node: Node) -> None:
        if node.group == ("LOC",) or not node.group:
            self._scope += 1
        if segment.part(1, 2) == GS1 and (fault := gln_fault(segment.part(1))):
            self._gs1("gln", segment, f"GLN {shown(segment.part(1))} of a location {fault}")

    def _group(self, _segment: Segment, _node: Node) -> None:
        self._scope += 1

    def _gs1(self, code: str, segment: Segment, fault: str) -> None:
        self.note(code, segment.number, f"The {fault}: correct it.", severity=self.guide)

    def _qty(self, segment: Segment, node: Node) -> None:
        qualifier, stated = _pair(segment)
        value = self._figure(segment, stated, "quantity")
        line = self._line
        if value is not None and line is not None and node.area == LINE and qualifier not in line.quantities:
            line.quantities[qualifier] = value

    def _pri(self, segment: Segment, _node: Node) -> None:
        line = self._line
        qualifier, stated = _pair(segment)
        value = self._figure(segment, stated, "price")
        if value is None or line is None:
            return
        if value < 0:
            self.note("price-negative", segment.number, f"The price {value} is negative: send the positive price.")
        net = qualifier in _NET_PRICES
        if line.price is None or (net and not line.net_price):
            line.price, line.net_price = value, net
            if len(segment[1][0]) > 4 and (stated := segment[1][0][4]):  # noqa: PLR2004 - C509, fifth component: 5284
                basis = self._figure(segment, stated, "price basis")
                line.basis = basis if basis and basis > 0 else Decimal(1)

    def _moa(self, segment: Segment, node: Node) -> None:
        qualifier, stated = _pair(segment)
        value = self._figure(segment, stated, "amount")
        currency = segment.part(0, 2)
        if not currency:
            self.uncurrencied = self.uncurrencied or segment.number
        elif currency not in CURRENCIES:
            self.note("currency", segment.number, f"{shown(currency)!r} is no currency of ISO 4217: correct it.")
        if value is not None:
            self._amount(qualifier, value, segment, node)

    def _amount(self, qualifier: str, value: Decimal, segment: Segment, node: Node) -> None:
        """Keep an amount where the structure says what it means."""
        scope, line = node.scope, self._line if node.area == LINE else None
        if scope == "ALC":
            if qualifier in _ALLOWANCE_AMOUNTS:
                self._allow(value, line, node.area)
        elif line is not None:
            if qualifier in {"203", "66"} and scope == "LIN" and line.amount is None:
                line.amount = value
        elif scope == "TAX":
            self._tax_amount(qualifier, value)
        elif node.area == SUMMARY or not scope:
            if qualifier in self.sums:
                text = f"MOA {shown(qualifier)} is given twice among the totals: send it once."
                self.note("amount-repeated", segment.number, text)
            self.sums.setdefault(qualifier, (value, segment.number))

    def _tax_amount(self, qualifier: str, value: Decimal) -> None:
        tax = self._tax
        if tax is None:
            return
        if qualifier == "125" and tax.basis is None:
            tax.basis = value
        elif qualifier == "124" and tax.amount is None:
            tax.amount = value

    def _allow(self, value: Decimal, line: Line | None, area: int) -> None:
        sign, self._sign = self._sign, None
        if sign is None:
            return
        if line is not None:
            line.allowance += sign * value
            return
        allowed, charged = self.allowances.get(area, (_ZERO, _ZERO))
        self.allowances[area] = (allowed + value, charged) if sign < 0 else (allowed, charged + value)

    def document_allowances(self) -> tuple[Decimal, Decimal]:
        """Return what is allowed and what is charged on the whole; the summary only repeats what the header gives."""
        return self.allowances.get(HEADER) or self.allowances.get(SUMMARY) or (_ZERO, _ZERO)

    def _alc(self, segment: Segment, _node: Node) -> None:
        self._end_allowance()
        kind = segment.part(0)
        self._sign = {"A": -1, "C": 1}.get(kind)
        if self._sign is None and not (len(kind) == 1 and kind in _OTHER_ALLOWANCES):
            text = f"ALC says {shown(kind)!r}: A is an allowance, C a charge; write one of them."
            self.note("allowance", segment.number, text)

    def _end_allowance(self) -> None:
        """An allowance that ends without amount makes the sums around it unknown."""
        if self._sign is not None:
            if self._line is not None:
                self._line.allowance_known = False
            else:
                self.allowance_known = False
            self._sign = None

    def _tax_segment(self, segment: Segment, node: Node) -> None:
        self._end_allowance()
        stated = segment.part(4, 3)
        rate = self._figure(segment, stated, "tax rate") if stated else None
        self.taxed = self.taxed or bool(rate)
        if rate is not None and not 0 <= rate < 100:  # noqa: PLR2004 - per cent
            self.note("tax-rate", segment.number, f"The tax rate {rate} is no rate in per cent: correct it.")
        if node.area == LINE and self._line is not None:
            self._line.rate = rate
        elif node.area == SUMMARY and segment.part(1) in {"VAT", "GST", ""}:
            self._tax = TaxGroup(segment.number, rate)
            self.taxes.append(self._tax)
        else:
            self._tax = None

    def _cux(self, segment: Segment, _node: Node) -> None:
        currency = segment.part(0, 1)
        if currency not in CURRENCIES:
            self.note("currency", segment.number, f"{shown(currency)!r} is no currency of ISO 4217: correct it.")
        self.currency = self.currency or currency

    def _cnt(self, segment: Segment, _node: Node) -> None:
        value = self._figure(segment, segment.part(0, 1), "control total")
        if value is not None:
            self.controls.setdefault(segment.part(0), (value, segment.number))

    def _pac(self, segment: Segment, node: Node) -> None:
        if stated := segment.part(0):
            value = self._figure(segment, stated, "number of packages")
            if value is not None and node.area != LINE:
                self.packages += value

    def _pcd(self, segment: Segment, _node: Node) -> None:
        self._figure(segment, segment.part(0, 1), "percentage")

    def _gin(self, segment: Segment, _node: Node) -> None:
        if segment.part(0) != "BJ":
            return
        for components in segment.elements[1:]:
            for number in components:
                if number and (fault := sscc_fault(number)):
                    self._gs1("sscc", segment, f"SSCC {shown(number)} {fault}")

    def _uns(self, segment: Segment, _node: Node) -> None:
        self._end_allowance()
        self._line = self._tax = None
        if segment.part(0) not in {"S", "D"}:
            text = f"UNS says {shown(segment.part(0))!r}: D begins the details, S the summary; write one of them."
            self.note("uns", segment.number, text, kind="structural")


def _pair(segment: Segment) -> tuple[str, str]:
    """Return the first two components of the first element: a qualifier and its value."""
    try:
        first = segment[1][0]
        return first[0], first[1]
    except IndexError:
        return segment.part(0), ""
