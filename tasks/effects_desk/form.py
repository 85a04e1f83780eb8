"""The form of the effects desk."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import in_reading_order
from blocks.people import person


class Action(StrEnum):
    """What can be done with calls to outside systems."""

    PREVIEW = "preview"
    RETRY = "retry"
    ABANDON = "abandon"


class EffectsRequest(BaseModel):
    """What to do with calls to outside systems. As it stands, it says what would be done and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.PREVIEW,
        description="preview: say what the next run would do outside. retry: make refused calls due again; what had"
        " been done is found and adopted. abandon: never make these calls.",
    )
    calls: list[int] = Field(
        default_factory=list, max_length=1000, description="To retry or abandon: the calls' numbers, e.g. 31."
    )
    order: str = Field(
        default="", max_length=200, description="To preview: only calls for this order, e.g. BERLIN-4711; empty: all."
    )
    person: str = Field(min_length=1, max_length=80, description="Who you are; goes into the audit trail.")
    reason: str = Field(default="", max_length=500, description="To abandon: why; goes into the audit trail.")

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)
