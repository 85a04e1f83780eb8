"""How far an invoice may differ from order and receipt, as the merchant says it: versioned, per supplier and kind.

Read from YAML by ``load`` and activated as a rulebook; what a text does not say stands as the defaults here, version 0.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "supply_tolerances", "default"
LONGEST = 5_000_000
"""Characters: room for the packs of ten thousand articles."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Percent = Annotated[Decimal, Field(ge=0, le=1000, max_digits=9, decimal_places=4, allow_inf_nan=False)]
Some = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6, allow_inf_nan=False)]
SomePieces = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=4, allow_inf_nan=False)]

_HUNDRED, _NOTHING = Decimal(100), Decimal(0)


class Counts(StrEnum):
    """Which of two limits counts where both a percentage and an absolute figure are given."""

    SMALLER = "smaller"
    LARGER = "larger"


class WithoutOrder(StrEnum):
    """What becomes of an invoice that no order stands behind."""

    PERSON = "person"
    """It waits for a person (fatal)."""
    NOTE = "note"
    """It is noted (warning), and goes on."""
    ACCEPT = "accept"
    """It goes on without a word, as for rent or electricity."""


class UnclearOrder(StrEnum):
    """What becomes of an invoice line that is as well of one order as of another: article, price and quantity agree."""

    PERSON = "person"
    """It waits for a person."""
    OLDEST = "oldest"
    """It counts for the oldest order, as where goods are called off week by week."""


class Tolerance(Document):
    """How far one figure may be off; without any limit it may not be off at all."""

    percent: Percent | None = Field(default=None, description="Of what was expected.")
    absolute: Some | None = Field(default=None, description="Money of the line, or pieces, in the order's unit.")
    counts: Counts = Field(default=Counts.SMALLER, description="Which limit counts where both are given.")

    def limit(self, expected: Decimal) -> Decimal:
        """Return how far a figure may be off from ``expected``, in its own measure."""
        limits = [] if self.percent is None else [abs(expected) * self.percent / _HUNDRED]
        limits += [] if self.absolute is None else [self.absolute]
        chosen = min if self.counts is Counts.SMALLER else max
        return chosen(limits, default=_NOTHING)


class KindTolerances(Document):
    """What holds for goods, for services or for charges; None: as the more general entry says."""

    price_above: Tolerance | None = Field(default=None, description="Dearer than ordered, on the line's net amount.")
    price_below: Tolerance | None = Field(default=None, description="Cheaper than ordered, on the line's net amount.")
    quantity: Tolerance | None = Field(default=None, description="More than was ordered or came.")


class Policy(Document):
    """What holds for one supplier, or in general; None: as the more general entry says."""

    goods: KindTolerances = KindTolerances()
    service: KindTolerances = KindTolerances()
    charge: KindTolerances = KindTolerances()
    charges_not_ordered: Tolerance | None = Field(
        default=None, description="Freight and packing that no order line stands behind, of the invoice's line total."
    )
    without_order: WithoutOrder | None = Field(
        default=None, description="What becomes of an invoice that no order stands behind."
    )
    without_order_up_to: Some | None = Field(
        default=None, description="Net amount up to which an invoice without an order is only noted."
    )
    unclear_order: UnclearOrder | None = Field(
        default=None, description="What becomes of a line that fits the lines of several orders equally well."
    )
    services_need_receipt: bool | None = Field(
        default=None, description="Whether services, too, are received in the ERP before they may be billed."
    )


class Pack(Document):
    """How many pieces a pack of an article holds; the ERP counts pieces, the supplier bills packs, or the reverse."""

    supplier: Key | None = Field(default=None, description="Code in the ERP; without it, any.")
    sku: Key | None = Field(default=None, description="The article, as the ERP knows it; without it, any.")
    unit: Key = Field(description="Code of the pack's unit as invoices write it, e.g. XPK.")
    pieces: SomePieces = Field(description="How many of the article's own unit one pack holds.")


class Bounds(Document):
    """All that holds for one supplier and one kind of line, after the particular has overruled the general."""

    price_above: Tolerance
    price_below: Tolerance
    quantity: Tolerance


_DEFAULTS_BY_KIND = KindTolerances(
    price_above=Tolerance(percent=Decimal(1)), price_below=Tolerance(percent=Decimal(1000)), quantity=Tolerance()
)
_DEFAULT_POLICY = Policy(
    goods=_DEFAULTS_BY_KIND,
    service=_DEFAULTS_BY_KIND,
    charge=_DEFAULTS_BY_KIND,
    charges_not_ordered=Tolerance(),
    without_order=WithoutOrder.PERSON,
    unclear_order=UnclearOrder.PERSON,
    services_need_receipt=False,
)
_NO_POLICY = Policy()


class SupplyTolerances(Document):
    """All settings of the comparison of invoices with orders and receipts."""

    version: int = Field(default=0, description="Set from the rulebook's version; not part of its text.")
    general: Policy = _DEFAULT_POLICY
    suppliers: dict[Key, Policy] = Field(default_factory=dict, description="By the supplier's code in the ERP.")
    packs: tuple[Pack, ...] = ()
    near_days: int = Field(
        default=14, ge=0, le=366, description="Days within which an equal amount under a like number is suspicious."
    )
    sequence_of: int = Field(
        default=6,
        ge=3,
        le=100,
        description="So many numbers in a row without a gap show that one counts for us.",
    )

    def of(self, supplier: str, kind: str) -> Bounds:
        """Return the tolerances for lines of a kind (goods, service, charge) of a supplier."""
        layers = (_DEFAULTS_BY_KIND, getattr(self.general, kind), getattr(self._own(supplier), kind))
        said = {name: value for layer in layers for name, value in layer if value is not None}
        return Bounds(**said)

    def policy(self, supplier: str) -> Policy:
        """Return what holds for a supplier beside the tolerances of lines; nothing in it is None but the limit."""
        layers = (_DEFAULT_POLICY, self.general, self._own(supplier))
        said = {name: value for layer in layers for name, value in layer if value is not None}
        return Policy(**said)

    def pack(self, supplier: str, sku: str, unit: str) -> Decimal | None:
        """Return how many pieces a pack of an article holds; the entry that says most counts."""
        fitting = [
            one
            for one in self.packs
            if one.unit == unit and one.supplier in {None, supplier} and one.sku in {None, sku}
        ]
        best = max(fitting, key=lambda one: (one.sku is not None, one.supplier is not None), default=None)
        return best.pieces if best else None

    def _own(self, supplier: str) -> Policy:
        return self.suppliers.get(supplier, _NO_POLICY)


DEFAULTS = SupplyTolerances()


@lru_cache(maxsize=4)
def load(text: str, version: int = 0) -> SupplyTolerances:
    """Return the tolerances a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or has an impossible value; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The supply tolerances", longest=LONGEST)
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    content = {} if content is None else content
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse(
            "The supply tolerances must be a YAML mapping such as 'general: {goods: {price_above: {percent: 2}}}',"
            " without 'version'."
        )
    try:
        return SupplyTolerances.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "supply tolerances"
        raise WrongUse(f"{place}: {_said(first)}") from None


def _said(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such setting; the tolerances in force show all of them."
    return f"{fault['msg'].removeprefix('Value error, ')}."
