"""The lines of an INVOIC, read; sub lines go into the line they name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    Identifier,
    InvoiceLine,
    Item,
    ItemAttribute,
    Price,
)
from blocks.standards.edifact.messages import invoic_codes as codes
from blocks.standards.edifact.messages.invoic_parts_read import Days, rate_of, reduction, texts
from blocks.standards.edifact.messages.reading import Findings, groups
from blocks.standards.edifact.messages.texts import joined
from blocks.standards.edifact.syntax import Segment

_TRIGGERS = frozenset({"MOA", "PAT", "PYT", "PRI", "RFF", "PAC", "LOC", "TAX", "NAD", "ALC", "TDT"})
_OWN_GROUPS = frozenset({"PAT", "PYT", "PAC", "NAD", "TDT", "ALC"})


@dataclass(slots=True)
class _Line:
    """A line while its segments are read."""

    fields: dict[str, Any] = field(default_factory=dict)
    item: dict[str, Any] = field(default_factory=dict)
    price: dict[str, Any] = field(default_factory=dict)
    amounts: dict[str, Decimal | None] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    names: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    reductions: list[AllowanceCharge] = field(default_factory=list)
    classes: list[Classification] = field(default_factory=list)
    attributes: list[ItemAttribute] = field(default_factory=list)


def read_lines(
    lines: Iterable[Sequence[Segment]], findings: Findings, category: str, rate: Decimal | None
) -> tuple[InvoiceLine, ...]:
    """Return the lines of a message.

    Args:
        lines: Segments of each line, LIN first.
        findings: Takes what is wrong or has no place.
        category: The VAT category of lines that name none (TAX in the header).
        rate: Its rate.
    """
    top: list[InvoiceLine] = []
    trail: list[tuple[str, list[InvoiceLine]]] = []
    inner: dict[int, list[InvoiceLine]] = {}
    for segments in lines:
        line = _line(segments, findings, category, rate)
        above = segments[0].part(3, 1)
        while above and trail and trail[-1][0] != above:
            trail.pop()
        if not above:
            trail = []
        own: list[InvoiceLine] = []
        (trail[-1][1] if trail else top).append(line)
        inner[id(line)] = own
        trail.append((segments[0].part(0), own))
    return tuple(_with_sub_lines(line, inner) for line in top)


def _with_sub_lines(line: InvoiceLine, inner: dict[int, list[InvoiceLine]]) -> InvoiceLine:
    below = inner[id(line)]
    if not below:
        return line
    return line.model_copy(update={"sub_lines": tuple(_with_sub_lines(each, inner) for each in below)})


def _line(segments: Sequence[Segment], findings: Findings, category: str, rate: Decimal | None) -> InvoiceLine:
    found = _Line(fields={"vat_category": category, "vat_rate": rate})
    leading, *others = groups(segments, _TRIGGERS, lambda tag, group: tag in {"MOA", "TAX", "RFF", "LOC"} and (
        group in _OWN_GROUPS or (group == "TAX" and tag == "MOA")
    ))  # fmt: skip
    _take_leading(leading, found, findings)
    for group in others:
        _take_group(group, found, findings)
    return _built(found)


def _take_leading(leading: Sequence[Segment], found: _Line, findings: Findings) -> None:
    head = leading[0]
    found.fields["id"] = head.part(0)
    if head.part(2) and head.part(2, 1) in codes.GTINS | {""}:
        found.item["standard_id"] = Identifier(value=head.part(2), scheme=codes.GTIN_SCHEME)
    elif head.part(2):
        found.classes.append(Classification(code=head.part(2), scheme=head.part(2, 1)))
    for text in texts(one for one in leading if one.tag == "FTX"):
        if text.subject == codes.ATTRIBUTE and len(text.elements) == 2:  # noqa: PLR2004 - name and value
            found.attributes.append(ItemAttribute(name=text.elements[0], value=text.elements[1]))
        else:
            found.fields["note"] = joined_lines(found.fields.get("note", ""), text.text)
    for one in leading[1:]:
        if one.tag != "FTX":
            _take_one(one, found, findings)


def joined_lines(*texts_: str) -> str:
    """Return texts one below the other."""
    return "\n".join(text for text in texts_ if text)


def _take_one(one: Segment, found: _Line, findings: Findings) -> None:
    if one.tag == "PIA":
        _take_numbers(one, found)
    elif one.tag == "IMD":
        _take_description(one, found)
    elif one.tag == "QTY" and one.part(0) in codes.QUANTITY:
        found.fields.update(quantity=findings.number(one, 0), unit=one.part(0, 2))
    elif one.tag == "ALI" and one.part(0):
        found.item["country_of_origin"] = one.part(0)
    elif not (one.tag == "DTM" and found.days.take(one, findings)):
        findings.left_out(one)


def _take_numbers(one: Segment, found: _Line) -> None:
    for components in one.elements[1:]:
        code, scheme, version = (*components, "", "", "")[:3]
        if not code:
            continue
        if scheme in codes.SELLERS_ITEM and "seller_id" not in found.item:
            found.item["seller_id"] = code
        elif scheme in codes.BUYERS_ITEM and "buyer_id" not in found.item:
            found.item["buyer_id"] = code
        elif scheme in codes.GTINS and "standard_id" not in found.item:
            found.item["standard_id"] = Identifier(value=code, scheme=codes.GTIN_SCHEME)
        else:
            found.classes.append(Classification(code=code, scheme=scheme, scheme_version=version))


def _take_description(one: Segment, found: _Line) -> None:
    described = one.elements[2] if len(one.elements) > 2 else ()  # noqa: PLR2004 - C273 is the third element
    text = joined(described[3:5]) or (described[0] if described else "")
    (found.descriptions if one.part(0) == "A" else found.names).append(text)


def _take_group(group: Sequence[Segment], found: _Line, findings: Findings) -> None:
    head, rest = group[0], group[1:]
    if head.tag == "MOA":
        found.amounts[head.part(0)] = findings.number(head, 0)
    elif head.tag == "PRI":
        _take_price(head, found, findings)
    elif head.tag == "RFF":
        _take_reference(head, found, findings)
    elif head.tag == "TAX":
        found.fields.update(vat_rate=rate_of(head, findings), vat_category=head.part(5))
        rest = [one for one in rest if one.tag != "MOA"]
    elif head.tag == "ALC":
        found.reductions.append(reduction(group, findings))
        rest = []
    else:
        findings.left_out(head)
    for one in rest:
        findings.left_out(one)


def _take_price(head: Segment, found: _Line, findings: Findings) -> None:
    kind, value = head.part(0), findings.number(head, 0)
    if kind not in (*codes.NET_PRICE, *codes.GROSS_PRICE):
        findings.left_out(head)
        return
    found.price["gross" if kind in codes.GROSS_PRICE else "net"] = value
    if head.part(0, 4):
        found.price["base_quantity"] = findings.number(head, 0, 4)
    if head.part(0, 5):
        found.price["base_unit"] = head.part(0, 5)


def _take_reference(head: Segment, found: _Line, findings: Findings) -> None:
    code, value = head.part(0), head.part(0, 1)
    if code == "ON" and head.part(0, 2):
        found.fields["order_line"] = head.part(0, 2)
    elif code == codes.LINE_OBJECT:
        found.fields["object_identifier"] = Identifier(value=value, scheme=head.part(0, 3))
    elif code == codes.LINE_ACCOUNTING:
        found.fields["accounting_reference"] = value
    else:
        findings.left_out(head)


def _built(found: _Line) -> InvoiceLine:
    price = found.price
    if price.get("gross") is not None and price.get("net") is not None:
        price["discount"] = price["gross"] - price["net"]
    item = Item(
        name=joined(found.names),
        description=joined(found.descriptions),
        classifications=tuple(found.classes),
        attributes=tuple(found.attributes),
        **found.item,
    )
    return InvoiceLine(
        net=next((found.amounts[code] for code in codes.LINE_NET if code in found.amounts), None),
        period=found.days.period(),
        allowances_charges=tuple(found.reductions),
        price=Price(**price),
        item=item,
        **found.fields,
    )
