"""One block of rows becomes an invoice line, or says why it does not."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from blocks.documents.conversions import Place
from blocks.documents.invoices import AllowanceCharge, Identifier, InvoiceLine, Item, Price
from blocks.standards.printed_invoices.lines_arithmetic import Allowed, Offer, Reading, multiply_out
from blocks.standards.printed_invoices.lines_figures import Figure
from blocks.standards.printed_invoices.lines_found import PrintedLine
from blocks.standards.printed_invoices.lines_rounding import rounded_figure
from blocks.standards.printed_invoices.lines_texts import naming, place
from blocks.standards.printed_invoices.tables_body import Block, BodyRow, position_text, stands_alone
from blocks.standards.printed_invoices.tables_headers import Column
from blocks.standards.printed_invoices.tables_totals import folded
from blocks.standards.printed_invoices.tables_words import Role
from blocks.standards.printed_invoices.units import unit_code

_ONE = Decimal(1)
_CENTS = Decimal("0.01")
_FINEST = Decimal("0.0001")
_HIGHEST_RATE = Decimal(30)
_PER = frozenset(
    {
        "pro",
        "per",
        "je",
        "par",
        "pour",
        "por",
        "/",
        "a",
        "à",
        "preisbasis:",
        "preisbasismenge:",
        "preiseinheit:",
        "pe:",
        "pe",
    }
)
_SURCHARGE = re.compile(r"zuschl|charge|\+|aufschl|surch")
_CODE = re.compile(r"^[A-Z]{1,2}\d?$|^\d$|^\*{1,3}$")


def build(block: Block, columns: Sequence[Column], number: int, reading: Reading | None) -> PrintedLine:
    """Return the line of a block as it multiplies out; ``number`` is its identifier where none is printed."""
    doubts = list(_doubts(block, reading))
    places: dict[str, Place] = {"net": block.amount.place}
    quantity_at, price_at = _parts(block, reading)
    if reading is not None:
        quantity, price, base, net = reading.quantity, reading.price, reading.base, reading.net
    else:
        assumed = _unproven(quantity_at, price_at, block.amount)
        quantity, price, base, net = assumed.quantity, assumed.price, _ONE, block.amount.value
        doubts += assumed.said or _overlooked(block, quantity_at, price_at)
    quantity, price = _signs(quantity, price)
    if quantity_at is not None:
        places["quantity"] = quantity_at.place
    if price_at is not None:
        places["unit_price"] = price_at.place
    unit, unit_at = _unit(block, quantity_at)
    if unit_at is not None:
        places["unit"] = unit_at
    rate, code, rate_at = _tax(block)
    if rate_at is not None:
        places["vat_rate"] = rate_at
    identifier, identifier_at = _identifier(block)
    if identifier_at is not None:
        places["id"] = identifier_at
    words = naming(block, columns)
    named = {
        "name": words.name_at,
        "seller_id": words.seller_id_at,
        "buyer_id": words.buyer_id_at,
        "standard_id": words.gtin_at,
    }
    places |= {name: at for name, at in named.items() if at is not None}
    allowances = () if reading is None else tuple(_allowance(each, places) for each in reading.allowances)
    line = InvoiceLine(
        id=identifier or str(number),
        quantity=quantity,
        unit=unit or "C62",
        net=net,
        allowances_charges=allowances,
        price=Price(net=price, base_quantity=None if base == _ONE else base),
        vat_rate=rate,
        item=Item(
            name=words.name,
            description=words.description,
            seller_id=words.seller_id,
            buyer_id=words.buyer_id,
            standard_id=Identifier(value=words.gtin, scheme="0160") if words.gtin else None,
        ),
    )
    gross = block.amount.value if reading is not None and reading.how == "tax" else None
    rounded = bool(doubts) and None not in (quantity_at, price_at) and not _more_said(block, rate)
    rounded = rounded and bool(rounded_figure(line))
    return PrintedLine(line, places, tax_code=code, gross=gross, doubts=tuple(doubts), rounded=rounded)


def _more_said(block: Block, rate: Decimal | None) -> bool:
    """Tell whether a line prints a discount or another percentage than VAT: that may be what is off, not rounding."""
    return any(
        (figure.percent and figure.value != rate) or figure in row.figures(Role.DISCOUNT)
        for row in block.rows
        for figure in row.scan.figures
    )


def reading(block: Block, columns: Sequence[Column]) -> Reading | None:
    """Return how the block multiplies out: with the figures of the amount's row alone, else with those of all rows."""
    found = multiply_out(_offer([block.anchor], columns), block.amount)
    if (found is None or not found.exact or found.how) and len(block.rows) > 1:
        wider = multiply_out(_offer(block.nearest(), columns), block.amount)
        if wider is not None and (found is None or (wider.exact and not wider.how)):
            return wider
    return found


def _offer(rows: Sequence[BodyRow], columns: Sequence[Column]) -> Offer:
    quantities = _unrated(figure for row in rows for figure in row.figures(Role.QUANTITY))
    prices = _net_prices([figure for row in rows for figure in reversed(row.figures(Role.PRICE)) if not figure.percent])
    bases = [figure for row in rows for figure in row.figures(Role.BASE) if not figure.percent]
    bases += [figure for row in rows for figure in row.scan.figures if _is_base(figure, row)]
    mixed = any(column.role is Role.DISCOUNT and _SURCHARGE.search(column.text) for column in columns)
    cuts: list[Figure] = []
    adds: list[Figure] = []
    for row in rows:
        for figure in row.figures(Role.DISCOUNT):
            positive = figure.value > 0 and not figure.percent and mixed
            (adds if positive else cuts).append(figure)
        cuts += [figure for figure in row.figures(Role.PRICE) if figure.percent]
    rates = [figure for row in rows for figure in row.figures(Role.VAT)]
    taxes = [figure for row in rows for figure in row.figures(Role.VAT_AMOUNT)]
    return Offer(
        quantities,
        prices[:8],
        bases[:4],
        cuts[:6],
        adds[:6],
        rates[:2],
        [*taxes[:2], *(rate for rate in rates if not rate.percent)][:4],
    )


def _unrated(found: Iterable[Figure]) -> list[Figure]:
    return [figure for figure in found if not figure.percent][:6]


def _net_prices(prices: list[Figure]) -> list[Figure]:
    """Return the prices without those a discount below them replaces: ``20,00 / - 1,00 / = 19,00``."""
    values = {figure.value for figure in prices}
    cuts = [value for value in values if value < 0]
    replaced = {value for value in values for cut in cuts if value + cut in values and value > 0}
    return [figure for figure in prices if figure.value not in replaced and not (replaced and figure.value in cuts)]


def _is_base(figure: Figure, row: BodyRow) -> bool:
    """Tell whether a figure follows words such as ``pro`` or ``Preisbasis``: the price is for so many."""
    if figure.first == 0 or figure.value <= 0 or figure.places:
        return False
    return folded(row.scan.row.words[figure.first - 1].text) in _PER


def _parts(block: Block, reading: Reading | None) -> tuple[Figure | None, Figure | None]:
    if reading is not None:
        return reading.quantity_at, reading.price_at
    quantity = next(
        (figure for row in block.nearest() for figure in row.figures(Role.QUANTITY) if not figure.percent), None
    )
    price = next(
        (figure for row in block.nearest() for figure in row.figures(Role.PRICE)[::-1] if not figure.percent), None
    )
    return quantity, price


class _Assumed(NamedTuple):
    """What a line of which not all is printed is taken to say."""

    quantity: Decimal
    price: Decimal
    said: tuple[str, ...] = ()


def _unproven(quantity: Figure | None, price: Figure | None, amount: Figure) -> _Assumed:
    """Return quantity and price of a line that prints not both, or both and they do not multiply to its amount."""
    net = amount.value
    one = _Assumed(_ONE if net >= 0 else -_ONE, abs(net))
    if quantity is not None and price is not None:
        return _Assumed(quantity.value, price.value)
    if quantity is None:
        if price is None or abs(price.value) == abs(net):
            return one
        says = f"The line with the amount {amount.text} prints no quantity that fits its price {price.text}."
        return _Assumed(_ONE, price.value, (says,))
    if not quantity.value:
        says = f"The line with the amount {amount.text} has the quantity 0 and no price."
        return _Assumed(quantity.value, net, (says,))
    each = (net / quantity.value).quantize(_FINEST)
    if each * quantity.value == net:
        return _Assumed(quantity.value, _shortest(each))
    says = f"The line with the amount {amount.text} prints no price; {each} was computed."
    return _Assumed(quantity.value, each, (says,))


def _overlooked(block: Block, quantity: Figure | None, price: Figure | None) -> tuple[str, ...]:
    """Return a doubt where a row shows a figure like a price that the line makes no use of."""
    if quantity is not None and price is not None:
        return ()
    used = [block.amount, quantity, price, *block.anchor.figures(Role.VAT), *block.anchor.figures(Role.VAT_AMOUNT)]
    used += block.anchor.figures(Role.GROSS) + block.anchor.figures(Role.AMOUNT)
    for figure in block.anchor.scan.figures:
        shown = figure.places >= len("00") or figure.money
        if shown and not figure.percent and figure not in used and stands_alone(figure, block.anchor.scan):
            return (f"The line with the amount {block.amount.text} shows {figure.text} as well; look at the line.",)
    return ()


def _shortest(value: Decimal) -> Decimal:
    """Return a price without needless zeros, yet with its cents."""
    cents = value.quantize(_CENTS)
    return cents if cents == value else value.normalize()


def _doubts(block: Block, reading: Reading | None) -> list[str]:
    quantity, price = _parts(block, reading)
    if quantity is None or price is None or (reading is not None and reading.exact):
        return []
    line = f"The line on page {block.amount.page} with the amount {block.amount.text}"
    product = f"{quantity.text} times {price.text}"
    if reading is None:
        return [f"{line} is not {product}; look at the line."]
    return [f"{line} is {product} only within the rounding of the price; look at the line."]


def _signs(quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
    """Return the same product with a price that is not negative (EN 16931 BR-27)."""
    return (-quantity, -price) if price < 0 else (quantity, price)


def _unit(block: Block, quantity: Figure | None) -> tuple[str, Place | None]:
    """Return the unit's code and place: glued to the quantity, beside it, or in a column of its own."""
    if quantity is None:
        return "", None
    if quantity.unit and unit_code(quantity.unit):
        return unit_code(quantity.unit), quantity.place
    row = next((row for row in block.rows if row.scan.index == quantity.row), block.anchor)
    words = row.scan.row.words
    for index in (quantity.last + 1, quantity.first - 1):
        if 0 <= index < len(words):
            word = words[index]
            gap = word.left - quantity.right if index > quantity.last else quantity.left - word.right
            if gap < 2.5 * word.size and unit_code(word.text):
                return unit_code(word.text), place([word], row.scan.row.page)
    columns = [column for column in row.columns if column.role in {Role.UNIT, Role.BASE}]
    for word in words if columns else ():
        if unit_code(word.text) and any(word.left < each.right + 3 and word.right > each.left - 3 for each in columns):
            return unit_code(word.text), place([word], row.scan.row.page)
    return "", None


def _tax(block: Block) -> tuple[Decimal | None, str, Place | None]:
    """Return the VAT rate, or the code that stands in its column, and its place."""
    for row in block.nearest():
        for figure in row.figures(Role.VAT):
            code = figure.places == 0 and not figure.percent and abs(figure.value) < 4 and figure.value != 0  # noqa: PLR2004 - a key, no rate
            if code:
                return None, figure.text, figure.place
            if 0 <= figure.value <= _HIGHEST_RATE:
                return figure.value, "", figure.place
    for column in block.anchor.columns:
        if column.role is Role.VAT:
            for word in block.anchor.scan.row.words:
                if word.left < column.right + 3 and word.right > column.left - 3 and _CODE.match(word.text):
                    return None, word.text, place([word], block.anchor.scan.row.page)
    return None, "", None


def _identifier(block: Block) -> tuple[str, Place | None]:
    for row in block.nearest():
        text = position_text(row)
        if text:
            return text, place(row.scan.row.words[:1], row.scan.row.page)
    return "", None


def _allowance(allowed: Allowed, places: dict[str, Place]) -> AllowanceCharge:
    figure = allowed.figure
    if figure is not None:
        places["discount"] = figure.place
    return AllowanceCharge(
        is_charge=allowed.is_charge,
        amount=allowed.amount,
        percentage=allowed.percent,
    )
