"""The form of invoice validation: where invoices come from, what they are held against, who is answered how."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from blocks.database.received_invoices import Destination
from blocks.forms import connection, in_reading_order


class ValidationRequest(BaseModel):
    """Which invoices to check. Nothing needs to be changed: as it stands, the run takes what waits at the source."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="invoice-folder/suppliers",
        pattern=connection("invoices"),
        description="Where the invoices come from: type and name of a folder's or mailbox's block, e.g."
        " invoice-folder/suppliers. Invoices from EDI partners arrive at the source that the partner's settings name.",
    )
    erp: str = Field(
        default="tryton-erp/main",
        pattern=f"({connection('erps')})|^$",
        description="The ERP that knows orders, receipts and suppliers, and in which approved invoices are booked."
        " Empty: nothing is held against the supply, and nothing is booked.",
    )
    answers: str = Field(
        default="",
        pattern=f"({connection('mailboxes')})|^$",
        description="The mailbox that suppliers are answered from: what was rejected and why, what is asked. Empty:"
        " people answer themselves.",
    )
    since: date | None = Field(
        default=None,
        description="Only files that came on this day or later, e.g. when the folder has long been read by the EDI"
        " conversion. Empty: all that were not checked yet.",
    )
    again: bool = Field(
        default=False, description="Judge everything anew that nobody has decided, e.g. after an update of the rules."
    )
    supplier_memory: bool = Field(
        default=True, description="Use what people confirmed about suppliers' layouts. It never overrides arithmetic."
    )
    dry_run: bool = Field(
        default=False, description="Rehearse: say what would become of what waits, but keep nothing and call nothing."
    )
    jobs: int = Field(default=0, ge=0, le=256, description="Processes that work at once; 0: one for each processor.")
    patience: float = Field(
        default=45.0, ge=0, le=600, description="Seconds to wait when a system cannot answer; the next run goes on."
    )

    @property
    def destination(self) -> Destination:
        """Return where invoices of this run go on."""
        return Destination(self.erp, self.answers)


class ReminderRequest(BaseModel):
    """What people are to be reminded of. Nothing needs to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    readiness: bool = Field(
        default=True, description="Also say which suppliers still send no e-invoices, and from when they must."
    )
