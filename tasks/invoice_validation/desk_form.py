"""The form of the invoice desk: what a person can do with incoming invoices that wait, in one model."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from blocks.forms import all_named, in_reading_order, one_named
from blocks.people import person


class Action(StrEnum):
    """What can be done with an invoice, or with what is known of a supplier."""

    LIST = "list"
    SHOW = "show"
    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"
    CORRECT = "correct"
    REPLACES = "replaces"
    CONFIRM_ACCOUNT = "confirm-account"
    DECLINE_ACCOUNT = "decline-account"
    NOTE_SUPPLIER = "note-supplier"
    READINESS = "readiness"


class Known(StrEnum):
    """What a person says of a fact about a supplier."""

    UNCHANGED = "unchanged"
    YES = "yes"
    NO = "no"

    @property
    def fact(self) -> bool | None:
        """Return it as a truth value; None where nothing is said."""
        return None if self is Known.UNCHANGED else self is Known.YES


class State(StrEnum):
    """What a supplier is to us."""

    UNCHANGED = "unchanged"
    NEW = "new"
    KNOWN = "known"
    BLOCKED = "blocked"


class DeskRequest(BaseModel):
    """What to do with incoming invoices that wait. As it stands, it lists them and changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    action: Action = Field(
        default=Action.LIST,
        description="list: what waits. show: verdict, match with orders and receipts, decisions. approve: it is booked"
        " in the ERP. reject: its sender is told the reason. ask: its sender is asked what the reason says. correct: it"
        " was misread, so it goes back to the conversion desk. replaces: it is the supplier's correction of the invoice"
        " named below, and takes its place when it is approved. confirm-account, decline-account: a supplier's new"
        " account; two persons must confirm it. note-supplier: what is known of a supplier. readiness: who still sends"
        " no e-invoices, and from when they must.",
    )
    invoices: list[int] = Field(
        default_factory=list, max_length=1000, description="Numbers of the invoices; see the report's links."
    )
    seen: str = Field(
        default="",
        max_length=64,
        pattern=r"^[0-9a-fA-F]*$",
        description="To decide: the view of the facts you looked at, as `show` names it. If the facts have changed"
        " since, the decision is refused. The links of a shown invoice fill it in.",
    )
    replaced: int = Field(
        default=0,
        ge=0,
        description="For replaces: the number of the invoice that it takes the place of; 0: of none, it is to be paid"
        " beside all others.",
    )
    account: int = Field(default=0, ge=0, description="To confirm or decline: the number of the account.")
    supplier: int = Field(default=0, ge=0, description="To note something: the number of the supplier.")
    small_business: Known = Field(
        default=Known.UNCHANGED, description="To note: whether the supplier is exempt as a small business (§19 UStG)."
    )
    turnover_above_limit: Known = Field(
        default=Known.UNCHANGED, description="To note: whether its turnover of the year before was above 800,000 €."
    )
    domestic: Known = Field(default=Known.UNCHANGED, description="To note: whether it is established in Germany.")
    state: State = Field(default=State.UNCHANGED, description="To note: what the supplier is to us.")
    person: str = Field(
        min_length=1,
        max_length=80,
        description="Who you are; goes into the audit trail. Where two must decide, two do.",
    )
    reason: str = Field(
        default="",
        max_length=500,
        description="Why; goes into the audit trail, and to the sender where one is answered.",
    )

    @property
    def who(self) -> str:
        """Return the person by the one spelling of their name."""
        return person(self.person)

    def named(self) -> list[int]:
        """Return the invoices that are meant.

        Raises:
            WrongUse: None is named.
        """
        return all_named(self.invoices, self.action, "invoices")

    def one(self) -> int:
        """Return the one invoice that is decided: a view of the facts is of one invoice.

        Raises:
            WrongUse: None is named, or several.
        """
        return one_named(self.invoices, self.action, "invoices")

    def facts(self) -> dict[str, bool | str | None]:
        """Return what is noted of a supplier; None where nothing is said."""
        return {
            "small_business": self.small_business.fact,
            "turnover_above_limit": self.turnover_above_limit.fact,
            "domestic": self.domestic.fact,
            "state": None if self.state is State.UNCHANGED else str(self.state),
        }
