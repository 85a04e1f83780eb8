"""What the search for invoice lines hands back: tables of lines, where each value stands, what speaks against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from blocks.documents.conversions import Place
from blocks.documents.invoices import AllowanceCharge, InvoiceLine


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as read from the page.

    Attributes:
        line: The line. Its quantity times ``price.net`` by ``price.base_quantity``, with its allowances and charges,
            gives ``net`` unless ``doubts`` says otherwise.
        places: Where values stand, by their name in the published form (``id``, ``name``, ``quantity``, ``unit``,
            ``unit_price``, ``net``) and ``vat_rate``, ``seller_id``, ``buyer_id``, ``standard_id``, ``discount``.
        tax_code: What the VAT column says where it gives no rate (``A``, ``1``): explained elsewhere on the page.
        gross: The amount with VAT, where the line prints one beside the net amount.
        doubts: Whole sentences; empty where the line multiplies out.
        rounded: The doubts are gone where the lines' sum is printed: rounding a printed figure explains the line.
    """

    line: InvoiceLine
    places: Mapping[str, Place]
    tax_code: str = ""
    gross: Decimal | None = None
    doubts: tuple[str, ...] = ()
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class PrintedCharge:
    """An allowance or charge that stands as a row of its own within the table and belongs to the whole document."""

    charge: AllowanceCharge
    place: Place


@dataclass(frozen=True, slots=True)
class LineTable:
    """One reading of the invoice's line table.

    Attributes:
        lines: In the order of the page; at least one.
        charges: Allowances and charges of the document found within the table; not part of ``net``.
        net: Sum of the lines' amounts as printed (with VAT where ``gross_amounts``).
        gross_amounts: The line amounts and prices hold VAT.
        multiplied: How many lines multiply out from figures that are printed.
        summed: The sum stands on the page again, below the lines or beside a word for a total.
        kind: ``table`` (under a heading), ``columns`` (no heading), ``list`` (amounts only), ``records``.
        doubts: Whole sentences about the table; those of the lines stand with them.
    """

    lines: tuple[PrintedLine, ...]
    charges: tuple[PrintedCharge, ...] = ()
    net: Decimal = Decimal(0)
    gross_amounts: bool = False
    multiplied: int = 0
    summed: bool = False
    kind: str = "table"
    doubts: tuple[str, ...] = field(default=())

    @property
    def open_doubts(self) -> tuple[str, ...]:
        """Return what speaks against the table: rounded figures do not where most lines and their sum close."""
        settled = self.summed and 2 * self.multiplied >= len(self.lines)
        said = (doubt for line in self.lines if not (settled and line.rounded) for doubt in line.doubts)
        return (*self.doubts, *said)

    @property
    def sure(self) -> bool:
        """Tell whether nothing speaks against any line and every line multiplies out."""
        return not self.doubts and not any(line.doubts for line in self.lines)
