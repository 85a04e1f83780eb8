"""What a rule of law is: it sees an invoice and what is known beside it, and says what it means for input tax."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from blocks.documents.invoice_verdicts import FindingClass, Gravity, InputTax, InvoiceFinding, LegalContext
from blocks.documents.invoices import Invoice
from blocks.standards.en16931.rules.rule import Breach, RuleSet

EU = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()  # noqa: SIM905 - a list to be read
)
"""Prefixes of VAT identifiers of the Union: Greece as EL, goods of Northern Ireland as XI; GR stands in addresses."""

LONGEST_QUOTE = 80
_LONGEST_SAID = 20_000


@dataclass(frozen=True)
class Case:
    """An invoice and what rules of law need beside it.

    Attributes:
        invoice: As it was read.
        context: What the merchant knows; None where nobody asked for it (``soms check``).
        page: The text of the page, where the invoice was read from one and carries no data of its own; there, what the
            reader does not take over (addresses, day of supply) is looked for.
    """

    invoice: Invoice
    context: LegalContext | None = None
    page: str | None = None

    @cached_property
    def categories(self) -> frozenset[str]:
        """The VAT categories of the breakdown; where there is none, of the lines."""
        found = {group.category for group in self.invoice.vat_breakdown if group.category}
        return frozenset(found or {line.vat_category for line in self.invoice.lines if line.vat_category})

    @cached_property
    def said(self) -> str:
        """Everything the invoice says in free text: notes, terms, reasons of exemption, the page."""
        invoice = self.invoice
        texts = (
            *(note.text for note in invoice.notes),
            invoice.payment_terms,
            *(group.exemption_reason for group in invoice.vat_breakdown),
            *(line.note for line in invoice.lines[:200]),
            invoice.seller.legal_information,
            self.page or "",
        )
        return "\n".join(text for text in texts if text)[:_LONGEST_SAID]

    @cached_property
    def notes(self) -> str:
        """What the invoice says in notes and terms alone, and on the page."""
        texts = (*(note.text for note in self.invoice.notes), self.invoice.payment_terms, self.page or "")
        return "\n".join(text for text in texts if text)[:_LONGEST_SAID]

    @cached_property
    def goods(self) -> str:
        """What the lines call the goods and services."""
        named = (f"{line.item.name} {line.item.description}" for line in self.invoice.lines[:500])
        return "\n".join(named)[:_LONGEST_SAID]

    @cached_property
    def vat_shown(self) -> Decimal:
        """The VAT that the invoice shows: of the breakdown, else in total."""
        shown = [group.amount for group in self.invoice.vat_breakdown if group.amount is not None]
        return sum(shown, Decimal(0)) if shown else self.invoice.totals.vat or Decimal(0)

    @cached_property
    def seller_country(self) -> str:
        """Where the seller is established, as its VAT identifier or address says; '' where neither does."""
        seller = self.invoice.seller
        prefix = seller.vat_id[:2].upper()
        country = prefix if prefix in EU else ((seller.address and seller.address.country) or "")
        if not country and seller.tax_number:
            country = "DE"  # a national number without country is read of German invoices only
        return "EL" if country == "GR" else country

    @cached_property
    def domestic(self) -> bool | None:
        """Whether the seller is established in Germany, as the merchant has noted or the invoice says."""
        if self.context is not None and self.context.supplier.domestic is not None:
            return self.context.supplier.domestic
        return self.seller_country == "DE" if self.seller_country else None

    @cached_property
    def to_consumer(self) -> bool:
        """Whether the buyer is no business in this purchase."""
        return self.context is not None and self.context.to_consumer

    @cached_property
    def is_small(self) -> bool:
        """Whether it is an invoice over a small amount, so that §33 UStDV lets it leave out much."""
        from blocks.standards.en16931.rules.law.small_amounts import is_small  # noqa: PLC0415 - each needs the other

        return is_small(self)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Return whether the free texts hold a pattern."""
        return pattern.search(self.said) is not None


Check = Callable[[Case], Iterable[Breach]]


@dataclass(frozen=True, slots=True)
class LawRule:
    """One rule of law.

    Attributes:
        id: Stable; begins with the law, e.g. ``USTG-14-4-3``.
        source: Where it is written, quoted at the end of both texts.
        check: Yields each breach.
        english: Cause and remedy; may quote ``{values}`` of the breach.
        german: The same in German.
        gravity: How much a breach matters on a received invoice; ``soms check`` publishes all of them as warnings.
        input_tax: What a breach means for the deduction.
    """

    id: str
    source: str
    check: Check
    english: str
    german: str
    gravity: Gravity = Gravity.FATAL
    input_tax: InputTax = InputTax.AT_RISK
    kind: FindingClass = FindingClass.CONTENT

    def findings(self, case: Case) -> Iterator[InvoiceFinding]:
        """Yield a finding for each breach."""
        for breach in self.check(case):
            yield InvoiceFinding(
                rule=self.id,
                rule_set=RuleSet.USTG.value,
                kind=self.kind,
                gravity=self.gravity,
                location=breach.place,
                text=f"{breach.place}: {self.english.format(**breach.values)} ({self.source})",
                text_de=f"{breach.place}: {self.german.format(**breach.values)} ({_german(self.source)})",
            )


def _german(source: str) -> str:
    """Return a source as German lawyers quote it: §14 Abs. 4 Nr. 3 UStG."""
    source = re.sub(r"\(([0-9]+[a-z]?)\)", r" Abs. \1", source)
    for english, german in (("nos. ", "Nrn. "), ("no. ", "Nr. "), ("sentence ", "Satz "), (" and ", " und ")):
        source = source.replace(english, german)
    return re.sub(r"§(?=[0-9])", "§ ", source).replace(" with ", " mit ")


def quoted(value: str) -> str:
    """Return a value of the invoice as a text may quote it: short, in one line."""
    return " ".join(value.split())[:LONGEST_QUOTE]
