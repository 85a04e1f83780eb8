"""The form of EDI conversion: where invoices come from, in which form they go where."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blocks.database.conversions import Goal
from blocks.documents.mails import mail_address
from blocks.forms import connection, in_reading_order


class Form(StrEnum):
    """In which form a converted invoice goes on."""

    JSON = "json"
    UBL = "ubl"
    CII = "cii"
    ZUGFERD = "zugferd"
    EDIFACT = "edifact"


class ConversionRequest(BaseModel):
    """Which invoices to convert. Nothing needs to be changed: as it stands, the run takes what waits at the source."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=in_reading_order)

    source: str = Field(
        default="invoice-folder/suppliers",
        pattern=connection("invoices"),
        description="Where the invoices come from: type and name of a folder's or mailbox's block, e.g."
        " invoice-folder/suppliers.",
    )
    form: Form = Field(
        default=Form.UBL,
        description="What proven invoices are written as: ubl (XRechnung), cii, zugferd (the PDF with XML in it),"
        " edifact (INVOIC D.96A) or json.",
    )
    target: str = Field(
        default="",
        pattern=f"({connection('invoices', 'mailboxes')})|^$",
        description="Where they go: an invoice-folder's results, or a mailbox they are sent from. Empty: the source's"
        " own results, where it is a folder.",
    )
    recipient: str = Field(
        default="", max_length=254, description="Where the target is a mailbox: the address they are sent to."
    )
    supplier_memory: bool = Field(
        default=True, description="Use what people confirmed about suppliers' layouts. It never overrides arithmetic."
    )
    dry_run: bool = Field(
        default=False, description="Rehearse: read what waits and say what would become of it, but keep nothing."
    )
    jobs: int = Field(default=0, ge=0, le=256, description="Processes that read at once; 0: one for each processor.")
    patience: float = Field(
        default=45.0, ge=0, le=600, description="Seconds to wait when the target cannot answer; the next run goes on."
    )

    @model_validator(mode="after")
    def _says_to_whom(self) -> "ConversionRequest":
        by_mail = self.target.startswith("smtp-mailbox/")
        if by_mail and mail_address(self.recipient) is None:
            raise ValueError("a mailbox as target needs a recipient such as edi@example.com")
        if self.recipient and not by_mail:
            raise ValueError("a recipient is for a mailbox as target")
        return self

    @property
    def goal(self) -> Goal:
        """Return where proven invoices go, and in which form."""
        own = self.source if self.source.startswith("invoice-folder/") else ""
        return Goal(self.target or own, str(self.form), mail_address(self.recipient) or "")
