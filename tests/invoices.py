"""Invoices made up by hypothesis: every business term, in every shape that the syntaxes of EN 16931 hold."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from blocks.documents.invoices import (
    AllowanceCharge,
    Classification,
    Contact,
    CreditTransfer,
    Delivery,
    DirectDebit,
    Identifier,
    Invoice,
    InvoiceLine,
    Item,
    ItemAttribute,
    Note,
    Party,
    Payee,
    Payment,
    PaymentCard,
    Period,
    PostalAddress,
    PrecedingInvoice,
    Price,
    SupportingDocument,
    TaxRepresentative,
    ThirdPartyPayment,
    Totals,
    VatBreakdown,
)

_HARD = (
    "Müller & Söhne <GmbH>",
    "Zoll 3/4\" 'A'",
    "€ 1.234,50",
    "二重 ]]> 請求",
    "erste Zeile\nzweite Zeile",
    "0",
    "a  b",
    "😀",
)
_ALPHABET = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")

texts = st.sampled_from(_HARD) | st.text(_ALPHABET, min_size=1, max_size=20).map(str.strip).filter(
    lambda text: text != "" and not text.startswith("#")
)
"""What people write; never empty, never with the mark of a coded note."""

tokens = st.from_regex(r"[A-Z0-9][A-Z0-9./-]{0,11}", fullmatch=True)
"""Numbers and references as programs give them."""

days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
amounts = st.decimals(Decimal(-10_000_000), Decimal(10_000_000), places=2)
figures = st.integers(-(10**9), 10**9).flatmap(
    lambda n: st.sampled_from((0, 1, 2, 4, 6)).map(lambda e: Decimal(n).scaleb(-e))
)
rates = st.sampled_from([Decimal(text) for text in ("19", "19.00", "7", "0", "0.00", "5.5", "2.1")])
countries = st.sampled_from(["DE", "AT", "FR", "IT", "NL", "XI"])
currencies = st.sampled_from(["EUR", "USD", "DKK", "CHF"])
categories = st.sampled_from(["S", "Z", "E", "AE", "K", "G", "O", "L", "M"])


def _maybe(values: st.SearchStrategy[Any], absent: Any = "") -> st.SearchStrategy[Any]:
    return st.one_of(st.just(absent), values)


def _some(values: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=most).map(tuple)


plain_identifiers = st.builds(Identifier, value=tokens)
identifiers = st.builds(Identifier, value=tokens, scheme=st.sampled_from(["0088", "0060", "0204", "9930"]))
identifier_lists = st.tuples(_some(plain_identifiers), _some(identifiers)).map(lambda both: both[0] + both[1])
"""Those without scheme first: CII has an element of its own for each kind, so only this order survives there."""

periods = st.builds(Period, start=days, end=_maybe(days, None)) | st.builds(Period, end=days)
addresses = st.builds(
    PostalAddress,
    line_1=_maybe(texts),
    line_2=_maybe(texts),
    line_3=_maybe(texts),
    city=_maybe(texts),
    postcode=_maybe(tokens),
    region=_maybe(texts),
    country=countries,
)
contacts = st.builds(Contact, name=texts, phone=_maybe(tokens), email=_maybe(tokens))
_PARTY: dict[str, st.SearchStrategy[Any]] = {
    "name": texts,
    "trading_name": _maybe(texts),
    "legal_registration": _maybe(plain_identifiers | identifiers, None),
    "vat_id": _maybe(tokens),
    "electronic_address": _maybe(identifiers, None),
    "address": _maybe(addresses, None),
    "contact": _maybe(contacts, None),
}
sellers = st.builds(
    Party, identifiers=identifier_lists, tax_number=_maybe(tokens), legal_information=_maybe(texts), **_PARTY
)
buyers = st.builds(Party, identifiers=_some(plain_identifiers | identifiers, 1), **_PARTY)
payees = st.builds(
    Payee,
    name=texts,
    identifier=_maybe(plain_identifiers | identifiers, None),
    legal_registration=_maybe(plain_identifiers | identifiers, None),
)
tax_representatives = st.builds(TaxRepresentative, name=texts, vat_id=_maybe(tokens), address=_maybe(addresses, None))
deliveries = st.builds(
    Delivery,
    name=texts,
    location=_maybe(plain_identifiers | identifiers, None),
    delivered_on=_maybe(days, None),
    address=_maybe(addresses, None),
) | st.builds(Delivery, delivered_on=days)
payments = st.builds(
    Payment,
    means_code=st.sampled_from(["30", "58", "59", "48", "ZZZ"]),
    means_text=_maybe(texts),
    remittance=_maybe(texts),
    transfers=_some(st.builds(CreditTransfer, account=tokens, name=_maybe(texts), bank=_maybe(tokens)), 3),
    card=_maybe(st.builds(PaymentCard, number=tokens, holder=_maybe(texts)), None),
    debit=_maybe(st.builds(DirectDebit, mandate=tokens, creditor=_maybe(tokens), account=_maybe(tokens)), None),
)
_REDUCTION: dict[str, st.SearchStrategy[Any]] = {
    "is_charge": st.booleans(),
    "amount": amounts,
    "basis": _maybe(amounts, None),
    "percentage": _maybe(rates, None),
    "reason": _maybe(texts),
    "reason_code": _maybe(st.sampled_from(["95", "100", "FC", "ABL"])),
}
allowances_charges = st.builds(AllowanceCharge, vat_category=categories, vat_rate=_maybe(rates, None), **_REDUCTION)
line_allowances_charges = st.builds(AllowanceCharge, **_REDUCTION)
vat_groups = st.builds(
    VatBreakdown,
    category=categories,
    rate=_maybe(rates, None),
    basis=amounts,
    amount=amounts,
    exemption_reason=_maybe(texts),
    exemption_code=_maybe(st.sampled_from(["VATEX-EU-AE", "VATEX-EU-O"])),
)
_DOCUMENT: dict[str, st.SearchStrategy[Any]] = {
    "reference": tokens,
    "description": _maybe(texts),
    "location": _maybe(st.just("https://example.com/a?b=1&c=2")),
}
supporting_documents = st.builds(SupportingDocument, **_DOCUMENT) | st.builds(
    SupportingDocument,
    content=st.binary(min_size=1, max_size=40),
    mime_type=st.sampled_from(["application/pdf", "text/csv"]),
    file_name=tokens,
    **_DOCUMENT,
)
prices = st.builds(
    Price,
    net=figures,
    base_quantity=figures,
    base_unit=_maybe(st.just("KGM")),
) | st.builds(Price, net=figures, discount=figures, gross=figures)
items = st.builds(
    Item,
    name=texts,
    description=_maybe(texts),
    seller_id=_maybe(tokens),
    buyer_id=_maybe(tokens),
    standard_id=_maybe(st.builds(Identifier, value=tokens, scheme=st.just("0160")), None),
    classifications=_some(
        st.builds(Classification, code=tokens, scheme=st.sampled_from(["STI", "TST"]), scheme_version=_maybe(tokens))
    ),
    country_of_origin=_maybe(countries),
    attributes=_some(st.builds(ItemAttribute, name=texts, value=texts)),
)


def _lines(*, documents: bool, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[InvoiceLine]:
    return st.builds(
        InvoiceLine,
        note=_maybe(texts),
        object_identifier=_maybe(plain_identifiers | st.builds(Identifier, value=tokens, scheme=st.just("ABZ")), None),
        quantity=figures,
        unit=st.sampled_from(["C62", "HUR", "KGM", "XPP"]),
        net=amounts,
        order_line=_maybe(tokens),
        accounting_reference=_maybe(texts),
        period=_maybe(periods, None),
        allowances_charges=_some(line_allowances_charges),
        price=prices,
        vat_category=categories,
        vat_rate=_maybe(rates, None),
        item=items,
        supporting_documents=_some(supporting_documents) if documents else st.just(()),
        **more,
    )


def _numbered(lines: tuple[InvoiceLine, ...], above: str = "") -> tuple[InvoiceLine, ...]:
    """Give every line an id of its own, sub lines too: CII ties a sub line to the id of the line above it."""
    return tuple(
        line.model_copy(update={"id": f"{above}{place}", "sub_lines": _numbered(line.sub_lines, f"{above}{place}.")})
        for place, line in enumerate(lines, 1)
    )


@st.composite
def invoices(draw: st.DrawFn, *, extension: bool = True) -> Invoice:
    """Draw an invoice or credit note with any business term; ``extension`` adds what only XRechnung's has."""
    credit = draw(st.booleans())
    inner = _some(_lines(documents=extension)) if extension else st.just(())
    lines = draw(st.lists(_lines(documents=extension, sub_lines=inner), min_size=1, max_size=2).map(tuple))
    currency = draw(currencies)
    other = draw(st.none() | currencies.filter(lambda code: code != currency))
    payment = draw(st.none() | payments)
    third = st.builds(ThirdPartyPayment, kind=tokens, amount=amounts, description=texts)
    return Invoice(
        **{name: draw(_maybe(tokens)) for name in _REFERENCES},
        **draw(st.sampled_from(["neither", "date", "code"]).flatmap(_tax_point)),
        number=draw(tokens),
        issue_date=draw(days),
        type_code="381" if credit else draw(st.sampled_from(["380", "384", "326"])),
        currency=currency,
        accounting_currency=other or "",
        due_date=draw(st.none() | days) if payment or not credit else None,
        object_identifier=draw(
            _maybe(plain_identifiers | st.builds(Identifier, value=tokens, scheme=st.just("AAJ")), None)
        ),
        payment_terms=draw(_maybe(texts | st.just("#SKONTO#TAGE=7#PROZENT=2.00#"))),
        notes=draw(_some(st.builds(Note, text=texts, subject_code=_maybe(st.sampled_from(["AAI", "REG", "ADU"]))))),
        preceding_invoices=draw(_some(st.builds(PrecedingInvoice, number=tokens, issued_on=_maybe(days, None)))),
        seller=draw(sellers),
        buyer=draw(buyers),
        payee=draw(st.none() | payees),
        tax_representative=draw(st.none() | tax_representatives),
        delivery=draw(st.none() | deliveries),
        period=draw(st.none() | periods),
        payment=payment,
        allowances_charges=draw(_some(allowances_charges)),
        totals=draw(_totals(accounting=other is not None)),
        vat_breakdown=draw(st.lists(vat_groups, min_size=1, max_size=3).map(tuple)),
        supporting_documents=draw(_some(supporting_documents)),
        lines=_numbered(lines),
        third_party_payments=draw(_some(third)) if extension and not credit else (),
    )


_REFERENCES = (
    "buyer_reference",
    "project_reference",
    "contract_reference",
    "purchase_order_reference",
    "sales_order_reference",
    "receiving_advice_reference",
    "despatch_advice_reference",
    "tender_reference",
    "accounting_reference",
    "process",
    "specification",
)


def _tax_point(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """BT-7 and BT-8 exclude each other (BR-CO-03)."""
    if kind == "date":
        return st.fixed_dictionaries({"tax_point_date": days})
    if kind == "code":
        return st.fixed_dictionaries({"tax_point_code": st.sampled_from(["3", "35", "432"])})
    return st.just({})


def _totals(*, accounting: bool) -> st.SearchStrategy[Totals]:
    return st.builds(
        Totals,
        line_net=amounts,
        allowances=_maybe(amounts, None),
        charges=_maybe(amounts, None),
        net=amounts,
        vat=amounts,
        vat_accounting=_maybe(amounts, None) if accounting else st.none(),
        gross=amounts,
        prepaid=_maybe(amounts, None),
        rounding=_maybe(amounts, None),
        payable=amounts,
    )
