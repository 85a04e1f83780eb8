"""Who may approve which incoming invoices, when two must, what is approved by rule, and when people are reminded.

Read from YAML by ``load`` and activated with `soms invoices limits activate`; what a text does not say stands as the
defaults here, which are version 0.
"""

import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from blocks.documents import yaml_text
from blocks.documents.base import Document
from blocks.documents.invoice_verdicts import InputTax, InvoiceVerdict
from blocks.documents.mails import mail_address
from blocks.errors import Unreadable, WrongUse

KIND, NAME = "invoice_limits", "default"
ANYBODY = "*"
MOST_DAYS = 60

Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2, allow_inf_nan=False)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Day = Annotated[int, Field(ge=1, le=MOST_DAYS)]


def one_spelling(name: str) -> str:
    """Return a person's name as names are compared."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class Approver(Document):
    """Somebody who may approve invoices."""

    person: Words = Field(description="Name as it is given at the desk, e.g. anna.berg; '*': anybody else.")
    up_to: Amount | None = Field(default=None, description="Amount payable up to which; nothing: any amount.")

    @field_validator("person")
    @classmethod
    def _one_spelling(cls, name: str) -> str:
        return one_spelling(name)


class ByRule(Document):
    """What is approved without a person: nothing was found against it, and it agrees with order and receipt."""

    up_to: Amount = Field(default=Decimal(1000), description="Amount payable up to which; 0: nothing is.")
    also_without_e_invoice: bool = Field(
        default=False, description="Whether invoices that are no e-invoices, e.g. PDFs that were proven, may be."
    )


class Reminded(Document):
    """Somebody who is written to before one of the law's days is over."""

    person: Words = Field(description="Name as it is given at the desk, e.g. anna.berg.")
    mail: Words = Field(description="Address that reminders are sent to.")
    language: Literal["de", "en"] = Field(default="de", description="Language of the reminders: de or en.")

    @field_validator("person")
    @classmethod
    def _one_spelling(cls, name: str) -> str:
        return one_spelling(name)

    @field_validator("mail")
    @classmethod
    def _an_address(cls, text: str) -> str:
        address = mail_address(text)
        if address is None:
            raise ValueError("this is no mail address; write one plain address, e.g. anna.berg@example.com")
        return address


class Reminders(Document):
    """When people are reminded of invoices that nobody has decided; days after the one on which they came."""

    people: tuple[Reminded, ...] = Field(default=(), max_length=20, description="Who is written to; nothing: nobody.")
    mailbox: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+/[a-z0-9-]+)?$", max_length=80)] = Field(
        default="", description="Connection that reminders are sent from, e.g. smtp-mailbox/office."
    )
    first: Day = Field(default=7, description="A day before the 8 within which current accounts are to be recorded.")
    second: Day = Field(default=9, description="A day before the 10 within which all else is to be recorded.")

    @model_validator(mode="after")
    def _in_order(self) -> "Reminders":
        if self.first >= self.second:
            raise ValueError("the first reminder must come before the second")
        if self.people and not self.mailbox:
            raise ValueError("who is written to needs a mailbox to be written from")
        if len({one.person for one in self.people}) != len(self.people):
            raise ValueError("a person stands twice among the people")
        return self


class InvoiceLimits(Document):
    """Limits, four eyes, what is approved by rule, reminders; version 0 is what SOMS brings along."""

    version: int = 0
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        default="EUR", description="Of every amount here; invoices in others are above every limit."
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's: days begin and end by it.")
    our_vat_ids: tuple[Words, ...] = Field(
        default=(), description="Ours: an invoice to somebody else is found. Nothing: the recipient is not compared."
    )
    approvers: tuple[Approver, ...] = Field(
        default=(Approver(person=ANYBODY),), description="Who may approve; the entry with the person's name counts."
    )
    four_eyes_above: Amount = Field(default=Decimal(5000), description="Amount payable above which two must approve.")
    four_eyes_against_findings: bool = Field(
        default=True, description="Whether two must approve what has fatal findings, whatever the amount."
    )
    by_rule: ByRule = ByRule()
    reminders: Reminders = Reminders()
    decide_within_days: Day = Field(default=8, description="After the day on which an invoice came.")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone '{name[:60]}'; write e.g. Europe/Berlin") from error
        return name

    @model_validator(mode="after")
    def _each_once(self) -> "InvoiceLimits":
        names = [each.person for each in self.approvers]
        if len(names) != len(set(names)):
            raise ValueError("approvers: a person stands twice")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Return the merchant's zone."""
        return ZoneInfo(self.time_zone)

    def beginning(self, day: date | None) -> datetime | None:
        """Return when a day of the merchant's begins; None for none."""
        return None if day is None else datetime.combine(day, time(), self.zone)

    @property
    def edition(self) -> str:
        """Return how a decision names these limits."""
        return f"version {self.version}"

    def refusal(self, person: str, amount: Decimal | None, currency: str) -> str:
        """Return in a sentence why a person must not approve an amount; empty where they may."""
        entries = {each.person: each for each in self.approvers}
        entry = entries.get(person) or entries.get(ANYBODY)
        if entry is None:
            return f"{person} may not approve invoices: the limits in force (`soms invoices limits show`) say who may."
        if entry.up_to is None:
            return ""
        if amount is None or currency != self.currency or abs(amount) > entry.up_to:
            return f"{person} may approve up to {entry.up_to} {self.currency}, and this is more: somebody else must."
        return ""

    def wants_two(self, amount: Decimal | None, currency: str, *, fatal: bool) -> bool:
        """Return whether two persons must approve."""
        above = amount is None or currency != self.currency or abs(amount) > self.four_eyes_above
        return above or (fatal and self.four_eyes_against_findings)

    def approved_by_rule(self, verdict: InvoiceVerdict, amount: Decimal | None, currency: str) -> bool:
        """Return whether an invoice goes on without a person."""
        if amount is None or currency != self.currency or abs(amount) > self.by_rule.up_to or not self.by_rule.up_to:
            return False
        if any(one.keeps_rules_from_approving for one in verdict.findings):
            return False
        if verdict.input_tax is not InputTax.UNAFFECTED or not verdict.clean:
            return False
        return verdict.is_e_invoice is True or self.by_rule.also_without_e_invoice


DEFAULTS = InvoiceLimits()


@lru_cache(maxsize=8)
def load(text: str, version: int = 0) -> InvoiceLimits:
    """Return the limits a YAML text states.

    Raises:
        WrongUse: The text is no YAML, or a setting in it is unknown or has an impossible value; says where and what.
    """
    try:
        content = yaml_text.parse(text, what="The invoice limits")
    except Unreadable as error:
        raise WrongUse(str(error)) from None
    content = {} if content is None else content
    if not isinstance(content, dict) or "version" in content:
        raise WrongUse("The invoice limits must be a YAML mapping such as 'four_eyes_above: 5000', without 'version'.")
    try:
        return InvoiceLimits.model_validate({**content, "version": version})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "invoice limits"
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = "there is no such setting; `soms invoices limits fields` prints all of them"
        raise WrongUse(f"{place}: {said}.") from None
