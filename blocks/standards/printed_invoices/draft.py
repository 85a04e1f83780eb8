"""An invoice in the making: its values with their places, and what speaks against them."""

from dataclasses import dataclass, field
from decimal import Decimal

from blocks.documents.conversions import Place
from blocks.documents.invoices import Invoice
from blocks.standards.printed_invoices.evidence import Found
from blocks.standards.printed_invoices.totals import Amount


@dataclass(slots=True)
class Draft:
    """An invoice in the making.

    Attributes:
        invoice: What was found so far.
        places: Path of the published form → place.
        labels: Path → folded label the value was found by.
        doubts: Whole sentences: why a person must look.
        number_score: How sure the number is.
        zone: Row with which the totals begin.
        sound: Folded identifiers that a label announces and that surely end where their reading ended: their form and
            check digits are the seller's business, not a doubt about the reading.
        others: Folded VAT ids that surely are another party's: a supplier is not recognised by them.
        remarks: Whole sentences that stop nothing, e.g. an account that is not the one confirmed before.
    """

    invoice: Invoice = field(default_factory=Invoice)
    places: dict[str, Place] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    number_score: float = 0.0
    zone: int = 0
    sound: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)

    def put(self, path: str, found: Found[str] | Amount) -> None:
        """Keep where a value stands and by which label it was found."""
        self.places[path] = found.place
        if found.label:
            self.labels[path] = found.label


def changes_of(invoice: Invoice) -> set[Decimal]:
    """Return amounts, bases and percentages of the document's allowances and charges, without signs."""
    return {
        abs(value)
        for change in invoice.allowances_charges
        for value in (change.amount, change.basis, change.percentage)
        if value is not None
    }
