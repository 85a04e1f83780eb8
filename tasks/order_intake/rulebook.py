"""The rules in which merchants differ, as data. Pure: YAML text in, checked rules out.

The newest activated version is in force (`soms rules activate`); what is not said in it stands as the defaults here,
which are version 0. Every fault names the version of the rules it was found by.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from blocks.documents.base import Document
from blocks.documents.money import Amount, Currency
from blocks.documents.orders import Order
from blocks.documents.parties import Address, CountryCode
from blocks.errors import WrongUse
from tasks.order_intake.delivery_dates import DeliveryTimes

KIND, NAME = "order_rules", "orders"
ADDRESS_FIELDS = frozenset(Address.model_fields)
OTHER_FIELDS = frozenset({"customer.email", "customer.vat_id", "purchase_order_number", "comment"})
NotNegative = Annotated[Amount, Field(ge=0)]


class Split(StrEnum):
    """Whether one order may ship from several warehouses."""

    NEVER = "never"
    ALLOW = "allow"


class BeyondStock(StrEnum):
    """Which articles may be sold although they are not there: none, those marked so in master data, all."""

    NEVER = "never"
    FLAGGED = "flagged"
    ALL = "all"


class AllocationPolicy(Document):
    """Where orders ship from, and what is sold beyond stock."""

    warehouses: tuple[str, ...] = Field(default=(), description="In the order of preference; others follow by name.")
    split: Split = Split.NEVER
    backorder: BeyondStock = BeyondStock.NEVER
    preorder: BeyondStock = BeyondStock.NEVER

    def preferred(self, known: Iterable[str]) -> list[str]:
        """Return the known warehouses, the declared ones first and in their order."""
        there = set(known)
        return [*(house for house in self.warehouses if house in there), *sorted(there - set(self.warehouses))]


class RequiredFields(Document):
    """Fields that must be filled, e.g. 'shipping_address.phone' or 'customer.email'; all that apply are asked."""

    always: tuple[str, ...] = ()
    by_country: dict[CountryCode, tuple[str, ...]] = Field(default_factory=dict)
    by_channel: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _are_known(self) -> "RequiredFields":
        for name in (*self.always, *(each for names in self._tables() for each in names)):
            part, _, field = name.partition(".")
            if name not in OTHER_FIELDS and not (
                part in {"billing_address", "shipping_address"} and field in ADDRESS_FIELDS
            ):
                raise ValueError(
                    f"'{name}' is no field that can be required: billing_address.<field>, shipping_address.<field> or"
                    f" one of {', '.join(sorted(OTHER_FIELDS))}"
                )
        return self

    def _tables(self) -> list[tuple[str, ...]]:
        return [*self.by_country.values(), *self.by_channel.values()]

    def of(self, order: Order) -> list[str]:
        """Return the fields this order must have, each once, in a stable order."""
        address = order.shipping_address or order.billing_address
        country = address.country if address else None
        named = (*self.always, *self.by_country.get(country or "", ()), *self.by_channel.get(order.channel, ()))
        return list(dict.fromkeys(named))


class Tolerances(Document):
    """By how much a stated amount may differ from ours, in the order's currency."""

    amount: Annotated[Decimal, Field(ge=0, le=Decimal("0.05"))] = Decimal("0.005")
    rounding: Annotated[Decimal, Field(ge=0, le=10)] = Decimal(1)
    """The largest amount that may be declared as rounding: shops round to whole units of the currency at most."""


class Holds(Document):
    """When an order that is right all the same waits for a person; released once, it is not held again."""

    total_over: dict[Currency, NotNegative] = Field(default_factory=dict)
    new_customer_over: dict[Currency, NotNegative] = Field(default_factory=dict)
    differing_addresses_over: dict[Currency, NotNegative] = Field(default_factory=dict)
    words: tuple[Annotated[str, Field(min_length=3)], ...] = Field(
        default=(), description="Words in names, addresses or comments, without regard to case, e.g. 'packstation 999'."
    )


class PriceCheck(Document):
    """Whether unit prices are compared with the price list of the channel's articles."""

    channels: tuple[str, ...] = Field(default=(), description="Channels to check; empty checks none.")
    percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)


class Mappings(Document):
    """What one channel calls things and what SOMS calls them; added to the mappings of its connection block."""

    payment_methods: dict[str, str] = Field(default_factory=dict)
    shipping_methods: dict[str, str] = Field(default_factory=dict)
    articles: dict[str, str] = Field(default_factory=dict, description="Article number in orders → SKU.")


class OrderRules(Document):
    """All rules in which merchants differ."""

    version: int = Field(default=0, description="Set from the rulebook's version; not part of its text.")
    required: RequiredFields = RequiredFields()
    tolerances: Tolerances = Tolerances()
    holds: Holds = Holds()
    prices: PriceCheck = PriceCheck()
    allocation: AllocationPolicy = AllocationPolicy()
    mappings: dict[str, Mappings] = Field(default_factory=dict, description="By channel.")
    delivery: DeliveryTimes = DeliveryTimes()
    mailbox: str = Field(
        default="smtp-mailbox/orders",
        pattern=r"^([a-z0-9-]+/[a-z0-9-]+)?$",
        description="Confirms orders where the channel doesn't: type and name of a mailbox's block; empty: nothing.",
    )

    def mapping(self, channel: str) -> Mappings:
        """Return the channel's mappings; empty when it has none."""
        return self.mappings.get(channel) or Mappings()


DEFAULTS = OrderRules()


@lru_cache(maxsize=8)
def load(text: str, version: int = 0) -> OrderRules:
    """Return the rules a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a rule in it is unknown or has an impossible value; says where and what.
    """
    import yaml  # noqa: PLC0415 - only where a merchant has rules of their own

    try:
        content = yaml.safe_load(text) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # impossible dates are no YAMLError
        raise WrongUse(f"The rules are no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse(
            "The rules must be a YAML mapping such as 'holds: {total_over: {EUR: 5000}}', without 'version'."
        )
    try:
        return OrderRules.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "rules"
        raise WrongUse(f"{place}: {_said(first)}") from error


def _said(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such rule; `soms rules show` prints all of them."
    return f"{fault['msg'].removeprefix('Value error, ')}."


def with_own_articles(order: Order, rules: OrderRules) -> Order:
    """Return the order with the channel's article numbers replaced by SKUs, as the mappings say."""
    aliases = rules.mapping(order.channel).articles
    if not aliases or not any(line.sku in aliases for line in order.lines):
        return order
    lines = tuple(
        line.model_copy(update={"sku": aliases[line.sku]}) if line.sku in aliases else line for line in order.lines
    )
    return order.model_copy(update={"lines": lines})
