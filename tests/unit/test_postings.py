"""What invoices mean for the books, and how DATEV reads it: pure rules by example and by property."""

import csv
import dataclasses
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.accounting_plan import DEFAULTS, AccountingPlan, load
from blocks.documents.invoices import AllowanceCharge, Invoice, Party, Totals, VatBreakdown
from blocks.errors import Refused, WrongUse
from blocks.standards.datev.booking_batch import COLUMNS, Batch, Entry, document_number, total, write
from tasks.accounting_export.exporting import Posts, control, datev_file, listed_file
from tasks.accounting_export.posting import Approved, Posting, document_total, postings

CENT = Decimal("0.01")


def figure(value: object) -> Decimal:
    return Decimal(str(value))


def an_invoice(
    *parts: tuple[str, str, str, str], type_code: str = "380", rounding: str | None = None, **changes: object
) -> Invoice:
    """Return an invoice of parts: category, rate, basis, tax."""
    breakdown = tuple(
        VatBreakdown(category=category, rate=figure(rate), basis=figure(basis), amount=figure(tax))
        for category, rate, basis, tax in parts
    )
    gross = sum(each.basis + each.amount for each in breakdown if each.basis is not None and each.amount is not None)
    return Invoice(
        **{
            "number": "R-1", "issue_date": date(2026, 11, 20), "type_code": type_code, "currency": "EUR",
            "seller": Party(name="Hanse", vat_id="DE273180941"), "vat_breakdown": breakdown,
            "totals": Totals(gross=figure(gross), rounding=figure(rounding) if rounding else None), **changes,
        }
    )  # fmt: skip


def posted(invoice: Invoice, plan: AccountingPlan = DEFAULTS, code: str = "HANSE") -> tuple[Posting, ...]:
    return postings(Approved(7, invoice, 12, "Hanse", code), plan)


def said(found: tuple[Posting, ...]) -> list[tuple[str, str, str, str, str]]:
    return [(one.account, one.contra_account, one.side, f"{one.amount:.2f}", one.tax_key) for one in found]


def test_each_rate_is_a_posting_on_the_suppliers_account_with_its_tax_key() -> None:
    found = posted(an_invoice(("S", "19", "100.00", "19.00"), ("S", "7", "50.00", "3.50"), rounding="-0.01"))
    assert said(found) == [
        ("3200", "70012", "S", "119.00", "9"),
        ("3200", "70012", "S", "53.50", "8"),
        ("4900", "70012", "H", "0.01", ""),
    ]


def test_a_credit_note_stands_on_the_other_side() -> None:
    found = posted(an_invoice(("S", "19", "100.00", "19.00"), type_code="381"))
    assert said(found) == [("3200", "70012", "H", "119.00", "9")]
    corrected = posted(an_invoice(("S", "19", "-100.00", "-19.00"), type_code="384"))
    assert said(corrected) == said(found)


@pytest.mark.parametrize(("category", "key"), [("AE", "94"), ("K", "19"), ("E", ""), ("Z", ""), ("O", ""), ("G", "")])
def test_t_fin_what_the_recipient_owes_is_posted_net_under_the_key_that_computes_it(category: str, key: str) -> None:
    assert said(posted(an_invoice((category, "0", "100.00", "0")))) == [("3200", "70012", "S", "100.00", key)]


def test_freight_of_the_document_has_its_own_account_and_nothing_is_lost_by_rounding() -> None:
    charge = AllowanceCharge(
        is_charge=True, amount=figure("5.55"), vat_category="S", vat_rate=figure(19), reason_code="FC"
    )
    found = posted(an_invoice(("S", "19", "105.55", "20.05"), allowances_charges=(charge,)))
    assert said(found) == [("3200", "70012", "S", "119.00", "9"), ("3800", "70012", "S", "6.60", "9")]


def test_the_plan_says_other_accounts_keys_and_creditors_as_data() -> None:
    plan = load(
        "chart: SKR04\ncases: {'S:19': {account: '5400'}, AE: {account: '5923', key: '506'}}\n"
        "suppliers: {HANSE: {creditor: '70999'}, KIEZ: {account: '6880'}}",
        3,
    )
    assert said(posted(an_invoice(("S", "19", "100.00", "19.00")), plan)) == [("5400", "70999", "S", "119.00", "")]
    assert said(posted(an_invoice(("AE", "0", "100.00", "0")), plan)) == [("5923", "70999", "S", "100.00", "506")]
    assert said(posted(an_invoice(("S", "7", "100.00", "7.00")), plan, "KIEZ")) == [
        ("6880", "70012", "S", "107.00", "8")
    ]
    assert {one.plan_version for one in posted(an_invoice(("S", "7", "1.00", "0.07")), plan)} == {3}


@pytest.mark.parametrize(
    ("invoice", "named"),
    [
        (an_invoice(("S", "16", "100.00", "16.00")), "category S at 16 %"),
        (an_invoice(("S", "19", "100.00", "19.00"), totals=Totals(gross=Decimal(118))), "does not close"),
        (an_invoice(("S", "19", "100.00", "19.00"), currency="USD"), "how many USD one EUR is"),
        (an_invoice(("S", "19", "100.00", "19.00"), issue_date=None), "day of issue"),
        (an_invoice(("S", "19", "10.005", "1.90")), "fractions of a cent"),
    ],
)
def test_what_cannot_be_posted_is_refused_with_what_to_do(invoice: Invoice, named: str) -> None:
    with pytest.raises(Refused, match=named):
        posted(invoice)


def test_a_plan_that_cannot_be_used_is_refused_with_its_place() -> None:
    for text, named in (("chart: SKR99", "chart"), ("accounts: {}", "no such setting"), ("[1]", "mapping")):
        with pytest.raises(WrongUse, match=named):
            load(text)


amounts = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2)
cases = st.sampled_from([("S", "19"), ("S", "7"), ("AE", "0"), ("K", "0"), ("E", "0"), ("Z", "0")])


@given(
    st.lists(st.tuples(cases, amounts), min_size=1, max_size=5, unique_by=lambda part: part[0]),
    st.sampled_from(["380", "381", "384"]),
    amounts,
)
def test_t_fin_postings_always_come_to_what_the_document_says(
    parts: list[tuple[tuple[str, str], Decimal]], type_code: str, freight: Decimal
) -> None:
    charge = AllowanceCharge(is_charge=True, amount=freight, vat_category="S", vat_rate=Decimal(19), reason_code="FC")
    invoice = an_invoice(
        *((category, rate, f"{basis}", f"{(basis * figure(rate) / 100).quantize(CENT)}")
          for (category, rate), basis in parts),
        type_code=type_code, rounding="0.01", allowances_charges=(charge,),
    )  # fmt: skip
    found = posted(invoice)
    assert sum((one.signed for one in found), Decimal(0)) == document_total(invoice)
    rows = [
        {**{name: getattr(one, name) for name in Posting.__dataclass_fields__}, "id": 1, "reverses": None}
        for one in found
    ]
    whole = document_total(invoice)
    assert control(rows, {Posts(7): ("EUR", whole)}) == ({"EUR": whole} if rows else {})
    back = [{**row, "side": "H" if row["side"] == "S" else "S", "reverses": 1} for row in rows]
    assert control(back, {Posts(7, reversed=True): ("EUR", -whole)}) == ({"EUR": -whole} if rows else {})
    both = {Posts(7): ("EUR", whole), Posts(7, reversed=True): ("EUR", -whole)}
    assert control([*rows, *back], both) == ({"EUR": Decimal(0)} if rows else {})


def test_sums_that_do_not_agree_stop_the_export_and_name_the_document() -> None:
    rows = [{"invoice_id": 7, "side": "S", "amount": Decimal(119), "currency": "EUR", "reverses": None}]
    with pytest.raises(WrongUse, match="look at 7"):
        control(rows, {Posts(7): ("EUR", Decimal(118))})
    with pytest.raises(WrongUse, match="look at 7"):
        control([{**rows[0], "reverses": 1}], {Posts(7, reversed=True): ("EUR", Decimal(-119))})


BATCH = Batch(
    consultant=1001, client=1, year_begins=date(2026, 1, 1), account_length=4, first_day=date(2026, 11, 1),
    last_day=date(2026, 11, 30), title='Nov "26', made_at=datetime(2026, 12, 1, 6, 0, 0, 123000, UTC), chart="03",
)  # fmt: skip
ENTRY = Entry(
    Decimal("1234.5"), "S", "3200", "70012", "9", "EUR", None, date(2026, 11, 5), "Rechn. 4/711 ä#1",
    'Müller; "Söhne" \u0141\u00f3d\u017a \u65e5', "DE273180941", date(2026, 11, 2), date(2026, 12, 5),
)  # fmt: skip


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("cp1252"), newline=""), delimiter=";"))


def test_the_batch_is_as_datev_reads_it() -> None:
    data = write(BATCH, [ENTRY])
    assert data.endswith(b"\r\n")
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    head, names, row = lines(data)
    assert data.startswith(b'"EXTF";700;21;"Buchungsstapel";13;20261201060000123;;"RE";"SOMS";"";1001;1;20260101;4;')
    assert head[14:18] == ["20261101", "20261130", 'Nov "26', ""]
    assert (len(head), len(names), len(row), tuple(names)) == (31, 125, 125, COLUMNS)
    assert row[:14] == [
        "1234,50", "S", "EUR", "", "", "", "3200", "70012", "9", "0511", "Rechn4/7111", "", "",
        'Müller; "Söhne" Lódz ?'.replace("Lódz", "?ódz"),
    ]  # fmt: skip
    assert (row[39], row[114], row[116]) == ("DE273180941", "02112026", "05122026")


def test_foreign_money_is_handed_over_with_its_rate_and_what_it_is_in_the_books() -> None:
    (row,) = lines(
        write(
            BATCH, [Entry(Decimal(110), "H", "3200", "70012", "", "USD", Decimal("1.1"), date(2026, 11, 5), "7", "x")]
        )
    )[2:]
    assert row[:6] == ["110,00", "H", "USD", "1,100000", "100,00", "EUR"]
    assert total([ENTRY]) == {"EUR": Decimal("1234.5")}


def test_no_field_of_the_batch_is_longer_than_datev_takes_and_none_is_a_formula() -> None:
    entry = dataclasses.replace(ENTRY, said="\ufb03" * 60, vat_id="DE" + "9" * 200, number="9" * 80)
    (row,) = lines(write(BATCH, [entry]))[2:]
    assert (len(row[13]), row[39], len(row[10])) == (60, "", 36)
    named = dict.fromkeys(("tax_key", "number", "supplier_vat_id"), "")
    none = dict.fromkeys(("exchange_rate", "supplied_on", "due_on"))
    amount = {"amount": Decimal(1), "side": "S", "account": "3200", "contra_account": "70012", "currency": "EUR"}
    formula = {**named, **none, **amount, "said": "=HYPERLINK(1)", "posted_on": date(2026, 11, 5)}
    data = datev_file([formula], DEFAULTS, date(2026, 1, 1), BATCH.first_day, BATCH.last_day)
    assert lines(data)[2][13] == "'=HYPERLINK(1)"


@given(st.text(max_size=60))
def test_no_text_breaks_a_line_of_the_batch(text: str) -> None:
    entry = Entry(Decimal(1), "S", "3200", "70012", "", "EUR", None, date(2026, 11, 5), text, text)
    found = lines(write(BATCH, [entry, entry]))
    assert [len(row) for row in found] == [31, 125, 125, 125]
    assert len(document_number(text)) <= 36


def test_texts_of_the_plain_list_are_not_taken_for_formulas() -> None:
    names = dict.fromkeys(("id", "invoice_id", "entry", "supplier_vat_id", "exchange_rate", "vat_category", "vat_rate"))
    row = {
        **names,
        **dict.fromkeys(("number", "supplier", "said"), "=cmd|' /C calc'!A0"),
        "amount": Decimal("-1.50"),
    }
    row |= dict.fromkeys(
        (
            "account",
            "contra_account",
            "side",
            "currency",
            "tax_key",
            "posted_on",
            "supplied_on",
            "due_on",
            "plan_version",
        ),
        "",
    )
    _, found = csv.reader(io.StringIO(listed_file([row]).decode(), newline=""))
    assert [cell for cell in found if cell] == [
        "'=cmd|' /C calc'!A0",
        "'=cmd|' /C calc'!A0",
        "-1.5",
        "'=cmd|' /C calc'!A0",
    ]
