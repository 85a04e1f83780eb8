"""What is wrong between an invoice and the supply, in whole sentences, German and English: place, figures, remedy."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from blocks.documents.base import plain_decimal
from blocks.documents.invoice_verdicts import ORDER_LINE_UNCLEAR, FindingClass, Gravity, InvoiceFinding
from blocks.documents.supply_tolerances import UnclearOrder, WithoutOrder
from tasks.invoice_validation.billing import Billed, BilledLine, Reference
from tasks.invoice_validation.supply_known import Claim, OrderLine, to_step

_CENT = Decimal("0.01")
_MOST_NAMED = 3
_LONGEST_NAME = 60


def finding(
    rule: str, text: str, text_de: str, *, location: str = "", gravity: Gravity = Gravity.FATAL
) -> InvoiceFinding:
    """Return a finding about the supply."""
    return InvoiceFinding(
        rule=rule,
        rule_set="supply",
        kind=FindingClass.SUPPLY,
        gravity=gravity,
        location=location,
        text=text,
        text_de=text_de,
    )


def figure(value: Decimal) -> str:
    """Return a quantity in plain notation."""
    return plain_decimal(value)


def money(value: Decimal) -> str:
    """Return an amount to the cent, or to the places a unit price has."""
    rounded = to_step(value, _CENT)
    return f"{rounded:f}" if rounded == value else plain_decimal(to_step(value, Decimal("0.0001")))


def comma(text: str) -> str:
    """Return a figure as German readers write it."""
    return text.replace(".", ",")


def listed(names: Iterable[str]) -> str:
    """Return names in a row, the first few of many."""
    several = list(dict.fromkeys(names))
    more = f" (+{len(several) - _MOST_NAMED})" if len(several) > _MOST_NAMED else ""
    return ", ".join(several[:_MOST_NAMED]) + more


def _place(line: BilledLine) -> str:
    return "BG-21" if line.is_charge else f"BG-25 {line.place}"


def _named(line: BilledLine) -> str:
    name = line.name[:_LONGEST_NAME].strip()
    return f" ({name})" if name else ""


def _of(order: OrderLine) -> tuple[str, str]:
    position = f" line {order.position}" if order.position else ""
    position_de = f" Position {order.position}" if order.position else ""
    return f"order {order.order}{position}", f"Bestellung {order.order}{position_de}"


def price_differs(
    line: BilledLine,
    order: OrderLine,
    price: Decimal | None,
    expected: Decimal,
    limit: Decimal,
    *,
    dearer: bool,
) -> InvoiceFinding:
    """Say that a line is dearer or cheaper than ordered by more than is let pass."""
    where, where_de = _of(order)
    difference = abs(line.net - expected)
    percent = plain_decimal(to_step(difference * 100 / abs(expected), Decimal("0.1"))) if expected else ""
    share, share_de = (f" ({percent} %)", f" ({comma(percent)} %)") if percent else ("", "")
    each, agreed = money(price if price is not None else line.net), money(order.price)
    rule, word, word_de = ("price-above-order", "more", "mehr") if dearer else ("price-below-order", "less", "weniger")
    return finding(
        rule,
        f"Line {line.place}{_named(line)} costs {each} {order.currency} per {order.unit}, {where} says {agreed}: the"
        f" line is {money(difference)} {order.currency}{share} {word} than ordered, {money(limit)} are let pass. Ask"
        " the supplier for a corrected invoice, or confirm the price.",
        f"Zeile {line.place}{_named(line)} kostet {comma(each)} {order.currency} je {order.unit}, {where_de} nennt"
        f" {comma(agreed)}: Die Zeile ist {comma(money(difference))} {order.currency}{share_de} {word_de} als bestellt,"
        f" erlaubt sind {comma(money(limit))}. Fordern Sie eine berichtigte Rechnung an oder bestätigen Sie den Preis.",
        location=_place(line),
        gravity=Gravity.FATAL if dearer else Gravity.WARNING,
    )


def _quantities(line: BilledLine, order: OrderLine, total: Decimal) -> tuple[str, str]:
    where, where_de = _of(order)
    asked = f"{figure(total)} {order.unit}"
    return (
        f"Line {line.place}{_named(line)} bills {asked} of {where}",
        f"Zeile {line.place}{_named(line)} berechnet {comma(asked)} aus {where_de}",
    )


def not_received_yet(line: BilledLine, order: OrderLine, total: Decimal) -> InvoiceFinding:
    """Say that nothing of what is billed has come."""
    text, text_de = _quantities(line, order, total)
    return finding(
        "not-received-yet",
        f"{text}, of which nothing has been received yet. Wait for the goods, or book the receipt if they have come.",
        f"{text_de}, wovon noch nichts eingegangen ist. Warten Sie die Ware ab oder buchen Sie den Wareneingang nach.",
        location=_place(line),
    )


def quantity_above_receipt(
    line: BilledLine, order: OrderLine, total: Decimal, came: Decimal, earlier: Sequence[Claim]
) -> InvoiceFinding:
    """Say that more is billed than came."""
    text, text_de = _quantities(line, order, total)
    billed = sum((claim.quantity for claim in earlier), Decimal(0))
    also, also_de = ("", "")
    if billed > 0:
        names = listed(claim.number for claim in earlier)
        also = f" and {figure(billed)} of them were billed by {names}"
        also_de = f", davon {comma(figure(billed))} schon berechnet mit {names}"
    return finding(
        "quantity-above-receipt",
        f"{text}, but {figure(came)} {order.unit} were received{also}. Ask for a corrected invoice, wait for the rest,"
        " or book the missing receipt.",
        f"{text_de}, eingegangen sind aber {comma(figure(came))} {order.unit}{also_de}. Fordern Sie eine berichtigte"
        " Rechnung an, warten Sie den Rest ab oder buchen Sie den fehlenden Wareneingang nach.",
        location=_place(line),
    )


def quantity_above_order(line: BilledLine, order: OrderLine, total: Decimal, beyond: Decimal) -> InvoiceFinding:
    """Say that more is billed than was ordered."""
    text, text_de = _quantities(line, order, total)
    extra = f"{figure(beyond)} {order.unit}"
    return finding(
        "quantity-above-order",
        f"{text}: {extra} more than the {figure(order.quantity)} that were ordered. Confirm that you keep them, or send"
        " them back and ask for a credit note.",
        f"{text_de}: {comma(extra)} mehr als die bestellten {comma(figure(order.quantity))}. Bestätigen Sie, dass Sie"
        " sie behalten, oder senden Sie sie zurück und fordern Sie eine Gutschrift an.",
        location=_place(line),
    )


def already_invoiced(
    line: BilledLine, order: OrderLine, total: Decimal, came: Decimal, earlier: Sequence[Claim]
) -> InvoiceFinding:
    """Say that what came has been billed before."""
    text, text_de = _quantities(line, order, total)
    names = listed(claim.number for claim in earlier)
    billed = figure(sum((claim.quantity for claim in earlier), Decimal(0)))
    return finding(
        "already-invoiced",
        f"{text}, but {billed} of {figure(came)} {order.unit} were billed before by {names}. Reject the line, or reject"
        " the earlier invoice if this one replaces it.",
        f"{text_de}, davon sind aber {comma(billed)} von {comma(figure(came))} {order.unit} schon berechnet mit"
        f" {names}. Weisen Sie die Zeile zurück, oder die frühere Rechnung, falls diese sie ersetzt.",
        location=_place(line),
    )


def credit_above_invoiced(line: BilledLine, order: OrderLine, total: Decimal, beyond: Decimal) -> InvoiceFinding:
    """Say that more is credited than was billed."""
    where, where_de = _of(order)
    return finding(
        "credit-above-invoiced",
        f"Line {line.place}{_named(line)} credits {figure(-total)} {order.unit} of {where}, {figure(-beyond)} more"
        " than its invoices have billed. Check which invoice it belongs to, and whether that one has come.",
        f"Zeile {line.place}{_named(line)} schreibt {comma(figure(-total))} {order.unit} aus {where_de} gut,"
        f" {comma(figure(-beyond))} mehr als berechnet wurden. Prüfen Sie, zu welcher Rechnung sie gehört und ob diese"
        " eingegangen ist.",
        location=_place(line),
    )


def unit_not_convertible(line: BilledLine, order: OrderLine) -> InvoiceFinding:
    """Say that two units have nothing in common that is known."""
    where, where_de = _of(order)
    unit = line.unit or "-"
    return finding(
        "unit-not-convertible",
        f"Line {line.place}{_named(line)} is billed in {unit}, {where} counts in {order.unit}: nobody has said how many"
        " of the one make the other. Add the pack of this article to the supply tolerances, or ask the supplier.",
        f"Zeile {line.place}{_named(line)} ist in {unit} berechnet, {where_de} zählt in {order.unit}: Wie das eine in"
        " das andere umzurechnen ist, hat niemand festgelegt. Ergänzen Sie die Packung dieses Artikels in den"
        " Toleranzen oder fragen Sie den Lieferanten.",
        location=_place(line),
    )


def not_ordered(line: BilledLine, orders: Sequence[str]) -> InvoiceFinding:
    """Say that a line is in none of the orders."""
    named = f" ({listed(orders)})" if orders else ""
    amount = money(line.net)
    return finding(
        "not-ordered",
        f"Line {line.place}{_named(line)} over {amount} is in none of the orders{named}. Find out who ordered it, or"
        " reject it.",
        f"Zeile {line.place}{_named(line)} über {comma(amount)} steht in keiner der Bestellungen{named}. Klären Sie,"
        " wer sie bestellt hat, oder weisen Sie sie zurück.",
        location=_place(line),
    )


def charges_not_ordered(lines: Sequence[BilledLine], total: Decimal, limit: Decimal) -> InvoiceFinding:
    """Say that more freight, packing and the like is billed than was agreed."""
    places = listed(line.place for line in lines if not line.is_charge)
    where = f" (lines {places})" if places else ""
    where_de = f" (Zeilen {places})" if places else ""
    return finding(
        "charge-not-ordered",
        f"Freight, packing or other charges of {money(total)}{where} were not ordered; {money(limit)} are let pass."
        " Confirm them, or ask for an invoice without.",
        f"Fracht, Verpackung oder andere Zuschläge von {comma(money(total))}{where_de} sind nicht bestellt; erlaubt"
        f" sind {comma(money(limit))}. Bestätigen Sie sie oder fordern Sie eine Rechnung ohne sie an.",
        location=_place(lines[0]) if lines else "BG-21",
    )


def order_unknown(reference: Reference) -> InvoiceFinding:
    """Say that nobody knows the order an invoice names."""
    return finding(
        "order-unknown",
        f"The invoice names order '{reference.text}', which the ERP does not know. Ask the supplier for our right order"
        " number, or enter the order.",
        f"Die Rechnung nennt die Bestellung „{reference.text}“, die das ERP nicht kennt. Erfragen Sie beim Lieferanten"
        " unsere richtige Bestellnummer oder legen Sie die Bestellung an.",
        location=reference.term,
    )


def order_of_another(reference: Reference, other: str) -> InvoiceFinding:
    """Say that the order an invoice names went to somebody else."""
    return finding(
        "order-of-another-supplier",
        f"The invoice names order '{reference.text}', which went to another supplier ({other}). Ask the supplier which"
        " order is meant; if both are the same company, join them in the ERP.",
        f"Die Rechnung nennt die Bestellung „{reference.text}“, die an einen anderen Lieferanten ging ({other}). Klären"
        " Sie, welche Bestellung gemeint ist; sind beide dasselbe Unternehmen, führen Sie sie im ERP zusammen.",
        location=reference.term,
    )


def order_cancelled(order: str) -> InvoiceFinding:
    """Say that an order is not in force."""
    return finding(
        "order-cancelled",
        f"Order {order} has been cancelled or withdrawn. Reject the invoice, or put the order in force again.",
        f"Bestellung {order} ist storniert oder zurückgenommen. Weisen Sie die Rechnung zurück oder setzen Sie die"
        " Bestellung wieder in Kraft.",
        location="BT-13",
    )


def currency_differs(order: str, billed: str, ordered: str) -> InvoiceFinding:
    """Say that invoice and order are in different currencies: prices cannot be compared."""
    return finding(
        "currency-differs",
        f"The invoice is in {billed}, order {order} in {ordered}: prices were not compared. Ask for an invoice in"
        f" {ordered}, or correct the order.",
        f"Die Rechnung lautet auf {billed}, Bestellung {order} auf {ordered}: Preise wurden nicht verglichen. Fordern"
        f" Sie eine Rechnung in {ordered} an oder berichtigen Sie die Bestellung.",
        location="BT-5",
    )


def order_not_named(lines: Sequence[BilledLine], orders: Sequence[str]) -> InvoiceFinding:
    """Say that lines were held against orders that the invoice does not name."""
    places, found = listed(line.place for line in lines), listed(orders)
    return finding(
        "order-not-named",
        f"The invoice does not say which order lines {places} belong to; by their articles they were held against"
        f" {found}. Nothing has to be done if that is right.",
        f"Die Rechnung nennt keine Bestellung zu den Zeilen {places}; nach ihren Artikeln wurden sie mit {found}"
        " verglichen. Stimmt das, ist nichts zu tun.",
        location="BT-13",
        gravity=Gravity.INFORMATION,
    )


def order_line_unclear(
    line: BilledLine, order: OrderLine, others: Sequence[OrderLine], policy: UnclearOrder | None
) -> InvoiceFinding:
    """Say that a line is as well of another order, as gravely as the merchant wants."""
    (where, where_de), rest = _of(order), [_of(other) for other in others]
    also, also_de = listed(text for text, _ in rest), listed(text for _, text in rest)
    return finding(
        ORDER_LINE_UNCLEAR,
        f"Line {line.place}{_named(line)} fits {where} and {also} equally well: article, price and what is due agree."
        f" It was held against the oldest. Approve if that is right, or ask the supplier which order is meant.",
        f"Zeile {line.place}{_named(line)} passt zu {where_de} ebenso wie zu {also_de}: Artikel, Preis und offene Menge"
        f" stimmen überein. Sie wurde mit der ältesten verglichen. Geben Sie sie frei, wenn das stimmt, oder fragen Sie"
        " den Lieferanten, welche Bestellung gemeint ist.",
        location=_place(line),
        gravity=Gravity.INFORMATION if policy is UnclearOrder.OLDEST else Gravity.WARNING,
    )


def without_order(billed: Billed, policy: WithoutOrder | None, up_to: Decimal | None) -> InvoiceFinding | None:
    """Say that no order stands behind an invoice, as gravely as the merchant wants; None where nobody wants to know."""
    if policy is WithoutOrder.ACCEPT:
        return None
    small = up_to is not None and billed.net <= up_to
    note = policy is WithoutOrder.NOTE or small
    return finding(
        "without-order",
        f"No order stands behind this invoice over {money(billed.net)} {billed.currency} net: it names none, and the"
        " supplier has none with these articles. Find out who ordered, or reject it.",
        f"Hinter dieser Rechnung über {comma(money(billed.net))} {billed.currency} netto steht keine Bestellung: Sie"
        " nennt keine, und der Lieferant hat keine über diese Artikel. Klären Sie, wer bestellt hat, oder weisen Sie"
        " sie zurück.",
        location="BT-13",
        gravity=Gravity.WARNING if note else Gravity.FATAL,
    )


def many_more(more: int) -> InvoiceFinding:
    """Say that findings were left out for their number."""
    return finding(
        "more-findings",
        f"{more} more deviations from order and receipt were found in this invoice. Reject it as a whole, or ask the"
        " supplier what it belongs to.",
        f"In dieser Rechnung weichen {more} weitere Stellen von Bestellung und Wareneingang ab. Weisen Sie sie im"
        " Ganzen zurück oder fragen Sie den Lieferanten, wozu sie gehört.",
    )
