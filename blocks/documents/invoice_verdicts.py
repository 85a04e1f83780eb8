"""Verdicts on received invoices: what was found, in the three classes of the BMF letter, and what it means for VAT."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from blocks.documents.base import Document


class FindingClass(StrEnum):
    """What kind of error a finding is (BMF letter of 15 October 2025); ``supply`` is about order and receipt."""

    FORMAT = "format"
    BUSINESS_RULE = "business-rule"
    CONTENT = "content"
    SUPPLY = "supply"


class Gravity(StrEnum):
    """How much a finding matters."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


class Judged(StrEnum):
    """What became of one class of checks."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"


class InputTax(StrEnum):
    """What the findings mean for the deduction of input tax (§15(1) no. 1 UStG)."""

    UNAFFECTED = "unaffected"
    AT_RISK = "at-risk"
    NOT_DEDUCTIBLE = "not-deductible"
    NOT_JUDGED = "not-judged"


ORDER_LINE_UNCLEAR, CORRECTS, NEAR_DUPLICATE = "order-line-unclear", "corrects-another", "near-duplicate"
WANTS_A_PERSON = frozenset({ORDER_LINE_UNCLEAR, CORRECTS, NEAR_DUPLICATE})
"""Rules whose warning a person must look at: nothing need be wrong, but no rule can tell."""


class InvoiceFinding(Document):
    """One thing that is wrong, or should be known; both texts name cause, place and remedy in whole sentences."""

    rule: str = Field(description="Its id, e.g. BR-CO-15, USTG-14-4-3, price-above-order.")
    rule_set: str = Field(description="en16931, xrechnung, ustg, content or supply.")
    kind: FindingClass
    gravity: Gravity
    location: str = Field(default="", description="Business term or XPath.")
    text: str
    text_de: str = ""

    @property
    def keeps_rules_from_approving(self) -> bool:
        """Return whether a person must look before the invoice goes on."""
        return self.gravity is Gravity.FATAL or (self.gravity is Gravity.WARNING and self.rule in WANTS_A_PERSON)


class Supplier(Document):
    """What is known of who sent an invoice, as far as rules ask for it.

    Attributes:
        small_business: Whether it is exempt under §19 UStG, as the merchant has noted it; None: not known.
        turnover_above_limit: Whether its turnover of the year before was above 800,000 €; None: not known.
        domestic: Whether it is established in Germany; None: as its VAT id and address say.
    """

    key: str = ""
    small_business: bool | None = None
    turnover_above_limit: bool | None = None
    domestic: bool | None = None


class LegalContext(Document):
    """What rules of law need beside the invoice; ``received_on`` is a day in the merchant's zone."""

    received_on: date
    supplier: Supplier = Supplier()
    buyer_vat_ids: tuple[str, ...] = Field(default=(), description="Ours; empty: the recipient is not compared.")
    to_consumer: bool = Field(default=False, description="Whether we are no business in this purchase.")


class InvoiceVerdict(Document):
    """What was judged of one invoice, class by class, by which rules, and what it means."""

    format: Judged
    business_rules: Judged
    content: Judged
    supply: Judged = Judged.NOT_CHECKED
    input_tax: InputTax
    is_e_invoice: bool | None = Field(default=None, description="Within §14(1) UStG; None where nobody can tell.")
    findings: tuple[InvoiceFinding, ...] = ()
    rule_sets: dict[str, str] = Field(default_factory=dict, description="Rule set → its version.")

    @property
    def clean(self) -> bool:
        """Return whether all that applies was checked and nothing fatal was found.

        Rules of form are for e-invoices: for another invoice that may still be sent (a page, EDI) they do not apply.
        """
        formal = (self.format, self.business_rules)
        kept = all(each is Judged.PASSED for each in formal)
        bare = self.is_e_invoice is not True and Judged.FAILED not in formal
        return (kept or bare) and self.content is Judged.PASSED and self.supply is Judged.PASSED

    def with_supply(self, found: tuple[InvoiceFinding, ...], *, version: str, checked: bool = True) -> Self:
        """Return the verdict with what the comparison with order and receipt found."""
        fatal = any(one.gravity is Gravity.FATAL for one in found)
        supply = (Judged.FAILED if fatal else Judged.PASSED) if checked else Judged.NOT_CHECKED
        return self.model_copy(
            update={
                "supply": supply,
                "findings": (*self.findings, *found),
                "rule_sets": {**self.rule_sets, "supply": version},
            }
        )
