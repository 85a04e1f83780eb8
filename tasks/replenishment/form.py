"""The form of the purchase desk."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from blocks.documents.orders import Quantity
from blocks.forms import in_reading_order
from blocks.people import person


class Action(StrEnum):
    """What can be done with purchase proposals."""

    SHOW = "show"
    APPROVE = "approve"
    DECLINE = "decline"


class PurchaseDeskRequest(BaseModel):
    """What to do with proposals of what to buy. As it stands, it shows them and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.SHOW,
        description="show: open proposals with their figures. approve: the ERP is asked to buy, once. decline: it is"
        " not bought, and not proposed again for some days.",
    )
    proposals: list[int] = Field(
        default_factory=list, max_length=1000, description="To approve or decline: the proposals' numbers, e.g. 17."
    )
    quantity: Quantity | None = Field(
        default=None, description="To approve one proposal with other pieces than it says; empty: as it says."
    )
    person: str = Field(min_length=1, max_length=80, description="Who you are; goes into the audit trail.")
    reason: str = Field(
        default="", max_length=500, description="To approve or decline: why; goes into the audit trail."
    )
    patience: float = Field(
        default=20.0,
        ge=0,
        le=600,
        description="Seconds to wait when the ERP cannot take orders; later runs do the rest.",
    )

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)
