"""The form of the quarantine desk: what a person can do there, in one model."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from blocks.errors import WrongUse
from blocks.forms import in_reading_order
from blocks.people import person

Line = Annotated[str, Field(max_length=2000)]


class Action(StrEnum):
    """What can be done with a record that was put aside."""

    SHOW = "show"
    CORRECT = "correct"
    APPROVE = "approve"
    DECLINE = "decline"
    RELEASE = "release"
    REJECT = "reject"
    LEARN = "learn"


class DeskRequest(BaseModel):
    """What to do with records that were put aside. As it stands, it shows them and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.SHOW,
        description="show: reasons and remedies. correct: by the patch below. approve, decline: a correction that"
        " touches money. release: judge again. reject: close for good and answer the sender. learn: make what"
        " corrections of a record teach a rule for every later order.",
    )
    records: list[int] = Field(
        default_factory=list, max_length=1000, description="Numbers of the records, e.g. 12; see the report's links."
    )
    rule: str = Field(
        default="",
        max_length=60,
        description="Instead of numbers, to release or reject: all open records with this rule, e.g. ORD-DQ-03.",
    )
    correction: int = Field(default=0, ge=0, description="To approve or decline: the number of the correction.")
    patch: list[Line] = Field(
        default_factory=list,
        max_length=100,
        description="To correct: one line for each place, e.g. shipping_address.postal_code=10115, or lines[2].sku=LAMP"
        " for the second line. SOMS blanks these lines in this form as soon as the correction is kept.",
    )
    raw: bool = Field(
        default=False,
        description="To correct a record that cannot be read: the lines are JSON pointers into its bytes, e.g."
        " /rows/0/Menge=2. Such a correction always needs a second person.",
    )
    then_release: bool = Field(
        default=False, description="To correct or approve: release the record as well, if nothing waits for approval."
    )
    answer: bool = Field(default=True, description="To reject: tell whoever sent it by mail that it was not accepted.")
    person: str = Field(
        min_length=1,
        max_length=80,
        description="Who you are; goes into the audit trail. Nobody can approve their own correction of money.",
    )
    reason: str = Field(
        default="", max_length=500, description="Why; goes into the audit trail. Only to show, none is needed."
    )

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)

    def one_record(self) -> int:
        """Return the one record that is meant.

        Raises:
            WrongUse: None is named, or several.
        """
        if len(self.records) != 1:
            raise WrongUse(f"To {self.action} takes the number of one record in the field 'Records'.")
        return self.records[0]


def blanked(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a run's parameters without the values of its patch; its places stay."""
    request = parameters.get("request")
    if not isinstance(request, dict) or not isinstance(request.get("patch"), list):
        return parameters
    places = [str(line).partition("=")[0][:200] for line in request["patch"]]
    return {**parameters, "request": {**request, "patch": places}}


def holds_values(parameters: dict[str, Any]) -> bool:
    """Return whether a run's parameters still hold values of a patch."""
    return blanked(parameters) != parameters
