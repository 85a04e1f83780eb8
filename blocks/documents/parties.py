"""Parties: who orders, who pays, where it goes."""

from typing import Annotated

from pydantic import Field

from blocks.documents.base import Document

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code."""


class Address(Document):
    """A postal address as the customer gave it; completeness is judged by rules, not here."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = Field(default="", description="Street with house number.")
    street_extra: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: CountryCode | None = None
    email: str = ""
    phone: str = ""

    def recipient(self) -> str:
        """Return the name on the parcel: person and company, as far as given."""
        person = f"{self.first_name} {self.last_name}".strip()
        return ", ".join(part for part in (self.company, person) if part)


class Customer(Document):
    """The buyer as the sales channel knows them."""

    external_id: str
    name: str = ""
    company: str = ""
    email: str = ""
    vat_id: str = ""
    guest: bool = False
