"""Files of the file ERP: whatever bytes lie there give a document or a reason, and what is written reads back."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.documents.parties import Address
from blocks.documents.sales import SaleLine, SaleLineKind, SaleRequest, SalesParty
from blocks.errors import Unreadable
from blocks.systems.erps.file_erp_answers import (
    STOCK_COLUMNS,
    Acknowledgement,
    read_acknowledgement,
    read_export,
    to_stock_levels,
)
from blocks.systems.erps.file_erp_sales import FileFormat, handed_over, line_net, stem, sums, written
from deployments.sandbox import file_erp as program

ACKNOWLEDGED = b'<Acknowledgement reference="R" outcome="accepted" number="1" state="s" total="1.00" rounding="0"/>'
AS_CSV = b"reference;outcome;number;state;total;rounding;reason\r\nR;accepted;1;s;1.00;0;\r\n"
EXPORT = b"sku;warehouse;location;on_hand;forecast\r\nA;BER;X;1;1\r\nEND;1;;;\r\n"

texts = st.text(max_size=30).map(str.strip)
amounts = st.decimals(-9999, 9999, places=4)
lines = st.builds(
    SaleLine,
    kind=st.sampled_from(SaleLineKind),
    sku=texts,
    text=texts,
    quantity=st.decimals("0.0001", 9999, places=4),
    unit_net=amounts,
    tax_rate=st.none() | st.decimals(0, 99, places=2),
)


@st.composite
def requests(draw: st.DrawFn) -> SaleRequest:
    address = Address(city=draw(texts), company=draw(texts), country="DE")
    request = SaleRequest(
        reference=draw(texts.filter(bool)), party=SalesParty(code="C", name=draw(texts)), invoice_address=address,
        shipment_address=address, sale_date=date(2026, 11, 20), currency="EUR", warehouse="BER",
        lines=tuple(draw(st.lists(lines, min_size=1, max_size=4))), total=Decimal(0), comment=draw(texts),
    )  # fmt: skip
    found = sums(request)
    return request.model_copy(update={"total": found.net + found.tax})


def spoilt(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return whole bytes with a piece replaced by something else."""
    return st.builds(
        lambda start, length, middle: whole[:start] + middle + whole[start + length :],
        st.integers(0, len(whole)), st.integers(0, 20), st.binary(max_size=12),
    )  # fmt: skip


@given(requests(), st.sampled_from(["xml", "csv"]), st.sampled_from([";", ",", "\t"]))
def test_a_sale_reads_back_with_its_reference_and_its_sums(
    request: SaleRequest, file_format: FileFormat, delimiter: str
) -> None:
    body = written(request, "m1", file_format, delimiter)
    copy = handed_over(body)
    assert (copy.message, copy.total, copy.rounding, copy.format) == ("m1", request.total, 0, file_format)
    sale = program.read(body)
    assert sale.total == sale.stated == request.total
    assert len(sale.lines) == len(request.lines)
    assert [Decimal(line["line_net"]) for line in sale.lines] == [line_net(line) for line in request.lines]


@given(st.binary(max_size=300) | spoilt(ACKNOWLEDGED) | spoilt(AS_CSV))
def test_any_bytes_are_an_acknowledgement_or_give_a_reason(body: bytes) -> None:
    with suppress(ValueError):
        found = read_acknowledgement(body)
        assert isinstance(found, Acknowledgement)
        assert found.outcome == "refused" or (found.number and found.total is not None)


@given(st.binary(max_size=300) | spoilt(EXPORT))
def test_any_bytes_are_an_export_or_give_a_reason(body: bytes) -> None:
    with suppress(Unreadable):
        rows = read_export(body, STOCK_COLUMNS, "stock.csv")
        assert sum(len(page) for page in to_stock_levels(rows, "stock.csv")) == len(rows)


@given(st.data())
def test_any_bytes_are_a_copy_or_give_a_reason(data: st.DataObject) -> None:
    request = data.draw(requests())
    whole = written(request, "m1", data.draw(st.sampled_from(["xml", "csv"])), ";")
    body = data.draw(st.binary(max_size=200) | spoilt(whole))
    with suppress(ValueError):
        assert handed_over(body).total.is_finite()


@given(st.text(), st.text())
def test_two_references_never_share_a_name_and_none_leaves_its_folder(one: str, other: str) -> None:
    assert (stem(one) == stem(other)) == (one == other)
    assert set(stem(one)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~")
    assert len(stem(one)) <= 120


@pytest.mark.parametrize("whole", [ACKNOWLEDGED, AS_CSV])
def test_an_acknowledgement_that_is_whole_is_read(whole: bytes) -> None:
    assert read_acknowledgement(whole).total == Decimal("1.00")
    assert read_acknowledgement(b"\xef\xbb\xbf" + whole).number == "1"
