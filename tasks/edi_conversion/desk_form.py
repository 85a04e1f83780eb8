"""The form of the conversion desk: what a person can do with conversions that wait, in one model."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import all_named, in_reading_order, one_named
from blocks.people import person

Line = Annotated[str, Field(max_length=2000)]


class Action(StrEnum):
    """What can be done with a conversion."""

    LIST = "list"
    SHOW = "show"
    CORRECT = "correct"
    APPROVE = "approve"
    DECLINE = "decline"
    RELEASE = "release"
    REJECT = "reject"
    LAYOUTS = "layouts"
    WITHDRAW = "withdraw"


class DeskRequest(BaseModel):
    """What to do with converted invoices that wait. As it stands, it lists them and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.LIST,
        description="list: what waits. show: the page as a picture, every value with its place, every doubt. correct:"
        " by the patch below. approve, decline: a correction of money. release: confirm it, deliver it, and remember"
        " the supplier's layout. reject: deliver it nowhere. layouts: what is remembered. withdraw: forget a layout.",
    )
    conversions: list[int] = Field(
        default_factory=list, max_length=1000, description="Numbers of the conversions; see the report's links."
    )
    correction: int = Field(default=0, ge=0, description="To approve or decline: the number of the correction.")
    layout: int = Field(default=0, ge=0, description="To withdraw: the number of the layout.")
    patch: list[Line] = Field(
        default_factory=list,
        max_length=200,
        description="To correct: one line for each place, e.g. number=4711, totals.gross=119.00, lines[2].net=20.00 for"
        " the second line; lines[2]=null takes it out. SOMS blanks the values in this form when the correction is"
        " kept.",
    )
    remember: bool = Field(
        default=True,
        description="To release: make the supplier's next invoice of this layout surer. Never overrides arithmetic.",
    )
    person: str = Field(
        min_length=1,
        max_length=80,
        description="Who you are; goes into the audit trail. Nobody can approve their own correction of money.",
    )
    reason: str = Field(
        default="", max_length=500, description="Why; goes into the audit trail. To list and show, none is needed."
    )

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)

    def named(self) -> list[int]:
        """Return the conversions that are meant.

        Raises:
            WrongUse: None is named.
        """
        return all_named(self.conversions, self.action, "conversions")

    def one(self) -> int:
        """Return the one conversion that is meant.

        Raises:
            WrongUse: None is named, or several.
        """
        return one_named(self.conversions, self.action, "conversions")


def blanked(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a run's parameters without the values of its patch; its places stay."""
    request = parameters.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("patch"), list):
        return parameters
    places = [str(line).partition("=")[0][:200] for line in request["patch"]]
    return {**parameters, "request": {**request, "patch": places}}
