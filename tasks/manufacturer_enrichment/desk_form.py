"""The form of the enrichment desk: what a person can do with proposals, conflicts, matches and what was written."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from blocks.errors import WrongUse
from blocks.forms import connection, in_reading_order
from blocks.people import person

Sku = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
HIGHEST = 2**53 - 1
"""Of a number that a form in a browser can hold, and so can the database."""
Number = Annotated[int, Field(ge=1, le=HIGHEST)]


class Action(StrEnum):
    """What can be done at the desk."""

    LIST = "list"
    SHOW = "show"
    CHOOSE = "choose"
    APPROVE = "approve"
    DECLINE = "decline"
    MATCH = "match"
    RELEASE = "release"
    DISCARD = "discard"
    UNDO = "undo"


class DeskRequest(BaseModel):
    """What to do with product data that waits. As it stands, it lists what waits and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.LIST,
        description="list: proposals, conflicts, products in doubt, stopped sources. show: articles side by side."
        " choose: believe a claim and write it, also over what a person wrote. approve, decline: changes. match: say"
        " which article a product is. release, discard: what the gate stopped. undo: changes, articles or a run.",
    )
    shop: str = Field(
        default="smartstore-shop/berlin", pattern=connection("shops"), description="Type and name of the shop's block."
    )
    articles: list[Sku] = Field(
        default_factory=list,
        max_length=100,
        description="To show or undo: SKUs. To match: the one article that the product is; none says that it is none.",
    )
    changes: list[Number] = Field(
        default_factory=list, max_length=1000, description="To approve, decline or undo: numbers of changes."
    )
    claim: int = Field(
        default=0, ge=0, le=HIGHEST, description="To choose: the number of the claim, as the article's page says."
    )
    product: int = Field(default=0, ge=0, le=HIGHEST, description="To match: the number of the product.")
    delivery: int = Field(default=0, ge=0, le=HIGHEST, description="To release or discard: the number of the delivery.")
    run: str = Field(default="", max_length=100, description="To undo: the id of a flow run, for all that it wrote.")
    language: str = Field(
        default="de", pattern="^[a-z]{2}$", description="To choose: the language of the shop's own texts."
    )
    person: str = Field(min_length=1, max_length=80, description="Who you are; goes into the audit trail.")
    reason: str = Field(
        default="", max_length=500, description="Why; goes into the audit trail. To list and show, none is needed."
    )

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)

    @property
    def channel(self) -> str:
        """Return the shop's channel."""
        return self.shop.partition("/")[2]

    def needed(self, name: str) -> int:
        """Return the number in a field.

        Raises:
            WrongUse: It is empty.
        """
        number: int = getattr(self, name)
        if not number:
            raise WrongUse(f"To {self.action} takes a number in the field '{name.capitalize()}'.")
        return number
