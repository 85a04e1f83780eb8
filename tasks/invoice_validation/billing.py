"""What an invoice bills, in the form it is held against orders and receipts: lines, charges, references. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from blocks.documents.invoices import Invoice, InvoiceLine
from blocks.documents.supply import number_key
from tasks.invoice_validation.supply_known import LARGEST

CREDITS = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
"""Types of UNTDID 1001 that give money back; 389 (self-billing) and 384 (correction) bill, as their signs say."""
PREPAYMENT = "386"

_NOTHING, _ONE = Decimal(0), Decimal(1)
_SEVERAL = re.compile(r"[,;|\n\r\t&+]+|\s+(?:und|and|et|u\.)\s+", re.IGNORECASE)
_WORDS = re.compile(r"[\s/:#()]+")
_MOST_REFERENCES = 50
LONGEST_TEXT = 500
"""Characters of a name or a reference that are looked at."""
_CHARGE_WORDS = re.compile(
    r"versand|fracht|porto|verpackung|liefer(?:kosten|pauschale|gebühr)|transport|spedition|paketdienst|paketkosten"
    r"|zustell|maut|mindermenge|bearbeitungs(?:gebühr|pauschale)|logistik(?:kosten|pauschale)|palettengebühr"
    r"|shipping|freight|carriage|postage|packing|packag|delivery\s+(?:charge|cost|fee)|handling|surcharge|spese|frais\s+de"
    r"|zuschlag|versicherung|insurance",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of an invoice; quantity and net are negative where money is given back.

    Attributes:
        place: Its number as printed (BT-126), or its position.
        quantity: In ``unit``; None where the invoice says none, or none that can be.
        is_charge: Whether it stands for the charges of the document (BG-21), which have no line.
    """

    place: str
    quantity: Decimal | None
    unit: str
    net: Decimal
    seller_key: str
    buyer_key: str
    gtin_key: str
    name: str
    order_line: str
    is_charge: bool = False

    @property
    def article_keys(self) -> tuple[str, ...]:
        """Return its article numbers as compared, each once."""
        return tuple(dict.fromkeys(key for key in (self.buyer_key, self.seller_key, self.gtin_key) if key))

    @property
    def may_be_charge(self) -> bool:
        """Tell whether it reads like freight, packing or another charge."""
        return self.is_charge or _CHARGE_WORDS.search(self.name) is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """One number an invoice names: the business term, the number as written, and the ways to read it.

    Attributes:
        exact: The number as compared; first the whole text, where this is a part of it.
        loose: Single words of it, any of which may be the number.
    """

    term: str
    text: str
    exact: tuple[str, ...]
    loose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Billed:
    """What an invoice bills.

    Attributes:
        references: Numbers of orders, receipts and despatch advices it names.
        lines: Its lines, and one for the charges of the document (BG-21) where it has any.
        reduced: The share of the lines' total that allowances of the document (BG-20) take off.
        prepaid: What it says was paid before (BT-113).
        preceding: Keys of the numbers of earlier invoices it refers to (BG-3).
    """

    type_code: str
    currency: str
    lines: tuple[BilledLine, ...]
    references: tuple[Reference, ...]
    reduced: Decimal
    net: Decimal
    prepaid: Decimal
    preceding: tuple[str, ...]
    accounts: tuple[str, ...] = field(default=())

    @property
    def is_credit(self) -> bool:
        """Tell whether it gives money back."""
        return self.type_code in CREDITS

    @property
    def is_prepayment(self) -> bool:
        """Tell whether it asks for money before anything came."""
        return self.type_code == PREPAYMENT


def billed_of(invoice: Invoice) -> Billed:
    """Return what an invoice bills."""
    sign = -_ONE if invoice.type_code in CREDITS else _ONE
    lines = tuple(_line(line, place, sign) for place, line in enumerate(invoice.lines, 1))
    whole = sum((line.net for line in lines), _NOTHING)
    charges = _sum_of(invoice, charges=True)
    if charges:
        lines += (BilledLine("BG-21", None, "", sign * charges, "", "", "", _reasons(invoice), "", is_charge=True),)
    taken_off = _sum_of(invoice, charges=False)
    totals = invoice.totals
    net = next((each for each in (totals.net, totals.line_net) if each is not None), None)
    return Billed(
        type_code=invoice.type_code,
        currency=invoice.currency,
        lines=lines,
        references=references_of(invoice),
        reduced=min(taken_off / abs(whole), _ONE) if whole and taken_off > 0 else _NOTHING,
        net=sum((line.net for line in lines), _NOTHING) if net is None else sign * net,
        prepaid=totals.prepaid or _NOTHING,
        preceding=tuple(number_key(one.number) for one in invoice.preceding_invoices if one.number),
        accounts=accounts_of(invoice),
    )


def _sum_of(invoice: Invoice, *, charges: bool) -> Decimal:
    found = (one.amount for one in invoice.allowances_charges if one.is_charge == charges)
    return sum((amount for amount in found if amount is not None and abs(amount) < LARGEST), _NOTHING)


def _reasons(invoice: Invoice) -> str:
    return ", ".join(one.reason for one in invoice.allowances_charges if one.is_charge and one.reason)[:200]


def _line(line: InvoiceLine, place: int, sign: Decimal) -> BilledLine:
    quantity = line.quantity if line.quantity is not None and abs(line.quantity) < LARGEST else None
    base = line.price.base_quantity or _ONE
    by_price = (quantity or _NOTHING) * (line.price.net or _NOTHING) / base
    net = by_price if line.net is None else line.net
    if quantity is not None and line.net is not None and quantity * line.net < 0 <= (line.price.net or _NOTHING):
        # One sign of two was forgotten: money says which way a line goes.
        quantity = -quantity
    item = line.item
    return BilledLine(
        place=line.id or str(place),
        quantity=None if quantity is None else sign * quantity,
        unit=line.unit.strip().upper() or line.price.base_unit.strip().upper(),
        net=sign * max(min(net, LARGEST), -LARGEST),
        seller_key=number_key(item.seller_id),
        buyer_key=number_key(item.buyer_id),
        gtin_key=number_key(item.standard_id.value) if item.standard_id else "",
        name=f"{item.name} {item.description}".strip()[:LONGEST_TEXT],
        order_line=line.order_line[:LONGEST_TEXT],
    )


def references_of(invoice: Invoice) -> tuple[Reference, ...]:
    """Return the numbers an invoice names, those it says to be our order's first."""
    lines = (line.order_line for line in invoice.lines if re.search(r"[/\-:#\s]\S", line.order_line.strip()))
    named = [
        ("BT-13", invoice.purchase_order_reference),
        ("BT-14", invoice.sales_order_reference),
        ("BT-16", invoice.despatch_advice_reference),
        ("BT-15", invoice.receiving_advice_reference),
        ("BT-10", invoice.buyer_reference),
        ("BT-12", invoice.contract_reference),
        *(("BT-132", text) for text in dict.fromkeys(lines)),
    ]
    found = (one for term, text in named for one in _references(term, text))
    return tuple(one for one, _ in zip(found, range(_MOST_REFERENCES), strict=False))


def _references(term: str, text: str) -> Iterator[Reference]:
    """Yield each number a text names; one that holds a separator may be one number all the same."""
    text = text.strip()[:LONGEST_TEXT]
    if not number_key(text):
        return
    parts = [part.strip() for part in _SEVERAL.split(text) if any(sign.isdigit() for sign in part)]
    whole = (number_key(text),) if len(parts) > 1 else ()
    for part in parts or [text]:
        words = tuple(key for key in map(number_key, _WORDS.split(part)) if key and any(map(str.isdigit, key)))
        exact = tuple(filter(None, dict.fromkeys((*whole, number_key(part)))))
        yield Reference(term, part, exact, (*words, *_shortened(part)) if term == "BT-132" else words)


def _shortened(text: str) -> tuple[str, ...]:
    """Return the order's part of a line's reference such as 'PO-17-3'."""
    return tuple(filter(None, (number_key(re.split(r"[-/:#\s]+(?=[^-/:#\s]+$)", text)[0]),)))


def accounts_of(invoice: Invoice) -> tuple[str, ...]:
    """Return the accounts an invoice wants to be paid to, without spaces, each once."""
    transfers = invoice.payment.transfers if invoice.payment else ()
    return tuple(dict.fromkeys(filter(None, (_account(one.account) for one in transfers))))


def _account(text: str) -> str:
    return "".join(text.split()).upper()[:64]


def keys_of(references: Iterable[Reference]) -> Iterator[tuple[str, str]]:
    """Yield every reading of the references, with the business term it stands at."""
    for reference in references:
        for key in (*reference.exact, *reference.loose):
            yield reference.term, key
